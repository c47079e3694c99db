"""How messages are put together: Go's format verbs, filled with operands, types and objects.

Types are written as the package at hand would: its own names bare, others after their package's
name, or its quoted path if two imported packages share the name.

Example: `check.sprintf("cannot use %s as %s value", x, typ)`.

Source: cmd/compile/internal/types2/format.go (go1.27).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from goescape.syntax import ast
from goescape.syntax.printer import expr_string
from goescape.typecheck.objects import Object, Package
from goescape.typecheck.objectstring import object_string
from goescape.typecheck.operand import Operand, operand_string
from goescape.typecheck.types import Type
from goescape.typecheck.typestring import type_string

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_VERB = re.compile(r"%[+#]?([a-z%])")


def sprintf(check: Checker | None, format: str, *args: Any) -> str:
    """`format` with its verbs %s, %v, %d and %q replaced by the arguments."""
    rest = iter(args)

    def fill(m: re.Match[str]) -> str:
        verb = m.group(1)
        if verb == "%":
            return "%"
        text = arg_string(check, next(rest, "<missing>"))
        return quote(text) if verb == "q" else text

    return _VERB.sub(fill, format)


def arg_string(check: Checker | None, arg: Any) -> str:
    if isinstance(arg, str):
        return arg
    if arg is None:
        return "<nil>"
    if isinstance(arg, bool):
        return "true" if arg else "false"
    qf = None if check is None else check.qualifier
    if isinstance(arg, Operand):
        return operand_string(arg, qf)
    if isinstance(arg, Type):
        return type_string(arg, qf)
    if isinstance(arg, ast.Expr):
        return expr_string(arg)
    if isinstance(arg, Object):
        return object_string(arg, qf)
    if isinstance(arg, Package):
        return f"package {arg.name} ({quote(arg.path)})"
    if isinstance(arg, list | tuple):
        return "[" + ", ".join(arg_string(check, a) for a in arg) + "]"
    return str(arg)


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quote(s: str) -> str:
    """`s` as a Go string literal; bytes that are no UTF-8 (surrogates here) become \\x escapes."""
    out = []
    for c in s:
        escaped = _ESCAPES.get(c)
        if escaped is not None:
            out.append(escaped)
        elif 0xDC80 <= ord(c) <= 0xDCFF:
            out.append(f"\\x{ord(c) - 0xDC00:02x}")
        elif c.isprintable():
            out.append(c)
        elif ord(c) < 0x80:
            out.append(f"\\x{ord(c):02x}")
        elif ord(c) < 0x10000:
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(f"\\U{ord(c):08x}")
    return '"' + "".join(out) + '"'


def qualifier(check: Checker, pkg: Package) -> str:
    """What stands before the dot of a name of `pkg`; "" for the package at hand."""
    if pkg is check.pkg:
        return ""
    if check.pkg_path_map is None:
        check.pkg_path_map = {}
        check.seen_pkg_map = set()
        mark_imports(check, check.pkg)
    if len(check.pkg_path_map.get(pkg.name, ())) > 1:
        return quote(pkg.path)
    return pkg.name


def mark_imports(check: Checker, pkg: Package) -> None:
    """Note the paths that share a package name among `pkg` and all that it imports."""
    assert check.pkg_path_map is not None
    closure = getattr(check.importer, "import_closure", None)
    if closure is not None:
        for name, path in closure(pkg):
            check.pkg_path_map.setdefault(name, set()).add(path)
    todo = [pkg]
    while todo:
        p = todo.pop()
        if p in check.seen_pkg_map:
            continue
        check.seen_pkg_map.add(p)
        check.pkg_path_map.setdefault(p.name, set()).add(p.path)
        todo.extend(p.imports)


def strip_annotations(s: str) -> str:
    """`s` without the subscripts that tell type parameters apart."""
    return s if s.isascii() else _SUBSCRIPTS.sub("", s)


_SUBSCRIPTS = re.compile("[₀-₉]")

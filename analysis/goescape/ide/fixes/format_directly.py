"""Format directly.

What `fmt.Sprintf` makes only to be printed or wrapped by a function that formats itself is made twice, and
copied to the heap in between. `log.Print(fmt.Sprintf(...))` is `log.Printf(...)`; `t.Error(fmt.Sprintf(...))`
is `t.Errorf(...)`; `fmt.Fprint(os.Stderr, fmt.Sprintf(...))` is `fmt.Fprintf(os.Stderr, ...)`;
`w.Write([]byte(fmt.Sprintf(...)))` is `fmt.Fprintf(w, ...)`.

When it is offered
  - the only thing printed is a call of `fmt.Sprintf`, and the outer call is not put off by `defer` or `go`;
  - the outer function has a twin that takes a format: in `fmt`, `log` and `testing`, or it is called `X` or `Xln`,
    takes `...any`, and beside it is an `Xf` that takes a format and gives the same results;
  - for functions that end the line themselves, the format does not surely end it;
  - for `fmt.Println` and its like, the format is a literal with as many verbs as there are operands;
  - text that is converted to `[]byte` is formatted as that: by `fmt.Fprintf` if it is written at once, else by
    `fmt.Appendf(nil, ...)`, if the Go version of the file has that; the same for `Sprint` and `Sprintln`.

The behaviour stays the same: the twins do with the formatted text what the plain ones do with theirs. It
changes, as the caveat says, when
  - bytes are none at all: they are nil then;
  - the text may end in a line feed, and the outer function would have added one more;
  - the writer keeps the bytes that it is given, which `fmt` uses again: where nobody knows what `Write` does
    with them, and the library does not vouch for it;
  - the twin of a function that is not the library's does something else;
  - a logger discards what it is given: it does not format then, so that methods of operands are not called.

Source: log/log.go, testing/testing.go, fmt/print.go (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.format_twins import twin
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.snapshot import Path, Snapshot, receiver
from goescape.ide.fixes.without_conversion import is_bytes
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import (
    Array,
    Basic,
    Map,
    Pointer,
    Signature,
    Slice,
    Struct,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.universe import TYP, UNIVERSE_ERROR

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "format-directly"

_METHOD_NAMES = ("Format", "GoString", "Error", "String")
"""Methods that fmt calls."""

_GO1_19 = 19
"""The version of Go that brought `fmt.Append` and its like."""

_EMPTY = "the text is empty and compared with nil"
_ENDS_LINE = "the text ends its line itself"
_KEPT = "the writer keeps the bytes that it is given"
_DISCARDED = "a method of an operand has effects, and the logger discards what it is given"

_VERB = re.compile(r"%[-+# 0-9.*\[\]]*(.)?", re.DOTALL)
"""A verb with its flags; group 1 is None if the format ends before it."""

_NEVER_ENDS_LINE = frozenset("tbdoOqxXUeEfFgGp%")
"""Verbs that make no line feed of a value without methods that is no text."""


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    path = snapshot.path_of(finding)
    if finding.subject.startswith(("([]byte)(fmt.S", "[]byte(fmt.S")):
        fix = _bytes(snapshot, path, may_keep=finding.code == "escapes")
        if fix is not None:
            yield fix
        return
    if finding.code != "escapes":
        return
    for i in range(len(path) - 1, 0, -1):
        inner, outer = path[i], path[i - 1]
        if isinstance(inner, ast.FuncLit):
            return
        if (
            isinstance(inner, ast.CallExpr)
            and isinstance(outer, ast.CallExpr)
            and snapshot.calls(inner, "fmt", "Sprintf")
        ):
            fix = _rewritten(snapshot, path[:i], outer, inner)
            if fix is not None:
                yield fix
            return


def _rewritten(
    snapshot: Snapshot, path: list[ast.Node], outer: ast.CallExpr, inner: ast.CallExpr
) -> Fix | None:
    fun, found = outer.fun, twin(snapshot, outer)
    if isinstance(path[-2], ast.CallStmt):
        return None  # The text would be made at another time.
    if found is None or outer.has_dots or not isinstance(fun, ast.SelectorExpr | ast.Name):
        return None
    name, prefix = fun, ""
    if isinstance(fun, ast.SelectorExpr):
        name, prefix = fun.sel, f"{snapshot.source(fun.x)}."
    elif any(n.value == found.name for n in walk(path[0]) if isinstance(n, ast.Name)):
        return None  # It may mean something else there.
    if (
        outer.arg_list[found.leading :] != [inner]
        or not inner.arg_list
        or snapshot.has_comment(outer)
    ):
        return None
    file = snapshot.path_of_node(outer)
    first, last = snapshot.span(inner)
    args_start, _ = snapshot.span(inner.arg_list[0])
    name_start, name_end = snapshot.span(name)
    close = snapshot.text(file)[first:last].rstrip()
    if not close.endswith(b")"):
        return None
    tail = Edit(file, last - 1, last, "")
    edits = [Edit(file, name_start, name_end, found.name), Edit(file, first, args_start, ""), tail]
    caveats = [found.caveat] if found.caveat else []
    if found.adds_line:
        literal = inner.arg_list[0]
        if not isinstance(literal, ast.BasicLit) or not literal.value.startswith('"'):
            return None
        if not _has_all_verbs(snapshot, inner):
            return None
        _, end = snapshot.span(literal)
        edits.append(Edit(file, end - 1, end - 1, "\\n"))
    elif found.ends_line:
        ends = _ends_line(snapshot, inner)
        if ends:
            return None
        if ends is None:
            caveats.append(_ENDS_LINE)
    if found.may_discard and not all(_is_plain(snapshot.type(x)) for x in inner.arg_list):
        caveats.append(_DISCARDED)
    title = f"Format directly: `{prefix}{found.name}`"
    return Fix(CODE, title, tuple(edits), ", or ".join(caveats))


def _bytes(snapshot: Snapshot, path: Path, may_keep: bool) -> Fix | None:
    """Text that is converted to bytes. `may_keep`: for all that is known, what it is passed to keeps it."""
    while path and not (isinstance(path[-1], ast.CallExpr) and snapshot.is_type(path[-1].fun)):
        path.pop()
    if len(path) < 2:
        return None
    made, above = path[-1], path[-2]
    inner = made.arg_list[0] if isinstance(made, ast.CallExpr) and made.arg_list else None
    t = snapshot.type(made) if isinstance(made, ast.CallExpr) else None
    if not isinstance(inner, ast.CallExpr) or not isinstance(inner.fun, ast.SelectorExpr):
        return None
    plain = snapshot.calls(inner, "fmt", "Sprintf", "Sprint", "Sprintln")
    if not plain or not inner.arg_list or inner.has_dots or snapshot.has_comment(above):
        return None
    if t is None or not isinstance(unalias(t), Slice) or not is_bytes(t):
        return None
    package, file = snapshot.source(inner.fun.x), snapshot.path_of_node(made)
    is_later = len(path) > 2 and isinstance(path[-3], ast.CallStmt)
    writer = "" if is_later else _writer(snapshot, above, made)
    whole: ast.Node = above if writer else made
    outer = path[:-1] if writer else path
    if len(inner.arg_list) == 1:
        args = respaced(snapshot, inner.arg_list[0], depth_at(outer) + 1)
    else:
        first, _ = snapshot.span(inner.arg_list[0])
        _, last = snapshot.span(inner.arg_list[-1])
        args = snapshot.text(file)[first:last].decode("utf-8", "surrogateescape")
    if not writer and not snapshot.allows(file, _GO1_19):
        return None
    name = plain.replace("Sprint", "Fprint" if writer else "Append")
    start, end = snapshot.span(whole)
    edit = Edit(file, start, end, f"{package}.{name}({writer or 'nil'}, {args})")
    never_empty = bool(writer) or plain == "Sprintln"
    if plain == "Sprintf":
        format = snapshot.constant(inner.arg_list[0])
        never_empty |= isinstance(format, str) and bool(
            re.sub(r"%[^A-Za-z%]*[A-Za-z%]", "", format)
        )
    caveat = "" if never_empty else _EMPTY
    if writer and may_keep and not _is_of_library(snapshot, above):
        caveat = _KEPT
    return Fix(CODE, f"Format directly: `{package}.{name}`", (edit,), caveat)


def _writer(snapshot: Snapshot, above: ast.Node, made: ast.Node) -> str:
    """What `above` writes `made` to; "" if it does something else."""
    if not isinstance(above, ast.CallExpr) or above.arg_list != [made]:
        return ""
    fun, obj = above.fun, snapshot.callee(above)
    if not isinstance(fun, ast.SelectorExpr) or fun.sel.value != "Write" or obj is None:
        return ""
    sig, t = obj.type, snapshot.type(fun.x)
    if not isinstance(sig, Signature) or sig.recv is None or t is None or snapshot.is_type(fun.x):
        return ""
    results = [unalias(v.type) for v in sig.results.vars]
    if len(results) != 2 or results[0] is not TYP["int"] or results[1] is not UNIVERSE_ERROR:
        return ""
    if isinstance(unalias(t), Pointer) or is_interface(t):
        return snapshot.source(fun.x)
    found = snapshot.info.types.get(fun.x)
    is_variable = isinstance(fun.x, ast.Name) or (found is not None and found.mode == "variable")
    is_plain = isinstance(fun.x, ast.Name | ast.SelectorExpr)
    return f"&{snapshot.source(fun.x)}" if is_plain and is_variable else ""


def _is_of_library(snapshot: Snapshot, call: ast.Node) -> bool:
    """Whether the method that is called is one of the library's, and no interface's."""
    obj = snapshot.callee(call) if isinstance(call, ast.CallExpr) else None
    recv = receiver(obj) if obj is not None else None
    if obj is None or obj.pkg is None or recv is None or is_interface(recv):
        return False
    loaded = snapshot.program.loaded(obj.pkg)
    return loaded is not None and loaded.is_std


def _verbs(snapshot: Snapshot, call: ast.CallExpr) -> list[re.Match[str]] | None:
    """The verbs in the format of a call; None if it is not known."""
    format = snapshot.constant(call.arg_list[0])
    return list(_VERB.finditer(format)) if isinstance(format, str) else None


def _has_all_verbs(snapshot: Snapshot, call: ast.CallExpr) -> bool:
    """Whether the format has just the verbs for its operands, so that fmt adds no complaint at its end."""
    verbs = _verbs(snapshot, call)
    if verbs is None or call.has_dots or any("[" in m[0] or m[1] is None for m in verbs):
        return False
    n_operands = sum(m[0].count("*") + (m[1] != "%") for m in verbs)
    return n_operands == len(call.arg_list) - 1


def _ends_line(snapshot: Snapshot, call: ast.CallExpr) -> bool | None:
    """Whether the text that a call of `Sprintf` makes ends in a line feed; None if that depends on operands."""
    format, verbs = snapshot.constant(call.arg_list[0]), _verbs(snapshot, call)
    if not isinstance(format, str):
        return None
    last = verbs[-1] if verbs else None
    if last is None or last.end() < len(format):
        return format.endswith("\n")
    if last[1] in _NEVER_ENDS_LINE and "[" not in last[0] and not call.has_dots:
        t = snapshot.type(call.arg_list[-1])
        if _is_plain(t) and t is not None and isinstance(t.underlying, Basic):
            return False
    return None


def _is_plain(t: Type | None) -> bool:
    """Whether formatting a value of type `t` calls no method, whatever is in it."""
    stack, seen = [t], set()
    while stack:
        t = unalias(found) if (found := stack.pop()) is not None else None
        if t is None or isinstance(t, TypeParam) or is_interface(t):
            return False
        if t in seen:
            continue
        seen.add(t)
        if not isinstance(t, Basic) and any(
            isinstance(lookup_field_or_method(t, False, None, name)[0], Func)
            for name in _METHOD_NAMES
        ):
            return False
        u = t.underlying
        if isinstance(u, Pointer | Slice | Array):
            stack.append(u.elem)
        elif isinstance(u, Map):
            stack += [u.key, u.elem]
        elif isinstance(u, Struct):
            stack += [field.type for field in u.fields]
    return True

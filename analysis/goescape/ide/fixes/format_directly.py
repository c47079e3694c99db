"""Format directly.

What `fmt.Sprintf` makes only to be printed or wrapped by a function that formats itself is made twice, and
copied to the heap in between. `log.Print(fmt.Sprintf(...))` is `log.Printf(...)`; `t.Error(fmt.Sprintf(...))`
is `t.Errorf(...)`; `w.Write([]byte(fmt.Sprintf(...)))` is `fmt.Fprintf(w, ...)`.

When it is offered
  - the only argument is a call of `fmt.Sprintf`;
  - the outer function has a twin that takes a format, from the table below;
  - for functions that end the line themselves, the format is a constant that does not end it;
  - text that is converted to `[]byte` is formatted as that: by `fmt.Fprintf` if it is written at once, else by
    `fmt.Appendf(nil, ...)`; the same for `Sprint` and `Sprintln`.

The behaviour stays the same: the twins do with the formatted text what the plain ones do with theirs.
Bytes that may be none at all are nil then, which the caveat says.

Source: log/log.go, testing/testing.go, fmt/print.go (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.snapshot import Path, Snapshot
from goescape.ide.fixes.without_conversion import is_bytes
from goescape.syntax import ast
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import Pointer, Signature, Slice, as_named, unalias
from goescape.typecheck.universe import TYP, UNIVERSE_ERROR

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "format-directly"

_FUNCTIONS = {
    ("log", "Print"): "Printf",
    ("log", "Println"): "Printf",
    ("log", "Fatal"): "Fatalf",
    ("log", "Fatalln"): "Fatalf",
    ("fmt", "Print"): "Printf",
    ("fmt", "Println"): "Printf",
}
_METHODS = {
    "testing.common": {"Error": "Errorf", "Fatal": "Fatalf", "Log": "Logf", "Skip": "Skipf"},
    "testing.T": {"Error": "Errorf", "Fatal": "Fatalf", "Log": "Logf", "Skip": "Skipf"},
    "testing.B": {"Error": "Errorf", "Fatal": "Fatalf", "Log": "Logf", "Skip": "Skipf"},
    "log.Logger": {
        "Print": "Printf", "Println": "Printf", "Fatal": "Fatalf", "Fatalln": "Fatalf",
    },
}  # fmt: skip
_APPEND_NEWLINE = frozenset({("fmt", "Println")})


_EMPTY = "the text is empty and compared with nil"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    path = snapshot.path_of(finding)
    if finding.subject.startswith(("([]byte)(fmt.S", "[]byte(fmt.S")):
        fix = _bytes(snapshot, path)
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
    fun = outer.fun
    if outer.arg_list != [inner] or outer.has_dots or not isinstance(fun, ast.SelectorExpr):
        return None
    if not inner.arg_list or snapshot.has_comment(outer):
        return None
    format = snapshot.constant(inner.arg_list[0])
    file = snapshot.path_of_node(outer)
    first, last = snapshot.span(inner)
    args_start, _ = snapshot.span(inner.arg_list[0])
    name_start, name_end = snapshot.span(fun.sel)
    close = snapshot.text(file)[first:last].rstrip()
    if not close.endswith(b")"):
        return None
    tail = Edit(file, last - 1, last, "")
    twin, plain = _twin(snapshot, outer, fun)
    if not twin:
        return None
    edits = [Edit(file, name_start, name_end, twin), Edit(file, first, args_start, ""), tail]
    if plain == "fmt.Println":
        literal = inner.arg_list[0]
        if not isinstance(literal, ast.BasicLit) or not literal.value.startswith('"'):
            return None
        _, end = snapshot.span(literal)
        edits.append(Edit(file, end - 1, end - 1, "\\n"))
    elif plain.endswith("ln") and not (isinstance(format, str) and not _ends_line(format)):
        return None
    return Fix(CODE, f"Format directly: `{snapshot.source(fun.x)}.{twin}`", tuple(edits))


def _bytes(snapshot: Snapshot, path: Path) -> Fix | None:
    """Text that is converted to bytes."""
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
    writer = _writer(snapshot, above, made)
    whole: ast.Node = above if writer else made
    outer = path[:-1] if writer else path
    if len(inner.arg_list) == 1:
        args = respaced(snapshot, inner.arg_list[0], depth_at(outer) + 1)
    else:
        first, _ = snapshot.span(inner.arg_list[0])
        _, last = snapshot.span(inner.arg_list[-1])
        args = snapshot.text(file)[first:last].decode("utf-8", "surrogateescape")
    twin = plain.replace("Sprint", "Fprint" if writer else "Append")
    start, end = snapshot.span(whole)
    edit = Edit(file, start, end, f"{package}.{twin}({writer or 'nil'}, {args})")
    never_empty = bool(writer) or plain == "Sprintln"
    if plain == "Sprintf":
        format = snapshot.constant(inner.arg_list[0])
        never_empty |= isinstance(format, str) and bool(
            re.sub(r"%[^A-Za-z%]*[A-Za-z%]", "", format)
        )
    caveat = "" if never_empty else _EMPTY
    return Fix(CODE, f"Format directly: `{package}.{twin}`", (edit,), caveat)


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
    return f"&{snapshot.source(fun.x)}" if isinstance(fun.x, ast.Name) else ""


def _twin(snapshot: Snapshot, call: ast.CallExpr, fun: ast.SelectorExpr) -> tuple[str, str]:
    """The function that formats itself and the name of the plain one, both "" if there is none."""
    name = fun.sel.value
    for (package, plain), twin in _FUNCTIONS.items():
        if plain == name and snapshot.calls(call, package, plain):
            return twin, f"{package}.{plain}"
    obj = snapshot.callee(call)
    recv = getattr(obj.type, "recv", None) if obj is not None else None
    if recv is None:
        return "", ""
    t = recv.type.elem if isinstance(recv.type, Pointer) else recv.type
    named = as_named(t)
    if named is None or named.obj.pkg is None:
        return "", ""
    full = f"{named.obj.pkg.path}.{named.obj.name}"
    twin = _METHODS.get(full, {}).get(name, "")
    return twin, f"{full}.{name}" if twin else ""


def _ends_line(format: str) -> bool:
    """Whether text made of the format may end in a line feed."""
    return format.endswith("\n") or (len(format) > 1 and format[-2] == "%") or not format

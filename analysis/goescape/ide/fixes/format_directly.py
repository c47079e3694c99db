"""Format directly.

What `fmt.Sprintf` makes only to be printed or wrapped by a function that formats itself is made twice, and
copied to the heap in between. `log.Print(fmt.Sprintf(...))` is `log.Printf(...)`; `t.Error(fmt.Sprintf(...))`
is `t.Errorf(...)`.

When it is offered
  - the only argument is a call of `fmt.Sprintf`;
  - the outer function has a twin that takes a format, from the table below;
  - for functions that end the line themselves, the format is a constant that does not end it.

The behaviour stays the same: the twins do with the formatted text what the plain ones do with theirs.

Source: log/log.go, testing/testing.go, fmt/print.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.snapshot import Snapshot
from goescape.syntax import ast
from goescape.typecheck.types import Pointer, as_named

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


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes":
        return
    path = snapshot.path_of(finding)
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

"""Avoid the conversion.

`w.Write([]byte(s))` copies the text of s to the heap when `Write` keeps its argument, or may; and if it has more
than 32 bytes, when `Write` may change them. A writer of strings takes s as it is: `w.WriteString(s)`, or
`io.WriteString(w, s)` where w is an interface.

When it is offered
  - the argument is a conversion of a string to `[]byte`, the only argument of a method `Write`;
  - the writer has a method `WriteString(string) (int, error)`, or is of an interface type.

The behaviour stays the same for `os.File`, `bytes.Buffer` and `strings.Builder`, whose methods do the same.
It changes when another writer's `WriteString` does other things than its `Write`.

Source: io.WriteString (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.proof import is_dynamic
from goescape.ide.fixes.snapshot import Snapshot
from goescape.ide.fixes.without_fmt import OTHER_WRITE, writes_string
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func
from goescape.typecheck.predicates import is_interface, is_string
from goescape.typecheck.types import Basic, Pointer, Slice, Type, TypeParam, as_named, unalias

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "write-string"

SAME = frozenset({"os.File", "bytes.Buffer", "strings.Builder"})
"""Types whose methods `Write` and `WriteString` do the same."""


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes" and not is_dynamic(finding):
        return
    if not finding.subject.startswith(("([]byte)(", "[]byte(")):
        return
    path = snapshot.path_of(finding)
    while path and not isinstance(path[-1], ast.CallExpr):
        path.pop()
    if path and snapshot.is_type(path[-1].fun) is False:  # type: ignore[attr-defined]
        return
    conversion = path.pop() if path else None
    call = path[-1] if path else None
    if not isinstance(conversion, ast.CallExpr) or not isinstance(call, ast.CallExpr):
        return
    if call.arg_list != [conversion] or not isinstance(call.fun, ast.SelectorExpr):
        return
    if call.fun.sel.value != "Write" or len(conversion.arg_list) != 1:
        return
    (text,) = conversion.arg_list
    t = snapshot.type(text)
    if t is None or not is_string(t) or isinstance(unalias(t), TypeParam):
        return
    if not _is_bytes(snapshot, conversion):
        return
    if snapshot.has_comment(call):
        return
    fix = _rewritten(snapshot, path, call, call.fun, text)
    if fix is not None:
        yield fix


def _rewritten(
    snapshot: Snapshot,
    path: list[ast.Node],
    call: ast.CallExpr,
    fun: ast.SelectorExpr,
    text: ast.Expr,
) -> Fix | None:
    writer = snapshot.type(fun.x)
    if writer is None or isinstance(unalias(writer), TypeParam) or snapshot.is_type(fun.x):
        return None
    file = snapshot.path_of_node(call)
    start, end = snapshot.span(call)
    depth = 1 if isinstance(path[-2], ast.ExprStmt) else depth_at(path)
    obj, _, _ = lookup_field_or_method(unalias(writer), True, snapshot.pkg, "WriteString")
    if isinstance(obj, Func) and writes_string(obj):
        source = _as_string(snapshot, path[0], text, depth)
        new = f"{snapshot.source(fun.x)}.WriteString({source})"
        caveat = "" if full_name(writer) in SAME else OTHER_WRITE
        edit = Edit(file, start, end, new)
        return Fix(CODE, "Write the string itself", (edit,), caveat) if source else None
    if not is_interface(writer):
        return None
    name = snapshot.package_name(file, "io", path[0])
    source = _as_string(snapshot, path[0], text, depth + 1)
    if not name or not source:
        return None
    new = f"{name}.WriteString({snapshot.source(fun.x)}, {source})"
    return Fix(
        CODE, "Write the string itself", (Edit(file, start, end, new),), OTHER_WRITE,
        needs=((file, "io"),),
    )  # fmt: skip


def full_name(t: Type) -> str:
    """The path and name of a declared type, or of what `t` points to; "" for others."""
    named = as_named(t.elem if isinstance(t, Pointer) else t)
    if named is None or named.obj.pkg is None:
        return ""
    return f"{named.obj.pkg.path}.{named.obj.name}"


def _as_string(snapshot: Snapshot, root: ast.Node, x: ast.Expr, depth: int) -> str:
    """`x`, a text, as it is passed as a `string` at a depth of gofmt's; "" if `string` means something else below `root`."""
    t = snapshot.type(x)
    if t is not None and isinstance(unalias(t), Basic):
        return respaced(snapshot, x, depth)
    is_declared = snapshot.pkg.scope.lookup("string") is not None or any(
        isinstance(n, ast.Name) and n.value == "string" and n in snapshot.info.defs
        for n in walk(root)
    )
    return "" if is_declared else f"string({respaced(snapshot, x, 1)})"


def _is_bytes(snapshot: Snapshot, x: ast.Expr) -> bool:
    t = snapshot.type(x)
    return t is not None and isinstance(unalias(t), Slice)

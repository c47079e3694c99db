"""Changing what a function takes and gives, with everybody who calls it.

Several fixes change a signature: the result becomes a value, a parameter a pointer, a buffer comes from the
caller. What they share is here: which functions may be changed at all, and who calls them.

A function may be changed if every use of it in the package is a call, if no test outside the shown files
speaks of it. If it is exported, no other package that is worked on may speak of it, or of a method of that name,
which an interface could want; callers elsewhere must be changed by hand, and the fix says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.snapshot import Path, Snapshot
from goescape.syntax import ast
from goescape.typecheck.objects import Func

if TYPE_CHECKING:
    from goescape.syntax.ast import FuncDecl


@dataclass(frozen=True, slots=True)
class Callers:
    """A function with its declaration and all calls, each with the nodes around it, outermost
    first. `exported`: its name if others may call it, too."""

    obj: Func
    decl: FuncDecl
    calls: list[tuple[ast.CallExpr, Path]]
    exported: str


def callers(snapshot: Snapshot, decl: ast.Node) -> Callers | None:
    """Who calls the function declared by `decl`; None if its signature must stay."""
    if not isinstance(decl, ast.FuncDecl) or decl.body is None or decl.tparam_list:
        return None
    obj = snapshot.info.defs.get(decl.name)
    if not isinstance(obj, Func) or obj.name in ("main", "init", "_"):
        return None
    if decl.pragma.flags & {"linkname", "export", "wasmexport"}:
        return None
    if decl.recv is not None and _has_type_arguments(decl.recv.type):
        return None
    if snapshot.is_tested(obj.name):
        return None
    calls: list[tuple[ast.CallExpr, Path]] = []
    for name in snapshot.uses(obj):
        above = snapshot.parents(name)
        while above and isinstance(above[-1], ast.SelectorExpr | ast.ParenExpr):
            above.pop()
        call = above.pop() if above else None
        if not isinstance(call, ast.CallExpr) or snapshot.callee(call) is not obj:
            return None
        if any(name is n for arg in call.arg_list for n in (arg,)) or call.has_dots:
            return None
        calls.append((call, above))
    is_exported = obj.exported and snapshot.package.name != "main"
    return Callers(obj, decl, calls, obj.name if is_exported else "")


def added_argument(
    snapshot: Snapshot, call: ast.CallExpr, above: Path, text: str, is_first: bool = False
) -> Edit:
    """One more argument before or behind those of a call, with the nodes around it `above`. A lone one
    gets the blanks that it has among several."""
    path = snapshot.path_of_node(call)
    if not call.arg_list:
        _, end = snapshot.span(call)
        return Edit(path, end - 1, end - 1, text)
    start, end = snapshot.span(call.arg_list[0 if is_first else -1])
    if len(call.arg_list) == 1:
        (own,) = call.arg_list
        alone = respaced(snapshot, own, depth_at([*above, call]) + 1)
        if alone != snapshot.source(own):
            return Edit(path, start, end, f"{text}, {alone}" if is_first else f"{alone}, {text}")
    if is_first:
        return Edit(path, start, start, f"{text}, ")
    return Edit(path, end, end, f", {text}")


def _has_type_arguments(recv: ast.Expr) -> bool:
    while isinstance(recv, ast.Operation | ast.ParenExpr):
        recv = recv.x
    return isinstance(recv, ast.IndexExpr)


def sole_field(fields: list[ast.Field], field: ast.Field) -> bool:
    """Whether a field has its type for itself: `a, b T` shares it."""
    return sum(1 for f in fields if f.type is field.type) == 1

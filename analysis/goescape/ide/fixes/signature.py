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


def _has_type_arguments(recv: ast.Expr) -> bool:
    while isinstance(recv, ast.Operation | ast.ParenExpr):
        recv = recv.x
    return isinstance(recv, ast.IndexExpr)


def sole_field(fields: list[ast.Field], field: ast.Field) -> bool:
    """Whether a field has its type for itself: `a, b T` shares it."""
    return sum(1 for f in fields if f.type is field.type) == 1

"""What is returned beside an error, and whether anybody looks at it.

A function that fails returns nil and an error. Its caller asks for the error first, and turns away: what came
beside it is never used, so it may as well be something else.

Example: of `p, err := parse(s); if err != nil { return err }; use(p)`, `turns_away` holds, and in
`if err != nil { return nil, err }` the error is surely one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.fixes.sizes import is_changed
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Nil, Object, Var
from goescape.typecheck.universe import UNIVERSE_ERROR

if TYPE_CHECKING:
    from goescape.source.positions import Pos


def is_surely_error(snapshot: Snapshot, stmt: ast.ReturnStmt, x: ast.Expr) -> bool:
    """Whether `x`, returned by `stmt`, is an error and not nil: it is made there, the statement is reached
    only if it is one, or it is a variable of the library, or of the package and nobody assigns it."""
    x = unparen(x)
    t = snapshot.type(x)
    if t is not UNIVERSE_ERROR:
        return False
    if snapshot.calls(x, "errors", "New") or snapshot.calls(x, "fmt", "Errorf"):
        return True
    obj = snapshot.object(x.sel if isinstance(x, ast.SelectorExpr) else x)
    if not isinstance(obj, Var):
        return False
    if is_local(obj):
        above = snapshot.parents(stmt)
        for around, inner in zip(reversed(above[:-1]), reversed(above), strict=False):
            if isinstance(around, ast.FuncLit):
                return False
            if (
                isinstance(around, ast.IfStmt)
                and around.then is inner
                and _asks(snapshot, around, obj)
            ):
                return not _is_assigned(snapshot, inner, obj, stmt.pos)
        return False
    if obj.pkg is not snapshot.pkg:
        loaded = snapshot.program.loaded(obj.pkg) if obj.pkg is not None else None
        return loaded is not None and loaded.is_std
    return not obj.exported and _is_made_once(snapshot, obj)


def turns_away(snapshot: Snapshot, call: ast.CallExpr, above: Path) -> bool:
    """Whether the caller, `above` its call, uses the first result only when the last one is no error."""
    stmt = above[-1] if above else None
    if not isinstance(stmt, ast.AssignStmt) or not isinstance(stmt.lhs, ast.ListExpr):
        return isinstance(stmt, ast.ExprStmt)
    first, *_, last = stmt.lhs.elem_list
    if isinstance(first, ast.Name) and first.value == "_":
        return True
    obj, err = snapshot.object(first), snapshot.object(last)
    if not isinstance(obj, Var) or not isinstance(err, Var) or not is_local(err):
        return False
    around = above[-2]
    if isinstance(around, ast.IfStmt) and around.init is stmt:
        return _asks(snapshot, around, err) and not snapshot.uses_in(around.then, obj)
    if not isinstance(around, ast.BlockStmt | ast.CaseClause | ast.CommClause):
        return False
    if any(isinstance(n, ast.LabeledStmt) for n in walk(above[0])):
        return False
    body = around.list if isinstance(around, ast.BlockStmt) else around.body
    following = body[body.index(stmt) + 1 :]
    if not following or not isinstance(following[0], ast.IfStmt):
        return False
    guard = following[0]
    return (
        guard.init is None
        and _asks(snapshot, guard, err)
        and _leaves(snapshot, guard.then)
        and not snapshot.uses_in(guard.then, obj)
    )


def _asks(snapshot: Snapshot, stmt: ast.IfStmt, err: Object) -> bool:
    """Whether an `if` asks for `err != nil`."""
    cond = unparen(stmt.cond)
    return (
        isinstance(cond, ast.Operation)
        and cond.op == "!="
        and cond.y is not None
        and snapshot.object(unparen(cond.x)) is err
        and isinstance(snapshot.object(unparen(cond.y)), Nil)
    )


def _leaves(snapshot: Snapshot, block: ast.BlockStmt) -> bool:
    """Whether what follows a block is never reached through it."""
    last = block.list[-1] if block.list else None
    if isinstance(last, ast.ExprStmt):
        return snapshot.builtin(last.x) == "panic"
    return isinstance(last, ast.ReturnStmt | ast.BranchStmt)


def _is_assigned(snapshot: Snapshot, block: ast.Node, obj: Object, end: Pos) -> bool:
    """Whether a variable gets another value in a block, before `end`."""
    return any(use.pos < end and is_changed(snapshot, use) for use in snapshot.uses_in(block, obj))


def _is_made_once(snapshot: Snapshot, obj: Var) -> bool:
    """Whether a variable of the package is declared as a new error, and never assigned."""
    if any(is_changed(snapshot, use) for use in snapshot.uses(obj)) or snapshot.is_used_unseen(
        obj.name
    ):
        return False
    made = next((i.rhs for i in snapshot.info.init_order if i.lhs == [obj]), None)
    return made is not None and bool(
        snapshot.calls(made, "errors", "New") or snapshot.calls(made, "fmt", "Errorf")
    )

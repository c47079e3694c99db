"""Make room before the loop.

A slice that grows by `append` in a loop gets a new store whenever the last one is full. The first store of a slice
that stays in its function is on the stack, with room for 32 bytes; all that follow are on the heap. One that is
made with a constant capacity before the loop is on the stack as a whole.

When it is offered
  - `s = append(s, ...)` stands in a counted loop: `for range` over anything but a channel or function, or
    `for i := a; i < b; i++`, up or down by any constant; and the slice does not escape;
  - the slice is declared in front of the loop by `var s []T`, `s := []T{}` or `s := make([]T, 0)`, and is
    then only appended to, indexed, ranged over, passed on, or asked for its length;
  - the capacity is the number of elements, if it follows from the code, else
    `goescape.fixes.constantCapacity` elements (64 by default), never more than fit on the stack.

The behaviour stays the same if nobody looks at the capacity, or whether the slice is nil: where it is passed
to other functions the caveat says so. It is no safe bet unless the number follows from the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.constant_capacity import kept_to_itself
from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.sizes import is_changed
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Array, Chan, Pointer, Signature, Slice, TypeParam, unalias

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "preallocate"

_LOOKS = "a function that gets the slice looks at its capacity"
_LOOKS_FOR_NIL = _LOOKS + ", or whether it is nil"

UNKNOWN = -1
"""A counted loop, of which nobody knows how often it runs."""


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if not grows_in_loop(finding):
        return
    path = snapshot.path_of(finding)
    while path and snapshot.builtin(path[-1]) != "append":
        path.pop()
    stmt = path[-2] if len(path) > 1 else None
    if not isinstance(stmt, ast.AssignStmt) or stmt.op or stmt.rhs is not path[-1]:
        return
    call, obj = path[-1], snapshot.object(stmt.lhs)
    assert isinstance(call, ast.CallExpr)
    if (
        not isinstance(obj, Var)
        or not is_local(obj)
        or snapshot.object(call.arg_list[0]) is not obj
    ):
        return
    declared = _declaration(snapshot, path[0], obj)
    if declared is None:
        return
    stmt, first, last, elem, is_nil = declared
    above = snapshot.parents(stmt)
    inner = path[len(above) :]
    if path[: len(above)] != above or any(isinstance(n, ast.FuncLit) for n in inner):
        return
    n = _times(snapshot, inner)
    slice_type = obj.type.underlying
    kept = kept_to_itself(snapshot, path[0], obj)
    if n is None or kept is None or not isinstance(slice_type, Slice):
        return
    if is_nil and _is_compared(snapshot, path[0], obj):
        return
    width = snapshot.size(slice_type.elem)
    if width <= 0:
        return
    room = snapshot.release.max_implicit_stack_var_size // width
    is_known = n != UNKNOWN and not call.has_dots and _appends(snapshot, path[0], obj) == 1
    capacity = n * (len(call.arg_list) - 1) if is_known else min(snapshot.constant_capacity, room)
    assert finding.allocates is not None
    if not finding.allocates.limit < capacity <= room:
        return
    file = snapshot.path_of_node(stmt)
    made = f"make({elem}, 0, {capacity})"
    text = f"{obj.name} := {made}" if is_nil else made
    yield Fix(
        CODE, f"Make room for {capacity} elements before the loop",
        (Edit(file, first, last, text),),
        "" if kept else _LOOKS_FOR_NIL if is_nil else _LOOKS,
        is_safe_bet=is_known and capacity <= snapshot.constant_capacity,
    )  # fmt: skip


def grows_in_loop(finding: Finding) -> bool:
    """Whether a slice that stays in its function grows in a loop: its later stores are on the heap."""
    found = finding.allocates
    return (
        finding.code == "stays"
        and finding.loop_depth > 0
        and found is not None
        and found.call == "growslice"
    )


def _declaration(
    snapshot: Snapshot, root: ast.Node, obj: Var
) -> tuple[ast.Stmt, int, int, str, bool] | None:
    """The statement that declares `obj` as an empty slice, the bytes of it to be replaced, the
    text of the slice's type, and whether the slice is nil; None if it is declared otherwise."""
    for n in walk(root):
        if isinstance(n, ast.DeclStmt) and len(n.decl_list) == 1:
            d = n.decl_list[0]
            if not isinstance(d, ast.VarDecl) or snapshot.info.defs.get(d.name_list[0]) is not obj:
                continue
            if (
                d.group is not None
                or len(d.name_list) > 1
                or d.type is None
                or d.values is not None
            ):
                return None
            name, _ = snapshot.span(d.name_list[0])
            start = snapshot.text(snapshot.path_of_node(n)).rfind(b"var", 0, name)
            return n, start, snapshot.span(d.type)[1], snapshot.source(d.type), True
        if isinstance(n, ast.AssignStmt) and n.op == ":=" and isinstance(n.lhs, ast.Name):
            if snapshot.info.defs.get(n.lhs) is not obj:
                continue
            x = n.rhs
            made: ast.Expr | None = None
            if isinstance(x, ast.CompositeLit) and not x.elem_list:
                made = x.type
            elif isinstance(x, ast.CallExpr) and snapshot.builtin(x) == "make":
                if len(x.arg_list) == 2 and snapshot.constant(x.arg_list[1]) == 0:
                    made = x.arg_list[0]
            if x is None or made is None or snapshot.has_comment(x):
                return None
            if not isinstance(snapshot.parent(n), ast.BlockStmt | ast.CaseClause | ast.CommClause):
                return None
            return n, *snapshot.span(x), snapshot.source(made), False
    return None


def _times(snapshot: Snapshot, inner: Path) -> int | None:
    """How often the end of a path is reached at most, by the loops in it; None without a loop, or if
    one does not count."""
    total: int | None = None
    for loop in inner:
        if isinstance(loop, ast.ForStmt):
            n = _iterations(snapshot, loop)
            if n is None:
                return None
            known = total in (None, UNKNOWN) or n == UNKNOWN
            total = (n if total is None else UNKNOWN) if known else n * (total or 0)
    return total


def _iterations(snapshot: Snapshot, loop: ast.ForStmt) -> int | None:
    if isinstance(loop.init, ast.RangeClause):
        x = loop.init.x
        value = snapshot.constant(x)
        if isinstance(value, int):
            return value
        t = snapshot.type(x)
        u = unalias(t).underlying if t is not None else None
        if isinstance(u, Pointer):
            u = u.elem.underlying
        if isinstance(u, Array):
            return u.len
        return None if u is None or isinstance(u, Chan | Signature | TypeParam) else UNKNOWN
    init, cond, post = loop.init, loop.cond, loop.post
    if (
        not isinstance(init, ast.AssignStmt)
        or init.op != ":="
        or not isinstance(post, ast.AssignStmt)
    ):
        return None
    by = snapshot.constant(post.rhs) if post.rhs is not None else 1
    if post.op not in ("+", "-") or not isinstance(cond, ast.Operation):
        return None
    if not isinstance(by, int) or by <= 0:
        return None
    obj, is_up = snapshot.object(post.lhs), post.op == "+"
    compared = ("<", "<=") if is_up else (">", ">=")
    if obj is None or snapshot.object(cond.x) is not obj or cond.op not in compared:
        return None
    first = snapshot.constant(init.rhs) if init.rhs is not None else None
    last = snapshot.constant(unparen(cond.y)) if cond.y is not None else None
    is_kept = isinstance(init.lhs, ast.Name) and all(
        not is_changed(snapshot, use) for use in snapshot.uses_in(loop.body, obj)
    )
    if not isinstance(first, int) or not isinstance(last, int) or not is_kept:
        return UNKNOWN
    way = (last - first if is_up else first - last) + (cond.op in ("<=", ">="))
    return max(-(-way // by), 0)


def _appends(snapshot: Snapshot, root: ast.Node, obj: Var) -> int:
    """How many calls append to a slice."""
    found = [snapshot.parent(use) for use in snapshot.uses_in(root, obj)]
    return sum(
        1
        for use, call in zip(snapshot.uses_in(root, obj), found, strict=True)
        if isinstance(call, ast.CallExpr)
        and snapshot.builtin(call) == "append"
        and call.arg_list[0] is use
    )


def _is_compared(snapshot: Snapshot, root: ast.Node, obj: Var) -> bool:
    return any(
        isinstance(snapshot.parent(use), ast.Operation) for use in snapshot.uses_in(root, obj)
    )

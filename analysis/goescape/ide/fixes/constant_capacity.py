"""Use a constant capacity.

The room for a slice is found on the stack only if its size is known when the program is compiled. A
slice that is made with `make([]T, 0, n)` and then grows by `append` holds the same elements if it
starts with room for a constant number: `append` goes to the heap only when that is not enough.

When it is offered
  - the slice stays in its function: before go1.25 a size that is not constant is the only reason for
    the heap; since then such a slice stays on the stack only if it needs at most 32 bytes, whatever
    `-m` prints;
  - the length is a constant, mostly 0, and the variable it is assigned to is only appended to (`s = append(s,
    ...)`), indexed, ranged over, passed on or asked for its length;
  - the capacity is a bound that follows from the code (the length of an array, `min` with a constant),
    else `goescape.fixes.constantCapacity` elements (64 by default), never more than fit on the stack.

The behaviour stays the same if nobody looks at the capacity: `cap(s)`, `&s[i]` and `s[i:j]` rule the fix out,
but for `s = s[:0]` and `s = s[:len(s)-1]`;
where the slice is passed to other functions the caveat says so. `make` panics for a negative size: where
the size is not made of lengths and constants, the caveat says that too. It is no safe bet unless a bound
of no more than that follows from the code: with more elements than that, growing costs more than it saves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.sizes import bound_of
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Object, Var
from goescape.typecheck.types import Array, Pointer, Signature, Slice, unalias

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "constant-capacity"

_LOOKS = "a function that gets the slice looks at its capacity"
_PANICS = "the size is negative or cannot be computed"
_SHORT = "the size is less than the length"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code not in ("escapes", "stays") or not finding.subject.startswith("make([]"):
        return
    path = snapshot.path_of(finding)
    call = path[-1] if path else None
    if not isinstance(call, ast.CallExpr) or snapshot.builtin(call) != "make":
        return
    if len(call.arg_list) != 3:
        return
    length = snapshot.constant(call.arg_list[1])
    if not isinstance(length, int) or length < 0:
        return
    size = call.arg_list[2]
    if snapshot.constant(size) is not None or snapshot.calls_something(size):
        return
    t = snapshot.type(call)
    slice_type = t.underlying if t is not None else None
    if not isinstance(slice_type, Slice):
        return
    obj = assigned_variable(snapshot, path)
    if obj is None:
        return
    kept = kept_to_itself(snapshot, path[0], obj)
    if kept is None:
        return
    width = snapshot.size(slice_type.elem)
    if width <= 0:
        return
    room = snapshot.release.max_implicit_stack_var_size // width
    bound = bound_of(snapshot, size)
    capacity = bound if bound is not None else min(snapshot.constant_capacity, room)
    if capacity < max(length, 1) or capacity > room:
        return
    caveats = [] if kept else [_LOOKS]
    if length:
        caveats.append(_SHORT)
    elif may_panic(snapshot, size):
        caveats.append(_PANICS)
    yield Fix(
        CODE,
        f"Use the constant capacity {capacity}",
        (_replaced(snapshot, path, size, capacity),),
        ", or ".join(caveats),
        is_safe_bet=bound is not None and bound <= snapshot.constant_capacity,
    )


def may_panic(snapshot: Snapshot, size: ast.Expr) -> bool:
    """Whether `make` may panic because of its capacity, or computing that may."""
    size = unparen(size)
    if isinstance(snapshot.constant(size), int):
        return False
    if isinstance(size, ast.CallExpr):
        builtin = snapshot.builtin(size)
        if builtin in ("len", "cap"):
            return any(
                isinstance(n, ast.IndexExpr | ast.AssertExpr | ast.SliceExpr | ast.Operation)
                or (isinstance(n, ast.SelectorExpr) and _is_indirect(snapshot, n))
                for n in walk(size.arg_list[0])
            )
        if builtin in ("min", "max") or snapshot.is_type(size.fun):
            return any(may_panic(snapshot, x) for x in size.arg_list)
        return True
    if isinstance(size, ast.Operation) and size.y is not None and size.op in ("+", "&", "|"):
        return may_panic(snapshot, size.x) or may_panic(snapshot, size.y)
    return True


def _is_indirect(snapshot: Snapshot, x: ast.SelectorExpr) -> bool:
    found = snapshot.selection(x)
    return found is not None and found.indirect


def _replaced(snapshot: Snapshot, path: Path, size: ast.Expr, capacity: int) -> Edit:
    """The size becomes a constant; a variable that is there for it alone becomes a constant."""
    file = snapshot.path_of_node(size)
    obj = snapshot.object(size)
    if isinstance(obj, Var) and is_local(obj) and len(snapshot.uses_in(path[0], obj)) == 1:
        for n in walk(path[0]):
            if (
                isinstance(n, ast.AssignStmt)
                and n.op == ":="
                and isinstance(n.lhs, ast.Name)
                and snapshot.info.defs.get(n.lhs) is obj
                and n.rhs is not None
                and not snapshot.calls_something(n.rhs)
                and isinstance(snapshot.parent(n), ast.BlockStmt | ast.CaseClause)
            ):
                start, end = snapshot.span(n)
                return Edit(file, start, end, f"const {obj.name} = {capacity}")
    start, end = snapshot.span(size)
    return Edit(file, start, end, str(capacity))


def assigned_variable(snapshot: Snapshot, path: Path) -> Var | None:
    """The local variable that the last expression of a path is the whole initial value of."""
    if len(path) < 2:
        return None
    x, parent = path[-1], path[-2]
    name: ast.Expr | None = None
    if isinstance(parent, ast.AssignStmt) and parent.op in (":=", "") and parent.rhs is x:
        name = parent.lhs
    elif isinstance(parent, ast.VarDecl) and parent.values is x and len(parent.name_list) == 1:
        name = parent.name_list[0]
    obj: Object | None = snapshot.object(name)
    return obj if isinstance(obj, Var) and is_local(obj) and obj.kind != "result" else None


def kept_to_itself(snapshot: Snapshot, root: ast.Node, obj: Var) -> bool | None:
    """Whether nobody can see how much room the slice has: True surely, False if functions it is
    passed to do not look, None if it is looked at here."""
    sure = True
    for name in snapshot.uses_in(root, obj):
        parents = snapshot.parents(name)
        parent = parents[-1] if parents else None
        if isinstance(parent, ast.CallExpr):
            builtin = snapshot.builtin(parent)
            if builtin == "len" or (builtin == "copy" and name in parent.arg_list):
                continue
            if builtin == "append":
                if name is parent.arg_list[0]:
                    above = parents[-2] if len(parents) > 1 else None
                    if not (
                        isinstance(above, ast.AssignStmt)
                        and above.op == ""
                        and snapshot.object(above.lhs) is obj
                    ):
                        return None
                    continue
                if parent.has_dots and name is parent.arg_list[-1]:
                    continue
                sure = False
                continue
            if builtin:
                return None
            sure = False
        elif isinstance(parent, ast.SliceExpr):
            if not _shortens(snapshot, parents, obj):
                return None
        elif isinstance(parent, ast.IndexExpr) and parent.x is name:
            if _is_pointed_at(snapshot, parents):
                return None
        elif isinstance(parent, ast.RangeClause):
            continue
        elif isinstance(parent, ast.AssignStmt):
            if parent.lhs is name and parent.op in ("", ":="):
                continue
            return None
        elif isinstance(parent, ast.Operation) and parent.op in ("==", "!="):
            continue
        else:
            return None
    return sure


def _is_pointed_at(snapshot: Snapshot, parents: Path) -> bool:
    """Whether the element at the end of a path, or a part of it, has its address taken: who holds that would
    see when the slice moves."""
    node = parents[-1]
    for parent in reversed(parents[:-1]):
        if isinstance(parent, ast.Operation):
            return parent.op == "&" and parent.y is None
        if isinstance(parent, ast.SliceExpr):
            t = snapshot.type(node) if isinstance(node, ast.Expr) else None
            return parent.x is node and t is not None and isinstance(t.underlying, Array)
        if isinstance(parent, ast.SelectorExpr):
            found = snapshot.selection(parent)
            if found is None or found.kind != "field":
                sig = found.obj.type if found is not None else None
                recv = sig.recv if isinstance(sig, Signature) else None
                t = snapshot.type(parent.x)
                return (
                    recv is not None
                    and isinstance(unalias(recv.type), Pointer)
                    and not isinstance(t.underlying if t is not None else None, Pointer)
                )
            if found.indirect:
                return False
        elif isinstance(parent, ast.IndexExpr):
            t = snapshot.type(parent.x)
            if parent.x is not node or t is None or not isinstance(t.underlying, Array):
                return False
        elif not isinstance(parent, ast.ParenExpr):
            return False
        node = parent
    return False


def _shortens(snapshot: Snapshot, parents: Path, obj: Var) -> bool:
    """Whether the end of a path is in `s = s[:0]` or `s = s[:len(s)-1]`: what is cut off is among the
    elements, whatever the capacity."""
    part, stmt = parents[-1], parents[-2]
    if not isinstance(stmt, ast.AssignStmt) or stmt.op or stmt.rhs is not part:
        return False
    if not isinstance(part, ast.SliceExpr) or snapshot.object(stmt.lhs) is not obj:
        return False
    low, high, *more = part.index
    if snapshot.object(part.x) is not obj or high is None or any(more):
        return False
    if low is not None and snapshot.constant(low) != 0:
        return False
    if snapshot.constant(high) == 0:
        return True
    if not isinstance(high, ast.Operation) or high.op != "-" or high.y is None:
        return False
    n, length = snapshot.constant(high.y), high.x
    return (
        isinstance(n, int)
        and n >= 0
        and snapshot.builtin(length) == "len"
        and isinstance(length, ast.CallExpr)
        and snapshot.object(length.arg_list[0]) is obj
    )

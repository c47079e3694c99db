"""What the code itself says of a size: how large it can be, and whether it can be negative.

Both answers are for expressions that run no code of the program. A local variable that has one value, and
whose address nobody takes, is that value.

Example: with `n := min(len(s), 8)`, the bound of n is 8, and it is never negative; that of `int(b)` for a byte
b is 255.
"""

from __future__ import annotations

from goescape.ide.fixes.snapshot import Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Array, Basic, Pointer, TypeParam, unalias

_MOST = {"int8": 127, "uint8": 255}
"""The largest numbers of the small types."""

MAX_FACTOR = 1024
"""Lengths times more than this could overflow."""


def bound_of(snapshot: Snapshot, size: ast.Expr, depth: int = 4) -> int | None:
    """A constant that `size` never exceeds, from the code itself."""
    size = unparen(size)
    value = snapshot.constant(size)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(size, ast.Name):
        obj = snapshot.object(size)
        above = snapshot.parents(size) if isinstance(obj, Var) and depth else []
        declared = sole_value(snapshot, above[0], obj) if above and isinstance(obj, Var) else None
        if declared is not None:
            return bound_of(snapshot, declared, depth - 1)
    if isinstance(size, ast.CallExpr):
        builtin = snapshot.builtin(size)
        if snapshot.is_type(size.fun):
            t = snapshot.type(size)
            u = t.underlying if t is not None else None
            if isinstance(u, Basic) and u.kind in ("int", "int64") and size.arg_list:
                (x,) = size.arg_list
                return bound_of(snapshot, x, depth) if _keeps_value(snapshot, x, u, depth) else None
        if builtin == "min":
            found = [b for x in size.arg_list if (b := bound_of(snapshot, x, depth)) is not None]
            return min(found, default=None)
        if builtin == "max":
            bounds = [bound_of(snapshot, x, depth) for x in size.arg_list]
            return None if None in bounds else max(b for b in bounds if b is not None)
        if builtin in ("len", "cap"):
            t = snapshot.type(size.arg_list[0])
            u = unalias(t).underlying if t is not None else None
            if isinstance(u, Pointer):
                u = u.elem.underlying
            if isinstance(u, Array):
                return u.len
    if isinstance(size, ast.Operation) and size.op in ("+", "*") and size.y is not None:
        a, b = bound_of(snapshot, size.x, depth), bound_of(snapshot, size.y, depth)
        if a is not None and b is not None and a >= 0 and b >= 0:
            if size.op == "+":
                return a + b
            root = snapshot.parents(size)[0]  # A product of numbers below zero may be any.
            if not any(may_be_negative(snapshot, root, x, depth) for x in (size.x, size.y)):
                return a * b
    if isinstance(size, ast.Operation) and size.op in ("&", "%") and size.y is not None:
        limit = snapshot.constant(size.y)
        if size.op == "%" and limit is None:
            root = snapshot.parents(size)[0]
            if not may_be_negative(snapshot, root, size.y, depth):
                limit = bound_of(snapshot, size.y, depth)
        if isinstance(limit, int) and limit > 0:
            return limit if size.op == "&" else limit - 1
    t = snapshot.type(size)
    u = t.underlying if t is not None and not isinstance(unalias(t), TypeParam) else None
    return _MOST.get(u.kind) if isinstance(u, Basic) else None


def _keeps_value(snapshot: Snapshot, x: ast.Expr, to: Basic, depth: int) -> bool:
    """Whether a number no larger than some size is still none when it is converted: of one below zero bits may be
    cut off."""
    t = snapshot.type(x)
    if t is None or isinstance(unalias(t), TypeParam):
        return False
    is_cut = snapshot.sizes.sizeof(t.underlying) > snapshot.sizes.sizeof(to)
    return not is_cut or not may_be_negative(snapshot, snapshot.parents(x)[0], x, depth)


def may_be_negative(snapshot: Snapshot, root: ast.Node, size: ast.Expr, depth: int = 4) -> bool:
    """Whether a size, an expression below the function `root`, could be negative; sums of lengths
    and the like do not overflow."""
    size = unparen(size)
    value = snapshot.constant(size)
    if isinstance(value, int):
        return value < 0
    t = snapshot.type(size)
    if isinstance(t, Basic) and t.kind.startswith("uint"):
        return False
    if isinstance(size, ast.Name):
        obj = snapshot.object(size)
        found = sole_value(snapshot, root, obj) if isinstance(obj, Var) and depth else None
        return found is None or may_be_negative(snapshot, root, found, depth - 1)
    if isinstance(size, ast.CallExpr):
        builtin = snapshot.builtin(size)
        if builtin in ("len", "cap"):
            return False
        if builtin == "max":
            return all(may_be_negative(snapshot, root, x, depth) for x in size.arg_list)
        if builtin == "min":
            return any(may_be_negative(snapshot, root, x, depth) for x in size.arg_list)
        if snapshot.is_type(size.fun) and isinstance(t, Basic) and t.kind in ("int", "int64"):
            (x,) = size.arg_list
            given = snapshot.type(x)
            u = given.underlying if given is not None else None
            if isinstance(u, Basic) and u.kind in ("uint8", "uint16", "uint32"):
                return snapshot.sizes.sizeof(t) == 4 and u.kind == "uint32"
            if isinstance(u, Basic) and u.kind == "int":
                return may_be_negative(snapshot, root, x, depth)
        return True
    if not isinstance(size, ast.Operation) or size.y is None:
        return True
    sides = [may_be_negative(snapshot, root, x, depth) for x in (size.x, size.y)]
    if size.op == "&":
        return all(sides)
    if size.op == "*":
        factors = [snapshot.constant(unparen(x)) for x in (size.x, size.y)]
        if not any(isinstance(n, int) and n <= MAX_FACTOR for n in factors):
            return True
    return any(sides) if size.op in ("+", "*", "/", ">>", "|") else size.op != "%" or sides[0]


def sole_value(snapshot: Snapshot, root: ast.Node, obj: Var) -> ast.Expr | None:
    """What a local variable is declared with, if it never gets another value; None otherwise."""
    if not is_local(obj):
        return None
    found: ast.Expr | None = None
    for n in walk(root):
        if isinstance(n, ast.AssignStmt) and n.op == ":=" and isinstance(n.lhs, ast.Name):
            if snapshot.info.defs.get(n.lhs) is obj:
                found = n.rhs
    if found is None:
        return None
    return found if not any(is_changed(snapshot, u) for u in snapshot.uses_in(root, obj)) else None


def is_changed(snapshot: Snapshot, use: ast.Name) -> bool:
    """Whether the variable may have another value after this use."""
    parent = snapshot.parent(use)
    if isinstance(parent, ast.AssignStmt | ast.RangeClause):
        return parent.lhs is use
    if isinstance(parent, ast.ListExpr):
        above = snapshot.parents(parent)[-1]
        return isinstance(above, ast.AssignStmt | ast.RangeClause) and above.lhs is parent
    return isinstance(parent, ast.Operation) and parent.op == "&" and parent.y is None

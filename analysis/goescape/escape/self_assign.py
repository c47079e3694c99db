"""Assignments that store nothing new.

`b.buf = b.buf[n:m]` would make b leak, since something is stored through a pointer; but what is
stored was reachable from b before. Such assignments are ignored, with a message.

Invariants
  - source and destination name the same variable, directly; both are free of calls;
  - slicing an array *inside* the variable does not count: that makes a new pointer into it.

Example: `p.a = p.b`, `p.s = p.s[1:]`, `*p = (*p)[1:]`, `v.x[i] = v.x[j]`.

Source: cmd/compile/internal/escape/utils.go, cmd/compile/internal/ir/expr.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.op import *
from goescape.ir.typeinfo import SIMPLE_KINDS, kind
from goescape.typecheck.predicates import identical

if TYPE_CHECKING:
    from goescape.ir.nodes import Node

_ARITHMETIC = frozenset({OADD, OSUB, OOR, OXOR, OMUL, OLSH, ORSH, OAND, OANDNOT, ODIV, OMOD})
_UNARY = frozenset({OLEN, OCAP, ONOT, OBITNOT, OPLUS, ONEG})
_ONE_OPERAND = _UNARY | {OCONVNOP, OCONV, ODOT, ODOTPTR, ODEREF}


def is_self_assign(dst: Any, src: Any) -> bool:
    """Whether `dst = src` can be ignored."""
    if _is_slice_self_assign(dst, src):
        return True
    op = dst.op
    if op is not src.op:
        return False
    if op is ODOT or op is ODOTPTR:
        return same_safe_expr(dst.x, src.x)
    if op is OINDEX:
        if may_affect_memory(dst.index) or may_affect_memory(src.index):
            return False
        return same_safe_expr(dst.x, src.x)
    return False


def _dereferenced_name(n: Any) -> Node | None:
    """The variable p of `*p` and `p.f`."""
    if n.op is ODEREF or n.op is ODOTPTR:
        x: Node = n.x
        if x.op is ONAME:
            return x
    return None


def _is_slice_self_assign(dst: Any, src: Any) -> bool:
    name = _dereferenced_name(dst)
    if name is None:
        return False
    op = src.op
    if op is OSLICEARR or op is OSLICE3ARR:
        if src.x.op is OADDR:
            return False
    elif op is not OSLICE and op is not OSLICE3 and op is not OSLICESTR:
        return False
    return _dereferenced_name(src.x) is name


def may_affect_memory(n: Any) -> bool:
    """Whether evaluating `n` may call something, allocate or change state."""
    if n is None:
        return False
    op = n.op
    if op is ONAME or op is OLITERAL or op is ONIL:
        return False
    if op in _ARITHMETIC:
        while op in _ARITHMETIC:
            if may_affect_memory(n.y):
                return True
            n = n.x
            op = n.op
        return may_affect_memory(n)
    if op is OINDEX:
        return may_affect_memory(n.x) or may_affect_memory(n.index)
    if op in _ONE_OPERAND:
        return may_affect_memory(n.x)
    return True


def same_safe_expr(left: Any, right: Any) -> bool:
    """Whether both are the same expression, free of side effects."""
    while left.op is OCONVNOP:
        left = left.x
    while right.op is OCONVNOP:
        right = right.x
    op = left.op
    if op is not right.op:
        return False
    if left is right and op is ONAME:
        return True
    if op is ONAME:
        return False
    if left.type is None or right.type is None or not identical(left.type, right.type):
        return False
    if op is ODOT or op is ODOTPTR:
        return (
            left.sel == right.sel and _same_symbol(left, right) and same_safe_expr(left.x, right.x)
        )
    if op in (ODEREF, ONOT, OBITNOT, OPLUS, ONEG):
        return same_safe_expr(left.x, right.x)
    if op is OCONV:
        return kind(left.type) in SIMPLE_KINDS and same_safe_expr(left.x, right.x)
    if op is OINDEX or op is OINDEXMAP:
        return same_safe_expr(left.x, right.x) and same_safe_expr(left.index, right.index)
    if op in _ARITHMETIC:
        return same_safe_expr(left.x, right.x) and same_safe_expr(left.y, right.y)
    if op is OLITERAL:
        return bool(left.val == right.val)
    return op is ONIL


def _same_symbol(left: Any, right: Any) -> bool:
    """Whether two selectors of one name mean one symbol: unexported ones belong to packages."""
    a, b = left.selection, right.selection
    if a is None or b is None or a.name[:1].isupper():
        return True
    return a.pkg is b.pkg

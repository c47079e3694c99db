"""Indices that cannot be out of range.

When a fixed-size array, or a constant string, is indexed by an expression whose type or form keeps
it in range, the compiler leaves the check out and says so under `-m`. That happens behind escape
analysis, function by function; here it is a question about nodes.

The elements of an `append` are made safe to evaluate twice first: an index that is more than a name
goes to a temporary, and only its type is known from there on.

Example: for `var t [256]byte` and `b byte`, `t[b]` has no check; `t[i&255]` has none either.

Source: cmd/compile/internal/walk/{expr,walk,builtin}.go walkIndex, bounded, safeExpr, walkAppend
(go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator

from goescape.ir.func import Func
from goescape.ir.nodes import BasicLit, BinaryExpr, CallExpr, IndexExpr, Node
from goescape.ir.op import (
    OAND,
    OANDNOT,
    OAPPEND,
    OCAP,
    ODEREF,
    ODIV,
    ODOT,
    ODOTPTR,
    OINDEX,
    OLEN,
    OLITERAL,
    OMOD,
    ORSH,
)
from goescape.ir.typeinfo import TypeInfo, kind
from goescape.ir.visit import walk_func
from goescape.source.positions import Pos
from goescape.typecheck.types import Array, Pointer

_SAFE = frozenset({OLEN, OCAP, ODOT, ODOTPTR, ODEREF})
_UNSIGNED = frozenset({"TUINT", "TUINT8", "TUINT16", "TUINT32", "TUINT64", "TUINTPTR"})
_INTEGERS = _UNSIGNED | {"TINT", "TINT8", "TINT16", "TINT32", "TINT64"}


def elided_checks(fn: Func, info: TypeInfo) -> Iterator[Pos]:
    """The positions of the index expressions in `fn`, literals aside, whose check is left out."""
    by_type: set[Node] = set()
    for n in walk_func(fn):
        if n.op is OAPPEND and isinstance(n, CallExpr):
            for arg in n.args[1:]:
                _collect_safe(arg, by_type)
        elif n.op is OINDEX and isinstance(n, IndexExpr) and n.index.op is not OLITERAL:
            length = _length(n.x)
            if length >= 0 and is_bounded(n.index, length, info, n in by_type):
                yield n.pos


def _collect_safe(n: Node, out: set[Node]) -> None:
    """The index expressions in `n` whose index becomes a temporary."""
    todo = [n]
    while todo:
        n = todo.pop()
        if isinstance(n, IndexExpr) and n.op is OINDEX:
            out.add(n)
            todo += (n.x, n.index)
        elif n.op in _SAFE:
            todo.append(n.x)  # type: ignore[attr-defined]


def _length(x: Node) -> int:
    """The length of an array, array pointer or constant string; -1 for anything else."""
    if isinstance(x, BasicLit) and isinstance(x.val, str):
        return len(x.val.encode(errors="surrogateescape"))
    t = x.type.underlying if x.type is not None else None
    if isinstance(t, Pointer):
        t = t.elem.underlying
    return t.len if isinstance(t, Array) else -1


def is_bounded(n: Node, limit: int, info: TypeInfo, by_type: bool = False) -> bool:
    """Whether the integer `n` is known to lie in [0, limit), if `by_type` from its type alone."""
    t = n.type
    name = kind(t)
    if t is None or name not in _INTEGERS:
        return False
    signed = name not in _UNSIGNED
    bits = 8 * info.size(t)
    v = _constant(n)
    if v is not None:
        return 0 <= v < limit
    if isinstance(n, BinaryExpr) and not by_type:
        x, y = _constant(n.x), _constant(n.y)
        if n.op is OAND or n.op is OANDNOT:
            mask = -1
            if x is not None:
                mask = x
            elif y is not None:
                mask = y
                if n.op is OANDNOT:
                    mask = ~mask
                    if not signed:
                        mask &= (1 << bits) - 1
            if 0 <= mask < limit:
                return True
        elif y is not None and not signed:
            if n.op is OMOD:
                if 0 <= y <= limit:
                    return True
            elif n.op is ODIV:
                while bits > 0 and y >= 2:
                    bits -= 1
                    y >>= 1
            elif n.op is ORSH:
                if y > bits:
                    return limit > 0
                bits -= y
    return not signed and bits <= 62 and 1 << bits <= limit


def _constant(n: Node) -> int | None:
    """The value of a constant that fits 32 bits."""
    if isinstance(n, BasicLit) and type(n.val) is int and -(1 << 31) <= n.val < 1 << 31:
        return n.val
    return None

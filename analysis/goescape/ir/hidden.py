"""Operands that only the dictionary can give.

Appending, making, converting to an interface, looking into a map: the compiler needs the run-time
type for it, and in a shared body takes it from the dictionary. These operands do not show in our
nodes, but they count as uses of `.dict`.

Example: in the shared body of `func f[T any](x T) any { return x }` the conversion uses `.dict`.

Source: cmd/compile/internal/noder/reader.go (rtype, convRTTI), cmd/compile/internal/ir/expr.go
(fields marked "hidden") (go1.27).
"""

from __future__ import annotations

from goescape.ir.nodes import (
    BinaryExpr,
    CallExpr,
    CompLitExpr,
    ConvExpr,
    IndexExpr,
    MakeExpr,
    Node,
    RangeStmt,
    TypeAssertExpr,
    TypeNode,
)
from goescape.ir.op import (
    OAPPEND,
    OCONVIFACE,
    OCOPY,
    ODELETE,
    ODYNAMICDOTTYPE,
    ODYNAMICDOTTYPE2,
    ODYNAMICTYPE,
    OINDEXMAP,
    OMAKESLICE,
    OMAPLIT,
    OUNSAFESLICE,
)
from goescape.ir.typeinfo import has_shape, is_interface, kind, under
from goescape.ir.visit import walk
from goescape.typecheck.types import Array, Chan, Interface, Map, Pointer, Slice, Tuple, Type
from goescape.typecheck.typeset import type_set


def uses_dictionary(nodes: list[Node]) -> bool:
    """Whether something in `nodes` needs a run-time type that depends on type parameters."""
    return any(map(_needs, walk(nodes)))


def _needs(n: Node) -> bool:
    if isinstance(n, ConvExpr):
        return n.op is OCONVIFACE and conversion_needs(n.x.type, n.type)
    if isinstance(n, IndexExpr):
        return n.op is OINDEXMAP and has_shape(n.x.type)
    if isinstance(n, MakeExpr):
        return has_shape(_elem(n.type) if n.op is OMAKESLICE else n.type)
    if isinstance(n, CallExpr):
        if n.op is OAPPEND:
            return has_shape(_elem(n.type))
        return n.op is ODELETE and bool(n.args) and has_shape(n.args[0].type)
    if isinstance(n, BinaryExpr):
        if n.op is OCOPY:
            return has_shape(_elem(n.x.type))
        return n.op is OUNSAFESLICE and has_shape(_elem(n.type))
    if isinstance(n, CompLitExpr):
        return n.op is OMAPLIT and has_shape(n.type)
    if isinstance(n, TypeAssertExpr):
        if n.op is not ODYNAMICDOTTYPE and n.op is not ODYNAMICDOTTYPE2:
            return (
                False  # What is asserted is known at compile time, and what from does not matter.
            )
        t = n.type.vars[0].type if isinstance(n.type, Tuple) else n.type
        return has_shape(t) or has_shape(n.x.type)
    if isinstance(n, TypeNode):
        return n.op is ODYNAMICTYPE and has_shape(n.type)
    if isinstance(n, RangeStmt):
        return _range_needs(n)
    return False


def conversion_needs(src: Type | None, dst: Type | None) -> bool:
    """Whether the conversion of a `src` to the interface `dst` does."""
    if src is None or dst is None or not is_interface(dst):
        return False
    u = under(dst)
    assert isinstance(u, Interface)
    if is_interface(src):
        return bool(type_set(u).methods) and has_shape(dst)
    return has_shape(src) or (bool(type_set(u).methods) and has_shape(dst))


def _range_needs(n: RangeStmt) -> bool:
    t = n.x.type
    if kind(t) == "TMAP" and has_shape(t):
        return True
    if t is None:
        return False
    u = under(t)
    if isinstance(u, Pointer):
        u = under(u.elem)
    if isinstance(u, Map):
        pairs = ((u.key, n.key), (u.elem, n.value))
    elif isinstance(u, Array | Slice):
        pairs = ((u.elem, n.value), (u.elem, None))
    elif isinstance(u, Chan):
        pairs = ((u.elem, n.key), (u.elem, None))
    else:
        return False
    return any(dst is not None and conversion_needs(src, dst.type) for src, dst in pairs)


def _elem(t: Type | None) -> Type | None:
    if t is None:
        return None
    u = under(t)
    return u.elem if isinstance(u, Slice | Array | Pointer) else None

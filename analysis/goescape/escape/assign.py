"""Assignments: what a store to an expression means.

`addr` evaluates the left side and gives the hole to store into: the variable itself for `x`, `x.f`
and `x[i]` of an array; the heap for anything behind a pointer, because we do not know what it points
to; the operands of such a store are mutated.

Invariants
  - all left sides are evaluated before the right ones;
  - a variable counts as reassigned by every assignment but the one that defines it, and a zero value
    at its declaration.

Example: `p.f = q` evaluates p into the mutator and q into the heap.

Source: cmd/compile/internal/escape/assign.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape import bug
from goescape.escape.expr import is_reflect_header_data
from goescape.escape.graph import Hole
from goescape.escape.self_assign import is_self_assign
from goescape.escape.verdict import SelfAssignment
from goescape.ir.op import *
from goescape.ir.typeinfo import under
from goescape.typecheck.types import Array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goescape.escape.walk import Escape
    from goescape.ir.nodes import Node


def addr(e: Escape, n: Any) -> Hole:
    """The hole that storing to `n` fills."""
    while True:
        if n is None:
            return e.blank
        op = n.op
        if op is ONAME:
            if n.name == "_":
                return e.blank
            if n.cls == "PEXTERN":
                return e.heap
            return Hole(e.old_loc(n))
        if op is ODOT:
            n = n.x
        elif op is OINDEX:
            e.discard(n.index)
            if under(n.x.type).__class__ is not Array:
                e.expr(e.mutator, n.x)
                return e.heap
            n = n.x
        elif op is ODEREF or op is ODOTPTR:
            e.expr(e.mutator, n.x)
            return e.heap
        elif op is OINDEXMAP:
            e.discard(n.x)
            assign_heap(e, n.index, "key of map put", n)
            return e.heap
        elif op is OLINKSYMOFFSET:
            return e.heap
        else:
            bug.report(f"store to {op}", n.pos)
            return e.heap


def assign_heap(e: Escape, src: Node, why: str, where: Node) -> None:
    e.expr(e.note(e.heap, where, why), src)


def assign_list(
    e: Escape, dsts: Sequence[Node | None], srcs: Sequence[Node | None], why: str, where: Node
) -> None:
    """`dsts = srcs`; missing sources are zero values."""
    ks = [addr(e, dst) for dst in dsts]
    n_srcs = len(srcs)
    for i, k in enumerate(ks):
        src = srcs[i] if i < n_srcs else None
        dst = dsts[i]
        if dst is not None and src is not None and dst.op is not ONAME:
            # A uintptr stored into a reflect header becomes a pointer there.
            if dst.op is ODOTPTR and is_reflect_header_data(dst):
                e.unsafe_value(e.note(e.heap, where, why), src)
                continue
            if is_self_assign(dst, src):
                texts = {where: e.b.ctx.text(where)}
                e.b.events.append(SelfAssignment(e.curfn, where, texts))
                k = e.blank
        e.expr(e.note(k, where, why), src)
    reassigned(e, ks, where)


def reassigned(e: Escape, ks: list[Hole], where: Any) -> None:
    """Mark the variables of `ks` as assigned, unless `where` defines them."""
    if where.op is OAS and where.y is None and where.x.op is ONAME and where.x.defn is None:
        return
    for k in ks:
        loc = k.dst
        n: Any = loc.n
        # Variables declared by a range clause are assigned in every iteration.
        if n is not None and n.op is ONAME and n.defn is where and where.op is not ORANGE:
            continue
        loc.reassigned = True

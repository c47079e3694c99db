"""Walking one function's body, turning code into flows.

`Escape` is the state of one such walk: the batch, the function, the loop depth and the labels that
loop. The walkers (`expr`, `stmt`, `assign`, `call`) take it first; each has its own file, named for
the compiler's, and a table by operation.

Invariants
  - every operand is visited, also when its value is dropped: it may have side effects;
  - `loop_depth` starts at 1; a `for` adds one, and so does a label with a `goto` back to it, until
    the end of its block.

Example: in `for { x := 1; sink(&x) }`, x is declared at depth 2.

Source: cmd/compile/internal/escape/{escape,stmt}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.escape import assign as _assign
from goescape.escape import call as _call
from goescape.escape import expr as _expr
from goescape.escape import stmt as _stmt
from goescape.escape.graph import Hole, Location
from goescape.ir.op import (
    OGOTO,
    OLABEL,
)
from goescape.ir.typeinfo import is_direct_by_shape, is_interface
from goescape.ir.visit import walk

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node
    from goescape.typecheck.types import Type


def walk_func(b: Batch, fn: Func) -> None:
    """Walk the body of `fn` and of every literal in it that captures something."""
    e = Escape(b, fn)
    body = fn.body
    if fn.has_labels:
        e.looping = _looping_labels(body)
    e.block(body)


def _looping_labels(body: list[Node]) -> frozenset[str]:
    """The labels of the source with a `goto` behind them."""
    seen: set[str] = set()
    looping: set[str] = set()
    n: Any
    for n in walk(body):
        op = n.op
        if op is OLABEL:
            seen.add(n.label)
        elif op is OGOTO and n.label in seen:
            looping.add(n.label)
    return frozenset(looping)


class Escape:
    """The walk of one function. The holes and the batch's methods are at hand for speed."""

    __slots__ = (
        "addr_of", "b", "blank", "blank_addrtaken", "blank_loc", "curfn", "deref", "flow",
        "has_pointers", "heap", "loop_depth", "looping", "mutator", "note", "old_loc", "typeinfo",
    )  # fmt: skip

    def __init__(self, b: Batch, curfn: Func) -> None:
        self.b = b
        self.curfn = curfn
        self.loop_depth = 1
        self.looping: frozenset[str] = frozenset()
        self.heap = b.heap
        self.mutator = b.mutator
        self.blank = b.blank
        self.blank_addrtaken = b.blank_addrtaken
        self.blank_loc = b.blank_loc
        self.typeinfo = b.typeinfo
        self.has_pointers = b.typeinfo.has_pointers
        self.note = b.note
        self.deref = b.deref
        self.addr_of = b.addr
        self.flow = b.flow
        self.old_loc = b.old_loc

    # --- the walkers, see their files ---

    expr = _expr.expr
    discard = _expr.discard
    unsafe_value = _expr.unsafe_value
    stmt = _stmt.stmt
    stmts = _stmt.stmts
    block = _stmt.block
    dcl = _stmt.dcl
    addr = _assign.addr
    assign_heap = _assign.assign_heap
    assign_list = _assign.assign_list
    reassigned = _assign.reassigned
    call = _call.call
    go_defer = _call.go_defer
    tag_hole = _call.tag_hole

    # --- locations and holes ---

    def new_loc(self, n: Node | None, persists: bool) -> Location:
        return self.b.new_loc(n, self.curfn, self.loop_depth, persists)

    def spill(self, k: Hole, n: Node) -> Hole:
        """A location for what `n` allocates, its address flowing to `k`; the hole that fills it."""
        loc = self.new_loc(n, False)
        self.flow(self.addr_of(k, n, "spill"), loc)
        return Hole(loc)

    def tee(self, ks: list[Hole]) -> Hole:
        """A hole that flows into every one of `ks`, none of which takes an address."""
        if not ks:
            return self.blank
        if len(ks) == 1:
            return ks[0]
        loc = self.new_loc(None, False)
        for k in ks:
            self.flow(k, loc)
        return Hole(loc)

    def later(self, k: Hole) -> Hole:
        """A hole that flows into `k`, but later: what is put there persists until then."""
        loc = self.new_loc(None, True)
        self.flow(k, loc)
        return Hole(loc)

    def dot_type(self, k: Hole, n: Node, where: Node, why: str) -> Hole:
        """The hole for an interface whose value of `n`'s type goes to `k`."""
        t = n.type
        assert t is not None
        if not is_interface(t) and not self.is_direct_iface(t):
            k = k.shift(1)
        return self.note(k, where, why)

    def is_direct_iface(self, t: Type) -> bool:
        if self.b.release.direct_iface_by_size:
            return self.typeinfo.is_direct_iface(t)
        return is_direct_by_shape(t)

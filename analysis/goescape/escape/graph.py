"""The graph of what flows where: locations, edges, holes and notes.

A `Location` stands for storage: a variable, what an expression allocates, or a helper of ours. An
edge says that one location's value flows to another, after so many dereferences; -1 takes the
address. A `Hole` is where the value of the expression being walked goes, and each step outward from
the expression adds a note to it that says why.

Invariants
  - derefs of edges and holes are at least -1;
  - `attrs` only ever gains bits; a location that escapes has all four;
  - holes are never changed once made, so that one can serve many expressions;
  - notes are linked, innermost first, and exist only when explanations are asked for.

Example: in `x = **p`, p is walked with the hole of x at derefs 2, and ends as an edge from p to x.

Source: cmd/compile/internal/escape/graph.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.escape.leaks import HEAP, RESULT0, Leaks

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node

ESCAPES = 1
"""The address leaves: the variable must be on the heap."""
PERSISTS = 2
"""The address outlives the statement: the storage cannot be reused at once."""
MUTATES = 4
"""Memory reachable from here may be written."""
CALLS = 8
"""Literals reachable from here may be called, their results being lost."""

HEAP_ATTRS = ESCAPES | PERSISTS | MUTATES | CALLS
HEAP_NAME = "heap"


class Note:
    """Why a value flows: `where` is the expression or statement, `why` the short reason."""

    __slots__ = ("next", "where", "why")

    def __init__(self, next: Note | None, where: Node, why: str) -> None:
        self.next, self.where, self.why = next, where, why


class Edge:
    """The value of `src`, dereferenced `derefs` times, flows to the location that has the edge."""

    __slots__ = ("derefs", "notes", "src")

    def __init__(self, src: Location, derefs: int, notes: Note | None) -> None:
        self.src, self.derefs, self.notes = src, derefs, notes


class Location:
    """Storage. `n` is the variable or the allocating expression, None for helpers; `loop_depth`
    counts from 1 at the function's own level (0: outside any); `loops` is how many loops the source
    has around it. `result_index` counts from 1 for results, else 0. `param`: it is a parameter, `of_literal`:
    one of a literal.

    `derefs`, `walkgen`, `dst` and `dst_edge` belong to the walk in progress, `bit` and `behind` to
    `solve.survey`; `param_esc` is set for
    parameters only. `reason` is the rule that sends the location to the heap by itself."""

    __slots__ = (
        "addrtaken", "attrs", "behind", "bit", "captured", "curfn", "derefs", "dst", "dst_edge", "edges",
        "loop_depth", "loops", "n", "of_literal", "param", "param_esc", "param_out", "queued_all",
        "queued_one", "reason", "reassigned", "result_index", "walkgen",
    )  # fmt: skip

    def __init__(self, n: Node | None, curfn: Func | None, loop_depth: int, attrs: int) -> None:
        self.n = n
        self.curfn = curfn
        self.loop_depth = loop_depth
        self.loops = loop_depth - 1
        self.attrs = attrs
        self.edges: list[Edge] = []
        self.result_index = 0
        self.bit = 0
        self.behind = 0
        self.derefs = 0
        self.walkgen = 0
        self.dst: Location | None = None
        self.dst_edge: Edge | None = None
        self.queued_all = False
        self.queued_one = 0
        self.param_esc: Leaks | None = None
        self.captured = False
        self.reassigned = False
        self.addrtaken = False
        self.param = False
        self.of_literal = False
        self.param_out = False
        self.reason = ""

    @property
    def is_heap(self) -> bool:
        """Whether this is the heap itself."""
        return self.n is None and self.reason == HEAP_NAME

    @property
    def escapes(self) -> bool:
        return self.attrs & ESCAPES != 0

    def leak_to(self, sink: Location, derefs: int, n_results: int) -> bool:
        """Record that this parameter's value reaches `sink`: a result that a tag can name, or
        else the heap. False if it was known to reach it with as few dereferences."""
        assert self.param_esc is not None
        if sink.param_out and not sink.attrs & ESCAPES and sink.curfn is self.curfn:
            i = sink.result_index - 1
            if i < n_results:
                return self.param_esc.add(RESULT0 + i, derefs)
            self.param_esc.add(HEAP, derefs)
            return True  # It is told as a leak to that result.
        return self.param_esc.add(HEAP, derefs)


class Hole:
    """A place for a value. `addrtaken`: the address of the expression is being taken here, whether
    or not it is then stored."""

    __slots__ = ("addrtaken", "derefs", "dst", "notes")

    def __init__(
        self, dst: Location, derefs: int = 0, notes: Note | None = None, addrtaken: bool = False
    ) -> None:
        self.dst, self.derefs, self.notes, self.addrtaken = dst, derefs, notes, addrtaken

    def shift(self, delta: int) -> Hole:
        """The hole with `delta` more dereferences."""
        return Hole(self.dst, self.derefs + delta, self.notes, delta < 0)

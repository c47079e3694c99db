"""Which parameters leak, and how far.

A `Leaks` summarises every flow out of one parameter: to the heap, to a mutator, to a callee, or
to one of the first few results. Each flow keeps only its smallest deref count, because a shorter
path subsumes a longer one; -1 means there is no flow.

Invariants
  - a stored count is in [-1, 254]; larger counts saturate, which is conservative;
  - after `optimize`, if anything flows to the heap, every other flow kept is shorter.

Example: in `func f(p **int) *int { return *p }`, p has one flow, to result 0, with derefs 1.

Source: cmd/compile/internal/escape/leaks.go (go1.27).
"""

from __future__ import annotations

HEAP = 0
MUTATOR = 1
CALLEE = 2
RESULT0 = 3

_MAX_DEREFS = 254


class Leaks:
    """The flows out of one parameter, by sink; changed only while its batch is solved."""

    __slots__ = ("derefs",)

    def __init__(self, n_results: int) -> None:
        self.derefs = [-1] * (RESULT0 + n_results)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Leaks) and self.derefs == other.derefs

    def __hash__(self) -> int:
        return hash(tuple(self.derefs))

    @property
    def heap(self) -> int:
        """The smallest derefs of a flow to the heap, -1 for none."""
        return self.derefs[HEAP]

    @property
    def mutator(self) -> int:
        return self.derefs[MUTATOR]

    @property
    def callee(self) -> int:
        return self.derefs[CALLEE]

    @property
    def results(self) -> list[int]:
        """The smallest derefs of a flow to each result that a tag can name."""
        return self.derefs[RESULT0:]

    def add(self, sink: int, derefs: int) -> bool:
        """Record a flow to `sink` (HEAP, MUTATOR, CALLEE or RESULT0 + i). Whether it is shorter than
        all before."""
        old = self.derefs[sink]
        if 0 <= old <= derefs:
            return False
        self.derefs[sink] = min(derefs, _MAX_DEREFS)
        return True

    def optimize(self) -> None:
        """Forget flows that are no shorter than the shortest one to the heap."""
        heap = self.derefs[HEAP]
        if heap >= 0:
            for i in range(1, len(self.derefs)):
                if self.derefs[i] >= heap:
                    self.derefs[i] = -1

    def tag(self) -> Tag:
        """What callers are told."""
        if self.derefs[HEAP] == 0:
            return HEAP_TAG
        return tuple(self.derefs)

    def copy(self) -> Leaks:
        new = Leaks(0)
        new.derefs = list(self.derefs)
        return new


Tag = tuple[int, ...]
"""One parameter as its callers see it: the derefs of `Leaks`, in the same order; empty for a
parameter that flows to the heap as it is (or about which nothing is known)."""

Tags = tuple[Tag, ...]
"""The tags of a function: the receiver's first if there is one, then the parameters'. A function
about which nothing is known has no tags, and every argument flows to the heap."""

HEAP_TAG: Tag = ()

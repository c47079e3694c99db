"""Which verdicts depend on the order in which a package is judged.

Functions that reach each other are judged in the order in which the compiler first reaches them, and to
the first ones the last ones are not known yet: they pay for a call where later ones pay for a body. What a
function of an import leads to is judged without what cannot be inlined whatever its calls cost, though rings
may close through that. So a verdict is in doubt if the function calls something that might be inlined, and
that, or what that might expand, calls what cannot be.

Invariants
  - a function is weighed when it was judged and its body is as written;
  - a function that costs too much in any order is not in doubt.

Example: of `func f() { g() }; func g() { big() }` f is in doubt, since `big` may call f, and g is not: a call of
`big` costs what it costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.inline.cost import CALL_COST, Hairiness
from goescape.ir.scc import references

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from goescape.inline.inlinable import Judge
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr
    from goescape.ir.unit import Unit


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a function costs at least, in whatever order its package is judged (None: it cannot be inlined);
    the functions that cannot be inlined that it calls (`exits`), or that are called by what it might expand
    (`below`); those that might expand something, of what it might expand and itself; and whether some of
    these reach each other."""

    least: int | None
    exits: frozenset[Func] = frozenset()
    below: frozenset[Func] = frozenset()
    expanding: frozenset[Func] = frozenset()
    in_ring: bool = False

    @property
    def is_real(self) -> bool:
        return self.least is not None and (self.in_ring or bool(self.below))


_NEVER = Doubt(None)


class Doubts:
    """See the module."""

    __slots__ = ("_judge", "_of")

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._of: dict[Func, Doubt] = {}

    def forget(self, fn: Func) -> None:
        self._of.pop(fn, None)

    def forget_all(self, units: Container[Unit]) -> None:
        for fn in [fn for fn in self._of if fn.unit in units]:
            del self._of[fn]

    def weigh(self, group: Sequence[Func]) -> list[Func]:
        """Those of `group`, which was judged together, about which there is doubt."""
        declared = [fn for fn in group if fn.oclosure is None]
        for fn in declared:
            cost = self._least_cost(fn, declared)
            self._of[fn] = self._doubt(fn, cost, declared) if cost is not None else _NEVER
        return [fn for fn in declared if self._of[fn].is_real]

    def about(self, fn: Func) -> Doubt:
        """The doubt about a function, if need be from what others have found out about it."""
        known = self._of.get(fn)
        if known is None:
            judge = self._judge
            if not fn.judged and judge.is_hopeless(fn) and not judge.is_unsure(fn):
                known = _NEVER
            else:
                cost = fn.inl.cost if fn.inl is not None and not judge.is_unsure(fn) else 0
                self._of[fn] = Doubt(cost)  # In case it leads to itself.
                known = self._doubt(fn, cost, [fn])
            self._of[fn] = known
        return known

    def _doubt(self, fn: Func, cost: int, group: Sequence[Func]) -> Doubt:
        exits: set[Func] = set()
        below: set[Func] = set()
        expanding: set[Func] = set()
        in_ring = expands = len(group) > 1
        for callee in _named(fn):
            if callee not in group:
                doubt = self.about(callee)
                if doubt.least is None:
                    exits.add(callee)
                else:
                    expands = True
                    below |= doubt.exits | doubt.below
                    expanding |= doubt.expanding
                    in_ring |= doubt.in_ring
        if expands:
            expanding.add(fn)
        return Doubt(cost, frozenset(exits), frozenset(below), frozenset(expanding), in_ring)

    def _least_cost(self, fn: Func, group: Sequence[Func]) -> int | None:
        """What `fn` costs at least; None if it cannot be inlined. Of `group` nothing is known."""
        judge = self._judge

        def callee_cost(call: CallExpr) -> int | None:
            callee = judge.target(fn, call.fun)
            if callee is None:
                return None
            if callee.closure_parent is not None or callee in group:
                return 0
            if callee.unit is fn.unit:
                least = self.about(callee).least
                return min(least, CALL_COST) if least is not None else None
            return min(callee.inl.cost, CALL_COST) if callee.inl is not None else None

        walk = Hairiness(judge.rules, judge.budget(fn), False, callee_cost)
        return None if walk.walk(fn) else walk.cost


def _named(fn: Func) -> Iterator[Func]:
    """The functions of its package that `fn` or a literal in it names; no literals."""
    stack, seen = [fn], {fn}
    while stack:
        for callee in references(stack.pop()):
            if callee.unit is fn.unit and callee not in seen:
                seen.add(callee)
                if callee.closure_parent is not None:
                    stack.append(callee)
                else:
                    yield callee

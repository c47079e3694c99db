"""Whether a function can be inlined, and what it then costs.

Functions are judged in groups, callees first, so that the cost of a callee is known where it is
called; in a cycle of calls the first ones do not know the last ones. A literal that is called, itself
or through its variable, is judged at that moment, before the function around it.

A function of another package is judged when a call of it is met, in its own unit, together with what
it calls. Nothing is said about it there: its package says it when it is checked.

Invariants
  - each function is judged once; the verdict stays at `Func.inl` and does not depend on who asked;
  - judging reads bodies as written: it comes before anything is expanded or made static;
  - what was found is said when the function's own package asks for it, in the order of judging.

Example: with `func g() { f() }; func f() {}`, f is judged first: cost 0; then g: `f()` costs 2 + 0.

Source: cmd/compile/internal/inline/inl.go (go1.27).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from goescape.inline.cost import (
    BIG_CALLER_BUDGET,
    MAX_BUDGET,
    Hairiness,
    Rules,
    is_big,
    is_escape_non_string,
)
from goescape.inline.doubt import Doubts
from goescape.inline.exported import Exported, Verdict
from goescape.ir.fmt import NodeWriter
from goescape.ir.op import *
from goescape.ir.scc import is_closure, references, visit_bottom_up, visit_funcs_bottom_up
from goescape.ir.static_value import Stores, static_callee_name, static_value
from goescape.ir.visit import walk_func
from goescape.source.positions import MAX_COLUMN
from goescape.typecheck.predicates import identical

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from goescape.goversion import Release
    from goescape.inline.exported import Imports
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr, Node
    from goescape.ir.unit import Unit
    from goescape.source.positions import InlineSite, Pos, Positions
    from goescape.typecheck.sizes import Sizes


MAX_RING = 100
"""So many functions that can be inlined may call each other in a ring. In each of them, and in whoever
calls one, the compiler expands the whole ring: 10,000 calls for a ring of 100."""

TOO_EXPENSIVE = "too expensive"
"""The reason where the exact cost was not asked for."""


class Inl:
    """A function that can be inlined: its cost, and whether its results may be declared where the
    body returns. `in_ring`: it calls itself through more than `MAX_RING` others that can be inlined."""

    __slots__ = ("can_delay_results", "cost", "in_ring")

    def __init__(self, cost: int, can_delay_results: bool, in_ring: bool = False) -> None:
        self.cost = cost
        self.can_delay_results = can_delay_results
        self.in_ring = in_ring


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict about `fn`: it can be inlined at `cost`, or it cannot, for a `reason`, with the
    cost as far as it was counted. `text` is signature and body as printed, where wanted."""

    pos: Pos
    fn: Func
    cost: int = 0
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cycle:
    """A call of `callee` is not expanded because it already lies in an expansion of it."""

    pos: Pos
    callee: Func
    caller: Func


class Judge:
    """Judges functions; one per program, for one release, architecture and level of detail.
    `asked(caller, callee, judging)`, if set, is told whose verdict was asked for on whose account,
    while judging or while expanding."""

    __slots__ = (
        "_big", "_found", "_hopeless", "_imports", "_said", "_taken_over", "_unsure", "asked", "doubts",
        "exported", "positions", "release", "rules", "stores", "whole",
    )  # fmt: skip

    def __init__(
        self,
        release: Release,
        sizes: Sizes,
        positions: Positions,
        imports: Imports,
        whole: bool = False,
    ) -> None:
        self.release = release
        self.rules = Rules(release, sizes)
        self.positions = positions
        self.exported = Exported(positions, imports)
        self.doubts = Doubts(self)
        self._imports = imports
        self.whole = whole
        self.asked: Callable[[Func, Func, bool], None] | None = None
        self.stores = Stores()
        self._said: dict[Func, list[Judged]] = {}
        self._big: dict[Func, bool] = {}
        self._hopeless: dict[Func, bool] = {}
        self._taken_over: dict[Func, None] = {}  # Somebody else has judged these.
        self._found: dict[Func, None] = {}
        self._unsure: dict[Func, None] = {}  # In another order they might be judged otherwise.

    def forget(self, units: Container[Unit]) -> None:
        """Let go of the functions of some units."""
        tables: list[dict[Func, Any]] = [
            self._said, self._big, self._hopeless, self._taken_over, self._found, self._unsure,
        ]  # fmt: skip
        for table in tables:
            for fn in [fn for fn in table if fn.unit in units]:
                del table[fn]
        self.doubts.forget_all(units)

    def judge_all(
        self, funcs: Iterable[Func], pause: Callable[[], None] | None = None
    ) -> list[Judged]:
        """Judge the functions of a package, given in the compiler's order; what is said about them,
        in order. `pause` is called in between, and may raise to end it."""
        funcs = list(funcs)
        said: list[Judged] = []
        if not funcs:
            return said
        unit = funcs[0].unit
        wanted = set(funcs)
        for fn in [fn for fn in self._taken_over if fn in wanted]:
            self.judge_again(fn)  # Others did not keep what there is to say.
        nodes = NodeWriter(unit.pkg)

        def group(batch: list[Func], recursive: bool) -> None:
            if pause is not None:
                pause()
            self.judge_group(batch, recursive)
            for fn in batch:
                for verdict in self._said.pop(fn, ()):
                    if self.whole and not verdict.reason:
                        verdict = replace(verdict, text=inlined_text(nodes, verdict.fn))
                    said.append(verdict)

        visit_funcs_bottom_up(funcs, group, lambda f: f in wanted)
        self.stores.forget()
        return said

    def ensure(self, fn: Func) -> None:
        """Judge `fn`, of whatever package, and what it calls."""
        if fn.judged:
            return
        if is_closure(fn):
            self.judge(fn)
            return
        unit = fn.unit

        def is_open(f: Func) -> bool:
            if f.unit is not unit or f.judged or self.is_hopeless(f):
                return False
            return not f.judged  # Somebody else may have done so.

        def group(batch: list[Func], recursive: bool) -> None:
            self.judge_group(batch, recursive)
            self._unsure.update(dict.fromkeys(self.doubts.weigh(batch)))

        if is_open(fn):
            visit_funcs_bottom_up([fn], group, is_open)

    def _make_sure(self, fn: Func) -> None:
        """Let the verdict about `fn`, of an import, be the one that is found when all of its package is judged,
        in the compiler's order, if that may be another one."""
        doubt, pkg = self.doubts.about(fn), fn.unit.pkg
        if doubt.in_ring or self._imports.leads_to(pkg, doubt.below, doubt.expanding):
            if self._imports.judge_whole(pkg):
                for f in [f for f in self._unsure if f.unit is fn.unit]:
                    self.judge_again(f)
                    self.ensure(f)
        if fn in self._unsure:
            del self._unsure[fn]
            self._found[fn] = None

    def is_unsure(self, fn: Func) -> bool:
        """Whether another verdict about `fn` might be found in another order."""
        return fn in self._unsure

    def known(self, fn: Func) -> tuple[Inl | None, Sequence[Judged]]:
        """What judging `fn` came to, and what was said, unless somebody has taken that over."""
        return fn.inl, self._said.get(fn, ())

    def recall(self, fn: Func, inl: Inl | None, said: Sequence[Judged]) -> None:
        """Let the verdict about `fn` be one that was known before."""
        fn.judged, fn.inl = True, inl
        self._said[fn] = list(said)

    def judge_again(self, fn: Func) -> None:
        """The body of `fn` is another one: it is to be judged again."""
        fn.judged = False
        fn.inl = None
        self._said.pop(fn, None)
        self._big.pop(fn, None)
        self._hopeless.pop(fn, None)
        self._taken_over.pop(fn, None)
        self._found.pop(fn, None)
        self._unsure.pop(fn, None)
        self.doubts.forget(fn)

    def found(self) -> list[tuple[Func, Verdict]]:
        """The functions about which something was found out since this was last asked."""
        found, self._found = self._found, {}
        return [(fn, self.verdict_about(fn)) for fn in found]

    def verdict_about(self, fn: Func) -> Verdict:
        """What judging `fn` came to."""
        inl, is_sure = fn.inl, fn not in self._unsure
        if inl is None:
            return Verdict(False, is_sure=is_sure)
        return Verdict(True, inl.cost, inl.can_delay_results, inl.in_ring, is_sure)

    def is_hopeless(self, fn: Func) -> bool:
        """Whether `fn` is known not to be inlined by others, or cannot be even if its calls cost nothing: then
        what it calls does not matter, and it is left to be judged when its package is. What others know
        besides is taken over."""
        known = self._hopeless.get(fn)
        if known is None:
            verdict = self._imports.verdict_of(fn)
            if verdict is None:
                walk = Hairiness(self.rules, self.budget(fn), False, lambda call: 0)
                known = bool(_impossible(fn)) or walk.walk(fn)
                if known:
                    self._found[fn] = None
            elif verdict.is_inlinable:
                self.recall(fn, Inl(verdict.cost, verdict.can_delay_results, verdict.in_ring), ())
                self._taken_over[fn] = None
                known = False
            else:
                known = True
            if verdict is not None and not verdict.is_sure:
                self._unsure[fn] = None
            self._hopeless[fn] = known
        return known

    def judge_group(self, batch: list[Func], recursive: bool) -> None:
        """Judge the functions of a group, in order, those that have not been; what they call has
        been judged."""
        if recursive and not self.release.inlines_recursion:
            if sum(fn.oclosure is None for fn in batch) <= 1:
                for fn in batch:  # Literals among them are judged where they are called.
                    if not fn.judged and not fn.is_package_init and fn.oclosure is None:
                        fn.judged = True
                        self._said[fn] = [Judged(fn.pos, fn, reason="recursive")]
                return
        try:
            for fn in batch:
                self.judge(fn)
        except BaseException:
            for fn in batch:
                self.judge_again(fn)  # It has stopped in the middle.
            raise
        if len(batch) > MAX_RING:
            self._find_rings(batch)
        self._found.update(dict.fromkeys(batch))

    def judge_again_within(self, batch: Sequence[Func], again: Container[Func]) -> None:
        """Judge only `again` of a group that was judged before, in this order. To them the functions that
        come later are, as they were then, not known yet."""
        known = {fn: fn.inl for fn in batch if fn.inl is not None and fn not in again}
        for fn in batch:
            if fn in again:
                self.judge_again(fn)
            elif fn in known:
                fn.inl = None
        try:
            for fn in batch:
                if fn in again:
                    self.judge(fn)
                elif fn in known:
                    fn.inl = known[fn]
        finally:
            for fn, inl in known.items():
                fn.inl = inl

    def _find_rings(self, batch: list[Func]) -> None:
        members = {fn for fn in batch if fn.inl is not None}
        if len(members) <= MAX_RING:
            return

        def called(fn: Func) -> Iterator[Func]:
            n: Any
            for n in walk_func(fn):
                callee = self.target(fn, n.fun) if n.op is OCALLFUNC else None
                if callee in members:
                    yield callee

        def note(ring: list[Func], recursive: bool) -> None:
            if len(ring) > MAX_RING:
                for fn in ring:
                    fn.inl.in_ring = True

        functions = [fn for fn in batch if fn in members]
        visit_bottom_up(functions, called, lambda fn: False, note)

    def judge(self, fn: Func) -> None:
        """Judge one function, whose callees have been judged."""
        if fn.judged or fn.is_package_init:
            return
        # From here on a call of itself is the call of a function that cannot be inlined yet.
        fn.judged = True
        said: list[Judged] = []
        self._said[fn] = said
        reason = _impossible(fn)
        if reason:
            said.append(Judged(fn.pos, fn, reason=reason))
            return
        budget = self.budget(fn)
        big = self.is_big(fn)

        def callee_cost(call: CallExpr) -> int | None:
            callee = self.callee(fn, call, said, True)
            if callee is None or self.refusal(call, callee, big, False):
                return None
            if not self.exported.is_at_hand(fn, call, callee):
                return None
            cost: int = callee.inl.cost
            return cost

        walk = Hairiness(self.rules, budget, self.whole, callee_cost)
        try:
            is_hairy = walk.walk(fn)
        except BaseException:
            self.judge_again(fn)  # It has stopped in the middle.
            raise
        if is_hairy:
            said.append(Judged(fn.pos, fn, walk.cost, walk.reason))
            return
        fn.inl = Inl(walk.cost, can_delay_results(fn))
        said.append(Judged(fn.pos, fn, cost=walk.cost))

    def budget(self, fn: Func) -> int:
        if fn.closure_parent is None:
            return MAX_BUDGET
        return max(MAX_BUDGET, self.release.inline_literal_budget)

    def verdict(self, fn: Func) -> Judged:
        """The verdict about `fn`, with all of its cost counted. `fn` is judged for this alone, in a
        unit that nobody else uses."""
        whole, self.whole = self.whole, True
        for callee in references(fn):
            if callee.unit is fn.unit:
                self.ensure(callee)
        self.judge(fn)
        self.whole = whole
        return self._said[fn][-1]

    def can_inline(self, fn: Func) -> bool:
        """Whether `fn`, of whatever package, can be inlined."""
        self.ensure(fn)
        return fn.inl is not None

    def has_body_at_hand(self, caller: Func, call: CallExpr, callee: Func) -> bool:
        """Whether `callee`, which `call` in `caller` calls, can be inlined, and its body be read there."""
        return self.can_inline(callee) and self.exported.is_at_hand(caller, call, callee)

    def why_not(self, fn: Func) -> str:
        """Why `fn`, of whatever package, cannot be inlined; "" if it can."""
        if self.can_inline(fn):
            return ""
        for verdict in self._said.get(fn, ()):
            if verdict.fn is fn and verdict.reason:
                return verdict.reason
        reason = _impossible(fn)
        if not reason:
            walk = Hairiness(self.rules, self.budget(fn), False, lambda call: 0)
            walk.walk(fn)
            reason = walk.reason or TOO_EXPENSIVE
        return reason

    def is_big(self, fn: Func) -> bool:
        """Whether `fn`, as written, is a big function."""
        big = self._big.get(fn)
        if big is None:
            big = self._big[fn] = is_big(fn)
        return big

    # --- calls ----------------------------------------------------------------------------------

    def may_inline(self, call: Any) -> bool:
        """Whether the call is one of those that are expanded at all."""
        if call.op is not OCALLFUNC or call.go_defer or call.no_inline:
            return False
        if is_escape_non_string(static_callee_name(call.fun)):
            return False
        return not self.rules.is_intrinsic_call(call)

    def target(self, caller: Func, fun: Node | None) -> Func | None:
        """The function that `fun`, called in `caller`, is known to be."""
        value = static_value(fun, self.stores)
        op = value.op
        if op is OMETHEXPR:
            name = value.func_name
            fn: Func | None = name.func if name is not None else None
            if fn is None or fn.recv is None or fn.recv.type is None:
                return None
            return fn if identical(fn.recv.type, value.x.type) else None
        if op is ONAME:
            return value.func if value.cls == "PFUNC" else None
        if op is OCLOSURE:
            fn = value.func
            assert fn is not None
            if fn.closure_vars:
                outer = fn.closure_vars[0].outer
                if outer is None or outer.curfn is not caller:
                    return None
            return fn
        return None

    def callee(
        self, caller: Func, call: CallExpr, said: list[Any], judging: bool = False
    ) -> Func | None:
        """The function that `call` calls, if it can be inlined where its body is at hand, which is
        costly to know and another question. A literal is judged now, and what is found goes to `said`.
        While `judging`, functions of the same package without a verdict lie on a cycle with the
        caller, and get theirs later."""
        fn = self.target(caller, call.fun)
        if fn is None:
            return None
        if self.asked is not None:
            self.asked(caller, fn, judging)
        if not fn.judged:
            if fn.closure_parent is not None:
                self.judge(fn)
                said += self._said.pop(fn, ())
            elif not judging or fn.late or fn.unit is not caller.unit:
                self.ensure(fn)
        if fn in self._unsure and fn.unit is not caller.unit:
            self._make_sure(fn)
        return fn if fn.inl is not None else None

    def refusal(self, call: CallExpr, callee: Func, big: bool, called_once: bool) -> str:
        """Why the call is not expanded: "cost", "position" or "cycle"; "" if it is."""
        if callee.inl.cost > self.max_cost(callee, big, called_once):
            return "cost"
        positions = self.positions
        site = positions.site(call.pos)
        if site is None:
            return ""
        own = positions.original(call.pos)
        kept = positions.kept(own)
        is_cut = kept[2] == MAX_COLUMN  # Then many calls of its line are said to be one.
        outer: InlineSite | None = site
        while outer is not None:
            at = positions.original(outer.call_pos)
            if at == own or (is_cut and positions.kept(at) == kept):
                return "position"
            outer = outer.parent
        outer = site
        while outer is not None:
            if outer.callee is callee:
                return "cycle"
            outer = outer.parent
        return ""

    def max_cost(self, callee: Func, big: bool, called_once: bool) -> int:
        """What the callee may cost."""
        limit = BIG_CALLER_BUDGET if big else MAX_BUDGET
        if callee.closure_parent is not None:
            limit *= self.release.inline_literal_factor
            if called_once:
                limit = max(limit, self.release.inline_literal_budget)
        return limit


def inlined_text(nodes: NodeWriter, fn: Func) -> str:
    """The signature and body of `fn` as printed: `func(int) int { return x }`."""
    method = f"method({nodes.type(fn.recv.type)}) " if fn.recv is not None else ""
    return f"{method}{nodes.type(fn.nname.type)} {{ {nodes.list(fn.body, '; ')} }}"


def _impossible(fn: Func) -> str:
    """What forbids to inline `fn` whatever it does."""
    pragma = fn.pragma
    if pragma:
        for flag, reason in _PRAGMAS.items():
            if flag in pragma:
                return reason
    return "" if has_body(fn) else "no function body"


def has_body(fn: Func) -> bool:
    """Whether there is code that could stand for a call of `fn`."""
    return bool(fn.body) or (fn.has_body and not fn.withheld)


def can_delay_results(fn: Func) -> bool:
    """Whether the results of an expansion of `fn` can be declared at its return: there is just one,
    with operands, and the results have no names."""
    returns = 0
    n: Any
    for n in walk_func(fn):
        if n.op is ORETURN:
            returns += 1 if n.results else 2
            if returns > 1:
                return False
    return returns == 1 and not any(_is_named(r.name) for r in fn.results)


def _is_named(name: str) -> bool:
    return name != "_" and not name.startswith("~r")


_PRAGMAS = {
    "noinline": "marked go:noinline",
    "cgo_unsafe_args": "marked go:cgo_unsafe_args",
    "uintptrkeepalive": "marked as having a keep-alive uintptr argument",
    "uintptrescapes": "marked as having a keep-alive uintptr argument",
    "yeswritebarrierrec": "marked go:yeswritebarrierrec",
}

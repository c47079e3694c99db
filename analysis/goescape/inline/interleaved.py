"""Expands calls, and makes interface calls static, taking turns.

All calls of all functions are marked first. Then, group by group, callees first, every mark is
tried: a call of a function that can be inlined is replaced by its expansion, whose calls are marked
and tried after the others. What became known by that (a literal that was passed, the type of an
interface's value) may make more calls possible, so a group is tried again until nothing changes.

Invariants
  - what is expanded is always the body as written, however far the callee itself was expanded;
  - a mark knows where its call hangs: calls move into expansions as arguments, and the mark follows;
  - the limits are those of the function that everything ends up in;
  - what grows beyond measure is left half expanded, and withheld;
  - a literal's uses are counted over all marks seen so far, before any of the newest ones is tried.

Example: in `f(g(x))`, g is expanded first, then f with the expansion as its argument, then the calls
in g's body, then those in f's.

Source: cmd/compile/internal/inline/interleaved/interleaved.go, cmd/compile/internal/inline/inl.go
(go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from goescape.inline.devirtualize import Devirtualized, Devirtualizer
from goescape.inline.inlinable import Cycle, Judged, can_delay_results, has_body, inlined_text
from goescape.ir.bloop import is_b_loop
from goescape.ir.func import Func
from goescape.ir.inline_body import expand
from goescape.ir.nodes import CallExpr, ForStmt, InlinedCallExpr, Node, TailCallStmt
from goescape.ir.op import OCALLFUNC, OCALLINTER
from goescape.ir.scc import is_closure, visit_funcs_bottom_up
from goescape.ir.static_value import outermost
from goescape.ir.visit import LINKS, links, push_links
from goescape.ir.withheld import ENTANGLED

if TYPE_CHECKING:
    from goescape.inline.inlinable import Judge
    from goescape.ir.unit import Unit
    from goescape.ir.visit import Link
    from goescape.source.positions import Pos
    from goescape.syntax import ast


MAX_GROWTH = 1_000_000
"""So much text of callees may be read again for one function with its literals, or as much as
`MAX_GROWTH_FACTOR` times its own; the library's functions stay below 40,000. Literals that are called
within each other take the third power of their depth."""

MAX_GROWTH_FACTOR = 20

_CALL_LENGTH = 30  # What a call takes besides.


@dataclass(frozen=True, slots=True)
class Inlined:
    """A call of `callee` in `caller` was expanded; `pos` is the call, itself perhaps in an
    expansion."""

    pos: Pos
    callee: Func
    caller: Func
    syn: ast.Node | None


@dataclass(frozen=True, slots=True)
class Big:
    """`fn` is so big that only cheap functions are expanded in it."""

    pos: Pos
    fn: Func


@dataclass(frozen=True, slots=True)
class Forced:
    """The call of `callee` was expanded because that was asked for, although the compiler does not:
    the callee cannot be inlined (`refusal` is ""), or it is refused here (see `Judge.refusal`)
    where it may cost `limit`."""

    callee: Func
    caller: Func
    refusal: str
    limit: int


Event = Judged | Inlined | Big | Cycle | Devirtualized | Forced


def inline_package(
    unit: Unit, funcs: Iterable[Func], judge: Judge, force: Callable[[Pos], bool] | None = None
) -> list[Event]:
    """Expand the calls in `funcs`, functions of the unit in the compiler's order, without wrappers:
    all of them, or some outermost functions with their literals. What is said about it, in order.
    A call at a position for which `force` is true is expanded if its callee is known and has a body."""
    work = _Inliner(unit, judge, force)
    funcs, n_copies = list(funcs), len(unit.inlined_literals)
    for fn in funcs:
        # Where recursion forbids inlining, literals in it are judged when a call of them is met.
        if fn.closure_parent is None or judge.release.inlines_recursion:
            judge.ensure(fn)
    for fn in funcs:
        work.begin(fn)
    states = work.states
    if len(funcs) == 1 and not is_closure(funcs[0]):
        work.group(funcs)
    else:
        visit_funcs_bottom_up(
            funcs, lambda group, recursive: work.group(group), lambda f: f in states
        )
    judge.stores.forget()
    if work.overgrown:
        work.withhold([*funcs, *unit.inlined_literals[n_copies:]])
    return work.events


def inline_wrapper(unit: Unit, fn: Func, judge: Judge) -> list[Event]:
    """Expand the calls in a method wrapper, which was made when all else was done."""
    work, n_copies = _Inliner(unit, judge), len(unit.inlined_literals)
    work.states[fn] = _State(fn, False)
    work.alone(fn)
    judge.stores.forget()
    if work.overgrown:
        work.withhold([fn, *unit.inlined_literals[n_copies:]])
    return work.events


class _Mark:
    """A call: the node that is there now, and where it hangs (see `Link`)."""

    __slots__ = ("at", "callee", "holder", "node")

    def __init__(self, node: Node, holder: Any, at: Any) -> None:
        self.node, self.holder, self.at = node, holder, at
        self.callee: Func | None = None

    def replace(self, node: Node) -> None:
        if self.at.__class__ is int:
            self.holder[self.at] = node
        else:
            setattr(self.holder, self.at, node)
        self.node = node


class _State:
    """The marks of one function; `known` finds the mark of a node, `top` is the function around it."""

    __slots__ = ("big", "fn", "known", "marks", "skips_loops", "top")

    def __init__(self, fn: Func, big: bool) -> None:
        self.skips_loops: bool = fn.unit.host.release.skips_loop_bodies
        self.fn = fn
        self.top = outermost(fn)
        self.big = big
        self.marks: list[_Mark] = []
        self.known: dict[Node, _Mark] = {}
        self._mark(links(fn.body))

    def mark_below(self, n: Node) -> None:
        """Mark the calls below `n`, operands first; those that have a mark already hang there
        now."""
        stack: list[Link] = []
        push_links(n, stack)
        self._mark(stack)

    def mark_expansion(self, result: InlinedCallExpr, calls: list[Link] | None) -> None:
        """The same below an expansion. `calls`: those in its body, if they are known."""
        if calls is None:
            self.mark_below(result)
        else:
            self._mark(links(result.init))
            self._add([_Mark(*call) for call in calls])

    def _mark(self, stack: list[Link]) -> None:
        known, push = self.known, LINKS
        found: list[_Mark] = []
        while stack:
            n, holder, at = stack.pop()
            mark = known.get(n)
            if mark is not None:
                mark.holder, mark.at = holder, at
                continue
            cls = n.__class__
            if cls is CallExpr:
                if n.op is OCALLFUNC or n.op is OCALLINTER:
                    found.append(_Mark(n, holder, at))
            elif cls is TailCallStmt:
                n = n.call
                n.no_inline = True
            top = len(stack)
            push[n.__class__](n, stack)
            if cls is ForStmt and self.skips_loops and is_b_loop(n):
                stack[top:] = [link for link in stack[top:] if link[1] is not n.body]
        # Found backwards: a call before its operands, the last operand first.
        found.reverse()
        self._add(found)

    def _add(self, marks: list[_Mark]) -> None:
        self.marks += marks
        for mark in marks:
            self.known[mark.node] = mark


class _Inliner:
    """`grown` is how much text was read again for each function with its literals, `overgrown` those
    for which that is too much."""

    __slots__ = (
        "counts", "devirtualizer", "events", "force", "grown", "judge", "overgrown", "states", "unit",
    )  # fmt: skip

    def __init__(
        self, unit: Unit, judge: Judge, force: Callable[[Pos], bool] | None = None
    ) -> None:
        self.force = force
        self.unit = unit
        self.judge = judge
        self.events: list[Event] = []
        self.devirtualizer = Devirtualizer(unit, judge.release, self.events)
        self.states: dict[Func, _State] = {}
        self.counts: dict[Func, int] = {}
        self.grown: dict[Func, int] = {}
        self.overgrown: set[Func] = set()

    def begin(self, fn: Func) -> None:
        """Mark the calls of `fn` and count what they call."""
        big = self.judge.is_big(fn)
        if big:
            self.events.append(Big(fn.pos, fn))
        state = self.states[fn] = _State(fn, big)
        for mark in state.marks:
            self._resolve(state, mark)

    def group(self, group: list[Func]) -> None:
        """Try all calls of the functions until nothing changes."""
        changed = True
        while changed:
            changed = False
            for fn in group:
                state = self.states[fn]
                marks = state.marks
                done, end = 0, len(marks)
                while done < end:
                    for i in range(done, end):
                        if self._try(state, marks[i]):
                            changed = True
                    done, end = end, len(marks)
                    for i in range(done, end):
                        self._resolve(state, marks[i])

    def alone(self, fn: Func) -> None:
        """The same for one function by itself, each new call being tried in turn."""
        state = self.states[fn]
        changed = True
        while changed:
            changed = False
            i = 0
            while i < len(state.marks):
                if self._try(state, state.marks[i]):
                    changed = True
                i += 1

    def _resolve(self, state: _State, mark: _Mark) -> int:
        """How many calls of this one's callee are known; 0 if the callee is not."""
        callee = mark.callee
        if callee is not None:
            return self.counts[callee]
        call: Any = mark.node
        if call.op is OCALLINTER:
            fun = call.fun
            self.devirtualizer.call(state.fn, call)
            if call.fun is not fun:
                state.mark_below(call)
        if not self.judge.may_inline(call):
            return 0
        callee = self.judge.target(state.fn, call.fun)
        if callee is None:
            return 0
        mark.callee = callee
        count = self.counts[callee] = self.counts.get(callee, 0) + 1
        return count

    def _try(self, state: _State, mark: _Mark) -> bool:
        """Expand the call if that is possible."""
        call: Any = mark.node
        if call.__class__ is not CallExpr or state.top in self.overgrown:
            return False
        count = self._resolve(state, mark)
        if count <= 0:
            return False
        assert mark.callee is not None
        once = count == 1 and mark.callee.closure_parent is not None
        callee = self._callee(state.fn, call)
        refusal = self.judge.refusal(call, callee, state.big, once) if callee is not None else ""
        if callee is state.fn and not self.judge.release.inlines_recursion:
            callee = None
        if callee is not None and (self.force is not None or refusal in ("", "cycle")):
            if not self.judge.exported.is_at_hand(state.fn, call, callee):
                callee, refusal = None, ""
        if callee is None or refusal:
            if self.force is not None and self.force(call.pos) and has_body(mark.callee):
                limit = self.judge.max_cost(mark.callee, state.big, once)
                self.events.append(Forced(mark.callee, state.fn, refusal, limit))
                self._expand(state, mark, call, mark.callee)
                return True
            if callee is not None and refusal == "cycle":
                self.events.append(Cycle(call.pos, callee, state.fn))
            return False
        if callee.inl.in_ring:
            self.overgrown.add(state.top)
            return False
        self.events.append(Inlined(call.pos, callee, state.fn, call.syn))
        self._expand(state, mark, call, callee)
        return True

    def _expand(self, state: _State, mark: _Mark, call: CallExpr, callee: Func) -> None:
        top = state.top
        grown = self.grown[top] = self.grown.get(top, 0) + _text_length(callee)
        if grown > MAX_GROWTH and grown > MAX_GROWTH_FACTOR * _text_length(top):
            self.overgrown.add(top)
        inl = callee.inl
        delay = inl.can_delay_results if inl is not None else can_delay_results(callee)
        result, copied = expand(self.unit, state.fn, call, callee, delay)
        mark.replace(result)
        del state.known[call]
        state.known[result] = mark
        state.mark_expansion(result, copied.calls if copied is not None else None)
        self.judge.stores.expanded(state.fn, result, copied.stores if copied is not None else None)
        self.devirtualizer.concrete.inlined_call(state.fn, call, result)

    def withhold(self, funcs: Iterable[Func]) -> None:
        """Say nothing about those of `funcs`, all there are now, that have overgrown."""
        overgrown = self.overgrown
        for fn in funcs:
            if outermost(fn) in overgrown:
                fn.withheld = ENTANGLED
        self.events = [e for e in self.events if _where(e) not in overgrown]

    def _callee(self, caller: Func, call: CallExpr) -> Func | None:
        """What the call calls, if that can be inlined; a literal's copy is judged only now."""
        events = self.events
        before = len(events)
        callee = self.judge.callee(caller, call, events)
        if self.judge.whole:
            for i in range(before, len(events)):
                event = events[i]
                if isinstance(event, Judged) and not event.reason:
                    text = inlined_text(self.devirtualizer.nodes, event.fn)
                    events[i] = replace(event, text=text)
        return callee


def _text_length(fn: Func) -> int:
    """How much there is to read of `fn`, and how long its name is: older releases put it together from
    those of all expansions around."""
    n: int
    source, syn = fn.source, fn.syn
    if source is not None:
        n = source.block.end - source.block.pos
    else:
        n = syn.end - syn.pos if syn is not None else 0
    return _CALL_LENGTH + len(fn.nname.name) + n


def _where(event: Event) -> Func | None:
    """The declared function in which something was expanded, or judged for that."""
    if isinstance(event, Inlined | Cycle | Forced):
        return outermost(event.caller)
    return outermost(event.fn) if isinstance(event, Judged) else None

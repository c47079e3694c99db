"""Who reaches whom: walking the graph until nothing changes.

From each location in turn (the root) we go backwards along the edges and find, for every location
that reaches the root, the least number of dereferences on the way. A location whose address (-1)
reaches a root that outlives it escapes; a parameter whose value reaches such a root leaks.

Invariants
  - the graph has negative edges, so a location may be visited again by a shorter path; counts are
    bounded by 0 on the way (the address of a copy is not the address of the original), so it ends;
  - a location is queued again as a root when it gains attributes, at most once for each;
  - escaping locations are walked first, which spares work and is the compiler's order;
  - a location that already escapes is not looked through: its own walk speaks for it;
  - in a large batch neither is one behind which a walk can find nothing new: what is found is the same,
    in the same order (decision 69).

Example: with `p = &x; sink = p`, the walk from the heap reaches p at 0 and x at -1: x escapes.

Source: cmd/compile/internal/escape/solve.go (go1.27).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from goescape.escape.graph import (
    CALLS,
    ESCAPES,
    HEAP_ATTRS,
    MUTATES,
    PERSISTS,
    Location,
    Note,
)
from goescape.escape.leaks import CALLEE, MUTATOR
from goescape.escape.verdict import Explanation, FlowStep
from goescape.ir.op import OCLOSURE
from goescape.ir.static_value import outermost

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.ir.func import Func


MAX_STEPS = 8_000_000
"""So many edges may be followed for one batch; the largest of the library's take half a million.
Each location is a root, so a chain of n copies takes n² steps."""
STEPS_PER_BYTE = 200
"""So many for each byte of its functions, if that is more: an interpreter of 140 kB in one function takes
85, and a chain of copies that is too long for `MAX_STEPS` is too long for this, too."""


FEW_STEPS = 2_000
"""After so many edges it is worth while to survey what lies behind each location."""


class Entangled(Exception):
    """The flows of a batch are too many to be followed."""


def walk_all(b: Batch) -> None:
    """Walk from every location, and again from those that gain attributes. Raises `Entangled`."""
    todo: deque[Location] = deque()
    for loc in b.all_locs:
        todo.appendleft(loc)
        loc.queued_all = True
    for loc in (b.mutator_loc, b.callee_loc, b.heap_loc):
        todo.appendleft(loc)
        loc.queued_all = True
    trace = b.ctx.trace
    walker = Walker(b, todo) if trace is None else trace.walker(b, todo)
    walk = walker.walk_one
    texts = (fn.syn for fn in b.funcs if fn.closure_parent is None)
    most = max(MAX_STEPS, STEPS_PER_BYTE * sum(n.end - n.pos for n in texts if n is not None))
    while todo:
        root = todo.popleft()
        root.queued_all = False
        # Nothing reaches a location without edges; only a parameter or literal is news to itself.
        if not root.edges and not root.param and not root.attrs & CALLS:
            continue
        b.walkgen += 1
        walk(root, b.walkgen)
        if walker.steps > FEW_STEPS and not walker.spares and trace is None:
            survey(b)
            walker.spares = True
        if walker.steps > most:
            raise Entangled


MANY_FUNCTIONS = 64
"""In larger batches functions share their bits: less is spared, and the survey takes no longer."""
_FUNCTION = HEAP_ATTRS + 1
"""The bit of the first function, above those of the attributes."""
_WIDTH = (_FUNCTION << MANY_FUNCTIONS).bit_length() - 1
_ANYWHERE = 1 | 1 << _WIDTH | 1 << 2 * _WIDTH
_NEWS = {0: 0, 1: 1, 2: 1 | 1 << _WIDTH}
"""At what distances a walk has news for a parameter that tells of so few dereferences; at all, if of more or none."""
_WITHOUT = (1 << _WIDTH) - 1
_WITH_MORE = _WITHOUT << 2 * _WIDTH
"""The part of what is `behind` for a walk that has no dereference, and for one with more than one."""


def survey(b: Batch) -> None:
    """Note what a walk that gets to a location can still find out behind it. `behind` holds the attributes that
    something there does not have yet (or does not tell, being a parameter), and a bit for each outermost
    function (if there are many, with others) in whose loops and literals it is; first for a walk that gets there
    without a dereference, then for one with one, then with more. It only becomes less.

    What is found with fewer dereferences than a walk has may be found by the same walk coming another way, and then
    in another order. That makes no difference to what is found, but to how it is explained: of what
    explanations depend on, all is noted for any distance if there are to be any."""
    every_leak = b.ctx.every_leak
    told = _ANYWHERE if b.explain else 1
    spread = _ANYWHERE if every_leak else 1
    bits: dict[Func, int] = {}
    locs = (*b.all_locs, b.heap_loc, b.mutator_loc, b.callee_loc)
    for loc in locs:
        if loc.curfn is not None:
            loc.bit = bits.setdefault(outermost(loc.curfn), _FUNCTION << len(bits) % MANY_FUNCTIONS)

    def news(least: int, at_least: int) -> int:
        found = _NEWS.get(least, _ANYWHERE)
        return found and found | at_least

    found_at: dict[Location, int] = {}
    for loc in locs:
        found = (~loc.attrs & MUTATES) * spread | (~loc.attrs & CALLS) * told
        esc = loc.param_esc
        if esc is not None:
            leaves = ESCAPES | loc.bit if loc.of_literal else ESCAPES
            found |= leaves * (_ANYWHERE if every_leak else news(esc.heap, told))
            found |= MUTATES * news(esc.mutator, spread) | CALLS * news(esc.callee, told)
        found_at[loc] = found
    goes_to: dict[Location, list[tuple[Location, int]]] = {}
    for loc in locs:
        found = 0
        for edge in loc.edges:
            src, derefs = edge.src, edge.derefs
            if src.attrs & ESCAPES:
                continue
            goes_to.setdefault(src, []).append((loc, derefs))
            found |= _seen_through(derefs, found_at[src])
            if derefs < 0:
                fn = src.curfn
                is_deep = src.loop_depth > 1 or (fn is not None and fn.oclosure is not None)
                found |= (ESCAPES | src.bit if is_deep else ESCAPES) * told
                found |= (~src.attrs & PERSISTS) * spread
        loc.behind = found
    pending = dict.fromkeys(locs)
    while pending:
        src, _ = pending.popitem()
        for loc, derefs in goes_to.get(src, ()):
            found = _seen_through(derefs, src.behind)
            if found & ~loc.behind:
                loc.behind |= found
                pending[loc] = None


def _seen_through(derefs: int, found: int) -> int:
    """What a walk finds by an edge, if `found` is what it finds at the other end."""
    if derefs == 0:
        return found
    if derefs < 0:
        near = found & _WITHOUT
        return near | (found & ~_WITH_MORE) << _WIDTH
    if derefs == 1:
        return found >> _WIDTH | found & _WITH_MORE
    return (found >> 2 * _WIDTH) * _ANYWHERE


class Walker:
    """The state of a walk over the whole graph. `spares`: there was a `survey`."""

    __slots__ = ("b", "n_results", "spares", "steps", "todo")

    def __init__(self, b: Batch, todo: deque[Location]) -> None:
        self.b = b
        self.todo = todo
        self.n_results = b.release.n_result_leaks
        self.steps = 0
        self.spares = False

    def queue(self, root: Location) -> deque[Location]:
        """What is to be taken up in the walk from `root`."""
        return deque((root,))

    def enqueue(self, loc: Location) -> None:
        """`loc` has to be a root again."""
        if not loc.queued_all:
            loc.queued_all = True
            if loc.attrs & ESCAPES:
                self.todo.appendleft(loc)
            else:
                self.todo.append(loc)

    def walk_one(self, root: Location, walkgen: int) -> None:
        """Find everything that reaches `root`."""
        root.walkgen = walkgen
        root.derefs = 0
        root.dst = None
        root.dst_edge = None
        if root.attrs & CALLS:
            self._lose_results(root)
        b = self.b
        # What is news: attributes go to all that the walk reaches, and what `own` stands for may not live
        # as long as the root.
        is_told_again = b.ctx.every_leak and root.attrs & ESCAPES
        spares = self.spares and not root.param_out and not is_told_again
        own, spreading = root.bit | root.attrs & ESCAPES, root.attrs & ~ESCAPES
        wanted = own | spreading
        fn = root.curfn
        # What is no result takes parameters of its own function, and of literals, and only them.
        is_narrow = not root.attrs & ~PERSISTS and not root.param_out
        todo = self.queue(root)
        popleft, append = todo.popleft, todo.append
        while todo:
            loc = popleft()
            loc.queued_one = 0
            derefs = loc.derefs
            new_attrs = 0
            if derefs < 0:
                derefs = 0
                if outlives(b, root, loc):
                    if b.explain and not loc.attrs & ESCAPES:
                        explain_path(b, root, loc, None, 0)
                    new_attrs = HEAP_ATTRS
                elif root.attrs & PERSISTS:
                    new_attrs = PERSISTS
            if derefs == 0:
                new_attrs |= root.attrs & (MUTATES | CALLS)
            if loc.param and not (is_narrow and loc.curfn is not fn and not loc.of_literal):
                self.leak(root, loc, derefs)
            if new_attrs & ~loc.attrs:
                loc.attrs |= new_attrs
                self.enqueue(loc)
                if loc is root:
                    is_narrow = not loc.attrs & ~PERSISTS and not loc.param_out
                if loc.attrs & ESCAPES:
                    continue
            if spares:
                behind = loc.behind >> min(derefs, 2) * _WIDTH
                if not behind & wanted:
                    continue  # Nothing behind it is news to the root.
                if not (behind & own or spreading & ~loc.attrs or loc.queued_all or loc is root):
                    continue  # Its own walk has told all behind it.
            self.steps += len(loc.edges)
            for edge in loc.edges:
                src = edge.src
                if src.attrs & ESCAPES:
                    continue
                d = derefs + edge.derefs
                if src.walkgen != walkgen or src.derefs > d:
                    src.walkgen = walkgen
                    src.derefs = d
                    src.dst = loc
                    src.dst_edge = edge
                    if src.queued_one != walkgen:
                        src.queued_one = walkgen
                        append(src)

    def leak(self, root: Location, param: Location, derefs: int) -> None:
        """The value of `param` reaches the root."""
        esc = param.param_esc
        assert esc is not None
        attrs = root.attrs
        b = self.b
        if outlives(b, root, param):
            is_news = param.leak_to(root, derefs, self.n_results) or b.ctx.every_leak
            if is_news and b.explain and not param.attrs & ESCAPES:
                explain_path(b, root, param, root, derefs)
        if attrs & MUTATES:
            esc.add(MUTATOR, derefs)
        if attrs & CALLS:
            esc.add(CALLEE, derefs)

    def _lose_results(self, root: Location) -> None:
        """A literal is called by someone we do not know: its results flow to the heap."""
        n: Any = root.n
        if n is None or n.op is not OCLOSURE:
            return
        b = self.b
        fn: Func = n.func
        if fn in b.in_batch and fn not in b.results_lost:
            b.results_lost.add(fn)
            for result in fn.results:
                self.enqueue(b.old_loc(result))


def outlives(b: Batch, loc: Location, other: Location) -> bool:
    """Whether values stored in `loc` may live longer than `other` would on the stack."""
    if loc.attrs & ESCAPES:
        return True
    if loc is b.mutator_loc or loc is b.callee_loc:
        return False
    fn, other_fn = loc.curfn, other.curfn
    if loc.param_out:
        # A literal may return the address of something around it, as long as we see its calls:
        # 	var u int
        # 	fn := func() *int { return &u }
        # 	*fn() = 42
        if not contains_closure(other_fn, fn):
            return True
        if b.release.literal_results_may_stay:
            return fn in b.results_lost
        return fn not in b.called_at_once
    # Declared outside other's loop:
    # 	var l *int
    # 	for { l = new(int) }
    if fn is other_fn:
        return loc.loop_depth < other.loop_depth
    # Declared around the literal that other is in.
    return contains_closure(fn, other_fn)


def contains_closure(fn: Func | None, c: Func | None) -> bool:
    """Whether `c` is a literal somewhere inside `fn`."""
    if fn is c or c is None or c.oclosure is None:
        return False
    p = c.closure_parent
    while p is not None:
        if p is fn:
            return True
        p = p.closure_parent
    return False


def explain_path(
    b: Batch, root: Location, src: Location, leaks_to: Location | None, derefs: int
) -> None:
    """Record the way from `src` to the root of the walk."""
    explanation = Explanation(src, [], leaks_to, derefs)
    visited: set[int] = set()
    while True:
        if id(src) in visited:
            explanation.truncated = True
            break
        visited.add(id(src))
        dst, edge = src.dst, src.dst_edge
        if dst is None or edge is None:
            break
        explanation.steps.append(explain_flow(dst, src, edge.derefs, edge.notes))
        if dst is root:
            break
        src = dst
    b.events.append(explanation)


def explain_flow(dst: Location, src: Location, derefs: int, notes: Note | None) -> FlowStep:
    return FlowStep(dst, src, derefs, notes)

"""The analysis of one batch: functions that reach each other, with the literals in them.

Walking the bodies builds the graph; capturing decisions and the rules that send things to the heap
by themselves complete it; solving finds what escapes; finishing words nothing but says everything,
in the compiler's order.

Invariants
  - the locations of all named locals of the batch come first, in the order of the functions, then
    those of expressions in the order of the walk;
  - a literal that captures is walked where it stands in its encloser, any other function by itself;
  - capturing is decided when everything has been walked, since any assignment or `&x` counts;
  - the batch changes the IR in three ways only: proven constants replace variables (see
    `constant_value`), pointers passed as uintptr are copied (see `call`), and what is captured is marked.
    `set` notes each change: `BatchResult.undo` must take them back before a function is analysed again,
    or it must be lowered again.

Example: for `func f() *int { x := 1; return &x }` the graph is x, ~r0 and an edge with derefs -1; the
result outlives x, so x is moved to the heap.

Source: cmd/compile/internal/escape/{escape,graph}.go (go1.27).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from goescape import bug
from goescape.escape.assumed import AtBest, sure
from goescape.escape.constant_value import replace_by_constant
from goescape.escape.graph import (
    CALLS,
    ESCAPES,
    HEAP_ATTRS,
    HEAP_NAME,
    MUTATES,
    PERSISTS,
    Edge,
    Hole,
    Location,
    Note,
)
from goescape.escape.heap_reason import heap_reason
from goescape.escape.leaks import Leaks
from goescape.escape.solve import explain_flow, walk_all
from goescape.escape.tags import tag_params
from goescape.escape.verdict import BatchResult, Capture, Explanation, Forbidden, Verdict
from goescape.escape.walk import walk_func
from goescape.ir.nodes import Name
from goescape.ir.op import OAPPEND, OCLOSURE, ONAME, OSTR2BYTES
from goescape.ir.scc import is_closure
from goescape.ir.static_value import Oracles, ReassignOracle

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.escape.leaks import Tags
    from goescape.escape.trace import Trace
    from goescape.escape.verdict import Event
    from goescape.goversion.release import Release
    from goescape.ir.func import Func
    from goescape.ir.nodes import ClosureExpr, Node
    from goescape.ir.typeinfo import TypeInfo


class TagSource(Protocol):
    """Where the tags of functions outside the batch come from: what they tell, or what they would tell
    if nothing leaked in the functions of which nothing is known, None where that makes no difference."""

    def __call__(self, name: Name) -> Tags | None: ...


@dataclass(slots=True)
class Context:
    """What the batches of a unit share. `tags_at_best`: see `assumed`. `text` words a node as the compiler would; it is only
    called if `explain` asks for explanations; of the leaks of a parameter to one sink only those are
    explained that go less far than all before, unless `every_leak` is set. `compiling_runtime`: the package may not allocate. `inlined`:
    calls have been expanded. `trace` records how the batch is solved.
    `oracles` knows what is assigned in functions that are analysed."""

    tags_of: TagSource
    tags_at_best: TagSource
    release: Release
    typeinfo: TypeInfo
    text: Callable[[Node], str]
    explain: bool = False
    compiling_runtime: bool = False
    inlined: bool = False
    trace: Trace | None = None
    every_leak: bool = False
    oracles: Oracles = field(default_factory=Oracles)


def analyze(funcs: list[Func], recursive: bool, ctx: Context) -> BatchResult:
    """Analyse the batch `funcs`, an element of `ir.scc`'s order."""
    return Batch(funcs, ctx).run()


class Batch:
    """The state of one analysis. The pseudo-locations: `heap_loc`; `mutator_loc`, to which operands
    of stores through pointers flow; `callee_loc`, to which functions called without being known
    flow; `blank_loc`, where values are dropped. `assumed`: where arguments go of which that is not known, and
    where they may flow from there at worst. `walkgen` counts the walks of the solver."""

    __slots__ = (
        "all_locs", "assumed", "blank", "blank_addrtaken", "blank_loc", "called_at_once", "callee", "callee_loc",
        "changed", "closures", "ctx", "events", "explain", "funcs", "heap", "heap_loc", "in_batch", "locs", "mutator",
        "mutator_loc", "release", "results_lost", "typeinfo", "walkgen",
    )  # fmt: skip

    def __init__(self, funcs: list[Func], ctx: Context) -> None:
        self.ctx = ctx
        self.assumed: list[tuple[Location, list[Hole]]] = []
        self.walkgen = 0
        self.release = ctx.release
        self.typeinfo = ctx.typeinfo
        self.explain = ctx.explain
        self.funcs = funcs
        self.in_batch: frozenset[Func] = frozenset(funcs)
        self.events: list[Event] = []
        self.all_locs: list[Location] = []
        self.locs: dict[Name, Location] = {}
        self.closures: list[tuple[Hole, ClosureExpr]] = []
        self.changed: list[tuple[Any, str, Any]] = []
        self.results_lost: set[Func] = set()
        self.called_at_once: set[Func] = set()
        self.heap_loc = Location(None, None, 0, HEAP_ATTRS)
        self.heap_loc.reason = HEAP_NAME
        self.mutator_loc = Location(None, None, 0, MUTATES)
        self.callee_loc = Location(None, None, 0, CALLS)
        self.blank_loc = Location(None, None, 0, 0)
        self.heap = Hole(self.heap_loc)
        self.mutator = Hole(self.mutator_loc)
        self.callee = Hole(self.callee_loc)
        self.blank = Hole(self.blank_loc)
        self.blank_addrtaken = Hole(self.blank_loc, 0, None, True)

    def run(self) -> BatchResult:
        for fn in self.funcs:
            self._init_func(fn)
        for fn in self.funcs:
            if not is_closure(fn):
                walk_func(self, fn)
        for k, clo in self.closures:
            self._flow_closure(k, clo)
        for loc in self.all_locs:
            if loc.n is not None and loc.curfn is not None:
                replace_by_constant(self, loc.n, loc.curfn)
            why = heap_reason(self, loc.n)
            if why:
                assert loc.n is not None
                loc.reason = why
                self.flow(self.addr(self.heap, loc.n, why), loc)
        walk_all(self)
        if not self.assumed:
            return self._finish()
        at_best = AtBest(self)
        for loc, holes in self.assumed:
            for hole in holes:
                self.flow(hole, loc)
        walk_all(self)
        return sure(self._finish(), at_best)

    def _init_func(self, fn: Func) -> None:
        for n in fn.dcl:
            self.new_loc(n, fn, 1, True)
        if fn.oclosure is None:
            for n in fn.closure_vars:
                self.new_loc(n.canonical(), fn, 1, True)
        for i, result in enumerate(fn.results):
            self.old_loc(result).result_index = 1 + i

    def set(self, what: Node | Func, name: str, value: object) -> None:
        """Change an attribute of a node or function."""
        self.changed.append((what, name, getattr(what, name)))
        setattr(what, name, value)

    def tags_of(self, name: Name) -> tuple[Tags, Tags | None]:
        """The tags of a function outside the batch; if they are assumed, also those at best."""
        ctx = self.ctx
        return ctx.tags_of(name) or (), ctx.tags_at_best(name) if ctx.trace is None else None

    # --- locations and flows ---

    def new_loc(self, n: Node | None, fn: Func, loop_depth: int, persists: bool) -> Location:
        loc = Location(n, fn, loop_depth, PERSISTS if persists else 0)
        if n is not None and n.op is ONAME:
            assert isinstance(n, Name)
            name = n
            self.locs[name] = loc
            if name.cls == "PPARAM":
                loc.param = True
                loc.of_literal = fn.oclosure is not None
                loc.param_esc = Leaks(self.release.n_result_leaks)
            elif name.cls == "PPARAMOUT":
                loc.param_out = True
        self.all_locs.append(loc)
        return loc

    def old_loc(self, n: Name) -> Location:
        """The location of a variable."""
        name = n.canonical()
        loc = self.locs.get(name)
        if loc is None:
            bug.report(f"{name.name} has no location", n.pos)
            fn = name.curfn or self.funcs[0]
            loc = self.new_loc(name, fn, 1, True)
        return loc

    def note(self, k: Hole, where: Node, why: str) -> Hole:
        """`k`, with the reason why something flows there."""
        if not self.explain:
            return k
        return Hole(k.dst, k.derefs, Note(k.notes, where, why), k.addrtaken)

    def deref(self, k: Hole, where: Node, why: str) -> Hole:
        notes = Note(k.notes, where, why) if self.explain else None
        return Hole(k.dst, k.derefs + 1, notes, False)

    def addr(self, k: Hole, where: Node, why: str) -> Hole:
        notes = Note(k.notes, where, why) if self.explain else None
        if k.derefs < 0:
            bug.report("address of an address", where.pos)
            return Hole(k.dst, -1, notes, True)
        return Hole(k.dst, k.derefs - 1, notes, True)

    def flow(self, k: Hole, src: Location) -> None:
        """Let the value of `src` flow into `k`."""
        if k.addrtaken:
            src.addrtaken = True
        dst = k.dst
        if dst is self.blank_loc:
            return
        if dst is src and k.derefs >= 0:
            return
        if k.derefs < 0 and dst.attrs & ESCAPES:
            if self.explain:
                self._explain_direct(k, src)
            src.attrs |= HEAP_ATTRS
            return
        dst.edges.append(Edge(src, k.derefs, k.notes))

    def _explain_direct(self, k: Hole, src: Location) -> None:
        """An address flows straight to the heap: say so with today's words."""
        step = explain_flow(k.dst, src, k.derefs, k.notes)
        explanation = Explanation(src, [step])
        text = self.ctx.text
        for n in (src.n, k.dst.n):
            if n is not None:
                explanation.texts[n] = text(n)
        note = k.notes
        while note is not None:
            explanation.texts[note.where] = text(note.where)
            note = note.next
        self.events.append(explanation)

    def oracle(self, fn: Func) -> ReassignOracle:
        """What is known about assignments in `fn` and in everything around it."""
        return self.ctx.oracles.of(fn)

    # --- closures ---

    def _flow_closure(self, k: Hole, clo: ClosureExpr) -> None:
        typeinfo = self.typeinfo
        for cv in clo.func.closure_vars:
            n = cv.canonical()
            loc = self.old_loc(cv)
            assert n.type is not None
            width = typeinfo.size(n.type)
            by_value = (
                not loc.addrtaken
                and not loc.reassigned
                and width <= self.release.max_capture_by_value
            )
            self.set(n, "byval", by_value)
            self.set(cv, "byval", by_value)
            if not by_value:
                self.set(n, "addrtaken", True)
            if self.explain:
                self.events.append(Capture(n, by_value, loc.addrtaken, loc.reassigned, width))
            hole = k if by_value else self.addr(k, cv, "reference")
            self.flow(self.note(hole, cv, "captured by a closure"), loc)

    # --- the end ---

    def _finish(self) -> BatchResult:
        events = self.events
        tags = {fn: tag_params(self, fn, events) for fn in self.funcs}
        release = self.release
        for loc in self.all_locs:
            n: Any = loc.n
            if n is None:
                continue
            op = n.op
            silent = op is OCLOSURE and n.func.wrapper
            if op is OAPPEND and not release.append_has_location:
                silent = True
            if loc.attrs & ESCAPES:
                if op is ONAME:
                    if self.ctx.compiling_runtime:
                        events.append(Forbidden(loc))
                    events.append(Verdict("moved", loc))
                elif not silent:
                    events.append(Verdict("escapes", loc))
            elif op is not ONAME and not silent:
                events.append(Verdict("stays", loc))
            if op is OSTR2BYTES and release.tracks_mutation and not loc.attrs & MUTATES:
                events.append(Verdict("zero-copy", loc))
        return BatchResult(self.funcs, events, tags, self.changed, self.ctx.oracles)

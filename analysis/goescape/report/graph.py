"""The graph of a batch and the way it was solved, as plain values.

What `escape` holds as locations, edges and steps of the solver is worded here in the compiler's
terms, with places in the source, so that an editor can draw it and play the walk again.

Invariants
  - ids are unique in one graph: `n0`, `n1`, … of nodes, `e0`, … of edges; the heap is `n0`;
  - named variables come first, in the order of the functions, then expressions as they were met;
  - every edge and step names nodes of the graph; the edges of a path lead from its node to where the
    value is lost, as the flow of the finding does;
  - helpers that nothing flows through are left out.

Example: `func f() *int { x := 1; return &x }` has the nodes {heap}, ~r0 and x, one edge from x to ~r0
with derefs -1, the path of x, and the solver's steps "walk from ~r0", "the address of x reaches ~r0",
"x escapes to the heap".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from goescape.escape.graph import CALLS, ESCAPES, MUTATES, PERSISTS, Location, Note
from goescape.escape.leaks import CALLEE, HEAP, MUTATOR, RESULT0
from goescape.escape.trace import GAINS, LEAKS, REACHES, RESULTS_LOST, STARTS, Trace, TraceStep
from goescape.escape.verdict import Explanation, FlowStep, ParamVerdict, Verdict
from goescape.ir.fmt import func_name
from goescape.ir.nodes import Name
from goescape.report.finding import Place
from goescape.report.findings import FindingWriter

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.ir.nodes import Node

HEAP_ID = "n0"


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A location. `kind`: "heap", "mutator", "callee", "variable", "parameter", "result",
    "expression" or "temporary". `label` is what the compiler's flows call it, `verdict` what is said
    about it ("" if nothing). `function` declares or allocates it. `loop_depth` counts from 1 at the function's own level. `path`: the edges
    by which its value or address is lost, if it is."""

    id: str
    kind: str
    label: str
    verdict: str
    function: str
    escapes: bool
    loop_depth: int
    place: Place | None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """The value of `src`, dereferenced `derefs` times (-1: its address), flows to `dst`. `flow` says so
    as the compiler does, `~r0 ← &x`. The reasons are one or more: `why` has them all, innermost
    first, `text` and `place` are those of the outermost."""

    id: str
    src: str
    dst: str
    derefs: int
    flow: str
    why: str
    text: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class SolverStep:
    """`kind` is "starts", "reaches", "gains", "leaks" or "results lost" (see `escape.trace`), or
    "direct": an address flowed straight to the heap before anything was walked. `event` says it in
    words."""

    kind: str
    root: str
    node: str
    edge: str | None
    derefs: int
    event: str


@dataclass(frozen=True, slots=True)
class Graph:
    """`function` is the one that was asked about; `note` says what is missing, and why."""

    function: str
    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    solver: tuple[SolverStep, ...] = ()
    note: str = ""


@dataclass(slots=True)
class _Names:
    """What the locations and edges of one batch are called."""

    nodes: dict[Location, str] = field(default_factory=dict)
    edges: dict[tuple[Location, Location, int, Note | None], str] = field(default_factory=dict)
    labels: dict[Location, str] = field(default_factory=dict)


class GraphWriter(FindingWriter):
    """Words the graph of a traced batch."""

    def graph(self, function: str, withheld: str, trace: Trace) -> Graph:
        """The graph of `function`; an empty one if it is `withheld` or was not solved."""
        b = trace.batch
        if b is None:
            why = withheld or "nothing is known of it"
            return Graph(function, note=f"{function} cannot be analysed: {why}")
        direct = [e for e in b.events[: trace.n_direct] if isinstance(e, Explanation)]
        flows = [(step, e.texts) for e in direct for step in e.steps]
        locs = self._locations(b, [step for step, _ in flows])
        names = _Names()
        texts: dict[Node, str] = {}
        for _, more in flows:
            texts |= more
        for i, loc in enumerate(locs):
            names.nodes[loc] = f"n{i}"
            names.labels[loc] = self._label(b, loc, texts)
        for loc in locs:
            flows += [(FlowStep(loc, e.src, e.derefs, e.notes), texts) for e in loc.edges]
        edges = [self._edge(names, step, more) for step, more in flows]
        paths = self._paths(b, names)
        verdicts = self._verdicts(b)
        nodes = [
            GraphNode(
                names.nodes[loc], _kind(b, loc), names.labels[loc], verdicts.get(loc, ""),
                func_name(loc.curfn) if loc.curfn is not None else "",
                loc.escapes, loc.loop_depth, self._place_of(loc.n), paths.get(loc, ()),
            )
            for loc in locs
        ]  # fmt: skip
        solver = [self._direct(names, step) for e in direct for step in e.steps[:1]]
        solver += [self._step(b, names, step) for step in trace.steps]
        note = f"only the first {len(trace.steps)} steps were recorded" if trace.is_cut else ""
        if not any(fn.has_body for fn in b.funcs):
            note = f"{function} has no body: of what it does nothing is known"
        return Graph(function, tuple(nodes), tuple(edges), tuple(solver), note)

    def _locations(self, b: Batch, direct: list[FlowStep]) -> list[Location]:
        """The heap, then what has a name or text, or is flowed through."""
        used = {step.dst for step in direct} | {step.src for step in direct}
        helpers = [b.mutator_loc, b.callee_loc]
        for loc in (b.heap_loc, *helpers, *b.all_locs):
            if loc.edges:
                used.add(loc)
                used.update(edge.src for edge in loc.edges)
        locs = [b.heap_loc]
        locs += [loc for loc in b.all_locs if loc.n is not None or loc in used]
        return locs + [loc for loc in helpers if loc in used]

    def _label(self, b: Batch, loc: Location, texts: dict[Node, str]) -> str:
        if loc is b.mutator_loc:
            return "{mutator}"
        if loc is b.callee_loc:
            return "{callee}"
        return self.gc.location(loc, texts)

    def _place_of(self, n: Node | None) -> Place | None:
        return self._place(n.pos, n.syn, n.name if isinstance(n, Name) else "") if n else None

    def _edge(self, names: _Names, step: FlowStep, texts: dict[Node, str]) -> GraphEdge:
        id = f"e{len(names.edges)}"
        names.edges[step.dst, step.src, step.derefs, step.notes] = id
        whys: list[str] = []
        text, place = "", None
        note = step.notes
        while note is not None:
            whys.append(note.why)
            if note.next is None:
                where = note.where
                text = texts.get(where) or self.gc.nodes.text(where)
                place = self._place_of(where)
            note = note.next
        ops = "&" if step.derefs < 0 else "*" * step.derefs
        return GraphEdge(
            id, names.nodes[step.src], names.nodes[step.dst], step.derefs,
            f"{names.labels[step.dst]} ← {ops}{names.labels[step.src]}", ", ".join(whys), text, place,
        )  # fmt: skip

    def _paths(self, b: Batch, names: _Names) -> dict[Location, tuple[str, ...]]:
        """By which edges a location is lost: the explanation of its first verdict."""
        explained: dict[Location, list[Explanation]] = {}
        out: dict[Location, tuple[str, ...]] = {}
        for event in b.events:
            if isinstance(event, Explanation):
                explained.setdefault(event.loc, []).append(event)
                continue
            if isinstance(event, ParamVerdict):
                loc, verdict = event.loc, event
                lost = event.kind != "stays"
            elif isinstance(event, Verdict):
                loc, verdict = event.loc, None
                lost = event.kind in ("moved", "escapes")
            else:
                continue
            if loc is None or not lost or loc in out:
                continue
            explanation = self._explanation(explained.get(loc, []), verdict)
            if explanation is not None:
                steps = explanation.steps
                out[loc] = tuple(names.edges[s.dst, s.src, s.derefs, s.notes] for s in steps)
        return out

    def _verdicts(self, b: Batch) -> dict[Location, str]:
        out: dict[Location, list[str]] = {}
        for event in b.events:
            if isinstance(event, ParamVerdict):
                loc = event.loc or b.locs[event.param]
            elif isinstance(event, Verdict):
                loc = event.loc
            else:
                continue
            out.setdefault(loc, []).append(self.gc.sentence(event))
        return {loc: "; ".join(sentences) for loc, sentences in out.items()}

    # --- the solver ---

    def _direct(self, names: _Names, step: FlowStep) -> SolverStep:
        src, dst = names.labels[step.src], names.labels[step.dst]
        edge = names.edges[step.dst, step.src, step.derefs, step.notes]
        event = f"the address of {src} flows straight to {dst}: {src} escapes to the heap"
        return SolverStep("direct", names.nodes[step.dst], names.nodes[step.src], edge, -1, event)

    def _step(self, b: Batch, names: _Names, step: TraceStep) -> SolverStep:
        edge = step.edge
        id = None
        if edge is not None:
            assert step.dst is not None
            id = names.edges[step.dst, edge.src, edge.derefs, edge.notes]
        return SolverStep(
            step.kind, names.nodes[step.root], names.nodes[step.loc], id, step.derefs,
            _said(b, names, step),
        )  # fmt: skip


def _said(b: Batch, names: _Names, step: TraceStep) -> str:
    """A step of the solver, in words."""
    root, loc = names.labels[step.root], names.labels[step.loc]
    if step.kind == STARTS:
        return f"walk from {root}"
    if step.kind == REACHES:
        if step.derefs < 0:
            return f"the address of {loc} reaches {root}"
        return f"{'*' * step.derefs}{loc} reaches {root}"
    if step.kind == LEAKS:
        return f"{'*' * step.derefs}{loc} leaks to {_sink(b, names, step)}"
    if step.kind == RESULTS_LOST:
        return f"{root} is called by someone unknown: its result {loc} is lost"
    assert step.kind == GAINS
    if step.attrs & ESCAPES:
        return f"{loc} escapes to the heap"
    parts = [text for bit, text in _GAINED if step.attrs & bit]
    return f"{loc} " + " and ".join(parts)


_GAINED = (
    (PERSISTS, "outlives its statement"),
    (MUTATES, "may be written through"),
    (CALLS, "may be called by someone unknown"),
)


def _sink(b: Batch, names: _Names, step: TraceStep) -> str:
    if step.sink >= RESULT0:
        fn = step.loc.curfn
        i = step.sink - RESULT0
        return (
            f"result {fn.results[i].name}" if fn is not None and i < len(fn.results) else "a result"
        )
    return {HEAP: "the heap", MUTATOR: "a mutator", CALLEE: "a callee"}[step.sink]


def _kind(b: Batch, loc: Location) -> str:
    if loc is b.heap_loc:
        return "heap"
    if loc is b.mutator_loc:
        return "mutator"
    if loc is b.callee_loc:
        return "callee"
    if loc.n is None:
        return "temporary"
    if not isinstance(loc.n, Name):
        return "expression"
    return "parameter" if loc.param else "result" if loc.param_out else "variable"

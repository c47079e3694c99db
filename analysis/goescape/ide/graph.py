"""The escape graph of the function under the cursor, cut to what can be drawn.

The path is that of the value under the cursor: of the locations whose text is around the cursor the
innermost that is lost, the heap's before leaking parameters.

Invariants
  - a graph has at most `MAX_NODES` nodes, `MAX_EDGES` edges and `MAX_STEPS` steps; of a larger one
    there remains what is nearest to the path (to the heap if there is no path), and the note says so;
  - edges and steps name nodes that are there.

Example: with the cursor on x of `func f() *int { x := 1; return &x }` the one edge, from x to ~r0, is
the path.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from goescape.ide.diagnostics import stretch
from goescape.report.graph import HEAP_ID, Graph, GraphNode

MAX_NODES = 400
MAX_EDGES = 2000
MAX_STEPS = 4000


@dataclass(frozen=True, slots=True)
class GraphView:
    """`path` are the edges by which the value under the cursor is lost, in order; may be empty."""

    graph: Graph
    path: tuple[str, ...]


def graph_view(graph: Graph, path: str, text: bytes, offset: int) -> GraphView:
    """The graph as seen from byte `offset` of the file at `path` with the text `text`."""
    here: list[tuple[bool, bool, int, GraphNode]] = []
    for node in graph.nodes:
        if node.place is not None and node.place.path == path:
            start, end = stretch(node.place, text)
            if start <= offset <= end:
                here.append((not node.path, not node.escapes, end - start, node))
    here.sort(key=lambda entry: entry[:3])
    way = here[0][3].path if here else ()
    return GraphView(_cut(graph, way, [node.id for *_, node in here]), way)


def _cut(graph: Graph, path: tuple[str, ...], near: list[str]) -> Graph:
    """The part of the graph around the path, or else around the nodes `near`, or the heap."""
    nodes, edges, solver = graph.nodes, graph.edges, graph.solver
    notes = [graph.note] if graph.note else []
    on_path = set(path)
    if len(nodes) > MAX_NODES:
        middle = [id for e in edges if e.id in on_path for id in (e.src, e.dst)]
        kept = _nearest(graph, [*middle, *near, HEAP_ID])
        notes.append(f"the {len(kept)} of {len(nodes)} locations that are nearest are shown")
        nodes = tuple(n for n in nodes if n.id in kept)
        edges = tuple(e for e in edges if e.src in kept and e.dst in kept)
        solver = tuple(s for s in solver if s.root in kept and s.node in kept)
    if len(edges) > MAX_EDGES:
        notes.append(f"{MAX_EDGES} of {len(edges)} flows between them are shown")
        edges = tuple(sorted(edges, key=lambda e: e.id not in on_path)[:MAX_EDGES])
    if len(edges) < len(graph.edges):
        known = {e.id for e in edges}
        nodes = tuple(n if known.issuperset(n.path) else replace(n, path=()) for n in nodes)
        solver = tuple(s for s in solver if s.edge is None or s.edge in known)
    if len(solver) > MAX_STEPS:
        notes.append(f"the first {MAX_STEPS} of {len(solver)} steps of the solver are shown")
        solver = solver[:MAX_STEPS]
    return replace(graph, nodes=nodes, edges=edges, solver=solver, note="; ".join(notes))


def _nearest(graph: Graph, middle: list[str]) -> set[str]:
    """`MAX_NODES` nodes, those in the middle and their neighbours first."""
    neighbours: dict[str, list[str]] = {}
    for e in graph.edges:
        neighbours.setdefault(e.src, []).append(e.dst)
        neighbours.setdefault(e.dst, []).append(e.src)
    kept: dict[str, None] = {}
    queue = deque(middle)
    others = iter(graph.nodes)
    while len(kept) < MAX_NODES:
        if not queue:  # What the middle does not lead to: named variables first.
            queue.append(next(others).id)
        id = queue.popleft()
        if id not in kept:
            kept[id] = None
            queue.extend(neighbours.get(id, ()))
    return set(kept)

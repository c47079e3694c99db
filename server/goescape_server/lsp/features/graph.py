"""goescape/graph: the escape graph of the function under the cursor, with the solver's walk.

Parameters: `{textDocument, position}`. Result: null where no function is, or an object with

- `function`: what it is called; `note`: what is missing and why, else "";
- `nodes`: `{id, label, kind, verdict, function, escapes, heap, loopDepth, uri, range, path}`: `heap` marks
  the heap itself, `kind` is one of "heap", "mutator", "callee", "variable", "parameter", "result",
  "expression", "temporary"; `uri` and `range` are null for what is in no file; `path` are the edges
  by which it is lost;
- `edges`: `{id, from, to, derefs, flow, why, text, location, onPath}`; `flow` is `~r0 ← &x`, `why` its
  reasons, innermost first, `text` and `location` those of the outermost;
- `path`: the edges by which the value under the cursor is lost, in order;
- `solver`: `{kind, root, node, edge, derefs, addressOf, event}`, the walk in its order; `kind` is one of
  "direct", "starts", "reaches", "gains", "leaks", "results lost"; `edge` may be null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ide.graph import GraphView, graph_view
from goescape.workspace.session import Session

from goescape_server.lsp.analyst import IsCancelled
from goescape_server.lsp.from_lsp import position_params
from goescape_server.lsp.to_lsp import Converter

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

METHOD = "goescape/graph"


def register(server: Server) -> None:
    @server.on(METHOD)
    async def graph(params: Any) -> dict[str, Any] | None:
        at = position_params(params)
        view = await server.view(at.text_document.uri)
        document = server.documents.get(at.text_document.uri)
        if view is None or view.text is None or document is None:
            return None
        path, text, convert = document.path, view.text, view.convert
        offset = convert.offset(at.position)

        def work(session: Session, is_cancelled: IsCancelled) -> dict[str, Any] | None:
            found = session.graph(path, offset, is_cancelled)
            return _plain(graph_view(found, path, text, offset), convert) if found else None

        return await server.ask(f"{METHOD} {path} {offset}", document, work)


def _plain(found: GraphView, convert: Converter) -> dict[str, Any]:
    graph, on_path = found.graph, set(found.path)
    nodes = []
    for n in graph.nodes:
        location = convert.plain_location(n.place)
        nodes.append(
            {
                "id": n.id, "label": n.label, "kind": n.kind, "verdict": n.verdict,
                "function": n.function, "escapes": n.escapes, "heap": n.kind == "heap",
                "loopDepth": n.loop_depth, "path": n.path,
                "uri": location["uri"] if location else None,
                "range": location["range"] if location else None,
            }
        )  # fmt: skip
    edges = [
        {
            "id": e.id, "from": e.src, "to": e.dst, "derefs": e.derefs, "flow": e.flow, "why": e.why,
            "text": e.text, "location": convert.plain_location(e.place), "onPath": e.id in on_path,
        }
        for e in graph.edges
    ]  # fmt: skip
    solver = [
        {
            "kind": s.kind, "root": s.root, "node": s.node, "edge": s.edge, "derefs": s.derefs,
            "addressOf": s.derefs < 0, "event": s.event,
        }
        for s in graph.solver
    ]  # fmt: skip
    return {
        "function": graph.function, "note": graph.note, "nodes": nodes, "edges": edges,
        "path": found.path, "solver": solver,
    }  # fmt: skip

"""goescape/flow and goescape/graph over the protocol; what they say is tested in unit/ide."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.editor import Editor, capabilities, project, request, serving
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = 'package w\n\nfunc f() *int {\n\t/* 😀 */ x := 1\n\treturn &x\n}\n\nvar s = "é"\n'

client = serving(lambda: lsp.InitializeParams(capabilities=capabilities()))


def position(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


async def test_flow_and_graph_are_at_the_clients_columns(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    x = position(3, 10)
    flow = await editor.ask("goescape/flow", position=x)
    assert (flow.title, flow.code) == ("moved to heap: x", "moved")
    first, last = flow.steps
    assert (first.text, first.why, first.flow, first.derefs) == ("&x", "address-of", "~r0 ← &x", -1)
    assert (last.text, first.decisive, last.decisive) == ("return &x", False, True)
    assert last.location.uri == editor.uri
    start, end = last.location.range.start, last.location.range.end
    assert [(p.line, p.character) for p in (start, end)] == [(4, 1), (4, 10)]

    graph = await editor.ask("goescape/graph", position=x)
    assert (graph.function, graph.note) == ("f", "")
    assert [(n.label, n.heap, n.escapes) for n in graph.nodes] == [
        ("{heap}", True, True), ("~r0", False, False), ("x", False, True),
    ]  # fmt: skip
    heap, result, moved = graph.nodes
    assert (heap.uri, heap.range) == (None, None)
    assert moved.range.start.character == 10 and moved.range.end.character == 11
    (edge,) = graph.edges
    assert (edge[1], edge.to) == (moved.id, result.id)  # `from`, which Python reserves
    assert edge.onPath and graph.path == [edge.id]
    assert [(s.event, s.addressOf) for s in graph.solver] == [
        ("walk from ~r0", False),
        ("the address of x reaches ~r0", True),
        ("x escapes to the heap", False),
    ]

    assert await editor.ask("goescape/flow", position=position(0, 0)) is None
    assert await editor.ask("goescape/graph", position=position(1, 0)) is None
    other = Editor(client, tmp_path / "other.go")
    assert await other.ask("goescape/graph", position=x) is None


async def test_parameters_that_make_no_sense_are_refused(client: LanguageClient) -> None:
    document = {"textDocument": {"uri": "file:///w.go"}}
    for params in (None, {}, document, document | {"position": position(-1, 0)}):
        for method in ("goescape/flow", "goescape/graph"):
            with pytest.raises(JsonRpcException, match="are needed"):
                await request(client, method, params)

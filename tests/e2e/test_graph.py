"""goescape/flow and goescape/graph over the protocol; what they say is tested in unit/ide."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient

WAIT = 60
MODULE = "module example.com/w\n\ngo 1.24\n"
TEXT = 'package w\n\nfunc f() *int {\n\t/* 😀 */ x := 1\n\treturn &x\n}\n\nvar s = "é"\n'


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig(server_command=[sys.executable, "-m", "goescape_server"])
)
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=lsp.ClientCapabilities(
                general=lsp.GeneralClientCapabilities(
                    position_encodings=[lsp.PositionEncodingKind.Utf16]
                )
            )
        )
    )
    yield
    await lsp_client.shutdown_session()


async def ask(client: LanguageClient, method: str, params: Any) -> Any:
    answer = client.protocol.send_request_async(method, params)  # type: ignore[no-untyped-call]
    return await asyncio.wait_for(answer, WAIT)


def at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
    }


async def test_flow_and_graph_are_at_the_clients_columns(
    client: LanguageClient, tmp_path: Path
) -> None:
    (tmp_path / "go.mod").write_text(MODULE)
    uri = (tmp_path / "w.go").as_uri()
    client.text_document_did_open(
        lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "go", 1, TEXT))
    )
    x = at(uri, 3, 10)
    flow = await ask(client, "goescape/flow", x)
    assert (flow.title, flow.code) == ("moved to heap: x", "moved")
    first, last = flow.steps
    assert (first.text, first.why, first.flow, first.derefs) == ("&x", "address-of", "~r0 ← &x", -1)
    assert (last.text, first.decisive, last.decisive) == ("return &x", False, True)
    assert last.location.uri == uri
    start, end = last.location.range.start, last.location.range.end
    assert [(p.line, p.character) for p in (start, end)] == [(4, 1), (4, 10)]

    graph = await ask(client, "goescape/graph", x)
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

    assert await ask(client, "goescape/flow", at(uri, 0, 0)) is None
    assert await ask(client, "goescape/graph", at(uri, 1, 0)) is None
    assert await ask(client, "goescape/graph", at(uri + "x", 3, 10)) is None


async def test_parameters_that_make_no_sense_are_refused(client: LanguageClient) -> None:
    for params in (None, {}, {"textDocument": {"uri": 3}}, at("file:///w.go", -1, 0)):
        for method in ("goescape/flow", "goescape/graph"):
            with pytest.raises(JsonRpcException, match="are needed"):
                await ask(client, method, params)

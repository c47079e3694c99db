"""The language server over the protocol: open, edit, hover, close, in every column encoding."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from harness.editor import CONFIG, WAIT, Editor, capabilities, project, spans
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

TEXT = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=CONFIG, params=["utf-16", "utf-8", "utf-32"], scope="module"
)
async def client(lsp_client: LanguageClient, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    result = await lsp_client.initialize_session(
        lsp.InitializeParams(capabilities=capabilities(request.param))
    )
    assert result.capabilities.position_encoding == request.param
    sync = result.capabilities.text_document_sync
    assert isinstance(sync, lsp.TextDocumentSyncOptions)
    assert sync.change == lsp.TextDocumentSyncKind.Incremental
    yield
    await lsp_client.shutdown_session()


async def test_findings_follow_unsaved_edits(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, project(tmp_path))
    found = await editor.published(lambda: editor.open(TEXT))
    assert spans(found) == [(3, 1, 2, "moved to heap: x")]
    (first,) = found
    assert (first.code, first.source) == ("moved", "goescape")
    assert first.severity == lsp.DiagnosticSeverity.Information
    assert first.message.split("\n")[1] == ("It is returned, so it must outlive the call. 8 bytes.")
    page = first.code_description
    assert page is not None and page.href.startswith("file:") and "/returned.md" in page.href
    related = first.related_information or []
    assert [(r.location.range.start.line, r.message) for r in related] == [
        (4, "~r0 ← &x: &x (address-of)"),
        (4, "return &x (return)"),
    ]
    assert {r.location.uri for r in related} == {editor.uri}

    # `return &x` becomes `return nil`: x stays on the stack.
    assert await editor.published(lambda: editor.edit((4, 8), (4, 10), "nil")) == []
    found = await editor.published(lambda: editor.edit((4, 8), (4, 11), "&x"))
    assert len(found) == 1
    # A broken text is no reason to fall silent for ever.
    await editor.published(lambda: editor.edit((5, 0), (5, 1), ""))
    found = await editor.published(lambda: editor.edit((5, 0), (5, 0), "}"))
    assert spans(found) == [(3, 1, 2, "moved to heap: x")]


async def test_columns_count_in_the_clients_units(
    client: LanguageClient, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    editor = Editor(client, project(tmp_path))
    # Behind a character outside the BMP, with line ends that only pygls would see.
    text = "package w // \u2028 \f \x85\n\nfunc f() *int { /* é😀 */ x := 1; return &x }\n"
    found = await editor.published(lambda: editor.open(text))
    encoding = found[0].range.start.character
    before = "func f() *int { /* é😀 */ "
    units = {len(before.encode("utf-8")), len(before), len(before.encode("utf-16-le")) // 2}
    assert len(units) == 3 and encoding in units
    name = request.node.callspec.params["client"]
    width = {"utf-8": len(before.encode()), "utf-32": len(before)}.get(
        name, len(before.encode("utf-16-le")) // 2
    )
    assert spans(found) == [(2, width, width + 1, "moved to heap: x")]
    assert (
        await editor.published(lambda: editor.edit((2, width + 16), (2, width + 18), "nil")) == []
    )


async def test_closing_takes_the_findings_away(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, project(tmp_path))
    assert await editor.published(lambda: editor.open(TEXT))
    wait = client.protocol.wait_for_notification_async(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    client.text_document_did_close(
        lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(editor.uri))
    )
    seen = await asyncio.wait_for(wait, WAIT)
    assert seen.uri == editor.uri and list(seen.diagnostics) == []

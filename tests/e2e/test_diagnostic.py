"""textDocument/diagnostic, workspace/diagnostic and workspace/diagnostic/refresh."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from harness.editor import WAIT, Editor, capabilities, project, serving, spans
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"
CALLER = "package w\n\nfunc g() {\n\ty := 1\n\tkeep(&y)\n}\n"
CALLEE = "package w\n\nvar sink *int\n\nfunc keep(p *int) { sink = p }\n"

client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(
            pull=True, diagnostics=lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        )
    )
)


async def test_what_is_unchanged_is_not_sent_again(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    first = await editor.pull()
    assert isinstance(first, lsp.RelatedFullDocumentDiagnosticReport)
    assert spans(list(first.items)) == [(3, 1, 2, "moved to heap: x")]
    again = await editor.pull(first.result_id)
    assert isinstance(again, lsp.RelatedUnchangedDocumentDiagnosticReport)
    assert again.result_id == first.result_id
    editor.edit((5, 1), (5, 1), "\n// Nothing new.")
    assert isinstance(
        await editor.pull(first.result_id), lsp.RelatedUnchangedDocumentDiagnosticReport
    )
    # A line above: the same finding, elsewhere.
    editor.edit((1, 0), (1, 0), "\n")
    moved = await editor.pull(first.result_id)
    assert isinstance(moved, lsp.RelatedFullDocumentDiagnosticReport)
    assert spans(list(moved.items)) == [(4, 1, 2, "moved to heap: x")]
    # Nobody is told by other means.
    assert editor.uri not in client.diagnostics


async def test_an_answer_is_for_the_text_that_the_client_sees(
    client: LanguageClient, tmp_path: Path
) -> None:
    """Requests and edits without a pause: each request that is answered is answered for its text."""
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    await editor.pull()
    asked = []
    for n in range(1, 30):
        editor.edit((1, 0), (1, 0), "\n")
        report = client.text_document_diagnostic(lsp.DocumentDiagnosticParams(editor.id))
        asked.append((n, asyncio.wrap_future(report)))
    done = await asyncio.gather(*(answer for _, answer in asked), return_exceptions=True)
    for (n, _), answer in zip(asked, done, strict=True):
        if isinstance(answer, BaseException):
            # Clients take "content modified" for an empty list; this has them ask again.
            assert isinstance(answer, JsonRpcException) and answer.code == -32802
            assert answer.data == {"retriggerRequest": True}
        else:
            assert isinstance(answer, lsp.RelatedFullDocumentDiagnosticReport)
            assert answer.items[0].range.start.line == 3 + n
    assert not isinstance(done[-1], BaseException)


async def test_other_files_are_asked_for_again_when_their_findings_change(
    client: LanguageClient, tmp_path: Path
) -> None:
    caller = Editor(client, project(tmp_path, w=CALLER, v=CALLEE))
    callee = Editor(client, tmp_path / "v.go")
    caller.open(CALLER)
    callee.open(CALLEE)
    assert spans(await caller.findings()) == [(3, 1, 2, "moved to heap: y")]
    await callee.findings()
    before = client.diagnostic_refresh_count
    # Of no consequence for the caller.
    callee.edit((4, 0), (4, 0), "// Comment.\n")
    await callee.findings()
    await caller.findings()
    assert client.diagnostic_refresh_count == before
    callee.edit((5, 20), (5, 28), "")
    await callee.findings()
    async with asyncio.timeout(WAIT):
        while client.diagnostic_refresh_count == before:
            await asyncio.sleep(0.1)  # What is asked again is asked for a little later.
    assert client.diagnostic_refresh_count == before + 1
    assert await caller.findings() == []
    for editor in (caller, callee):
        editor.close()


async def workspace(
    client: LanguageClient, known: list[lsp.PreviousResultId]
) -> dict[str, lsp.WorkspaceDocumentDiagnosticReport]:
    params = lsp.WorkspaceDiagnosticParams(known)
    answer = await asyncio.wait_for(client.workspace_diagnostic_async(params), WAIT)
    return {item.uri: item for item in answer.items}


async def test_the_workspace_report_covers_the_packages_that_are_open(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path, w=CALLER, v=TEXT + CALLEE[10:]))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "o.go").write_text(TEXT)
    editor.open(CALLER)
    all_of_it = await workspace(client, [])
    beside = (tmp_path / "v.go").as_uri()
    w, v = all_of_it[editor.uri], all_of_it[beside]
    assert isinstance(w, lsp.WorkspaceFullDocumentDiagnosticReport)
    assert isinstance(v, lsp.WorkspaceFullDocumentDiagnosticReport)
    assert (3, 1, 2, "moved to heap: y") in spans(list(w.items))
    assert (3, 1, 2, "moved to heap: x") in spans(list(v.items))
    assert (w.version, v.version) == (1, None)
    assert not any(uri.endswith("o.go") for uri in all_of_it)
    known = [lsp.PreviousResultId(item.uri, item.result_id or "") for item in all_of_it.values()]
    # Nothing is new: the request is held until something is.
    held = asyncio.ensure_future(workspace(client, known))
    await editor.findings()
    assert not held.done()
    editor.replace("package w\n")
    changed = await held
    assert {item.kind for item in changed.values()} == {"full", "unchanged"}
    w = changed[editor.uri]
    assert isinstance(w, lsp.WorkspaceFullDocumentDiagnosticReport) and not w.items


async def test_other_documents_are_left_alone(client: LanguageClient, tmp_path: Path) -> None:
    for uri, language in (
        ("untitled:Untitled-1", "go"),
        ("git:/w/w.go?ref", "go"),
        ((tmp_path / "notes.txt").as_uri(), "plaintext"),
    ):
        editor = Editor(client, uri)
        editor.open("package w\n", language)
        editor.edit((0, 0), (0, 0), "// x\n")
        assert await editor.findings() == []
        assert await editor.hover(0, 0) is None
        editor.close()
    assert await Editor(client, tmp_path / "closed.go").findings() == []

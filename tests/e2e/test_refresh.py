"""workspace/inlayHint/refresh and workspace/codeLens/refresh: hints and lenses of an unchanged text."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from harness.editor import WAIT, Editor, capabilities, project, serving
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER = "package w\n\nfunc g() {\n\ty := 1\n\tkeep(&y)\n}\n"
CALLEE = "package w\n\nvar sink *int\n\nfunc keep(p *int) { sink = p }\n"
METHODS = (lsp.WORKSPACE_INLAY_HINT_REFRESH, lsp.WORKSPACE_CODE_LENS_REFRESH)

asked: asyncio.Queue[str] = asyncio.Queue()


def prepare(client: LanguageClient) -> None:
    for method in METHODS:
        client.feature(method)(lambda *_, method=method: asked.put_nowait(method))


client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(
            inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
            code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
        ),
        initialization_options={"inlayHints": "minimal"},
    ),
    prepare,
)


async def labels(editor: Editor) -> list[str]:
    span = lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    answer = editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(editor.id, span))
    return [str(h.label) for h in await asyncio.wait_for(answer, WAIT) or []]


async def refreshed() -> set[str]:
    async with asyncio.timeout(WAIT):
        return {await asked.get(), await asked.get()}


async def test_what_changes_beside_the_text_is_asked_for_again(
    client: LanguageClient, tmp_path: Path
) -> None:
    caller = Editor(client, project(tmp_path, w=CALLER, v=CALLEE))
    callee = Editor(client, tmp_path / "v.go")
    caller.open(CALLER)
    callee.open(CALLEE)
    assert await labels(caller) == ["heap"]
    await labels(callee)
    # Of no consequence for the caller, and what an edit does to its own file is asked for anyway.
    callee.edit((4, 0), (4, 0), "// Comment.\n")
    await labels(callee)
    await labels(caller)
    assert asked.empty()
    callee.edit((5, 20), (5, 28), "")
    assert await refreshed() == set(METHODS)
    assert await labels(caller) == []

    settings = {"goescape": {"inlayHints": "off"}}
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings))
    assert await refreshed() == set(METHODS)
    assert await labels(callee) == []

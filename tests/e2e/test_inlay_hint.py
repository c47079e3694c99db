"""textDocument/inlayHint: off, minimal, all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from harness.editor import WAIT, Editor, capabilities, project, serving
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(), initialization_options={"inlayHints": "all"}
    )
)

TEXT = """package w

func f(p *int, n int) (*int, int) {
	x := n
	y := &struct{ a int }{n}
	s := make([]int, n)
	return &x, y.a + len(s) + *p
}
"""


async def hints(editor: Editor, start: int = 0, end: int = 9) -> list[tuple[int, int, str]]:
    params = lsp.InlayHintParams(editor.id, lsp.Range(lsp.Position(start, 0), lsp.Position(end, 0)))
    answer = editor.client.text_document_inlay_hint_async(params)
    found = await asyncio.wait_for(answer, WAIT)
    return [(h.position.line, h.position.character, str(h.label)) for h in found or []]


async def test_hints_stand_behind_allocations_and_parameters(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    assert await hints(editor) == [
        (2, 8, "stays"),
        (3, 2, "heap"),
        (4, 25, "stack"),
        (5, 20, "heap over 4 elements"),
    ]
    assert await hints(editor, 3, 4) == [(3, 2, "heap")]

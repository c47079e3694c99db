"""textDocument/codeLens: a line above each function.

A lens shows the findings of its function, in clients that have the command `goescape.showFindings`
(arguments: the document, and the position of the function's name); elsewhere it is a line to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.code_lens import code_lenses
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import Priority

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

SHOW_FINDINGS = "goescape.showFindings"


def register(server: Server) -> None:
    @server.on(lsp.TEXT_DOCUMENT_CODE_LENS, lsp.CodeLensOptions(resolve_provider=False))
    async def code_lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens] | None:
        uri = params.text_document.uri
        view = await server.view(uri, Priority.VISIBLE)
        if view is None or view.text is None or not view.is_reported:
            return None
        if not server.settings.code_lens:
            return None
        has_command = SHOW_FINDINGS in server.client.commands
        out = []
        for lens in code_lenses(view.answer.functions):
            span = view.convert.range(lens.start, lens.end)
            position = {"line": span.start.line, "character": span.start.character}
            command = lsp.Command(lens.title, "")
            if has_command:
                command = lsp.Command(lens.title, SHOW_FINDINGS, arguments=[uri, position])
            out.append(lsp.CodeLens(range=span, command=command))
        return out

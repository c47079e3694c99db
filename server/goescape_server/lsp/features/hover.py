"""textDocument/hover: what is found under the cursor, with its flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.hover import hover
from lsprotocol import types as lsp

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.TEXT_DOCUMENT_HOVER)
    async def hover_(params: lsp.HoverParams) -> lsp.Hover | None:
        view = await server.view(params.text_document.uri)
        if view is None or view.text is None:
            return None
        convert = view.convert
        found = hover(
            view.answer.findings, view.text, convert.offset(params.position), convert.link
        )
        return convert.hover(found) if found is not None else None

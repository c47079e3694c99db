"""textDocument/inlayHint: where allocations live, and what becomes of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.inlay_hints import inlay_hints
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import Priority

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def inlay_hint(params: lsp.InlayHintParams) -> list[lsp.InlayHint] | None:
        view = await server.view(params.text_document.uri, Priority.VISIBLE)
        level = server.settings.inlay_hints  # Only now: settings are known when there is a view.
        if view is None or view.text is None or not view.is_reported:
            return None
        convert, answer = view.convert, view.answer
        found = inlay_hints(
            answer.findings, answer.functions, view.text, level,
            convert.offset(params.range.start), convert.offset(params.range.end),
        )  # fmt: skip
        return [
            lsp.InlayHint(
                position=convert.range(h.offset, h.offset).start,
                label=h.label,
                tooltip=h.tooltip,
                padding_left=True,
            )
            for h in found
        ]

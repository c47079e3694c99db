"""textDocument/hover: what is found under the cursor, and the function that is named there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.hover import Links, hover
from goescape.workspace.session import Session
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import IsCancelled

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.TEXT_DOCUMENT_HOVER)
    async def hover_(params: lsp.HoverParams) -> lsp.Hover | None:
        uri = params.text_document.uri
        view = await server.view(uri)
        document = server.documents.get(uri)
        if view is None or view.text is None or document is None:
            return None
        path, text, convert, answer = document.path, view.text, view.convert, view.answer
        offset = convert.offset(params.position)

        def work(session: Session, _is_cancelled: IsCancelled) -> lsp.Hover | None:
            links = Links(convert.link, convert.rule_link)
            found = hover(answer, text, offset, links, session.contract(path, offset))
            return convert.hover(found) if found is not None else None

        return await server.ask(f"hover {path} {offset}", document, work)

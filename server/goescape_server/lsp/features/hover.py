"""textDocument/hover: what is found under the cursor, and the function that is named there.

Which call would have to be inlined for a value to stay on the stack takes longer to find out than a
hover may take: a hover tells it if that is known, and else has it found out, for the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.hover import Links, hover
from goescape.report.finding import Finding, InlineRemedy
from goescape.workspace.session import Session
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import IsCancelled, Priority

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
        offset, is_plain = convert.offset(params.position), server.client.prefers_plain_text

        def work(session: Session, _is_cancelled: IsCancelled) -> lsp.Hover | None:
            def remedy(finding: Finding) -> InlineRemedy | None:
                is_known, found = session.known_remedy(path, finding)
                if not is_known:
                    unknown.append(finding)
                return found

            links = Links(convert.link, convert.rule_link)
            contract = session.contract(path, offset)
            found = hover(answer, text, offset, links, contract, remedy)
            return convert.hover(found, is_plain) if found is not None else None

        def look_ahead(session: Session, is_cancelled: IsCancelled) -> None:
            for finding in unknown:
                session.remedy(path, finding, is_cancelled)

        unknown: list[Finding] = []
        shown = await server.ask(f"hover {path} {offset}", document, work)
        if unknown:
            server.analyst.ask(f"remedies {path} {offset}", look_ahead, Priority.BACKGROUND)
        return shown

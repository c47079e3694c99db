"""goescape/flow: the way of the value under the cursor, to be walked step by step.

Parameters: `{textDocument, position}`. Result: null, or `{title, code, steps: [{text, why, flow, derefs,
decisive, location}]}` with the steps from the value to where it is lost; `flow` stands at the first
step of each edge, `location` is null for what is in no file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ide.flow import Flow, flow
from goescape.workspace.session import Session

from goescape_server.lsp.analyst import IsCancelled
from goescape_server.lsp.from_lsp import position_params
from goescape_server.lsp.to_lsp import Converter

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

METHOD = "goescape/flow"


def register(server: Server) -> None:
    @server.on(METHOD)
    async def flow_(params: Any) -> dict[str, Any] | None:
        at = position_params(params)
        view = await server.view(at.text_document.uri)
        document = server.documents.get(at.text_document.uri)
        if view is None or view.text is None or document is None:
            return None
        found = flow(view.answer, view.text, view.convert.offset(at.position))
        if found is None:
            return None
        # Steps may lie in other files, which only the analysis thread may read.
        convert, value = view.convert, found

        def work(_session: Session, _is_cancelled: IsCancelled) -> dict[str, Any]:
            return _plain(value, convert)

        return await server.ask(f"{METHOD} {document.path} {at.position}", document, work)


def _plain(found: Flow, convert: Converter) -> dict[str, Any]:
    steps = [
        {
            "text": s.text, "why": s.why, "flow": s.flow, "derefs": s.derefs, "decisive": s.decisive,
            "location": convert.plain_location(s.place),
        }
        for s in found.steps
    ]  # fmt: skip
    return {"title": found.title, "code": found.code, "steps": steps}

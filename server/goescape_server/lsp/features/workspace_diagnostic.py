"""workspace/diagnostic: the findings of every file in the packages that somebody has open.

A workspace may have a thousand packages, and nobody looks at most of them: those are not analysed.
A request that would only repeat what the client has is held until something is different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.workspace.session import Session
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import IsCancelled, Priority
from goescape_server.lsp.publishing import report

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(params: lsp.WorkspaceDiagnosticParams) -> dict[str, Any]:
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        while True:
            change = server.publisher.next_change()
            items = await _reports(server, known)
            if not known or any(item["kind"] == "full" for item in items):
                return {"items": items}
            await change


async def _reports(server: Server, known: dict[str, str]) -> list[dict[str, Any]]:
    documents = server.documents
    opened = {d.path: d for d in documents if documents.at(d.path) is d}
    presenter = server.presenter

    def work(session: Session, is_cancelled: IsCancelled) -> list[dict[str, Any]]:
        items = []
        generation = server.analyst.generation
        paths = dict.fromkeys(p for path in opened for p in session.files_beside(path))
        for path in paths:
            view = presenter.view(
                session, session.check(path, is_cancelled, recall=True), generation
            )
            document = opened.get(path)
            uri = documents.uri_of(path) or ""
            item = report(view, known.pop(uri, None))
            items.append({**item, "uri": uri, "version": document.version if document else None})
        return items

    known = dict(known)
    versions = [document.version for document in opened.values()]
    items: list[dict[str, Any]] = []
    if opened:
        name = f"workspace {versions} {sorted(known.items())}"
        items = await server.analyst.ask(name, work, Priority.BACKGROUND)
    gone: list[dict[str, Any]] = [
        {"kind": "full", "uri": uri, "version": None, "items": []} for uri in known
    ]
    return items + gone

"""goescape/status and goescape/didChangeStatus: what a status bar shows of a file.

Parameters: `{textDocument}`. Result: `{goVersion, release, inline, busy, heap, leaks, target}`, null for a
document that is not analysed. The notification has `uri` besides, and comes when that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

METHOD = "goescape/status"


def register(server: Server) -> None:
    @server.on(METHOD)
    async def status(params: Any) -> dict[str, Any] | None:
        uri = getattr(getattr(params, "textDocument", None), "uri", None)
        if not isinstance(uri, str):
            raise JsonRpcInvalidParams("textDocument.uri is needed")
        document = server.documents.get(uri)
        return server.publisher.status(document) if document is not None else None

"""textDocument/diagnostic: the findings of a file, for clients that pull them.

When the text changes meanwhile, the request is given up, to be asked again: clients take "content modified"
for an empty list, and would clear what they show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified

from goescape_server.lsp.analyst import Priority
from goescape_server.lsp.protocol import ServerCancelled

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        lsp.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=True, identifier="goescape"
        ),
    )
    async def diagnostic(params: lsp.DocumentDiagnosticParams) -> dict[str, Any]:
        uri = params.text_document.uri
        try:
            view = await server.view(uri, Priority.VISIBLE)
        except JsonRpcContentModified as e:
            raise ServerCancelled(e.message) from e
        document = server.documents.get(uri)
        if view is None or document is None:
            return {"kind": "full", "items": []}
        return server.publisher.pulled(document, view, params.previous_result_id)

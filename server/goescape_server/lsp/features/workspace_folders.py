"""workspace/didChangeWorkspaceFolders: what belongs to the workspace, and may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def did_change_workspace_folders(_params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        server.folders_changed()

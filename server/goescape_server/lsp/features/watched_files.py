"""workspace/didChangeWatchedFiles and textDocument/didSave: files that somebody else changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from goescape_server.lsp.from_lsp import to_path

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

PATTERNS = ("**/*.go", "**/go.mod", "**/go.work", "**/vendor/modules.txt")


def registration() -> lsp.Registration:
    """What to ask the client to watch."""
    watchers = [lsp.FileSystemWatcher(glob_pattern=pattern) for pattern in PATTERNS]
    return lsp.Registration(
        id="goescape-files",
        method=lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
    )


def register(server: Server) -> None:
    @server.on(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        _changed([event.uri for event in params.changes])

    @server.on(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(params: lsp.DidSaveTextDocumentParams) -> None:
        if not server.client.registers_watchers:
            _changed([params.text_document.uri])

    def _changed(changed: list[str]) -> None:
        server.changed_on_disk([path for uri in changed if (path := to_path(uri))])

"""workspace/didChangeWatchedFiles and textDocument/didSave: files that somebody else changed.

Of a directory that goes, clients may tell without naming the files in it: they are asked for whatever is
removed. Clients that watch nothing are not waited for: when one saves a file, the disk is looked at.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from goescape.load.loader import MODULE_FILES
from goescape.load.seen import MATTERS
from lsprotocol import types as lsp

from goescape_server.lsp.from_lsp import to_path

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

PATTERNS = ("**/*.go", "**/*.s", "**/go.mod", "**/go.work", "**/vendor/modules.txt")
ANYTHING = "**/*"


def registration() -> lsp.Registration:
    """What to ask the client to watch."""
    watchers = [lsp.FileSystemWatcher(glob_pattern=pattern) for pattern in PATTERNS]
    watchers.append(lsp.FileSystemWatcher(glob_pattern=ANYTHING, kind=lsp.WatchKind.Delete))
    return lsp.Registration(
        id="goescape-files",
        method=lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
    )


def register(server: Server) -> None:
    @server.on(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(params: lsp.DidChangeWatchedFilesParams) -> None:
        roots = server.roots
        paths = [path for event in params.changes if (path := to_path(event.uri))]
        server.changed_on_disk([path for path in paths if _may_matter(path, roots)])

    @server.on(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(_params: lsp.DidSaveTextDocumentParams) -> None:
        if not server.client.registers_watchers:
            server.look_at_disk()


def _may_matter(path: str, roots: list[str]) -> bool:
    """Whether it is a file of a package or of a module, or may have been a directory of them. What tools keep
    for themselves comes and goes all the time, and is not searched for packages."""
    if path.endswith(MATTERS) or os.path.basename(path) in MODULE_FILES:
        return True
    inside = next((path[len(r) :] for r in roots if path.startswith(os.path.join(r, ""))), "")
    return not any(part.startswith(".") for part in inside.split(os.sep))

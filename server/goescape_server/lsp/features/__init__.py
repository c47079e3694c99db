"""One file per method of the protocol, named for it.

Each has a function `register(server)` that puts its handlers in place with `server.on(method)`. A
handler is short: parameters to an offset, ask `ide` about the view of the document, the result to
the protocol. Exceptions become replies in `protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape_server.lsp.features import (
    code_action,
    code_lens,
    configuration,
    diagnostic,
    execute_command,
    flow,
    graph,
    hover,
    inlay_hint,
    lifecycle,
    status,
    watched_files,
    work_done_progress,
    workspace_diagnostic,
    workspace_folders,
)

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

FEATURES = (
    lifecycle, configuration, watched_files, workspace_folders, work_done_progress, diagnostic,
    workspace_diagnostic, hover, inlay_hint, code_lens, code_action, execute_command, status,
    flow, graph,
)  # fmt: skip


def register(server: Server) -> None:
    """Put every feature in place."""
    for feature in FEATURES:
        feature.register(server)

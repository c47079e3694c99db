"""window/workDoneProgress/cancel: whoever does not want to wait need not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    @server.on(lsp.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    async def cancel(params: lsp.WorkDoneProgressCancelParams) -> None:
        server.publisher.cancel(params.token)

"""Work-done progress of a cold start: which packages are read for the first time, and how many there are.

It shows only when that takes longer than a moment, and only in clients that can. Whoever cancels it
gives up the checks under way; the next change asks for them again.

Source: Language Server Protocol 3.17, "Work Done Progress".
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

DELAY_SECONDS = 0.5
REPORT_SECONDS = 0.1
TITLE = "goescape: reading packages"

_log = logging.getLogger("goescape.lsp")


class ColdStart:
    """See the module. On the event loop's thread, but for `told`."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._token: str | None = None
        self._last = 0.0
        self._now = (0, 0, "")

    def told(self, done: int, total: int, package: str) -> None:
        """From the analysis thread: `package` is read now, the one numbered `done` of `total`."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._show, done, total, package)

    def end(self) -> None:
        """Everything is known."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._token is not None:
            token, self._token = self._token, None
            self._server.work_done_progress.end(token, lsp.WorkDoneProgressEnd())

    def is_shown_as(self, token: int | str) -> bool:
        """Whether this is what the client shows under `token`."""
        return token == self._token

    def _show(self, done: int, total: int, package: str) -> None:
        self._now = done, total, package
        if self._token is not None:
            if time.monotonic() - self._last >= REPORT_SECONDS:
                self._last = time.monotonic()
                message, percentage = self._text()
                self._server.work_done_progress.report(
                    self._token,
                    lsp.WorkDoneProgressReport(
                        message=message, percentage=percentage, cancellable=True
                    ),
                )
        elif self._timer is None and self._server.client.shows_progress:
            self._timer = self._loop.call_later(
                DELAY_SECONDS, lambda: self._server.start(self._begin())
            )

    async def _begin(self) -> None:
        timer = self._timer
        token = str(uuid.uuid4())
        try:
            await self._server.work_done_progress.create_async(token)
        except JsonRpcException as e:
            _log.info("the client shows no progress: %s", e)
            return
        if self._timer is None or self._timer is not timer:
            return  # It was over before it could be shown.
        self._timer, self._token = None, token
        message, percentage = self._text()
        self._server.work_done_progress.begin(
            token,
            lsp.WorkDoneProgressBegin(
                TITLE, cancellable=True, message=message, percentage=percentage
            ),
        )

    def _text(self) -> tuple[str, int]:
        done, total, package = self._now
        return f"{done} of {total}: {package}", min(done * 100 // max(total, 1), 100)

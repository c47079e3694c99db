"""What the analysis has to say of itself, in the client's log.

Warnings of every room (a store that cannot be used, a bug) become `window/logMessage`, from whatever
thread they come.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from lsprotocol import types as lsp

_TYPES = ((logging.ERROR, lsp.MessageType.Error), (logging.WARNING, lsp.MessageType.Warning))


class ClientLog(logging.Handler):
    """Sends records to `tell`, on the thread of `loop`."""

    def __init__(
        self, tell: Callable[[str, lsp.MessageType], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._loop = loop
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        kind = next((t for level, t in _TYPES if record.levelno >= level), lsp.MessageType.Info)
        text = self.format(record)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, text, kind)

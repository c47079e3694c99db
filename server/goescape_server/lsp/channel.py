"""The ways to a client other than standard input and output: it connects, or is connected to.

Editors that start a server with `--socket=PORT` or `--pipe=FILE` listen there themselves; a server that is
to wait for a client is told so with `--tcp`.

Invariants
  - one client, and no other one after it;
  - what keeps the two from meeting is an `OSError`.

Source: Language Server Protocol 3.17, "Implementation Considerations".
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from goescape_server.lsp.protocol import LONGEST_HEADER

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for a client; where is said on standard error. Port 0 is any."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"cannot listen on {self.host}:{self.port}"

    async def open(self) -> Streams:
        connected: asyncio.Future[Streams] = asyncio.get_running_loop().create_future()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        listening = await asyncio.start_server(connect, self.host, self.port, limit=LONGEST_HEADER)
        at = listening.sockets[0].getsockname()
        print(f"listening on {at[0]}:{at[1]}", file=sys.stderr, flush=True)
        streams = await connected
        listening.close()
        return streams


@dataclass(frozen=True, slots=True)
class Connect:
    """Go to a client that listens on a port of this machine, or on a socket in the file system (on
    Windows: a named pipe)."""

    to: int | str

    def __str__(self) -> str:
        return f"cannot connect to {self.to if isinstance(self.to, str) else f'port {self.to}'}"

    async def open(self) -> Streams:
        if isinstance(self.to, int):
            return await asyncio.open_connection("127.0.0.1", self.to, limit=LONGEST_HEADER)
        if sys.platform == "win32":
            return await _named_pipe(self.to)
        return await asyncio.open_unix_connection(self.to, limit=LONGEST_HEADER)


async def _named_pipe(name: str) -> Streams:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LONGEST_HEADER, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_pipe_connection(lambda: protocol, name)  # type: ignore[attr-defined]
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

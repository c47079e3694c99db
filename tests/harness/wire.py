"""A language server as a process, and its messages as they are written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

WAIT = 150
COMMAND = [sys.executable, "-m", "goescape_server"]
CAPABILITIES: dict[str, Any] = {"capabilities": {}, "processId": None, "rootUri": None}


class Wire:
    """Messages to and from a server, as they are written."""

    def __init__(self, out: Any, back: Any) -> None:
        self.out, self.back = out, back
        self.n = 0

    def raw(self, body: bytes, header: bytes = b"") -> None:
        self.out.write(header or b"Content-Length: %d\r\n\r\n" % len(body))
        self.out.write(body)
        self.out.flush()

    def send(self, method: str, params: Any = None, **more: Any) -> None:
        message = {"jsonrpc": "2.0", "method": method, **more}
        self.raw(json.dumps(message if params is None else {**message, "params": params}).encode())

    def ask(self, method: str, params: Any = None) -> dict[str, Any]:
        """The response to a request; what comes before it is passed over."""
        self.n += 1
        self.send(method, params, id=self.n)
        return self.next(lambda m: m.get("id") == self.n and "method" not in m)

    def reply(self, request: Any, result: Any) -> None:
        """Answer a request of the server."""
        self.raw(json.dumps({"jsonrpc": "2.0", "id": request, "result": result}).encode())

    def refuse(self, request: Any) -> None:
        """Answer a request of the server with an error."""
        error = {"code": -32603, "message": "I will not"}
        self.raw(json.dumps({"jsonrpc": "2.0", "id": request, "error": error}).encode())

    def next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            length = 0
            while (line := self.back.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name == b"Content-Length" else length
            assert line, "the server has ended"
            message: dict[str, Any] = msgspec.json.decode(self.back.read(length))
            if wanted(message):
                return message

    def notification(self, method: str) -> Any:
        return self.next(lambda m: m.get("method") == method)["params"]

    def initialize(self, **params: Any) -> dict[str, Any]:
        answer = self.ask("initialize", {**CAPABILITIES, **params})
        self.send("initialized", {})
        return answer


@contextmanager
def running(wait: float = WAIT, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server, which is killed when it takes for ever."""
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **variables}
    )
    watchdog = threading.Timer(wait, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def open_document(wire: Wire, path: Path, text: str) -> None:
    item = {"uri": path.as_uri(), "languageId": "go", "version": 1, "text": text}
    wire.send("textDocument/didOpen", {"textDocument": item})

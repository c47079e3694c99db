"""The wire: messages in, messages out, and what JSON-RPC and the life of a server ask for.

pygls gives the registry of handlers, the types and the cancellation of running requests. Here is
what it leaves to be wished: documents are kept as bytes (`documents`), messages are encoded by
msgspec, and every request gets an answer, however broken it is.

Values on the way out are lsprotocol objects (or lists of them), or plain data: dicts, lists, text,
numbers and `msgspec.Raw`, which is JSON already. Plain data is what is sent often and in bulk: a
file's diagnostics cost nothing to send again when only one of them changed.

Invariants
  - every request is answered: bad parameters, an unknown method, a call before `initialize` or
    after `shutdown` each by its error code;
  - a message that makes no sense is logged, and the next one is read;
  - `exit` and the end of the input end the server; the exit code is 0 after `shutdown`, else 1.

Source: Language Server Protocol 3.17, "Base Protocol", "Lifecycle Messages"; JSON-RPC 2.0.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

_log = logging.getLogger("goescape.lsp")

CHUNK = 1 << 16
LONGEST_HEADER = 1 << 14


class ServerCancelled(JsonRpcException):
    """An answer that the server gave up. A client that pulls diagnostics asks again, and keeps what it
    has until then."""

    CODE = lsp.LSPErrorCodes.ServerCancelled.value

    def __init__(self, message: str) -> None:
        super().__init__(message, data={"retriggerRequest": True})


class Protocol(LanguageServerProtocol):
    """See the module."""

    _server: Server

    # -- out

    def _send_data(self, data: Any) -> None:
        if self.writer is None:
            return
        message = {"jsonrpc": self.VERSION}
        for name in ("id", "method", "params", "result", "error"):
            if hasattr(data, name):
                value = getattr(data, name)
                if value is not None or name in ("id", "result"):
                    message[name] = self.plain(value)
        body = msgspec.json.encode(message)
        try:
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        except (OSError, ValueError) as e:
            _log.info("the client does not listen any more: %s", e)
            self._server.stop()

    def plain(self, value: Any) -> Any:
        """`value` as data that msgspec encodes. Dicts are plain already."""
        if isinstance(value, (list, tuple)):
            return [self.plain(v) for v in value]
        return self._converter.unstructure(value) if hasattr(value, "__attrs_attrs__") else value

    def fail(self, msg_id: Any, error: JsonRpcException) -> None:
        """Answer a request with an error."""
        self._send_response(msg_id, error=error.to_response_error())

    # -- in

    def receive(self, body: bytes) -> None:
        """Handle one message."""
        try:
            data = _decode(body)
        except ValueError as e:
            _log.warning("a message is not JSON: %s", e)
            self.fail(None, JsonRpcParseError("the message is not JSON"))
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self.fail(None, JsonRpcInvalidRequest("the message is not JSON-RPC 2.0"))
            return
        msg_id, method = data.get("id"), data.get("method")
        is_request = "method" in data and "id" in data
        if "method" in data and not (
            isinstance(method, str) and (_is_id(msg_id) or not is_request)
        ):
            problem = JsonRpcInvalidRequest(
                "a method is a string, and an id a string or an integer"
            )
            self.fail(msg_id if _is_id(msg_id) else None, problem)
            return
        refusal = self._refusal(method, is_request) if method is not None else None
        if refusal is not None:
            if is_request:
                self.fail(msg_id, refusal)
            return
        if method is not None and self.get_message_type(method) is None:
            data.setdefault("params", None)  # pygls wants them where it knows no type.
        try:
            message = self.structure_message(data)
        except JsonRpcException:
            _log.warning("the parameters of %s make no sense", method)
            if is_request:
                self.fail(msg_id, JsonRpcInvalidParams(f"the parameters of {method} make no sense"))
            return
        self.handle_message(message)

    def _refusal(self, method: str, is_request: bool) -> JsonRpcException | None:
        """Why a call of `method` is not in order, whatever its parameters are."""
        if method == lsp.EXIT:
            return None
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if self._workspace is None and method != lsp.INITIALIZE:
            return JsonRpcServerNotInitialized("initialize comes first")
        if self._workspace is not None and method == lsp.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already")
        if is_request and method not in {**self.fm.features, **self.fm.builtin_features}:
            return JsonRpcMethodNotFound(f"there is no method {method}")
        return None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Handle messages until the input ends or the server is stopped."""
        while not self._server.is_stopped:
            body = await read_message(reader)
            if body is None:
                return
            self.receive(body)
            # A handler starts before the next message is taken: it sees the text it was meant for.
            await asyncio.sleep(0)

    # -- the one place where exceptions of handlers end

    def _send_handler_result(self, future: Future[Any], *, msg_id: Any) -> None:
        self._request_futures.pop(msg_id, None)
        error = JsonRpcRequestCancelled() if future.cancelled() else future.exception()
        if error is None:
            self._send_response(msg_id, result=future.result())
            return
        if not isinstance(error, JsonRpcException):
            _log.error("a request failed", exc_info=error)
            error = JsonRpcInternalError(f"goescape: {type(error).__name__}: {error}")
        self.fail(msg_id, error)

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            _log.error("a notification could not be handled", exc_info=error)
            self._server.log(f"{type(error).__name__}: {error}", lsp.MessageType.Error)

    # -- what pygls handles in another way

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> None:
        self._server.opened(params)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> None:
        self._server.changed(params)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> None:
        self._server.closed(params)

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *args: Any) -> None:  # type: ignore[override]  # it need not yield
        self._server.stop(0 if self._shutdown else 1)


def _is_id(value: Any) -> bool:
    """Whether a request may have this id."""
    return type(value) in (int, str)


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return json.loads(body)  # It bears halves of surrogate pairs; what else is wrong, it says.


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next message; None when the input has ended. Headers that make no sense are
    passed over."""
    length = -1
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except asyncio.LimitOverrunError as e:
            await reader.readexactly(e.consumed)
            continue
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            length = int(text) if text.isdigit() else -1
        elif not line.strip() and length >= 0:
            try:
                return await reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None


def standard_input(loop: asyncio.AbstractEventLoop) -> asyncio.StreamReader:
    """Standard input as a stream, read by a thread of its own (pipes and files alike)."""
    reader = asyncio.StreamReader(limit=LONGEST_HEADER)
    descriptor = sys.stdin.fileno()

    def read() -> None:
        try:
            while chunk := os.read(descriptor, CHUNK):
                loop.call_soon_threadsafe(reader.feed_data, chunk)
            loop.call_soon_threadsafe(reader.feed_eof)
        except RuntimeError:
            return  # The loop is closed: nobody listens any more.

    threading.Thread(target=read, name="goescape-input", daemon=True).start()
    return reader


def standard_output() -> BinaryIO:
    """Standard output for messages alone: what anybody prints goes to standard error."""
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return messages


class DescriptorWriter:
    """Writes whole messages to a file descriptor."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]

    def close(self) -> None:
        self._out.close()

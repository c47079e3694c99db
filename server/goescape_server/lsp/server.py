"""The server on stdio: documents in, diagnostics and hovers out.

The event loop takes edits and converts answers; the analysis has its own thread (`analyst`). Every
handler goes through one boundary, which turns an unexpected exception into a logged error and an
error reply. Diagnostics carry the version of the text they belong to, and none is published for a
text that has been edited since.

Source: Language Server Protocol 3.17.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from goescape.ide.diagnostics import diagnostics
from goescape.ide.hover import hover
from goescape.workspace.session import FileAnswer, Session, Target
from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from goescape_server.lsp import lines
from goescape_server.lsp.analyst import Analyst
from goescape_server.lsp.settings import target_from
from goescape_server.lsp.to_lsp import Converter

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("goescape.lsp")


class Server(LanguageServer):
    """A language server with its analysis thread, which starts with the first document."""

    def __init__(self, version: str) -> None:
        lines.install()
        super().__init__("goescape", version)
        self._analyst: Analyst | None = None
        self._complaints: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.target = Target()
        self.wrong_settings: list[str] = []

    @property
    def analyst(self) -> Analyst:
        if self._analyst is None:
            self._analyst = Analyst(self._session, asyncio.get_running_loop())
        return self._analyst

    def _session(self) -> Session:
        from goescape_server.cli.main import store_directory

        return Session(os.environ, self.target, store_directory())

    @property
    def encoding(self) -> str:
        """The unit of columns agreed on with the client."""
        return str(
            getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding)
            or "utf-16"
        )

    def text_of(self, path: str) -> bytes | None:
        """The text of a file as the editor sees it."""
        uri = uris.from_fs_path(path)
        documents = self.workspace.text_documents
        if uri is not None and uri in documents:
            return document_bytes(documents[uri].source)
        try:
            with open(path, "rb") as f:
                return f.read()
        except OSError:
            return None

    def start(self, work: Awaitable[None]) -> None:
        """Run `work` beside the messages, until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop_analysis(self) -> None:
        if self._analyst is not None:
            self._analyst.close()
            self._analyst = None

    async def publish(self, uri: str) -> None:
        """Publish what is found in the document, unless its text changes before that."""
        path = uris.to_fs_path(uri)
        document = self.workspace.text_documents.get(uri)
        if path is None or document is None:
            return
        version = document.version
        answer = await self.answer(path)
        document = self.workspace.text_documents.get(uri)
        if answer is None or document is None or document.version != version:
            return
        if answer.failure:
            self.complain(answer.failure)
        found: list[lsp.Diagnostic] = []
        if answer.text is not None:
            converter = Converter(path, answer.text, self.encoding, self.text_of)
            found = [converter.diagnostic(d) for d in diagnostics(answer.findings, answer.text)]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=found)
        )

    async def answer(self, path: str) -> FileAnswer | None:
        """What the analysis says of the file; None when newer text has made it pointless."""
        try:
            return await self.analyst.check(path)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return None

    def complain(self, message: str) -> None:
        """Tell the user, once, why there are no findings."""
        if message not in self._complaints:
            self._complaints.add(message)
            self.window_show_message(
                lsp.ShowMessageParams(lsp.MessageType.Warning, f"goescape: {message}")
            )

    def publish_open(self) -> None:
        """Ask for every open Go document again."""
        for uri, document in list(self.workspace.text_documents.items()):
            if is_go(uri, document.language_id):
                self.start(boundary(self.publish)(uri))


def document_bytes(text: str) -> bytes:
    """The text as the bytes of a file; halves of surrogate pairs, which no file has, survive."""
    return text.encode("utf-8", "surrogatepass")


def is_go(uri: str, language: str | None) -> bool:
    return uris.to_fs_path(uri) is not None and (language == "go" or uri.endswith(".go"))


def boundary(handler: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """The one place where an unexpected exception of a request ends."""

    @functools.wraps(handler)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await handler(*args, **kwargs)
        except asyncio.CancelledError:
            raise
        except Exception as e:
            _log.exception("%s failed", getattr(handler, "__name__", "a request"))
            raise JsonRpcInternalError(message=f"goescape: {type(e).__name__}: {e}") from e

    return guarded


def make_server() -> Server:
    """A server with every feature registered."""
    from goescape_server.cli.main import version

    server = Server(version())

    @server.feature(lsp.INITIALIZE)
    @boundary
    async def initialize(_ls: Server, params: lsp.InitializeParams) -> None:
        server.target, server.wrong_settings = target_from(params.initialization_options)

    @server.feature(lsp.INITIALIZED)
    @boundary
    async def initialized(_ls: Server, _params: lsp.InitializedParams) -> None:
        for wrong in server.wrong_settings:
            server.complain(wrong)
        watch = server.client_capabilities.workspace
        files = watch.did_change_watched_files if watch else None
        if files is not None and files.dynamic_registration:
            watchers = [
                lsp.FileSystemWatcher(glob_pattern=pattern)
                for pattern in ("**/*.go", "**/go.mod", "**/go.work", "**/vendor/modules.txt")
            ]
            await server.client_register_capability_async(
                lsp.RegistrationParams(
                    registrations=[
                        lsp.Registration(
                            id="goescape-files",
                            method=lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                            register_options=lsp.DidChangeWatchedFilesRegistrationOptions(watchers),
                        )
                    ]
                )
            )

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    @boundary
    async def did_open(_ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        if is_go(document.uri, document.language_id):
            _take_text(server, document.uri)
            server.publish_open()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    @boundary
    async def did_change(_ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        if is_go(uri, None):
            _take_text(server, uri)
            server.publish_open()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    @boundary
    async def did_close(_ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        path = uris.to_fs_path(uri)
        if path is not None and is_go(uri, None):
            server.analyst.change(lambda session: session.set_text(path, None))
            server.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[])
            )
            server.publish_open()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    @boundary
    async def did_save(_ls: Server, _params: lsp.DidSaveTextDocumentParams) -> None:
        # The text is known already; that the file has it on disk changes no answer.
        return None

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    @boundary
    async def did_change_files(_ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
        open_uris = server.workspace.text_documents
        paths = [
            path
            for change in params.changes
            if change.uri not in open_uris and (path := uris.to_fs_path(change.uri)) is not None
        ]
        if paths:
            for path in paths:
                server.analyst.change(partial(_changed_on_disk, path=path))
            server.publish_open()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    @boundary
    async def hover_(_ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        path = uris.to_fs_path(params.text_document.uri)
        if path is None:
            return None
        answer = await server.answer(path)
        if answer is None or answer.text is None:
            return None
        converter = Converter(path, answer.text, server.encoding, server.text_of)
        found = hover(
            answer.findings, answer.text, converter.offset(params.position), converter.link
        )
        return converter.hover(found) if found is not None else None

    @server.feature(lsp.SHUTDOWN)
    @boundary
    async def shutdown(_ls: Server, *_params: Any) -> None:
        server.stop_analysis()

    return server


def _changed_on_disk(session: Session, path: str) -> None:
    session.changed_on_disk(path)


def _take_text(server: Server, uri: str) -> None:
    path = uris.to_fs_path(uri)
    if path is not None:
        text = document_bytes(server.workspace.get_text_document(uri).source)
        server.analyst.change(lambda session: session.set_text(path, text))


def serve(log: str | None = None) -> None:
    """Run the server on standard input and output until the client ends it."""
    if log is not None:
        logging.basicConfig(
            filename=log, level=logging.DEBUG, format="%(asctime)s %(name)s %(message)s"
        )
        logging.getLogger("goescape").propagate = True
    else:
        logging.basicConfig(level=logging.WARNING)
    make_server().start_io()

"""The server: documents and settings in, views of files out to the features.

The event loop takes edits, converts and sends; the analysis has its own thread (`analyst`). A
feature asks for the `view` of a document, which comes at once when its text was analysed before,
and stands in a file of `features` named for its method.

Invariants
  - an answer about a document is about the text that the client sees: when that changes meanwhile,
    a request ends as "content modified", and nothing is published;
  - nothing is analysed before the client's settings are known.

Source: Language Server Protocol 3.17.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from goescape.source.file import SourceFile
from goescape.workspace.session import Session
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified
from pygls.lsp.server import LanguageServer

from goescape_server.lsp import features, publishing, settings
from goescape_server.lsp.analyst import Analyst, IsCancelled, Priority, Work
from goescape_server.lsp.channel import Connect, Listen
from goescape_server.lsp.client import Client
from goescape_server.lsp.client_log import ClientLog
from goescape_server.lsp.documents import Document, Documents
from goescape_server.lsp.features import lifecycle
from goescape_server.lsp.from_lsp import to_path
from goescape_server.lsp.progress import ColdStart
from goescape_server.lsp.protocol import (
    DescriptorWriter,
    Protocol,
    standard_input,
    standard_output,
)
from goescape_server.lsp.view import Presenter, View

T = TypeVar("T")
Handler = Callable[..., Awaitable[Any]]

_log = logging.getLogger("goescape.lsp")


class Server(LanguageServer):
    """See the module. The analysis thread starts with the first document."""

    protocol: Protocol

    def __init__(self, version: str, store: str = "") -> None:
        super().__init__("goescape", version, protocol_cls=Protocol)
        self._store = store
        self._analyst: Analyst | None = None
        self._presenter: Presenter | None = None
        self._views: dict[str, View] = {}
        self._complaints: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopped: asyncio.Event | None = None
        self._configured = asyncio.Event()
        self.documents = Documents()
        self.settings = settings.Settings()
        self.publisher = publishing.Publisher(self)
        self.initial_options: Any = None
        self.client: Client
        self.client_process: int | None = None
        self.exit_code = 1
        features.register(self)

    def on(self, method: str, options: Any = None) -> Callable[[Handler], Handler]:
        """Register an async handler of `method`, which takes the parameters. What it raises is
        turned into a reply by the protocol."""
        return self.feature(method, options)

    # -- for features

    @property
    def encoding(self) -> str:
        """The unit of columns agreed on with the client: "utf-8", "utf-16" or "utf-32"."""
        kind = self.workspace.position_encoding
        return str(getattr(kind, "value", kind) or "utf-16")

    async def view(self, uri: str, priority: Priority = Priority.CURSOR) -> View | None:
        """What is known of an open document, on the text that the client sees now; None when the
        document is not one that is analysed, cannot be read, or is not the one that counts of its file. Under the cursor an answer at once is
        worth more than what changed in other files just now; otherwise that counts too. Raises `JsonRpcContentModified`
        when the text changes before it is known."""
        document = self.documents.get(uri)
        if document is None:
            return None
        view = self._views.get(uri)
        is_old = view is None or view.text != document.text
        if is_old or (priority != Priority.CURSOR and self.is_outdated(view)):
            version = document.version
            await self._configured.wait()
            view = await self.check(document, priority)
            if self.documents.get(uri) is not document or document.version != version:
                raise JsonRpcContentModified("the text has changed")
        return view if view is not None and view.text == document.text else None

    def is_outdated(self, view: View | None) -> bool:
        """Whether anything has changed since the view was made."""
        return view is None or view.generation != self.analyst.generation

    async def ask(
        self, name: str, document: Document, work: Work[T], priority: Priority = Priority.CURSOR
    ) -> T:
        """The value of `work`, done with the session on the newest texts. Work under the same name
        is done once. Raises `JsonRpcContentModified` when the document's text changes meanwhile."""
        version = document.version
        value = await self.analyst.ask(name, work, priority)
        if self.documents.get(document.uri) is not document or document.version != version:
            raise JsonRpcContentModified("the text has changed")
        return value

    def check(self, document: Document, priority: Priority) -> asyncio.Future[View]:
        """A new view of the document, on the newest text when it comes."""
        path, uri = document.path, document.uri
        presenter, analyst = self.presenter, self.analyst
        soon = self.client.takes_parts

        def work(session: Session, is_cancelled: IsCancelled) -> View:
            generation = analyst.generation
            answer = session.check(path, is_cancelled, recall=True, soon=soon)
            return presenter.view(session, answer, generation)

        asked = time.monotonic()

        def trace(done: asyncio.Future[View]) -> None:
            if self.protocol.trace != lsp.TraceValue.Off and not done.cancelled():
                spent = (time.monotonic() - asked) * 1000
                self.trace(f"{path}: an answer after {spent:.1f} ms")

        future = self.analyst.ask(f"check {path}", work, priority)
        future.add_done_callback(trace)
        future.add_done_callback(lambda done: self._keep(uri, done))
        return future

    def prepare(self, document: Document) -> asyncio.Future[None]:
        """Have the analysis look at the document's package, with nobody waiting: what was said of it
        came from an earlier session."""
        path = document.path

        def work(session: Session, is_cancelled: IsCancelled) -> None:
            session.check(path, is_cancelled)

        return self.analyst.ask(f"prepare {path}", work, Priority.BACKGROUND)

    def last_view(self, uri: str) -> View | None:
        """The last view of a document, perhaps of an older text."""
        return self._views.get(uri)

    def _keep(self, uri: str, done: asyncio.Future[View]) -> None:
        if not done.cancelled() and done.exception() is None and self.documents.get(uri):
            self._views[uri] = done.result()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the messages, until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("work beside the messages failed", exc_info=error)

    def complain(self, message: str) -> None:
        """Tell the user, once, what keeps goescape from working as asked."""
        if message not in self._complaints:
            self._complaints.add(message)
            self.window_show_message(
                lsp.ShowMessageParams(lsp.MessageType.Warning, f"goescape: {message}")
            )

    # -- the analysis

    @property
    def analyst(self) -> Analyst:
        if self._analyst is None:
            loop = asyncio.get_running_loop()
            self.publisher.cold_start = ColdStart(self, loop)
            self._analyst = Analyst(self._session, loop, self.look_at_disk)
        return self._analyst

    @property
    def presenter(self) -> Presenter:
        if self._presenter is None:
            self._presenter = Presenter(
                self._opened,
                self.encoding,
                self.client.shows,
                self.roots,
                self.documents.uri_of,
            )
            self._presenter.settings = self.settings
        return self._presenter

    def _opened(self, path: str) -> SourceFile | None:
        document = self.documents.at(path)
        return document.file if document is not None else None

    def _session(self) -> Session:
        session = Session(
            os.environ, self.settings.target, self._store, self.roots, os.cpu_count() or 1
        )
        if self.publisher.cold_start is not None:
            session.on_package = self.publisher.cold_start.told
        return session

    @property
    def roots(self) -> list[str]:
        """The folders of the workspace: nothing else of the disk is read, but the modules of open
        files, the toolchain and the module cache."""
        folders = [folder.uri for folder in self.workspace.folders.values()]
        if not folders and self.workspace.root_uri:
            folders = [self.workspace.root_uri]
        return [path for uri in folders if (path := to_path(uri))]

    def folders_changed(self) -> None:
        """The workspace has other folders."""
        if self._analyst is not None:
            roots, presenter = self.roots, self.presenter

            def apply(session: Session) -> None:
                session.confine(roots)
                presenter.roots = roots

            self.analyst.change(apply)
            self.publisher.check_all()

    def configure(self, options: Any) -> None:
        """The client's settings are these; what was found under others is found again."""
        new, wrong = settings.read(options)
        for text in wrong:
            self.complain(text)
        changed = new != self.settings
        self.settings = new
        first = not self._configured.is_set()
        self._configured.set()
        if changed and self._analyst is not None:
            presenter, target = self.presenter, new.target

            def apply(session: Session) -> None:
                session.retarget(target)
                presenter.settings = new

            self._views.clear()
            self.analyst.change(apply)
        if changed or first:
            self.publisher.check_all()
        if changed and not first:
            self.publisher.draw_again()

    # -- documents

    def opened(self, params: lsp.DidOpenTextDocumentParams) -> None:
        document = self.documents.open(params.text_document, self.encoding)
        if document is not None:
            self._name_anew(document)
            self._take_text(document)

    def changed(self, params: lsp.DidChangeTextDocumentParams) -> None:
        document = self.documents.change(params)
        if document is not None:
            self._take_text(document)

    def closed(self, params: lsp.DidCloseTextDocumentParams) -> None:
        document = self.documents.close(params.text_document.uri)
        if document is not None:
            path, other = document.path, self.documents.at(document.path)
            text = other.text if other is not None else None
            self._views.pop(document.uri, None)
            presenter = self.presenter

            def forget(session: Session) -> None:
                session.set_text(path, text)
                presenter.forget(path)

            self.analyst.change(forget)
            self._name_anew(document)
            self.publisher.closed(document)

    def _name_anew(self, document: Document) -> None:
        """A document was opened or closed: from now on its file has another URI."""
        if not document.is_as_usual:
            presenter = self.presenter
            self.analyst.change(lambda session: presenter.name_anew())

    def _take_text(self, document: Document) -> None:
        path, text = document.path, document.text
        self.analyst.change(lambda session: session.set_text(path, text))
        self.publisher.check_all(document)

    def changed_on_disk(self, paths: list[str]) -> None:
        """Files were written, made or removed by somebody else."""
        paths = [path for path in paths if self.documents.at(path) is None]
        if paths and self._analyst is not None:

            def apply(session: Session) -> None:
                for path in paths:
                    session.changed_on_disk(path)

            self.analyst.change(apply)
            self.publisher.check_all()

    def look_at_disk(self) -> None:
        """Files may have been written, made or removed while nobody told."""
        if self._analyst is not None:

            def apply(session: Session) -> None:
                session.notice()

            self.analyst.change(apply)
            self.publisher.check_all()

    @property
    def is_configured(self) -> bool:
        return self._configured.is_set()

    # -- life

    @property
    def is_stopped(self) -> bool:
        return self._stopped is not None and self._stopped.is_set()

    def stop(self, exit_code: int = 1) -> None:
        """End the server once the message at hand is done."""
        self.exit_code = exit_code
        if self._stopped is not None:
            self._stopped.set()

    def stop_analysis(self) -> None:
        if self._analyst is not None:
            self._analyst.close()
            self._analyst = None

    def log(self, message: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """A line in the client's log."""
        self.window_log_message(lsp.LogMessageParams(kind, message))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Errors are told to the client's log; nobody is interrupted for them."""
        self.log(f"{type(error).__name__}: {error}", lsp.MessageType.Error)

    def trace(self, message: str) -> None:
        """A line for a client that asked to be told what is done (`$/setTrace`)."""
        if self.protocol.trace != lsp.TraceValue.Off:
            self.log_trace(lsp.LogTraceParams(message))

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until the input ends, or the server is stopped."""
        self._stopped = asyncio.Event()
        said = ClientLog(self.log, asyncio.get_running_loop())
        logging.getLogger("goescape").addHandler(said)
        if self.client_process is not None:
            self.start(lifecycle.watch(self, self.client_process))
        serving = asyncio.ensure_future(self.protocol.serve(reader))
        stopping = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, stopping, *self._tasks):
            task.cancel()
        logging.getLogger("goescape").removeHandler(said)
        self.stop_analysis()

    def run_on_standard_streams(self) -> int:
        """Serve on standard input and output. The exit code."""

        async def main() -> None:
            self.protocol.set_writer(DescriptorWriter(standard_output()))
            await self.run(standard_input(asyncio.get_running_loop()))

        asyncio.run(main())
        return self.exit_code

    def run_on(self, channel: Connect | Listen) -> int:
        """Serve the client at the other end of `channel`. The exit code."""

        async def main() -> None:
            try:
                reader, writer = await channel.open()
            except OSError as e:
                print(f"{channel}: {e}", file=sys.stderr)
                self.exit_code = 2
                return
            self.protocol.set_writer(writer)
            await self.run(reader)
            writer.close()

        asyncio.run(main())
        return self.exit_code


def serve(
    channel: Connect | Listen | None = None, log: str | None = None, client: int | None = None
) -> int:
    """Run the server until the client ends it: on `channel`, or on standard input and output. It ends, too,
    when the process `client` does. The exit code."""
    from goescape_server.cli.main import store_directory, version

    _start_log(log)
    server = Server(version(), store_directory())
    server.client_process = client
    return server.run_on_standard_streams() if channel is None else server.run_on(channel)


def _start_log(path: str | None) -> None:
    """Everything goes to the file, else warnings to standard error; to the client's log they go
    besides."""
    if path is not None:
        logging.basicConfig(
            filename=path, level=logging.DEBUG, format="%(asctime)s %(name)s %(message)s"
        )
    else:
        logging.basicConfig(level=logging.WARNING)
        logging.getLogger("pygls").setLevel(logging.CRITICAL)  # The boundary says it all.
    ours = logging.getLogger("goescape")
    ours.propagate = True
    ours.setLevel(logging.DEBUG if path is not None else min(ours.level, logging.WARNING))

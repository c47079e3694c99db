"""Which findings the client is told, and when.

Clients that can pull diagnostics ask for them; the others are sent them. Either way every open file
is checked after a change, the changed one first, and a client hears of a file only when its list
is another one than it has.

Invariants
  - a list is sent for the text that the client sees, with its version, or not at all;
  - a list that the client has already is not sent again, nor is a client that pulls asked to pull
    again unless the list it got for this very text is out of date.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from goescape.workspace.session import Session
from lsprotocol import types as lsp

from goescape_server.lsp.analyst import Priority
from goescape_server.lsp.documents import Document
from goescape_server.lsp.progress import ColdStart
from goescape_server.lsp.view import View

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

REFRESH_SECONDS = 0.05
BUSY_SECONDS = 0.3
"""A check that takes longer is told to the user."""

DID_CHANGE_STATUS = "goescape/didChangeStatus"
EMPTY = ""
"""The result id of a document of which the client knows nothing."""


def report(view: View, previous: str | None) -> dict[str, Any]:
    """The report about a file, for a client that has the list named `previous`."""
    if previous == view.result_id:
        return {"kind": "unchanged", "resultId": view.result_id}
    return {"kind": "full", "resultId": view.result_id, "items": list(view.diagnostics)}


class Publisher:
    """See the module."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._checks: dict[str, asyncio.Future[View]] = {}
        # What the client has of each document: the version and the name of the list.
        self._known: dict[str, tuple[int, str]] = {}
        self._refresh: asyncio.TimerHandle | None = None
        self._outdated: set[str] = set()
        # What hints and lenses of each document are made of, with the version of its text.
        self._drawn: dict[str, tuple[int, object]] = {}
        self.cold_start: ColdStart | None = None
        # Why nothing, or not all, is said of documents; the log has it once.
        self._said_why: set[tuple[str, str]] = set()
        self._changes: list[asyncio.Future[None]] = []
        self._busy: dict[str, asyncio.TimerHandle] = {}
        self._statuses: dict[str, dict[str, Any]] = {}

    def check_all(self, first: Document | None = None) -> None:
        """Something changed: check every open document, `first` before the others."""
        if not self._server.is_configured:
            return
        waiting, self._changes = self._changes, []
        for change in waiting:
            if not change.done():
                change.set_result(None)
        for document in self._server.documents:
            self._check(document, Priority.VISIBLE if document is first else Priority.OPEN)

    def cancel(self, token: int | str) -> None:
        """The user does not want to wait for what is shown under `token`."""
        if self.cold_start is not None and self.cold_start.is_shown_as(token):
            self._server.analyst.give_up()
            self._server.analyst.change(Session.learn_no_more)

    def next_change(self) -> asyncio.Future[None]:
        """Done when something changes that findings may depend on."""
        change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changes.append(change)
        return change

    def _check(self, document: Document, priority: Priority) -> None:
        uri = document.uri
        earlier = self._checks.pop(uri, None)
        self._checks[uri] = check = self._server.check(document, priority)
        check.add_done_callback(lambda done: self._checked(uri, done))
        if earlier is not None:
            earlier.cancel()
        if uri not in self._busy:
            loop = asyncio.get_running_loop()
            self._busy[uri] = loop.call_later(BUSY_SECONDS, self._tell_status, uri)

    def _checked(self, uri: str, check: asyncio.Future[View]) -> None:
        if self._checks.get(uri) is not check:
            return
        del self._checks[uri]
        ended = check.cancelled() or check.exception() is not None
        if not self._checks and self.cold_start is not None:
            if ended or not check.result().answer.is_partial:
                self.cold_start.end()
        if (timer := self._busy.pop(uri, None)) is not None:
            timer.cancel()
        document = self._server.documents.get(uri)
        if ended or document is None:
            return
        view = check.result()
        if view.text is not None and view.text != document.text:
            return
        if view.answer.failure:
            self._server.complain(view.answer.failure)
        for why in filter(None, (view.answer.excluded, *view.answer.unloaded)):
            if (uri, why) not in self._said_why:
                self._said_why.add((uri, why))
                self._server.log(f"{document.path}: {why}")
        version, known = self._known.get(uri, (-1, EMPTY))
        if not self._server.client.pulls_diagnostics:
            # Some clients wait for the diagnostics of the text that they have sent.
            if (version, known) != (document.version, view.result_id):
                self._publish(document, view)
        elif version == document.version and known != view.result_id:
            self._ask_again(lsp.WORKSPACE_DIAGNOSTIC_REFRESH)
        drawn = document.version, view.pieces
        before = self._drawn.get(uri)
        if before is not None and before[0] == drawn[0] and before != drawn:
            self.draw_again()
        self._drawn[uri] = drawn
        if view.answer.is_partial:
            self._check(document, Priority.VISIBLE)
        self._tell_status(uri)
        if view.answer.is_recalled:
            self._server.prepare(document)

    def _publish(self, document: Document, view: View) -> None:
        params: dict[str, Any] = {"uri": document.uri, "diagnostics": list(view.diagnostics)}
        if self._server.client.takes_versions:
            params["version"] = document.version
        self._known[document.uri] = (document.version, view.result_id)
        self._server.protocol.notify(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def pulled(self, document: Document, view: View, previous: str | None) -> dict[str, Any]:
        """The report for a client that asks, and has the list named `previous`."""
        self._known[document.uri] = (document.version, view.result_id)
        return report(view, previous)

    def closed(self, document: Document) -> None:
        """The client has closed the document: its findings go, and those of others may change."""
        check = self._checks.pop(document.uri, None)
        if check is not None:
            check.cancel()
        self._statuses.pop(document.uri, None)
        self._drawn.pop(document.uri, None)
        known = self._known.pop(document.uri, None)
        if known is not None and not self._server.client.pulls_diagnostics:
            self._server.protocol.notify(
                lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, {"uri": document.uri, "diagnostics": []}
            )
        self.check_all()

    # -- the status of a document

    def status(self, document: Document) -> dict[str, Any]:
        """What a status bar shows of a document; counts are those of the last text analysed."""
        view = self._server.last_view(document.uri)
        go = view.answer.go if view is not None else ""
        release = ".".join(go.removeprefix("go").split(".")[:2])
        return {
            "goVersion": go,
            "release": release,
            "target": view.answer.platform if view is not None else "",
            "inline": self._server.settings.inline,
            "busy": document.uri in self._checks,
            "heap": view.heap if view is not None else 0,
            "leaks": view.leaks if view is not None else 0,
        }

    def _tell_status(self, uri: str) -> None:
        document = self._server.documents.get(uri)
        if document is None:
            return
        status = {"uri": uri, **self.status(document)}
        if self._statuses.get(uri) != status:
            self._statuses[uri] = status
            self._server.protocol.notify(DID_CHANGE_STATUS, status)

    # -- asking the client to ask again

    def draw_again(self) -> None:
        """Hints and lenses are not what the client got for the text that it shows."""
        self._ask_again(lsp.WORKSPACE_INLAY_HINT_REFRESH, lsp.WORKSPACE_CODE_LENS_REFRESH)

    def _ask_again(self, *methods: str) -> None:
        """Ask the client to ask again, if it can; once for all that changed together."""
        client = self._server.client
        can = {
            lsp.WORKSPACE_DIAGNOSTIC_REFRESH: client.refreshes_diagnostics,
            lsp.WORKSPACE_INLAY_HINT_REFRESH: client.refreshes_inlay_hints,
            lsp.WORKSPACE_CODE_LENS_REFRESH: client.refreshes_code_lenses,
        }
        self._outdated.update(method for method in methods if can[method])
        if self._outdated and self._refresh is None:
            loop = asyncio.get_running_loop()
            self._refresh = loop.call_later(REFRESH_SECONDS, self._send_refresh)

    def _send_refresh(self) -> None:
        self._refresh = None
        methods, self._outdated = sorted(self._outdated), set()
        for method in methods:
            self._server.protocol.send_request(method)

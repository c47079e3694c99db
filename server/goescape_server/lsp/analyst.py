"""The analysis thread: one at a time, newest text first, never on the event loop.

The event loop tells it texts and asks for files; it answers through futures of the loop. Whatever
is asked twice is answered once, for the newest text; an answer for an old text is never given.

Invariants
  - the `Session` is touched by this thread alone;
  - a file asked for again moves to the front: the one being edited is the one being looked at;
  - an edit cancels the check under way between two functions, and the check is asked again.

Example: three edits in a row, each with a request, lead to one check if they come faster than a
check takes; the first two futures are cancelled.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from goescape.workspace.parallel import RECURSION_LIMIT, STACK_BYTES
from goescape.workspace.program import Cancelled
from goescape.workspace.session import FileAnswer, Session

PAUSE = 5.0  # seconds without anything to do
EDITS = 20

_log = logging.getLogger("goescape.lsp")


@dataclass(slots=True)
class _Request:
    path: str
    generation: int
    futures: list[asyncio.Future[FileAnswer]]


class Analyst:
    """See the module. Made and called on the event loop's thread."""

    def __init__(
        self, make_session: Callable[[], Session], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._make_session = make_session
        self._loop = loop
        self._lock = threading.Condition()
        self._changes: deque[Callable[[Session], None]] = deque()
        self._requests: OrderedDict[str, _Request] = OrderedDict()
        self._generation = 0
        self._closed = False
        sys.setrecursionlimit(RECURSION_LIMIT)
        before = threading.stack_size(STACK_BYTES)
        self._thread = threading.Thread(target=self._run, name="goescape-analysis", daemon=True)
        self._thread.start()
        threading.stack_size(before)

    def change(self, edit: Callable[[Session], None]) -> None:
        """Apply `edit` to the session before anything is checked again."""
        with self._lock:
            self._changes.append(edit)
            self._generation += 1
            self._lock.notify()

    def check(self, path: str) -> asyncio.Future[FileAnswer]:
        """The answer for the file at `path`, on the texts told so far."""
        future: asyncio.Future[FileAnswer] = self._loop.create_future()
        with self._lock:
            request = self._requests.get(path)
            if request is None:
                request = self._requests[path] = _Request(path, self._generation, [])
            elif request.generation != self._generation:
                # Who asked about the older text has asked again, or does not care any more.
                for old in request.futures:
                    self._loop.call_soon_threadsafe(old.cancel)
                request.futures.clear()
                request.generation = self._generation
            request.futures.append(future)
            self._requests.move_to_end(path, last=False)
            self._lock.notify()
        return future

    def close(self) -> None:
        """End the thread; what is under way is cancelled."""
        with self._lock:
            self._closed = True
            self._generation += 1
            self._lock.notify()
        self._thread.join(timeout=2)

    # -- the thread

    def _run(self) -> None:
        session = self._make_session()
        gc.disable()  # What is made mostly stays; what edits leave behind is collected in a pause.
        edits = 0
        while True:
            with self._lock:
                while not (self._changes or self._requests or self._closed):
                    if not self._lock.wait(PAUSE) and edits >= EDITS:
                        edits = 0
                        gc.collect()
                if self._closed:
                    break
                changes = list(self._changes)
                self._changes.clear()
                edits += len(changes)
                generation = self._generation
                request = next(iter(self._requests.values()), None)
            for edit in changes:
                self._guarded(edit, session)
            if request is not None:
                self._answer(session, request, generation)
        session.close()

    def _guarded(self, edit: Callable[[Session], None], session: Session) -> None:
        try:
            edit(session)
        except Exception:
            _log.exception("an edit could not be taken over")

    def _answer(self, session: Session, request: _Request, generation: int) -> None:
        answer: FileAnswer | BaseException
        try:
            answer = session.check(request.path, lambda: self._generation != generation)
        except Cancelled:
            return  # Still asked for: it is taken up again with the new text.
        except Exception as e:
            _log.exception("%s could not be analysed", request.path)
            answer = e
        with self._lock:
            if request.generation != generation or self._generation != generation:
                return
            if self._requests.get(request.path) is request:
                del self._requests[request.path]
            futures = list(request.futures)
        for future in futures:
            self._loop.call_soon_threadsafe(_settle, future, answer)


def _settle(future: asyncio.Future[FileAnswer], answer: FileAnswer | BaseException) -> None:
    if future.done():
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)

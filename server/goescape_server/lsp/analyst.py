"""The analysis thread: one task at a time, the most urgent first, never on the event loop.

The event loop tells it what changed and asks for work; it answers through futures of the loop.
Work sees the newest texts. Whatever is asked twice under one name is done once.

Invariants
  - the `Session` is touched by this thread alone;
  - what changed is taken over before any further work is done;
  - work under way is cancelled, between two functions, when something changes, when more urgent
    work waits, or when nobody waits for it any more; unless nobody waits it is done again later;
  - of equally urgent work the latest comes first: what was just asked for is being looked at;
  - what changed on disk while nobody told is found in the last pause, and `noticed` called on the event loop;
  - what is to be done in the background is begun in pauses, so that nobody who asks one thing after another
    waits for it to be broken off.

Example: three edits in a row, each followed by a request for the same file, lead to one check if
they come faster than a check takes; all three are answered with what the last text gives.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

from goescape.workspace.cancelled import Cancelled
from goescape.workspace.resources import RECURSION_LIMIT, STACK_BYTES
from goescape.workspace.session import Session

from goescape_server.lsp.garbage import LONG_PAUSE, SHORT_PAUSE, Garbage

T = TypeVar("T")

PAUSES = (SHORT_PAUSE, LONG_PAUSE, 5.0)
"""So many seconds without anything urgent to do there is time for other things; in the last pause for all."""
SWITCH_SECONDS = 0.001
"""So long the analysis may keep the interpreter from the event loop."""

_log = logging.getLogger("goescape.lsp")

IsCancelled = Callable[[], bool]
Work = Callable[[Session, IsCancelled], T]
"""What is to be done with the session; asked often, the second argument says whether to raise
`Cancelled`."""


class Priority(IntEnum):
    """How urgent work is."""

    CURSOR = 0  # somebody waits for the answer under the cursor
    VISIBLE = 1  # findings of the file that is being edited or shown
    OPEN = 2  # findings of other open files
    BACKGROUND = 3  # begun in pauses only


@dataclass(slots=True, eq=False)
class _Task(Generic[T]):
    name: str
    priority: Priority
    order: int
    work: Work[T]
    futures: list[asyncio.Future[T]] = field(default_factory=list)


class Analyst:
    """See the module. Made and called on the event loop's thread; `make_session` and all work run
    on its own."""

    def __init__(
        self,
        make_session: Callable[[], Session],
        loop: asyncio.AbstractEventLoop,
        noticed: Callable[[], None] = lambda: None,
    ) -> None:
        self._make_session = make_session
        self._loop = loop
        self._noticed = noticed
        self._lock = threading.Condition()
        self._changes: deque[Callable[[Session], None]] = deque()
        self._tasks: dict[str, _Task[Any]] = {}
        self._running: _Task[Any] | None = None
        self._interrupted = False
        self._count = 0
        self.generation = 0
        """How many changes were told. Work that starts under one is answered under the same."""
        self._closed = False
        self._pauses = len(PAUSES)  # How many there were since something urgent was done.
        self._garbage = Garbage()
        sys.setrecursionlimit(RECURSION_LIMIT)
        sys.setswitchinterval(SWITCH_SECONDS)
        before = threading.stack_size(STACK_BYTES)
        self._thread = threading.Thread(target=self._run, name="goescape-analysis", daemon=True)
        self._thread.start()
        threading.stack_size(before)

    def change(self, edit: Callable[[Session], None]) -> None:
        """Apply `edit` to the session before any more work is done."""
        with self._lock:
            self._changes.append(edit)
            self.generation += 1
            self._interrupted = True
            self._lock.notify()

    def ask(self, name: str, work: Work[T], priority: Priority) -> asyncio.Future[T]:
        """The value of `work` on the newest texts. Work that waits under the same `name` is done
        once, for all who asked. A future that is cancelled is waited for no more."""
        future: asyncio.Future[T] = self._loop.create_future()
        with self._lock:
            self._count += 1
            task = self._tasks.get(name)
            if task is None:
                task = self._tasks[name] = _Task(name, priority, self._count, work)
            task.priority = min(task.priority, priority)
            task.order = self._count
            task.futures.append(future)
            running = self._running
            if running is not None and running is not task and priority < running.priority:
                self._interrupted = True
            self._lock.notify()
        return future

    def give_up(self) -> None:
        """Nobody wants to wait any more for what was asked for."""
        with self._lock:
            futures = [f for task in self._tasks.values() for f in task.futures]
        for future in futures:
            future.cancel()

    def close(self) -> None:
        """End the thread; what is under way is cancelled."""
        with self._lock:
            self._closed = self._interrupted = True
            self._lock.notify()
        self._thread.join(timeout=2)

    # -- the thread

    def _run(self) -> None:
        session = self._make_session()
        garbage = self._garbage
        while True:
            with self._lock:
                is_idle = not self._is_wanted() and not self._lock.wait_for(
                    self._is_wanted, _wait(self._pauses)
                )
                if self._closed:
                    break
                changes = list(self._changes)
                self._changes.clear()
                self._interrupted = False
                task = self._running = self._next()
                if is_idle:
                    self._pauses += 1
                elif task is None or task.priority < Priority.BACKGROUND:
                    self._pauses = 0
                else:
                    self._pauses = 1
            if is_idle:
                if self._pauses == len(PAUSES):
                    changes.append(self._flush)
            else:
                garbage.edited(len(changes))
            for edit in changes:
                try:
                    edit(session)
                except Exception:
                    _log.exception("a change could not be taken over")
            if task is not None:
                start = time.thread_time()
                garbage.begin()
                self._perform(session, task)
                garbage.worked(time.thread_time() - start)
            self._running = None
            with self._lock:
                is_wanted = self._is_wanted()
            idle = PAUSES[self._pauses - 1] if self._pauses else 0
            if not is_wanted and garbage.is_due(idle):
                self._let_answers_out()
                garbage.collect(idle)
        session.close()

    def _flush(self, session: Session) -> None:
        if session.flush():
            self._loop.call_soon_threadsafe(self._noticed)

    def _let_answers_out(self) -> None:
        """Wait until the event loop has sent what it was told: while garbage is collected it cannot."""
        sent = threading.Event()
        self._loop.call_soon_threadsafe(self._loop.call_soon, sent.set)
        sent.wait(SHORT_PAUSE)

    def _is_wanted(self) -> bool:
        """Whether there is something to do now."""
        return bool(self._changes or self._closed) or any(
            map(self._may_begin, self._tasks.values())
        )

    def _may_begin(self, task: _Task[Any]) -> bool:
        """Whether the task need not wait for a pause."""
        return task.priority < Priority.BACKGROUND or self._pauses > 0

    def _next(self) -> _Task[Any] | None:
        """The most urgent task that somebody waits for; the others are forgotten."""
        for task in list(self._tasks.values()):
            if all(f.cancelled() for f in task.futures):
                del self._tasks[task.name]
        may_begin = filter(self._may_begin, self._tasks.values())
        return min(may_begin, key=lambda t: (t.priority, -t.order), default=None)

    def _perform(self, session: Session, task: _Task[T]) -> None:
        def is_cancelled() -> bool:
            self._garbage.go_on()
            return self._interrupted or all(f.cancelled() for f in task.futures)

        value: T | None = None
        error: Exception | None = None
        try:
            value = task.work(session, is_cancelled)
        except Cancelled:
            return  # If somebody still waits, it is taken up again.
        except Exception as e:
            _log.exception("%s failed", task.name)
            error = e
        with self._lock:
            if self._changes:
                return  # It is about an old text.
            del self._tasks[task.name]
        for future in task.futures:
            self._loop.call_soon_threadsafe(_settle, future, value, error)


def _wait(pauses: int) -> float | None:
    """How long the next pause is still away, after so many; None if there is none."""
    if pauses == len(PAUSES):
        return None
    return PAUSES[pauses] - (PAUSES[pauses - 1] if pauses else 0)


def _settle(future: asyncio.Future[Any], value: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(value)

"""A progress bar on standard error, for people who wait.

It shows only on a terminal, and only after a second; what is printed meanwhile goes above it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

DELAY = 1.0  # seconds before the bar shows


class ProgressBar:
    """Counts packages. Cheap to call when nothing is shown."""

    def __init__(self, enabled: bool | None = None) -> None:
        self._enabled = sys.stderr.isatty() if enabled is None else enabled
        self._lock = threading.Lock()  # the timer's thread shows the bar for the first time
        self._timer: threading.Timer | None = None
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._due = False
        self._done = self._total = 0
        self._path = ""

    def __enter__(self) -> ProgressBar:
        if self._enabled:
            self._timer = threading.Timer(DELAY, self._first)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._enabled = False
            self._hide()

    def __call__(self, done: int, total: int, path: str) -> None:
        """`done` of `total` packages are finished, `path` the last of them."""
        if self._enabled:
            with self._lock:
                self._done, self._total, self._path = done, total, path
                self._show()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While the body prints, the bar is away; the next call brings it back."""
        with self._lock:
            self._hide()
            yield

    def _first(self) -> None:
        with self._lock:
            self._due = True
            self._show()

    def _show(self) -> None:
        if not (self._enabled and self._due and self._done < self._total):
            self._hide()
            return
        bar = self._bar
        if bar is None:
            bar = self._bar = Progress(
                TextColumn("analysing"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = bar.add_task("", total=self._total)
            bar.start()
        bar.update(self._task, completed=self._done, total=self._total, description=self._path)

    def _hide(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

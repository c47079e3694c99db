"""Collecting what edits leave behind, in pauses, without going through all that stays.

Nearly everything that an analysis makes stays as long as the server runs: going through it takes a
second for a large package, and a keystroke that comes meanwhile waits. So what survives a collection is
set aside, and the next one looks only at what was made since; long work is interrupted for it. What was
set aside and has been replaced meanwhile is found when, after many edits, everything is gone through
again; so it is after long work, which has made a package, perhaps in place of what it was before.

Example: with `net/http` open a pause after 25 edits takes some milliseconds, one after 1,000 most of a second.
"""

from __future__ import annotations

import gc
import time

SHORT_PAUSE = 0.05
"""Seconds without anything to do that there are between two keystrokes."""
LONG_PAUSE = 2.0

SOME_EDITS = 25
"""So many leave behind what takes some milliseconds to go through."""
UNBROKEN_EDITS = 100
"""So many without a pause leave behind what cannot wait for one."""

MANY_EDITS = 1000

LONG_SECONDS = 0.5
"""Work that takes so long makes much anew."""
MUCH_SECONDS = 1.0
STEP_SECONDS = 0.5
"""What was made in so long takes some tens of milliseconds to go through."""
UNBROKEN_SECONDS = 20.0
"""So much long work without a pause leaves behind what cannot wait for one."""


class Garbage:
    """Automatic collection is off from the time when one is made."""

    __slots__ = ("_edits", "_long", "_since_whole", "_step")

    def __init__(self) -> None:
        gc.disable()
        self._edits = 0
        self._long = 0.0  # Seconds of long work since everything was gone through.
        self._step = 0.0  # When work began, or was last interrupted.
        self._since_whole = MANY_EDITS  # The first time everything is gone through.

    def edited(self, times: int) -> None:
        """So many changes were taken over."""
        self._edits += times

    def begin(self) -> None:
        """Some work begins."""
        self._step = time.monotonic()

    def go_on(self) -> None:
        """Work goes on; to be called often, between functions."""
        now = time.monotonic()
        if now - self._step >= STEP_SECONDS:
            self._collect_some()
            self._step = time.monotonic()

    def worked(self, seconds: float) -> None:
        """Some work took so long, of the time of its thread."""
        if seconds >= LONG_SECONDS:
            self._long += seconds

    def is_due(self, idle: float) -> bool:
        """Whether there is something to collect that is worth while for a pause, after `idle` seconds without
        anything to do."""
        return self._is_much(idle) or self._edits >= (
            SOME_EDITS if idle >= SHORT_PAUSE else UNBROKEN_EDITS
        )

    def collect(self, idle: float) -> None:
        """Collect it."""
        if self._is_much(idle):
            self._since_whole = self._edits = 0
            self._long = 0.0
            gc.unfreeze()
            self._collect_some()
        elif self.is_due(idle):
            self._since_whole += self._edits
            self._edits = 0
            self._collect_some()

    def _is_much(self, idle: float) -> bool:
        """Whether it is worth while to go through everything."""
        edits, pauses = self._since_whole + self._edits, idle >= LONG_PAUSE
        many = MANY_EDITS if pauses else 2 * MANY_EDITS
        return edits >= many or self._long >= (MUCH_SECONDS if pauses else UNBROKEN_SECONDS)

    def _collect_some(self) -> None:
        """Collect of what was not set aside, and set aside what stays."""
        gc.collect()
        gc.freeze()

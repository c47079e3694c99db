"""Collecting what edits leave behind, in pauses, without going through all that stays.

Nearly everything that an analysis makes stays as long as the server runs: going through it takes a
second for a large package, and a keystroke that comes meanwhile waits. So what survives a collection is
set aside, and the next one looks only at what was made since. What was set aside and has been replaced
meanwhile is found when, after many edits, everything is gone through again; so it is after long work,
which has made a package, perhaps in place of what it was before: that takes a small part of the time it
took.

Example: with `net/http` open a pause after 20 edits takes some milliseconds, one after 1,000 most of a second.
"""

from __future__ import annotations

import gc

SOME_EDITS = 20
UNBROKEN_EDITS = 25
"""So many without a pause leave behind what takes some milliseconds to go through."""

MANY_EDITS = 1000

LONG_SECONDS = 0.5
"""Work that takes so long makes much anew."""
MUCH_SECONDS = 1.0


class Garbage:
    """Automatic collection is off from the time when one is made."""

    __slots__ = ("_edits", "_long", "_since_whole")

    def __init__(self) -> None:
        gc.disable()
        self._edits = 0
        self._long = 0.0  # Seconds of long work since everything was gone through.
        self._since_whole = MANY_EDITS  # The first time everything is gone through.

    def edited(self, times: int) -> None:
        """So many changes were taken over."""
        self._edits += times

    def worked(self, seconds: float) -> None:
        """Some work took so long, of the time of its thread."""
        if seconds >= LONG_SECONDS:
            self._long += seconds

    def relieve(self) -> None:
        """Nothing is to be done at the moment, though this may be no pause: if there has been none for
        long, collect what edits have left behind since the last time; everything after long work, or
        after a great many."""
        if self._long >= MUCH_SECONDS or self._since_whole + self._edits >= 2 * MANY_EDITS:
            self._since_whole = MANY_EDITS
            self.collect()
        elif self._edits >= UNBROKEN_EDITS:
            self._since_whole += self._edits
            self._edits = 0
            if gc.get_freeze_count():  # Else it would be everything.
                gc.collect()
            gc.freeze()

    def collect(self) -> None:
        """There is time to collect, if it is worth while."""
        if self._edits < SOME_EDITS and self._since_whole < MANY_EDITS:
            return
        self._since_whole += self._edits
        self._edits = 0
        if self._since_whole >= MANY_EDITS:
            self._since_whole = 0
            self._long = 0.0
            gc.unfreeze()
        gc.collect()
        gc.freeze()

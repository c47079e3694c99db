"""Expanded IR that is kept of solved functions, because they are likely to be solved again soon.

Functions that reach each other are solved together. While one of them is typed in, the others are the
same at every keystroke, and reading and expanding them again takes as long as solving them all. So of a
cluster of several entries that an edit has touched, or that is large, the IR stays, as it was before it was solved, also
while they do not reach each other because one of them is broken. So does that of a function which is solved
again only because another one tells it something else: it will tell it more.

Invariants
  - what is kept belongs to entries that are solved, and is what reading and expanding again would give:
    an entry that has to be read again is not kept any more, and when declarations or imports change
    nothing is;
  - it comes of at most `MAX_KEPT` bytes of text: what was solved longest ago goes first.

Example: after an edit in f of `func f() { g() }; func g() { f() }`, the IR of both is kept; after the next
one only f is read and expanded, and both are solved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.workspace.entry import SOLVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.workspace.entry import Cluster, Entry

MAX_KEPT = 300_000
"""The IR of so much text is kept, in bytes; what is expanded in it not counted."""

LARGE = 50_000
"""Of so much text it is kept before anything is edited: the first edit, or proof, would take twice as long."""


class Kept:
    """See the module. `drop` lets go of the IR of a solved entry."""

    __slots__ = ("_drop", "_entries")

    def __init__(self, drop: Callable[[Entry], None]) -> None:
        self._drop = drop
        self._entries: dict[Entry, None] = {}  # The longest kept first, perhaps some that are not.

    def makes_room(self, cluster: Cluster, is_edited: bool, is_told: bool) -> bool:
        """Whether the IR of the entries of `cluster`, which is solved now, is worth keeping: that of others may
        have to go. `is_edited`: it was solved before; `is_told`: it is solved again only because others tell it
        something else."""
        size = sum(map(length, cluster.entries))
        is_alone = len(cluster.entries) < 2 and not any(e.is_kept for e in cluster.entries)
        if (is_alone and not is_told) or size > MAX_KEPT or (size < LARGE and not is_edited):
            return False
        for entry in [e for e in self._entries if not e.is_kept or e in cluster.entries]:
            del self._entries[entry]
        size += sum(map(length, self._entries))
        for entry in list(self._entries):
            if size <= MAX_KEPT:
                break
            size -= length(entry)
            self._let_go(entry)
        return True

    def keep(self, entry: Entry) -> None:
        """Keep the IR of an entry for which there is room."""
        entry.is_kept = True
        self._entries[entry] = None

    def forget(self) -> None:
        """Declarations or imports are other ones: whatever is solved again is read again."""
        for entry in list(self._entries):
            self._let_go(entry)

    def _let_go(self, entry: Entry) -> None:
        del self._entries[entry]
        if entry.is_kept and entry.stage == SOLVED:
            self._drop(entry)


def length(entry: Entry) -> int:
    """How much text the IR of `entry` comes of, without what is expanded in it."""
    syn = entry.func.syn
    return syn.end - syn.pos if syn is not None else 0

"""Edits of source text, and where things are afterwards.

An `Edit` replaces a stretch of one file, in byte offsets of the text it was made for. A set of edits
is applied at once, so that none moves another.

Invariants
  - edits of one file do not overlap; two may touch; equal edits are one;
  - an insertion at an offset comes before what stands there.

Example: `apply(b"a + b", [Edit("f.go", 0, 1, "x")])` is `b"x + b"`; what was at 4 is still at 4.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The bytes `start` to `end` of the file at `path` become `text`; an insertion if they are
    equal."""

    path: str
    start: int
    end: int
    text: str


def apply(text: bytes, edits: Iterable[Edit]) -> bytes:
    """`text` after edits of its file. Raises `ValueError` if they overlap."""
    out: list[bytes] = []
    at = 0
    for e in ordered(edits):
        out.append(text[at : e.start])
        out.append(e.text.encode("utf-8", "surrogateescape"))
        at = e.end
    out.append(text[at:])
    return b"".join(out)


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of one file in order, each once. Raises `ValueError` if two overlap."""
    found = sorted(set(edits), key=lambda e: (e.start, e.end, e.text))
    for a, b in pairwise(found):
        if b.start < a.end or (a.start == a.end == b.start == b.end):
            raise ValueError(f"edits overlap at {b.start}")
    return found


def overlap(a: Sequence[Edit], b: Sequence[Edit]) -> bool:
    """Whether some edit of `a` overlaps one of `b`, or inserts at the same place something else."""
    for x in a:
        for y in b:
            if x.path != y.path or x == y:
                continue
            if x.start < y.end and y.start < x.end:
                return True
            if x.start == x.end == y.start == y.end:
                return True
    return False


def with_line_ends(text: bytes, edits: Iterable[Edit]) -> list[Edit]:
    """`edits` of `text`, whose lines end like its first one."""
    end = text.find(b"\n")
    if end < 1 or text[end - 1 : end] != b"\r":
        return list(edits)
    return [replace(e, text=re.sub(r"\r?\n", "\r\n", e.text)) for e in edits]


class Shift:
    """Where the offsets of one file are after edits, and before them."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.edits = ordered(edits)
        self._starts = [e.start for e in self.edits]
        self._new: list[tuple[int, int]] = []
        delta = 0
        for e in self.edits:
            size = len(e.text.encode("utf-8", "surrogateescape"))
            self._new.append((e.start + delta, e.start + delta + size))
            delta += size - (e.end - e.start)
        self._new_starts = [start for start, _ in self._new]

    def placed(self) -> Iterator[tuple[Edit, int, int]]:
        """Each edit with the bytes of its text in the new text."""
        for e, (start, end) in zip(self.edits, self._new, strict=True):
            yield e, start, end

    def after(self, offset: int) -> tuple[int, Edit | None]:
        """The new place of `offset`, or the edit that replaced it (its new start then)."""
        i = bisect_right(self._starts, offset) - 1
        if i < 0:
            return offset, None
        e = self.edits[i]
        if offset < e.end:
            return self._new[i][0], e
        return offset - e.end + self._new[i][1], None

    def before(self, offset: int) -> tuple[int, Edit | None]:
        """The old place of the new `offset`, or the edit that brought it (its old start then)."""
        i = bisect_right(self._new_starts, offset) - 1
        if i < 0:
            return offset, None
        e = self.edits[i]
        if offset < self._new[i][1]:
            return e.start, e
        return offset - self._new[i][1] + e.end, None

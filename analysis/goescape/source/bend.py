"""A stretch of text that has become longer or shorter between its tokens.

Where an edit changes nothing but blanks and comments, what was made of a stretch stays as it is, with the
positions of the text that it was made of. A `Bend` tells where its tokens are now: whatever lies at or
behind the beginning of one has moved with it.

Invariants
  - tokens do not change, so what is inside of one, or at its end, is as far from its beginning as before;
  - tokens between which there was nothing have nothing between them now.

Example: a comment of 9 bytes typed behind the first token of `return x` moves `x` from byte 7 to byte 16.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Bend:
    """`was` and `now` are where the tokens began in `was_text`, the stretch as it was when something was
    made of it, and where they begin in `text`."""

    __slots__ = ("now", "text", "was", "was_text")

    def __init__(
        self, was_text: bytes, was: Sequence[int], text: bytes, now: Sequence[int]
    ) -> None:
        self.was_text, self.was = was_text, was
        self.text, self.now = text, now

    def offset(self, offset: int) -> int:
        """Where in `text` that is which was at `offset` of `was_text`."""
        i = bisect_right(self.was, offset) - 1
        return offset + self.now[i] - self.was[i] if i >= 0 else offset


class Change:
    """From one bend of a stretch to another one; None is the stretch as it was. They are not both None."""

    __slots__ = ("_after", "_before", "_lines")

    def __init__(self, before: Bend | None, after: Bend | None) -> None:
        bend = before or after
        assert bend is not None
        text = before.text if before is not None else bend.was_text
        self._before = before.now if before is not None else bend.was
        self._after = after.now if after is not None else bend.was
        self._lines = [0]
        while at := text.find(b"\n", self._lines[-1]) + 1:
            self._lines.append(at)

    def start(self, offset: int) -> int:
        """Where that begins now which began at `offset`."""
        return self._moved(offset, bisect_right(self._before, offset) - 1)

    def end(self, offset: int) -> int:
        """Where that ends now which ended at `offset`, behind a token."""
        return self._moved(offset, bisect_left(self._before, offset) - 1)

    def at(self, line: int, col: int) -> int:
        """Where that is now which began in that line and column, both counted from 0."""
        return self.start(self._lines[line] + col)

    def _moved(self, offset: int, i: int) -> int:
        return offset + self._after[i] - self._before[i] if i >= 0 else offset

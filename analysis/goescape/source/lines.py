"""Where the lines of a text start, and the same again after an edit for the price of the edit.

While somebody types in a line, all lines behind it move by as much. So that is noted once, and not
written into each of them before somebody types elsewhere.

Invariants
  - `Lines` is a value, never empty: the first line starts at 0.

Example: with lines that start at 0, 4 and 9, after a byte is put in at 2: `Lines([0, 4, 9], 1, 1)`, which
starts at 0, 5 and 10.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator


class Lines:
    """The offset at which each line starts: `starts`, from the index `behind` on with `by` more."""

    __slots__ = ("_behind", "_by", "_starts")

    def __init__(self, starts: list[int], behind: int = 0, by: int = 0) -> None:
        self._starts, self._behind, self._by = starts, behind, by

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, i: int) -> int:
        """Where the line with the index `i`, from 0, starts."""
        return self._starts[i] + (self._by if i >= self._behind else 0)

    def __iter__(self) -> Iterator[int]:
        starts, behind, by = self._starts, self._behind, self._by
        return iter([*starts[:behind], *[start + by for start in starts[behind:]]])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines) and list(self) == list(other)

    def at(self, offset: int) -> int:
        """The index of the line that holds the byte at `offset`, which is at least 0."""
        starts, behind, by = self._starts, self._behind, self._by
        if not by:
            return bisect_right(starts, offset) - 1
        if behind < len(starts) and offset >= starts[behind] + by:
            return bisect_right(starts, offset - by, behind) - 1
        return bisect_right(starts, offset, 0, behind) - 1

    def spliced(
        self, start: int, end: int, delta: int, size: int, starts_in: Callable[[int, int], Lines]
    ) -> Lines:
        """The lines after the bytes from `start` to `end` of the text, `size` bytes long, were replaced by `delta`
        bytes more. Around the change `starts_in` a stretch of the new text they are looked for again; it counts
        from there."""
        line = self.at(start)
        # A `\r` before the change may now be followed by `\n`: begin one line above.
        first, last = max(line - 1, 0), self.at(end) + 1
        low = self[first]
        high = self[last] if last < len(self) else size
        # When a line starts at `high`, it is the last one that the middle knows of.
        middle = [low + s for s in starts_in(low, high + delta)]
        moved = [self[i] + delta * (i > line) for i in range(first, min(last + 1, len(self)))]
        if middle == moved and (not self._by or self._behind == line + 1):
            return Lines(self._starts, line + 1, self._by + delta)
        starts = list(self)
        return Lines([*starts[:first], *middle, *[s + delta for s in starts[last + 1 :]]])

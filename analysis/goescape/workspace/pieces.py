"""What was found, in pieces that outlive edits elsewhere.

A piece is what one step of the analysis said: the findings of a batch, or the summaries of a declared
function. Its places are those of the day it was made; its *anchors* are the stretches of text these
lie in, with where they began on that day. When an edit above has moved a stretch, the piece is the same
and only its placement is another: the places are moved along when somebody wants them.

Where a stretch has been bent, between its tokens (`source.bend`), the piece is made again with its places
where they are now: another piece, of the same `origin`.

Invariants
  - a `Piece` never changes; who has one sees at its `id` whether it was made anew;
  - a `Placed` is a value: it does not follow later edits, and may be read by any thread;
  - a place lies in the last anchor that begins before it in its file.

Example: a finding in line 10 of a function that began in line 8, which now begins in line 9, is in line 11.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from goescape.report.finding import Finding, Place
from goescape.report.summary import FunctionSummary
from goescape.source.bend import Change
from goescape.source.positions import BASE_SHIFT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goescape.source.bend import Bend
    from goescape.source.positions import Positions

Placement = tuple[tuple[int, int, int], ...]
"""Where each anchor begins: byte offset, and line and column from 1."""

_ids = count(1)


class Piece:
    """See the module. `id` is never given twice in a process; `origin` is that of the piece which it was
    before stretches were bent. `paths` are the files it speaks of. `anchor` is its base, if it has but one;
    else 0."""

    __slots__ = (
        "_bases",
        "_bends",
        "_bent",
        "_moved",
        "_was",
        "anchor",
        "bases",
        "findings",
        "functions",
        "id",
        "is_shared",
        "lines",
        "origin",
        "paths",
    )

    def __init__(
        self,
        findings: Iterable[Finding],
        functions: Iterable[FunctionSummary],
        bases: Iterable[int],
        positions: Positions,
    ) -> None:
        self.id = self.origin = next(_ids)
        self.findings = tuple(findings)
        self.functions = tuple(functions)
        where = []
        for base in bases:
            file = positions.file(base << BASE_SHIFT)
            if file is not None:
                where.append((file.path, positions.start(base), base))
        where.sort()
        self.paths = tuple(dict.fromkeys(path for path, _, _ in where))
        self._bases = tuple((base, path) for path, _, base in where)
        self.bases = tuple(base for _, _, base in where)
        self.anchor = self.bases[0] if len(self.bases) == 1 else 0
        self._set(self.placement(positions), positions.bends(self.bases))

    @classmethod
    def at(
        cls,
        findings: Iterable[Finding],
        functions: Iterable[FunctionSummary],
        anchors: Iterable[str],
        placement: Placement,
    ) -> Piece:
        """A piece that does not move: its anchors lie in the files `anchors`, where `placement` says."""
        piece = cls.__new__(cls)
        piece.id = piece.origin = next(_ids)
        piece.findings, piece.functions = tuple(findings), tuple(functions)
        piece.paths = tuple(dict.fromkeys(anchors))
        piece.bases = ()
        piece.anchor = 0
        piece._bases = tuple((0, path) for path in anchors)
        piece._set(placement, ())
        return piece

    def _set(self, placement: Placement, bends: tuple[Bend | None, ...]) -> None:
        self._was, self._bends = placement, bends
        self._moved: Placed | None = None
        self._bent: Piece | None = None
        self.lines = tuple([line for _, line, _ in placement])
        """The line in which each anchor begins when the piece is made."""
        self.is_shared = any(f.instance or f.opaque for f in self.findings)
        """Whether other pieces may say the same of generic code."""

    @property
    def anchors(self) -> tuple[str, ...]:
        """The file in which each anchor lies."""
        return tuple([path for _, path in self._bases])

    def placement(self, positions: Positions) -> Placement:
        """Where the anchors begin now."""
        return tuple(map(positions.place, self.bases))

    def placed(self, positions: Positions) -> Placed:
        """The piece where it is now."""
        moved, now = self._moved, self.placement(positions)
        if moved is None or moved.now != now or moved.piece._bends != positions.bends(self.bases):
            moved = self._moved = Placed(self.as_bent(positions, now), now)
        return moved

    def as_bent(self, positions: Positions, now: Placement) -> Piece:
        """The piece as it is with its stretches as they are."""
        bends = positions.bends(self.bases)
        if bends == self._bends:
            return self
        bent = self._bent
        if bent is None or bent._bends != bends:
            bent = self._bent = Piece.__new__(Piece)
            bent.id, bent.origin = next(_ids), self.origin
            bent.paths, bent._bases, bent.bases = self.paths, self._bases, self.bases
            bent.anchor = self.anchor
            way = _Bending(self, now, bends, positions)
            bent.findings = tuple(map(way.finding, self.findings))
            bent.functions = tuple(map(way.function, self.functions))
            bent._set(now, bends)
        return bent

    def is_where_it_was(self, now: Placement) -> bool:
        return now == self._was


class _Way:
    """How what a piece says gets from the places of the day when it was made to those where its anchors
    are `now`."""

    def __init__(self, piece: Piece, now: Placement) -> None:
        self._starts = list(zip(piece.anchors, (at[0] for at in piece._was), strict=True))
        self._was, self._now = piece._was, now

    def finding(self, f: Finding) -> Finding:
        flow = tuple([
            step if step.place is None else step.at(self.place(step.place))
            for step in f.flow
        ])  # fmt: skip
        inlined_from = tuple(map(self.place, f.inlined_from))
        return replace(f, place=self.place(f.place), flow=flow, inlined_from=inlined_from)

    def function(self, f: FunctionSummary) -> FunctionSummary:
        start, end = self.span(self._anchor(f.place), f.start, f.end)
        params = tuple([
            p if p.place is None else replace(p, place=self.place(p.place)) for p in f.params
        ])  # fmt: skip
        return replace(f, place=self.place(f.place), start=start, end=end, params=params)

    def place(self, place: Place) -> Place:
        i = self._anchor(place)
        line, col = self.point(i, place.line, place.col)
        return Place(place.path, line, col, *self.span(i, place.start, place.end))

    def _anchor(self, place: Place) -> int:
        """The index of the anchor in which it lies."""
        return max(bisect_right(self._starts, (place.path, place.start)) - 1, 0)

    def span(self, anchor: int, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of text in the anchor is now."""
        delta = self._now[anchor][0] - self._was[anchor][0]
        return start + delta, end + delta

    def point(self, anchor: int, line: int, col: int) -> tuple[int, int]:
        """The line and column of what was in those."""
        (_, old_line, old_col), (_, new_line, new_col) = self._was[anchor], self._now[anchor]
        return line + new_line - old_line, col + new_col - old_col if line == old_line else col


class _Bending(_Way):
    """The same where the anchors have been bent, and are like `bends` now (see `Positions.bends`)."""

    def __init__(
        self, piece: Piece, now: Placement, bends: tuple[Bend | None, ...], positions: Positions
    ) -> None:
        super().__init__(piece, now)
        nothing = (None,) * len(now)
        files = [positions.file(base << BASE_SHIFT) for base in piece.bases]
        self._changes = [
            (Change(before, after), file) if before is not after and file is not None else None
            for before, after, file in zip(
                piece._bends or nothing, bends or nothing, files, strict=True
            )
        ]

    def span(self, anchor: int, start: int, end: int) -> tuple[int, int]:
        changed = self._changes[anchor]
        if changed is None:
            return super().span(anchor, start, end)
        was, now = self._was[anchor][0], self._now[anchor][0]
        first = now + changed[0].start(start - was)
        return first, now + changed[0].end(end - was) if end > start else first

    def point(self, anchor: int, line: int, col: int) -> tuple[int, int]:
        changed = self._changes[anchor]
        if changed is None:
            return super().point(anchor, line, col)
        _, old_line, old_col = self._was[anchor]
        col -= old_col if line == old_line else 1
        return changed[1].line_col(self._now[anchor][0] + changed[0].at(line - old_line, col))


class Placed:
    """A piece and where it was at some moment: the same object as long as nothing of it changes."""

    __slots__ = ("_found", "_summed", "now", "piece")

    def __init__(self, piece: Piece, now: Placement) -> None:
        self.piece = piece
        self.now = now
        self._found: tuple[Finding, ...] | None = None
        self._summed: tuple[FunctionSummary, ...] | None = None

    @property
    def lines(self) -> tuple[int, ...]:
        """How many lines down each anchor is since the piece was made: while this is the same, so
        are all lines and columns."""
        was = self.piece.lines
        if len(was) == 1:
            return (self.now[0][1] - was[0],)
        return tuple([now[1] - before for now, before in zip(self.now, was, strict=True)])

    @property
    def begins_lines(self) -> bool:
        """Whether each anchor begins a line."""
        now = self.now
        return now[0][2] == 1 if len(now) == 1 else all(column == 1 for _, _, column in now)

    def starts(self, path: str) -> list[int]:
        """Where the anchors that lie in the file at `path` begin: no place in it is before all of them."""
        anchors = zip(self.piece.anchors, self.now, strict=True)
        return [now[0] for anchor, now in anchors if anchor == path]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, in the order in which they were made."""
        found = self._found
        if found is None:
            found = self.piece.findings
            if not self.piece.is_where_it_was(self.now):
                found = tuple(map(_Way(self.piece, self.now).finding, found))
            self._found = found
        return found

    def those(self, wanted: Callable[[Finding], bool]) -> list[Finding]:
        """The findings that are wanted, wherever they are; the others need not be placed for that."""
        if self._found is not None or self.piece.is_where_it_was(self.now):
            return [f for f in self.findings if wanted(f)]
        way = _Way(self.piece, self.now)
        return [way.finding(f) for f in self.piece.findings if wanted(f)]

    @property
    def functions(self) -> tuple[FunctionSummary, ...]:
        """The summaries, in source order."""
        summed = self._summed
        if summed is None:
            summed = self.piece.functions
            if not self.piece.is_where_it_was(self.now):
                summed = tuple(map(_Way(self.piece, self.now).function, summed))
            self._summed = summed
        return summed


class Found:
    """The pieces there are of each file, in order, until one more is made or one is gone."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[tuple[str | None, bool], list[Piece]] = {}

    def forget(self) -> None:
        self._of.clear()

    def replace(self, old: Piece | None, new: Piece) -> None:
        """`new` is in the place of `old`, if there was one."""
        if old is None or old.paths != new.paths:
            self.forget()
            return
        for key, pieces in list(self._of.items()):
            if old in pieces:
                pieces[pieces.index(old)] = new
            elif key[0] is None or key[0] in new.paths:
                del self._of[key]

    def placed(
        self,
        path: str | None,
        broken: bool,
        pieces: Callable[[], list[Piece]],
        positions: Positions,
    ) -> list[Placed]:
        """What was found in the file at `path` (None: in all of them), in the order of the text;
        `pieces` makes the list of all there are, which depends on whether the package is `broken`."""
        known = self._of.get((path, broken))
        if known is None:
            known = [p for p in pieces() if path is None or path in p.paths]
            self._of[path, broken] = known
        bent = positions.bent
        placed: list[Placed] = []
        for piece, now in zip(known, positions.places([p.anchor for p in known]), strict=True):
            moved = piece._moved
            if piece.anchor == 0:
                moved = piece.placed(positions)
            elif moved is None or moved.now[0] is not now:
                at = (now,)
                if piece._bends or piece.anchor in bent:
                    moved = Placed(piece.as_bent(positions, at), at)
                else:
                    moved = Placed(piece, at)
                piece._moved = moved
            placed.append(moved)
        starts = [moved.now[0][0] if moved.now else 0 for moved in placed]
        if starts == sorted(starts):
            return placed
        order = sorted(range(len(placed)), key=starts.__getitem__)
        known[:] = [known[i] for i in order]  # In order, the next time.
        return [placed[i] for i in order]

"""What is shown of a file, kept by the pieces of its answer.

An answer comes in pieces, one for each function or so, and an edit leaves nearly all of them as they
were (`workspace.pieces`). What was made of a piece is made once: as long as its lines are the same it is
taken as it is, down to the JSON; when its stretches of text have only moved up or down, the lines are
counted anew and nothing else. A piece of text that does not begin its line is looked at each time: what is in front of
it may be as many bytes as before, and not as many columns.

Invariants
  - what comes out is what `ide.diagnostics` says of all findings together, in the same order;
  - findings of generic code, which several pieces may share, are looked at together;
  - a file with a comment that hides findings is looked at as a whole: what is hidden depends on lines.

Example: in a file of 180 diagnostics, a character typed in a body makes those of one function anew, and
sends the JSON of the others.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from goescape.ide.diagnostics import Options, Source, diagnostics
from goescape.report.finding import Finding
from goescape.workspace.pieces import Placed
from goescape.workspace.session import FileAnswer

from goescape_server.lsp.to_lsp import Converter

LEAKS = frozenset({"leaks", "leaks-content"})

_N_PAST = 32
"""What is shown of so many pieces is remembered when they are gone: a function that is typed in, and who
calls it, come back to what they came to before."""

Key = tuple[tuple[int, tuple[int, ...]], ...]
"""The pieces that something was made of, each with how far its stretches have moved, or where they are if one
does not begin its line."""


_WHERE = re.compile(rb'"uri":"([^"]*)"|"line":(\d+)')
"""The file of a place, and then its lines, in JSON as it is encoded here; in a string there would be a
backslash before each quote."""


Order = tuple[int, int, int, int, str, str]


class Entry:
    """A diagnostic as JSON. Entries are told in their `order`, by place."""

    __slots__ = ("_form", "_lines", "order", "raw")

    def __init__(
        self, raw: bytes, order: Order, form: bytes = b"", lines: Sequence[int] = ()
    ) -> None:
        self.raw = raw
        self.order = order
        # The JSON with its lines in this file left open, once it has moved, and those lines.
        self._form = form
        self._lines = lines

    def moved(self, moves: Moves) -> Entry:
        """The same after lines have moved."""
        if not self._form:
            self._form, self._lines = _opened(self.raw, moves.uri)
        start, start_column, end, end_column, code, message = self.order
        start, end, *lines = moves.lines((start, end, *self._lines))
        order = start, start_column, end, end_column, code, message
        return Entry(self._form % tuple(lines), order, self._form, lines)


def _opened(raw: bytes, uri: bytes) -> tuple[bytes, tuple[int, ...]]:
    """A diagnostic of the file `uri` with `%d` for each line in that file, and the lines."""
    form, done = b"", 0
    lines: list[int] = []
    is_here = True
    for found in _WHERE.finditer(raw):
        where, line = found.groups()
        if where is not None:
            is_here = where == uri
        elif is_here:
            form += raw[done : found.start(2)].replace(b"%", b"%%") + b"%d"
            done = found.end()
            lines.append(int(line))
    return form + raw[done:].replace(b"%", b"%%"), tuple(lines)


class Moves:
    """How the lines of the file `uri` (as in JSON) have moved: each stretch, given by its first line (from
    0) before, by so many lines."""

    __slots__ = ("_by", "_starts", "uri")

    def __init__(self, uri: bytes, stretches: Iterable[tuple[int, int]]) -> None:
        self.uri = uri
        ordered = sorted(stretches)
        self._starts = [start for start, _ in ordered]
        self._by = [by for _, by in ordered]

    def lines(self, lines: Sequence[int]) -> list[int]:
        """Where lines of the stretches are now."""
        starts, by = self._starts, self._by
        if len(by) == 1:
            distance = by[0]
            return [line + distance for line in lines]
        return [line + by[max(bisect_right(starts, line) - 1, 0)] for line in lines]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of some pieces: diagnostics, and how many allocations and leaks there are."""

    entries: tuple[Entry, ...]
    heap: int
    leaks: int


class Whole:
    """What is shown of the `parts` together: `diagnostics` as JSON, in the order of the file, and `name`, which
    equal lists have in common; how many allocations (`heap`) and `leaks` there are."""

    __slots__ = ("diagnostics", "heap", "leaks", "name", "parts")

    def __init__(self, parts: Sequence[Shown]) -> None:
        self.parts = parts
        entries = {e.raw: e for shown in parts for e in shown.entries}
        found = tuple([e.raw for e in sorted(entries.values(), key=attrgetter("order"))])
        self.diagnostics = tuple(map(msgspec.Raw, found))
        # By the hashes that texts know of themselves.
        self.name = f"{hash(found) & sys.maxsize:x}"
        self.heap = sum([shown.heap for shown in parts])
        self.leaks = sum([shown.leaks for shown in parts])


def entry(plain: dict[str, Any]) -> Entry:
    start, end = plain["range"]["start"], plain["range"]["end"]
    place = start["line"], start["character"], end["line"], end["character"]
    return Entry(msgspec.json.encode(plain), (*place, plain["code"], plain["message"]))


@dataclass(slots=True)
class _Known:
    """What is shown of pieces with that `key`. `by_line`: each stretch of their text begins a line, so that columns
    stay. If it is one piece, `placed` was the last that had these `lines`."""

    key: Key
    shown: Shown
    by_line: bool
    placed: Placed | None = None
    lines: tuple[int, ...] = ()


class Memory:
    """What is known of one file, as `update` left it. It is for one set of options."""

    __slots__ = ("_alone", "_options", "_past", "_together", "_whole", "keys")

    def __init__(self, options: Options) -> None:
        self._options = options
        self._alone: dict[int, _Known] = {}
        self._past: dict[int, _Known] = {}  # of pieces that were there, the last one last
        self._together: _Known | None = None
        self._whole = Whole(())
        self.keys: tuple[Key, ...] = ()
        """What the last answer consists of: equal keys, equal findings at equal places."""

    def update(self, answer: FileAnswer, source: Source, convert: Converter) -> Whole:
        """What is shown of the answer."""
        if not answer.pieces or source.ignores:
            self._alone, self._past, self._together, self.keys = {}, {}, None, ((),)
            return Whole([self._show(answer.findings, source, convert)])
        old, new = self._alone, dict[int, _Known]()
        generic = []
        for placed in answer.pieces:
            id = placed.piece.id
            if placed.piece.is_shared:
                generic.append(placed)
                continue
            known = old.get(id) or self._past.pop(id, None)
            if known is None or known.placed is not placed or not known.by_line:
                lines, by_line = placed.lines, placed.begins_lines
                if known is not None and not (by_line and known.by_line):
                    known = None
                if known is not None and known.lines == lines:
                    known.placed = placed
                else:
                    shown = _shifted(known, lines, placed, convert) if known is not None else None
                    if shown is None:
                        shown = self._show(_within(placed, answer), source, convert)
                    known = _Known(((id, _where(placed)),), shown, by_line, placed, lines)
            new[id] = known
        every = list(new.values())
        if generic:
            key = tuple([(placed.piece.id, _where(placed)) for placed in generic])
            by_line = all(placed.begins_lines for placed in generic)
            if self._together is None or self._together.key != key or not by_line:
                found = [f for placed in generic for f in _within(placed, answer)]
                self._together = _Known(key, self._show(found, source, convert), by_line)
            every.append(self._together)
        else:
            self._together = None
        self._past.update((id, old[id]) for id in old.keys() - new.keys())
        for id in list(self._past)[:-_N_PAST]:
            del self._past[id]
        self._alone, self.keys = new, tuple([known.key for known in every])
        parts = [known.shown for known in every]
        if parts != self._whole.parts:
            self._whole = Whole(parts)
        return self._whole

    def _show(self, findings: Sequence[Finding], source: Source, convert: Converter) -> Shown:
        made = tuple([entry(convert.plain_diagnostic(d)) for d in diagnostics(findings, source, self._options)])  # fmt: skip
        return Shown(
            made,
            _count(findings, lambda f: f.costs),
            _count(findings, lambda f: f.code in LEAKS),
        )


def _within(placed: Placed, answer: FileAnswer) -> list[Finding]:
    """The findings of the piece that lie in the file."""
    return [f for f in placed.findings if f.place.path == answer.path]


def _where(placed: Placed) -> tuple[int, ...]:
    """What tells where the lines and columns of a piece are."""
    if placed.begins_lines:
        return placed.lines
    return tuple([n for _, line, column in placed.now for n in (line, column)])


def _shifted(
    known: _Known, lines: tuple[int, ...], placed: Placed, convert: Converter
) -> Shown | None:
    """What was shown of the piece elsewhere, whose stretches begin lines, if only lines of this file have moved."""
    shown = known.shown
    if not shown.entries:
        return shown
    here, piece = [], placed.piece
    for path, line, was, is_now in zip(piece.anchors, piece.lines, known.lines, lines, strict=True):
        if path == convert.file.path:
            here.append((line + was - 1, is_now - was))
        elif was != is_now:
            return None
    if not here:
        return None
    moves = Moves(convert.uri, here)
    entries = tuple([e.moved(moves) for e in shown.entries])
    return Shown(entries, shown.heap, shown.leaks)


def _count(findings: Iterable[Finding], is_counted: Callable[[Finding], bool]) -> int:
    return len({(f.place, f.code) for f in findings if is_counted(f)})

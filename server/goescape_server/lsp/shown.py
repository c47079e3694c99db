"""What is shown of a file, kept by the pieces of its answer.

An answer comes in pieces, one for each function or so, and an edit leaves nearly all of them as they
were (`workspace.pieces`). What was made of a piece is made once: as long as its lines are the same it is
taken as it is, down to the JSON; when the whole piece has only moved up or down, the lines are counted
anew and nothing else.

Invariants
  - what comes out is what `ide.diagnostics` says of all findings together, in the same order;
  - findings of generic code, which several pieces may share, are looked at together;
  - a file with a comment that hides findings is looked at as a whole: what is hidden depends on lines.

Example: in a file of 180 diagnostics, a character typed in a body makes those of one function anew, and
sends the JSON of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec
from goescape.ide.diagnostics import Options, Source, diagnostics
from goescape.report.finding import Finding
from goescape.report.ignore import DIRECTIVE
from goescape.workspace.pieces import Placed
from goescape.workspace.session import FileAnswer

from goescape_server.lsp.to_lsp import Converter

LEAKS = frozenset({"leaks", "leaks-content"})

Key = tuple[tuple[int, tuple[int, ...]], ...]
"""The pieces that something was made of, each with how far its stretches have moved."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A diagnostic as plain data and as JSON; entries are told in their `order`, by place."""

    plain: dict[str, Any]
    raw: bytes
    order: tuple[Any, ...]

    def moved(self, lines: int) -> Entry:
        """The same so many lines further down."""
        plain = {**self.plain, "range": _moved(self.plain["range"], lines)}
        if "relatedInformation" in plain:
            plain["relatedInformation"] = [
                {
                    **r,
                    "location": {
                        **r["location"], "range": _moved(r["location"]["range"], lines)
                    },
                }
                for r in plain["relatedInformation"]
            ]  # fmt: skip
        return entry(plain)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of some pieces: diagnostics, and how many allocations and leaks there are."""

    entries: tuple[Entry, ...]
    heap: int
    leaks: int


def entry(plain: dict[str, Any]) -> Entry:
    start, end = plain["range"]["start"], plain["range"]["end"]
    place = start["line"], start["character"], end["line"], end["character"]
    return Entry(plain, msgspec.json.encode(plain), (*place, plain["code"], plain["message"]))


class Memory:
    """What is known of one file, as `update` left it. It is for one set of options."""

    __slots__ = ("_by_key", "_options", "keys")

    def __init__(self, options: Options) -> None:
        self._options = options
        self._by_key: dict[Key, Shown] = {}
        self.keys: tuple[Key, ...] = ()
        """What the last answer consists of: equal keys, equal findings at equal places."""

    def update(self, answer: FileAnswer, source: Source, convert: Converter) -> Shown:
        """What is shown of the answer."""
        if not answer.pieces or DIRECTIVE in source.text:
            self._by_key, self.keys = {}, ((),)
            return self._show(answer.findings, source, convert)
        old, new = self._by_key, dict[Key, Shown]()
        last = {key[0][0]: key for key in old if len(key) == 1}
        for group in _groups(answer.pieces):
            key = tuple([(placed.piece.id, placed.lines) for placed in group])
            shown = old.get(key)
            if shown is None and len(group) == 1:
                shown = _shifted(old, last.get(key[0][0]), key, group[0], answer.path)
            if shown is None:
                found = [
                    f for placed in group for f in placed.findings if f.place.path == answer.path
                ]
                shown = self._show(found, source, convert)
            new[key] = shown
        self._by_key, self.keys = new, tuple(new)
        entries = {e.raw: e for shown in new.values() for e in shown.entries}
        return Shown(
            tuple(sorted(entries.values(), key=attrgetter("order"))),
            sum(shown.heap for shown in new.values()),
            sum(shown.leaks for shown in new.values()),
        )

    def _show(self, findings: Sequence[Finding], source: Source, convert: Converter) -> Shown:
        made = tuple([entry(convert.plain_diagnostic(d)) for d in diagnostics(findings, source, self._options)])  # fmt: skip
        return Shown(
            made,
            _count(findings, lambda f: f.costs),
            _count(findings, lambda f: f.code in LEAKS),
        )


def _groups(pieces: Sequence[Placed]) -> Iterable[list[Placed]]:
    """Each piece by itself; those with findings of generic code together."""
    generic = []
    for placed in pieces:
        if placed.piece.is_shared:
            generic.append(placed)
        else:
            yield [placed]
    if generic:
        yield generic


def _shifted(
    old: dict[Key, Shown], before: Key | None, now: Key, placed: Placed, path: str
) -> Shown | None:
    """What was shown of the piece elsewhere, if it has moved as a whole and lies in this file alone."""
    if before is None or placed.piece.paths != (path,):
        return None
    by = {b - a for a, b in zip(before[0][1], now[0][1], strict=True)}
    if len(by) != 1:
        return None
    lines = by.pop()
    shown = old[before]
    return Shown(tuple([e.moved(lines) for e in shown.entries]), shown.heap, shown.leaks)


def _moved(span: dict[str, Any], lines: int) -> dict[str, Any]:
    start, end = span["start"], span["end"]
    return {
        "start": {"line": start["line"] + lines, "character": start["character"]},
        "end": {"line": end["line"] + lines, "character": end["character"]},
    }


def _count(findings: Iterable[Finding], is_counted: Callable[[Finding], bool]) -> int:
    return len({(f.place, f.code) for f in findings if is_counted(f)})

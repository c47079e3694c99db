"""Trailing comments of neighbouring lines stand below each other, as gofmt sets them.

When an edit makes a line longer or shorter, or puts a line between others, the comments behind these lines
move. What stands in one column is a *run*: lines that follow each other, begin equally far in, and all end in a
comment behind code; a line that begins with a closing bracket ends one, and one with several elements of a list. In a run the comments begin one
blank behind the longest code.

Invariants
  - only blanks between code and comment are changed, and only in runs beside an edit;
  - a text whose runs were set otherwise before is left as it is.

Example: in `x := 1 // a` above `longer := 2 // b`, the first comment gets five blanks more.

Source: text/tabwriter, go/printer/nodes.go: stmtList, go/printer/printer.go: writeCommentPrefix (go1.27).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goescape.ide.fixes.edit import Edit, Shift, apply
from goescape.source.file import SourceFile

_CODE = re.compile(
    rb"""(?:"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` | /(?![/*]) | [^"'`/])*""", re.VERBOSE
)


_PIECE = re.compile(
    rb"""(?P<text>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*`) | (?P<open>[(\[{]) | (?P<close>[)\]}]) | ,""",
    re.VERBOSE,
)
"""What matters for whether a line has several elements: a comma is neither text nor bracket."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with code and a comment behind it, in byte offsets: the indentation, where the code
    begins and ends, and where the comment begins. `width` is that of the code in characters. It `ends` a run."""

    indent: bytes
    start: int
    end: int
    comment: int
    width: int
    ends: bool


def comment_edits(path: str, text: bytes, edits: Iterable[Edit]) -> list[Edit]:
    """What has to be edited besides `edits` of `text` for comments to be in line again."""
    edits = list(edits)
    if b"//" not in text and b"/*" not in text:
        return []
    after = _Lines(apply(text, edits))
    before = _Lines(text)
    shift = Shift(edits)
    out: dict[Edit, None] = {}
    for e, start, end in shift.placed():
        runs = [before.run(n) for n in before.around(e.start, e.end)]
        if not all(_is_set(run) for run in runs):
            continue
        for n in after.around(start, end):
            for edit in _set(path, after.run(n), shift):
                out[edit] = None
    return list(out)


class _Lines:
    """The lines of a text."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._starts = SourceFile("", text).line_starts
        self._known: dict[int, _Line | None] = {}

    def around(self, start: int, end: int) -> Iterator[int]:
        """The lines of the bytes `start` to `end`, and one more on each side."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, end)
        yield from range(max(first - 2, 0), min(last + 1, len(self._starts)))

    def run(self, n: int) -> list[_Line]:
        """The run of line `n`; empty if no comment is behind its code."""
        line = self._line(n)
        if line is None:
            return []
        run = [line]
        i = n
        while (above := self._line(i - 1)) is not None and self._joined(above, run[0]):
            run.insert(0, above)
            i -= 1
        while (below := self._line(n + 1)) is not None and self._joined(run[-1], below):
            run.append(below)
            n += 1
        return run

    @staticmethod
    def _joined(above: _Line, below: _Line) -> bool:
        return above.indent == below.indent and not above.ends

    def _line(self, n: int) -> _Line | None:
        if n not in self._known:
            self._known[n] = self._read(n) if 0 <= n < len(self._starts) else None
        return self._known[n]

    def _read(self, n: int) -> _Line | None:
        start = self._starts[n]
        end = self.text.find(b"\n", start)
        raw = self.text[start : len(self.text) if end < 0 else end]
        found = _CODE.match(raw)
        code = raw[: found.end()] if found is not None else b""
        rest = raw[len(code) :].rstrip()
        if not rest.startswith(b"//") and not (rest.startswith(b"/*") and rest.endswith(b"*/")):
            return None
        inner = code.strip()
        if not inner:
            return None
        indent = code[: len(code) - len(code.lstrip())]
        first = start + len(indent)
        width = len(inner.decode("utf-8", "replace"))
        ends = inner.startswith((b"}", b")")) or _has_elements(inner)
        return _Line(indent, first, first + len(inner), start + len(code), width, ends)


def _has_elements(code: bytes) -> bool:
    """Whether a line of a list has several elements."""
    if not code.endswith(b","):
        return False
    depth = n_commas = 0
    for piece in _PIECE.finditer(code):
        depth += (piece["open"] is not None) - (piece["close"] is not None)
        n_commas += depth == 0 and piece[0] == b","
    return n_commas > 1


def _column(run: list[_Line]) -> int:
    return max(line.width for line in run) + 1


def _is_set(run: list[_Line]) -> bool:
    """Whether the comments of a run are where gofmt sets them."""
    return all(line.comment - line.end == _column(run) - line.width for line in run)


def _set(path: str, run: list[_Line], shift: Shift) -> Iterator[Edit]:
    """The blanks of a run, in offsets before the edits of `shift`."""
    for line in run:
        blanks = _column(run) - line.width
        if line.comment - line.end == blanks:
            continue
        start, inside = shift.before(line.end)
        end, inside_too = shift.before(line.comment)
        if inside is None and inside_too is None and end - start == line.comment - line.end:
            yield Edit(path, start, end, " " * blanks)

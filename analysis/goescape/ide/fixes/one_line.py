"""Functions on one line get lines for their statements when they grow too long, as gofmt breaks them.

A body stays on the line of its braces while its function, without blanks and braces around the
body, has at most 100 bytes. When an edit makes it longer, each statement gets a line of its own.

Invariants
  - only blanks and semicolons between statements and braces are changed, and those before the body;
  - a function that was too long before is left as it is, and so is one with comments in its body, or
    whose edits bring lines themselves.

Example: when the call in `func f(n int) { fmt.Println("n =", n) }` becomes a longer one, it comes to stand
between the lines `func f(n int) {` and `}`.

Source: go/printer/nodes.go: funcBody, bodySize (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit, Shift, apply, overlap
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot

_MAX_SIZE = 100
_MAX_STATEMENTS = 5

Function = ast.FuncDecl | ast.FuncLit


def line_edits(snapshot: Snapshot, path: str, edits: Iterable[Edit]) -> list[Edit]:
    """What has to be edited besides `edits` of a file for no body to be too long for its line."""
    edits = list(edits)
    text = snapshot.text(path)
    edited: dict[Function, None] = {}
    for e in edits:
        around = snapshot.path_at(path, e.start, e.end)
        edited.update((n, None) for n in around if isinstance(n, Function))
    if not edited:
        return []
    shift, after = Shift(edits), apply(text, edits)
    out: list[Edit] = []
    broken: list[_Line] = []
    for function in edited:  # Outer ones before those in them.
        line = _line(snapshot, text, function)
        if line is None or not line.fits(text):
            continue
        if line.moved(shift).fits(after) or line.has_new_lines(edits):
            continue
        depth = sum(outer.start < line.start < outer.end for outer in broken)
        new = line.broken(path, text, snapshot.indent(path, line.start) + "\t" * depth)
        if not overlap(new, edits):
            broken.append(line)
            out += new
    return out


@dataclass(frozen=True, slots=True)
class _Line:
    """A function on one line, in byte offsets: where it starts, and the gaps before its body, before, between
    and behind the statements."""

    start: int
    gaps: tuple[tuple[int, int], ...]

    @property
    def end(self) -> int:
        return self.gaps[-1][1]

    def fits(self, text: bytes) -> bool:
        header = self.gaps[0][0] - self.start
        body = self.gaps[-1][0] - self.gaps[1][1]
        return header + body <= _MAX_SIZE and b"\n" not in text[self.start : self.end]

    def moved(self, shift: Shift) -> _Line:
        gaps = [(shift.after(start)[0], shift.after(end)[0]) for start, end in self.gaps]
        return _Line(shift.after(self.start)[0], tuple(gaps))

    def has_new_lines(self, edits: Iterable[Edit]) -> bool:
        return any("\n" in e.text for e in edits if self.start <= e.start and e.end <= self.end)

    def broken(self, path: str, text: bytes, indent: str) -> list[Edit]:
        """What gives each statement a line of its own."""
        blanks = [" ", *[f"\n{indent}\t"] * (len(self.gaps) - 2), f"\n{indent}"]
        return [
            Edit(path, start, end, blank)
            for (start, end), blank in zip(self.gaps, blanks, strict=True)
            if text[start:end] != blank.encode()
        ]


def _line(snapshot: Snapshot, text: bytes, function: Function) -> _Line | None:
    """A function as it stands on one line; None if it does not, or with more than its statements."""
    body = function.body
    if body is None or not body.list or len(body.list) > _MAX_STATEMENTS:
        return None
    left, right = snapshot.offset(body.pos), snapshot.offset(body.rbrace)
    start, _ = snapshot.span(function)
    if isinstance(function, ast.FuncDecl):
        start = text.rfind(b"\n", 0, left) + 1
    spans = [(left, left + 1), *map(snapshot.span, body.list), (right, right + 1)]
    header = text[start:left].rstrip()
    gaps = ((start + len(header), left), *((a[1], b[0]) for a, b in pairwise(spans)))
    if not header.startswith(b"func") or any(text[a:b].strip(b" \t;") for a, b in gaps):
        return None
    return _Line(start, gaps)

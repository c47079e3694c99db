"""Values behind keys stand below each other, as gofmt sets them.

In a composite literal with an element on each line, the values of elements that follow each other and take one
line each begin in one column. An element of several lines, a blank line or a comment between them ends such a
*section*; when an edit puts an element on one line that took several, or the other way round, sections change.

Invariants
  - only blanks between colon and value are changed, and only around elements that an edit shortened or
    lengthened by lines, or whose keys it changed;
  - a literal that was set otherwise before is left as it is.

Example: when the value of `Detail` comes to stand on one line below `Severity: 1,`, it begins where the 1 does.

Source: go/printer/nodes.go: exprList (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit, Shift, apply
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot

_SMALL = 40
"""Longer keys are set by the proportion of their lengths."""


@dataclass(frozen=True, slots=True)
class _Element:
    """A key with its colon and a value, in byte offsets."""

    start: int
    colon: int
    value: int
    end: int


def key_edits(snapshot: Snapshot, path: str, edits: Iterable[Edit]) -> list[Edit]:
    """What has to be edited besides `edits` of a file for values to be in line again."""
    edits = list(edits)
    text = snapshot.text(path)
    literals: dict[ast.CompositeLit, None] = {}
    for e in edits:
        around = snapshot.path_at(path, e.start, e.end)
        is_in_key = any(isinstance(n, ast.KeyValueExpr) and n.key is x for n, x in pairwise(around))
        if is_in_key or text.count(b"\n", e.start, e.end) != e.text.count("\n"):
            literals.update((n, None) for n in around if isinstance(n, ast.CompositeLit))
    if not literals:
        return []
    shift = Shift(edits)
    after = apply(text, edits)
    out: list[Edit] = []
    for literal in literals:
        elements = _elements(snapshot, text, literal)
        if elements is None or not _is_set(text, elements):
            continue
        moved = _moved(shift, elements)
        if moved is None:
            continue
        for element, new, blanks in zip(elements, moved, _blanks(after, moved) or (), strict=False):
            if blanks != new.value - new.colon:
                out.append(Edit(path, element.colon, element.value, " " * blanks))
    return out


def _elements(snapshot: Snapshot, text: bytes, literal: ast.CompositeLit) -> list[_Element] | None:
    """The elements of a literal; None if they are not all keys and values on lines of their own."""
    out: list[_Element] = []
    for x in literal.elem_list:
        if not isinstance(x, ast.KeyValueExpr):
            return None
        start, key_end = snapshot.span(x.key)
        value, end = snapshot.span(x.value)
        if text[key_end : key_end + 1] != b":" or text[key_end + 1 : value].strip(b" "):
            return None
        if text[text.rfind(b"\n", 0, start) + 1 : start].strip():
            return None
        out.append(_Element(start, key_end + 1, value, end))
    return out


def _moved(shift: Shift, elements: Sequence[_Element]) -> list[_Element] | None:
    """The elements after the edits; None if one edits more than values."""
    out: list[_Element] = []
    for x in elements:
        offsets = (x.start, x.colon, x.value, x.end)
        places = [shift.after(offset) for offset in offsets]
        for offset, (_, edit) in zip(offsets, places, strict=True):
            if edit is not None and edit.start != offset:
                return None
        out.append(_Element(*(place for place, _ in places)))
    return out


def _is_set(text: bytes, elements: Sequence[_Element]) -> bool:
    """Whether the values stand where gofmt sets them."""
    return _blanks(text, elements) == [x.value - x.colon for x in elements]


def _blanks(text: bytes, elements: Sequence[_Element]) -> list[int] | None:
    """How many blanks gofmt sets before each value; None if that is not known."""
    widths = [len(text[x.start : x.colon].decode("utf-8", "replace")) for x in elements]
    if any(width > _SMALL for width in widths):
        return None
    sections: list[list[int]] = [[0]] if elements else []
    for i, (x, y) in enumerate(pairwise(elements), 1):
        is_below = text.count(b"\n", x.start, y.start) == 1
        if is_below and b"\n" not in text[y.start : y.end]:
            sections[-1].append(i)
        else:
            sections.append([i])
    out = [1] * len(elements)
    for section in sections:
        column = max(widths[i] for i in section) + 1
        for i in section:
            out[i] = column - widths[i]
    return out

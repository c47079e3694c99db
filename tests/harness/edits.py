"""Edits as people make them, on real files: for tests that compare, and for benchmarks that time.

An `Edit` is drawn by hypothesis and applied to whatever the text is by then: offsets are fractions
of a function's body, so that an edit means something after any other.

Example: `Edit("insert", 0.5, 0, "}")` puts a brace into the middle of the first function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

_FUNCTION = re.compile(rb"^func .*\{$", re.M)

SNIPPETS = (
    "}", "{", "(", ")", "x", "\n", '"', "`", "/*", "// 世界 𝒳\n", "return", "&", "*", ";", "+1", "nil", "if true {\n",
    "\n\tx9 := new(int)\n\t_ = x9\n", "func() {}()\n", "\n\tgo func() { _ = recover() }()\n", "\nfunc extra() *int { return new(int) }\n",
    "\n\tdefer println(1)\n", "\nvar y8 = 1\n", "for {}\n", " panic(1);",
)  # fmt: skip

KINDS = (
    "insert",
    "insert",
    "insert",
    "delete",
    "delete",
    "cut line",
    "double line",
    "paste",
    "undo",
    "undo",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """`kind` is one of `KINDS`; `where` and `other` are fractions of the file's functions and of
    their bodies; `text` is what is inserted."""

    kind: str
    where: float
    inside: float
    other: float
    text: str


def edits() -> st.SearchStrategy[Edit]:
    fraction = st.floats(0, 0.999)
    return st.builds(
        Edit, st.sampled_from(KINDS), fraction, fraction, fraction, st.sampled_from(SNIPPETS)
    )


def bodies(text: bytes) -> list[tuple[int, int]]:
    """From the line of each function to its closing brace; the whole text if there is none."""
    found = []
    for m in _FUNCTION.finditer(text):
        end = text.find(b"\n}", m.start())
        found.append((m.start(), end if end >= 0 else len(text)))
    return found or [(0, len(text))]


def apply(edit: Edit, text: bytes, undo: list[bytes]) -> bytes:
    """The text after `edit`; `undo` are earlier texts, the newest last."""
    if edit.kind == "undo":
        return undo.pop() if undo else text
    undo.append(text)
    at = _place(text, edit.where, edit.inside)
    line = text.rfind(b"\n", 0, at) + 1
    end = text.find(b"\n", at) + 1 or len(text)
    if edit.kind == "insert":
        return text[:at] + edit.text.encode() + text[at:]
    if edit.kind == "delete":
        return text[:at] + text[at + 1 + int(edit.other * 6) :]
    if edit.kind == "cut line":
        return text[:line] + text[end:]
    if edit.kind == "double line":
        return text[:end] + text[line:end] + text[end:]
    other = _place(text, edit.other, edit.inside)
    start = text.rfind(b"\n", 0, other) + 1
    stop = text.find(b"\n", other) + 1 or len(text)
    return text[:line] + text[start:stop] + text[line:]


def _place(text: bytes, which: float, inside: float) -> int:
    found = bodies(text)
    start, end = found[int(which * len(found))]
    return start + int(inside * (end - start))

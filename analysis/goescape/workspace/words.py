"""The words in the text of declarations: what does not occur there is not named.

Example: of `func f() { g("h") }` the words are `func`, `f` and `g`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goescape.syntax import ast
    from goescape.workspace.state import State

_WORD = re.compile(rb'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|([^\W\d]\w*)', re.DOTALL)
"""Words of Go, and what is none: comments and strings."""


def words_of(state: State) -> list[tuple[ast.Decl, set[bytes]]]:
    """The declarations of a package with the words in their text."""
    found: list[tuple[ast.Decl, set[bytes]]] = []
    for parsed in state.parsed:
        text = parsed.source.text
        for stretch in parsed.stretches:
            words = set(_WORD.findall(text[stretch.start : stretch.end]))
            found += [(decl, words) for decl in stretch.decls]
    return found


def mentioning(state: State, word: bytes) -> Iterator[ast.Decl]:
    """The declarations of a package in whose text `word` is one of the words."""
    for parsed in state.parsed:
        text = parsed.source.text
        if word in text:
            for stretch in parsed.stretches:
                start, end = stretch.start, stretch.end
                if text.find(word, start, end) >= 0 and word in _WORD.findall(text[start:end]):
                    yield from stretch.decls


def encoded(name: str) -> bytes:
    """A name as it stands in a text."""
    return name.encode("utf-8", "surrogateescape")

"""Whether a stretch of text reads as another one did: the same tokens, other blanks and comments.

A blank or a comment means something where a line ends (a semicolon is inserted), in `//go:` directives, and
to the compiler in lines so long that it does not tell columns apart. All else may differ.

Example: `f(a,  b) // c` reads as `f(a, b)` does, and `f(a,\\n\\tb)` too; `f(a\\n, b)` does not.
"""

from __future__ import annotations

from goescape.source.bend import Bend
from goescape.source.positions import MAX_COLUMN
from goescape.syntax.scan import Tokens

_BLANKS = b" \t\r\n"


def without_blanks(text: bytes) -> bytes:
    """What texts have in common that differ in blanks only."""
    return text.translate(None, _BLANKS)


def differs_in_comments(old: bytes, new: bytes, edit: tuple[int, int, int]) -> bool:
    """Whether that may be: there is a comment where the texts differ, `edit` being the beginning of that
    and its end in each."""
    start, old_end, new_end = edit
    if old.rfind(b"/*", 0, start) > old.rfind(b"*/", 0, start):
        return True
    line = old.rfind(b"\n", 0, start) + 1
    return any(b"//" in text or b"/*" in text for text in (old[line:old_end], new[line:new_end]))


def bend(before: Tokens, after: Tokens, known: Bend | None) -> Bend | None:
    """How a stretch that begins a line, has the tokens `before` and was `known` to be bent, is bent now that it has
    the tokens `after`; None if these do not read alike."""
    old, new = before.text, after.text
    if _has_long_line(old) or _has_long_line(new):
        return None
    if before.classes != after.classes or before.values != after.values:
        return None
    if before.errors or after.errors or _directives(before) != _directives(after):
        return None
    old_tokens, tokens = _tokens(before), _tokens(after)
    if any(a[1] != b[1] for a, b in zip(old_tokens, tokens, strict=True)):
        return None
    now = [beg for beg, _ in tokens]
    was, was_text = [beg for beg, _ in old_tokens], old
    if known is not None:
        was, was_text = list(known.was), known.was_text
    for i, (beg, token) in enumerate(tokens[:-1]):
        if was[i] + len(token) == was[i + 1] and beg + len(token) != now[i + 1]:
            return None
    return Bend(was_text, was, new, now)


def _has_long_line(text: bytes) -> bool:
    return max(map(len, text.split(b"\n"))) >= MAX_COLUMN


def _directives(tokens: Tokens) -> list[tuple[int, str, bool]]:
    return [(before, text, alone) for before, _, text, alone in tokens.directives]


def _tokens(tokens: Tokens) -> list[tuple[int, bytes]]:
    """Where each token of the source begins, and its text; for directives none."""
    text = tokens.text
    found = [
        (beg, text[beg:end])
        for cls, value, beg, end in zip(
            tokens.classes, tokens.values, tokens.begs, tokens.ends, strict=True
        )
        if cls != "EOF" and (cls != ";" or value == "semicolon")
    ]
    if tokens.directives:
        found = sorted([*found, *((beg, b"") for _, beg, _, _ in tokens.directives)])
    return found

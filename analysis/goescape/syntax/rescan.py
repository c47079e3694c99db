"""The tokens of a text after an edit, from those before it.

What the scanner makes of a text from some place on depends on that text and on the last token, so it is
scanned from a little in front of the edit to the first token behind it that is there again.

Invariants
  - what comes out is what `scan` says of the new text;
  - where something is wrong, or there are directives, all is scanned.

Example: in `f(a, b); g()`, when `b` becomes `b+1`, `a, b+1)` is scanned, and `; g()` has moved by two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from goescape.syntax.difference import difference
from goescape.syntax.scan import Tokens, ends_statement, scan

_LOOKAHEAD = 2
"""The scanner looks at so many bytes behind a token: at the last dots of `...`."""


def scan_again(known: Tokens, text: bytes) -> Tokens:
    """`scan` of all of `text`, where `known` is what that said of another one."""
    edit = difference(known.text, text)
    if edit is None:
        return known
    found = _around(known, text, edit)
    return found if found is not None else scan(text, 0, len(text), {})


def _around(known: Tokens, text: bytes, edit: tuple[int, int, int]) -> Tokens | None:
    """The same, scanning what lies around the edit; None if that does not do."""
    if known.errors or known.directives:
        return None
    start, old_end, new_end = edit
    shift = new_end - old_end
    first = bisect_left(known.ends, start - _LOOKAHEAD + 1)
    last = bisect_right(known.begs, old_end)
    n = len(known.classes)
    while last < n and (_is_implied(known, last) or known.classes[last] == "."):
        last += 1  # What is scanned must not end within `...`.
    restart = known.ends[first - 1] if first else 0
    end = known.ends[last] + shift if last < n else len(text)
    nlsemi = first > 0 and ends_statement(known.classes[first - 1])
    found = scan(text, restart, end, {}, nlsemi)
    if found.errors or found.directives:
        return None
    if last < n:
        while found.classes and _is_implied(found, len(found.classes) - 1):
            _pop(found)
        if not found.classes or _last(found) != (
            known.classes[last], known.values[last], known.begs[last] + shift, end,
        ):  # fmt: skip
            return None
    tail = last + 1
    found.classes = known.classes[:first] + found.classes + known.classes[tail:]
    found.values = known.values[:first] + found.values + known.values[tail:]
    found.begs = known.begs[:first] + found.begs + [at + shift for at in known.begs[tail:]]
    found.ends = known.ends[:first] + found.ends + [at + shift for at in known.ends[tail:]]
    return found


def _is_implied(tokens: Tokens, i: int) -> bool:
    """Whether a token is the end, or a semicolon that nobody has written."""
    return tokens.classes[i] == "EOF" or (
        tokens.classes[i] == ";" and tokens.values[i] != "semicolon"
    )


def _pop(tokens: Tokens) -> None:
    for found in (tokens.classes, tokens.values, tokens.begs, tokens.ends):
        found.pop()


def _last(tokens: Tokens) -> tuple[str, str, int, int]:
    return tokens.classes[-1], tokens.values[-1], tokens.begs[-1], tokens.ends[-1]


def between(tokens: Tokens, start: int, end: int) -> Tokens | None:
    """`scan` of what lies from `start`, the beginning of the text or of one, to `end`, where a
    written token begins or any ends; None if it is otherwise, or anything is wrong."""
    first, last = bisect_left(tokens.begs, start), bisect_left(tokens.begs, end)
    is_all = end == len(tokens.text)
    is_token = tokens.begs[first] == start and not _is_implied(tokens, first)
    if tokens.errors or (first and not is_token):
        return None
    if not (is_all or tokens.begs[last] == end or (last and tokens.ends[last - 1] == end)):
        return None
    if is_all:
        last = len(tokens.begs)
    found = Tokens(tokens.text)
    found.classes, found.values = tokens.classes[first:last], tokens.values[first:last]
    found.begs, found.ends = tokens.begs[first:last], tokens.ends[first:last]
    found.directives = [
        (index - first, at, text, alone)
        for index, at, text, alone in tokens.directives
        if start <= at < end
    ]
    if not is_all:
        if found.classes and ends_statement(found.classes[-1]):
            _append(found, ";", "EOF", end)
        _append(found, "EOF", "", end)
    return found


def _append(tokens: Tokens, cls: str, value: str, at: int) -> None:
    tokens.classes.append(cls)
    tokens.values.append(value)
    tokens.begs.append(at)
    tokens.ends.append(at)

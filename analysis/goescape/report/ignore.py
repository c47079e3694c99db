"""Comments that hide findings: `//goescape:ignore REASON`.

At the end of a line it hides what is found on that line; alone on a line, what is found on the next
line that is no comment. A reason is required: without one nothing is hidden.

Invariants
  - only comments count, not what looks like one in a string;
  - a directive is written without a blank behind the slashes, as all of Go's are.

Example: in `p := &x //goescape:ignore the pool keeps it` findings of that line are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from goescape.report.finding import Finding

DIRECTIVE = b"//goescape:ignore"
_TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|`[^`]*(?:`|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|\n",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment from byte `start` to `end` about the line `line` (from 1); `reason` may be empty, and
    then it hides nothing."""

    start: int
    end: int
    line: int
    reason: str


def ignores(text: bytes) -> list[Ignore]:
    """The directives of a file, in its order."""
    if DIRECTIVE not in text:
        return []
    found: list[Ignore] = []
    waiting: list[tuple[int, int, str]] = []  # alone on their lines, above what they are about
    line, behind, has_code = 1, 0, False
    for match in _TOKEN.finditer(text):
        token = match.group()
        start = match.start()
        has_code = has_code or bool(text[behind:start].strip())
        behind = match.end()
        if token == b"\n":
            if has_code:
                found += [Ignore(start, end, line, why) for start, end, why in waiting]
                waiting.clear()
            line += 1
            has_code = False
        elif token.startswith(DIRECTIVE) and not token[len(DIRECTIVE) :][:1].strip():
            end = start + len(token.rstrip())
            reason = token[len(DIRECTIVE) :].decode("utf-8", "replace").strip()
            if has_code:
                found.append(Ignore(start, end, line, reason))
            else:
                waiting.append((start, end, reason))
        else:
            line += token.count(b"\n")
            has_code = has_code or token[:1] != b"/"
    found += [Ignore(start, end, line, why) for start, end, why in waiting]
    found.sort(key=lambda i: i.start)
    return found


def ignored_lines(found: Iterable[Ignore]) -> dict[int, str]:
    """The lines that are hidden, each with the reason."""
    return {i.line: i.reason for i in found if i.reason}


def idle(found: Iterable[Ignore], findings: Iterable[Finding]) -> list[Ignore]:
    """Those that have a reason and hide none of the file's `findings`."""
    lines = {f.place.line for f in findings}
    return [i for i in found if i.reason and i.line not in lines]

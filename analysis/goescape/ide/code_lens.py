"""A line above each function: its allocations on the heap, its leaking parameters, its inline cost.

Example: above `func f(p *int) *int { sink = p; x := 1; return &x }` stands
"1 heap allocation · leaks p · inline cost 9 of 80".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from goescape.ide.hover import heap_words
from goescape.report.summary import FunctionSummary, inline_words, withheld_words

MAX_NAMES = 4
"""So many leaking parameters are named."""


@dataclass(frozen=True, slots=True)
class CodeLens:
    """`title` above the function whose name is at the bytes `start` to `end`."""

    start: int
    end: int
    title: str


def code_lenses(functions: Iterable[FunctionSummary]) -> list[CodeLens]:
    """The lenses of a file, in its order."""
    return [CodeLens(f.place.start, f.place.end, _title(f)) for f in functions]


def _title(f: FunctionSummary) -> str:
    return " · ".join(filter(None, (heap_words(f), _leaks(f), inline_words(f), withheld_words(f))))


def _leaks(f: FunctionSummary) -> str:
    names = [
        p.name or "an unnamed parameter"
        for p in f.params
        if any(leak.to == "heap" for leak in p.leaks)
    ]
    if len(names) > MAX_NAMES:
        names[MAX_NAMES:] = [f"{len(names) - MAX_NAMES} more"]
    return f"leaks {', '.join(names)}" if names else ""

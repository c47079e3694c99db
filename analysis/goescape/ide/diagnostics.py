"""What an editor underlines in one file, as plain values of byte offsets.

Allocations on the heap are information; leaking parameters, which tell callers rather than cost
anything here, are hints. Values that stay on the stack are not underlined: hover tells of them.
Several findings of one place and wording (one per instantiation, say) are one diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from goescape.report.finding import Finding, Place

INFORMATION = 3
HINT = 4

SILENT = frozenset({"stays", "can-inline", "inlined", "devirtualized", "uintptr", "other"})
"""Codes that are not underlined."""


@dataclass(frozen=True, slots=True)
class Related:
    """One step of a flow: what happens, and where."""

    message: str
    place: Place


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A stretch of the file in byte offsets (never empty unless the file is), how serious it is
    (3 information, 4 hint, as the protocol numbers them), and what there is to say."""

    start: int
    end: int
    severity: int
    code: str
    message: str
    related: tuple[Related, ...]


def diagnostics(findings: Iterable[Finding], text: bytes) -> list[Diagnostic]:
    """The diagnostics of one file with the text `text`, in the order of the file."""
    found: dict[tuple[int, int, str, str], Diagnostic] = {}
    for f in findings:
        if f.code in SILENT:
            continue
        start, end = stretch(f.place, text)
        severity = INFORMATION if f.is_heap or f.code == "forbidden" else HINT
        message = f.message + (f" ({f.reason})" if f.reason and not f.flow else "")
        if f.inlined_from:
            message += ", in the inlined call"
        if f.opaque:
            message += ", whatever the type arguments"
        key = (start, end, f.code, message)
        if key not in found:
            found[key] = Diagnostic(start, end, severity, f.code, message, related(f))
    return [found[key] for key in sorted(found)]


def related(f: Finding) -> tuple[Related, ...]:
    """The flow of a finding, one entry per step."""
    steps = []
    for step in f.flow:
        if step.place is None:
            continue
        text = f"{step.text} ({step.why})" if step.text else ""
        if step.flow:
            text = f"{step.flow}: {text}" if text else step.flow
        steps.append(Related(text, step.place))
    return tuple(steps)


def stretch(place: Place, text: bytes) -> tuple[int, int]:
    """The offsets of a place, widened to the word or character there when it is a mere point."""
    start = min(max(place.start, 0), len(text))
    end = min(max(place.end, start), len(text))
    if end == start:
        end = start
        while end < len(text) and (
            text[end : end + 1].isalnum() or text[end] in b"_" or text[end] > 127
        ):
            end += 1
        if end == start and start < len(text) and text[start] not in b"\r\n":
            end = start + 1
    return start, end

"""The flow of the finding under the cursor, as stops of a walk through the source.

Several findings may stand at one place. The one that is walked is the innermost, an allocation on
the heap before anything else; a finding without a flow has nothing to walk.

Example: with the cursor on x of `func f() *int { x := 1; return &x }` the title is
"moved to heap: x" and the steps are `&x (address-of)` and `return &x (return)`, the second one
decisive.
"""

from __future__ import annotations

from dataclasses import dataclass

from goescape.ide.diagnostics import stretch
from goescape.report.finding import Finding, Step
from goescape.workspace.session import FileAnswer


@dataclass(frozen=True, slots=True)
class Flow:
    """`title` is the compiler's sentence, `code` the finding's; the steps lead from the value to
    where it is lost."""

    title: str
    code: str
    steps: tuple[Step, ...]


def flow(answer: FileAnswer, text: bytes, offset: int) -> Flow | None:
    """The flow at byte `offset` of the file with the text `text`; None where there is none."""
    best: tuple[bool, int] | None = None
    found: Finding | None = None
    for f in answer.findings_around(offset, offset):
        start, end = stretch(f.place, text)
        if not f.flow or not start <= offset <= end:
            continue
        rank = (not f.is_heap, end - start)
        if best is None or rank < best:
            best, found = rank, f
    return Flow(found.message, found.code, found.flow) if found is not None else None

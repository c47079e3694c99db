"""The lines that the compiler prints under `-m` about one package, with their places.

Invariants
  - lines are in the order in which the compiler comes to say them, not sorted.

Example: `(path, line, column, "moved to heap: x")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from goescape.ir.bounds import elided_checks
from goescape.report import words as words_
from goescape.report.gc import GcWriter, elided_lines, inlining_lines
from goescape.workspace.printed import position_text, printed_position

if TYPE_CHECKING:
    from goescape.escape.verdict import BatchResult
    from goescape.inline.interleaved import Event as InliningEvent
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


def lines_of(
    program: Program,
    state: State,
    said: Sequence[InliningEvent],
    results: Sequence[BatchResult],
) -> tuple[tuple[str, int, int, str], ...]:
    """What is printed of what expanding calls `said` and escape analysis came to."""
    unit, positions = state.unit, program.positions
    place = partial(position_text, positions)
    writer = GcWriter(state.pkg, program.release, program.level, place)
    words = [(pos, words_.imprecise_interface_call()) for _, pos in unit.imprecise_calls]
    words += [(pos, words_.skipped_loop()) for pos in unit.skipped_loops]
    if program.level >= 2:
        words += unit.kept_alive
    words += inlining_lines(said, state.pkg, program.level)
    for result in results:
        words += writer.lines(result.events)
    for result in results:
        for func in result.funcs:
            words += elided_lines(elided_checks(func, unit.typeinfo))
    return tuple((*printed_position(positions, pos), text) for pos, text in words)

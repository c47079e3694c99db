"""The summaries of a package's functions that are made again when something else is known of them.

Invariants
  - of a function that is alive and declared there is a summary, if only with why nothing is said of it;
  - a summary that is made again takes the place of the last one.

Example: of `func f() int { return int(C.g()) }` it is `withheld` because "it uses C".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.withheld import DOUBTFUL
from goescape.report.summary import allocating, is_allocating, summaries
from goescape.source.positions import BASE_SHIFT
from goescape.workspace.pieces import Piece

if TYPE_CHECKING:
    from goescape.report.finding import Finding
    from goescape.workspace.entry import Cluster
    from goescape.workspace.memo import Memo


def sum_up(memo: Memo) -> None:
    """Make the summaries of functions of which something is known anew."""
    positions, writer = memo.program.positions, memo._writer
    heaps: dict[frozenset[Cluster], dict[str, list[Finding]]] = {}  # Many are told of together.
    for obj in memo._unsummed:
        entries = [e for e in memo._by_decl.get(obj, ()) if e.alive]
        entries.sort(key=lambda e: e.func.nname.name)  # Instances are found in any order.
        counted = [e for e in entries if e.counts]
        told = [(e.func, tags) for e in counted if (tags := e.members[0].told[0]) is not None]
        silent = [
            (e.func, e.withheld or e.silence) for e in entries if e.members[0].told[0] is None
        ]
        if any(e.is_doubtful for e in counted):
            told, silent = [], [*silent, *((e.func, DOUBTFUL) for e in counted)]
        judged = [e.judged for e in counted if e.judged is not None]
        bases = {e.func.syn.pos >> BASE_SHIFT for e in counted if e.func.syn is not None}
        around = frozenset(c for base in bases for c in memo._by_base.get(base, ()))
        heap = heaps.get(around)
        if heap is None:
            pieces = [c.piece.placed(positions) for c in around if c.piece is not None]
            heap = heaps[around] = allocating(
                f for piece in pieces for f in piece.those(is_allocating)
            )
        writer.bases = set()
        functions = summaries(told, judged, heap, writer, [(f, why) for f, why in silent if why])
        if functions:
            piece = Piece((), functions, sorted(writer.bases), positions)
            memo._found.replace(memo._summaries.get(obj), piece)
            memo._summaries[obj] = piece
        elif memo._summaries.pop(obj, None) is not None:
            memo._found.forget()
    memo._unsummed.clear()

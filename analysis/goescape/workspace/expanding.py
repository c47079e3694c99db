"""Expanding calls in the entries of a package, and what else comes between reading and escape analysis.

Invariants
  - only what was read is expanded, and only once all of its package is judged;
  - what the expanded IR of an entry is made of is told by its `form`: as long as two forms are equal, so is the IR.

Example: in `func f() *int { return g() }; func g() *int { return new(int) }` the form of f names the text of f, and
the text and verdict of g.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.inline.devirtualize import Devirtualized, devirtualize
from goescape.inline.interleaved import inline_package
from goescape.workspace.entry import EXPANDED, READ
from goescape.workspace.reading import refer_again, references_of, set_members

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.workspace.entry import Entry, Form
    from goescape.workspace.memo import Memo


def expand_all(memo: Memo) -> None:
    """Expand whoever was read since."""
    for entry in memo._unsolved():
        if entry.counts and entry.stage == READ:
            memo._stop_if_cancelled()
            expand(memo, entry)


def expand(memo: Memo, entry: Entry) -> None:
    """Expand the calls in the entry, and do what else comes before escape analysis."""
    entry.said = []
    entry.as_written = False
    entry.edited = entry.rejudge = False
    funcs = [m.func for m in entry.members[: entry.n_written]]
    funcs += _prepare(memo, entry, funcs)
    entry.stage = EXPANDED
    entry.form = form_of(memo, entry)
    n = len(entry.members)
    set_members(memo, entry, funcs)
    same = len(entry.members) == n and all(m.cluster is not None for m in entry.members)
    foreign: dict[Func, None] | None = {} if memo._questions is not None else None
    changed, captured = refer_again(
        entry.members, "final", lambda func: references_of(memo, func, foreign)
    )
    same &= captured
    entry.foreign = tuple(foreign or ())
    if not memo._final_moved and (changed or not same):
        memo._final_moved = not memo._follow_final(entry, changed, same)
    if entry.members[0].cluster is not None:
        entry.members[0].cluster.stale = True


def _prepare(memo: Memo, entry: Entry, funcs: list[Func]) -> list[Func]:
    """The passes between reading and escape analysis on `funcs`; the literals that came of it."""
    unit, judge = memo.unit, memo.program.judge
    added: list[Func] = []
    if memo.inlines:
        unit.instances.begin_inlining()
        for func in funcs:
            if not func.judged:
                judge.judge(func)
        said = inline_package(unit, funcs, judge)
        unit.instances.end_inlining()
        added, unit.inlined_literals = unit.inlined_literals, []
    else:
        said = list(
            devirtualize(
                unit,
                [f for f in funcs if not f.wrapper],
                memo.program.release,
                lambda f: f.unit is unit,
            )
        )
    memo.program.passes.finish(unit, [*funcs, *added])
    entry.said += [e for e in said if isinstance(e, Devirtualized)]
    return added


def form_of(memo: Memo, entry: Entry) -> Form:
    """What the IR of `entry`, whose calls are expanded, is made of. Where that cannot be told, it is like no
    other; what imports have to do with it is told by `_imported`."""
    if not entry.base:
        return object()
    made_of: dict[Func, object] = {}
    for callee in entry.asked:
        if callee.unit is memo.unit:
            other = memo._entries.get(callee)
            if other is None or not other.alive:
                return object()
            verdict = made_of[callee] = other.verdict
            if verdict is not None:
                if not other.base:
                    return object()
                made_of[callee] = verdict, other.base, other.meanings
    return entry.base, entry.meanings, made_of

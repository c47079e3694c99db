"""Judging the functions of a package again that have to be, after edits.

Functions that reach each other are judged in the order in which they are first reached, and the first
ones do not know the last ones. So a verdict holds for a function's text, for the verdicts about what it
calls, and for the component that it lies in. Components come and go while somebody types: a function is
broken for a moment, and those that it called do not reach each other any more.

Invariants
  - whoever lies in another component than the one that its verdict was found in is judged again, or gets
    the verdict that was found in that one before;
  - in a component that is as it was, only those are judged of which something else is different, if they
    could not be inlined and still cannot: to the others that makes no difference.

Example: of `func f() { g() }; func g() { h() }; func h() { f() }`, f is judged first and does not know g.
When f does not call g any more, g is judged again, and knows h.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from goescape.workspace import reading
from goescape.workspace.entry import READ, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goescape.workspace.entry import Component, Entry, Member
    from goescape.workspace.memo import Memo

_N_VERDICTS = 3
"""In so many components the verdicts about a function are remembered."""


def component(group: Sequence[Member]) -> Component:
    """What a verdict depends on of the component `group`: nothing, if all of it is one entry."""
    first = group[0].entry
    return tuple(group) if any(m.entry is not first for m in group) else None


def regroup(memo: Memo) -> None:
    """Components were found again: note who lies in another one than before."""
    for group, _ in memo._written.groups:
        if len(group) == 1 and group[0].entry.judged_in is None:
            continue  # As nearly all are.
        now = component(group) if group else None
        for member in group:
            entry = member.entry
            if entry.judged_in != now and member is entry.members[0]:
                memo._regrouped[entry] = None


def judge_all(memo: Memo) -> None:
    """Judge who has to be, callees first. On the way more entries may have to be."""
    memo._touched.clear()
    if not memo.inlines:
        return
    order = memo._written
    todo: list[int] = []
    queued: set[int] = set()

    def queue(entries: Iterable[Entry]) -> None:
        for entry in entries:
            is_other = entry in memo._regrouped
            if entry.counts and (is_other or entry.stage <= READ or entry.rejudge):
                for member in entry.members[: entry.n_written]:
                    rank = order.number_of(member)
                    if rank >= 0 and rank not in queued:
                        if is_other or entry.rejudge or not member.func.judged:
                            queued.add(rank)
                            heapq.heappush(todo, rank)

    queue(memo._unsolved())
    queue(memo._regrouped)
    while todo:
        memo._stop_if_cancelled()
        rank = heapq.heappop(todo)
        queued.discard(rank)
        group, recursive = order.groups[rank]
        firsts = _judge_some(memo, group)
        if firsts is None:
            firsts = _judge_group(memo, group, recursive)
        for entry in firsts:
            memo._compare_verdict(entry)
        if memo._touched:
            queue(memo._touched)
            memo._touched.clear()


def _judge_group(memo: Memo, group: Sequence[Member], recursive: bool) -> list[Entry]:
    """Judge all of a component; the entries whose own functions lie in it."""
    judge = memo.program.judge
    for member in group:
        _read(memo, member.entry)
    firsts = [m.entry for m in group if m is m.entry.members[0]]
    now = component(group)
    if now is not None or any(e.rejudge or e in memo._regrouped for e in firsts):
        for member in group:
            judge.judge_again(member.func)
    judge.judge_group([m.func for m in group], recursive)
    for entry in firsts:
        _note(memo, entry, now)
    return firsts


def _judge_some(memo: Memo, group: Sequence[Member]) -> list[Entry] | None:
    """The same, judging only some of it; None where that does not do."""
    now = component(group)
    judge = memo.program.judge
    if not judge.release.inlines_recursion:
        return None
    entries = dict.fromkeys(m.entry for m in group)
    known = {e: e.verdicts[now] for e in entries if now in e.verdicts}
    if len(known) < len(entries) or any(e.members[0] not in group for e in entries):
        return None
    again: dict[Entry, None] = {}
    for entry in entries:
        # The verdicts about literals were not kept.
        is_other = entry.judged_in != now and entry.n_written > 1
        if is_other or entry.rejudge or known[entry].version != entry.version:
            again[entry] = None
    for member in group:
        if not member.func.judged:
            again[member.entry] = None
    if len(again) == len(entries) or any(known[e].inl is not None for e in again):
        return None
    for entry in again:
        _read(memo, entry)
    for entry in entries:
        if entry not in again and entry.judged_in != now:
            judge.recall(entry.func, known[entry].inl, known[entry].said)
    judge.judge_again_within([m.func for m in group], {m.func for m in group if m.entry in again})
    if any(e.func.inl is not None for e in again):
        return None
    changed = [e for e in entries if e in again or e.judged_in != now]
    for entry in changed:
        _note(memo, entry, now)
    return changed


def _read(memo: Memo, entry: Entry) -> None:
    if entry.stage != READ:
        reading.read(memo, entry)
        memo._touched[entry] = None


def _note(memo: Memo, entry: Entry, now: Component) -> None:
    """Remember what was found about the entry's function."""
    inl, said = memo.program.judge.known(entry.func)
    memo._regrouped.pop(entry, None)
    entry.judged_in = now
    entry.verdicts.pop(now, None)
    while len(entry.verdicts) >= _N_VERDICTS:
        del entry.verdicts[next(iter(entry.verdicts))]
    entry.verdicts[now] = Verdict(entry.version, inl, said)
    entry.judged = said[-1] if said else None

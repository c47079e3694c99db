"""Reading what the entries of a package were written as, and following what that leads to.

Invariants
  - an entry is read as written: what the passes have made of its IR is made anew;
  - who is alive is found out again only where what is read leads to instances that nobody else reads;
  - literals keep their members, in the order of the text, as long as the entry exists.

Example: `func f() { g[int]() }` reads the instance `g[int]`, which comes up as an entry of its own and is read next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from goescape.ir import bloop, pkginit
from goescape.ir.order import add_closures
from goescape.ir.reads import INITIALISER
from goescape.ir.scc import is_closure, references
from goescape.source.positions import BASE_SHIFT
from goescape.typecheck import objects
from goescape.workspace.alive import find_alive, keeps_alive
from goescape.workspace.entry import EXPANDED, READ, SOLVED, UNREAD, Member
from goescape.workspace.keeping import length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from goescape.ir.func import Func
    from goescape.workspace.entry import Entry
    from goescape.workspace.grouping import Changed
    from goescape.workspace.memo import Memo


def read_all(memo: Memo) -> None:
    """Read whoever is alive, until no instance more comes up."""
    instances = memo.unit.instances
    just_read = memo._just_read
    while True:
        for entry in [e for e in memo._unsolved() if e.stage == UNREAD and e.alive]:
            memo._stop_if_cancelled()
            read(memo, entry)
            just_read[entry] = None
        for func in instances.take_found():
            if func not in memo._entries:
                memo._add(func)
                memo._needs_moved = True
        were_read = bool(just_read)
        for entry in just_read:
            reader = INITIALISER if entry is memo._init else entry.func
            reads = instances.names_read(reader)
            if reads != entry.reads:
                before, entry.before = entry.before, (entry.reads, entry.needs)
                entry.reads = reads
                entry.needs = before[1] if before[0] == reads else instances.needed_of(reads)
                moved = entry.before[1] ^ entry.needs
                memo._needs_moved = memo._needs_moved or not keeps_alive(memo, moved)
        just_read.clear()
        if memo._needs_moved or memo._needs_stale:
            find_alive(memo)
        elif not were_read:
            break


def read(memo: Memo, entry: Entry) -> None:
    """Lower the entry's functions."""
    unit, judge = memo.unit, memo.program.judge
    memo.program.bytes_read += length(entry)
    for member in entry.members[1:]:
        memo._members.pop(member.func, None)
        memo._untell(member)
        judge.judge_again(member.func)
    func = entry.func
    entry.is_kept = False
    if entry is memo._init:
        funcs = _read_init(memo, entry)
    else:
        if not entry.as_written:
            unit.renew(func)
        funcs = [func]
        add_closures(func, funcs)
    entry.as_written = True
    was_withheld, n_written = bool(entry.withheld), entry.n_written
    withheld = entry.withheld = func.withheld
    entry.silence = ""
    if func.syn is not None and isinstance(func.nname.obj, objects.Func):
        base = func.syn.pos >> BASE_SHIFT
        if entry.base != base:
            memo._objects.pop(entry.base, None)  # That text is no more.
            entry.base = base
        memo._objects.setdefault(base, set()).add(func.nname.obj)
    for f in funcs:
        unit.kept_alive += bloop.walk(unit, f)
    unit.kept_alive.clear()
    unit.skipped_loops.clear()
    unit.imprecise_calls.clear()
    entry.stage = READ
    entry.asked = set()
    memo._open[entry] = None
    set_members(memo, entry, funcs)
    entry.n_written = len(funcs)
    members = entry.members[: entry.n_written]
    changed, same = refer_again(
        members, "written", lambda func: () if withheld else references_of(memo, func)
    )
    same &= entry.n_written == n_written
    if not memo._written_moved and (changed or not same or bool(withheld) != was_withheld):
        memo._written_moved = not memo._written.follow(entry, members, changed, same)
    if withheld:
        entry.stage = SOLVED
        memo._open.pop(entry, None)
        _withdraw(memo, entry)


def _read_init(memo: Memo, entry: Entry) -> list[Func]:
    unit = memo.unit
    if not entry.as_written:
        unit.init_funcs = None
    init = pkginit.build_init(unit)
    assert init is not None and unit.init_funcs is not None
    old = entry.members[0].func
    if old is not init:
        memo._members.pop(old, None)
        del memo._entries[old]
        memo._entries[init] = entry
        entry.members[0].func = init
        memo._members[init] = entry.members[0]
    funcs: list[Func] = []
    for part in (init, *unit.init_funcs[1]):
        funcs.append(part)
        add_closures(part, funcs)
    return funcs


def set_members(memo: Memo, entry: Entry, funcs: Sequence[Func]) -> None:
    members = entry.members
    for i, func in enumerate(funcs):
        if i < len(members):
            members[i].func = func
        else:
            members.append(Member(entry, func))
        memo._members[func] = members[i]
    if entry.stage == EXPANDED:
        del members[len(funcs) :]


def refer_again(
    members: Iterable[Member],
    stage: Literal["written", "final"],
    references: Callable[[Func], tuple[Member, ...]],
) -> tuple[Changed, bool]:
    """Let `members` refer to what `references` finds. Those that referred to something else before, and whether the
    same ones as before capture something."""
    changed: Changed = {}
    same = True
    for member in members:
        before, refs = getattr(member, stage), references(member.func)
        if refs != before:
            changed[member] = before, refs
            setattr(member, stage, refs)
        captures = is_closure(member.func)
        same &= captures == member.captures
        member.captures = captures
    return changed, same


def references_of(
    memo: Memo, func: Func, foreign: dict[Func, None] | None = None
) -> tuple[Member, ...]:
    """The functions of the unit that `func` names, in this order; the others go to `foreign`."""
    found: dict[Member, None] = {}
    unit, members = memo.unit, memo._members
    for callee in references(func):
        if callee.unit is unit:
            member = members.get(callee)
            if member is None and callee.closure_parent is None:
                member = memo._add(callee, not callee.late).members[0]
            if member is not None:
                found[member] = None
        elif foreign is not None:
            foreign[callee] = None
    return tuple(found)


def _withdraw(memo: Memo, entry: Entry) -> None:
    """Nothing is said about the entry."""
    member = entry.members[0]
    if (cluster := member.cluster) is not None:
        if memo._final_moved or not memo._final.follow(entry, (), {}, False):
            memo._final_moved = True
        else:  # It was the only one in it.
            memo._clusters.remove(cluster)
            memo._silence(cluster)
    for other in entry.members:  # Those of literals stay, for when it is whole again.
        other.final = ()
        other.cluster = None
    judge = memo.program.judge
    judge.judge_again(entry.func)
    judge.judge(entry.func)
    entry.judged = None
    memo._compare_verdict(entry)
    memo._tell(member, None)

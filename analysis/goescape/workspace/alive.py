"""Which instances of generic code a package is analysed with: those that something alive reads.

Invariants
  - an instance is alive if a declared function, the initialiser, or the package by its declarations
    leads to it before calls are expanded; otherwise it is `late`.

Example: after `var l list[int]` is gone, `(*list[int]).push` is not alive any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goescape.ir.func import Func
    from goescape.workspace.memo import Memo


def keeps_alive(memo: Memo, instances: Iterable[Func]) -> bool:
    """Whether all of `instances` are alive, and needed by declared functions anyway."""
    return all(
        func in memo._entries and memo._entries[func].alive and _is_needed(memo, func)
        for func in instances
    )


def _is_needed(memo: Memo, instance: Func) -> bool:
    """Whether a declared function needs it: the one that did the last time, as a rule."""
    before = memo._needed_by.get(instance)
    known = memo._entries.get(before) if before is not None else None
    if known is not None and instance in known.needs:
        return True
    for func, entry in memo._entries.items():
        if func.extra is None and instance in entry.needs:
            memo._needed_by[instance] = func
            return True
    return False


def find_alive(memo: Memo) -> None:
    """Which instances are needed, from what was read before calls were expanded."""
    if memo._needs_stale:
        memo._needs_stale = False
        for entry in memo._entries.values():
            if entry.reads:
                entry.needs = memo.unit.instances.needed_of(entry.reads)
            entry.before = entry.reads, entry.needs
    memo._needs_moved = False
    alive: set[Func] = set()
    stack = list(memo.unit.instances.needed(None))
    for func, entry in memo._entries.items():
        if func.extra is None:
            stack += entry.needs
    while stack:
        func = stack.pop()
        if func not in alive:
            alive.add(func)
            known = memo._entries.get(func)
            if known is None:
                known = memo._add(func)
            stack += known.needs
    for func, entry in list(memo._entries.items()):
        if func.extra is not None and func.unit is memo.unit:
            is_alive = func in alive
            func.late = not is_alive
            if entry.alive is not is_alive:
                entry.alive = is_alive
                memo._unsum(entry)
                memo._final_moved = memo._written_moved = True
                memo.uninstantiated.instantiated(func.nname.obj)
                if is_alive:
                    memo._touch(entry, rejudge=True)
                else:
                    for member in entry.members:
                        memo._tell(member, None)

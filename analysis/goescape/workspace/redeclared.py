"""What a memo does when declarations were edited: functions come, go, and go by other names.

The type checker has said what is different (`Change`); the entries of functions that are gone are
dropped, with all that others knew through them, new ones are added, and the ones whose bodies are to be
checked again start over. What follows from that is found out like after any edit (`Memo.refresh`).

Invariants
  - afterwards the entries stand in the order of a memo made anew from the same text;
  - when this says no, the package starts over with its types as they are.

Example: typing `func g() {}` above a function f adds the entry of g, and moves nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from goescape.ir import pkginit
from goescape.syntax import ast
from goescape.typecheck.types import Signature

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.typecheck import objects
    from goescape.typecheck.redeclare import Change
    from goescape.workspace.entry import Entry
    from goescape.workspace.memo import Memo


T = TypeVar("T")


def redeclare(memo: Memo, change: Change) -> bool:
    """Declarations are other ones, and `change` says what is different; nothing was checked yet.
    False if the package has to start over."""
    memo.pending = True
    unit = memo.unit
    renamed = unit.redeclare(change.removed, change.objects, change.checked)
    _remove(memo, {*change.removed, *renamed})
    memo.kept.forget()
    if not memo.edit(obj for obj in change.checked if obj not in renamed):
        return False
    for obj in [*change.added, *renamed]:
        if _is_generic(obj):
            memo.uninstantiated.edit(obj)
            continue
        func = unit.func_name(obj).func if obj.name != "_" else None
        if func is not None:
            memo._add(func)
    memo.uninstantiated.remove(change.removed)
    if change.reshaped:
        memo.uninstantiated.forget()
    if change.imports and not _ask_again(memo, change):
        return False
    memo._needs_moved = True
    memo._needs_stale |= unit.instances.read_declarations()
    if change.inits and memo._init is not None:
        memo._touch(memo._init, edited=True, rejudge=True)
    arrange(memo)
    return True


def _is_generic(obj: objects.Func) -> bool:
    return isinstance(sig := obj.type, Signature) and bool(sig.tparams)


def edit_generic(memo: Memo, obj: objects.Func) -> bool:
    """The body of a generic function or method, perhaps of another package, is another one. False if
    the package has to start over."""
    instances = memo.unit.instances.edit_body(obj)
    if instances is None:
        return False
    memo.pending = True
    memo.uninstantiated.edit(obj)
    memo._needs_stale = True
    for func in instances:
        entry = memo._entries.get(func)
        if entry is not None and entry.alive:
            memo._edit(entry, func.syn)
        else:
            memo.program.judge.judge_again(func)
            memo.unit.renew(func)
            memo._verdict_changed(func)
    return True


def _ask_again(memo: Memo, change: Change) -> bool:
    """What is imported decides which bodies of packages that are not imported are at hand: who asked
    for one starts over. False if it is nobody whose entry is known."""
    unit = memo.unit
    direct = set(unit.pkg.imports) - change.imports
    for table, rejudge in ((memo._judged_for, True), (memo._expanded_for, False)):
        for callee, users in table.items():
            if callee.unit is unit or callee.nname.pkg in direct:
                continue
            for user in users:
                entry = memo._entries.get(user)
                if entry is not None and entry.alive:
                    memo._touch(entry, rejudge=rejudge)
                elif user.unit is unit:
                    return False
    return True


def _remove(memo: Memo, gone: set[objects.Func]) -> None:
    """The functions are not declared any more. What knows of functions is gone through once for all of them."""
    if not gone:
        return
    _drop_entries(memo, [entry for obj in gone for entry in memo._by_decl.pop(obj, ())])
    for declared in memo._objects.values():
        _take_out(declared, gone)
    for obj in gone:
        memo._summaries.pop(obj, None)
        memo._unsummed.pop(obj, None)
    memo._found.forget()


def _drop_entries(memo: Memo, entries: list[Entry]) -> None:
    funcs = {entry.func for entry in entries}
    for table in (memo._judged_for, memo._expanded_for):
        for users in table.values():
            _take_out(users, funcs)
    for entry in entries:
        entry.is_kept = False
        memo._regrouped.pop(entry, None)
        memo._verdict_changed(entry.func)
        for member in entry.members:
            memo._told_changed(member.func)
            memo._members.pop(member.func, None)
            memo._untell(member)
            memo.program.judge.judge_again(member.func)
        memo.unit.instances.forget_reads(entry.func)
        del memo._entries[entry.func]
    if entries:
        memo._needs_moved = memo._written_moved = memo._final_moved = True


def _take_out(some: set[T], others: set[T]) -> None:
    """Remove from `some` what is in `others`, which may be many times as large."""
    if not some.isdisjoint(others):
        some.intersection_update([one for one in some if one not in others])


def arrange(memo: Memo) -> None:
    """Put the entries into the order of a memo made anew."""
    entries, unit = memo._entries, memo.unit
    arranged: dict[Func, Entry] = {}
    if memo._init is not None:
        arranged[memo._init.func] = memo._init
    checker = memo.state.checker
    for file in unit.host.ast_files(unit.pkg):
        for d in file.decl_list:
            obj = checker.func_objs.get(d) if isinstance(d, ast.FuncDecl) else None
            func = unit.known_func(obj) if obj is not None else None
            if func in entries:
                arranged[func] = entries[func]
    for func, entry in entries.items():
        arranged.setdefault(func, entry)
    memo._entries = arranged


def initialise(memo: Memo) -> None:
    """The initialiser of the package is another one, or appears or vanishes."""
    if memo._init is None:
        memo.unit.init_funcs = None
        func = pkginit.build_init(memo.unit)
        if func is not None:
            memo._init = memo._add(func)
            arrange(memo)
    elif memo._init_order:
        memo._touch(memo._init, edited=True, rejudge=True)
    else:
        _drop_entries(memo, [memo._init])
        memo._init = memo.unit.init_funcs = None

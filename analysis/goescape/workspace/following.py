"""An edit of a file, in all packages that hold it and all that import one of them.

Each checker takes over the new tree: bodies if only these changed (`update_file`), else whatever
declarations changed (`redeclare`). What became different is told to the checkers of the packages that
import it, in the order of imports, and to the memos. What cannot be followed starts over.

Invariants
  - afterwards no package knows anything of the old text, or it is forgotten.

Example: after a parameter of an exported function has become another type, the bodies of other open
packages that call it are to be checked again, and nothing else of these packages.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from goescape.load.package import LoadedPackage
from goescape.source.mention import mentioned
from goescape.source.positions import BASE_SHIFT
from goescape.typecheck.objects import Func
from goescape.typecheck.types import Signature
from goescape.workspace.problems import has_same_directives
from goescape.workspace.redeclared import edit_generic, redeclare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goescape.syntax import ast
    from goescape.typecheck.objects import TypeName
    from goescape.typecheck.redeclare import Change
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


def edit_file(program: Program, path: str, new_imports: bool = False) -> set[str]:
    """See `Program.edit_file`."""
    folder = os.path.dirname(path)
    owners = [s for s in program._in_folder.get(folder, ()) if path in s.loaded.files]
    old = program._parsed.get(path)
    if not owners or old is None or (new_imports and not _load_again(program, path)):
        return program.forget_file(path)
    try:
        text = program.loader.read(path)
    except OSError:
        return program.forget_file(path)
    new = program._parse(path, text)
    changes: dict[str, Change | None] = {}
    for state in owners:
        if old not in state.parsed:
            return program.forget_file(path)
        id = state.loaded.id
        if state.checker.update_file(old.file, new.file) is not None:
            changes[id] = None
        else:
            change = state.checker.redeclare(old.file, new.file)
            if change is None:
                return program.forget_file(path)
            changes[id] = change
        state.parsed[state.parsed.index(old)] = new
        if changes[id] is not None or not has_same_directives(old.file, new.file):
            state.has_good_directives = False
    stale = program.importers({state.loaded.id for state in owners})
    if any(change is not None for change in changes.values()):
        for id in stale & program._states.keys():  # The types of what holds files may be others.
            program._states[id].has_good_directives = False
    if not _follow(program, changes, stale) or _is_mentioned(program, old.file, new.file, stale):
        return program.forget_file(path)
    gone = [o for c in changes.values() if c is not None for o in c.gone if isinstance(o, Func)]
    if any(state.unit.instances.of(o) for o in gone for state in program._states.values()):
        return program.forget_file(path)
    reshaped = {obj for change in changes.values() if change is not None for obj in change.reshaped}
    if reshaped:
        program.sizes.forget()
        for state in program._states.values():
            state.unit.typeinfo.forget()
    program.keys.drop(stale)
    program.judge.exported.forget()
    renumbered = {state.loaded.id for state in owners if _renumber(program, state, stale)}
    for id, followed in changes.items():
        if id in renumbered:
            program.start_over(program._states[id])
        else:
            _take_over(program, program._states[id], followed, reshaped)
    for id in stale:
        if (known := program._states.get(id)) is not None:
            known.inlining = None
    return stale


def _load_again(program: Program, path: str) -> bool:
    """Take over what the packages around the file at `path` import now. False if more than that is
    different."""
    folder = os.path.dirname(path)

    def load(loaded: LoadedPackage) -> LoadedPackage | None:
        new = program.loader.package(loaded.id)
        if not isinstance(new, LoadedPackage):
            return None
        same = (
            replace(new, imports=loaded.imports, errors=loaded.errors, size=loaded.size) == loaded
        )
        return new if same else None

    states, unread = [], []
    for state in program._states.values():
        if state.loaded.dir == folder or state.loaded.for_test:
            loaded = load(state.loaded)
            if loaded is None:
                return False
            states.append((state, loaded))
    for known, pkg in program._unread.values():
        if known.dir == folder or known.for_test:
            loaded = load(known)
            if loaded is None:
                return False
            unread.append((loaded, pkg))
    for state, loaded in states:
        state.loaded = loaded
    for loaded, pkg in unread:
        program._unread[loaded.id] = loaded, pkg
    program.keys.drop_in(folder)
    program.forget_imports()
    return True


def _follow(program: Program, changes: dict[str, Change | None], importers: set[str]) -> bool:
    """Let the packages that import those in `changes` take over what is different for them. False
    if that cannot be told."""
    if not any(change is not None and change.is_seen for change in changes.values()):
        return True
    states = [state.loaded for id in importers if (state := program._states.get(id)) is not None]
    for package in program.loader.closure(states):
        if package.id not in importers or package.id in changes:
            continue
        state = program._states.get(package.id)
        if state is None:
            continue
        seen = [
            change
            for id, change in changes.items()
            if change is not None and change.is_seen and package.id in program.importers({id})
        ]
        if seen:
            followed = state.checker.follow(seen)
            if followed is None:
                return False
            changes[package.id] = followed
    return True


def _is_mentioned(program: Program, old: ast.File, new: ast.File, ids: set[str]) -> bool:
    """Whether errors of these packages mention places in text that is no more."""
    errors = [
        e
        for id in ids
        if (state := program._states.get(id)) is not None
        for e in state.checker.errors
    ]
    if not errors:
        return False
    gone = {d.pos >> BASE_SHIFT for d in old.decl_list} - {
        d.pos >> BASE_SHIFT for d in new.decl_list
    }
    return any(pos >> BASE_SHIFT in gone for e in errors for pos in mentioned(e.msg))


def _renumber(program: Program, state: State, importers: set[str]) -> bool:
    """Whether types that functions of an edited package declare have other numbers now, by which they are
    called in the names of instances and wrappers, its own and those of its `importers`."""
    pkg = state.pkg
    units = (user.unit for id in importers if (user := program._states.get(id)) is not None)
    return any(u.origins.has_numbered(pkg) for u in units) and state.unit.origins.renumber(pkg)


def _take_over(
    program: Program, state: State, change: Change | None, reshaped: set[TypeName]
) -> None:
    """What was made of the bodies of a package follows the types. `change`: see there; None if
    only bodies were edited. `reshaped` are the types with another layout in all packages."""
    memo = state.memo
    if change is None:
        edited = list(state.checker.edited)
        if memo is None or not (memo.edit(edited) and _instances_follow(program, state, edited)):
            program.start_over(state)
    elif memo is not None:
        checked = list(change.checked)
        if (
            state.unit.instances.is_made_for(reshaped)
            or not redeclare(memo, change)
            or not _instances_follow(program, state, checked)
        ):
            program.start_over(state)
    elif state.is_used or state.tags:
        program.start_over(state)


def _instances_follow(program: Program, state: State, funcs: Sequence[Func]) -> bool:
    """Let the packages that import this one know that the bodies of `funcs` are other ones, as far as
    they have instances of them. False if one has to start over."""
    generic = [
        obj
        for obj in funcs
        if isinstance(sig := obj.type, Signature) and (sig.tparams or sig.rparams)
    ]
    for id in program.importers({state.loaded.id}) - {state.loaded.id} if generic else ():
        other = program._states.get(id)
        if other is None:
            continue
        for obj in generic:
            if other.unit.instances.of(obj):
                if other.memo is None or not edit_generic(other.memo, obj):
                    return False
    return True


def importers_among(known: Iterable[LoadedPackage], ids: Iterable[str]) -> set[str]:
    """`ids`, and those of the `known` packages that import one of them, directly or not."""
    known, found = list(known), set(ids)
    grown = True
    while grown:
        more = {
            package.id
            for package in known
            if package.id not in found and not found.isdisjoint(package.imports.values())
        }
        found |= more
        grown = bool(more)
    return found

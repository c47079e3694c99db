"""Who in a package rests on whom, left for the next session beside what was said.

The notes of a `Memo` tell what an edit makes out of date, but a new session has none before it has analysed
the whole package. These are the same notes by names: what each function told its callers, whether it could
be inlined, and whom that mattered to. `amended` finds out with them what an edit leaves as it was.

Invariants
  - a function that is different in any way matters to nobody but its `users`, and theirs;
  - functions that reach each other are users of each other;
  - `decode` is the inverse of `encode`; bytes of another form are nothing (None).

Example: of `func f() { g() }; func g() {}`, f is a user of g.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from goescape.workspace.entry import Member
from goescape.workspace.state import encode_tags

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from goescape.ir.func import Func
    from goescape.load.package import LoadedPackage
    from goescape.workspace.entry import Entry
    from goescape.workspace.memo import Memo
    from goescape.workspace.pieces import Placed
    from goescape.workspace.program import Program
    from goescape.workspace.said import Said

INITIALISER = ""
"""The name that the initialiser of a package goes by here."""


class Relations(msgspec.Struct, array_like=True):
    """See the module; functions are indexes into `names`. `tags` are what callers are told, encoded, None
    if nothing; `verdicts` the cost of inlining, whether results may be delayed, and whether it lies in a
    ring, None if it cannot be inlined. `mixed`: those that reach each other, so that it matters from where
    they are reached first; `ways`: by function, which that lead there it names, before and after calls are
    expanded. `needs`: by function, the instances of generic code that reading it leads
    to. `owners`: by piece, the functions that it rests on; none if that is not known."""

    names: tuple[str, ...]
    tags: tuple[bytes | None, ...]
    verdicts: tuple[tuple[int, bool, bool] | None, ...]
    users: tuple[tuple[int, ...], ...]
    mixed: tuple[int, ...]
    ways: dict[int, tuple[tuple[int, ...], tuple[int, ...]]]
    needs: dict[int, tuple[int, ...]]
    owners: tuple[tuple[int, ...], ...]

    def is_declared(self, i: int) -> bool:
        """Whether it is a declared function or the initialiser, and not an instance of generic code."""
        return "[" not in self.names[i]

    def lost(self, without: Container[int]) -> set[int]:
        """The instances that are compiled on behalf of the functions `without` alone."""
        declared = [i for i in range(len(self.names)) if self.is_declared(i)]
        return self._needed(declared) - self._needed([i for i in declared if i not in without])

    def _needed(self, by: Iterable[int]) -> set[int]:
        found: set[int] = set()
        stack = list(by)
        while stack:
            more = [i for i in self.needs.get(stack.pop(), ()) if i not in found]
            found.update(more)
            stack += more
        return found

    def all_users(self, of: Iterable[int]) -> set[int]:
        """`of`, their users, and so on."""
        found = set(of)
        stack = list(found)
        while stack:
            more = [user for user in self.users[stack.pop()] if user not in found]
            found.update(more)
            stack += more
        return found


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Relations)


def encode(relations: Relations) -> bytes:
    return _encoder.encode(relations)


def decode(data: bytes) -> Relations | None:
    try:
        found = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None
    n = len(found.names)
    if not n == len(found.tags) == len(found.verdicts) == len(found.users):
        return None
    return found


def for_later(program: Program, package: LoadedPackage) -> Said:
    """What there is to say about a package that was examined, with what another session has to know to go
    on from there."""
    said, memo = program.say(package), program.state(package).memo
    return replace(said, relations=encode(relations(memo, said.pieces))) if memo else said


def relations(memo: Memo, pieces: Sequence[Placed]) -> Relations:
    """The relations of a package of which everything is known; `pieces` is what is said of it."""
    return _Notes(memo).taken(pieces)


class _Notes:
    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._index: dict[str, int] = {}
        self._users: list[set[int]] = []

    def _number(self, func: Func) -> int:
        memo = self._memo
        is_init = memo._init is not None and func is memo._init.func
        name = INITIALISER if is_init else func.nname.name
        number = self._index.get(name)
        if number is None:
            number = self._index[name] = len(self._users)
            self._users.append(set())
        return number

    def _note(self, of: Func, users: Iterable[Func]) -> None:
        self._users[self._number(of)].update(map(self._number, users))

    def _note_all(self) -> set[int]:
        """Whom each function matters to; which ones are mixed."""
        memo, mixed = self._memo, set()
        for entry in memo._entries.values():
            user = [entry.func]
            for member in entry.members:
                for callee in (*member.written, *member.final):
                    self._note(callee.entry.func, user)
        for table in (memo._judged_for, memo._expanded_for):
            for func, asking in table.items():
                if func.unit is memo.unit:
                    self._note(func, asking)
        for what, clusters in memo._read_for.items():
            if isinstance(what, Member):
                self._note(what.entry.func, [e.func for c in clusters for e in c.entries])
        groups = [group for group, _ in memo._written.groups]
        groups += [group for c in memo._clusters for group, _ in c.groups]
        for group in groups:
            mates: dict[Entry, None] = dict.fromkeys(m.entry for m in group)
            if len(mates) > 1:
                for entry in mates:
                    self._note(entry.func, [e.func for e in mates])
                    mixed.add(self._number(entry.func))
        return mixed

    def taken(self, pieces: Sequence[Placed]) -> Relations:
        memo = self._memo
        for entry in memo._entries.values():
            self._number(entry.func)
        mixed = self._note_all()
        n = len(self._users)
        tags: list[bytes | None] = [None] * n
        verdicts: list[tuple[int, bool, bool] | None] = [None] * n
        for entry in memo._entries.values():
            number = self._number(entry.func)
            told, _, at_best = entry.members[0].told
            if told is not None and at_best is None:
                tags[number] = encode_tags(told)
            verdicts[number] = entry.verdict
        owners = self._owners()
        found = Relations(
            tuple(self._index), tuple(tags), tuple(verdicts),
            tuple(tuple(sorted(users - {i})) for i, users in enumerate(self._users)),
            tuple(sorted(mixed)), {}, {}, tuple(owners.get(p.piece.origin, ()) for p in pieces),
        )  # fmt: skip
        self._note_ways(found)
        return found

    def _note_ways(self, found: Relations) -> None:
        lead, index = found.all_users(found.mixed), self._index
        for entry in self._memo._entries.values():
            number = self._number(entry.func)
            if needs := {index[f.nname.name] for f in entry.needs if f.nname.name in index}:
                found.needs[number] = tuple(sorted(needs))
            if number in lead:
                written = [m.written for m in entry.members[: entry.n_written]]
                final = [m.final for m in entry.members]
                found.ways[number] = self._ways(written, lead), self._ways(final, lead)

    def _ways(self, refers: Iterable[Sequence[Member]], lead: set[int]) -> tuple[int, ...]:
        named = (self._number(m.entry.func) for members in refers for m in members)
        return tuple([number for number in named if number in lead])

    def _owners(self) -> dict[int, tuple[int, ...]]:
        """By piece, the functions that it rests on."""
        memo = self._memo
        found = {
            c.piece.id: tuple([self._number(e.func) for e in c.entries])
            for c in memo._clusters
            if c.piece is not None
        }
        for obj, piece in memo._summaries.items():
            entries: dict[Entry, None] = dict.fromkeys(memo._by_decl.get(obj, ()))
            for base in piece.bases:
                for cluster in memo._by_base.get(base, ()):
                    entries.update(cluster.entries)
            found[piece.id] = tuple([self._number(e.func) for e in entries])
        return found

"""The units in which a package is kept in memory under an editor's edits.

A `Member` is the place of one function; an `Entry` is a declared function, an instance or the package's
initialiser with all literals in it, its first member being itself; a `Cluster` is the entries that are
solved together, because they reach each other. `memo` decides when they change; here is only what is
known of each.

Invariants
  - a member stays when its function is lowered again, though a literal's `Func` is then a new one;
  - an entry's first `n_written` members are those of its text, the others came of expanding calls;
  - the stages of an entry follow each other, and an edit takes it back to the first.

Example: `func f() { go func() { g() }() }` is one entry of two members, f and its literal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from goescape.escape.leaks import Tags
    from goescape.inline.devirtualize import Devirtualized
    from goescape.inline.inlinable import Inl, Judged
    from goescape.ir.func import Func
    from goescape.source.positions import Positions
    from goescape.typecheck.objects import Package
    from goescape.workspace.pieces import Piece

UNREAD, READ, EXPANDED, SOLVED = range(4)
"""The stages of an entry."""

Told = tuple["Tags | None", bool, "Tags | None"]
"""What callers are told of a function: its tags, None if there are none, whether it has a body, and what
its tags are at best, None if they are sure (see `escape.assumed`)."""


Component: TypeAlias = "tuple[Member, ...] | None"
"""The members of a component, if they are of several entries."""

Form: TypeAlias = object
"""What the expanded IR of an entry is made of: equal ones are of the same text, in which the same calls are expanded,
of the same texts."""

Group = tuple[tuple["Member", ...], bool]
"""The members of a component in the order in which they are first reached, and whether it is recursive."""


class Member:
    """One function of an entry, the first being the entry's own: the place of a function rather than
    the `Func`, which for a literal is a new one each time. `written` and `final` are the functions
    it refers to before and after calls are expanded; `captures`: it is a literal that captures
    something."""

    __slots__ = ("captures", "cluster", "entry", "final", "func", "key", "told", "written")

    def __init__(self, entry: Entry, func: Func) -> None:
        self.entry, self.func = entry, func
        self.captures = False
        self.written: tuple[Member, ...] = ()
        self.final: tuple[Member, ...] = ()
        self.cluster: Cluster | None = None
        self.told: Told = (None, True, None)
        self.key = ""


class Verdict:
    """What judging a function came to, and what was said, when it was what it is in a `version`."""

    __slots__ = ("inl", "said", "version")

    def __init__(self, version: int, inl: Inl | None, said: Sequence[Judged]) -> None:
        self.version, self.inl, self.said = version, inl, said


class Entry:
    """See the module. `edited`: its text is another one since it was judged; `rejudge`: it is to be
    judged again. `base` is the stretch that it was last read from. `as_written`: its IR, if there is any, is that of its text. `needs` are the
    instances that reading it led to, `said` what was said while expanding; `foreign` are the functions of
    other packages that it then names, noted if they may be unknown. `withheld` says why nothing is said
    of it, known from reading it, `silence` the same, known from solving it. `before`: `reads` and `needs` as they
    were before they were as they are. `judged_in` is the component that `verdict` was found in, `verdicts`
    those that were found in this and in others; `version` counts how often it has had to be judged again. `asked` are the functions
    whose verdicts were asked for since it was read, on account of it or of a literal in it; `meanings` counts how often the
    same text has come to mean something else; `form` is that of the IR that was solved last, or is to be. `is_kept`: it is solved, and its expanded IR is still there, to be solved again. `is_doubtful`: not all is said of it."""

    __slots__ = (
        "alive", "as_written", "asked", "base", "before", "edited", "foreign", "form", "is_doubtful", "is_kept",
        "judged", "judged_in", "meanings", "members", "n_written", "needs", "reads", "rejudge", "said",
        "silence", "stage", "verdict", "verdicts", "version", "withheld",
    )  # fmt: skip

    def __init__(self, func: Func, alive: bool) -> None:
        self.members = [Member(self, func)]
        self.base = 0
        self.n_written = 1
        self.alive = alive
        self.stage = UNREAD
        self.edited = True
        self.rejudge = True
        self.as_written = True
        self.withheld = ""
        self.silence = ""
        self.verdict: tuple[int, bool, bool] | None = None
        self.judged: Judged | None = None
        self.judged_in: Component = None
        self.verdicts: dict[Component, Verdict] = {}
        self.version = 0
        self.asked: set[Func] = set()
        self.meanings = 0
        self.form: Form = object()
        self.is_kept = False
        self.is_doubtful = False
        self.needs: frozenset[Func] = frozenset()
        self.reads: frozenset[object] = frozenset()
        self.before = self.reads, self.needs
        self.said: list[Devirtualized] = []
        self.foreign: tuple[Func, ...] = ()

    @property
    def func(self) -> Func:
        return self.members[0].func

    @property
    def counts(self) -> bool:
        """Whether it is analysed at all."""
        return self.alive and not self.withheld


Imports: TypeAlias = "tuple[int, frozenset[Package]]"
"""How often what imports tell had been different, and what was imported."""


class Solved:
    """What solving `cluster` came to: `piece` is what was found, `tags` are those of its members (None
    where a component could not be analysed), and what they are at best, `in_doubt` the entries of which not all is said. `read` is who was asked for tags on the way. It holds
    wherever the entries have the same `forms`, in the same `groups`, and the functions outside tell what they
    `told` then."""

    __slots__ = ("forms", "groups", "imports", "in_doubt", "piece", "read", "tags", "told")

    def __init__(
        self,
        cluster: Cluster,
        read: set[object],
        imports: Imports,
        piece: Piece,
        tags: list[tuple[Member, Tags | None, Tags | None]],
        in_doubt: frozenset[Entry],
    ) -> None:
        self.read, self.imports, self.piece, self.tags = read, imports, piece, tags
        self.in_doubt = in_doubt
        self.groups = cluster.groups
        self.forms = [entry.form for entry in cluster.entries]
        self.told = {
            what: what.told
            for what in read
            if isinstance(what, Member) and what.entry not in cluster.entries
        }

    def is_of(self, cluster: Cluster) -> bool:
        """Whether the entries of `cluster` have the IR that was solved."""
        return self.groups == cluster.groups and self.forms == [e.form for e in cluster.entries]

    def holds(self, imports: Imports, members: Mapping[Func, Member], positions: Positions) -> bool:
        """Whether solving the same IR again would come to the same: the functions outside are still among the `members`
        of the package and tell nothing else, and all text that the findings speak of is there."""
        return (
            imports == self.imports
            and all(
                member.told == told and members.get(member.func) is member
                for member, told in self.told.items()
            )
            and all(map(positions.is_current, self.piece.bases))
        )


_N_PAST = 4
"""So many outcomes are kept of a cluster: a function that is typed in goes back and forth between
broken and whole, and between two contracts."""


class Cluster:
    """Entries that are solved together: `groups` are the components among their members, in order,
    each with whether it is recursive; `rank` is the number of the last. `past` is what solving
    them came to, the newest last; outside of trials, since their own text or what is expanded in it was different."""

    __slots__ = ("entries", "groups", "past", "piece", "rank", "read", "stale")

    def __init__(self, groups: list[Group]) -> None:
        self.entries = {member.entry: None for group, _ in groups for member in group}
        self.groups = groups
        self.rank = 0
        self.stale = True
        self.read: set[object] = set()
        self.piece: Piece | None = None
        self.past: list[Solved] = []

    def keep(self, solved: Solved) -> None:
        """Remember an outcome."""
        if solved in self.past:
            self.past.remove(solved)
        self.past.append(solved)
        del self.past[:-_N_PAST]

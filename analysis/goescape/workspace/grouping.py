"""The members of a package in components, callees first, and how an edit changes that.

Which functions reach each other is a question about the whole package, and most edits do not change the
answer: a call is typed, a body is broken for a moment. An `Order` numbers all components once; when the
references of one member are different, it can often tell that everything else is as it would be if all
were numbered again.

A member is *fickle* if where it is first reached from matters: it lies in a component of several
functions, which are told in that order, or is an instance, whose findings stand at the text of others;
or if it refers to a fickle one. So fickle ones are reached through fickle ones alone, and one from which no
other was first reached can be left out, and come back as it was, without any difference to the others.

Invariants
  - a member's number is higher than those of all it refers to outside its component, also of members that
    do not count at the moment but did when all were numbered;
  - where `follow` says yes, numbering again would give the same components, with their
    members in the same order, and an order of components that is as good as the one there is.

Example: f calls g. A second call of g, or one of h, which was numbered before f, moves nothing; h calling
f does.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from goescape.ir.scc import visit_bottom_up
from goescape.workspace.entry import Cluster, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from goescape.workspace.entry import Entry, Group

    References = Callable[[Member], Sequence[Member]]

Changed = dict[Member, tuple[tuple[Member, ...], tuple[Member, ...]]]
"""What members referred to before, and refer to now."""


_N_PAST = 3
"""So many numberings are kept: a function that is typed in loses and regains its references."""

_captures = attrgetter("captures")


class _Numbering:
    """What numbering came to, and what of: the members in the order in which they were looked at, what
    each referred to, and whether it captured something."""

    __slots__ = ("captures", "fickle", "groups", "members", "number", "numbers", "refers", "since")

    def __init__(self, members: list[Member], references: References) -> None:
        self.members = members
        self.refers = list(map(references, members))
        self.captures = list(map(_captures, members))

    def is_of_the_same(self, other: _Numbering) -> bool:
        return (
            self.members == other.members
            and self.captures == other.captures
            and self.refers == other.refers
        )

    def keep(self, order: Order) -> None:
        self.groups, self.number = order.groups.copy(), order._number.copy()
        self.numbers, self.fickle = order._numbers.copy(), order._fickle.copy()
        self.since = order._since

    def restore(self, order: Order) -> None:
        order.groups, order._number = self.groups.copy(), self.number.copy()
        order._numbers, order._fickle = self.numbers.copy(), self.fickle.copy()
        order._since = self.since


class _LeftOut:
    """The component of an entry that does not count at the moment, what its members referred to, and which of
    them captured something; `changed` is what has changed already."""

    __slots__ = ("_captures", "_refers", "group")

    def __init__(self, group: Group, changed: Changed, references: References) -> None:
        self.group = group
        members = group[0]
        self._refers = {m: changed[m][0] if m in changed else references(m) for m in members}
        self._captures = {m for m in members if m.captures}

    def is_as_it_was(self, members: Sequence[Member], references: References) -> bool:
        """Whether `members`, now all of the entry that may count, are those of the component, and as then."""
        return {m: references(m) for m in members} == self._refers and {
            m for m in members if m.captures
        } == self._captures


class Order:
    """See the module. `references` are those that count, before or after calls are expanded."""

    __slots__ = (
        "_fickle", "_left_out", "_number", "_numbers", "_past", "_references", "_since", "groups",
    )  # fmt: skip

    def __init__(self, references: References) -> None:
        self._references = references
        self.groups: list[Group] = []
        self._number: dict[Member, int] = {}
        self._numbers: dict[Entry, set[int]] = {}
        self._fickle: set[Member] = set()
        # How many components were complete when each member was first reached.
        self._since: dict[Member, int] = {}
        self._left_out: dict[Entry, _LeftOut] = {}
        self._past: list[_Numbering] = []  # the newest first

    def number(self, roots: list[Member]) -> None:
        """Find all components again, or remember them, if all is as it was lately."""
        self._left_out.clear()
        new = _Numbering(roots, self._references)
        known = next((past for past in self._past if past.is_of_the_same(new)), None)
        if known is not None:
            self._past.remove(known)
            known.restore(self)
        else:
            known = new
            self._find(new.members)
            new.keep(self)
        self._past.insert(0, known)
        del self._past[_N_PAST:]

    def _find(self, roots: Iterable[Member]) -> None:
        references = self._references
        groups, fickle, number = self.groups, self._fickle, self._number
        since = self._since = {}
        groups.clear()
        fickle.clear()
        number.clear()
        self._numbers.clear()

        def take(group: list[Member], recursive: bool) -> None:
            is_fickle = sum(not m.captures for m in group) > 1
            for member in group:
                number[member] = len(groups)
                self._numbers.setdefault(member.entry, set()).add(len(groups))
                is_fickle |= member.entry.func.extra is not None
                is_fickle = is_fickle or not fickle.isdisjoint(references(member))
            if is_fickle:
                fickle.update(group)
            groups.append((tuple(group), recursive))

        def look(member: Member) -> Sequence[Member]:
            since[member] = len(groups)
            return references(member)

        visit_bottom_up(roots, look, lambda m: m.captures, take, lambda m: m.entry.counts)

    def number_of(self, member: Member) -> int:
        """The index of its component in `groups`; -1 if it has none."""
        return self._number.get(member, -1)

    def group_of(self, member: Member) -> Group:
        """Its component; it has one."""
        return self.groups[self._number[member]]

    def follow(
        self, entry: Entry, members: Sequence[Member], changed: Changed, same_members: bool
    ) -> bool:
        """Take over that `members`, all of `entry` that may count, refer to others than before, in
        `changed`, or, not `same_members`, are others. False: everything has to be numbered again."""
        first = entry.members[0]
        number = self._number.get(first, -1)
        if number < 0:
            return not entry.counts
        if not entry.counts:
            if first in self._fickle and not self._leave_out(entry, changed):
                return False
            self._clear(entry)
            return True
        left_out = self._left_out.pop(entry, None)
        if left_out is not None:
            if not left_out.is_as_it_was(members, self._references):
                return False
            self.groups[number] = left_out.group
            return True
        counted = first in self.groups[number][0]
        if (
            counted
            and same_members
            and all(self._keeps(m, old, new) for m, (old, new) in changed.items())
        ):
            return True
        return first not in self._fickle and self._admit(entry, members, number)

    def _leave_out(self, entry: Entry, changed: Changed) -> bool:
        """Note what `entry`, which is fickle, is like before it does not count any more. False if that makes
        a difference to others."""
        numbers, groups, fickle = self._numbers[entry], self.groups, self._fickle
        if len(numbers) != 1:
            return False
        (number,) = numbers
        group = groups[number][0]
        begin = min([self._since.get(m, 0) for m in group], default=0)
        for members, _ in [groups[number], *groups[begin:number]]:
            if any(m.entry is not entry and m in fickle for m in members):
                return False
        if group:
            self._left_out[entry] = _LeftOut(groups[number], changed, self._references)
        return True

    def _keeps(self, member: Member, old: Sequence[Member], new: Sequence[Member]) -> bool:
        """Whether all stays as it is when `member` refers to `new` and no longer to `old`."""
        number = self._number.get(member, -1)
        group, fickle, entry = self.groups[number][0], self._fickle, member.entry
        return (
            number >= 0
            and member in group
            and all(m.entry is entry for m in group)
            and [m for m in old if m.entry is entry] == [m for m in new if m.entry is entry]
            and [m for m in old if m in fickle] == [m for m in new if m in fickle]
            and all(self._is_below(m, number) for m in new if m.entry is not entry)
        )

    def _is_below(self, member: Member, number: int) -> bool:
        """Whether something with this number may refer to `member`; one without will be numbered
        anew before it counts."""
        return self._number.get(member, -1) < number

    def _admit(self, entry: Entry, members: Sequence[Member], number: int) -> bool:
        """Let `members`, which have changed, be the one component of `entry`, with its old number.
        False where that cannot be."""
        references, fickle = self._references, self._fickle
        for member in members:
            for m in references(member):
                if m.entry is not entry and (m in fickle or not self._is_below(m, number)):
                    return False
        found: list[Group] = []
        visit_bottom_up(
            members,
            references,
            lambda m: m.captures,
            lambda group, recursive: found.append((tuple(group), recursive)),
            lambda m: m.entry is entry,
        )
        if len(found) != 1 or len(found[0][0]) != len(members):
            return False
        if sum(not m.captures for m in members) > 1:
            return False
        self._clear(entry)
        for member in members:
            self._number[member] = number
        self.groups[number] = found[0]
        self._numbers[entry] = {number}
        return True

    def _clear(self, entry: Entry) -> None:
        """Take out the components of an entry that is not fickle: it shares them with nobody."""
        for number in self._numbers[entry]:
            self.groups[number] = ((), False)


def roots(entries: Iterable[Entry], written: bool) -> list[Member]:
    """All members that count, in the order of the compiler's list; with `written`, those of the text."""
    counting = [e for e in entries if e.counts]
    found: list[Member] = []
    for entry in counting:
        first = entry.members[0]
        if first.func.extra is not None:
            found += entry.members[1 : entry.n_written]
        found.append(first)
    for entry in counting:
        found += entry.members[: entry.n_written if written else None]
    return found


def clusters(groups: Sequence[Group], apart: Iterable[Cluster]) -> list[Cluster]:
    """The components put together so that each entry lies in one cluster, in the order of their last
    components. Where all is as before, it is the cluster from before, also if that was taken `apart`."""
    of: dict[Entry, list[int]] = {}
    for number, (group, _) in enumerate(groups):
        first = of.setdefault(group[0].entry, [])
        first.append(number)
        for member in group[1:]:
            other = of.setdefault(member.entry, first)
            if other is not first:
                first += other
                of.update((entry, first) for entry, numbers in of.items() if numbers is other)
    found = {id(numbers): numbers for numbers in of.values()}
    result: list[Cluster] = []
    for numbers in sorted(found.values(), key=max):
        parts = [groups[number] for number in sorted(numbers)]
        cluster = parts[0][0][0].cluster
        if cluster is None or cluster.groups != parts:
            cluster = cluster_of(parts, apart)
        cluster.rank = max(numbers)
        for entry in cluster.entries:
            for member in entry.members:
                member.cluster = cluster
        result.append(cluster)
    return result


def cluster_of(parts: list[Group], apart: Iterable[Cluster]) -> Cluster:
    """A cluster of these components: the one that was taken `apart`, or a new one."""
    return next((cluster for cluster in apart if cluster.groups == parts), None) or Cluster(parts)

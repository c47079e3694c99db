"""Following a change of references comes to what numbering everything again comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from goescape.workspace.entry import Entry, Member
from goescape.workspace.grouping import Changed, Order, clusters, roots
from hypothesis import given, settings
from hypothesis import strategies as st


class _Func:
    """Stands for a `Func`: an instance of generic code has an `extra`."""

    def __init__(self, instance: bool) -> None:
        self.extra = object() if instance else None


def _entry(literals: list[bool], instance: bool) -> Entry:
    """An entry with literals that do or do not capture."""
    entry = Entry(cast(Any, _Func(instance)), True)
    for captures in literals:
        member = Member(entry, cast(Any, _Func(instance)))
        member.captures = captures
        entry.members.append(member)
    entry.n_written = len(entry.members)
    return entry


def _order(entries: list[Entry]) -> Order:
    order = Order(lambda m: m.final)
    order.number(roots(entries, False))
    return order


def _said(order: Order, entries: list[Entry]) -> tuple[set[object], list[int]]:
    """The components as sets of what is in them, in order where that is told; and the entries of
    instances in the order in which they come."""
    groups = {(group, recursive) for group, recursive in order.groups if group}
    instances = [
        entries.index(group[0].entry)
        for group, _ in order.groups
        if group and group[0].entry.func.extra is not None
    ]
    return cast("set[object]", groups), instances


@st.composite
def _packages(draw: st.DrawFn) -> list[Entry]:
    entries = [
        _entry(draw(st.lists(st.booleans(), max_size=2)), draw(st.integers(0, 5)) == 0)
        for _ in range(draw(st.integers(2, 7)))
    ]
    for entry in entries:
        _refer(draw, entry, entries)
    return entries


def _refer(draw: Callable[[Any], Any], entry: Entry, entries: list[Entry]) -> None:
    """Let the entry's function name its literals and functions of the package."""
    first, *literals = entry.members
    functions = [e.members[0] for e in entries]
    for literal in literals:
        literal.final = tuple(draw(st.lists(st.sampled_from(functions), max_size=1)))
    named = draw(st.lists(st.sampled_from(functions), max_size=2, unique=True))
    first.final = tuple(draw(st.permutations([*literals, *named])))


@settings(max_examples=100, deadline=None)
@given(_packages(), st.data())
def test_what_is_followed_is_as_numbered_again(entries: list[Entry], data: st.DataObject) -> None:
    order = _order(entries)
    for _ in range(data.draw(st.integers(1, 4))):
        entry = data.draw(st.sampled_from(entries))
        if data.draw(st.integers(0, 2)) == 0:
            entry.withheld = "" if entry.withheld else "it uses C"
        before = {m: m.final for m in entry.members}
        same = True
        if entry.withheld:
            for member in entry.members:
                member.final = ()
        else:
            _refer(data.draw, entry, entries)
            if len(entry.members) > 1 and data.draw(st.integers(0, 3)) == 0:
                entry.members[1] = Member(entry, entry.members[1].func)
                entry.members[1].captures = True
                _refer(data.draw, entry, entries)
                same = False
        changed: Changed = {m: (before.get(m, ()), m.final) for m in entry.members}
        again = _order(entries)
        if order.follow(entry, entry.members, changed, same):
            assert _said(order, entries) == _said(again, entries)
            for group, _ in order.groups:
                for member in group:
                    for named in member.final:
                        if named.entry.counts and named not in group:
                            assert order.number_of(named) < order.number_of(member)
        else:
            order = again


@settings(max_examples=60, deadline=None)
@given(_packages(), st.data())
def test_a_numbering_from_before_is_the_same(entries: list[Entry], data: st.DataObject) -> None:
    """An entry loses and regains its references, while others change and are followed."""
    order = _order(entries)
    for _ in range(6):
        entry = data.draw(st.sampled_from(entries))
        before = {m: m.final for m in entry.members}
        entry.withheld = "" if entry.withheld else "it uses C"
        if data.draw(st.integers(0, 3)) == 0:
            _refer(data.draw, entry, entries)
        changed: Changed = {m: (before[m], m.final) for m in entry.members}
        if not order.follow(entry, entry.members, changed, True):
            order.number(roots(entries, False))
            again = _order(entries)
            assert order.groups == again.groups
            for member in (m for e in entries for m in e.members):
                assert order.number_of(member) == again.number_of(member)


def test_a_call_of_what_comes_earlier_moves_nothing() -> None:
    f, g, h = (_entry([], False) for _ in range(3))
    f.members[0].final = (g.members[0],)
    order = _order([h, f, g])
    changed: Changed = {f.members[0]: (f.members[0].final, (g.members[0], h.members[0]))}
    f.members[0].final = (g.members[0], h.members[0])
    assert order.follow(f, f.members, changed, True)
    changed = {h.members[0]: (h.members[0].final, (f.members[0],))}
    h.members[0].final = (f.members[0],)
    assert not order.follow(h, h.members, changed, True)


def test_entries_that_reach_each_other_are_one_cluster() -> None:
    f, g, h = (_entry([], False) for _ in range(3))
    f.members[0].final = (g.members[0], h.members[0])
    g.members[0].final = (f.members[0],)
    order = _order([f, g, h])
    found = clusters(order.groups, [])
    assert [list(c.entries) for c in found] == [[h], [f, g]]
    assert [c.rank for c in found] == [0, 1]
    assert clusters(order.groups, []) == found  # The clusters from before.

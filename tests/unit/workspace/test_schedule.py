"""The order in which packages are handed out."""

from __future__ import annotations

from goescape.load import LoadedPackage
from goescape.workspace.parallel import Schedule


def package(path: str, *imports: str) -> LoadedPackage:
    return LoadedPackage(path, path, path, "/" + path, imports={i: i for i in imports})


def test_imports_come_first_and_nothing_waits_for_what_is_not_asked_for() -> None:
    top, low, other = package("top", "low", "fmt"), package("low"), package("other")
    schedule = Schedule([top, low, other])
    first, second = schedule.next(), schedule.next()
    assert {p.id for p in (first, second) if p} == {"low", "other"}
    assert schedule.next() is None
    schedule.done(low)
    assert schedule.next() is top
    assert schedule.next() is None


def test_a_cycle_does_not_stop_everything() -> None:
    a, b = package("a", "b"), package("b", "a")
    schedule = Schedule([a, b])
    first = schedule.next()
    assert first is not None
    schedule.done(first)
    second = schedule.next()
    assert {first.id, second.id if second else ""} == {"a", "b"}

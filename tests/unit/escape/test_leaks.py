"""Leak summaries."""

from __future__ import annotations

from goescape.escape.leaks import CALLEE, HEAP, HEAP_TAG, MUTATOR, RESULT0, Leaks


def test_the_smallest_deref_count_is_kept() -> None:
    leaks = Leaks(5)
    for derefs in (3, 1, 2):
        leaks.add(RESULT0, derefs)
    assert leaks.results == [1, -1, -1, -1, -1]


def test_counts_saturate() -> None:
    leaks = Leaks(5)
    leaks.add(HEAP, 1000)
    assert leaks.heap == 254


def test_flows_no_shorter_than_that_to_the_heap_are_forgotten() -> None:
    leaks = Leaks(5)
    leaks.add(HEAP, 1)
    leaks.add(MUTATOR, 0)
    leaks.add(CALLEE, 1)
    leaks.add(RESULT0 + 2, 2)
    leaks.optimize()
    assert leaks.derefs == [1, 0, -1, -1, -1, -1, -1, -1]


def test_a_value_on_the_heap_has_the_empty_tag() -> None:
    leaks = Leaks(5)
    assert leaks.tag() == (-1,) * 8
    leaks.add(HEAP, 0)
    assert leaks.tag() == HEAP_TAG

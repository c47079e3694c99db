"""Garbage of edits is collected; what stays is gone through seldom."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from goescape_server.lsp.garbage import (
    LONG_PAUSE,
    LONG_SECONDS,
    MANY_EDITS,
    MUCH_SECONDS,
    SHORT_PAUSE,
    SOME_EDITS,
    UNBROKEN_EDITS,
    UNBROKEN_SECONDS,
    Garbage,
)


class _Ring:
    def __init__(self) -> None:
        self.me = self


def _ring() -> tuple[_Ring, weakref.ref[_Ring]]:
    ring = _Ring()
    return ring, weakref.ref(ring)


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    yield Garbage()
    gc.unfreeze()
    gc.enable()


def test_what_was_made_since_is_collected_and_what_stayed_after_many_edits(
    garbage: Garbage,
) -> None:
    assert not gc.isenabled()
    kept, seen_kept = _ring()
    garbage.collect(LONG_PAUSE)  # The first time is a whole one, whatever was edited.
    frozen = gc.get_freeze_count()
    assert frozen > 0
    lost, seen_lost = _ring()
    del lost
    garbage.edited(SOME_EDITS - 1)
    garbage.collect(SHORT_PAUSE)
    assert seen_lost() is not None  # Not worth while.
    garbage.edited(1)
    garbage.collect(SHORT_PAUSE)
    assert seen_lost() is None and gc.get_freeze_count() >= frozen
    del kept
    garbage.edited(SOME_EDITS)
    garbage.collect(LONG_PAUSE)
    assert seen_kept() is not None  # It was set aside.
    garbage.edited(MANY_EDITS)
    garbage.collect(SHORT_PAUSE)
    assert seen_kept() is not None  # The pause is too short for everything.
    garbage.collect(LONG_PAUSE)
    assert seen_kept() is None


def test_without_a_pause_what_was_made_since_is_collected_now_and_then(garbage: Garbage) -> None:
    kept, seen_kept = _ring()
    garbage.edited(UNBROKEN_EDITS)
    garbage.collect(0)
    lost, seen_lost = _ring()
    del kept, lost
    garbage.edited(UNBROKEN_EDITS - 1)
    garbage.collect(0)
    assert seen_lost() is not None
    garbage.edited(1)
    garbage.collect(0)
    assert seen_lost() is None and seen_kept() is not None
    garbage.edited(MANY_EDITS)
    garbage.collect(LONG_PAUSE)
    assert seen_kept() is None


def test_after_long_work_everything_is_gone_through_in_a_pause(garbage: Garbage) -> None:
    kept, seen_kept = _ring()
    garbage.collect(LONG_PAUSE)
    del kept
    for _ in range(100):
        garbage.worked(LONG_SECONDS / 2)
    garbage.collect(LONG_PAUSE)
    assert seen_kept() is not None  # It was set aside, and short work makes little.
    garbage.worked(MUCH_SECONDS)
    garbage.collect(SHORT_PAUSE)
    assert seen_kept() is not None
    garbage.collect(LONG_PAUSE)
    assert seen_kept() is None


def test_after_a_great_deal_everything_is_gone_through_without_a_pause(garbage: Garbage) -> None:
    kept, seen_kept = _ring()
    garbage.collect(LONG_PAUSE)
    del kept
    for _ in range(2 * MANY_EDITS - 1):
        garbage.edited(1)
        garbage.collect(0)
    assert seen_kept() is not None
    garbage.edited(1)
    garbage.collect(0)
    assert seen_kept() is None
    kept, seen_kept = _ring()
    gc.freeze()
    del kept
    garbage.worked(UNBROKEN_SECONDS)
    garbage.collect(0)
    assert seen_kept() is None


def test_long_work_is_interrupted_for_what_it_leaves_behind(
    garbage: Garbage, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage.begin()
    lost, seen_lost = _ring()
    del lost
    garbage.go_on()
    assert seen_lost() is not None  # It has only begun.
    monkeypatch.setattr("goescape_server.lsp.garbage.STEP_SECONDS", 0.0)
    garbage.go_on()
    assert seen_lost() is None

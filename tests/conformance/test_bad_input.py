"""Damaged and monstrous Go never crashes the analysis, nor keeps it for long.

The quick test takes every text of `harness.fuzz` that is odd as it stands, some nests and chains, and
a few damaged library files; the long ones, marked `std`, damage many more.
`python -m harness.fuzz` runs whole campaigns.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from harness.fuzz import CHAINS, LONE, NESTS, PLAIN, Bench, Case, big_file, campaign, damaged

INLINE = pytest.mark.parametrize("inline", [False, True], ids=["-l", "inlining"])


def failures(cases: Iterable[Case], inline: bool) -> list[tuple[str, str, str]]:
    """(name, cause, detail) of the cases that crash, or exceed their time or memory."""
    outcomes = list(campaign(cases, Bench(inline=inline)))
    assert outcomes
    return [(o.name, o.cause, o.detail) for o in outcomes if o.cause]


@INLINE
def test_odd_texts(inline: bool) -> None:
    cases = (Case(name, LONE, lambda text=text: text) for name, text in PLAIN.items())  # type: ignore[misc]
    assert failures(cases, inline) == []


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("parentheses", 10_000),
        ("blocks", 10_000),
        ("composite literals", 10_000),
        ("ranges over functions", 900),
        ("called literals with results", 30),
    ],
)
def test_nests(name: str, n: int) -> None:
    assert failures([Case(name, LONE, lambda: NESTS[name](n).encode())], True) == []


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("sum", 500),
        ("else if", 500),
        ("functions calling in a ring", 500),
        ("type parameters side by side", 40_000),
    ],
)
def test_chains(name: str, n: int) -> None:
    assert failures([Case(name, LONE, lambda: CHAINS[name](n).encode())], True) == []


def test_an_editor_judges_and_solves_each_function_once() -> None:
    text = CHAINS["functions"](8_000).encode()
    outcome = Bench(inline=True, session=True).check(LONE, text)
    assert outcome.cause == ""


@pytest.mark.parametrize("kind", ["cuts", "flips", "tokens"])
def test_damaged_files(kind: str) -> None:
    assert failures(damaged(kind, 3, 2, 1, False), False) == []


@pytest.mark.std
@pytest.mark.parametrize("kind", ["cuts", "flips", "tokens"])
def test_many_damaged_files(kind: str) -> None:
    assert failures(damaged(kind, 40, 4, 2, False), False) == []


@pytest.mark.std
@INLINE
def test_a_long_file_takes_time_in_proportion(inline: bool) -> None:
    short = Bench(inline=inline).check(LONE, big_file(250_000), limit=600)
    assert short.cause == ""
    outcome = Bench(inline=inline).check(LONE, big_file(1_000_000), limit=8 * short.seconds)
    assert outcome.cause == ""

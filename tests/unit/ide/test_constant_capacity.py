"""Slices that are made with room for a constant number of elements."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, labels, proposed

CODE = "constant-capacity"


def program(size: str, parameters: str, use: str = "") -> str:
    return f"""package w

func f({parameters}) int {{
	s := make([]int, 0, {size})
	for i := 0; i < 9; i++ {{
		s = append(s, i)
	}}
	{use or "_ = s[0]"}
	return len(s)
}}
"""


def test_before_go_1_25_the_line_goes() -> None:
    text = program("n", "n int")
    assert fixed(text, CODE, go="1.24") == program("64", "n int")
    assert fixed(text, CODE, go="1.27") == program("64", "n int")


def test_lengths_keep_the_behaviour() -> None:
    assert labels(program("len(m)", "m []int"), CODE) == [
        "Use the constant capacity 64 (same behaviour)"
    ]
    assert labels(program("n", "n int"), CODE) == [
        "Use the constant capacity 64"
        " (changes behaviour when the size is negative or cannot be computed)"
    ]


@pytest.mark.parametrize(
    ("size", "bound"), [("min(len(m), 16)", 16), ("len(m)%5", 4), ("len(m)&7", 7)]
)
def test_a_bound_that_follows_from_the_code(size: str, bound: int) -> None:
    (offer,) = proposed(program(size, "m []int"), CODE)
    assert offer.fix.is_safe_bet
    assert [e.text for e in offer.fix.edits] == [str(bound)]


def test_a_variable_that_is_only_there_for_it_becomes_a_constant() -> None:
    text = program("n", "m map[string]int").replace("\ts :=", "\tn := len(m)\n\ts :=", 1)
    assert "\tconst n = 64\n\ts := make([]int, 0, n)\n" in fixed(text, CODE)


@pytest.mark.parametrize(
    "use", ["_ = cap(s)", "_ = s[:9]", "t := s; _ = t", "p := &s; _ = p", "sink = append(s, 1)"]
)
def test_the_capacity_may_be_seen(use: str) -> None:
    text = program("n", "n int", use) + "\nvar sink []int\n"
    assert proposed(text, CODE) == []


def test_what_gets_away_gets_away() -> None:
    text = program("n", "n int", "sink = append(sink, s...)") + "\nvar sink []int\n"
    assert labels(text, CODE) != []
    assert labels(text.replace("append(sink, s...)", "s"), CODE) == []


def test_a_length_of_its_own_stays() -> None:
    text = program("n", "n int").replace("0, n", "3, n")
    assert labels(text, CODE) == [
        "Use the constant capacity 64 (changes behaviour when the size is less than the length)"
    ]
    assert fixed(text, CODE) == text.replace("3, n", "3, 64")
    assert proposed(text.replace("3, n", "99, n"), CODE) == []

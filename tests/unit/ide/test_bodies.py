"""Bodies of functions of one line stay in line when edits change what stands before them, as gofmt sets them."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt

TEXT = """package w

type point struct{ x, y int }

func origin() *point     { return &point{} }    // origin
func at(x, y int) *point { return &point{x, y} } // somewhere
func sum(p point) int    { return p.x + p.y }

func unit() *point { return &point{1, 1} }

func f() int {
	o := origin()
	p, q := at(1, 2).x, unit()
	return o.x + p + q.y
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("at(1, 2).x", "(*at(1, 2)).x"),
        ("\nfunc at", "\n\nfunc at"),
        ("\nfunc at", "\n// at is somewhere.\nfunc at"),
        ("{ return &point{x, y} }", "{\n\treturn &point{x, y}\n}"),
    ],
)
def test_bodies_are_in_line(old: str, new: str) -> None:
    text = gofmt(TEXT.replace(old, new, 1))
    after = fixed(text, "return-value")
    assert "func origin() point" in after
    assert gofmt(after) == after


def test_bodies_that_were_set_otherwise_stay() -> None:
    text = TEXT.replace("int    {", "int {")
    after = fixed(text, "return-value")
    assert after == text.replace("origin() *", "origin() ").replace("&point{}", "point{}")

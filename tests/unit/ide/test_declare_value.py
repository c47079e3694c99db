"""Values that are declared instead of made by `new`."""

from __future__ import annotations

from harness.fixes import fixed, gofmt, proposed

CODE = "declare-value"

BIG = """package w

type big struct {
	n    int
	data [70000]byte
}

func (b *big) grow() { b.n++ }

func size(b *big) int { return b.n + len(b.data) }
"""


def test_what_is_too_large_to_be_made_may_be_declared() -> None:
    text = (
        BIG
        + """
func f() int {
	b := &big{n: 1}
	b.grow()
	c := *b
	return size(b) + c.n + (*b).n
}

func g() int {
	b := new(big)
	b.n = 2
	return size(b)
}
"""
    )
    after = fixed(text, CODE, caveats=False)
    assert (
        after
        == BIG
        + """
func f() int {
	b := big{n: 1}
	b.grow()
	c := b
	return size(&b) + c.n + b.n
}

func g() int {
	var b big
	b.n = 2
	return size(&b)
}
"""
    )
    assert gofmt(after) == after


def test_the_pointer_must_be_nothing_but_the_value() -> None:
    text = (
        BIG
        + """
func assigned(o *big) int {
	b := &big{}
	b = o
	return b.n
}

func compared() bool {
	b := &big{}
	return b == nil
}

func addressed() int {
	b := &big{}
	p := &b
	return (*p).n
}

func small() *int {
	p := new(int)
	return p
}
"""
    )
    assert proposed(text, CODE) == []

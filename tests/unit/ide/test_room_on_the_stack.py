"""Room before a loop, and an array behind a slice: what becomes of the text, and what is left alone."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt, labels, proposed

LOOPS = """package w

func f(n int, words []string) int {
	var s []int // here
	for i := 1; i <= 10; i++ {
		s = append(s, i)
	}
	t := []int{}
	for i := range n {
		t = append(t, i, i)
	}
	u := make([]string, 0)
	for _, word := range words {
		if word != "" {
			u = append(u, word)
		}
	}
	return len(s) + len(t) + len(u)
}
"""


def test_room_is_made_before_the_loop() -> None:
    after = fixed(LOOPS, "preallocate", caveats=False)
    assert after == LOOPS.replace("var s []int // here", "s := make([]int, 0, 10) // here").replace(
        "[]int{}", "make([]int, 0, 64)"
    ).replace("make([]string, 0)", "make([]string, 0, 64)")
    assert gofmt(after) == after


@pytest.mark.parametrize(
    ("loop", "times"),
    [
        ("i := 0; i < 100; i += 10", 10),
        ("i := 0; i <= 100; i += 10", 11),
        ("i := 0; i < 101; i += 10", 11),
        ("i := 10; i > 0; i--", 10),
        ("i := 30; i >= 1; i -= 3", 10),
        ("i := n; i > 0; i--", 64),
    ],
)
def test_loops_count_up_or_down_by_a_constant(loop: str, times: int) -> None:
    text = LOOPS.replace("i := 1; i <= 10; i++", loop)
    after = fixed(text, "preallocate", caveats=False)
    assert f"\ts := make([]int, 0, {times}) // here\n\tfor {loop} {{" in after


def test_somebody_may_look_for_nil() -> None:
    text = LOOPS.replace("return len(s)", "return count(s)") + (
        "\n//go:noinline\nfunc count(s []int) int { return len(s) }\n"
    )
    first, *_ = labels(text, "preallocate")
    assert first.endswith("changes behaviour when a function that gets the slice looks at its capacity, or whether it is nil)")  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("i := 1; i <= 10; i++", "i := 1; n > 3; n--"),  # nobody counts
        ("i := 1; i <= 10; i++", "i := 1; i > -10; i -= n"),
        ("i := 1; i <= 10; i++", "i := range make(chan int)"),
        ("i <= 10", "i <= 4"),  # four elements have room anyway
        ("return len(s)", "if s == nil {\n\t\treturn 0\n\t}\n\treturn len(s)"),
        ("return len(s)", "return cap(s)"),
        ("append(s, i)", "append(s[:0], i)"),
        ("var s []int // here", "s := []int{1}"),
    ],
)
def test_no_room_can_be_made(old: str, new: str) -> None:
    text = LOOPS.replace(old, new).partition("\tt :=")[0] + "\treturn len(s)\n}\n"
    if "return" in old:
        text = text.replace("return len(s)", new, 1)
    assert proposed(text, "preallocate") == []


def test_a_literal_may_run_at_any_time() -> None:
    inner = "for i := range 10 {\n\t\t\ts = append(s, i)\n\t\t}"
    text = f"package w\n\nfunc f() int {{\n\tvar s []int\n\tfunc() {{\n\t\t{inner}\n\t}}()\n\treturn len(s)\n}}\n"
    assert proposed(text, "preallocate") == []


ARRAYS = """package w

func f(n int, x []byte, k uint8) int {
	b := make([]int, n)
	c := make([]byte, 2*len(x)) // twice
	d := make([]string, k)
	e := make([]byte, n&15)
	b[0], e[0] = copy(c, x), c[0]
	return len(d) + b[0]
}
"""


def test_an_array_is_behind_the_slice() -> None:
    after = fixed(ARRAYS, "backing-array")
    assert (
        after
        == """package w

func f(n int, x []byte, k uint8) int {
	var bBuf [64]int
	var b []int
	if n <= len(bBuf) {
		b = bBuf[:n:n]
	} else {
		b = make([]int, n)
	}
	var cBuf [64]byte
	cLen := 2 * len(x)
	var c []byte // twice
	if cLen <= len(cBuf) {
		c = cBuf[:cLen:cLen]
	} else {
		c = make([]byte, cLen)
	}
	var dBuf [255]string
	d := dBuf[:k:k]
	var eBuf [15]byte
	eLen := n & 15
	e := eBuf[:eLen:eLen]
	b[0], e[0] = copy(c, x), c[0]
	return len(d) + b[0]
}
"""
    )
    assert gofmt(after) == after
    # A negative size panics either way, with another text.
    same = [label for label in labels(ARRAYS, "backing-array") if "same behaviour" in label]
    assert len(same) == 3


def test_what_escapes_needs_no_array() -> None:
    text = ARRAYS.replace("return len(d)", "keep = b\n\treturn len(d)") + "\nvar keep []int\n"
    assert "bBuf" not in fixed(text, "backing-array")
    # Before go1.25 the line of `make` would stay; a size with a bound is another matter.
    assert fixed(ARRAYS, "backing-array", go="1.24").count("make") == 2


@pytest.mark.parametrize(
    ("size", "length"),
    [
        ("min(n, 8)", 8),
        ("m", 8),
        ("int(x[0])", 255),
        ("n % len(table)", 11),
        ("min(len(x), 8) * min(len(x), 4)", 32),
        ("min(n, 8) * min(n, 4)", 64),  # the product of two numbers below zero may be any
        ("n % m", 64),  # m may be below zero
        ("n % min(len(x), 9)", 8),
        ("int(x[0]) + len(table)", 267),
        ("changed", 64),
    ],
)
def test_bounds_follow_from_the_code(size: str, length: int) -> None:
    text = f"""package w

var table [12]byte

func f(n int, x []byte) int {{
	m := min(n, 8)
	changed := min(n, 4)
	changed += n
	s := make([]bool, {size})
	return len(s) + m + changed
}}
"""
    after = fixed(text, "backing-array")
    assert f"var sBuf [{length}]bool\n" in after
    assert ("make" in after) == (length == 64)


@pytest.mark.parametrize(
    ("size", "goarch", "length"),
    [
        ("int(min(n, 8))", "amd64", 8),
        ("int(min(n, 8))", "386", 64),  # -1<<32 + 9 is 9
        ("int(min(uint64(n), 8))", "386", 8),
        ("int(min(int32(n), 8))", "386", 8),
    ],
)
def test_a_bound_of_what_is_cut_off(size: str, goarch: str, length: int) -> None:
    text = (
        f"package w\n\nfunc f(n int64) int {{\n\ts := make([]bool, {size})\n\treturn len(s)\n}}\n"
    )
    (offer,) = proposed(text, "backing-array", goarch=goarch)
    assert offer.fix.title == f"Use an array of {length} elements"


def test_length_and_capacity_of_one_size() -> None:
    text = "package w\n\nfunc f(n int) int {\n\ts := make([]int, n, n)\n\treturn len(s)\n}\n"
    assert fixed(text, "backing-array") == fixed(text.replace("n, n", "n"), "backing-array") != text
    assert proposed(text.replace("n, n", "n, 2*n"), "backing-array") == []

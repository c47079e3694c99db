"""Programs as people write them: constructors that fail, interfaces with one implementation, imports under a
dot, generic code."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt, labels, proposed

PARSER = """package w

import (
	"errors"
	"fmt"
	"io"
)

type header struct {
	kind byte
	size int
}

var errShort = errors.New("short header")

//go:noinline
func parse(p []byte) (*header, error) {
	if len(p) == 0 {
		return nil, io.EOF
	}
	if len(p) < 6 {
		return nil, errShort
	}
	h := header{kind: p[0], size: int(p[1])}
	if err := check(h.kind); err != nil {
		return nil, err
	}
	if h.kind > 7 {
		return nil, fmt.Errorf("kind")
	}
	return &h, nil
}

func check(kind byte) error {
	if kind > 9 {
		return errShort
	}
	return nil
}

func size(p []byte) (int, error) {
	h, err := parse(p)
	if err != nil {
		return 0, err
	}
	return h.size, nil
}

func kind(p []byte) byte {
	if h, err := parse(p); err != nil {
		return 0
	} else {
		return h.kind
	}
}
"""


def test_a_value_beside_an_error() -> None:
    after = fixed(PARSER, "return-value", caveats=False)
    assert after == PARSER.replace("(*header,", "(header,").replace("&h,", "h,").replace(
        "return nil, ", "return header{}, "
    )
    assert gofmt(after) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 0, err\n\t}\n\treturn h.size", "println(h.size)\n\t}\n\treturn h.size"),
        ("return 0, err\n\t}", "println(err)\n\t}"),
        ("if err != nil {\n\t\treturn 0, err\n\t}", "_ = err"),
        ("return nil, errShort", "return nil, nil"),
        ("return nil, errShort", "errShort = nil\n\t\treturn nil, errShort"),
        ("err != nil {\n\t\treturn nil, err", "err != nil {\n\t\terr = nil\n\t\treturn nil, err"),
    ],
)
def test_what_came_beside_an_error_may_be_used(old: str, new: str) -> None:
    text = PARSER.replace(old, new, 1)
    (label,) = labels(text, "return-value")
    assert "changes behaviour when a caller uses what comes beside an error" in label


def test_nil_is_asked_for() -> None:
    text = PARSER.replace(
        "return h.size, nil", "if h == nil {\n\t\treturn 1, nil\n\t}\n\treturn h.size, nil"
    )
    assert proposed(text, "return-value") == []


ONE_TYPE = """package w

type backend interface{ put(key string) }

type memory struct{ size int }

func (m *memory) put(key string) { m.size += len(key) }

type cache struct {
	b backend // where it all goes
	n int
}

func open(b backend) *cache { return &cache{b: b} }

func (c *cache) add(key string) { c.b.put(key) }

//go:noinline
func touch(b backend) { b.put("") }

func run(words []string) int {
	m := memory{}
	touch(&m)
	c := open(&m)
	for _, word := range words {
		c.add(word)
	}
	return m.size
}
"""


def test_all_that_get_a_value_get_its_type() -> None:
    after = fixed(ONE_TYPE, "keep-concrete", caveats=False)
    assert after == ONE_TYPE.replace("\tb backend //", "\tb *memory //").replace(
        "(b backend)", "(b *memory)"
    ).replace("\tn int\n", "\tn int\n")
    assert gofmt(after) == after
    assert labels(ONE_TYPE, "keep-concrete") == [
        "Keep the concrete type in `touch` and `open` (same behaviour)"
    ]
    # What is behind a variable is found by its uses.
    pointer = ONE_TYPE.replace("&m)", "m)").replace(":= memory", ":= &memory")
    assert "(b *memory)" in fixed(pointer, "keep-concrete")
    # The field may get something else.
    other = ONE_TYPE + "\nvar spare = cache{b: backend(nil)}\n"
    assert "b backend" in fixed(other, "keep-concrete")


def test_imports_under_a_dot() -> None:
    text = """package w

import (
	. "fmt"
	. "strings"
)

func label(n int, s string) string {
	if HasPrefix(s, "x") {
		return Sprintf("%d", n)
	}
	return ToUpper(s)
}
"""
    after = fixed(text, "without-fmt", caveats=False)
    assert after == text.replace('. "fmt"', '"strconv"').replace(
        'Sprintf("%d", n)', "strconv.Itoa(n)"
    )
    assert gofmt(after) == after
    own = text.replace('\t. "fmt"\n', "") + "\nfunc Sprintf(s string, n int) string { return s }\n"
    assert proposed(own, "without-fmt") == []


GENERIC = """package w

type pool[T any] struct {
	free  []T
	tasks chan func()
	seen  map[string]T
}

func (p *pool[T]) drain() {
	for range p.free {
		p.tasks <- func() { p.free = nil }
	}
}

func (p *pool[T]) get(key []byte) (T, bool) {
	k := string(key)
	v, ok := p.seen[k]
	return v, ok
}

func positions[T comparable](xs []T, x T) (n int) {
	at := make([]int, 0, len(xs))
	var ends []int
	for i, y := range xs {
		if x == y {
			at = append(at, i)
		}
	}
	for i := range xs {
		ends = append(ends, i)
	}
	return len(at) + ends[0]
}

func run(p *pool[int], q *pool[string], key []byte) int {
	p.drain()
	q.drain()
	n, _ := p.get(key)
	return n + positions([]string{"a"}, "b") + positions([]int{1}, 2)
}
"""


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("hoist", "\tf := func() { p.free = nil }\n\tfor range p.free {\n\t\tp.tasks <- f\n"),
        ("without-conversion", "p.seen[string(key)]"),
        ("constant-capacity", "make([]int, 0, 64)"),
        ("preallocate", "ends := make([]int, 0, 64)"),
    ],
)
def test_generic_code_is_fixed_for_all_instances(code: str, text: str) -> None:
    after = fixed(GENERIC, code, caveats=False)
    assert text in after
    assert gofmt(after) == after


def test_a_stack_of_its_own() -> None:
    text = """package w

func visit(next [][]int) (n int) {
	stack := make([]int, 0, len(next))
	stack = append(stack, 0)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		stack = append(stack, next[i]...)
		n++
	}
	stack = stack[:0]
	return n
}
"""
    after = fixed(text, "constant-capacity", caveats=False)
    assert after == text.replace("len(next))", "64)")
    for other in (
        "stack[:n]",
        "stack[1:len(stack)]",
        "stack[:len(next)-1]",
    ):
        changed = text.replace("stack[:len(stack)-1]", other)
        assert proposed(changed, "constant-capacity") == []
    pointed = text.replace("i := stack[len(stack)-1]", "i := *&stack[len(stack)-1]")
    assert proposed(pointed, "constant-capacity") == []


def test_an_array_that_was_behind_a_pointer() -> None:
    text = """package w

func window(p []int) (sum int) {
	ring := new([10000]int)
	for i, v := range p {
		sum += v - ring[i%len(ring)]
	}
	copy(ring[:], p)
	return sum + (*ring)[0]
}
"""
    after = fixed(text, "declare-value", caveats=False)
    assert after == text.replace("ring := new([10000]int)", "var ring [10000]int").replace(
        "(*ring)", "ring"
    )


@pytest.mark.parametrize(
    ("size", "fits"), [("1 << 18", "1 << 17"), ("1<<18", "1<<17"), ("300 << 10", "128 << 10")]
)
def test_sizes_keep_their_shape(size: str, fits: str) -> None:
    text = f"package w\n\nfunc f(i int) bool {{\n\tvar a [{size}]bool\n\ta[i] = true\n\treturn a[i/2]\n}}\n"
    assert fixed(text, "fit-limit") == text.replace(size, fits)

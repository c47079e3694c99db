"""Fixes that move values between functions, literals and types: what each does, and what it leaves alone."""

from __future__ import annotations

import pytest
from goescape.ide.fixes.neighbours import as_written
from harness.fixes import fixed, gofmt, labels, proposed


def test_a_copy_is_captured() -> None:
    text = """package w

func f(names []string) func() string {
	last := ""
	for _, name := range names {
		last = name
	}
	for {
		if len(names) > 3 {
			return func() string { return last }
		}
	}
}
"""
    after = fixed(text, "capture-copy", caveats=False)
    assert (
        after
        == """package w

func f(names []string) func() string {
	last := ""
	for _, name := range names {
		last = name
	}
	for {
		if len(names) > 3 {
			last := last
			return func() string { return last }
		}
	}
}
"""
    )
    assert gofmt(after) == after
    told = text.replace("\t\t\treturn", "\t\t\t// The one that came last.\n\t\t\treturn")
    assert "{\n\t\t\tlast := last\n\t\t\t// The one" in fixed(told, "capture-copy", caveats=False)


@pytest.mark.parametrize(
    "body",
    [
        "for x < 3 {\n\t\tx++\n\t\tgo func() { println(x) }()\n\t}",  # the next round assigns
        "go func() { println(x) }()\n\tx = 2",  # behind the literal
        "for x < 3 {\n\t\tx++\n\t}\n\tgo func() { x++ }()",  # the literal assigns
        "for x < 3 {\n\t\tx++\n\t}\n\tp := &x\n\tgo func() { println(x, p) }()\n\t*p = 3",
        "again:\n\tx++\n\tgo func() { println(x) }()\n\tif x < 3 {\n\t\tgoto again\n\t}",
    ],
)
def test_a_copy_would_be_another_value(body: str) -> None:
    text = f"package w\n\nfunc f(x int) {{\n\t{body}\n}}\n"
    assert proposed(text, "capture-copy") == []


POINT = """package w

type point struct{ x, y int }

func (p *point) move() { p.x++ }

//go:noinline
func newPoint(x int) *point {
	return &point{x: x}
}
"""


def test_a_value_is_returned() -> None:
    text = (
        POINT
        + """
func f() int {
	p := newPoint(1)
	p.move()
	q := *newPoint(2)
	return p.x + (*p).y + q.x
}
"""
    )
    after = fixed(text, "return-value", caveats=False)
    assert after == text.replace("*point {", "point {").replace("return &", "return ").replace(
        "(*p).y", "p.y"
    ).replace("*newPoint(2)", "newPoint(2)")
    assert gofmt(after) == after


@pytest.mark.parametrize(
    "use",
    [
        "var kept *point\n\nfunc f() { kept = newPoint(1) }",
        "func f() bool { return newPoint(1) == nil }",
        "func f() bool {\n\tp := newPoint(1)\n\treturn p != nil\n}",
        "func f() {\n\tp := newPoint(1)\n\tp = newPoint(2)\n\tp.move()\n}",
        "var make = newPoint",
        "func f() { newPoint(1).move() }",
    ],
)
def test_a_caller_needs_the_pointer(use: str) -> None:
    assert proposed(f"{POINT}\n{use}\n", "return-value") == []


def test_a_lock_is_not_copied() -> None:
    text = """package w

import "sync"

type box struct{ mu sync.Mutex }

//go:noinline
func newBox() *box { return &box{} }

func f() {
	b := newBox()
	b.mu.Lock()
}
"""
    assert proposed(text, "return-value") == []


def test_a_pointer_is_taken() -> None:
    text = """package w

type s struct{ n int }

//go:noinline
func ref(z s) *s {
	z.n++
	return &z
}

func f() int {
	var x s
	return ref(x).n + ref(s{2}).n
}
"""
    after = fixed(text, "take-pointer")
    assert after == text.replace("(z s)", "(z *s)").replace("return &z", "return z").replace(
        "ref(x)", "ref(&x)"
    ).replace("ref(s{", "ref(&s{")
    assert fixed(text, "take-pointer", caveats=False) == text
    called = text.replace("ref(x)", "ref(g(x))") + "\nfunc g(x s) s { return x }\n"
    assert proposed(called, "take-pointer") == []


def test_the_caller_provides_a_buffer() -> None:
    text = """package w

const size = 16

//go:noinline
func next(b byte) []byte {
	p := make([]byte, size)
	p[0] = b
	return p
}

func f() byte { return next(1)[0] }
"""
    after = fixed(text, "caller-provides", caveats=False)
    assert after == text.replace("(b byte)", "(b byte, p []byte)").replace(
        "\tp := make([]byte, size)\n", ""
    ).replace("next(1)", "next(1, make([]byte, size))")
    # What is alone in the parentheses has other blanks than one of several.
    shifted = text.replace("next(1)", "next(size >> 4)")
    assert "next(size>>4, make([]byte, size))" in fixed(shifted, "caller-provides", caveats=False)
    assert gofmt(fixed(shifted, "caller-provides")) == fixed(shifted, "caller-provides")
    # A parameter with the variable's name would hide what is called so above.
    hidden = text.replace("const size", "var p byte\n\nconst size").replace(
        "p := make", "b += p\n\tp := make"
    )
    assert "(b byte, buf []byte) []byte {\n\tb += p\n\tp := buf" in fixed(hidden, "caller-provides")
    # A comment keeps its line.
    told = fixed(text.replace("\tp :=", "\t// Room.\n\tp :="), "caller-provides")
    assert "(b byte, buf []byte) []byte {\n\t// Room.\n\tp := buf" in told
    # A buffer of each round of a loop is another one; a local constant means nothing elsewhere.
    assert proposed(text.replace("p :=", "for {\n\t}\n\tp :="), "caller-provides") != []
    local = text.replace("const size = 16\n\n", "").replace("p :=", "const size = 16\n\tp :=")
    assert proposed(local, "caller-provides") == []
    other = text.replace("{ return next(1)[0] }", "{\n\tconst size = 3\n\treturn next(size)[0]\n}")
    assert proposed(other, "caller-provides") == []


@pytest.mark.parametrize(("above", "below"), [("\tb++\n\n", "\n"), ("\n", "\n"), ("", "\n")])
def test_a_line_that_goes_leaves_no_blank_lines_behind(above: str, below: str) -> None:
    text = f"""package w

//go:noinline
func next(b byte) []byte {{
{above}\tp := make([]byte, 16)
{below}\tp[0] = b
	return p
}}

func f() byte {{ return next(1)[0] }}
"""
    after = fixed(text, "caller-provides", caveats=False)
    assert gofmt(after) == after and "\n\n\n" not in after
    assert f"{{\n{above}\tp[0] = b\n" in after


SINK = """package w

type record struct{ id, code int }

type sink struct{ last any }

//go:noinline
func (s *sink) put(v any) { s.last = v }

func f(n int) {
	var s sink
	for i := 0; i < n; i++ {
		s.put(record{i, i})
	}
}
"""


def test_the_concrete_type_is_kept() -> None:
    after = fixed(SINK, "keep-concrete", caveats=False)
    assert after == SINK.replace("last any", "last record").replace("v any", "v record")


@pytest.mark.parametrize(
    "use",
    [
        "func g(s *sink) { s.put(1) }",  # another type
        "func g(s *sink) bool { return s.last == nil }",
        "func g(s *sink) int { return s.last.(record).id }",
        "func g(s *sink) { s.last = 7 }",
        "func g(s *sink) func(any) { return s.put }",
    ],
)
def test_the_interface_is_needed(use: str) -> None:
    assert proposed(f"{SINK}\n{use}\n", "keep-concrete") == []


def test_the_string_itself_is_written() -> None:
    text = """package w

import "os"

type writer interface{ Write(p []byte) (int, error) }

func f(w writer, s string) {
	if _, err := w.Write([]byte(s[1:])); err != nil {
		os.Exit(1)
	}
}
"""
    after = fixed(text, "write-string")
    assert after == text.replace('import "os"', 'import (\n\t"io"\n\t"os"\n)').replace(
        "w.Write([]byte(s[1:]))", "io.WriteString(w, s[1:])"
    )
    assert gofmt(after) == after
    assert all("changes behaviour" in x for x in labels(text, "write-string"))
    # Callers in other packages would pay: the string leaks now.
    assert fixed(text.replace("func f(", "func F("), "write-string").count("WriteString") == 0


def test_what_formats_is_told_to() -> None:
    text = """package w

import (
	"fmt"
	"log"
)

func f(n int) {
	log.Print(fmt.Sprintf("n is %d", n))
	log.Println(fmt.Sprintf("n is %d\\n", n))
	fmt.Println(fmt.Sprintf("n is %d", n))
}
"""
    after = fixed(text, "format-directly", caveats=False)
    assert (
        after
        == """package w

import (
	"fmt"
	"log"
)

func f(n int) {
	log.Printf("n is %d", n)
	log.Println(fmt.Sprintf("n is %d\\n", n))
	fmt.Printf("n is %d\\n", n)
}
"""
    )


def test_limits_of_the_release() -> None:
    text = """package w

func f() byte {
	b := make([]byte, 65*1024)
	var a [200 * 1024]byte
	return b[0] + a[1]
}
"""
    after = fixed(text, "fit-limit")
    assert after == text.replace("65*1024", "64*1024").replace("200 * 1024", "128 * 1024")
    assert fixed(text, "fit-limit", go="1.23") == text.replace("65*1024", "64*1024")


def test_a_constant_size_before_go_1_25() -> None:
    text = """package w

func f() byte {
	size := 128
	b := make([]byte, size)
	return b[0]
}
"""
    assert fixed(text, "make-constant", go="1.24") == text.replace("size :=", "const size =")
    assert proposed(text, "make-constant") == []
    assert proposed(text.replace("return", "size++\n\treturn"), "make-constant", go="1.24") == []


def test_a_literal_gets_an_argument() -> None:
    text = """package w

func f(n int) {
	var x *int
	func(n int) {
		for i := 0; i < n; i++ {
			func() {
				y := 1
				x = &y
			}()
		}
	}(n)
	_ = x
}
"""
    after = fixed(text, "closure-argument", inline=False)
    assert after == text.replace("func(n int)", "func(x *int, n int)").replace(
        "func() {", "func(x *int) {"
    ).replace("}(n)", "}(x, n)").replace("}()", "}(x)")


SHAPES = """package w

type shape interface{ area() int }

type square struct{ a, b, c int }

func (s square) area() int { return s.a * s.a }

type circle struct{ r, x int }

func (c circle) area() int { return 3 * c.r * c.r }

//go:noinline
func sum(n int, s shape) int {
	total := 0
	for range n {
		total += s.area()
	}
	return total
}

func f(n int) int {
	return sum(n, square{n, n, n}) + sum(n, circle{n, n})
}
"""


def test_a_function_becomes_generic() -> None:
    after = fixed(SHAPES, "make-generic", caveats=False)
    assert after == SHAPES.replace("sum(n int, s shape)", "sum[T shape](n int, s T)")
    assert gofmt(after) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total := 0", "total := 0\n\tif s == nil {\n\t\treturn 0\n\t}"),
        ("total := 0", "total := 0\n\tif _, ok := s.(circle); ok {\n\t\treturn 0\n\t}"),
        ("total := 0", "total := 0\n\tget := s.area\n\tget()"),
        ("total := 0", "total := 0\n\tlast = s"),
        ("func f(", "var table = []func(int, shape) int{sum}\n\nfunc f("),
        ("return sum", "return sum(n, nil) + sum"),
    ],
)
def test_the_parameter_must_be_an_interface(old: str, new: str) -> None:
    text = SHAPES.replace(old, new) + "\nvar last shape\n"
    assert proposed(text, "make-generic") == []


def test_other_packages_that_do_not_only_call_keep_an_exported_signature() -> None:
    text = "-- w.go --\n" + POINT.replace("newPoint", "NewPoint") + "\nfunc f() int { return NewPoint(1).x + (*NewPoint(2)).y }\n"  # fmt: skip
    text = text.replace("NewPoint(1).x", "(*NewPoint(1)).x")
    other = '-- q/q.go --\npackage q\n\nimport "w"\n\nfunc g() { h := w.NewPoint; h(3) }\n'
    (label,) = labels(text, "return-value")
    assert label.endswith("(same behaviour; changes an exported signature)")
    assert proposed(text + other, "return-value") == []
    assert proposed(text + other.replace("NewPoint", "OldPoint"), "return-value") != []


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("example.com/m/q", "example.com/m/q"),
        ("vendor/golang.org/x/net", "golang.org/x/net"),
        ("cmd/vendor/rsc.io/markdown", "rsc.io/markdown"),
        ("example.com/vendors/q", "example.com/vendors/q"),
    ],
)
def test_vendored_packages_are_imported_without_where_they_lie(path: str, written: str) -> None:
    assert as_written(path) == written


MARSHALED = """package main

type asked interface{ make() []byte }

type hex byte

//go:noinline
func (h hex) make() []byte {
	out := make([]byte, 2)
	out[0] = byte(h)
	return out
}

func main() { println(hex(3).make()[0]) }
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("make", MARSHALED),
        ("Make", MARSHALED.replace("make() []", "other() []", 1).replace("make()", "Make()")),
    ],
)
def test_a_method_may_be_found_without_being_named(name: str, text: str) -> None:
    (label,) = labels(text, "caller-provides")
    asked = f"a value is asked for its method `{name}` through an interface or by reflection"
    assert label.endswith(f"(changes behaviour when {asked})")
    assert fixed(text, "caller-provides", caveats=False) == text


def test_a_method_that_no_interface_asks_for_is_changed() -> None:
    text = MARSHALED.replace("asked interface{ make", "asked interface{ other")
    after = fixed(text, "caller-provides", caveats=False)
    assert after == text.replace("make() []byte {", "make(out []byte) []byte {").replace(
        "\tout := make([]byte, 2)\n", ""
    ).replace("hex(3).make()", "hex(3).make(make([]byte, 2))")


BUILT = """package w

import "strings"

type page struct {
	title string
	text  strings.Builder
}

//go:noinline
func newPage(title string) *page {
	p := page{title: title}
	p.text.WriteString(title)
	return &p
}

func f() string {
	p := newPage("a")
	p.text.WriteString("b")
	return p.text.String()
}
"""


def test_what_may_hold_its_own_address_is_not_copied() -> None:
    assert proposed(BUILT, "return-value") == []
    fresh = BUILT.replace("p.text.WriteString(title)", 'p.title += "!"')
    after = fixed(fresh, "return-value", caveats=False)
    assert after == fresh.replace("*page", "page").replace("&p", "p")


def test_what_was_nil_beside_no_error() -> None:
    text = POINT.replace("*point {\n\treturn", "(*point, bool) {\n\tif x < 0 {\n\t\treturn nil, false\n\t}\n\treturn").replace("x: x}", "x: x}, true")  # fmt: skip
    text += "\nfunc f() int {\n\tp, _ := newPoint(1)\n\treturn p.x\n}\n"
    (label,) = labels(text, "return-value")
    assert label.endswith("(changes behaviour when a caller uses what was nil)")


HOOK = """package w

type hook interface{ run(int) int }

type adder struct{ n int }

func (a *adder) run(x int) int {
	a.n += x
	return a.n
}

type machine struct{ h hook }

//go:noinline
func newMachine(h hook) machine { return machine{h: h} }

func (m machine) step(x int) int { return m.h.run(x) }

func f() int {
	var a adder
	m := newMachine(&a)
	return m.step(3)
}
"""


def test_a_field_that_is_always_set_keeps_the_concrete_type() -> None:
    after = fixed(HOOK, "keep-concrete", caveats=False)
    assert after == HOOK.replace("h hook", "h *adder")


@pytest.mark.parametrize(
    "seen",
    [
        "func g() int { return machine{}.step(1) }",
        "func g() int {\n\tvar m machine\n\treturn m.step(1)\n}",
        "func g() int { return new(machine).step(1) }",
        "func g() int { return make([]machine, 1)[0].step(1) }",
        "func g(m map[int]machine) int { return m[1].step(1) }",
        "func g() (m machine) { return }",
        "func g(m machine) any { return m }",
        "func g(m machine) { println(any(m) == nil) }",
        "func g(m *machine) bool { return *m == machine{} }",
        "type outer struct{ machine }",
    ],
)
def test_a_struct_may_be_seen_in_which_the_field_is_not_set(seen: str) -> None:
    (offer,) = proposed(f"{HOOK}\n{seen}\n", "keep-concrete")
    caveat = "a struct is looked at in which nothing was assigned to `h`"
    assert offer.fix.label.endswith(f"(changes behaviour when {caveat})")


@pytest.mark.parametrize(
    "use",
    [
        "func g(m machine) bool {\n\th := m.h\n\treturn h == nil\n}",
        "func g(m machine) string { return typeName(m.h) }",
        "func g(m machine) { println(m.h) }",
    ],
)
def test_the_field_must_be_an_interface(use: str) -> None:
    text = f'{HOOK}\n{use}\n\nfunc typeName[T any](v T) string {{ return "" }}\n'
    assert proposed(text, "keep-concrete") == []


def test_a_function_with_type_parameters_would_get_another_type() -> None:
    named = '\nfunc typeName[T any](v T) string { return "" }\n'
    passed = SHAPES.replace("total := 0", "total := len(typeName(s))") + named
    assert proposed(passed, "make-generic") == []
    (concrete,) = proposed(HOOK, "keep-concrete")
    assert concrete.fix.code == "keep-concrete"
    given = HOOK.replace("return machine{h: h}", "typeName(h)\n\treturn machine{h: h}") + named
    assert proposed(given, "keep-concrete") == []
    assert (
        proposed(
            given.replace("typeName(h)", "name(h)") + "\nfunc name(v any) {}\n", "keep-concrete"
        )
        != []
    )

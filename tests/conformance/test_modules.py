"""Modules of several packages, beside what the compiler prints for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.parity import measure

MODULES = {
    # What is met first while a call is expanded in a wrapper is compiled elsewhere, and tells nothing.
    "wrapper_meets_instance": {
        "low/low.go": """package low

type Marshaler interface{ Marshal(e *Encoder) error }

type Encoder struct{ n int }

func Write[T Marshaler](e *Encoder, list []T) error {
	for i := 0; i < len(list); i++ {
		if err := list[i].Marshal(e); err != nil {
			return err
		}
		for j := range list {
			e.n += j
			println(j, i, e.n, len(list), cap(list), j, i, e.n, len(list), cap(list))
			println(j, i, e.n, len(list), cap(list), j, i, e.n, len(list), cap(list))
		}
	}
	return nil
}
""",
        "mid/mid.go": """package mid

import "m/low"

type Term struct{ p *int }

func (t *Term) Marshal(e *low.Encoder) error { return nil }

type Ref []*Term

func (r Ref) MarshalTo(e *low.Encoder) error { return low.Write(e, r) }

func (r Ref) Len() int { return len(r) }
""",
        "m.go": """package m

import "m/mid"

type scope struct{ mid.Ref }

func (s scope) Compare(o interface{ Len() int }) int {
	if q, ok := o.(scope); ok {
		return q.Len()
	}
	return 0
}
""",
    },
    # A generic function of another package puts its type into an interface.
    "foreign_dictionary": {
        "low/low.go": """package low

type Option interface{ Ident() any }

type pair[T any] struct {
	ident any
	value T
}

func New[T any](ident any, value T) Option { return &pair[T]{ident: ident, value: value} }

func (p *pair[T]) Ident() any { return p.ident }
""",
        "m.go": """package m

import "m/low"

type id struct{}

func flag(b bool) low.Option { return low.New(id{}, b) }
""",
    },
    # Wrappers of methods that return from a loop over a function.
    "foreign_results": {
        "low/low.go": """package low

type Cursor struct{ p *int }

func (c Cursor) All(yield func(Cursor) bool) { yield(c) }

func (c Cursor) Find() (Cursor, bool) {
	for d := range c.All {
		return d, true
	}
	return c, false
}
""",
        "m.go": """package m

import "m/low"

type T struct{ low.Cursor }
type U struct{ *low.Cursor }

type finder interface{ Find() (low.Cursor, bool) }

func both(t *T, u *U) (finder, finder) { return t, u }

func value(c *low.Cursor) func() (low.Cursor, bool) { return c.Find }
""",
    },
    # The type of a constant comes with the body that has it, and what is expanded of its methods.
    "constant_brings_methods": {
        "low/low.go": """package low

type Number int

const One Number = 1

func (n Number) Is(m int) bool { return int(n) == m }

func (n Number) Not(m int) bool { return int(n) != m }
""",
        "mid/mid.go": """package mid

import "m/low"

func unseen(x any) bool {
	n, ok := x.(low.Number)
	for i := 0; i < 3; i++ {
		println(i)
	}
	return ok && n.Is(3)
}

func IsOne(x any) bool { return x == low.One }
""",
        "names/names.go": """package names

import "m/low"

type Number = low.Number
""",
        "m.go": """package m

import (
	"m/mid"
	"m/names"
)

type wrapped struct{ names.Number }

func use(x any) any {
	if mid.IsOne(x) {
		return wrapped{}
	}
	return nil
}
""",
    },
    # The same where no address is taken: each declaration spells its own pointer type.
    "hidden_declared": {
        "low/low.go": """package low

type Curve interface{ Bits() int }

type hidden struct{ n int }

func (h *hidden) Bits() int { return h.n }

var small = &hidden{1}
var large = &hidden{2}
var both, two *hidden
var pair struct{ a, b *hidden; c *hidden }

//go:noinline
func made() *hidden { return nil }

func Small() Curve { return small }

func Large() Curve { return large }

func Both() Curve { return both }

func Two() Curve { return two }

func A() Curve { return pair.a }

func B() Curve { return pair.b }

func C() Curve { return pair.c }

func Made() Curve { return made() }

func Held() Curve { h := made(); return h }

func Keep(c Curve) Curve { return c }
""",
        "m.go": 'package m\n\nimport "m/low"\n'
        + "".join(
            f"""
func from{x}{y}(a bool) int {{
	c := low.{x}()
	if a {{
		c = low.{y}()
	}}
	return c.Bits()
}}
"""
            for names in ("Small Large", "Both Two", "A B C", "Made Held")
            for x in names.split()
            for y in names.split()
        ),
    },
    # Pointers to a type that only expanded bodies know are of as many types as there are expressions.
    "hidden_types": {
        "low/low.go": """package low

type hidden struct{ s string }

func (h *hidden) Error() string { return h.s }

func Hidden(s string) error { return &hidden{s} }

func New(s string) error { h := new(hidden); h.s = s; return h }

func Made(s string) error { return new(hidden) }

type exposed struct{ s string }

func (e *exposed) Error() string { return e.s }

func Exposed(s string) error { return &exposed{s} }

var Default = &exposed{}

type value struct{ s string }

func (v value) Error() string { return v.s }

func Value(s string) error { return value{s} }

type Named struct{ s string }

func (e *Named) Error() string { return e.s }

func OfNamed(s string) error { return &Named{s} }
""",
        "m.go": """package m

import "m/low"

func hidden(a bool) string {
	err := low.Hidden("a")
	if a {
		err = low.Hidden("b")
	}
	return err.Error()
}

func made(a bool) string {
	err := low.Made("a")
	if a {
		err = low.Made("b")
	}
	return err.Error()
}

func variable(a bool) string {
	err := low.New("a")
	if a {
		err = low.New("b")
	}
	return err.Error()
}

func mixed(a bool) string {
	err := low.New("a")
	if a {
		err = low.Hidden("b")
	}
	return err.Error()
}

func exposed(a bool) string {
	err := low.Exposed("a")
	if a {
		err = low.Exposed("b")
	}
	return err.Error()
}

func value(a bool) string {
	err := low.Value("a")
	if a {
		err = low.Value("b")
	}
	return err.Error()
}

func named(a bool) string {
	err := low.OfNamed("a")
	if a {
		err = low.OfNamed("b")
	}
	return err.Error()
}

func once(a bool) string {
	var err error
	for i := 0; i < 3; i++ {
		err = low.Hidden("a")
	}
	return err.Error()
}

func again(a bool) string {
	err := low.Hidden("a")
	other := err
	if a {
		other = err
	}
	return other.Error()
}

var _, _ = low.Default, low.Named{}
""",
    },
    # An `interface{}` of an imported declaration is printed as `any`, one of the package's own as it is written.
    "imported_interface": {
        "low/low.go": """package low

type Tree struct{ v interface{} }

//go:noinline
func (t *Tree) Get() (interface{}, bool) { return t.v, true }

//go:noinline
func (t *Tree) Struct() (struct{ a interface{} }, error) {
	return struct{ a interface{} }{t.v}, nil
}

//go:noinline
func (t *Tree) Pointer() (*interface{}, error) { return &t.v, nil }

//go:noinline
func (t *Tree) Methods() (interface{ M(interface{}) }, error) {
	return t.v.(interface{ M(interface{}) }), nil
}

func Inlined(t *Tree) interface{} { v, _ := t.Get(); return v }
""",
        "m.go": """package m

import "m/low"

var sink any

func got(t *low.Tree)     { v, _ := t.Get(); sink = v }
func pointer(t *low.Tree) { v, _ := t.Pointer(); sink = v }
func methods(t *low.Tree) { v, _ := t.Methods(); sink = v }
func inlined(t *low.Tree) { sink = low.Inlined(t) }

func structure(t *low.Tree) { v, _ := t.Struct(); sink = v }

func own(t *low.Tree) (interface{}, bool) { return t.Get() }

func owned(t *low.Tree) { v, _ := own(t); sink = v }
""",
    },
    # What a literal calls that came into a wrapper is not expanded.
    "literal_in_wrapper": {
        "m.go": """package m

type node struct{ parent, next, first *node }

func (n *node) insert(c *node) {
	if c.parent != nil || c.next != nil {
		panic("attached")
	}
	n.first, c.parent = c, n
}

type selection struct{ nodes []*node }

//go:noinline
func (s *selection) each(f func(n *node, list []*node)) *selection {
	for _, n := range s.nodes {
		f(n, s.nodes)
	}
	return s
}

func (s *selection) After() *selection {
	return s.each(func(n *node, list []*node) {
		for _, m := range list {
			n.parent.insert(m)
		}
	})
}

type document struct {
	*selection
	url string
}
""",
    },
    # An imported name for an instance: the package that declares it has made the wrappers.
    "imported_alias": {
        "low/low.go": """package low

type Stream interface{ Context() *int }

type Server[T any] interface {
	Stream
	Send(*T) error
}

type Named[T any] = Server[T]
""",
        "mid/mid.go": """package mid

import "m/low"

type A struct{ n int }

type B struct{ n int }

type AServer = low.Server[A]

type BNamed = low.Named[B]

type Closer = interface{ Close() error }
""",
        "m.go": """package m

import (
	"m/low"
	"m/mid"
)

type C struct{}

type D struct{}

type own = low.Server[C]

type Again = mid.Closer

func a(s mid.AServer) {}

func b(s mid.BNamed) {}

func c(s own) {}

func d(s low.Named[D]) {}

func e(s low.Named[mid.A]) {}
""",
    },
    # A method that is promoted through two packages: its body did not come along.
    "promoted_from_afar": {
        "low/low.go": """package low

type State struct{ b [8]byte }

func (s *State) bytes() []byte { return s.b[:] }

func (s *State) All() []byte { return s.b[:] }
""",
        "mid/mid.go": """package mid

import "m/low"

type Box[T any] struct {
	value T
	low.State
}

func New[T any](x T) Box[T] { return Box[T]{value: x} }
""",
        "m.go": """package m

import "m/mid"

func use() any { return mid.New(1) }
""",
    },
    # What is first met in an expanded body: the types that its methods read in their bodies have wrappers.
    "met_in_an_expansion": {
        "low/low.go": """package low

type pointer[T any] struct{ p *T }

func (p *pointer[T]) load() *T { return p.p }

type node[K any] struct{ isEntry bool }

func (n *node[K]) self() *node[K] {
	if !n.isEntry {
		panic("no entry")
	}
	return n
}

type entry[K any] struct {
	node[K]
	next pointer[entry[K]]
	key  K
}

type table[K any] struct{ root pointer[node[K]] }

func (t *table[K]) walk() {
	var at pointer[entry[K]]
	at.p = new(entry[K])
	println(at.load().self(), at.load().next.load())
}

type Server struct{ t table[any] }

//go:noinline
func (s *Server) Get() bool { return s.t.root.load() == nil }

var Default = &Server{}

func Serve() { Default.Get() }
""",
        "m.go": """package m

import "m/low"

func use() { low.Serve() }
""",
    },
    # The dictionary is not needed to assert a type that does not depend on type parameters.
    "assertion_without_dictionary": {
        "m.go": """package m

type Column[T any] interface{ Row(i int) T }

type Encoder interface{ Encode(b *[]byte) }

type Nullable[T any] struct {
	n      []int
	Values Column[T]
}

func (c Nullable[T]) Encode(b *[]byte) {
	if s, ok := c.Values.(Encoder); ok {
		s.Encode(b)
	}
}

func (c Nullable[T]) Must(b *[]byte) { c.Values.(Encoder).Encode(b) }

func (c Nullable[T]) Is() bool { _, ok := c.Values.(one[T]); return ok }

type one[T any] int

func (one[T]) Row(i int) (x T) { return x }

func use(c *Nullable[int8]) { c.Encode(nil) }
""",
    },
    # Loops over functions in the values of local variables.
    "range_func_in_a_value": {
        "m.go": """package m

func in() int {
	var f = func() int {
		for x := range g {
			return x
		}
		return 0
	}
	return f()
}

func within() (p *int) {
	for x := range g {
		var a, b = &x, func() {
			for range g {
			}
		}
		b()
		p = a
	}
	return p
}

func g(y func(int) bool) { y(1) }
""",
    },
}


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", MODULES)
def test_prints_what_the_compiler_prints(
    name: str, inline: bool, level: int, tmp_path: Path
) -> None:
    for file, text in {"go.mod": "module m\n\ngo 1.27\n", **MODULES[name]}.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    results = measure(["./..."], tmp_path, level=level, inline=inline, jobs=1, keep=False)
    assert sum(result.both for result in results) >= len(MODULES[name])
    assert not [result for result in results if result.missing or result.extra]

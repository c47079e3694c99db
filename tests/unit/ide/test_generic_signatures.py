"""Signatures of generic functions, and of methods of generic types."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, proposed

STACK = """-- low/low.go --
package low

type Stack[T any] struct {
	items []T
	N     int
}

//go:noinline
func New[T any](n int) *Stack[T] {
	return &Stack[T]{N: n}
}

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
-- own.go --
package w

import "w/low"

func numbers() int {
	s := low.New[int](4)
	s.Push(1)
	return s.N + names(low.New[string](4))
}

func names(s *low.Stack[string]) int { return s.N }
"""


def test_callers_get_the_value_of_an_instance() -> None:
    text = STACK.replace(" + names(low.New[string](4))", "")
    after = fixed(text, "return-value")
    assert after == text.replace(") *Stack[T] {\n\treturn &", ") Stack[T] {\n\treturn ")


def test_one_call_wants_the_pointer() -> None:
    assert fixed(STACK, "return-value") == STACK


def test_an_instance_is_used_as_a_value() -> None:
    text = STACK.replace("names(low.New[string](4))", "of(low.New[int])")
    text += "\nfunc of(make func(int) *low.Stack[int]) int { return make(2).N }\n"
    assert fixed(text, "return-value") == text


def test_a_method_of_a_generic_type_returns_the_value() -> None:
    text = """package w

type Set[K comparable] struct {
	m map[K]bool
	n int
}

//go:noinline
func (s Set[K]) copied() *Set[K] {
	c := Set[K]{m: s.m}
	return &c
}

func ints(s Set[int]) int { c := s.copied(); return c.n }

func texts(s *Set[string]) int { c := s.copied(); return c.n }
"""
    after = fixed(text, "return-value", caveats=False)
    assert after == text.replace(") *Set[K] {", ") Set[K] {").replace("&c", "c")


def test_the_size_of_an_instance_is_not_known() -> None:
    text = STACK.replace("N     int", "zero  T\n\tN     int").replace(
        " + names(low.New[string](4))", ""
    )
    assert fixed(text, "return-value") == text


def test_a_generic_function_takes_a_pointer() -> None:
    text = """package w

type pair[T any] struct{ a, b T }

//go:noinline
func same[T any](p pair[T]) *pair[T] { return &p }

func ints() int {
	p := pair[int]{1, 2}
	q := pair[string]{}
	return same(p).a + len(same[string](q).b)
}
"""
    after = fixed(text, "take-pointer")
    assert after == text.replace("(p pair[T]", "(p *pair[T]").replace(
        "return &p", "return p"
    ).replace("same(p)", "same(&p)").replace("(q)", "(&q)")


WRITER = """package w

type sink struct{ n int }

//go:noinline
func (s sink) add(n int) { println(s.n, n) }

//go:noinline
func each[T any](s interface{ add(int) }, list []T) {
	for i := range list {
		s.add(i)
	}
}

func texts(s sink, list []string) { each(s, list) }
"""


def test_a_generic_function_keeps_the_concrete_type() -> None:
    after = fixed(WRITER, "keep-concrete")
    assert after == WRITER.replace("s interface{ add(int) }", "s sink")


def test_it_has_type_parameters_already() -> None:
    assert proposed(WRITER, "make-generic") == []


MADE = """package w

//go:noinline
func first[T any](list []T) []int {
	found := make([]int, 0, 8)
	for i := range list {
		found = append(found[:0], i)
	}
	return found
}

func texts(list []string) int { return len(first(list)) }
"""


def test_the_caller_of_an_instance_provides() -> None:
    after = fixed(MADE, "caller-provides", caveats=False)
    assert "func first[T any](list []T, found []int) []int {" in after
    assert "first(list, make([]int, 0, 8))" in after


@pytest.mark.parametrize(("made", "element"), [("[]T", "list[i]"), ("[][]T", "list[i:]")])
def test_the_caller_does_not_know_the_type(made: str, element: str) -> None:
    text = MADE.replace("[]int", made).replace("found[:0], i)", f"found[:0], {element})")
    assert proposed(text, "caller-provides") == []

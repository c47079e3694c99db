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

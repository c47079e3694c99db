"""Signatures that other packages know: their calls are changed, too, or nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.ide.fixes.offers import offers_for
from goescape.workspace.session import Session
from harness.fixes import ENVIRONMENT, fixed, gofmt, labels, proposed

MADE = """-- low/low.go --
package low

type Point struct{ X, Y int }

//go:noinline
func New(x int) *Point {
	return &Point{x, x}
}
-- own.go --
package w

import "w/low"

func f() int {
	p := low.New(1)
	return p.X + g(p)
}

func g(p *low.Point) int { return p.Y }
"""


def test_callers_get_the_value() -> None:
    after = fixed(MADE, "return-value")
    assert after == MADE.replace("*Point {", "Point {").replace("&Point", "Point").replace(
        "g(p)\n", "g(&p)\n"
    )
    assert labels(MADE, "return-value") == [
        "Return the value from `New`, not its address (same behaviour; changes an exported signature)"
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return p.X + g(p)", "kept = p\n\treturn p.X"),  # it lives on: no better there
        ("p := low.New(1)", "h := low.New\n\tp := h(1)"),  # not called, but named
    ],
)
def test_a_caller_elsewhere_does_not_allow_it(before: str, after: str) -> None:
    text = MADE.replace(before, after) + "\nvar kept *low.Point\n"
    assert fixed(text, "return-value") == text


def test_a_test_elsewhere_speaks_of_it() -> None:
    test = """-- own_test.go --
package w

import "w/low"

var p = low.New(2)
"""
    assert proposed(MADE + test, "return-value") == []


def test_assembly_calls_it() -> None:
    text = """-- own.go --
package w

type point struct{ x, y int }

//go:noinline
func newPoint(x int) *point { return &point{x, x} }

func f() int {
	p := newPoint(1)
	return p.x
}

func g(x int) int
"""
    assembly = "-- own_amd64.s --\nTEXT ·g(SB), 0, $16-16\n\tCALL ·newPoint(SB)\n\tRET\n"
    assert proposed(text + assembly, "return-value") == []
    assert proposed(text + assembly.replace("·newPoint", "·other"), "return-value") != []


def test_an_interface_elsewhere_wants_the_method() -> None:
    text = """-- low/low.go --
package low

type Point struct{ X, Y int }

type Maker struct{}

//go:noinline
func (Maker) Make(x int) *Point {
	return &Point{x, x}
}
-- api/api.go --
package api

import "w/low"

type Making interface{ Make(x int) *low.Point }

func Use(m Making) int { return m.Make(1).X }
-- own.go --
package w

import (
	"w/api"
	"w/low"
)

func f() int { return api.Use(low.Maker{}) }
"""
    assert fixed(text, "return-value") == text
    alone = text.replace(
        "return api.Use(low.Maker{})", "p := low.Maker{}.Make(1)\n\treturn api.Use(nil) + p.Y"
    )
    assert fixed(alone, "return-value") == alone.replace(
        "x int) *Point {", "x int) Point {"
    ).replace("&Point", "Point")


@pytest.mark.parametrize(("imported", "is_offered"), [("w", False), ("strings", True)])
def test_a_test_that_cannot_have_the_value_says_the_name_of_the_method(
    imported: str, is_offered: bool
) -> None:
    text = """-- low/low.go --
package low

type Point struct{ X, Y int }

type Maker struct{}

//go:noinline
func (Maker) Make(x int) *Point {
	return &Point{x, x}
}
-- own.go --
package w

import "w/low"

func f() int {
	p := low.Maker{}.Make(1)
	return p.Y
}
-- far/far.go --
package far
-- far/far_test.go --
package far

import "@"

type making interface{ Make(x int) }
"""
    found = proposed(text.replace("@", imported), "return-value")
    assert bool(found) == is_offered


PROVIDED = """-- low/low.go --
package low

type Byte byte

//go:noinline
func Next(b Byte) []Byte {
	p := make([]Byte, 16)
	p[0] = b
	return p
}
-- own.go --
package w

import "w/low"

func f(n int) low.Byte { return low.Next(low.Byte(n >> 2))[0] }
"""


def test_a_caller_elsewhere_provides_the_buffer() -> None:
    after = fixed(PROVIDED, "caller-provides")
    assert after == PROVIDED.replace("b Byte)", "b Byte, p []Byte)").replace(
        "\tp := make([]Byte, 16)\n", ""
    ).replace("low.Byte(n >> 2))", "low.Byte(n>>2), make([]low.Byte, 16))")
    own = after.partition("-- own.go --\n")[2]
    assert gofmt(own) == own
    named = PROVIDED.replace("type", "const size = 16\n\ntype").replace("Byte, 16", "Byte, size")
    assert proposed(named, "caller-provides") == []


def test_every_caller_passes_the_type() -> None:
    text = """-- low/low.go --
package low

type Sink struct{ last any }

//go:noinline
func (s *Sink) Put(v any) { s.last = v }

func f(n int) {
	var s Sink
	s.Put(n)
}
-- own.go --
package w

import "w/low"

func g(s *low.Sink, n int) { s.Put(n) }
"""
    after = fixed(text, "keep-concrete")
    assert after == text.replace("last any", "last int").replace("v any", "v int")
    other = text.replace("n int) { s.Put(n)", "n string) { s.Put(n)")
    assert proposed(other, "keep-concrete") == []


@pytest.mark.parametrize(
    "left_out",
    [
        '-- own_windows.go --\npackage w\n\nimport "w/low"\n\nvar p *low.Point = low.New(2)\n',
        "-- low/low_windows.go --\npackage low\n\nvar p *Point = New(2)\n",
        "-- low/debug.go --\n//go:build debug\n\npackage low\n\nvar p *Point = New(2)\n",
        '-- top/top_windows.go --\npackage top\n\nimport "w/low"\n\nvar p *low.Point = low.New(2)\n',
    ],
)
def test_a_file_that_the_build_leaves_out_speaks_of_it(left_out: str) -> None:
    assert proposed(MADE + left_out, "return-value") == []
    assert proposed(MADE + left_out.replace("New", "Now"), "return-value") != []


def test_a_package_that_comes_is_asked_too(tmp_path: Path) -> None:
    low = "package low\n\ntype P struct{ X, Y int }\n\n//go:noinline\nfunc New(x int) *P { return &P{x, x} }\n"
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "low.go").write_text(low)
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.27\n")
    path = str(tmp_path / "low" / "low.go")
    session = Session(ENVIRONMENT)
    session.set_text(path, low.encode())

    def titles() -> list[str]:
        findings = [f for f in session.check(path).findings if f.is_heap]
        found = [offers_for(session, f, 64, lambda: False) for f in findings]
        return [offer.title for some in found for offer in some]

    assert any("value" in title for title in titles())
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "far_test.go").write_text(
        'package far\n\nimport "w/low"\n\nvar made *low.P = low.New(1)\n'
    )
    session.changed_on_disk(str(tmp_path / "far" / "far_test.go"))
    assert titles() == []
    session.close()

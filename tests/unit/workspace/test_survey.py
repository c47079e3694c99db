"""What functions will ask of imports is told before anything is lowered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from goescape.load import LoadedPackage
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.survey import Survey
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

LOW = """package low

type T struct{ p *int }

func (t *T) Set(p *int) { t.p = p }

func (t T) Get() *int { return t.p }

type I interface{ Set(p *int) }

func Keep(p *int) *int { return p }

func Count(n int) int { return n + 1 }

func Each[E any](s []E, f func(*E)) {
	for i := range s {
		f(&s[i])
	}
	Drop(&s)
}

func Drop(p any) {}

func Unused(p *int) {}

func Extern(p *int)
"""

TOP = """package top

import "w/low"

func F(t *low.T, i low.I, p *int) {
	t.Set(p)
	i.Set(p)
	low.Count(3)
	g := low.Keep
	_ = g
	inner(p)
}

func inner(p *int) { func() { _ = low.T{}.Get() }(); low.Extern(p) }

func Generic(s []int) { low.Each(s, nil); deeper(3, &s) }

func deeper[E any](e E, p *[]int) { low.Drop(p) }

func byType(n int) { low.Unused(nil) }

func Far() { byType(1) }

type M struct{}

func (m *M) Method(p *int) { low.Keep(p); (*M).Method(m, p) }

func Broken(p *int) { low.Keep(
"""


@pytest.fixture
def asks(tmp_path: Path) -> Callable[..., list[dict[str, list[str]]]]:
    for name, text in (("low", LOW), ("top", TOP)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.go").write_text(text)
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")

    def ask(*functions: str) -> list[dict[str, list[str]]]:
        """What is asked for each function, one after the other."""
        request = CheckRequest(("./top",), str(tmp_path), inline=True, environment=VARIABLES)
        program = Program.from_request(request)
        (package,) = program.load(request)
        assert isinstance(package, LoadedPackage)
        survey = Survey(program)

        def run() -> list[dict[str, list[str]]]:
            found = [survey.asks(package, [f]) for f in functions]
            return [{id: sorted(names) for id, (_, names) in one.items()} for one in found]

        return with_deep_stack(run)

    return ask


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        # Not: what an interface's method does, what no parameter leads into, what has no body.
        ("F", ["(*T).Set", "Keep", "T.Get"]),
        ("Generic", ["Drop"]),
        ("Far", []),
        ("(*M).Method", ["Keep"]),
        ("Broken", []),
        ("NoSuch", []),
    ],
)
def test_what_is_asked(
    asks: Callable[..., list[dict[str, list[str]]]], function: str, expected: list[str]
) -> None:
    (found,) = asks(function)
    assert found == ({"w/low": expected} if expected else {})


def test_nothing_is_asked_twice(asks: Callable[..., list[dict[str, list[str]]]]) -> None:
    first, again, other = asks("F", "F", "(*M).Method")
    assert first == {"w/low": ["(*T).Set", "Keep", "T.Get"]}
    assert again == {} and other == {}

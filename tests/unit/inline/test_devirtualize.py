"""Interface calls with one possible target."""

from __future__ import annotations

import pytest
from goescape.inline.devirtualize import devirtualize
from goescape.ir.fmt import node_text
from goescape.report.gc import devirtualized_lines
from harness.ir import Units, func

_TEXT = """package p

type I interface{ M(int) int }
type J interface{ I; N() }
type T struct{ n int }
type E struct{ *T }
type W struct{ I }
type G[K any] struct{ k K }

func (t T) M(x int) int { return x }
func (t T) N() {}
func (g G[K]) M(x int) int { return x }

func f(c bool, other I) {
	%s
}
"""


@pytest.fixture(scope="module")
def units() -> Units:
    return Units()


def said(units: Units, body: str) -> list[str]:
    unit = units.unit(_TEXT.replace("%s", body))
    funcs = unit.target_funcs()
    events = devirtualize(unit, funcs, units.release, lambda fn: fn.unit is unit)
    return [text for _, text in devirtualized_lines(events)]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ("var i I = T{}; i.M(1)", ["devirtualizing i.M to T"]),
        ("i := I(&T{}); i.M(1)", ["devirtualizing i.M to *T"]),
        ("i := I(E{}); i.M(1)", ["devirtualizing i.M to E"]),
        ("i := I(W{}); i.M(1)", ["partially devirtualizing i.M to W"]),
        ("var i I; if c { i = T{} } else { i = T{1} }; i.M(1)", ["devirtualizing i.M to T"]),
        ("var i I; if c { i = T{} } else { i = &T{} }; i.M(1)", []),
        ("var i I = T{}; i = other; i.M(1)", []),
        ("var i I = T{}; p := &i; i.M(1); _ = p", []),
        ("other.M(1)", []),
        ("var i I = T{}; i.(J).N()", ["devirtualizing i.(J).N to T"]),
        ("var i I = T{}; defer i.M(1)", ["devirtualizing .autotmp_3.M to T"]),
        ("var i I = G[int]{}; i.M(1)", ["devirtualizing i.M to G[int]"]),
        ("for _, i := range []I{T{}} { i.M(1) }", []),
        ("var i I = T{}; i.M(I(T{}).M(2))",
         ["devirtualizing I(T{}).M to T", "devirtualizing i.M to T"]),
    ],
)  # fmt: skip
def test_calls_with_a_known_receiver_become_static(
    units: Units, body: str, messages: list[str]
) -> None:
    assert said(units, body) == messages


def test_the_call_asserts_the_type_and_spells_out_the_way(units: Units) -> None:
    unit = units.unit(_TEXT.replace("%s", "var i I = E{}; i.M(1)"))
    devirtualize(unit, unit.target_funcs(), units.release, lambda fn: fn.unit is unit)
    assert node_text(func(unit, "f").body[-1], unit.pkg) == "T.M(i.(E).T, 1)"

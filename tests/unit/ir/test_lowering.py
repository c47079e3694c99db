"""Lowering gives the nodes that the compiler's front end gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.ir.dump import dump_func
from harness.ir import Units, compiler_lines, func, lines

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ir"


@pytest.fixture(scope="module")
def units() -> Units:
    return Units()


@pytest.mark.parametrize("name", sorted(p.name for p in FIXTURES.glob("*.go")))
def test_same_nodes_as_the_compiler(units: Units, name: str) -> None:
    path = FIXTURES / name
    expected = compiler_lines(path)
    unit = units.unit(path.read_text(), name)
    compared = 0
    for f in unit.target_funcs():
        if f.nname.name in expected and f.has_body:
            assert lines(f, units.positions) == expected[f.nname.name], f.nname.name
            compared += 1
    assert compared > 10


def test_body_is_lowered_when_it_is_first_read(units: Units) -> None:
    unit = units.unit("package p\nfunc f() { g() }\nfunc g() { f() }\n")
    f = unit.declared_funcs()[0]
    assert f.lower is not None
    callee = f.body[0].fun  # type: ignore[attr-defined]
    assert callee.func.lower is not None, "reading a body does not read the callee's"


def test_forgotten_body_is_lowered_alike(units: Units) -> None:
    unit = units.unit(
        "package p\nfunc f(a int) func() *int {\n\tb := a\n\treturn func() *int { b++; return &a }\n}\n"
    )
    f = func(unit, "f")
    first = dump_func(f, units.positions)
    unit.renew(f)
    assert dump_func(f, units.positions) == first
    assert [c.nname.name for c in f.closures] == ["f.func1"]


def test_broken_body_is_no_reason_to_raise(units: Units) -> None:
    text = b"package p\nfunc f() int { x := undefined.y + (3; return x.z[1](f, ) }\nfunc g() {}\n"
    checker, errors = units.packages.check({"p.go": text}, "go1.27")
    assert errors
    for f in units.unit_of(checker.pkg).declared_funcs():
        assert isinstance(f.body, list)

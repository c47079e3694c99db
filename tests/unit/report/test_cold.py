"""What only failing runs reach."""

from __future__ import annotations

import pytest
from goescape.report.cold import cold_spans, is_cold
from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax import ast
from goescape.syntax.parse import parse_file

_TEXT = """package p

func f(x int, err error) (int, error) {
%s
}
"""


@pytest.mark.parametrize(
    ("body", "cold"),
    [
        ("if err != nil { HERE(); return 0, err }", True),
        ('if x > 1 { HERE(); panic("no") }', True),
        ("panic(HERE())", True),
        ("if x > 1 { HERE(); return 0, nil }", False),
        ("if err != nil { return 0, err }; HERE()", False),
        ('return 0, fmt.Errorf("%v", HERE())', True),
        ("return HERE(), nil", False),
        ("return g(HERE())", False),
        ("switch x { case 1: HERE(); return 0, ErrOne; case 2: }", True),
        ("if x > 1 { func() { HERE() }(); return 0, err }", True),
        ("g(func() error { if x > 1 { HERE(); return err }; return nil })", True),
        ("for { HERE() }", False),
        ('if x > 1 { HERE(); log.Fatal("no") }', True),
    ],
)
def test_blocks_that_end_in_failure_are_cold(body: str, cold: bool) -> None:
    text = _TEXT.replace("%s", body).encode()
    positions = Positions()
    parsed = parse_file(SourceFile("/p.go", text), positions)
    (decl,) = parsed.file.decl_list
    assert isinstance(decl, ast.FuncDecl)
    here = text.index(b"HERE")
    found = [(positions.offset(start), positions.offset(end)) for start, end in cold_spans(decl)]
    assert is_cold(found, here) is cold


def test_stretches_are_in_order_and_apart() -> None:
    body = "if x > 1 { for { panic(1) }; return 0, err }; if x > 2 { return 0, err }; g(0)"
    text = _TEXT.replace("%s", body).encode()
    parsed = parse_file(SourceFile("/p.go", text), Positions())
    (decl,) = parsed.file.decl_list
    assert isinstance(decl, ast.FuncDecl)
    spans = cold_spans(decl)
    assert len(spans) == 2
    assert spans[0][1] <= spans[1][0]

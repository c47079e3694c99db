"""Bodies that an edit makes too long for their line are broken as gofmt breaks them."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt

HEAD = """package w

import (
	"fmt"
	"os"
)

"""


@pytest.mark.parametrize(
    "function",
    [
        'func f(n int) { fmt.Println("n is", n) }',
        'func (x *t) longer(n int) (r int) { r++; fmt.Println("n is", n); return r }',
        'func f(n int) {\n\tdefer func() { fmt.Println("n is", n) }()\n}',
        'func f(n int) {\n\tgo func(m int) { m++; fmt.Println("m is", m) }(n)\n}',
        'func f(n int) { defer func() { fmt.Println("n is", n) }() }',
        "func f(n int) { fmt.Print(n) }",
        'func f(n int) { fmt.Println("n is", n) } // why',
        'func f(n int) { /* why */ fmt.Println("n is", n) }',
    ],
)
def test_as_gofmt_breaks_them(function: str) -> None:
    text = gofmt(f"{HEAD}type t struct{{}}\n\n{function}\n\nvar _ = os.Args\n")
    after = fixed(text, "without-fmt", caveats=False)
    assert "fmt" not in after
    if "/*" not in function:
        assert after == gofmt(after)

"""Bytes that are made of a text to be written: the text itself is."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt

CODE = "write-string"

PROGRAM = """package w

import (
	"io"
	"os"
)

type name string

func f(w *os.File, any io.Writer, n name, s string) {
	USE
}
"""


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("w.Write([]byte(s))", "w.WriteString(s)", True),
        ("w.Write([]byte(n))", "w.WriteString(string(n))", True),
        ("w.Write([]byte(n[len(n)-3:]))", "w.WriteString(string(n[len(n)-3:]))", True),
        ("any.Write([]byte(n[1:]))", "io.WriteString(any, string(n[1:]))", False),
    ],
)
def test_a_text_of_any_type(before: str, after: str, is_same: bool) -> None:
    text = PROGRAM.replace("USE", before)
    new = PROGRAM.replace("USE", after)
    assert fixed(text, CODE) == new == gofmt(new)
    assert fixed(text, CODE, caveats=False) == (new if is_same else text)


def test_string_may_mean_something_else() -> None:
    text = PROGRAM.replace("USE", "string := s\n\tw.Write([]byte(n))\n\tw.Write([]byte(string))")
    assert fixed(text, CODE) == text.replace("Write([]byte(string))", "WriteString(string)")

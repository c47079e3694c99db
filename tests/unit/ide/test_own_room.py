"""What is appended in pieces, to a slice with room that others may use."""

from __future__ import annotations

import pytest
from harness.fixes import proposed

CODE = "without-fmt"
CAVEAT = "others use the room behind what is appended to"

PROGRAM = """package w

import "fmt"

type bytes []byte

var sink []byte

func use(b []byte) { sink = b }

func f(p []byte, ps [][]byte, n int, u uint, s string) []byte {
	DECLARED
	return APPENDED
}
"""


def says(declared: str, appended: str) -> bool:
    """Whether the fix has the caveat."""
    text = PROGRAM.replace("DECLARED", declared.replace("; ", "\n\t")).replace("APPENDED", appended)
    (offer, *_) = proposed(text, CODE)
    return CAVEAT in offer.fix.caveat


@pytest.mark.parametrize(
    ("declared", "appended"),
    [
        ("", "fmt.Appendf(nil, FORMAT)"),
        ("", "append([]byte(nil), fmt.Sprintf(FORMAT)...)"),
        ("", "fmt.Appendf([]byte(s), FORMAT)"),
        ("", "fmt.Appendf([]byte{}, FORMAT)"),
        ("var b []byte", "fmt.Appendf(b, FORMAT)"),
        ("b := append([]byte{}, p...); b = b[:len(p)]", "fmt.Appendf(b, FORMAT)"),
        ("b := []byte(s); s = string(b); n += len(b)", "append(b, fmt.Sprintf(FORMAT)...)"),
        ("b := make([]byte, 0, 8); b = append(b, s...); for range b {; }", "fmt.Appendf(b, FORMAT)"),
    ],
)  # fmt: skip
def test_room_of_its_own(declared: str, appended: str) -> None:
    assert not says(declared, appended.replace("FORMAT", '"%d:", n'))


@pytest.mark.parametrize(
    ("declared", "appended"),
    [
        ("", "fmt.Appendf(p, FORMAT)"),
        ("", "append(p[:0], fmt.Sprintf(FORMAT)...)"),
        ("", "fmt.Appendf(sink, FORMAT)"),
        ("b := p", "fmt.Appendf(b, FORMAT)"),
        ("b := p[:2]", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; b, n = p, 3", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; for _, b = range ps {; }", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; p = b[:1]", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; p = append(b, s...)", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; sink = b", "fmt.Appendf(b, FORMAT)"),
        ("var b []byte; use(b)", "fmt.Appendf(b, FORMAT)"),
        ("b := []byte(bytes(p))", "fmt.Appendf(b, FORMAT)"),
    ],
)
def test_room_that_others_may_use(declared: str, appended: str) -> None:
    assert says(declared, appended.replace("FORMAT", '"%d:", n'))


@pytest.mark.parametrize(
    ("format", "is_at_once"),
    [
        ('"%d:", u', False),
        ('"%d", n', False),  # What is negative has a sign first.
        ('"%q", s', False),
        ('"%d", u', True),
        ('"%x", p', True),
    ],
)
def test_what_is_appended_at_once(format: str, is_at_once: bool) -> None:
    assert says("", f"fmt.Appendf(sink, {format})") is not is_at_once

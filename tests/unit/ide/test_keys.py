"""Values that come to stand on one line are set as gofmt sets them."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt

TEXT = """package w

import "fmt"

type note struct {
	Severity, Line  int
	Summary, Detail string
	Inner           *note
}

func f(n int) note {
	return note{
%s
	}
}
"""
CALL = """Detail: fmt.Sprintf(
			"%d of %d",
			n, n,
		),"""
ONE = 'Detail: strconv.Itoa(n) + " of " + strconv.Itoa(n),'


def lines(*elements: str) -> str:
    return gofmt(TEXT % "\n".join("\t\t" + e for e in elements))


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (
            ("Severity: 1,", CALL, "Line: 2,"),
            ("Severity: 1,", ONE.replace(": ", ":   "), "Line:     2,"),
        ),
        ((CALL, "Severity: 1,"), (ONE.replace(": ", ":   "), "Severity: 1,")),
        (("Severity: 1,", "", CALL, "Line: 2,"), ("Severity: 1,", "", ONE, "Line:   2,")),
        (
            ("Severity: 1,", "// why", CALL, "Summary: `s`,"),
            ("Severity: 1,", "// why", ONE.replace(": ", ":  "), "Summary: `s`,"),
        ),
        # Of two lines one stays, and the element around one that took several takes one now.
        (
            ("Severity: 1,", f"Inner: &note{{Line: 3, {CALL.replace('n, n,', 'n, n),')[:-5]}}},"),
            ("Severity: 1,", f"Inner:    &note{{Line: 3, {ONE[:-1]}}},"),
        ),
        ((CALL,), (ONE,)),
        (("Severity: 1, Line: 2,", CALL), ("Severity: 1, Line: 2,", ONE)),
    ],
)
def test_values_stand_below_each_other(
    elements: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    after = fixed(lines(*elements), "without-fmt")
    assert after == gofmt(after)
    body = "\n".join("\t\t" + e if e else "" for e in expected)
    assert (TEXT % body).split("return", 1)[1] == after.split("return", 1)[1]


def test_what_was_set_otherwise_is_left_alone() -> None:
    text = lines("Severity: 1,", CALL).replace("Severity: 1", "Severity:    1")
    after = fixed(text, "without-fmt")
    assert "Severity:    1,\n\t\tDetail: strconv.Itoa(n)" in after


def test_values_behind_a_changed_key() -> None:
    text = gofmt("""package w

import "fmt"

func f(n int, s string) map[string]string {
	return map[string]string{
		"short": "x", // one
		fmt.Sprintf("%s-%d", s, n): fmt.Sprint(n), // two
		"longer than that one": "y",
	}
}
""")
    after = fixed(text, "without-fmt", caveats=False)
    assert "fmt" not in after
    assert after == gofmt(after)

"""Calls of fmt, said without it."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt, labels, proposed

CODE = "without-fmt"


def program(call: str, parameters: str, imports: str = "", result: str = "string") -> str:
    lines = "".join(f'\t"{name}"\n' for name in sorted(["fmt", *imports.split()]))
    head = f"import (\n{lines})" if imports else 'import "fmt"'
    body = f"\treturn {call}\n" if result else f"\t{call}\n"
    return (
        f"package w\n\n{head}\n\nfunc f({parameters}) {result}{' ' if result else ''}{{\n{body}}}\n"
    )


@pytest.mark.parametrize(
    ("call", "parameters", "expected", "imports"),
    [
        ('fmt.Sprintf("%d", n)', "n int", "strconv.Itoa(n)", "strconv"),
        ('fmt.Sprintf("%v", n+1)', "n int64", "strconv.FormatInt(n+1, 10)", "strconv"),
        ('fmt.Sprintf("%d", n+1)', "n int", "strconv.Itoa(n + 1)", "strconv"),
        ('fmt.Sprintf("%x", n)', "n uint16", "strconv.FormatUint(uint64(n), 16)", "strconv"),
        ("fmt.Sprint(n)", "n uint", "strconv.FormatUint(uint64(n), 10)", "strconv"),
        ('fmt.Sprintf("%.2f", x)', "x float64", "strconv.FormatFloat(x, 'f', 2, 64)", "strconv"),
        ('fmt.Sprintf("%g", x)', "x float32", "strconv.FormatFloat(float64(x), 'g', -1, 32)", "strconv"),
        ('fmt.Sprintf("%s", s)', "s string", "s", ""),
    ],
)  # fmt: skip
def test_one_operand(call: str, parameters: str, expected: str, imports: str) -> None:
    after = fixed(program(call, parameters), CODE)
    head = f'import "{imports}"\n\n' if imports else ""
    assert after == f"package w\n\n{head}func f({parameters}) string {{\n\treturn {expected}\n}}\n"
    assert gofmt(after) == after


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ('fmt.Sprintf("%5d", n)', "n int"),  # a width
        ('fmt.Sprintf("%+d", n)', "n int"),  # a flag
        ('fmt.Sprintf("%d")', "n int"),  # an operand is missing
        ('fmt.Sprintf("%d", n, n)', "n int"),  # one too many
        ('fmt.Sprintf("%s", n)', "n int"),  # the wrong verb
        ('fmt.Sprintf("%x", s)', "s string"),
        ("fmt.Sprintf(s, n)", "s string, n int"),  # the format is not constant
        ('fmt.Sprintf("%v", x)', "x struct{ a int }"),
        ('fmt.Sprintf("%d", x)', "x any"),
        ("fmt.Sprint(x, n)", "x any, n int"),  # whether a blank is put depends on x
        ("fmt.Sprint(xs...)", "xs ...any"),
        ('fmt.Sprintf("%d" /* why */, n)', "n int"),  # a comment would be lost
    ],
)
def test_what_cannot_be_said(call: str, parameters: str) -> None:
    assert proposed(program(call, parameters), CODE) == []


def test_order_of_evaluation() -> None:
    text = """package w

import "fmt"

var n int

func next() int { n++; return n }

func f() string { return fmt.Sprintf("%d %d", n, next()) }

func g(m int) string { return fmt.Sprintf("%d %d", m, next()) }
"""
    (offer,) = proposed(text, CODE)
    assert offer.finding.function == "g"


def test_methods_are_called_as_fmt_would() -> None:
    text = """package w

import "fmt"

type name int

func (n name) String() string { return "name" }

type fancy int

func (fancy) Format(fmt.State, rune) {}

func f(n name) bool { return fmt.Sprintf("<%v>", n) == "<name>" }

func g(n name) bool { return fmt.Sprintf("<%d>", n) == "<1>" }

func h(n fancy) bool { return fmt.Sprintf("<%d>", n) == "<1>" }
"""
    assert labels(text, CODE) == [
        'Say it without fmt: `"<"+n.String()+">"`'
        " (changes behaviour when a String or Error method panics)",
        'Say it without fmt: `"<"+strconv.Itoa(int(n))+">"` (same behaviour)',
    ]


def test_what_is_printed_is_written() -> None:
    text = """package w

import (
	"bytes"
	"fmt"
	"io"
)

func f(n int, s string, b *bytes.Buffer, w io.Writer) {
	fmt.Println(n)
	fmt.Print(s)
	fmt.Fprintf(b, "%s\\n", s)
	fmt.Fprintf(w, "%s=%s\\n", s, s)
}
"""
    after = fixed(text, CODE)
    assert (
        after
        == """package w

import (
	"bytes"
	"io"
	"os"
	"strconv"
)

func f(n int, s string, b *bytes.Buffer, w io.Writer) {
	os.Stdout.Write(append(strconv.AppendInt(make([]byte, 0, 32), int64(n), 10), '\\n'))
	os.Stdout.WriteString(s)
	b.WriteString(s + "\\n")
	io.WriteString(w, s+"="+s+"\\n")
}
"""
    )
    assert gofmt(after) == after


def test_a_name_that_means_something_else_rules_it_out() -> None:
    text = """package w

import "fmt"

func f(n int, strconv string) string { return strconv + fmt.Sprintf("%d", n) }
"""
    assert proposed(text, CODE) == []


def test_it_is_appended() -> None:
    text = """package w

import (
	"fmt"
	"os"
)

func f(n int, u uint16) []byte {
	var b []byte
	b = fmt.Append(b, n+1)
	fmt.Fprintf(os.Stdout, "%d+%x\\n", n, u)
	return append(b, fmt.Sprintf("%d", u)...)
}
"""
    after = fixed(text, "without-fmt", caveats=False)
    assert after == text.replace('"fmt"\n\t"os"', '"os"\n\t"strconv"').replace(
        "fmt.Append(b, n+1)", "strconv.AppendInt(b, int64(n+1), 10)"
    ).replace('append(b, fmt.Sprintf("%d", u)...)', "strconv.AppendUint(b, uint64(u), 10)").replace(
        'fmt.Fprintf(os.Stdout, "%d+%x\\n", n, u)',
        "os.Stdout.Write(append(strconv.AppendUint(append(strconv.AppendInt(make([]byte, 0, 56), int64(n), 10), '+'), uint64(u), 16), '\\n'))",
    )  # fmt: skip
    assert gofmt(after) == after


def test_an_error_says_it() -> None:
    text = """package w

import "fmt"

func f(a, b int, err error) error {
	if a > b {
		return fmt.Errorf("%d is more than %d by %d", a, b, a-b)
	}
	return fmt.Errorf("%d, %d, %d: %w", a, b, a-b, err)
}
"""
    after = fixed(text, "without-fmt", caveats=False)
    assert after == text.replace('import "fmt"', 'import (\n\t"errors"\n\t"fmt"\n\t"strconv"\n)').replace(
        'fmt.Errorf("%d is more than %d by %d", a, b, a-b)',
        'errors.New(strconv.Itoa(a) + " is more than " + strconv.Itoa(b) + " by " + strconv.Itoa(a-b))',
    )  # fmt: skip
    assert gofmt(after) == after


def test_an_error_is_asked_at_once() -> None:
    text = program('fmt.Errorf("%d: %d", n, m).Error()', "n, m int")
    assert 'return errors.New(strconv.Itoa(n) + ": " + strconv.Itoa(m)).Error()' in fixed(
        text, CODE
    )


def test_variables_of_the_package_hold_calls_too() -> None:
    text = """package w

import "fmt"

var size = len(name)

var title = fmt.Sprintf("%d:%d", size, size)

var (
	name = "name" // The first.

	show = func(n int, strconv string) string {
		return fmt.Sprintf("%d:%d", n, n)
	}
	writers = map[string]func(int) string{
		"plain":  func(n int) string { return fmt.Sprint(n) },
		"longer": func(n int) string { return fmt.Sprintf("%d %s", n, name) },
	}
)
"""
    after = fixed(text, CODE, caveats=False)
    assert after == text.replace('import "fmt"', 'import (\n\t"fmt"\n\t"strconv"\n)').replace(
        'fmt.Sprintf("%d:%d", size, size)', 'strconv.Itoa(size) + ":" + strconv.Itoa(size)'
    ).replace("fmt.Sprint(n)", "strconv.Itoa(n)").replace(
        'fmt.Sprintf("%d %s", n, name)', 'strconv.Itoa(n) + " " + name'
    )
    assert gofmt(after) == after


def test_nothing_is_assigned_to_itself() -> None:
    text = program('fmt.Sprintf("%s", s)', "s string").replace("return", "s =").replace(
        "}\n", "\treturn s\n}\n"
    )  # fmt: skip
    assert proposed(text, CODE) == []


def test_a_sum_becomes_part_of_the_sum() -> None:
    text = program('fmt.Sprintf("%s=%d, %s", a, n, b+a)', "a, b string, n int")
    after = fixed(text, CODE)
    assert 'return a + "=" + strconv.Itoa(n) + ", " + b + a\n' in after
    outer = text.replace("return fmt", 'return a + "-" + fmt')
    assert 'return a + "-" + a + "=" + strconv.Itoa(n) + ", " + b + a\n' in fixed(outer, CODE)
    inner = text.replace("return fmt", "return id(1, fmt").replace("b+a)", "b+a))")
    after = fixed(inner + "\nfunc id(n int, s string) string { return s }\n", CODE)
    assert 'return id(1, a+"="+strconv.Itoa(n)+", "+b+a)\n' in after
    assert gofmt(after) == after


def test_a_sum_in_an_index() -> None:
    text = program(
        'm[fmt.Sprintf("a%d", n)] + fmt.Sprintf("b%d", n)[1:]', "m map[string]string, n int"
    )
    after = fixed(text, CODE)
    assert 'return m["a"+strconv.Itoa(n)] + ("b" + strconv.Itoa(n))[1:]\n' in after
    assert gofmt(after) == after


def test_a_sum_that_gets_away_is_there_instead_of_one_copy() -> None:
    text = """package w

import "fmt"

func f(n, m int) error { return fmt.Errorf("n is %d", n) }
"""
    assert proposed(text, "without-fmt") == []
    two = text.replace('%d", n', '%d of %d", n, m')
    assert fixed(two, "without-fmt") != two


@pytest.mark.parametrize("word", ["defer", "go"])
def test_what_is_put_off_is_left_alone(word: str) -> None:
    text = program(f'{word} fmt.Println("done", n)', "n int", result="")
    assert proposed(text, CODE) == []
    text = program(f"{word} fmt.Fprint(b, n)", "b *bytes.Buffer, n int", "bytes", result="")
    assert proposed(text, CODE) == []


def test_digits_of_what_says_itself_are_those_of_its_text() -> None:
    text = """package w

import "fmt"

type color int

func (color) String() string { return "red" }

type wrong int

func (wrong) Error() string { return "wrong" }

func f(c color) bool { return fmt.Sprintf("<%x>", c) == "" }

func g(c wrong) bool { return fmt.Sprintf("<%x>", c) == "" }

func h(c color) bool { return fmt.Sprintf("<%o>", c) == "" }
"""
    (offer,) = proposed(text, CODE)
    assert offer.finding.function == "h"


def test_packages_under_other_names() -> None:
    text = """package w

import (
	"fmt"
	sys "os"
)

func f(n int) {
	fmt.Println("os.Args:", n, len(sys.Args))
}
"""
    after = fixed(text, CODE)
    assert (
        after
        == """package w

import (
	sys "os"
	"strconv"
)

func f(n int) {
	sys.Stdout.Write(append(strconv.AppendInt(append(strconv.AppendInt(append(make([]byte, 0, 64), "os.Args: "...), int64(n), 10), ' '), int64(len(sys.Args)), 10), '\\n'))
}
"""
    )


@pytest.mark.parametrize("end", ["%", "%.", "%.2"])
def test_a_verb_is_missing(end: str) -> None:
    assert proposed(program(f'fmt.Sprintf("%d {end}", n, s)', "n int, s string"), CODE) == []


def test_bytes_that_are_no_text_are_printed() -> None:
    text = program('fmt.Printf("\\xff%d\\n", n)', "n int", result="")
    after = fixed(text, CODE)
    assert (
        after
        == """package w

import (
	"os"
	"strconv"
)

func f(n int) {
	os.Stdout.Write(append(strconv.AppendInt(append(make([]byte, 0, 32), "\\xff"...), int64(n), 10), '\\n'))
}
"""
    )
    assert gofmt(after) == after


COUNTER = """package w

import "fmt"

type counter int

func (c *counter) inc() int { *c++; return int(*c) }

func next(b []byte) int { return len(b) }

func f(c counter, a [4]int, b []byte) bool {
	return fmt.Sprintf("%d %d", c, c.inc()) == ""
}
"""


@pytest.mark.parametrize(
    "operands",
    [
        '"%d %d", c, c.inc()',  # through the pointer receiver
        '"%d %d", a[0], next(b)',
        '"%s %d", b, next(b)',  # fmt reads the bytes after the call
    ],
)
def test_what_a_call_may_change(operands: str) -> None:
    text = COUNTER.replace('"%d %d", c, c.inc()', operands)
    assert proposed(text, CODE) == []
    apart = COUNTER.replace('"%d %d", c, c.inc()', '"%d %d", c, next(b)')
    assert len(proposed(apart, CODE)) == 1


def test_methods_are_called_after_all_operands_are_there() -> None:
    text = """package w

import "fmt"

type name int

func (n name) String() string { last++; return "name" }

var last int

func f(n, m name) bool { return fmt.Sprintf("<%v %v>", n, m) == "" }

func g(n name) bool { return fmt.Sprintf("<%v %d>", n, last) == "" }
"""
    panics = "changes behaviour when a String or Error method panics"
    assert labels(text, CODE) == [
        f'Say it without fmt: `"<"+n.String()+" "+m.String()+">"` ({panics})',
        f'Say it without fmt: `"<"+n.String()+" "+strconv.Itoa(last)+">"` ({panics}, or '
        "a String or Error method changes what else is formatted, or is changed by it)",
    ]


@pytest.mark.parametrize(
    ("operands", "is_same"),
    [
        ('"%d:%s", n, s', True),
        ('"%d:%d", n, len(p)', True),
        ('"%s", p', True),
        ('"%d:%s", n, p', False),
        ('"%x", p', False),
        ('"%d:%d", n, p[0]', False),
    ],
)
def test_bytes_that_the_buffer_may_share(operands: str, is_same: bool) -> None:
    text = program(f"fmt.Appendf(b[:0], {operands})", "b, p []byte, n int, s string", "", "[]byte")
    (offer,) = proposed(text, CODE)
    assert ("shares its bytes with an operand" not in offer.fix.caveat) is is_same


def test_functions_that_the_go_version_has() -> None:
    text = program('fmt.Appendf(b, "%x%d%d", p, n, m)', "b, p []byte, n, m int", "", "[]byte")
    assert "hex.AppendEncode(b, p)" in fixed(text, CODE)
    older = f"//go:build go1.21\n\n{text}"
    assert fixed(older, CODE) == older


def test_long_calls_are_named_by_what_they_print() -> None:
    text = program('fmt.Println("n is", n)', "n int", result="")
    assert labels(text, CODE) == [
        'Say it without fmt: `"n is " + strconv.Itoa(n) + "\\n"` (same behaviour)'
    ]


def test_operands_of_several_lines_are_left_alone() -> None:
    text = program(
        "fmt.Println(\n\t\tn,\n\t\ts[0]+\n\t\t\ts[1],\n\t)", "n int, s []string", result=""
    )
    assert proposed(text, CODE) == []
    assert len(proposed(text.replace("+\n\t\t\t", "+"), CODE)) == 1

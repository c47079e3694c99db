"""Conversions that need not be made, and functions that need not be made in every round of a loop."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt, labels, proposed

CONVERSION = "without-conversion"


def converting(statement: str, head: str = "", imports: str = "") -> str:
    return f"""package w

{imports}{head}func f(b []byte, s string, m map[string]int) int {{
	{statement}
	return 0
}}
"""


@pytest.mark.parametrize(
    ("imports", "head", "before", "after"),
    [
        ("", "", "_ = append(b, string(b)...)", "_ = append(b, b...)"),
        ('import "os"', "", "os.Stdout.WriteString(string(b))", "os.Stdout.Write(b)"),
        ('import "utf8"', "", "_ = utf8.ValidString(string(b))", "_ = utf8.Valid(b)"),
    ],
)
def test_bytes_as_they_are(imports: str, head: str, before: str, after: str) -> None:
    imports = imports.replace("utf8", "unicode/utf8")
    text = converting(before, head, f"{imports}\n\n" if imports else "")
    assert fixed(text, CONVERSION, caveats=False) == text.replace(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('strings.HasPrefix(string(b), "ab")', 'bytes.HasPrefix(b, []byte("ab"))'),
        ("strings.IndexByte(string(b[2:]), 'x') > 0", "bytes.IndexByte(b[2:], 'x') > 0"),
    ],
)
def test_a_twin_for_bytes(before: str, after: str) -> None:
    text = converting(f"_ = {before}", imports='import "strings"\n\n')
    new = fixed(text, CONVERSION, caveats=False)
    assert new == text.replace(before, after).replace('"strings"', '"bytes"')
    # What is no constant would have to be converted the other way.
    assert proposed(text.replace('"ab"', "s").replace("'x'", "s[0]"), CONVERSION) == (
        [] if "ab" in before else proposed(text.replace("'x'", "s[0]"), CONVERSION)
    )


def test_a_function_may_write_to_the_bytes() -> None:
    text = converting(
        "_ = strings.IndexFunc(string(b), unicode.IsSpace)",
        imports='import (\n\t"strings"\n\t"unicode"\n)\n\n',
    )
    assert "bytes.IndexFunc(b, unicode.IsSpace)" in fixed(text, CONVERSION)
    literal = "func(r rune) bool { b[0]++; return unicode.IsSpace(r) }"
    assert proposed(text.replace("b), unicode.IsSpace", f"b), {literal}"), CONVERSION) == []


def test_another_writer_may_do_something_else() -> None:
    text = converting(
        "out.WriteString(string(b))",
        "type writer interface {\n\tWrite(p []byte) (int, error)\n\tWriteString(s string) (int, error)\n}\n\nvar out writer\n\n",
    )
    (label,) = labels(text, CONVERSION)
    assert label.endswith(
        "(changes behaviour when the writer's Write does something else than its WriteString)"
    )


def test_a_conversion_in_place() -> None:
    text = converting("k := string(b)\n\tif n := m[k]; n > 0 {\n\t\treturn n\n\t}")
    after = fixed(text, CONVERSION, caveats=False)
    assert after == text.replace("\tk := string(b)\n", "").replace("m[k]", "m[string(b)]")
    assert gofmt(after) == after
    switch = converting('k := string(b[1:])\n\tswitch k {\n\tcase "x":\n\t\treturn 1\n\t}')
    assert "switch string(b[1:]) {" in fixed(switch, CONVERSION, caveats=False)


@pytest.mark.parametrize(
    "use",
    [
        "b[0] = 1\n\t_ = k == s",  # another text by then
        "g()\n\t_ = k == s",  # g may write to it
        "b = nil\n\t_ = k == s",
        "for range 2 {\n\t\t_ = k == s\n\t\tg()\n\t}",  # in the next round
        "{\n\t\tb := s\n\t\t_ = k == s\n\t\t_ = b\n\t}",  # another b
        "m[k] = 1",  # the map keeps it
        "_ = k + s",
        "h := func() bool { return k == s }\n\tg()\n\th()",
        "c <- 1\n\t_ = k == s",  # who receives it may write to b
        "select {\n\tcase c <- 1:\n\tdefault:\n\t}\n\t_ = k == s",
        "for range c {\n\t\t_ = k == s\n\t}",
        "for range each {\n\t\t_ = k == s\n\t}",
        "part = bytes{}\n\t_ = k == s",  # b may be a slice of it
        "for _, part = range []bytes{{1}} {\n\t\t_ = k == s\n\t}",
        "_ = k == t()",  # it is called before they are compared
    ],
)
def test_a_text_of_its_own_is_needed(use: str) -> None:
    head = 'var c chan int\n\nfunc g() {}\n\nfunc t() string { return "" }\n\nfunc each(func() bool) {}\n\n'
    head += "type bytes [1]byte\n\nvar part bytes\n\n"
    text = converting(f"k := string(b)\n\t{use}", head)
    assert proposed(text, CONVERSION) == []


def test_a_text_that_a_comment_speaks_of_stays() -> None:
    use = 'switch k {\n\tcase "x":\n\t\treturn 1\n\t}'
    text = converting(f"k := string(b)\n\n\t{use}")
    after = fixed(text, CONVERSION, caveats=False)
    assert after == text.replace("\tk := string(b)\n\n", "").replace("switch k", "switch string(b)")
    assert gofmt(after) == after
    assert proposed(text.replace("k :=", "// The word.\n\tk :="), CONVERSION) == []


@pytest.mark.parametrize("word", ["defer", "go"])
@pytest.mark.parametrize("call", ["out.WriteString(string(b))", "io.WriteString(out, string(b))"])
def test_what_is_called_later_needs_the_text_of_now(word: str, call: str) -> None:
    text = converting(
        f"{word} {call}",
        "var out bytes.Buffer\n\n",
        'import (\n\t"bytes"\n\t"io"\n)\n\nvar _ io.Reader\n\n',
    )
    text = text.replace("(out,", "(&out,")
    assert proposed(text, CONVERSION) == []
    assert proposed(text.replace(f"{word} ", ""), CONVERSION) != []


FORMATS = """package w

import (
	"fmt"
	"io"
)

var sink []byte

func f(w io.Writer, n, m int) {
	USE
}
"""


@pytest.mark.parametrize(
    ("before", "after", "caveat"),
    [
        ('w.Write([]byte(fmt.Sprintf("%d:", n)))', 'fmt.Fprintf(w, "%d:", n)', True),
        ("w.Write([]byte(fmt.Sprintln(n + m)))", "fmt.Fprintln(w, n+m)", True),
        ('sink = []byte(fmt.Sprintf("%d:", n))', 'sink = fmt.Appendf(nil, "%d:", n)', False),
        ("sink = []byte(fmt.Sprint(n, m))", "sink = fmt.Append(nil, n, m)", True),
    ],
)
def test_bytes_are_formatted_as_bytes(before: str, after: str, caveat: bool) -> None:
    text = FORMATS.replace("USE", before)
    new = FORMATS.replace("USE", after)
    assert fixed(text, "format-directly") == new == gofmt(new)
    assert (fixed(text, "format-directly", caveats=False) == text) is caveat


LOOP = """package w

var sink []func() int

type t struct{ n int }

//go:noinline
func (x *t) m() int { return x.n }

func run(n int, x *t) {
	for i := range n {
		_ = i
		for range 2 {
			sink = append(sink, MADE)
		}
	}
}
"""


def test_a_method_value_is_taken_once() -> None:
    text = LOOP.replace("MADE", "x.m")
    after = fixed(text, "hoist", caveats=False)
    assert after == LOOP.replace("\tfor i", "\tm := x.m\n\tfor i").replace("MADE", "m")
    labelled = text.replace("\tfor i", "rounds:\n\tfor i").replace(
        "_ = i", "if i > 9 {\n\t\t\tbreak rounds\n\t\t}"
    )
    assert "\tm := x.m\nrounds:\n\tfor i" in fixed(labelled, "hoist")
    assert labels(text, "hoist") == ["Make the method value before the loops (same behaviour)"]


def test_a_comment_stays_with_its_loop() -> None:
    text = LOOP.replace("MADE", "x.m").replace("\tfor i", "\t// All of them,\n\t// twice.\n\tfor i")
    after = fixed(text, "hoist", caveats=False)
    assert after == text.replace("\t// All", "\tm := x.m\n\t// All").replace("sink, x.m", "sink, m")
    assert gofmt(after) == after


def test_a_literal_is_made_once_before_the_rounds_it_knows_nothing_of() -> None:
    text = LOOP.replace("MADE", "func() int {\n\t\t\t\treturn n + x.n\n\t\t\t}")
    after = fixed(text, "hoist", caveats=False)
    assert after == LOOP.replace(
        "\tfor i", "\tf := func() int {\n\t\treturn n + x.n\n\t}\n\tfor i"
    ).replace("MADE", "f")
    assert gofmt(after) == after
    inner = text.replace("n + x.n", "i + x.n")
    assert fixed(inner, "hoist", caveats=False) == LOOP.replace(
        "\t\tfor range", "\t\tf := func() int {\n\t\t\treturn i + x.n\n\t\t}\n\t\tfor range"
    ).replace("MADE", "f")


@pytest.mark.parametrize(
    ("made", "change"),
    [
        ("x.m", ("for range 2 {", "for range 2 {\n\t\t\tx = nil")),  # another receiver
        ("x.m", ("_ = i", "_, _ = i, &x")),
        ("func() int { return j }", ("for range 2 {", "for j := range 2 {")),  # of each round
    ],
)
def test_what_belongs_to_the_round_is_made_in_it(made: str, change: tuple[str, str]) -> None:
    assert proposed(LOOP.replace("MADE", made).replace(*change), "hoist") == []


def test_the_function_around_a_literal_may_assign_the_receiver() -> None:
    text = LOOP.replace("\tfor i := range n {\n\t\t_ = i\n", "\tgo func() {\n").replace(
        "MADE", "x.m"
    )
    text = text.replace("\t}\n}\n", "\t}()\n}\n")
    assert proposed(text, "hoist") != []
    assert proposed(text.replace("\t}()\n", "\t}()\n\tx = nil\n"), "hoist") == []

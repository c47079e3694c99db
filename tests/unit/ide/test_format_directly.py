"""What formats by itself is given what it formats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from goescape import bug
from goescape.ide.fixes import Fix, Snapshot, without_fmt
from goescape.report.finding import Finding
from harness.fixes import fixed, gofmt, proposed

CODE = "format-directly"
ENDS_LINE = "the text ends its line itself"
DISCARDED = "a method of an operand has effects, and the logger discards what it is given"


def program(body: str, parameters: str, imports: str) -> str:
    head = "".join(f'\t"{name}"\n' for name in imports.split())
    return f"package w\n\nimport (\n{head})\n\nfunc f({parameters}) {{\n\t{body}\n}}\n"


@pytest.mark.parametrize("word", ["defer", "go"])
@pytest.mark.parametrize(
    "call", ['fmt.Println(fmt.Sprintf("%v", m))', 'l.Print(fmt.Sprintf("%v", m))']
)
def test_what_is_put_off_is_formatted_before(word: str, call: str) -> None:
    text = program(f"{word} {call}", "m map[int]int, l *log.Logger", "fmt log")
    assert proposed(text, CODE) == []


def test_bytes_that_are_put_off_are_made_before() -> None:
    body = 'defer w.Write([]byte(fmt.Sprintf("<%v>", m)))'
    text = program(body, "m map[int]int, w *os.File", "fmt os")
    after = fixed(text, CODE, caveats=False)
    assert after == text.replace("[]byte(fmt.Sprintf(", "fmt.Appendf(nil, ").replace("m)))", "m))")


@pytest.mark.parametrize(
    ("format", "caveat"),
    [
        ("%s: %d", ""),
        ("%s of %d items", ""),
        ("%d for %5q", ""),
        ("%d for %s", ENDS_LINE),
        ("%d for %-10v", ENDS_LINE),
        ("%d for %+v", ENDS_LINE),
        ("%d for %s\\n", None),
    ],
)
@pytest.mark.parametrize("call", ["log.Println", "t.Log", "t.Error", "b.Skip"])
def test_who_ends_the_line(format: str, caveat: str | None, call: str) -> None:
    operands = "s, n" if format.startswith("%s") else "n, s"
    text = program(
        f'{call}(fmt.Sprintf("{format}", {operands}))',
        "t *testing.T, b *testing.B, n int, s string",
        "fmt log testing",
    ).replace('\t"log"\n' if call[1] == "." else '\t"testing"\n', "")
    if call[1] != ".":
        text = text.replace("t *testing.T, b *testing.B, ", "")
    found = [offer.fix.caveat for offer in proposed(text, CODE)]
    assert found[:1] == ([] if caveat is None else [caveat])


@pytest.mark.parametrize(
    ("kind", "is_plain"),
    [
        ("int", True),
        ("map[string][]*plain", True),
        ("any", False),
        ("error", False),
        ("*says", False),
        ("says", True),
        ("struct{ *says }", False),
        ("[]*says", False),
    ],
)
def test_a_logger_may_discard_it(kind: str, is_plain: bool) -> None:
    text = program('l.Print(fmt.Sprintf("%v", x))', f"l *log.Logger, x {kind}", "fmt log") + (
        "\ntype plain struct{ next *plain }\n\ntype says int\n\n"
        'func (s *says) String() string { *s++; return "says" }\n'
    )
    assert {offer.fix.caveat for offer in proposed(text, CODE)} == {"" if is_plain else DISCARDED}


@pytest.mark.parametrize(
    ("arguments", "is_offered"),
    [('"%d"', True), ('"%d%%"', True), ('"%d %"', False), ('"%d %."', False), ('"n"', False)],
)
def test_a_line_feed_is_added_where_the_text_ends(arguments: str, is_offered: bool) -> None:
    text = program(f"fmt.Println(fmt.Sprintf({arguments}, n))", "n int", "fmt")
    new = text.replace("Println(fmt.Sprintf(", "Printf(").replace('", n))', '\\n", n)')
    assert fixed(text, CODE, caveats=False) == (new if is_offered else text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('fmt.Fprint(w, fmt.Sprintf("%5d", n))', 'fmt.Fprintf(w, "%5d", n)'),
        ('fmt.Fprintln(w, fmt.Sprintf("%5d", n))', 'fmt.Fprintf(w, "%5d\\n", n)'),
        ('k, err := fmt.Fprintln(w, fmt.Sprintf("", n))', None),
        ('fmt.Fprintln(w, fmt.Sprintf("%5d", n), n)', None),
        ('fmt.Fprint(w, n, fmt.Sprintf("%5d", n))', None),
        ('sink = fmt.Sprint(fmt.Sprintf("%5d", n))', 'sink = fmt.Sprintf("%5d", n)'),
        ('sink = fmt.Sprintln(fmt.Sprintf("%5d", n))', 'sink = fmt.Sprintf("%5d\\n", n)'),
        ('b = fmt.Appendln(b, fmt.Sprintf("%5d", n))', 'b = fmt.Appendf(b, "%5d\\n", n)'),
        ('log.Panic(fmt.Sprintf("%5v", x))', 'log.Panicf("%5v", x)'),
        ('log.Panicln(fmt.Sprintf("%5v", x))', None),
        ('t.Error(fmt.Sprintf("%5d", n))', 't.Errorf("%5d", n)'),
        ('tb.Error(fmt.Sprintf("%5d", n))', None),  # It may have methods of its own.
        ('own.Error(fmt.Sprintf("%5d", n))', None),
        ('own.Log(fmt.Sprintf("%5d", n))', 'own.Logf("%5d", n)'),
    ],
)
def test_twins_of_the_library(before: str, after: str | None) -> None:
    parameters = "w *os.File, tb testing.TB, t *testing.T, own my, n int, x any, b []byte"
    text = program(before, parameters, "fmt log os testing") + (
        "\ntype my struct{ *testing.T }\n\nfunc (my) Errorf(format string, args ...any) {}\n"
        "\nvar sink string\n\nvar _ = log.Print\n\nvar _ = fmt.Sprint\n"
    )
    new = text if after is None else text.replace(before, after)
    assert fixed(text.replace("k, err :=", "_, _ ="), CODE, caveats=False) == new.replace(
        "k, err :=", "_, _ ="
    )
    assert gofmt(new) == new


@pytest.mark.parametrize(
    ("plain", "twin", "is_offered"),
    [
        ("Info(args ...any)", "Infof(format string, args ...any)", True),
        ("Info(args ...any) error", "Infof(f string, args ...interface{}) error", True),
        ("Info(args ...any)", "Infof(format string, args ...any) error", False),
        ("Info(args ...any)", "Infof(args ...any)", False),
        ("Info(args ...any)", "Infof(format string, args ...int)", False),
        ("Info(args ...any)", "Warnf(format string, args ...any)", False),
        ("Info(arg any)", "Infof(format string, args ...any)", False),
        ("Info(msg string, args ...any)", "Infof(format string, args ...any)", False),
    ],
)
@pytest.mark.parametrize("receiver", ["(l *logger) ", ""])
def test_a_twin_by_its_name(receiver: str, plain: str, twin: str, is_offered: bool) -> None:
    call = "l.Info" if receiver else "Info"
    text = program(f'{call}(fmt.Sprintf("%d", n))', "l *logger, n int", "fmt")
    body = "{\n\tpanic(1)\n}\n"
    text += "\ntype logger struct{}\n" + "".join(
        f"\nfunc {receiver}{header} {body}" for header in (plain, twin)
    )
    after = text.replace("Info(fmt.Sprintf(", "Infof(").replace("n))", "n)")
    after = after.replace('import (\n\t"fmt"\n)\n\n', "")
    assert fixed(text, CODE) == (after if is_offered else text)
    assert fixed(text, CODE, caveats=False) == text
    assert {offer.fix.caveat for offer in proposed(text, CODE)} == (
        {"`Infof` does something else than `Info` with the text"} if is_offered else set()
    )
    if not receiver:
        hidden = text.replace("{\n\tInfo(", "{\n\tInfof := 1\n\t_ = Infof\n\tInfo(")
        assert proposed(hidden, CODE) == []


@pytest.mark.parametrize(
    ("writer", "kind", "is_free"),
    [
        ("w", "*os.File", True),
        ("w", "*gzip.Writer", True),
        ("w", "io.Writer", False),
        ("w", "*keeping", False),
        ("x.file", "os.File", True),
        ("x.in.keeping", "struct{ keeping }", False),
        ("x.at().keeping", "struct{ keeping }", None),
    ],
)
def test_a_writer_may_keep_the_bytes(writer: str, kind: str, is_free: bool | None) -> None:
    text = """package w

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
)

type keeping struct{ all [][]byte }

func (k *keeping) Write(p []byte) (int, error) { k.all = append(k.all, p); return len(p), nil }

type box struct {
	file os.File
	in   struct{ keeping }
}

func (x *box) at() struct{ *keeping } { return struct{ *keeping }{} }

var (
	_ gzip.Writer
	_ io.Writer
)

func f(w KIND, x *box, n int) {
	WRITER.Write([]byte(fmt.Sprintf("%5d", n)))
}
"""
    text = text.replace("KIND", kind).replace("WRITER", writer)
    address = "&" if "." in writer and is_free is not None else ""
    after = text.replace(
        f"{writer}.Write([]byte(fmt.Sprintf(", f"fmt.Fprintf({address}{writer}, "
    ).replace("n)))", "n)")
    assert fixed(text, CODE) == after == gofmt(after)
    assert fixed(text, CODE, caveats=False) == (after if is_free else text)


def test_a_fix_that_fails_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
        raise ValueError("no way")

    monkeypatch.setattr(without_fmt, "propose", failing)
    monkeypatch.setenv("GOESCAPE_STRICT", "1")
    text = program('fmt.Println(fmt.Sprintf("%d", n))', "n int", "fmt")
    with pytest.raises(bug.Bug, match=r"without-fmt at .*: ValueError: no way"):
        proposed(text, CODE)
    monkeypatch.delenv("GOESCAPE_STRICT")
    assert len(proposed(text, CODE)) == 1

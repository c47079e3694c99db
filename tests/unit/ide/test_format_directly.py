"""What formats by itself is given what it formats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from goescape import bug
from goescape.ide.fixes import Fix, Snapshot, without_fmt
from goescape.report.finding import Finding
from harness.fixes import fixed, proposed

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

"""What hover, hints and lenses say, as values."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.ide.code_lens import code_lenses
from goescape.ide.hover import Links, code, escape, heap_words, hover, plain_text
from goescape.ide.inlay_hints import inlay_hints
from goescape.report.finding import Place
from goescape.report.summary import FunctionSummary, Leak, ParamSummary, inline_words, param_words
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session
from harness.oracle import goroot

TEXT = b"""package w

import "errors"

var last any

func keep[T any](x T) *T { return &x }

func use() { last = keep(1); last = keep("s") }

func fail(n int) error {
	if n > 0 {
		return errors.New(string(make([]byte, n)))
	}
	kept := n //goescape:ignore it is kept on purpose
	last = &kept
	return nil
}

func boxed() { last = make([]byte, 33) }

func wide(a, b, c, d, e *int) { last = []*int{a, b, c, d, e} }
"""

LINKS = Links(lambda place: f"line {place.line}", lambda rule: rule)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> FileAnswer:
    folder: Path = tmp_path_factory.mktemp("hover")
    (folder / "go.mod").write_text("module w\n\ngo 1.24\n")
    (folder / "w.go").write_bytes(TEXT)
    variables = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": os.devnull}
    session = Session(variables)
    return with_deep_stack(lambda: session.check(str(folder / "w.go")))


def at(answer: FileAnswer, text: bytes, inside: int = 0) -> str:
    found = hover(answer, TEXT, TEXT.index(text) + inside, LINKS)
    return found.markdown if found is not None else ""


def test_instances_are_told_together(answer: FileAnswer) -> None:
    text = at(answer, b"x T)")
    assert text.count("moved to heap: x") == 1
    assert "for \\[string\\] and \\[int\\]" in text


def test_what_is_allocated_without_escaping_says_when(answer: FileAnswer) -> None:
    text = at(answer, b"make([]byte", 2)
    assert (
        "**`make([]byte, n)` may be on the heap all the same.** On the heap when it has more than 32"
        " elements"
    ) in text
    assert "on a failing path only" in text and "Rule: unknown-size" in text


def test_what_is_told_twice_with_the_same_sentence_is_two_things(answer: FileAnswer) -> None:
    """The slice itself is on the heap, and what it was boxed for."""
    text = at(answer, b"make([]byte, 33)", 2)
    assert text.count("`make([]byte, 33) escapes to heap`") == 2
    assert "24 bytes" in text and "33 bytes, size class 48" in text


def test_a_function_lists_its_instances(answer: FileAnswer) -> None:
    text = at(answer, b"keep[T")
    assert text.startswith("**func `keep`** · 1 heap allocation · ")
    assert "Instances: `[int]`, `[string]`" in text


def test_what_the_compiler_makes_of_a_loop_is_told_in_words(tmp_path: Path) -> None:
    text = b"""package w

var sink *int

func f(seq func(func(*int) bool)) {
	for x := range seq {
		sink = x
	}
}
"""
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_bytes(text)
    variables = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": os.devnull}
    session = Session(variables)
    answer = with_deep_stack(lambda: session.check(str(tmp_path / "w.go")))
    found = hover(answer, text, text.index(b"for x"), LINKS)
    assert found is not None
    assert "**The state of the loop is on the heap.**" in found.markdown
    assert "assumed, because what seq(the loop's body) calls is not known" in found.markdown


def test_lenses_name_what_leaks_but_not_everything(answer: FileAnswer) -> None:
    titles = [lens.title for lens in code_lenses(answer.functions)]
    assert titles[-1].startswith("1 heap allocation · leaks a, b, c, d, 1 more · ")
    assert titles[2].startswith("3 heap allocations, 2 on failing paths only · ")


def test_of_what_is_not_analysed_it_is_said_why(tmp_path: Path) -> None:
    text = b"""package w

// int one() { return 1; }
import "C"

func one() *int { x := int(C.one()); return &x }

func two() *int { x := y; return &x }

func three() *int { x := *one(); return &x }
"""
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_bytes(text)
    variables = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "1", "HOME": os.devnull}
    session = Session(variables)
    answer = with_deep_stack(lambda: session.check(str(tmp_path / "w.go")))
    assert [lens.title for lens in code_lenses(answer.functions)] == [
        "not analysed: it uses C",
        "not analysed: it does not type-check",
        "1 heap allocation · inline cost 67 of 80",
    ]
    found = hover(answer, text, text.index(b"one() *int"), LINKS)
    assert found is not None and found.markdown.startswith(
        "**func `one`** · not analysed: it uses C"
    )


def test_hints_leave_out_what_is_ignored(answer: FileAnswer) -> None:
    lines = {
        TEXT.count(b"\n", 0, h.offset) + 1
        for h in inlay_hints(answer.findings, answer.functions, TEXT, "minimal")
    }
    assert 7 in lines and 15 not in lines
    assert inlay_hints(answer.findings, answer.functions, TEXT, "off") == []


def test_without_markup_the_words_remain(answer: FileAnswer) -> None:
    for text in ("f(`a` + b)", "a[i] * *p", "\\`x\\`", "_"):
        assert plain_text(f"**{code(text)}** {escape(text)} [w.go](file:///w.go)") == (
            f"{text} {text} w.go"
        )
    lines = plain_text(at(answer, b"x T)")).splitlines()
    assert lines[0].startswith("x is on the heap. ") and "for [string] and [int]" in lines[2]


def test_words_for_parameters() -> None:
    def words(*leaks: Leak) -> str:
        return param_words(ParamSummary("p", None, leaks))

    assert words() == "stays"
    assert words(Leak("heap", 0)) == "leaks to the heap"
    assert words(Leak("heap", 1), Leak("mutator", 0)) == (
        "what it points to leaks to the heap; may be written through"
    )
    assert words(Leak("heap", 2)) == "what lies 2 pointers behind it leaks to the heap"
    assert (
        words(Leak("result", 0, "~r0"), Leak("callee", 0))
        == "flows to the first result; may be called"
    )
    assert param_words(ParamSummary("n", None, (), pointer_free=True)) == "holds no pointers"


def test_words_for_functions() -> None:
    place = Place("/w.go", 1, 1, 0, 1)
    assert heap_words(FunctionSummary("f", place, 0, 1, heap=-1)) == ""
    assert heap_words(FunctionSummary("f", place, 0, 1, heap=1, cold=1)) == (
        "1 heap allocation, on failing paths only"
    )
    assert inline_words(FunctionSummary("f", place, 0, 1, reason="too expensive")) == (
        "not inlined: costs more than 80"
    )
    assert inline_words(FunctionSummary("f", place, 0, 1)) == ""

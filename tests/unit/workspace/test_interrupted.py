"""A check that was interrupted, wherever that was, goes on to what an uninterrupted one says."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.following import VARIABLES, interrupted

LOW = """package low

//go:noinline
func Each[S ~[]E, E any](s S, f func(E) bool) S {
	for _, e := range s {
		f(e)
	}
	return s
}

type List[T any] struct{ First *T }

func (l *List[T]) Push(t *T) { l.First = t }
"""

TEXT = """package w

import "w/low"

var sink any

var table = low.Each([]int{1}, func(i int) bool { n := i; return &n != nil })

func keeps(names []string) []string {
	have := map[string]bool{}
	return low.Each(names, func(s string) bool { return have[s] })
}

func pushes() *int {
	var l low.List[int]
	n := 1
	l.Push(&n)
	return l.First
}

func even(n int) *int { if n == 0 { return new(int) }; return odd(n - 1) }

func odd(n int) *int { return even(n - 1) }

func own[T any](t *T) func() *T { return func() *T { return t } }

func uses() { s := "s"; _ = own(&s)() }

func anyone[T any](t T) *T { return &t }
"""

EDITS = (
    TEXT.replace("n == 0", "n == 1"),
    TEXT.replace("return have[s]", "sink = &s; return have[s]"),
    TEXT.replace("var l low.List[int]", "var l low.List[int]; _ = low.Each([]*int{}, nil)"),
    TEXT.replace("_ = own(&s)()", "sink = own(&s)"),
)
"""A body that matters to one other, a literal's, another instance and another generic callee."""


@pytest.mark.parametrize("inline", [True, False])
def test_interrupted_anywhere_and_taken_up_again(tmp_path: Path, inline: bool) -> None:
    path = _module(tmp_path)

    def run() -> None:
        expected = {text: _said(_session(inline), path, text) for text in (TEXT, *EDITS)}
        n = 0
        while True:  # Once at each point of the first check.
            n += 1
            session = _session(inline)
            session.set_text(path, TEXT.encode())
            if not interrupted(session, path, n):
                break
            assert _findings(session.check(path)) == expected[TEXT], f"after {n} points"
        assert n > 20
        session = _session(inline)
        n_interrupted = 0
        for i in range(400):  # Now at one point, now at another, with edits in between.
            text = (TEXT, *EDITS)[i % (len(EDITS) + 1)]
            session.set_text(path, text.encode())
            n_interrupted += interrupted(session, path, i % 17 + 1)
            if i % 50 == 49:
                assert _findings(session.check(path)) == expected[text], f"edit {i}"
        assert n_interrupted > 100

    with_deep_stack(run)


def test_an_instance_is_alive_though_its_reader_was_read_before_the_interruption(
    tmp_path: Path,
) -> None:
    path = _module(tmp_path)

    def run() -> None:
        expected = _said(_session(True), path, TEXT)
        session = _session(True)
        session.set_text(path, TEXT.encode())
        n = 1
        while interrupted(session, path, n):  # A little further each time.
            n += 1
        assert _findings(session.check(path)) == expected

    with_deep_stack(run)


def _module(folder: Path) -> str:
    (folder / "low").mkdir()
    (folder / "go.mod").write_text("module w\n\ngo 1.24\n")
    (folder / "low/low.go").write_text(LOW)
    (folder / "w.go").write_text(TEXT)
    return str(folder / "w.go")


def _session(inline: bool) -> Session:
    return Session(VARIABLES, Target(inline=inline))


def _said(session: Session, path: str, text: str) -> list[str]:
    session.set_text(path, text.encode())
    return _findings(session.check(path))


def _findings(answer: FileAnswer) -> list[str]:
    assert not answer.problems
    return [f"{f.place.line}:{f.place.col} {f.message} {f.instance}" for f in answer.findings]

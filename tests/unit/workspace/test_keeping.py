"""Functions that reach each other are solved again from what was kept of those that were not edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace import keeping, reading
from goescape.workspace.entry import Entry
from goescape.workspace.memo import Memo
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.following import VARIABLES, said

PROGRAM = """package p

import "unsafe"

var sink any

//go:uintptrescapes
func system(p uintptr)

// The sizes and values that are proven to be constant are changed while solving.
func first(n int, p *int) *int {
	size := 10
	s := make([]int, size)
	three := 3
	sink = three
	k := 0
	grow := func() { k += s[0] }
	grow()
	return second(n-1, p)
}

func second(n int, p *int) *int {
	if n == 0 {
		return p
	}
	x := 1
	system(uintptr(unsafe.Pointer(&x)))
	go func() { _ = third(n, p) }()
	return third(n-1, p)
}

func third(n int, p *int) *int {
	defer func() { recover() }()
	q := tiny(n, p)
	return fourth(n-1, q)
}

//go:noinline
func fourth(n int, p *int) *int {
	q := &n
	_ = q
	sink = q
	return first(n, p)
}

// It can be inlined, in first too, which is judged before it.
func tiny(n int, p *int) *int {
	if n < 0 {
		return first(n, p)
	}
	return p
}

type T struct{ next *T }

func (t *T) walk() *T { return other(t) }

func other(t *T) *T {
	if t == nil {
		println("nil")
	}
	return t.next.walk()
}

func asks(p *int) *int {
	y := 1
	go func() { sink = told(&y) }()
	return told(p)
}

//go:noinline
func told(p *int) *int {
	return p // told
}
"""


class Edited:
    """A session that follows the text of one file."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
        (folder / "p.s").write_text("")
        self.path = folder / "p.go"
        self.path.write_text(PROGRAM)
        self.session = Session(VARIABLES)
        self.read: list[str] = []
        read = reading.read

        def note(memo: Memo, entry: Entry) -> None:
            self.read.append(entry.func.nname.name)
            read(memo, entry)

        monkeypatch.setattr(reading, "read", note)

    def show(self, *changes: tuple[str, str]) -> list[str]:
        """What is read when the text is the first one with these changes; all that is said of it is what a
        fresh session says."""
        text = PROGRAM
        for before, after in changes:
            assert text.count(before) == 1
            text = text.replace(before, after)
        self.session.set_text(str(self.path), text.encode())
        fresh = Session(VARIABLES)
        fresh.set_text(str(self.path), text.encode())

        def run() -> list[str]:
            self.read.clear()
            found = said(self.session.check(str(self.path)))
            read = list(self.read)
            assert found == said(fresh.check(str(self.path)))
            return read

        return with_deep_stack(run)


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edited:
    it = Edited(tmp_path, monkeypatch)
    it.show()
    return it


STATEMENT = ("\tk := 0\n", "\tk := 0\n\tsink = new(int)\n")
OTHER_STATEMENT = ("\tk := 0\n", "\tk := 0\n\tsink = &k\n")
BROKEN = ("\tk := 0\n", "\tk := 0\n\tsink = \n")
IN_SECOND = ("\tx := 1\n", "\tx := 1\n\tsink = p\n")
IN_TINY = ("if n < 0 {\n", "if n < 0 && p != nil {\n")


def test_only_the_edited_function_is_read(edited: Edited) -> None:
    assert set(edited.show(STATEMENT)) == {"first", "second", "third", "fourth"}
    assert edited.show(OTHER_STATEMENT) == ["first"]
    assert edited.show(OTHER_STATEMENT, IN_SECOND) == ["second"]
    assert edited.show(IN_SECOND) == ["first"]


def test_what_it_reaches_meanwhile_is_not_read_while_it_is_broken(edited: Edited) -> None:
    """But those with literals are: the verdicts about these depend on the component, too."""
    edited.show(STATEMENT)
    assert "fourth" in edited.show(BROKEN)  # It never was in a component by itself.
    assert "fourth" in edited.show(STATEMENT)
    for _ in range(2):
        assert "fourth" not in edited.show(BROKEN)
        assert "fourth" not in edited.show(OTHER_STATEMENT)


def test_who_expands_the_edited_function_is_read(edited: Edited) -> None:
    edited.show(STATEMENT)
    assert {"tiny", "third"} <= set(edited.show(STATEMENT, IN_TINY))
    assert edited.show(STATEMENT, IN_TINY, IN_SECOND) == ["second"]


def test_who_is_told_something_else_is_read_once(edited: Edited) -> None:
    def told(text: str) -> tuple[str, str]:
        return ("\treturn p // told\n", text)

    assert edited.show(told("\tsink = p\n\treturn p\n")) == ["told", "asks"]
    assert edited.show(told("\treturn nil\n")) == ["told"]
    assert edited.show(told("\treturn \n")) == ["told"]
    assert edited.show(told("\tsink = p\n\treturn nil\n")) == ["told"]


def test_declarations_let_go_of_it(edited: Edited) -> None:
    edited.show(STATEMENT)
    later = ("var sink any\n", "var sink any\n\nvar later *int\n")
    edited.show(STATEMENT, later)
    assert set(edited.show(OTHER_STATEMENT, later)) == {"first", "second", "third", "fourth"}
    gone = (PROGRAM[PROGRAM.index("type T") :], "")
    edited.show(OTHER_STATEMENT, gone)
    edited.show(OTHER_STATEMENT, IN_SECOND)


def test_what_was_solved_longest_ago_goes_first(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_first = PROGRAM.index("// It can be") - PROGRAM.index("func first")
    monkeypatch.setattr(keeping, "MAX_KEPT", of_the_first + 50)
    in_other = ("println(", "print(")
    edited.show(STATEMENT)
    assert set(edited.show(STATEMENT, in_other)) == {"other", "(*T).walk"}
    assert set(edited.show(STATEMENT)) == {"other", "(*T).walk"}
    assert len(edited.show(OTHER_STATEMENT)) > 1


def test_of_a_large_cluster_it_is_kept_before_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGE", 200)
    edited = Edited(tmp_path, monkeypatch)
    edited.show()
    assert edited.show(STATEMENT) == ["first"]
    assert set(edited.show(STATEMENT, ("println(", "print("))) == {"other", "(*T).walk"}

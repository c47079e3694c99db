"""The two laws of an edited workspace.

After any edits the answers are those of a fresh analysis of the same text; and an edit inside one body
analyses that body again, and others only if what they read of it is different.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from goescape.workspace import expanding, reading, solving
from goescape.workspace.memo import Memo
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.edits import Edit, declaration_edits, edits, spacing_edits
from harness.following import VARIABLES, follow, follow_tried, said
from harness.oracle import goroot
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

QUICK = ["container/list/list.go"]
ANY_EDIT = st.one_of(declaration_edits(), edits(), spacing_edits())


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", QUICK)
@settings(max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(drawn=st.lists(edits(), min_size=8, max_size=16))
def test_answers_are_those_of_a_fresh_analysis(name: str, inline: bool, drawn: list[Edit]) -> None:
    follow(goroot() / "src" / name, inline, "", drawn, 1)


@pytest.mark.parametrize("inline", [True, False])
@settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(drawn=st.lists(spacing_edits(), min_size=10, max_size=20))
def test_blanks_and_comments_may_change(
    inline: bool, drawn: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    follow(module(tmp_path_factory.mktemp("p"), DECLARATIONS), inline, "", drawn, 1)


DECLARATIONS = """package p

const size = 4

const (
	first = iota
	second
	third
)

type pair struct {
	a, b *int
}

type shape interface {
	Len() int
	keep(p *int) *int
}

type list struct {
	pair
	next *list
	data [size]int
}

type text string

var sink *int

var table = []shape{&list{}, text("x")}

var total, count = sum(1, 2), third

var lazy = func(p *int) *int { sink = p; return p }

func (l *list) Len() int {
	if l == nil {
		return 0
	}
	return 1 + l.next.Len()
}

func (l *list) keep(p *int) *int {
	l.a = p
	return p
}

func (p pair) swap() pair {
	return pair{p.b, p.a}
}

func (t text) Len() int {
	return len(t)
}

func (t text) keep(p *int) *int {
	return p
}

func init() {
	sink = new(int)
}

func sum(a, b int) int {
	return a + b
}

func small(p *int) *int {
	return p
}

func user() int {
	x := 1
	return *small(&x) + sum(x, size)
}

func other(s shape) *int {
	y := 2
	z := 3
	_ = s.keep(&z)
	return small(&y)
}

func caller() *int {
	l := &list{}
	n := l.swap()
	q := other(l)
	if l.Len() == text("a").Len() {
		return n.a
	}
	return q
}

func choose(k int) []int {
	switch k {
	case first:
		return make([]int, size)
	case second:
		return make([]int, k)
	}
	return nil
}

func each[T any](ts []T, f func(*T)) {
	for i := range ts {
		f(&ts[i])
	}
}

func build() (n int) {
	each([]string{"a", "b"}, func(s *string) { n += len(*s) })
	each(table, func(s *shape) { n += (*s).Len() })
	return n
}

func init() {
	lazy(new(int))
}
"""


@pytest.mark.parametrize("inline", [True, False])
@settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(drawn=st.lists(st.one_of(declaration_edits(), edits()), min_size=8, max_size=16))
def test_declarations_may_change(
    inline: bool, drawn: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    follow(module(tmp_path_factory.mktemp("p"), DECLARATIONS), inline, "", drawn, 1)


@pytest.mark.parametrize("inline", [True, False])
@settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(drawn=st.lists(st.tuples(ANY_EDIT, ANY_EDIT, st.booleans()), min_size=4, max_size=8))
def test_trials_leave_nothing_behind(
    inline: bool, drawn: list[tuple[Edit, Edit, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    follow_tried(module(tmp_path_factory.mktemp("p"), DECLARATIONS), inline, drawn)


def module(folder: Path, text: str) -> Path:
    """A file with this text, in a module of its own."""
    (folder / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = folder / "p.go"
    path.write_text(text)
    return path


IMPORTED = """package p

const Size = 4

var Shared = new(int)

type T struct{ next *T }

func (t *T) Len() int { return 1 }

func Keep(p *int) *int { return p }

type Sized interface{ Len() int }
"""

IMPORTING = """package q

import "example.com/p"

type sized interface{ Len() int }

var array [p.Size]*int

var wanted sized = &p.T{}

func user() *int {
\tx := 1
\tarray[3] = p.Shared
\treturn p.Keep(&x)
}

func other(s sized) int { return s.Len() + small() }

func small() int { return other(&p.T{}) }

type holder struct{ p.Sized }

func both(s p.Sized, h holder) (sized, int) { return s, h.Len() }

func holds() (sized, int) { return both(&p.T{}, holder{&p.T{}}) }
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Keep(p *int) *int { return p }", "Keep(p, q *int) *int { return p }"),
        ("Keep(p *int) *int { return p }", "Keep(p *int) any { return p }"),
        ("Keep(p *int) *int { return p }", "Keep(q *int) *int { return nil }"),
        ("func Keep", "func keep"),
        ("Size = 4", "Size = 2"),
        ("new(int)", "new(string)"),
        (") Len() int { return 1 }", ") Len(int) int { return 1 }"),
        ("func (t *T) Len() int { return 1 }", ""),
        ("Sized interface{ Len() int }", "Sized interface{ Len() int; More(p *int) }"),
        ("Sized interface{ Len() int }", "Sized interface{ Len() string }"),
        ("Sized interface{ Len() int }", "Sized interface{ Len(p *int) int; Len"),
        ("const Size", 'import "fmt"\n\nvar _ = fmt.Sprint\n\nconst Size'),
    ],
)
def test_packages_that_import_the_edited_one_follow(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "q").mkdir()
    path = module(tmp_path, IMPORTED)
    importing = tmp_path / "q" / "q.go"
    importing.write_text(IMPORTING)
    session = Session(VARIABLES)

    def run() -> None:
        first = said(session.check(str(importing))), said(session.check(str(path)))
        new = IMPORTED.replace(before, after).encode()
        session.set_text(str(path), new)
        fresh = Session(VARIABLES)
        fresh.set_text(str(path), new)
        for file in (importing, path):
            assert said(session.check(str(file))) == said(fresh.check(str(file)))
        session.set_text(str(path), IMPORTED.encode())
        assert (said(session.check(str(importing))), said(session.check(str(path)))) == first

    with_deep_stack(run)


RING = """package p

func first(n int) int {
	defer func() { recover() }()
	return second(n)
}

func second(n int) int { return third(n) + 1 }

func third(n int) int { return first(n) + 2 }

func literal(n int) int {
	return func() int { return third(n) }() + 2
}
"""


@pytest.mark.parametrize("call", ["second(n)\n", "third(n) + 1", "first(n) + 2"])
def test_components_may_change(tmp_path: Path, call: str) -> None:
    """Who is judged first does not know the others; so it matters who reaches whom."""
    path = module(tmp_path, RING)
    session = Session(VARIABLES)

    def run() -> None:
        for other in (call, "n\n", call, "(\n", call, "literal(n)\n", call):
            text = RING.replace(call, other).encode()
            session.set_text(str(path), text)
            fresh = Session(VARIABLES)
            fresh.set_text(str(path), text)
            assert said(session.check(str(path))) == said(fresh.check(str(path)))

    with_deep_stack(run)


PROGRAM = """package p

var sink *int

func small(p *int) { _ = p }

func user() { x := 1; small(&x) }

func other() *int { y := 2; return &y }

//go:noinline
func big(p *int) { _ = p }

func caller() { z := 3; big(&z) }
"""


@pytest.mark.parametrize(
    ("before", "after", "again"),
    [
        ("y := 2", "y := 2 + 1", {"other"}),
        ("func small(p *int) { _ = p }", "func small(p *int) { _ = *p }", {"small", "user"}),
        ("func big(p *int) { _ = p }", "func big(p *int) { _ = *p }", {"big"}),
        ("func big(p *int) { _ = p }", "func big(p *int) { sink = p }", {"big", "caller"}),
        ("func big(p *int) { _ = p }", "func big(q *int) { _ = q }", {"big"}),
        ("func big(p *int) { _ = p }", "func big(p *int, _ ...int) { _ = p }", {"big", "caller"}),
        ("var sink *int", "var sink *int\n\nfunc added() {}", {"added"}),
        ("func user() { x := 1; small(&x) }", "", set()),
        ("var sink *int", "var sink *int\n\nvar more = 1", {"init"}),
        ("y := 2;", "y := 2; // two\n\n", set()),
        ("func small(p *int) {", "func small(p  *int)  {\n", set()),
    ],
)
def test_an_edit_analyses_again_what_read_something_different(
    tmp_path: Path, before: str, after: str, again: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.go"
    path.write_text(PROGRAM)
    session = Session(VARIABLES)
    solved: set[str] = set()
    solve = solving.solve

    def spy(memo: Memo, cluster: object, is_told: bool = False) -> None:
        solved.update(e.func.nname.name for e in cluster.entries)  # type: ignore[attr-defined]
        solve(memo, cluster, is_told)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "solve", spy)

    def run() -> None:
        session.check(str(path))
        solved.clear()
        session.set_text(str(path), PROGRAM.replace(before, after).encode())
        session.check(str(path))

    with_deep_stack(run)
    assert solved == again


def test_what_callers_came_to_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that is typed in is broken and whole in turn: its callers are analysed once for each."""
    path = str(tmp_path / "p.go")
    session = Session(VARIABLES)
    solved: set[str] = set()
    solve = solving.solve

    def spy(memo: Memo, cluster: object, is_told: bool = False) -> None:
        solved.update(e.func.nname.name for e in cluster.entries)  # type: ignore[attr-defined]
        solve(memo, cluster, is_told)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "solve", spy)
    whole, keeps = "func big(p *int) { _ = p }", "func big(p *int) { sink = p }"
    broken = "func big(p *int) { _ = q }"
    moved = PROGRAM.replace("func small", "\n\nfunc small")
    other = PROGRAM.replace("z := 3; big(&z)", "z := 4; sink = &z; big(&z)")

    def run() -> None:
        for text, again in (
            (PROGRAM, {"big", "caller", "small", "user", "other", "init"}),
            (PROGRAM.replace(whole, keeps), {"big", "caller"}),
            (PROGRAM, {"big"}),
            (moved.replace(whole, keeps), {"big"}),
            (PROGRAM.replace(whole, broken), {"caller"}),
            (PROGRAM, {"big"}),
            (other, {"caller"}),
            (other.replace(whole, keeps), {"big", "caller"}),
            (other, {"big"}),
        ):
            fresh = Session(VARIABLES)
            fresh.set_text(path, text.encode())
            wanted = said(fresh.check(path))
            solved.clear()
            session.set_text(path, text.encode())
            assert said(session.check(path)) == wanted
            assert solved - {"init"} == again - {"init"}, text

    with_deep_stack(run)


def test_what_did_not_change_is_the_same_object(tmp_path: Path) -> None:
    """So whoever shows findings need not convert again what only moved."""
    path = tmp_path / "p.go"
    path.write_text(PROGRAM)
    session = Session(VARIABLES)

    def run() -> None:
        old = session.check(str(path))
        text = PROGRAM.replace("{ x := 1;", "{\n\tx := 1;").encode()
        session.set_text(str(path), text)
        new = session.check(str(path))
        kept = {p.piece.id for p in old.pieces} & {p.piece.id for p in new.pieces}
        assert len(kept) >= len(new.pieces) - 3
        (before,) = [f for f in old.findings if f.message == "moved to heap: y"]
        (after,) = [f for f in new.findings if f.message == "moved to heap: y"]
        moved = replace(before.place, line=before.place.line + 1)
        moved = replace(moved, start=moved.start + 1, end=moved.end + 1)
        assert after.place == moved

    with_deep_stack(run)


def test_a_function_that_is_solved_twice_says_the_same(tmp_path: Path) -> None:
    """As happens when it is told something else before all is solved: its nodes are new ones then."""
    path = tmp_path / "w.go"
    path.write_text(
        'package w\n\nfunc f(b []byte) bool {\n\tswitch string(b) {\n\tcase "a":\n\t\treturn true\n\t}\n\treturn false\n}\n'
    )

    def run() -> None:
        session = Session(VARIABLES)
        found = session.check(str(path)).findings
        (analysed,) = session.analysed(str(path))
        memo = analysed.program.state(analysed.package).memo
        assert memo is not None and found
        for _ in range(2):
            for cluster in memo._clusters:
                for entry in cluster.entries:
                    reading.read(memo, entry)
                    expanding.expand(memo, entry)
                solving.solve(memo, cluster)
        assert session.check(str(path)).findings == found

    with_deep_stack(run)

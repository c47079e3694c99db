"""Headers of generic functions and methods are followed as others are, in the package and in one that imports it."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from goescape.workspace.uninstantiated import Uninstantiated
from harness.following import VARIABLES, Pair, said

TEXT = """package g

type Shape interface{ Area() int }

type List[T any] struct {
	items []T
	last  *T
}

func (l *List[T]) Push(v T) *List[T] {
	l.items = append(l.items, v)
	l.last = &v
	return l
}

func (l *List[T]) Len() int { return len(l.items) }

func (l List[T]) At(i int) *T { return &l.items[i] }

func (l *List[T]) Area() int { return l.Len() }

func Keep[T any](x T) *T { return &x }

func Alone[S ~[]E, E comparable](s S) *E { return Keep(s[0]) }

type row struct{ l List[int] }

func (r *row) Area() int { return r.l.Len() }

func deep[T any](t T) (int, *T) { return area(&row{}), &t }

func area(s Shape) int { return s.Area() }

func total() int {
	var l List[string]
	l.Push("a").Push("b")
	return *Keep(l.Len()) + area(&l)
}

func opaque[T any](l *List[T]) int { return area(l) + *Alone([]int{l.Len()}) }
"""

USER = """package user

import "m/g"

type wide struct{ g.List[int] }

func (w *wide) Add(i int) int { return w.Push(i).Len() }

var l g.List[string]

func First() *string { f := l.At; return f(0) }

func Shapes() []g.Shape { return []g.Shape{&l, &wide{}} }

func Kept(n int) *int { return g.Keep(n) }
"""

EDITS = {
    "a parameter has another name": ("Push(v T)", "Push(w T)"),
    "one parameter more": ("At(i int)", "At(x9 int, i int)"),
    "half a parameter": ("At(i int)", "At(x9 i int)"),
    "another result": ("At(i int) *T", "At(i int) T"),
    "no type for a result": ("At(i int) *T", "At(i int) *_"),
    "a method that an interface has": ("Area() int { return l", "Area() int8 { return l"),
    "other names of type parameters": ("(l *List[T]) Len", "(l *List[E]) Len"),
    "a receiver that is no pointer": ("(l *List[T]) Len", "(l List[T]) Len"),
    "half a receiver": ("(l *List[T]) Len", "(l *List[T) Len"),
    "one type parameter more": ("Keep[T any](x T)", "Keep[T any, U any](x T)"),
    "another constraint": ("Keep[T any](x T)", "Keep[T comparable](x T)"),
    "a function's parameter": ("Keep[T any](x T)", "Keep[T any](x T, y ...int)"),
    "a function that nobody calls": ("E comparable](s S)", "E comparable](x9 *E, s S)"),
    "one that becomes another": ("E comparable](s S)", "E comparable, F any](s S)"),
    "a body of a method": ("return len(l.items)", "l.last = new(T); return len(l.items)"),
    "one that an interface leads to": ("return l.Len()", "Keep(l); return l.Len()"),
    "a method is gone": ("func (l List[T]) At(i int) *T { return &l.items[i] }\n", ""),
    "a function more": ("func area(s", "func more[T any](l *List[T]) int { return l.Len() }\n\nfunc area(s"),
}  # fmt: skip


@pytest.fixture
def module(tmp_path: Path) -> Path:
    for name, text in (("g", TEXT), ("user", USER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.go").write_text(text)
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.27\n")
    return tmp_path


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_there_and_back(name: str, inline: bool, module: Path) -> None:
    path, user = module / "g" / "g.go", str(module / "user" / "user.go")
    pair = Pair(path, inline, "")
    with_deep_stack(lambda: (pair.following.check(user), pair.fresh.check(user)))
    text = pair.text
    old, new = (part.encode() for part in EDITS[name])
    edited = text.replace(old, new)
    assert edited != text
    for pair.text in (edited, text, edited + b"\nfunc later() *int { return new(int) }\n", text):
        pair.following.set_text(pair.path, pair.text)
        pair.compare()

        def compare() -> None:
            assert said(pair.following.check(user)) == said(pair.fresh.check(user))

        with_deep_stack(compare)


def test_what_is_edited_is_followed(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing starts over for a header or a body, and not all that nobody instantiates is analysed again."""
    path = module / "g" / "g.go"
    session = Session(VARIABLES)
    text = path.read_text()
    analysed: list[int] = []

    def refuse(self: Program, *_: object) -> set[str]:
        raise AssertionError("it starts over")

    refresh = Uninstantiated.refresh

    def counted(self: Uninstantiated) -> None:
        before = dict(self.pieces)
        refresh(self)
        analysed.append(sum(piece is not before.get(obj) for obj, piece in self.pieces.items()))

    def run() -> None:
        session.check(str(path))
        monkeypatch.setattr(Program, "forget_file", refuse)
        monkeypatch.setattr(Program, "start_over", refuse)
        monkeypatch.setattr(Uninstantiated, "refresh", counted)
        for old, new in (
            ("Push(v T)", "Push(v, w T)"),
            ("(s S) *E {", "(s, t S) *E {"),
            ("return l.Len()", "return l.Len() + 1"),
        ):
            session.set_text(str(path), text.replace(old, new).encode())
            session.check(str(path))
            session.set_text(str(path), text.encode())
            session.check(str(path))

    with_deep_stack(run)
    assert analysed and max(analysed) <= 3

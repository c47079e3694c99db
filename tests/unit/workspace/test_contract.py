"""The contract of the function that is named under the cursor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.report.summary import param_words
from goescape.workspace.contract import Contract
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": os.devnull}

LOW = """package low

type Sink interface{ Put(p *int) }

var kept *int

func Keep(p *int, n int) { _ = p }

func Two[T any](p *T) *T { return p }

type List[T any] struct{ at *T }

func (l *List[T]) Push(p *T) { l.at = p }

//go:noescape
func outside(b []byte, f func())

func Index(b []byte, f func()) { outside(b, f) }

type Value int

func (v Value) Get(p *int) {}
"""
TEXT = """package w

import "w/low"

func own(p *int) *int { return p }

type mine struct{}

func (m *mine) add(p *int) {}

func f(s low.Sink) {
	x := 1
	low.Keep(own(&x), 2)
	low.Two(&x)
	s.Put(&x)
	print(x)
	var l low.List[int]
	l.Push(&x)
	low.Value(1).Get(&x)
	new(mine).add(&x)
	var other interface{ Sub(*int) }
	other.Sub(&x)
	error(nil).Error()
	low.Index(nil, nil)
}
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "low").mkdir()
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "low" / "low.go").write_text(LOW)
    (tmp_path / "w.go").write_text(TEXT)
    return Session(VARIABLES)


def contract(session: Session, folder: Path, word: str) -> Contract | None:
    path = str(folder / "w.go")

    def run() -> Contract | None:
        session.check(path)
        return session.contract(path, TEXT.index(word))

    return with_deep_stack(run)


def words(found: Contract | None) -> list[str]:
    assert found is not None and found.function is not None
    return [f"{p.name}: {param_words(p)}" for p in found.function.params]


def test_an_imported_function_tells_what_becomes_of_its_parameters(
    session: Session, tmp_path: Path
) -> None:
    found = contract(session, tmp_path, "Keep(")
    assert words(found) == ["p: stays", "n: holds no pointers"]
    assert found is not None and found.name == "low.Keep" and found.function is not None
    assert (found.function.heap, found.function.cost >= 0, found.function.reason) == (-1, True, "")
    # It is that of the newest text.
    leaking = LOW.replace("_ = p", "kept = p")
    session.set_text(str(tmp_path / "low" / "low.go"), leaking.encode())
    assert words(contract(session, tmp_path, "Keep(")) == [
        "p: leaks to the heap",
        "n: holds no pointers",
    ]


def test_a_function_of_the_package_and_a_generic_one(session: Session, tmp_path: Path) -> None:
    assert words(contract(session, tmp_path, "own(&x)")) == ["p: flows to the first result"]
    assert words(contract(session, tmp_path, "Two(&x)")) == ["p: flows to the first result"]


def test_in_a_half_typed_function_it_is_told_all_the_same(session: Session, tmp_path: Path) -> None:
    path = str(tmp_path / "w.go")
    text = TEXT.replace("print(x)", "print(x) +")

    def run() -> tuple[Contract | None, list[str]]:
        session.set_text(path, text.encode())
        answer = session.check(path)
        found = session.contract(path, text.index("Keep("))
        return found, [f.message for f in answer.findings if f.function == "f"]

    found, said = with_deep_stack(run)
    assert words(found) == ["p: stays", "n: holds no pointers"]
    assert said == []


def test_what_can_hold_no_function_is_not_called(session: Session, tmp_path: Path) -> None:
    """Though it is passed to a function without a body, of which the compiler takes everything."""
    assert words(contract(session, tmp_path, "Index(")) == [
        "b: may be written through",
        "f: may be written through; may be called",
    ]


def test_of_an_interface_method_nothing_is_known(session: Session, tmp_path: Path) -> None:
    found = contract(session, tmp_path, "Put(&x)")
    assert found is not None and found.is_dynamic and found.function is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("own(&x)", "own"), ("Keep(", "low.Keep"), ("Two(&x)", "low.Two"), ("Push(&x)", "(*low.List).Push"),
        ("Get(&x)", "low.Value.Get"), ("add(&x)", "(*mine).add"), ("Put(&x)", "low.Sink.Put"),
        ("Sub(&x)", "interface.Sub"), ("Error()", "error.Error"),
    ],
)  # fmt: skip
def test_a_method_is_named_with_its_receiver(
    session: Session, tmp_path: Path, word: str, name: str
) -> None:
    found = contract(session, tmp_path, word)
    assert found is not None and found.name == name


@pytest.mark.parametrize("word", ["x := 1", "print(x)", "package"])
def test_where_no_function_is_named_there_is_no_contract(
    session: Session, tmp_path: Path, word: str
) -> None:
    assert contract(session, tmp_path, word) is None

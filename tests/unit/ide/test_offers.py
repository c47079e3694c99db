"""Which fixes are proved before they are offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.ide.fixes import Snapshot
from goescape.ide.fixes.edit import apply
from goescape.ide.fixes.offers import EditorOffer, edits_for, offers_for
from goescape.report.finding import Finding
from goescape.typecheck.objects import Func
from goescape.workspace.session import Session
from harness.fixes import ENVIRONMENT, STORE, analysed

TEXT = """package w

func small(n int) int { return n + 1 }

func expands(n int) int { return small(n) * small(n+1) }

//go:noinline
func even(n int) bool { return n == 0 || odd(n-1) }

//go:noinline
func odd(n int) bool { return n != 0 && even(n-1) }

func other(n int) bool { return even(n) }
"""


def test_the_text_that_is_analysed_again() -> None:
    snapshot = analysed(TEXT)
    # A declaration begins at its name.
    declared = [line[5:] for line in TEXT.splitlines() if line.startswith("func ")]
    size = {text.partition("(")[0]: len(text) for text in declared}
    small, expands, together = size["small"], size["expands"], size["even"] + size["odd"]
    assert _again(snapshot, "small") == small + expands
    assert _again(snapshot, "expands") == expands
    assert _again(snapshot, "even") == _again(snapshot, "odd") == together


def _again(snapshot: Snapshot, name: str) -> int:
    obj = snapshot.pkg.scope.lookup(name)
    assert isinstance(obj, Func)
    return snapshot.program.bytes_again(snapshot.package, obj)


@pytest.mark.parametrize("n", (2, 60))
def test_a_proof_that_analyses_much_again_is_made_when_it_is_chosen(n: int, tmp_path: Path) -> None:
    # With the fix, what `show` is given does not leak any more, which matters to all who call it.
    text = 'package w\n\nimport "fmt"\n'
    text += (
        '\n//go:noinline\nfunc show(s, t string) string {\n\treturn fmt.Sprintf("%s %s", s, t)\n}\n'
    )
    for i in range(n):
        said = " + ".join(f"string(rune({i}+n+{j}))" for j in range(8))
        text += f"\nfunc F{i}(n int) string {{\n\treturn show({said}, )\n}}}}\n"
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.27\n")
    path = str(tmp_path / "w.go")
    session = Session(ENVIRONMENT, store=STORE)
    session.set_text(path, text.encode())
    finding = next(f for f in session.check(path).findings if f.is_heap and "show" in f.function)
    (offer,) = _offered(session, finding)
    if n == 2:
        assert offer.edits and "off the heap in go1.27" in offer.title
        return
    assert not offer.edits and "off the heap" not in offer.title
    assert offer.key is not None
    edits = edits_for(session, offer.key[1], lambda: False)
    assert edits is not None
    assert 's + " " + t' in [e.text for e in edits]
    assert _offered(session, finding) == [offer]


CALLED = """package w

import "fmt"

type Point struct{ X, Y int }

//go:noinline
func New(x int) *Point {
	return &Point{x, x}
}

func use() int {
	p := New(1)
	return p.X
}

func say(n int) string { return fmt.Sprintf("%d", n) }

func half() int {
	p := New(2)
	return p.X
}
"""


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, str]:
    """A session in which a file is edited."""
    folder = tmp_path_factory.mktemp("edited")
    (folder / "go.mod").write_text("module w\n\ngo 1.27\n")
    return Session(ENVIRONMENT, store=STORE), str(folder / "w.go")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("return p.X", {"Return", "Say"}),
        ("return p.X +", {"Say"}),  # It is not known what becomes of p.
        ("return p.X + undefined", {"Say"}),
        ("fmt.Println(; return p.X", {"Say"}),
    ],
)
def test_what_half_typed_code_needs_stays(
    broken: str, words: set[str], edited: tuple[Session, str]
) -> None:
    (session, path), (head, tail) = edited, CALLED.rsplit("return p.X", 1)
    text = head + broken + tail
    session.set_text(path, text.encode())
    offered = {
        offer.title.split()[0]: apply(text.encode(), offer.edits).decode()
        for finding in session.check(path).findings
        if finding.is_heap
        for offer in _offered(session, finding)
    }
    assert set(offered) == words
    assert ('"fmt"' in offered["Say"]) == ("fmt.Println" in broken)


def _offered(session: Session, finding: Finding) -> list[EditorOffer]:
    return list(offers_for(session, finding, 64, lambda: False))

"""What is said of an edited text from what an earlier session knew is what its analysis says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from goescape.workspace import relations
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.edits import bodies
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

TEXT = """package w

import "strconv"

var sink any

func leaf(p *int) *int { return p }

func user() *int { x := 1; return leaf(&x) }

func top() { _ = user() }

//go:noinline
func opaque(p *int) { _ = p }

func calls() { y := 2; opaque(&y) }

func generic[T any](t T) *T { return &t }

func uses() *int { return generic(3) }

func holds() *int { return generic(4) }

func even(n int) *int { if n == 0 { return new(int) }; return odd(n - 1) }

func odd(n int) *int { return even(n - 1) }

func asks() *int { return even(5) }

var made = maker()

func maker() *int { return new(int) }

func far() *string { s := strconv.Itoa(7); return &s }
"""


def amended(
    path: Path, texts: Sequence[str], store: Path, inline: bool = True
) -> list[tuple[FileAnswer, FileAnswer]]:
    """For each text, the first answer of a session that was told something by an earlier one, and what
    another session finds out."""

    def run() -> list[tuple[FileAnswer, FileAnswer]]:
        def session(directory: str) -> Session:
            return Session(VARIABLES, Target(inline=inline), directory)

        earlier = session(str(store))
        earlier.check(str(path))
        earlier.close()
        edited, whole = session(str(store)), session("")
        assert edited.check(str(path), recall=True, soon=True).is_recalled
        found = []
        for text in texts:
            answers = []
            for s in (edited, whole):
                s.set_text(str(path), text.encode("utf-8", "surrogateescape"))
                answers.append(s.check(str(path), recall=s is edited, soon=s is edited))
            found.append((answers[0], answers[1]))
        return found

    return with_deep_stack(run)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goescape.workspace.session.AMENDED_SECONDS", 1000.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    root.mkdir()
    (root / "go.mod").write_text("module w\n\ngo 1.24\n")
    (root / "w.go").write_text(TEXT)
    return root / "w.go"


def after(path: Path, old: str, new: str, inline: bool = True) -> tuple[FileAnswer, FileAnswer]:
    """The two answers about `TEXT` with `new` for `old`."""
    assert TEXT.count(old) == 1
    ((first, whole),) = amended(
        path, [TEXT.replace(old, new)], path.parent.parent / "store", inline
    )
    assert set(first.findings) <= set(whole.findings)
    assert set(first.functions) <= set(whole.functions)
    return first, whole


def missing(first: FileAnswer, whole: FileAnswer) -> set[str]:
    """Of which functions something is not said yet."""
    found = {f.function for f in set(whole.findings) - set(first.findings)}
    found |= {f.name for f in set(whole.functions) - set(first.functions)}
    return {name.partition("[")[0] for name in found}


GENERIC = {"generic"}
"""Of that nothing is said."""


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("_ = user()", "_ = user(); _ = new(int)"),
        ("{ _ = p }", "{ sink = p }"),
        ("{ return p }", "{ _ = p; return new(int) }"),
        ("{ return p }", "{ return undefined }"),
        ("{ return p }", "{ return p p }"),
        ("{ return p }", "{ return p /* }"),
        ("{ _ = user()", "{\n\n\n_ = user()"),
        ("s := strconv.Itoa(7)", 's := strconv.Quote("7")'),
        ("y := 2;", "y := 2; z := &y; sink = z;"),
    ],
)
def test_an_edit_is_answered_with_all_that_is_not_generic(
    path: Path, old: str, new: str, inline: bool
) -> None:
    first, whole = after(path, old, new, inline)
    assert first.is_partial and not whole.is_partial
    assert missing(first, whole) <= GENERIC


def test_who_the_edited_function_matters_to_is_looked_at_again(path: Path) -> None:
    first, _ = after(path, "{ _ = p }", "{ sink = p }")
    assert {f.function for f in first.findings if f.subject == "y" and f.is_heap} == {"calls"}


@pytest.mark.parametrize(
    ("old", "new", "unknown"),
    [
        ("return odd(n - 1)", "return nil", {"even", "odd", "asks"}),
        ("func far() *string {", "func far() *string { _ = generic(5);", {"far"}),
        ("return generic(4)", "return new(int)", {"uses"}),
        ("func maker() *int { ", "func maker() *int { _ = made; ", {"maker", "init"}),
        ("_ = user()", "asks()", {"even", "odd", "asks", "top"}),
    ],
)
def test_what_cannot_be_told_is_not_said(path: Path, old: str, new: str, unknown: set[str]) -> None:
    first, whole = after(path, old, new)
    assert first.is_partial
    assert missing(first, whole) <= GENERIC | unknown


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("func leaf(p *int)", "func leaf(q, p *int)"),
        ("var made", "var other = new(int)\n\nvar made"),
        ("return &t }", "return nil }"),
    ],
)
def test_other_edits_wait_for_the_analysis(path: Path, old: str, new: str) -> None:
    first, whole = after(path, old, new)
    assert not first.is_partial
    assert (first.findings, first.functions) == (whole.findings, whole.functions)


def test_a_text_is_answered_once_and_then_wholly(path: Path) -> None:
    text = TEXT.replace("_ = user()", "_ = user(); _ = new(int)")
    (first, _), (second, whole) = amended(path, [text, text], path.parent.parent / "store")
    assert first.is_partial and not second.is_partial
    assert second.findings == whole.findings


def test_damaged_relations_are_nothing() -> None:
    assert relations.decode(b"") is None
    assert relations.decode(b"\x97\x91\xa1f\x90\x90\x90\x90\x80\x80\x90") is None


def keystrokes(text: str, n: int) -> list[str]:
    """`n` texts in which something is being typed into a body."""
    rnd, typed = random.Random(n), "\n\tx9 := new(int)\n\tsink9 = x9"
    raw = text.encode()
    places = [raw.find(b"\n", start) for start, _ in bodies(raw)]
    found = []
    for _ in range(n):
        at, length = (
            rnd.choice(places),
            rnd.choice([1, 4, 12, len("\n\tx9 := new(int)"), len(typed)]),
        )
        found.append((raw[:at] + typed[:length].encode() + raw[at:]).decode())
    return found


@pytest.mark.parametrize(
    "name",
    [
        "sort/sort.go",
        "bufio/bufio.go",
        *(
            pytest.param(name, marks=pytest.mark.std)
            for name in (
                "strings/strings.go",
                "text/template/exec.go",
                "go/parser/parser.go",
                "regexp/regexp.go",
                "math/big/int.go",
                "archive/zip/reader.go",
                "fmt/print.go",
                "net/http/server.go",
            )
        ),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_nothing_is_said_that_the_whole_does_not_say(
    tmp_path: Path, name: str, inline: bool
) -> None:
    path = goroot() / "src" / name
    texts = keystrokes(path.read_text(), 10)
    for first, whole in amended(path, texts, tmp_path, inline):
        assert set(first.findings) <= set(whole.findings)
        assert set(first.functions) <= set(whole.functions)

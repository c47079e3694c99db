"""What is said before imports are known is said in the end as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

TEXT = """package w

import (
\t"os"
\t"strconv"
\t"strings"
)

func early() *int { x := 1; return &x }

func late() *string { x := strings.ToUpper("a"); return &x }

func numbers() *string { x := strconv.Itoa(1); return &x }

func calls() *string { _ = early(); return late() }

func generic[T any]() *T { return new(T) }

func uses() *int { return generic[int]() }

func variable() error { return os.ErrExist }
"""


def opened(
    path: Path, monkeypatch: pytest.MonkeyPatch, inline: bool
) -> tuple[FileAnswer, FileAnswer]:
    """The first answer and the whole one, of a session that takes its time for the first."""
    monkeypatch.setattr("goescape.workspace.session.SOON_SECONDS", 1000.0)
    monkeypatch.setattr("goescape.workspace.beforehand.MUCH_BYTES", 0)

    def run() -> tuple[FileAnswer, FileAnswer]:
        session = Session(VARIABLES, Target(inline=inline))
        return session.check(str(path), soon=True), session.check(str(path), soon=True)

    return with_deep_stack(run)


@pytest.mark.parametrize("inline", [True, False])
def test_what_depends_on_an_unknown_callee_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: bool
) -> None:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_text(TEXT)
    first, whole = opened(tmp_path / "w.go", monkeypatch, inline)
    assert first.is_partial and not whole.is_partial
    # What has no pointers is not leaked, whatever is done with it.
    assert {f.function for f in first.findings} == {"early", "numbers"}
    assert {f.function for f in whole.findings} >= {"early", "late"}
    assert set(first.findings) <= set(whole.findings)


def test_a_long_package_has_a_first_answer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_text("package w\n\nfunc f() *int { x := 1; return &x }\n")
    monkeypatch.setattr("goescape.workspace.session.LONG_BYTES", 0)
    session = Session(VARIABLES, Target())
    answers = [session.check(str(tmp_path / "w.go"), soon=True) for _ in range(2)]
    assert [answer.is_partial for answer in answers] == [True, False]
    assert answers[0].findings == answers[1].findings != ()


@pytest.mark.parametrize(
    "name",
    [
        "container/list/list.go",
        "sort/sort.go",
        "bufio/bufio.go",
        *(
            pytest.param(name, marks=pytest.mark.std)
            for name in (
                "strings/strings.go",
                "text/template/exec.go",
                "go/parser/parser.go",
                "net/url/url.go",
                "regexp/regexp.go",
                "math/big/int.go",
                "archive/zip/reader.go",
                "fmt/print.go",
            )
        ),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_nothing_is_said_that_the_whole_does_not_say(
    monkeypatch: pytest.MonkeyPatch, name: str, inline: bool
) -> None:
    first, whole = opened(goroot() / "src" / name, monkeypatch, inline)
    assert first.is_partial and first.findings
    assert set(first.findings) <= set(whole.findings)


def test_a_package_with_wrong_syntax_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_text(TEXT + "\nfunc broken( {\n")
    first, whole = opened(tmp_path / "w.go", monkeypatch, True)
    assert first.is_partial and not first.findings
    assert whole.findings and whole.problems

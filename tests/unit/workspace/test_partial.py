"""Of a file that is very long the beginning is analysed, and of that nothing but the truth is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax.parse import parse_file
from goescape.workspace.parallel import CheckRequest, check
from goescape.workspace.result import PackageResult
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

LONG = """package p

import "strings"

var kept []*int

type T struct{ next *T }

func first(p *int) *int { x := 1; kept = append(kept, &x); return p }

func (t *T) second() *T { return &T{next: t} }

func third(p *int) *int { return first(p) }

func early(p *int) *int { return late(p) }

func earlier(p *int) *int { return early(p) }

func method(t *T) *T { return t.late() }

func id[P any](p P) *P { return &p }

func instance() *int { return id(strings.Count("a", "b")) }

func ring(p *int, n int) *int { if n == 0 { return back(p, n) }; return p }

func back(p *int, n int) *int { return ring(p, n - 1) }
// here
func late(p *int) *int { q := new(int); kept = append(kept, p); return q }

func (t *T) late() *T { return t.second() }

func nonsense() { undefined() }

var v = func() *int { return new(int) }()
"""


def result(folder: Path, inline: bool, whole: bool) -> PackageResult:
    request = CheckRequest(
        (".",), str(folder), findings=True, inline=inline, whole=whole, environment=VARIABLES
    )
    (found,) = check(request, 1)
    return found


def write(folder: Path, text: str) -> None:
    folder.joinpath("go.mod").write_text("module w\n\ngo 1.24\n")
    folder.joinpath("w.go").write_text(text)


@pytest.mark.parametrize("inline", [False, True], ids=["-l", "inlining"])
def test_what_is_said_of_the_beginning_is_what_the_whole_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inline: bool
) -> None:
    sound = LONG.replace("func nonsense() { undefined() }\n", "")
    write(tmp_path, sound)
    whole = result(tmp_path, inline, True)
    assert (whole.problems, whole.notes) == ((), ())
    monkeypatch.setattr("goescape.workspace.partial.LIMIT", 10_000)
    assert result(tmp_path, inline, False) == whole

    limit(monkeypatch, sound)
    part = result(tmp_path, inline, False)
    assert part.problems == ()
    assert set(part.lines) < set(whole.lines)
    assert set(part.findings) < set(whole.findings)
    names = {f.function for f in part.findings}
    assert {"first", "(*T).second", "third", "ring", "back"} <= names
    assert not names & {"early", "earlier", "method", "late", "(*T).late", "init"}
    assert inline or any(f.instance for f in part.findings)
    assert part.notes == (
        "6 of 12 functions were analysed, and no variables: w.go is very long (--whole analyses everything)",
    )


def test_what_stands_beyond_the_limit_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, LONG)
    limit(monkeypatch, LONG)
    assert result(tmp_path, True, False).problems == ()
    assert len(result(tmp_path, True, True).problems) == 1


def limit(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let the file be very long, and its beginning what is analysed."""
    begin = text[: text.index("// here")].encode()
    weight = parse_file(SourceFile("w.go", begin), Positions()).weight
    monkeypatch.setattr("goescape.workspace.partial.LIMIT", weight)
    monkeypatch.setattr("goescape.workspace.partial.PART", weight)

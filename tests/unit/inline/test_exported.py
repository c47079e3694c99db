"""What is expanded in generic code of packages that are not imported here: go1.27.3 prints the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.inline.exported import Inlining
from goescape.workspace.parallel import CheckRequest, check
from harness import oracle

FILES = {
    "go.mod": "module ex\n\ngo 1.24\n",
    "low/low.go": """package low

func Cheap(p *int) *int { return p }

type Lock struct{ n int }

func (l *Lock) Take() { l.n++ }
""",
    "gen/gen.go": """package gen

import "ex/low"

type Box[T any] struct {
	lock low.Lock
	val  T
}

func (b *Box[T]) Get(p *int) *int { b.lock.Take(); return low.Cheap(p) }
""",
    "mid/mid.go": """package mid

import "ex/gen"

type Shared struct{ box gen.Box[int] }

//go:noinline
func (s *Shared) Get(p *int) *int { return s.box.Get(p) }
""",
    "hid/hid.go": """package hid

import "ex/low"

type Own struct{ lock low.Lock }

//go:noinline
func (o *Own) Use(p *int) *int { o.lock.Take(); return low.Cheap(p) }
""",
    "main.go": "package main\n\nfunc main() {}\n",
    "default.pgo": "no profile",
}
TOP = 'package top\n\nimport (\n\t"ex/gen"\n\t_ "ex/{}"\n)\n\nvar Box gen.Box[string]\n'


def request(folder: Path, pattern: str, inline: bool = True, flags: str = "") -> CheckRequest:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    environment = oracle.environment(oracle.Target()) | {"GOFLAGS": flags}
    return CheckRequest((pattern,), str(folder), inline=inline, environment=environment)


@pytest.mark.parametrize(
    ("imported", "expanded"),
    [
        ("gen", []),  # Nobody expands anything there.
        ("mid", []),  # Neither there: mid cannot see these bodies itself.
        ("hid", ["low.(*Lock).Take"]),  # Expands both; its exported types lead to one.
    ],
)
def test_an_import_brings_along_what_it_expands_and_exports(
    tmp_path: Path, imported: str, expanded: list[str]
) -> None:
    asked = request(tmp_path, "./top")
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "top.go").write_text(TOP.format(imported))
    (result,) = check(asked, 1)
    calls = [text for *_, text in result.lines if text.startswith("inlining call to low.")]
    assert sorted(set(calls)) == [f"inlining call to {name}" for name in expanded]


def test_what_is_kept_of_a_package_comes_back_the_same() -> None:
    for value in (
        Inlining(),
        Inlining(frozenset({"F"})),
        Inlining(frozenset(), frozenset({"a/b.F"})),
        Inlining(frozenset({"F", "(*T).M"}), frozenset({"a/b.F", "a.(*T).M"})),
    ):
        assert Inlining.decode(value.encode()) == value


@pytest.mark.parametrize(
    ("inline", "flags", "said"),
    [
        (True, "", ["default.pgo"]),
        (False, "", []),
        (True, "-pgo=off", []),
        (True, "-pgo=/tmp/my.pprof", ["my.pprof"]),
        (True, "-pgo=off -race -overlay=o.json", ["-overlay", "-race"]),
        (True, "-pgo=off -race=0 -v", []),
    ],
)
def test_what_go_would_do_and_is_not_modelled_is_told(
    tmp_path: Path, inline: bool, flags: str, said: list[str]
) -> None:
    (result,) = check(request(tmp_path, ".", inline, flags), 1)
    assert not result.problems
    assert [note.partition(" ")[0] for note in result.notes] == said

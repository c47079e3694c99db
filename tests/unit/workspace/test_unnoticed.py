"""Files are written while nobody tells: what was learned from the old texts is not kept under the new ones,
and is found out again as soon as the disk is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

KEEP = "package low\n\nvar sink *int\n\n//go:noinline\nfunc Keep(p *int) { sink = p }\n"
DROP = KEEP.replace("sink = p", "")
MIDDLE = 'package middle\n\nimport "w/low"\n\nfunc Pass(p *int) { low.Keep(p) }\n'
OTHER = "package other\n\nfunc F() {}\n"
TOP = """package w

import (
\t"w/middle"
\t"w/other"
)

func f() {
\tx := 1
\tmiddle.Pass(&x)
\tother.F()
}
"""
MOVED = ["moved to heap: x"]


@pytest.fixture
def module(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    for name, text in {
        "go.mod": "module w\n\ngo 1.24\n", "low/low.go": KEEP, "middle/middle.go": MIDDLE,
        "other/other.go": OTHER, "w.go": TOP,
    }.items():  # fmt: skip
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text)
    return root


def heap(answer: FileAnswer) -> list[str]:
    return [f.message for f in answer.findings if f.costs]


def in_session(module: Path, work: Callable[[Session, str], None]) -> None:
    """Do `work` in a session of its own, with the store beside the module and w.go open."""

    def run() -> None:
        session = Session(VARIABLES, store=str(module.parent / "store"))
        session.set_text(str(module / "w.go"), (module / "w.go").read_bytes())
        work(session, str(module / "w.go"))
        session.close()

    with_deep_stack(run)


def another(session: Session, path: str) -> None:
    """The next session finds what is so now."""
    assert heap(session.check(path, recall=True)) == []


def test_what_rests_on_an_older_text_is_not_kept(module: Path) -> None:
    def first(session: Session, path: str) -> None:
        assert heap(session.check(path)) == MOVED
        (module / "low/low.go").write_text(DROP)
        # Of several files that were written one is told of, and what imports it is found out anew.
        (module / "other/other.go").write_text(OTHER.replace("{}", "{ println() }"))
        session.changed_on_disk(str(module / "other/other.go"))
        assert heap(session.check(path)) == MOVED

    in_session(module, first)
    in_session(module, another)


def test_nor_when_modules_change_at_the_same_time(module: Path) -> None:
    def first(session: Session, path: str) -> None:
        session.check(path)
        (module / "low/low.go").write_text(DROP)
        session.changed_on_disk(str(module / "go.mod"))
        assert heap(session.check(path)) == []

    in_session(module, first)
    in_session(module, another)


def test_the_disk_is_looked_at_before_anything_is_kept(module: Path) -> None:
    def work(session: Session, path: str) -> None:
        session.check(path)
        assert not session.flush()
        (module / "low/low.go").write_text(DROP)
        assert session.flush()
        assert heap(session.check(path)) == []
        assert not session.flush()

    in_session(module, work)


def test_directories_that_go_take_their_packages_along(module: Path) -> None:
    def work(session: Session, path: str) -> None:
        assert heap(session.check(path)) == MOVED
        shutil.rmtree(module / "low")
        session.changed_on_disk(str(module / "low"))
        assert heap(session.check(path)) == []
        (module / "low").mkdir()
        (module / "low/low.go").write_text(KEEP)
        assert session.notice()
        assert heap(session.check(path)) == MOVED
        (module / "low/note.txt").write_text("of no account")
        (module / "low/note.txt").unlink()
        session.changed_on_disk(str(module / "low/note.txt"))
        assert not session.notice()

    in_session(module, work)


def test_modules_that_were_missing_are_found_when_they_come(module: Path) -> None:
    low = module / "low"
    (low / "go.mod").write_text("module w/low\n")
    moved = low.rename(module.parent / "away")
    (module / "go.mod").write_text(
        "module w\n\ngo 1.24\n\nrequire w/low v1.0.0\n\nreplace w/low => ../low\n"
    )

    def work(session: Session, path: str) -> None:
        assert heap(session.check(path)) == []
        moved.rename(module.parent / "low")
        assert session.notice()
        assert heap(session.check(path)) == MOVED

    in_session(module, work)


def test_a_file_that_comes_is_found_whatever_is_typed_meanwhile(module: Path) -> None:
    def work(session: Session, path: str) -> None:
        assert heap(session.check(path)) == MOVED
        (module / "beside.go").write_text("package w\n\nfunc g(p *int) {}\n")
        text = TOP.replace("middle.Pass(&x)", "g(&x)\n\tmiddle.Pass(nil)")
        session.set_text(path, text.encode())
        assert session.check(path).problems
        assert session.notice()
        answer = session.check(path)
        assert heap(answer) == [] and not answer.problems

    in_session(module, work)

"""Other processes learn what imports tell, and what is said is the same as without them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from goescape.workspace.learner import Job, Start
from goescape.workspace.learning import MOST, Learners, _Process
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}
SECONDS = 120

FILES = {
    "go.mod": "module w\n\ngo 1.24\n",
    "deep/deep.go": "package deep\n\nvar sink *int\n\n//go:noinline\nfunc Keep(p *int) { sink = p }\n\n//go:noinline\nfunc Drop(p *int) {}\n",
    "low/low.go": 'package low\n\nimport "w/deep"\n\ntype T struct{ p *int }\n\n//go:noinline\nfunc (t *T) Set(p *int) { deep.Keep(p) }\n\n//go:noinline\nfunc (t T) Get(p *int) { deep.Drop(p) }\n',
    "w.go": """package w

import (
\t"w/deep"
\t"w/low"
)

func needsNothing() *int { x := 1; return &x }

func sets(t *low.T) { y := 2; t.Set(&y) }

func gets(t low.T) { z := 3; t.Get(&z); deep.Drop(&z) }

func calls() { sets(nil); needsNothing() }

func value() func(*int) { return (&low.T{}).Set }
""",
}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("goescape.workspace.beforehand.MUCH_BYTES", 1)
    root = tmp_path / "w"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@contextlib.contextmanager
def opened(module: Path, store: Path | None, learners: int = 1) -> Iterator[Session]:
    session = Session(VARIABLES, store=str(store or ""), roots=[str(module)], learners=learners)
    session.set_text(str(module / "w.go"), FILES["w.go"].encode())
    yield session
    session.close()


def answers(session: Session, path: Path) -> list[FileAnswer]:
    """What is said until all is said."""
    found: list[FileAnswer] = []
    while not found or found[-1].is_partial:
        found.append(with_deep_stack(lambda: session.check(str(path), soon=True)))
    return found


def said(answer: FileAnswer) -> set[tuple[int, str]]:
    return {(f.place.line, f.message) for f in answer.findings}


def learners(session: Session) -> Learners | None:
    return next(iter(session._worlds.values())).program.learners


def wait_until(is_true: object, *args: object) -> None:
    until = time.monotonic() + SECONDS
    while not is_true(*args):  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("n", [1, 2, MOST + 1])
def test_what_is_said_with_learners_is_what_is_said_without(
    module: Path, tmp_path: Path, n: int
) -> None:
    with opened(module, tmp_path / "alone", learners=0) as session:
        expected = answers(session, module / "w.go")[-1]
        assert learners(session) is None
    assert {"moved to heap: x", "moved to heap: y"} <= {m for _, m in said(expected)}
    with opened(module, tmp_path / "helped", n) as session:
        parts = answers(session, module / "w.go")
        helpers = learners(session)
        assert helpers is not None
        wait_until(lambda: not helpers.is_busy)
        program = next(iter(session._worlds.values())).program
        # What was learned came from the store.
        assert not any(state.unsaved for state in program._states.values() if state.memo is None)
        pids = [process.pid for process in helpers._processes]
        assert len(pids) == min(n, MOST)
        session.flush()  # Nothing is asked: they rest.
        wait_until(lambda: all(map(is_gone, pids)))
    assert said(parts[-1]) == said(expected) and parts[-1].functions == expected.functions
    for part in parts:
        assert said(part) <= said(expected)


def test_what_is_known_is_not_learned(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though of some imports nothing is kept, since nobody asks them anything."""
    text = FILES["w.go"].replace('"w/low"\n', '"w/low"\n\t_ "w/none"\n').encode()
    (module / "none").mkdir()
    (module / "none" / "none.go").write_text('package none\n\nimport _ "w/deep"\n')
    monkeypatch.setattr(
        "goescape.workspace.beforehand.MUCH_BYTES", (module / "deep" / "deep.go").stat().st_size
    )
    for is_cold in (True, False):
        with opened(module, tmp_path / "store") as session:
            session.set_text(str(module / "w.go"), text)
            answers(session, module / "w.go")
            assert (learners(session) is not None) is is_cold


def test_an_edit_is_answered_while_imports_are_being_learned(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.learning.Learners._hand_out", lambda _: None)
    path = module / "w.go"
    with opened(module, tmp_path / "store") as session:
        first = with_deep_stack(lambda: session.check(str(path), soon=True))
        second = with_deep_stack(lambda: session.check(str(path), soon=True))
        for answer in (first, second):
            assert answer.is_partial and {m for _, m in said(answer)} & {"moved to heap: x"}
            assert not {m for _, m in said(answer)} & {"moved to heap: y"}
        text = FILES["w.go"].replace("x := 1; return &x", "xx := 1; return &xx")
        session.set_text(str(path), text.encode())
        third = with_deep_stack(lambda: session.check(str(path), soon=True))
        assert third.is_partial and "moved to heap: xx" in {m for _, m in said(third)}
        assert with_deep_stack(lambda: session.contract(str(path), text.index("Set(&y)"))) is None
        helpers = learners(session)
        assert helpers is not None
        pids = [process.pid for process in helpers._processes]
        session.learn_no_more()  # What was not learned is found out here.
        last = with_deep_stack(lambda: session.check(str(path)))
        assert not last.is_partial and "moved to heap: y" in {m for _, m in said(last)}
        wait_until(lambda: all(map(is_gone, pids)))


def test_closing_the_file_ends_what_was_learned_for_it(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.learning.Learners._hand_out", lambda _: None)
    with opened(module, tmp_path / "store") as session:
        with_deep_stack(lambda: session.check(str(module / "w.go"), soon=True))
        helpers = learners(session)
        assert helpers is not None
        pids = [process.pid for process in helpers._processes]
        session.set_text(str(module / "w.go"), None)
        assert learners(session) is None
        wait_until(lambda: pids and all(map(is_gone, pids)))


def test_two_learners_see_first_what_is_asked_for_of_each_package(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Job] = []
    give = _Process.give

    def note(process: _Process, job: Job) -> None:
        given.append(job)
        give(process, job)

    monkeypatch.setattr(_Process, "give", note)
    learn = Learners._learn

    def when_all_rest(learners: Learners, process: _Process) -> bool:
        return all(p.job is None for p in learners._processes) and learn(learners, process)

    monkeypatch.setattr(Learners, "_learn", when_all_rest)
    with opened(module, tmp_path / "store", 2) as session:
        answers(session, module / "w.go")
        looked = {(job.package, f) for job in given if job.looking for f in job.functions}
        learned = [(job.package, f) for job in given if not job.looking for f in job.functions]
    # Of deep, w names Drop; it is low that names Keep, and only whoever looks at low knows.
    assert {("w/low", "(*T).Set"), ("w/deep", "Drop"), ("w/deep", "Keep")} <= looked
    assert sorted(learned) == sorted(looked)


@pytest.mark.parametrize("n", [1, 2])
def test_what_a_learner_was_at_that_is_killed_is_done_by_another(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    given: list[Job] = []
    give = _Process.give

    def give_and_kill(process: _Process, job: Job) -> None:
        given.append(job)
        if len(given) == 1:
            os.kill(process.pid, 9)
        give(process, job)

    monkeypatch.setattr(_Process, "give", give_and_kill)
    with opened(module, tmp_path / "store", n) as session:
        last = answers(session, module / "w.go")[-1]
        assert "moved to heap: y" in {m for _, m in said(last)}
        assert given[0].looking is (n > 1)
        assert any(
            j.looking is given[0].looking and {*given[0].functions} <= {*j.functions}
            for j in given[1:]
        )
        helpers = learners(session)
        assert helpers is not None
        wait_until(lambda: not helpers.is_busy)


def test_when_learners_do_not_start_it_goes_on_without(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.learning.COMMAND", ("/bin/false",))
    with opened(module, tmp_path / "store") as session:
        last = answers(session, module / "w.go")[-1]
        assert "moved to heap: y" in {m for _, m in said(last)}


def test_without_a_store_to_write_to_nobody_learns(module: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    for store in (tmp_path / "store", None):
        with opened(module, store) as session:
            last = answers(session, module / "w.go")[-1]
            assert "moved to heap: y" in {m for _, m in said(last)}
            assert learners(session) is None


def test_a_learner_reads_what_the_server_may_read_and_runs_nothing(
    module: Path, tmp_path: Path
) -> None:
    """Nor is a module of Python found in the directory that it is started in."""
    store = tmp_path / "store"
    store.mkdir()
    for name in ("msgspec", "goescape", "sqlite3", "tempfile"):
        (store / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (module / "go.mod").write_text(FILES["go.mod"] + "require x v0.0.0\nreplace x => ../x\n")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "go.mod").write_text("module x\n\ngo 1.24\n")
    (tmp_path / "x" / "x.go").write_text("package x\n\nfunc F(p *int) {}\n")
    for roots, is_learned in (((str(module),), False), ((str(tmp_path),), True)):
        with opened(tmp_path, store, learners=0) as session:
            answers(session, module / "w.go")
            world = next(iter(session._worlds.values()))
            package = world.loader.package("x")
            start = Start(str(module), VARIABLES, "", "", "", (), "", roots, True, str(store))
            helpers = Learners(1, start, world.program.keys.of, lambda id: 0)
            helpers.want(package, ["F"])  # type: ignore[arg-type]
            while helpers.is_busy:
                helpers.wait(SECONDS)
            helpers.stop()
            found = world.program.store.load_one(world.program.keys.of(package), "F")  # type: ignore[arg-type]
            assert (found is not None) is is_learned
    assert not (tmp_path / "ran").exists()

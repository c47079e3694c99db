"""What an earlier session was told is said again, for exactly the same texts and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.said import Said, decode, encode
from goescape.workspace.session import FileAnswer, Session, Target
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

LOW = "package low\n\nvar sink *int\n\nfunc Keep(p *int) { sink = p }\n"
TOP = """package w

import "w/low"

func f() {
\tx := 1
\tlow.Keep(&x)
\tg[int]()
}

func g[T any]() *T { return new(T) }
"""
BESIDE = "package w\n\nfunc h(p *int) *int { return p }\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    root = tmp_path / "w"
    for name, text in {
        "go.mod": "module w\n\ngo 1.24\n", "low/low.go": LOW, "w.go": TOP, "beside.go": BESIDE,
    }.items():  # fmt: skip
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(text)
    return root


def in_session(
    module: Path, ask: Callable[[Session], FileAnswer], target: Target | None = None
) -> FileAnswer:
    """The answer of a session of its own, with the store beside the module."""

    def run() -> FileAnswer:
        session = Session(VARIABLES, target or Target(), str(module.parent / "store"))
        answer = ask(session)
        session.close()
        return answer

    return with_deep_stack(run)


def opened(module: Path, name: str = "w.go", **texts: str) -> Callable[[Session], FileAnswer]:
    def ask(session: Session) -> FileAnswer:
        for file, text in texts.items():
            session.set_text(str(module / f"{file}.go"), text.encode())
        return session.check(str(module / name), recall=True)

    return ask


def test_the_second_session_says_the_same_at_once(module: Path) -> None:
    first = in_session(module, opened(module, w=TOP))
    assert not first.is_recalled and first.findings and first.functions
    second = in_session(module, opened(module, w=TOP))
    assert second.is_recalled
    assert (second.findings, second.functions) == (first.findings, first.functions)
    beside = in_session(module, opened(module, "beside.go"))
    assert beside.is_recalled and [f.name for f in beside.functions] == ["h"]


def test_what_was_said_of_a_bent_text_is_said_again(module: Path) -> None:
    new = TOP.replace("\tlow.Keep", "\n\t// kept\n\tlow.Keep").replace("() *T {", "()  *T {")

    def ask(session: Session) -> FileAnswer:
        opened(module, w=TOP)(session)
        (module / "w.go").write_text(new)
        return opened(module, w=new)(session)

    bent = in_session(module, ask)
    again = in_session(module, opened(module, w=new))
    shutil.rmtree(module.parent / "store")
    fresh = in_session(module, opened(module, w=new))
    assert again.is_recalled and not fresh.is_recalled
    for answer in (bent, again):
        assert (answer.findings, answer.functions) == (fresh.findings, fresh.functions)


def test_a_package_that_is_known_is_not_recalled(module: Path) -> None:
    in_session(module, opened(module))

    def ask(session: Session) -> FileAnswer:
        path = str(module / "w.go")
        assert session.check(path, recall=True).is_recalled
        whole = session.check(path)
        session.set_text(path, TOP.replace("x := 1", "x := 2").encode())
        session.check(path, recall=True)
        session.set_text(path, TOP.encode())
        again = session.check(path, recall=True)
        assert again.findings == whole.findings
        before = {placed.piece.id for placed in whole.pieces}
        assert before & {placed.piece.id for placed in again.pieces}  # Nobody looks at these again.
        return again

    assert not in_session(module, ask).is_recalled


def test_the_analysis_itself_agrees_with_what_was_recalled(module: Path) -> None:
    in_session(module, opened(module))

    def ask(session: Session) -> FileAnswer:
        path = str(module / "w.go")
        recalled = session.check(path, recall=True)
        fresh = session.check(path)
        assert recalled.is_recalled and not fresh.is_recalled
        assert (recalled.findings, recalled.functions) == (fresh.findings, fresh.functions)
        assert not session.check(path, recall=True).is_recalled
        return fresh

    in_session(module, ask)


@pytest.mark.parametrize(
    "texts",
    [{"w": TOP.replace("x := 1", "x := 2")}, {"beside": BESIDE + "\n"}, {"low/low": LOW + "\n"}],
    ids=["the file", "its package", "an import"],
)
def test_another_text_is_another_question(module: Path, texts: dict[str, str]) -> None:
    in_session(module, opened(module))
    assert not in_session(module, opened(module, **texts)).is_recalled
    # What was never saved is not kept: nobody will open it.
    assert not in_session(module, opened(module, **texts)).is_recalled
    assert in_session(module, opened(module)).is_recalled


def test_so_is_another_target_or_another_place(module: Path) -> None:
    in_session(module, opened(module))
    assert not in_session(module, opened(module), Target(inline=False)).is_recalled
    assert in_session(module, opened(module), Target(inline=False)).is_recalled
    assert not in_session(module, opened(module), Target(goarch="arm64")).is_recalled
    copy = module.parent / "copy"
    shutil.copytree(module, copy)
    assert not in_session(copy, opened(copy)).is_recalled


def test_an_edit_is_answered_with_what_is_true_now(module: Path) -> None:
    in_session(module, opened(module))

    def ask(session: Session) -> FileAnswer:
        low = str(module / "low" / "low.go")
        before = opened(module)(session)
        assert before.is_recalled and any(f.subject == "x" for f in before.findings if f.is_heap)
        session.set_text(low, LOW.replace("sink = p", "_ = p").encode())
        after = opened(module)(session)
        assert not any(f.subject == "x" for f in after.findings if f.is_heap)
        session.set_text(low, None)
        assert opened(module)(session).findings == before.findings
        return after

    in_session(module, ask)


def test_broken_packages_are_remembered_with_their_problems(module: Path) -> None:
    (module / "beside.go").write_text('package w\n\nvar v int = "s"\n')
    first = in_session(module, opened(module))
    second = in_session(module, opened(module))
    assert second.is_recalled and second.problems == first.problems != ()
    assert second.findings == first.findings


@pytest.mark.parametrize("data", [b"", b"\0" * 40, encode(Said((), ()))[:-3]])
def test_damaged_bytes_are_nothing(data: bytes) -> None:
    assert decode(data) is None

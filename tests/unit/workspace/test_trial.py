"""What a trial finds is what is found with its text, but for the explanations, which come when it is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from goescape.report.finding import Finding
from goescape.workspace import solving
from goescape.workspace.entry import Cluster
from goescape.workspace.memo import Memo
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.said import Said
from goescape.workspace.session import Session, Target
from harness.fixes import ENVIRONMENT

PROGRAM = """package p

var sink *int

//go:noinline
func show(p *int) { sink = p }

func callee(p *int) { show(p) }

func caller() {
	x := 1
	callee(&x)
}

func other() {
	y := 2
	sink = &y
}

func even(p *int) bool { return odd(p) }

func odd(p *int) bool { return even(p) }
"""
IN_CALLEE = ("sink = p", "println(*p)")
IN_OTHER = ("sink = &y", "println(y)")


def test_a_trial_finds_what_the_text_has(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")

    def run() -> None:
        session = Session(ENVIRONMENT, Target("linux", "amd64"), "")
        session.set_text(path, PROGRAM.encode())
        before = session.check(path).findings
        (analysed,) = session.analysed(path)
        program, package = analysed.program, analysed.package
        tried = []
        # The second trial finds out what the first one has left, too.
        for edit in (IN_CALLEE, IN_OTHER):
            text = PROGRAM.replace(*edit).encode()
            (said,) = program.trial({path: text}, [package])
            tried.append((text, said.findings))
        after = program.say(package).findings
        assert sorted(after, key=_place) == sorted(before, key=_place)
        assert any(finding.flow for finding in after)
        for text, found in tried:
            session.set_text(path, text)
            now = session.check(path).findings
            assert sorted(map(_brief, found), key=_place) == sorted(map(_brief, now), key=_place)
        session.close()

    with_deep_stack(run)


WITH_IMPORT = PROGRAM.replace("package p\n", 'package p\n\nimport "strconv"\n').replace(
    "\ty := 2\n", "\ty := 2\n\tprintln(strconv.Itoa(y))\n"
)
APART = PROGRAM.replace("return odd(p)", "return p != nil")
WITH_PARAMETER = PROGRAM.replace("func other()", "func other(int)")
OTHER_MEANING = PROGRAM.replace("var sink *int", "var sink any")


@pytest.mark.parametrize(
    ("text", "n_solved"),
    [
        (PROGRAM.replace(*IN_CALLEE), 0),
        (PROGRAM.replace(*IN_OTHER), 0),
        (WITH_IMPORT, 0),
        (APART, 0),
        (WITH_PARAMETER, 0),
        (OTHER_MEANING, 2),  # The same text meant something else meanwhile.
    ],
)
def test_what_was_known_before_a_trial_is_known_behind_it(
    text: str, n_solved: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")
    solved: list[object] = []
    solve = solving.solve

    def spy(memo: Memo, cluster: Cluster, is_told: bool = False) -> None:
        solved.append(cluster)
        solve(memo, cluster, is_told)

    monkeypatch.setattr(solving, "solve", spy)

    def run() -> None:
        session = Session(ENVIRONMENT, Target("linux", "amd64"), "")
        session.set_text(path, PROGRAM.encode())
        session.check(path)
        (analysed,) = session.analysed(path)
        program, package = analysed.program, analysed.package
        before = program.say(package)
        for _ in range(2):
            program.trial({path: text.encode()}, [package])
            solved.clear()
            after = program.say(package)
            assert len(solved) == n_solved
            assert _pieces(after) == _pieces(before) or n_solved
            assert after.findings == before.findings
        session.close()

    with_deep_stack(run)


def _pieces(said: Said) -> list[int]:
    return [placed.piece.id for placed in said.pieces if placed.piece.findings]


def _brief(finding: Finding) -> Finding:
    """What a proof compares."""
    return replace(
        finding, flow=(), reason="", rule="", unknown="", size=-1, size_class=-1, cold=False,
        inlined_from=(),
    )  # fmt: skip


def _place(finding: Finding) -> tuple[int, str]:
    return finding.place.start, finding.message

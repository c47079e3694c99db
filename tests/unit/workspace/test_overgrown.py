"""A function whose calls expand to more than can be analysed is left out, and nobody else is.

Before go1.27 the names of literals in expansions are made of those of all expansions around, so that
they double with each level.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.report.finding import Finding
from goescape.workspace.parallel import CheckRequest, check
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.fuzz import CHAINS, NESTS
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

PACKAGE = 'package p\n\nimport "os"\n\nvar _ = os.ErrExist\n'

USES = """
func uses() *int { x := 1; return pass(&x) }

func pass(p *int) *int { _ = nest; return p }
"""

NOTE = "what has too many flows or calls cannot be analysed, and is left out: nest"


def write(path: Path, depth: int) -> Path:
    path.joinpath("go.mod").write_text("module w\n\ngo 1.24\n")
    file = path / "w.go"
    text = NESTS["called literals with results"](depth).replace("package p\n", PACKAGE)
    file.write_text(text + USES)
    return file


def answers(file: Path, release: str) -> list[FileAnswer]:
    def run() -> list[FileAnswer]:
        session = Session(VARIABLES, Target(go_version=release))
        return [session.check(str(file), soon=True), session.check(str(file))]

    return with_deep_stack(run)


@pytest.mark.parametrize("release", ["1.26", "1.27"])
def test_the_same_is_left_out_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    monkeypatch.setattr("goescape.workspace.beforehand.MUCH_BYTES", 0)
    file = write(tmp_path, 20)
    request = CheckRequest(
        (".",), str(tmp_path), go_version=release, findings=True, inline=True, environment=VARIABLES
    )
    (result,) = check(request, 1)
    assert result.problems == ()
    assert result.notes == ((NOTE,) if release == "1.26" else ())
    found = {f.function.partition(".")[0] for f in result.findings}
    assert found == {"uses", "pass", "after"} | ({"nest"} if release == "1.27" else set())
    early, whole = answers(file, release)
    assert early.is_partial
    assert set(whole.findings) == set(result.findings)
    assert set(early.findings) <= set(result.findings)


def findings(path: Path) -> tuple[set[Finding], tuple[str, ...]]:
    request = CheckRequest((".",), str(path), findings=True, inline=True, environment=VARIABLES)
    (result,) = check(request, 1)
    assert result.problems == ()
    return set(result.findings), result.notes


def test_a_long_ring_of_calls_is_left_out_with_who_calls_it_until_it_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.inline.inlinable.MAX_RING", 20)
    tmp_path.joinpath("go.mod").write_text("module w\n\ngo 1.24\n")
    file = tmp_path / "w.go"
    ring = CHAINS["functions calling in a ring"](30)
    ring += "\nfunc uses() *int { x := 1; return f7(&x) }\n"
    broken = ring.replace("return f9(p)", "return p")
    assert broken != ring
    file.write_text(ring)
    closed, notes = findings(tmp_path)
    assert {f.function for f in closed} == {"after"}
    assert notes[0].endswith(" and 11 more")

    def run() -> list[FileAnswer]:
        session = Session(VARIABLES, Target(go_version="1.27"))
        answers = [session.check(str(file))]
        for text in (broken, ring):
            session.set_text(str(file), text.encode())
            answers.append(session.check(str(file)))
        return answers

    first, second, third = with_deep_stack(run)
    assert set(first.findings) == set(third.findings) == closed
    withheld = {f.name for f in first.functions if f.withheld}
    assert withheld == {f.name for f in third.functions if f.withheld}
    assert len(withheld) == 31 and "uses" in withheld and "after" not in withheld
    assert not any(f.withheld for f in second.functions)
    file.write_text(broken)
    opened, notes = findings(tmp_path)
    assert notes == ()
    assert {"uses", "f0", "f29"} <= {f.function for f in opened}
    assert set(second.findings) == opened


def test_in_each_function_of_a_ring_all_of_it_is_expanded(tmp_path: Path) -> None:
    # As in the tests of package runtime, where 23 functions call each other.
    n = 23
    tmp_path.joinpath("go.mod").write_text("module w\n\ngo 1.24\n")
    tmp_path.joinpath("w.go").write_text(CHAINS["functions calling in a ring"](n))
    request = CheckRequest((".",), str(tmp_path), inline=True, environment=VARIABLES)
    (result,) = check(request, 1)
    assert result.notes == ()
    expanded = [line for line in result.printed(str(tmp_path)) if "inlining call to f" in line]
    assert (
        len(set(expanded)) == n * n
    )  # What the compiler prints: the last one calls the first again.

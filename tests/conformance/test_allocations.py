"""What is said of allocations at run time, measured: the program in `fixtures/allocations` counts them.

Each of its functions is called with something that fits and something just too large; what the
finding of its marked line says must be what happens. What go1.27.3 counts lies beside the program
(`go1.27.3.txt`); running this file as a script counts again.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from goescape.report.finding import Finding
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from harness.oracle import Target, environment, goroot, scratch

DIRECTORY = Path(__file__).parents[1] / "fixtures" / "allocations"
RECORD = DIRECTORY / "go1.27.3.txt"
_CASE = re.compile(r"^func (\w+)\([^{}]*\{\n(?:[^}].*\n)*?.*// HERE", re.MULTILINE)


def marked() -> dict[str, int]:
    """The line of each function that is looked at."""
    text = (DIRECTORY / "cases" / "cases.go").read_text()
    return {m[1]: text.count("\n", 0, m.end()) + 1 for m in _CASE.finditer(text)}


def measure() -> str:
    """What the program prints: for each function the allocations of both calls."""
    binary = scratch() / f"allocations-{os.getpid()}"
    go = str(goroot() / "bin" / "go")
    try:
        subprocess.run(
            [go, "build", "-o", str(binary), "."], cwd=DIRECTORY, env=environment(Target()), check=True
        )  # fmt: skip
        done = subprocess.run([str(binary)], capture_output=True, text=True, check=True)
    finally:
        binary.unlink(missing_ok=True)
    return done.stderr


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[bool, bool]]:
    """Whether each function allocates, called with what fits and with what is too large."""
    rows = [line.split() for line in RECORD.read_text().splitlines()]
    return {name: (small != "0", large != "0") for name, small, large in rows}


def found(go_version: str = "") -> dict[str, list[Finding]]:
    """What is said about each function's line, by the rules of a release."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    request = CheckRequest(
        ("./cases",), str(DIRECTORY), goos="linux", goarch="amd64", findings=True, inline=True,
        go_version=go_version, environment=env | {"GOROOT": str(goroot()), "GOFLAGS": ""},
    )  # fmt: skip
    program = Program.from_request(request)
    (package,) = program.load(request)
    result = program.check(package)
    assert not result.problems
    return {
        name: [
            f for f in result.findings
            if f.place.line == line and f.code in ("stays", "escapes", "moved")
        ]
        for name, line in marked().items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def findings() -> dict[str, list[Finding]]:
    return found()


def expected(f: Finding) -> tuple[bool, bool]:
    """What a finding claims: whether small things, and large ones, are allocated."""
    if f.allocates is None:
        return f.is_heap, f.is_heap
    return {
        "always": (True, True),
        "size": (False, True),
        "growth": (False, True),
        "value": (False, True),
        "never": (False, False),
    }[f.allocates.when]


@pytest.mark.parametrize("name", marked())
def test_what_is_said_is_what_happens(
    name: str, measured: dict[str, tuple[bool, bool]], findings: dict[str, list[Finding]]
) -> None:
    assert findings[name], "nothing is said about this line"
    claims = [expected(f) for f in findings[name]]
    small, large = any(c[0] for c in claims), any(c[1] for c in claims)
    assert measured[name] == (small, large), [(f.message, f.allocates) for f in findings[name]]


def test_older_releases_allocate_more() -> None:
    """What go1.24.11 counts for the same constructs: 1 for each of these."""
    older = found("1.24")
    for name in ("makeInts", "makeCapacity", "boxedConstantPair", "boxedPairVariable"):
        assert [expected(f) for f in older[name]] == [(True, True)]
    assert [expected(f) for f in older["boxedConstant"]] == [(False, False)]


def test_every_case_is_measured(measured: dict[str, tuple[bool, bool]]) -> None:
    assert set(measured) == set(marked())


@pytest.mark.std
def test_the_record_is_what_the_program_counts() -> None:
    assert measure() == RECORD.read_text()


if __name__ == "__main__":
    RECORD.write_text(measure())

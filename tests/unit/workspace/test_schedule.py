"""The order in which packages are handed out, and what is told of a request."""

from __future__ import annotations

from pathlib import Path

from goescape.load import LoadedPackage
from goescape.workspace.parallel import CheckRequest, Schedule, check
from harness.oracle import goroot


def package(path: str, *imports: str) -> LoadedPackage:
    return LoadedPackage(path, path, path, "/" + path, imports={i: i for i in imports})


def test_imports_come_first_and_nothing_waits_for_what_is_not_asked_for() -> None:
    top, low, other = package("top", "low", "fmt"), package("low"), package("other")
    schedule = Schedule([top, low, other])
    first, second = schedule.next(), schedule.next()
    assert {p.id for p in (first, second) if p} == {"low", "other"}
    assert schedule.next() is None
    schedule.done(low)
    assert schedule.next() is top
    assert schedule.next() is None


def test_a_cycle_does_not_stop_everything() -> None:
    a, b = package("a", "b"), package("b", "a")
    schedule = Schedule([a, b])
    first = schedule.next()
    assert first is not None
    schedule.done(first)
    second = schedule.next()
    assert {first.id, second.id if second else ""} == {"a", "b"}


def test_what_is_wrong_with_imports_is_told(tmp_path: Path) -> None:
    for name, text in {
        "go.mod": "module w\n\ngo 1.24\n", "w.go": 'package w\n\nimport "w/low"\n\nvar X = low.X\n',
        "low/low.go": 'package low\n\nimport _ "gone.example/x"\n\nvar X int\n',
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    variables = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

    def told(*patterns: str) -> list[str]:
        request = CheckRequest(patterns, str(tmp_path), environment=variables)
        said: list[str] = []
        for _ in check(request, 1, warn=said.append):
            pass
        return said

    (warning,) = told(".")
    assert warning.startswith(f"w/low: {tmp_path}/low/low.go:3:8: no required module provides")
    assert told("./low") == told("./...") == []  # There it is a problem of the package itself.

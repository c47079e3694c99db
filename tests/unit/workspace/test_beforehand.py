"""What packages need of their imports is learned before they are checked, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.beforehand import learn_imports
from goescape.workspace.parallel import CheckRequest, check
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.result import PackageResult
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

FILES = {
    "go.mod": "module w\n\ngo 1.24\n",
    "deep/deep.go": "package deep\n\nvar sink *int\n\n//go:noinline\nfunc Keep(p *int) { sink = p }\n\n//go:noinline\nfunc Drop(p *int) {}\n",
    "low/low.go": 'package low\n\nimport "w/deep"\n\n//go:noinline\nfunc Set(p *int) { deep.Keep(p) }\n\n//go:noinline\nfunc Get(p *int) { deep.Drop(p) }\n',
    "w.go": 'package w\n\nimport "w/low"\n\nfunc sets() { x := 1; low.Set(&x) }\n\nfunc gets() { y := 2; low.Get(&y) }\n',
    "top/top.go": 'package top\n\nimport "w/low"\n\nfunc sets() { z := 3; low.Set(&z) }\n',
}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("goescape.workspace.beforehand.MUCH_BYTES", 1)
    root = tmp_path / "w"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def request(module: Path, *patterns: str, store: str = "", inline: bool = True) -> CheckRequest:
    return CheckRequest(patterns, str(module), inline=inline, environment=VARIABLES, store=store)


def kept(module: Path, store: Path, asked: CheckRequest) -> dict[str, set[str]]:
    """The functions of which the store knows tags, by package."""
    program = Program.from_request(asked)
    found = {}
    for package in program.loader.closure(program.load(asked)):
        found[package.id] = set(program.store.load(program.keys.of(package)))
    program.close()
    return {id: names for id, names in found.items() if names}


def learned(module: Path, *patterns: str) -> dict[str, set[str]]:
    """What is in an empty store after `learn_imports` with two processes."""
    store = module.parent / "store"
    asked = request(module, *patterns, store=str(store))
    program = Program.from_request(asked)
    packages = program.load(asked)
    with_deep_stack(lambda: learn_imports(program, asked, packages, 2))
    assert program.learners is None
    program.store.close()
    return kept(module, store, asked)


def test_what_bodies_name_is_learned_with_what_that_needs(module: Path) -> None:
    assert learned(module, ".") == {"w/low": {"Set", "Get"}, "w/deep": {"Keep", "Drop"}}


def test_what_is_asked_for_is_left_to_its_check(module: Path) -> None:
    assert learned(module, "./...") == {}


def test_nothing_is_learned_where_little_is_unknown(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.beforehand.MUCH_BYTES", 1_000_000)
    assert learned(module, ".") == {}


@pytest.mark.parametrize(
    ("patterns", "inline", "keeps"),
    [
        ((".",), True, True),
        ((".",), False, False),
        ((".", "./top"), True, False),
        (("./...",), True, True),
    ],
)
def test_several_processes_say_what_one_does(
    module: Path, patterns: tuple[str, ...], inline: bool, keeps: bool
) -> None:
    def said(jobs: int) -> list[PackageResult]:
        store = str(module.parent / f"store{jobs}") if keeps else ""
        asked = request(module, *patterns, store=store, inline=inline)
        return sorted(check(asked, jobs), key=lambda result: result.index)

    one = said(1)
    assert said(2) == one
    assert any("moved to heap: x" in str(line) for result in one for line in result.lines)
    assert not any("moved to heap: y" in str(line) for result in one for line in result.lines)


def test_code_that_does_not_compile_is_reported_as_ever(module: Path) -> None:
    (module / "w.go").write_text(FILES["w.go"].replace("y := 2", "y := "))
    for jobs in (1, 2):
        (result,) = check(request(module, "."), jobs)
        assert [p.msg for p in result.problems] == ["syntax error: unexpected semicolon, expected expression"]  # fmt: skip


@pytest.mark.parametrize("error", [RecursionError, ValueError])
def test_what_goes_wrong_beforehand_is_left_to_the_check(
    module: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    (expected,) = check(request(module, "."), 1)

    def fail(questions: object, at_once: bool = False) -> None:
        raise error

    monkeypatch.setattr("goescape.workspace.beforehand.Questions.ahead", fail)
    assert list(check(request(module, "."), 2)) == [expected]

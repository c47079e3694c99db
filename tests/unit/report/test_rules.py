"""The rules' pages: complete, and true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.report import rule
from goescape.report.finding import CODES
from goescape.report.rules import names, page, path, rule_of
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.result import PackageResult
from harness.oracle import build, goroot

WITHOUT_EXAMPLE = {"forbidden"}
"""Rules of the runtime alone."""


def written(name: str, directory: Path) -> None:
    """The example of a page as a package in a directory of its own."""
    found = page(name)
    assert found is not None
    directory.mkdir(exist_ok=True)
    (directory / "go.mod").write_text("module p\n\ngo 1.24\n")
    (directory / "p.go").write_text(found.example)
    (directory / "p.s").write_text("")  # Bodies may be elsewhere.


def checked(name: str, directory: Path) -> PackageResult:
    written(name, directory)
    found = page(name)
    assert found is not None
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    request = CheckRequest(
        (".",), str(directory), goos="linux", goarch="amd64", findings=True, inline=True,
        go_version=found.release.removeprefix("go"),
        environment=env | {"GOROOT": str(goroot()), "GOFLAGS": "", "CGO_ENABLED": "0"},
    )  # fmt: skip
    program = Program.from_request(request)
    (package,) = program.load(request)
    result = program.check(package)
    assert not result.problems, result.problems
    return result


def test_every_code_and_rule_has_a_page() -> None:
    by_place = {
        "outlives-loop", "held-by-heap", "map-entry", "package-variable", "returned", "appended",
        "assigned-through-pointer", "leaking-argument", "unknown-call", "goroutine",
        "deferred-in-loop", "string-buffer", "no-body",
    }  # fmt: skip
    rules = set().union(
        CODES, rule.BY_REASON.values(), rule.BY_OPERATION.values(), rule.BY_NOTE.values(),
        rule.BY_CALL.values(), by_place,
    )  # fmt: skip
    assert set(names()) == rules


@pytest.mark.parametrize("name", names())
def test_a_page_says_what_to_do_and_when_not_to(name: str) -> None:
    found = page(name)
    assert found is not None
    assert found.text.startswith(f"# {name}\n\n{found.summary}\n")
    assert found.summary.endswith(".") and len(found.summary) < 120
    assert "**What to do.** " in found.text and "**When to leave it.** " in found.text
    assert Path(path(name)).read_text() == found.text


@pytest.mark.parametrize("name", sorted(set(names()) - WITHOUT_EXAMPLE))
def test_an_example_yields_what_its_page_is_about(name: str, tmp_path: Path) -> None:
    found = page(name)
    assert found is not None and found.messages
    result = checked(name, tmp_path)
    assert set(found.messages) <= set(result.printed(str(tmp_path)))
    said = {message.split(": ", 1)[1] for message in found.messages}
    about = [f for f in result.findings if f.message in said]
    if name != "ignore":
        assert name in {key for f in about for key in (rule_of(f), f.kind, f.code)}


@pytest.mark.std
@pytest.mark.parametrize("name", sorted(set(names()) - WITHOUT_EXAMPLE))
def test_the_compiler_says_what_a_page_quotes(name: str, tmp_path: Path) -> None:
    found = page(name)
    assert found is not None
    if not found.release:
        written(name, tmp_path)
        assert set(found.messages) <= set(build(["."], tmp_path, "-m", keep=False).splitlines())


def test_there_is_no_page_of_what_is_no_rule() -> None:
    assert page("../finding") is None and path("../finding") == ""

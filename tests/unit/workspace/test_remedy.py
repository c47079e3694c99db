"""Which call would have to be inlined for a value to stay on the stack, proved by inlining it."""

from __future__ import annotations

import os

import pytest
from goescape.report.finding import Finding, InlineRemedy
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.remedy import Remedies
from harness.escape import FIXTURES
from harness.oracle import goroot

SOURCE = (FIXTURES / "remedies" / "remedies.go").read_text()


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Finding, InlineRemedy | None]]:
    """The remedy for the one heap allocation of each function that has one, asked twice."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    environment |= {"GOROOT": str(goroot()), "GOFLAGS": "", "CGO_ENABLED": "0"}
    request = CheckRequest(
        ("./remedies",), str(FIXTURES), findings=True, inline=True, environment=environment
    )
    program = Program.from_request(request)
    (package,) = program.load(request)
    result = program.check(package)
    remedies = Remedies(program, package)
    found = {f.function: (f, remedies.of(f)) for f in result.findings if f.is_heap}
    # A question changes nothing: not the answers to others, nor what a check says.
    again = {f.function: (f, remedies.of(f)) for f in reversed(result.findings) if f.is_heap}
    assert again == found
    assert program.check(package) == result
    return found


def called(remedy: InlineRemedy) -> str:
    return SOURCE[remedy.call.start : remedy.call.end]


def test_a_parameter_that_is_called(
    answers: dict[str, tuple[Finding, InlineRemedy | None]],
) -> None:
    finding, remedy = answers["passed"]
    assert finding.message == "moved to heap: n" and remedy is not None
    assert (remedy.callee, remedy.cost, remedy.budget) == ("visit", -1, 80)
    assert remedy.reason == "marked go:noinline"
    assert called(remedy).startswith("visit(&n, ")


def test_a_constructor_that_costs_too_much(
    answers: dict[str, tuple[Finding, InlineRemedy | None]],
) -> None:
    finding, remedy = answers["costly"]
    assert finding.message == "&node{...} escapes to heap" and remedy is not None
    assert called(remedy) == "costly(3, 4)"
    assert remedy.cost > remedy.budget == 80
    assert remedy.reason == f"function too complex: cost {remedy.cost} exceeds budget 80"
    assert remedy.text == (
        "it would stay on the stack if the call of costly were inlined, which it is not: "
        + remedy.reason
    )


def test_a_callee_that_can_never_be_inlined(
    answers: dict[str, tuple[Finding, InlineRemedy | None]],
) -> None:
    _, remedy = answers["withDefer"]
    assert remedy is not None and (remedy.callee, remedy.cost) == ("deferred", -1)
    assert remedy.reason == "unhandled op DEFER"


@pytest.mark.parametrize("function", ["lost", "twice", "dynamic"])
def test_no_one_call_is_to_blame(
    answers: dict[str, tuple[Finding, InlineRemedy | None]], function: str
) -> None:
    finding, remedy = answers[function]
    assert finding.is_heap and remedy is None

"""Findings: exact places, flows, costs."""

from __future__ import annotations

import pytest
from goescape.report.finding import Finding, Place
from goescape.report.size_class import size_class
from goescape.workspace.result import PackageResult
from harness.escape import FIXTURES, check, finding_at


@pytest.fixture(scope="module")
def flows() -> PackageResult:
    return check("flows", findings=True)


@pytest.fixture(scope="module")
def calls() -> PackageResult:
    return check("calls", findings=True)


def spanned(place: Place) -> str:
    """The text that a place covers."""
    with open(place.path, "rb") as f:
        return f.read()[place.start : place.end].decode()


def line_of(name: str, text: str) -> int:
    """The line of a fixture that contains `text`."""
    lines = (FIXTURES / name / f"{name}.go").read_text().splitlines()
    (number,) = [i for i, line in enumerate(lines, 1) if text in line]
    return number


def at(result: PackageResult, name: str, text: str, code: str) -> Finding:
    return finding_at(result, line_of(name, text), code)


def test_a_moved_variable_has_its_name_underlined_and_its_flow_told(flows: PackageResult) -> None:
    (first,) = [f for f in flows.findings if f.code == "moved" and f.function == "result"]
    assert (first.subject, spanned(first.place), first.reason) == ("x", "x", "return")
    assert [(s.flow, s.text, s.why) for s in first.flow] == [
        ("~r0 ← &x", "&x", "address-of"),
        ("", "return &x", "return"),
    ]
    assert first.flow[0].place is not None
    assert spanned(first.flow[0].place) == "&x"


def test_one_step_of_a_flow_is_the_decisive_one(flows: PackageResult) -> None:
    for found in flows.findings:
        assert sum(step.decisive for step in found.flow) == any(s.text for s in found.flow)
    (x,) = [f for f in flows.findings if f.code == "moved" and f.function == "result"]
    assert [s.why for s in x.flow if s.decisive] == ["return"]


def test_what_is_not_known_is_said(calls: PackageResult) -> None:
    found = [f for f in calls.findings if f.code == "moved" and f.function == "unknown"]
    assert [(f.rule, f.unknown) for f in found] == [
        ("unknown-call", "what f(&x) calls is not known")
    ]


def test_that_a_variable_is_captured_is_what_decides(calls: PackageResult) -> None:
    found = [f for f in calls.findings if f.code == "moved" and f.function == "assignedAfter"]
    assert {s.why for f in found for s in f.flow if s.decisive} == {"captured by a closure"}


def test_an_expression_is_underlined_whole(flows: PackageResult) -> None:
    found = at(flows, "flows", "append(s, p)", "escapes")
    assert spanned(found.place) == "append(s, p)"
    found = at(flows, "flows", "new([1 << 17]byte)", "escapes")
    assert spanned(found.place) == "new([1 << 17]byte)"
    assert (found.size, found.size_class, found.reason) == (1 << 17, 1 << 17, "too large for stack")


def test_costs_and_loops_are_told(flows: PackageResult) -> None:
    x = at(flows, "flows", "x := i", "moved")
    assert (x.size, x.size_class, x.loop_depth) == (8, 8, 1)
    i = at(flows, "flows", "sink = i", "escapes")
    assert (i.size, i.loop_depth, i.reason) == (8, 0, "assign")


def test_parameters_tell_where_they_go(flows: PackageResult) -> None:
    found = at(flows, "flows", "func deref(p", "leaks-result")
    assert (found.subject, spanned(found.place)) == ("p", "p")
    assert found.flow[0].flow == "~r0 ← *p"
    found = at(flows, "flows", "func storeContent", "leaks-content")
    assert found.flow[0].flow == "{heap} ← *p"


def test_what_stays_has_no_flow(flows: PackageResult) -> None:
    found = at(flows, "flows", "make([]int, n)", "stays")
    assert (found.flow, found.size) == ((), -1)


def test_devirtualized_calls_are_found(calls: PackageResult) -> None:
    found = at(calls, "calls", "\tj.M(&x)", "devirtualized")
    assert (found.subject, found.reason, spanned(found.place)) == ("j.M", "*T", "j.M(&x)")


def test_instances_name_their_type_arguments(calls: PackageResult) -> None:
    instances = {f.instance for f in calls.findings if f.function.startswith("generic[")}
    assert instances == {"[go.shape.int]", "[go.shape.string]"}


def test_inlined_code_is_found_at_the_outermost_call_and_tells_the_way() -> None:
    result = check("inlined", findings=True, inline=True)
    found = at(result, "inlined", "sink = twice(3)", "escapes")
    assert found.subject == "&pair{...}"
    lines = [place.line for place in found.inlined_from]
    assert lines == [
        line_of("inlined", "sink = twice(3)"),
        line_of("inlined", "func twice"),
    ]


@pytest.mark.parametrize(
    ("size", "slot", "with_pointers"),
    [
        (0, 0, 0),
        (1, 8, 8),
        (8, 8, 8),
        (33, 48, 48),
        (512, 512, 512),
        (513, 576, 576),
        (1024, 1024, 1152),
        (32760, 32768, 32768),
        (32768, 32768, 32768),
        (32769, 40960, 40960),
    ],
)
def test_the_allocator_rounds_up(size: int, slot: int, with_pointers: int) -> None:
    assert (size_class(size), size_class(size, 512)) == (slot, with_pointers)

"""What is said about a declared function as a whole."""

from __future__ import annotations

import pytest
from goescape.report.generic import generic_name, type_arguments
from goescape.report.summary import FunctionSummary, Leak
from harness.escape import check


@pytest.fixture(scope="module")
def flows() -> dict[str, FunctionSummary]:
    return {f.name: f for f in check("flows", findings=True, inline=True).functions}


@pytest.fixture(scope="module")
def calls() -> dict[str, FunctionSummary]:
    return {f.name: f for f in check("calls", findings=True).functions}


def leaks(summary: FunctionSummary, param: str) -> tuple[Leak, ...]:
    (found,) = [p.leaks for p in summary.params if p.name == param]
    return found


def test_a_parameter_tells_every_way_out_with_its_derefs(
    flows: dict[str, FunctionSummary],
) -> None:
    assert leaks(flows["store"], "p") == (Leak("heap", 0),)
    assert leaks(flows["storeContent"], "p") == (Leak("heap", 1),)
    assert leaks(flows["deref"], "p") == (Leak("result", 1, "~r0"),)
    assert leaks(flows["through"], "p") == (Leak("mutator", 0),)
    assert leaks(flows["deref2"], "p") == ()


def test_a_parameter_without_pointers_has_nothing_to_leak(
    flows: dict[str, FunctionSummary],
) -> None:
    n = flows["makes"].params[0]
    assert (n.name, n.pointer_free, n.leaks) == ("n", True, ())


def test_the_receiver_comes_first(calls: dict[str, FunctionSummary]) -> None:
    assert [p.name for p in calls["(*T).M"].params] == ["t", "p"]


def test_places_on_the_heap_are_counted_once(flows: dict[str, FunctionSummary]) -> None:
    assert (flows["boxes"].heap, flows["store"].heap) == (2, 0)  # two more are constants


def test_inlining_has_a_cost_only_where_calls_are_inlined(
    flows: dict[str, FunctionSummary], calls: dict[str, FunctionSummary]
) -> None:
    assert (flows["id"].cost, flows["id"].budget, flows["id"].reason) == (2, 80, "")
    assert (calls["keep"].cost, calls["keep"].reason) == (-1, "")


def test_instances_are_one_function(calls: dict[str, FunctionSummary]) -> None:
    generic = calls["generic"]
    assert generic.instances == ("[int]", "[string]")
    assert (generic.heap, [p.name for p in generic.params]) == (1, ["x"])
    assert leaks(generic, "x") == (Leak("heap", 0),)


def test_what_nobody_instantiates_has_no_instances() -> None:
    found = {f.name: f.instances for f in check("uninstantiated", findings=True).functions}
    assert found["used"] == ("[int]",)
    assert [found[name] for name in ("box", "nested", "sum", "(*List).Push")] == [()] * 4


@pytest.mark.parametrize(
    ("name", "plain", "arguments"),
    [
        ("f", "f", ""),
        ("(*C[int,[]string]).Get", "(*C).Get", "[int,[]string]"),
        ("g[map[string]int].func1[x]", "g.func1", "[map[string]int]"),
        ("broken[", "broken[", ""),
    ],
)
def test_names_of_instances_are_taken_apart(name: str, plain: str, arguments: str) -> None:
    assert (generic_name(name), type_arguments(name)) == (plain, arguments)

"""Groups of functions, callees first."""

from __future__ import annotations

from goescape.ir.scc import visit_funcs_bottom_up
from harness.ir import Units

_TEXT = """package p

func a() { b(); c() }
func b() { a() }
func c() { f := func(x int) int { return x }; f(1) }
func d(x int) { func() { x++ }() }
func e() { e() }
"""


def groups(text: str) -> list[tuple[list[str], bool]]:
    unit = Units().unit(text)
    out: list[tuple[list[str], bool]] = []
    visit_funcs_bottom_up(
        unit.declared_funcs(), lambda fns, rec: out.append(([f.nname.name for f in fns], rec))
    )
    return out


def test_callees_come_first_and_literals_that_capture_stay_with_their_function() -> None:
    assert groups(_TEXT) == [
        (["c.func1"], False),
        (["c"], False),
        (["a", "b"], True),
        (["d", "d.func1"], False),
        (["e"], True),
    ]


def test_a_chain_of_calls_may_be_as_long_as_it_likes() -> None:
    n = 3000
    text = "package p\n" + "".join(f"func f{i}() {{ f{i + 1}() }}\n" for i in range(n))
    found = groups(text + f"func f{n}() {{}}\n")
    assert len(found) == n + 1
    assert found[0] == ([f"f{n}"], False)

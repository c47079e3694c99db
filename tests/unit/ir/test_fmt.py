"""How nodes and types print."""

from __future__ import annotations

import pytest
from goescape.ir.fmt import node_text, quote, rune_text, type_text
from goescape.ir.nodes import Node
from goescape.ir.typefmt import link_string
from goescape.ir.unit import Unit
from harness.ir import Units, func

_TEXT = """package p

import "time"

type T struct{ x int; q *T }
type E struct{ T }
type MyInt int
type MyStr string
type L[K any] struct{ k K }

func (t T) V(int) T { return t }
func (t *T) P() *T { return t }

func f(a, b, n int, s, t string, p **T, e E, g func(...int) int, c chan int, r rune, l L[MyInt],
	i interface { M(); m(int) }, st struct { a int "x"; T }, fn func(int, ...string) (int, error),
	ch chan (<-chan int), y any, z interface{}, by byte) {
	sink(%s)
}

func sink(...any) {}

var _ = time.Second
"""


@pytest.fixture(scope="module")
def units() -> Units:
    return Units()


def argument(units: Units, text: str) -> tuple[Node, Unit]:
    """The one argument of the call in `f`, as it is before it becomes an interface."""
    unit = units.unit(_TEXT.replace("%s", text))
    call = func(unit, "f").body[0]
    (element,) = call.args[0].list  # type: ignore[attr-defined]
    while element.implicit:
        element = element.x
    return element, unit


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("(a + b) * n", "(a + b) * n"),
        ("a + b*n", "a + b * n"),
        ("a - (b - n)", "a - (b - n)"),
        ("((a + b) + n)", "a + b + n"),
        ("n << 2", "n << uint(2)"),
        ("-a", "-a"),
        ("- -a", "- (-a)"),
        ("7", "7"),
        ("'x'", "'x'"),
        ("rune(-1)", "rune(-1)"),
        ("uint8(3)", "uint8(3)"),
        ("byte('a')", "byte(97)"),
        ("MyInt(8)", "MyInt(8)"),
        ("time.Second", "time.Duration(1000000000)"),
        ("1.5", "1.5"),
        ("1e100", "1e+100"),
        ("1.0/3", "0.333333"),
        ("2i + 1", "(1 + 2i)"),
        ('"a" + "b" + s', '"ab" + s'),
        ('s + "x" + t', 's + "x" + t'),
        ('MyStr("a" + s)', 'MyStr("a" + s)'),
        ("[]byte(s)", "([]byte)(s)"),
        ("string(r)", "string(r)"),
        ("(*p).q", "(*p).q"),
        ("p", "p"),
        ("e.x", "e.T.x"),
        ("e.V(1)", "T.V(e.T, 1)"),
        ("(&e).P()", "(*T).P((&e).T)"),
        ("&T{}", "&T{}"),
        ("(&T{x: 1}).P", "(&T{...}).P"),
        ("[...]int{1}", "[1]int{...}"),
        ("g(a, b)", "g(... argument...)"),
        ("g()", "g(nil...)"),
        ("func() {}", "func literal"),
        ("<-c", "<-c"),
        ("<-make(chan int)", "<-(make(chan int))"),
        ("make([]T, n, 2*n)", "make([]T, n, 2 * n)"),
        ("append([]int(nil), 1, 2)", "append(([]int)(nil), 1, 2)"),
        ("y.(MyInt)", "y.(MyInt)"),
        ("s[1:n]", "s[1:n]"),
        ("new(T)", "new(T)"),
    ],
)
def test_expressions_print_as_the_compiler_prints_them(
    units: Units, source: str, printed: str
) -> None:
    node, unit = argument(units, source)
    assert node_text(node, unit.pkg) == printed


@pytest.mark.parametrize(
    ("source", "printed", "linked"),
    [
        ("by", "byte", "uint8"),
        ("l", "L[p.MyInt]", "p.L[p.MyInt]"),
        ("p", "**T", "**p.T"),
        ("st", 'struct { a int "x"; T }', 'struct { p.a int "x"; p.T }'),
        ("fn", "func(int, ...string) (int, error)", "func(int, ...string) (int, error)"),
        ("ch", "chan (<-chan int)", "chan (<-chan int)"),
        ("time.Second", "time.Duration", "time.Duration"),
    ],
)
def test_types_print_for_people_and_for_symbols(
    units: Units, source: str, printed: str, linked: str
) -> None:
    node, unit = argument(units, source)
    assert node.type is not None
    assert type_text(node.type, unit.pkg) == printed
    assert link_string(node.type) == linked


def test_methods_of_interfaces_are_sorted_and_qualified_if_unexported(units: Units) -> None:
    node, unit = argument(units, "i")
    assert type_text(node.type, unit.pkg) == "interface { M(); p.m(int) }"


def test_any_is_not_any_empty_interface(units: Units) -> None:
    for source, printed in (("y", "any"), ("z", "interface {}")):
        node, unit = argument(units, source)
        assert type_text(node.type, unit.pkg) == printed


def test_long_strings_are_cut(units: Units) -> None:
    node, unit = argument(units, '"' + "x" * 71 + '"')
    assert node_text(node, unit.pkg) == '"' + "x" * 68 + "..."
    node, unit = argument(units, '"' + "x" * 70 + '"')
    assert node_text(node, unit.pkg) == '"' + "x" * 70 + '"'


def test_other_packages_qualify(units: Units) -> None:
    node, _ = argument(units, "&T{}")
    assert node_text(node, None) == "&p.T{}"


def test_strings_are_quoted_as_go_does() -> None:
    assert quote('a"\\\n\x00é\u00ad\U0001f600') == '"a\\"\\\\\\n\\x00é\\u00ad😀"'
    assert quote("\udcff") == '"\\xff"'
    assert rune_text(ord("'")) == "'\\''"
    assert rune_text(ord('"')) == "'\"'"

"""What is recorded for expressions: modes, final types, values, instances, selections."""

from __future__ import annotations

import pytest
from goescape.syntax.printer import expr_string
from goescape.typecheck import constant
from goescape.typecheck.checker import Checker
from goescape.typecheck.objects import Const, Package
from goescape.typecheck.typestring import type_string
from harness.typecheck import Packages


class Facts:
    """The side tables of one text, by the text of the expressions."""

    def __init__(self, packages: Packages, text: str, go_version: str = "go1.27") -> None:
        source = ("package p\n" + text).encode()
        self.checker: Checker
        self.checker, self.errors = packages.check({"p.go": source}, go_version)
        self.pkg = self.checker.pkg
        self.types: dict[str, list[tuple[str, str, str]]] = {}
        for e, tv in self.checker.info.types.items():
            value = constant.const_string(tv.value) if tv.mode == "constant" else ""
            fact = (tv.mode, type_string(tv.type, self._qualifier), value)
            self.types.setdefault(expr_string(e), []).append(fact)

    def _qualifier(self, pkg: Package) -> str:
        return "" if pkg is self.pkg else pkg.name

    def __getitem__(self, expr: str) -> tuple[str, str, str]:
        """Mode, type and value of an expression; all its places must agree."""
        facts = set(self.types[expr])
        assert len(facts) == 1, facts
        return facts.pop()

    def instances(self) -> dict[str, tuple[str, str]]:
        return {
            name.value: (
                ", ".join(type_string(t, self._qualifier) for t in i.targs),
                type_string(i.type, self._qualifier),
            )
            for name, i in self.checker.info.instances.items()
        }

    def selections(self) -> dict[str, tuple[str, tuple[int, ...], bool]]:
        return {
            expr_string(e): (s.kind, s.index, s.indirect)
            for e, s in self.checker.info.selections.items()
        }


def facts(packages: Packages, text: str) -> Facts:
    f = Facts(packages, text)
    assert f.errors == []
    return f


def test_untyped_operands_get_the_type_of_their_surroundings(packages: Packages) -> None:
    f = facts(packages, "var x float64 = 1 + 2\nvar y any = 'a'\nvar z = x < 10 == true")
    assert f["1 + 2"] == ("constant", "float64", "3")
    assert f["1"][1] == "untyped int"  # the operands of a constant stay as they are
    assert f["'a'"] == ("constant", "rune", "97")
    assert f["10"] == ("constant", "float64", "10")
    assert f["x < 10 == true"] == ("value", "bool", "")


def test_the_left_operand_of_a_shift_is_typed_from_outside(packages: Packages) -> None:
    f = facts(packages, "func f(s uint) int64 { var x int64 = 7<<s + 1; return x }")
    assert f["7"] == ("constant", "int64", "7")
    assert f["7 << s"] == ("value", "int64", "")
    g = Facts(packages, "func f(s uint) float64 { return 7 << s }")
    assert [msg for *_, msg in g.errors] == [
        "invalid operation: shifted operand 7 (type float64) must be integer"
    ]


def test_nil_has_the_type_it_stands_for(packages: Packages) -> None:
    f = facts(
        packages, "func f(p *int) bool { var m map[string]int = nil; _ = m; return p != nil }"
    )
    assert sorted(f.types["nil"]) == [("nilvalue", "*int", ""), ("nilvalue", "map[string]int", "")]


def test_comma_ok_expressions_have_pairs(packages: Packages) -> None:
    f = facts(
        packages,
        "func f(m map[string]int, c chan bool, x any) {\n"
        "a, ok := m[``]; b, ok := (<-c); s, ok := x.(string); _, _, _, _ = a, b, s, ok; _ = m[`k`] }",
    )
    assert f["m[``]"] == ("mapindex", "(int, bool)", "")
    assert f["<-c"] == f["(<-c)"] == ("commaok", "(bool, bool)", "")
    assert f["x.(string)"] == ("commaok", "(string, bool)", "")
    assert f["m[`k`]"] == ("mapindex", "int", "")


def test_builtins_are_recorded_with_their_signature_in_the_call(packages: Packages) -> None:
    f = facts(
        packages,
        'import "unsafe"\n'
        "var b []byte; var a [4]int; var s struct{x int8; y int64}\n"
        "func f(t string) { b = append(b, t...); _ = len(b); panic(new(len(a))) }\n"
        "const size = unsafe.Sizeof(s) + unsafe.Offsetof(s.y)\n"
        "var low = min(1, 2.5, 'a')\n",
    )
    assert f["append"] == ("builtin", "func([]byte, string...) []byte", "")
    assert f["len(a)"] == ("constant", "int", "4")
    assert f["new(len(a))"] == ("value", "*int", "")
    assert f["panic"] == ("builtin", "func(interface{})", "")
    assert f["unsafe.Sizeof(s) + unsafe.Offsetof(s.y)"] == ("constant", "uintptr", "24")
    assert f["min(1, 2.5, 'a')"] == ("constant", "float64", "1")


def test_inferred_instances_are_recorded_at_the_name(packages: Packages) -> None:
    f = facts(
        packages,
        "func Map[T, U any](s []T, f func(T) U) []U { return nil }\n"
        "func id[P any](p P) P { return p }\n"
        "var x = Map([]int{1}, id)\nvar g func(string) string = id[string]",
    )
    assert f.instances()["Map"] == ("int, int", "func(s []int, f func(int) int) []int")
    assert f["Map"] == ("value", "func(s []int, f func(int) int) []int", "")
    assert f["id[string]"] == ("value", "func(p string) string", "")


def test_selections(packages: Packages) -> None:
    f = facts(
        packages,
        "type E struct{ F int }\nfunc (*E) M() {}\ntype T struct{ i int; *E }\n"
        "var t T\nvar a, b, c = t.F, t.M, T.M\nvar lit = struct{ E }{F: 1}",
    )
    assert f.selections() == {
        "t.F": ("field", (1, 0), True),
        "t.M": ("method value", (1, 0), True),
        "T.M": ("method expr", (1, 0), True),
    }
    assert f["T.M"] == ("value", "func(T)", "")
    uses = [o for n, o in f.checker.info.uses.items() if n.value == "F"]
    assert len(uses) == 2 and uses[0] is uses[1]  # the key of the literal, too


def test_generic_methods(packages: Packages) -> None:
    f = facts(
        packages,
        "type L[T any] struct{}\nfunc (L[T]) Map[U any](f func(T) U) L[U] { return L[U]{} }\n"
        "var l L[int]\nvar m = l.Map(func(int) string { return `` })",
    )
    assert f.instances()["Map"][0] == "string"
    assert f["l.Map(func(int) string {…})"] == ("value", "L[string]", "")


@pytest.mark.parametrize(
    ("text", "go_version", "message"),
    [
        ("var x uint8 = 256", "", "cannot use 256 (untyped int constant) as uint8 value in"
         " variable declaration (overflows)"),
        ("var x int = 1.5", "", "cannot use 1.5 (untyped float constant) as int value in"
         " variable declaration (truncated)"),
        ("const c = 10 / 0", "", "invalid operation: division by zero"),
        ("const c = 1 << 1000 << 50", "", "constant shift overflow"),
        ("var a []int; var x = a == a", "",
         "invalid operation: a == a (slice can only be compared to nil)"),
        ("var x = 1 + `a`", "",
         "invalid operation: 1 + `a` (mismatched types untyped int and untyped string)"),
        ("func f(int, string); func g() { f(1) }", "",
         "not enough arguments in call to f\n\thave (number)\n\twant (int, string)"),
        ("func f(x any) { x.foo() }", "", "x.foo undefined (type any has no field or method foo)"),
        ("var x = [2]int{0, 1, 2}", "", "index 2 is out of bounds (>= 2)"),
        ("var x = map[int]int{1: 1, 1.0: 2}", "", "duplicate key 1 in map literal"),
        ("func f() { var c <-chan int; c <- 1 }", "",
         "invalid operation: cannot send to receive-only channel <-chan int c (variable of type <-chan int)"),
        ("var x = new(1)", "go1.25", "new(1) requires go1.26 or later"),
        ("var s []int; var a = [1]int(s)", "go1.19", "cannot convert s (variable of type []int) to"
         " type [1]int: conversion of slice to array requires go1.20 or later"),
    ],
)  # fmt: skip
def test_messages(packages: Packages, text: str, go_version: str, message: str) -> None:
    f = Facts(packages, text, go_version)
    assert [msg for *_, msg in f.errors] == [message]


def test_chains_of_any_length(packages: Packages) -> None:
    def text(n: int) -> str:
        return (
            'const s = "a"' + ' + "b"' * n + "\nfunc f(t string, u uint) (string, uint64) {\n"
            'return "x"' + ' + "y"' * n + " + t" * n + ", 1<<u" + " + 1<<u" * n + " }"
        )  # fmt: skip

    long = packages.check({"p.go": ("package p\n" + text(5000)).encode()})
    assert long[1] == []
    f = facts(packages, text(100))
    s = f.pkg.scope.elems["s"]
    assert isinstance(s, Const) and s.val == "a" + "b" * 100
    prefix = " + ".join(['"x"', *['"y"'] * 100])
    (e,) = (e for e in f.checker.info.types if expr_string(e) == prefix)
    assert f.checker.info.types[e].value == "x" + "y" * 100  # the longest constant beginning
    assert f["1 << u"] == ("value", "uint64", "")

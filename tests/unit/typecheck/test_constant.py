"""Constants have the values, roundings and texts of go/constant."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from goescape.typecheck import constant as c
from goescape.typecheck.bigfloat import BigFloat


@pytest.mark.parametrize(
    ("literal", "kind", "text"),
    [
        ("0177", "int", "127"),
        ("0b1011", "int", "11"),
        ("0xFFFF_FFFF", "int", "4294967295"),
        ("1" + "0" * 30, "int", "1" + "0" * 30),
        ("1.5", "float", "1.5"),
        ("123456.5", "float", "123456.5"),
        ("1234567.5", "float", "1.23457e+06"),
        ("0x1p-149", "float", "1.4013e-45"),
        ("1e1300", "float", "1e+1300"),
        ("2.5e1000000", "float", "2.5e+1000000"),
        ("1e-1000000000", "float", "0"),
        ("1e1000000000", "float", "unknown"),
        ("0123i", "imag", "(0 + 123i)"),
        ("0o17i", "imag", "(0 + 15i)"),
        (r"'\''", "rune", "39"),
        (r"'\377'", "rune", "255"),
        (r"'\U0001F600'", "rune", "128512"),
        ('"a\\tb"', "string", '"a\\tb"'),
        ('"\\xff\\u00e9"', "string", '"\\xffé"'),
        ("`raw\\n`", "string", '"raw\\\\n"'),
    ],
)
def test_literals_have_the_text_of_their_value(literal: str, kind: str, text: str) -> None:
    assert c.const_string(c.make_from_literal(literal, kind)) == text


@pytest.mark.parametrize(
    ("literal", "kind"),
    [("08", "int"), ("0x", "int"), (r'"\400"', "string"), (r'"\ud800"', "string")],
)
def test_bad_literals_are_unknown(literal: str, kind: str) -> None:
    assert c.make_from_literal(literal, kind) is None


def test_huge_exponents_cost_nothing() -> None:
    start = time.process_time()
    x = c.make_from_literal("1e100000000", "float")
    y = c.binary_op(x, "*", c.make_from_literal("1e-100000000", "float"))
    assert isinstance(y, BigFloat)
    assert c.to_int(y) == 1
    assert time.process_time() - start < 0.5


def test_division_is_exact_unless_it_is_asked_to_drop_the_rest() -> None:
    assert c.binary_op(-7, "/", 2) == Fraction(-7, 2)
    assert c.binary_op(-7, "//", 2) == -3
    assert c.binary_op(-7, "%", 2) == -1
    assert c.kind(c.binary_op(6, "/", 3)) == "Float"


def test_mixed_operands_meet_in_the_larger_representation() -> None:
    assert c.binary_op(1, "+", Fraction(1, 2)) == Fraction(3, 2)
    assert c.compare(2, "==", c.Complex(2, 0))
    assert c.binary_op(c.Complex(0, 1), "*", c.Complex(0, 1)) == c.Complex(-1, 0)
    assert c.binary_op("a", "+", 1) is None
    assert not c.compare(None, "!=", 1)


def test_floats_round_to_float32_at_once() -> None:
    # Rounding to float64 first would give 1.
    x = 1 + Fraction(1, 1 << 24) + Fraction(1, 1 << 60)
    assert c.float32_val(x) == (1 + 2.0**-23, False)
    assert c.float32_val(Fraction(1, 1 << 149))[0] == 2.0**-149
    assert c.float32_val(Fraction(10) ** 39)[0] == float("inf")


def test_strings_are_bytes() -> None:
    assert c.string_len("é") == 2
    joined = c.binary_op(c.unquote('"\\xe4"'), "+", c.unquote('"\\xb8\\x96"'))
    assert joined == "世"
    assert c.compare(c.unquote('"\\xff"'), ">", "世")


def test_complement_of_unsigned_types_stays_in_their_bits() -> None:
    assert c.unary_op("^", 1) == -2
    assert c.unary_op("^", 1, 8) == 254


def test_doubling_strings_do_not_fill_the_memory() -> None:
    s: object = "x"
    for _ in range(31):
        s = c.binary_op(s, "+", s)
    assert c.string_len(s) == 1 << 31
    assert c.kind(s) == "String"
    assert len(c.const_string(s)) == 72


def test_more_digits_than_python_likes() -> None:
    text = "7" * 9000
    assert c.const_string(c.make_from_literal(text, "int")) == text

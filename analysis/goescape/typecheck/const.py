"""Untyped constants: which values a type can represent, and what becomes of them when it cannot.

Example: `1 << 10` is representable as a `uint16` but not as a `uint8` ("overflows"), 1.5 as no
integer ("truncated"); 0.1 becomes a `float32` only after rounding.

Source: cmd/compile/internal/types2/const.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    is_integer,
    is_numeric,
    is_type_param,
    is_typed,
)
from goescape.typecheck.types import Basic, Type

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

PRECISION = 512  # bits of an untyped integer
MAX_STRING = 2_000_000_000

_OP_NAME_1 = {"^": "bitwise complement"}
_OP_NAME_2 = {
    "+": "addition",
    "-": "subtraction",
    "^": "bitwise XOR",
    "*": "multiplication",
    "<<": "shift",
}

_RANGE = {
    "int8": (-(1 << 7), (1 << 7) - 1),
    "int16": (-(1 << 15), (1 << 15) - 1),
    "int32": (-(1 << 31), (1 << 31) - 1),
    "int64": (-(1 << 63), (1 << 63) - 1),
    "uint8": (0, (1 << 8) - 1),
    "uint16": (0, (1 << 16) - 1),
    "uint32": (0, (1 << 32) - 1),
    "uint64": (0, (1 << 64) - 1),
}
_INTEGER = frozenset([*_RANGE, "int", "uint", "uintptr", "untyped int", "untyped rune"])


def op_name(e: ast.Expr | None) -> str:
    """The name of an operation that may overflow."""
    if isinstance(e, ast.Operation):
        return (_OP_NAME_1 if e.y is None else _OP_NAME_2).get(e.op, "")
    return ""


def overflow(check: Checker, x: Operand, op_pos: Pos) -> None:
    """Check that the constant `x` is representable by its type, or, if it is untyped, that it does
    not grow beyond all bounds."""
    val = x.val
    if val is None:
        check.error(op_pos, "InvalidConstVal", "constant result is not representable")
        return
    if is_typed(x.typ):
        under = x.typ.underlying
        assert isinstance(under, Basic)
        representable(check, x, under)
        return
    if type(val) is int:
        if val.bit_length() > PRECISION:
            op = op_name(x.expr)
            if op:
                op += " "
            check.errorf(op_pos, "InvalidConstVal", "constant %soverflow", op)
            x.val = None
    elif constant.kind(val) == "String":
        n = constant.string_len(val)
        if n > MAX_STRING:
            check.errorf(
                op_pos,
                "InvalidConstVal",
                "constant string too long (%d bytes > %d bytes)",
                n,
                MAX_STRING,
            )
            x.val = None


def representable_const(x: Any, check: Checker, typ: Basic) -> tuple[bool, Any]:
    """Whether the value `x` is representable as a `typ`, and if so, the value as `typ` has it:
    rounded for floating-point types, an integer for integer types."""
    if x is None:
        return True, None  # avoid follow-up errors
    kind = typ.kind
    if kind in _INTEGER:
        if type(x) is not int:
            x = constant.to_int(x)
            if type(x) is not int:
                return False, x
        bounds = _RANGE.get(kind)
        if bounds is not None:
            return bounds[0] <= x <= bounds[1], x
        if kind == "untyped int" or kind == "untyped rune":
            # the kind "untyped rune" is not asked for directly
            return True, x
        bits = check.sizes.sizeof(typ) * 8
        if kind == "int":
            return -(1 << (bits - 1)) <= x < 1 << (bits - 1), x
        return 0 <= x < 1 << bits, x
    if kind == "float64" or kind == "float32" or kind == "untyped float":
        f = constant.to_float(x)
        if constant.kind(f) != "Float":
            return False, x
        if kind == "untyped float":
            return True, x
        r = round_float(f, kind)
        return r is not None, r
    if kind == "complex128" or kind == "complex64" or kind == "untyped complex":
        c = constant.to_complex(x)
        if constant.kind(c) != "Complex":
            return False, x
        if kind == "untyped complex":
            return True, x
        part = "float64" if kind == "complex128" else "float32"
        re = round_float(constant.real(c), part)
        im = round_float(constant.imag(c), part)
        if re is None or im is None:
            return False, x
        return True, constant.binary_op(re, "+", constant.make_imag(im))
    if kind == "string" or kind == "untyped string":
        return constant.kind(x) == "String", x
    if kind == "bool" or kind == "untyped bool":
        return type(x) is bool, x
    return False, x


def round_float(x: Any, kind: str) -> Any:
    """The nearest value of the type, or None if it overflows."""
    f, _ = constant.float32_val(x) if kind == "float32" else constant.float64_val(x)
    if f in (float("inf"), float("-inf")):
        return None
    return constant.make_float64(f)


def representable(check: Checker, x: Operand, typ: Basic) -> None:
    """Check that the constant `x` is representable as `typ`, and give it that representation."""
    v, code = representation(check, x, typ)
    if code:
        invalid_conversion(check, code, x, typ)
        x.mode = "invalid"
        return
    x.val = v


def representation(check: Checker, x: Operand, typ: Basic) -> tuple[Any, str]:
    ok, v = representable_const(x.val, check, typ)
    if ok:
        return v, ""
    if is_numeric(x.typ) and is_numeric(typ):
        # a float becomes no integer (truncated); everything else overflows
        if not is_integer(x.typ) and is_integer(typ):
            return None, "TruncatedFloat"
        return None, "NumericOverflow"
    return None, "InvalidConstVal"


def invalid_conversion(check: Checker, code: str, x: Operand, target: Type) -> None:
    msg = "cannot convert %s to type %s"
    if code == "TruncatedFloat":
        msg = "%s truncated to %s"
    elif code == "NumericOverflow":
        msg = "%s overflows %s"
    check.errorf(x, code, msg, x, target)


def convert_untyped(check: Checker, x: Operand, target: Type) -> None:
    """Try to give the untyped `x` the type `target`."""
    if x.mode == "invalid" or is_typed(x.typ):
        return
    new_type, val, code = check.implicit_type_and_value(x, target)
    if code:
        t = target
        if not is_type_param(target):
            t = target.underlying
        invalid_conversion(check, code, x, t)
        x.mode = "invalid"
        return
    assert new_type is not None and x.expr is not None
    if val is not None:
        x.val = val
        check.update_expr_val(x.expr, val)
    if new_type is not x.typ:
        x.typ = new_type
        check.update_expr_type(x.expr, new_type, False)

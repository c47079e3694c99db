"""Shifts, whose left operand may get its type long after the shift was checked.

Example: in `var f float64 = 1 << s` the 1 is what it would be without the shift, a `float64`,
which is an error. Until that is known, the literal is remembered as the left operand of a shift.

Source: cmd/compile/internal/types2/expr.go, shift (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.const import convert_untyped, overflow, representable
from goescape.typecheck.errors import INVALID_OP
from goescape.typecheck.expr import op_pos
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import all_integer, all_unsigned, is_integer, is_untyped
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_UINT = TYP["uint"]
_UNTYPED_INT = TYP["untyped int"]

SHIFT_BOUND = 1023 - 1 + 52  # so that the smallest float64 can be written


def shift(check: Checker, x: Operand, y: Operand, e: ast.Expr | None, op: str) -> None:
    """Check the shift `e` of `x` by `y`; `e` may be None if it is not constant."""
    xval = constant.to_int(x.val) if x.mode == "constant" else None

    # the left operand is an integer, or an untyped constant that can be one
    if not (all_integer(x.typ) or (is_untyped(x.typ) and type(xval) is int)):
        check.errorf(x, "InvalidShiftOperand", INVALID_OP + "shifted operand %s must be integer", x)
        x.mode = "invalid"
        return

    # the right operand is an integer, or an untyped constant representable as a uint
    yval = None
    if y.mode == "constant":
        yval = constant.to_int(y.val)
        if type(yval) is int and yval < 0:
            check.errorf(y, "InvalidShiftCount", INVALID_OP + "negative shift count %s", y)
            x.mode = "invalid"
            return
        if is_untyped(y.typ):
            representable(check, y, _UINT)
            if y.mode == "invalid":
                x.mode = "invalid"
                return
    elif all_integer(y.typ):
        if not all_unsigned(y.typ) and not check.verify_versionf(
            y, 13, INVALID_OP + "signed shift count %s", y
        ):
            x.mode = "invalid"
            return
    elif is_untyped(y.typ):
        convert_untyped(check, y, _UINT)
        if y.mode == "invalid":
            x.mode = "invalid"
            return
    else:
        check.errorf(y, "InvalidShiftCount", INVALID_OP + "shift count %s must be integer", y)
        x.mode = "invalid"
        return

    if x.mode == "constant":
        if y.mode == "constant":
            if x.val is None or y.val is None:
                x.val = None
                if not is_integer(x.typ):
                    x.typ = _UNTYPED_INT
                return
            if type(yval) is not int or yval > SHIFT_BOUND:
                check.errorf(y, "InvalidShiftCount", INVALID_OP + "invalid shift count %s", y)
                x.mode = "invalid"
                return
            # the left operand may be a float such as 2.0; the result is an integer
            if not is_integer(x.typ):
                x.typ = _UNTYPED_INT
            x.val = constant.shift(xval, op, yval)
            x.expr = e
            overflow(check, x, op_pos(e))
            return

        # a constant shifted by a variable count
        if is_untyped(x.typ):
            # Its type is what it would be without the shift: decided later.
            assert x.expr is not None
            info = check.untyped.get(x.expr)
            if info is not None:
                info.is_lhs = True
            x.mode = "value"
            return

    if not all_integer(x.typ):
        check.errorf(x, "InvalidShiftOperand", INVALID_OP + "shifted operand %s must be integer", x)
        x.mode = "invalid"
        return
    x.mode = "value"

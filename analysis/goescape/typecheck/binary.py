"""Binary operations other than shifts and comparisons, and the chains they form.

Example: `"a" + b + c` is checked along its left spine by a loop: `"a"`, then `"a" + b`, then the
whole.

Source: cmd/compile/internal/types2/expr.go, binary (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.comparison import comparison
from goescape.typecheck.const import overflow
from goescape.typecheck.constant import LongString
from goescape.typecheck.errors import INVALID_OP
from goescape.typecheck.expr import COMPARISONS, expr, match_types, op, op_pos
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    all_boolean,
    all_integer,
    all_numeric,
    all_numeric_or_string,
    identical,
    is_complex,
    is_integer,
    is_typed,
    is_valid,
)
from goescape.typecheck.shift import shift
from goescape.typecheck.types import Type

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_BINARY_PREDICATES: dict[str, Callable[[Type], bool]] = {
    "+": all_numeric_or_string,
    "-": all_numeric,
    "*": all_numeric,
    "/": all_numeric,
    "%": all_integer,
    "&": all_integer,
    "|": all_integer,
    "^": all_integer,
    "&^": all_integer,
    "&&": all_boolean,
    "||": all_boolean,
}


_LONG = 64  # terms of a chain


def binary(
    check: Checker,
    x: Operand,
    e: ast.Operation | None,
    lhs: ast.Expr,
    rhs: ast.Expr,
    operator: str,
) -> None:
    """Check `lhs operator rhs`. `e` is that operation; None for the one that `lhs op= rhs`
    implies."""
    if isinstance(lhs, ast.Operation) and lhs.y is not None:
        _chain(check, x, lhs)
    else:
        expr(check, None, x, lhs)
    y = Operand()
    expr(check, None, y, rhs)
    _combine(check, x, y, e, lhs, rhs, operator)


def _chain(check: Checker, x: Operand, e: ast.Operation) -> None:
    """Check `e` by a loop along its left spine."""
    spine: list[ast.Operation] = []
    first: ast.Expr = e
    while isinstance(first, ast.Operation) and first.y is not None:
        spine.append(first)
        first = first.x
    expr(check, None, x, first)
    # In a long chain of constant strings, the values of its beginnings are not built (nobody asks
    # for them), only that of the longest constant beginning: `x.val` is its last piece.
    pieces: list[str | LongString] | None = [] if len(spine) >= _LONG else None
    for n in reversed(spine):
        assert n.y is not None
        y = Operand()
        expr(check, None, y, n.y)
        if pieces is not None and x.mode == "constant" and type(x.val) is str:
            if n.op == "+" and y.mode == "constant" and type(y.val) is str:
                pieces.append(x.val)
                x.val = ""
            elif pieces:
                _join(check, x, pieces)
        _combine(check, x, y, n, n.x, n.y, n.op)
        x.expr = n
        if pieces and type(x.val) is str:
            piece, x.val = x.val, None
            check.record(x)
            x.val = piece
        else:
            check.record(x)
    if pieces:
        _join(check, x, pieces)


def _join(check: Checker, x: Operand, pieces: list[str | LongString]) -> None:
    """Give the constant string `x` its whole value, on record too."""
    pieces.append(x.val)
    x.val = constant.join(pieces)
    pieces.clear()
    check.record(x)


def _combine(
    check: Checker,
    x: Operand,
    y: Operand,
    e: ast.Operation | None,
    lhs: ast.Expr,
    rhs: ast.Expr,
    operator: str,
) -> None:
    """Combine `x`, the checked `lhs`, with `y`, the checked `rhs`."""
    if x.mode == "invalid":
        return
    if y.mode == "invalid":
        x.mode = "invalid"
        x.expr = y.expr
        return

    if operator == "<<" or operator == ">>":
        shift(check, x, y, e, operator)
        return

    if x.typ is not y.typ or not is_typed(x.typ):
        match_types(check, x, y)
        if x.mode == "invalid":
            return

    if operator in COMPARISONS:
        comparison(check, x, y, operator, False)
        return

    xt = x.typ
    if xt is not y.typ and not identical(xt, y.typ):
        # report it only if no error was reported elsewhere
        if is_valid(xt) and is_valid(y.typ):
            if e is not None:
                check.errorf(
                    x,
                    "MismatchedTypes",
                    INVALID_OP + "%s (mismatched types %s and %s)",
                    e,
                    xt,
                    y.typ,
                )
            else:
                check.errorf(
                    x,
                    "MismatchedTypes",
                    INVALID_OP + "%s %s= %s (mismatched types %s and %s)",
                    lhs,
                    operator,
                    rhs,
                    xt,
                    y.typ,
                )
        x.mode = "invalid"
        return

    if not op(check, _BINARY_PREDICATES, x, operator):
        x.mode = "invalid"
        return

    both_constant = x.mode == "constant" and y.mode == "constant"
    if operator == "/" or operator == "%":
        if y.mode == "constant" and y.val is not None:
            if (both_constant or all_integer(xt)) and constant.sign(y.val) == 0:
                check.error(y, "DivByZero", INVALID_OP + "division by zero")
                x.mode = "invalid"
                return
            # the square of a complex divisor's parts may underflow
            if both_constant and is_complex(xt):
                re, im = constant.real(y.val), constant.imag(y.val)
                re2, im2 = constant.binary_op(re, "*", re), constant.binary_op(im, "*", im)
                if constant.sign(re2) == 0 and constant.sign(im2) == 0:
                    check.error(y, "DivByZero", INVALID_OP + "division by zero")
                    x.mode = "invalid"
                    return

    if both_constant:
        if x.val is None or y.val is None:
            x.val = None
            return
        tok = operator
        if operator == "/" and is_integer(xt):
            tok = "//"  # integer division
        x.val = constant.binary_op(x.val, tok, y.val)
        x.expr = e
        overflow(check, x, op_pos(e))
        return

    x.mode = "value"

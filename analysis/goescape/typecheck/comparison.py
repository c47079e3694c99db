"""Comparisons: what can be compared, and why something cannot.

Example: of two slices `a == b` is refused with "slice can only be compared to nil"; `p == nil`
gives `nil` the type of `p`. The result is an untyped boolean.

Source: cmd/compile/internal/types2/expr.go, comparison (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.typecheck import constant
from goescape.typecheck.errors import INVALID_OP
from goescape.typecheck.expr import update_expr_type
from goescape.typecheck.operand import Operand, assignable_to, composite_kind
from goescape.typecheck.predicates import (
    all_ordered,
    comparable,
    comparable_type,
    default_type,
    has_nil,
    is_type_param,
    is_valid,
)
from goescape.typecheck.types import Basic, Map, Signature, Slice, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_UNTYPED_BOOL = TYP["untyped bool"]


def comparison(check: Checker, x: Operand, y: Operand, op: str, switch_case: bool) -> None:
    """Check `x op y`; in a switch, `x` is a case, `y` the tag and `op` is ignored."""
    if not is_valid(x.typ) or not is_valid(y.typ):
        x.mode = "invalid"  # avoid spurious errors
        return
    if switch_case:
        op = "=="

    xt, yt = x.typ, y.typ
    if not (xt is yt and isinstance(xt, Basic)):
        if not assignable_to(x, check, yt)[0] and not assignable_to(y, check, xt)[0]:
            # the mismatch is known only after the second operand
            cause = check.sprintf("mismatched types %s and %s", xt, yt)
            _refuse(check, x, y, op, switch_case, "MismatchedTypes", y, cause)
            return

    if op == "==" or op == "!=":
        if x.mode == "nilvalue" or y.mode == "nilvalue":
            # the other operand's type must have nil
            if not has_nil(yt if x.mode == "nilvalue" else xt):
                _refuse(check, x, y, op, switch_case, "UndefinedOp", y, "")
                return
        elif not comparable(xt):
            _refuse(check, x, y, op, switch_case, "UndefinedOp", x, incomparable_cause(check, xt))
            return
        elif not comparable(yt):
            _refuse(check, x, y, op, switch_case, "UndefinedOp", y, incomparable_cause(check, yt))
            return
    elif not all_ordered(xt):
        _refuse(check, x, y, op, switch_case, "UndefinedOp", x, "")
        return
    elif not all_ordered(yt):
        _refuse(check, x, y, op, switch_case, "UndefinedOp", y, "")
        return

    if x.mode == "constant" and y.mode == "constant":
        # the operands are never materialised
        if x.val is None or y.val is None:
            x.val = False
        else:
            x.val = constant.compare(x.val, op, y.val)
    else:
        x.mode = "value"
        # The operands have their final types; untyped ones get their default types.
        assert x.expr is not None and y.expr is not None
        update_expr_type(check, x.expr, default_type(xt), True)
        update_expr_type(check, y.expr, default_type(yt), True)
    x.typ = _UNTYPED_BOOL


def _refuse(
    check: Checker,
    x: Operand,
    y: Operand,
    op: str,
    switch_case: bool,
    code: str,
    culprit: Operand,
    cause: str,
) -> None:
    if not cause:
        if is_type_param(x.typ) or is_type_param(y.typ):
            if not is_type_param(x.typ):
                culprit = y
            cause = check.sprintf("type parameter %s cannot use operator %s", culprit.typ, op)
        else:
            what = composite_kind(culprit.typ) or check.sprintf("%s", culprit.typ)
            cause = check.sprintf("operator %s not defined on %s", op, what)
    if switch_case:
        check.errorf(x, code, "invalid case %s in switch on %s (%s)", x.expr, y.expr, cause)
    else:
        check.errorf(culprit, code, INVALID_OP + "%s %s %s (%s)", x.expr, op, y.expr, cause)
    x.mode = "invalid"


def incomparable_cause(check: Checker, typ: Type) -> str:
    """Why a type is not comparable, as far as there is more to say."""
    if isinstance(typ.underlying, Slice | Signature | Map):
        return composite_kind(typ) + " can only be compared to nil"
    err = comparable_type(typ, True, None)
    return err.format(check) if err is not None else ""

"""Range statements.

Example: `for i, c := range "héllo"` declares an int and a rune; `for x := range seq`, with seq a
`func(yield func(T) bool)`, declares a T.

Source: cmd/compile/internal/types2/range.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.syntax import ast
from goescape.typecheck import version
from goescape.typecheck.info import TypeAndValue
from goescape.typecheck.objects import Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import identical, is_boolean, is_integer, is_string
from goescape.typecheck.types import (
    Array,
    Basic,
    Chan,
    Map,
    Pointer,
    Signature,
    Slice,
    Type,
)
from goescape.typecheck.under import TypeError_, common_under, type_errorf
from goescape.typecheck.universe import TYP, UNIVERSE_RUNE

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]
_INT = TYP["int"]


def range_stmt(
    check: Checker,
    inner: int,
    s: ast.ForStmt,
    no_new_var: Any,
    key: ast.Expr | None,
    value: ast.Expr | None,
    extra: ast.Expr | None,
    range_over: ast.Expr,
    define: bool,
) -> None:
    """Check `for key, value = range range_over { … }`, with `:=` if `define`."""
    x = Operand()
    check.has_call_or_recv = False
    check.expr(None, x, range_over)
    if x.mode != "invalid" and value is None and not check.has_call_or_recv:
        t = _array_ptr_deref(x.typ.underlying)
        if isinstance(t, Array):
            # At most the length is needed, and it is constant: nothing is evaluated.
            while isinstance(range_over, ast.ParenExpr):
                range_over = range_over.x
            check.info.types[range_over] = TypeAndValue("constant", _INT, t.len)
    k: Type | None = None
    v: Type | None = None
    if x.mode != "invalid":
        k, v, cause, ok = range_key_val(check, x.typ, check.allow_version)
        if not ok and cause:
            check.soft_errorf(x, "InvalidRangeExpr", "cannot range over %s: %s", x, cause)
        elif not ok:
            check.soft_errorf(x, "InvalidRangeExpr", "cannot range over %s", x)
        elif k is None and key is not None:
            check.soft_errorf(
                key, "InvalidIterVar", "range over %s permits no iteration variables", x
            )
        elif v is None and value is not None:
            check.soft_errorf(
                value, "InvalidIterVar", "range over %s permits only one iteration variable", x
            )
        elif extra is not None:
            check.soft_errorf(
                extra, "InvalidIterVar", "range clause permits at most two iteration variables"
            )
        if (
            ok
            and isinstance(s.init, ast.RangeClause)
            and isinstance(common_under(x.typ, None)[0], Signature)
        ):
            check.info.range_funcs.append(s.init)
    # The iteration variables are not in scope in the range clause.
    check.open_scope(s, "range")
    over_int = x.mode != "invalid" and is_integer(x.typ)
    if define:
        _define(check, s, no_new_var, ((key, k), (value, v)), x, over_int)
    elif key is not None:
        _assign(check, ((key, k), (value, v)), x, over_int)
    elif over_int:
        # An untyped number still has to become an int.
        check.assignment(x, None, "range clause")
    check.stmt(inner, s.body)
    check.close_scope()


def _define(
    check: Checker,
    s: ast.ForStmt,
    no_new_var: Any,
    pairs: tuple[tuple[ast.Expr | None, Type | None], ...],
    x: Operand,
    over_int: bool,
) -> None:
    new: list[Var] = []
    for lhs, typ in pairs:
        if lhs is None:
            continue
        if isinstance(lhs, ast.Name):
            obj = Var(lhs.pos, check.pkg, lhs.value, None)
            check.info.defs[lhs] = obj
            if lhs.value != "_":
                new.append(obj)
        else:
            check.errorf(lhs, "InvalidSyntaxTree", "cannot declare %s", lhs)
            obj = Var(lhs.pos, check.pkg, "_", None)
        if typ is None or typ is _INVALID:
            obj.typ = _INVALID
            obj.used = True  # no complaint about an unused variable
        elif over_int:
            check.init_var(obj, x, "range clause")
        else:
            check.init_var(obj, Operand("value", lhs, typ), "assignment")
    if new:
        for obj in new:
            check.declare(check.scope, None, obj, s.body.pos)
    else:
        check.error(no_new_var, "NoNewVar", "no new variables on left side of :=")


def _assign(
    check: Checker,
    pairs: tuple[tuple[ast.Expr | None, Type | None], ...],
    x: Operand,
    over_int: bool,
) -> None:
    for lhs, typ in pairs:
        if lhs is None or typ is None or typ is _INVALID:
            continue
        if over_int:
            check.assign_var(lhs, None, x, "range clause")
            # An untyped number has the variable's type now, which must be an integer type.
            if x.mode != "invalid" and not is_integer(x.typ):
                check.soft_errorf(
                    lhs, "InvalidRangeExpr", "cannot use iteration variable of type %s", x.typ
                )
        else:
            check.assign_var(lhs, None, Operand("value", lhs, typ), "assignment")


def _array_ptr_deref(t: Type) -> Type:
    if isinstance(t, Pointer):
        base = t.elem.underlying
        if isinstance(base, Array):
            return base
    return t


def _receivable(t: Type | None, u: Type | None) -> TypeError_ | None:
    if isinstance(u, Chan) and u.dir == "send":
        return type_errorf("receive from send-only channel %s", t)
    return None


def range_key_val(
    check: Checker | None, orig: Type, allow_version: Callable[[int], bool] | None
) -> tuple[Type | None, Type | None, str, bool]:
    """The types of the iteration variables over `orig`, each None if there is none; else why not,
    and False. `allow_version` is None to allow everything."""

    def bad(cause: str) -> tuple[Type, Type, str, bool]:
        return _INVALID, _INVALID, cause, False

    rtyp, err = common_under(orig, _receivable)
    if rtyp is None:
        return bad(err.format(check) if err is not None else "")
    t = _array_ptr_deref(rtyp)
    if isinstance(t, Basic):
        if is_string(t):
            return _INT, UNIVERSE_RUNE, "", True
        if is_integer(t):
            if allow_version is not None and not allow_version(version.GO1_22):
                return bad("requires go1.22 or later")
            return orig, None, "", True
    elif isinstance(t, (Array, Slice)):
        return _INT, t.elem, "", True
    elif isinstance(t, Map):
        return t.key, t.elem, "", True
    elif isinstance(t, Chan):
        return t.elem, None, "", True
    elif isinstance(t, Signature):
        if allow_version is not None and not allow_version(version.GO1_23):
            return bad("requires go1.23 or later")
        return _range_func(check, t)
    return None, None, "", False


def _range_func(check: Checker | None, t: Signature) -> tuple[Type | None, Type | None, str, bool]:
    must = "func must be func(yield func(...) bool): "

    def bad(cause: str) -> tuple[Type, Type, str, bool]:
        return _INVALID, _INVALID, cause, False

    if len(t.params.vars) != 1:
        return bad(must + "wrong argument count")
    if t.results.vars:
        return bad(must + "unexpected results")
    u, err = common_under(t.params.vars[0].type, None)
    if not isinstance(u, Signature):
        if err is not None:
            return bad(must + "in yield type, " + err.format(check))
        return bad(must + "argument is not func")
    params, results = u.params.vars, u.results.vars
    if len(params) > 2:
        return bad(must + "yield func has too many parameters")
    if len(results) != 1 or not identical(results[0].type, TYP["bool"]):
        if len(results) == 1 and is_boolean(results[0].type):
            return bad(must + "yield func returns user-defined boolean, not bool")
        return bad(must + "yield func does not return bool")
    if u.variadic:
        text = check.sprintf("%s", u) if check is not None else "func"
        return bad(f"yield func of type {text} cannot be variadic")
    key = params[0].type if params else None
    val = params[1].type if len(params) > 1 else None
    return key, val, "", True

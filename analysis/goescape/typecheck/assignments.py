"""Assignments and initialisations: is the value assignable, and which type does it get.

Everything that moves a value to a variable ends in `assignment`: declarations, assignments,
arguments, results, elements of literals. It gives an untyped value its type.

Example: `var x interface{} = 1` gives the literal its default type, `int`, before the value
becomes an interface.

Source: cmd/compile/internal/types2/assignments.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.printer import expr_string
from goescape.typecheck.expr import (
    expr,
    implicit_type_and_value,
    multi_expr,
    new_target,
    non_generic,
    single_value,
    unparen,
    update_expr_type,
    update_expr_val,
)
from goescape.typecheck.objects import Const, Object, Var
from goescape.typecheck.operand import Operand, assignable_to
from goescape.typecheck.predicates import (
    default_type,
    is_non_type_param_interface,
    is_numeric,
    is_untyped,
    is_valid,
)
from goescape.typecheck.types import Alias, Basic, Named, Signature, Slice, Tuple, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]
_UNTYPED_NIL = TYP["untyped nil"]

_ASSIGNABLE_MODES = frozenset(
    ["nilvalue", "constant", "variable", "mapindex", "value", "commaok", "commaerr"]
)


def assignment(check: Checker, x: Operand, T: Type | None, context: object) -> None:
    """Check that `x` can be assigned to a variable of type `T` (None: to the blank identifier),
    converting an untyped value. `context` (its `str`) says where. On failure `x` is invalid."""
    mode = x.mode
    if mode == "value" and type(x.typ) is Tuple:
        single_value(check, x)
        mode = x.mode
    if mode == "invalid":
        return
    if mode not in _ASSIGNABLE_MODES:
        check.errorf(x, "IncompatibleAssign", "cannot assign %s to %s in %s", x, T, str(context))
        x.mode = "invalid"
        return

    typ = x.typ
    if typ is T and type(typ) is not Signature:
        if type(typ) is not Named and type(typ) is not Alias:
            if type(typ) is not Basic or not is_untyped(typ):
                return

    if type(typ) is Basic and is_untyped(typ):
        target = T
        if mode == "nilvalue":
            if T is None:
                check.errorf(x, "UntypedNilUse", "use of untyped nil in %s", str(context))
                x.mode = "invalid"
                return
        elif T is None or is_non_type_param_interface(T):
            target = default_type(typ)
        assert target is not None
        new_type, val, code = implicit_type_and_value(check, x, target)
        if code:
            msg = check.sprintf("cannot use %s as %s value in %s", x, target, str(context))
            if code == "TruncatedFloat":
                msg += " (truncated)"
            elif code == "NumericOverflow":
                msg += " (overflows)"
            else:
                code = "IncompatibleAssign"
            check.error(x, code, msg)
            x.mode = "invalid"
            return
        assert new_type is not None and x.expr is not None
        if val is not None:
            x.val = val
            update_expr_val(check, x.expr, val)
        if new_type is not typ:
            x.typ = new_type
            update_expr_type(check, x.expr, new_type, False)
        if T is new_type:
            return

    # a generic function that is not instantiated can get its type arguments from the target
    typ = x.typ
    if type(typ) is Signature:
        if typ.tparams:
            non_generic(check, new_target(T, str(context)), x)
    elif type(typ) is Named or type(typ) is Alias:
        non_generic(check, None, x)
    if x.mode == "invalid":
        return

    if T is None:
        return

    cause: list[str] = []
    ok, code = assignable_to(x, check, T, cause)
    if not ok:
        if cause and cause[0]:
            check.errorf(
                x, code, "cannot use %s as %s value in %s: %s", x, T, str(context), cause[0]
            )
        else:
            check.errorf(x, code, "cannot use %s as %s value in %s", x, T, str(context))
        x.mode = "invalid"


def init_const(check: Checker, lhs: Const, x: Operand) -> None:
    if (
        x.mode == "invalid"
        or not is_valid(x.typ)
        or (lhs.typ is not None and not is_valid(lhs.typ))
    ):
        if lhs.typ is None:
            lhs.typ = _INVALID
        return
    if x.mode != "constant":
        check.errorf(x, "InvalidConstInit", "%s is not constant", x)
        if lhs.typ is None:
            lhs.typ = _INVALID
        return
    if lhs.typ is None:
        lhs.typ = x.typ
    assignment(check, x, lhs.typ, "constant declaration")
    if x.mode == "invalid":
        return
    lhs.val = x.val


def init_var(check: Checker, lhs: Var, x: Operand, context: str) -> None:
    """Check the initialisation `lhs = x`; a `lhs` without a type gets that of `x`, or the invalid
    one."""
    typ = lhs.typ
    if x.mode == "invalid" or not is_valid(x.typ) or (typ is not None and not is_valid(typ)):
        if typ is None:
            lhs.typ = _INVALID
        x.mode = "invalid"
        return
    if typ is None:
        typ = x.typ
        if is_untyped(typ):
            if typ is _UNTYPED_NIL:
                check.errorf(x, "UntypedNilUse", "use of untyped nil in %s", context)
                lhs.typ = _INVALID
                x.mode = "invalid"
                return
            typ = default_type(typ)
        lhs.typ = typ
    assignment(check, x, typ, context)


def lhs_var(check: Checker, lhs: ast.Expr) -> Type | None:
    """The type of the left side of an assignment: None for the blank identifier, invalid for what
    cannot be assigned to. A variable that is only assigned to is not used by that."""
    ident = unparen(lhs)
    v: Var | None = None
    used = False
    if isinstance(ident, ast.Name):
        if ident.value == "_":
            check.record_def(ident, None)
            return None
        obj = check.lookup(ident.value)
        if isinstance(obj, Var) and obj.pkg is check.pkg:
            v, used = obj, obj.used

    x = Operand()
    expr(check, None, x, lhs)
    if v is not None:
        v.used = used

    mode = x.mode
    if mode == "invalid" or not is_valid(x.typ):
        return _INVALID
    if mode == "variable" or mode == "mapindex":
        return x.typ
    if isinstance(x.expr, ast.SelectorExpr):
        op = Operand()
        expr(check, None, op, x.expr.x)
        if op.mode == "mapindex":
            check.errorf(
                x, "UnaddressableFieldAssign", "cannot assign to struct field %s in map", x.expr
            )
            return _INVALID
    check.errorf(
        x,
        "UnassignableOperand",
        "cannot assign to %s (neither addressable nor a map index expression)",
        x.expr,
    )
    return _INVALID


def assign_var(
    check: Checker, lhs: ast.Expr, rhs: ast.Expr | None, x: Operand | None, context: str
) -> None:
    """Check `lhs = rhs`, or `lhs = x` if there is an `x`, the value of an earlier evaluation."""
    T = lhs_var(check, lhs)
    if T is not None and not is_valid(T):
        if x is not None:
            x.mode = "invalid"
        else:
            check.use(rhs)
        return
    if x is None:
        assert rhs is not None
        target = None
        if T is not None and isinstance(T.underlying, Signature):
            target = new_target(T, expr_string(lhs))
        x = Operand()
        expr(check, target, x, rhs)
    if T is None and context == "assignment":
        context = "assignment to _ identifier"
    assignment(check, x, T, context)


# --- counts that do not match --------------------------------------------------------------------


def operand_types(operands: list[Operand]) -> list[Type]:
    return [x.typ for x in operands]


def var_types(vars: list[Var]) -> list[Type]:
    return [v.type for v in vars]


def types_summary(check: Checker, types: list[Type], variadic: bool, has_dots: bool) -> str:
    """The types of arguments or parameters as in "have (number, string)"."""
    out: list[str] = []
    for i, t in enumerate(types):
        if t is None or not is_valid(t):
            s = "unknown type"
        elif is_untyped(t):
            # "number" does not suggest a specific type
            assert isinstance(t, Basic)
            s = "number" if is_numeric(t) else t.name.replace("untyped ", "")
        else:
            s = check.sprintf("%s", t)
        if i == len(types) - 1:
            if variadic:
                if isinstance(t, Slice):
                    s = check.sprintf("%s", t.elem)
                s = "..." + s
            elif has_dots:
                s += "..."
        out.append(s)
    return "(" + ", ".join(out) + ")"


def measure(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"


def assign_error(check: Checker, rhs: list[ast.Expr], left: int, right: int) -> None:
    vars = measure(left, "variable")
    vals = measure(right, "value")
    first = rhs[0]
    if len(rhs) == 1:
        call = unparen(first)
        if isinstance(call, ast.CallExpr):
            check.errorf(
                first,
                "WrongAssignCount",
                "assignment mismatch: %s but %s returns %s",
                vars,
                call.fun,
                vals,
            )
            return
    check.errorf(first, "WrongAssignCount", "assignment mismatch: %s but %s", vars, vals)


def return_error(check: Checker, at: Any, lhs: list[Var], rhs: list[Operand]) -> None:
    n, r = len(lhs), len(rhs)
    qualifier = "not enough"
    if r > n:
        at = rhs[n]  # the first extra value
        qualifier = "too many"
    elif r > 0:
        at = rhs[r - 1]  # the last value
    err = check.new_error("WrongResultCount")
    err.addf(at, "%s return values", qualifier)
    err.addf(NO_POS, "have %s", types_summary(check, operand_types(rhs), False, False))
    err.addf(NO_POS, "want %s", types_summary(check, var_types(lhs), False, False))
    err.report()


# --- lists ---------------------------------------------------------------------------------------


def _is_call(e: ast.Expr) -> bool:
    return isinstance(unparen(e), ast.CallExpr)


def init_vars(
    check: Checker, lhs: list[Var], orig_rhs: list[ast.Expr], return_stmt: ast.Stmt | None
) -> None:
    """Check the initialisation of variables, or, with a return statement, of results."""
    n, r = len(lhs), len(orig_rhs)
    context = "assignment"
    if return_stmt is not None:
        context = "return statement"
    elif n > 1:
        context = "multiple assignment"

    # A single call is handled below, for a better message.
    if n == r and not (r == 1 and _is_call(orig_rhs[0])):
        x = Operand()
        for i, v in enumerate(lhs):
            target = None
            if v.typ is not None:
                desc = v.name
                if return_stmt is not None and not desc:
                    desc = "result variable"
                target = new_target(v.typ, desc)
            expr(check, target, x, orig_rhs[i])
            init_var(check, v, x, context)
        return

    # Otherwise there must be one expression with several values.
    if r != 1:
        if check.use(*orig_rhs):
            if return_stmt is not None:
                return_error(check, return_stmt, lhs, check.expr_list(orig_rhs))
            else:
                assign_error(check, orig_rhs, n, r)
        _invalidate(lhs)
        return

    rhs, comma_ok = multi_expr(check, orig_rhs[0], n == 2 and return_stmt is None)
    r = len(rhs)
    if n == r:
        for v, x in zip(lhs, rhs, strict=True):
            init_var(check, v, x, context)
        if comma_ok and rhs[0].mode != "invalid" and rhs[1].mode != "invalid":
            check.record_comma_ok_types(orig_rhs[0], rhs)
        return

    if rhs[0].mode != "invalid":
        if return_stmt is not None:
            return_error(check, return_stmt, lhs, rhs)
        else:
            assign_error(check, orig_rhs, n, r)
    _invalidate(lhs)


def _invalidate(vars: list[Var]) -> None:
    for v in vars:
        if v.typ is None:
            v.typ = _INVALID


def assign_vars(check: Checker, lhs: list[ast.Expr], orig_rhs: list[ast.Expr]) -> None:
    n, r = len(lhs), len(orig_rhs)
    context = "multiple assignment" if n > 1 else "assignment"

    if n == r and not (r == 1 and _is_call(orig_rhs[0])):
        for left, right in zip(lhs, orig_rhs, strict=True):
            assign_var(check, left, right, None, context)
        return

    if r != 1:
        ok_lhs = check.use_lhs(*lhs)
        ok_rhs = check.use(*orig_rhs)
        if ok_lhs and ok_rhs:
            assign_error(check, orig_rhs, n, r)
        return

    rhs, comma_ok = multi_expr(check, orig_rhs[0], n == 2)
    r = len(rhs)
    if n == r:
        for left, x in zip(lhs, rhs, strict=True):
            assign_var(check, left, None, x, context)
        if comma_ok and rhs[0].mode != "invalid" and rhs[1].mode != "invalid":
            check.record_comma_ok_types(orig_rhs[0], rhs)
        return

    if rhs[0].mode != "invalid":
        assign_error(check, orig_rhs, n, r)
    check.use_lhs(*lhs)


def short_var_decl(check: Checker, pos: Pos, lhs: list[ast.Expr], rhs: list[ast.Expr]) -> None:
    """Check `lhs := rhs`: variables of the innermost scope are assigned to, others declared."""
    top = len(check.delayed)
    scope = check.scope

    seen: set[str] = set()
    lhs_vars: list[Var] = []
    new_vars: list[Var] = []
    failed = False
    for e in lhs:
        v: Var | None = None
        if not isinstance(e, ast.Name):
            check.use_lhs(e)
            check.errorf(e, "BadDecl", "non-name %s on left side of :=", e)
            failed = True
        elif e.value != "_" and e.value in seen:
            check.errorf(e, "RepeatedDecl", "%s repeated on left side of :=", e)
            failed = True
        else:
            name = e.value
            if name != "_":
                seen.add(name)
            alt: Object | None = scope.lookup(name)
            if alt is not None:
                check.record_use(e, alt)
                if isinstance(alt, Var):
                    v = alt
                else:
                    check.errorf(e, "UnassignableOperand", "cannot assign to %s", e)
                    failed = True
            else:
                v = Var(e.pos, check.pkg, name, None)
                if name != "_":
                    new_vars.append(v)
                check.record_def(e, v)
        # a dummy where the left side is invalid
        lhs_vars.append(v if v is not None else Var(e.pos, check.pkg, "_", None))

    init_vars(check, lhs_vars, rhs, None)

    # function literals on the right side do not see the new variables
    check.process_delayed(top)

    if not new_vars and not failed:
        check.soft_errorf(pos, "NoNewVar", "no new variables on left side of :=")
        return

    # the scope of the variables begins at the end of the statement
    scope_pos = rhs[-1].end
    for v in new_vars:
        check.declare(scope, None, v, scope_pos)

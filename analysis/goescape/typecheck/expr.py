"""Expressions: the dispatch over their kinds, and how untyped ones get their final types.

Every function checks `e` and leaves what it found in the operand `x`; on an error it reports and
leaves `x` invalid. Expressions are checked top down. One whose type is untyped is remembered in
`check.untyped` and not yet recorded: when the value is assigned or used, `update_expr_type` walks
down again and records the type that the surroundings gave it. Thus `Info.types` shows the types
that values have at run time: in `var f float64 = 1 << 3`, the literal 1 is a `float64`.

Invariants
  - `raw_expr` records every expression it checks, or remembers it as untyped;
  - a constant's operands keep their untyped types, only its root gets the final one;
  - a chain `a + b + c + …` is checked and updated by a loop along its left spine.

Source: cmd/compile/internal/types2/expr.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck import constant
from goescape.typecheck.const import convert_untyped, overflow, representation
from goescape.typecheck.errors import INVALID_OP
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    all_boolean,
    all_integer,
    all_numeric,
    all_string,
    default_type,
    has_nil,
    identical,
    is_boolean,
    is_generic,
    is_non_type_param_interface,
    is_numeric,
    is_string,
    is_type_param,
    is_typed,
    is_unsigned,
    is_untyped,
    is_valid,
    max_type,
)
from goescape.typecheck.types import (
    Alias,
    Basic,
    Chan,
    Interface,
    Named,
    Pointer,
    Signature,
    Tuple,
    Type,
    TypeParam,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.under import TypeError_, common_under, type_errorf, under_is
from goescape.typecheck.universe import TYP, UNIVERSE_ERROR

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.recording import ExprInfo

_INVALID: Type = TYP["invalid"]
MAX_DEPTH = 2000
"""So many expressions may stand around one, whether it is nested or at the start of a chain."""
_UNTYPED_BOOL = TYP["untyped bool"]

_UNARY_PREDICATES: dict[str, Callable[[Type], bool]] = {
    "+": all_numeric,
    "-": all_numeric,
    "^": all_integer,
    "!": all_boolean,
}

COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])


class Target:
    """The function type, and the description, of the variable or result that a value is for."""

    __slots__ = ("desc", "sig")

    def __init__(self, sig: Signature, desc: str) -> None:
        self.sig, self.desc = sig, desc


def new_target(typ: Type | None, desc: str) -> Target | None:
    """A target for a variable of type `typ`; None unless that is a function type."""
    c = type(typ)
    if c is Signature:
        assert isinstance(typ, Signature)
        return Target(typ, desc)
    if typ is not None and (c is Named or c is Alias or c is TypeParam):
        u, _ = common_under(typ, None)
        if isinstance(u, Signature):
            return Target(u, desc)
    return None


def op_pos(x: ast.Expr | None) -> Pos:
    """The position of the operator if `x` is an operation, else where `x` starts."""
    if x is None:
        return NO_POS
    if isinstance(x, ast.Operation):
        return x.pos
    return start_pos(x)


def unparen(e: ast.Expr) -> ast.Expr:
    while isinstance(e, ast.ParenExpr):
        e = e.x
    return e


def op(check: Checker, predicates: dict[str, Callable[[Type], bool]], x: Operand, op: str) -> bool:
    predicate = predicates.get(op)
    if predicate is None:
        check.errorf(x, "InvalidSyntaxTree", "unknown operator %s", op)
        return False
    if not predicate(x.typ):
        check.errorf(x, "UndefinedOp", INVALID_OP + "operator %s not defined on %s", op, x)
        return False
    return True


def unary(check: Checker, x: Operand, e: ast.Operation) -> None:
    expr(check, None, x, e.x)
    if x.mode == "invalid":
        return

    operator = e.op
    if operator == "&":
        # x must be addressable, or a composite literal
        if x.mode != "variable" and not isinstance(unparen(e.x), ast.CompositeLit):
            check.errorf(x, "UnaddressableOperand", INVALID_OP + "cannot take address of %s", x)
            x.mode = "invalid"
            return
        x.mode = "value"
        x.typ = Pointer(x.typ)
        return
    if operator == "<-":
        elem = chan_elem(check, x, x, True)
        if elem is not None and check.is_complete(elem):
            x.mode, x.typ = "commaok", elem
            check.has_call_or_recv = True
            return
        x.mode = "invalid"
        return
    if operator == "~":
        msg = "cannot use ~ outside of interface or type constraint"
        if not all_integer(x.typ):
            check.error(e, "UndefinedOp", msg)
            x.mode = "invalid"
            return
        check.error(e, "UndefinedOp", msg + " (use ^ for bitwise complement)")
        operator = "^"

    if not op(check, _UNARY_PREDICATES, x, operator):
        x.mode = "invalid"
        return

    if x.mode == "constant":
        if x.val is None:
            return  # unknown
        prec = 0
        if is_unsigned(x.typ):
            prec = check.sizes.sizeof(x.typ) * 8
        x.val = constant.unary_op(operator, x.val, prec)
        x.expr = e
        overflow(check, x, op_pos(e))
        return
    x.mode = "value"


def chan_elem(check: Checker, pos: Any, x: Operand, recv: bool) -> Type | None:
    """The element type of the channel `x`, for a receive from it or a send to it; None, and an
    error, if that is not possible."""
    t = x.typ
    if type(t) is Chan and t.dir != ("send" if recv else "recv"):
        return t.elem

    def usable(t: Type | None, u: Type | None) -> TypeError_ | None:
        if u is None:
            return type_errorf("no specific channel type")
        if not isinstance(u, Chan):
            return type_errorf("non-channel %s", t)
        if recv and u.dir == "send":
            return type_errorf("send-only channel %s", t)
        if not recv and u.dir == "recv":
            return type_errorf("receive-only channel %s", t)
        return None

    u, err = common_under(t, usable)
    if isinstance(u, Chan):
        return u.elem
    cause = err.format(check) if err is not None else ""
    code, what = ("InvalidReceive", "receive from") if recv else ("InvalidSend", "send to")
    if is_type_param(t):
        check.errorf(pos, code, INVALID_OP + "cannot " + what + " %s: %s", x, cause)
    else:
        check.errorf(pos, code, INVALID_OP + "cannot " + what + " %s %s", cause, x)
    return None


# --- untyped expressions -------------------------------------------------------------------------


def update_expr_type(check: Checker, x: ast.Expr, typ: Type, final: bool) -> None:
    """Give `x`, and what it got its type from, the type `typ`, if `x` is still untyped. Unless
    `typ` is itself untyped and not `final`, it is recorded, and a constant must be representable
    by it."""
    untyped = check.untyped
    old = untyped.get(x)
    if old is None:
        return

    spine: list[tuple[ast.Expr, ExprInfo]] = []
    while True:
        if isinstance(x, ast.ParenExpr):
            spine.append((x, old))
            x = x.x
        elif isinstance(x, ast.Operation):
            if x.y is None and x.op == "*":
                break
            spine.append((x, old))
            # The operands of a constant never materialise. Those of a comparison have their
            # types, whatever becomes of its result.
            if old.mode == "constant" or x.op in COMPARISONS:
                break
            x = x.x
        else:
            if x.__class__ in _WHOLE:
                spine.append((x, old))
            break
        old = untyped.get(x)
        if old is None:
            break

    for x, old in reversed(spine):
        if (
            isinstance(x, ast.Operation)
            and x.y is not None
            and old.mode != "constant"
            and x.op not in COMPARISONS
            and x.op != "<<"
            and x.op != ">>"
        ):
            update_expr_type(check, x.y, typ, final)
        _finish_untyped(check, x, old, typ, final)


def _finish_untyped(check: Checker, x: ast.Expr, old: ExprInfo, typ: Type, final: bool) -> None:
    if not final and is_untyped(typ):
        under = typ.underlying
        assert isinstance(under, Basic)
        old.typ = under
        return
    check.untyped.pop(x, None)
    if old.is_lhs:
        # the left operand of a shift must be an integer; constants are checked below as well
        if not all_integer(typ):
            check.errorf(
                x,
                "InvalidShiftOperand",
                INVALID_OP + "shifted operand %s (type %s) must be integer",
                x,
                typ,
            )
            return
    if old.mode == "constant":
        c = Operand(old.mode, x, old.typ, old.val)
        convert_untyped(check, c, typ)
        if c.mode == "invalid":
            return
    check.record_type_and_value(x, old.mode, typ, old.val)


def update_expr_val(check: Checker, x: ast.Expr, val: Any) -> None:
    info = check.untyped.get(x)
    if info is not None:
        info.val = val


_WHOLE = frozenset([ast.CallExpr, ast.Name, ast.BasicLit, ast.SelectorExpr])
"""What is untyped as a whole; of other expressions their operands are."""

_UNTYPED_NUMERIC = frozenset(["untyped int", "untyped rune", "untyped float", "untyped complex"])
_FAILED = (None, None, "InvalidUntypedConversion")


def implicit_type_and_value(
    check: Checker, x: Operand, target: Type
) -> tuple[Type | None, Any, str]:
    """The type, and the value of a constant, that `x` gets where `target` is expected; or None,
    None and an error code if it cannot be converted."""
    typ = x.typ
    if x.mode == "invalid" or is_typed(typ) or not is_valid(target):
        return typ, None, ""

    if is_untyped(target):
        m = max_type(typ, target)
        if m is not None:
            return m, None, ""
        return _FAILED

    if x.mode == "nilvalue":
        if has_nil(target):
            return target, None, ""
        return _FAILED

    u = target.underlying
    if isinstance(u, Basic):
        if x.mode == "constant":
            v, code = representation(check, x, u)
            if code:
                return None, None, code
            return target, v, ""
        # results of comparisons, and shifts whose type is not known yet
        assert isinstance(typ, Basic)
        kind = typ.kind
        if kind == "untyped bool":
            ok = is_boolean(target)
        elif kind in _UNTYPED_NUMERIC:
            ok = is_numeric(target)
        elif kind == "untyped string":
            ok = is_string(target)
        else:
            ok = False
        return (target, None, "") if ok else _FAILED
    if isinstance(u, Interface):
        if is_type_param(target):

            def convertible(u: Type | None) -> bool:
                return u is not None and implicit_type_and_value(check, x, u)[0] is not None

            return (target, None, "") if under_is(target, convertible) else _FAILED
        # A value in an interface has its default type.
        if not type_set(u).is_all():
            return _FAILED
        return default_type(typ), None, ""
    return _FAILED


def match_types(check: Checker, x: Operand, y: Operand) -> None:
    """Convert an untyped operand to the type of the other if that may help; `x` becomes invalid
    if it fails."""
    if _may_convert(x, y):
        convert_untyped(check, x, y.typ)
        if x.mode == "invalid":
            return
        convert_untyped(check, y, x.typ)
        if y.mode == "invalid":
            x.mode = "invalid"


def _may_convert(x: Operand, y: Operand) -> bool:
    xt, yt = x.typ, y.typ
    if is_typed(xt) and is_typed(yt):
        return False
    if all_numeric(xt) != all_numeric(yt):
        return False
    # an untyped operand may get its default type beside an empty interface
    if is_non_type_param_interface(xt) or is_non_type_param_interface(yt):
        return True
    if all_boolean(xt) != all_boolean(yt):
        return False
    if all_string(xt) != all_string(yt):
        return False
    if x.mode == "nilvalue":
        return has_nil(yt)
    if y.mode == "nilvalue":
        return has_nil(xt)
    # an untyped operand cannot become a pointer
    return not (isinstance(xt.underlying, Pointer) or isinstance(yt.underlying, Pointer))


# --- dispatch ------------------------------------------------------------------------------------


def raw_expr(
    check: Checker,
    T: Target | None,
    x: Operand,
    e: ast.Expr,
    hint: Type | None,
    allow_generic: bool,
) -> str:
    """Check `e`, and record it. With a target, a generic function gets its type arguments from
    it; `hint` is the element type of the literal around a literal without a type. The result is
    what kind of statement the expression could be: "conversion", "expression" or "statement"."""
    x.mode = "invalid"
    x.typ = _INVALID
    check.depth += 1
    if check.depth > MAX_DEPTH:
        check.depth -= 1
        return too_deep(check, x, e)
    kind = _HANDLERS[type(e)](check, T, x, e, hint)
    check.depth -= 1
    if not allow_generic:
        c = type(x.typ)
        if c is Signature or c is Named or c is Alias:
            non_generic(check, T, x)
    check.record(x)
    return kind


def too_deep(check: Checker, x: Operand, e: ast.Expr) -> str:
    """Refuse an expression with too many others around it, as in a chain `x.f().g()…`."""
    check.error(e, "UnsupportedFeature", "nesting too deep")
    return _failed(x, e)


def non_generic(check: Checker, T: Target | None, x: Operand) -> None:
    """Report the use of a generic type or function without type arguments, unless the target can
    supply them."""
    if x.mode == "invalid" or x.mode == "novalue":
        return
    t = x.typ
    what = ""
    if isinstance(t, Alias | Named):
        if is_generic(t):
            what = "type"
    elif isinstance(t, Signature):
        if t.tparams:
            if T is not None:
                check.func_inst(T, x.pos, x, None, True)
                return
            what = "function"
    if what:
        check.errorf(
            x.expr,
            "WrongTypeArgCount",
            "cannot use generic %s %s without instantiation",
            what,
            x.expr,
        )
        x.mode = "invalid"
        x.typ = _INVALID


def _failed(x: Operand, e: ast.Expr) -> str:
    x.mode = "invalid"
    x.expr = e
    return "statement"  # avoid follow-up errors


def _finish(x: Operand, e: ast.Expr) -> str:
    x.expr = e
    return "statement" if x.mode == "invalid" else "expression"


def _bad_expr(check: Checker, T: Target | None, x: Operand, e: ast.BadExpr, h: Type | None) -> str:
    return _failed(x, e)  # was reported before


def _name(check: Checker, T: Target | None, x: Operand, e: ast.Name, h: Type | None) -> str:
    check.ident(x, e, False)
    x.expr = e
    return "expression"


def _dots(check: Checker, T: Target | None, x: Operand, e: ast.DotsType, h: Type | None) -> str:
    check.error(e, "InvalidSyntaxTree", "invalid use of ...")
    return _failed(x, e)


def _basic_lit(
    check: Checker, T: Target | None, x: Operand, e: ast.BasicLit, h: Type | None
) -> str:
    if e.bad:
        return _failed(x, e)  # reported by the parser
    check.basic_lit(x, e)
    return _finish(x, e)


def _func_lit(check: Checker, T: Target | None, x: Operand, e: ast.FuncLit, h: Type | None) -> str:
    check.func_lit(x, e)
    return _finish(x, e)


def _composite_lit(
    check: Checker, T: Target | None, x: Operand, e: ast.CompositeLit, hint: Type | None
) -> str:
    check.composite_lit(x, e, hint)
    return _finish(x, e)


def _paren(check: Checker, T: Target | None, x: Operand, e: ast.ParenExpr, h: Type | None) -> str:
    # inference does not go past parentheses
    kind = raw_expr(check, None, x, e.x, None, False)
    x.expr = e
    return kind


def _selector(
    check: Checker, T: Target | None, x: Operand, e: ast.SelectorExpr, h: Type | None
) -> str:
    check.selector(x, e, False)
    x.expr = e
    return "expression"


def _index(check: Checker, T: Target | None, x: Operand, e: ast.IndexExpr, h: Type | None) -> str:
    if check.index_expr(x, e):
        check.func_inst(T, e.pos, x, e, True)
    return _finish(x, e)


def _slice(check: Checker, T: Target | None, x: Operand, e: ast.SliceExpr, h: Type | None) -> str:
    check.slice_expr(x, e)
    return _finish(x, e)


def _assert(check: Checker, T: Target | None, x: Operand, e: ast.AssertExpr, h: Type | None) -> str:
    expr(check, None, x, e.x)
    if x.mode == "invalid":
        return _failed(x, e)
    if is_type_param(x.typ):
        check.errorf(
            x,
            "InvalidAssert",
            INVALID_OP + "cannot use type assertion on type parameter value %s",
            x,
        )
        return _failed(x, e)
    if not isinstance(x.typ.underlying, Interface):
        check.errorf(x, "InvalidAssert", INVALID_OP + "%s is not an interface", x)
        return _failed(x, e)
    typ = check.var_type(e.type)
    if not is_valid(typ) or not check.is_complete(typ):
        return _failed(x, e)
    type_assertion(check, e, x, typ, False)
    x.mode, x.typ = "commaok", typ
    return _finish(x, e)


def _type_switch_guard(
    check: Checker, T: Target | None, x: Operand, e: ast.TypeSwitchGuard, h: Type | None
) -> str:
    check.error(e, "InvalidSyntaxTree", "use of .(type) outside type switch")
    check.use(e.x)
    return _failed(x, e)


def _call(check: Checker, T: Target | None, x: Operand, e: ast.CallExpr, h: Type | None) -> str:
    return check.call_expr(x, e)


def _list(check: Checker, T: Target | None, x: Operand, e: ast.ListExpr, h: Type | None) -> str:
    check.error(e, "InvalidSyntaxTree", "unexpected list of expressions")
    return _failed(x, e)


def _operation(
    check: Checker, T: Target | None, x: Operand, e: ast.Operation, h: Type | None
) -> str:
    if e.y is not None:
        check.binary(x, e, e.x, e.y, e.op)
        return _finish(x, e)
    if e.op == "*":
        _indirect(check, x, e)
        return _finish(x, e)
    unary(check, x, e)
    x.expr = e
    if x.mode == "invalid" or e.op == "<-":
        return "statement"  # a receive may stand as a statement
    return "expression"


def _indirect(check: Checker, x: Operand, e: ast.Operation) -> None:
    expr_or_type(check, x, e.x, False)
    if x.mode == "invalid":
        return
    if x.mode == "typexpr":
        check.valid_var_type(e.x, x.typ)
        x.typ = Pointer(x.typ)
        return
    base: Type | None = None

    def pointer(u: Type | None) -> bool:
        nonlocal base
        if not isinstance(u, Pointer):
            check.errorf(x, "InvalidIndirection", INVALID_OP + "cannot indirect %s", x)
            return False
        if base is not None and not identical(u.elem, base):
            check.errorf(
                x,
                "InvalidIndirection",
                INVALID_OP + "pointers of %s must have identical base types",
                x,
            )
            return False
        base = u.elem
        return True

    if not under_is(x.typ, pointer) or base is None or not check.is_complete(base):
        x.mode = "invalid"
        return
    x.mode, x.typ = "variable", base


def _key_value(
    check: Checker, T: Target | None, x: Operand, e: ast.KeyValueExpr, h: Type | None
) -> str:
    check.error(e, "InvalidSyntaxTree", "no key:value expected")
    return _failed(x, e)


def _type_expr(check: Checker, T: Target | None, x: Operand, e: ast.Expr, h: Type | None) -> str:
    x.mode, x.typ = "typexpr", check.typ(e)
    x.expr = e
    return "expression"


_HANDLERS: dict[type, Callable[..., str]] = {
    ast.BadExpr: _bad_expr,
    ast.Name: _name,
    ast.DotsType: _dots,
    ast.BasicLit: _basic_lit,
    ast.FuncLit: _func_lit,
    ast.CompositeLit: _composite_lit,
    ast.ParenExpr: _paren,
    ast.SelectorExpr: _selector,
    ast.IndexExpr: _index,
    ast.SliceExpr: _slice,
    ast.AssertExpr: _assert,
    ast.TypeSwitchGuard: _type_switch_guard,
    ast.CallExpr: _call,
    ast.ListExpr: _list,
    ast.Operation: _operation,
    ast.KeyValueExpr: _key_value,
    ast.ArrayType: _type_expr,
    ast.SliceType: _type_expr,
    ast.StructType: _type_expr,
    ast.FuncType: _type_expr,
    ast.InterfaceType: _type_expr,
    ast.MapType: _type_expr,
    ast.ChanType: _type_expr,
}


def type_assertion(check: Checker, e: ast.Expr, x: Operand, T: Type, type_switch: bool) -> None:
    """Check `x.(T)`; the type of `x` is an interface."""
    cause: list[str] = []
    if check.assertable_to(x.typ, T, cause):
        return
    why = cause[0] if cause else ""
    if type_switch:
        check.errorf(
            e,
            "ImpossibleAssert",
            "impossible type switch case: %s\n\t%s cannot have dynamic type %s %s",
            e,
            x,
            T,
            why,
        )
        return
    check.errorf(
        e,
        "ImpossibleAssert",
        "impossible type assertion: %s\n\t%s does not implement %s %s",
        e,
        T,
        x.typ,
        why,
    )


# --- entry points --------------------------------------------------------------------------------

_NO_VALUE = frozenset(["novalue"])
_NOT_VALUES = frozenset(["novalue", "builtin", "typexpr"])


def expr(check: Checker, T: Target | None, x: Operand, e: ast.Expr) -> None:
    """Check `e`, which must be a single value."""
    raw_expr(check, T, x, e, None, False)
    if x.mode in _NOT_VALUES:
        exclude(check, x, _NOT_VALUES)
    elif x.mode == "value" and type(x.typ) is Tuple:
        single_value(check, x)


def generic_expr(check: Checker, x: Operand, e: ast.Expr, hint: Type | None) -> None:
    """Like `expr`, but a generic function will do."""
    raw_expr(check, None, x, e, hint, True)
    exclude(check, x, _NOT_VALUES)
    single_value(check, x)


def multi_expr(check: Checker, e: ast.Expr, allow_comma_ok: bool) -> tuple[list[Operand], bool]:
    """Check `e`, which may have several values. If `allow_comma_ok`, an expression that has a
    second value (`m[k]`, `<-c`, `x.(T)`) gives both, and the second result is True."""
    x = Operand()
    raw_expr(check, None, x, e, None, False)
    exclude(check, x, _NOT_VALUES)

    if isinstance(x.typ, Tuple) and x.mode != "invalid":
        start = start_pos(e)
        return [
            Operand("value", ast.Name(start, e.end, nth(i + 1, "function result")), v.type)
            for i, v in enumerate(x.typ.vars)
        ], False

    if allow_comma_ok and x.mode in ("mapindex", "commaok", "commaerr"):
        what = "ok value of (comma, ok) expression"
        typ: Type = _UNTYPED_BOOL
        if x.mode == "commaerr":
            what, typ = "err value of (comma, err) expression", UNIVERSE_ERROR
        y = Operand("value", ast.Name(start_pos(e), e.end, what), typ)
        return [x, y], True
    return [x], False


def nth(n: int, what: str) -> str:
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n, 'th') } {what}"


def expr_or_type(check: Checker, x: Operand, e: ast.Expr, allow_generic: bool) -> None:
    """Check `e`, which must be a type or a single value."""
    raw_expr(check, None, x, e, None, allow_generic)
    if x.mode == "novalue":
        exclude(check, x, _NO_VALUE)
    elif x.mode == "value" and type(x.typ) is Tuple:
        single_value(check, x)


def exclude(check: Checker, x: Operand, modes: frozenset[str]) -> None:
    """Report `x` if its mode (one of "novalue", "builtin", "typexpr") is in `modes`."""
    mode = x.mode
    if mode not in modes:
        return
    if mode == "novalue":
        if "typexpr" in modes:
            msg = "%s used as value"
        else:
            msg = "%s used as value or type"
        code = "TooManyValues"
    elif mode == "builtin":
        msg, code = "%s must be called", "UncalledBuiltin"
    else:
        msg, code = "%s is not an expression", "NotAnExpr"
    check.errorf(x, code, msg, x)
    x.mode = "invalid"


def single_value(check: Checker, x: Operand) -> None:
    if x.mode == "value" and type(x.typ) is Tuple:
        check.errorf(x, "TooManyValues", "multiple-value %s in single-value context", x)
        x.mode = "invalid"

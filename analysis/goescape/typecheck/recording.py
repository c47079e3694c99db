"""Writing down what was found out, in the side tables of `Info`.

An untyped expression is remembered in `check.untyped` until its final type is known: either its
context decides it, or it keeps its untyped type when checking comes to rest (`record_untyped`).

Example: in `var x float64 = 1 + 2`, the literals and the sum are remembered as untyped ints and
recorded as float64 once the assignment has converted the sum.

Source: cmd/compile/internal/types2/recording.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.bug import report
from goescape.syntax import ast
from goescape.typecheck.info import Instance, Selection, TypeAndValue
from goescape.typecheck.objects import Object, Var
from goescape.typecheck.types import Basic, Signature, Tuple, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.operand import Operand
    from goescape.typecheck.scope import Scope

_NO_VALUE = Tuple([])
_INVALID = TYP["invalid"]


class ExprInfo:
    """What is known of an expression without a final type. `is_lhs`: it is the left operand of a
    shift whose check is delayed."""

    __slots__ = ("is_lhs", "mode", "typ", "val")

    def __init__(self, is_lhs: bool, mode: str, typ: Basic, val: Any) -> None:
        self.is_lhs, self.mode, self.typ, self.val = is_lhs, mode, typ, val


def remember_untyped(
    check: Checker, e: ast.Expr, lhs: bool, mode: str, typ: Basic, val: Any
) -> None:
    check.untyped[e] = ExprInfo(lhs, mode, typ, val)


def record(check: Checker, x: Operand) -> None:
    """Record the operand's expression, or remember it if its type is untyped."""
    mode = x.mode
    if mode == "invalid":
        return
    e = x.expr
    assert e is not None
    if mode == "novalue":
        check.info.types[e] = TypeAndValue(mode, _NO_VALUE)
        return
    typ = x.typ
    if typ.__class__ is Basic and typ.kind.startswith("untyped"):
        check.untyped[e] = ExprInfo(False, mode, typ, x.val if mode == "constant" else None)
    else:
        check.info.types[e] = TypeAndValue(mode, typ, x.val if mode == "constant" else None)


def record_untyped(check: Checker) -> None:
    """Give every expression still untyped that untyped type."""
    if check.untyped:
        types = check.info.types
        for e, info in check.untyped.items():
            if info.mode != "invalid":
                types[e] = TypeAndValue(info.mode, info.typ, info.val)
        check.untyped = {}


def record_type_and_value(
    check: Checker, e: ast.Expr, mode: str, typ: Type, val: Any = None
) -> None:
    if mode != "invalid":
        check.info.types[e] = TypeAndValue(mode, typ, val)


def record_builtin_type(check: Checker, f: ast.Expr, sig: Signature) -> None:
    """Record the signature of a builtin for its possibly parenthesised, possibly qualified name."""
    while True:
        record_type_and_value(check, f, "builtin", sig)
        if not isinstance(f, ast.ParenExpr):
            return
        f = f.x


def record_comma_ok_types(check: Checker, x: ast.Expr, a: list[Operand]) -> None:
    """`x` stands where two values are wanted: its type is the pair."""
    if a[0].mode == "invalid":
        return
    t0, t1 = a[0].typ, a[1].typ
    types = check.info.types
    while True:
        tv = types.get(x)
        if tv is None:
            report("comma-ok expression was not recorded", x.pos)
            return
        pair = Tuple([Var(x.pos, check.pkg, "", t0), Var(x.pos, check.pkg, "", t1)])
        types[x] = TypeAndValue(tv.mode, pair, tv.value)
        if not isinstance(x, ast.ParenExpr):
            return
        x = x.x


def instantiated_ident(e: ast.Expr) -> ast.Name | None:
    """The name instantiated by `f`, `p.f`, `f[T]` or `p.f[T]`."""
    if isinstance(e, ast.IndexExpr):
        e = e.x
    if isinstance(e, ast.SelectorExpr):
        return e.sel
    return e if isinstance(e, ast.Name) else None


def record_instance(check: Checker, e: ast.Expr, targs: list[Type], typ: Type) -> None:
    name = instantiated_ident(e)
    if name is None:
        report("instantiated name not found", e.pos)
        return
    if isinstance(typ, Signature) and typ.recv_old is not None:
        # An instance of a method value or expression: give its signature the receiver back.
        recv, params = typ.recv_old, typ.params
        if recv is METHOD_EXPR_SENTINEL:
            recv, params = params.vars[0], Tuple(params.vars[1:])
        sig = Signature(recv, params, typ.results, typ.variadic, typ.tparams, typ.rparams)
        sig.scope = typ.scope
        typ = sig
    check.info.instances[name] = Instance(list(targs), typ)


# `recv_old` of a method expression's signature: its first parameter is the receiver.
METHOD_EXPR_SENTINEL = Var(0, None, "", None)


def record_def(check: Checker, name: ast.Name, obj: Object | None) -> None:
    check.info.defs[name] = obj


def record_use(check: Checker, name: ast.Name, obj: Object) -> None:
    check.info.uses[name] = obj


def record_implicit(check: Checker, node: ast.Node, obj: Object) -> None:
    check.info.implicits[node] = obj


def record_selection(
    check: Checker,
    x: ast.SelectorExpr,
    kind: str,
    recv: Type,
    obj: Object,
    index: tuple[int, ...],
    indirect: bool,
) -> None:
    check.info.uses[x.sel] = obj
    check.info.selections[x] = Selection(kind, recv, obj, index, indirect)


def record_scope(check: Checker, node: ast.Node, scope: Scope) -> None:
    check.info.scopes[node] = scope

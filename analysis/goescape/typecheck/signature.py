"""Function types, receivers and parameters.

Invariants
  - parameters, receiver and type parameters are declared in the function's own scope, which is
    kept in the signature for the body;
  - the type parameters of a receiver `(r *T[P])` are declared anew for each method, with the
    constraints of T's own ones.

Example: in `func (l *List[E]) Push(e E)`, E is a type parameter of Push's receiver, and the
receiver's type is a pointer to List instantiated with that E.

Source: cmd/compile/internal/types2/signature.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck import version
from goescape.typecheck.info import TypeAndValue
from goescape.typecheck.lookup import deref
from goescape.typecheck.objects import Var
from goescape.typecheck.predicates import is_valid
from goescape.typecheck.subst import make_rename_map
from goescape.typecheck.types import (
    Alias,
    Basic,
    Interface,
    Named,
    Pointer,
    Signature,
    Slice,
    Tuple,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]


def func_type(
    check: Checker,
    sig: Signature,
    recv_par: ast.Field | None,
    tparams: list[ast.Field] | None,
    ftyp: ast.FuncType,
) -> None:
    """Fill in the signature that `ftyp` denotes."""
    check.open_scope(ftyp, "function")
    scope = check.scope
    scope.is_func = True
    sig.scope = scope
    recv: Var | None = None
    rparams: list[TypeParam] = []
    if recv_par is not None:
        # The scopes of all type parameters start behind the method's name.
        recv, rparams = check.collect_recv(recv_par, ftyp.pos)
    if tparams:

        def set_tparams(list: list[TypeParam]) -> None:
            sig.tparams = list

        check.collect_type_params(set_tparams, tparams)
    params, variadic = check.collect_params("param", ftyp.param_list)
    results, _ = check.collect_params("result", ftyp.result_list)
    scope_pos = ftyp.end
    if recv is not None and recv_par is not None and recv_par.name is not None and recv.name:
        check.declare(scope, recv_par.name, recv, scope_pos)
    _declare_params(check, ftyp.param_list, params, scope_pos)
    _declare_params(check, ftyp.result_list, results, scope_pos)
    sig.recv = recv
    sig.rparams = rparams
    sig.params = Tuple(params)
    sig.results = Tuple(results)
    sig.variadic = variadic
    check.close_scope()


def collect_recv(check: Checker, rparam: ast.Field, scope_pos: Pos) -> tuple[Var, list[TypeParam]]:
    """The receiver variable, not declared yet, and its type parameters, declared."""
    ptr, rbase, names = check.unpack_recv(rparam.type, True)
    rparams: list[TypeParam] = []
    if not names:
        typ = check.var_type(rparam.type)
        typ = _verify_not_instance(check, rbase, typ)
    else:
        typ, rparams = _generic_recv(check, rparam, ptr, rbase, names, scope_pos)
    if rparam.name is not None and rparam.name.value:
        recv = Var(rparam.name.pos, check.pkg, rparam.name.value, typ, "recv")
    else:
        recv = Var(rparam.pos, check.pkg, "", typ, "recv")
        check.record_implicit(rparam, recv)
    # Later: it may ask for types that are not complete.
    check.later_check(lambda: check.valid_recv(rbase, recv))
    return recv, rparams


def _verify_not_instance(check: Checker, rbase: ast.Expr, typ: Type) -> Type:
    """Methods cannot be defined on an alias of an instantiated type."""
    a = _unpointer(typ)
    while isinstance(a, Alias):
        rhs = a.from_rhs
        if rhs is None:
            break
        base = _unpointer(rhs)
        if isinstance(base, (Named, Alias)) and base.tparams:
            check.errorf(
                rbase, "InvalidRecv", "cannot define new methods on instantiated type %s", base
            )
            return _INVALID
        a = base
    return typ


def _generic_recv(
    check: Checker,
    rparam: ast.Field,
    ptr: bool,
    rbase: ast.Expr,
    names: list[ast.Name],
    scope_pos: Pos,
) -> tuple[Type, list[TypeParam]]:
    # The base is resolved before its parameters are declared: they may have the same name.
    base: Named | None = None
    cause: list[str] = []
    t = check.generic_type(rbase, cause)
    if not is_valid(t):
        if cause:
            check.errorf(rbase, "InvalidRecv", "%s", cause[0])
    elif isinstance(t, Named):
        base = t
    elif isinstance(t, Alias):
        check.errorf(rbase, "InvalidRecv", "cannot define new methods on generic alias type %s", t)
    rparams: list[TypeParam] = []
    for name in names:
        tpar = check.declare_type_param(name, scope_pos)
        rparams.append(tpar)
        # These names are both definitions and uses.
        check.record_use(name, tpar.obj)
        check.record_type_and_value(name, "typexpr", tpar)
    rparams = check.bind_tparams(rparams)
    if base is None:
        return _INVALID, rparams
    base_tparams = base.tparams
    if len(rparams) == len(base_tparams):
        smap = make_rename_map(base_tparams, rparams)
        for rpar, bpar in zip(rparams, base_tparams, strict=True):
            check.mono.record_canon(rpar, bpar)
            # The constraint may mention the other type parameters of the base.
            if bpar.bound is not None:
                rpar.bound = check.subst(rpar.obj.pos, bpar.bound, smap)
    else:
        n = len(rparams)
        check.errorf(
            rbase,
            "BadRecv",
            "receiver declares %s, but receiver base type declares %d",
            f"{n} type parameter" + ("" if n == 1 else "s"),
            len(base_tparams),
        )
    check.verify_versionf(rbase, version.GO1_18, "type instantiation")
    targs: list[Type] = list(rparams)
    typ: Type = check.instance(rparam.type.pos, base, targs)
    check.record_instance(rbase, targs, typ)
    if ptr and is_valid(typ):
        typ = Pointer(typ)
    _record_parenthesized(check, rparam.type, typ)
    return typ, rparams


def _unpointer(t: Type) -> Type:
    while isinstance(t, Pointer):
        t = t.elem
    return t


def _record_parenthesized(check: Checker, e: ast.Expr, typ: Type) -> None:
    """Record the types of `(*(T[P]))` and of its parts."""
    while True:
        check.info.types[e] = TypeAndValue("typexpr", typ)
        if isinstance(e, ast.ParenExpr):
            e = e.x
        elif isinstance(e, ast.Operation) and e.op == "*" and e.y is None:
            if not isinstance(typ, Pointer):
                return
            e, typ = e.x, typ.elem
        else:
            return


def collect_params(check: Checker, kind: str, fields: list[ast.Field]) -> tuple[list[Var], bool]:
    """The variables of a parameter or result list, not declared yet, and whether it is variadic."""
    params: list[Var] = []
    if not fields:
        return params, False
    variadic = False
    named = anonymous = False
    typ: Type = _INVALID
    previous: ast.Expr | None = None
    last = len(fields) - 1
    for i, field in enumerate(fields):
        ftype = field.type
        if ftype is not previous:
            previous = ftype
            if isinstance(ftype, ast.DotsType):
                if kind == "param" and i == last:
                    variadic = True
                else:
                    check.error(ftype, "InvalidSyntaxTree", "invalid use of ...")
                ftype = ftype.elem
            typ = check.var_type(ftype)
        if field.name is not None:
            params.append(Var(field.name.pos, check.pkg, field.name.value, typ, kind))
            named = True
        else:
            par = Var(field.pos, check.pkg, "", typ, kind)
            check.info.implicits[field] = par
            params.append(par)
            anonymous = True
    if named and anonymous:
        check.error(
            fields[0], "InvalidSyntaxTree", "list contains both named and anonymous parameters"
        )
    if variadic:
        # The type of ...T is []T.
        par = params[last]
        assert par.typ is not None
        par.typ = Slice(par.typ)
        check.info.types[fields[last].type] = TypeAndValue("typexpr", par.typ)
    return params, variadic


def _declare_params(
    check: Checker, fields: list[ast.Field], params: list[Var], scope_pos: Pos
) -> None:
    scope = check.scope
    for field, par in zip(fields, params, strict=True):
        if field.name is not None and par.name:
            check.declare(scope, field.name, par, scope_pos)


def valid_recv(check: Checker, at: Any, recv: Var) -> None:
    """Report a receiver whose type cannot have methods declared here."""
    assert recv.typ is not None
    rtyp, _ = deref(recv.typ)
    atyp = unalias(rtyp)
    if not is_valid(atyp):
        return
    if isinstance(atyp, Named):
        if atyp.obj.pkg is not check.pkg or atyp.obj.name.startswith("_Ctype_"):
            check.errorf(at, "InvalidRecv", "cannot define new methods on non-local type %s", rtyp)
            return
        cause = ""
        u = atyp.underlying
        if isinstance(u, Basic):
            if u.kind == "unsafe.Pointer":
                cause = "unsafe.Pointer"
        elif isinstance(u, (Pointer, Interface)):
            cause = "pointer or interface type"
        if cause:
            check.errorf(at, "InvalidRecv", "invalid receiver type %s (%s)", rtyp, cause)
    elif isinstance(atyp, Basic):
        check.errorf(at, "InvalidRecv", "cannot define new methods on non-local type %s", rtyp)
    else:
        check.errorf(at, "InvalidRecv", "invalid receiver type %s", recv.typ)

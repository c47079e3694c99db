"""Calls, conversions by call syntax, and instantiations of generic functions.

Example: in `Map(xs, strconv.Itoa)` the arguments are checked first, then the type arguments of
`Map` are inferred from them (those of a generic argument function too), the signature is
instantiated (recorded at the name `Map`), and only then each argument is assigned to its
parameter, which gives untyped arguments their types.

Source: cmd/compile/internal/types2/call.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.syntax.printer import expr_string
from goescape.typecheck.assignments import operand_types, var_types
from goescape.typecheck.conversions import conversion
from goescape.typecheck.errors import INVALID_OP
from goescape.typecheck.expr import (
    Target,
    exclude,
    expr,
    expr_or_type,
    generic_expr,
    multi_expr,
    new_target,
    non_generic,
    raw_expr,
)
from goescape.typecheck.infer import is_parameterized
from goescape.typecheck.objects import Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import is_type_param
from goescape.typecheck.subst import make_subst_map
from goescape.typecheck.types import (
    Alias,
    Interface,
    Named,
    Signature,
    Slice,
    Tuple,
    Type,
    TypeParam,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.under import TypeError_, common_under, type_errorf
from goescape.typecheck.universe import PREDECLARED_FUNCS

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_NOT_VALUES = frozenset(["novalue", "builtin", "typexpr"])


def unpack_list_expr(e: ast.Expr | None) -> list[ast.Expr]:
    if e is None:
        return []
    if isinstance(e, ast.ListExpr):
        return e.elem_list
    return [e]


def copy_signature(sig: Signature) -> Signature:
    new = Signature(sig.recv, sig.params, sig.results, sig.variadic, sig.tparams, sig.rparams)
    new.scope, new.recv_old = sig.scope, sig.recv_old
    return new


def func_inst(
    check: Checker,
    T: Target | None,
    pos: Pos,
    x: Operand,
    inst: ast.IndexExpr | None,
    infer: bool,
) -> list[Type] | None:
    """Instantiate the generic function `x` with the type arguments of `inst`, and, if `infer`,
    with those that follow from the target. Without `infer` the type arguments are returned if
    they are too few, and `x` is left as it is; otherwise the result is None."""
    if inst is not None:
        err_pos = inst.pos
        x.expr = inst
    else:
        err_pos = pos
    version_error = not check.verify_versionf(err_pos, 18, "function instantiation")

    targs: list[Type] | None = []
    xlist: list[ast.Expr] = []
    if inst is not None:
        xlist = unpack_list_expr(inst.index)
        targs = check.type_list(xlist)
        if targs is None:
            x.mode = "invalid"
            return None
    assert targs is not None

    sig = x.typ
    assert isinstance(sig, Signature)
    got, want = len(targs), len(sig.tparams)
    if got > want:
        check.errorf(
            xlist[got - 1], "WrongTypeArgCount", "got %d type arguments but want %d", got, want
        )
        x.mode = "invalid"
        return None

    if got < want:
        if not infer:
            return targs
        # The assignment `var tvar tsig = x` is like a call g(tvar) of
        # func g[type parameters of x](function type of x).
        args: list[Operand] = []
        params: list[Var] = []
        reverse = False
        if T is not None and sig.tparams:
            if not version_error and not check.allow_version(21):
                if inst is not None:
                    what = "partially instantiated function in assignment"
                else:
                    what = "implicitly instantiated function in assignment"
                check.version_errorf(err_pos, 21, what)
            gsig = Signature(None, sig.params, sig.results, sig.variadic)
            params = [Var(x.pos, check.pkg, "", gsig, "param")]
            # an expression that makes sense in messages
            args = [Operand("value", ast.Name(x.pos, x.pos, T.desc), T.sig)]
            reverse = True

        # renamed, so that recursive instantiations work
        tparams, params2 = check.rename_tparams(pos, sig.tparams, Tuple(params))
        assert isinstance(params2, Tuple)
        err = check.new_error("CannotInferTypeArgs")
        targs = check.infer(pos, tparams, targs, params2, args, reverse, err)
        if targs is None:
            if not err.empty():
                err.report()
            x.mode = "invalid"
            return None

    assert x.expr is not None
    x.typ = instantiate_signature(check, x.pos, x.expr, sig, targs, xlist)
    x.mode = "value"
    return None


def instantiate_signature(
    check: Checker,
    pos: Pos,
    expr: ast.Expr,
    typ: Signature,
    targs: list[Type],
    xlist: list[ast.Expr],
) -> Signature:
    inst = check.instance(pos, typ, targs)
    assert isinstance(inst, Signature)
    check.record_instance(expr, targs, inst)

    def verify() -> None:
        tparams = typ.tparams
        i, cause = check.verify(pos, tparams, targs)
        if cause is not None:
            at = start_pos(xlist[i]) if i < len(xlist) else pos
            check.soft_errorf(at, "InvalidTypeArg", "%s", cause)
        else:
            check.mono.record_instance(check.pkg, pos, tparams, targs, xlist)

    check.later(verify)
    return inst


def _not_function(t: Type | None, u: Type | None) -> TypeError_ | None:
    if u is not None and not isinstance(u, Signature):
        return type_errorf("%s is not a function", t)
    return None


def call_expr(check: Checker, x: Operand, call: ast.CallExpr) -> str:
    fun = call.fun
    inst: ast.IndexExpr | None = None
    if isinstance(fun, ast.IndexExpr):
        if check.index_expr(x, fun):
            inst = fun  # instantiated together with the arguments
        x.expr = fun
        check.record(x)
    else:
        expr_or_type(check, x, fun, True)

    mode = x.mode
    if mode == "invalid":
        use(check, *call.arg_list)
        x.expr = call
        return "statement"

    if mode == "typexpr":
        _conversion_call(check, x, call)
        return "conversion"

    if mode == "builtin":
        id = x.id
        if not check.builtin(x, call, id):
            x.mode = "invalid"
        x.expr = call
        # a result that is not constant means a call
        if x.mode != "invalid" and x.mode != "constant":
            check.has_call_or_recv = True
        known = PREDECLARED_FUNCS.get(id)
        return known[2] if known is not None else "statement"

    cgo_call = mode == "cgofunc"
    sig = x.typ
    if type(sig) is not Signature:
        # all types of a type parameter must have one underlying type, a signature
        u, err = common_under(sig, _not_function)
        if err is not None:
            check.errorf(x, "InvalidCall", INVALID_OP + "cannot call %s: %s", x, err.format(check))
            x.mode = "invalid"
            x.expr = call
            return "statement"
        assert isinstance(u, Signature)
        sig = u
    assert isinstance(sig, Signature)
    was_generic = bool(sig.tparams)

    xlist: list[ast.Expr] = []
    targs: list[Type] = []
    if inst is not None:
        xlist = unpack_list_expr(inst.index)
        given = check.type_list(xlist)
        if given is None:
            use(check, *call.arg_list)
            x.mode = "invalid"
            x.expr = call
            return "statement"
        targs = given
        got, want = len(targs), len(sig.tparams)
        if got > want:
            check.errorf(
                xlist[want], "WrongTypeArgCount", "got %d type arguments but want %d", got, want
            )
            use(check, *call.arg_list)
            x.mode = "invalid"
            x.expr = call
            return "statement"
        # With all type arguments given, instantiate now: the signature is recorded even if the
        # arguments are wrong.
        if got == want and want > 0:
            check.verify_versionf(inst, 18, "function instantiation")
            sig = instantiate_signature(check, inst.pos, inst, sig, targs, xlist)
            targs = []
            xlist = []

    args, atargs = generic_expr_list(check, call.arg_list)
    sig = arguments(check, call, sig, targs, xlist, args, atargs)

    if was_generic and not sig.tparams:
        check.record_type_and_value(call.fun, "value", sig)

    results = sig.results.vars
    n = len(results)
    if n == 0:
        x.mode = "novalue"
    elif n == 1:
        typ = results[0].type
        # a value of an incomplete type cannot be returned
        if not check.is_complete(typ):
            x.mode = "invalid"
            x.expr = call
            return "statement"
        x.mode = "commaerr" if cgo_call else "value"
        x.typ = typ
    else:
        x.mode = "value"
        x.typ = sig.results
    x.expr = call
    check.has_call_or_recv = True

    # if inference failed, a parameterised result is of no use
    if x.mode == "value" and sig.tparams and is_parameterized(sig.tparams, x.typ):
        x.mode = "invalid"
    return "statement"


def _conversion_call(check: Checker, x: Operand, call: ast.CallExpr) -> None:
    if isinstance(x.typ, Alias | Named):
        non_generic(check, None, x)
        if x.mode == "invalid":
            return
    T = x.typ
    x.mode = "invalid"
    if not check.is_complete(T):
        x.expr = call
        return
    n = len(call.arg_list)
    if n == 0:
        check.errorf(call, "WrongArgCount", "missing argument in conversion to %s", T)
    elif n == 1:
        expr(check, new_target(T, "conversion"), x, call.arg_list[0])
        if x.mode != "invalid":
            t = T.underlying
            if (
                isinstance(t, Interface)
                and not is_type_param(T)
                and not type_set(t).is_method_set()
            ):
                check.errorf(
                    call,
                    "MisplacedConstraintIface",
                    "cannot use interface %s in conversion (contains specific type constraints"
                    " or is comparable)",
                    T,
                )
            elif call.has_dots:
                check.errorf(
                    call.arg_list[0],
                    "BadDotDotDotSyntax",
                    "invalid use of ... in conversion to %s",
                    T,
                )
            else:
                conversion(check, x, T)
    else:
        use(check, *call.arg_list)
        check.errorf(
            call.arg_list[n - 1], "WrongArgCount", "too many arguments in conversion to %s", T
        )
    x.expr = call


def expr_list(check: Checker, elist: list[ast.Expr]) -> list[Operand]:
    """The operands of a list of expressions; a single call may give several."""
    if len(elist) == 1:
        return multi_expr(check, elist[0], False)[0]
    out = []
    for e in elist:
        x = Operand()
        expr(check, None, x, e)
        out.append(x)
    return out


def generic_expr_list(
    check: Checker, elist: list[ast.Expr]
) -> tuple[list[Operand], list[list[Type] | None]]:
    """Like `expr_list`, but operands may be generic functions that are not instantiated, or only
    partially: then the second list has their type arguments, at the same index."""
    n = len(elist)
    if n == 0:
        return [], []
    # before go1.21 the missing type arguments must be inferred at once
    infer = not check.allow_version(21)

    if n == 1:
        e = elist[0]
        x = Operand()
        if isinstance(e, ast.IndexExpr):
            if check.index_expr(x, e):
                targs = func_inst(check, None, x.pos, x, e, infer)
                if targs is not None:
                    x.expr = e
                    return [x], [targs]
                check.record(x)
                return [x], []
            # not an instantiation: what `raw_expr` would have done
            x.expr = e
            check.record(x)
        else:
            raw_expr(check, None, x, e, None, True)
        exclude(check, x, _NOT_VALUES)
        if type(x.typ) is Tuple and x.mode != "invalid":
            return [Operand("value", e, v.type) for v in x.typ.vars], []
        return [x], []

    out: list[Operand] = []
    partial: list[list[Type] | None] = [None] * n
    for i, e in enumerate(elist):
        x = Operand()
        if isinstance(e, ast.IndexExpr):
            if check.index_expr(x, e):
                targs = func_inst(check, None, x.pos, x, e, infer)
                if targs is not None:
                    partial[i] = targs
                    x.expr = e
                else:
                    check.record(x)
            else:
                x.expr = e
                check.record(x)
                exclude(check, x, _NOT_VALUES)
        else:
            generic_expr(check, x, e, None)
        out.append(x)
    return out, partial


def arguments(
    check: Checker,
    call: ast.CallExpr,
    sig: Signature,
    targs: list[Type],
    xlist: list[ast.Expr],
    args: list[Operand],
    atargs: list[list[Type] | None],
) -> Signature:
    """Check the arguments of a call, infer the missing type arguments of the callee and of generic
    argument functions, and return the callee's signature, instantiated. After an error it is
    `sig`."""
    nargs = len(args)
    params = sig.params.vars
    npars = len(params)
    ddd = call.has_dots

    sig_params = sig.params  # adjusted for variadic functions
    adjusted = False
    if sig.variadic:
        if ddd:
            if len(call.arg_list) == 1 and nargs > 1:
                # f(g()...) with several values of g
                check.errorf(
                    call,
                    "InvalidDotDotDot",
                    "cannot use ... with %d-valued %s",
                    nargs,
                    call.arg_list[0],
                )
                return sig
        elif nargs >= npars - 1:
            # one parameter for each argument that maps to the variadic one
            last = params[npars - 1]
            slice = last.type
            assert isinstance(slice, Slice)
            vars = params[: npars - 1]
            while len(vars) < nargs:
                vars.append(Var(last.pos, last.pkg, last.name, slice.elem, "param"))
            sig_params = Tuple(vars)
            adjusted = True
            npars = nargs
        else:
            npars -= 1  # for a correct message below
    elif ddd:
        check.errorf(
            call, "NonVariadicDotDotDot", "cannot use ... in call to non-variadic %s", call.fun
        )
        return sig

    if nargs != npars:
        at: ast.Expr | None = call
        qualifier = "not enough"
        if nargs > npars:
            at = args[npars].expr  # the first extra argument
            qualifier = "too many"
        elif nargs > 0:
            at = args[nargs - 1].expr
        err = check.new_error("WrongArgCount")
        err.addf(at, "%s arguments in call to %s", qualifier, call.fun)
        err.addf(NO_POS, "have %s", check.types_summary(operand_types(args), False, ddd))
        err.addf(NO_POS, "want %s", check.types_summary(var_types(params), sig.variadic, False))
        err.report()
        return sig

    rsig = sig
    tparams: list[TypeParam] = []
    all_targs: list[Type | None] = list(targs)
    n = len(sig.tparams)
    if n > 0:
        if not check.allow_version(18):
            if isinstance(call.fun, ast.IndexExpr):
                check.version_errorf(call.fun, 18, "function instantiation")
            else:
                check.version_errorf(call, 18, "implicit function instantiation")
        # renamed, so that recursive calls work
        tparams, renamed = check.rename_tparams(call.pos, sig.tparams, sig_params)
        assert isinstance(renamed, Tuple)
        sig_params = renamed
        tparams = list(tparams)
        all_targs += [None] * (len(tparams) - len(all_targs))

    # the type parameters of generic argument functions
    generic_args: list[int] = []
    for i, arg in enumerate(args):
        asig = arg.typ
        if type(asig) is Signature and asig.tparams:
            # Each argument gets type parameters of its own, for calls such as f(g, g).
            atparams, tmp = check.rename_tparams(call.pos, asig.tparams, copy_signature(asig))
            assert isinstance(tmp, Signature)
            new = copy_signature(tmp)
            new.tparams = list(atparams)
            arg.typ = new
            tparams = [*tparams, *atparams]
            if i < len(atargs):
                given = atargs[i]
                if given is not None:
                    all_targs += given
            all_targs += [None] * (len(tparams) - len(all_targs))
            generic_args.append(i)

    if generic_args:
        check.verify_versionf(
            args[generic_args[0]], 21, "implicitly instantiated function as argument"
        )

    if tparams:
        err = check.new_error("CannotInferTypeArgs")
        inferred = check.infer(call.pos, tparams, all_targs, sig_params, args, False, err)
        if inferred is None:
            if not err.empty():
                check.errorf(
                    err.desc[0].pos,
                    "CannotInferTypeArgs",
                    "in call to %s, %s",
                    call.fun,
                    err.msg,
                )
            return rsig

        if n > 0:
            rsig = instantiate_signature(check, call.pos, call.fun, sig, inferred[:n], xlist)
            # an adjusted parameter list is instantiated separately
            if adjusted:
                sub = check.subst(call.pos, sig_params, make_subst_map(tparams[:n], inferred[:n]))
                assert isinstance(sub, Tuple)
                sig_params = sub
            else:
                sig_params = rsig.params

        j = n
        for i in generic_args:
            arg = args[i]
            asig = arg.typ
            assert isinstance(asig, Signature) and arg.expr is not None
            k = j + len(asig.tparams)
            arg.typ = instantiate_signature(check, call.pos, arg.expr, asig, inferred[j:k], [])
            check.record(arg)
            j = k

    if args:
        context = _ArgumentContext(call.fun)
        assignment = check.assignment
        for a, p in zip(args, sig_params.vars, strict=True):
            assignment(a, p.type, context)
    return rsig


class _ArgumentContext:
    """The words "argument to f", made only when they are needed."""

    __slots__ = ("fun",)

    def __init__(self, fun: ast.Expr) -> None:
        self.fun = fun

    def __str__(self) -> str:
        return "argument to " + expr_string(self.fun)


# --- uses after errors ---------------------------------------------------------------------------


def use(check: Checker, *args: ast.Expr | None) -> bool:
    """Check expressions whose values no longer matter, because of another error, so that their
    variables count as used; whether all were valid."""
    return _use_all(check, args, False)


def use_lhs(check: Checker, *args: ast.Expr | None) -> bool:
    """Like `use`, for left sides of assignments: a variable standing alone is not used."""
    return _use_all(check, args, True)


def _use_all(check: Checker, args: tuple[ast.Expr | None, ...] | list[ast.Expr], lhs: bool) -> bool:
    ok = True
    for e in args:
        if not _use(check, e, lhs):
            ok = False
    return ok


def _use(check: Checker, e: ast.Expr | None, lhs: bool) -> bool:
    n = e
    while isinstance(n, ast.ParenExpr):
        n = n.x
    if n is None or e is None:
        return True
    x = Operand("value")
    if isinstance(n, ast.Name):
        if n.value == "_":
            return True  # not an error here
        v: Var | None = None
        if lhs:
            obj = check.lookup(n.value)
            if isinstance(obj, Var) and obj.pkg is check.pkg:
                v, used = obj, obj.used
        expr_or_type(check, x, n, True)
        if v is not None:
            v.used = used
    elif isinstance(n, ast.ListExpr):
        return _use_all(check, n.elem_list, lhs)
    else:
        raw_expr(check, None, x, e, None, True)
    return x.mode != "invalid"

"""Calls, of functions, methods and builtins; several values from one expression.

Arguments are converted to the parameters' types one by one; variadic ones are packed into an
implicit slice literal at the `(`. A callee with a call or receive in it (the function, or an
interface receiver) is first stored in a temporary. `f(g())` with several results of g stores them
in temporaries, and so do assignments and returns of such.

Invariants
  - the receiver of a static method call is the first argument;
  - the arguments of a variadic call end with the slice (`is_ddd`), untyped nil if there are none.

Example: `fmt.Println(n)` is `OCALLFUNC fmt.Println [OSLICELIT [OCONVIFACE n]]`.

Source: cmd/compile/internal/noder/{writer,reader}.go (exprCall, multiExpr), cmd/compile/internal/
typecheck/{func,typecheck}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.bug import report
from goescape.ir.imported_type import as_read
from goescape.ir.nodes import (
    AssignListStmt,
    AssignStmt,
    BasicLit,
    BinaryExpr,
    CallExpr,
    CompLitExpr,
    ConvExpr,
    Decl,
    MakeExpr,
    Name,
    NilExpr,
    Node,
    SelectorExpr,
    TypeAssertExpr,
    UnaryExpr,
)
from goescape.ir.op import (
    OAPPEND,
    OAS,
    OAS2,
    OAS2DOTTYPE,
    OAS2FUNC,
    OAS2MAPR,
    OAS2RECV,
    OCALLFUNC,
    OCALLINTER,
    OCAP,
    OCLEAR,
    OCLOSE,
    OCLOSURE,
    OCOMPLEX,
    OCONVNOP,
    OCOPY,
    ODCL,
    ODELETE,
    ODOTINTER,
    ODOTTYPE,
    ODOTTYPE2,
    ODYNAMICDOTTYPE,
    ODYNAMICDOTTYPE2,
    OGETG,
    OIMAG,
    OINDEXMAP,
    OLEN,
    OLITERAL,
    OMAKECHAN,
    OMAKEMAP,
    OMAKESLICE,
    OMAX,
    OMETHEXPR,
    OMETHVALUE,
    OMIN,
    ONAME,
    ONEW,
    ONIL,
    OPANIC,
    OPRINT,
    OPRINTLN,
    OREAL,
    ORECOVER,
    ORECV,
    OSLICELIT,
    OTYPE,
    OUNSAFEADD,
    OUNSAFESLICE,
    OUNSAFESLICEDATA,
    OUNSAFESTRING,
    OUNSAFESTRINGDATA,
    Op,
)
from goescape.ir.visit import walk
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck.objects import Builtin, Func
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Chan, Interface, Map, Signature, Slice, Tuple, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer
    from goescape.typecheck.info import TypeAndValue

_CALL_OR_CHAN: frozenset[Op] = frozenset(
    {
        OAPPEND,
        OCALLFUNC,
        OCALLINTER,
        OCAP,
        OCLEAR,
        OCLOSE,
        OCOMPLEX,
        OCOPY,
        ODELETE,
        OIMAG,
        OLEN,
        OMAX,
        OMIN,
        OPANIC,
        OPRINT,
        OPRINTLN,
        OREAL,
        ORECOVER,
        ORECV,
        OUNSAFEADD,
        OUNSAFESLICE,
        OUNSAFESLICEDATA,
        OUNSAFESTRING,
        OUNSAFESTRINGDATA,
    }
)
_NO_SIDE_EFFECT: frozenset[Op] = frozenset({ONAME, OMETHEXPR, OCLOSURE, OLITERAL, ONIL, OTYPE})
_UNARY: dict[str, Op] = {
    "len": OLEN,
    "cap": OCAP,
    "clear": OCLEAR,
    "close": OCLOSE,
    "imag": OIMAG,
    "real": OREAL,
    "panic": OPANIC,
    "SliceData": OUNSAFESLICEDATA,
    "StringData": OUNSAFESTRINGDATA,
}
_BINARY: dict[str, Op] = {
    "complex": OCOMPLEX,
    "copy": OCOPY,
    "Add": OUNSAFEADD,
    "Slice": OUNSAFESLICE,
    "String": OUNSAFESTRING,
}
_LIST: dict[str, Op] = {
    "append": OAPPEND,
    "delete": ODELETE,
    "max": OMAX,
    "min": OMIN,
    "print": OPRINT,
    "println": OPRINTLN,
    "recover": ORECOVER,
}
_NO_RESULT: frozenset[str] = frozenset({"clear", "close", "panic", "delete", "print", "println"})


def call_expr(lw: Lowerer, e: ast.CallExpr, tv: TypeAndValue) -> Node:
    """A call, conversion or use of a builtin."""
    from goescape.ir.lower_expr import bad, core_type, lookup_obj, unparen

    fun_syn = unparen(e.fun)
    ftv = lw.types.get(e.fun) or lw.types.get(fun_syn)
    if ftv is not None and ftv.mode == "typexpr":
        if len(e.arg_list) != 1:
            return bad(lw, e)
        return lw.convert_expr(ftv.type, e.arg_list[0])

    obj: Any = None
    if ftv is None or ftv.mode == "builtin":
        obj, _ = lookup_obj(lw, fun_syn)
        if isinstance(obj, Builtin):
            return _builtin(lw, e, tv, obj.name, ftv)
        if ftv is None:
            # The name of a runtime function that a rewritten loop calls.
            if not isinstance(obj, Func):
                return bad(lw, e)
            sig = obj.type
        else:
            return bad(lw, e)
    else:
        core = core_type(ftv.type)
        if not isinstance(core, Signature):
            return bad(lw, e)
        sig = core
    assert isinstance(sig, Signature)

    args: list[Node] = []
    fun: Node
    selector = fun_syn.x if type(fun_syn) is ast.IndexExpr else fun_syn
    sel = lw.info.selections.get(selector) if type(selector) is ast.SelectorExpr else None
    if sel is not None and sel.kind == "method value":
        assert type(selector) is ast.SelectorExpr and isinstance(sel.obj, Func)
        recv, recv_type = lw.recv_expr(selector, sel)
        _, method, dict_ptr = lw.method_expr(selector.pos, recv_type, sel.obj, selector.sel)
        if (
            method.op is OMETHEXPR
            and recv.type is not None
            and type(recv.type.underlying) is Interface
        ):
            fun = lw.xdot_method(method.pos, recv, sel.obj, True)
        else:
            if recv.type is not None and type(recv.type.underlying) is Interface:
                lw.unit.note_imprecise_call(lw.func, method.pos)
            fun = method
            args.append(recv)
        fun.syn = selector
        if dict_ptr is not None:
            args.append(dict_ptr)
    else:
        obj, targs = lookup_obj(lw, fun_syn)
        if obj is not None and targs:
            from goescape.ir.generic_call import func_inst

            _, fun, dict_ptr = func_inst(lw, fun_syn.pos, obj, targs)
            if dict_ptr is not None:
                args.append(dict_ptr)
        else:
            fun = lw.expr(fun_syn)

    params = sig.params.vars
    last = len(params) - 1
    packed = sig.variadic and not e.has_dots

    def param_type(i: int) -> Type | None:
        if packed and i >= last:
            return params[last].type.underlying.elem  # type: ignore[attr-defined, no-any-return]
        return params[i].type if i <= last else None

    args += multi_expr(lw, e.pos, param_type, e.arg_list)
    n = call(lw, e.pos, fun, args, e.has_dots)
    n.syn = e
    results = sig.results.vars
    if not results:
        n.type = None
    elif len(results) == 1:
        n.type = lw.typ(tv.type if type(tv.type) is not Tuple else results[0].type)
    else:
        n.type = lw.typ(sig.results)
    return n


def call(lw: Lowerer, pos: Pos, fun: Node, args: list[Node], dots: bool) -> Node:
    """The call of a function that is no builtin, its arguments already converted but not packed.
    The result's type is that of `fun`."""
    sig = fun.type.underlying if fun.type is not None else None
    op = OCALLINTER if fun.op is ODOTINTER else OCALLFUNC
    n = CallExpr(op, pos, None, fun, args, dots)
    _rewrite_non_name_call(lw, n)
    if not isinstance(sig, Signature):
        lw.unit.stop_if_broken(lw.pkg)
        report("call of what is not a function", pos)
        return n
    if sig.variadic and not dots:
        params = sig.params.vars
        i = len(params) - 1
        extra = args[i:]
        typ = lw.typ(params[i].type)
        packed: Node
        if extra:
            packed = CompLitExpr(OSLICELIT, pos, typ, extra, len(extra))
            packed.implicit = True
        else:
            packed = NilExpr(ONIL, pos, typ)
        n.args = [*args[:i], packed]
        n.is_ddd = True
    results = sig.results.vars
    if len(results) == 1:
        n.type = results[0].type
        if (
            type(fun) is Name
            and fun.name == "getg"
            and fun.pkg is not None
            and fun.pkg.path == "runtime"
        ):
            n.op = OGETG
    elif results:
        n.type = sig.results
    return n


def _rewrite_non_name_call(lw: Lowerer, n: CallExpr) -> None:
    """Store a callee with side effects: `f()(x)` becomes `t := f(); t(x)`."""
    fun = n.fun
    assert fun is not None
    if fun.op in _NO_SIDE_EFFECT and not fun.init:
        return
    holder: SelectorExpr | None = None
    x = fun
    if isinstance(fun, SelectorExpr) and (fun.op is ODOTINTER or fun.op is OMETHVALUE):
        holder = fun
        x = fun.x
    if not any(c.op in _CALL_OR_CHAN for c in walk([x])):
        return
    tmp = lw.temp(n.pos, x.type)
    as_ = AssignStmt(OAS, n.pos, tmp, x)
    as_.init.append(Decl(ODCL, n.pos, tmp))
    as_.syn = x.syn
    tmp.defn = as_
    if holder is not None:
        holder.x = tmp
    else:
        n.fun = tmp
    n.init.append(as_)


# --- builtins ------------------------------------------------------------------------------------


def _builtin(
    lw: Lowerer, e: ast.CallExpr, tv: TypeAndValue, name: str, ftv: TypeAndValue | None
) -> Node:
    from goescape.ir.lower_expr import bad

    if name == "make":
        return _make(lw, e, tv)
    if name == "new":
        return _new(lw, e, tv)
    if name in ("Sizeof", "Alignof", "Offsetof"):
        return _size(lw, e, name)
    sig = ftv.type if ftv is not None else None
    if not isinstance(sig, Signature):
        return bad(lw, e)
    params = sig.params.vars
    last = len(params) - 1
    packed = sig.variadic and not e.has_dots

    def param_type(i: int) -> Type | None:
        if packed and i >= last:
            t = params[last].type.underlying
            return t.elem if isinstance(t, Slice) else None
        return params[i].type if i <= last else None

    args = multi_expr(lw, e.pos, param_type, e.arg_list)
    typ: Type | None = None
    if name not in _NO_RESULT and tv.mode != "novalue":
        typ = lw.typ(tv.type)
    elif name not in _NO_RESULT and sig.results.vars:
        typ = lw.typ(sig.results.vars[0].type)
    n: Node
    if name in _UNARY:
        if len(args) != 1:
            return bad(lw, e)
        n = UnaryExpr(_UNARY[name], e.pos, typ, args[0])
    elif name in _BINARY:
        if len(args) != 2:
            return bad(lw, e)
        n = BinaryExpr(_BINARY[name], e.pos, typ, args[0], args[1])
    elif name in _LIST:
        op = _LIST[name]
        n = CallExpr(op, e.pos, typ, None, args, e.has_dots)
        if op is OAPPEND and e.has_dots and len(args) == 2:
            conv = args[1]
            if isinstance(conv, ConvExpr) and conv.op is OCONVNOP and conv.implicit:
                args[1] = conv.x
    else:
        return bad(lw, e)
    n.syn = e
    return n


def _make(lw: Lowerer, e: ast.CallExpr, tv: TypeAndValue) -> Node:
    from goescape.ir.lower_expr import bad

    t = lw.expr_type(None, e.arg_list[0])
    extra = [lw.expr(a) for a in e.arg_list[1:]]
    typ = t.type
    assert typ is not None
    u = typ.underlying
    n: Node
    if isinstance(u, Slice):
        if not extra:
            return bad(lw, e)
        n = MakeExpr(OMAKESLICE, e.pos, typ, extra[0], extra[1] if len(extra) > 1 else None)
    elif isinstance(u, Map | Chan):
        length = extra[0] if extra else BasicLit(OLITERAL, e.pos, TYP["untyped int"], 0)
        n = MakeExpr(OMAKEMAP if isinstance(u, Map) else OMAKECHAN, e.pos, typ, length)
    else:
        return bad(lw, e)
    n.syn = e
    return n


def _new(lw: Lowerer, e: ast.CallExpr, tv: TypeAndValue) -> Node:
    arg = e.arg_list[0]
    atv = lw.types.get(arg)
    n: Node
    if atv is not None and atv.mode != "typexpr":
        init: list[Node] = []
        x = lw.expr(arg)
        n = lw.addr(e.pos, lw.temp_copy(e.pos, x, init), lw.typ(tv.type))
        n.init = init
    else:
        n = UnaryExpr(ONEW, e.pos, lw.typ(tv.type), lw.expr_type(None, arg))
    n.syn = e
    return n


def _size(lw: Lowerer, e: ast.CallExpr, name: str) -> Node:
    """`unsafe.Sizeof` and the like of a type that depends on type parameters."""
    from goescape.ir.lower_expr import unparen

    arg = unparen(e.arg_list[0])
    sizes = lw.unit.host.sizes
    if name == "Offsetof":
        value = 0
        sel = lw.info.selections.get(arg) if type(arg) is ast.SelectorExpr else None
        if sel is not None:
            from goescape.ir.lower_method import deref2

            t = deref2(lw.typ(lw.src_type(arg.x)))  # type: ignore[attr-defined]
            for i in sel.index:
                fields = t.underlying.fields  # type: ignore[attr-defined]
                value += sizes.offsetsof(fields)[i]
                t = fields[i].type
    elif name == "Sizeof":
        value = sizes.sizeof(lw.typ(lw.src_type(arg)))
    else:
        value = sizes.alignof(lw.typ(lw.src_type(arg)))
    n = BasicLit(OLITERAL, e.pos, TYP["uintptr"], value)
    n.syn = e
    return n


# --- several values ------------------------------------------------------------------------------


def multi_expr(
    lw: Lowerer, pos: Pos, dst_type: Callable[[int], Type | None], exprs: list[ast.Expr]
) -> list[Node]:
    """The values of `exprs`, each converted to its destination's type (None: as it is). If one
    expression gives several values, they go through temporaries, made at `pos`."""
    if len(exprs) == 1:
        e = exprs[0]
        t = lw.src_type(e)
        if type(t) is Tuple and len(t.vars) > 1:
            return _unpack(lw, pos, dst_type, e, t)
    return [lw.implicit_conv(dst_type(i), e) for i, e in enumerate(exprs)]


def _unpack(
    lw: Lowerer, pos: Pos, dst_type: Callable[[int], Type | None], e: ast.Expr, tuple_: Tuple
) -> list[Node]:
    from goescape.ir.convert import ideal_type

    x = lw.expr(e)
    as_ = AssignListStmt(OAS2, pos, [], [x], True)
    as_.syn = e
    results: list[Node] = []
    for i, v in enumerate(tuple_.vars):
        src = ideal_type(v.type, None)
        tmp = lw.temp(pos, lw.typ(src))
        tmp.defn = as_
        as_.init.append(Decl(ODCL, pos, tmp))
        as_.lhs.append(tmp)
        res: Node = tmp
        dst = dst_type(i)
        if dst is not None and dst is not src and not identical(src, dst):
            res = lw.convert(pos, lw.typ(dst), tmp, True)
            res.syn = e
        results.append(res)
    finish_assign_list(as_)
    results[0] = init_expr(lw, [as_], results[0])
    return results


def finish_assign_list(n: AssignListStmt) -> None:
    """Give an assignment of several values from one expression its proper operation."""
    if len(n.rhs) != 1 or len(n.lhs) < 2:
        return
    x = n.rhs[0]
    op = x.op
    if len(n.lhs) == 2:
        if op is OINDEXMAP:
            n.op = OAS2MAPR
            return
        if op is ORECV:
            n.op = OAS2RECV
            return
        if isinstance(x, TypeAssertExpr):
            n.op = OAS2DOTTYPE
            if op is ODOTTYPE:
                x.op = ODOTTYPE2
            elif op is ODYNAMICDOTTYPE:
                x.op = ODYNAMICDOTTYPE2
            return
    if op is OCALLFUNC or op is OCALLINTER:
        n.op = OAS2FUNC


def init_expr(lw: Lowerer, init: list[Node], x: Node) -> Node:
    """`x` with `init` to run before it."""
    if not init:
        return x
    if x.op in (ONAME, OLITERAL, ONIL, OTYPE):
        conv = ConvExpr(OCONVNOP, lw.base_pos, x.type and as_read(x.type, lw.pkg), x)
        conv.syn = x.syn
        x = conv
    x.init = init + x.init
    return x

"""Function literals, what they capture, and the wrappers of go and defer statements.

Names count per enclosing function: `F.func1`, `F.func2`; `F.func1.1` inside the first; the body of
a range-over-func loop is `F-range1`; the wrappers of go and defer share one counter, `F.gowrap1`,
`F.deferwrap2`.

A go or defer statement is left alone if its call has neither arguments nor results. Otherwise what
the call needs is evaluated into temporaries, and the call moves into a literal that captures them.

Invariants
  - a captured variable is a `Name` of the literal with `is_closure_var`, whose `outer` is the
    enclosing function's name for it; `closure_vars` is in the order of first use;
  - in a shaped function, every literal captures the dictionary, last.

Example: `defer f(x, 1)` becomes `.autotmp_4 = x` and `defer func() { f(.autotmp_4, 1) }()`.

Source: cmd/compile/internal/ir/func.go (closureName, NewClosureFunc), cmd/compile/internal/ir/name.go
(NewClosureVar), cmd/compile/internal/noder/reader.go (funcLit),
cmd/compile/internal/typecheck/stmt.go (normalizeGoDeferCall) (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.ir.func import Func
from goescape.ir.nodes import (
    AssignListStmt,
    BinaryExpr,
    CallExpr,
    ClosureExpr,
    CompLitExpr,
    ConvExpr,
    Decl,
    GoDeferStmt,
    KeyExpr,
    Name,
    NilExpr,
    Node,
    SelectorExpr,
    StructKeyExpr,
    UnaryExpr,
)
from goescape.ir.op import (
    OADDR,
    OAPPEND,
    OARRAYLIT,
    OAS2,
    OCALLFUNC,
    OCALLINTER,
    OCLEAR,
    OCLOSE,
    OCLOSURE,
    OCONVNOP,
    OCOPY,
    ODCL,
    ODEFER,
    ODELETE,
    OGETCALLERSP,
    OLINKSYMOFFSET,
    OLITERAL,
    OMETHEXPR,
    ONAME,
    ONEW,
    ONIL,
    OPANIC,
    OPRINT,
    OPRINTLN,
    ORECOVER,
    OSLICELIT,
    OSTRUCTLIT,
    Op,
)
from goescape.source.positions import Pos
from goescape.typecheck.basic import TYP
from goescape.typecheck.types import Basic, Pointer, Signature, Tuple, Type

if TYPE_CHECKING:
    from goescape.goversion import Release
    from goescape.ir.lower import Lowerer
    from goescape.syntax import ast
    from goescape.typecheck.info import TypeAndValue

_SUFFIX = {"range": "-range", "go": ".gowrap", "defer": ".deferwrap"}
_UNCOPIED: frozenset[Op] = frozenset({OLITERAL, ONIL, OMETHEXPR, ONEW})
_COMPOSITE: frozenset[Op] = frozenset({OARRAYLIT, OSLICELIT, OSTRUCTLIT})
_LIST_CALLS: frozenset[Op] = frozenset({OAPPEND, ODELETE, OPRINT, OPRINTLN, ORECOVER})
_UNARY_CALLS: frozenset[Op] = frozenset({OCLEAR, OCLOSE, OPANIC})


def func_lit(lw: Lowerer, e: ast.FuncLit, tv: TypeAndValue) -> Node:
    """A function literal, with its body."""
    from goescape.ir.lower import Lowerer, Source, declare_params, lower_block, rename_results

    sig = tv.type.underlying
    assert isinstance(sig, Signature)
    rewritten = lw.rewritten
    is_range = rewritten is not None and e in rewritten.range_func_body_closures
    typ = lw.typ(tv.type)
    clo = closure_func(lw, e.pos, typ, "range" if is_range else "closure")
    clo.syn = e
    func = clo.func
    func.syn = e
    declare_params(func, sig, func.nname.pkg, lw.typ)
    inner = Lowerer(lw.unit, func, lw.info, lw.pkg, lw.dict, lw)
    inner.bind_params(sig)
    if rewritten is not None:
        rename_results(inner, sig)
    dict_var: Name | None = None
    if lw.dict_param is not None:
        dict_var = closure_var(lw.dict_param.pos, func, lw.dict_param)
        func.closure_vars.pop()
        inner.dict_param = dict_var
    func.source = Source(inner, sig, e.body)
    func.body = lower_block(inner, e.body)
    if dict_var is not None:
        func.closure_vars.append(dict_var)
    return clo


def closure_func(lw: Lowerer, pos: Pos, typ: Type, why: str) -> ClosureExpr:
    """A fresh function for a literal of `lw.func`, its parameters still to be declared. `why`:
    "closure", "range", "go" or "defer"."""
    if lw.inline is not None:
        return lw.inline.closure_func(lw, pos, typ, why)  # type: ignore[no-any-return]
    outer = lw.func
    namer = naming_func(outer, lw.unit.host.release)
    text = namer.nname.name + literal_suffix(namer, why)
    nname = Name(pos, text, namer.nname.pkg, typ, "PFUNC")
    return new_closure(lw, pos, nname, outer, why)


def naming_func(outer: Func, release: Release) -> Func:
    """The function that a literal in `outer` is named after."""
    if not release.names_literals_where_written and outer.oclosure is not None:
        return outer.range_parent or outer
    return outer


def literal_suffix(outer: Func, why: str) -> str:
    """What the next literal of `outer` is called after its name: `.func1`. `why` as above."""
    suffix = _SUFFIX.get(why)
    if suffix is None:
        suffix = ".func" if outer.oclosure is None else "."
        outer.func_lit_gen += 1
        return f"{suffix}{outer.func_lit_gen}"
    if why == "range":
        outer.range_lit_gen += 1
        return f"{suffix}{outer.range_lit_gen}"
    outer.go_defer_gen += 1
    return f"{suffix}{outer.go_defer_gen}"


def new_closure(lw: Lowerer, pos: Pos, nname: Name, outer: Func, why: str) -> ClosureExpr:
    """The literal whose function is to be called `nname`, in `outer`."""
    func = Func(pos, nname)
    func.unit = lw.unit
    func.dupok = outer.dupok
    func.closure_parent = outer
    if why == "range":
        func.range_parent = outer
        if outer.oclosure is not None and outer.range_parent is not None:
            func.range_parent = outer.range_parent
    clo = ClosureExpr(OCLOSURE, pos, nname.type, func)
    func.oclosure = clo
    outer.closures.append(func)
    if lw.copies or lw.inline is not None:
        lw.unit.inlined_literals.append(func)
    return clo


def closure_var(pos: Pos, func: Func, outer: Name) -> Name:
    """`func`'s own name for the variable `outer` of the function around it."""
    c = Name(pos, outer.name, outer.pkg, outer.type, "PAUTOHEAP", func, outer.obj)
    c.is_closure_var = True
    c.outer = outer
    func.closure_vars.append(c)
    return c


# --- go and defer --------------------------------------------------------------------------------


def go_defer(lw: Lowerer, n: GoDeferStmt) -> GoDeferStmt:
    """Bring the call of `n` into the form without arguments and results."""
    call = n.call
    init = n.init
    init += call.init
    call.init = []
    op = call.op
    if op is OCALLFUNC:
        assert isinstance(call, CallExpr) and call.fun is not None
        sig = call.fun.type.underlying  # type: ignore[union-attr]
        if isinstance(sig, Signature) and not sig.params.vars and not sig.results.vars:
            call.go_defer = True
            return n

    if op is ORECOVER and lw.unit.host.release.recover_takes_frame:
        assert isinstance(call, CallExpr)
        call.args = [NilExpr(OGETCALLERSP, call.pos, Pointer(TYP["int32"]))]
    operands = _operands(call)
    if operands is None:
        return n  # not a call: an error was reported
    pos = n.pos
    clo = closure_func(
        lw, pos, Signature(None, Tuple([]), Tuple([]), False), "defer" if n.op is ODEFER else "go"
    )
    wrapper = clo.func
    wrapper.wrapper = True
    wrapper.is_deferwrap = n.op is ODEFER
    wrapper.syn = n.syn
    clo.syn = n.syn
    if isinstance(call, CallExpr) and call.fun is not None and op is OCALLFUNC:
        name = static_callee_name(call.fun)
        if name is not None:
            wrapper.wrapped = name.func

    if operands:
        as_ = AssignListStmt(OAS2, pos, [], [])
        as_.syn = n.syn
        for get, set_ in operands:
            arg = get()
            tmp_pos = arg.pos if arg.op is not ONAME and arg.pos else pos
            tmp = lw.temp(tmp_pos, arg.type)
            init.append(Decl(ODCL, tmp_pos, tmp))
            tmp.defn = as_
            as_.lhs.append(tmp)
            as_.rhs.append(arg)
            set_(closure_var(tmp_pos, wrapper, tmp))
        init.append(as_)

    wrapper.body = [call]
    new = CallExpr(OCALLFUNC, call.pos, None, clo, [])
    new.go_defer = True
    new.syn = call.syn
    n.call = new
    return n


Place = tuple[Callable[[], Node], Callable[[Node], None]]


def _operands(call: Node) -> list[Place] | None:
    """The places in `call` whose values must be known when the statement is executed; None if it
    is no call."""
    places: list[Place] = []
    op = call.op
    if op is OCALLFUNC:
        assert isinstance(call, CallExpr)
        _visit(places, *_attr(call, "fun"))
        _visit_list(places, call.args)
    elif op is OCALLINTER:
        assert isinstance(call, CallExpr) and isinstance(call.fun, SelectorExpr)
        places.append(_attr(call.fun, "x"))
        _visit_list(places, call.args)
    elif op in _LIST_CALLS:
        assert isinstance(call, CallExpr)
        _visit_list(places, call.args)
    elif op is OCOPY:
        assert isinstance(call, BinaryExpr)
        _visit(places, *_attr(call, "x"))
        _visit(places, *_attr(call, "y"))
    elif op in _UNARY_CALLS:
        assert isinstance(call, UnaryExpr)
        _visit(places, *_attr(call, "x"))
    else:
        return None
    return places


def _attr(n: Node, name: str) -> Place:
    return lambda: getattr(n, name), lambda x: setattr(n, name, x)


def _item(list_: list[Node], i: int) -> Place:
    return lambda: list_[i], lambda x: list_.__setitem__(i, x)


def _visit_list(places: list[Place], list_: list[Node]) -> None:
    for i in range(len(list_)):
        _visit(places, *_item(list_, i))


def _visit(places: list[Place], get: Callable[[], Node], set_: Callable[[Node], None]) -> None:
    arg = get()
    op = arg.op
    if op in _UNCOPIED:
        return
    if op is ONAME:
        assert isinstance(arg, Name)
        if arg.cls == "PFUNC":
            return
    elif op is OADDR:
        if arg.x.op is OLINKSYMOFFSET:  # type: ignore[attr-defined]
            return
    elif op is OCONVNOP:
        assert isinstance(arg, ConvExpr)
        # uintptr(unsafe.Pointer(&x)): it is the pointer that must be kept.
        if _is_kind(arg.type, "uintptr") and _is_kind(arg.x.type, "unsafe.Pointer"):
            _visit(places, *_attr(arg, "x"))
            return
    elif op in _COMPOSITE:
        assert isinstance(arg, CompLitExpr)
        for i, el in enumerate(arg.list):
            if isinstance(el, KeyExpr | StructKeyExpr):
                _visit(places, *_attr(el, "value"))
            else:
                _visit(places, *_item(arg.list, i))
        return
    places.append((get, set_))


def _is_kind(t: Type | None, kind: str) -> bool:
    if t is None:
        return False
    u = t.underlying
    return type(u) is Basic and u.kind == kind


def static_callee_name(n: Node) -> Name | None:
    """The function that calling `n` calls, if `n` says so itself."""
    if n.op is OMETHEXPR:
        assert isinstance(n, SelectorExpr)
        return n.func_name
    if n.op is ONAME:
        assert isinstance(n, Name)
        return n if n.cls == "PFUNC" else None
    if n.op is OCLOSURE:
        assert isinstance(n, ClosureExpr)
        return n.func.nname
    return None

"""Expressions: names, constants, selections, indexing, operators, conversions.

A constant expression becomes one literal, whatever it was computed from; parentheses vanish. A
conversion that the source implies is written out where the types differ, at the operand's
position.

Invariants
  - `expr` returns a node whose `type` is the type of the expression (for a comma-ok form the first
    of its two types, for a call with several results a tuple);
  - a chain `a + b + c + …` is lowered by a loop, and as strings becomes one `OADDSTR`.

Example: `s + "a" + "b" + t` is `OADDSTR [s, "a", "b", t]`, since only `"a" + "b"` in parentheses
would be a constant; `"a" + "b" + s` is `OADDSTR ["ab", s]`.

Source: cmd/compile/internal/noder/{writer,reader}.go (expr), cmd/compile/internal/typecheck/
{typecheck,expr}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.bug import report
from goescape.ir.convert import (
    basic_info,
    convert,
    convert_val,
    ideal_type,
    zero,
)
from goescape.ir.nodes import (
    AddStringExpr,
    BasicLit,
    BinaryExpr,
    ConvExpr,
    IndexExpr,
    LogicalExpr,
    Node,
    SliceExpr,
    StarExpr,
    TypeAssertExpr,
    TypeNode,
    UnaryExpr,
)
from goescape.ir.op import (
    OADD,
    OADDSTR,
    OAND,
    OANDAND,
    OANDNOT,
    OBITNOT,
    OCONVNOP,
    ODEREF,
    ODIV,
    ODOTTYPE,
    ODYNAMICDOTTYPE,
    ODYNAMICTYPE,
    OEQ,
    OGE,
    OGT,
    OINDEX,
    OINDEXMAP,
    OLE,
    OLITERAL,
    OLSH,
    OLT,
    OMOD,
    OMUL,
    ONE,
    ONEG,
    ONOT,
    OOR,
    OOROR,
    OPLUS,
    ORECV,
    ORSH,
    OSLICE,
    OSLICE3,
    OSLICE3ARR,
    OSLICEARR,
    OSLICESTR,
    OSUB,
    OTYPE,
    OXOR,
    Op,
)
from goescape.syntax import ast
from goescape.typecheck.basic import IS_STRING
from goescape.typecheck.info import TypeAndValue
from goescape.typecheck.objects import Func, Nil, Object, PkgName, Var
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Array, Map, Pointer, Tuple, Type, TypeParam, unalias
from goescape.typecheck.under import common_under
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer

BINARY_OPS: dict[str, Op] = {
    "||": OOROR,
    "&&": OANDAND,
    "==": OEQ,
    "!=": ONE,
    "<": OLT,
    "<=": OLE,
    ">": OGT,
    ">=": OGE,
    "+": OADD,
    "-": OSUB,
    "|": OOR,
    "^": OXOR,
    "*": OMUL,
    "/": ODIV,
    "%": OMOD,
    "&": OAND,
    "&^": OANDNOT,
    "<<": OLSH,
    ">>": ORSH,
}
_INVALID = TYP["invalid"]
_UNARY_OPS: dict[str, Op] = {"!": ONOT, "^": OBITNOT, "+": OPLUS, "-": ONEG}


def unparen(e: ast.Expr) -> ast.Expr:
    while type(e) is ast.ParenExpr:
        e = e.x
    return e


def expr(lw: Lowerer, e: ast.Expr) -> Node:
    """The node of expression `e`."""
    while type(e) is ast.ParenExpr:
        e = e.x
    tv = lw.types.get(e)
    if tv is not None and tv.value is not None:
        return _const(lw, e, tv)
    lower = _EXPR.get(type(e))
    if lower is None:
        lw.unit.stop_if_broken(lw.pkg)  # A literal that is not terminated has no value.
        report(f"unexpected expression {type(e).__name__}", e.pos)
        return bad(lw, e)
    if tv is None:
        tv = _missing(lw, e)
    if tv.type is _INVALID:
        lw.unit.stop_if_broken(lw.pkg)
    return lower(lw, e, tv)


def opt_expr(lw: Lowerer, e: ast.Expr | None) -> Node | None:
    return None if e is None else expr(lw, e)


def bad(lw: Lowerer, e: ast.Expr) -> Node:
    """Stands for what could not be checked."""
    lw.unit.stop_if_broken(lw.pkg)
    return BasicLit(OLITERAL, e.pos, TYP["int"], 0)


def _missing(lw: Lowerer, e: ast.Expr) -> TypeAndValue:
    """What there is to know of an expression that the checker did not record."""
    if isinstance(e, ast.Name):
        obj = lw.info.uses.get(e) or lw.info.defs.get(e)
        if obj is not None:
            return TypeAndValue("variable", obj.type)
    elif isinstance(e, ast.SelectorExpr):
        obj = lw.info.uses.get(e.sel)
        if obj is not None:
            return TypeAndValue("variable", obj.type)
    return TypeAndValue("invalid", TYP["invalid"])


def missing_type(lw: Lowerer, e: ast.Expr) -> Type:
    u = unparen(e)
    tv = lw.types.get(u)
    return (tv or _missing(lw, u)).type


def _const(lw: Lowerer, e: ast.Expr, tv: TypeAndValue) -> Node:
    typ = lw.typ(ideal_type(tv.type, tv.value))
    val = convert_val(tv.value, typ)
    n = BasicLit(OLITERAL, e.pos, typ, tv.value if val is None else val)
    n.syn = e
    return n


def core_type(t: Type) -> Type | None:
    """The one underlying type of everything `t` can be, if there is one."""
    u = unalias(t)
    if type(u) is TypeParam:
        return common_under(u, None)[0]
    return u.underlying


# --- names ---------------------------------------------------------------------------------------


def is_pkg_qual(lw: Lowerer, e: ast.SelectorExpr) -> bool:
    x = e.x
    return type(x) is ast.Name and type(lw.info.uses.get(x)) is PkgName


def lookup_obj(lw: Lowerer, e: ast.Expr) -> tuple[Object | None, list[Type]]:
    """The object that `e` names, with the type arguments if it is an instance."""
    if type(e) is ast.IndexExpr:
        index = e.index
        if type(index) is not ast.ListExpr:
            tv = lw.types.get(index)
            if tv is not None and tv.mode != "typexpr":
                return None, []
        e = e.x
    name: ast.Expr = e
    if type(e) is ast.SelectorExpr:
        if not is_pkg_qual(lw, e):
            return None, []
        name = e.sel
    if type(name) is ast.Name:
        inst = lw.info.instances.get(name)
        return lw.info.uses.get(name), [] if inst is None else inst.targs
    return None, []


def is_global(obj: Object) -> bool:
    """Whether `obj` was declared at package level (or is predeclared)."""
    pkg = obj.pkg
    return pkg is None or obj.parent is pkg.scope or (isinstance(obj, Func) and obj.parent is None)


def _name(lw: Lowerer, e: ast.Expr, tv: TypeAndValue) -> Node:
    obj, targs = lookup_obj(lw, e)
    if obj is None:
        if type(e) is ast.Name:
            d = lw.info.defs.get(e)
            if isinstance(d, Var):
                return lw.use_local(e.pos, d)
        return bad(lw, e)
    return named(lw, e, obj, targs, tv)


def named(lw: Lowerer, e: ast.Expr, obj: Object, targs: list[Type], tv: TypeAndValue) -> Node:
    """The use of `obj` by the expression `e`."""
    if isinstance(obj, Var):
        if obj.parent is obj.pkg.scope:  # type: ignore[union-attr]
            return lw.unit.global_name(obj)
        return lw.use_local(e.pos, obj)
    if isinstance(obj, Nil):
        z = zero(e.pos, lw.typ(tv.type))
        z.syn = e
        return z
    if isinstance(obj, Func):
        if targs:
            from goescape.ir.generic_call import curry, func_inst

            wrapper, base, dict_ptr = func_inst(lw, e.pos, obj, targs)
            return wrapper if wrapper is not None else curry(lw, e.pos, False, base, dict_ptr, None)
        return lw.unit.func_name(obj)
    lw.unit.stop_if_broken(lw.pkg)  # A constant of which the value is wrong has none.
    report(f"unexpected use of {obj.name}", e.pos)
    return bad(lw, e)


# --- selections, indexing ------------------------------------------------------------------------


def _selector(lw: Lowerer, e: ast.SelectorExpr, tv: TypeAndValue) -> Node:
    sel = lw.info.selections.get(e)
    if sel is None:
        return _name(lw, e, tv)
    if sel.kind == "field":
        x = expr(lw, e.x)
        if x.type is None:
            return bad(lw, e)
        index = sel.index
        for i in index[:-1]:
            x = lw.dot_field(e.pos, x, i)
            x.implicit = True
        n = lw.dot_field(e.pos, x, index[-1])
        if lw.dict is not None:
            n.type = lw.typ(tv.type)
        n.syn = e
        return n
    if sel.kind == "method value":
        return lw.method_value(e, sel, tv)
    return lw.method_expr_value(e, sel)


def _index(lw: Lowerer, e: ast.IndexExpr, tv: TypeAndValue) -> Node:
    base = e.x
    if type(base) is ast.SelectorExpr:
        sel = lw.info.selections.get(base)
        if sel is not None and sel.kind != "field":
            # The explicit instantiation of a generic method.
            return (
                lw.method_value(base, sel, tv)
                if sel.kind == "method value"
                else lw.method_expr_value(base, sel)
            )
    obj, targs = lookup_obj(lw, e)
    if obj is not None and targs:
        return named(lw, e, obj, targs, tv)

    core = core_type(lw.src_type(base))
    key = core.key if isinstance(core, Map) else None
    x = expr(lw, base)
    index = implicit_conv(lw, key, e.index)
    if x.type is None:
        return bad(lw, e)
    typ = lw.typ(_first(tv.type))
    t = x.type.underlying
    if isinstance(t, Map):
        n = IndexExpr(OINDEXMAP, e.pos, typ, x, index)
    else:
        if isinstance(t, Pointer) and isinstance(t.elem.underlying, Array):
            x = StarExpr(ODEREF, e.pos, t.elem, x)
            x.implicit = True
        n = IndexExpr(OINDEX, e.pos, typ, x, index)
    n.syn = e
    return n


def _first(t: Type) -> Type:
    """Of the pair of types of a comma-ok form, the value's."""
    return t.vars[0].type if type(t) is Tuple else t


def _slice(lw: Lowerer, e: ast.SliceExpr, tv: TypeAndValue) -> Node:
    x = expr(lw, e.x)
    low, high, max_ = (opt_expr(lw, i) for i in e.index)
    if x.type is None:
        return bad(lw, e)
    op = OSLICE if max_ is None else OSLICE3
    t = x.type.underlying
    if isinstance(t, Array):
        x = lw.addr(e.pos, x)
        x.implicit = True
        assert x.type is not None
        t = x.type.underlying
    if isinstance(t, Pointer):
        op = OSLICEARR if op is OSLICE else OSLICE3ARR
        typ = lw.typ(tv.type)
    else:
        if basic_info(t) & IS_STRING:
            op = OSLICESTR
        typ = x.type  # type: ignore[assignment]  # an operand has a type
    n = SliceExpr(op, e.pos, typ, x, low, high, max_)
    n.syn = e
    return n


def _assert(lw: Lowerer, e: ast.AssertExpr, tv: TypeAndValue) -> Node:
    x = expr(lw, e.x)
    t = expr_type(lw, lw.src_type(e.x), e.type)
    n = TypeAssertExpr(ODYNAMICDOTTYPE if t.op is ODYNAMICTYPE else ODOTTYPE, e.pos, t.type, x)
    n.syn = e
    return n


def expr_type(lw: Lowerer, iface: Type | None, e: ast.Expr) -> Node:
    """The type that `e` spells, as an operand; `iface` is the interface it is asserted from."""
    typ = lw.src_type(e)
    if lw.dict is not None or lw.unit.host.release.asserts_by_descriptors:
        from goescape.ir import generic_call

        n: Node = generic_call.expr_type(lw, e.pos, iface, typ)
    else:
        n = TypeNode(OTYPE, e.pos, lw.typ(typ))
    n.syn = e
    return n


# --- operators -----------------------------------------------------------------------------------


def _operation(lw: Lowerer, e: ast.Operation, tv: TypeAndValue) -> Node:
    if e.y is None:
        return _unary(lw, e, tv)
    spine: list[tuple[ast.Operation, TypeAndValue]] = [(e, tv)]
    left = _operand(lw, e.x)
    while type(left) is ast.Operation and left.y is not None:
        ltv = lw.types.get(left)
        if ltv is None or ltv.value is not None:
            break
        spine.append((left, ltv))
        left = _operand(lw, left.x)
    x = expr(lw, left)
    while spine:
        op, optv = spine.pop()
        x = _binary(lw, op, optv, x)
    return x


def _operand(lw: Lowerer, e: ast.Expr) -> ast.Expr:
    replaced = lw.replaced
    if replaced and e in replaced:
        e = replaced[e]
    return unparen(e)


def _binary(lw: Lowerer, e: ast.Operation, tv: TypeAndValue, x: Node) -> Node:
    op = BINARY_OPS[e.op]
    replaced = lw.replaced
    ex, ey = e.x, e.y
    assert ey is not None
    if replaced:
        ex, ey = replaced.get(ex, ex), replaced.get(ey, ey)
    typ = lw.typ(ideal_type(tv.type, None))
    if op is OLSH or op is ORSH:
        y = expr(lw, ey)
        n: Node = BinaryExpr(op, e.pos, typ, x, y)
        n.syn = e
        return n
    xt, yt = lw.src_type(ex), lw.src_type(ey)
    if xt is yt:
        y = expr(lw, ey)
    else:
        common = yt if assignable(lw, xt, yt) else xt
        x = wrap_conv(lw, common, ex, x)
        y = implicit_conv(lw, common, ey)
    if op is OANDAND or op is OOROR:
        n = LogicalExpr(op, e.pos, typ, x, y)
    elif op is OADD and basic_info(typ) & IS_STRING:
        if type(x) is AddStringExpr:
            x.pos = e.pos
            add = x
        else:
            add = AddStringExpr(OADDSTR, e.pos, typ, [x])
        if type(y) is AddStringExpr:
            add.list += y.list
        else:
            add.list.append(y)
        add.type = typ
        n = add
    else:
        n = BinaryExpr(op, e.pos, typ, x, y)
    n.syn = e
    return n


def _unary(lw: Lowerer, e: ast.Operation, tv: TypeAndValue) -> Node:
    op = e.op
    x = expr(lw, _operand(lw, e.x))
    n: Node
    if op == "&":
        n = lw.addr(e.pos, x, lw.typ(tv.type))
    elif op == "*":
        n = StarExpr(ODEREF, e.pos, lw.typ(tv.type), x)
    elif op == "<-":
        n = UnaryExpr(ORECV, e.pos, lw.typ(_first(tv.type)), x)
    else:
        ir_op = _UNARY_OPS.get(op)
        if ir_op is None:
            return bad(lw, e)
        n = UnaryExpr(ir_op, e.pos, lw.typ(ideal_type(tv.type, None)), x)
    n.syn = e
    return n


def assignable(lw: Lowerer, v: Type, t: Type) -> bool:
    """Whether a value of type `v` may be assigned to a variable of type `t`."""
    if identical(v, t):
        return True
    from goescape.typecheck.operand import Operand

    x = Operand()
    x.mode, x.typ = "value", v
    checker = lw.unit.host.checker_of(lw.pkg)
    return x.assignable_to(checker, t)[0]


def static_bool(lw: Lowerer, e: ast.Expr) -> tuple[int, ast.Expr]:
    """Whether `e` is always true (1), always false (-1) or neither known (0), and what to evaluate
    in its place. Operands deeper inside that can be left out are entered in `lw.replaced`."""
    tv = lw.types.get(e) or lw.types.get(unparen(e))
    if tv is not None and tv.value is not None:
        return (1 if tv.value else -1), e
    if type(e) is not ast.Operation:
        return 0, e
    op = e.op
    if op == "!":
        # The operand's own value is what the compiler reports here, not its negation.
        v, x = static_bool(lw, lw.replaced.get(e.x, e.x))
        _replace(lw, e.x, x)
        return v, e
    if op != "&&" and op != "||":
        return 0, e
    assert e.y is not None
    decided = -1 if op == "&&" else 1
    v, x = static_bool(lw, lw.replaced.get(e.x, e.x))
    _replace(lw, e.x, x)
    if v == decided:
        return v, x
    w, y = static_bool(lw, lw.replaced.get(e.y, e.y))
    _replace(lw, e.y, y)
    if v == -decided or w == decided:
        xtv = lw.types.get(x)
        if xtv is not None and xtv.value is not None:
            return w, y
        return w, e
    return 0, e


def _replace(lw: Lowerer, old: ast.Expr, new: ast.Expr) -> None:
    if old is not new:
        lw.replaced[old] = new


# --- conversions ---------------------------------------------------------------------------------


def implicit_conv(lw: Lowerer, dst: Type | None, e: ast.Expr) -> Node:
    """`e`, converted to `dst` (a type of the source; None: any) if its type is another."""
    return wrap_conv(lw, dst, e, expr(lw, e))


def wrap_conv(lw: Lowerer, dst: Type | None, e: ast.Expr, x: Node) -> Node:
    """Like `implicit_conv` where `x` is the node of `e`."""
    if dst is None:
        return x
    src = lw.src_type(e)
    if src is dst or identical(src, dst):
        return x
    return _convert(lw, dst, e, x, True, False)


def convert_expr(lw: Lowerer, dst: Type, e: ast.Expr) -> Node:
    """The explicit conversion of `e` to `dst`."""
    same = identical(lw.src_type(e), dst)
    return _convert(lw, dst, e, expr(lw, e), False, same)


def _convert(lw: Lowerer, dst: Type, e: ast.Expr, x: Node, implicit: bool, same: bool) -> Node:
    typ = lw.typ(dst)
    if x.op is OLITERAL and type(unalias(dst)) is TypeParam:
        assert isinstance(x, BasicLit)
        val = convert_val(x.val, typ)
        if val is not None:
            lit = BasicLit(OLITERAL, x.pos, typ, val)
            lit.syn = x.syn
            n: Node = ConvExpr(OCONVNOP, e.pos, typ, lit)
            n.implicit = True
            n.syn = e
            return n
    n = convert(e.pos, typ, x, implicit, lw.unit.word, same)
    n.syn = e
    return n


def _comp_lit(lw: Lowerer, e: ast.CompositeLit, tv: TypeAndValue) -> Node:
    return lw.comp_lit(e, tv)


def _func_lit(lw: Lowerer, e: ast.FuncLit, tv: TypeAndValue) -> Node:
    return lw.func_lit(e, tv)


def _call(lw: Lowerer, e: ast.CallExpr, tv: TypeAndValue) -> Node:
    return lw.call_expr(e, tv)


def _bad(lw: Lowerer, e: ast.Expr, tv: TypeAndValue) -> Node:
    return bad(lw, e)


_EXPR: dict[type[ast.Node], Callable[[Any, Any, TypeAndValue], Node]] = {
    ast.Name: _name,
    ast.CompositeLit: _comp_lit,
    ast.FuncLit: _func_lit,
    ast.SelectorExpr: _selector,
    ast.IndexExpr: _index,
    ast.SliceExpr: _slice,
    ast.AssertExpr: _assert,
    ast.Operation: _operation,
    ast.CallExpr: _call,
    ast.BadExpr: _bad,
}

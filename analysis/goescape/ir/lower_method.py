"""Methods: receivers, method values, method expressions.

The way from the operand to the receiver is spelled out: embedded fields, then `&` or `*`. A static
call takes the receiver as its first argument (`lower_call`); the callee is an `OMETHEXPR`.

Invariants
  - what is implied is marked `implicit` and stands at the selector's position;
  - `func_name` of an `OMETHEXPR` or `OMETHVALUE` is set if the method is concrete.

Example: with `type W struct{ *E }` and `func (E) VM()`, `w.VM` has the receiver `*w.E`.

Source: cmd/compile/internal/noder/{writer,reader}.go (recvExpr, methodExpr), cmd/compile/internal/
typecheck/{expr,typecheck}.go (XDotMethod, NewMethodExpr) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.nodes import ConvExpr, Name, Node, SelectorExpr, TypeNode
from goescape.ir.op import OCONVNOP, ODOTINTER, OMETHEXPR, OMETHVALUE, OTYPE
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck.objects import Func, Var
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import (
    Interface,
    Named,
    Pointer,
    Signature,
    Tuple,
    Type,
    TypeParam,
    unalias,
)

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer
    from goescape.typecheck.info import Selection, TypeAndValue
    from goescape.typecheck.objects import Package


def deref2(t: Type) -> Type:
    """What `t` points to, or `t` itself; never an alias."""
    u = unalias(t)
    return unalias(u.elem) if isinstance(u, Pointer) else u


def is_ptr_to(t: Type, to: Type) -> bool:
    u = unalias(t)
    return isinstance(u, Pointer) and identical(u.elem, to)


def receiver_type(fun: Func) -> Type | None:
    sig = fun.type
    return sig.recv.type if isinstance(sig, Signature) and sig.recv is not None else None


def recv_expr(lw: Lowerer, e: ast.SelectorExpr, sel: Selection) -> tuple[Node, Type]:
    """The receiver that the selection passes, and its type in the source."""
    x = lw.expr(e.x)
    typ = lw.src_type(e.x)
    for i in sel.index[:-1]:
        x = lw.dot_field(e.pos, x, i)
        x.implicit = True
        x.syn = e
        typ = deref2(typ).underlying.fields[i].type  # type: ignore[attr-defined]
    recv = receiver_type(sel.obj)  # type: ignore[arg-type]
    if recv is not None and typ is not recv:
        if is_ptr_to(typ, recv):
            x = lw.deref(e.pos, x.type.underlying.elem, x)  # type: ignore[union-attr]
            x.implicit = True
            x.syn = e
            typ = recv
        elif is_ptr_to(recv, typ):
            x = lw.addr(e.pos, x, lw.typ(recv) if lw.dict is None else None)
            x.implicit = True
            x.syn = e
            typ = recv
    return x, typ


def is_plain(recv: Type, fun: Func) -> bool:
    """Whether selecting `fun` on `recv` involves no type parameters at all."""
    t = unalias(recv)
    if isinstance(t, TypeParam):
        return False
    sig = fun.type
    if isinstance(sig, Signature) and sig.tparams:
        return False
    t = deref2(t)
    return not (isinstance(t, Named) and t.targs and not isinstance(t.underlying, Interface))


def method_expr(
    lw: Lowerer, pos: Pos, recv: Type, fun: Func, sel: ast.Name
) -> tuple[Node | None, Node, Node | None]:
    """The method `fun` of `recv` as a function: the one to use as a value (None if a literal must
    be made), the one to call, and the dictionary that the latter needs."""
    if is_plain(recv, fun):
        n = new_method_expr(lw, pos, lw.typ(recv), fun)
        return n, n, None
    from goescape.ir import generic_call

    return generic_call.method_expr(lw, pos, recv, fun, sel)


def new_method_expr(lw: Lowerer, pos: Pos, recv: Type, fun: Func) -> SelectorExpr:
    """`recv.fun` as an `OMETHEXPR`; `recv` is a node type and has the method."""
    x = TypeNode(OTYPE, pos, recv)
    n = SelectorExpr(OMETHEXPR, pos, None, x, fun.name, fun)
    t = deref2(recv)
    if isinstance(t.underlying, Interface):
        sig = fun.type
        assert isinstance(sig, Signature)
        n.type = method_type(sig, recv)
        return n
    key = (fun, recv)
    cached = lw.unit.method_exprs.get(key)
    if cached is None:
        sig = fun.type
        assert isinstance(sig, Signature)
        name = lw.unit.func_name(fun)
        cached = method_type(sig, recv), method_name(lw, name, fun, recv)
        lw.unit.method_exprs[key] = cached
    n.type, n.func_name = cached
    return n


def method_type(sig: Signature, recv: Type | None) -> Signature:
    """The type of a method as a function, with the receiver (if given) as first parameter."""
    vars = sig.params.vars
    if recv is not None:
        vars = [Var(0, None, "", recv, "param"), *vars]
    return Signature(None, Tuple(vars), sig.results, sig.variadic)


def method_name(lw: Lowerer, name: Name, fun: Func, recv: Type) -> Name:
    """The name of `fun` as a method of `recv`: its own, or that of a wrapper for it (which is not
    needed to know what a call does)."""
    own = receiver_type(fun)
    if own is None or identical(own, recv):
        return name
    text = method_sym(recv, fun.name)
    n = Name(name.pos, text, _receiver_pkg(recv) or name.pkg, name.type, "PFUNC", None, fun)
    n.func = name.func
    return n


def _receiver_pkg(recv: Type) -> Package | None:
    t = deref2(recv)
    return t.obj.pkg if isinstance(t, Named) else None


def method_sym(recv: Type, method: str) -> str:
    """The symbol of a method: `T.M`, `(*T).M`."""
    from goescape.ir.typefmt import type_text

    t = deref2(recv)
    pkg = t.obj.pkg if isinstance(t, Named) else None
    text = type_text(recv, pkg)
    return f"({text}).{method}" if isinstance(unalias(recv), Pointer) else f"{text}.{method}"


def method_value(lw: Lowerer, e: ast.SelectorExpr, sel: Selection, tv: TypeAndValue) -> Node:
    """`x.M` as a value."""
    fun = sel.obj
    assert isinstance(fun, Func)
    recv, typ = recv_expr(lw, e, sel)
    wrapper, base, dict_ptr = method_expr(lw, e.pos, typ, fun, e.sel)
    if wrapper is not None and wrapper.op is OMETHEXPR:
        assert isinstance(wrapper, SelectorExpr)
        if lw.dict is not None or not is_plain(typ, fun):
            from goescape.ir.typeinfo import has_shape

            if has_shape(recv.type):
                want = wrapper.x.type
                assert want is not None
                if recv.type is want:  # an interface, which the compiler converts all the same
                    recv = ConvExpr(OCONVNOP, recv.pos, want, recv)
                else:
                    recv = lw.convert(recv.pos, want, recv, False)
        n = xdot_method(lw, e.pos, recv, fun, False)
        n.func_name = wrapper.func_name
        n.syn = e
        lw.unit.instances.note_method_value(recv.type, fun, lw.imported)
        return n
    from goescape.ir import generic_call

    n2: Node = generic_call.curry(lw, e.pos, True, base, recv, dict_ptr)
    n2.syn = e
    return n2


def method_expr_value(lw: Lowerer, e: ast.SelectorExpr, sel: Selection) -> Node:
    """`T.M` as a value."""
    fun = sel.obj
    assert isinstance(fun, Func)
    src = lw.src_type(e.x)
    typ = src
    implicits = sel.index[:-1]
    for i in implicits:
        typ = deref2(typ).underlying.fields[i].type  # type: ignore[attr-defined]
    deref = addr = False
    recv = receiver_type(fun)
    if recv is not None:
        deref = is_ptr_to(typ, recv)
        addr = not deref and is_ptr_to(recv, typ)
        if deref or addr:
            typ = recv
    wrapper, base, dict_ptr = method_expr(lw, e.pos, typ, fun, e.sel)
    if wrapper is not None and not implicits and not deref and not addr:
        wrapper.syn = e
        return wrapper
    node_type = lw.typ(src)
    if wrapper is not None and wrapper.op is OMETHEXPR:
        from goescape.ir.typeinfo import has_shape

        if lw.dict is None or not has_shape(node_type):
            if is_plain(typ, fun):
                n = new_method_expr(lw, e.pos, node_type, fun)
            else:
                assert isinstance(wrapper, SelectorExpr)
                n = SelectorExpr(
                    OMETHEXPR,
                    e.pos,
                    None,
                    TypeNode(OTYPE, e.pos, node_type),
                    fun.name,
                    fun,
                    wrapper.func_name,
                )
                sig = wrapper.type
                assert isinstance(sig, Signature)
                n.type = method_type(
                    Signature(None, Tuple(sig.params.vars[1:]), sig.results, sig.variadic),
                    node_type,
                )
            n.syn = e
            return n
    from goescape.ir import generic_call

    n2: Node = generic_call.method_expr_wrap(
        lw, e.pos, node_type, list(implicits), deref, addr, base, dict_ptr
    )
    n2.syn = e
    return n2


def xdot_method(lw: Lowerer, pos: Pos, x: Node, fun: Func, callee: bool) -> SelectorExpr:
    """`x.fun` with the receiver `x` exactly as it is passed: an interface's method to be called, or
    a method value."""
    sig = fun.type
    assert isinstance(sig, Signature)
    op = ODOTINTER if callee else OMETHVALUE
    typ = method_type(sig, None)
    if lw.dict is not None:
        typ = lw.typ(typ)  # type: ignore[assignment]
    return SelectorExpr(op, pos, typ, x, fun.name, fun)

"""Expressions: where the value of each operand goes.

Each handler is given the hole `k` that the expression's value flows to, and walks the operands with
holes made from it: a dereference adds one, an address takes one away, an allocation puts a location
of its own in between.

Invariants
  - the statements in `init` are walked before the expression itself;
  - a value without pointers flows nowhere, unless its address is being taken;
  - map keys and values, once stored, are on the heap; keys of lookups are not kept.

Example: for `p.f[i]` with a slice f, p is walked at derefs + 2, and i is dropped.

Source: cmd/compile/internal/escape/expr.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape import bug
from goescape.escape.graph import Hole
from goescape.ir.op import *
from goescape.ir.scc import is_closure
from goescape.ir.typeinfo import is_interface, kind, under
from goescape.typecheck.types import Array, Named, Pointer, Signature, unalias

if TYPE_CHECKING:
    from goescape.escape.walk import Escape
    from goescape.ir.nodes import ClosureExpr, Name, Node


def expr(e: Escape, k: Hole, n: Node | None) -> None:
    """Evaluate `n`, its value flowing into `k`."""
    if n is None:
        return
    if n.init:
        e.stmts(n.init)
    if k.derefs >= 0 and k.dst is not e.blank_loc and not e.has_pointers(n.type):
        k = e.blank_addrtaken if k.addrtaken else e.blank
    handler = _EXPRESSIONS.get(n.op)
    if handler is None:
        bug.report(f"unexpected expression {n.op}", n.pos)
        return
    handler(e, k, n)


def discard(e: Escape, n: Node | None) -> None:
    """Evaluate `n` for its side effects."""
    if n is not None:
        expr(e, e.blank, n)


def _nop(e: Escape, k: Hole, n: Node) -> None:
    pass


def _name(e: Escape, k: Hole, n: Any) -> None:
    if n.cls == "PFUNC" or n.cls == "PEXTERN":
        return
    e.flow(k, e.old_loc(n))


def _unary(e: Escape, k: Hole, n: Any) -> None:
    discard(e, n.x)


def _binary(e: Escape, k: Hole, n: Any) -> None:
    # The left operands of a + b + c + … are a spine as long as the code: no recursion there.
    right = [n.y]
    x = n.x
    while x.op in _BINARY:
        if x.init:
            e.stmts(x.init)
        right.append(x.y)
        x = x.x
    discard(e, x)
    for y in reversed(right):
        discard(e, y)


def _addr(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.addr_of(k, n, "address-of"), n.x)


def _deref(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.deref(k, n, "indirection"), n.x)


def _dot(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.note(k, n, "dot"), n.x)


def _dot_ptr(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.deref(k, n, "dot of pointer"), n.x)


def _type_assert(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.dot_type(k, n, n, "dot"), n.x)


def _index(e: Escape, k: Hole, n: Any) -> None:
    if under(n.x.type).__class__ is Array:
        expr(e, e.note(k, n, "fixed-array-index-of"), n.x)
    else:
        expr(e, e.deref(k, n, "dot of pointer"), n.x)
    discard(e, n.index)


def _index_map(e: Escape, k: Hole, n: Any) -> None:
    discard(e, n.x)
    discard(e, n.index)


def _slice(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.note(k, n, "slice"), n.x)
    discard(e, n.low)
    discard(e, n.high)
    discard(e, n.max)


def _conv(e: Escape, k: Hole, n: Any) -> None:
    if kind(n.type) == "TUNSAFEPTR" and kind(n.x.type) == "TUINTPTR":
        unsafe_value(e, k, n.x)
    else:
        expr(e, k, n.x)


def _conv_iface(e: Escape, k: Hole, n: Any) -> None:
    t = n.x.type
    if not is_interface(t) and not e.is_direct_iface(t):
        k = e.spill(k, n)
    expr(e, e.note(k, n, "interface-converted"), n.x)


def _slice_to_array(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.deref(k, n, "slice-to-array"), n.x)


def _pass(e: Escape, k: Hole, n: Any) -> None:
    expr(e, k, n.x)


def _call(e: Escape, k: Hole, n: Node) -> None:
    e.call([k], n)


def _new(e: Escape, k: Hole, n: Node) -> None:
    e.spill(k, n)


def _make_slice(e: Escape, k: Hole, n: Any) -> None:
    e.spill(k, n)
    discard(e, n.len)
    discard(e, n.cap)


def _make_chan(e: Escape, k: Hole, n: Any) -> None:
    discard(e, n.len)


def _make_map(e: Escape, k: Hole, n: Any) -> None:
    e.spill(k, n)
    discard(e, n.len)


def _method_value(e: Escape, k: Hole, n: Any) -> None:
    # We do not know how the value will be called: the method's results are lost.
    closure = e.spill(k, n)
    sig = under(n.type)
    n_results = len(sig.results.vars) if isinstance(sig, Signature) else 0
    receiver = e.tag_hole([e.heap] * n_results, n.func_name, 0)
    expr(e, e.tee([receiver, closure]), n.x)


def _ptr_lit(e: Escape, k: Hole, n: Any) -> None:
    expr(e, e.spill(k, n), n.x)


def _array_lit(e: Escape, k: Hole, n: Any) -> None:
    for element in n.list:
        x = element.value if element.op is OKEY else element
        expr(e, e.note(k, n, "array literal element"), x)


def _slice_lit(e: Escape, k: Hole, n: Any) -> None:
    k = e.spill(k, n)
    for element in n.list:
        x = element.value if element.op is OKEY else element
        expr(e, e.note(k, n, "slice-literal-element"), x)


def _struct_lit(e: Escape, k: Hole, n: Any) -> None:
    for element in n.list:
        expr(e, e.note(k, n, "struct literal element"), element.value)


def _map_lit(e: Escape, k: Hole, n: Any) -> None:
    e.spill(k, n)
    for element in n.list:
        e.assign_heap(element.key, "map literal key", n)
        e.assign_heap(element.value, "map literal value", n)


def _closure(e: Escape, k: Hole, n: ClosureExpr) -> None:
    k = e.spill(k, n)
    e.b.closures.append((k, n))
    fn = n.func
    if not is_closure(fn):
        return
    for cv in fn.closure_vars:
        loc = e.old_loc(cv)
        if not loc.captured:
            loc.captured = True
            # Assignments in straight-line code before the first capture do not count.
            if loc.loop_depth == e.loop_depth:
                loc.reassigned = False
    from goescape.escape.walk import walk_func

    walk_func(e.b, fn)


def _string_conv(e: Escape, k: Hole, n: Any) -> None:
    e.spill(k, n)
    discard(e, n.x)


def _add_string(e: Escape, k: Hole, n: Any) -> None:
    e.spill(k, n)
    for x in n.list:
        discard(e, x)


# --- uintptr arithmetic on pointers ---


def unsafe_value(e: Escape, k: Hole, n: Any) -> None:
    """Evaluate `n`, a uintptr that is about to become a pointer: what was a pointer in it flows to
    `k`."""
    if n.init:
        e.stmts(n.init)
    op = n.op
    if op is OCONV or op is OCONVNOP:
        if kind(n.x.type) == "TUNSAFEPTR":
            expr(e, k, n.x)
        else:
            discard(e, n.x)
    elif op is ODOTPTR:
        if is_reflect_header_data(n):
            expr(e, e.deref(k, n, "reflect.Header.Data"), n.x)
        else:
            discard(e, n.x)
    elif op in _UNSAFE_UNARY:
        unsafe_value(e, k, n.x)
    elif op in _UNSAFE_BINARY:
        unsafe_value(e, k, n.x)
        unsafe_value(e, k, n.y)
    elif op is OLSH or op is ORSH:
        unsafe_value(e, k, n.x)
        discard(e, n.y)
    else:
        _EXPRESSIONS[op](e, e.blank, n)


def is_reflect_header_data(n: Any) -> bool:
    """Whether `n` is the field Data of a reflect.SliceHeader or reflect.StringHeader."""
    if n.sel != "Data" or kind(n.type) != "TUINTPTR" or n.type.__class__ is Named:
        return False
    t = n.x.type
    if n.op is ODOTPTR:
        pointer = under(t)
        if not isinstance(pointer, Pointer):
            return False
        t = pointer.elem
    t = unalias(t)
    if not isinstance(t, Named) or t.obj.pkg is None or t.obj.pkg.path != "reflect":
        return False
    return t.obj.name in ("SliceHeader", "StringHeader")


def is_local_name(n: Name) -> bool:
    return n.cls != "PFUNC" and n.cls != "PEXTERN"


_UNSAFE_UNARY = frozenset({OPLUS, ONEG, OBITNOT})
_UNSAFE_BINARY = frozenset({OADD, OSUB, OOR, OXOR, OMUL, ODIV, OMOD, OAND, OANDNOT})
_BINARY = frozenset({
    OADD, OSUB, OOR, OXOR, OMUL, ODIV, OMOD, OLSH, ORSH, OAND, OANDNOT, OEQ, ONE, OLT, OLE, OGT, OGE,
    OANDAND, OOROR,
})  # fmt: skip

_EXPRESSIONS: dict[str, Callable[[Escape, Hole, Any], None]] = {
    **dict.fromkeys((
        OLITERAL, ONIL, OGETG, OGETCALLERSP, OTYPE, OMETHEXPR, OLINKSYMOFFSET, ODYNAMICTYPE,
    ), _nop),
    ONAME: _name,
    **dict.fromkeys((OPLUS, ONEG, OBITNOT, ONOT, ORECV), _unary),
    **dict.fromkeys(_BINARY, _binary),
    OADDR: _addr,
    ODEREF: _deref,
    **dict.fromkeys((ODOT, ODOTMETH, ODOTINTER), _dot),
    ODOTPTR: _dot_ptr,
    **dict.fromkeys((ODOTTYPE, ODOTTYPE2, ODYNAMICDOTTYPE, ODYNAMICDOTTYPE2), _type_assert),
    OINDEX: _index,
    OINDEXMAP: _index_map,
    **dict.fromkeys((OSLICE, OSLICEARR, OSLICE3, OSLICE3ARR, OSLICESTR), _slice),
    **dict.fromkeys((OCONV, OCONVNOP), _conv),
    OCONVIFACE: _conv_iface,
    OSLICE2ARR: _slice_to_array,
    OSLICE2ARRPTR: _pass,
    **dict.fromkeys((
        OCALLFUNC, OCALLINTER, OINLCALL, OLEN, OCAP, OMIN, OMAX, OCOMPLEX, OREAL, OIMAG, OAPPEND,
        OCOPY, ORECOVER, OUNSAFEADD, OUNSAFESLICE, OUNSAFESTRING, OUNSAFESTRINGDATA,
        OUNSAFESLICEDATA,
    ), _call),
    ONEW: _new,
    OMAKESLICE: _make_slice,
    OMAKECHAN: _make_chan,
    OMAKEMAP: _make_map,
    OMETHVALUE: _method_value,
    OPTRLIT: _ptr_lit,
    OARRAYLIT: _array_lit,
    OSLICELIT: _slice_lit,
    OSTRUCTLIT: _struct_lit,
    OMAPLIT: _map_lit,
    OCLOSURE: _closure,
    **dict.fromkeys((ORUNES2STR, OBYTES2STR, OSTR2RUNES, OSTR2BYTES, ORUNESTR), _string_conv),
    OADDSTR: _add_string,
}  # fmt: skip

"""Calls: of functions known and unknown, and of builtins.

If the callee is known, each argument flows where the parameter's tag says; within a batch it flows
straight into the parameter, and the results out of the callee's. If it is not, every argument flows
to the heap.

Invariants
  - the function expression is evaluated before the arguments, the receiver before the others;
  - `ks` has a hole for every result, or is None if the call is a statement;
  - the deferred call of a `defer` outside loops lasts until the function ends, all others are lost.

Example: with `func id(p *int) *int { return p }`, in `x := id(&y)` y's address flows to x only.

Source: cmd/compile/internal/escape/call.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape import bug
from goescape.escape.graph import Hole
from goescape.escape.leaks import CALLEE, HEAP, HEAP_TAG, MUTATOR, RESULT0
from goescape.escape.tags import recv_params
from goescape.ir.nodes import AssignStmt, Decl, Name
from goescape.ir.op import *
from goescape.ir.static_value import is_zero, static_callee_name
from goescape.ir.typeinfo import elem, is_shape, kind, under
from goescape.typecheck.types import Array, Slice, Struct

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.escape.leaks import Tags
    from goescape.escape.walk import Escape
    from goescape.ir.nodes import CallExpr, GoDeferStmt, Node
    from goescape.source.positions import Pos
    from goescape.typecheck.types import Type

Holes = list[Hole] | None

_KEEP_ALIVE = frozenset({"uintptrkeepalive", "uintptrescapes"})
_NO_POS_OPS = frozenset({ONAME})


def call(e: Escape, ks: Holes, n: Any) -> None:
    """Evaluate the call `n`, its results flowing into `ks`."""
    handler = _CALLS.get(n.op)
    if handler is None:
        bug.report(f"unexpected call {n.op}", n.pos)
        return
    handler(e, ks, n)


def _argument(e: Escape, k: Hole, arg: Node, n: Node) -> None:
    e.expr(e.note(k, n, "call parameter"), arg)


def _first(e: Escape, ks: Holes) -> Hole:
    return ks[0] if ks else e.blank


# --- function calls ---


def _function_call(e: Escape, ks: Holes, n: CallExpr) -> None:
    callees = known_callees(e, n)
    if ks is not None:
        for name in callees:
            fn = name.func
            if fn is not None and fn in e.b.in_batch:
                for k, var in zip(ks, fn.results, strict=False):
                    e.expr(k, var)
    fun: Any = n.fun
    args: list[Node]
    if n.op is OCALLFUNC:
        k = e.blank
        if not callees and ks is not None:
            blank = e.blank_loc
            for result in ks:
                if result.dst is not blank:
                    # A literal that is called here loses its results.
                    k = e.note(e.b.callee, n, "callee operand") if _tracks(e) else e.blank
                    break
        e.expr(k, fun)
        args = n.args
    else:
        args = [fun.x, *n.args]
    if getattr(n, "is_compiler_var_live", False):
        for arg in args:
            _argument(e, e.blank, arg, n)
        return
    if not callees:
        for arg in args:
            _argument(e, e.heap, arg, n)
        return
    if len(callees) == 1:
        name = callees[0]
        if _is_escape_non_string(e, name):
            k = e.heap if _has_non_string_pointers(e, args[-1].type) else e.blank
            for arg in args:
                _argument(e, k, arg, n)
            return
        keeps = _pragmas(name) & _KEEP_ALIVE
        for i, arg in enumerate(args):
            if keeps:
                _rewrite_argument(e, arg, n, keeps)
            _argument(e, tag_hole(e, ks, name, i), arg, n)
        return
    for i, arg in enumerate(args):
        holes = [tag_hole(e, ks, name, i) for name in callees]
        _argument(e, e.tee(holes), arg, n)


def _tracks(e: Escape) -> bool:
    return e.b.release.tracks_mutation


def known_callees(e: Escape, n: CallExpr) -> list[Name]:
    """The functions that `n` may call, if all of them are known; else empty."""
    if n.op is not OCALLFUNC or n.fun is None:
        return []
    fun = n.fun
    name = static_callee_name(fun)
    if name is not None:
        if fun.op is OCLOSURE and name.func is not None:
            e.b.called_at_once.add(name.func)
        return [name]
    if fun.op is not ONAME and fun.op is not OCONVNOP and fun.op is not OINLCALL:
        return []
    if isinstance(fun, Name) and fun.is_closure_var and not e.b.release.follows_captured_callees:
        return []
    oracle = e.b.oracle(e.curfn)
    value = oracle.static_value(fun)
    name = static_callee_name(value)
    if name is not None:
        return [name]
    if not e.b.release.several_callees or not isinstance(value, Name):
        return []
    return _assigned_callees(oracle.func_assignments(value))


def _assigned_callees(assigns: list[AssignStmt]) -> list[Name]:
    """The functions assigned, if nothing else is. Assignments of nil do not count: calling nil
    panics."""
    callees: list[Name] = []
    for assign in assigns:
        if assign.y is None or is_zero(assign.y):
            continue
        name = static_callee_name(assign.y)
        if name is None or _pragmas(name) & _KEEP_ALIVE:
            return []
        callees.append(name)
    return callees


def _pragmas(name: Name) -> frozenset[str]:
    fn = name.func
    if fn is None:
        return frozenset()
    if not fn.has_body and recv_params(fn):
        # A function without a body keeps what its uintptr arguments were made from.
        return fn.pragma | {"uintptrkeepalive"}
    return fn.pragma


def tag_hole(e: Escape, ks: Holes, name: Name | None, i: int) -> Hole:
    """The hole for argument `i`, counted from the receiver, of a call of `name`."""
    if name is None:
        return e.heap
    fn = name.func
    b = e.b
    if fn is not None and fn in b.in_batch:
        params = recv_params(fn)
        return e.addr(params[i]) if i < len(params) else e.heap
    tags, at_best = b.tags_of(name)
    holes = _leaks(b, ks, tags, i)
    if at_best is not None:
        loc = e.new_loc(None, False)
        b.assumed.append((loc, holes))
        holes = [*_leaks(b, ks, at_best, i), Hole(loc)]
    return e.tee(holes)


def _leaks(b: Batch, ks: Holes, tags: Tags, i: int) -> list[Hole]:
    """Where a function with these tags lets its argument `i` flow."""
    tag = tags[i] if i < len(tags) else HEAP_TAG
    if not tag:
        return [b.heap]
    holes: list[Hole] = []
    if tag[HEAP] >= 0:
        holes.append(b.heap.shift(tag[HEAP]))
    if tag[MUTATOR] >= 0:
        holes.append(b.mutator.shift(tag[MUTATOR]))
    if tag[CALLEE] >= 0:
        holes.append(b.callee.shift(tag[CALLEE]))
    if ks is not None:
        for k, derefs in zip(ks, tag[RESULT0:], strict=False):
            if derefs >= 0:
                holes.append(k.shift(derefs))
    return holes


def _is_escape_non_string(e: Escape, name: Name) -> bool:
    if not name.name.startswith("EscapeNonString[") or not e.b.release.escape_non_string:
        return False
    fn = name.func
    return (
        name.pkg is not None
        and name.pkg.path == "internal/abi"
        and fn is not None
        and len(fn.params) == 2
        and is_shape(fn.params[1].type)
    )


def _has_non_string_pointers(e: Escape, t: Type | None) -> bool:
    if t is None or not e.has_pointers(t):
        return False
    u = under(t)
    if isinstance(u, Struct):
        return any(_has_non_string_pointers(e, f.type) for f in u.fields)
    if isinstance(u, Array):
        return _has_non_string_pointers(e, u.elem)
    return kind(u) != "TSTRING"


# --- pointers passed as uintptr ---


def _rewrite_argument(e: Escape, arg: Any, n: CallExpr, keeps: frozenset[str]) -> None:
    """`uintptr(p)` as an argument of a function like syscall.Syscall keeps p alive."""
    if arg.op is OSLICELIT:
        for element in arg.list:
            _keep_pointer(e, element.value if element.op is OKEY else element, n, keeps)
    else:
        _keep_pointer(e, arg, n, keeps)


def _keep_pointer(e: Escape, arg: Any, n: CallExpr, keeps: frozenset[str]) -> None:
    if arg.op is not OCONVNOP:
        return
    if kind(arg.x.type) != "TUNSAFEPTR" or kind(arg.type) != "TUINTPTR":
        return
    tmp = _copy_expr(e, arg.pos, arg.x, n)
    e.b.set(arg, "x", tmp)
    k = e.mutator
    if "uintptrescapes" in keeps:
        k = e.note(e.heap, arg, "//go:uintptrescapes")
    e.flow(k, e.old_loc(tmp))
    if "uintptrkeepalive" in keeps:
        tmp.addrtaken = True
        e.b.set(n, "keep_alive", [*n.keep_alive, tmp])


def _copy_expr(e: Escape, pos: Pos, x: Node, n: CallExpr) -> Name:
    """A new variable that holds the value of `x`, set before the call `n`."""
    if x.op not in _NO_POS_OPS and x.pos:
        pos = x.pos
    fn = e.curfn
    tmp = Name(pos, f".autotmp_{len(fn.dcl)}", fn.nname.pkg, x.type, "PAUTO", fn)
    local = getattr(fn.unit, "pkg", None)
    if local is not None:
        tmp.pkg = local
    tmp.used = True
    e.b.set(fn, "dcl", [*fn.dcl, tmp])
    assign = AssignStmt(OAS, pos, tmp, x)
    tmp.defn = assign
    added: list[Node] = [Decl(ODCL, pos, tmp), assign]
    e.b.set(n, "init", [*n.init, *added])
    e.new_loc(tmp, True)
    e.stmts(added)
    return tmp


# --- go and defer ---


def go_defer(e: Escape, n: GoDeferStmt) -> None:
    """The call of a `go` or `defer`, which has neither arguments nor results any more."""
    k = e.heap
    if n.op is ODEFER and e.loop_depth == 1 and n.defer_at is None:
        k = e.later(e.blank)
    call: Any = n.call
    fun = call.fun
    if fun is None:
        bug.report("go or defer of a builtin", n.pos)
        return
    e.expr(k, fun)


# --- builtins ---


def _inlined_call(e: Escape, ks: Holes, n: Any) -> None:
    e.stmts(n.body)
    for i, result in enumerate(n.return_vars):
        e.expr(ks[i] if ks is not None else e.blank, result)


def _append(e: Escape, ks: Holes, n: Any) -> None:
    k = _first(e, ks)
    args = n.args
    # The first slice may be the result, or be copied: then its elements are on the heap.
    if _tracks(e):
        appendee = e.tee([k, e.mutator])
    else:
        appendee = k
    if e.has_pointers(elem(args[0].type)):
        appendee = e.tee([appendee, e.deref(e.heap, n, "appendee slice")])
    _argument(e, appendee, args[0], n)
    if n.is_ddd:
        appended = e.blank
        t = under(args[1].type)
        if isinstance(t, Slice) and e.has_pointers(t.elem):
            appended = e.deref(e.heap, n, "appended slice...")
        _argument(e, appended, args[1], n)
    else:
        for arg in args[1:]:
            _argument(e, e.heap, arg, n)
    if e.b.release.append_has_location:
        # One store serves all iterations of a loop, so it counts as outside any.
        e.spill(k, n).dst.loop_depth = 0


def _copy(e: Escape, ks: Holes, n: Any) -> None:
    _argument(e, e.mutator, n.x, n)
    copied = e.blank
    t = under(n.y.type)
    if isinstance(t, Slice) and e.has_pointers(t.elem):
        copied = e.deref(e.heap, n, "copied slice")
    _argument(e, copied, n.y, n)


def _panic(e: Escape, ks: Holes, n: Any) -> None:
    _argument(e, e.heap, n.x, n)


def _discard_both(e: Escape, ks: Holes, n: Any) -> None:
    e.discard(n.x)
    e.discard(n.y)


def _discard_args(e: Escape, ks: Holes, n: Any) -> None:
    for arg in n.args:
        e.discard(arg)


def _min_max(e: Escape, ks: Holes, n: Any) -> None:
    k = _first(e, ks)
    for arg in n.args:
        _argument(e, k, arg, n)


def _discard_operand(e: Escape, ks: Holes, n: Any) -> None:
    e.discard(n.x)


def _clear(e: Escape, ks: Holes, n: Any) -> None:
    _argument(e, e.mutator, n.x, n)


def _unsafe_unary(e: Escape, ks: Holes, n: Any) -> None:
    _argument(e, _first(e, ks), n.x, n)


def _unsafe_binary(e: Escape, ks: Holes, n: Any) -> None:
    _argument(e, _first(e, ks), n.x, n)
    e.discard(n.y)


_CALLS: dict[str, Callable[[Escape, Holes, Any], None]] = {
    **dict.fromkeys((OCALLFUNC, OCALLINTER), _function_call),
    OINLCALL: _inlined_call,
    OAPPEND: _append,
    OCOPY: _copy,
    OPANIC: _panic,
    OCOMPLEX: _discard_both,
    **dict.fromkeys((ODELETE, OPRINT, OPRINTLN, ORECOVER), _discard_args),
    **dict.fromkeys((OMIN, OMAX), _min_max),
    **dict.fromkeys((OLEN, OCAP, OREAL, OIMAG, OCLOSE), _discard_operand),
    OCLEAR: _clear,
    **dict.fromkeys((OUNSAFESTRINGDATA, OUNSAFESLICEDATA), _unsafe_unary),
    **dict.fromkeys((OUNSAFEADD, OUNSAFESLICE, OUNSAFESTRING), _unsafe_binary),
}  # fmt: skip

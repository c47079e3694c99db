"""Calls of interface methods whose target is known become static calls.

`i.M(a)` with an i that can only hold a T becomes `T.M(i.(T), a)`: an assertion, the way to the
method through embedded fields spelled out, and a static call. If the way ends at an embedded
interface, the call stays an interface call, of that field.

Invariants
  - calls in `go` and `defer` statements are left alone: they must not panic earlier than before;
  - inner calls are done before the calls they are arguments of;
  - a type argument's shape, and a type made with one, is no target: the call needs a dictionary.
    The latter is said, once for each of the compiler's two rounds.

Example: `var i I = impl{p}; i.Do(p)` becomes `impl.Do(i.(impl), p)`, with the message `devirtualizing
i.Do to impl` at the call.

Source: cmd/compile/internal/devirtualize/devirtualize.go, cmd/compile/internal/inline/interleaved,
cmd/compile/internal/typecheck/{expr,typecheck,subr}.go (go1.27).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goescape.inline.concrete import ConcreteTypes, converted_type
from goescape.ir.fmt import NodeWriter
from goescape.ir.lower_method import method_expr, method_type
from goescape.ir.nodes import AddrExpr, SelectorExpr, StarExpr, TypeAssertExpr
from goescape.ir.op import *
from goescape.ir.scc import visit_funcs_bottom_up
from goescape.ir.shapes import ShapeComparer
from goescape.ir.typeinfo import has_shape, is_interface, is_shape, under
from goescape.ir.visit import children, walk
from goescape.typecheck.lookup import lookup_field_or_method, missing_method
from goescape.typecheck.objects import Func as MethodObject
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Interface, Pointer, Signature, Struct, unalias
from goescape.typecheck.typeset import type_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from goescape.goversion import Release
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr, Node
    from goescape.ir.unit import Unit
    from goescape.source.positions import Pos
    from goescape.syntax import ast
    from goescape.typecheck.types import Type


@dataclass(frozen=True, slots=True)
class Devirtualized:
    """`kind`: "devirtualized", "partial", "shaped receiver", "shaped interface"; `call` is the text of
    the selector (of the whole call for the last two), `target` that of the type."""

    kind: str
    pos: Pos
    call: str
    target: str
    fn: Func
    syn: ast.Node | None


def devirtualize(
    unit: Unit, funcs: Iterable[Func], release: Release, is_ours: Callable[[Func], bool]
) -> list[Devirtualized]:
    """Devirtualize the calls in `funcs`, the functions of the unit in the compiler's order, without
    wrappers. Says what the compiler says, in its order."""
    funcs = list(funcs)
    work = Devirtualizer(unit, release)
    refused: dict[Func, list[Devirtualized]] = {}
    for fn in funcs:
        work.func(fn)
        if work.refused:
            refused[fn], work.refused = work.refused, []
    if refused:

        def again(group: list[Func], recursive: bool) -> None:
            for fn in group:
                work.events += refused.get(fn, ())

        visit_funcs_bottom_up(funcs, again, is_ours)
    return work.events


class Devirtualizer:
    """Works on the calls of one unit, and remembers what is assigned where. What it says goes to
    `events`, and what it refused also to `refused`."""

    __slots__ = ("concrete", "events", "nodes", "refused", "release", "unit")

    def __init__(self, unit: Unit, release: Release, events: list[Any] | None = None) -> None:
        self.unit = unit
        self.release = release
        self.concrete = ConcreteTypes(unit.pkg)
        self.nodes = NodeWriter(unit.pkg)
        self.events: list[Any] = events if events is not None else []
        self.refused: list[Devirtualized] = []

    def func(self, fn: Func) -> None:
        for call in _interface_calls(fn):
            self.call(fn, call)

    def call(self, fn: Func, call: CallExpr) -> None:
        """Make `call`, an interface call in `fn`, static if its target is known."""
        sel: Any = call.fun
        if call.go_defer:
            return
        typ = self._target(sel.x)
        if typ is None:
            return
        if has_shape(typ):
            if not is_shape(typ):
                self._refuse("shaped receiver", fn, call, typ)
            return
        if has_shape(sel.x.type):
            self._refuse("shaped interface", fn, call, sel.x.type)
            return
        method = sel.selection
        pkg = method.pkg if method is not None else self.unit.pkg
        obj, index, _ = lookup_field_or_method(typ, True, pkg, sel.sel)
        if not isinstance(obj, MethodObject) or index is None:
            return
        x = self._receiver(call, sel, typ, index)
        sel_text, typ_text = self.nodes.text(sel), self.nodes.type(typ)
        partial = is_interface(x.type)
        if partial:
            call.fun = _interface_method(sel, x, obj)
        else:
            self._make_static(fn, call, sel, x, obj)
        code = "partial" if partial else "devirtualized"
        self.events.append(Devirtualized(code, call.pos, sel_text, typ_text, fn, call.syn))

    def _target(self, x: Node) -> Type | None:
        """The concrete type whose method is called."""
        if not self.release.merges_concrete_types:
            return converted_type(x)
        typ = self.concrete.of(x)
        if typ is None or x.type is None:
            return None
        iface = under(x.type)
        assert isinstance(iface, Interface)
        missing, _ = missing_method(None, typ, x.type, True, ShapeComparer().identical, None)
        if missing is not None or (has_shape(typ) and _needs_dictionary(typ, iface)):
            return None
        return typ

    def _refuse(self, kind: str, fn: Func, call: CallExpr, typ: Type) -> None:
        event = Devirtualized(
            kind, call.pos, self.nodes.text(call), self.nodes.type(typ), fn, call.syn
        )
        self.events.append(event)
        self.refused.append(event)

    def _receiver(
        self, call: CallExpr, sel: SelectorExpr, typ: Type, index: tuple[int, ...]
    ) -> Node:
        """The assertion, and the embedded fields on the way to the method."""
        pos = call.pos if self.release.merges_concrete_types else sel.pos
        x: Node = TypeAssertExpr(ODOTTYPE, pos, typ, sel.x)
        x.syn = sel.syn
        for i in index[:-1]:
            assert x.type is not None
            struct = under(x.type)
            op = ODOT
            if isinstance(struct, Pointer):
                op = ODOTPTR
                struct = under(struct.elem)
            assert isinstance(struct, Struct)
            field = struct.fields[i]
            x = SelectorExpr(op, sel.pos, field.type, x, field.name, field)
            x.implicit = True
            x.syn = sel.syn
        return x

    def _make_static(
        self, fn: Func, call: CallExpr, sel: SelectorExpr, x: Node, method: MethodObject
    ) -> None:
        sig = method.type
        assert isinstance(sig, Signature) and sig.recv is not None and x.type is not None
        recv = sig.recv.type
        t = unalias(x.type)
        if not identical(recv, t):
            r = unalias(recv)
            if isinstance(r, Pointer) and identical(r.elem, t):
                x = AddrExpr(OADDR, sel.pos, recv, x)
            else:
                pointer = under(t)
                assert isinstance(pointer, Pointer)
                x = StarExpr(ODEREF, sel.pos, pointer.elem, x)
            x.implicit = True
            x.syn = sel.syn
        unit = self.unit
        lowerer = unit.lowerer_for(fn, unit.host.checker_of(unit.pkg).info, unit.pkg)
        assert x.type is not None
        # The name in the source only matters for methods with type parameters.
        no_name: Any = None
        wrapper, base, _ = method_expr(lowerer, sel.pos, x.type, method, no_name)
        call.op = OCALLFUNC
        call.fun = wrapper if wrapper is not None else base
        call.fun.syn = sel.syn
        call.args = [x, *call.args]


def _needs_dictionary(typ: Type, iface: Interface) -> bool:
    """Whether a method of `iface` is declared by a shaped type: it takes a dictionary as well, and so
    is not what the interface asks for."""
    for m in type_set(iface).methods:
        obj, _, _ = lookup_field_or_method(typ, True, m.pkg, m.name)
        sig = obj.type if isinstance(obj, MethodObject) else None
        if isinstance(sig, Signature) and sig.recv is not None:
            if has_shape(sig.recv.type) and not is_interface(sig.recv.type):
                return True
    return False


def _interface_method(sel: SelectorExpr, x: Node, method: MethodObject) -> SelectorExpr:
    sig = method.type
    assert isinstance(sig, Signature)
    n = SelectorExpr(ODOTINTER, sel.pos, method_type(sig, None), x, sel.sel, method)
    n.syn = sel.syn
    return n


def _interface_calls(fn: Func) -> list[CallExpr]:
    """The interface calls in `fn`, operands before what they are operands of; the call of a tail
    call is none."""
    calls: list[Any] = []
    tail_calls: set[Node] = set()
    n: Any
    for n in walk(fn.body):
        if n.op is OCALLINTER:
            calls.append(n)
        elif n.op is OTAILCALL:
            tail_calls.add(n.call)
    if tail_calls:
        calls = [c for c in calls if c not in tail_calls]
    if len(calls) < 2:
        return calls
    wanted = set(calls)
    ordered: list[Any] = []
    stack: list[tuple[Node, bool]] = [(n, False) for n in reversed(fn.body)]
    while stack:
        n, done = stack.pop()
        if done:
            ordered.append(n)
            continue
        if n in wanted:
            stack.append((n, True))
        for child in reversed(children(n)):
            stack.append((child, False))
    return ordered

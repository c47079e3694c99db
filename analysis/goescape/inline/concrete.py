"""Which one type of value an interface variable can hold.

An interface expression has a concrete type if it is a conversion of a value of that type, or a local
variable all of whose assignments agree on it. Assignments of nil do not count: calling a method of a
nil interface panics either way.

Invariants
  - only locals whose address is not taken are looked at, and all assignments in the function that
    declares them and in the literals in it;
  - what comes out of calls, channels, maps and ranges has the concrete type of what they give, or
    none if that is an interface;
  - a function's assignments are collected once, at the first question about one of its variables;
  - pointers to a type that only expanded bodies know (`unmentioned`) agree only where they are spelled in one
    place, and those that an address gives only where they are one expression.

Example: after `var w io.Writer = os.Stdout; if c { w = f }` with `f *os.File`, w holds *os.File.

Source: cmd/compile/internal/devirtualize/devirtualize.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from goescape.inline.unmentioned import is_hidden, may_be_hidden
from goescape.ir.nodes import Name, Node
from goescape.ir.op import *
from goescape.ir.static_value import outer_value, static_value
from goescape.ir.typeinfo import is_interface, kind, under
from goescape.ir.visit import walk
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Array, Chan, Map, Pointer, Slice, Struct, Type, unalias

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr, InlinedCallExpr
    from goescape.typecheck.objects import Package

_CALLS = frozenset({OCALLFUNC, OCALLINTER})
_ADDRESSES = frozenset({OADDR, OPTRLIT, ONEW})
_FOLLOWED = frozenset({OCONVNOP, OCONVIFACE, ODOTTYPE, ODOTTYPE2})


class _NoType(Type):
    """The type of something that is only ever nil, or that refers to itself."""

    __slots__ = ()


NO_TYPE: Final = _NoType()


class _OwnPointer(Pointer):
    """The type of one expression that takes an address, or of what is declared in one place."""

    __slots__ = ("plain",)

    def __init__(self, plain: Pointer) -> None:
        super().__init__(plain.elem)
        self.plain = plain


Assigned = Type | Node | None
"""What is assigned: a value of a concrete type, an expression to look into, or None: unknown."""


class ConcreteTypes:
    """The assignments to interface variables of the functions of `pkg` asked about so far."""

    __slots__ = ("_analyzed", "_assigned", "_calls", "_pkg", "_pointers", "_values")

    def __init__(self, pkg: Package) -> None:
        self._pkg = pkg
        self._pointers: dict[Node | Pointer, _OwnPointer] = {}
        self._assigned: dict[Name, list[Assigned]] = {}
        self._calls: dict[CallExpr, list[tuple[Name, int, int]]] = {}
        # Where a call itself stands for what is assigned.
        self._values: dict[Node, list[tuple[Name, int]]] = {}
        self._analyzed: set[Func] = set()

    def of(self, n: Any) -> Type | None:
        """The concrete type of the interface expression `n`, None if it is not known."""
        t = self._of(n, set())
        return None if t is None or t is NO_TYPE else _plain(t)

    def inlined_call(self, fn: Func, call: CallExpr, inlined: InlinedCallExpr) -> None:
        """`call`, in `fn`, has been expanded to `inlined`."""
        if fn not in self._analyzed:
            return
        self._analyze([*inlined.init, *inlined.body])
        for name, i, result in self._calls.pop(call, ()):
            self._assigned[name][i] = inlined.return_vars[result]
        for name, i in self._values.pop(call, ()):
            self._assigned[name][i] = inlined

    def _of(self, n: Any, seen: set[Name]) -> Type | None:
        while True:
            if not is_interface(n.type):
                return self._type(n)
            if n.op in _FOLLOWED:
                n = n.x
            elif n.op is OINLCALL and len(n.return_vars) == 1:
                n = n.return_vars[0]
            else:
                break
        if n.op is not ONAME:
            return None
        name: Name = n.canonical()
        if name.cls != "PAUTO" or name.addrtaken or name.curfn is None:
            return None
        if name in seen:
            return NO_TYPE
        seen.add(name)
        result: Type | None = None
        for assigned in self._assignments(name):
            if isinstance(assigned, Node):
                t = self._of(assigned, seen)
            else:
                t = self._own(assigned) if assigned is not None else None
            if t is NO_TYPE:
                continue
            if t is None or (result is not None and not _is_one_type(result, t)):
                return None
            result = t
        return NO_TYPE if result is None else result

    def _type(self, n: Any) -> Type | None:
        """The type of an expression of a concrete type."""
        t: Type | None = n.type
        return self._own(t, n if n.op in _ADDRESSES else None) if t is not None else None

    def _own(self, t: Type, address: Node | None = None) -> Type:
        """The type `t` of what is declared with it, or of the expression `address`."""
        plain = unalias(t)
        if not isinstance(plain, Pointer) or not may_be_hidden(plain.elem, self._pkg):
            return t
        key = plain if address is None else address
        own = self._pointers.get(key)
        if own is None:
            own = self._pointers[key] = _OwnPointer(plain)
        return own

    def _assignments(self, name: Name) -> list[Assigned]:
        fn = name.curfn
        assert fn is not None
        if fn not in self._analyzed:
            self._analyzed.add(fn)
            self._analyze(fn.body)
        return self._assigned.get(name, [])

    def _analyze(self, nodes: list[Node]) -> None:
        pending = [nodes]
        while pending:
            n: Any
            for n in walk(pending.pop()):
                if n.op is OCLOSURE:
                    fn = n.func
                    if fn not in self._analyzed:
                        self._analyzed.add(fn)
                        pending.append(fn.body)
                else:
                    collect = _COLLECTORS.get(n.op)
                    if collect is not None:
                        collect(self, n)

    def _assign(self, target: Any, assigned: Assigned) -> tuple[Name, int] | None:
        """Note an assignment; its variable and place in the list, if it is one to note."""
        if target is None or target.op is not ONAME or target.name == "_":
            return None
        x = outer_value(target)
        if x.op is not ONAME or x.curfn is None or not is_interface(x.type):
            return None
        name: Name = x.canonical()
        if name.cls != "PAUTO":
            return None
        if isinstance(assigned, Type):
            if is_interface(assigned):
                assigned = None
        elif assigned is not None and assigned.op is ONIL:
            return None
        assignments = self._assigned.setdefault(name, [])
        assignments.append(assigned)
        if assigned is not None and not isinstance(assigned, Type) and assigned.op in _CALLS:
            self._values.setdefault(assigned, []).append((name, len(assignments) - 1))
        return name, len(assignments) - 1

    def _assign_result(self, target: Any, call: CallExpr, i: int) -> None:
        assert call.fun is not None
        t = _result_type(call, i)
        noted = self._assign(target, t)
        if noted is not None and (t is None or is_interface(t)):
            self._calls.setdefault(call, []).append((*noted, i))

    # --- one method per kind of statement ---

    def _as(self, n: Any) -> None:
        y = n.y
        if y is None:
            return
        if (y.op is OCALLFUNC or y.op is OCALLINTER) and y.fun is not None:
            self._assign_result(n.x, y, 0)
        else:
            self._assign(n.x, y)

    def _as2(self, n: Any) -> None:
        for target, value in zip(n.lhs, n.rhs, strict=False):
            if value is not None:
                self._assign(target, value)

    def _as2_dot_type(self, n: Any) -> None:
        self._assign(n.lhs[0], n.rhs[0])
        self._assign(n.lhs[1], None)

    def _as2_value(self, n: Any) -> None:
        rhs = n.rhs[0]
        t = rhs.type
        if t is not None and kind(t) == "TRESULTS":
            results: Any = under(t)
            t = results.vars[0].type
        self._assign(n.lhs[0], t)
        self._assign(n.lhs[1], None)

    def _as2_func(self, n: Any) -> None:
        rhs = n.rhs[0]
        if rhs.op is OINLCALL:
            for target, value in zip(n.lhs, rhs.return_vars, strict=False):
                self._assign(target, value)
            return
        for i, target in enumerate(n.lhs):
            self._assign_result(target, rhs, i)

    def _range(self, n: Any) -> None:
        t = under(n.x.type)
        if isinstance(t, Pointer):
            t = under(t.elem)
        if isinstance(t, (Array, Slice)):
            self._assign(n.key, None)
            self._assign(n.value, t.elem)
        elif isinstance(t, Chan):
            self._assign(n.key, t.elem)
        elif isinstance(t, Map):
            self._assign(n.key, t.key)
            self._assign(n.value, t.elem)
        else:
            self._assign(n.key, None)
            self._assign(n.value, None)

    def _switch(self, n: Any) -> None:
        if n.tag is not None and n.tag.op is OTYPESW:
            for clause in n.cases:
                if clause.var is not None:
                    self._assign(clause.var, n.tag.x)


def _is_one_type(t: Type, u: Type) -> bool:
    """Whether the compiler holds `t` and `u` as one. It does not for identical types that are
    spelled out twice and have methods all the same: `struct{ T }` has those of T."""
    t, u = unalias(t), unalias(u)
    if isinstance(t, _OwnPointer) or isinstance(u, _OwnPointer):
        p, q = _plain(t), _plain(u)
        return t is u or (_is_one_type(p, q) and isinstance(p, Pointer) and not is_hidden(p.elem))
    if isinstance(t, Pointer) and isinstance(u, Pointer):
        return _is_one_type(t.elem, u.elem)
    return t is u if isinstance(t, Struct) else identical(t, u)


def _plain(t: Type) -> Type:
    return t.plain if isinstance(t, _OwnPointer) else t


_COLLECTORS = {
    OAS: ConcreteTypes._as,
    OAS2: ConcreteTypes._as2,
    OAS2DOTTYPE: ConcreteTypes._as2_dot_type,
    OAS2MAPR: ConcreteTypes._as2_value,
    OAS2RECV: ConcreteTypes._as2_value,
    OSELRECV2: ConcreteTypes._as2_value,
    OAS2FUNC: ConcreteTypes._as2_func,
    ORANGE: ConcreteTypes._range,
    OSWITCH: ConcreteTypes._switch,
}


def _result_type(call: CallExpr, i: int) -> Type | None:
    assert call.fun is not None
    t = call.fun.type
    if t is None:
        return None
    sig: Any = under(t)
    results = sig.results.vars
    return results[i].type if i < len(results) else None


def converted_type(n: Any) -> Type | None:
    """The concrete type by the rule of releases before go1.26: `n` is, or is defined by, a
    conversion to an interface."""
    value = static_value(n)
    if value.op is not OCONVIFACE:
        return None
    t: Type = value.x.type
    return None if is_interface(t) else unalias(t)

"""Unification: making two types equal by finding types for type parameters.

A unifier holds, for each type parameter it solves for (a *bound* one), the type found so far.
`unify(x, y)` walks both types and records what bound parameters must be. Several parameters may
have been found to be the same; they share one handle.

Invariants
  - after a failed `unify` the unifier is of no further use;
  - `EXACT` asks for identity. Without it a defined type and a type literal match through the
    underlying type, channel directions do not matter, and an interface matches what implements it;
  - `ASSIGN` is inexact at the top and exact for elements.

Example: unifying `[]P` with `[]int` records P ➞ int; with `MySlice` (`type MySlice []int`) too,
unless exactly.

Source: cmd/compile/internal/types2/unify.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.typecheck import termlist
from goescape.typecheck.lookup import lookup_field_or_method, note_satisfied
from goescape.typecheck.objects import Func
from goescape.typecheck.predicates import (
    Pairs,
    identical,
    identical_origin,
    is_interface,
    is_type_lit,
    is_type_param,
)
from goescape.typecheck.types import (
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeParam,
    as_named,
    unalias,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.under import common_under

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

ASSIGN = 1
EXACT = 2

DEPTH_LIMIT = 50


class _Handle:
    __slots__ = ("type",)

    def __init__(self, type: Type | None) -> None:
        self.type = type


class Unifier:
    """`targs` may be shorter than `tparams` and hold None for what is not known.
    `enable_interface_inference`: interfaces unify by their methods (from go1.21)."""

    __slots__ = ("check", "depth", "enable_interface_inference", "handles")

    def __init__(
        self,
        check: Checker | None,
        tparams: Sequence[TypeParam],
        targs: Sequence[Type | None],
        enable_interface_inference: bool,
    ) -> None:
        self.check = check
        self.handles = {
            p: _Handle(targs[i] if i < len(targs) else None) for i, p in enumerate(tparams)
        }
        self.depth = 0
        self.enable_interface_inference = enable_interface_inference

    def unify(self, x: Type, y: Type, mode: int) -> bool:
        return self._nify(x, y, mode, ())

    def at(self, p: TypeParam) -> Type | None:
        return self.handles[p].type

    def set(self, p: TypeParam, t: Type) -> None:
        self.handles[p].type = t

    def unknowns(self) -> int:
        """The number of parameters without a type."""
        return sum(h.type is None for h in self.handles.values())

    def inferred(self, tparams: Sequence[TypeParam]) -> list[Type | None]:
        return [self.handles[p].type for p in tparams]

    def _join(self, x: TypeParam, y: TypeParam) -> bool:
        """Make x and y the same; False if both have types already."""
        hx, hy = self.handles[x], self.handles[y]
        if hx is hy:
            return True
        if hx.type is not None and hy.type is not None:
            return False
        keep, drop = (hx, hy) if hx.type is not None else (hy, hx)
        for p, h in self.handles.items():
            if h is drop:
                self.handles[p] = keep
        return True

    def _bound(self, t: Type | None) -> TypeParam | None:
        if t is None:
            return None
        p = unalias(t)
        return p if type(p) is TypeParam and p in self.handles else None

    def _nify(self, x: Type | None, y: Type | None, mode: int, pairs: Pairs) -> bool:
        if x is y:
            return True
        if x is None or y is None:
            return False
        if unalias(x) is unalias(y):
            return True
        if self.depth >= DEPTH_LIMIT:
            return False
        self.depth += 1
        result = self._nify1(x, y, mode, pairs)
        self.depth -= 1
        return result

    def _nify1(self, x: Type, y: Type, mode: int, pairs: Pairs) -> bool:
        # Put a defined type into y and a bound type parameter into x.
        if as_named(x) is not None or self._bound(y) is not None:
            x, y = y, x

        # Inexactly, a type literal (or basic type, which may be a core type) matches the
        # underlying type of a defined type. That this is right is checked at instantiation.
        if mode & EXACT == 0:
            ny = as_named(y)
            if (
                ny is not None
                and is_type_lit(x)
                and not (self.enable_interface_inference and is_interface(x))
            ):
                y = ny.underlying
                if x is y or unalias(x) is unalias(y):
                    return True

        px = self._bound(x)
        if px is not None:
            py = self._bound(y)
            if py is not None:
                return self._join(px, py) or self._nify(self.at(px), self.at(py), mode, pairs)
            known = self.at(px)
            if known is None:
                self.set(px, y)
                return True
            return self._match_inferred(px, known, y, mode, pairs)

        if self.enable_interface_inference and mode & EXACT == 0:
            xi, yi = _as_interface(x), _as_interface(y)
            if xi is not None and yi is not None:
                return self._two_interfaces(xi, yi, pairs)
            if yi is not None:
                return self._implements(yi, x, pairs)
            if xi is not None:
                return self._implements(xi, y, pairs)

        # A type parameter that is left is not bound. Put it into x.
        if is_type_param(y):
            x, y = y, x
        emode = mode | EXACT if mode & ASSIGN else mode
        return self._structure(x, unalias(x), y, unalias(y), mode, emode, pairs)

    def _match_inferred(self, px: TypeParam, x: Type, y: Type, mode: int, pairs: Pairs) -> bool:
        """px was found to be x before: y must match, and may be the better choice."""
        if not self._nify(x, y, mode, pairs):
            return False
        xi, yi = _as_interface(x), _as_interface(y)
        xn, yn = as_named(x) is not None, as_named(y) is not None
        if xi is not None and yi is not None:
            # Unification does not know which of two names is right.
            if xn and yn:
                return identical(x, y)
            if len(type_set(xi).methods) != len(type_set(yi).methods):
                return False
        elif xi is not None or yi is not None:
            # Either could do: the choice would depend on the order.
            return False
        # Prefer defined types and directed channels, whatever the order.
        if mode & EXACT == 0 and not xn:
            yu = y.underlying
            if yn or (isinstance(yu, Chan) and yu.dir != ""):
                self.set(px, y)
        return True

    def _two_interfaces(self, xi: Interface, yi: Interface, pairs: Pairs) -> bool:
        """One must have a subset of the methods of the other."""
        xset, yset = type_set(xi), type_set(yi)
        if xset.comparable != yset.comparable or not termlist.equal(xset.terms, yset.terms):
            return False
        if _compared(xi, yi, pairs):
            return True
        xmethods, ymethods = xset.methods, yset.methods
        if len(xmethods) > len(ymethods):
            xmethods, ymethods = ymethods, xmethods
        by_id = {m.id: m for m in ymethods}
        # The pair is not passed down, as in the compiler (the depth limit ends recursion).
        for xm in xmethods:
            ym = by_id.get(xm.id)
            if ym is None or not self._nify(xm.type, ym.type, EXACT, ()):
                return False
        return True

    def _implements(self, xi: Interface, y: Type, pairs: Pairs) -> bool:
        """y, which is no interface, must have the methods of xi."""
        if self.check is not None:
            note_satisfied(self.check, y, xi)
        for xm in type_set(xi).methods:
            ym, _, _ = lookup_field_or_method(y, False, xm.pkg, xm.name)
            if not isinstance(ym, Func):
                return False
            sig = ym.type
            # A generic method implements nothing.
            if isinstance(sig, Signature) and sig.tparams:
                return False
            if not self._nify(xm.type, sig, EXACT, pairs):
                return False
        return True

    def _structure(
        self, xorig: Type, x: Type, yorig: Type, y: Type, mode: int, emode: int, pairs: Pairs
    ) -> bool:
        if isinstance(x, TypeParam):
            # x is not bound. Its core type, if any, says what its type arguments look like.
            cx, _ = common_under(x, None)
            return cx is not None and self._nify(cx, yorig, ASSIGN, pairs)
        if isinstance(x, Basic):
            return isinstance(y, Basic) and x.kind == y.kind
        if isinstance(x, Array):
            return (
                isinstance(y, Array)
                and (x.len < 0 or y.len < 0 or x.len == y.len)
                and self._nify(x.elem, y.elem, emode, pairs)
            )
        if isinstance(x, Slice):
            return isinstance(y, Slice) and self._nify(x.elem, y.elem, emode, pairs)
        if isinstance(x, Pointer):
            return isinstance(y, Pointer) and self._nify(x.elem, y.elem, emode, pairs)
        if isinstance(x, Map):
            return (
                isinstance(y, Map)
                and self._nify(x.key, y.key, emode, pairs)
                and self._nify(x.elem, y.elem, emode, pairs)
            )
        if isinstance(x, Chan):
            return (
                isinstance(y, Chan)
                and (mode & EXACT == 0 or x.dir == y.dir)
                and self._nify(x.elem, y.elem, emode, pairs)
            )
        if isinstance(x, Struct):
            return isinstance(y, Struct) and self._structs(x, y, emode, pairs)
        if isinstance(x, Tuple):
            return isinstance(y, Tuple) and self._tuples(x, y, mode, pairs)
        if isinstance(x, Signature):
            return (
                isinstance(y, Signature)
                and x.variadic == y.variadic
                and self._nify(x.params, y.params, emode, pairs)
                and self._nify(x.results, y.results, emode, pairs)
            )
        if isinstance(x, Interface):
            return isinstance(y, Interface) and self._interfaces(x, y, pairs)
        if isinstance(x, Named):
            if not isinstance(y, Named) or len(x.targs) != len(y.targs):
                return False
            # Arguments first: they are better in messages if the origins differ.
            for xa, ya in zip(x.targs, y.targs, strict=True):
                if not self._nify(xa, ya, mode, pairs):
                    return False
            return identical_origin(x, y)
        return False

    def _structs(self, x: Struct, y: Struct, emode: int, pairs: Pairs) -> bool:
        if len(x.fields) != len(y.fields):
            return False
        for i, (f, g) in enumerate(zip(x.fields, y.fields, strict=True)):
            if (
                f.embedded != g.embedded
                or (x.tags[i] if x.tags else "") != (y.tags[i] if y.tags else "")
                or not f.same_id(g.pkg, g.name)
                or not self._nify(f.type, g.type, emode, pairs)
            ):
                return False
        return True

    def _tuples(self, x: Tuple, y: Tuple, mode: int, pairs: Pairs) -> bool:
        return len(x.vars) == len(y.vars) and all(
            self._nify(v.type, w.type, mode, pairs) for v, w in zip(x.vars, y.vars, strict=True)
        )

    def _interfaces(self, x: Interface, y: Interface, pairs: Pairs) -> bool:
        """The same methods, exactly."""
        xset, yset = type_set(x), type_set(y)
        if (
            xset.comparable != yset.comparable
            or len(xset.methods) != len(yset.methods)
            or not termlist.equal(xset.terms, yset.terms)
        ):
            return False
        if _compared(x, y, pairs):
            return True
        below = (*pairs, (x, y))
        return all(
            f.id == g.id and self._nify(f.type, g.type, EXACT, below)
            for f, g in zip(xset.methods, yset.methods, strict=True)
        )


def _as_interface(t: Type) -> Interface | None:
    """The underlying interface of a type that is no type parameter."""
    if type(unalias(t)) is TypeParam:
        return None
    u = t.underlying
    return u if type(u) is Interface else None


def _compared(x: Interface, y: Interface, pairs: Pairs) -> bool:
    return any((p is x and q is y) or (p is y and q is x) for p, q in pairs)

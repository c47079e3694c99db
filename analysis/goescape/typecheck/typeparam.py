"""Type parameters and their constraints.

A bound may be any type; `iface` wraps one that is no interface in an implicit interface, and
keeps it as the bound from then on.

Example: for `[P ~int]`, `iface(P)` is the implicit `interface{ ~int }`.

Source: cmd/compile/internal/types2/{typeparam,typelists}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.typecheck.basic import INVALID
from goescape.typecheck.types import Interface, Term, Type, TypeParam, as_named, unalias
from goescape.typecheck.typeset import (
    EMPTY_INTERFACE,
    compute_interface_type_set,
    new_interface_type,
    type_set,
)

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import TypeName


def new_type_param(check: Checker | None, obj: TypeName, bound: Type | None) -> TypeParam:
    tpar = TypeParam(obj, bound)
    tpar.check = check
    if check is not None:
        check.next_id += 1
        tpar.id = check.next_id
    if obj.typ is None:
        obj.typ = tpar
    return tpar


def bind_tparams(tparams: list[TypeParam]) -> list[TypeParam]:
    """Give each parameter its index in the list."""
    for i, tpar in enumerate(tparams):
        tpar.index = i
    return tparams


def iface(tpar: TypeParam) -> Interface:
    """The constraint interface."""
    bound = tpar.bound
    if bound is None:
        return EMPTY_INTERFACE
    u = bound.underlying
    if isinstance(u, Interface):
        # A type parameter as constraint is reported where it is declared.
        if isinstance(unalias(bound), TypeParam):
            return EMPTY_INTERFACE
        ityp = u
    elif u is INVALID:
        return EMPTY_INTERFACE
    else:
        ityp = new_interface_type([], [bound])
        ityp.implicit = True
        tpar.bound = ityp
    if ityp.tset is None:
        named = as_named(bound)
        pos = tpar.obj.pos if named is None else named.inst_pos or named.obj.pos
        compute_interface_type_set(tpar.check, pos, ityp)
    return ityp


def is_(tpar: TypeParam, f: Callable[[Term | None], bool]) -> bool:
    """Whether `f` holds for each specific term of the constraint, or, if there are none, for
    None."""
    return type_set(iface(tpar)).is_(f)


def tparam_typeset(tpar: TypeParam, f: Callable[[Type | None, Type | None], bool]) -> bool:
    """Whether `f(type, underlying type)` holds for each specific type of the constraint, or, if
    there are none, `f(None, None)`."""
    return type_set(iface(tpar)).all(f)

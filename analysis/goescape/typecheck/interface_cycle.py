"""Interfaces that contain themselves without a name in between, which the compiler refuses.

Named types end the search: only what is spelled out, and what embedding brings, can be part of such a
cycle.

Example: `type i interface{ m() interface{ i } }`: the method's result has the method m, whose result
is that very interface.

Source: cmd/compile/internal/noder/irgen.go: cycleFinder (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck.types import (
    Array,
    Chan,
    Interface,
    Map,
    Pointer,
    Signature,
    Slice,
    Struct,
    Tuple,
    Type,
    unalias,
)
from goescape.typecheck.typeset import type_set

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def interface_cycles(check: Checker) -> list[ast.InterfaceType]:
    """The interface types of the package, in source order, that are part of such a cycle; of those
    in each other the outermost, and of a cycle the first."""
    types = check.info.types
    spelled = sorted((n for n in types if type(n) is ast.InterfaceType), key=lambda n: n.pos)
    cyclic: dict[Interface, bool] = {}
    found: list[ast.InterfaceType] = []
    end = 0
    for n in spelled:
        if n.pos < end:
            continue
        end = n.end
        t = unalias(types[n].type)
        if isinstance(t, Interface) and _has_cycle(t, cyclic):
            found.append(n)
            for known in cyclic:
                cyclic[known] = False
    return found


def _has_cycle(t: Interface, cyclic: dict[Interface, bool]) -> bool:
    return any(_leads_back(m.type, cyclic) for m in type_set(t).methods)


def _leads_back(t: Type, cyclic: dict[Interface, bool]) -> bool:
    t = unalias(t)
    if isinstance(t, Interface):
        if not t.methods and not t.embeddeds:
            return False
        known = cyclic.get(t)
        if known is None:
            cyclic[t] = True
            known = _has_cycle(t, cyclic)
            if not known:
                cyclic[t] = False
        return known
    parts: list[Type] = []
    if isinstance(t, (Pointer, Array, Chan, Slice)):
        parts = [t.elem]
    elif isinstance(t, Map):
        parts = [t.key, t.elem]
    elif isinstance(t, Struct):
        parts = [f.type for f in t.fields]
    elif isinstance(t, Signature):
        parts = [t.params, t.results]
    elif isinstance(t, Tuple):
        parts = [v.type for v in t.vars]
    return any(_leads_back(p, cyclic) for p in parts)

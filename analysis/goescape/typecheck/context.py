"""Which instances are one.

`key` describes a type such that identical types have equal keys: the table of a generic type's
instances is a dictionary from the keys of the type arguments. It holds its instances weakly.

Invariants
  - identical types have equal keys; types with equal keys are identical;
  - a key refers to defined types and type parameters by their serial numbers, so it never confuses
    declarations that were checked again, and does not keep them.

Example: `[]byte` and `[]uint8` share the key `("[]", "uint8")`.

Source: cmd/compile/internal/types2/{context,typestring}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from goescape.typecheck import termlist
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
    Union,
    unalias,
)

_Bound = tuple[tuple[TypeParam, ...], ...]


def instance_key(targs: Sequence[Type]) -> Hashable:
    if len(targs) == 1:
        return key(targs[0])
    return tuple(key(t) for t in targs)


def key(typ: Type | None, bound: _Bound = (), open_: tuple[Interface, ...] = ()) -> Hashable:
    """`bound`: the type parameters of the signatures around; `open_`: the interfaces around."""
    if typ is None:
        return None
    t = unalias(typ)
    if isinstance(t, Basic):
        return t.kind
    if isinstance(t, Named):
        if not t.targs:
            return t.serial
        return (t.orig.serial, *[key(a, bound, open_) for a in t.targs])
    if isinstance(t, TypeParam):
        for level, tparams in enumerate(bound):
            if t in tparams:
                return ("$", level, tparams.index(t))
        return t.serial
    if isinstance(t, Pointer):
        return ("*", key(t.elem, bound, open_))
    if isinstance(t, Slice):
        return ("[]", key(t.elem, bound, open_))
    if isinstance(t, Array):
        return ("[n]", t.len, key(t.elem, bound, open_))
    if isinstance(t, Map):
        return ("map", key(t.key, bound, open_), key(t.elem, bound, open_))
    if isinstance(t, Chan):
        return ("chan", t.dir, key(t.elem, bound, open_))
    if isinstance(t, Struct):
        return (
            "struct",
            tuple((f.id, f.embedded, key(f.type, bound, open_)) for f in t.fields),
            tuple(t.tags) if any(t.tags) else (),
        )
    if isinstance(t, Tuple):
        return tuple(key(v.type, bound, open_) for v in t.vars)
    if isinstance(t, Signature):
        inner = (*bound, tuple(t.tparams)) if t.tparams else bound
        return (
            "func",
            t.variadic,
            key(t.params, inner, open_),
            key(t.results, inner, open_),
            tuple(key(p.bound, inner, open_) for p in t.tparams),
        )
    if isinstance(t, Interface):
        return _interface(t, bound, open_)
    if isinstance(t, Union):
        return ("|", frozenset((e.tilde, key(e.type, bound, open_)) for e in t.terms))
    return t


def _interface(t: Interface, bound: _Bound, open_: tuple[Interface, ...]) -> Hashable:
    from goescape.typecheck.typeset import type_set

    if not t.complete:
        return t
    if t in open_:
        return ("interface", open_.index(t))
    tset = type_set(t)
    inner = (*open_, t)
    terms: Hashable = None
    if not termlist.is_all(tset.terms):
        terms = frozenset((e.tilde, key(e.type, bound, inner)) for e in tset.terms if e is not None)
    return (
        "interface",
        tset.comparable,
        terms,
        tuple((m.id, key(m.type, bound, inner)) for m in tset.methods),
    )

"""Defined types: making them, and finding out on demand what they are.

A declared type is made by the checker with its name only; its right-hand side, and its methods,
are looked at when something asks for them (`Named.loader`, `Named.methods_loader`). An instance
substitutes its arguments in its origin's right-hand side and in single methods, when asked.

Invariants
  - `underlying` follows right-hand sides through defined types and aliases to a type literal or
    predeclared type, and is remembered by every defined type on the way;
  - a type that is asked about while its own right-hand side is being found out is invalid for the
    moment; nothing of that is remembered.

Example: with `type List[T any] struct { next *List[T] }`, the underlying type of `List[int]` is
`struct { next *List[int] }`, and that `List[int]` is the very same object.

Source: cmd/compile/internal/types2/{named,alias}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.typecheck.basic import INVALID
from goescape.typecheck.subst import (
    clone_func,
    clone_signature,
    clone_var,
    make_subst_map,
    replace_recv_type,
    subst,
)
from goescape.typecheck.types import Alias, Interface, Named, Pointer, Signature, Type
from goescape.typecheck.typeset import new_interface

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Func, TypeName


def new_named(
    check: Checker | None,
    obj: TypeName,
    from_rhs: Type | None = None,
    methods: Sequence[Func] | None = None,
) -> Named:
    """A declared type; becomes the type of `obj` unless that has one."""
    named = Named(obj, check)
    if obj.typ is None:
        obj.typ = named
    if from_rhs is not None:
        named.from_rhs = from_rhs
    for m in methods or ():
        named.add_method(m)
    return named


def new_alias(check: Checker | None, obj: TypeName, rhs: Type | None = None) -> Alias:
    """An alias; becomes the type of `obj` unless that has one."""
    alias = Alias(obj, rhs, check)
    if obj.typ is None:
        obj.typ = alias
    return alias


def resolve_underlying(named: Named) -> Type:
    path: list[Named] = []
    seen: set[Type] = set()
    t: Type = named
    while True:
        if isinstance(t, Named):
            if t._underlying is not None:
                u: Type = t._underlying
                break
            if t in seen:
                # A cycle of names: reported where cycles are looked for.
                u = INVALID
                break
            seen.add(t)
            path.append(t)
            rhs = t.from_rhs
            if rhs is None:
                return INVALID
            if t._underlying is not None:
                # Finding out the right-hand side asked for the same.
                u = t._underlying
                break
            t = rhs
        elif isinstance(t, Alias):
            rhs = t.actual or t.from_rhs
            if rhs is None:
                return INVALID
            t = rhs
        else:
            u = t
            break
    if isinstance(u, Interface) and not u.complete:
        # Still being set up: its declaration is under way.
        return u
    for n in path:
        n._underlying = u
    return u


def expand_rhs(named: Named) -> None:
    """Set the right-hand side of an instance, unless that of its origin is not yet known."""
    orig = named.orig
    rhs = orig.from_rhs
    if rhs is None or named._from_rhs is not None:
        return
    tparams = orig._tparams
    if len(named.targs) != len(tparams):
        named.from_rhs = INVALID
        return
    check = named.check
    new = subst(check, named.inst_pos, rhs, make_subst_map(tparams, named.targs))
    if isinstance(new, Interface):
        methods = replace_recv_type(new.methods, orig, named)
        if methods is not new.methods:
            if new is rhs:
                old = new
                new = new_interface(check)
                new.complete = old.complete
                new.embeddeds = old.embeddeds
                new.embed_pos = old.embed_pos
            new.methods = methods
            new.tset = None
    named.from_rhs = new


def expand_method(named: Named, i: int) -> Func:
    """The i'th method of an instance: its signature has no receiver type parameters."""
    orig = named.orig.methods[i]
    old = orig.type
    if not isinstance(old, Signature):
        return orig
    sig: Type = old
    if len(old.rparams) == len(named.targs):
        sig = subst(named.check, orig.pos, old, make_subst_map(old.rparams, named.targs))
    new = clone_signature(old) if sig is old else sig
    assert isinstance(new, Signature)
    if new is not old:
        new.scope = None
    if old.recv is not None:
        new.recv = clone_var(old.recv, Pointer(named) if orig.has_ptr_recv else named)
    new.rparams = []
    return clone_func(orig, new)

"""Substitution of type parameters.

`subst` replaces type parameters by types and leaves everything else as it is: a type in which
nothing changes is returned itself, so `is` tells whether anything did.

Invariants
  - a substitution never changes the type it is given;
  - it looks at the name and type arguments of a `Named` only: nothing is expanded or resolved;
  - the receiver of a signature is kept (expansion of methods and interfaces replaces it).

Example: with {T: int}, `map[string]List[T]` becomes `map[string]List[int]`.

Source: cmd/compile/internal/types2/subst.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from goescape.source.positions import Pos
from goescape.typecheck.basic import INVALID
from goescape.typecheck.objects import Func, TypeName, Var
from goescape.typecheck.types import (
    Alias,
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
    Term,
    Tuple,
    Type,
    TypeParam,
    Union,
)
from goescape.typecheck.typeset import new_interface

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

SubstMap = dict[TypeParam, Type]
T = TypeVar("T")


def make_subst_map(tpars: Sequence[TypeParam], targs: Sequence[Type | None]) -> SubstMap:
    """Parameters whose argument is None stand for themselves: they are not substituted, but a
    signature that declares them is known to be the one at hand."""
    return {p: p if t is None else t for p, t in zip(tpars, targs, strict=True)}


def make_rename_map(old: Sequence[TypeParam], new: Sequence[TypeParam]) -> SubstMap:
    return dict(zip(old, new, strict=True))


def subst(
    check: Checker | None,
    pos: Pos,
    typ: Type,
    smap: SubstMap,
    expanding: Any = None,
    ctxt: Any = None,
) -> Type:
    """`typ` with the parameters of `smap` replaced. `pos` is the place of instances made on the
    way. `expanding` and `ctxt` are not looked at: instances are shared through their origins."""
    if not smap or type(typ) is Basic:
        return typ
    if type(typ) is TypeParam:
        return smap.get(typ, typ)
    return Subster(check, pos, smap).typ(typ)


class Subster:
    """One substitution, remembering what it did: keep it to substitute many types alike."""

    __slots__ = ("check", "memo", "pos", "smap")

    def __init__(self, check: Checker | None, pos: Pos, smap: SubstMap) -> None:
        self.check, self.pos, self.smap = check, pos, smap
        self.memo: dict[Type, Type] = {}

    def typ(self, t: Type | None) -> Type:
        if t is None:
            # Reached in invalid cyclic declarations only.
            return INVALID
        if type(t) is Basic:
            return t
        if type(t) is TypeParam:
            return self.smap.get(t, t)
        done = self.memo.get(t)
        if done is None:
            done = self.memo[t] = _RULES[type(t)](self, t)
        return done

    def alias(self, t: Alias) -> Type:
        orig = t.orig
        if not orig.tparams:
            return t
        if len(t.targs) != len(orig.tparams):
            return INVALID
        targs = self._each(t.targs, self.typ)
        if targs is None:
            return t
        from goescape.typecheck.instantiate import instance

        return instance(self.check, self.pos, orig, targs)

    def array(self, t: Array) -> Type:
        elem = self.typ(t.elem)
        return t if elem is t.elem else Array(elem, t.len)

    def slice(self, t: Slice) -> Type:
        elem = self.typ(t.elem)
        return t if elem is t.elem else Slice(elem)

    def pointer(self, t: Pointer) -> Type:
        elem = self.typ(t.elem)
        return t if elem is t.elem else Pointer(elem)

    def struct(self, t: Struct) -> Type:
        fields = self._each(t.fields, self.var)
        return t if fields is None else Struct(fields, t.tags)

    def tuple_(self, t: Tuple) -> Tuple:
        vars = self._each(t.vars, self.var)
        return t if vars is None else Tuple(vars)

    def signature(self, t: Signature) -> Type:
        tparams = t.tparams
        s = self
        if tparams and tparams[0] not in self.smap:
            # A generic method of a generic type: the bounds of its own parameters may refer to
            # the receiver's, so each instance of the receiver's type gets fresh ones.
            tparams, s = self._fresh(tparams)
        params = s.tuple_(t.params)
        results = s.tuple_(t.results)
        if params is t.params and results is t.results and tparams is t.tparams:
            return t
        sig = Signature(t.recv, params, results, t.variadic, tparams, t.rparams)
        sig.recv_old = t.recv_old
        return sig

    def _fresh(self, tparams: list[TypeParam]) -> tuple[list[TypeParam], Subster]:
        from goescape.typecheck.typeparam import new_type_param

        fresh: list[TypeParam] = []
        smap = dict(self.smap)
        for tp in tparams:
            name = TypeName(tp.obj.pos, tp.obj.pkg, tp.obj.name, None)
            ftp = new_type_param(self.check, name, None)
            ftp.index = tp.index
            fresh.append(ftp)
            smap[tp] = ftp
            if self.check is not None:
                self.check.mono.record_canon(ftp, tp)
        s = Subster(self.check, self.pos, smap)
        for ftp, tp in zip(fresh, tparams, strict=True):
            ftp.bound = s.typ(tp.bound)
        return fresh, s

    def union(self, t: Union) -> Type:
        terms = self._each(t.terms, self.term)
        return t if terms is None else Union(terms)

    def interface(self, t: Interface) -> Type:
        methods = self._each(t.methods, self.func)
        embeddeds = self._each(t.embeddeds, self.typ)
        if methods is None and embeddeds is None:
            return t
        iface = new_interface(self.check)
        iface.embeddeds = t.embeddeds if embeddeds is None else embeddeds
        iface.embed_pos = t.embed_pos
        iface.implicit = t.implicit
        iface.complete = t.complete
        # Methods whose receiver is the interface itself move to the new one; those of a defined
        # type are handled where that is expanded.
        iface.methods = replace_recv_type(t.methods if methods is None else methods, t, iface)
        return iface

    def map(self, t: Map) -> Type:
        key, elem = self.typ(t.key), self.typ(t.elem)
        return t if key is t.key and elem is t.elem else Map(key, elem)

    def chan(self, t: Chan) -> Type:
        elem = self.typ(t.elem)
        return t if elem is t.elem else Chan(t.dir, elem)

    def named(self, t: Named) -> Type:
        orig = t.orig
        if not orig._tparams:
            return t
        if len(t.targs) != len(orig._tparams):
            return INVALID
        targs = self._each(t.targs, self.typ)
        if targs is None:
            return t
        from goescape.typecheck.instantiate import instance

        return instance(self.check, self.pos, orig, targs)

    def var(self, v: Var) -> Var:
        old = v.type
        typ = self.typ(old)
        return v if typ is old else clone_var(v, typ)

    def func(self, f: Func) -> Func:
        old = f.type
        typ = self.typ(old)
        return f if typ is old else clone_func(f, typ)

    def term(self, t: Term) -> Term:
        typ = self.typ(t.type)
        return t if typ is t.type else Term(t.tilde, typ)

    def _each(self, old: list[T], f: Callable[[T], T]) -> list[T] | None:
        """The new list, or None if nothing changes."""
        out: list[T] | None = None
        for i, x in enumerate(old):
            y = f(x)
            if y is not x:
                if out is None:
                    out = [*old]
                out[i] = y
        return out


_RULES: dict[type[Type], Callable[[Subster, Any], Type]] = {
    Alias: Subster.alias,
    Array: Subster.array,
    Slice: Subster.slice,
    Pointer: Subster.pointer,
    Struct: Subster.struct,
    Tuple: Subster.tuple_,
    Signature: Subster.signature,
    Union: Subster.union,
    Interface: Subster.interface,
    Map: Subster.map,
    Chan: Subster.chan,
    Named: Subster.named,
}


def clone_var(v: Var, typ: Type) -> Var:
    copy = Var(v.pos, v.pkg, v.name, typ, v.kind, v.embedded)
    copy.parent, copy.order, copy.scope_pos, copy.color = v.parent, v.order, v.scope_pos, v.color
    copy.used = v.used
    copy.origin = v.origin or v
    return copy


def clone_func(f: Func, typ: Type) -> Func:
    copy = Func(f.pos, f.pkg, f.name, typ)
    copy.parent, copy.order, copy.scope_pos, copy.color = f.parent, f.order, f.scope_pos, f.color
    copy.has_ptr_recv_ = f.has_ptr_recv_
    copy.origin = f.origin or f
    return copy


def clone_signature(sig: Signature) -> Signature:
    copy = Signature(sig.recv, sig.params, sig.results, sig.variadic, sig.tparams, sig.rparams)
    copy.scope, copy.recv_old = sig.scope, sig.recv_old
    return copy


def replace_recv_type(methods: list[Func], old: Type, new: Type) -> list[Func]:
    """`methods` with receivers of type `old` made receivers of type `new`; the list itself if
    there are none."""
    out = methods
    for i, m in enumerate(methods):
        sig = m.type
        if isinstance(sig, Signature) and sig.recv is not None and sig.recv.typ is old:
            if out is methods:
                out = [*methods]
            copy = clone_signature(sig)
            copy.recv = clone_var(sig.recv, new)
            out[i] = clone_func(m, copy)
    return out

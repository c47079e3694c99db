"""Instantiation of generic types and functions, and whether type arguments satisfy constraints.

An instance of a defined type costs nothing but its object: it is expanded when its details are
asked for. Identical instances are one object (see `context`).

Example: `implements(List[int], interface{ Len() int })` looks up `Len` on the instance and, if it
is missing, words the cause "List[int] does not implement … (missing method Len)".

Source: cmd/compile/internal/types2/instantiate.go (go1.27).
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from goescape.source.positions import Pos
from goescape.typecheck import typeterm
from goescape.typecheck.basic import INVALID
from goescape.typecheck.context import instance_key
from goescape.typecheck.lookup import has_all_methods, interface_ptr_error, is_interface_ptr
from goescape.typecheck.objects import TypeName
from goescape.typecheck.predicates import comparable_type, identical
from goescape.typecheck.subst import clone_signature, make_subst_map, subst
from goescape.typecheck.termlist import termlist_string
from goescape.typecheck.typeparam import iface
from goescape.typecheck.types import (
    Alias,
    Interface,
    Named,
    Pointer,
    Signature,
    Term,
    Type,
    TypeParam,
    Union,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.typestring import type_string

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def instance(
    check: Checker | None,
    pos: Pos,
    orig: Type,
    targs: list[Type],
    expanding: Any = None,
    ctxt: Any = None,
) -> Type:
    """The generic `orig` (a `Named`, `Alias` or `Signature`) with the type arguments `targs`;
    invalid, with an error, if their number is wrong (for a `Named`: when it is expanded). `pos`
    is kept as the place of a new instance. Nothing is verified."""
    if isinstance(orig, Named):
        return _named_instance(pos, orig, targs)
    if isinstance(orig, Alias):
        return _alias_instance(check, pos, orig, targs)
    assert isinstance(orig, Signature)
    tparams = orig.tparams
    if len(tparams) != len(targs):
        validate_targ_len(check, pos, type_string(orig), len(tparams), len(targs))
        return INVALID
    if not tparams:
        return orig
    k = (orig, instance_key(targs))
    if check is not None:
        known: Type | None = check.sig_instances.get(k)
        if known is not None:
            return known
    sig = subst(check, pos, orig, make_subst_map(tparams, targs))
    if sig is orig:
        sig = clone_signature(orig)
    assert isinstance(sig, Signature)
    sig.tparams = []
    if check is not None:
        check.sig_instances[k] = sig
    return sig


def _named_instance(pos: Pos, orig: Named, targs: list[Type]) -> Named:
    table = orig.instances
    if table is None:
        table = orig.instances = weakref.WeakValueDictionary()
    k = instance_key(targs)
    inst = table.get(k)
    if inst is None:
        inst = Named(orig.obj, orig.check)
        inst.orig = orig
        inst.targs = targs
        inst.inst_pos = pos
        table[k] = inst
    return inst


def _alias_instance(check: Checker | None, pos: Pos, orig: Alias, targs: list[Type]) -> Type:
    # For [P *T, T any] the arguments may be too few even here.
    tparams = orig.tparams
    if not validate_targ_len(check, pos, orig.obj.name, len(tparams), len(targs)):
        return INVALID
    if not tparams:
        return orig
    table = orig.instances
    if table is None:
        table = orig.instances = weakref.WeakValueDictionary()
    # Aliases are told apart by the names of their arguments too, for messages.
    k = tuple(map(id, targs))  # Which an instance keeps as long as it is found here.
    inst = table.get(k)
    if inst is None:
        rhs = orig.from_rhs
        new = None if rhs is None else subst(check, pos, rhs, make_subst_map(tparams, targs))
        inst = Alias(TypeName(pos, orig.obj.pkg, orig.obj.name, None), new, check or orig.check)
        inst.obj.typ = inst
        inst.orig = orig
        inst.tparams = tparams
        inst.targs = targs
        if new is not None:
            table[k] = inst
    return inst


def validate_targ_len(check: Checker | None, pos: Pos, name: str, want: int, got: int) -> bool:
    """Whether the number of type arguments is right; an error is reported if not."""
    if got == want:
        return True
    qual = "not enough" if got < want else "too many"
    if check is not None:
        check.errorf(
            pos,
            "WrongTypeArgCount",
            "%s type arguments for type %s: have %d, want %d",
            qual,
            name,
            got,
            want,
        )
    return False


def verify(
    check: Checker | None, pos: Pos, tparams: list[TypeParam], targs: list[Type], ctxt: Any = None
) -> tuple[int, str | None]:
    """The index of the first type argument that does not satisfy its constraint, and why;
    (-1, None) if all do."""
    smap = make_subst_map(tparams, targs)
    for i, tpar in enumerate(tparams):
        iface(tpar)
        bound = tpar.bound
        if bound is None:
            continue
        cause: list[str] = []
        if not implements(check, targs[i], subst(check, pos, bound, smap), True, cause):
            return i, cause[0] if cause else ""
    return -1, None


def _text(check: Checker | None, format: str, *args: Any) -> str:
    from goescape.typecheck.format import sprintf

    return sprintf(check, format, *args)


def implements(
    check: Checker | None, V: Type, T: Type, constraint: bool, cause: list[str] | None
) -> bool:
    """Whether V implements T, or, if `constraint`, satisfies it. If not, `cause` is set."""
    Vu = V.underlying
    Tu = T.underlying
    if Vu is INVALID or Tu is INVALID:
        return True  # avoid follow-on errors
    if isinstance(Vu, Pointer) and Vu.elem.underlying is INVALID:
        return True
    verb = "satisfy" if constraint else "implement"

    if not isinstance(Tu, Interface):
        if cause is not None:
            if is_interface_ptr(Tu):
                detail = interface_ptr_error(check, T)
            else:
                detail = _text(check, "%s is not an interface", T)
            cause[:] = [_text(check, "%s does not %s %s (%s)", V, verb, T, detail)]
        return False

    tset = type_set(Tu)
    if tset.is_all():
        return True
    Vi = Vu if isinstance(Vu, Interface) else None
    if Vi is not None and type_set(Vi).is_empty():
        return True
    if tset.is_empty():
        if cause is not None:
            cause[:] = [_text(check, "cannot %s %s (empty type set)", verb, T)]
        return False

    if not has_all_methods(check, V, T, True, identical, cause):
        if cause is not None:
            text = cause[0] if cause else ""
            cause[:] = [_text(check, "%s does not %s %s %s", V, verb, T, text)]
        return False

    if not tset.has_terms():
        return _check_comparability(check, V, tset.is_comparable(), verb, constraint, cause)

    if Vi is not None:
        # Each of V's types must be one of T's.
        if not type_set(Vi).subset_of(tset):
            if cause is not None:
                cause[:] = [_text(check, "%s does not %s %s", V, verb, T)]
            return False
        return _check_comparability(check, V, tset.is_comparable(), verb, constraint, cause)

    if not any(typeterm.includes(t, V) for t in tset.terms):
        if cause is not None:
            alt = _missing_tilde(tset.terms, V)
            if alt is not None:
                detail = _text(check, "possibly missing ~ for %s in %s", alt, T)
            elif _mentions(Tu, V):
                detail = _text(
                    check, "%s mentions %s, but %s is not in the type set of %s", T, V, V, T
                )
            else:
                # Terms are printed with full package paths, whatever the package checked.
                detail = _text(check, "%s missing in %s", V, termlist_string(tset.terms))
            cause[:] = [_text(check, "%s does not %s %s (%s)", V, verb, T, detail)]
        return False
    return _check_comparability(check, V, tset.is_comparable(), verb, constraint, cause)


def _check_comparability(
    check: Checker | None,
    V: Type,
    wanted: bool,
    verb: str,
    constraint: bool,
    cause: list[str] | None,
) -> bool:
    if not wanted or comparable_type(V, False, None) is None:
        return True
    # For constraints the comparability of the spec is enough from go1.20 on: interfaces that are
    # no type parameters satisfy `comparable`.
    if constraint and comparable_type(V, True, None) is None:
        if check is None or check.allow_version(20):
            return True
        if cause is not None:
            cause[:] = [_text(check, "%s to %s comparable requires go1.20 or later", V, verb)]
        return False
    if cause is not None:
        cause[:] = [_text(check, "%s does not %s comparable", V, verb)]
    return False


def _missing_tilde(terms: list[Term | None], V: Type) -> Type | None:
    """A term that would include V if it had a tilde."""
    for t in terms:
        if t is not None and not t.tilde and identical(t.type, t.type.underlying):
            if typeterm.includes(Term(True, t.type), V):
                return t.type
    return None


def _mentions(T: Type, typ: Type) -> bool:
    """Whether T has `typ` among its embedded elements or terms, at any depth."""
    if isinstance(T, Interface):
        return any(_mentions(e, typ) for e in T.embeddeds)
    if isinstance(T, Union):
        return any(_mentions(t.type, typ) for t in T.terms)
    return identical(T, typ)

"""Selections: the type of `x.f` and its text.

Source: cmd/compile/internal/types2/{selection,lookup}.go (go1.27).
"""

from __future__ import annotations

from goescape.typecheck.info import Selection
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func, Package, Var
from goescape.typecheck.subst import clone_signature
from goescape.typecheck.types import Signature, Tuple, Type
from goescape.typecheck.typestring import Qualifier, signature_string, type_string

_WORDS = {"field": "field ", "method value": "method ", "method expr": "method expr "}


def lookup_selection(
    T: Type, addressable: bool, pkg: Package | None, name: str
) -> Selection | None:
    """The selection of `name` on a value of type T; None if there is none."""
    obj, index, indirect = lookup_field_or_method(T, addressable, pkg, name)
    if obj is None or index is None:
        return None
    kind = "method value" if isinstance(obj, Func) else "field"
    return Selection(kind, T, obj, index, indirect)


def selection_type(s: Selection) -> Type:
    """The type of `x.f`: a method value has x's type as its receiver, a method expression has the
    receiver as its first parameter."""
    sig = s.obj.type
    if s.kind == "field" or not isinstance(sig, Signature) or sig.recv is None:
        return sig
    copy = clone_signature(sig)
    recv = Var(sig.recv.pos, sig.recv.pkg, sig.recv.name, s.recv, sig.recv.kind)
    if s.kind == "method value":
        copy.recv = recv
        return copy
    recv.kind = "param"
    copy.recv_old = sig.recv
    copy.recv = None
    copy.params = Tuple([recv, *sig.params.vars])
    return copy


def selection_string(s: Selection, qf: Qualifier | None = None) -> str:
    """`field (T) f int`, `method (T) f(X) Y`, `method expr (T) f(X) Y`"""
    typ = selection_type(s)
    text = f"{_WORDS[s.kind]}({type_string(s.recv, qf)}) {s.obj.name}"
    if s.kind != "field" and isinstance(typ, Signature):
        return text + signature_string(typ, qf)
    return f"{text} {type_string(typ, qf)}"

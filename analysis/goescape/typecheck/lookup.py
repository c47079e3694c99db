"""Fields and methods: what a selector finds, and whether a type has the methods of another.

A lookup goes breadth first through embedded fields, one depth at a time; the first depth that has
the name decides, and two hits at one depth hide each other.

Invariants
  - the object found may not be type-checked: read its `type`, not `typ`;
  - an index path ends in the index of the field, of the declared method, or of the interface's
    method; what comes before are embedded fields, outermost first;
  - if nothing is found, a path says that the name is ambiguous there, and `indirect` that there is
    a method but it needs a pointer receiver.

Example: with `type T struct { *E }` and `func (*E) m()`, m on T is found at (0, 0), indirectly.

Source: cmd/compile/internal/types2/lookup.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.typecheck.basic import INVALID
from goescape.typecheck.objects import Func, Object, Package, Var
from goescape.typecheck.predicates import identical, is_interface, is_type_param, is_valid
from goescape.typecheck.types import (
    Interface,
    Named,
    Pointer,
    Signature,
    Struct,
    Type,
    as_named,
    unalias,
)
from goescape.typecheck.typeset import type_set

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

Found = tuple[Object | None, tuple[int, ...] | None, bool]

NOT_FOUND: Found = (None, None, False)


def lookup_field_or_method(
    T: Type, addressable: bool, pkg: Package | None, name: str, fold_case: bool = False
) -> Found:
    """(object, index path, whether a pointer was followed) of `name` as written in `pkg` on a
    value of type T; see the module for what is returned if there is none."""
    # A defined pointer type has no methods, but the fields of the struct it points to.
    named = as_named(T)
    if named is not None:
        p = named.underlying
        if isinstance(p, Pointer):
            found = lookup_field_or_method_impl(p, False, pkg, name, fold_case)
            return NOT_FOUND if isinstance(found[0], Func) else found
    return lookup_field_or_method_impl(T, addressable, pkg, name, fold_case)


class _Embedded:
    """A type to search: how it was reached, and whether it appears several times at its depth."""

    __slots__ = ("index", "indirect", "multiples", "typ")

    def __init__(self, typ: Type, index: tuple[int, ...], indirect: bool, multiples: bool) -> None:
        self.typ, self.index, self.indirect, self.multiples = typ, index, indirect, multiples


def lookup_field_or_method_impl(
    T: Type, addressable: bool, pkg: Package | None, name: str, fold_case: bool = False
) -> Found:
    """Like `lookup_field_or_method`, but finds nothing behind a defined pointer type."""
    if name == "_":
        return NOT_FOUND
    # Do not ask for the underlying type before this: it would find the methods of the base type
    # of a defined pointer type.
    typ, is_ptr = deref(T)
    if is_ptr and isinstance(typ.underlying, Interface):
        return NOT_FOUND  # a pointer to an interface has no methods

    current = [_Embedded(typ, (), is_ptr, False)]
    seen: list[Named] = []
    while current:
        below: list[_Embedded] = []
        obj: Object | None = None
        index: tuple[int, ...] = ()
        indirect = False
        for e in current:
            typ = e.typ
            named = as_named(typ)
            if named is not None:
                if seen and any(identical(named, s) for s in seen):
                    continue  # shadowed by the same type at a shallower depth
                seen.append(named)
                i, m = named.lookup_method(pkg, name, fold_case)
                if m is not None:
                    index = (*e.index, i)
                    if obj is not None or e.multiples:
                        return None, index, False
                    obj, indirect = m, e.indirect
                    continue  # there is no field or interface method of that name too
            u = typ.underlying
            if isinstance(u, Struct):
                fields = u.fields
                for i in [i for i, f in enumerate(fields) if f.name == name or fold_case]:
                    f = fields[i]
                    if f.same_id(pkg, name, fold_case):
                        index = (*e.index, i)
                        if obj is not None or e.multiples:
                            return None, index, False
                        obj, indirect = f, e.indirect
                if obj is None:
                    for i in [i for i, f in enumerate(fields) if f.embedded]:
                        ft, ptr = deref(fields[i].type)
                        below.append(_Embedded(ft, (*e.index, i), e.indirect or ptr, e.multiples))
            elif isinstance(u, Interface):
                i, m = type_set(u).lookup_method(pkg, name, fold_case)
                if m is not None:
                    index = (*e.index, i)
                    if obj is not None or e.multiples:
                        return None, index, False
                    obj, indirect = m, e.indirect
        if obj is not None:
            if isinstance(obj, Func) and not indirect and not addressable and obj.has_ptr_recv:
                return None, None, True
            return obj, index, indirect
        current = _consolidate_multiples(below)
    return NOT_FOUND


def _consolidate_multiples(list_: list[_Embedded]) -> list[_Embedded]:
    """One entry per type, marked if there were several."""
    if len(list_) <= 1:
        return list_
    out: list[_Embedded] = []
    for e in list_:
        for prev in out:
            if identical(prev.typ, e.typ):
                prev.multiples = True
                break
        else:
            out.append(e)
    return out


# --- methods -------------------------------------------------------------------------------------


def missing_method(
    check: Checker | None,
    V: Type,
    T: Type,
    static: bool,
    equivalent: Callable[[Type, Type], bool],
    cause: list[str] | None,
) -> tuple[Func | None, bool]:
    """(None, False) if V has the methods of the interface type T, else a method it lacks and
    whether it is there but with the wrong type or a pointer receiver.

    If V is an interface and not `static`, methods that V lacks do not matter (its dynamic type
    may have them). `equivalent` compares signatures. `cause` is set to the reason in words."""
    Tu = T.underlying
    assert isinstance(Tu, Interface)
    methods = type_set(Tu).methods
    if not methods:
        return None, False
    if check is not None:
        note_satisfied(check, V, Tu)

    state = ""
    m: Func = methods[0]
    f: Func | None = None
    u = V.underlying
    if isinstance(u, Interface):
        tset = type_set(u)
        if tset.methods is methods:
            return None, False
        for m in methods:
            _, f = tset.lookup_method(m.pkg, m.name)
            if f is None:
                if not static:
                    continue
                state = "not found"
                break
            if f is not m and not equivalent(f.type, m.type):
                state = "wrong signature"
                break
    else:
        for m in methods:
            obj, index, indirect = lookup_field_or_method_impl(V, False, m.pkg, m.name)
            if obj is None:
                if index is not None:
                    state = "ambiguous"
                elif indirect:
                    state = "pointer receiver"
                else:
                    state = "not found"
                    if cause is not None:
                        alt, _, _ = lookup_field_or_method_impl(V, False, m.pkg, m.name, True)
                        f = alt if isinstance(alt, Func) else None
                        if f is not None:
                            state = "unexported" if f.name == m.name else "wrong name"
                break
            if not isinstance(obj, Func):
                f = None
                state = "field"
                break
            f = obj
            if not equivalent(f.type, m.type):
                state = "wrong signature"
                break
    if not state:
        return None, False
    if cause is not None:
        cause[:] = [_missing_method_cause(check, V, T, state, m, f)]
    return m, state in ("wrong signature", "pointer receiver")


def note_satisfied(check: Checker, V: Type, T: Interface) -> None:
    """The declaration at hand asks whether V has the methods of T."""
    owner = check.owner
    if owner is not None:
        typ, _ = deref(V)
        check.satisfied.setdefault((typ, T), set()).add(owner)


def _missing_method_cause(
    check: Checker | None, V: Type, T: Type, state: str, m: Func, f: Func | None
) -> str:
    if state == "not found":
        if is_interface_ptr(V):
            return f"({interface_ptr_error(check, V)})"
        if is_interface_ptr(T):
            return f"({interface_ptr_error(check, T)})"
        return f"(missing method {m.name})"
    if state == "wrong name":
        assert f is not None
        fs, ms = func_string(check, f, False), func_string(check, m, False)
        return f"(missing method {m.name})\n\t\thave {fs}\n\t\twant {ms}"
    if state == "unexported":
        return f"(unexported method {m.name})"
    if state == "wrong signature":
        assert f is not None
        fs, ms = func_string(check, f, False), func_string(check, m, False)
        if fs == ms:
            # Do not say "have Foo, want Foo": add packages.
            fs, ms = func_string(check, f, True), func_string(check, m, True)
        if fs == ms:
            # Most likely different type parameters of the same name.
            return f"(wrong type for method {m.name})"
        return f"(wrong type for method {m.name})\n\t\thave {fs}\n\t\twant {ms}"
    if state == "ambiguous":
        return f"(ambiguous selector {_type_text(check, V)}.{m.name})"
    if state == "pointer receiver":
        return f"(method {m.name} has pointer receiver)"
    assert state == "field", state
    return f"({_type_text(check, V)}.{m.name} is a field, not a method)"


def _type_text(check: Checker | None, t: Type) -> str:
    from goescape.typecheck.typestring import type_string

    return type_string(t, None if check is None else check.qualifier)


def has_all_methods(
    check: Checker | None,
    V: Type,
    T: Type,
    static: bool,
    equivalent: Callable[[Type, Type], bool],
    cause: list[str] | None,
) -> bool:
    """Whether V has the methods of T as far as can be known: true if V is invalid or embeds an
    invalid type, so that one mistake gives one message."""
    if not is_valid(V):
        return True
    m, _ = missing_method(check, V, T, static, equivalent, cause)
    return m is None or has_invalid_embedded_fields(V)


def has_invalid_embedded_fields(T: Type, seen: set[Struct] | None = None) -> bool:
    s = deref_struct_ptr(T).underlying
    if isinstance(s, Struct):
        if seen is None:
            seen = set()
        if s not in seen:
            seen.add(s)
            for f in s.fields:
                if f.embedded and (
                    not is_valid(f.type) or has_invalid_embedded_fields(f.type, seen)
                ):
                    return True
    return False


def is_interface_ptr(T: Type) -> bool:
    p = T.underlying
    return isinstance(p, Pointer) and is_interface(p.elem)


def interface_ptr_error(check: Checker | None, T: Type) -> str:
    p = T.underlying
    assert isinstance(p, Pointer)
    if is_type_param(p.elem):
        return f"type {_type_text(check, T)} is pointer to type parameter, not type parameter"
    return f"type {_type_text(check, T)} is pointer to interface, not interface"


def func_string(check: Checker | None, f: Func, pkg_info: bool) -> str:
    """Name and signature without parameter names; with `pkg_info` packages are spelled out."""
    from goescape.typecheck.typestring import TypeWriter

    w = TypeWriter(None if check is None or pkg_info else check.qualifier)
    w.pkg_info = pkg_info
    w.param_names = False
    sig = f.type
    if isinstance(sig, Signature):
        w.signature(sig)
    return f.name + w.text


def assertable_to(check: Checker | None, V: Type, T: Type, cause: list[str] | None) -> bool:
    """Whether a value of interface type V can be asserted to have type T."""
    if is_interface(T):
        return True
    return has_all_methods(check, T, V, False, identical, cause)


def new_assertable_to(check: Checker | None, V: Type, T: Type, cause: list[str] | None) -> bool:
    """Like `assertable_to`, for the interfaces that today only constraints may be."""
    if is_interface(T):
        return True
    from goescape.typecheck.instantiate import implements

    return implements(check, T, V, False, cause)


# --- helpers -------------------------------------------------------------------------------------


def deref(typ: Type) -> tuple[Type, bool]:
    """What `typ` points to and True, if it is a pointer type literal; else `typ` and False."""
    p = unalias(typ)
    if type(p) is Pointer:
        return (INVALID if p.elem is None else p.elem), True
    return typ, False


def deref_struct_ptr(typ: Type) -> Type:
    """What `typ` points to, if that is a struct (names do not matter); else `typ`."""
    p = typ.underlying
    if isinstance(p, Pointer) and isinstance(p.elem.underlying, Struct):
        return p.elem
    return typ


def method_index(
    methods: list[Func], pkg: Package | None, name: str, fold_case: bool = False
) -> tuple[int, Func | None]:
    if name != "_":
        for i, m in enumerate(methods):
            if m.same_id(pkg, name, fold_case):
                return i, m
    return -1, None


def field_index(fields: list[Var], pkg: Package | None, name: str, fold_case: bool = False) -> int:
    """The index of the field `name` as written in `pkg`; -1 if there is none."""
    if name != "_":
        for i, f in enumerate(fields):
            if f.same_id(pkg, name, fold_case):
                return i
    return -1


def field_path(typ: Type, index: tuple[int, ...] | list[int]) -> str:
    """The names along an index path, `a.b.c`."""
    names: list[str] = []
    for i in index:
        u = deref_struct_ptr(typ).underlying
        if not isinstance(u, Struct):
            break
        names.append(u.fields[i].name)
        typ = u.fields[i].type
    return ".".join(names)

"""Questions about types: what kind they are, whether they are comparable, whether two are one.

The `is_…` family does not look into type parameters (it is false for them), the `all_…` family
asks every type of the parameter's type set.

Invariant: `identical` is Go's type identity, an equivalence on complete types; on types that are
still being set up it may say no.

Example: `identical([]byte, []uint8)` though `byte` and `uint8` are two objects.

Source: cmd/compile/internal/types2/{predicates,api_predicates}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.typecheck import termlist
from goescape.typecheck.basic import (
    INVALID,
    IS_BOOLEAN,
    IS_COMPLEX,
    IS_CONST_TYPE,
    IS_FLOAT,
    IS_INTEGER,
    IS_NUMERIC,
    IS_ORDERED,
    IS_STRING,
    IS_UNSIGNED,
    IS_UNTYPED,
    TYP,
    UNIVERSE_RUNE,
    kind_index,
)
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
    Tuple,
    Type,
    TypeParam,
    Union,
    as_named,
    unalias,
)
from goescape.typecheck.under import TypeError_, type_errorf, under_is

if TYPE_CHECKING:
    from goescape.typecheck.objects import Package

__all__ = ["as_named", "unalias"]


def is_valid(t: Type) -> bool:
    return t is not INVALID and (type(t) is not Alias or unalias(t) is not INVALID)


# --- kinds ---------------------------------------------------------------------------------------


def is_basic(t: Type, info: int) -> bool:
    """Whether the underlying type is a basic type with one of the bits of `info`."""
    u = t if type(t) is Basic else t.underlying
    return type(u) is Basic and u.info & info != 0


def is_boolean(t: Type) -> bool:
    return is_basic(t, IS_BOOLEAN)


def is_integer(t: Type) -> bool:
    return is_basic(t, IS_INTEGER)


def is_unsigned(t: Type) -> bool:
    return is_basic(t, IS_UNSIGNED)


def is_float(t: Type) -> bool:
    return is_basic(t, IS_FLOAT)


def is_complex(t: Type) -> bool:
    return is_basic(t, IS_COMPLEX)


def is_numeric(t: Type) -> bool:
    return is_basic(t, IS_NUMERIC)


def is_string(t: Type) -> bool:
    return is_basic(t, IS_STRING)


def is_integer_or_float(t: Type) -> bool:
    return is_basic(t, IS_INTEGER | IS_FLOAT)


def is_const_type(t: Type) -> bool:
    return is_basic(t, IS_CONST_TYPE)


def all_basic(t: Type, info: int) -> bool:
    """Like `is_basic`, asking every type of a type parameter's type set."""
    p = unalias(t)
    if type(p) is TypeParam:
        from goescape.typecheck.typeparam import is_

        return is_(p, lambda term: term is not None and is_basic(term.type, info))
    return is_basic(p, info)


def all_boolean(t: Type) -> bool:
    return all_basic(t, IS_BOOLEAN)


def all_integer(t: Type) -> bool:
    return all_basic(t, IS_INTEGER)


def all_unsigned(t: Type) -> bool:
    return all_basic(t, IS_UNSIGNED)


def all_numeric(t: Type) -> bool:
    return all_basic(t, IS_NUMERIC)


def all_string(t: Type) -> bool:
    return all_basic(t, IS_STRING)


def all_ordered(t: Type) -> bool:
    return all_basic(t, IS_ORDERED)


def all_numeric_or_string(t: Type) -> bool:
    return all_basic(t, IS_NUMERIC | IS_STRING)


def has_name(t: Type) -> bool:
    """Whether `t` is predeclared, defined or a type parameter. Asks nothing of its details."""
    return isinstance(unalias(t), (Basic, Named, TypeParam))


def is_type_lit(t: Type) -> bool:
    """Whether `t` is neither defined nor a type parameter (but it may be basic)."""
    return not isinstance(unalias(t), (Named, TypeParam))


def is_typed(t: Type) -> bool:
    return type(t) is not Basic or t.info & IS_UNTYPED == 0


def is_untyped(t: Type) -> bool:
    return type(t) is Basic and t.info & IS_UNTYPED != 0


def is_untyped_numeric(t: Type) -> bool:
    return type(t) is Basic and t.info & IS_UNTYPED != 0 and t.info & IS_NUMERIC != 0


def is_interface(t: Type) -> bool:
    """Also true for type parameters, whose underlying type is their constraint."""
    return type(t.underlying) is Interface


def is_non_type_param_interface(t: Type) -> bool:
    return not is_type_param(t) and is_interface(t)


def is_type_param(t: Type) -> bool:
    return type(t) is TypeParam or (type(t) is Alias and type(unalias(t)) is TypeParam)


def has_empty_typeset(t: Type) -> bool:
    """Whether `t` is a type parameter whose type set is known to be empty; computes nothing."""
    p = unalias(t)
    if type(p) is TypeParam and p.bound is not None:
        named = as_named(p.bound)
        u = named._underlying if named is not None else p.bound.underlying
        return type(u) is Interface and u.tset is not None and u.tset.is_empty()
    return False


def is_generic(t: Type) -> bool:
    """Whether `t` is a generic type that was not instantiated (signatures do not count)."""
    if type(t) is Alias and t.tparams and not t.targs:
        return True
    named = as_named(t)
    return named is not None and named.orig is named and bool(named._tparams)


def is_valid_name(s: str) -> bool:
    """Whether `s` consists of letters, `_` and, behind the first place, digits."""
    return all(c == "_" or c.isalpha() or (i > 0 and c.isdecimal()) for i, c in enumerate(s))


# --- comparing values ----------------------------------------------------------------------------


def comparable(t: Type) -> bool:
    """Whether values of type `t` can be compared with `==`."""
    return comparable_type(t, True, None) is None


def comparable_type(t: Type, dynamic: bool, seen: set[Type] | None = None) -> TypeError_ | None:
    """None if values of type `t` are comparable, else the reason. If `dynamic`, interfaces other
    than type parameters always are."""
    if seen is None:
        seen = set()
    elif t in seen:
        return None
    seen.add(t)
    u = t.underlying
    if isinstance(u, Basic):
        # Invalid types pass, to avoid follow-up errors.
        return type_errorf("") if u.kind == "untyped nil" else None
    if isinstance(u, (Pointer, Chan)):
        return None
    if isinstance(u, Struct):
        for f in u.fields:
            if comparable_type(f.type, dynamic, seen) is not None:
                return type_errorf("struct containing %s cannot be compared", f.type)
        return None
    if isinstance(u, Array):
        if comparable_type(u.elem, dynamic, seen) is not None:
            return type_errorf("%s cannot be compared", t)
        return None
    if isinstance(u, Interface):
        from goescape.typecheck.typeset import type_set

        if dynamic and not is_type_param(t):
            return None
        tset = type_set(u)
        if tset.is_comparable(seen):
            return None
        return type_errorf(
            "empty type set" if tset.is_empty() else "incomparable types in type set"
        )
    return type_errorf("")


def has_nil(t: Type) -> bool:
    """Whether nil is a value of type `t`."""
    u = t.underlying
    if isinstance(u, Basic):
        return u.kind == "unsafe.Pointer"
    if isinstance(u, (Slice, Pointer, Signature, Map, Chan)):
        return True
    if isinstance(u, Interface):
        return not is_type_param(t) or under_is(t, lambda u: u is not None and has_nil(u))
    return False


# --- identity ------------------------------------------------------------------------------------


def same_pkg(a: Package | None, b: Package | None) -> bool:
    return a is b or (a is not None and b is not None and a.path == b.path)


def identical(x: Type, y: Type) -> bool:
    """Go's type identity."""
    return x is y or _COMPARER.identical(x, y, ())


def identical_ignore_tags(x: Type, y: Type) -> bool:
    """Identity but for the tags of struct fields."""
    return x is y or _IGNORE_TAGS.identical(x, y, ())


Pairs = tuple[tuple[Interface, Interface], ...]


class Comparer:
    """Type identity with options: `ignore_tags` passes over struct tags, `ignore_invalids` takes
    an invalid type for identical with every type."""

    __slots__ = ("ignore_invalids", "ignore_tags")

    def __init__(self, ignore_tags: bool = False, ignore_invalids: bool = False) -> None:
        self.ignore_tags, self.ignore_invalids = ignore_tags, ignore_invalids

    def identical(self, x: Type | None, y: Type | None, pairs: Pairs = ()) -> bool:
        """`pairs` are the interfaces under comparison: they can refer to themselves without a
        defined type in between, `type T interface{ m() interface{ T } }`."""
        if type(x) is Alias:
            x = unalias(x)
        if type(y) is Alias:
            y = unalias(y)
        if x is y:
            return True
        if self.ignore_invalids and (x is INVALID or y is INVALID):
            return True
        kind = type(x)
        if kind is not type(y):
            return False
        compare = _COMPARE.get(kind)
        return compare is not None and compare(self, x, y, pairs)

    def basic(self, x: Basic, y: Basic, pairs: Pairs) -> bool:
        return x.kind == y.kind

    def array(self, x: Array, y: Array, pairs: Pairs) -> bool:
        # An unknown length, after an error, matches.
        return (x.len < 0 or y.len < 0 or x.len == y.len) and self.identical(x.elem, y.elem, pairs)

    def elem(self, x: Slice | Pointer, y: Slice | Pointer, pairs: Pairs) -> bool:
        return self.identical(x.elem, y.elem, pairs)

    def struct(self, x: Struct, y: Struct, pairs: Pairs) -> bool:
        if len(x.fields) != len(y.fields):
            return False
        if not self.ignore_tags and (x.tags or y.tags):
            for i in range(len(x.fields)):
                if (x.tags[i] if x.tags else "") != (y.tags[i] if y.tags else ""):
                    return False
        for f, g in zip(x.fields, y.fields, strict=True):
            if (
                f.embedded != g.embedded
                or not f.same_id(g.pkg, g.name)
                or not self.identical(f.type, g.type, pairs)
            ):
                return False
        return True

    def tuple(self, x: Tuple, y: Tuple, pairs: Pairs) -> bool:
        if len(x.vars) != len(y.vars):
            return False
        for v, w in zip(x.vars, y.vars, strict=True):
            a, b = v.typ, w.typ
            if a is not b and not self.identical(a, b, pairs):
                return False
        return True

    def signature(self, x: Signature, y: Signature, pairs: Pairs) -> bool:
        if x.variadic != y.variadic or len(x.tparams) != len(y.tparams):
            return False
        params, results = y.params, y.results
        if len(x.params.vars) != len(params.vars) or len(x.results.vars) != len(results.vars):
            return False
        if x.tparams:
            # The names of type parameters do not matter: compare with those of x in y's place.
            from goescape.typecheck.subst import make_subst_map, subst

            smap = make_subst_map(y.tparams, list(x.tparams))
            for p, q in zip(x.tparams, y.tparams, strict=True):
                if q.bound is None or not self.identical(
                    p.bound, subst(None, 0, q.bound, smap), pairs
                ):
                    return False
            params = subst(None, 0, params, smap)  # type: ignore[assignment]  # tuple to tuple
            results = subst(None, 0, results, smap)  # type: ignore[assignment]
        return self.tuple(x.params, params, pairs) and self.tuple(x.results, results, pairs)

    def union(self, x: Union, y: Union, pairs: Pairs) -> bool:
        from goescape.typecheck.typeset import compute_union_type_set

        sets: dict[Union, object] = {}
        xset = compute_union_type_set(None, sets, 0, x)  # type: ignore[arg-type]
        yset = compute_union_type_set(None, sets, 0, y)  # type: ignore[arg-type]
        return termlist.equal(xset.terms, yset.terms)

    def interface(self, x: Interface, y: Interface, pairs: Pairs) -> bool:
        from goescape.typecheck.typeset import type_set

        xset, yset = type_set(x), type_set(y)
        a, b = xset.methods, yset.methods
        if (
            xset.comparable != yset.comparable
            or len(a) != len(b)
            or not termlist.equal(xset.terms, yset.terms)
        ):
            return False
        if not a:
            return True
        for p, q in pairs:
            if (p is x and q is y) or (p is y and q is x):
                return True
        below = (*pairs, (x, y))
        for f, g in zip(a, b, strict=True):
            if f is not g and (f.name != g.name or f.id != g.id):
                return False
        return all(
            f is g or self.identical(f.type, g.type, below) for f, g in zip(a, b, strict=True)
        )

    def map(self, x: Map, y: Map, pairs: Pairs) -> bool:
        return self.identical(x.key, y.key, pairs) and self.identical(x.elem, y.elem, pairs)

    def chan(self, x: Chan, y: Chan, pairs: Pairs) -> bool:
        return x.dir == y.dir and self.identical(x.elem, y.elem, pairs)

    def named(self, x: Named, y: Named, pairs: Pairs) -> bool:
        # Instances are shared, but for those made while their arguments were not yet complete.
        if x.orig is not y.orig and x.orig.obj is not y.orig.obj:
            return False
        if len(x.targs) != len(y.targs):
            return False
        if not x.targs:
            return True
        return all(identical(a, b) for a, b in zip(x.targs, y.targs, strict=True))


_COMPARE: dict[type[Type | None], Callable[[Comparer, Any, Any, Pairs], bool]] = {
    Basic: Comparer.basic,
    Array: Comparer.array,
    Slice: Comparer.elem,
    Pointer: Comparer.elem,
    Struct: Comparer.struct,
    Tuple: Comparer.tuple,
    Signature: Comparer.signature,
    Union: Comparer.union,
    Interface: Comparer.interface,
    Map: Comparer.map,
    Chan: Comparer.chan,
    Named: Comparer.named,
}

_COMPARER = Comparer()
_IGNORE_TAGS = Comparer(ignore_tags=True)


def identical_origin(x: Named, y: Named) -> bool:
    return x.orig.obj is y.orig.obj


def identical_instance(xorig: Type, xargs: list[Type], yorig: Type, yargs: list[Type]) -> bool:
    return (
        len(xargs) == len(yargs)
        and all(identical(x, y) for x, y in zip(xargs, yargs, strict=True))
        and identical(xorig, yorig)
    )


# --- untyped types -------------------------------------------------------------------------------

_DEFAULT = {
    "untyped bool": TYP["bool"],
    "untyped int": TYP["int"],
    "untyped rune": UNIVERSE_RUNE,
    "untyped float": TYP["float64"],
    "untyped complex": TYP["complex128"],
    "untyped string": TYP["string"],
}


def default_type(t: Type) -> Type:
    """The type an untyped value of type `t` gets where nothing else is asked for; other types,
    and that of nil, stay as they are."""
    if type(t) is Basic and t.info & IS_UNTYPED:
        return _DEFAULT.get(t.kind, t)
    return t


def max_type(x: Type, y: Type) -> Type | None:
    """The later of two untyped numeric types in the order integer, rune, float, complex; None if
    the types differ and are not both such."""
    if x is y:
        return x
    if is_untyped_numeric(x) and is_untyped_numeric(y):
        assert isinstance(x, Basic) and isinstance(y, Basic)
        return x if kind_index(x.kind) > kind_index(y.kind) else y
    return None

"""What the middle end asks of a type: its compiler kind, its size, whether it holds pointers.

The checker's types are the compiler's types here: `kind` gives the compiler's name for what a type
is made of (`TINT`, `TPTR`, `TSTRUCT`, …), looking through names and aliases. What depends on the
target, or is worth remembering, is asked of a `TypeInfo`, of which every unit has one.

Invariants
  - a type that is not in heap (it contains `internal/runtime/sys.nih`) has no pointers to it that
    count: `*T` and `[]T` of such a `T` hold no pointers;
  - a type goes into an interface without a copy (`is_direct_iface`) exactly when it is one pointer
    word: its size is a pointer's and it holds a pointer;
  - a shape is a named type of the package `go.shape`; a type has a shape if one occurs in it.

Example: `struct { _ [0]int; p *T }` is one word with a pointer in it, so it is direct; `uintptr` is
one word without.

Source: cmd/compile/internal/types/{size,type,fmt}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.goversion.intrinsics import modern_path
from goescape.typecheck.basic import TYP
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
    unalias,
)

if TYPE_CHECKING:
    from goescape.typecheck.sizes import Sizes

SHAPE_PATH = "go.shape"

_BASIC_KINDS = {
    "bool": "TBOOL",
    "int": "TINT",
    "int8": "TINT8",
    "int16": "TINT16",
    "int32": "TINT32",
    "int64": "TINT64",
    "uint": "TUINT",
    "uint8": "TUINT8",
    "uint16": "TUINT16",
    "uint32": "TUINT32",
    "uint64": "TUINT64",
    "uintptr": "TUINTPTR",
    "float32": "TFLOAT32",
    "float64": "TFLOAT64",
    "complex64": "TCOMPLEX64",
    "complex128": "TCOMPLEX128",
    "string": "TSTRING",
    "unsafe.Pointer": "TUNSAFEPTR",
    "untyped bool": "TBOOL",
    "untyped int": "TIDEAL",
    "untyped rune": "TIDEAL",
    "untyped float": "TIDEAL",
    "untyped complex": "TIDEAL",
    "untyped string": "TSTRING",
    "untyped nil": "TNIL",
    "invalid": "Txxx",
}

_COMPOSITE_KINDS: dict[type[Type], str] = {
    Array: "TARRAY",
    Slice: "TSLICE",
    Struct: "TSTRUCT",
    Pointer: "TPTR",
    Tuple: "TRESULTS",
    Signature: "TFUNC",
    Interface: "TINTER",
    Map: "TMAP",
    Chan: "TCHAN",
}

INTEGER_KINDS = frozenset({
    "TINT", "TINT8", "TINT16", "TINT32", "TINT64",
    "TUINT", "TUINT8", "TUINT16", "TUINT32", "TUINT64", "TUINTPTR",
})  # fmt: skip
"""The kinds of typed integers."""

SIMPLE_KINDS = INTEGER_KINDS | {"TFLOAT32", "TFLOAT64", "TCOMPLEX64", "TCOMPLEX128", "TBOOL"}
"""The kinds whose conversions are cheap: numbers and booleans."""


def under(t: Type) -> Type:
    """The type behind names and aliases."""
    if type(t) is Named or type(t) is Alias:
        return t.underlying
    return t


def kind(t: Type | None) -> str:
    """The compiler's kind of `t`; `Txxx` for no type and for an invalid one."""
    if t is None:
        return "Txxx"
    u = under(t)
    if type(u) is Basic:
        return _BASIC_KINDS.get(u.kind, "Txxx")
    return _COMPOSITE_KINDS.get(u.__class__, "Txxx")


def is_interface(t: Type | None) -> bool:
    return t is not None and under(t).__class__ is Interface


def is_untyped(t: Type) -> bool:
    return type(t) is Basic and t.kind.startswith("untyped")


def is_nil_type(t: Type | None) -> bool:
    return type(t) is Basic and t.kind == "untyped nil"


def elem(t: Type) -> Type:
    """The element type of a pointer, array, slice, channel or map."""
    u = under(t)
    assert isinstance(u, (Pointer, Slice, Array, Map, Chan))
    return u.elem


def type_args(t: Type) -> list[Type]:
    """The type arguments of an instantiated named type; else empty."""
    return t.targs if type(t) is Named else []


def is_shape(t: Type | None) -> bool:
    """Whether `t` stands for all type arguments with one memory layout."""
    if t is None:
        return False
    t = unalias(t)
    if type(t) is not Named:
        return False
    pkg = t.obj.pkg
    return pkg is not None and pkg.path == SHAPE_PATH


def has_shape(t: Type | None) -> bool:
    """Whether a shape occurs anywhere in `t`, also behind the names of types."""
    if t is None:
        return False
    t = unalias(t)
    if isinstance(t, Basic):
        return False
    seen: set[Type] = set()
    stack: list[Type] = [t]
    while stack:
        t = unalias(stack.pop())
        if isinstance(t, Basic) or t in seen:
            continue
        seen.add(t)
        if isinstance(t, Named):
            if is_shape(t):
                return True
            targs = type_args(t)
            obj = t.obj
            if targs:
                stack += targs
            elif obj.pkg is not None and obj.parent is not obj.pkg.scope:
                # Only a type declared inside a generic function can hide a shape in what it is
                # made of.
                stack.append(t.underlying)
        elif isinstance(t, Pointer | Array | Slice | Chan):
            stack.append(t.elem)
        elif isinstance(t, Map):
            stack += (t.key, t.elem)
        elif isinstance(t, Struct):
            stack += [f.type for f in t.fields]
        elif isinstance(t, Tuple):
            stack += [v.type for v in t.vars]
        elif isinstance(t, Signature):
            stack += (t.params, t.results)
        elif isinstance(t, Interface):
            stack += [m.type for m in t.methods]
            stack += t.embeddeds
    return False


def is_direct_by_shape(t: Type) -> bool:
    """The rule of releases before go1.26: a pointer, channel, map or function, or a struct or array
    of exactly one such."""
    u = under(t)
    while True:
        if isinstance(u, Struct) and len(u.fields) == 1:
            u = under(u.fields[0].type)
        elif isinstance(u, Array) and u.len == 1:
            u = under(u.elem)
        elif isinstance(u, Basic):
            return bool(u.kind == "unsafe.Pointer")
        else:
            return isinstance(u, Pointer | Chan | Map | Signature)


class TypeInfo:
    """Remembered facts about types, for one target."""

    __slots__ = (
        "_aligns",
        "_direct",
        "_not_in_heap",
        "_pointers",
        "_sizes_of",
        "ptr_size",
        "sizes",
    )

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.ptr_size: int = sizes.sizeof(TYP["uintptr"])
        self._sizes_of: dict[Type, int] = {}
        self._aligns: dict[Type, int] = {}
        self._pointers: dict[Type, bool] = {}
        self._direct: dict[Type, bool] = {}
        self._not_in_heap: dict[Type, bool] = {}

    def forget(self) -> None:
        """Types have other layouts than before."""
        for known in (self._sizes_of, self._aligns):
            known.clear()
        for table in (self._pointers, self._direct, self._not_in_heap):
            table.clear()

    def size(self, t: Type) -> int:
        """The size of `t` in bytes."""
        if type(t) is Pointer:
            return self.ptr_size
        size = self._sizes_of.get(t)
        if size is None:
            size = self._sizes_of[t] = self.sizes.sizeof(t)
        return size

    def align(self, t: Type) -> int:
        """The alignment of `t` in bytes."""
        align = self._aligns.get(t)
        if align is None:
            align = self._aligns[t] = self.sizes.alignof(t)
        return align

    def has_pointers(self, t: Type | None) -> bool:
        """Whether a value of `t` holds a pointer that the garbage collector must see."""
        if t is None:
            return False
        if type(t) is Pointer:  # made afresh for every `&x`, so not worth remembering
            return not self.not_in_heap(t.elem)
        known = self._pointers.get(t)
        if known is not None:
            return known
        self._pointers[t] = False  # an invalid recursive type ends here
        result = self._compute_pointers(t)
        self._pointers[t] = result
        return result

    def _compute_pointers(self, t: Type) -> bool:
        u = under(t)
        if isinstance(u, Basic):
            return u.kind in ("string", "unsafe.Pointer", "untyped string")
        if isinstance(u, Pointer | Slice):
            return not self.not_in_heap(u.elem)
        if isinstance(u, Struct):
            return any(self.has_pointers(f.type) for f in u.fields)
        if isinstance(u, Array):
            return u.len > 0 and self.has_pointers(u.elem)
        if isinstance(u, Tuple):
            return any(self.has_pointers(v.type) for v in u.vars)
        return isinstance(u, Interface | Map | Chan | Signature)

    def not_in_heap(self, t: Type) -> bool:
        """Whether `t` contains the runtime's marker of memory outside the heap."""
        known = self._not_in_heap.get(t)
        if known is not None:
            return known
        self._not_in_heap[t] = False
        result = self._compute_not_in_heap(t)
        self._not_in_heap[t] = result
        return result

    def _compute_not_in_heap(self, t: Type) -> bool:
        t = unalias(t)
        if type(t) is Named:
            obj = t.obj
            if obj.name == "nih" and obj.pkg is not None:
                if modern_path(obj.pkg.path) == "internal/runtime/sys":
                    return True
        u = under(t)
        if type(u) is Struct:
            return any(self.not_in_heap(f.type) for f in u.fields)
        if type(u) is Array:
            return self.not_in_heap(u.elem)
        return False

    def is_direct_iface(self, t: Type) -> bool:
        """Whether a value of `t` is stored in an interface word itself."""
        if type(t) is Pointer:
            return self.has_pointers(t)
        known = self._direct.get(t)
        if known is None:
            known = self.has_pointers(t) and self.size(t) == self.ptr_size
            self._direct[t] = known
        return known

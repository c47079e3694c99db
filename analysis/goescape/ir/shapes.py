"""Shapes: one body for all type arguments with the same memory layout.

The compiler does not compile a generic function once per list of type arguments but once per list
of *shapes*. The shape of a type is its underlying type, wrapped in a name of the pseudo package
`go.shape`; all pointers share one shape where a type parameter's constraint has methods only, since
nothing can then depend on what they point to. What the shared body cannot know it reads from a
*dictionary* that it is passed.

A `TypeDict` is the environment in which a generic declaration is read: it replaces type parameters
by type arguments everywhere in a type. A shaped one is the environment of a body that is compiled,
an unshaped one that of a runtime dictionary and of the forwarding function `id[int]`.

Invariants
  - if any type argument of a generic type or function has a shape in it, all of them are shaped:
    in `f[go.shape.int]`, the source's `L[[]T]` is `L[go.shape.[]go.shape.int]`;
  - a type that is still being read has no shape yet and stands for itself;
  - `TypeDict.typ` returns one object for one object of the source, so node types can be compared
    by identity;
  - shapes and shaped types belong to one unit's `Instances`.

Example: for `func id[T any](x T) T`, `id[MyInt]` is read with `T = go.shape.int`, and `id[*int]`
with `T = go.shape.*uint8`.

Source: cmd/compile/internal/noder/reader.go (Shapify, objDictIdx, mangle) (go1.27).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from goescape.ir.typeinfo import SHAPE_PATH, has_shape, is_shape, kind, under
from goescape.typecheck.basic import TYP
from goescape.typecheck.objects import Func, Package, TypeName, Var
from goescape.typecheck.predicates import Comparer, Pairs
from goescape.typecheck.scope import Scope
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
    unalias,
)
from goescape.typecheck.typeset import type_set

if TYPE_CHECKING:
    from goescape.ir.dictionary import Tables
    from goescape.ir.instances import Instances
    from goescape.ir.nodes import Name
    from goescape.typecheck.objects import Object

MAX_SHAPE_LEN = 500
"""Longer names of shapes are replaced by a hash."""


def new_shape_package() -> Package:
    """The pseudo package of shapes, one per unit."""
    return Package(SHAPE_PATH, SHAPE_PATH, Scope(None, 0, 0, "go.shape"))


_SHAPED_ALIKE = frozenset(
    "TINT8 TUINT8 TINT16 TUINT16 TINT32 TUINT32 TINT64 TUINT64 TINT TUINT TUINTPTR TCOMPLEX64 TCOMPLEX128"
    " TFLOAT32 TFLOAT64 TBOOL TSTRING TPTR TUNSAFEPTR".split()
)


class ShapeComparer(Comparer):
    """Type identity as the compiler's middle end has it: a shaped type is identical with those that have
    this shape, and with some more. For one comparison."""

    __slots__ = ("_assumed",)

    def __init__(self) -> None:
        super().__init__()
        self._assumed: set[tuple[Type, Type]] = set()

    def identical(self, x: Type | None, y: Type | None, pairs: Pairs = ()) -> bool:
        if x is None or y is None:
            return x is y
        x, y = unalias(x), unalias(y)
        if x is y:
            return True
        is_named = isinstance(x, Named | Basic) or isinstance(y, Named | Basic)
        if not is_named or not (has_shape(x) or has_shape(y)):
            return super().identical(x, y, pairs)
        if kind(x) != kind(y):
            return False
        if kind(x) in _SHAPED_ALIKE or (x, y) in self._assumed:
            return True
        self._assumed.add((x, y))
        return super().identical(under(x), under(y), pairs)


def is_constraint(t: Type) -> bool:
    """Whether `t` is an interface that no variable can have as its type."""
    iface = t.underlying
    return isinstance(iface, Interface) and not type_set(iface).is_method_set()


def is_basic_constraint(tparam: TypeParam) -> bool:
    """Whether the constraint of `tparam` is a plain set of methods."""
    iface = tparam.underlying
    return isinstance(iface, Interface) and bool(type_set(iface).is_method_set())


def shapify(instances: Instances, targ: Type, basic: bool) -> Type:
    """The shape of `targ`, an argument for a type parameter whose constraint is a plain set of
    methods if `basic`."""
    targ = unalias(targ)
    if targ in instances.forward and has_shape(targ):
        return targ
    if targ.__class__ is Named and is_shape(targ) and targ.obj.pkg is not instances.shape_package:
        return targ  # opaque
    u = under(targ)
    if u.__class__ is Interface and targ.__class__ is Named and targ.targs and has_shape(targ):
        return targ
    if basic and u.__class__ is Pointer and not instances.unit.typeinfo.not_in_heap(u.elem):
        u = instances.byte_pointer
    instances.origins.number_local_types(u)
    name = instances.links.text(u)
    mask = instances.unit.host.release.shape_sum_mask
    text = name.encode("utf-8", "surrogateescape")
    if len(text) > MAX_SHAPE_LEN and mask is not None:
        digest = bytearray(hashlib.sha256(text).digest())
        for i, bits in enumerate(mask):
            digest[i] ^= bits
        name = digest.hex()
    shape = instances.shapes.get(name)
    if shape is None:
        shape = Named(TypeName(0, instances.shape_package, name, None), None)
        shape.obj.typ = shape
        shape.from_rhs = u
        instances.shapes[name] = shape
    return shape


def shape_identical(x: Type | None, y: Type | None) -> bool:
    """Whether `x` and `y` are identical once shapes are taken for what they stand for."""
    if x is y:
        return True
    if x is None or y is None:
        return False
    return _identical(x, y, set())


def _identical(x: Type, y: Type, seen: set[tuple[int, int]]) -> bool:
    x, y = unalias(x), unalias(y)
    if x is y:
        return True
    if is_shape(x) or is_shape(y):
        x, y = under(x), under(y)
        if x is y:
            return True
    cls = x.__class__
    if cls is not y.__class__:
        return False
    if cls is Basic:
        return bool(x.kind == y.kind)  # type: ignore[attr-defined]
    if (id(x), id(y)) in seen:
        return True
    seen.add((id(x), id(y)))
    if cls is Named:
        xa, ya = x.targs, y.targs  # type: ignore[attr-defined]
        return (
            x.obj is y.obj  # type: ignore[attr-defined]
            and len(xa) == len(ya)
            and all(_identical(a, b, seen) for a, b in zip(xa, ya, strict=True))
        )
    if cls is Pointer or cls is Slice:
        return _identical(x.elem, y.elem, seen)  # type: ignore[attr-defined]
    if cls is Array:
        return x.len == y.len and _identical(x.elem, y.elem, seen)  # type: ignore[attr-defined]
    if cls is Chan:
        return x.dir == y.dir and _identical(x.elem, y.elem, seen)  # type: ignore[attr-defined]
    if cls is Map:
        return _identical(x.key, y.key, seen) and _identical(x.elem, y.elem, seen)  # type: ignore[attr-defined]
    if cls is Tuple:
        return _same_vars(x.vars, y.vars, seen)  # type: ignore[attr-defined]
    if cls is Signature:
        return (
            x.variadic == y.variadic  # type: ignore[attr-defined]
            and _same_vars(x.params.vars, y.params.vars, seen)  # type: ignore[attr-defined]
            and _same_vars(x.results.vars, y.results.vars, seen)  # type: ignore[attr-defined]
        )
    if cls is Struct:
        return (
            len(x.fields) == len(y.fields)  # type: ignore[attr-defined]
            and all(
                f.name == g.name and f.embedded == g.embedded
                for f, g in zip(x.fields, y.fields, strict=True)  # type: ignore[attr-defined]
            )
            and _same_vars(x.fields, y.fields, seen)  # type: ignore[attr-defined]
        )
    if cls is Interface:
        xm, ym = type_set(x).methods, type_set(y).methods  # type: ignore[arg-type]
        by_name = {m.name: m for m in ym}
        return len(xm) == len(ym) and all(
            m.name in by_name and _identical(m.type, by_name[m.name].type, seen) for m in xm
        )
    return False


def _same_vars(x: list[Var], y: list[Var], seen: set[tuple[int, int]]) -> bool:
    return len(x) == len(y) and all(
        _identical(a.type, b.type, seen) for a, b in zip(x, y, strict=True)
    )


class TypeDict:
    """The environment in which the generic declaration `origin` is read.

    `targs` holds the type arguments: first those of the declaration around a local type
    (`n_implicits` of them), then those of a generic method's receiver (`n_receivers`), then its own.
    `own_type`: the shaped type that this is the environment of, if it is one.
    `endless`: it came of instantiation without end, and nothing that it would need is made.
    """

    __slots__ = (
        "_dict_name",
        "_index",
        "endless",
        "instances",
        "memo",
        "n_implicits",
        "n_receivers",
        "origin",
        "own_type",
        "shaped",
        "targs",
    )

    def __init__(
        self,
        instances: Instances,
        origin: Object,
        targs: list[Type],
        shaped: bool,
        implicits: list[TypeParam],
        receivers: list[TypeParam],
    ) -> None:
        self.instances, self.origin, self.targs, self.shaped = instances, origin, targs, shaped
        self.n_implicits, self.n_receivers = len(implicits), len(receivers)
        self._index: dict[TypeParam, int] = {tp: i for i, tp in enumerate([*implicits, *receivers])}
        self.memo: dict[Type, Type] = {}
        self.own_type: Named | None = None
        self._dict_name: Name | None = None
        self.endless = False

    @property
    def is_opaque(self) -> bool:
        """Whether some type argument stands for whatever its constraint allows (see `opaque`)."""
        return not self.instances.opaque_types.isdisjoint(self.targs)

    @property
    def tables(self) -> Tables:
        """What the dictionary of `origin` holds."""
        return self.instances.tables(self.origin)

    def var_type(self) -> Array:
        """The type of the runtime dictionary."""
        return self.instances.dict_type(self.origin)

    def typ(self, t: Type) -> Type:
        """`t` of the source, with the type arguments in place of the type parameters."""
        r = self.memo.get(t)
        if r is None:
            r = self.memo[t] = self.translate(t)
        return self.instances.read_type(r)  # On account of whoever asks now.

    subst = typ

    def param(self, tp: TypeParam) -> Type:
        """The argument for `tp`."""
        i = self._index.get(tp)
        if i is None:
            i = self.n_implicits + self.n_receivers + tp.index
        return self.targs[i] if 0 <= i < len(self.targs) else TYP["invalid"]

    def translate(self, t: Type) -> Type:
        """Like `typ`, but `t` itself does not count as read."""
        cls = t.__class__
        if cls is Basic:
            return t
        if cls is TypeParam:
            return self.param(t)  # type: ignore[arg-type]
        if cls is Named:
            return self._named(t)  # type: ignore[arg-type]
        if cls is Alias:
            return self.typ(unalias(t))
        if cls is Pointer:
            e = self.typ(t.elem)  # type: ignore[attr-defined]
            return t if e is t.elem else Pointer(e)  # type: ignore[attr-defined]
        if cls is Slice:
            e = self.typ(t.elem)  # type: ignore[attr-defined]
            return t if e is t.elem else Slice(e)  # type: ignore[attr-defined]
        if cls is Array:
            e = self.typ(t.elem)  # type: ignore[attr-defined]
            return t if e is t.elem else Array(e, t.len)  # type: ignore[attr-defined]
        if cls is Chan:
            e = self.typ(t.elem)  # type: ignore[attr-defined]
            return t if e is t.elem else Chan(t.dir, e)  # type: ignore[attr-defined]
        if cls is Map:
            k, e = self.typ(t.key), self.typ(t.elem)  # type: ignore[attr-defined]
            return t if k is t.key and e is t.elem else Map(k, e)  # type: ignore[attr-defined]
        if cls is Tuple:
            variables = self._vars(t.vars)  # type: ignore[attr-defined]
            return t if variables is t.vars else Tuple(variables)  # type: ignore[attr-defined]
        if cls is Signature:
            return self.signature(t)  # type: ignore[arg-type]
        if cls is Struct:
            fields = self._vars(t.fields)  # type: ignore[attr-defined]
            return t if fields is t.fields else Struct(fields, t.tags)  # type: ignore[attr-defined]
        if cls is Interface:
            return self._interface(t)  # type: ignore[arg-type]
        if cls is Union:
            return TYP["invalid"]
        return t

    def _named(self, t: Named) -> Type:
        instances = self.instances
        implicits = instances.origins.implicits(t.orig.obj)
        if not t.targs and not implicits:
            return instances.read_type(t)
        targs = [self.typ(a) for a in t.targs]
        if (
            not implicits
            and all(a is b for a, b in zip(targs, t.targs, strict=True))
            and not any(map(has_shape, targs))
        ):
            return instances.read_type(t)
        return instances.named(t.orig, targs, self.targs[: len(implicits)])

    def _vars(self, variables: list[Var]) -> list[Var]:
        """The variables with their types translated; the same list if nothing changes."""
        changed = False
        out: list[Var] = []
        for v in variables:
            vt = v.type
            nt = self.typ(vt)
            if nt is not vt:
                changed = True
                w = Var(v.pos, v.pkg, v.name, nt, v.kind, v.embedded)
                w.origin = v.origin or v
                w.parent = v.parent
                out.append(w)
            else:
                out.append(v)
        return out if changed else variables

    def signature(self, t: Signature) -> Signature:
        """The signature `t` without its type parameters."""
        recv = t.recv
        if recv is not None:
            recv = self._receiver(recv)
        params = self._vars(t.params.vars)
        results = self._vars(t.results.vars)
        if (
            params is t.params.vars
            and results is t.results.vars
            and recv is t.recv
            and not t.tparams
        ):
            return t
        return Signature(recv, Tuple(params), Tuple(results), t.variadic)

    def _receiver(self, recv: Var) -> Var:
        """The receiver of a method. That of a shaped type is this very type, even where its arguments
        had no shape yet when the type was read, and have one now."""
        own = self.own_type
        if own is None:
            return self._vars([recv])[0]
        pointer = unalias(recv.type).__class__ is Pointer
        out = Var(recv.pos, recv.pkg, recv.name, Pointer(own) if pointer else own, recv.kind)
        out.origin = recv.origin or recv
        out.parent = recv.parent
        return out

    def _interface(self, t: Interface) -> Type:
        changed = False
        methods: list[Func] = []
        for m in t.methods:
            sig = m.type
            assert isinstance(sig, Signature)
            # The receiver of an interface's method is the interface itself: leave it alone.
            params = self._vars(sig.params.vars)
            results = self._vars(sig.results.vars)
            if params is not sig.params.vars or results is not sig.results.vars:
                changed = True
                new = Func(
                    m.pos,
                    m.pkg,
                    m.name,
                    Signature(sig.recv, Tuple(params), Tuple(results), sig.variadic),
                )
                new.origin = m.origin or m
                new.parent = m.parent
                methods.append(new)
            else:
                methods.append(m)
        embeddeds = [self.typ(e) for e in t.embeddeds]
        if not changed and all(a is b for a, b in zip(embeddeds, t.embeddeds, strict=True)):
            return t
        out = Interface(methods, embeddeds, t.implicit)
        out.embed_pos = t.embed_pos
        out.complete = True
        return out


__all__ = [
    "TypeDict",
    "has_shape",
    "is_basic_constraint",
    "is_shape",
    "new_shape_package",
    "shape_identical",
    "shapify",
]

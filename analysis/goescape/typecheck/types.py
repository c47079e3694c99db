"""The types of Go as data.

One class per kind of type, named and laid out as in the compiler's checker, so that its source
reads as our companion. What can be computed from them lives beside: `predicates` (identity,
comparability), `under` (underlying and core types), `lookup` (fields and methods), `typeset`,
`subst`, `sizes`, `typestring`.

Invariants
  - types compare and hash by identity; `predicates.identical` is Go's identity;
  - `Named.underlying` and an interface's type set are computed when first asked for;
  - the universe's `any` is one `Alias` whose `actual` is one particular empty `Interface` (the
    compiler prints `any` for that one and `interface {}` for every other).

Source: cmd/compile/internal/types2/{basic,array,slice,struct,pointer,tuple,signature,union,
interface,map,chan,named,typeparam,alias}.go (go1.27).
"""

from __future__ import annotations

import weakref
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.source.positions import Pos
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Func, Package, TypeName, Var
    from goescape.typecheck.scope import Scope
    from goescape.typecheck.typeset import TypeSet

_serials = count(1)


class Type:
    """Every type has an `underlying` type, which is never a `Named`, `Alias` or `TypeParam`."""

    __slots__ = ()

    @property
    def underlying(self) -> Type:
        return self

    def __repr__(self) -> str:
        from goescape.typecheck.typestring import type_string

        return type_string(self)


class Basic(Type):
    """`kind`: "bool", "int", "int8", …, "uintptr", "float32", "complex128", "string",
    "unsafe.Pointer", "untyped bool", "untyped int", "untyped rune", "untyped float",
    "untyped complex", "untyped string", "untyped nil", "invalid". `byte` and `rune` are `Basic`s
    of their own with kinds "uint8" and "int32". `info` is a bit set, see `basic`."""

    __slots__ = ("info", "kind", "name")

    def __init__(self, kind: str, info: int, name: str) -> None:
        self.kind, self.info, self.name = kind, info, name


class Array(Type):
    """`len` < 0 means unknown (after an error)."""

    __slots__ = ("elem", "len")

    def __init__(self, elem: Type, len: int) -> None:
        self.elem, self.len = elem, len


class Slice(Type):
    __slots__ = ("elem",)

    def __init__(self, elem: Type) -> None:
        self.elem = elem


class Struct(Type):
    """`tags` is as long as `fields` or empty (no field has a tag)."""

    __slots__ = ("fields", "tags")

    def __init__(self, fields: list[Var], tags: list[str]) -> None:
        self.fields, self.tags = fields, tags


class Pointer(Type):
    __slots__ = ("elem",)

    def __init__(self, elem: Type) -> None:
        self.elem = elem


class Tuple(Type):
    __slots__ = ("vars",)

    def __init__(self, vars: list[Var]) -> None:
        self.vars = vars


class Signature(Type):
    """`params` and `results` are never None. `recv` is None for functions; `rparams` are the
    receiver's type parameters. A variadic signature's last parameter has a `Slice` type (or
    `string` for the special case of `append`)."""

    __slots__ = ("params", "recv", "recv_old", "results", "rparams", "scope", "tparams", "variadic")

    def __init__(
        self,
        recv: Var | None,
        params: Tuple,
        results: Tuple,
        variadic: bool,
        tparams: list[TypeParam] | None = None,
        rparams: list[TypeParam] | None = None,
    ) -> None:
        self.recv, self.params, self.results, self.variadic = recv, params, results, variadic
        self.tparams: list[TypeParam] = tparams or []
        self.rparams: list[TypeParam] = rparams or []
        self.scope: Scope | None = None
        self.recv_old: Var | None = None


class Term:
    """`~type` if `tilde`."""

    __slots__ = ("tilde", "type")

    def __init__(self, tilde: bool, type: Type) -> None:
        self.tilde, self.type = tilde, type


class Union(Type):
    __slots__ = ("terms",)

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms


class Interface(Type):
    """`methods` are the explicitly declared ones, `embeddeds` the embedded elements;
    `implicit` marks the wrapper of a constraint literal such as `~int`. `tset` is filled by
    `typeset.type_set(interface)`."""

    __slots__ = ("check", "complete", "embed_pos", "embeddeds", "implicit", "methods", "tset")

    def __init__(self, methods: list[Func], embeddeds: list[Type], implicit: bool = False) -> None:
        self.methods, self.embeddeds, self.implicit = methods, embeddeds, implicit
        self.embed_pos: list[Pos] = []
        self.complete = False
        self.tset: TypeSet | None = None
        self.check: Checker | None = None


class Map(Type):
    __slots__ = ("elem", "key")

    def __init__(self, key: Type, elem: Type) -> None:
        self.key, self.elem = key, elem


class Chan(Type):
    """`dir`: "" both ways, "send", "recv"."""

    __slots__ = ("dir", "elem")

    def __init__(self, dir: str, elem: Type) -> None:
        self.dir, self.elem = dir, elem


class TypeParam(Type):
    """`index` counts from 0 in its list. `bound` may be any type; `typeparam.iface(tp)` is the
    constraint interface. `serial`: see `Named`."""

    __slots__ = ("bound", "check", "id", "index", "obj", "serial")

    def __init__(self, obj: TypeName, bound: Type | None) -> None:
        self.obj, self.bound = obj, bound
        self.index = -1
        self.id = 0
        self.serial = next(_serials)
        self.check: Checker | None = None

    @property
    def underlying(self) -> Type:
        """The constraint interface."""
        from goescape.typecheck.typeparam import iface

        return iface(self)


class Alias(Type):
    """`type obj = from_rhs`, possibly generic (`tparams`) or an instance (`targs`, `orig`).

    `actual` is the type at the end of the chain of aliases, None while it is not known. `loader`,
    if set, is run once when the right-hand side is first needed, and sets `from_rhs`."""

    __slots__ = (
        "__weakref__",
        "_from_rhs",
        "actual",
        "check",
        "instances",
        "loader",
        "obj",
        "orig",
        "targs",
        "tparams",
    )

    def __init__(self, obj: TypeName, from_rhs: Type | None, check: Checker | None = None) -> None:
        self.obj, self._from_rhs, self.check = obj, from_rhs, check
        self.orig: Alias = self
        self.actual: Type | None = None
        self.tparams: list[TypeParam] = []
        self.targs: list[Type] = []
        self.loader: Callable[[], None] | None = None
        self.instances: weakref.WeakValueDictionary[Any, Alias] | None = None

    @property
    def from_rhs(self) -> Type | None:
        loader = self.loader
        if loader is not None:
            self.loader = None
            loader()
        return self._from_rhs

    @from_rhs.setter
    def from_rhs(self, rhs: Type | None) -> None:
        self._from_rhs = rhs

    @property
    def underlying(self) -> Type:
        return unalias(self).underlying


class Named(Type):
    """A defined type, or an instance of a generic one.

    `obj` is the declared name, for an instance that of its origin `orig` (a declared type is its
    own origin). `from_rhs` is the type on the right-hand side of the declaration, for instances
    with the type arguments substituted; None while it is not known. `loader` and
    `methods_loader`, if set, are run once when `from_rhs` (or `underlying`) and the methods are
    first needed; the first sets `from_rhs`, the second calls `add_method`.

    Instances are shared: identical instances that live at the same time are one object. `var_size`
    tells whether the size depends on type parameters, None while nobody has asked. `serial` is a number
    that no other type of the process ever has."""

    __slots__ = (
        "__weakref__",
        "_from_rhs",
        "_inst_obj",
        "_method_index",
        "_methods",
        "_tparams",
        "_underlying",
        "check",
        "inst_pos",
        "instances",
        "loader",
        "methods_loader",
        "obj",
        "orig",
        "serial",
        "targs",
        "var_size",
    )

    def __init__(
        self, obj: TypeName, check: Checker | None = None, loader: Callable[[], None] | None = None
    ) -> None:
        self.obj, self.check, self.loader = obj, check, loader
        self.orig: Named = self
        self.targs: list[Type] = []
        self.inst_pos: Pos = 0
        self.methods_loader: Callable[[], None] | None = None
        self.instances: weakref.WeakValueDictionary[Any, Named] | None = None
        self.var_size: bool | None = None
        self.serial = next(_serials)
        self._inst_obj: TypeName | None = None
        self._tparams: list[TypeParam] = []
        self._from_rhs: Type | None = None
        self._underlying: Type | None = None
        self._methods: list[Any] = []
        self._method_index: dict[str, int] = {}

    @property
    def inst(self) -> Named | None:
        """The type itself if it is an instance."""
        return None if self.orig is self else self

    @property
    def inst_obj(self) -> TypeName:
        """`obj`, but for an instance a name of its own that stands where it was made: cycles are
        told apart, and reported, by it."""
        if self.orig is self:
            return self.obj
        name = self._inst_obj
        if name is None:
            obj = self.obj
            name = self._inst_obj = type(obj)(self.inst_pos, obj.pkg, obj.name, self)
        return name

    @property
    def tparams(self) -> list[TypeParam]:
        """The type parameters of the origin; empty if it is not generic."""
        return self.orig._tparams

    @tparams.setter
    def tparams(self, tparams: list[TypeParam]) -> None:
        self._tparams = tparams

    @property
    def from_rhs(self) -> Type | None:
        if self._from_rhs is None:
            if self.loader is not None:
                loader, self.loader = self.loader, None
                loader()
            elif self.orig is not self:
                from goescape.typecheck.named import expand_rhs

                expand_rhs(self)
        return self._from_rhs

    @from_rhs.setter
    def from_rhs(self, rhs: Type | None) -> None:
        self._from_rhs = rhs
        self._underlying = None

    @property
    def underlying(self) -> Type:
        """Invalid as long as the right-hand side is not known."""
        u = self._underlying
        if u is not None:
            return u
        from goescape.typecheck.named import resolve_underlying

        return resolve_underlying(self)

    @property
    def methods(self) -> list[Func]:
        """The methods declared for the origin, in source order; not the method set."""
        orig = self.orig
        loader = orig.methods_loader
        if loader is not None:
            orig.methods_loader = None
            loader()
        return orig._methods

    def add_method(self, m: Func) -> None:
        """Add the declared method `m` unless there is one of its name."""
        if m.name not in self._method_index:
            self._method_index[m.name] = len(self._methods)
            self._methods.append(m)

    def forget_methods(self) -> None:
        """Let the methods be declared anew."""
        self._methods, self._method_index = [], {}
        self.methods_loader = None

    def method(self, i: int) -> Func:
        """The i'th declared method, for an instance with its type arguments substituted."""
        methods = self.methods
        if self.orig is self:
            return methods[i]
        own = self._methods
        if len(own) < len(methods):
            own.extend([None] * (len(methods) - len(own)))
        m: Func | None = own[i]
        if m is None:
            from goescape.typecheck.named import expand_method

            m = own[i] = expand_method(self, i)
        return m

    def copied_method(self, i: int) -> Func | None:
        """The i'th method of an instance if it was asked for before."""
        return self._methods[i] if self.orig is not self and i < len(self._methods) else None

    def method_index(self, name: str, fold_case: bool = False) -> int:
        """The index of the declared method `name`, -1 if there is none."""
        methods = self.methods
        if name == "_":
            return -1
        if fold_case:
            folded = name.casefold()
            for i, m in enumerate(methods):
                if m.name.casefold() == folded:
                    return i
            return -1
        return self.orig._method_index.get(name, -1)

    def lookup_method(
        self, pkg: Package | None, name: str, fold_case: bool = False
    ) -> tuple[int, Func | None]:
        """Index and method `name` as seen from `pkg`; (-1, None) if there is none."""
        i = self.method_index(name, fold_case)
        if i >= 0:
            mine = self.obj.pkg
            if (
                fold_case
                or mine is pkg
                or name[:1].isupper()
                or (mine is not None and pkg is not None and mine.path == pkg.path)
            ):
                return i, self.method(i)
        return -1, None


def unalias(t: Type) -> Type:
    """`t`, or the type at the end of its chain of aliases; never an `Alias`. Invalid for an alias
    whose declaration is still being looked at."""
    if type(t) is not Alias:
        return t
    if t.actual is not None:
        return t.actual
    u: Type | None = t
    while type(u) is Alias:
        u = u.actual or u.from_rhs
    if u is None:
        from goescape.typecheck.basic import INVALID

        return INVALID
    t.actual = u
    return u


def as_named(t: Type | None) -> Named | None:
    """`t` as a `Named`, looking through aliases."""
    if type(t) is Named:
        return t
    if type(t) is Alias:
        u = unalias(t)
        if type(u) is Named:
            return u
    return None

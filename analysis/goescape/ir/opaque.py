"""Generic functions that nobody instantiates.

The compiler says nothing about them, an editor should. They are read once with *opaque* type
arguments, one for each type parameter, that stand for whatever the constraint allows: a value that
may hold pointers, is copied into interfaces, and of which only the constraint's methods are known.

Invariants
  - an opaque type prints as the type parameter (`T`), and is its own shape;
  - what is read so is never part of what the compiler prints.

Example: of `func box[T any](x T) any { return x }` it is found that `x escapes to heap`.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from goescape.ir.dictionary import is_generic_method
from goescape.ir.func import Func
from goescape.ir.shapes import TypeDict
from goescape.ir.typeinfo import SHAPE_PATH
from goescape.source.positions import NO_POS
from goescape.syntax import ast
from goescape.typecheck import objects
from goescape.typecheck.objects import Package, TypeName, Var
from goescape.typecheck.scope import Scope
from goescape.typecheck.types import (
    Interface,
    Named,
    Pointer,
    Signature,
    Struct,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.under import typeset
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.ir.unit import Unit


def opaque_funcs(unit: Unit, instantiated: Container[objects.Func] | None = None) -> list[Func]:
    """The generic functions and methods of the package that have no instance in it, read with opaque
    type arguments, in source order. To be asked for when all instances are known. `instantiated`:
    those that have one, if the unit does not know."""
    maker = _Maker(unit)
    checker = unit.host.checker_of(unit.pkg)
    if instantiated is None:
        instantiated = unit.instances.instantiated()
    out: list[Func] = []
    for file in unit.host.ast_files(unit.pkg):
        for d in file.decl_list:
            if type(d) is not ast.FuncDecl or d.name.value == "_" or not d.has_body:
                continue
            obj = checker.func_objs.get(d)
            if obj is None or obj in instantiated:
                continue
            fn = maker.func(obj)
            if fn is not None:
                out.append(fn)
    return out


class _Maker:
    __slots__ = ("package", "types", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.package = Package(SHAPE_PATH, "", Scope(None))
        self.types: dict[TypeParam, Type] = {}

    def func(self, obj: objects.Func) -> Func | None:
        sig = obj.type
        if not isinstance(sig, Signature) or not (sig.tparams or sig.rparams):
            return None
        instances = self.unit.instances
        if is_generic_method(sig) or not sig.rparams:
            targs = [self.opaque(tp) for tp in [*sig.rparams, *sig.tparams]]
            d = TypeDict(
                instances, obj, targs, True, [], sig.rparams if is_generic_method(sig) else []
            )
            self._fill(d, [*sig.rparams, *sig.tparams])
            return self._done(instances.opaque(obj, d))
        assert sig.recv is not None
        recv = unalias(sig.recv.type)
        if isinstance(recv, Pointer):
            recv = unalias(recv.elem)
        if not isinstance(recv, Named):
            return None
        targs = [self.opaque(tp) for tp in sig.rparams]
        named = instances.named(recv.orig, targs, [])
        if not isinstance(named, Named):
            return None
        return self._done(instances.opaque(obj, instances.dict_of(named)))

    def _done(self, fn: Func) -> Func:
        fn.dupok = False
        return fn

    def _fill(self, d: TypeDict, tparams: list[TypeParam]) -> None:
        """Constraints may mention other type parameters: give the opaque types what they are made
        of now that all of them are known."""
        for tp in tparams:
            named = self.types[tp]
            assert isinstance(named, Named)
            named.from_rhs = d.typ(_representative(tp))

    def opaque(self, tp: TypeParam) -> Type:
        """The type that stands for `tp`."""
        t = self.types.get(tp)
        if t is None:
            named = Named(TypeName(tp.obj.pos, self.package, tp.obj.name, None), None)
            named.obj.typ = named
            self.unit.instances.opaque_types.add(named)
            named.from_rhs = _unknown(self.package)
            t = self.types[tp] = named
            if not _mentions_params(tp):
                named.from_rhs = _representative(tp)
        return t


def _representative(tp: TypeParam) -> Type:
    """The underlying type of the first kind of type that `tp` may be."""
    for _, u in typeset(tp):
        if u is not None and not isinstance(u, Interface):
            return u
        break
    return _unknown(tp.obj.pkg)


def _mentions_params(tp: TypeParam) -> bool:
    return any(u is not None and not isinstance(u, Interface) for _, u in typeset(tp))


def _unknown(pkg: Package | None) -> Struct:
    """What a type is made of of which nothing is known: pointers, and more than one word."""
    pointer = Pointer(TYP["uint8"])
    return Struct([Var(NO_POS, pkg, name, pointer, "field") for name in ("a", "b")], [])

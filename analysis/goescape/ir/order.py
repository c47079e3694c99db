"""In which order the compiler comes across the functions of a package.

The compiler reads objects when something mentions them: first the package's initialisers, then its
declarations in source order. Reading a function puts its body on a stack, reading a type those of
its methods. Then the bodies are read from the top of the stack; what a body instantiates goes on
top, so that it is read next. The shared form of an instance is read just before the next body. The
order shows in the numbers of expanded calls, from which the names
of copied literals are made.

Invariants
  - every declared function of the unit and every instance found is taken from the stack once;
  - literals stand where their function was read, an instance behind its literals.

Example: with functions f, g in this order, where f uses `id[int]`, the order of reading is g, f,
`id[go.shape.int]`, `id[int]`.

Source: cmd/compile/internal/noder/{unified,reader}.go (readBodies, pkgInit, objIdx) (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.ir.func import Func
from goescape.ir.nodes import ClosureExpr, Name, Node, SelectorExpr
from goescape.ir.visit import walk
from goescape.syntax import ast
from goescape.typecheck import objects
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
    unalias,
)

if TYPE_CHECKING:
    from goescape.ir.unit import Unit


def read_order(unit: Unit, init: Func | None, found: Callable[[Func], list[Func]]) -> list[Func]:
    """The literals of declared functions and the instances with theirs, in the order in which the
    compiler lists them behind the declared functions. `found` gives the functions that reading a
    body makes the compiler write."""
    unit.instances.following = True
    try:
        return _read_order(unit, init, found)
    finally:
        unit.instances.following = False


def _read_order(unit: Unit, init: Func | None, found: Callable[[Func], list[Func]]) -> list[Func]:
    stack = _Stack(unit)
    if init is not None:
        for n in init.body:
            stack.nodes(n)
    for file in unit.host.ast_files(unit.pkg):
        for d in file.decl_list:
            stack.decl(d)
    stack.rest()
    out: list[Func] = []
    while True:
        while unit.instances.make_shape():
            stack.take_found()
        if not stack.funcs:
            break
        f = stack.funcs.pop()
        _ = f.body
        out += found(f)
        _add_with(f, out, found)
        if f.extra is not None:
            out.append(f)
        stack.take_found()
    return out


def _add_with(f: Func, out: list[Func], found: Callable[[Func], list[Func]]) -> None:
    for c in f.closures:
        out.append(c)
        out += found(c)
        _add_with(c, out, found)


def add_closures(f: Func, out: list[Func]) -> None:
    """The literals in `f`, outer before inner, in order of appearance."""
    _ = f.body
    for c in f.closures:
        out.append(c)
        add_closures(c, out)


class _Stack:
    """The stack of bodies to be read."""

    __slots__ = ("funcs", "seen_funcs", "seen_types", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.funcs: list[Func] = []
        self.seen_funcs: set[Func] = set()
        self.seen_types: set[Type] = set()

    def push(self, f: Func | None) -> None:
        if f is not None and f not in self.seen_funcs:
            self.seen_funcs.add(f)
            self.funcs.append(f)

    def take_found(self) -> None:
        for f in self.unit.instances.take_found():
            self.push(f)

    def rest(self) -> None:
        """What no declaration leads to."""
        self.unit.instances.read_package()
        self.take_found()

    def decl(self, d: ast.Decl) -> None:
        checker = self.unit.host.checker_of(self.unit.pkg)
        defs = checker.info.defs
        names: list[ast.Name] = []
        if isinstance(d, ast.FuncDecl):
            f = checker.func_objs.get(d)
            if f is None or d.name.value == "_":
                return
            self.func(f)
            return
        if isinstance(d, ast.TypeDecl):
            names = [] if d.tparam_list or d.name.value == "_" else [d.name]
        elif isinstance(d, ast.VarDecl | ast.ConstDecl):
            names = d.name_list
        for name in names:
            obj = defs.get(name)
            if obj is not None:
                self.type(obj.type)

    def func(self, obj: objects.Func) -> None:
        """Read a declared function, or the type of which it is a method."""
        sig = obj.type
        if (
            not isinstance(sig, Signature)
            or sig.tparams
            or sig.rparams
            or obj.pkg is not self.unit.pkg
        ):
            return
        if sig.recv is not None:
            t = unalias(sig.recv.type)
            self.type(t.elem if isinstance(t, Pointer) else t)
        else:
            self.type(sig)
        self.push(self.unit.func_name(obj).func)

    def nodes(self, n: Node) -> None:
        """Read what an initialiser mentions."""
        for x in walk([n]):
            if isinstance(x, ClosureExpr):
                self.type(x.type)
                for s in x.func.body:
                    self.nodes(s)
            elif isinstance(x, Name) and x.cls == "PFUNC" and isinstance(x.obj, objects.Func):
                self.func(x.obj)
            elif isinstance(x, SelectorExpr) and isinstance(x.selection, objects.Func):
                self.type(x.type)
            elif x.type is not None:
                self.type(x.type)

    def type(self, t: Type | None) -> None:
        """Read a type and, if it is one of the package's own, its methods."""
        if t is None or t.__class__ is Basic or t.__class__ is TypeParam or t in self.seen_types:
            return
        self.seen_types.add(t)
        self.parts(t)
        if not isinstance(t, Tuple):
            self.unit.instances.read_type(t)
            self.take_found()

    def parts(self, t: Type) -> None:
        """Read what a type is made of."""
        if isinstance(t, Alias):
            if not t.tparams or t.targs:
                self.type(unalias(t))
        elif isinstance(t, Named):
            self.named(t)
        elif isinstance(t, Pointer | Slice | Array | Chan):
            self.type(t.elem)
        elif isinstance(t, Map):
            self.type(t.key)
            self.type(t.elem)
        elif isinstance(t, Signature):
            for v in (*t.params.vars, *t.results.vars):
                self.type(v.type)
        elif isinstance(t, Tuple):
            for v in t.vars:
                self.type(v.type)
        elif isinstance(t, Struct):
            for v in t.fields:
                self.type(v.type)
        elif isinstance(t, Interface):
            for m in t.methods:
                self.type(m.type)
            for e in t.embeddeds:
                self.type(e)

    def named(self, t: Named) -> None:
        if t.targs or t.tparams or t.obj.pkg is not self.unit.pkg:
            return
        self.parts(t.underlying)
        for m in t.methods:
            sig = m.type
            if isinstance(sig, Signature) and not sig.tparams and m.name != "_":
                self.type(sig)
                self.push(self.unit.func_name(m).func)

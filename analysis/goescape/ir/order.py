"""In which order the compiler comes across the functions of a package.

The compiler reads objects when something mentions them: first the package's initialisers, then its
declarations in source order. A type is read with what it is made of, then its methods; a function
behind the types of its receiver, parameters and results. Each function read puts its body on a stack.
Then the bodies are read from the top of the stack; what a body instantiates goes on top, so that it is
read next. The shared form of an instance is read just before the next body. The order shows in the
numbers of expanded calls, from which the names of copied literals are made.

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
from goescape.ir.pkginit import build_init
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ir.unit import Unit


def read_order(unit: Unit, found: Callable[[Func], list[Func]]) -> tuple[Func | None, list[Func]]:
    """The package's initialisation, and the literals of declared functions and the instances with
    theirs, in the order in which the compiler lists them behind the declared functions. `found` gives
    the functions that reading a body makes the compiler write."""
    unit.instances.following = True
    try:
        return _read_order(unit, found)
    finally:
        unit.instances.following = False


def _read_order(unit: Unit, found: Callable[[Func], list[Func]]) -> tuple[Func | None, list[Func]]:
    stack = _Stack(unit)
    aside = unit.instances.set_aside()  # Signatures were read all at once, to list the functions.
    init = build_init(unit)
    stack.take_found()
    for file in unit.host.ast_files(unit.pkg):
        for d in file.decl_list:
            stack.decl(d)
    unit.instances.put_back(aside)
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
    return init, out


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

    __slots__ = ("funcs", "seen_funcs", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.funcs: list[Func] = []
        self.seen_funcs: set[Func] = set()

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
        instances = self.unit.instances
        names: list[ast.Name] = []
        if isinstance(d, ast.FuncDecl):
            f = checker.func_objs.get(d)
            if f is not None and d.name.value != "_":
                instances.read_declared(f)
        elif isinstance(d, ast.TypeDecl):
            names = [] if d.name.value == "_" else [d.name]
        elif isinstance(d, ast.VarDecl | ast.ConstDecl):
            names = d.name_list
        for name in names:
            obj = checker.info.defs.get(name)
            if obj is not None:
                instances.read_object(obj)
        self.take_found()

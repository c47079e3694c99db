"""Whether a package expands a function of another one, told from the few bodies that may.

What compiling a package with inlining comes to takes all of its bodies, which are thousands in `runtime`.
That a certain function is expanded somewhere in it takes a body that calls it, or that calls something else
whose body does. Such a call has a name, and names are found in the text: first the package's own functions
that mention the function are expanded, then those that mention who mentions it.

Invariants
  - true and false are what compiling the package would come to; None means that it takes that to know:
    where instances, wrappers or initialisers may be what expands it, or where there are many;
  - everything happens in a unit of its own, and nothing of it stays.

Example: `runtime` names `abi.TypeOf` in the generic `AddCleanup` alone, which it does not call: it does not
expand it, and no body had to be lowered to see that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.inline.exported import qualified
from goescape.inline.interleaved import Inlined, inline_package, inline_wrapper
from goescape.ir import bloop
from goescape.ir.op import OMETHVALUE
from goescape.ir.order import add_closures
from goescape.ir.unit import Unit
from goescape.ir.visit import walk_func
from goescape.ir.wrappers import promotes, wrap_promoted
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck import objects
from goescape.workspace.following import importers_among
from goescape.workspace.words import encoded, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.inline.interleaved import Event
    from goescape.ir.func import Func
    from goescape.typecheck.objects import Package
    from goescape.typecheck.types import Type
    from goescape.workspace.program import Program
    from goescape.workspace.state import State

MUCH_BYTES = 500_000
"""Packages with less Go are inlined as a whole in no time."""

MANY = 100
"""So many bodies are expanded, and so many names followed, before that would be the lesser work."""


def is_large(state: State) -> bool:
    """Whether the package has so much Go that not all of it is inlined for one question."""
    return sum(len(parsed.source.text) for parsed in state.parsed) >= MUCH_BYTES


class Expanding:
    """See the module. Of one package, as long as its text is the same."""

    def __init__(self, program: Program, state: State) -> None:
        self._program, self._state = program, state
        self._expanded: dict[ast.FuncDecl, frozenset[str]] = {}
        self._promoted: dict[Func, frozenset[str]] = {}
        self._values: set[str] = set()  # methods that are values in what was expanded
        self._secret: dict[Package, list[Type | None]] = {}
        self._words: dict[Package, list[tuple[ast.Decl, set[bytes]]]] = {}

    def has(self, fn: Func) -> bool | None:
        """Whether the package expands `fn`, a function of another package."""
        state, pkg = self._state, fn.nname.pkg
        if pkg is None or not is_large(state):
            return None
        name, bare = qualified(fn), encoded(fn.nname.name.rpartition(".")[2])
        closure = self._program.loader.closure([state.loaded])
        own = {p.id for p in closure if p.compile_path == pkg.path}
        above = importers_among(closure, own)
        packages = [
            self._program.state(p) for p in closure if p.id in above and p is not state.loaded
        ]
        names, generic = {bare}, set[bytes]()
        methods = (
            [fn] if fn.recv is not None else []
        )  # They may be promoted: called without a name.
        n_tried, n_methods, generic_methods = 0, len(methods), False
        while True:
            if any(name in self._promotions(method) for method in methods):
                return True
            for decl, words in self._decls(state):
                if names.isdisjoint(words):
                    continue
                if isinstance(decl, ast.FuncDecl) and _is_generic(decl):
                    generic.add(encoded(decl.name.value))
                elif isinstance(decl, ast.VarDecl) or not generic.isdisjoint(words):
                    return None
                elif isinstance(decl, ast.FuncDecl):
                    n_tried += decl not in self._expanded
                    if n_tried > MANY:
                        return None
                    if name in self._expansions(decl):
                        return True
                    if name in self._values:
                        return None
            more = set(generic)
            for other in packages:
                for decl in self._mention(other, names):
                    caller = self._caller(other, decl)
                    if _is_generic(decl):
                        generic.add(encoded(decl.name.value))
                        generic_methods |= decl.recv is not None
                    elif caller is None or not self._program.judge.can_inline(caller):
                        continue
                    elif caller.recv is not None and caller not in methods:
                        methods.append(caller)
                    more.add(encoded(decl.name.value))
            if more <= names and len(methods) == n_methods:
                if generic_methods or self._promotes_in_secret(methods, packages):
                    return None
                return False
            n_methods = len(methods)
            names |= more
            if len(names) > MANY:
                return None

    def _mention(self, state: State, names: set[bytes]) -> list[ast.FuncDecl]:
        """The functions of a package in whose text one of `names` occurs."""
        return [
            decl
            for decl, words in self._decls(state)
            if isinstance(decl, ast.FuncDecl) and not names.isdisjoint(words)
        ]

    def _caller(self, state: State, decl: ast.FuncDecl) -> Func | None:
        obj = state.checker.func_objs.get(decl)
        return state.unit.func_name(obj).func if obj is not None else None

    def _promotes_in_secret(self, methods: list[Func], packages: list[State]) -> bool:
        """Whether one of the methods may be promoted into a type that is not declared by a name of the
        package, though it may have wrappers there: one without a name, or what a type of `packages` stands
        for."""
        promoted = {method.nname.obj for method in methods}
        return any(
            t is None or promotes(t, self._state.pkg, promoted)
            for state in (self._state, *packages)
            for t in self._secrets(state)
        )

    def _secrets(self, state: State) -> list[Type | None]:
        """The types of `state` in question; None for what is not one type."""
        known = self._secret.get(state.pkg)
        if known is None:
            known = self._secret[state.pkg] = [
                self._type_of(state, decl, n)
                for decl, words in self._decls(state)
                if b"struct" in words
                for n in walk(decl)
                if isinstance(n, ast.StructType) and any(f.name is None for f in n.field_list)
                if state is not self._state
                or not (isinstance(decl, ast.TypeDecl) and n is decl.type)
            ]
        return known

    def _type_of(self, state: State, decl: ast.Decl, n: ast.StructType) -> Type | None:
        """The type that `n`, somewhere in `decl`, stands for; None if it is not one type."""
        checker = state.checker
        if isinstance(decl, ast.FuncDecl):
            obj = checker.func_objs.get(decl)
            if obj is None or _is_generic(decl):
                return None
            checker.check_body(obj)
        else:
            for declared in state.pkg.scope.elems.values():
                checker.resolve(declared)
        found = checker.info.types.get(n)
        return found.type if found is not None else None

    def _decls(self, state: State) -> list[tuple[ast.Decl, set[bytes]]]:
        """The declarations of a package with the words in their text."""
        known = self._words.get(state.pkg)
        if known is None:
            known = self._words[state.pkg] = words_of(state)
        return known

    def _expansions(self, decl: ast.FuncDecl) -> frozenset[str]:
        """The functions of other packages that are expanded in a declared function."""
        known = self._expanded.get(decl)
        if known is None:
            known = self._expanded[decl] = self._expand(decl)
        return known

    def _expand(self, decl: ast.FuncDecl) -> frozenset[str]:
        obj = self._state.checker.func_objs.get(decl)

        def expand(unit: Unit) -> list[Event]:
            func = unit.func_name(obj).func if obj is not None else None
            if func is None:
                return []
            group = [func]
            add_closures(func, group)
            for f in group:
                bloop.walk(unit, f)
            said = inline_package(unit, group, self._program.judge)
            n: Any
            for n in (n for f in group for n in walk_func(f)):
                if n.op is OMETHVALUE and n.func_name is not None and n.func_name.func is not None:
                    self._values.add(qualified(n.func_name.func))
            return said

        return self._aside(expand)

    def _promotions(self, fn: Func) -> frozenset[str]:
        """What is expanded in the wrappers of types that `fn`, a method, is promoted into."""
        judge, obj = self._program.judge, fn.nname.obj
        known = self._promoted.get(fn)
        if known is not None:
            return known
        if not isinstance(obj, objects.Func):
            return frozenset()

        def expand(unit: Unit) -> list[Event]:
            said: list[Event] = []
            wrap_promoted(
                unit, obj, judge.has_body_at_hand,
                lambda w: said.extend(inline_wrapper(unit, w, judge)),
            )  # fmt: skip
            return said

        found = self._promoted[fn] = self._aside(expand)
        return found

    def _aside(self, expand: Callable[[Unit], list[Event]]) -> frozenset[str]:
        """The functions of other packages that `expand` expands in a unit of its own."""
        state, program = self._state, self._program
        unit, state.unit = state.unit, Unit(state.pkg, program)
        try:
            state.unit.instances.inlining = True
            said = expand(state.unit)
        finally:
            program.judge.forget((state.unit,))
            state.unit = unit
        return frozenset(
            qualified(e.callee)
            for e in said
            if isinstance(e, Inlined) and e.callee.nname.pkg is not state.pkg
        )


def _is_generic(decl: ast.FuncDecl) -> bool:
    """Whether the function, or the type that it is a method of, may have type parameters."""
    if decl.tparam_list:
        return True
    recv = decl.recv.type if decl.recv is not None else None
    while isinstance(recv, ast.Operation | ast.ParenExpr):
        recv = recv.x
    return isinstance(recv, ast.IndexExpr)

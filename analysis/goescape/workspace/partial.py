"""Files that are too long to be analysed to their end, unless somebody asks for that.

What analysing a package takes is in proportion to its text, and a text has no limit. Of a file that
weighs more than `LIMIT` the functions at its beginning are analysed, as many as weigh `PART`. They are
analysed as those of imports are: what a body leads to is found out when it is needed, and nothing else
of the package is. In an editor everything is analysed, after a first answer (`early`).

Invariants
  - what is said is what the analysis of the whole says, only less: a function that leads beyond that
    part is left out with those that lead to it, and so are what initialises variables, wrappers,
    and generic code without an instance;
  - what is left out is counted in a note;
  - which functions these are depends on the text alone, not on the machine.

Example: of 30,000 functions of ten lines each that do not call each other, the first 3,240 are analysed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.ir.order import add_closures
from goescape.syntax import ast
from goescape.typecheck.objects import Const, Func, Object, TypeName, Var
from goescape.typecheck.types import Signature

if TYPE_CHECKING:
    from goescape.ir import func
    from goescape.typecheck.checker import Checker
    from goescape.workspace.state import State

LIMIT = 900_000
"""What weighs more is a very long file: some 1.4 MB of ordinary functions. No file of Go's own tree does."""

PART = 360_000
"""The weight of what is analysed of a very long file."""


class Part:
    """What is analysed of a package with very long files: of its `total` functions those declared in `objs`
    that are not withheld, with their literals, in `funcs`."""

    def __init__(
        self, state: State, objs: Sequence[Func], total: int, paths: Sequence[str]
    ) -> None:
        self.funcs: list[func.Func] = []
        self._declared: list[func.Func] = []
        for obj in objs:
            sig = obj.type
            if obj.name == "_" or not isinstance(sig, Signature) or sig.tparams or sig.rparams:
                continue
            fn = state.unit.func_name(obj).func
            if fn is not None:
                self._declared.append(fn)
                group = [fn]
                add_closures(fn, group)
                if not fn.withheld:
                    self.funcs += group
        self._analysed = sum(fn.oclosure is None for fn in self.funcs)
        self._total = total
        self._paths = paths

    def declared_funcs(self) -> list[func.Func]:
        """Those that were to be analysed; of a generic one nothing is."""
        return self._declared

    @property
    def note(self) -> str:
        """What the user is told."""
        names = ", ".join(path.replace("\\", "/").rpartition("/")[2] for path in self._paths)
        return (
            f"{self._analysed} of {self._total} functions were analysed, and no variables: {names} is very"
            " long (--whole analyses everything)"
        )


def part_of(state: State) -> Part | None:
    """What is to be analysed of a package, if that is not all of it. The bodies of that are checked."""
    if all(parsed.weight <= LIMIT for parsed in state.parsed):
        return None
    checker = state.checker
    checked: dict[Func, None] = {}
    paths: list[str] = []
    total = 0
    for parsed in state.parsed:
        decls = parsed.file.decl_list
        total += sum(isinstance(d, ast.FuncDecl) for d in decls)
        if parsed.weight > LIMIT:
            paths.append(parsed.source.path)
            decls = parsed.within(PART)
        for d in decls:
            _check(checker, d, checked)
    return Part(state, _closed(checker, checked), total, paths)


def _check(checker: Checker, d: ast.Decl, checked: dict[Func, None]) -> None:
    """Check a declaration; if it is a function it goes to `checked`."""
    if isinstance(d, ast.FuncDecl):
        obj = checker.func_objs.get(d)
        if obj is not None:
            checker.check_body(obj)
            checked[obj] = None
        return
    for name in _names(d):
        declared = checker.info.defs.get(name)
        if isinstance(declared, TypeName):
            checker.resolve(declared)
        elif isinstance(declared, Const | Var):
            checker.check_init(declared)


def _names(d: ast.Decl) -> list[ast.Name]:
    if isinstance(d, ast.VarDecl | ast.ConstDecl):
        return d.name_list
    return [d.name] if isinstance(d, ast.TypeDecl) else []


def _closed(checker: Checker, checked: dict[Func, None]) -> list[Func]:
    """Those of `checked` that lead to no other functions of the package."""
    users: dict[Object, list[Func]] = {}
    outside: list[Object] = []
    for obj in checked:
        for to in checker.obj_map[obj].deps:
            if isinstance(to, Func):
                users.setdefault(to, []).append(obj)
                if to not in checked:
                    outside.append(to)
    left_out: set[Object] = set()
    while outside:
        for user in users.get(outside.pop(), ()):
            if user not in left_out:
                left_out.add(user)
                outside.append(user)
    return [obj for obj in checked if obj not in left_out]

"""What can be said of a file before anything is known of what it imports.

With an empty store most of the time goes into imports. Many functions do not depend on them, or only on
such as are known already: those are analysed first, each as far as it goes, the simplest first. Whatever
comes to an unknown callee ends there (`aside`), and nothing is said of it, nor of who calls it.

Invariants
  - what is said is what the analysis of the whole package will say (`tests/unit/workspace/test_early.py`);
  - what is left behind are types, and verdicts that are final.

Example: of `func f() *int { return new(int) }; func g() { fmt.Println(f()) }`, f alone.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from goescape.ir.scc import visit_funcs_bottom_up
from goescape.syntax import ast
from goescape.typecheck.types import Signature
from goescape.workspace.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goescape.ir.func import Func
    from goescape.ir.unit import Unit
    from goescape.load.package import LoadedPackage
    from goescape.workspace.pieces import Placed
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


def early(program: Program, package: LoadedPackage, path: str, seconds: float) -> list[Placed]:
    """What can be said soon about the file at `path` of `package`, of which nothing was analysed yet;
    empty when syntax is wrong. Takes `seconds`, and what one function takes. May raise `Cancelled`."""
    deadline = time.monotonic() + seconds
    state = program.state(package)
    if state.is_broken or state.memo is not None:
        return []
    work = _Early(program, state, deadline)
    program.is_hurried = True
    try:
        for func in _functions(state, work.unit, path):
            if time.monotonic() >= deadline:
                break
            work.analyze(func)
    except _Over:
        pass
    finally:
        program.is_hurried = False
        program.judge.forget((work.unit,))
    return [] if state.is_broken else [p.placed(program.positions) for p in work.pieces]


class _Over(Exception):
    """Time is over."""


def _functions(state: State, unit: Unit, path: str) -> Iterator[Func]:
    """The functions declared in the file that are not generic: those that name no import first, then
    those with few calls."""
    decls: list[tuple[tuple[int, int, int], ast.FuncDecl]] = []
    for parsed in state.parsed:
        if parsed.source.path == path:
            text = parsed.source.text
            names = (p.rpartition("/")[2].encode() + b"." for p in state.loaded.imports)
            imported = re.compile(rb"\b(%s)" % b"|".join(map(re.escape, names)))
            for stretch in parsed.stretches:
                here = text[stretch.start : stretch.end]
                order = len(imported.findall(here)), here.count(b"("), len(here)
                decls += [(order, d) for d in stretch.decls if isinstance(d, ast.FuncDecl)]
    for _, d in sorted(decls, key=lambda found: found[0]):
        obj = state.checker.func_objs.get(d)
        sig = obj.type if obj is not None and obj.name != "_" else None
        if obj is None or not isinstance(sig, Signature) or sig.tparams or sig.rparams:
            continue
        func = unit.func_name(obj).func
        if func is not None and func.syn is d:
            yield func


class _Early(Aside):
    """One pass over functions with whatever they call in their package, until `deadline`."""

    def __init__(self, program: Program, state: State, deadline: float) -> None:
        super().__init__(program, state)
        self.deadline = deadline

    def analyze(self, func: Func) -> None:
        """Analyse `func` and what it calls in its package."""
        if self.is_ours(func):
            visit_funcs_bottom_up([func], self.solve, self.is_ours)

    def is_ours(self, func: Func) -> bool:
        """Whether `func` is to be solved here; prepares it."""
        if time.monotonic() >= self.deadline:
            raise _Over
        self.stop_if_cancelled()
        if func.unit is not self.unit or func in self.tags or func in self.waiting:
            return False
        if not func.prepared:
            top = func
            while top.closure_parent is not None:
                top = top.closure_parent
            if top is not func and top not in self.waiting and not top.prepared:
                return False  # It comes along with the function around it.
            self.prepare(func)
        return func not in self.waiting

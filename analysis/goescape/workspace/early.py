"""What can be said of a file before anything is known of what it imports.

With an empty store most of the time goes into imports. Many functions do not depend on them, or only on
such as are known already: those are analysed first, each as far as it goes, the simplest first. Whatever
comes to an unknown callee ends with `Unready` there, and nothing is said of it, nor of who calls it.

Invariants
  - what is said is what the analysis of the whole package will say (`tests/unit/workspace/test_early.py`);
  - of generic code and of what expands it nothing is said: which instances exist is not known yet;
  - all happens in a unit of its own; what is left behind are types, and verdicts that are final.

Example: of `func f() *int { return new(int) }; func g() { fmt.Println(f()) }`, f alone.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from goescape.escape.batch import Context, analyze
from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.inline.devirtualize import Devirtualized, devirtualize
from goescape.inline.interleaved import Inlined, inline_package
from goescape.ir import bloop
from goescape.ir.fmt import NodeWriter
from goescape.ir.order import add_closures
from goescape.ir.scc import visit_funcs_bottom_up
from goescape.ir.unit import Unit
from goescape.report.findings import FindingWriter
from goescape.syntax import ast
from goescape.typecheck.types import Signature
from goescape.workspace.cancelled import Cancelled, Unready
from goescape.workspace.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.load.package import LoadedPackage
    from goescape.report.finding import Finding
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
            work.say(func)
    except _Over:
        pass
    finally:
        program.is_hurried = False
        program.judge.forget(work.unit)
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


class _Early:
    """One pass: `tags` of functions that were solved, `waiting` those of which nothing is said."""

    def __init__(self, program: Program, state: State, deadline: float) -> None:
        self.program, self.state, self.deadline = program, state, deadline
        self.unit = Unit(state.pkg, program)
        self.inlines = program.inlines(state.loaded)
        self.tags: dict[Func, Tags] = {}
        self.waiting: set[Func] = set()
        self.pieces: list[Piece] = []
        self.writer = FindingWriter(
            state.pkg, program.release, self.unit.typeinfo, program.positions
        )
        self.context = Context(
            self.tags_of, program.release, self.unit.typeinfo, NodeWriter(state.pkg).text, True,
            state.loaded.is_std and state.loaded.import_path in RUNTIME_PACKAGES, self.inlines,
        )  # fmt: skip

    def say(self, func: Func) -> None:
        """Analyse `func` and what it calls in its package."""
        if self.is_ours(func):
            visit_funcs_bottom_up([func], self.solve, self.is_ours)

    def is_ours(self, func: Func) -> bool:
        """Whether `func` is to be solved here; prepares it."""
        if time.monotonic() >= self.deadline:
            raise _Over
        cancelled = self.program.cancelled
        if cancelled is not None and cancelled():
            raise Cancelled
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

    def prepare(self, func: Func) -> None:
        """The passes between reading and escape analysis on `func` and its literals."""
        unit = self.unit
        group = [func]
        try:
            if func.extra is not None or func.late or func.withheld:
                raise Unready
            add_closures(func, group)
            if any(f.withheld for f in group):
                raise Unready
            for f in group:
                bloop.walk(unit, f)
            said = self._expand(group)
        except Unready:
            self.waiting.update(group)
            return
        found = self.writer.devirtualized([e for e in said if isinstance(e, Devirtualized)])
        self._say(found)

    def _expand(self, group: list[Func]) -> Sequence[object]:
        unit, program = self.unit, self.program
        if not self.inlines:
            said: Sequence[object] = list(
                devirtualize(unit, group, program.release, lambda f: f.unit is unit)
            )
        else:
            n = len(unit.inlined_literals)
            before, unit.instances.inlining = unit.instances.inlining, True
            try:
                said = inline_package(unit, group, program.judge)
            finally:
                unit.instances.inlining = before
            group += unit.inlined_literals[n:]
            if any(isinstance(e, Inlined) and e.callee.extra is not None for e in said):
                raise Unready
            if any(f.withheld for f in group):
                raise Unready
        program.finish(unit, group)
        return said

    def solve(self, batch: list[Func], recursive: bool) -> None:
        if not self.waiting.isdisjoint(batch):
            self.waiting.update(batch)
            return
        try:
            result = analyze(batch, recursive, self.context)
        except Cancelled:
            raise
        except Exception:  # What is wrong with it the analysis of the whole will say.
            self.waiting.update(batch)
            return
        self.tags.update(result.tags)
        self._say(self.writer.findings(result.events))

    def _say(self, found: list[Finding]) -> None:
        bases, self.writer.bases = sorted(self.writer.bases), set()
        if found:
            self.pieces.append(Piece(found, (), bases, self.program.positions))

    def tags_of(self, name: Name) -> Tags:
        func = name.func
        if func is None or func.unit is not self.unit:
            return self.program.tags_of(name)
        tags = self.tags.get(func)
        if tags is None:
            raise Unready
        return tags

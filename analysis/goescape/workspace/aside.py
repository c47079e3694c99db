"""Functions of a package analysed by themselves, beside what the package's memo knows or will know.

Before all of a package was analysed, something can be said of single functions: lowered into a unit of
their own, expanded and solved like any, as long as what they call is known. Whatever comes to an unknown
callee ends with `Unready` there, and nothing is said of it. Who uses this says which functions are to be
solved, and what the others tell their callers: `early`, which knows nothing yet, and `amended`, which
knows what an earlier session was told.

Invariants
  - generic code, and what expands it, is unknown: which instances exist is not;
  - what is left behind are types, and verdicts about functions of other packages.

Example: of `func f() *int { return new(int) }; func g() { fmt.Println(f()) }`, f can be solved alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.escape.batch import Context, analyze
from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.inline.devirtualize import Devirtualized, devirtualize
from goescape.inline.interleaved import Inlined, inline_package
from goescape.ir import bloop
from goescape.ir.fmt import NodeWriter
from goescape.ir.order import add_closures
from goescape.ir.unit import Unit
from goescape.report.findings import FindingWriter
from goescape.workspace.cancelled import Cancelled, Unready
from goescape.workspace.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.report.finding import Finding
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


class Aside:
    """One pass: `tags` of functions that were solved, `at_best` what they may be instead, `doubtful` those of
    which not all is said (see `escape.assumed`), `waiting` those of which nothing is, `pieces` what was found."""

    def __init__(self, program: Program, state: State) -> None:
        self.program, self.state = program, state
        self.unit = Unit(state.pkg, program)
        self.inlines = program.inlines(state.loaded)
        self.tags: dict[Func, Tags] = {}
        self.at_best: dict[Func, Tags] = {}
        self.doubtful: set[Func] = set()
        self.waiting: set[Func] = set()
        self.pieces: list[Piece] = []
        self.writer = FindingWriter(
            state.pkg, program.release, self.unit.typeinfo, program.positions
        )
        self.context = Context(
            self.tags_of, self.tags_at_best, program.release, self.unit.typeinfo, NodeWriter(state.pkg).text, True,
            state.loaded.is_std and state.loaded.import_path in RUNTIME_PACKAGES, self.inlines,
        )  # fmt: skip

    def stop_if_cancelled(self) -> None:
        cancelled = self.program.cancelled
        if cancelled is not None and cancelled():
            raise Cancelled

    def prepare(self, func: Func) -> list[Func]:
        """The passes between reading and escape analysis on `func` and its literals: all of them, copies
        made on the way too."""
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
            said = self.expand(group)
        except Unready:
            self.waiting.update(group)
            return group
        found = self.writer.devirtualized([e for e in said if isinstance(e, Devirtualized)])
        self.say(found)
        return group

    def expand(self, group: list[Func]) -> Sequence[object]:
        """Expand the calls in `group`, a function with its literals; copies of literals are added."""
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
        program.passes.finish(unit, group)
        return said

    def solve(self, batch: list[Func], recursive: bool) -> None:
        """Solve functions that reach each other, whose callees are known."""
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
        self.at_best.update(result.at_best)
        self.doubtful |= result.doubtful
        self.say(self.writer.findings(result))

    def say(self, found: list[Finding]) -> None:
        bases, self.writer.bases = sorted(self.writer.bases), set()
        if found:
            self.pieces.append(Piece(found, (), bases, self.program.positions))

    def tags_of(self, name: Name) -> Tags:
        """What callers are told of the parameters of a function. Raises `Unready` if that is not known."""
        func = name.func
        if func is None or func.unit is not self.unit:
            return self.program.tags_of(name)
        tags = self.tags.get(func)
        if tags is None:
            raise Unready
        return tags

    def tags_at_best(self, name: Name) -> Tags | None:
        """See `Program.tags_at_best`."""
        func = name.func
        if func is None or func.unit is not self.unit:
            return self.program.tags_at_best(name)
        return self.at_best.get(func)

"""Functions of imports whose verdicts depend on the order in which the compiler judges a package.

Functions that reach each other are judged in the order in which they are first reached, and to the first
ones the last ones are not known yet. What an import's function leads to is judged without those that cannot be
inlined whatever their calls cost; but it is through these that a ring may close, and where it is first
reached depends on the whole package. So where there may be one the whole package is judged.

Invariants
  - names in the text tell whose bodies may lie on the way, and only those are type-checked; types decide;
  - judging a whole package happens in a unit of its own, and nothing stays but the verdicts.

Example: `func (o *Obj) Set(v any) error { return o.rt.try(func() { o.set(v) }) }`, where `try` runs a program, which
may set something: Set is judged before try, and pays for a call, though try can be inlined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.inline.exported import Verdict
from goescape.ir import bloop
from goescape.ir.unit import Unit
from goescape.syntax import ast
from goescape.typecheck import objects
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.survey import named_in
from goescape.workspace.words import encoded, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goescape.ir.func import Func
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


class Rings:
    """See the module. Of one package, as long as its text is the same."""

    def __init__(self, program: Program, state: State) -> None:
        self._program, self._state = program, state
        self._words: list[tuple[ast.FuncDecl, set[bytes]]] | None = None
        self._verdicts: dict[str, Verdict] | None = None

    def leads_to(self, funcs: Iterable[Func], targets: Iterable[Func]) -> bool:
        """Whether one of `funcs` leads to one of `targets`, through functions of the package."""
        wanted = {f.nname.obj for f in targets}
        on_the_way = self._who_may_lead_to(wanted)
        obj_map = self._state.checker.obj_map
        stack = [obj for f in funcs if isinstance(obj := f.nname.obj, objects.Func)]
        seen = set(stack)
        while stack:
            obj = stack.pop()
            if obj in wanted:
                return True
            declared = obj_map.get(obj)
            if declared is None or declared.fdecl not in on_the_way:
                continue
            for named, state in named_in(self._program, obj):
                if state is self._state and named not in seen:
                    seen.add(named)
                    stack.append(named)
        return False

    def _who_may_lead_to(self, wanted: Iterable[object]) -> set[ast.FuncDecl]:
        """The functions in whose text one of `wanted` is named, or one of these, and so on."""
        words = self._words
        if words is None:
            words = self._words = [
                (decl, found)
                for decl, found in words_of(self._state)
                if isinstance(decl, ast.FuncDecl)
            ]
        new = {encoded(obj.name) for obj in wanted if isinstance(obj, objects.Func)}
        names: set[bytes] = set()
        on_the_way: set[ast.FuncDecl] = set()
        while new:
            names |= new
            found = [d for d, w in words if d not in on_the_way and not new.isdisjoint(w)]
            on_the_way.update(found)
            new = {encoded(d.name.value) for d in found} - names
        return on_the_way

    def verdicts(self) -> dict[str, Verdict]:
        """The verdicts about all declared functions of the package, by their names in the store. May raise
        `Cancelled`."""
        if self._verdicts is None:
            self._verdicts = self._judge_all()
        return self._verdicts

    def _judge_all(self) -> dict[str, Verdict]:
        program, state = self._program, self._state
        judge, unit = program.judge, state.unit
        state.checker.check_all(self._pause)
        asked, judge.asked = judge.asked, None
        state.unit = aside = Unit(state.pkg, program)
        try:
            funcs = program.passes.target_funcs(state)
            for func in funcs:
                aside.kept_alive += bloop.walk(aside, func)
            judge.judge_all(funcs, self._pause)
            return {
                f.nname.name: judge.verdict_about(f)
                for f in funcs
                if f.closure_parent is None and f.extra is None and isinstance(f.syn, ast.FuncDecl)
            }
        finally:
            judge.asked, state.unit = asked, unit
            judge.forget((aside,))

    def _pause(self) -> None:
        cancelled = self._program.cancelled
        if cancelled is not None and cancelled():
            raise Cancelled

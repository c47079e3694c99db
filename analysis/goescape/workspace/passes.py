"""What becomes of functions between reading and their tags, for whoever looks at a package as a whole.

The passes stand in the compiler's order: judging, expanding, wrappers, loop variables, static
initialisation, dead locals, and then escape analysis, callees first. A check takes a package through all
of them at once; what is asked about single functions takes these alone, each once. A `Memo` has its own
order, function by function, and shares the last passes (`finish`).

Invariants
  - a function is prepared once: passes change its IR;
  - a function whose body makes no sense, or with which a pass fails, is withheld: nothing is said of it;
  - what is found out about generic code without instances leaves nothing behind.

Example: of `func f() { g() }; func g() {}`, `prepare_all` judges g, then f, and expands `g()` in f.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from goescape import bug
from goescape.escape.batch import Context, analyze
from goescape.escape.solve import Entangled
from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.inline.devirtualize import devirtualize
from goescape.inline.interleaved import Forced, inline_package, inline_wrapper
from goescape.ir import bloop, deadlocals, eqfuncs, loopvar, pkginit
from goescape.ir.fmt import NodeWriter
from goescape.ir.opaque import opaque_funcs
from goescape.ir.order import add_closures
from goescape.ir.scc import references, visit_funcs_bottom_up
from goescape.ir.static_value import outermost
from goescape.ir.withheld import BROKEN, ENTANGLED
from goescape.ir.wrappers import make_wrappers
from goescape.workspace.state import tag_key

if TYPE_CHECKING:
    from goescape.escape.trace import Trace
    from goescape.escape.verdict import BatchResult
    from goescape.inline.interleaved import Event
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr
    from goescape.ir.unit import Unit
    from goescape.source.positions import Pos
    from goescape.typecheck import objects
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


class Passes:
    """See the module. Of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def target_funcs(self, state: State) -> list[Func]:
        """The functions to analyse. In a broken package instances and wrappers may be beyond
        reach; the declared functions that make sense are analysed all the same."""
        try:
            return state.unit.target_funcs(
                wrappers=False, eq=self._program.level >= 2 and not state.is_broken
            )
        except Exception:
            if not state.is_broken:
                raise
        funcs: list[Func] = []
        for func in state.unit.declared_funcs():
            group = [func]
            try:
                add_closures(func, group)
            except Exception:
                func.withheld = BROKEN
            if not func.withheld:
                funcs += group
        return funcs

    def prepare_all(
        self, state: State, funcs: Sequence[Func]
    ) -> tuple[Sequence[Event], Sequence[Func]]:
        """What the compiler does to the functions of a package, in its order, between reading and
        escape analysis: what is said about it, and all functions there are then."""
        unit = state.unit
        judge = self._program.judge
        if not self._program.inlines(state.loaded):
            plain: Sequence[Event] = self.prepare(state, funcs)
            added = make_wrappers(unit, self._has_imported_body)
            self.finish(unit, added)
            return plain, [*funcs, *added]
        said: list[Event] = []
        for func in funcs:
            unit.kept_alive += bloop.walk(unit, func)
        said += judge.judge_all(funcs)
        unit.instances.inlining = True
        said += inline_package(unit, funcs, judge)
        funcs = [*funcs, *unit.inlined_literals]
        n = len(unit.inlined_literals)
        unit.instances.read_late()
        funcs += make_wrappers(
            unit,
            judge.has_body_at_hand,
            lambda wrapper: said.extend(inline_wrapper(unit, wrapper, judge)),
        )
        unit.instances.inlining = False
        if self._program.level >= 2:
            funcs += eqfuncs.eq_funcs(unit, funcs)
        self.finish(unit, [*funcs, *unit.inlined_literals[n:]])
        return said, funcs

    def _has_imported_body(self, caller: Func, call: CallExpr, callee: Func) -> bool:
        """Whether `callee` comes from a package that is compiled with inlining, which brings its body along."""
        state = self._program.known_state(callee.unit.pkg)
        return (
            state is not None
            and self._program.inlines(state.loaded)
            and self._program.judge.has_body_at_hand(caller, call, callee)
        )

    def prepare(
        self,
        state: State,
        funcs: Sequence[Func],
        force: Callable[[Pos], bool] | None = None,
        judging: bool = False,
    ) -> Sequence[Event]:
        """The same for some functions with their literals, each once; without wrappers. `force`: see
        `inline_package`. `judging`: what is said includes whether they can be inlined."""
        unit = state.unit
        fresh = [f for f in funcs if not f.prepared]
        for func in fresh:
            unit.kept_alive += bloop.walk(unit, func)
        if not self._program.inlines(state.loaded):
            said: Sequence[Event] = devirtualize(
                unit, fresh, self._program.release, lambda f: f.unit is unit
            )
        elif fresh:
            self.read_bodies(state, fresh)
            before, unit.instances.inlining = unit.instances.inlining, True
            n = len(unit.inlined_literals)
            said = self._program.judge.judge_all(fresh) if judging else []
            said += inline_package(unit, fresh, self._program.judge, force)
            fresh += unit.inlined_literals[n:]
            unit.instances.inlining = before
        else:
            said = []
        self.finish(unit, fresh)
        return said

    def read_bodies(self, state: State, funcs: Sequence[Func]) -> None:
        """Read all bodies that `funcs` lead to: the instances that come of it are met before expanding."""
        stack = list(funcs)
        while stack:
            func = stack.pop()
            if func not in state.read:
                state.read.add(func)
                stack += (f for f in references(func) if f.unit is state.unit)
        state.unit.instances.follow()

    def finish(self, unit: Unit, funcs: Sequence[Func]) -> None:
        """The passes between inlining and escape analysis, on functions and the literals in them."""
        for func in funcs:
            func.prepared = True
            if self._program.release.loop_variables_per_iteration:
                loopvar.for_capture(func)
        # Only now: a literal that is dropped has captured all the same.
        for func in funcs:
            if func.is_package_init:
                pkginit.static_init(unit, func)
            if self._program.release.drops_dead_locals:
                deadlocals.run(func)

    def analyze(
        self,
        funcs: Sequence[Func],
        state: State,
        explain: bool = False,
        solved: Container[str] = (),
        again: Container[Func] = (),
        traced: tuple[Func, Trace] | None = None,
    ) -> list[BatchResult]:
        """Solve the components of `funcs`, callees first; remember the tags. Declared functions
        whose keys are in `solved` are left alone, unless they are in `again`. `traced`: record how the batch
        of this function is solved."""
        results: list[BatchResult] = []
        unit = state.unit
        state.solved = True
        context = Context(
            self._program.tags_of,
            self._program.tags_at_best,
            self._program.release,
            unit.typeinfo,
            NodeWriter(state.pkg).text,
            explain,
            state.loaded.is_std and state.loaded.import_path in RUNTIME_PACKAGES,
            self._program.inlines(state.loaded),
            every_leak=self._program.level >= 2,
        )

        def is_ours(func: Func) -> bool:
            if func.unit is not unit or func.late:
                return False
            # A literal goes with the function around it; copies of others may have its name.
            if solved and func.closure_parent is None and func not in again:
                key = tag_key(state.pkg, func.nname)
                if key in solved:
                    return False  # Solved before, perhaps in another run: not again.
                if solved is state.tags and self._program.is_shared:
                    if self._program.recall_one(state, key):
                        return False  # Somebody else has, meanwhile.
            if not func.prepared:
                group = [func]
                add_closures(func, group)
                self.prepare(state, group)
            return func.withheld in ("", ENTANGLED)

        def solve(batch: list[Func], recursive: bool) -> None:
            if explain:
                self._program.stop_if_cancelled()
            ctx = context
            if traced is not None and traced[0] in batch:
                ctx = replace(context, trace=traced[1])
            try:
                if any(func.withheld for func in batch):
                    raise Entangled
                result = analyze(batch, recursive, ctx)
            except Entangled:
                for func in batch:
                    func.withheld = ENTANGLED
                return
            except Exception:
                if not state.is_broken:
                    bug.report(f"{batch[0].nname.name} of {state.loaded.id} cannot be analysed")
                # What came of errors here or below: of these functions nothing is known.
                for func in batch:
                    func.withheld = BROKEN
                return
            results.append(result)
            for func, tags in result.tags.items():
                if func.abi_wrapper:
                    continue  # Its tags are those of the function it is for.
                state.tell(tag_key(state.pkg, func.nname), tags, result.at_best.get(func))
            self._program.keep_up()

        visit_funcs_bottom_up([f for f in funcs if is_ours(f)], solve, is_ours)
        return results

    def expand_again(
        self, state: State, func: Func, force: Callable[[Pos], bool]
    ) -> tuple[list[BatchResult], list[Forced]]:
        """Lower and solve a declared function once more, with the calls expanded for whose positions
        `force` is true: what came of it, and these calls. Its tags stay what they were."""
        state.unit.renew(func)
        func.prepared = False
        add_closures(func, funcs := [func])
        said = self.prepare(state, funcs, force)
        with state.untold():
            results = self.analyze([func], state, True, state.tags, frozenset(funcs))
        return results, [e for e in said if isinstance(e, Forced)]

    def opaque_results_aside(
        self, state: State, instantiated: Container[objects.Func], note: Callable[[Func], None]
    ) -> list[BatchResult]:
        """The analysis of generic code other than `instantiated`, in a unit of its own. `note` is told
        whose verdict or tags were asked for."""
        aside, judge = self._program.set_aside(state), self._program.judge
        self._program.note, judge.asked = (
            note,
            lambda caller, callee, judging: note(outermost(callee)),
        )
        try:
            return self.opaque_results(aside, instantiated)
        finally:
            self._program.note = judge.asked = None
            judge.forget((aside.unit,))

    def opaque_results(
        self, state: State, instantiated: Container[objects.Func] | None = None
    ) -> list[BatchResult]:
        """The analysis of generic code that has no instance in the package. The compiler does not
        make it, and nothing that others see may come of it."""
        if state.is_broken:
            return []
        funcs: list[Func] = []
        for func in opaque_funcs(state.unit, instantiated):
            funcs.append(func)
            add_closures(func, funcs)
        if not funcs:
            return []
        for func in funcs:
            state.untell(tag_key(state.pkg, func.nname))
        known, unsaved = set(state.tags), set(state.unsaved)
        self.prepare(state, funcs)
        results = self.analyze(funcs, state, explain=True, solved=known)
        for key in state.tags.keys() - known:
            state.untell(key)
        state.unsaved &= unsaved
        asked = set(funcs)
        return [result for result in results if not asked.isdisjoint(result.funcs)]

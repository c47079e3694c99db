"""Which one call would have to be inlined for a value to stay on the stack.

Two kinds of calls may keep a value on the heap: one that it is passed to, and, for what a function
returns, a call of that function. Each such call is tried: the function around it is lowered and
solved once more with this call expanded as well. What is said is what came of it; nothing is
guessed from costs or flows.

Invariants
  - only declared functions that are not generic, and their literals, are tried, and only calls that
    stand in them as written, not those in expansions;
  - the first answer is the last call on the way of the value: it is the one where it is lost;
  - questions leave nothing behind: bodies, tags and verdicts stay as they are.

Cost: one question lowers and solves one function once for itself and once for each call tried, some
10 ms each for a function of 100 lines; the first question of a package takes as long as reading
its bodies. So this is done for what was asked for, never for every keystroke.

Example: in `func f() { x := 1; g(&x) }` with a `//go:noinline` `g` whose parameter leaks to a global
only if it is nil, nothing helps; with one that returns its parameter to be read here, inlining it
does, and the reason is `marked go:noinline`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from goescape.ir.unit import Unit
from goescape.report.finding import Finding, InlineRemedy, Place
from goescape.report.findings import FindingWriter
from goescape.report.gc import symbol
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck import objects
from goescape.typecheck.objects import Object
from goescape.workspace.tracing import funcs_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from goescape.inline.inlinable import Judged
    from goescape.inline.interleaved import Forced
    from goescape.ir.func import Func
    from goescape.load.package import LoadedPackage
    from goescape.source.positions import Pos
    from goescape.workspace.program import Program

MAX_CALLS = 8
"""So many calls are tried for one finding."""

_COST = "function too complex"


class Remedies:
    """Answers for the findings of one package, which has been checked."""

    def __init__(self, program: Program, package: LoadedPackage) -> None:
        self._program = program
        self._state = state = program.unsolved(package)
        self._writer = FindingWriter(
            state.pkg, program.release, state.unit.typeinfo, program.positions
        )
        self._verdicts: dict[Object, Judged | None] = {}
        self._called: dict[Object, list[ast.CallExpr]] | None = None

    def of(self, finding: Finding) -> InlineRemedy | None:
        """The remedy for `finding`; None if it is no allocation on the heap, or no one call is to
        blame. May raise `Cancelled`."""
        if not finding.is_heap or finding.instance or finding.inlined_from:
            return None
        place = finding.place
        func = self._func(place.path, place.start)
        if func is None or not any(_same(finding, f) for f in self._again(func, None)[0]):
            return None
        return self._argument(finding, func) or self._result(finding, func)

    def _argument(self, finding: Finding, func: Func) -> InlineRemedy | None:
        """A call that the value is passed to."""
        seen: list[Place] = []
        for step in reversed(finding.flow):
            if step.why != "call parameter" or step.place is None or step.place in seen:
                continue
            seen.append(step.place)
            if len(seen) > MAX_CALLS:
                break
            found, forced = self._again(func, step.place)
            if len(forced) == 1 and not any(_same(finding, f) for f in found):
                return self._remedy(forced[0], step.place)
        return None

    def _result(self, finding: Finding, func: Func) -> InlineRemedy | None:
        """A call of `func`, which returns the value."""
        if not finding.flow or finding.flow[-1].why != "return" or func.nname.obj is None:
            return None
        tried = 0
        for place in self._calls(func.nname.obj):
            tried += 1
            if tried > MAX_CALLS:
                break
            caller = self._func(place.path, place.start)
            if caller is None or caller is func:
                continue
            found, forced = self._again(caller, place)
            here = [f for f in found if f.inlined_from and _at(f.inlined_from[0], place)]
            if len(forced) != 1 or any(f.is_heap and f.subject == finding.subject for f in here):
                continue
            return self._remedy(forced[0], place)
        return None

    def _remedy(self, forced: Forced, call: Place) -> InlineRemedy:
        name = symbol(forced.callee, self._state.pkg)
        limit = forced.limit
        if forced.refusal == "cost":
            cost = forced.callee.inl.cost
            reason = f"cost {cost} of {name} exceeds max caller cost {limit}"
            return InlineRemedy(name, call, cost, limit, reason)
        if forced.refusal:
            return InlineRemedy(name, call, -1, limit, f"repeated recursive cycle to {name}")
        verdict = self._verdict(forced.callee)
        if verdict is None or not verdict.reason:
            return InlineRemedy(name, call, -1, limit, f"no import brings the body of {name} along")
        decides = verdict.reason.startswith(_COST)
        budget = int(verdict.reason.rpartition(" ")[2]) if decides else limit
        return InlineRemedy(name, call, verdict.cost if decides else -1, budget, verdict.reason)

    def _verdict(self, func: Func) -> Judged | None:
        """Why `func`, of whatever package, cannot be inlined: judged as it is written."""
        obj = func.nname.obj
        if not isinstance(obj, objects.Func) or func.extra is not None:
            return None
        if obj not in self._verdicts:
            unit = Unit(func.unit.pkg, self._program)
            fresh = unit.func_name(obj).func
            judge = self._program.judge
            self._verdicts[obj] = judge.verdict(fresh) if fresh is not None else None
            judge.forget((unit,))
        return self._verdicts[obj]

    # --- trying ---

    def _func(self, path: str, offset: int) -> Func | None:
        """The function declared around byte `offset` of the file at `path`, if it can be tried."""
        found = funcs_at(self._state.unit, self._program.positions, path, offset)
        func = found[0] if found else None
        if func is None or func.is_package_init or func.extra is not None or func.withheld:
            return None
        return func

    def _again(self, func: Func, call: Place | None) -> tuple[list[Finding], list[Forced]]:
        """What is found in `func` and its literals with the call at `call` expanded, and the call."""
        positions = self._program.positions

        def force(pos: Pos) -> bool:
            if call is None or positions.site(pos) is not None:
                return False
            file = positions.file(pos)
            at = (call.line, call.col)
            return (
                file is not None
                and file.path == call.path
                and file.line_col(positions.offset(pos)) == at
            )

        results, forced = self._program.passes.expand_again(self._state, func, force)
        return [f for result in results for f in self._writer.findings(result)], forced

    def _calls(self, obj: Object) -> Iterator[Place]:
        """The calls of the function `obj` in its package, in source order."""
        if self._called is None:
            self._called = {}
            for callee, call in self._all_calls():
                self._called.setdefault(callee, []).append(call)
        for call in self._called.get(obj, ()):
            place = self._writer.place(call.pos, call)
            if place is not None:
                yield place

    def _all_calls(self) -> Iterator[tuple[Object, ast.CallExpr]]:
        """What is called by name in the bodies of the package, and the calls."""
        uses = self._state.checker.info.uses
        for parsed in self._state.parsed:
            for decl in parsed.file.decl_list:
                if type(decl) is not ast.FuncDecl or decl.body is None:
                    continue
                for n in walk(decl.body):
                    if type(n) is ast.CallExpr:
                        fun = n.fun.sel if type(n.fun) is ast.SelectorExpr else n.fun
                        callee = uses.get(fun) if type(fun) is ast.Name else None
                        if callee is not None:
                            yield callee, n


def with_remedies(
    program: Program, package: LoadedPackage, findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """The findings of `package`, each with its remedy if it has one."""
    remedies = Remedies(program, package)
    return tuple(replace(f, remedy=remedies.of(f)) if f.is_heap else f for f in findings)


def _same(a: Finding, b: Finding) -> bool:
    return a.code == b.code and a.place == b.place and a.subject == b.subject


def _at(a: Place, b: Place) -> bool:
    return (a.path, a.line, a.col) == (b.path, b.line, b.col)

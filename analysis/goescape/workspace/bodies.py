"""Which bodies the packages of a program export: what `inline.exported` asks of them.

What compiling a package with inlining came to is known from its check, from the store, or by expanding
all calls in it now. The last is costly and seldom needed: which functions may be exported at all is
told by judging them one by one, and mostly that is answer enough (decision 42).

Invariants
  - `may_inline` is true of every function whose body the package could export;
  - a package that makes no sense, or is compiled without inlining, exports nothing.

Example: whether `runtime` brings `internal/abi.NoEscape` along takes judging the functions that its
exported ones lead to, and not lowering all of `runtime`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape import bug
from goescape.inline.exported import Inlining, inlining
from goescape.ir.unit import Unit
from goescape.workspace.cancelled import Unready
from goescape.workspace.expands import Expanding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from goescape.inline.interleaved import Event
    from goescape.typecheck import objects
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Package
    from goescape.workspace.program import Program
    from goescape.workspace.state import State

INLINING = ""
"""Under this name, which no function has, the store keeps what inlining a package came to."""


class Bodies:
    """See the module. (Imports of the judge.)"""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._closures: dict[Package, frozenset[str]] = {}
        self._expanding: dict[Package, Expanding] = {}

    def forget(self) -> None:
        """Packages import other ones than before."""
        self._closures.clear()
        self._expanding.clear()

    def checker_of(self, pkg: Package) -> Checker:
        return self._program.checker_of(pkg)

    def builds_on(self, pkg: Package, other: Package) -> int:
        """How many packages `pkg` is made of, if `other` is one of them; 0 if not."""
        paths = self._closures.get(pkg)
        if paths is None:
            program = self._program
            loaded = program.loaded(pkg)
            closure = program.loader.closure([loaded] if loaded is not None else [])
            paths = self._closures[pkg] = frozenset(p.compile_path for p in closure)
        return len(paths) if other.path in paths else 0

    def known_inlining_of(self, pkg: Package) -> Inlining | None:
        """What compiling `pkg` with inlining came to; None if that is not known yet."""
        state = self._state(pkg)
        if state is None:
            return Inlining()
        if state.inlining is None:
            self._program.recall(state)
        if state.inlining is None and self._program.is_shared:
            self._program.recall_one(state, INLINING)
        return state.inlining

    def inlining_of(self, pkg: Package) -> Inlining:
        """What compiling `pkg` with inlining came to, found out now if need be."""
        known, state = self.known_inlining_of(pkg), self._state(pkg)
        if known is None:
            if self._program.is_hurried and state is not None:
                raise Unready
            return self._inline_all(state) if state is not None else Inlining()
        return known

    def expands(self, pkg: Package, obj: objects.Func) -> bool | None:
        """Whether `pkg` expands `fn`, if that can be told from few of its bodies."""
        state = self._state(pkg)
        if state is None:
            return False
        if self._program.is_hurried:
            raise Unready
        expanding = self._expanding.get(state.pkg)
        if expanding is None:
            expanding = self._expanding[state.pkg] = Expanding(self._program, state)
        func = self._program.unit_of(obj.pkg).func_name(obj).func if obj.pkg is not None else None
        return expanding.has(func) if func is not None else False

    def may_inline(self, obj: objects.Func) -> bool:
        """Whether the body of a function that is not generic can be expanded anywhere."""
        state = self._state(obj.pkg) if obj.pkg is not None else None
        func = state.unit.func_name(obj).func if state is not None else None
        return func is not None and self._program.judge.can_inline(func)

    def note(self, state: State, said: Sequence[Event]) -> None:
        """`said` is all that was said while the package was compiled."""
        program = self._program
        state.inlining = inlining(state.pkg, said)
        program.store.save(program.keys.of(state.loaded), {INLINING: state.inlining.encode()})

    def _state(self, pkg: Package) -> State | None:
        """The state of `pkg`; None if it exports nothing."""
        _ = pkg.scope  # It may not have been read yet.
        state = self._program.known_state(pkg)
        if state is None or not self._program.inlines(state.loaded) or state.is_broken:
            return None
        return state

    def _inline_all(self, state: State) -> Inlining:
        """Inline the whole package. If functions of it were analysed before, that is done in a unit
        of its own, and they stay as they are."""
        program = self._program
        state.checker.check_all()
        state.inlining = Inlining()  # In case it fails.
        unit = state.unit
        if state.solved or state.memo is not None:
            state.unit = Unit(state.pkg, program)
        state.solved = True
        try:
            said, _ = program.passes.prepare_all(state, program.passes.target_funcs(state))
            self.note(state, said)
        except Exception:
            bug.report(f"the calls in {state.loaded.id} cannot be expanded")
        if state.unit is not unit:
            program.judge.forget((state.unit,))
            state.unit = unit
        return state.inlining

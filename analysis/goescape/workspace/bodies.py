"""Which bodies the packages of a program export, and which can be inlined: what the judge asks of them.

What compiling a package with inlining came to is known from its check, from the store, or by expanding
all calls in it now. The last is costly and seldom needed: which functions may be exported at all is
told by judging them one by one, and mostly that is answer enough (decision 42).

What was found out of a package whose text nobody edits is kept in the store, so that another process, or the
next session, lowers only the bodies that it expands or solves (decision 72).

Invariants
  - `may_inline` is true of every function whose body the package could export;
  - a package that makes no sense, or is compiled without inlining, exports nothing.

Example: whether `runtime` brings `internal/abi.NoEscape` along takes judging the functions that its
exported ones lead to, and not lowering all of `runtime`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape import bug
from goescape.inline.exported import Inlining, Verdict, inlining
from goescape.ir.unit import Unit
from goescape.syntax import ast
from goescape.workspace.cancelled import Cancelled, Unready
from goescape.workspace.expands import Expanding, is_large
from goescape.workspace.rings import Rings
from goescape.workspace.store import Kind
from goescape.workspace.words import encoded, mentioning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from goescape.inline.interleaved import Event
    from goescape.ir.func import Func
    from goescape.typecheck import objects
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Package
    from goescape.workspace.program import Program
    from goescape.workspace.state import State

ALL = ""
"""Under this name, which no function has, the store keeps what inlining all of a package came to."""

_NO, _YES = b"", b"1"


class Bodies:
    """See the module. (Imports of the judge.)"""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._closures: dict[Package, frozenset[str]] = {}
        self._expanding: dict[Package, Expanding] = {}
        self._rings: dict[Package, Rings] = {}
        # By package: what the store knows under this key. By key: what it is to be told.
        self._facts: dict[tuple[str, Kind], tuple[bytes, dict[str, bytes]]] = {}
        self._unsaved: dict[tuple[bytes, Kind], dict[str, bytes]] = {}

    def forget(self) -> None:
        """Packages import other ones than before."""
        self._closures.clear()
        self._expanding.clear()
        self._rings.clear()

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
            data = self._fact(state, Kind.INLINING, ALL)
            state.inlining = Inlining.decode(data) if data is not None else None
        return state.inlining

    def inlining_of(self, pkg: Package) -> Inlining:
        """What compiling `pkg` with inlining came to, found out now if need be."""
        known, state = self.known_inlining_of(pkg), self._state(pkg)
        if known is None:
            if self._program.is_hurried and state is not None:
                raise Unready
            return self._inline_all(state) if state is not None else Inlining()
        return known

    def is_large(self, pkg: Package) -> bool:
        """Whether compiling `pkg` takes long, and `expands` may answer instead."""
        state = self._state(pkg)
        return state is not None and is_large(state)

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
        key = program.keys.of(state.loaded)
        program.store.save(key, {ALL: state.inlining.encode()}, Kind.INLINING)

    def may_name(self, pkg: Package, obj: objects.Func) -> Iterator[Package]:
        """Of the packages that `pkg` is made of, those that can name a function of another one."""
        program = self._program
        home = program.loaded(obj.pkg) if obj.pkg is not None else None
        loaded = program.loaded(pkg)
        if home is not None and loaded is not None:
            for package in program.loader.closure([loaded]):
                if package is home or home.id in package.imports.values():
                    yield program.package(package)

    def naming(self, pkg: Package, obj: objects.Func) -> Iterator[objects.Func | None]:
        """The functions declared in `pkg` in whose text the name of `obj` is a word; None for a declaration
        of something else."""
        program, name = self._program, encoded(obj.name)
        state, loaded = program.known_state(pkg), program.loaded(pkg)
        if state is None:
            if loaded is None or not program.loader.mentions(loaded, name):
                return
            state = program.state(loaded)
        for decl in mentioning(state, name):
            yield state.checker.func_objs.get(decl) if isinstance(decl, ast.FuncDecl) else None

    def brought(self, pkg: Package, name: str) -> bool | None:
        """Whether `pkg` is known to bring the function `name` (with its path) along."""
        state = self._state(pkg)
        data = self._fact(state, Kind.BRINGS, name) if state is not None else None
        return data == _YES if data is not None else None

    def note_brought(self, pkg: Package, name: str, answer: bool) -> None:
        """That was found out."""
        state = self._state(pkg)
        if state is not None and self._is_kept(state):
            self._keep(state, Kind.BRINGS, name, _YES if answer else _NO)

    def verdict_of(self, fn: Func) -> Verdict | None:
        """What is known about inlining `fn` without looking at its body."""
        self._program.keep_up()
        state = self._program.known_state(fn.unit.pkg)
        if state is None or not self._is_kept(state) or not _is_told(state, fn):
            return None
        data = self._fact(state, Kind.VERDICT, fn.nname.name)
        return Verdict.decode(data) if data is not None else None

    def leads_to(self, pkg: Package, funcs: Iterable[Func], targets: Iterable[Func]) -> bool:
        """Whether one of `funcs` leads to one of `targets`, all of them functions of `pkg`."""
        rings = self._rings_of(pkg)
        return rings is not None and rings.leads_to(funcs, targets)

    def judge_whole(self, pkg: Package) -> bool:
        """Have the verdicts about all functions of `pkg` told by `verdict_of`. False if that cannot be."""
        rings, state = self._rings_of(pkg), self._state(pkg)
        if rings is None or state is None:
            return False
        if self._program.is_hurried:
            raise Unready
        try:
            verdicts = rings.verdicts()
        except Cancelled:
            raise
        except Exception:
            bug.report(f"the functions of {state.loaded.id} cannot be judged")
            return False
        for name, verdict in verdicts.items():
            self._keep(state, Kind.VERDICT, name, verdict.encode())
        return True

    def _rings_of(self, pkg: Package) -> Rings | None:
        state = self._state(pkg)
        if state is None or not self._is_kept(state):
            return None
        rings = self._rings.get(state.pkg)
        if rings is None:
            rings = self._rings[state.pkg] = Rings(self._program, state)
        return rings

    def save(self) -> None:
        """Write what was found out since the last time to the store."""
        program = self._program
        for fn, verdict in program.judge.found():
            state = program.known_state(fn.unit.pkg)
            if state is not None and self._is_kept(state) and _is_told(state, fn):
                self._keep(state, Kind.VERDICT, fn.nname.name, verdict.encode())
        unsaved, self._unsaved = self._unsaved, {}
        for (key, kind), facts in unsaved.items():
            program.store.save(key, facts, kind)

    def _is_kept(self, state: State) -> bool:
        """Whether what is known of a package stays true as long as it has the same key."""
        return state.memo is None and self._program.inlines(state.loaded)

    def _keep(self, state: State, kind: Kind, name: str, data: bytes) -> None:
        key, facts = self._known(state, kind)
        facts[name] = data
        self._unsaved.setdefault((key, kind), {})[name] = data

    def _known(self, state: State, kind: Kind) -> tuple[bytes, dict[str, bytes]]:
        """The content key of a package, and what is known under it."""
        key = self._program.keys.of(state.loaded)
        known = self._facts.get((state.loaded.id, kind))
        if known is None or known[0] != key:
            known = key, self._program.store.load(key, kind)
            self._facts[state.loaded.id, kind] = known
        return known

    def _fact(self, state: State, kind: Kind, name: str) -> bytes | None:
        """What the store knows."""
        program = self._program
        key, facts = self._known(state, kind)
        data = facts.get(name)
        if data is None and (program.is_shared or program.learners is not None):
            data = program.store.load_one(key, name, kind)
            if data is not None:
                facts[name] = data
        return data

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


def _is_told(state: State, fn: Func) -> bool:
    """Whether `fn` is a declared function, and the one that everybody asks about."""
    return (
        fn.unit is state.unit
        and fn.closure_parent is None
        and fn.extra is None
        and not fn.wrapper
        and not fn.abi_wrapper
        and isinstance(fn.syn, ast.FuncDecl)
    )

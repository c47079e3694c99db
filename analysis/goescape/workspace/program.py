"""One view of the world: packages, their syntax, types and IR, each made when it is first asked for.

A `Program` ties the rooms together. It is the importer of the type checkers and the host of the IR
units, it knows which files a package has (from `load`), and it answers the one question that
crosses packages during escape analysis: what do the parameters of this imported function leak?
That answer comes from memory, else from the store, else by analysing the function's strongly
connected component in its own package, now, and nothing else.

Invariants
  - one `Package`, `Checker` and `Unit` per loaded package: types of one program compare by identity;
  - nothing of a package is lowered, checked or solved before somebody needs it;
  - a program sees every file once: after an edit a new program, or a new state, takes its place;
  - a function whose body makes no sense is not analysed; what others would need of it is answered
    conservatively (everything leaks), and what rests on that is not said.

Example: `Program.from_request(request)`, then `check` each of `load(request)`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from goescape.escape.assumed import tags_at_best
from goescape.escape.tags import tags_by_type
from goescape.escape.trace import Trace
from goescape.escape.verdict import BatchResult
from goescape.goversion import release_for
from goescape.inline.devirtualize import Devirtualized
from goescape.inline.inlinable import Judge, Judged
from goescape.ir import eqfuncs
from goescape.ir.fmt import func_name
from goescape.ir.scc import is_closure
from goescape.ir.static_value import outermost
from goescape.ir.unit import Unit
from goescape.ir.withheld import DOUBTFUL
from goescape.load.loader import COMMAND_LINE, Loader
from goescape.load.package import LoadedPackage
from goescape.load.seen import MATTERS
from goescape.report.finding import Finding
from goescape.report.findings import FindingWriter
from goescape.report.graph import Graph, GraphWriter
from goescape.report.summary import DICTIONARY, FunctionSummary, allocating, summaries
from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax.parse import Earlier, ParsedFile, parse_file, reparse, take_back
from goescape.syntax.scan import Spelling
from goescape.typecheck import objects
from goescape.typecheck.checker import Checker
from goescape.typecheck.objects import Package
from goescape.typecheck.scope import Scope
from goescape.typecheck.sizes import Sizes
from goescape.typecheck.universe import UNIVERSE, UNSAFE
from goescape.workspace import tracing
from goescape.workspace.assembly import abi_wrappers_of
from goescape.workspace.bodies import Bodies
from goescape.workspace.cancelled import Cancelled, Unready
from goescape.workspace.following import edit_file, importers_among
from goescape.workspace.gc_lines import lines_of
from goescape.workspace.keys import Keys
from goescape.workspace.left_out import left_out, not_modelled
from goescape.workspace.memo import Memo
from goescape.workspace.outlines import Outlines
from goescape.workspace.partial import Part, part_of
from goescape.workspace.passes import Passes
from goescape.workspace.problems import problems_of
from goescape.workspace.questions import Questions
from goescape.workspace.remedy import with_remedies
from goescape.workspace.result import PackageResult, Problem
from goescape.workspace.said import Said
from goescape.workspace.state import State, decode_tags, encode_tags, tag_key
from goescape.workspace.store import Store

if TYPE_CHECKING:
    from goescape.escape.leaks import Tags
    from goescape.goversion import Release
    from goescape.inline.interleaved import Event as InliningEvent
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.syntax import ast
    from goescape.workspace.learning import Learners
    from goescape.workspace.parallel import CheckRequest
    from goescape.workspace.pieces import Placed


SHARED_SECONDS = 0.1
"""So long what was found out stays in a process that others learn beside."""


class Program:
    """See the module. `release` holds the rules of the Go release in force."""

    def __init__(
        self,
        loader: Loader,
        *,
        level: int = 1,
        findings: bool = False,
        inline: bool = False,
        remedies: bool = False,
        whole: bool = False,
        store: Store | None = None,
    ) -> None:
        self.loader = loader
        self.env = loader.env
        self.level = level
        self.inline = inline
        self.plain: set[str] = set()
        self.with_findings = findings
        self.remedies = remedies
        self.whole = whole
        self.store = store or Store(None)
        self.positions = Positions()
        self.sizes = Sizes(self.env.goarch)
        self.release: Release = release_for(self.env.release)
        self.bodies = Bodies(self)
        self.passes = Passes(self)
        self.judge = Judge(self.release, self.sizes, self.positions, self.bodies, level >= 2)
        self.for_editor = False
        self._parsed: dict[str, ParsedFile] = {}
        self._names: dict[bytes, Spelling] = {}  # identifiers in their texts
        self._before_trial: dict[str, Earlier] = {}
        self.is_trial = False
        """What is found is compared, and nobody asks for its flows."""
        self.cancelled: Callable[[], bool] | None = None
        self.bytes_read = 0
        """How much Go was read until now of packages whose edits are followed."""
        self.on_package: Callable[[str], None] | None = None
        """Told of each package when something of it is needed for the first time."""
        self.learners: Learners | None = None
        """Who finds out what is not known of imports, in an editor."""
        self.is_shared = False  # Others learn at the same time, and write to the store.
        self._flushed = 0.0
        self.is_hurried = False  # What is not known is not found out now: `Unready` is raised.
        self._aside: State | None = None
        self.note: Callable[[Func], None] | None = None
        """Told of each function whose tags were asked for."""
        self._states: dict[str, State] = {}
        self._by_pkg: dict[Package, State] = {}
        self._in_folder: dict[str, list[State]] = {}
        # Imported packages of which nothing was needed yet.
        self._unread: dict[str, tuple[LoadedPackage, Package]] = {}
        self.keys = Keys(loader, self.inlines)
        self._importing: dict[tuple[frozenset[str], int, int], frozenset[str]] = {}

    @classmethod
    def from_request(cls, request: CheckRequest) -> Program:
        """A program for the target, tags, overlays and store of `request`. Raises
        `load.LoadFailure` when there is no toolchain or the target is unknown."""
        loader = Loader.create(
            request.directory, request.environment, goos=request.goos, goarch=request.goarch,
            tags=request.tags, release=request.go_version, overlays=request.overlays,
        )  # fmt: skip
        return cls(
            loader, level=request.level, findings=request.findings, inline=request.inline,
            remedies=request.remedies, whole=request.whole,
            store=Store(Path(request.store) if request.store else None),
        )  # fmt: skip

    # --- packages ------------------------------------------------------------------------------

    def load(self, request: CheckRequest) -> list[LoadedPackage]:
        """The packages that the request's patterns name, in order. What is wrong inside a package
        is in its `errors`. Raises `load.LoadFailure`."""
        found = self.loader.load(request.patterns, request.directory, request.tests)
        if not self.inline:
            self.plain |= {package.id for package in found}
        return found

    def inlines(self, package: LoadedPackage) -> bool:
        """Whether calls are expanded in `package`. Flags are for the packages that the user names:
        what these import is compiled as always."""
        return self.inline or package.id not in self.plain

    def name(self, package: LoadedPackage) -> None:
        """The user names `package`: the flags are for it, too."""
        if not self.inline and package.id not in self.plain:
            self.plain.add(package.id)
            self.keys.clear()
            if package.id in self._states:
                self._states[package.id].start_over(Unit(self._states[package.id].pkg, self))

    def state(self, package: LoadedPackage) -> State:
        """The state of a package, made at the first question."""
        state = self._states.get(package.id)
        return state if state is not None else self._make(package, self.package(package))

    def package(self, package: LoadedPackage) -> Package:
        """The package's object, read when something of it is first needed."""
        state = self._states.get(package.id)
        if state is not None:
            return state.pkg
        unread = self._unread.get(package.id)
        if unread is not None:
            return unread[1]
        pkg = Package(package.compile_path, package.name, Scope(UNIVERSE))
        pkg.loader = lambda: self._make(package, pkg)
        self._unread[package.id] = (package, pkg)
        return pkg

    def _make(self, package: LoadedPackage, pkg: Package) -> State:
        pkg.loader = None
        self._unread.pop(package.id, None)
        if self.on_package is not None:
            self.on_package(package.id)
        parsed = []
        outlines = Outlines(self.loader, self.keys, self.store, package)
        for path in package.files:
            try:
                text = self.loader.read(path)
            except OSError:
                continue  # The loader has said so in `package.errors`.
            parsed.append(self._parse(path, text, outlines))
        outlines.keep(parsed)
        checker = Checker(
            pkg, [p.file for p in parsed], self, self.sizes, self.positions, package.go_version,
            stops_early=self.for_editor,
        )  # fmt: skip
        state = State(package, pkg, parsed, checker, Unit(pkg, self))
        self._states[package.id] = state
        self._by_pkg[pkg] = state
        self._in_folder.setdefault(package.dir, []).append(state)
        checker.collect_objects()
        return state

    def _parse(self, path: str, text: bytes, outlines: Outlines | None = None) -> ParsedFile:
        """The syntax of a file; for an editor it is kept, and made anew only where it changed."""
        known = self._parsed.get(path)
        source = SourceFile(path, text, self.release.joins_line_directives)
        if known is None:
            outline = outlines.of(path, text) if outlines is not None else None
            known = parse_file(source, self.positions, False, outline, self._names)
            if not self.for_editor:
                return known
        elif known.source.text != text:
            earlier = self._before_trial.get(path)
            if earlier is not None and earlier.parsed.source.text == text:
                known = take_back(known, earlier, self.positions)
            else:
                known = reparse(known, source, self.positions)
        self._parsed[path] = known
        return known

    def import_package(self, path: str, importing: Package) -> Package | None:
        """The package that `path` means in the files of `importing`; None if there is none.
        (Importer of the type checkers.)"""
        if path == "unsafe":
            return UNSAFE
        found = self.loader.imported(self._by_pkg[importing].loaded, path)
        return self.package(found) if isinstance(found, LoadedPackage) else None

    def import_closure(self, pkg: Package) -> list[tuple[str, str]]:
        """Names and paths of all that `pkg` imports. (Importer of the type checkers.)"""
        state = self._by_pkg.get(pkg)
        if state is None:
            return []
        return [(p.name, p.import_path) for p in self.loader.closure([state.loaded])]

    def edit_file(self, path: str, new_imports: bool = False) -> set[str]:
        """The file at `path` has another text; `new_imports`: which files or imports packages have may
        be different, too. What did not change in its packages stays, as far as that can be told. The
        ids of the packages whose findings are out of date: those that hold the file, and all that
        import one of them."""
        return edit_file(self, path, new_imports)

    def forget_imports(self) -> None:
        """Packages import others than before."""
        self.bodies.forget()
        self._importing = {}
        self._aside = None

    def start_over(self, state: State) -> None:
        """Forget what was made of the bodies of a package, and of those that import it."""
        others = [s for id in self.importers({state.loaded.id}) if (s := self._states.get(id))]
        self.judge.forget({other.unit for other in others})
        for other in others:
            other.start_over(Unit(other.pkg, self))

    def _settle(self, package: LoadedPackage) -> None:
        """Take over the edits of what `package` imports, and tell those who look at it."""
        for state in list(self._states.values()):
            memo = state.memo
            if memo is None or not memo.pending or state.loaded.id == package.id:
                continue
            importers = self.importers({state.loaded.id})
            if package.id not in importers:
                continue
            self._settle(state.loaded)
            memo.refresh()
            self._spread(state, memo)

    def _spread(self, state: State, memo: Memo) -> None:
        """Tell the importers of a package what they see different in it."""
        changed = memo.take_changed()
        if not changed:
            return
        for id in self.importers({state.loaded.id}) - {state.loaded.id}:
            other = self._states.get(id)
            if other is None or (other.memo is None and not other.is_used):
                continue
            if other.memo is not None:
                other.memo.imports_changed(changed)
            else:
                self.start_over(other)

    def holding(self, paths: Iterable[str]) -> set[str]:
        """The ids of the packages known here that have one of the files."""
        wanted = set(paths)
        return {s.loaded.id for s in self._states.values() if not wanted.isdisjoint(s.loaded.files)}

    def importers(self, ids: set[str]) -> set[str]:
        """`ids` and the packages known here that import one of them, directly or not."""
        key = (frozenset(ids), len(self._states), len(self._unread))
        cached = self._importing.get(key)
        if cached is not None:
            return set(cached)
        known = [state.loaded for state in self._states.values()]
        known += [loaded for loaded, _ in self._unread.values()]
        found = importers_among(known, ids)
        self._importing[key] = frozenset(found)
        return found

    def forget_file(self, path: str) -> set[str]:
        """The file at `path` has another text: the packages of its directory, and all that import
        one of them, start over; if it is a directory, or was one, those in it and below. Their ids; empty
        when none was made yet."""
        folder = os.path.dirname(path) if path.endswith(MATTERS) else path
        below = os.path.join(path, "")

        def is_touched(package: LoadedPackage) -> bool:
            return package.dir == folder or os.path.join(package.dir, "").startswith(below)

        stale = {
            id
            for id, state in self._states.items()
            if is_touched(state.loaded) or path in state.loaded.files
        }
        stale |= {id for id, (loaded, _) in self._unread.items() if is_touched(loaded)}
        stale = self.importers(stale) if stale else stale
        self.keys.clear()
        self.forget_imports()
        self.judge.exported.forget()
        self._unread = {id: found for id, found in self._unread.items() if id not in stale}
        gone = [state for id in stale if (state := self._states.pop(id, None))]
        self.judge.forget({state.unit for state in gone})
        for state in gone:
            del self._by_pkg[state.pkg]
            self._in_folder[state.loaded.dir].remove(state)
        self.sizes.forget()  # It knows types of theirs.
        return stale

    def say(self, package: LoadedPackage) -> Said:
        """All that there is to say about a package, with what `examine` keeps."""
        problems, pieces = self.examine(package)
        return Said(tuple(problems), tuple(pieces))

    def bytes_again(self, package: LoadedPackage, obj: objects.Func) -> int:
        """How much text of `package` is analysed again when the body of `obj` changes; -1 if nothing of
        it was analysed yet."""
        memo = self.state(package).memo
        return memo.bytes_again(obj) if memo is not None else -1

    def trial(self, texts: Mapping[str, bytes], packages: Sequence[LoadedPackage]) -> list[Said]:
        """What `say` would tell of `packages` if files had these texts; what was found out for it is not explained:
        its findings have no flows. Afterwards what is known is of
        the present texts again, found out when somebody asks; nodes and objects of what was edited are
        other ones, and `check_edited` makes their tables."""
        shown = {path for path in texts if path in self.loader.fs.overlays}
        before = {path: self.loader.read(path) for path in texts}
        self._before_trial = {
            path: Earlier(parsed, self.positions)
            for path in texts
            if (parsed := self._parsed.get(path)) is not None
        }
        self.is_trial = True
        try:
            self.show(texts)
            return [self._say_now(package) for package in packages]
        finally:
            self.is_trial = False
            for state in self._states.values():
                if state.memo is not None:
                    state.memo.forget_unexplained()
            self.show(before)
            for path in texts.keys() - shown:
                self.loader.fs.set(path, None)  # The text is that of the disk.
            self._before_trial = {}

    def _say_now(self, package: LoadedPackage) -> Said:
        """What there is to say about a package whose imports may be other ones."""
        if package.id == COMMAND_LINE:
            return self.say(self.loader.load(package.files, package.dir)[0])
        known = self.loader.package(package.id)
        if not isinstance(known, LoadedPackage):
            return Said((Problem("", 0, 0, known.error.message),), ())
        return self.say(known)

    def check_edited(self, package: LoadedPackage) -> Checker:
        """The checker of a package, with everything in it checked, bodies with syntax errors, too."""
        checker = self.state(package).checker
        if not checker.has_checked_all:
            checker.check_all()
        elif checker.edited or checker.redeclared:
            checker.check_again()
        checker.check_broken_bodies()
        return checker

    def show(self, texts: Mapping[str, bytes]) -> None:
        """Files have these texts from now on, whatever is on disk."""
        for path, text in texts.items():
            self.edit_file(path, self.loader.set_overlay(path, text))

    # --- the host of the IR units --------------------------------------------------------------

    def unit_of(self, pkg: Package) -> Unit:
        return self._by_pkg[pkg].unit

    def checker_of(self, pkg: Package) -> Checker:
        return self._by_pkg[pkg].checker

    def known_state(self, pkg: Package) -> State | None:
        """The state of a package of which something was needed."""
        return self._by_pkg.get(pkg)

    def loaded(self, pkg: Package) -> LoadedPackage | None:
        """The files of a package, read or not."""
        state = self._by_pkg.get(pkg)
        if state is not None:
            return state.loaded
        return next((loaded for loaded, p in self._unread.values() if p is pkg), None)

    def ast_files(self, pkg: Package) -> list[ast.File]:
        return [p.file for p in self._by_pkg[pkg].parsed]

    # --- tags across packages --------------------------------------------------------------------

    def tags_of(self, name: Name) -> Tags:
        """What the parameters of an imported function leak; empty if nothing can be said."""
        func = name.func
        if self.note is not None and func is not None:
            self.note(func)
        state = self._state_of(name)
        if state is None:
            return ()
        # `(*T).M` of a method declared for T is that method to its callers, whatever the wrapper does.
        key = tag_key(state.pkg, func.nname if func is not None else name)
        tags = state.tags.get(key)
        if state.memo is not None:
            return tags if tags is not None else ()
        if tags is None:
            self.recall(state)
            tags = state.tags.get(key)
        if tags is None and func is not None:
            tags = tags_by_type(func, state.unit.typeinfo, self.release)
        if tags is None and self.is_shared and self.recall_one(state, key):
            tags = state.tags[key]
        if tags is None and self.is_hurried:
            raise Unready
        if tags is None and func is not None and not func.withheld and not func.late:
            self.passes.analyze([func], state, solved=state.tags)
            tags = state.tags.get(key)
        return tags if tags is not None else ()

    def tags_at_best(self, name: Name) -> Tags | None:
        """After `tags_of`: what that would be if nothing leaked in functions of which nothing is known; None
        if it rests on no such function."""
        func, state = name.func, self._state_of(name)
        if state is None or func is None:
            return None
        if state.memo is not None:
            return state.memo.told_at_best(func)
        key = tag_key(state.pkg, func.nname)
        if key in state.tags or not func.withheld:
            return state.at_best.get(key)
        return tags_at_best(func)

    def _state_of(self, name: Name) -> State | None:
        """What is known of the package in which a function is compiled."""
        func, aside = name.func, self._aside
        if aside is not None and func is not None and func.unit is aside.unit:
            return aside
        # A generic body belongs to the unit that instantiates it.
        pkg = func.unit.pkg if func is not None and func.unit is not None else name.pkg
        return self._by_pkg.get(pkg) if pkg is not None else None

    def recall(self, state: State) -> None:
        """Take over what the store knows of the package."""
        if state.recalled:
            return
        state.recalled = True
        for function, blob in self.store.load(self.keys.of(state.loaded)).items():
            state.tags.setdefault(function, decode_tags(blob))

    def recall_one(self, state: State, key: str) -> bool:
        """Take over what somebody has learned of a function since `recall`; whether that is anything."""
        blob = self.store.load_one(self.keys.of(state.loaded), key)
        if blob is not None:
            state.tags.setdefault(key, decode_tags(blob))
        return blob is not None

    def expect_edits(self, path: str) -> None:
        """The next edit may be one of the file at `path`."""
        if (parsed := self._parsed.get(path)) is not None:
            parsed.expect_edits()

    def flush(self) -> None:
        """Write what was found out since the last time to the store; nothing, if files were written meanwhile
        and `forget_file` was not told."""
        if any(True for _ in self.loader.unnoticed()):
            return  # Keys would be those of other texts.
        if any(state.memo is not None and state.memo.pending for state in self._states.values()):
            return  # What is known is not that of the newest text.
        for state in self._states.values():
            if state.unsaved:
                fresh = {name: encode_tags(state.tags[name]) for name in sorted(state.unsaved)}
                state.unsaved.clear()
                self.store.save(self.keys.of(state.loaded), fresh)
        self.bodies.save()
        for state in self._states.values():
            state.unit.sweep()
        self._flushed = time.monotonic()

    def keep_up(self) -> None:
        """The same, if that was some time ago and others wait for it."""
        if self.is_shared and time.monotonic() - self._flushed > SHARED_SECONDS:
            self.flush()

    def close(self) -> None:
        self.flush()
        self.store.close()

    # --- analysis --------------------------------------------------------------------------------

    def check(self, package: LoadedPackage) -> PackageResult:
        """Everything about one package; for an editor without `lines` and `notes`, and only what edits
        have made necessary is done. Never raises for what is wrong with the package."""
        if self.for_editor:
            told = self.say(package)
            return PackageResult(
                package.id, package.dir, told.problems, findings=told.findings,
                functions=told.functions,
            )  # fmt: skip
        problems = [Problem(e.file, e.line, e.col, e.message) for e in package.errors]
        if not package.files:
            return PackageResult(package.id, package.dir, tuple(problems))
        self.name(package)
        state = self.state(package)
        self._unsolve(state)
        part = None if self.whole else part_of(state)
        if part is not None:
            problems += problems_of(state, self.positions, in_stretches=False)
            funcs: Sequence[Func] = part.funcs
            self.passes.read_bodies(state, funcs)
            said = self.passes.prepare(state, funcs, judging=True)
        else:
            state = self.unsolved(package)
            problems += problems_of(state, self.positions, in_stretches=False)
            funcs = self.passes.target_funcs(state)
            if self.level >= 2 and not state.is_broken:
                funcs = [*funcs, *eqfuncs.eq_funcs(state.unit, list(funcs))]
            said, funcs = self.passes.prepare_all(state, funcs)
            if state.inlining is None and self.inlines(package) and not state.is_broken:
                self.bodies.note(state, said)
            if self.level >= 2 and not state.is_broken:
                funcs = [*funcs, *abi_wrappers_of(self, state, funcs)]
        results = self.passes.analyze(funcs, state, explain=self.level >= 2 or self.with_findings)
        lines = lines_of(self, state, said, results)
        findings, functions = self._findings(state, said, results, part)
        if self.remedies and part is None and not state.is_broken:
            findings = with_remedies(self, package, findings)
        return PackageResult(
            package.id,
            package.dir,
            tuple(problems),
            lines,
            findings,
            (part.note,)
            if part is not None
            else left_out(state)
            + not_modelled(state.loaded, self.loader, self.release, self.inlines(package)),
            functions=functions,
        )

    def unsolved(self, package: LoadedPackage) -> State:
        """The state of a package that the user names, checked, with no body solved yet. In an editor
        it has a unit of its own, in which nobody else looks."""
        state = self.state(package)
        if state.memo is None:
            return self._unsolved(package)
        self._settle(package)
        if state.memo.pending:
            state.memo.refresh()
            self._spread(state, state.memo)
        return self.set_aside(state)

    def set_aside(self, state: State) -> State:
        """The same package with a unit and tags of its own, until the next one is set aside."""
        unit = Unit(state.pkg, self)
        self._aside = State(
            state.loaded,
            state.pkg,
            state.parsed,
            state.checker,
            unit,
            dict(state.tags),
            dict(state.at_best),
            recalled=True,
        )
        return self._aside

    def _unsolved(self, package: LoadedPackage) -> State:
        self.name(package)
        state = self.state(package)
        questions = self.questions(state)
        state.checker.check_all(questions.pause if questions else self.stop_if_cancelled)
        if questions is not None:
            questions.ahead(at_once=True)
        self._unsolve(state)
        return state

    def _unsolve(self, state: State) -> None:
        """Solving changes the IR: begin afresh."""
        if state.solved:
            state.unit = Unit(state.pkg, self)

    def questions(self, state: State) -> Questions | None:
        """What is asked of imports for `state`, if somebody else is to find it out."""
        return Questions(self, self.learners, state) if self.learners is not None else None

    def stop_if_cancelled(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled

    def forget_package(self, package: LoadedPackage) -> None:
        """Forget what was made of the bodies of a package."""
        if (state := self._states.get(package.id)) is not None:
            self.start_over(state)

    def is_looked_at(self, package: LoadedPackage) -> bool:
        """Whether `examine` has begun with the package."""
        state = self._states.get(package.id)
        return state is not None and state.memo is not None

    def is_waiting(self, package: LoadedPackage) -> bool:
        """Whether `examine` has more to say of the package once learners have answered."""
        return any(
            state.memo is not None
            and state.memo.is_waiting
            and (state.loaded.id == package.id or package.id in self.importers({state.loaded.id}))
            for state in self._states.values()
        )

    def is_examined(self, package: LoadedPackage) -> bool:
        """Whether `examine` has been through the package, and nothing was edited since."""
        state = self._states.get(package.id)
        return state is not None and state.memo is not None and not state.memo.pending

    def is_followed(self, package: LoadedPackage) -> bool:
        """Whether `examine` has been through the package once, and only takes over edits."""
        state = self._states.get(package.id)
        return state is not None and state.memo is not None and state.memo.is_complete

    def examine(
        self, package: LoadedPackage, path: str | None = None
    ) -> tuple[list[Problem], list[Placed]]:
        """What there is to say about the file at `path` of a package (None: about all of it), found
        out again only as far as edits have made that necessary. May raise `Cancelled`; the next call
        then goes on."""
        problems = [Problem(e.file, e.line, e.col, e.message) for e in package.errors]
        if not package.files:
            return problems, []
        self._settle(package)
        state = self.state(package)
        memo = state.memo
        if (memo is None or not memo.is_waiting) and self.is_waiting(package):
            return problems, []  # It waits for what it imports.
        if memo is None:
            state = self._unsolved(package)
            if state.is_used:
                self.start_over(state)
            memo = state.memo = Memo(self, state)
            memo.pending = True
        if memo.pending:
            try:
                memo.refresh()
            except Cancelled:
                raise
            except Exception:
                self.start_over(state)
                if not state.is_broken:
                    raise
                return [*problems, *problems_of(state, self.positions)], []
            self._spread(state, memo)
        problems += problems_of(state, self.positions)
        return problems, memo.pieces(path)

    def trace(self, package: LoadedPackage, path: str, offset: int) -> Graph | None:
        """The escape graph of the function around byte `offset` of the file at `path`, one of
        `package`'s; None where nothing runs. A function that cannot be analysed has an empty graph
        with a note. May raise `Cancelled`."""
        state = self.unsolved(package)
        funcs = tracing.funcs_at(state.unit, self.positions, path, offset)
        if not funcs:
            return None
        target = tracing.innermost(funcs, self.positions, path, offset)
        trace = Trace()
        if not target.withheld:
            root = target if not is_closure(target) else outermost(target)
            mates = tracing.batch_mates(root)
            self.passes.prepare(state, [f for f in funcs if not f.withheld])
            self.passes.analyze([root], state, True, state.tags, mates, (target, trace))
        writer = GraphWriter(state.pkg, self.release, state.unit.typeinfo, self.positions)
        return writer.graph(func_name(target), target.withheld, trace)

    def _findings(
        self,
        state: State,
        said: Sequence[InliningEvent],
        results: Sequence[BatchResult],
        part: Part | None,
    ) -> tuple[tuple[Finding, ...], tuple[FunctionSummary, ...]]:
        if not self.with_findings:
            return (), ()
        writer = FindingWriter(state.pkg, self.release, state.unit.typeinfo, self.positions)
        found = writer.devirtualized([e for e in said if isinstance(e, Devirtualized)])
        for result in results:
            found += writer.findings(result)
        opaque = self.passes.opaque_results(state) if state.checker.has_checked_all else []
        found += [
            replace(finding, opaque=True, instance="")
            for result in opaque
            for finding in writer.findings(result)
            if finding.subject != DICTIONARY
        ]
        everything = [*results, *opaque]
        doubtful = {f for result in everything for f in result.doubtful}
        in_doubt = {f.syn for f in doubtful}
        told = [
            (f, tags) for r in everything for f, tags in r.tags.items() if f.syn not in in_doubt
        ]
        judged = [e for e in said if isinstance(e, Judged)]
        declared = (part or state.unit).declared_funcs()
        silent = [(f, f.withheld) for f in declared if f.withheld]
        silent += [(f, DOUBTFUL) for f in doubtful]
        return tuple(found), tuple(summaries(told, judged, allocating(found), writer, silent))

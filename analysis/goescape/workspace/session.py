"""What an editor needs of the analysis: unsaved text in, findings of a file out.

A session holds one `Program` per set of modules, found from the file itself: the enclosing go.work
or go.mod, or nothing for a loose file. An edit makes the packages that hold the file, and those
that import them, start over; everything else that is known stays.

Invariants
  - one thread at a time: a session is owned by the analysis thread;
  - an answer belongs to the text that `set_text` last gave, and carries it;
  - what cannot be loaded is an answer with problems, never an exception.

Example:

    session = Session(os.environ)
    session.set_text("/w/a.go", b"package a\n...")
    answer = session.check("/w/a.go")
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

from goescape.load import LoadedPackage, Loader, LoadFailure
from goescape.load.filesystem import DiskFileSystem
from goescape.load.loader import COMMAND_LINE, MODULE_FILES
from goescape.load.modules import find_up
from goescape.report.finding import Finding, InlineRemedy
from goescape.report.graph import Graph
from goescape.report.summary import FunctionSummary
from goescape.workspace.amended import amended
from goescape.workspace.beforehand import much_is_unknown
from goescape.workspace.cancelled import Cancelled, Unready
from goescape.workspace.contract import Contract, contract
from goescape.workspace.early import early
from goescape.workspace.kept import Kept
from goescape.workspace.learner import Start
from goescape.workspace.learning import Learners
from goescape.workspace.pieces import Placed
from goescape.workspace.program import Program
from goescape.workspace.relations import for_later
from goescape.workspace.remedy import Remedies
from goescape.workspace.result import Problem
from goescape.workspace.said import Said
from goescape.workspace.store import Store

SOON_SECONDS = 1.2
"""So long it may take to say what can be said before imports are known."""

LONG_BYTES = 3_000_000
"""A package with so much Go of its own takes long enough to say something before, too."""

PART_SECONDS = 1.0
"""So often more is said while imports are being learned."""

AMENDED_SECONDS = 0.1
"""So long those are looked at that an edited function matters to, while all of the package is not known."""

WAIT_SECONDS = 0.25
"""So long news may wait for more of them to come."""


@dataclass(frozen=True, slots=True)
class Target:
    """For what is analysed; empty means: as the environment says. `inline`: calls are inlined
    first, as builds do."""

    goos: str = ""
    goarch: str = ""
    tags: tuple[str, ...] = ()
    go_version: str = ""
    goroot: str = ""
    inline: bool = True


@dataclass(frozen=True)
class FileAnswer:
    """What is known about one file. `text` is what was analysed; None when it could not be read.
    `problems` are those of its package; `pieces` what was found, where it is now, in the order of the
    text; `excluded` says why the build leaves the file out; `failure` why nothing at all can be
    loaded; `unloaded` what is wrong with the toolchain, or with how the package, or what it imports, is found. `go` is the release whose rules were applied, as `go1.27.3`; `platform` is `linux/amd64`.
    `library` are the directories of the toolchain and of downloaded modules. `is_recalled`: it is an
    earlier session's, and this one has yet to look at the package itself. `is_partial`: there is more
    to say, which takes longer."""

    path: str
    text: bytes | None
    problems: tuple[Problem, ...] = ()
    pieces: tuple[Placed, ...] = ()
    excluded: str = ""
    failure: str = ""
    unloaded: tuple[str, ...] = ()
    go: str = ""
    platform: str = ""
    library: tuple[str, ...] = ()
    is_recalled: bool = False
    is_partial: bool = False

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings in the file, each once."""
        return self._found(self.pieces)

    def findings_around(self, start: int, end: int) -> tuple[Finding, ...]:
        """The findings in the declarations that the bytes `start` to `end` touch, each once."""
        starts = self._starts
        first = max(bisect_left(starts, start, key=itemgetter(0)) - 1, 0)
        before = starts[first][0] if starts else 0
        first = bisect_left(starts, before, key=itemgetter(0))
        last = bisect_right(starts, end, key=itemgetter(0))
        found = sorted({number for _, number in starts[first:last]})
        return self._found([self.pieces[number] for number in found])

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        """Where the stretches of the file begin that pieces lie in, each with the number of the piece."""
        return sorted([
            (start, number)
            for number, placed in enumerate(self.pieces)
            for start in placed.starts(self.path)
        ])  # fmt: skip

    def _found(self, pieces: Iterable[Placed]) -> tuple[Finding, ...]:
        found = (f for piece in pieces for f in piece.findings if f.place.path == self.path)
        return tuple(dict.fromkeys(found))

    @cached_property
    def functions(self) -> tuple[FunctionSummary, ...]:
        """What sums up each function declared in the file, in its order."""
        found = (f for piece in self.pieces for f in piece.functions if f.place.path == self.path)
        return tuple(dict.fromkeys(sorted(found, key=lambda f: f.start)))


@dataclass(frozen=True, slots=True)
class Analysed:
    """A package as it was last checked, and the program that knows it. `notes` are for whoever
    works with the result, and are forgotten with it."""

    program: Program
    package: LoadedPackage
    notes: dict[Any, Any]

    @property
    def said(self) -> Said:
        """What was found in the package, put together when it is first asked for."""
        known = self.notes.get(Said)
        if known is None:
            known = self.notes[Said] = self.program.say(self.package)
        found: Said = known
        return found


@dataclass(slots=True)
class _World:
    """One set of modules with its program; by package id, what kept packages from being analysed.
    `key` is the file or directory that they were found from, on behalf of a file in `folder`. `glanced`:
    packages of which something was said early. `amended`: by file, of which
    text of its package something was said from what an earlier session knew. `parts`: of which text which pieces were said, while others
    waited for what is being learned. `ranks` orders packages, imports first; `read` is what was read on behalf
    of which package."""

    key: str
    folder: str
    loader: Loader
    program: Program
    kept: Kept
    failed: dict[str, list[Problem]] = field(default_factory=dict)
    notes: dict[str, dict[Any, Any]] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    glanced: set[str] = field(default_factory=set)
    amended: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, tuple[bytes, tuple[int, ...]]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    read: dict[str, set[str]] = field(default_factory=dict)

    def rank(self, id: str) -> int:
        return self.ranks.get(id, 0)

    def learn_no_more(self) -> None:
        """What other processes would have found out is found out here when it is asked for."""
        if self.program.learners is not None:
            self.program.learners.stop()
            self.program.learners = None


class Session:
    """See the module. `variables` are the environment variables of the process; `roots` as for
    `confine`. If much of what a file imports is unknown, up to `learners` processes find it out."""

    def __init__(
        self,
        variables: Mapping[str, str],
        target: Target = Target(),
        store: str = "",
        roots: Sequence[str] | None = None,
        learners: int = 0,
    ) -> None:
        self._variables = variables
        self._target = target
        self._store_directory = store
        self._roots = roots
        self._n_learners = learners
        self.on_package: Callable[[int, int, str], None] | None = None
        """Told, while a check reads packages for the first time, which one that is, by number and
        name, of how many that the file depends on."""
        self._disk = DiskFileSystem()
        self._texts: dict[str, bytes] = {}
        self._worlds: dict[str, _World] = {}

    @property
    def target(self) -> Target:
        return self._target

    def retarget(self, target: Target) -> None:
        """Analyse for another target from now on."""
        if target != self._target:
            self._target = target
            self._drop_worlds()

    def confine(self, roots: Sequence[str] | None) -> None:
        """From now on nothing is read but what lies below `roots` or in the module of a file that is
        asked about (and the toolchain and the module cache). None: everything may be read."""
        if roots != self._roots:
            self._roots = roots
            self._drop_worlds()

    def set_text(self, path: str, text: bytes | None) -> None:
        """The file at `path` has this unsaved text; None: what is on disk counts again."""
        self._texts.pop(path, None)
        if text is not None:
            self._texts[path] = text  # The newest stands last.
        for world in self._worlds.values():
            new_imports = world.loader.set_overlay(path, text)
            self._touch(world, path, world.program.edit_file(path, new_imports))
            if text is None:
                self._closed(world, path)

    def changed_on_disk(self, path: str) -> None:
        """The file or directory was written, made or removed by somebody else."""
        if _is_of_modules(path):
            self._drop_worlds()
            return
        for world in self._worlds.values():
            if self._refresh(world, path) and world.program.learners is not None:
                world.program.learners.restart()

    def _refresh(self, world: _World, path: str) -> bool:
        """Take over that the file or directory is another one. Whether that matters."""
        if not world.loader.refresh(path):
            return False
        self._touch(world, path, world.program.forget_file(path))
        return True

    def notice(self) -> bool:
        """Take over what was written, made or removed while nobody told. Whether there was anything."""
        found = {path for world in self._worlds.values() for path in world.loader.unnoticed()}
        for path in sorted(found - self._texts.keys(), key=lambda p: (_is_of_modules(p), p)):
            self.changed_on_disk(path)
        return bool(found)

    def check(
        self,
        path: str,
        cancelled: Callable[[], bool] | None = None,
        recall: bool = False,
        soon: bool = False,
    ) -> FileAnswer:
        """The findings of the file at `path` in its package, on the newest text.
        `cancelled` is asked between functions; a cancelled check raises `Cancelled`. With `recall`,
        what an earlier session was told of this very text will do as long as this one knows nothing.
        With `soon`, if much of what the file imports is unknown, or the package itself is long, the
        first answer is a partial one."""
        try:
            world = self._world(path)
            packages = self._packages(world, path)
        except LoadFailure as e:
            return FileAnswer(path, self._texts.get(path), failure=str(e))
        try:
            text = world.loader.read(path)
        except OSError as e:
            cause = (e.strerror or str(e)).lower()
            return FileAnswer(path, None, problems=(Problem(path, 0, 0, cause),))
        if not packages:
            return FileAnswer(path, text, excluded=self._why_excluded(world, path))
        pieces: list[Placed] = []
        problems: dict[Problem, None] = {}
        program = world.program
        is_recalled = is_partial = False
        for package in packages:
            if cancelled is not None and cancelled():
                raise Cancelled
            program.cancelled = cancelled
            program.name(package)
            if recall and package.id != COMMAND_LINE and not program.is_followed(package):
                kept = world.kept.recall(package)
                if kept is not None:
                    is_recalled = True
                    problems.update(dict.fromkeys(kept.problems))
                    pieces += kept.about(path)
                    continue
            program.on_package = self._counted(world, package)
            if recall and soon and (found := self._amended(world, package, path)) is not None:
                pieces += found
                is_partial = True
                continue
            is_new = package.id not in world.glanced and not program.is_looked_at(package)
            is_cold = is_new and much_is_unknown(program, package)
            if is_cold:
                self._begin_learning(world, package)
            if soon and (is_cold or (is_new and package.size >= LONG_BYTES)):
                try:
                    pieces += early(program, package, path, SOON_SECONDS)
                except RecursionError:
                    program.forget_package(package)
                world.glanced.add(package.id)
                is_partial = True
                continue
            said = world.failed.get(package.id)
            if said is None:
                try:
                    said, found = self._examine(world, package, path, soon)
                    pieces += found
                except RecursionError:
                    program.forget_package(package)
                    said = [Problem("", 0, 0, "the code is nested too deeply to be analysed")]
                    world.failed[package.id] = said
            if program.is_waiting(package):
                is_partial = True
                continue
            world.checked.add(package.id)
            world.kept.let_go(package)
            problems.update(dict.fromkeys(said))
        environment = world.loader.environment
        return FileAnswer(
            path, text, tuple(problems), tuple(pieces),
            unloaded=_unloaded(world, packages),
            go=environment.release, platform=environment.platform,
            library=(environment.goroot, environment.gomodcache), is_recalled=is_recalled,
            is_partial=is_partial,
        )  # fmt: skip

    def files_beside(self, path: str) -> list[str]:
        """The files of the packages that hold the file at `path`, itself included, in order."""
        try:
            packages = self._packages(self._world(path), path)
        except LoadFailure:
            packages = []
        return sorted({path, *(f for package in packages for f in package.files)})

    def loose_names(self, path: str) -> list[str]:
        """The names of the files that are one package with the file at `path`, if it belongs to no module, in
        order; empty if it does."""
        try:
            packages = self._packages(self._world(path), path)
        except LoadFailure:
            packages = []
        loose = (p for p in packages if p.id.startswith(COMMAND_LINE))
        return sorted({os.path.basename(file) for p in loose for file in p.files})

    def read(self, path: str) -> bytes | None:
        """The text of a file as the analysis sees it; None when it cannot be read."""
        for world in self._worlds.values():
            try:
                return world.loader.read(path)
            except OSError:
                continue
        return None

    def graph(
        self, path: str, offset: int, cancelled: Callable[[], bool] | None = None
    ) -> Graph | None:
        """The escape graph of the function around byte `offset` of the file at `path`, on the newest
        text; None where there is none. `cancelled` as for `check`."""
        try:
            world = self._world(path)
            packages = self._packages(world, path)
        except LoadFailure:
            return None
        program = world.program
        program.cancelled = cancelled
        for package in packages:
            if program.is_waiting(package):
                self._examine(world, package, path, soon=False)
            try:
                graph = program.trace(package, path, offset)
            except RecursionError:
                graph = None
            if graph is not None:
                return graph
        return None

    def analysed(self, path: str) -> list[Analysed]:
        """What was checked of the file at `path` since the last edit; empty before `check`."""
        try:
            world = self._world(path)
            packages = self._packages(world, path)
        except LoadFailure:
            return []
        return [
            Analysed(world.program, p, world.notes.setdefault(p.id, {}))
            for p in packages
            if p.id in world.checked and p.id not in world.failed
        ]

    def remedy(
        self, path: str, finding: Finding, cancelled: Callable[[], bool] | None = None
    ) -> InlineRemedy | None:
        """The one call that would have to be inlined for the value of `finding`, one of the newest in
        the file at `path`, to stay on the stack; None if there is none. Found out once: some 20 ms
        for a function of 100 lines, up to 8 times that where calls are tried. `cancelled` as for
        `check`."""
        for analysed in self.analysed(path):
            known = analysed.notes.setdefault(Remedies, {})
            if finding not in known:
                analysed.program.cancelled = cancelled
                known[finding] = Remedies(analysed.program, analysed.package).of(finding)
            remedy: InlineRemedy | None = known[finding]
            if remedy is not None:
                return remedy
        return None

    def known_remedy(self, path: str, finding: Finding) -> tuple[bool, InlineRemedy | None]:
        """Whether `remedy` was asked for since the last edit, and what it was."""
        found = [a.notes.get(Remedies, {}) for a in self.analysed(path)]
        remedies = [known[finding] for known in found if finding in known]
        return bool(remedies) and len(remedies) == len(found), next(filter(None, remedies), None)

    def contract(self, path: str, offset: int) -> Contract | None:
        """What is known of the function whose name stands at byte `offset` of the file at `path`, on
        the newest text; None where no function is named."""
        try:
            world = self._world(path)
            packages = self._packages(world, path)
        except LoadFailure:
            return None
        learners = world.program.learners
        for package in packages:
            # What is being learned is not found out here as well.
            world.program.is_hurried = learners is not None and learners.is_busy
            try:
                found = contract(world.program, package, path, offset)
            except Unready:
                found = None
            finally:
                world.program.is_hurried = False
            if found is not None:
                return found
        return None

    def flush(self) -> bool:
        """Keep what was learned so far in the store, and be ready for the next edit, likely one of the file
        that was opened or edited last. As `notice`, which comes first: what was learned from older texts is
        not kept."""
        has_changed = self.notice()
        latest = next(reversed(self._texts), "")
        for world in self._worlds.values():
            world.program.flush()
            world.program.expect_edits(latest)
            self._keep(world)
            if (learners := world.program.learners) is not None and not learners.is_busy:
                world.learn_no_more()
        return has_changed

    def learn_no_more(self) -> None:
        """Nobody wants to wait for what is being learned."""
        for world in self._worlds.values():
            world.learn_no_more()

    def close(self) -> None:
        """Keep what was learned in the store."""
        self._drop_worlds()

    # -- worlds

    def _begin_learning(self, world: _World, package: LoadedPackage) -> None:
        """Let other processes find out what is not known of the imports of `package`."""
        program = world.program
        if not self._n_learners or not program.store.keeps:
            return
        if program.learners is None:
            program.learners = Learners(
                self._n_learners,
                self._start(world),
                program.keys.of,
                world.rank,
                self._counted(world, package),
            )
        program.learners.named = tuple(sorted(program.plain))
        world.ranks = {p.id: n for n, p in enumerate(world.loader.closure([package]))}
        program.learners.begin()

    def _start(self, world: _World) -> Start:
        target, roots = self._target, self._roots_of(world.key)
        return Start(
            world.folder, dict(self._variables), target.goos, target.goarch, target.goroot,
            target.tags, target.go_version, tuple(roots) if roots is not None else None,
            target.inline, os.path.abspath(self._store_directory),
        )  # fmt: skip

    def _amended(self, world: _World, package: LoadedPackage, path: str) -> list[Placed] | None:
        """What is known of the file at `path` from an earlier session, while this one has yet to look at all
        of its package; None if nothing is, or it was said of this very text."""
        program = world.program
        if package.id == COMMAND_LINE or program.is_followed(package):
            return None
        key = program.keys.of(package)
        base = world.kept.base(package)
        if base is None:
            return None
        world.glanced.add(package.id)  # All that it imports was known.
        if world.amended.get(path) == key:
            return None
        try:
            found = amended(program, package, base, path, AMENDED_SECONDS)
        except RecursionError:
            program.forget_package(package)
            found = None
        world.amended[path] = key
        return found

    def _examine(
        self, world: _World, package: LoadedPackage, path: str, soon: bool
    ) -> tuple[list[Problem], list[Placed]]:
        """As `Program.examine`, but what learners find out is waited for: with `soon`, until there is
        something to say that was not said yet."""
        program = world.program
        said, found = program.examine(package, path)
        until = time.monotonic() + PART_SECONDS
        while (learners := program.learners) is not None and program.is_waiting(package):
            part = program.loader.read(path), tuple([p.piece.id for p in found])
            before = world.parts.get(path)
            if soon and (before is None or before[0] != part[0] or time.monotonic() >= until):
                if before != part:
                    world.parts[path] = part
                    return said, found
            learners.wait(WAIT_SECONDS, program.cancelled)
            if program.cancelled is not None and program.cancelled():
                raise Cancelled
            said, found = program.examine(package, path)
        world.parts.pop(path, None)
        return said, found

    def _closed(self, world: _World, path: str) -> None:
        """The file is not shown any more: what only its package asked for is not learned."""
        if world.program.learners is None:
            return
        shown = [
            package
            for other in self._texts
            if self._worlds.get(self._key(other)) is world
            for package in self._packages(world, other)
        ]
        if not any(path in package.files for package in shown):
            world.learn_no_more()
            for package in shown:
                if world.program.is_waiting(package):
                    self._begin_learning(world, package)

    def _keep(self, world: _World) -> None:
        """Leave what was said of checked packages for the next session."""
        for id in sorted(world.checked - world.failed.keys() - {COMMAND_LINE}):
            package = world.loader.package(id)
            if isinstance(package, LoadedPackage) and world.program.is_examined(package):
                world.program.cancelled = None
                world.kept.keep(package, lambda p: for_later(world.program, p))

    def _world(self, path: str) -> _World:
        key = self._key(path)
        world = self._worlds.get(key)
        if world is not None:
            return world
        target = self._target
        loader = Loader.create(
            os.path.dirname(path), self._variables, goos=target.goos, goarch=target.goarch,
            goroot=target.goroot, tags=target.tags, release=target.go_version, overlays=self._texts,
            roots=self._roots_of(key),
        )  # fmt: skip
        store = Store(Path(self._store_directory) if self._store_directory else None)
        program = Program(loader, findings=True, inline=target.inline, store=store)
        program.for_editor = True
        world = _World(
            key, os.path.dirname(path), loader, program, Kept(loader, program.keys, store)
        )
        self._worlds[key] = world
        return world

    def _key(self, path: str) -> str:
        """The file that says which modules `path` belongs to; the directory of a loose file."""
        folder = os.path.dirname(path)
        if self._variables.get("GOWORK") != "off":
            work = find_up(self._disk, folder, "go.work")
            if work:
                return work
        return find_up(self._disk, folder, "go.mod") or folder

    def _counted(self, world: _World, package: LoadedPackage) -> Callable[[str], None] | None:
        """What tells of the packages that are read for a check of `package`, here or by learners."""
        tell = self.on_package
        if tell is None:
            return None
        read = world.read.setdefault(package.id, set())
        total = 0

        def told(id: str) -> None:
            nonlocal total
            total = total or len(world.loader.closure([package]))
            read.add(id)
            tell(len(read), total, id)

        return told

    def _roots_of(self, key: str) -> list[str] | None:
        """What may be read of the disk for the modules of `key`."""
        if self._roots is None:
            return None
        own = key if self._disk.is_dir(key) else os.path.dirname(key)
        if any(os.path.join(own, "").startswith(os.path.join(r, "")) for r in self._roots):
            return list(self._roots)  # What only a link below a root leads to stays outside.
        return [*self._roots, own]

    def _drop_worlds(self) -> None:
        for world in self._worlds.values():
            for path in list(world.loader.unnoticed()):
                if not _is_of_modules(path):
                    self._refresh(world, path)
            self._keep(world)
            world.learn_no_more()
            world.program.close()
        self._worlds.clear()

    def _touch(self, world: _World, path: str, stale: set[str]) -> None:
        """The text of `path` is another one, and the findings of packages are out of date."""
        if COMMAND_LINE in stale:
            stale = set(world.failed) | world.checked
        world.failed = {id: said for id, said in world.failed.items() if id not in stale}
        world.notes = {id: notes for id, notes in world.notes.items() if id not in stale}
        world.checked -= stale

    # -- packages

    def _packages(self, world: _World, path: str) -> list[LoadedPackage]:
        """The packages that hold the file: itself, its test variant, or a loose one."""
        folder, name = os.path.split(path)
        import_path = world.loader.import_path_of(folder)
        if not import_path:
            return self._loose(world, path)
        base = world.loader.package(import_path)
        if isinstance(base, LoadedPackage) and base.dir != folder:
            return self._loose(world, path)
        candidates = [import_path]
        if name.endswith("_test.go"):
            variant = f"[{import_path}.test]"
            candidates = [f"{import_path} {variant}", f"{import_path}_test {variant}"]
        for id in candidates:
            package = world.loader.package(id)
            if isinstance(package, LoadedPackage) and path in package.files:
                return [package]
        return []

    def _loose(self, world: _World, path: str) -> list[LoadedPackage]:
        """A file outside every module, with its neighbours of the same package if they fit."""
        folder, name = os.path.split(path)
        files = world.loader.directory(folder)
        names = files.go_files + files.cgo_files
        if name in files.test_go_files or name in files.xtest_go_files:
            names = names + files.test_go_files + files.xtest_go_files
        if name not in names or any(e.kind == "names" for e in files.errors):
            names = [name]
        wanted = [os.path.join(folder, n) for n in names]
        packages = world.loader.load(wanted, folder, tests=name.endswith("_test.go"))
        return [p for p in packages if path in p.files]

    def _why_excluded(self, world: _World, path: str) -> str:
        platform = world.loader.environment.platform
        return f"{os.path.basename(path)} is not part of the build for {platform}"


def _is_of_modules(path: str) -> bool:
    """Whether the file says which modules there are."""
    return os.path.basename(path) in MODULE_FILES


def _unloaded(world: _World, packages: Sequence[LoadedPackage]) -> tuple[str, ...]:
    """Why not all is known of packages, in words for a log."""
    loader = world.loader
    found = dict.fromkeys(filter(None, (loader.environment.warning, *loader.warnings)))
    found |= dict.fromkeys(e.message for p in packages for e in p.errors if e.kind != "parse")
    return tuple(found)

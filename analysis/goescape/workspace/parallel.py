"""Many packages, several processes.

The parent resolves the patterns, orders the packages so that imports come before importers, and
hands them out; each worker process owns one `Program` and answers with plain data. What workers
need of each other, the parameter tags, travels through the store. A worker that is asked for a
package whose import is still under way analyses what it needs of it by itself: the order makes
things quick, never right.

Invariants
  - results come back as they are made; each package exactly once;
  - a worker that has grown beyond its share of memory starts over with an empty program;
  - a worker that dies loses its package, with a message, not the run.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

from goescape.bug import configure_log
from goescape.load import LoadedPackage
from goescape.workspace.beforehand import learn_imports
from goescape.workspace.program import Program
from goescape.workspace.resources import resident_bytes, with_deep_stack
from goescape.workspace.result import PackageResult, failed
from goescape.workspace.store import Store

_log = logging.getLogger("goescape.workspace")

FEW_PACKAGES = 8
"""Up to so many packages one process does not outgrow its memory, and needs no successor."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to check and how. `directory` is where patterns are resolved; `environment` the
    variables that the go command would see (None: those of this process). `store` is the directory
    of the lasting store, "" for none that outlives the request. `whole`: of files that are very long
    everything is analysed, too. `memory` is the resident size in bytes at which a worker starts over."""

    patterns: tuple[str, ...]
    directory: str
    level: int = 1
    inline: bool = False
    findings: bool = False
    remedies: bool = False
    whole: bool = False
    tests: bool = False
    tags: tuple[str, ...] = ()
    goos: str = ""
    goarch: str = ""
    go_version: str = ""
    environment: Mapping[str, str] | None = None
    overlays: Mapping[str, bytes] = field(default_factory=dict)
    store: str = ""
    memory: int = 1_200 * 1024 * 1024


def check(
    request: CheckRequest,
    jobs: int = 0,
    progress: Callable[[int, int, str], None] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Iterator[PackageResult]:
    """Check every package that the patterns name, in up to `jobs` processes (0: one per core).

    `progress` is told (done, total, package id) at the start and after each package; `warn` what
    is odd about the request. Raises `load.LoadFailure` when the patterns themselves cannot be
    resolved.
    """
    program = Program.from_request(request)
    loaded = program.load(request)
    for text in (*warnings_of(program, loaded), program.store.trouble):
        if warn is not None and text:
            warn(text)
    if progress is not None:
        progress(0, len(loaded), "")
    place = {package.id: n for n, package in enumerate(loaded)}
    for package in loaded:
        if not package.files:  # Nothing to hand out: say why, and go on.
            yield replace(program.check(package), index=place[package.id])
    loaded = [package for package in loaded if package.files]
    for result in _check_all(program, request, loaded, jobs, progress):
        yield replace(result, index=place[result.import_path])


def warnings_of(program: Program, loaded: Sequence[LoadedPackage]) -> Iterator[str]:
    """What is odd about a request that named the packages `loaded`: the toolchain, patterns, and what is wrong
    with packages that they import, for go builds nothing then."""
    loader = program.loader
    yield loader.environment.warning
    yield from loader.warnings
    named = {package.id for package in loaded}
    for package in loader.closure(loaded, with_library=False):
        if package.id not in named:
            yield from (f"{package.import_path}: {error}" for error in package.errors)


def _check_all(
    program: Program,
    request: CheckRequest,
    loaded: Sequence[LoadedPackage],
    jobs: int,
    progress: Callable[[int, int, str], None] | None,
) -> Iterator[PackageResult]:
    jobs = jobs or os.cpu_count() or 1
    with _without_collecting(), tempfile.TemporaryDirectory(prefix="goescape-") as scratch:
        if not request.store and (jobs > 1 or len(loaded) > FEW_PACKAGES):
            request = replace(request, store=scratch)
            program.store = Store(Path(scratch))
        if jobs > 1:
            try:
                with_deep_stack(lambda: learn_imports(program, request, loaded, jobs))
            except Exception:  # It is met again while the package is checked, and reported there.
                program = Program.from_request(request)
                loaded = [package for package in program.load(request) if package.files]
        if min(jobs, len(loaded)) <= 1 and len(loaded) <= FEW_PACKAGES:
            yield from _check_here(program, request, loaded, progress)
        else:
            yield from _check_in_workers(program, request, loaded, min(jobs, len(loaded)), progress)
        program.store.close()


def _check_here(
    program: Program,
    request: CheckRequest,
    loaded: Sequence[LoadedPackage],
    progress: Callable[[int, int, str], None] | None,
) -> Iterator[PackageResult]:
    for n, package in enumerate(loaded, 1):
        yield with_deep_stack(lambda p=package: _guarded(program, p))  # type: ignore[misc]
        if progress is not None:
            progress(n, len(loaded), package.id)
    program.flush()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No garbage is looked for: everything lives until the end."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _guarded(program: Program, package: LoadedPackage) -> PackageResult:
    """Check one package; a bug of ours costs that package, with a message, not the run."""
    try:
        return program.check(package)
    except RecursionError:
        return failed(package, "the code is nested too deeply to be analysed")
    except Exception as e:
        if os.environ.get("GOESCAPE_STRICT"):
            raise
        _log.exception("%s could not be analysed", package.id)
        return failed(package, f"internal error: {type(e).__name__}: {e}")


def _check_in_workers(
    program: Program,
    request: CheckRequest,
    loaded: Sequence[LoadedPackage],
    jobs: int,
    progress: Callable[[int, int, str], None] | None,
) -> Iterator[PackageResult]:
    context = multiprocessing.get_context("spawn")
    schedule = Schedule(loaded)
    workers: dict[Connection, Any] = {}
    busy: dict[Connection, LoadedPackage] = {}

    def start() -> Connection:
        ours, theirs = context.Pipe()
        process = context.Process(target=_worker, args=(theirs, request), daemon=True)
        process.start()
        theirs.close()
        workers[ours] = process
        return ours

    idle = [start() for _ in range(jobs)]
    done = 0
    try:
        while done < len(loaded):
            while idle and (package := schedule.next()) is not None:
                connection = idle.pop()
                connection.send(package.id)
                busy[connection] = package
            for ready in wait(list(busy)):
                connection = cast(Connection, ready)
                package = busy.pop(connection)
                try:
                    result = connection.recv()
                    idle.append(connection)
                except (EOFError, OSError):
                    code = workers.pop(connection).exitcode
                    result = failed(package, f"the analysing process ended (exit status {code})")
                    idle.append(start())
                schedule.done(package)
                done += 1
                yield result
                if progress is not None:
                    progress(done, len(loaded), package.id)
    finally:
        for connection, process in workers.items():
            connection.close()
            process.terminate()
            process.join()


class Schedule:
    """Which package next: one whose imports (among those asked for) are done, and of these the one
    with the longest chain of packages waiting behind it. When all that is left waits for itself
    (an import cycle), one of those goes first."""

    def __init__(self, loaded: Sequence[LoadedPackage]) -> None:
        by_path = {p.id: p for p in loaded}
        self._waiting_for: dict[str, set[str]] = {}
        importers: dict[str, list[str]] = {path: [] for path in by_path}
        for path, package in by_path.items():
            needs = {d for d in package.imports.values() if d in by_path and d != path}
            self._waiting_for[path] = needs
            for d in needs:
                importers[d].append(path)
        self._importers = importers
        self._packages = by_path
        self._weight: dict[str, int] = {}
        for path in by_path:
            self._measure(path)
        self._pending = set(by_path)
        self._out = 0  # packages handed out and not done

    def _measure(self, path: str) -> None:
        stack = [path]
        while stack:
            top = stack[-1]
            if top in self._weight:
                stack.pop()
                continue
            missing = [i for i in self._importers[top] if i not in self._weight]
            if missing and len(stack) <= len(self._packages):
                stack.extend(missing)
                continue
            behind = [self._weight.get(i, 0) for i in self._importers[top]]
            self._weight[top] = len(self._packages[top].files) + max(behind, default=0)
            stack.pop()

    def next(self) -> LoadedPackage | None:
        """The next package to hand out; None when every other one still waits."""
        ready = [p for p in self._pending if not self._waiting_for[p]]
        if not ready and not self._out:
            ready = list(self._pending)
        if not ready:
            return None
        self._out += 1
        path = max(ready, key=lambda p: (self._weight[p], p))
        self._pending.discard(path)
        return self._packages[path]

    def done(self, package: LoadedPackage) -> None:
        """`package` is finished: its importers need not wait for it any more."""
        self._out -= 1
        for path in self._importers[package.id]:
            self._waiting_for[path].discard(package.id)


def _worker(connection: Connection, request: CheckRequest) -> None:
    gc.disable()  # Programs are dropped whole, and collected then.
    configure_log()
    with_deep_stack(lambda: _serve(connection, request))


def _serve(connection: Connection, request: CheckRequest) -> None:
    program = Program.from_request(request)
    program.load(request)
    while True:
        try:
            path = connection.recv()
        except EOFError:
            return
        package = program.loader.package(path)
        assert isinstance(package, LoadedPackage), path
        result = _guarded(program, package)
        program.flush()
        connection.send(result)
        if resident_bytes() > request.memory:
            program.close()
            del program
            gc.collect()
            program = Program.from_request(request)
            program.load(request)

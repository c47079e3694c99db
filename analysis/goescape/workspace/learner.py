"""A process that finds out what callers need of packages, on behalf of an editor's server.

It is started by `learning.Learners`, works at low priority, and writes what it learns to the store, a
little at a time. With the server it exchanges messages: what to work for (`Start`), what to learn
(`Job`), what is in the store now (`News`).

Invariants
  - it reads what the server may read, and runs nothing: the server says which places those are, and
    Python looks for modules in no directory of a workspace;
  - it ends when its input does, in the middle of whatever it does: that is when the server has ended, or
    does not want it any more;
  - a function that cannot be learned is told like one that was: the server then sees that nothing is kept;
  - a package whose key is not the one that was asked for is not learned: its text is another one here.

Example: `python -P -m goescape.workspace.learner` with a `Start` and `Job("strconv", key, ("Itoa",))` on
standard input answers with `News("strconv", ("Itoa",))` once the tags of Itoa, and of what it calls, are kept.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import msgspec

from goescape.bug import configure_log
from goescape.load import LoadedPackage, Loader, LoadFailure
from goescape.workspace.program import Program
from goescape.workspace.resources import resident_bytes, with_deep_stack
from goescape.workspace.store import Store
from goescape.workspace.survey import Asked, Survey, kept_function

NICE = 4
"""How much is added to the niceness of the process: somebody waits, and on a busy machine much more would mean never."""

NEWS_SECONDS = 0.1
"""So long what was learned may wait to be told."""

MEMORY = 900 * 1024 * 1024
"""The resident size in bytes at which all that is in memory is dropped."""


class Start(msgspec.Struct, array_like=True):
    """For what is learned: the arguments of `Loader.create` and `Program`. `parent` is the process that
    is served."""

    directory: str
    variables: dict[str, str]
    goos: str
    goarch: str
    goroot: str
    tags: tuple[str, ...]
    go_version: str
    roots: tuple[str, ...] | None
    inline: bool
    store: str


class Job(msgspec.Struct, array_like=True):
    """Learn the tags of `functions` (by their names in the store) of the package with id `package`, whose
    content key is `key`; or, `looking`, say what that will ask of other packages. `named`: ids of the packages
    that the user names."""

    package: str
    key: bytes
    functions: tuple[str, ...]
    named: tuple[str, ...] = ()
    looking: bool = False


class News(msgspec.Struct, array_like=True):
    """Of these `functions` of `package` everything is kept that can be known. `read`: ids of packages
    that were read for the first time. `is_done`: there is no more to say of the last job. `asked`: functions that
    will be asked for, with the ids and content keys of their packages."""

    package: str
    functions: tuple[str, ...]
    read: tuple[str, ...] = ()
    is_done: bool = False
    asked: tuple[tuple[str, bytes, tuple[str, ...]], ...] = ()


def write(out: IO[bytes], message: msgspec.Struct) -> None:
    """Send a message. Raises `OSError` when nobody listens."""
    data = msgspec.msgpack.encode(message)
    out.write(len(data).to_bytes(4, "little") + data)
    out.flush()


def read(file: IO[bytes]) -> bytes | None:
    """The next message as bytes; None when there are no more."""
    header = file.read(4)
    if len(header) < 4:
        return None
    length = int.from_bytes(header, "little")
    data = file.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Serve the process at the other end of standard input and output."""
    configure_log()
    if hasattr(os, "nice"):
        os.nice(NICE)
    gc.disable()  # What is learned stays until all is dropped.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What anybody prints is no message.
    first = read(sys.stdin.buffer)
    if first is None:
        return
    jobs: SimpleQueue[Job] = SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    learner = _Learner(msgspec.msgpack.decode(first, type=Start), out)
    with_deep_stack(lambda: learner.run(jobs))


def _listen(jobs: SimpleQueue[Job]) -> None:
    """Take jobs, and end the process when there will be no more."""
    while (data := read(sys.stdin.buffer)) is not None:
        jobs.put(msgspec.msgpack.decode(data, type=Job))
    os._exit(0)


class _Learner:
    """What is known in this process, and who is told."""

    def __init__(self, start: Start, out: IO[bytes]) -> None:
        self._start = start
        self._out = out
        self._program: Program | None = None
        self._survey: Survey | None = None
        self._asked: Asked = {}
        self._read: list[str] = []
        self._learned: list[str] = []
        self._told = 0.0

    def run(self, jobs: SimpleQueue[Job]) -> None:
        while True:
            job = jobs.get()
            with contextlib.suppress(
                LoadFailure, RecursionError
            ):  # The server will come to it, too.
                self._learn(job)
            self._tell(job, True)
            if resident_bytes() > MEMORY and self._program is not None:
                self._program.close()
                self._program = self._survey = None
                gc.collect()

    def _new_program(self) -> Program:
        s = self._start
        loader = Loader.create(
            s.directory, s.variables, goos=s.goos, goarch=s.goarch, goroot=s.goroot, tags=s.tags,
            release=s.go_version, roots=s.roots,
        )  # fmt: skip
        program = Program(loader, inline=s.inline, store=Store(Path(s.store)))
        program.is_shared = True
        program.on_package = self._read.append
        return program

    def _learn(self, job: Job) -> None:
        if self._program is None or self._survey is None:
            self._program = self._new_program()
            self._survey = Survey(self._program)
        program = self._program
        for id in job.named:
            named = program.loader.package(id)
            if isinstance(named, LoadedPackage):
                program.name(named)
        package = program.loader.package(job.package)
        if not isinstance(package, LoadedPackage) or program.keys.of(package) != job.key:
            return
        if job.looking:
            self._asked = self._survey.asks(package, job.functions)
            return
        for function in job.functions:
            try:
                learn(program, package, function)
            except RecursionError:
                program.forget_package(package)
            self._learned.append(function)
            if time.monotonic() - self._told > NEWS_SECONDS:
                self._tell(job, False)

    def _tell(self, job: Job, is_done: bool) -> None:
        functions = job.functions if is_done and not job.looking else tuple(self._learned)
        asked: tuple[tuple[str, bytes, tuple[str, ...]], ...] = ()
        if self._program is not None:
            self._program.flush()
            key = self._program.keys.of
            asked = tuple((p.id, key(p), tuple(names)) for p, names in self._asked.values())
        news = News(job.package, functions, tuple(self._read), is_done, asked)
        self._learned.clear()
        self._read.clear()
        self._asked = {}
        self._told = time.monotonic()
        write(self._out, news)


def learn(program: Program, package: LoadedPackage, function: str) -> None:
    """Find out the tags of a function of `package`, named as in the store: `Itoa`, `(*T).M`, `T.M`."""
    pkg = program.state(package).pkg
    obj = kept_function(pkg, function)
    if obj is not None:
        program.tags_of(program.unit_of(pkg).func_name(obj))


if __name__ == "__main__":
    main()

"""Processes that learn what an editor's packages need of their imports, while the editor is served.

With an empty store most of the time goes into imports. The analysis thread says which functions it
would have to know (`want`), `learner` processes find out and write to the store, and the analysis takes up
what they report. Until then findings that depend on it are withheld; nobody analyses in the server what
a learner is to find out.

Invariants
  - processes are there only while something is wanted; they end with this one, however it ends, since
    their input does;
  - what is wanted `is_awaited` until it was learned, or nobody will learn it;
  - what a learner was at that died is tried once more; when too many die nothing is awaited any more, and
    the analysis finds out by itself;
  - packages come imports first, since what a learner needs of imports others may have learned. Which functions
    of imports that are is asked before anything is learned, so that each package has one learner.

Example: after `want(package, ["Itoa"])` it takes some time until `is_awaited("strconv", "Itoa")` is not true
any more, and the store has its tags.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable

import msgspec

from goescape.load import LoadedPackage
from goescape.workspace.learner import Job, News, Start, read, write

_log = logging.getLogger("goescape.workspace")

COMMAND = (sys.executable, "-P", "-m", "goescape.workspace.learner")
"""-P: nothing is imported from the directory that the process is started in."""

MOST = 3
"""More processes would mostly find out what the others do: with 2, 3, 4 and 8 of them the busiest takes 13, 12.5, 12 and
12 s for `net/http`, and each half a gigabyte."""

MANY = 24
"""So many functions are handed out at once: others wait to learn the rest."""

POLL_SECONDS = 0.01

Wanted = tuple[str, str]
"""A function: the id of its package, and its name in the store."""

_FLAGS = 0
if sys.platform == "win32":
    _FLAGS = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS


class Learners:
    """See the module. Up to `n` processes, and not more than `MOST`, for `start`; `key` is the content key of a package, `rank` orders
    packages, imports first; `told` hears, from any thread, of the packages that are read."""

    def __init__(
        self,
        n: int,
        start: Start,
        key: Callable[[LoadedPackage], bytes],
        rank: Callable[[str], int],
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._n = min(n, MOST)
        self._start = start
        self._key = key
        self._rank = rank
        self._told = told
        self._changed = threading.Condition()
        self._processes: list[_Process] = []
        self._keys: dict[str, bytes] = {}
        self._waiting: dict[str, list[str]] = {}  # by package: what nobody is at yet
        self._unseen: dict[str, list[str]] = {}  # by package: of what nobody knows what it asks for
        self._wanted: set[Wanted] = set()
        self._answered: set[Wanted] = set()
        self._lost: set[Wanted] = set()  # processes have ended while they were at these
        self._n_lost = 0
        self.named: tuple[str, ...] = ()
        """The packages that the user names."""

    # --- for the analysis thread -------------------------------------------------------------------

    def begin(self) -> None:
        """Start the processes: something will be wanted."""
        with self._changed:
            while len(self._processes) < self._n and self._n_lost <= self._n:
                try:
                    self._processes.append(_Process(self._start, self._take, self._ended))
                except OSError as e:
                    _log.warning("imports are learned without processes of their own: %s", e)
                    self._n_lost = self._n + 1
            if not self._processes:
                self._give_up()

    def want(self, package: LoadedPackage, functions: Iterable[str]) -> None:
        """Learn the tags of functions of `package`, named as in the store."""
        new = [f for f in functions if (package.id, f) not in self._wanted]
        if not new:
            return
        key = self._key(package)
        with self._changed:
            self._want(package.id, key, new)
        self.begin()
        with self._changed:
            self._hand_out()

    def is_awaited(self, package: str, function: str) -> bool:
        """Whether a function was wanted and may still be learned."""
        wanted = package, function
        return wanted in self._wanted and wanted not in self._answered

    @property
    def is_busy(self) -> bool:
        """Whether something that was wanted may still be learned."""
        return len(self._answered) < len(self._wanted)

    def wait(self, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
        """Until nothing more will be learned, `seconds` have passed or `cancelled` is true. News alone end no
        wait: they come many times a second, and looking what came of them takes longer than they do."""
        until = time.monotonic() + seconds
        with self._changed:
            while self.is_busy and time.monotonic() < until:
                if cancelled is not None and cancelled():
                    return
                self._changed.wait(POLL_SECONDS)

    def restart(self) -> None:
        """What the processes have read is out of date."""
        with self._changed:
            for process in self._end_all():
                self._put_back(process)
        if self.is_busy:
            self.begin()
            with self._changed:
                self._hand_out()

    def rest(self) -> None:
        """End the processes if nothing is wanted of them."""
        if not self.is_busy:
            with self._changed:
                self._end_all()

    def stop(self) -> None:
        """End the processes: what was wanted is not learned any more."""
        with self._changed:
            self._end_all()
            self._give_up()

    # --- with the lock held --------------------------------------------------------------------------

    def _want(self, id: str, key: bytes, functions: Iterable[str]) -> None:
        new = [f for f in functions if (id, f) not in self._wanted]
        if new:
            self._keys[id] = key
            self._wanted.update((id, f) for f in new)
            self._waiting.setdefault(id, []).extend(new)
            if self._n > 1:
                self._unseen.setdefault(id, []).extend(new)

    def _hand_out(self) -> None:
        """Give work to whoever has none."""
        for process in self._processes:
            if process.job is None:
                self._look(process) or self._learn(process)

    def _look(self, process: _Process) -> bool:
        """Let the process see what is asked for, importers first, in packages that nobody else looks at; one
        of the processes learns meanwhile."""
        looking = sum(p.job is not None and p.job.looking for p in self._processes)
        found = [id for id in self._unseen if self._owner(id) in (None, process)]
        if not found or (self._waiting and looking == len(self._processes) - 1):
            return False
        id = max(found, key=self._place)
        process.packages.add(id)
        process.give(Job(id, self._keys[id], tuple(self._unseen.pop(id)), self.named, True))
        return True

    def _learn(self, process: _Process) -> bool:
        """Let the process learn something, imports first, of packages that it has looked at, or else of any
        that nobody is at, or else of any."""
        if not self._waiting:
            return False
        taken = {p.job.package for p in self._processes if p.job is not None and not p.job.looking}
        free = self._waiting.keys() - taken
        own = {id for id in free if self._owner(id) in (None, process)}
        id = min(own or free or self._waiting, key=self._place)
        functions = self._waiting[id]
        process.give(Job(id, self._keys[id], tuple(functions[:MANY]), self.named))
        del functions[:MANY]
        if not functions:
            del self._waiting[id]
        return True

    def _owner(self, id: str) -> _Process | None:
        """Who looks at a package."""
        return next((p for p in self._processes if id in p.packages), None)

    def _place(self, id: str) -> tuple[int, str]:
        return self._rank(id), id

    def _put_back(self, process: _Process) -> None:
        """Somebody else is to do what the process was at."""
        job, process.job = process.job, None
        if job is not None:
            queue = self._unseen if job.looking else self._waiting
            rest = [f for f in job.functions if (job.package, f) not in self._answered]
            if rest:
                queue[job.package] = rest + queue.get(job.package, [])

    def _end_all(self) -> list[_Process]:
        ended, self._processes = self._processes, []
        for process in ended:
            process.end()
        return ended

    def _give_up(self) -> None:
        """Nobody will learn what is wanted."""
        self._waiting.clear()
        self._unseen.clear()
        self._answered |= self._wanted
        self._changed.notify_all()

    # --- from the threads that listen ------------------------------------------------------------------

    def _take(self, process: _Process, news: News) -> None:
        """A process has something to say."""
        with self._changed:
            if process not in self._processes:
                return
            self._answered.update((news.package, f) for f in news.functions)
            for id, key, functions in news.asked:
                self._want(id, key, functions)
            if news.is_done:
                process.job = None
                self._hand_out()
            self._changed.notify_all()
        if self._told is not None:
            for package in news.read:
                self._told(package)

    def _ended(self, process: _Process) -> None:
        """A process has ended. What it was at is tried once more."""
        with self._changed:
            if process not in self._processes:
                return  # As it was told to.
            self._processes.remove(process)
            process.end()
            self._n_lost += 1
            if process.job is not None:
                at = {(process.job.package, f) for f in process.job.functions} - self._answered
                self._answered |= at & self._lost
                self._lost |= at
            self._put_back(process)
            _log.warning("a process that learned imports has ended")
        self.begin()
        with self._changed:
            self._hand_out()
            self._changed.notify_all()


class _Process:
    """A learner, and the thread that listens to it. `job`: what it is at; `packages`: ids of those that it has
    looked at."""

    def __init__(
        self,
        start: Start,
        take: Callable[[_Process, News], None],
        ended: Callable[[_Process], None],
    ) -> None:
        self.job: Job | None = None
        self.packages: set[str] = set()
        self._popen = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=start.store,
            creationflags=_FLAGS,
        )  # fmt: skip
        assert self._popen.stdin is not None and self._popen.stdout is not None
        self._in, self._out = self._popen.stdin, self._popen.stdout
        self._send(start)
        threading.Thread(
            target=self._listen, args=(take, ended), name="goescape-learner", daemon=True
        ).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def give(self, job: Job) -> None:
        self.job = job
        self._send(job)

    def end(self) -> None:
        self._popen.kill()
        with contextlib.suppress(OSError):
            self._in.close()
        self._popen.wait()

    def _send(self, message: Start | Job) -> None:
        with contextlib.suppress(OSError):  # That it has ended is heard at the other end.
            write(self._in, message)

    def _listen(
        self, take: Callable[[_Process, News], None], ended: Callable[[_Process], None]
    ) -> None:
        with contextlib.suppress(OSError, ValueError, msgspec.DecodeError):
            while (data := read(self._out)) is not None:
                take(self, msgspec.msgpack.decode(data, type=News))
        ended(self)
        with contextlib.suppress(OSError):
            self._out.close()

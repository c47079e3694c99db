"""What a client waits for, measured at the wire of a running server, beside the compiler.

    cd tests; python -m benchmarks.server [--edits N] [--from-nothing] [--compiler] [--pull] [FILE]

FILE (default: net/http/server.go of the toolchain) is opened, typed in, and asked about; a table in Markdown is
printed. Times are the 50th and 95th percentile, from the moment at which a message is written to that at which
the answer was read, and the CPU time that the server spent on each:

- from nothing (with `--from-nothing`): with an empty store, from opening the file to something being said, and to all;
- open: from opening the file, in a server that has just started, to all its diagnostics, as an earlier session kept
  them; and the same from starting the server;
- keystroke, right after opening: a character typed in a body, to the diagnostics of that text;
- keystroke: the same once the server has come to rest; the same in a signature;
- hover, code actions: while nothing else is done; hover right after a keystroke.

With `--compiler` it is told how long `go test -c` takes for an edit in the same hour, and how many times as long
that is: on a machine that others use, only that can be compared with another day. What is typed is what
`benchmarks.edit_latency` types. With `--pull` diagnostics are asked for; otherwise the server publishes them.
Without `--from-nothing` the store is that of the environment (GOESCAPE_CACHE); run it twice for a warm one.
"""

from __future__ import annotations

import argparse
import bisect
import compileall
import gc
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import goescape
import goescape_server
from harness.oracle import goroot
from harness.wire import Wire, running

from benchmarks.compiler import Spent, go_test
from benchmarks.edit_latency import keystrokes

Position = dict[str, int]
CAPABILITIES = {"window": {"workDoneProgress": True}}
PUSHED = {"publishDiagnostics": {"relatedInformation": True, "versionSupport": True}}
PULLED = {"diagnostic": {"relatedInformation": True}}
ACTIONS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
REST_SECONDS = 6.0
"""A little longer than a server does nothing before it keeps what it knows."""


def _count(n: int, holds: Callable[[int], bool]) -> int:
    """The greatest number up to `n` for which it holds, as it does for all below."""
    return bisect.bisect_left(range(1, n + 1), True, key=lambda i: not holds(i))


def _position(text: str, offset: int) -> Position:
    """Where an offset of ASCII text is."""
    return {
        "line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1,
    }  # fmt: skip


class Typing:
    """The file in the server, and what is done with it."""

    def __init__(self, wire: Wire, path: Path, pid: int) -> None:
        self.wire = wire
        self.pid = pid
        self.uri = path.as_uri()
        self.version = 1
        self.text = text = path.read_text()
        self.opened = time.perf_counter()
        wire.send(
            "textDocument/didOpen",
            {"textDocument": {"uri": self.uri, "languageId": "go", "version": 1, "text": text}},
        )
        # In bodies: behind assignments of short variables.
        self.places = [
            {"line": n, "character": len(line)}
            for n, line in enumerate(text.split("\n"))
            if re.fullmatch(r"\t+\w+ := [\w.()]+", line)
        ]

    def diagnostics(self) -> dict[str, Any]:
        """Pulled, for the text as it is."""
        return self.wire.ask("textDocument/diagnostic", {"textDocument": {"uri": self.uri}})

    def type(self, at: Position, new: str, old: int = 0) -> None:
        end = {**at, "character": at["character"] + old}
        self.make({"range": {"start": at, "end": end}, "text": new})

    def make(self, change: dict[str, Any]) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.wire.send(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )

    def become(self, text: str) -> None:
        """Type what makes the text this one."""
        self.make(self.change_to(text))

    def change_to(self, text: str) -> dict[str, Any]:
        """What has to be typed for the text to be this one; from now on it is taken for that."""
        old, n = self.text, min(len(self.text), len(text))
        start = _count(n, lambda i: old[:i] == text[:i])
        rest = _count(n - start, lambda i: old[len(old) - i :] == text[len(text) - i :])
        gone, new = old[start : len(old) - rest], text[start : len(text) - rest]
        self.text = text
        span = {"start": _position(old, start), "end": _position(old, start + len(gone))}
        return {"range": span, "text": new}

    def published(self) -> list[Any]:
        """The diagnostics that the server sends for the text as it is."""
        while True:
            told = self.wire.notification("textDocument/publishDiagnostics")
            if told["version"] == self.version:
                found: list[Any] = told["diagnostics"]
                return found

    def come_to_rest(self) -> None:
        """Wait until the server has done all that it does, and kept what it knows."""
        rest, spent = time.perf_counter(), self.cpu()
        while time.perf_counter() - rest < REST_SECONDS:
            time.sleep(0.5)
            self.wire.ask("goescape/nothing")  # It is refused; what was sent before is read.
            if (now := self.cpu()) > spent + 0.05 or self.learners():
                spent, rest = now, time.perf_counter()

    def about(self, at: Position) -> dict[str, Any]:
        return {"textDocument": {"uri": self.uri}, "position": at}

    def cpu(self) -> float:
        """Seconds that the server has spent."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def learners(self) -> int:
        """Resident bytes of the server's child processes, together."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                try:
                    total += int(Path(f"/proc/{child}/statm").read_text().split()[1])
                except OSError:
                    continue
        return total * os.sysconf("SC_PAGE_SIZE")

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Table:
    """What was measured, as a table in Markdown. `compiler` is what `go test -c` takes for an edit."""

    def __init__(self, compiler: Spent | None) -> None:
        self.compiler = compiler
        if compiler is not None:
            print(f"`go test -c` for an edit: {compiler.wall:.1f} s, {compiler.cpu:.1f} s of CPU\n")
        self._row("", "p50", "p95", "CPU", "times", "`go test -c`")
        self._row(*["---"] * 6)

    def _row(self, *cells: str) -> None:
        print(f"| {' | '.join(cells if self.compiler is not None else cells[:-1])} |", flush=True)

    def add(self, what: str, spent: Sequence[float], cpu: float) -> None:
        """A row for times in milliseconds, with `cpu` of the server for each. In the last column stands how
        many times the 95th percentile the compiler takes."""
        p50, p95 = statistics.median(spent), sorted(spent)[int(len(spent) * 0.95)]
        compiler = self.compiler
        ratio = f"{compiler.wall * 1000 / p95:.3g} times p95" if compiler is not None else ""
        self._row(what, f"{p50:.1f} ms", f"{p95:.1f} ms", f"{cpu:.1f} ms", f"{len(spent)}", ratio)

    def measure(self, what: str, typing: Typing, times: int, act: Callable[[int], None]) -> None:
        """Add how long `act` takes with 0, 1, …"""
        spent: list[float] = []
        cpu = typing.cpu()
        for n in range(times):
            start = time.perf_counter()
            act(n)
            spent.append((time.perf_counter() - start) * 1000)
        self.add(what, spent, (typing.cpu() - cpu) / times * 1000)


@contextmanager
def serving(path: Path, pull: bool = False, **variables: str) -> Iterator[Typing]:
    """A server that was told of the file."""
    with running(3600, **variables) as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(
            capabilities={
                **CAPABILITIES,
                "textDocument": {"codeAction": ACTIONS, **(PULLED if pull else PUSHED)},
            },
            initializationOptions={"diagnostics": {"outside": True}},
        )
        yield Typing(wire, path.resolve(), process.pid)


def from_nothing(path: Path, store: str, table: Table) -> None:
    """How long it takes with an empty store until something is said of the file, and until all is."""
    with serving(path, GOESCAPE_CACHE=store) as typing:
        start = typing.opened
        first: list[float] = []

        def is_all(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            match message.get("method"):
                case "window/workDoneProgress/create":
                    typing.wire.reply(message["id"], None)
                case "textDocument/publishDiagnostics" if params["diagnostics"] and not first:
                    first.append((time.perf_counter() - start) * 1000)
                    table.add("from nothing: first findings", first, typing.cpu() * 1000)
                case "$/progress":
                    return bool(params["value"]["kind"] == "end")
            return False

        typing.wire.next(is_all)
        spent = [(time.perf_counter() - start) * 1000]
        table.add("from nothing: complete", spent, typing.cpu() * 1000)
        typing.come_to_rest()


def typed_in(path: Path, edits: int, pull: bool, table: Table, **variables: str) -> None:
    """What a server whose store is warm takes for each thing."""
    start = time.perf_counter()
    with serving(path, pull, **variables) as typing:
        wire, places = typing.wire, typing.places

        def answer() -> list[Any]:
            return typing.diagnostics()["result"]["items"] if pull else typing.published()

        found = len(answer())
        now = time.perf_counter()
        table.add(f"open: {found} findings", [(now - typing.opened) * 1000], typing.cpu() * 1000)
        table.add("the same, from the server's start", [(now - start) * 1000], typing.cpu() * 1000)

        def type_all(what: str, kind: str = "body") -> None:
            texts = keystrokes(original.encode(), edits, kind)
            changes = [typing.change_to(text.decode()) for text in texts]

            def keystroke(n: int) -> None:
                typing.make(changes[n])
                answer()

            table.measure(what, typing, edits, keystroke)
            typing.become(original)
            typing.come_to_rest()

        def hover(n: int) -> None:
            wire.ask("textDocument/hover", typing.about(places[n % len(places)]))

        def actions(n: int) -> None:
            at = places[n % len(places)]
            params = {
                "textDocument": {"uri": typing.uri}, "range": {"start": at, "end": at},
                "context": {"diagnostics": []},
            }  # fmt: skip
            wire.ask("textDocument/codeAction", params)

        def hover_while_typing(n: int) -> None:
            at = places[n // 2 % len(places)]
            typing.type(at, " " if n % 2 == 0 else "", n % 2)
            hover(n)

        original = path.read_text()
        type_all("keystroke, right after opening")
        type_all("keystroke")
        type_all("keystroke in a signature", "signature")
        table.measure("hover", typing, edits, hover)
        table.measure("code actions", typing, edits, actions)
        table.measure("hover right after a keystroke", typing, edits, hover_while_typing)
        print(f"\nmemory {typing.memory() / 2**20:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description="what a client waits for")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--pull", action="store_true", help="ask for diagnostics")
    parser.add_argument("--from-nothing", action="store_true", help="begin with an empty store")
    parser.add_argument("--compiler", action="store_true", help="with `go test -c` for an edit")
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    path: Path = options.file or goroot() / "src" / "net" / "http" / "server.go"
    for module in (goescape, goescape_server):  # As `pip` leaves them.
        compileall.compile_dir(module.__path__[0], quiet=1)
    gc.disable()  # A client that reads thousands of answers would stop for its own garbage.
    table = Table(go_test(path) if options.compiler else None)
    if options.from_nothing:
        with tempfile.TemporaryDirectory() as store:
            from_nothing(path, store, table)
            typed_in(path, options.edits, options.pull, table, GOESCAPE_CACHE=store)
    else:
        typed_in(path, options.edits, options.pull, table)


if __name__ == "__main__":
    main()

"""How long a client waits, measured at the wire of a running server.

    cd tests; python -m benchmarks.server [--edits N] [--pull] [FILE]

FILE (default: net/http/server.go of the toolchain) is opened, typed in, and asked about. Printed are the
50th and 95th percentile in milliseconds, from the moment a message is written to that at which the answer
was read, and the CPU time that the server spent on each:

- at once: a character typed in a body, right after the file was opened, to the diagnostics of that text;
- keystroke: the same once the server has come to rest;
- hover, actions: while nothing else is done; hover (typing): right after an edit;
- the time from opening the file to its first diagnostics, and the memory at the end.

What is typed is what `benchmarks.edit_latency` types. With `--pull` diagnostics are asked for; otherwise the
server publishes them. The store is that of the environment (GOESCAPE_CACHE); run it twice for a warm one.
"""

from __future__ import annotations

import argparse
import bisect
import gc
import os
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.oracle import goroot
from harness.wire import Wire, running

from benchmarks.edit_latency import keystrokes

Position = dict[str, int]
CAPABILITIES = {"window": {"workDoneProgress": True}}
PUSHED = {"publishDiagnostics": {"relatedInformation": True, "versionSupport": True}}
PULLED = {"diagnostic": {"relatedInformation": True}}
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


def measure(name: str, typing: Typing, times: int, act: Callable[[int], None]) -> None:
    """Do `act` with 0, 1, … and print how long it took."""
    spent = []
    cpu = typing.cpu()
    for n in range(times):
        start = time.perf_counter()
        act(n)
        spent.append((time.perf_counter() - start) * 1000)
    cpu = (typing.cpu() - cpu) / times * 1000
    p50, p95 = statistics.median(spent), sorted(spent)[int(len(spent) * 0.95)]
    print(f"{name:16} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms   CPU {cpu:8.1f} ms   ({times} times)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--pull", action="store_true")
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    path: Path = options.file or goroot() / "src" / "net" / "http" / "server.go"
    edits: int = options.edits
    gc.disable()  # A client that reads thousands of answers would stop for its own garbage.
    with running(3600) as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(
            capabilities={**CAPABILITIES, "textDocument": PULLED if options.pull else PUSHED},
            initializationOptions={"diagnostics": {"outside": True}},
        )
        start = time.perf_counter()
        typing = Typing(wire, path.resolve(), process.pid)
        found = typing.diagnostics()["result"]["items"] if options.pull else typing.published()
        print(f"{path.name}: {len(found)} diagnostics after {time.perf_counter() - start:.2f} s")
        places = typing.places
        texts = [t.decode() for t in keystrokes(path.read_bytes(), edits)]

        def keystroke(n: int) -> None:
            typing.make(changes[n])
            typing.diagnostics() if options.pull else typing.published()

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

        changes = [typing.change_to(text) for text in texts]
        measure("at once", typing, edits, keystroke)
        typing.become(path.read_text())  # Only what is on disk is kept for the next run.
        typing.come_to_rest()
        changes = [typing.change_to(text) for text in texts]
        measure("keystroke", typing, edits, keystroke)
        typing.come_to_rest()
        typing.become(path.read_text())
        measure("hover", typing, edits, hover)
        measure("actions", typing, edits, actions)
        measure("hover (typing)", typing, edits, hover_while_typing)
        print(f"memory {typing.memory() / 1e6:.0f} MB")


if __name__ == "__main__":
    main()

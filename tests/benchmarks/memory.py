"""How much memory a server takes, over thousands of edits.

    cd tests; python -m benchmarks.memory [--edits N] [--store DIR] [FILE]

FILE (default: net/http/server.go of the toolchain) is opened, and a character at a time is typed into and
deleted from bodies all over it, each answered before the next. Printed are the resident megabytes of the
server once everything is known, after every N edits (default 1,000) twice, and the most that the
processes took which learned imports meanwhile. The store is a new one unless DIR is given.

Example: with an empty store the processes that learn take more than the server does in the end.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from harness.oracle import goroot
from harness.wire import Wire, running

from benchmarks.server import Typing

CAPABILITIES = {"textDocument": {"diagnostic": {"relatedInformation": True}}}


def measure(path: Path, edits: int, store: str) -> None:
    with running(7200, GOESCAPE_CACHE=store) as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(
            capabilities=CAPABILITIES, initializationOptions={"diagnostics": {"outside": True}}
        )
        start = time.perf_counter()
        typing = Typing(wire, path.resolve(), process.pid)
        most = 0
        wire.n += 1
        document: dict[str, Any] = {"textDocument": {"uri": typing.uri}}
        wire.send("textDocument/diagnostic", document, id=wire.n)
        found = None
        while found is None:
            message = wire.next(lambda m: True)
            most = max(most, typing.learners())
            found = message if message.get("id") == wire.n and "method" not in message else None
        spent = time.perf_counter() - start
        print(
            f"{path.name}: {len(found['result']['items'])} diagnostics after {spent:.1f} s,"
            f" {typing.cpu():.1f} s of CPU in the server; {typing.memory() / 2**20:.0f} MB,"
            f" learners {most / 2**20:.0f} MB",
            flush=True,
        )
        places = typing.places
        for n in range(2 * edits):
            at = places[n // 2 % len(places)]
            typing.type(at, " " if n % 2 == 0 else "", n % 2)
            typing.diagnostics()
            if (n + 1) % edits == 0:
                print(f"after {n + 1} edits: {typing.memory() / 2**20:.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="memory of a server")
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--store", default="")
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    path: Path = options.file or goroot() / "src" / "net" / "http" / "server.go"
    with tempfile.TemporaryDirectory() as tmp:
        measure(path, options.edits, options.store or tmp)


if __name__ == "__main__":
    main()

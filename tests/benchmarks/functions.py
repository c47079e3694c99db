"""How long it takes to analyse a function again after an edit in its body, for every function of a file.

Run as `python -m benchmarks.functions` in `tests/`; prints a table in Markdown. A statement that compiles is typed
at the beginning of one body after the other, from the text to the findings of the whole file: the least of some
tries, as time of CPU. The store is warm, and the package is known.

An edit in a function that others expand analyses those again too: `solved` tells how many functions there were, and
how long each of them took is told apart from those that are solved alone.

Example: `python -m benchmarks.functions net/http/server.go --budget 30`
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax import ast
from goescape.syntax.parse import parse_file
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session, Target
from goescape_server.lsp.garbage import LONG_PAUSE, Garbage
from harness.oracle import goroot

from benchmarks.edit_latency import Work, percentile

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Again:
    """A function, the bytes of its body, the milliseconds after an edit there, and how many functions were solved."""

    name: str
    length: int
    ms: float
    solved: int


def measure(path: Path, store: str, tries: int) -> list[Again]:
    """The functions of the file, the slowest first."""
    session = Session({**os.environ, "GOROOT": str(goroot())}, Target(inline=True), store)
    text = path.read_bytes()
    session.set_text(str(path), text)
    session.check(str(path))
    Garbage().collect(LONG_PAUSE)  # As the server has it.
    found: list[Again] = []
    for name, begin, end in _bodies(path, text):
        best, solved = float("inf"), 0
        for i in range(tries):
            typed = b"\n\tvar x%d = 0; _ = x%d\n" % (i, i)
            with Work() as work:
                before = time.process_time()
                session.set_text(str(path), text[:begin] + typed + text[begin:])
                session.check(str(path))
                best = min(best, time.process_time() - before)
            solved = work.done["solved"]
        session.set_text(str(path), text)
        session.check(str(path))
        found.append(Again(name, end - begin, best * 1e3, solved))
    return sorted(found, key=lambda again: -again.ms)


def _bodies(path: Path, text: bytes) -> list[tuple[str, int, int]]:
    """The functions with a body: the name, and the offsets behind its first brace and of its end."""
    found: list[tuple[str, int, int]] = []
    for stretch in parse_file(SourceFile(str(path), text), Positions()).stretches:
        for decl in stretch.decls:
            if isinstance(decl, ast.FuncDecl) and decl.has_body:
                found.append((decl.name.value, stretch.late + 1, stretch.end))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="each function of a file again, in CPU time")
    parser.add_argument("file", nargs="?", default="net/http/server.go", help="below GOROOT/src")
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument("--budget", type=float, default=30, help="milliseconds")
    options = parser.parse_args()
    path = goroot() / "src" / options.file
    with tempfile.TemporaryDirectory() as store:
        found = with_deep_stack(lambda: measure(path, store, options.tries))
    times = [again.ms for again in found]
    within = sum(ms <= options.budget for ms in times)
    alone = [again.ms for again in found if again.solved < 2]
    shares = [again.ms / again.solved for again in found if again.solved > 1]
    print(
        f"`{options.file}`: {within} of {len(found)} functions within {options.budget:g} ms;"
        f" p50 {percentile(times, 0.5):.1f}, p95 {percentile(times, 0.95):.1f} ms"
    )
    print(
        f"Solved alone: {sum(ms <= options.budget for ms in alone)} of {len(alone)}, the slowest"
        f" {max(alone, default=0):.1f} ms; with others: at most {max(shares, default=0):.1f} ms for each\n"
    )
    print("| function | body | again | solved |")
    print("| --- | --- | --- | --- |")
    for again in found[:SHOWN]:
        print(f"| `{again.name}` | {again.length} bytes | {again.ms:.1f} ms | {again.solved} |")


if __name__ == "__main__":
    main()

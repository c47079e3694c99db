"""How long a keystroke takes from the text to the answer, beside what the compiler takes for the same.

Run as `python -m benchmarks.edit_latency` in `tests/`; prints a table in Markdown. Times are CPU time of
the analysis, so they do not depend on what else the machine does. Each keystroke is one character of
`x := new(int)`, typed into and deleted from bodies all over the file, every tenth a new line; the text
does not compile most of the time. The store is warm: a first session fills it.

With `--kind` the characters are typed elsewhere: a parameter into `signature`s, a whole function that is
`added` between others, a field into a struct `type`, a `method` into an interface, a variable (`value`), an `import`. What is done again
for one keystroke is told with it: declared functions resolved, functions lowered, groups of them solved.

Example: `python -m benchmarks.edit_latency --edits 200 --compiler`
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import re
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from goescape.typecheck.checker import Checker
from goescape.workspace import reading, solving
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session, Target
from goescape_server.lsp.garbage import LONG_PAUSE, Garbage
from harness.edits import bodies
from harness.oracle import goroot

from benchmarks.compiler import go_test

TYPED = {
    "body": "\n\tx9 := new(int)\n\t_ = x9",
    "signature": "x9 int, ",
    "added": "func x9(p *int) *int {\n\treturn p\n}\n\n",
    "type": "\n\tx9 *int",
    "method": "\n\tF9(x *int)",
    "value": "var x9 = new(int)\n\n",
    "import": '\n\t_ "embed"',
}

_PLACES = {
    "signature": re.compile(rb"^func (?:\([^)]*\) )?\w+(?:\[.*?\])?\((?=\w)", re.M),
    "added": re.compile(rb"(?<=\n)\n(?=func )"),
    "type": re.compile(rb"^type \w+ struct \{", re.M),
    "method": re.compile(rb"^type \w+ interface \{", re.M),
    "value": re.compile(rb"(?<=\n)\n(?=func )"),
    "import": re.compile(rb"^import \(", re.M),
}


def keystrokes(text: bytes, n: int, kind: str = "body", seed: int = 1) -> list[bytes]:
    """`n` texts, each one keystroke after the last: typing and deleting in random places."""
    rnd = random.Random(seed)
    typed = TYPED[kind].encode()
    if kind == "body":
        places = [text.find(b"\n", start) for start, _ in bodies(text)]
    else:
        places = [m.end() for m in _PLACES[kind].finditer(text)]
    out: list[bytes] = []
    while len(out) < n:
        at = rnd.choice(places)
        states = [text[:at] + typed[:i] + text[at:] for i in range(1, len(typed) + 1)]
        out += states + states[-2::-1] + [text]
    return out[:n]


class Work:
    """Counts what is done again, while it is entered."""

    def __init__(self) -> None:
        self.done: dict[str, int] = {}
        self._put_back: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> Work:
        for owner, name, what in (
            (Checker, "func_decl", "resolved"), (reading, "read", "lowered"), (solving, "solve", "solved"),
        ):  # fmt: skip
            self._count(owner, name, what)
        return self

    def __exit__(self, *_: object) -> None:
        for owner, name, method in self._put_back:
            setattr(owner, name, method)

    def _count(self, owner: Any, name: str, what: str) -> None:
        method = getattr(owner, name)
        self.done[what] = 0

        def counted(*args: Any) -> Any:
            self.done[what] += 1
            return method(*args)

        self._put_back.append((owner, name, method))
        setattr(owner, name, counted)


def percentile(values: list[float], p: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def measure(path: Path, n: int, store: str, inline: bool, kind: str = "body") -> dict[str, float]:
    """Milliseconds of CPU: opening, and one keystroke of a `kind` with its answer; megabytes after;
    how much is done again on average."""
    variables = {**os.environ, "GOROOT": str(goroot())}
    text = path.read_bytes()
    warm = Session(variables, Target(inline=inline), store)
    warm.check(str(path))
    warm.close()
    del warm
    gc.collect()
    session = Session(variables, Target(inline=inline), store)
    begin = time.process_time()
    session.set_text(str(path), text)
    session.check(str(path))
    opened = time.process_time() - begin
    garbage = Garbage()  # As the server has it.
    garbage.collect(LONG_PAUSE)
    times = []
    with Work() as work:
        for new in keystrokes(text, n, kind):
            begin = time.process_time()
            session.set_text(str(path), new)
            session.check(str(path))
            times.append(time.process_time() - begin)
    garbage.edited(n)
    begin = time.process_time()
    garbage.collect(LONG_PAUSE)
    pause = time.process_time() - begin
    return {
        "open": opened * 1e3,
        "p50": percentile(times, 0.5) * 1e3,
        "p95": percentile(times, 0.95) * 1e3,
        "max": max(times) * 1e3,
        "pause": pause * 1e3,
        "rss": _resident(),
        **{what: count / n for what, count in work.done.items()},
    }


def _resident() -> float:
    """Megabytes of memory in use now, where the system tells, else the most there were."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description="keystroke to answer, in CPU time")
    parser.add_argument("file", nargs="?", default="net/http/server.go", help="below GOROOT/src")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--kind", choices=list(TYPED), default="body", help="where is typed")
    parser.add_argument("-l", dest="plain", action="store_true", help="without inlining")
    parser.add_argument("--store", default="", help="directory of the store (default: a new one)")
    parser.add_argument("--compiler", action="store_true", help="with `go test -c` for an edit")
    options = parser.parse_args()
    path = goroot() / "src" / options.file
    with tempfile.TemporaryDirectory() as tmp:
        store = options.store or tmp
        got = with_deep_stack(
            lambda: measure(path, options.edits, store, not options.plain, options.kind)
        )
    print(
        "| file | open | keystroke p50 | p95 | max | collecting | memory | resolved | lowered | solved |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| `{options.file}` | {got['open']:.0f} ms | {got['p50']:.1f} ms | {got['p95']:.1f} ms |"
        f" {got['max']:.0f} ms | {got['pause']:.0f} ms | {got['rss']:.0f} MB |"
        f" {got['resolved']:.1f} | {got['lowered']:.1f} | {got['solved']:.1f} |"
    )
    if options.compiler:
        spent = go_test(path).cpu
        print(
            f"\n`go test -c` for one edit: {spent:.1f} s CPU, {spent * 1e3 / got['p50']:.0f} times p50"
        )


if __name__ == "__main__":
    main()

"""How long a keystroke takes from the text to the answer, beside what the compiler takes for the same.

Run as `python -m benchmarks.edit_latency` in `tests/`; prints a table in Markdown. Times are CPU time of
the analysis, so they do not depend on what else the machine does. Each keystroke is one character of
`x := new(int)`, typed into and deleted from bodies all over the file, every tenth a new line; the text
does not compile most of the time. The store is warm: a first session fills it.

Example: `python -m benchmarks.edit_latency --edits 200 --compiler`
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from goescape.workspace.parallel import with_deep_stack
from goescape.workspace.session import Session, Target
from harness.edits import bodies
from harness.oracle import goroot

TYPED = "\n\tx9 := new(int)\n\t_ = x9"


def keystrokes(text: bytes, n: int, seed: int = 1) -> list[bytes]:
    """`n` texts, each one keystroke after the last: typing and deleting in random bodies."""
    rnd = random.Random(seed)
    out: list[bytes] = []
    while len(out) < n:
        start, _ = rnd.choice(bodies(text))
        at = text.find(b"\n", start)
        states = [text[:at] + TYPED[:i].encode() + text[at:] for i in range(1, len(TYPED) + 1)]
        out += states + states[-2::-1] + [text]
    return out[:n]


def percentile(values: list[float], p: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))]


def measure(path: Path, n: int, store: str, inline: bool) -> dict[str, float]:
    """Milliseconds of CPU: opening, and one keystroke with its answer; megabytes after."""
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
    gc.collect()
    gc.disable()  # As the server has it.
    times = []
    for new in keystrokes(text, n):
        begin = time.process_time()
        session.set_text(str(path), new)
        session.check(str(path))
        times.append(time.process_time() - begin)
    begin = time.process_time()
    gc.collect()
    pause = time.process_time() - begin
    gc.enable()
    return {
        "open": opened * 1e3,
        "p50": percentile(times, 0.5) * 1e3,
        "p95": percentile(times, 0.95) * 1e3,
        "max": max(times) * 1e3,
        "pause": pause * 1e3,
        "rss": _resident(),
    }


def _resident() -> float:
    """Megabytes of memory in use now, where the system tells, else the most there were."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def compiler(path: Path) -> float:
    """Seconds of CPU that `go test -c` with compiler details takes for the package after an edit."""
    with tempfile.TemporaryDirectory() as tmp:
        edited = Path(tmp) / path.name
        edited.write_bytes(path.read_bytes() + b"\nfunc edited9() *int { return new(int) }\n")
        overlay = Path(tmp) / "overlay.json"
        overlay.write_text(f'{{"Replace": {{"{path}": "{edited}"}}}}')
        package = path.parent.relative_to(goroot() / "src").as_posix()
        go = goroot() / "bin" / "go"
        command = [
            str(go), "test", "-c", "-vet=off", f"-gcflags=-json=0,{tmp}/details", "-o", os.devnull,
        ]  # fmt: skip
        environment = {
            **os.environ,
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "-mod=mod",
        }
        subprocess.run([*command, package], env=environment, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, f"-overlay={overlay}", package], env=environment, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        shutil.rmtree(f"{tmp}/details", ignore_errors=True)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description="keystroke to answer, in CPU time")
    parser.add_argument("file", nargs="?", default="net/http/server.go", help="below GOROOT/src")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("-l", dest="plain", action="store_true", help="without inlining")
    parser.add_argument("--store", default="", help="directory of the store (default: a new one)")
    parser.add_argument("--compiler", action="store_true", help="with `go test -c` for an edit")
    options = parser.parse_args()
    path = goroot() / "src" / options.file
    with tempfile.TemporaryDirectory() as tmp:
        store = options.store or tmp
        got = with_deep_stack(lambda: measure(path, options.edits, store, not options.plain))
    print("| file | open | keystroke p50 | p95 | max | collecting | memory |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    print(
        f"| `{options.file}` | {got['open']:.0f} ms | {got['p50']:.1f} ms | {got['p95']:.1f} ms |"
        f" {got['max']:.0f} ms | {got['pause']:.0f} ms | {got['rss']:.0f} MB |"
    )
    if options.compiler:
        seconds = compiler(path)
        print(
            f"\n`go test -c` for one edit: {seconds:.1f} s CPU, {seconds * 1e3 / got['p50']:.0f} times p50"
        )


if __name__ == "__main__":
    main()

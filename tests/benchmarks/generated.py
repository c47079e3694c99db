"""A workspace of many packages, and a very long file: what opening and typing cost.

    cd tests; python -m benchmarks.generated [--packages N] [--lines N] [--edits N]

Both are generated. Of the workspace one file is opened: printed are the CPU time to its findings, how
many of the packages were read for that, and the memory. In the long file a character at a time is typed
in bodies all over it: printed is the CPU time of a keystroke with its answer.
"""

from __future__ import annotations

import argparse
import gc
import os
import tempfile
import time
from pathlib import Path

from goescape.workspace.resources import resident_bytes, with_deep_stack
from goescape.workspace.session import Session
from harness.oracle import goroot

from benchmarks.edit_latency import keystrokes, percentile

GO_MOD = "module example.com/w\n\ngo 1.24\n"


def workspace(root: Path, packages: int) -> Path:
    """Packages, each importing two of lower numbers, which do so too; the file of the last."""
    (root / "go.mod").write_text(GO_MOD)
    path = root / "w.go"
    for n in range(packages):
        before = sorted({n // 2, n // 3} - {n})
        imports = "".join(f'\t"example.com/w/p{i}"\n' for i in before)
        calls = "".join(f"\tx += *p{i}.New(x)\n" for i in before)
        text = f"package p{n}\n\nimport (\n{imports})\n\ntype T struct{{ next *T; n [4]int }}\n\n"
        text += f"func New(x int) *int {{\n{calls}\treturn &x\n}}\n"
        text += "func (t *T) Add() *T {\n\treturn &T{next: t}\n}\n"
        path = root / f"p{n}" / "p.go"
        path.parent.mkdir()
        path.write_text(text)
    return path


def long_file(root: Path, lines: int) -> Path:
    """One package of one file, in functions of ten lines, ten of which call each other in turn."""
    (root / "go.mod").write_text(GO_MOD)
    functions = [
        f"func f{n}(p *T) *T {{\n\tq := &T{{next: p}}\n\tif p != nil {{\n\t\tq.n = p.n\n\t}}\n"
        f"\tx := make([]int, 4)\n\tq.n += len(x)\n\treturn {f'f{n - 1}(q)' if n % 10 else 'q'}\n}}\n"
        for n in range(lines // 10)
    ]
    path = root / "long.go"
    path.write_text(
        "package w\n\ntype T struct {\n\tnext *T\n\tn    int\n}\n\n" + "\n".join(functions)
    )
    return path


def open_workspace(root: Path, packages: int) -> None:
    path = workspace(root, packages)
    session = Session({**os.environ, "GOROOT": str(goroot())})
    read: list[str] = []
    session.on_package = lambda done, total, id: read.append(id)
    begin = time.process_time()
    answer = session.check(str(path))
    spent = time.process_time() - begin
    print(
        f"{packages} packages: {len(answer.findings)} findings after {spent:.2f} s of CPU,"
        f" {len(read)} packages read, {resident_bytes() / 2**20:.0f} MB"
    )


def type_in_long_file(root: Path, lines: int, edits: int) -> None:
    path = long_file(root, lines)
    text = path.read_bytes()
    session = Session({**os.environ, "GOROOT": str(goroot())})
    begin = time.process_time()
    session.check(str(path))
    opened = time.process_time() - begin
    gc.collect()
    gc.disable()  # As the server has it.
    times = []
    for new in keystrokes(text, edits):
        begin = time.process_time()
        session.set_text(str(path), new)
        session.check(str(path))
        times.append((time.process_time() - begin) * 1e3)
    gc.enable()
    print(
        f"{lines} lines: opened in {opened:.1f} s of CPU, keystroke p50"
        f" {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms, {resident_bytes() / 2**20:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="many packages, many lines")
    parser.add_argument("--packages", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--edits", type=int, default=100)
    options = parser.parse_args()
    for work in (
        lambda root: open_workspace(root, options.packages),
        lambda root: type_in_long_file(root, options.lines, options.edits),
    ):
        with tempfile.TemporaryDirectory() as folder:
            with_deep_stack(lambda work=work, folder=folder: work(Path(folder)))  # type: ignore[misc]


if __name__ == "__main__":
    main()

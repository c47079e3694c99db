"""What it takes to offer a fix and to prove one, in a file of the library as an editor has it open.

    cd tests; ../.venv/bin/python -m benchmarks.fix_latency [--proofs N] [FILE...]

FILE is relative to the toolchain's `src`. In milliseconds of CPU, for each file and for all: what is listed for a
finding, without proofs; proofs that are made before the offer, because little is analysed again, and those that are
given up then; all other proofs. Every proof is followed by an analysis of the text as it was, as when the user goes on typing:
`back`. Garbage is not collected meanwhile, as in the server.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from goescape.ide.fixes import Offer, prove
from goescape.ide.fixes.offers import NotQuick, is_quick, quick_proof, snapshot_of
from goescape.ide.fixes.registry import may_have_fix, proposals
from goescape.ide.fixes.snapshot import Snapshot
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Analysed, Session, Target
from harness.fixes import ENVIRONMENT
from harness.oracle import goroot, scratch

FILES = (
    "net/http/server.go",
    "net/http/transport.go",
    "internal/profile/profile.go",
    "internal/profile/encode.go",
    "crypto/x509/verify.go",
    "encoding/xml/marshal.go",
    "go/types/stmt.go",
    "archive/tar/writer.go",
    "go/doc/reader.go",
    "cmd/go/internal/load/pkg.go",
)

T = TypeVar("T")
Rows = dict[str, list[float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", default=FILES)
    parser.add_argument("--proofs", type=int, default=40, help="so many of each sort, per file")
    options = parser.parse_args()
    gc.disable()
    print("| file | what | n | p50 ms | p95 ms | worst |")
    print("| --- | --- | --- | --- | --- | --- |")
    total: Rows = defaultdict(list)
    for file in options.files:
        rows = with_deep_stack(lambda file=file: _measure(file, options.proofs))  # type: ignore[misc]
        _print(file, rows)
        for what, times in rows.items():
            total[what] += times
    _print("all", total)
    return 0


def _measure(file: str, limit: int) -> Rows:
    session = Session(ENVIRONMENT, Target("linux", "amd64"), str(scratch() / "fixes-store"))
    path = str(goroot() / "src" / file)
    session.set_text(path, Path(path).read_bytes())
    answer = session.check(path)
    session.flush()
    (analysed,) = session.analysed(path)
    program, package, said = analysed.program, analysed.package, analysed.said
    snapshot = snapshot_of(analysed, 64)
    rows: Rows = defaultdict(list)
    offers: dict[object, Offer] = {}
    _ = snapshot.checker
    gc.collect()
    for finding in answer.findings:
        if may_have_fix(finding):

            def listed(finding=finding) -> None:  # type: ignore[no-untyped-def]
                for fix in proposals(finding, snapshot):
                    offers.setdefault(fix.edits, Offer(finding, fix))

            rows["list"].append(_timed(listed)[0])
    done: dict[str, int] = defaultdict(int)
    for offer in offers.values():
        if is_quick(snapshot, offer.fix):
            if done["quick"] == limit:
                continue
            done["quick"] += 1
            spent, was_quick = _timed(lambda offer=offer: _is_done(analysed, snapshot, offer))  # type: ignore[misc]
            rows["proof, quick"].append(spent)
            rows["back, quick"].append(_timed(lambda: program.say(package))[0])
            if was_quick:
                continue
        if done["other"] < limit:
            done["other"] += 1
            rows["proof, other"].append(_timed(lambda offer=offer: prove(snapshot, said, offer))[0])  # type: ignore[misc]
            rows["back, other"].append(_timed(lambda: program.say(package))[0])
    session.close()
    return rows


def _is_done(analysed: Analysed, snapshot: Snapshot, offer: Offer) -> bool:
    try:
        quick_proof(analysed, snapshot, offer, lambda: False)
    except NotQuick:
        return False
    return True


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    value = work()
    return (time.process_time() - start) * 1000, value


def _print(file: str, rows: Rows) -> None:
    for what, times in sorted(rows.items()):
        times = sorted(times)
        p50, p95 = times[len(times) // 2], times[min(len(times) * 95 // 100, len(times) - 1)]
        print(
            f"| {file} | {what} | {len(times)} | {p50:.1f} | {p95:.1f} | {times[-1]:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())

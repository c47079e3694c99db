"""What it takes to offer a fix and to prove one, in a file of the library as an editor has it open.

    cd tests; ../.venv/bin/python -m benchmarks.fix_latency [--proofs N] [FILE...]

FILE is relative to the toolchain's `src`. Three rows for each file, in milliseconds of CPU: what is listed for
a finding, without proofs; proofs of fixes that are made before the offer, because they change one body; all other proofs. Every proof is followed by
an analysis of the text as it was, as when the user goes on typing; that counts, too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from goescape.ide.fixes import Offer, prove
from goescape.ide.fixes.offers import is_quick, snapshot_of
from goescape.ide.fixes.registry import may_have_fix, proposals
from goescape.workspace.parallel import with_deep_stack
from goescape.workspace.session import Session, Target
from harness.fixes import ENVIRONMENT
from harness.oracle import goroot, scratch

FILES = (
    "net/http/server.go",
    "go/types/stmt.go",
    "archive/tar/writer.go",
    "encoding/json/decode.go",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", default=FILES)
    parser.add_argument("--proofs", type=int, default=40, help="so many of each sort, per file")
    options = parser.parse_args()
    print("| file | what | n | p50 ms | p95 ms | worst |")
    print("| --- | --- | --- | --- | --- | --- |")
    for file in options.files:
        with_deep_stack(lambda file=file: _measure(file, options.proofs))  # type: ignore[misc]
    return 0


def _measure(file: str, limit: int) -> None:
    session = Session(ENVIRONMENT, Target("linux", "amd64"), str(scratch() / "fixes-store"))
    path = str(goroot() / "src" / file)
    answer = session.check(path)
    session.flush()
    (analysed,) = session.analysed(path)
    program, package, said = analysed.program, analysed.package, analysed.said
    snapshot = snapshot_of(analysed, 64)
    listing: list[float] = []
    offers: dict[object, Offer] = {}
    _ = snapshot.checker
    for finding in answer.findings:
        if may_have_fix(finding):

            def listed(finding=finding) -> None:  # type: ignore[no-untyped-def]
                for fix in proposals(finding, snapshot):
                    offers.setdefault(fix.edits, Offer(finding, fix))

            listing.append(_timed(listed))
    _row(file, "list", listing)
    inside = {edits for edits, o in offers.items() if is_quick(snapshot, o.fix)}
    for what, wanted in (("proof, quick", True), ("proof, other", False)):
        times: list[float] = []
        for edits, offer in offers.items():
            if (edits in inside) is wanted and len(times) < limit:

                def proved(offer=offer) -> None:  # type: ignore[no-untyped-def]
                    prove(snapshot, said, offer)
                    program.say(package)

                times.append(_timed(proved))
        _row(file, what, times)
    session.close()


def _timed(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def _row(file: str, what: str, times: list[float]) -> None:
    if not times:
        print(f"| {file} | {what} | 0 | | | |", flush=True)
        return
    times.sort()
    p50, p95 = times[len(times) // 2], times[min(len(times) * 95 // 100, len(times) - 1)]
    print(
        f"| {file} | {what} | {len(times)} | {p50:.1f} | {p95:.1f} | {times[-1]:.1f} |", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())

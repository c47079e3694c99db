"""The ratchet: every known difference from the compiler, with its reason.

`conformance/known_gaps.toml` lists differences as tables

    [[gap]]
    where = "std"                  # the corpus: "std", "seed_examples", "version_probes", …
    flags = "-m=2 -l"
    package = "bench_loop"
    side = "missing"               # the compiler alone says it; "extra": we alone do
    line = "x.go:1:2: the first line of the block"
    reason = "why"

A difference that is not listed fails, and so does an entry that has started to agree: the list only
shrinks, or grows with a reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from harness.parity import Agreement, printed

KNOWN = Path(__file__).parents[1] / "conformance" / "known_gaps.toml"

Gap = tuple[str, str, str]


def known(where: str, flags: str) -> set[Gap]:
    """The (package, side, line) of every entry for a corpus and flags."""
    entries = tomllib.loads(KNOWN.read_text(encoding="utf-8")).get("gap", [])
    return {
        (e["package"], e["side"], e["line"])
        for e in entries
        if e["where"] == where and e["flags"] == flags
    }


def differences(results: Iterable[Agreement]) -> set[Gap]:
    """The (package, side, line) of every difference found."""
    found: set[Gap] = set()
    for r in results:
        for side, blocks in (("missing", r.missing), ("extra", r.extra)):
            found |= {(r.package, side, printed(b[0])) for b in blocks}
    return found


def check_ratchet(where: str, flags: str, results: list[Agreement]) -> None:
    """Fail on differences that are not known, and on known ones that are gone."""
    packages = {r.package for r in results}
    listed = {gap for gap in known(where, flags) if gap[0] in packages}
    found = differences(results)
    new, gone = sorted(found - listed), sorted(listed - found)
    report = [f"new difference: {g}" for g in new[:40]]
    report += [f"unexpected success, remove the entry: {g}" for g in gone[:40]]
    assert not report, f"{len(new)} new, {len(gone)} gone\n" + "\n".join(report)

"""The standard library, line for line.

The quick test takes packages that between them use most of the language, and admits no difference
but the known ones. The whole library is marked `std` and runs in `.ci/run`: its floors are the
agreement reached, a little rounded down, and only ever rise.
"""

from __future__ import annotations

import pytest
from harness import oracle
from harness.gaps import check_ratchet
from harness.oracle import Target, goroot
from harness.parity import Agreement, measure, table

QUICK = ("bufio", "container/list", "encoding/csv", "errors", "iter", "sort", "unicode/utf8")
OTHER_TARGETS = ("os", "path/filepath", "sort", "strconv", "sync/atomic", "syscall")


def share(results: list[Agreement], kind: str = "") -> float:
    """Agreement over all packages: lines in both over lines in either, of one kind or of all; 1
    where neither says anything of the kind."""
    both = either = 0
    for result in results:
        for (k, side), n in result.per_kind.items():
            if kind in ("", k):
                either += n
                both += n if side == "both" else 0
    return both / either if either else 1.0


@pytest.mark.parametrize("flags", ["-m -l", "-m=2 -l", "-m", "-m=2"])
def test_quick_packages_agree(flags: str) -> None:
    results = measure(
        QUICK,
        goroot() / "src",
        level=2 if "2" in flags else 1,
        inline="-l" not in flags,
        store=str(oracle.scratch()),
    )
    assert len(results) == len(QUICK)
    check_ratchet("std", flags, results)


@pytest.mark.std
@pytest.mark.parametrize(
    ("flags", "least"),
    [("-m -l", 0.9999), ("-m=2 -l", 0.9999), ("-m", 0.9999), ("-m=2", 0.9999)],
)
def test_whole_library_agrees(flags: str, least: float) -> None:
    results = measure(
        ["std"], goroot() / "src", level=2 if "2" in flags else 1, inline="-l" not in flags
    )
    print(table(results))
    assert share(results) >= least
    assert share(results, "moved") >= least
    assert share(results, "escapes") >= least
    assert share(results, "does not escape") >= least
    assert share(results, "can inline") >= least
    assert share(results, "inlining call") >= least


@pytest.mark.std
@pytest.mark.parametrize("target", [Target("windows", "arm64"), Target("linux", "386")])
def test_other_targets_agree(target: Target) -> None:
    results = measure(OTHER_TARGETS, goroot() / "src", inline=False, target=target)
    print(table(results))
    assert share(results) >= 0.999

"""The standard library, line for line.

The quick test takes packages that between them use most of the language, and admits no difference
but the known ones. The whole library is marked `std` and runs in `.ci/run`: it agrees in every line.
"""

from __future__ import annotations

import pytest
from harness import oracle
from harness.gaps import check_ratchet
from harness.oracle import Target, goroot
from harness.parity import Agreement, measure, table

QUICK = ("bufio", "container/list", "encoding/csv", "errors", "iter", "sort", "unicode/utf8")
OTHER_TARGETS = ("os", "path/filepath", "sort", "strconv", "sync/atomic", "syscall")


def differing(results: list[Agreement]) -> list[str]:
    """The packages of which something is missing, or too much."""
    return [result.package for result in results if result.missing or result.extra]


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
    ("flags", "lines"),
    [("-m -l", 56_000), ("-m=2 -l", 128_000), ("-m", 162_000), ("-m=2", 270_000)],
)
def test_whole_library_agrees(flags: str, lines: int) -> None:
    results = measure(
        ["std"], goroot() / "src", level=2 if "2" in flags else 1, inline="-l" not in flags
    )
    print(table(results))
    assert differing(results) == []
    assert sum(result.both for result in results) >= lines


@pytest.mark.std
@pytest.mark.parametrize("target", [Target("windows", "arm64"), Target("linux", "386")])
def test_other_targets_agree(target: Target) -> None:
    results = measure(OTHER_TARGETS, goroot() / "src", inline=False, target=target)
    print(table(results))
    assert differing(results) == []

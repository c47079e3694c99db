"""What can be inlined, at what cost, and what is: against what the compiler printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.goversion.intrinsics import is_intrinsic, is_merged_access
from goescape.workspace.parallel import CheckRequest, check
from harness import oracle

PROBES = Path(__file__).parents[2] / "fixtures" / "recorded" / "version_probes"


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("probe", ["inline_costs"])
def test_probe(probe: str, level: int) -> None:
    directory = PROBES / probe
    request = CheckRequest(
        patterns=(f"./{probe}.go",),
        directory=str(directory),
        level=level,
        inline=True,
        environment=oracle.environment(oracle.Target()),
    )
    (result,) = check(request, 1)
    want = (directory / f"gc1.27.3.m{level}.txt").read_text().splitlines()
    got = result.printed(str(directory))
    kinds = ("can inline", "cannot inline", "inlining call", "devirtualizing")

    def about_inlining(lines: list[str]) -> list[str]:
        return sorted(line for line in lines if any(f": {kind}" in line for kind in kinds))

    assert about_inlining(got) == about_inlining(want)


def test_intrinsics_depend_on_the_architecture() -> None:
    assert is_intrinsic(27, "amd64", "math/bits", "Len64")
    assert not is_intrinsic(27, "386", "math/bits", "Len64")
    assert is_intrinsic(27, "arm64", "sync/atomic", "AddInt64")
    assert is_intrinsic(27, "amd64", "runtime/internal/sys", "Bswap64")
    assert is_intrinsic(26, "amd64", "internal/runtime/math", "Mul64")
    assert not is_intrinsic(27, "amd64", "internal/runtime/math", "Mul64")
    assert is_intrinsic(26, "amd64", "crypto/internal/constanttime", "Select")
    assert not is_intrinsic(24, "amd64", "crypto/internal/constanttime", "Select")
    assert is_intrinsic(21, "amd64", "runtime/internal/math", "Mul64")
    assert is_merged_access("amd64", "internal/byteorder", "LEUint64")
    assert is_merged_access("amd64", "internal/byteorder", "BePutUint64")
    assert not is_merged_access("riscv64", "internal/byteorder", "LEUint64")

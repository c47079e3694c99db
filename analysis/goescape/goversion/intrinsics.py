"""Functions that the compiler replaces by instructions: calls of them are neither inlined nor
costly.

The tables are those of go1.24 and later for the default variant of each architecture (GOPPC64=power8,
GORISCV64=rva20u64 and so on). Older releases had some of the packages under other paths.

Example: on amd64 `math/bits.Len64` is an intrinsic, on 386 it is a function like any other.

Source: cmd/compile/internal/ssagen/{intrinsics,intrinsics_test}.go, cmd/internal/sys/arch.go (go1.24 to
go1.27).
"""

from __future__ import annotations

from functools import cache
from typing import Final

_TABLE: Final = """
package crypto/internal/constanttime
  *:
    boolToUint8
  amd64 arm64 loong64 ppc64 ppc64le wasm:
    Select
package internal/runtime/atomic
  amd64 arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x:
    And And8 Cas CasRel Casint32 Casp1 Casuintptr Load Load8 LoadAcq LoadAcquintptr Loadint32
    Loadp Loaduint Loaduintptr Or Or8 Store Store8 StoreRel StoreReluintptr Storeint32
    Storeuintptr Xadd Xaddint32 Xadduintptr Xchg Xchgint32 Xchguintptr
  amd64 arm64 loong64 mips mips64 mips64le mipsle riscv64 s390x:
    StorepNoWB
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x:
    Cas64 Casint64 Load64 LoadAcq64 Loadint64 Store64 StoreRel64 Storeint64 Xadd64 Xaddint64
    Xchg64 Xchgint64
  amd64 arm64 loong64 ppc64 ppc64le:
    Xchg8
  amd64 arm64 loong64:
    And32 And64 Or32 Or64
  arm64 loong64:
    Anduintptr Oruintptr
package internal/runtime/maps
  amd64:
    bitsetFirst bitsetLowestSet bitsetRemoveBelow bitsetShiftOutLowest ctrlGroupMatchEmpty
    ctrlGroupMatchEmptyOrDeleted ctrlGroupMatchFull ctrlGroupMatchH2
package internal/runtime/math
  386 amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64:
    MulUintptr
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x:
    Add64
package internal/runtime/sys
  *:
    GetCallerPC GetCallerSP GetClosurePtr
  386 amd64 arm arm64 loong64 mips mipsle ppc64 ppc64le s390x wasm:
    TrailingZeros32 TrailingZeros64 TrailingZeros8
  amd64 arm arm64 loong64 mips mipsle ppc64 ppc64le s390x wasm:
    Len64 Len8
  amd64 arm64 loong64 ppc64 ppc64le riscv64 s390x wasm:
    OnesCount64
  386 amd64 arm arm64 loong64 s390x:
    Bswap32 Bswap64
  amd64 arm64 loong64 ppc64 ppc64le:
    Prefetch PrefetchStreamed
package math
  *:
    sqrt
  arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 wasm:
    Abs
  amd64 arm arm64 loong64 ppc64 ppc64le riscv64 s390x:
    FMA
  amd64 arm64 loong64 ppc64 ppc64le s390x wasm:
    Ceil Floor Trunc
  amd64 arm64 loong64 s390x wasm:
    RoundToEven
  loong64 ppc64 ppc64le riscv64 wasm:
    Copysign
  arm64 ppc64 ppc64le s390x:
    Round
package math/big
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x wasm:
    mulWW
package math/bits
  *:
    Mul64
  386 amd64 arm arm64 loong64 mips mipsle ppc64 ppc64le s390x wasm:
    TrailingZeros16 TrailingZeros32 TrailingZeros64 TrailingZeros8
  amd64 arm arm64 loong64 mips mipsle ppc64 ppc64le s390x wasm:
    Len Len16 Len32 Len64 Len8
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x wasm:
    Mul
  amd64 arm arm64 loong64 ppc64 ppc64le riscv64 s390x wasm:
    RotateLeft32
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x:
    Add Add64 Sub Sub64
  amd64 arm64 loong64 ppc64 ppc64le riscv64 s390x wasm:
    OnesCount OnesCount16 OnesCount32 OnesCount64 RotateLeft RotateLeft64
  386 amd64 arm arm64 loong64 s390x:
    ReverseBytes32 ReverseBytes64
  ppc64 ppc64le s390x wasm:
    OnesCount8
  amd64 riscv64:
    RotateLeft16 RotateLeft8
  arm64 loong64:
    Reverse Reverse16 Reverse32 Reverse64 Reverse8
  amd64:
    Div Div64
  loong64:
    ReverseBytes16
package runtime
  *:
    KeepAlive slicebytetostringtmp
  arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64:
    publicationBarrier
  arm64:
    memequal
package sync/atomic
  amd64 arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x:
    AddInt32 AddUint32 AddUintptr CompareAndSwapInt32 CompareAndSwapUint32 CompareAndSwapUintptr
    LoadInt32 LoadPointer LoadUint32 LoadUintptr StoreInt32 StoreUint32 StoreUintptr SwapInt32
    SwapUint32 SwapUintptr
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x:
    AddInt64 AddUint64 CompareAndSwapInt64 CompareAndSwapUint64 LoadInt64 LoadUint64 StoreInt64
    StoreUint64 SwapInt64 SwapUint64
  amd64 arm64 loong64:
    AndInt32 AndInt64 AndUint32 AndUint64 AndUintptr OrInt32 OrInt64 OrUint32 OrUint64 OrUintptr
"""
"""Per package: a line of architectures (`*`: all), below it the functions. Those of go1.27."""

_BEFORE: Final = {
    27: (
        """
package internal/runtime/math
  amd64 arm64 loong64 mips64 mips64le ppc64 ppc64le riscv64 s390x wasm:
    Mul64
package sync
  amd64 arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x:
    runtime_LoadAcquintptr runtime_StoreReluintptr
""",
        """
package crypto/internal/constanttime
  riscv64:
    Select
package math
  loong64:
    Ceil Floor RoundToEven Trunc
""",
    ),
    26: (
        "",
        """
package crypto/internal/constanttime
  *:
    boolToUint8
  amd64 arm64 loong64 ppc64 ppc64le wasm:
    Select
package internal/runtime/math
  wasm:
    Mul64
package math/big
  wasm:
    mulWW
package math/bits
  386 arm mips mipsle wasm:
    Mul64
  wasm:
    Mul
package runtime
  arm64:
    memequal
""",
    ),
    25: (
        "",
        """
package internal/runtime/sys
  loong64:
    Prefetch PrefetchStreamed
  ppc64 ppc64le riscv64:
    TrailingZeros8
  riscv64:
    Bswap32 Bswap64 Len64 Len8 OnesCount64 TrailingZeros32 TrailingZeros64
package math/bits
  arm64 loong64 ppc64 ppc64le riscv64 s390x wasm:
    OnesCount
  ppc64 ppc64le riscv64:
    TrailingZeros8
  riscv64:
    Len Len16 Len32 Len64 Len8 OnesCount16 OnesCount32 OnesCount64 OnesCount8 ReverseBytes16
    ReverseBytes32 ReverseBytes64 TrailingZeros16 TrailingZeros32 TrailingZeros64
package runtime
  mips mips64 mips64le mipsle:
    publicationBarrier
""",
    ),
    24: (
        """
package runtime
  *:
    getcallerpc getcallersp getclosureptr
""",
        "",
    ),
}
"""Before a release: what else was one than in that release, and what was none."""

_MERGES_LOADS: Final = frozenset({"386", "amd64", "arm64", "loong64", "ppc64", "ppc64le", "s390x"})
_FIXED_SIZE_ACCESS: Final = tuple(
    f"{op}Uint{n}" for op in ("", "Put", "Append") for n in (16, 32, 64)
)
_FREE_WHERE_LOADS_MERGE: Final = {
    "encoding/binary": frozenset(
        f"{order}.{access}"
        for order in ("littleEndian", "bigEndian")
        for access in _FIXED_SIZE_ACCESS
    ),
    "internal/byteorder": frozenset(
        f"{order}{access}" for order in ("LE", "BE", "Le", "Be") for access in _FIXED_SIZE_ACCESS
    ),
}


@cache
def _intrinsics(minor: int, goarch: str) -> dict[str, frozenset[str]]:
    """The intrinsics of an architecture in go1.`minor`, by import path."""
    since = min((m for m in _BEFORE if m > minor), default=0)
    if not since:
        return _read(_TABLE, goarch)
    found = dict(_intrinsics(since, goarch))
    also, not_yet = (_read(text, goarch) for text in _BEFORE[since])
    for path in also.keys() | not_yet.keys():
        names = found.get(path, frozenset()) | also.get(path, frozenset())
        found[path] = names - not_yet.get(path, frozenset())
    return found


def _read(text: str, goarch: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    package, applies = "", False
    for line in text.splitlines():
        words = line.split()
        if line.startswith("package "):
            package = words[1]
        elif line.endswith(":"):
            archs = line.strip(" :")
            applies = archs == "*" or goarch in archs.split()
        elif applies:
            found.setdefault(package, set()).update(words)
    return {path: frozenset(names) for path, names in found.items()}


def is_intrinsic(minor: int, goarch: str, path: str, name: str) -> bool:
    """Whether the compiler of go1.`minor` knows the function itself; methods are named `T.M`."""
    names = _intrinsics(minor, goarch).get(modern_path(path))
    return names is not None and name in names


def is_merged_access(goarch: str, path: str, name: str) -> bool:
    """Whether the function reads or writes integers byte by byte, which the compiler merges into one
    load or store on this architecture."""
    names = _FREE_WHERE_LOADS_MERGE.get(path)
    return names is not None and name in names and goarch in _MERGES_LOADS


def modern_path(path: str) -> str:
    """Before go1.24 `internal/runtime/sys` was `runtime/internal/sys`, and so on."""
    return f"internal/runtime/{path[17:]}" if path.startswith("runtime/internal/") else path

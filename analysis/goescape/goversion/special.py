"""Packages that the toolchain itself treats specially.

The go command compiles the packages that the runtime is made of with a flag of its own: there an
implicit allocation is an error, not a message.

Source: cmd/internal/objabi/pkgspecial.go (go1.27).
"""

from typing import Final

RUNTIME_PACKAGES: Final = frozenset(
    {
        "internal/abi", "internal/bytealg", "internal/byteorder", "internal/chacha8rand",
        "internal/coverage/rtcov", "internal/cpu", "internal/goarch", "internal/godebugs",
        "internal/goexperiment", "internal/goos", "internal/profilerecord",
        "internal/runtime/atomic", "internal/runtime/cgroup", "internal/runtime/exithook",
        "internal/runtime/gc", "internal/runtime/gc/scan", "internal/runtime/maps",
        "internal/runtime/math", "internal/runtime/sys", "internal/runtime/syscall/linux",
        "internal/runtime/syscall/windows", "internal/strconv", "internal/stringslite", "runtime",
    }
)  # fmt: skip
"""Import paths compiled with `-+`: they may not allocate implicitly."""

"""Language versions: which release of the language a file is written in.

A version is the minor number of `go1.N`; 0 means unknown, and everything is allowed then. A file's
own version is that of its package, or that of its `//go:build go1.N` line, which counts from 1.21.

Source: cmd/compile/internal/types2/version.go (go1.27).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from goescape.typecheck.errors import version_errorf

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

GO_CURRENT = 27

# The versions that introduced language changes.
GO1_9, GO1_13, GO1_14, GO1_17, GO1_18, GO1_20, GO1_21, GO1_22, GO1_23, GO1_26, GO1_27 = (
    9,
    13,
    14,
    17,
    18,
    20,
    21,
    22,
    23,
    26,
    27,
)

_VERSION = re.compile(r"go1(?:\.(\d+))?(?:\.\d+|rc\d+|beta\d+)?$")


def as_go_version(version: str) -> int:
    """The minor number of `go1.N`, `go1.N.M`, `go1.NrcM`; 0 if `version` is not of that form."""
    if not version:
        return 0
    m = _VERSION.match(version)
    if m is None:
        return 0
    return int(m.group(1) or 0)


def allow_version(check: Checker, want: int) -> bool:
    """May the file being checked use what go1.`want` introduced?"""
    return check.version == 0 or check.version >= want


def verify_versionf(check: Checker, at: Any, want: int, format: str, *args: Any) -> bool:
    """Like `allow_version`, and report an error if it may not."""
    if check.version == 0 or check.version >= want:
        return True
    version_errorf(check, at, want, format, *args)
    return False

"""Module versions: their order, and the case encoding of the module cache.

Source: golang.org/x/mod/semver, golang.org/x/mod/module (EscapePath) (go1.27).
"""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)?)?$"
)

Key = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


def key(version: str) -> Key:
    """A sort key; a version that is none sorts below all others."""
    m = _VERSION.match(version)
    if m is None:
        return (-1, 0, 0, 0, ())
    pre = m[4]
    parts: tuple[tuple[int, int, str], ...] = ()
    if pre:
        parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre[1:].split("."))
    return (int(m[1]), int(m[2] or 0), int(m[3] or 0), 0 if pre else 1, parts)


def newer(a: str, b: str) -> str:
    """The newer of two versions; the first when they are equal."""
    return b if key(b) > key(a) else a


def escape(path: str) -> str:
    """The form a module path or version has in the cache: `!x` stands for `X`."""
    return re.sub(r"[A-Z]", lambda m: "!" + m[0].lower(), path)

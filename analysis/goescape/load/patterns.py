"""Package patterns: `...` wildcards over import paths and directories.

`net/...` matches `net` and everything below it; a wildcard never reaches into a `vendor` element.

Source: cmd/internal/pkgpattern/pkgpattern.go (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Callable

_VENDOR = "\0"
META = frozenset({"std", "cmd", "all", "work", "tool"})


def is_local(pattern: str) -> bool:
    """Whether a pattern names directories: `.`, `./x`, `../x` (absolute ones are the caller's)."""
    return pattern in (".", "..") or pattern.startswith(("./", "../"))


def is_standard(path: str) -> bool:
    """Whether an import path is reserved for the library: no dot in its first element."""
    return "." not in path.partition("/")[0]


def has_prefix(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies below it."""
    return path == prefix or path.startswith(prefix + "/")


def matcher(pattern: str) -> Callable[[str], bool]:
    """A predicate on names for a pattern with `...` in it."""
    if _VENDOR in pattern:
        return lambda name: False
    text = re.escape(_hide_vendor(pattern)).replace("/", "/")
    vendor, dots = re.escape(_VENDOR), re.escape("...")
    if text.endswith(f"/{vendor}/{dots}"):
        text = text.removesuffix(f"/{vendor}/{dots}") + f"(/vendor|/{vendor}/{dots})"
    elif text == f"{vendor}/{dots}":
        text = f"(/vendor|/{vendor}/{dots})"
    if text.endswith(f"/{dots}"):
        text = text.removesuffix(f"/{dots}") + f"(/{dots})?"
    compiled = re.compile(text.replace(dots, f"[^{vendor}]*"), re.DOTALL)
    return lambda name: compiled.fullmatch(_hide_vendor(name)) is not None


def tree_matcher(pattern: str) -> Callable[[str], bool]:
    """A predicate: can this name, or something below it, match the pattern?"""
    fixed, wildcard, _ = pattern.partition("...")

    def can_match(name: str) -> bool:
        if len(name) <= len(fixed) and _has_path_prefix(fixed, name):
            return True
        return bool(wildcard) and name.startswith(fixed)

    return can_match


def _has_path_prefix(s: str, prefix: str) -> bool:
    if len(s) == len(prefix):
        return s == prefix
    if prefix == "" or prefix.endswith("/"):
        return s.startswith(prefix) if prefix else s.startswith("/")
    return s.startswith(prefix + "/")


def _hide_vendor(name: str) -> str:
    if "vendor" not in name:
        return name
    elements = name.split("/")
    return "/".join(
        _VENDOR if e == "vendor" and i < len(elements) - 1 else e for i, e in enumerate(elements)
    )


def clean(pattern: str) -> str:
    """A pattern without empty elements and dots."""
    parts = [p for p in pattern.split("/") if p not in ("", ".")]
    return "/".join(parts) or "."

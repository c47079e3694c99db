"""Which packages may be imported from where: `internal` and `vendor` directories.

What lies below a directory `internal` is for the code below the directory that holds it, what lies in
a `vendor` directory likewise and goes by its path behind `vendor/`. In modules this goes by import
paths, elsewhere by directories.

Example: `a/internal/x` may be imported by `a` and `a/b`, not by `c`.

Source: cmd/go/internal/load/pkg.go disallowInternal, disallowVendor (go1.27).
"""

from __future__ import annotations

import os
from collections.abc import Callable

from goescape.load.patterns import has_prefix

_FIPS = "crypto/internal/fips140"


class Importer:
    """A package that imports, called `path` and lying in `folder`; `resolve` follows the symbolic links in
    the path of a directory."""

    __slots__ = ("folder", "path", "resolve")

    def __init__(self, path: str, folder: str, resolve: Callable[[str], str]) -> None:
        self.path, self.folder, self.resolve = path, folder, resolve

    def refusal(self, written: str, path: str, folder: str, in_module: bool) -> str:
        """Why what it calls `written`, the package `path` in `folder`, may not be imported; "" if it
        may. `in_module`: that package belongs to a module, not to the library or GOPATH."""
        if not self._sees_internal(path, folder, in_module):
            return f"use of internal package {path} not allowed"
        at = _last(path, "vendor")
        if at >= 0 and not self._is_below(_parent(folder, path, at)):
            return "use of vendored package not allowed"
        at = _last(written, "vendor")
        if at >= 0:
            return f"{written} must be imported as {written[at + len('vendor/') :]}"
        return ""

    def _sees_internal(self, path: str, folder: str, in_module: bool) -> bool:
        at = _last(path + "/", "internal")
        if at < 0 or (has_prefix(self.path, "crypto") and has_prefix(path, _FIPS)):
            return True
        if has_prefix(self.path, _FIPS):
            return has_prefix(path, "crypto/internal")
        if in_module:
            return at == 0 or has_prefix(self.path, path[: at - 1])
        return self._is_below(_parent(folder, path, at))

    def _is_below(self, parent: str) -> bool:
        if _is_in(self.folder, parent):
            return True
        return _is_in(self.resolve(self.folder), self.resolve(parent))


def _last(path: str, element: str) -> int:
    """Where the last `element` of `path` that is not at its end begins; -1 if there is none."""
    return f"/{path}".rfind(f"/{element}/")


def _parent(folder: str, path: str, at: int) -> str:
    """The directory that holds the element of `path` at index `at`; `path` is that of `folder`."""
    for _ in range(path[at:].count("/") + 1):
        folder = os.path.dirname(folder)
    return folder


def _is_in(folder: str, parent: str) -> bool:
    return os.path.join(folder, "").startswith(os.path.join(parent, ""))

"""A file system that shows only what it was told it may show.

A language server reads what a workspace names, and a workspace may come from anywhere: its go.mod
may replace a module by a directory of somebody's home, a link in it may lead there. Behind this
wrapper nothing outside of the given places exists: it can be neither read nor listed nor seen.

Invariants
  - a path below `trusted` (the toolchain, the module cache) is what its owner made of it: links there
    are followed;
  - any other path must lie, after every link is followed, below one of `roots` or `trusted`;
  - what is refused is an `OSError` with its own words when read, and otherwise not there.

Example: with `roots=["/w"]`, a link `/w/x.go` to `/etc/passwd` cannot be read, and `is_file` says no.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence

from goescape.load.environment import Environment
from goescape.load.filesystem import Entry, FileSystem

OUTSIDE = "outside the workspace, and not read"


def confined(fs: FileSystem, environment: Environment, roots: Sequence[str] | None) -> FileSystem:
    """`fs` as far as it lies below `roots`, the toolchain or the module cache; all of it if `roots` is
    None."""
    if roots is None:
        return fs
    places = [environment.goroot, environment.gomodcache]
    if os.path.isabs(environment.gowork):
        places.append(os.path.dirname(environment.gowork))
    if environment.go111module == "off":
        places += (os.path.join(path, "src") for path in environment.gopath)
    return ConfinedFileSystem(fs, roots, places)


class ConfinedFileSystem:
    """`base` as far as it lies below `roots` or `trusted`, both absolute paths."""

    __slots__ = ("_base", "_real", "_trusted")

    def __init__(self, base: FileSystem, roots: Iterable[str], trusted: Iterable[str] = ()) -> None:
        self._base = base
        self._trusted = [_folder(path) for path in trusted if path]
        self._real = [_folder(self._resolved(path)) for path in [*roots, *self._trusted] if path]

    def read(self, path: str) -> bytes:
        self._check(path)
        return self._base.read(path)

    def list(self, path: str) -> list[Entry]:
        self._check(path)
        return self._base.list(path)

    def is_file(self, path: str) -> bool:
        return self._allows(path) and self._base.is_file(path)

    def is_dir(self, path: str) -> bool:
        return self._allows(path) and self._base.is_dir(path)

    def resolve(self, path: str) -> str:
        self._check(path)
        return self._base.resolve(path)

    def stamp(self, path: str) -> tuple[int, int] | None:
        return self._base.stamp(path) if self._allows(path) else None

    def _allows(self, path: str) -> bool:
        inside = _folder(os.path.normpath(path))
        if any(inside.startswith(place) for place in self._trusted):
            return True
        real = _folder(self._resolved(path))
        return any(real.startswith(place) for place in self._real)

    def _check(self, path: str) -> None:
        if not self._allows(path):
            raise PermissionError(errno.EACCES, OUTSIDE, path)

    def _resolved(self, path: str) -> str:
        try:
            return self._base.resolve(path)
        except (OSError, ValueError):
            return os.path.normpath(path)


def _folder(path: str) -> str:
    """`path` so that it starts with that of a folder when it lies in it."""
    return path if path.endswith(os.sep) else path + os.sep

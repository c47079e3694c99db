"""A file system that knows what was read of it, and can tell what has become another thing since.

Nobody may have said that a file was written: some clients of a language server watch no files, and those
that do tell of one file after another while a branch is switched. What was found out from the old text
would then be kept under the key of the new one.

Invariants
  - of each file the stamp is kept that it had before it was read for the first time since a change of it was
    told (`forget`); of each directory also which names in it may matter to a build;
  - below `settled` (the toolchain, the module cache) nothing ever changes, and nothing is looked at.

Example: after `read("/w/a.go")`, and a write by somebody else, `changed()` is `["/w/a.go"]`, until `forget`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from goescape.load.filesystem import Entry, FileSystem

_Stamp = tuple[int, int] | None

MATTERS = (".go", ".s")
"""So end the names of files that come and go with consequences."""


class SeenFileSystem:
    """`base`, with a memory of what was read. See the module."""

    __slots__ = ("_base", "_files", "_folders", "_settled")

    def __init__(self, base: FileSystem, settled: Sequence[str] = ()) -> None:
        self._base = base
        self._settled = tuple(os.path.join(path, "") for path in settled if path)
        self._files: dict[str, _Stamp] = {}
        self._folders: dict[str, tuple[_Stamp, tuple[str, ...]]] = {}

    def read(self, path: str) -> bytes:
        if path not in self._files and not path.startswith(self._settled):
            self._files[path] = self._base.stamp(path)
        return self._base.read(path)

    def list(self, path: str) -> list[Entry]:
        if path in self._folders or path.startswith(self._settled):
            return self._base.list(path)
        stamp = self._base.stamp(path)
        self._folders[path] = stamp, ()
        entries = self._base.list(path)
        self._folders[path] = stamp, _names(entries)
        return entries

    def is_file(self, path: str) -> bool:
        return self._base.is_file(path)

    def is_dir(self, path: str) -> bool:
        return self._base.is_dir(path)

    def resolve(self, path: str) -> str:
        return self._base.resolve(path)

    def stamp(self, path: str) -> _Stamp:
        return self._base.stamp(path)

    def forget(self, path: str) -> None:
        """What becomes of the file, or of what there is in the directory, was told."""
        self._files.pop(path, None)
        self._folders.pop(path, None)

    def changed(self) -> Iterator[str]:
        """The files and directories that are not what was read. Some 5 µs for each that is not settled."""
        stamp = self._base.stamp
        for path, seen in self._files.items():
            if stamp(path) != seen:
                yield path
        for path in list(self._folders):
            if self._is_other(path):
                yield path

    def _is_other(self, path: str) -> bool:
        seen, names = self._folders[path]
        stamp = self._base.stamp(path)
        if stamp == seen:
            return False
        try:
            now = _names(self._base.list(path))
        except OSError:
            now = ()
        if now == names:
            self._folders[path] = stamp, names
        return now != names


def _names(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries if entry.name.endswith(MATTERS))

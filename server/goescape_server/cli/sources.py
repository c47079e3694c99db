"""The files that findings speak of, each read once."""

from __future__ import annotations

from collections.abc import Callable

from goescape.source.file import SourceFile


class Sources:
    """`read` gives the bytes of a file, or raises `OSError`."""

    __slots__ = ("_files", "_read")

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._files: dict[str, SourceFile | None] = {}

    def of(self, path: str) -> SourceFile | None:
        """The file at `path`; None where it cannot be read."""
        if path not in self._files:
            try:
                self._files[path] = SourceFile(path, self._read(path))
            except OSError:
                self._files[path] = None
        return self._files[path]

    def forget(self) -> None:
        """What comes next speaks of other files."""
        self._files.clear()

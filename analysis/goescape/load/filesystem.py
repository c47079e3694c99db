"""The disk, behind a small protocol, with an in-memory twin and an overlay for unsaved text.

Invariants
  - paths are absolute strings in the form of the machine (`os.path`);
  - `list` follows no symbolic link and is sorted by name, so a walk over it is deterministic;
  - everything that goes wrong is an `OSError`, as from the operating system.

Example: `OverlayFileSystem(DiskFileSystem(), {"/w/a.go": b"package a"})` shows `/w/a.go` with that
text, in `read` and in the listing of `/w`, whatever the disk holds.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol


class Entry(NamedTuple):
    """One name in a directory. A symbolic link is neither file nor directory here."""

    name: str
    is_dir: bool
    is_link: bool


class FileSystem(Protocol):
    """What this room asks of a disk."""

    def read(self, path: str) -> bytes: ...

    def list(self, path: str) -> list[Entry]: ...

    def is_file(self, path: str) -> bool: ...

    def is_dir(self, path: str) -> bool: ...

    def resolve(self, path: str) -> str: ...

    def stamp(self, path: str) -> tuple[int, int] | None:
        """Something that changes when the file or directory does; None if it is not there."""
        ...


class DiskFileSystem:
    """The real one."""

    __slots__ = ()

    def read(self, path: str) -> bytes:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
        try:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                # A pipe or a device would block for ever; the go command has no use for it either.
                raise OSError(errno.EINVAL, "not a regular file", path)
            data = os.read(fd, info.st_size + 1)
            if len(data) == info.st_size:
                return data
            parts = [data]
            while part := os.read(fd, 1 << 20):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(fd)

    def list(self, path: str) -> list[Entry]:
        with os.scandir(path) as it:
            entries = [Entry(e.name, e.is_dir(follow_symlinks=False), e.is_symlink()) for e in it]
        entries.sort()
        return entries

    def is_file(self, path: str) -> bool:
        return os.path.isfile(path)

    def is_dir(self, path: str) -> bool:
        return os.path.isdir(path)

    def resolve(self, path: str) -> str:
        return os.path.realpath(path)

    def stamp(self, path: str) -> tuple[int, int] | None:
        try:
            info = os.stat(path)
        except (OSError, ValueError):
            return None
        return info.st_mtime_ns, info.st_size


class MemoryFileSystem:
    """Files in a dictionary, directories implied by them; `links` maps a path to its target."""

    __slots__ = ("_dirs", "files", "links")

    def __init__(
        self, files: Mapping[str, str | bytes], links: Mapping[str, str] | None = None
    ) -> None:
        self.files: dict[str, bytes] = {
            os.path.normpath(p): t.encode() if isinstance(t, str) else t for p, t in files.items()
        }
        self.links = {os.path.normpath(p): t for p, t in (links or {}).items()}
        self._dirs: dict[str, dict[str, Entry]] = {}
        for path in self.files:
            self._add(path, is_dir=False, is_link=False)
        for path in self.links:
            self._add(path, is_dir=False, is_link=True)

    def _add(self, path: str, is_dir: bool, is_link: bool) -> None:
        while True:
            parent, name = os.path.split(path)
            if not name:
                self._dirs.setdefault(parent, {})
                return
            known = self._dirs.setdefault(parent, {})
            if name in known:
                return
            known[name] = Entry(name, is_dir, is_link)
            path, is_dir, is_link = parent, True, False

    def resolve(self, path: str) -> str:
        path = os.path.normpath(path)
        for _ in range(40):
            for end in range(1, len(path) + 1):
                if end == len(path) or path[end] == os.sep:
                    target = self.links.get(path[:end])
                    if target is not None:
                        base = os.path.dirname(path[:end])
                        path = os.path.normpath(os.path.join(base, target) + path[end:])
                        break
            else:
                return path
        raise OSError(errno.ELOOP, "too many levels of symbolic links", path)

    def read(self, path: str) -> bytes:
        real = self.resolve(path)
        data = self.files.get(real)
        if data is None:
            code = errno.EISDIR if real in self._dirs else errno.ENOENT
            raise OSError(code, os.strerror(code), path)
        return data

    def list(self, path: str) -> list[Entry]:
        real = self.resolve(path)
        entries = self._dirs.get(real)
        if entries is None:
            code = errno.ENOTDIR if real in self.files else errno.ENOENT
            raise OSError(code, os.strerror(code), path)
        return sorted(entries.values())

    def is_file(self, path: str) -> bool:
        try:
            return self.resolve(path) in self.files
        except OSError:
            return False

    def is_dir(self, path: str) -> bool:
        try:
            return self.resolve(path) in self._dirs
        except OSError:
            return False

    def stamp(self, path: str) -> tuple[int, int] | None:
        try:
            real = self.resolve(path)
        except OSError:
            return None
        if real in self.files:
            return hash(self.files[real]), len(self.files[real])
        return (hash(tuple(sorted(self._dirs[real]))), 0) if real in self._dirs else None


class OverlayFileSystem:
    """Another file system with some files replaced or added by unsaved text."""

    __slots__ = ("_base", "_names", "overlays")

    def __init__(self, base: FileSystem, overlays: Mapping[str, bytes] | None = None) -> None:
        self._base = base
        self.overlays: dict[str, bytes] = {}
        self._names: dict[str, set[str]] = {}
        for path, text in (overlays or {}).items():
            self.set(path, text)

    def set(self, path: str, text: bytes | None) -> None:
        """Put `text` in place of the file; None shows what is on disk again."""
        folder, name = os.path.split(path)
        if text is None:
            self.overlays.pop(path, None)
            self._names.get(folder, set()).discard(name)
        else:
            self.overlays[path] = text
            self._names.setdefault(folder, set()).add(name)

    def read(self, path: str) -> bytes:
        text = self.overlays.get(path)
        return self._base.read(path) if text is None else text

    def is_saved(self, path: str) -> bool:
        """Whether the file below has the text that is shown."""
        text = self.overlays.get(path)
        try:
            return text is None or self._base.read(path) == text
        except OSError:
            return False

    def list(self, path: str) -> list[Entry]:
        names = self._names.get(path)
        if not names:
            return self._base.list(path)
        entries: Iterable[Entry]
        try:
            entries = self._base.list(path)
        except OSError:
            entries = ()
        kept = [e for e in entries if e.name not in names]
        kept += [Entry(name, False, False) for name in names]
        kept.sort()
        return kept

    def is_file(self, path: str) -> bool:
        return path in self.overlays or self._base.is_file(path)

    def is_dir(self, path: str) -> bool:
        return bool(self._names.get(path)) or self._base.is_dir(path)

    def resolve(self, path: str) -> str:
        return path if path in self.overlays else self._base.resolve(path)

    def stamp(self, path: str) -> tuple[int, int] | None:
        text = self.overlays.get(path)
        if text is not None:
            return hash(text), len(text)
        return self._base.stamp(path)

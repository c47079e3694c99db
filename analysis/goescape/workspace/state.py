"""Everything made of one package so far, and how its tags are kept.

Invariants
  - tags are by the names of functions, as the store has them: a `Func` is made anew, its name stays;
  - `decode_tags` is the inverse of `encode_tags`.

Example: the tags of a method of another package's type are kept under `other/path.(*T).M`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from goescape.ir.unit import Unit

if TYPE_CHECKING:
    from goescape.escape.leaks import Tags
    from goescape.inline.exported import Inlining
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.load.package import LoadedPackage
    from goescape.syntax.parse import ParsedFile
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Package
    from goescape.workspace.memo import Memo


@dataclass(slots=True)
class State:
    """Everything made of one package so far. `tags` are by the names of functions; `at_best`, by the same
    names, what those would tell that rest on something assumed; `unsaved` are not in the store yet; `read`: functions whose bodies were read on demand; `recalled`: what the
    store knows has been taken over; `memo`: what is known function by function, in an editor; `has_good_directives`: nothing is
    wrong with the `//go:` comments."""

    loaded: LoadedPackage
    pkg: Package
    parsed: list[ParsedFile]
    checker: Checker
    unit: Unit
    tags: dict[str, Tags] = field(default_factory=dict)
    at_best: dict[str, Tags] = field(default_factory=dict)
    unsaved: set[str] = field(default_factory=set)
    read: set[Func] = field(default_factory=set)
    inlining: Inlining | None = None
    has_good_directives: bool = False
    recalled: bool = False
    solved: bool = False
    memo: Memo | None = None
    _journal: list[tuple[str, Tags | None, Tags | None, bool]] | None = None

    def tell(self, key: str, tags: Tags, at_best: Tags | None = None) -> None:
        """The parameters of the function named `key` leak this much."""
        if self._journal is not None:
            before = self.tags.get(key), self.at_best.get(key), key in self.unsaved
            self._journal.append((key, *before))
        self._set(key, tags, at_best, at_best is None)

    def untell(self, key: str) -> None:
        """There is no such function any more, or nothing is known of it."""
        self._set(key, None, None, False)

    def _set(self, key: str, tags: Tags | None, at_best: Tags | None, unsaved: bool) -> None:
        for table, value in ((self.tags, tags), (self.at_best, at_best)):
            if value is not None:
                table[key] = value
            else:
                table.pop(key, None)
        if unsaved:
            self.unsaved.add(key)
        else:
            self.unsaved.discard(key)

    @contextmanager
    def untold(self) -> Iterator[None]:
        """What is told meanwhile is forgotten behind it."""
        journal: list[tuple[str, Tags | None, Tags | None, bool]] = []
        self._journal = journal
        try:
            yield
        finally:
            self._journal = None
            for key, tags, at_best, unsaved in reversed(journal):
                self._set(key, tags, at_best, unsaved)

    def start_over(self, unit: Unit) -> None:
        """Keep the types, and forget what was made of the bodies."""
        self.unit = unit
        self.memo = None
        self.tags = {}
        self.at_best = {}
        self.unsaved = set()
        self.read = set()
        self.inlining = None
        self.recalled = self.solved = False

    @property
    def is_used(self) -> bool:
        """Whether bodies were looked at that somebody may rely on."""
        return self.solved or self.memo is not None or self.unit.is_used

    @property
    def is_broken(self) -> bool:
        """Whether something in the package has no meaning, so that what builds on it may fail."""
        return bool(
            self.checker.errors
            or self.loaded.errors
            or self.loaded.cgo_files
            or any(p.file.errors for p in self.parsed)
        )


def tag_key(pkg: Package, name: Name) -> str:
    """What the tags of `name` are kept under in the state of `pkg`."""
    if name.pkg is None or name.pkg is pkg:
        return name.name
    return f"{name.pkg.path}.{name.name}"


def encode_tags(tags: Tags) -> bytes:
    """Tags as bytes: for each parameter the number of its derefs, then each deref plus one."""
    out = bytearray()
    for tag in tags:
        out.append(len(tag))
        out.extend(derefs + 1 for derefs in tag)
    return bytes(out)


def decode_tags(data: bytes) -> Tags:
    """The inverse of `encode_tags`."""
    out = []
    i = 0
    while i < len(data):
        n = data[i]
        out.append(tuple(b - 1 for b in data[i + 1 : i + 1 + n]))
        i += 1 + n
    return tuple(out)

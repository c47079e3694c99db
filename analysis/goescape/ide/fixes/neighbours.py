"""What other packages that are worked on say of this one.

They are looked at as text: a package whose files, tests included, import this one and have the word Name
somewhere may use what is called so. A method may be wanted by an interface of which that package does not
speak: it concerns all packages that import this one, directly or not.

Which packages there are, and which of their files import what, is found out once, until that
may be different.

Example: `users(snapshot, new)` for the function New of a package p are the packages of the module that import p
and say `p.New()`, or only `q.New()`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from goescape.load import LoadedPackage, LoadFailure
from goescape.syntax.header import scan_header
from goescape.typecheck.types import Signature

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.load.directory import Directory
    from goescape.load.loader import Loader
    from goescape.typecheck.objects import Func


def users(snapshot: Snapshot, obj: Func) -> list[LoadedPackage] | None:
    """The other packages of the main modules (of the library, for a package of it) that may use an exported
    function or method. None if a test of theirs may, or a file that this build leaves out, or if they cannot be
    listed."""
    name = obj.name.encode()
    used = re.compile(rb"\b" + re.escape(name) + rb"\b")
    loader, around = snapshot.program.loader, snapshot.neighbours
    is_method = isinstance(obj.type, Signature) and obj.type.recv is not None

    def is_said(folder: str, files: Iterable[str]) -> bool:
        texts = (loader.read(os.path.join(folder, file)) for file in files)
        return any(name in text and used.search(text) for text in texts)

    found = []
    try:
        for folder in around.left_out:
            unseen = around.unseen(folder)
            if is_said(folder, unseen if is_method else around.importing(folder, unseen)):
                return None
        for package in around.packages:
            folder = package.dir
            if not around.is_near(folder, is_method):
                continue
            unseen = around.unseen(folder)
            if is_said(folder, unseen if is_method else around.importing(folder, unseen)):
                return None
            files = loader.directory(folder)
            seen = (*files.go_files, *files.cgo_files)
            if not is_method and is_said(folder, around.importing(folder, seen)):
                found.append(package)
        return around.importers if is_method else found
    except (LoadFailure, OSError):
        return None


class Neighbours:
    """The other packages that are worked on with `own`, as they were after `n_changes` (see `Loader`). What is asked of it may raise `LoadFailure` or `OSError`."""

    def __init__(self, loader: Loader, own: LoadedPackage) -> None:
        self._loader, self._own = loader, own
        self.n_changes = loader.n_changes
        self._written = as_written(own.import_path)
        self._imports: dict[str, _Imports] = {}

    @cached_property
    def packages(self) -> list[LoadedPackage]:
        """The other packages, one of each directory."""
        return list(_others(self._loader, self._own))

    @cached_property
    def left_out(self) -> list[str]:
        """The directories in the main modules of which this build takes no file."""
        roots = [] if self._own.is_std else self._loader.main_roots
        return [
            folder
            for root in roots
            for folder in self._loader.folders(root)
            if self._loader.directory(folder).is_empty
        ]

    @cached_property
    def importers(self) -> list[LoadedPackage]:
        """The packages that import this one, through each other, too."""
        return _importers(self._own.id, self.packages)

    @cached_property
    def _reaching(self) -> frozenset[str]:
        """How files import what leads to this package."""
        return frozenset((self._written, *(as_written(p.import_path) for p in self.importers)))

    def unseen(self, folder: str) -> Sequence[str]:
        """The files that this build does not take for the package of a directory."""
        files = self._loader.directory(folder)
        return (*files.test_go_files, *files.xtest_go_files, *files.ignored)

    def importing(self, folder: str, files: Iterable[str]) -> list[str]:
        """Those of `files` that import this package."""
        imports = self._imports_in(folder).by_file
        return [file for file in files if self._written in imports.get(file, ())]

    def is_near(self, folder: str, through_others: bool) -> bool:
        """Whether a file of a directory imports this package, perhaps `through_others`."""
        found = self._imports_in(folder).all
        return not found.isdisjoint(self._reaching) if through_others else self._written in found

    def _imports_in(self, folder: str) -> _Imports:
        files = self._loader.directory(folder)
        known = self._imports.get(folder)
        if known is None or known.files is not files:
            headers = dict(files.headers)
            for file in files.ignored:
                if file.endswith(".go"):
                    headers[file] = scan_header(self._loader.read(os.path.join(folder, file)))
            found = {
                file: frozenset([path for path, _ in header.imports])
                for file, header in headers.items()
            }
            known = _Imports(files, found, frozenset().union(*found.values()))
            self._imports[folder] = known
        return known


@dataclass(frozen=True, slots=True)
class _Imports:
    """What the Go files of a directory import, each and `all`, as long as its `files` are these."""

    files: Directory
    by_file: dict[str, frozenset[str]]
    all: frozenset[str]


def as_written(path: str) -> str:
    """How files import the package with the import path `path`: `vendor/golang.org/x/net` without
    `vendor/`."""
    return re.sub(r"^(.*/)?vendor/", "", path)


def _others(loader: Loader, own: LoadedPackage) -> Iterator[LoadedPackage]:
    packages: list[LoadedPackage] = []
    if own.is_std:
        packages = loader.load(["std", "cmd"], own.dir)
    for root in [] if own.is_std else loader.main_roots:
        packages += loader.load(["./..."], root)
    by_dir = {p.dir: p for p in packages if p.dir != own.dir}
    for folder in sorted(by_dir):
        yield by_dir[folder]


def _importers(id: str, packages: list[LoadedPackage]) -> list[LoadedPackage]:
    """Those of `packages` that import the package `id`, through each other, too."""
    found = {id}
    while True:
        more = {
            p.id for p in packages if p.id not in found and not found.isdisjoint(p.imports.values())
        }
        if not more:
            return [p for p in packages if p.id in found]
        found |= more

"""What other packages that are worked on say of this one.

They are looked at as text: a package whose files, tests included, import this one and have the word Name
somewhere may use what is called so. A method may be wanted by an interface of which that package does not
speak: it concerns all packages that import this one, directly or not.

Example: `users(snapshot, new)` for the function New of a package p are the packages of the module that import p
and say `p.New()`, or only `q.New()`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from goescape.load import LoadedPackage, LoadFailure
from goescape.typecheck.types import Signature

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.typecheck.objects import Func


def users(snapshot: Snapshot, obj: Func) -> list[LoadedPackage] | None:
    """The other packages of the main modules (of the library, for a package of it) that may use an exported
    function or method. None if a test of theirs may, or a file that this build leaves out, or if they cannot be
    listed."""
    own = snapshot.package
    imported = f'"{as_written(own.import_path)}"'.encode()
    used = re.compile(rb"\b" + re.escape(obj.name.encode()) + rb"\b")
    loader = snapshot.program.loader
    is_method = isinstance(obj.type, Signature) and obj.type.recv is not None
    found: list[LoadedPackage] = []

    def may_use(folder: str, files: Iterable[str], import_: bytes) -> bool:
        texts = (loader.read(os.path.join(folder, file)) for file in files)
        return any(import_ in text and used.search(text) for text in texts)

    try:
        others = list(_others(snapshot))
        for folder in (*(package.dir for package in others), *_left_out(snapshot)):
            files = loader.directory(folder)
            unseen = (*files.test_go_files, *files.xtest_go_files, *files.ignored)
            if may_use(folder, unseen, b"" if is_method else imported):
                return None
        for package in others:
            files = loader.directory(package.dir)
            if may_use(package.dir, (*files.go_files, *files.cgo_files), imported):
                found.append(package)
    except (LoadFailure, OSError):
        return None
    if is_method:
        known = {package.id for package in found}
        found += [p for p in _importers(own.id, others) if p.id not in known]
    return found


def as_written(path: str) -> str:
    """How files import the package with the import path `path`: `vendor/golang.org/x/net` without
    `vendor/`."""
    return re.sub(r"^(.*/)?vendor/", "", path)


def _others(snapshot: Snapshot) -> Iterator[LoadedPackage]:
    """The other packages, one of each directory."""
    loader, own = snapshot.program.loader, snapshot.package
    packages: list[LoadedPackage] = []
    if own.is_std:
        packages = loader.load(["std", "cmd"], own.dir)
    for root in [] if own.is_std else loader.main_roots:
        packages += loader.load(["./..."], root)
    by_dir = {p.dir: p for p in packages if p.dir != own.dir}
    for folder in sorted(by_dir):
        yield by_dir[folder]


def _left_out(snapshot: Snapshot) -> Iterator[str]:
    """The directories in the main modules of which this build takes no file."""
    loader = snapshot.program.loader
    for root in [] if snapshot.package.is_std else loader.main_roots:
        yield from (folder for folder in loader.folders(root) if loader.directory(folder).is_empty)


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

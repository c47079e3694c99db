"""What other packages that are worked on say of this one.

They are looked at as text: a package whose files, tests included, import this one and have the word Name
somewhere may use what is called so, or want a method of that name in an interface.

Example: `is_used_elsewhere(snapshot, "New")` for a package p is true if some other package of the module
imports p and says `p.New()`, or only `q.New()`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.load import LoadedPackage, LoadFailure

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot


def is_used_elsewhere(snapshot: Snapshot, name: str) -> bool:
    """Whether another package of the main modules (of the library, for a package of it) may use what
    is exported as `name`. True, too, if they cannot be listed."""
    imported = f'"{as_written(snapshot.package.import_path)}"'.encode()
    used = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    loader = snapshot.program.loader
    try:
        for folder in _folders(snapshot):
            found = loader.directory(folder)
            for file in (
                *found.go_files,
                *found.cgo_files,
                *found.test_go_files,
                *found.xtest_go_files,
            ):
                text = loader.read(os.path.join(folder, file))
                if imported in text and used.search(text):
                    return True
    except (LoadFailure, OSError):
        return True
    return False


def as_written(path: str) -> str:
    """How files import the package with the import path `path`: `vendor/golang.org/x/net` without
    `vendor/`."""
    return re.sub(r"^(.*/)?vendor/", "", path)


def _folders(snapshot: Snapshot) -> Iterator[str]:
    """The directories of the other packages."""
    loader, own = snapshot.program.loader, snapshot.package
    packages: list[LoadedPackage] = []
    if own.is_std:
        packages = loader.load(["std", "cmd"], own.dir)
    for root in [] if own.is_std else loader.main_roots:
        packages += loader.load(["./..."], root)
    yield from sorted({p.dir for p in packages} - {own.dir})

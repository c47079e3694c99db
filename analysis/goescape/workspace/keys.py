"""Under which key the store keeps what was found out about a package.

A content key is a hash of everything that a package's tags may depend on: goescape itself, the
toolchain and target, whether calls are expanded, the text of the package's files, and the keys of all
that it imports. So a stored answer never goes stale: what would have another answer has another key.

Invariants
  - equal keys mean equal answers; that the key differs where the answer would not is only a loss;
  - a key is remembered until `drop` or `clear` says that texts have changed, together with the keys
    of what imports the package;
  - packages on an import cycle have keys too: there the id stands for the key of what is under way.

Example: after an edit of `strconv`, the key of `fmt`, which imports it, is another one; that of
`errors` is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from goescape.load.loader import Loader
from goescape.load.package import LoadedPackage


class Keys:
    """The content keys of the packages of one loader. `inlines` says whether calls are expanded in a
    package."""

    def __init__(self, loader: Loader, inlines: Callable[[LoadedPackage], bool]) -> None:
        self._loader = loader
        self._inlines = inlines
        self._keys: dict[str, bytes] = {}

    def of(self, package: LoadedPackage) -> bytes:
        """The content key of a package: everything that its tags may depend on."""
        done = self._keys.get(package.id)
        if done is not None:
            return done
        stack: list[LoadedPackage] = [package]
        under_way: set[str] = set()
        while stack:
            top = stack[-1]
            if top.id in self._keys:
                stack.pop()
                continue
            imports = [
                p
                for p in map(self._loader.package, sorted(top.imports.values()))
                if isinstance(p, LoadedPackage)
            ]
            missing = [p for p in imports if p.id not in self._keys and p.id not in under_way]
            if missing:
                under_way.add(top.id)
                stack.extend(missing)
                continue
            digest = hashlib.blake2b(self._base(), digest_size=16)
            digest.update(f"{top.id}\0{top.go_version}\0{self._inlines(top)}\0".encode())
            for path in top.files:
                try:
                    digest.update(hashlib.blake2b(self._loader.read(path), digest_size=16).digest())
                except OSError:
                    digest.update(path.encode(errors="surrogateescape"))
            for p in imports:
                digest.update(self._keys.get(p.id, p.id.encode()))
            self._keys[top.id] = digest.digest()
            stack.pop()
        return self._keys[package.id]

    def of_said(self, package: LoadedPackage) -> bytes:
        """The key of what an editor is told of a package: that may depend on the same as its tags, and
        on where the files lie."""
        digest = hashlib.blake2b(self.of(package), digest_size=16)
        for p in self._loader.closure([package]):
            digest.update(f"{p.id}\0{p.dir}\0".encode(errors="surrogateescape"))
        return digest.digest()

    def drop(self, ids: set[str]) -> None:
        """The content keys of `ids`, and of what imports them, do not hold any more."""
        stale = set(ids)
        grown = not stale.isdisjoint(self._keys)  # What has a key imports only what has one.
        while grown:
            grown = False
            for id in list(self._keys):
                package = self._loader.package(id)
                if id in stale or not isinstance(package, LoadedPackage):
                    self._keys.pop(id)
                elif not stale.isdisjoint(package.imports.values()):
                    self._keys.pop(id)
                    stale.add(id)
                    grown = True

    def drop_in(self, folder: str) -> None:
        """The packages in `folder` import others than before, and so may variants for tests, wherever they are:
        their content keys, and those of what imports them, do not hold any more."""
        known = {id: self._loader.package(id) for id in self._keys}
        self.drop({
            id
            for id, package in known.items()
            if not isinstance(package, LoadedPackage) or package.dir == folder or package.for_test
        })  # fmt: skip

    def clear(self) -> None:
        """No content key holds any more."""
        self._keys = {}

    def _base(self) -> bytes:
        e = self._loader.env
        parts = [
            engine_version(),
            e.release,
            e.toolchain,
            e.goos,
            e.goarch,
            str(e.cgo_enabled),
        ]
        return "\0".join([*parts, *e.tags]).encode()


@cache
def engine_version() -> str:
    """A hash of goescape's own analysis, so that no two versions share results."""
    digest = hashlib.blake2b(digest_size=8)
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()

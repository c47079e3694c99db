"""What earlier sessions were told of packages, and this one leaves for the next.

A package whose text, imports and settings are those of an earlier session is answered with what was
said then, before anything of it is parsed.

Invariants
  - what is recalled is what an analysis of the very same texts said (`Keys.of_said`);
  - only what is on disk, imports too, is kept: nobody will open a text that was never saved;
  - bytes that make no sense are no answer.

What was recalled is also what `amended` goes on from when bodies are edited before all of the package
was analysed again.

Example: `recall` of `net/http` takes a quarter of a second, most of it to read the files for the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.load.package import LoadedPackage
from goescape.workspace.amended import Base
from goescape.workspace.said import Said, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.load.loader import Loader
    from goescape.workspace.keys import Keys
    from goescape.workspace.store import Store


class Kept:
    """See the module."""

    def __init__(self, loader: Loader, keys: Keys, store: Store) -> None:
        self._loader, self._keys, self._store = loader, keys, store
        # By package id: the key that was last looked up or saved, and what there is under it.
        self._recalled: dict[str, tuple[bytes, Said | None]] = {}
        self._saved: dict[str, bytes] = {}
        # By package id: what was recalled last, as long as it may be of use for other texts.
        self._bases: dict[str, Base] = {}

    def recall(self, package: LoadedPackage) -> Said | None:
        """What was said of the package as it is now; None if that is not known."""
        key = self._keys.of_said(package)
        known = self._recalled.get(package.id)
        base = self._bases.get(package.id)
        if base is not None and base.key == key:
            return base.said
        if known is None or known[0] != key:
            data = self._store.load_said(key)
            known = self._recalled[package.id] = key, decode(data) if data is not None else None
            if known[1] is not None:
                self._bases[package.id] = self._base(package, key, known[1])
        return known[1]

    def base(self, package: LoadedPackage) -> Base | None:
        """What was recalled of the package, of a text that its files had before; None if nothing was, or it
        imports something else than then."""
        base = self._bases.get(package.id)
        if base is not None and base.imports != self._imports(package):
            return None
        return base

    def let_go(self, package: LoadedPackage) -> None:
        """All of the package is known now."""
        self._bases.pop(package.id, None)
        self._recalled.pop(package.id, None)

    def _base(self, package: LoadedPackage, key: bytes, said: Said) -> Base:
        texts = {path: self._loader.read(path) for path in package.files}
        return Base(key, said, texts, self._imports(package))

    def _imports(self, package: LoadedPackage) -> dict[str, bytes]:
        """The keys of what the package imports."""
        imports = map(self._loader.package, sorted(set(package.imports.values())))
        return {p.id: self._keys.of(p) for p in imports if isinstance(p, LoadedPackage)}

    def keep(self, package: LoadedPackage, say: Callable[[LoadedPackage], Said]) -> None:
        """Leave for later sessions what there is to say of the package as it is now."""
        key = self._keys.of_said(package)
        if self._saved.get(package.id) == key or not self._is_saved(package):
            return
        self._recalled.pop(package.id, None)  # It is in memory now.
        self._saved[package.id] = key
        self._store.save_said(key, encode(say(package)))

    def _is_saved(self, package: LoadedPackage) -> bool:
        """Whether all that was said depends on is on disk."""
        fs = self._loader.fs
        files = (path for p in self._loader.closure([package]) for path in p.files)
        return all(fs.is_saved(path) for path in files if path in fs.overlays)

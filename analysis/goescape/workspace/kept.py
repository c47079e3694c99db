"""What earlier sessions were told of packages, and this one leaves for the next.

A package whose text, imports and settings are those of an earlier session is answered with what was
said then, before anything of it is parsed.

Invariants
  - what is recalled is what an analysis of the very same texts said (`Keys.of_said`);
  - only what is on disk, imports too, is kept: nobody will open a text that was never saved;
  - bytes that make no sense are no answer.

Example: `recall` of `net/http` takes a quarter of a second, most of it to read the files for the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.workspace.said import Said, decode, encode

if TYPE_CHECKING:
    from goescape.load.loader import Loader
    from goescape.load.package import LoadedPackage
    from goescape.workspace.keys import Keys
    from goescape.workspace.store import Store


class Kept:
    """See the module."""

    def __init__(self, loader: Loader, keys: Keys, store: Store) -> None:
        self._loader, self._keys, self._store = loader, keys, store
        # By package id: the key that was last looked up or saved, and what there is under it.
        self._recalled: dict[str, tuple[bytes, Said | None]] = {}
        self._saved: dict[str, bytes] = {}

    def recall(self, package: LoadedPackage) -> Said | None:
        """What was said of the package as it is now; None if that is not known."""
        key = self._keys.of_said(package)
        known = self._recalled.get(package.id)
        if known is None or known[0] != key:
            data = self._store.load_said(key)
            known = self._recalled[package.id] = key, decode(data) if data is not None else None
        return known[1]

    def keep(self, package: LoadedPackage, said: Said) -> None:
        """Leave for later sessions what is said of the package as it is now."""
        key = self._keys.of_said(package)
        if self._saved.get(package.id) == key or not self._is_saved(package):
            return
        self._recalled.pop(package.id, None)  # It is in memory now.
        self._saved[package.id] = key
        self._store.save_said(key, encode(said))

    def _is_saved(self, package: LoadedPackage) -> bool:
        """Whether all that was said depends on is on disk."""
        fs = self._loader.fs
        files = (path for p in self._loader.closure([package]) for path in p.files)
        return all(fs.is_saved(path) for path in files if path in fs.overlays)

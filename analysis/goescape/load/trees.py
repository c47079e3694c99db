"""Which packages a pattern means: the trees of directories that are searched for it.

A pattern of import paths is looked for in the library and in the modules of the build (or in GOPATH).
Directories are entered only where something below can match.

Invariants
  - symbolic links are not followed, so there is no loop;
  - what holds no package is not named; what cannot be read is said, and the rest is found.

Example: `net/...` enters the library's `net`, and of each module whose path may begin with it.

Source: cmd/go/internal/modload/search.go, search/search.go (go1.27).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goescape.load import patterns
from goescape.load.directory import Directory
from goescape.load.environment import Environment
from goescape.load.filesystem import FileSystem
from goescape.load.locate import library_dir
from goescape.load.modules import ModuleSet

_MAX_DEPTH = 200  # of directories below a pattern's root


@dataclass(frozen=True, slots=True)
class Trees:
    """The trees of the library and of `modules` (None: of GOPATH). `directory` tells what there is of Go
    in a directory; `warn` is told what could not be searched."""

    filesystem: FileSystem
    environment: Environment
    modules: ModuleSet | None
    directory: Callable[[str], Directory]
    warn: Callable[[str], None]

    def main_packages(self) -> list[str]:
        """The import paths of the packages in main modules, each module's in order."""
        found: list[str] = []
        for main in self.modules.mains if self.modules is not None else []:
            found += self._in_tree(main.root, main.path, lambda p: True, lambda p: True, True, True)
        return found

    def matching(self, pattern: str) -> list[str]:
        """The import paths that a pattern with `...`, `std` or `cmd` means, sorted."""
        if pattern == "std":
            return self._library(lambda p: p != "cmd", lambda p: True, "")
        if pattern == "cmd":
            paths = self._library(lambda p: True, lambda p: True, "cmd")
            return [p for p in paths if not self._is_vendored_command(p)]
        can_match, matches = patterns.tree_matcher(pattern), patterns.matcher(pattern)
        found = set(self._library(can_match, matches, ""))
        mods = self.modules
        if mods is None:
            for root in self.environment.gopath:
                src = os.path.join(root, "src")
                found.update(self._below(src, "", can_match, matches, lambda d: True))
        elif mods.mode == "vendor":
            for main in mods.mains:
                found.update(self._in_tree(main.root, main.path, can_match, matches, True, True))
            if mods.mains:
                found.update(self._in_tree(mods.vendor_dir, "", can_match, matches, True, False))
        else:
            for module in mods.all_modules():
                if not can_match(module.path):
                    continue
                if not module.root:
                    self.warn(
                        f"module {module.path}@{module.version}: {module.missing} does not exist"
                    )
                    continue
                found.update(
                    self._in_tree(
                        module.root, module.path, can_match, matches, True, module.is_local
                    )
                )
        return sorted(found)

    def _library(
        self, can_match: Callable[[str], bool], matches: Callable[[str], bool], below: str
    ) -> list[str]:
        skip = {"builtin", "runtime/cgo"}
        top = (
            library_dir(self.environment, below)
            if below
            else os.path.join(self.environment.goroot, "src")
        )
        found = self._below(top, below, can_match, matches, lambda d: True)
        return [p for p in found if p not in skip]

    def _is_vendored_command(self, path: str) -> bool:
        return (
            path.startswith("cmd/vendor/")
            and self.directory(library_dir(self.environment, path)).name == "main"
        )

    def _in_tree(
        self,
        root: str,
        path: str,
        can_match: Callable[[str], bool],
        matches: Callable[[str], bool],
        prune_vendor: bool,
        prune_modules: bool,
    ) -> list[str]:
        def enter(folder: str) -> bool:
            above = os.path.dirname(folder)
            if prune_vendor and above != root and os.path.basename(above) == "vendor":
                return False
            return not (prune_modules and self.is_module(folder))

        return self._below(root, path, can_match, matches, enter)

    def _below(
        self,
        root: str,
        prefix: str,
        can_match: Callable[[str], bool],
        matches: Callable[[str], bool],
        enter: Callable[[str], bool],
    ) -> list[str]:
        def name_of(folder: str) -> str:
            relative = "" if folder == root else _slashed(folder[len(root) :].lstrip(os.sep))
            return f"{prefix}/{relative}".strip("/")

        found = []
        for folder in self.walk(root, lambda d: can_match(name_of(d)) and enter(d)):
            name = name_of(folder)
            if name and matches(name):
                files = self.directory(folder)
                if not files.is_empty or (files.headers and files.errors):
                    found.append(name)
        return sorted(found)

    def walk(self, top: str, enter: Callable[[str], bool]) -> Iterator[str]:
        """`top` and the directories below it that can hold packages, in the go command's order.
        Symbolic links are not followed, so there is no loop."""
        stack = [(top, 0)]
        while stack:
            folder, depth = stack.pop()
            yield folder
            try:
                entries = self.filesystem.list(folder)
            except (OSError, ValueError) as e:
                cause = getattr(e, "strerror", None) or str(e)
                self.warn(f"cannot read {folder}: {cause.lower()}")
                continue
            if depth >= _MAX_DEPTH:
                continue
            for entry in reversed(entries):
                name = entry.name
                if not entry.is_dir or name.startswith((".", "_")) or name == "testdata":
                    continue
                child = os.path.join(folder, name)
                if enter(child):
                    stack.append((child, depth + 1))

    def is_module(self, folder: str) -> bool:
        return self.filesystem.is_file(os.path.join(folder, "go.mod"))


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")

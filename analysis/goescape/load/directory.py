"""The files of one directory that a build takes, and what they import.

Invariants
  - nothing raises: what is wrong with the directory or a file is in `errors`;
  - lists are sorted by file name (files named on the command line stay in the order given), which
    is how the go command hands files to the compiler;
  - `_` and `.` files never count; files excluded by name or constraint are in `ignored`.

Example: with GOOS=linux a directory of `a.go`, `a_windows.go` and `a_test.go` has `go_files`
`("a.go",)`, `test_go_files` `("a_test.go",)` and `ignored` `("a_windows.go",)`.

Source: go/build/build.go (Context.Import, matchFile, goodOSArchFile) (go1.27).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from goescape.load import platforms
from goescape.load.environment import Environment
from goescape.load.errors import PackageError
from goescape.load.filesystem import FileSystem
from goescape.syntax import constraint
from goescape.syntax.header import Header, scan_header


@dataclass(slots=True)
class Directory:
    """One directory as the build sees it. All names are base names."""

    path: str
    name: str = ""
    go_files: list[str] = field(default_factory=list)
    cgo_files: list[str] = field(default_factory=list)
    test_go_files: list[str] = field(default_factory=list)
    xtest_go_files: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    test_imports: list[str] = field(default_factory=list)
    xtest_imports: list[str] = field(default_factory=list)
    import_places: dict[str, tuple[str, int]] = field(default_factory=dict)  # path -> file, offset
    headers: dict[str, Header] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # in bytes
    asm_files: list[str] = field(default_factory=list)
    errors: list[PackageError] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """No Go files to build at all, tests included."""
        return not (self.go_files or self.cgo_files or self.test_go_files or self.xtest_go_files)

    def problems(self, tests: bool) -> list[PackageError]:
        """What is wrong with the package, with or without its `tests`."""
        return [
            e for e in self.errors if tests or not e.file.endswith("_test.go") or e.kind == "names"
        ]

    def empty_error(self, path: str) -> PackageError:
        """What is said of the package `path` if there is no file to build it from."""
        if self.test_go_files or self.xtest_go_files:
            text = f"package {path}: no non-test Go files in {self.path}"
        elif any(name.endswith(".go") for name in self.ignored):
            text = f"package {path}: build constraints exclude all Go files in {self.path}"
        else:
            text = f"no Go files in {self.path}"
        return PackageError(text, "empty")


def scan(
    fs: FileSystem,
    env: Environment,
    path: str,
    names: list[str] | None = None,
    known: Directory | None = None,
    changed: str = "",
) -> Directory:
    """Read the directory `path`, or, of it, just the files `names` (a list on a command line, whose
    file names are not matched against the platform). Of what is `known` of the directory only the file
    called `changed` is read again."""
    result = Directory(path)
    if names is None:
        try:
            entries = fs.list(path)
        except OSError as e:
            result.errors.append(PackageError(f"open {path}: {_cause(e)}", "list"))
            return result
        listed = []
        for entry in entries:
            if entry.is_dir or (entry.is_link and fs.is_dir(os.path.join(path, entry.name))):
                continue
            listed.append(entry.name)
    else:
        listed = names
    imports: set[str] = set()
    test_imports: set[str] = set()
    xtest_imports: set[str] = set()
    first_file = ""
    for name in listed:
        if not name.endswith(".go"):
            if name.endswith(".s") and name[0] not in "_." and matches_name(env, name):
                try:
                    header = scan_header(fs.read(os.path.join(path, name)))
                except OSError:
                    continue
                if matches_constraint(env, header):
                    result.asm_files.append(name)
            continue
        if name.startswith(("_", ".")) and names is None:
            continue
        if names is None and not matches_name(env, name):
            result.ignored.append(name)
            continue
        full = os.path.join(path, name)
        if known is not None and name != changed and name in known.headers:
            header, size = known.headers[name], known.sizes[name]
        else:
            try:
                text = fs.read(full)
            except OSError as e:
                result.errors.append(PackageError(f"open {full}: {_cause(e)}", "list", full))
                continue
            header, size = scan_header(text), len(text)
        if header.build_error:
            result.errors.append(PackageError(header.build_error, "parse", full))
            continue
        if not matches_constraint(env, header):
            if names is None:
                result.ignored.append(name)
                continue
        result.headers[name] = header
        result.sizes[name] = size
        if header.error:
            line, col, message = header.error.split(":", 2)
            result.errors.append(PackageError(message.strip(), "parse", full, int(line), int(col)))
        package = header.name
        if package == "documentation":
            result.ignored.append(name)
            continue
        is_test = name.endswith("_test.go")
        is_xtest = is_test and package.endswith("_test") and result.name != package
        if is_xtest:
            package = package.removesuffix("_test")
        if package:
            if not result.name:
                result.name, first_file = package, name
            elif package != result.name:
                result.errors.append(
                    PackageError(
                        f"found packages {result.name} ({first_file}) and {package} ({name}) in {path}",
                        "names",
                        full,
                    )
                )
        if header.has_cgo and is_test:
            result.errors.append(
                PackageError(f"use of cgo in test {full} not supported", "list", full)
            )
        if header.has_cgo and not is_test:
            if not env.cgo_enabled:
                result.ignored.append(name)
                del result.headers[name]
                continue
            result.cgo_files.append(name)
            found = imports
        elif is_xtest:
            result.xtest_go_files.append(name)
            found = xtest_imports
        elif is_test:
            result.test_go_files.append(name)
            found = test_imports
        else:
            result.go_files.append(name)
            found = imports
        for imported, offset in header.imports:
            found.add(imported)
            result.import_places.setdefault(imported, (full, offset))
    result.imports = sorted(imports)
    result.test_imports = sorted(test_imports)
    result.xtest_imports = sorted(xtest_imports)
    return result


def matches_name(env: Environment, name: str) -> bool:
    """Whether the `_GOOS`, `_GOARCH` suffixes of a file name fit."""
    stem = name.split(".", 1)[0]
    at = stem.find("_")
    if at < 0:
        return True
    words = stem[at:].split("_")
    if words[-1] == "test":
        words.pop()
    if len(words) >= 2 and words[-2] in platforms.KNOWN_OS and words[-1] in platforms.KNOWN_ARCH:
        return env.has_tag(words[-1]) and env.has_tag(words[-2])
    if words and (words[-1] in platforms.KNOWN_OS or words[-1] in platforms.KNOWN_ARCH):
        return env.has_tag(words[-1])
    return True


def matches_constraint(env: Environment, header: Header) -> bool:
    """Whether the build lines of a file hold."""
    for line in header.build_lines:
        try:
            parsed = constraint.parse_line(line)
        except constraint.ConstraintError:
            continue
        if parsed is not None and not constraint.evaluate(parsed, env.has_tag):
            return False
    return True


def _cause(e: OSError) -> str:
    return (e.strerror or str(e)).lower()

"""Type-check small programs, and compare the errors with those that the text announces.

A comment `/* ERROR "text" */` or `// ERROR "text"` behind a token announces an error at that token
whose message contains the text; `ERRORx` takes a regular expression. Several such comments behind
one token announce several errors. These are the conventions of the Go type checker's own tests
(`GOROOT/src/internal/types/testdata`), so its files can be used as they are.

Source: cmd/compile/internal/types2/check_test.go (go1.27).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from goescape.load.environment import discover
from goescape.load.errors import LoadError
from goescape.load.filesystem import DiskFileSystem
from goescape.load.loader import Loader
from goescape.load.package import LoadedPackage
from goescape.source.file import SourceFile
from goescape.source.mention import spelled
from goescape.source.positions import Positions
from goescape.syntax.parse import parse_file
from goescape.typecheck.checker import Checker
from goescape.typecheck.errors import told
from goescape.typecheck.objects import Builtin, Package
from goescape.typecheck.scope import Scope
from goescape.typecheck.sizes import Sizes
from goescape.typecheck.universe import TYP, UNIVERSE

from harness.oracle import goroot


class Packages:
    """The library's packages, by import path; each is parsed and declared when first imported."""

    def __init__(self, goarch: str = "amd64") -> None:
        fs = DiskFileSystem()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))} | {
            "GOOS": "linux",
            "GOARCH": goarch,
            "CGO_ENABLED": "0",
            "GOFLAGS": "",
        }
        environment["GOROOT"] = str(goroot())
        self.loader = Loader(fs, discover(fs, environment))
        self.positions = Positions()
        self.sizes = Sizes(goarch)
        self.packages: dict[str, Package] = {}
        self.loaded: dict[Package, LoadedPackage] = {}

    def import_package(self, path: str, importing: Package) -> Package | None:
        importer = self.loaded.get(importing)
        if importer is None:
            loaded = self.loader.package(path)
        else:
            loaded = self.loader.imported(importer, path)
        return None if isinstance(loaded, LoadError) else self._package(loaded)

    def load(self, path: str) -> Package:
        """The package at an import path of the library."""
        loaded = self.loader.package(path)
        assert not isinstance(loaded, LoadError), loaded
        return self.declare(loaded)

    def declare(self, loaded: LoadedPackage) -> Package:
        """The package, read and declared."""
        pkg = self._package(loaded)
        assert pkg.scope is not None  # reads it
        return pkg

    def _package(self, loaded: LoadedPackage) -> Package:
        """The package's object; it is read when something of it is first needed."""
        path = loaded.import_path
        pkg = self.packages.get(path)
        if pkg is None:
            pkg = self.packages[path] = Package(path, loaded.name, Scope(UNIVERSE))
            self.loaded[pkg] = loaded
            made = pkg
            pkg.loader = lambda: self._read(made, loaded)
        return pkg

    def _read(self, pkg: Package, loaded: LoadedPackage) -> None:
        files = [
            parse_file(SourceFile(f, self.loader.read(f)), self.positions).file
            for f in loaded.files
        ]
        version = loaded.go_version or "go1.27"
        checker = Checker(pkg, files, self, self.sizes, self.positions, version)
        checker.collect_objects()

    def import_closure(self, pkg: Package) -> list[tuple[str, str]]:
        loaded = self.loaded.get(pkg)
        if loaded is None:
            roots = [self.loaded[p] for p in pkg.imports if p in self.loaded]
            return [(p.name, p.import_path) for p in self.loader.closure(roots)]
        return [(p.name, p.import_path) for p in self.loader.closure([loaded])]

    def describe(self, checker: Checker) -> list[str]:
        """The errors of a package, each as `file:line:column: message`."""
        return [
            "{}:{}:{}: {}".format(*place(self.positions, e.pos), spelled(e.msg, self.positions))
            for e in told(checker.errors)
        ]

    def declare_text(
        self, files: dict[str, bytes], go_version: str = "", path: str = ""
    ) -> Checker:
        """The checker of a package of these files, its names declared and nothing more."""
        asts = [
            parse_file(SourceFile(name, text), self.positions).file for name, text in files.items()
        ]
        pkg = Package(path or asts[0].pkg_name.value, "", Scope(UNIVERSE))
        checker = Checker(
            pkg, asts, self, self.sizes, self.positions, go_version, ignore_branch_errors=False
        )
        checker.collect_objects()
        return checker

    def check(
        self, files: dict[str, bytes], go_version: str = "", path: str = ""
    ) -> tuple[Checker, list[tuple[str, int, int, str]]]:
        """Check a package of these files, all of it, as types2's own tests do even where there are
        errors of syntax. The errors, those of syntax first, are (file, line, column, message)."""
        checker = self.declare_text(files, go_version, path)
        checker.check_all()
        checker.check_broken_bodies()
        asts = checker.given_files
        found = [(e.pos, e.msg) for f in asts for e in f.errors if not _BRANCH.search(e.msg)]
        found += [(e.pos, e.msg) for e in told(checker.errors)]
        return checker, [
            (*place(self.positions, pos), spelled(msg, self.positions)) for pos, msg in found
        ]


def place(positions: Positions, pos: int) -> tuple[str, int, int]:
    """File, line and column of `pos`."""
    file = positions.file(pos)
    return ("", 0, 0) if file is None else (file.path, *file.line_col(positions.offset(pos)))


# What the parser says about labels; the checker is asked to say it here.
_BRANCH = re.compile(
    r"^(label |goto |break |continue |invalid (break|continue) label|fallthrough|cannot fallthrough)"
)


# --- announced errors ----------------------------------------------------------------------------


@dataclass
class Announced:
    file: str
    line: int
    col: int
    pattern: str
    regex: bool

    def matches(self, msg: str) -> bool:
        if self.regex:
            return re.search(self.pattern, msg) is not None
        return self.pattern in msg


_TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    rb"|[\w\x80-\xff]+(?:\.[\w]+)?|\.[0-9]\w*|<<=|>>=|&\^=|\.\.\.|&&|\|\||<-|\+\+|--|==|!=|<=|>=|:="
    rb"|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|&\^|\S",
    re.S,
)
_COMMENT = re.compile(r" (ERRORx?) (.*)", re.S)


def announced_errors(file: str, text: bytes) -> list[Announced]:
    out: list[Announced] = []
    line, line_start, at = 1, 0, 0
    prev = (0, 0)
    for m in _TOKEN.finditer(text):
        skipped = text[at : m.start()]
        if b"\n" in skipped:
            line += skipped.count(b"\n")
            line_start = at + skipped.rindex(b"\n") + 1
        token = m.group()
        here = (line, m.start() - line_start + 1)
        if token.startswith((b"//", b"/*")):
            body = token[2:-2] if token.startswith(b"/*") else token[2:]
            found = _COMMENT.fullmatch(body.decode())
            if found is not None:
                pattern = _unquote(found.group(2).strip())
                out.append(Announced(file, *prev, pattern, found.group(1) == "ERRORx"))
        elif re.fullmatch(rb"[A-Za-z_]\w*\.\w+", token):
            # a qualified name is three tokens
            prev = (line, here[1] + token.index(b".") + 1)
        else:
            prev = here
        if b"\n" in token:
            line += token.count(b"\n")
            line_start = m.start() + token.rindex(b"\n") + 1
        at = m.end()
    return out


def _unquote(s: str) -> str:
    if s.startswith("`"):
        return s[1:-1]
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), s[1:-1])


def compare(
    found: list[tuple[str, int, int, str]], announced: list[Announced], tolerance: int = 0
) -> list[str]:
    """What is wrong: errors that nobody announced, and announced ones that did not come."""
    wrong: list[str] = []
    rest = list(announced)
    for file, line, col, msg in found:
        fits = [a for a in rest if a.file == file and a.line == line and a.matches(msg)]
        if not fits:
            wrong.append(f"{file}:{line}:{col}: unexpected: {msg}")
            continue
        best = min(fits, key=lambda a: abs(a.col - col))
        if abs(best.col - col) > tolerance:
            wrong.append(f"{file}:{line}:{col}: wrong column, not {best.col}: {msg}")
        rest.remove(best)
    wrong += [f"{a.file}:{a.line}:{a.col}: missing: {a.pattern}" for a in rest]
    return wrong


# --- Go's own programs ---------------------------------------------------------------------------

# How far columns may be off, as in the Go type checker's own test.
TOLERANCE = {"check": 50, "examples": 125, "fixedbugs": 100, "spec": 20}


def go_programs() -> Iterator[tuple[str, list[Path]]]:
    """The programs the Go type checker is tested with: a name like `spec/conversions.go`, and the
    files, more than one where the program is a directory."""
    base = goroot() / "src/internal/types/testdata"
    for kind in TOLERANCE:
        for path in sorted((base / kind).iterdir()):
            files = sorted(path.glob("*.go")) if path.is_dir() else [path]
            if files:
                yield f"{kind}/{path.name}", files


def check_go_program(packages: Packages, name: str, paths: list[Path]) -> list[str]:
    """What is wrong with the errors found in one of Go's programs."""
    declare_test_funcs()
    files = {str(path): path.read_bytes() for path in paths}
    first = next(iter(files.values())).split(b"\n", 1)[0].decode()
    lang = re.match(r"//\s*-.*\blang=(\S+)", first)
    _, found = packages.check(files, lang[1] if lang else "")
    announced = [a for file, text in files.items() for a in announced_errors(file, text)]
    return compare(found, announced, TOLERANCE[name.split("/")[0]])


def declare_test_funcs() -> None:
    """Declare `assert` and `trace`, which the Go type checker's tests use."""
    for name in ("assert", "trace"):
        UNIVERSE.elems.setdefault(name, Builtin(0, None, name, TYP["invalid"]))

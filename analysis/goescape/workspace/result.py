"""What was found in one package, as plain data.

A `PackageResult` travels between processes and to those who print it, so it holds no node, type or
position: files are paths, lines and columns are numbers. Whoever wants text, JSON or the protocol
makes it from here.

Invariants
  - values: nothing here changes, and equal contents are equal results;
  - what kept a package from being analysed is a `Problem` in its result, never an exception.

Example: `failed(package, "the code is nested too deeply to be analysed")` has one problem without a
place, no lines and no findings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from goescape.report.finding import Finding
from goescape.report.summary import FunctionSummary
from goescape.workspace.shorten import Shortener

if TYPE_CHECKING:
    from goescape.load.package import LoadedPackage


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a package, or a part of it, from being analysed. Line and column from
    1 (bytes), 0 where there is none; `file` is absolute or "". `presumed`: the same as `//line` directives
    want it named, column 0 if it is not shown; None where that is no different. `rank`: how many the compiler
    finds before it; -1 for what it does not find. In an editor that depends on what was looked at first."""

    file: str
    line: int
    col: int
    msg: str
    presumed: tuple[str, int, int] | None = None
    rank: int = field(default=-1, compare=False)

    @property
    def printed(self) -> tuple[str, int, int]:
        """File, line and column as the compiler prints them."""
        return self.presumed or (self.file, self.line, self.col)

    def __str__(self) -> str:
        if self.line:
            return f"{self.file}:{self.line}:{self.col}: {self.msg}"
        return f"{self.file}: {self.msg}" if self.file else self.msg


@dataclass(frozen=True, slots=True)
class PackageResult:
    """What was found in one package, as plain data. `lines` are the compiler's messages in its
    order: (file as the compiler names it, line, column, text), column 0 where none is printed.
    `notes` say what was left out on purpose. `functions` sum up each declared function.
    `import_path` is the package's id, with ` [p.test]` for a test variant; `index` its place among
    the packages that the patterns name."""

    import_path: str
    directory: str
    problems: tuple[Problem, ...] = ()
    lines: tuple[tuple[str, int, int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    index: int = 0
    functions: tuple[FunctionSummary, ...] = ()

    def printed(self, cwd: str) -> list[str]:
        """The lines as `go build` prints them in the directory `cwd`, without the header."""
        shorten = Shortener(self.directory, cwd).line
        out = []
        for file, line, col, text in self.lines:
            where = f"{file}:{line}:{col}: " if col else f"{file}:{line}: " if line else ""
            out.append(shorten(where + text))
        return out


def failed(package: LoadedPackage, msg: str) -> PackageResult:
    """The result of a package that could not be analysed at all."""
    return PackageResult(package.id, package.dir, (Problem("", 0, 0, msg),))

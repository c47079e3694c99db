"""What can keep a package from being loaded.

    LoadFailure         the whole request cannot be served: no toolchain, a broken go.mod
    Missing             one import path, while it is being resolved; becomes a PackageError
    PackageError        (a value) one package, import or pattern; the others go on

Messages start lower-case, name the thing, and say where it was looked for.
"""

from __future__ import annotations

from dataclasses import dataclass


class LoadFailure(Exception):
    """The request as a whole failed; the message names the file and the cause."""


class Missing(Exception):
    """An import path that names no package, while it is being resolved."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class PackageError:
    """What is wrong with one package.

    `file`, `line` and `col` (from 1, bytes) say where, when there is a place: `file` may be empty
    and `line` 0. `kind` is one of `missing`, `import` (it may not be imported here), `list`, `parse`,
    `cycle`, `names`, `empty`, `pattern`.
    """

    message: str
    kind: str = "list"
    file: str = ""
    line: int = 0
    col: int = 0
    import_path: str = ""
    imported_by: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.col}"
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class LoadError:
    """The answer for an import path that names no package."""

    import_path: str
    error: PackageError

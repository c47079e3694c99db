"""One package as the compiler would be handed it.

Invariants
  - `files` are absolute, the plain Go files first in the go command's order, then the files with
    `import "C"`, which `cgo_files` names again;
  - `imports` maps each import path of the source to the id of the package it means: vendored
    paths and test variants differ from what is written;
  - a package that could not be found, or has no files, has `errors` and may have no `files`.

Example: the test variant of p has id `p [p.test]`, import path `p`, for_test `p`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from goescape.load.errors import PackageError

# The go command knows these: the runtime defines some of their functions.
_DEFINED_ELSEWHERE = frozenset({
    "bytes", "internal/poll", "net", "os", "runtime/metrics", "runtime/pprof", "runtime/trace",
    "sync", "syscall", "time",
})  # fmt: skip


@dataclass(slots=True)
class LoadedPackage:
    id: str
    import_path: str
    name: str
    dir: str
    files: list[str] = field(default_factory=list)
    go_version: str = ""  # language version, "go1.27"
    is_std: bool = False
    imports: dict[str, str] = field(default_factory=dict)
    cgo_files: list[str] = field(default_factory=list)
    asm_files: list[str] = field(default_factory=list)
    errors: list[PackageError] = field(default_factory=list)
    for_test: str = ""
    module: str = ""  # path of the module it belongs to; "" for the library and loose files
    in_main_module: bool = False
    size: int = 0  # bytes of Go text

    @property
    def compile_path(self) -> str:
        """The path the compiler is told with -p: `main` for a command."""
        return "main" if self.name == "main" else self.import_path

    @property
    def is_complete(self) -> bool:
        """Whether a function without body is an error: there is no assembly to define it, nor, for
        a few packages of the library, another package."""
        return not (
            self.asm_files
            or self.cgo_files
            or (self.is_std and self.import_path in _DEFINED_ELSEWHERE)
        )


def failed(pattern: str, message: str, kind: str) -> LoadedPackage:
    """What stands for the package that `pattern` should have named."""
    return LoadedPackage(pattern, pattern, "", "", errors=[PackageError(message, kind)])


def without_test_only(package: LoadedPackage) -> LoadedPackage:
    """A package that a wildcard matched may have nothing but tests; that is no error then."""
    if len(package.errors) == 1 and package.errors[0].kind == "empty":
        return replace(package, errors=[])
    return package

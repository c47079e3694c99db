"""What the assembly files of a package mean for its Go functions.

Invariants
  - a file that cannot be read is done without.

Example: for `TEXT ·sum(SB)` and `func f() int { return sum() }` there is a wrapper of `sum`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.ir import abi_wrappers
from goescape.ir.typefmt import path_prefix

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.load.loader import Loader
    from goescape.load.package import LoadedPackage
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


def abi_wrappers_of(program: Program, state: State, funcs: Sequence[Func]) -> list[Func]:
    """The wrappers through which Go and assembly call each other; they come after inlining, and
    nothing else is to be done with them."""
    texts, prefix = assembly(state.loaded, program.loader), path_prefix(state.pkg)
    symbols = abi_wrappers.read_assembly(texts, prefix, program.env.goos, program.env.goarch)
    wrappers = abi_wrappers.abi_wrappers(state.unit, funcs, symbols)
    for func in wrappers:
        func.prepared = True
    return wrappers


def assembly(package: LoadedPackage, loader: Loader) -> list[str]:
    """The assembly files of a package, those that can be read."""
    texts = []
    for path in package.asm_files:
        try:
            texts.append(loader.read(path).decode(errors="surrogateescape"))
        except OSError:
            continue
    return texts

"""A program of the modules in a directory, without an editor.

Example: `program(module).check(package(program, "w/top"))`.
"""

from __future__ import annotations

from pathlib import Path

from goescape.load import LoadedPackage
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program

from harness.following import VARIABLES


def program(module: Path, store: Path | str = "") -> Program:
    """With inlining; without a `store` nothing is kept."""
    return Program.from_request(
        CheckRequest((), str(module), inline=True, environment=VARIABLES, store=str(store))
    )


def package(program: Program, path: str) -> LoadedPackage:
    """The package with this import path, which there is."""
    found = program.loader.package(path)
    assert isinstance(found, LoadedPackage)
    return found

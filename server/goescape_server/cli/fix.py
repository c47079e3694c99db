"""`goescape fix`: what can be done about allocations, proved, shown or written.

For each package the fixes are proposed and proved together, with all of them applied. Files of the
toolchain, of the module cache and of vendor directories are never written, nor are generated ones.

Exit codes: 0 when every package could be analysed; 2 for usage and load errors, for code that does not
type-check, and for files that cannot be written.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from goescape.ide.fixes import Fix
from goescape.ide.fixes.package import Fixed, fix_package, protected
from goescape.ide.fixes.snapshot import Snapshot
from goescape.load import LoadFailure
from goescape.load.package import LoadedPackage
from goescape.load.shortpath import short_path
from goescape.report.finding import Finding
from goescape.workspace.parallel import CheckRequest, with_deep_stack
from goescape.workspace.program import Program


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `only` are codes of fixes, empty for all. `caveats`: those too that
    change behaviour under some condition, or pay only sometimes. `capacity`: elements of a slice
    whose length nobody knows."""

    diff: bool = False
    write: bool = False
    only: frozenset[str] = frozenset()
    caveats: bool = False
    capacity: int = 64

    def wants(self, _finding: Finding, fix: Fix) -> bool:
        if self.only and fix.code not in self.only:
            return False
        if self.caveats:
            return True
        return fix.is_preferred or (bool(self.only) and fix.same_behaviour)


def run(request: CheckRequest, options: Options, out: TextIO, err: TextIO) -> int:
    """Propose, prove, and show or write; the exit code."""
    try:
        return with_deep_stack(lambda: _run(request, options, out, err))
    except LoadFailure as e:
        print(f"goescape: {e}", file=err)
        return 2


def _run(request: CheckRequest, options: Options, out: TextIO, err: TextIO) -> int:
    program = Program.from_request(request)
    program.for_editor = True
    status = 0
    n_fixes = before = after = 0
    for package in program.load(request):
        said = program.say(package)
        for problem in said.problems[:1]:
            status = 2
            print(f"{package.import_path}: {problem}", file=err)
        snapshot = Snapshot(program, package, options.capacity)
        done = fix_package(said, snapshot, options.wants)
        before += done.before
        after += done.after
        n_fixes += len(done.proved)
        if done.proved:
            for line in _report(done, snapshot, package, request.directory):
                print(line, file=out)
            if options.diff:
                out.writelines(_diff(done, snapshot, request.directory))
            if options.write and not _write(done, snapshot, err):
                status = 2
            program.show(done.texts)  # The next package may call what has changed.
    program.close()
    verb = "applied" if options.write else "found"
    print(f"{n_fixes} fixes {verb}: {before} heap lines before, {after} after", file=out)
    return status


def _report(done: Fixed, snapshot: Snapshot, package: LoadedPackage, cwd: str) -> Iterator[str]:
    yield f"{package.import_path}: {done.before} heap lines before, {done.after} after"
    for proved in done.proved:
        finding, fix = proved.offer.finding, proved.offer.fix
        place = finding.place
        where = f"{short_path(place.path, cwd)}:{place.line}:{place.col}"
        yield f"{where}: {finding.message}"
        yield f"    {fix.code}: {fix.label}; proved for {snapshot.release.name}"


def _diff(done: Fixed, snapshot: Snapshot, cwd: str) -> Iterator[str]:
    for path, text in done.texts.items():
        name = short_path(path, cwd).removeprefix("./")
        old = snapshot.text(path).decode("utf-8", "replace").splitlines(keepends=True)
        new = text.decode("utf-8", "replace").splitlines(keepends=True)
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _write(done: Fixed, snapshot: Snapshot, err: TextIO) -> bool:
    good = True
    for path, text in done.texts.items():
        why = protected(path, snapshot)
        try:
            if why:
                raise PermissionError(why)
            partial = Path(f"{path}.goescape-{os.getpid()}")
            partial.write_bytes(text)
            partial.chmod(Path(path).stat().st_mode & 0o777)
            partial.replace(path)
        except OSError as e:
            good = False
            print(f"goescape: {path}: {e.strerror or e}", file=err)
    return good

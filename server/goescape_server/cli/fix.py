"""`goescape fix`: what can be done about allocations, proved, shown or written.

For each package the fixes are proposed and proved together, with all of them applied; then again for
the text that comes of it, until nothing more can be done. Files of the toolchain, of the module cache
and of vendor directories are never written, nor are generated ones.

Exit codes: 0 when every package could be analysed; 2 for usage and load errors, for code that does not
type-check, and for files that cannot be written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from goescape import bug
from goescape.ide.fixes import Fix
from goescape.ide.fixes.edit import Edit, Shift
from goescape.ide.fixes.package import fix_package, protected
from goescape.ide.fixes.proof import Offer
from goescape.ide.fixes.snapshot import Snapshot
from goescape.load import LoadFailure
from goescape.report.finding import Finding, Place
from goescape.source.file import SourceFile
from goescape.workspace.parallel import CheckRequest, warnings_of
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.result import Problem

from goescape_server.cli.fix_formats import FixJsonWriter, FixTextWriter
from goescape_server.cli.json_format import head_of

MAX_PASSES = 10
"""So often a package is gone through for what earlier fixes have made possible."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `only` are codes of fixes, empty for all. `caveats`: those too that
    change behaviour under some condition, or pay only sometimes. `capacity`: elements of a slice
    whose length nobody knows. `diff`: show what changes, in the format `text`; `json` always does."""

    format: str = "text"
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
    status, totals = 0, Totals()
    loaded = program.load(request)
    for text in filter(None, (*warnings_of(program, loaded), program.store.trouble)):
        print(f"goescape: warning: {text}", file=err)
    writer = _writer(request, options, program, out)
    for package in loaded:
        done, problems = Done(), list[Problem]()
        snapshot = Snapshot(program, package, options.capacity)
        try:
            for problem in _fix(snapshot, options, done):
                status = 2
                problems.append(problem)
                print(f"{package.import_path}: {problem}", file=err)
        except Exception as e:  # A bug of ours costs the package what is left to do, not the run.
            status = 2
            bug.report(f"fixes of {package.id}: {type(e).__name__}: {e}")
            print(f"{package.import_path}: internal error: {type(e).__name__}: {e}", file=err)
        if options.write and not done.write(snapshot, err):
            status = 2
            program.show(done.before_texts)
            done = Done(before=done.before, after=done.before)
        totals = totals.plus(done)
        writer.package(package, done, problems)
    program.close()
    writer.close(totals)
    return status


def _writer(
    request: CheckRequest, options: Options, program: Program, out: TextIO
) -> FixTextWriter | FixJsonWriter:
    if options.format == "json":
        return FixJsonWriter(out, head_of(request), options.write)
    release = program.release.name
    return FixTextWriter(out, request.directory, release, options.diff, options.write)


def _fix(snapshot: Snapshot, options: Options, done: Done) -> Iterator[Problem]:
    """Add to `done` what can be done about a package, until nothing more can be; yields the first of its
    problems."""
    program, package = snapshot.program, snapshot.package
    for _ in range(MAX_PASSES):
        said = program.say(package)
        if not done.texts:
            yield from said.problems[:1]
        fixed = fix_package(said, snapshot, options.wants)
        done.count(fixed.before, fixed.after)
        if not fixed.proved:
            break
        done.take([proved.offer for proved in fixed.proved], fixed.texts, fixed.edits, snapshot)
        program.show(fixed.texts)  # The next package may call what has changed.
        snapshot = Snapshot(program, package, options.capacity)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was done to all packages: how many fixes, and the allocations before and after."""

    fixes: int = 0
    before: int = 0
    after: int = 0

    def plus(self, done: Done) -> Totals:
        return Totals(
            self.fixes + len(done.offers),
            self.before + max(done.before, 0),
            self.after + done.after,
        )


@dataclass(slots=True)
class Done:
    """What was done to a package: the offers taken with the places of their findings in the text as it
    was, the texts `before_texts` and `texts` of the files edited, and the allocations before and after."""

    offers: list[tuple[Offer, Place]] = field(default_factory=list)
    before_texts: dict[str, bytes] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    before: int = -1
    after: int = 0
    _shifts: dict[str, list[Shift]] = field(default_factory=dict)

    def count(self, before: int, after: int) -> None:
        if self.before < 0:
            self.before = before
        self.after = after

    def take(
        self,
        offers: Sequence[Offer],
        texts: Mapping[str, bytes],
        edits: Mapping[str, Sequence[Edit]],
        snapshot: Snapshot,
    ) -> None:
        """One pass more: `edits` of what `snapshot` shows make `texts`."""
        self.offers += [
            (offer, self._first_place(offer.finding.place, snapshot)) for offer in offers
        ]
        for path, text in texts.items():
            self.before_texts.setdefault(path, snapshot.text(path))
            self.texts[path] = text
            self._shifts.setdefault(path, []).append(Shift(edits[path]))

    def _first_place(self, place: Place, snapshot: Snapshot) -> Place:
        shifts = self._shifts.get(place.path)
        if not shifts:
            return place

        def first(offset: int) -> int:
            for shift in reversed(shifts):
                offset, _ = shift.before(offset)
            return offset

        at = SourceFile(place.path, snapshot.text(place.path)).offset(place.line, place.col)
        line, col = SourceFile(place.path, self.before_texts[place.path]).line_col(first(at))
        start = first(place.start)
        return replace(place, line=line, col=col, start=start, end=max(start, first(place.end)))

    def write(self, snapshot: Snapshot, err: TextIO) -> bool:
        """Write all files, for the fixes are proved together; if one cannot be, write none, with a
        message, and return False."""
        partials: dict[str, Path] = {}
        path = ""
        try:
            for path, text in self.texts.items():
                if why := protected(path, snapshot):
                    raise PermissionError(why)
                partial = partials[path] = Path(f"{path}.goescape-{os.getpid()}")
                partial.write_bytes(text)
                partial.chmod(Path(path).stat().st_mode & 0o777)
            for path, partial in partials.items():
                partial.replace(path)
        except OSError as e:
            print(f"goescape: {path}: {e.strerror or e}", file=err)
            for partial in partials.values():
                with suppress(OSError):
                    partial.unlink(missing_ok=True)
            return False
        return True

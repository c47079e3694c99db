"""Fixes as an editor wants them: what is offered for a finding, and the edits when it is chosen.

Proving means analysing again what the edits change. Where that is quick the proof is made before the offer,
and an offer is a promise: for edits in one body with which little text is analysed again, and for all
edits in a package of little text. Where more is analysed, because signatures or the imports of a large
package change, or because many functions reach each other, the fix is offered by its preconditions, and
proved when it is chosen: then there are no edits if it does not hold. A proof that turns out to take more, as
when a function gets small enough to be inlined everywhere, is given up and made then, too.

What was proved for a text is remembered with the analysis of that text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix, with_imports
from goescape.ide.fixes.package import fix_package, protected
from goescape.ide.fixes.proof import Offer, Proved, prove
from goescape.ide.fixes.registry import may_have_fix, proposals
from goescape.ide.fixes.snapshot import Snapshot
from goescape.syntax import ast
from goescape.typecheck.objects import Func
from goescape.workspace.cancelled import Cancelled

if TYPE_CHECKING:
    from goescape.report.finding import Finding
    from goescape.workspace.session import Analysed, Session

FIX = "fix"
FIX_ALL = "fix-all"

QUICK_TEXT = 4_000
"""So many bytes of Go are analysed again while somebody waits for the menu: some 10 ms per 1000."""

SMALL_PACKAGE = 120_000
"""In a package of so many bytes an import comes and goes in a few milliseconds."""

IsCancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class EditorOffer:
    """`title` says what is done, what it means for the program's behaviour, and for which release it
    was proved. Either `edits` are there, or `key` is what `edits_for` makes them from."""

    title: str
    is_preferred: bool
    edits: tuple[Edit, ...] = ()
    key: tuple[str, Any] | None = None


def offers_for(
    session: Session, finding: Finding, capacity: int, is_cancelled: IsCancelled
) -> Iterator[EditorOffer]:
    """What can be done about a finding."""
    for analysed in session.analysed(finding.place.path):
        snapshot = snapshot_of(analysed, capacity, is_hurried=True)
        if finding.place.path not in snapshot.paths or protected(finding.place.path, snapshot):
            continue
        for fix in list(proposals(finding, snapshot)):
            offer = Offer(finding, fix)
            try:
                proved = quick_proof(analysed, snapshot, offer, is_cancelled)
            except NotQuick:
                key = (FIX, [finding.place.path, capacity, _name(finding), [fix.code, fix.title]])
                yield EditorOffer(_title(fix, ""), fix.is_preferred, key=key)
                continue
            if proved is not None:
                title = _title(fix, snapshot.release.name)
                yield EditorOffer(title, fix.is_preferred, _edits(proved))
        return


class NotQuick(Exception):
    """A proof analyses much again."""


def quick_proof(
    analysed: Analysed, snapshot: Snapshot, offer: Offer, is_cancelled: IsCancelled
) -> Proved | None:
    """The proof of an offer, None if there is none. Raises `NotQuick` for one that takes longer than the menu
    may."""
    key = ("is quick", offer.fix.edits)
    program = analysed.program
    if analysed.notes.get(key) is False or not is_quick(snapshot, offer.fix):
        raise NotQuick
    most = program.bytes_read + QUICK_TEXT

    def is_over() -> bool:
        return is_cancelled() or program.bytes_read > most

    try:
        return _proved(analysed, snapshot, offer, is_over)
    except Cancelled:
        if is_cancelled():
            raise
        analysed.notes[key] = False
        raise NotQuick from None
    finally:
        program.cancelled = is_cancelled


def is_quick(snapshot: Snapshot, fix: Fix) -> bool:
    """Whether a proof analyses little again: see the module."""
    size = snapshot.package.size
    if fix.elsewhere:
        return False
    if size <= QUICK_TEXT:
        return True
    edits = fix.edits
    if size > SMALL_PACKAGE:
        try:
            edits = tuple(e for found in with_imports(snapshot, [fix]).values() for e in found)
        except ValueError:
            return False
    around = snapshot.path_at(edits[0].path, edits[0].start, edits[0].start)
    first = around[0] if around else None
    if not isinstance(first, ast.FuncDecl) or first.body is None:
        return False
    obj = snapshot.info.defs.get(first.name)
    if not isinstance(obj, Func):
        return False
    if not 0 < snapshot.program.bytes_again(snapshot.package, obj) <= QUICK_TEXT:
        return False
    path = snapshot.path_of_node(first)
    start, end = snapshot.span(first.body)
    return all(e.path == path and start <= e.start and e.end <= end for e in edits)


def edits_for(session: Session, data: Any, is_cancelled: IsCancelled) -> tuple[Edit, ...] | None:
    """The edits of an offer by its key; None if it cannot be proved."""
    path, capacity, name, wanted = data
    session.check(path, is_cancelled)
    for analysed in session.analysed(path):
        snapshot = snapshot_of(analysed, capacity)
        for finding in analysed.said.findings:
            if finding.place.path == path and _name(finding) == name:
                for fix in list(proposals(finding, snapshot)):
                    if [fix.code, fix.title] == wanted:
                        proved = _proved(analysed, snapshot, Offer(finding, fix), is_cancelled)
                        return _edits(proved) if proved is not None else None
    return None


def has_safe_fix(session: Session, path: str, capacity: int) -> bool:
    """Whether something in the file may be fixed without anybody looking."""
    for analysed in session.analysed(path):
        snapshot = snapshot_of(analysed, capacity, is_hurried=True)
        if path not in snapshot.paths or protected(path, snapshot):
            continue
        for f in analysed.said.findings:
            if f.place.path == path and may_have_fix(f):
                if any(fix.is_preferred for fix in proposals(f, snapshot)):
                    return True
    return False


def fix_all_edits(
    session: Session, data: Any, is_cancelled: IsCancelled
) -> tuple[Edit, ...] | None:
    """The edits of all fixes in a file that keep the behaviour and pay whatever happens."""
    path, capacity = data
    session.check(path, is_cancelled)

    def wanted(finding: Finding, fix: Fix) -> bool:
        return finding.place.path == path and fix.is_preferred and fix.files == [path]

    for analysed in session.analysed(path):
        snapshot = snapshot_of(analysed, capacity)
        analysed.program.cancelled = is_cancelled
        done = fix_package(analysed.said, snapshot, wanted)
        if done.proved:
            return tuple(e for edits in done.edits.values() for e in edits)
    return None


def snapshot_of(analysed: Analysed, capacity: int, is_hurried: bool = False) -> Snapshot:
    """The view of a package that its fixes share until the next edit."""
    key = (Snapshot, capacity, is_hurried)
    if key not in analysed.notes:
        analysed.notes[key] = Snapshot(analysed.program, analysed.package, capacity, is_hurried)
    found: Snapshot = analysed.notes[key]
    return found


def _proved(
    analysed: Analysed, snapshot: Snapshot, offer: Offer, is_cancelled: IsCancelled
) -> Proved | None:
    key = ("proof", offer.fix.edits, offer.finding.place, offer.finding.code)
    if key not in analysed.notes:
        analysed.program.cancelled = is_cancelled
        analysed.notes[key] = prove(snapshot, analysed.said, offer)
    found: Proved | None = analysed.notes[key]
    return found


def _edits(proved: Proved) -> tuple[Edit, ...]:
    return tuple(e for edits in proved.edits.values() for e in edits)


def _name(finding: Finding) -> list[Any]:
    place = finding.place
    return [finding.code, place.start, place.end, finding.message]


def _title(fix: Fix, release: str) -> str:
    return f"{fix.label}; off the heap in {release}" if release else fix.label

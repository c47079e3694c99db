"""Every fix there is, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from goescape import bug
from goescape.ide.fixes import (
    backing_array,
    caller_provides,
    capture_copy,
    closure_argument,
    constant_capacity,
    declare_value,
    fit_limit,
    format_directly,
    hoist,
    keep_concrete,
    make_constant,
    make_generic,
    preallocate,
    return_value,
    take_pointer,
    without_conversion,
    without_fmt,
    write_string,
)
from goescape.ide.fixes.edit import with_line_ends
from goescape.ide.fixes.proof import allocates
from goescape.workspace.cancelled import Cancelled

if TYPE_CHECKING:
    from types import ModuleType

    from goescape.ide.fixes.fix import Fix
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.report.finding import Finding

FIXES: tuple[ModuleType, ...] = (
    format_directly,
    without_fmt,
    write_string,
    without_conversion,
    make_constant,
    constant_capacity,
    backing_array,
    preallocate,
    declare_value,
    return_value,
    caller_provides,
    capture_copy,
    keep_concrete,
    make_generic,
    take_pointer,
    closure_argument,
    hoist,
    fit_limit,
)

CODES: tuple[str, ...] = tuple(module.CODE for module in FIXES)


def may_have_fix(finding: Finding) -> bool:
    """Whether there may be something to do about a finding: it tells of an allocation, or of a slice
    that outgrows its room on the stack."""
    return allocates(finding) or preallocate.grows_in_loop(finding)


def proposals(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    """What may be done about a finding, not proved yet; those that keep the behaviour first.
    Nothing for expressions that cost nothing, or what was inlined from elsewhere."""
    place = finding.place
    if finding.inlined_from or place.path not in snapshot.paths:
        return
    if finding.kind == "free" and finding.code == "escapes":
        return
    found = [fix for module in FIXES for fix in _proposed(module, finding, snapshot)]
    found.sort(key=lambda fix: not fix.same_behaviour)
    yield from found


def _proposed(module: ModuleType, finding: Finding, snapshot: Snapshot) -> list[Fix]:
    """What one module proposes; a bug of ours costs that, not what the others propose."""
    try:
        return [_as_written(fix, snapshot) for fix in module.propose(finding, snapshot)]
    except Cancelled:
        raise
    except Exception as e:
        place = finding.place
        bug.report(f"{module.CODE} at {place.path}:{place.line}: {type(e).__name__}: {e}")
        return []


def _as_written(fix: Fix, snapshot: Snapshot) -> Fix:
    """The fix with the line ends of the files."""
    edits = [e for x in fix.edits for e in with_line_ends(snapshot.text(x.path), [x])]
    return fix if tuple(edits) == fix.edits else replace(fix, edits=tuple(edits))

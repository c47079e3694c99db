"""Every fix there is, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes import constant_capacity, declare_value, without_fmt

if TYPE_CHECKING:
    from types import ModuleType

    from goescape.ide.fixes.fix import Fix
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.report.finding import Finding

FIXES: tuple[ModuleType, ...] = (without_fmt, constant_capacity, declare_value)

CODES: tuple[str, ...] = tuple(module.CODE for module in FIXES)


def proposals(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    """What may be done about a finding, not proved yet; those that keep the behaviour first.
    Nothing for what costs nothing, or was inlined from elsewhere."""
    place = finding.place
    if finding.inlined_from or finding.kind == "free" or place.path not in snapshot.paths:
        return
    found = [fix for module in FIXES for fix in module.propose(finding, snapshot)]
    found.sort(key=lambda fix: not fix.same_behaviour)
    yield from found

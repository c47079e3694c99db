"""Everything that can be done about one package at once.

Each finding gets the first of its fixes that is wanted; findings that one fix takes care of share it.
What is left is proved together (see `proof`), so that applying all of it is proved, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix, new_texts
from goescape.ide.fixes.proof import Offer, Proved, allocates, prove_all
from goescape.ide.fixes.registry import may_have_fix, proposals
from goescape.ide.fixes.snapshot import Snapshot

if TYPE_CHECKING:
    from goescape.report.finding import Finding
    from goescape.workspace.said import Said

Wanted = Callable[["Finding", Fix], bool]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was proved for a package, all of it applied: the edits by file with imports, the new
    texts, and the allocations that are said of the package `before` and `after`."""

    proved: tuple[Proved, ...]
    edits: dict[str, list[Edit]]
    texts: dict[str, bytes]
    before: int
    after: int


def offers(said: Said, snapshot: Snapshot, wanted: Wanted) -> list[Offer]:
    """The fixes that are wanted, not proved yet, in the order of the findings."""
    out: list[Offer] = []
    seen: set[tuple[Edit, ...]] = set()
    for finding in said.findings:
        if not may_have_fix(finding):
            continue
        for fix in proposals(finding, snapshot):
            if fix.edits not in seen and wanted(finding, fix):
                seen.add(fix.edits)
                out.append(Offer(finding, fix))
    return out


def fix_package(said: Said, snapshot: Snapshot, wanted: Wanted) -> Fixed:
    """`offers`, proved and put together."""
    proved = prove_all(snapshot, said, offers(said, snapshot, wanted))
    before = len({(f.place, f.code) for f in said.findings if allocates(f)})
    if not proved:
        return Fixed((), {}, {}, before, before)
    edits = {path: list(found) for path, found in proved[0].edits.items()}
    texts = new_texts(snapshot, edits)
    return Fixed(tuple(proved), edits, texts, before, before - proved[0].fewer)


def protected(path: str, snapshot: Snapshot) -> str:
    """Why a file must not be edited; "" if it may be."""
    package, env = snapshot.package, snapshot.program.env
    if package.is_std or path.startswith(env.goroot.rstrip("/") + "/"):
        return "is part of the toolchain"
    if package.module and not package.in_main_module:
        return "is outside the main module"
    if "/vendor/" in path.replace("\\", "/"):
        return "is vendored"
    return "is generated" if snapshot.is_generated(path) else ""

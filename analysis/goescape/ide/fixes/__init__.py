"""Fixes: edits that keep a value off the heap, proved before they are offered."""

from goescape.ide.fixes.edit import Edit, apply
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.proof import Offer, Proved, allocates, prove, prove_all
from goescape.ide.fixes.registry import CODES, proposals
from goescape.ide.fixes.snapshot import Snapshot

__all__ = [
    "CODES", "Edit", "Fix", "Offer", "Proved", "Snapshot", "allocates", "apply", "proposals",
    "prove", "prove_all",
]  # fmt: skip

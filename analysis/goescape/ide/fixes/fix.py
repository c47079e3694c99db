"""A fix: edits that keep a value off the heap, and what they mean for the program.

A module proposes fixes for a finding from its reason and the code around it; whether they work is for
`proof` to find out. What a module must know for certain is what a fix does to the program's behaviour:
without a `caveat` it promises that nobody can tell the difference.

Invariants
  - edits are in byte offsets of the text that was analysed, and never touch generated files;
  - imports are not among the edits: `needs` names them, and `assemble` writes them, because they
    depend on what else is applied;
  - only a fix without caveat may be preferred, or applied with others unasked.

Example: `Fix("without-fmt", "Say it without fmt: strconv.Itoa", (Edit(...),), needs=("strconv",))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.bodies import body_edits
from goescape.ide.fixes.comments import comment_edits
from goescape.ide.fixes.edit import Edit, apply, ordered, with_line_ends
from goescape.ide.fixes.imports import import_edits
from goescape.ide.fixes.keys import key_edits
from goescape.ide.fixes.one_line import line_edits

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Fix:
    """`code` names the kind. `title` is an imperative without full stop. `caveat` completes "changes
    behaviour when ..."; empty: the behaviour stays the same. `is_safe_bet`: it is worth it whatever
    the program is given, so it may be applied unasked (if the behaviour stays the same too).
    `has_fallback`: what is too large for the stack is still allocated, in a branch of its own.
    `leaves_loop`: what was allocated in every round of a loop is allocated once, before it.
    `exported`: the exported function whose signature changes, if one does; `elsewhere`: the other packages that
    must stand that, by their ids. `needs` are import paths that the new texts speak of, per file."""

    code: str
    title: str
    edits: tuple[Edit, ...]
    caveat: str = ""
    is_safe_bet: bool = True
    exported: str = ""
    elsewhere: tuple[str, ...] = ()
    has_fallback: bool = False
    leaves_loop: bool = False
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def same_behaviour(self) -> bool:
        return not self.caveat and not self.exported

    @property
    def is_preferred(self) -> bool:
        return self.same_behaviour and self.is_safe_bet

    @property
    def label(self) -> str:
        """The title with what it means for the program."""
        parts = [self.title]
        parts.append(f"changes behaviour when {self.caveat}" if self.caveat else "same behaviour")
        if self.exported:
            parts.append("changes an exported signature")
        return parts[0] + " (" + "; ".join(parts[1:]) + ")"

    @property
    def files(self) -> list[str]:
        return sorted({e.path for e in self.edits})


def assemble(snapshot: Snapshot, fixes: Iterable[Fix]) -> dict[str, list[Edit]]:
    """All edits of several fixes by file, with imports and what keeps bodies, values and comments in line, in order. Raises `ValueError` if they
    overlap."""
    by_file = with_imports(snapshot, fixes)
    for path, edits in by_file.items():
        text, holder = snapshot.text(path), snapshot.holder(path)
        edits = ordered([*edits, *with_line_ends(text, line_edits(holder, path, edits))])
        edits = [*edits, *key_edits(holder, path, edits)]
        edits = [*edits, *body_edits(holder, path, edits)]
        by_file[path] = ordered([*edits, *comment_edits(path, text, edits)])
    return by_file


def with_imports(snapshot: Snapshot, fixes: Iterable[Fix]) -> dict[str, list[Edit]]:
    """The edits of several fixes by file, with those of imports, in order. Raises `ValueError` if they overlap."""
    fixes = list(fixes)
    by_file: dict[str, list[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            by_file.setdefault(edit.path, []).append(edit)
    for path, edits in by_file.items():
        needed = [need for fix in fixes for where, need in fix.needs if where == path]
        imports = import_edits(snapshot.holder(path), path, edits, needed)
        by_file[path] = ordered([*edits, *with_line_ends(snapshot.text(path), imports)])
    return by_file


def new_texts(snapshot: Snapshot, edits: Mapping[str, list[Edit]]) -> dict[str, bytes]:
    """The texts of the files after the edits."""
    return {path: apply(snapshot.text(path), found) for path, found in edits.items()}

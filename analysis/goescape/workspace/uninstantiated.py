"""Generic code that nobody instantiates, for an editor: what is said of it, function by function.

It is analysed with opaque type arguments, in a unit of its own. When the body of a generic function is edited, those that
lead to it by mentioning what they call are analysed again (decision 59).

Invariants
  - no function is spared that may have read what is different; where that cannot be told, all are analysed.

Example: an edit in `slices.Index` concerns `slices.Contains`, which calls it, and not `slices.Sort`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from goescape.ir.static_value import outermost
from goescape.report.summary import allocating, summaries
from goescape.typecheck import objects
from goescape.typecheck.types import Signature
from goescape.workspace.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goescape.escape.verdict import BatchResult
    from goescape.ir.func import Func
    from goescape.typecheck.checker import Checker
    from goescape.workspace.memo import Memo


class Uninstantiated:
    """See the module. `pieces` is what was said of each function; `edited` are the generic functions whose bodies
    were edited since."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._read: set[Func] | None = (
            None  # Whose verdict or tags were asked for; None: all is to be done.
        )
        self.pieces: dict[objects.Func, Piece] = {}
        self.edited: set[objects.Func] = set()

    def forget(self) -> None:
        """All is to be analysed again."""
        self._read = None

    def edit(self, obj: objects.Func) -> None:
        """The body of a generic function or method, perhaps of another package, is another one."""
        if obj.pkg is self._memo.unit.pkg:
            self.edited.add(obj)
        else:
            self.forget()

    def changed(self, func: Func) -> None:
        """What callers of a function see of it is different."""
        if self._read is not None and func in self._read:
            self.forget()

    def refresh(self) -> None:
        """Analyse what is to be analysed again."""
        memo, before = self._memo, self._read
        if before is not None and not self.edited:
            return
        read: set[Func] = set()
        left_out = {
            obj
            for obj, entries in memo._by_decl.items()
            if any(e.alive and e.func.extra is not None for e in entries)
        }
        kept: dict[objects.Func, Piece] = {}
        if before is not None and (users := _users(memo.state.checker, self.edited)) is not None:
            kept = {obj: piece for obj, piece in self.pieces.items() if obj not in users}
            left_out.update(kept)
            read |= before

        def note(func: Func) -> None:
            obj = func.nname.obj
            own = memo.unit.known_func(obj) if isinstance(obj, objects.Func) else None
            read.add(own if own is not None else func)

        results: dict[objects.Func, list[BatchResult]] = {}
        for result in memo.program.passes.opaque_results_aside(memo.state, left_out, note):
            obj = outermost(result.funcs[0]).nname.obj
            assert isinstance(obj, objects.Func)
            results.setdefault(obj, []).append(result)
        self.pieces = kept | {obj: self._piece(found) for obj, found in results.items()}
        self._read, self.edited = read, set()
        memo._found.forget()

    def _piece(self, results: list[BatchResult]) -> Piece:
        """What there is to say of one function."""
        writer = self._memo._writer.afresh()
        found = [
            replace(finding, opaque=True, instance="")
            for result in results
            for finding in writer.findings(result.events)
            if finding.subject != ".dict"
        ]
        functions = summaries(
            [pair for result in results for pair in result.tags.items()],
            [],
            allocating(found),
            writer,
        )
        return Piece(found, functions, sorted(writer.bases), self._memo.program.positions)


def _users(checker: Checker, edited: Iterable[objects.Func]) -> set[object] | None:
    """`edited` generic functions and all that leads to their bodies by mentioning them; None if a method of a
    generic type does, which may be reached without being mentioned."""
    mentioned_by: dict[object, list[object]] = {}
    for obj, d in checker.obj_map.items():
        for dep in d.deps:
            mentioned_by.setdefault(dep, []).append(obj)
    found: set[object] = set()
    stack: list[object] = [*edited]
    while stack:
        user = stack.pop()
        if user in found:
            continue
        if isinstance(user, objects.Func):
            sig = user.type
            if not isinstance(sig, Signature) or sig.rparams:
                return None
        found.add(user)
        stack += mentioned_by.get(user, ())
    return found

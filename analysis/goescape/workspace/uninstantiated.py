"""Generic code that nobody instantiates, for an editor: what is said of it, function by function.

It is analysed with opaque type arguments, in a unit of its own. When the body of a generic function is edited, those that
lead to it by what they mention, or by interfaces, are analysed again (decision 59).

Invariants
  - no function is spared that may have read what is different.

Example: an edit in `slices.Index` concerns `slices.Contains`, which calls it, and not `slices.Sort`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from goescape.ir.static_value import outermost
from goescape.report.summary import allocating, summaries
from goescape.source.positions import BASE_SHIFT
from goescape.typecheck import objects
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import Signature
from goescape.typecheck.typeset import type_set
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

    def instantiated(self, obj: objects.Object | None) -> None:
        """Whether a generic function or method has an instance is different."""
        if isinstance(obj, objects.Func) and obj.pkg is self._memo.unit.pkg:
            self.edited.add(obj)

    def remove(self, gone: Iterable[objects.Func]) -> None:
        """Functions are not declared any more."""
        for obj in gone:
            self.pieces.pop(obj, None)
            self.edited.discard(obj)

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
        if before is not None:
            users = _users(memo.state.checker, self.edited)
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
            for finding in writer.findings(result)
            if finding.subject != ".dict"
        ]
        functions = summaries(
            [pair for result in results for pair in result.tags.items()],
            [],
            allocating(found),
            writer,
        )
        return Piece(found, functions, sorted(writer.bases), self._memo.program.positions)


def _users(checker: Checker, edited: Iterable[objects.Func]) -> set[object]:
    """`edited` generic functions and methods, and all that leads to their bodies: by mentioning them, or by having or
    making an interface with a method that is called like one of them."""
    mentioned_by: dict[object, list[object]] = {}
    by_base: dict[int, list[object]] = {}
    for obj, d in checker.obj_map.items():
        if d.fdecl is not None:
            by_base.setdefault(d.fdecl.pos >> BASE_SHIFT, []).append(obj)
        for dep in d.deps:
            mentioned_by.setdefault(dep, []).append(obj)
    for node, selection in checker.info.selections.items():
        method = selection.obj
        if isinstance(method, objects.Func):
            users = by_base.get(node.pos >> BASE_SHIFT, ())
            what = method.name if _is_of_interface(method) else method.origin or method
            mentioned_by.setdefault(what, []).extend(users)
    for (_, interface), owners in checker.satisfied.items():
        for method in type_set(interface).methods:
            mentioned_by.setdefault(method.name, []).extend(owners)
    found: set[object] = set()
    stack: list[object] = [*edited]
    while stack:
        user = stack.pop()
        if user in found:
            continue
        found.add(user)
        stack += mentioned_by.get(user, ())
        if isinstance(user, objects.Func) and _is_method(user):
            stack += mentioned_by.get(user.name, ())
    return found


def _is_of_interface(method: objects.Func) -> bool:
    sig = method.type
    recv = sig.recv if isinstance(sig, Signature) else None
    return recv is None or is_interface(recv.type)


def _is_method(func: objects.Func) -> bool:
    sig = func.type
    return isinstance(sig, Signature) and sig.recv is not None

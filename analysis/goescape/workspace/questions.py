"""What the analysis of an editor's package asks of its imports, while learners find it out.

A package asks for the tags of the functions that it calls. Most of them stand in its text, so they are
wanted as soon as bodies are type-checked, long before anything is solved; what calls expand to brings up
the rest.

Invariants
  - what is awaited is not found out here as well;
  - nothing is awaited that a learner would see another text of, nor what only this package has: instances,
    literals, wrappers.

Example: in `func f() { fmt.Println(1) }`, `fmt.Println` is wanted once f is checked, and what f says is
awaited until it is learned.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from goescape.typecheck import objects
from goescape.workspace.state import tag_key
from goescape.workspace.survey import is_learned, kept_as

if TYPE_CHECKING:
    from collections.abc import Collection, Container

    from goescape.ir.func import Func
    from goescape.typecheck.objects import Package
    from goescape.workspace.entry import Cluster
    from goescape.workspace.learning import Learners
    from goescape.workspace.program import Program
    from goescape.workspace.state import State

AHEAD_SECONDS = 0.1
"""So long names may be checked before it is seen what they ask for."""


class Questions:
    """See the module. Of one package, as its files are now. Of packages with ids in `besides` nothing is
    asked."""

    def __init__(
        self, program: Program, learners: Learners, state: State, besides: Collection[str] = ()
    ) -> None:
        self._program = program
        self._learners = learners
        self._state = state
        self._seen = 0
        self._last = 0.0
        fs = program.loader.fs
        unsaved = [path for path in fs.overlays if not fs.is_saved(path)]
        self._own = program.importers({state.loaded.id, *program.holding(unsaved)}).union(besides)

    def pause(self) -> None:
        """Between the bodies that are checked."""
        self._program.stop_if_cancelled()
        self.ahead()

    def ahead(self, at_once: bool = False) -> None:
        """Want what the bodies that were checked meanwhile name."""
        now = time.monotonic()
        if not at_once and now - self._last < AHEAD_SECONDS:
            return
        self._last = now
        uses = self._state.checker.info.uses
        wanted: dict[Package, dict[objects.Func, None]] = {}
        for obj in islice(uses.values(), self._seen, None):
            if obj.__class__ is objects.Func and obj.pkg is not self._state.pkg:
                assert isinstance(obj, objects.Func)
                obj = obj.origin or obj
                if obj.pkg is not None:
                    wanted.setdefault(obj.pkg, {})[obj] = None
        self._seen = len(uses)
        for pkg, found in wanted.items():
            other = self._program.known_state(pkg)
            if other is None or other.loaded.id in self._own:
                continue
            self._program.recall(other)
            keys = (kept_as(self._program, other, obj) for obj in found)
            self._learners.want(other.loaded, [k for k in keys if k and k not in other.tags])

    def awaits(self, func: Func) -> bool:
        """Whether what callers are told of `func`, of another package, will be learned."""
        other = self._program.known_state(func.unit.pkg)
        if other is None or other.loaded.id in self._own or other.memo is not None:
            return False
        key = tag_key(other.pkg, func.nname)
        if key in other.tags:
            return False
        learners, id = self._learners, other.loaded.id
        if learners.is_awaited(id, key):
            return True
        if not is_learned(self._program, other, func) or self._program.recall_one(other, key):
            return False
        learners.want(other.loaded, [key])
        return learners.is_awaited(id, key)

    def hold_up(self, cluster: Cluster, waiting: Container[Cluster]) -> bool:
        """Whether `cluster` may ask for what is awaited, or for what one of `waiting` tells its callers."""
        # All are asked for, and not just the first.
        awaited = [f for entry in cluster.entries for f in entry.foreign if self.awaits(f)]
        return bool(awaited) or any(
            callee.cluster in waiting
            for entry in cluster.entries
            for member in entry.members
            for callee in member.final
        )

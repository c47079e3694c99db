"""Who reads what: the types, dictionaries and instances that a function, a type or a dictionary names.

Reading a body, or what a type is made of, happens on account of a *reader*. What readers lead to, one from
another, are the instances that a package is analysed with; an editor asks for that again when a reader
has changed.

Invariants
  - nothing is noted before `record_reads`;
  - what a reader led to is kept as it was until the reader is forgotten;
  - what types and dictionaries lead to is found out once for all functions, as long as none of them is read anew.

Example: `func f() { var l list[int]; l.push(1) }` reads `list[int]`, which reads `(*list[int]).push`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from goescape.ir.func import Func
from goescape.ir.nodes import Node
from goescape.ir.scc import visit_bottom_up
from goescape.ir.shapes import TypeDict
from goescape.typecheck.types import Named, Type

INITIALISER = "init"
"""On whose account the initialiser of a package is read."""

SWEEP_FACTOR, SWEEP_SLACK = 1.1, 100
"""Of so many times as many readers as the last time, and so many more, some may be for nobody any more."""


class Reads:
    """See the module. `reads` has what each reader read: a function, type or dictionary, None being the
    package itself; None if nothing is noted."""

    __slots__ = ("_led", "_n_swept", "_reader", "reads")

    def __init__(self) -> None:
        self.reads: dict[object, set[object]] | None = None
        self._reader: set[object] | None = None
        self._led: dict[object, frozenset[Func]] = {}  # what readers that are no functions lead to
        self._n_swept = 0  # how many readers there were when the last ones were swept out

    def record_reads(self) -> None:
        """Note from now on, in `reads`, what is read on whose account: a function, type or
        dictionary, None for the package itself."""
        self.reads = {}
        self._reader = self.reads.setdefault(None, set())

    def _read_for(self, reader: object) -> set[object] | None:
        """What is read now is read on account of `reader`; returns what to put back."""
        before = self._reader
        if self.reads is not None:
            self._reader = self.reads.setdefault(reader, set())
            if reader in self._led:
                self._led.clear()
        return before

    def while_reading(self, func: Func, lower: Callable[[], list[Node]]) -> list[Node]:
        """The value of `lower`, the body of `func`."""
        if self.reads is None:
            return lower()
        before = self._read_for(func)
        try:
            return lower()
        finally:
            self._reader = before

    def while_reading_init(
        self, build: Callable[[], tuple[Func | None, list[Func]]]
    ) -> tuple[Func | None, list[Func]]:
        """The value of `build`, which reads the initialiser of the package anew."""
        self.forget_reads(INITIALISER)
        before = self._read_for(INITIALISER)
        try:
            return build()
        finally:
            self._reader = before

    def forget_reads(self, reader: object) -> None:
        """What `reader` is will be read anew."""
        if self.reads is not None:
            self.reads.pop(reader, None)
            if reader in self._led:
                self._led.clear()

    def swept(self) -> set[object] | None:
        """Forget what types read that nobody reads any more, such as those of bodies that were typed in. What is
        read by those that are left; None if there is little to forget."""
        reads = self.reads
        if reads is None or len(reads) < self._n_swept * SWEEP_FACTOR + SWEEP_SLACK:
            return None
        stack: list[object] = [x for x in reads if not isinstance(x, Type)]
        alive: set[object] = set()
        while stack:
            new = reads.get(stack.pop(), alive) - alive
            alive |= new
            stack += new
        for x in [x for x in reads if isinstance(x, Type) and x not in alive]:
            del reads[x]
        self._led.clear()
        self._n_swept = len(reads)
        return alive

    def names_read(self, reader: object) -> frozenset[object]:
        """The defined types, dictionaries and instances that reading `reader` led to at once. While
        they are the same, so is what is `needed`."""
        found: set[object] = set()
        reads = self.reads or {}
        seen: set[object] = {reader}
        stack = [reader]
        while stack:
            for x in reads.get(stack.pop(), ()):
                if x.__class__ is Named or x.__class__ is Func or x.__class__ is TypeDict:
                    found.add(x)
                elif x not in seen:
                    seen.add(x)
                    stack.append(x)
        return frozenset(found)

    def needed(self, reader: object) -> frozenset[Func]:
        """The instances that reading `reader` led to, not counting what those lead to."""
        return self.needed_of((self.reads or {}).get(reader, ()))

    def needed_of(self, read: Collection[object]) -> frozenset[Func]:
        """The instances in `read` and those that the rest of it led to."""
        reads, led = self.reads or {}, self._led

        def know(group: list[object], recursive: bool) -> None:
            found: set[Func] = set()
            for x in group:
                for other in reads.get(x, ()):
                    if isinstance(other, Func):
                        found.add(other)
                    elif other in led:  # and not one of the group itself
                        found |= led[other]
            led.update(dict.fromkeys(group, frozenset(found)))

        readers = [x for x in read if not isinstance(x, Func)]
        visit_bottom_up(
            [x for x in readers if x not in led],
            lambda x: [y for y in reads.get(x, ()) if y not in led and not isinstance(y, Func)],
            lambda x: False,
            know,
        )
        instances = frozenset([x for x in read if isinstance(x, Func)])
        return instances.union(*[led[x] for x in readers])

    def leads_elsewhere(self, before: Mapping[Named, set[object] | None]) -> bool:
        """Whether some of these types lead to other instances than when they read what is in `before`."""
        reads = self.reads or {}
        changed = [t for t, read in before.items() if reads.get(t) != read]
        if not changed:
            return False
        old = dict(reads)
        old.update((t, read or set()) for t, read in before.items())
        return any(self.needed_of((t,)) != _needed_of(t, old) for t in changed)


def _needed_of(x: object, reads: Mapping[object, set[object]]) -> frozenset[Func]:
    """The instances that `x` would lead to, were it for `reads`."""
    seen: set[object] = {x}
    new = seen
    while new:
        led = [found for x in new if not isinstance(x, Func) and (found := reads.get(x))]
        new = set().union(*led) - seen
        seen |= new
    return frozenset([x for x in seen if isinstance(x, Func)])

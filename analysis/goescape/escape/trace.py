"""How a batch was solved, step by step, so that it can be played again.

A `Trace` in the `Context` of a batch records what the solver does: from which location it walks,
what it reaches on the way, and what comes of it. It changes no answer, and costs nothing where
there is none: the recording is that of a `Walker` of its own.

Invariants
  - steps are in the order of the walk; a walk that reaches nothing has no step;
  - "reaches" is recorded when a location is taken up, with the fewest derefs found until then;
  - recording ends after `MAX_STEPS`, the analysis does not; `is_cut` says so.

Example: for `func f() *int { x := 1; return &x }` the steps are: the walk from ~r0 starts; x is
reached with derefs -1; x gains `ESCAPES` and the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.escape.graph import Edge, Location
from goescape.escape.solve import Walker

if TYPE_CHECKING:
    from goescape.escape.batch import Batch

MAX_STEPS = 20_000

STARTS = "starts"
REACHES = "reaches"
GAINS = "gains"
LEAKS = "leaks"
RESULTS_LOST = "results lost"


@dataclass(frozen=True, slots=True)
class TraceStep:
    """`kind`: STARTS (the walk from `root`), REACHES (`loc` reaches the root by `edge`
    to `dst`, with `derefs` ≥ -1), GAINS (`loc` gains the bits `attrs`), LEAKS (the parameter `loc` flows with
    `derefs` to `sink`, an index into `Leaks.derefs`), RESULTS_LOST (what the literal `root` returns
    in `loc` is lost)."""

    kind: str
    root: Location
    loc: Location
    dst: Location | None = None
    edge: Edge | None = None
    derefs: int = 0
    attrs: int = 0
    sink: int = -1


class Trace:
    """The recording of one batch. `batch` is set when solving begins; `n_direct` says how many of
    its events are from before that, when an address flowed straight to the heap."""

    __slots__ = ("batch", "is_cut", "n_direct", "steps")

    def __init__(self) -> None:
        self.batch: Batch | None = None
        self.n_direct = 0
        self.steps: list[TraceStep] = []
        self.is_cut = False

    def walker(self, b: Batch, todo: deque[Location]) -> Walker:
        """A walker that records, for the batch `b` with its graph complete."""
        self.batch = b
        self.n_direct = len(b.events)
        return _Recorder(b, todo, self)

    def add(self, step: TraceStep) -> None:
        if len(self.steps) < MAX_STEPS:
            self.steps.append(step)
        else:
            self.is_cut = True


class _Recorder(Walker):
    __slots__ = ("attrs", "root", "trace")

    def __init__(self, b: Batch, todo: deque[Location], trace: Trace) -> None:
        super().__init__(b, todo)
        self.trace = trace
        self.attrs = {loc: loc.attrs for loc in b.all_locs}

    def walk_one(self, root: Location, walkgen: int) -> None:
        self.root = root
        steps = self.trace.steps
        n = len(steps)
        self.trace.add(TraceStep(STARTS, root, root))
        super().walk_one(root, walkgen)
        if len(steps) == n + 1:
            steps.pop()

    def queue(self, root: Location) -> deque[Location]:
        return _Queue((root,), self)

    def enqueue(self, loc: Location) -> None:
        gained = loc.attrs & ~self.attrs.get(loc, 0)
        self.attrs[loc] = loc.attrs
        if gained:
            self.trace.add(TraceStep(GAINS, self.root, loc, attrs=gained))
        else:
            self.trace.add(TraceStep(RESULTS_LOST, self.root, loc))
        super().enqueue(loc)

    def leak(self, root: Location, param: Location, derefs: int) -> None:
        esc = param.param_esc
        assert esc is not None
        before = list(esc.derefs)
        super().leak(root, param, derefs)
        for sink, count in enumerate(esc.derefs):
            if count != before[sink]:
                self.trace.add(TraceStep(LEAKS, root, param, derefs=count, sink=sink))


class _Queue(deque[Location]):
    """The locations to be taken up, the root first."""

    def __init__(self, locs: Iterable[Location], recorder: _Recorder) -> None:
        super().__init__(locs)
        self.recorder = recorder

    def popleft(self) -> Location:
        loc = super().popleft()
        if loc.dst_edge is not None:
            recorder = self.recorder
            recorder.trace.add(
                TraceStep(REACHES, recorder.root, loc, loc.dst, loc.dst_edge, loc.derefs)
            )
        return loc

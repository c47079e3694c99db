"""What the analysis of a batch found, as values.

Events come in the order in which the compiler would print them; `report` words them. They refer to
nodes rather than to text, except where the text must be taken at once: an explanation made while
walking shows a variable that is afterwards replaced by the constant it holds.

Invariants
  - an `Explanation` of a location that escapes or leaks comes before its `Verdict` or `ParamVerdict`;
  - explanations and captures exist only if they were asked for;
  - steps lead from the location explained to where it is lost, one edge each.

Example: `func f() *int { x := 1; return &x }` gives an explanation whose one step is `~r0 ← &x`, then
the verdict "moved" for x.

Source: cmd/compile/internal/escape/{escape,solve,assign}.go (go1.27).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goescape.escape.graph import Location, Note
    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name, Node
    from goescape.ir.static_value import Oracles


@dataclass(slots=True)
class SelfAssignment:
    """`stmt` stores into a variable what is already reachable from it, and is ignored. `texts` as in
    `Explanation`."""

    fn: Func
    stmt: Node
    texts: dict[Node, str]


@dataclass(slots=True)
class FlowStep:
    """The value of `src` (its address if `derefs` is -1) flows to `dst`, for the reasons `notes`."""

    dst: Location
    src: Location
    derefs: int
    notes: Note | None


@dataclass(slots=True)
class Explanation:
    """Why `loc` escapes; or, if `leaks_to` is set, how the parameter leaks there with `derefs`.
    `texts` are the nodes that were worded at once; `truncated`: the steps end in a cycle."""

    loc: Location
    steps: list[FlowStep]
    leaks_to: Location | None = None
    derefs: int = 0
    truncated: bool = False
    texts: dict[Node, str] = field(default_factory=dict)


@dataclass(slots=True)
class Capture:
    """A literal captures the variable `var`; `width` in bytes."""

    var: Name
    by_value: bool
    addrtaken: bool
    reassigned: bool
    width: int


@dataclass(slots=True)
class ParamVerdict:
    """`kind`: "leaks", "content leaks", "leaks to result", "stays"; of functions without a body also
    "assumed uintptr"; of `//go:uintptrescapes` functions "uintptr", "uintptrs". `loc` is None for
    functions without a body."""

    kind: str
    fn: Func
    param: Name
    loc: Location | None = None
    result: str = ""
    level: int = 0


@dataclass(slots=True)
class Verdict:
    """`kind`: "moved" (a variable), "escapes" and "stays" (an expression), "zero-copy"."""

    kind: str
    loc: Location


@dataclass(slots=True)
class Forbidden:
    """The runtime must not allocate, but `loc` would."""

    loc: Location


Event = SelfAssignment | Explanation | Capture | ParamVerdict | Verdict | Forbidden


@dataclass(slots=True)
class BatchResult:
    """`funcs` is the batch, `tags` what its functions tell their callers. `changed` is what was changed of
    nodes and functions on the way, attribute by attribute, with the values from before; `oracles` knows what is
    assigned in them. Where something had to be assumed (see `assumed`), `at_best` are the tags of those of which the
    opposite gives other ones; `doubtful` are the functions of which not all is said, literals under what is around
    them."""

    funcs: list[Func]
    events: list[Event]
    tags: dict[Func, Tags]
    changed: list[tuple[Any, str, Any]]
    oracles: Oracles
    at_best: dict[Func, Tags] = field(default_factory=dict)
    doubtful: frozenset[Func] = frozenset()

    def undo(self) -> None:
        """Give the functions back as they were, to be analysed again; the events have been worded."""
        for what, name, value in reversed(self.changed):
            setattr(what, name, value)

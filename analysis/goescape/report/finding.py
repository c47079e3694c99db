"""A finding: one thing the analysis says about one place, as a value.

Text, JSON and the editor protocol are views of it, so everything in it is plain data: strings,
numbers and tuples, safe to send to another process.

Invariants
  - `message` is the compiler's sentence, without position;
  - columns are bytes from 1, offsets are bytes from 0 in the file on disk or its unsaved text,
    `//line` directives notwithstanding;
  - the flow leads from the subject to where it is lost; it is empty when there is nothing to
    explain (a value that stays) or when flows were not asked for.

Example: in `func f() *int { x := 1; return &x }` there is a finding with code `moved`, message
`moved to heap: x`, subject `x`, function `f`, and the flow `~r0 ← &x`, with the steps
`&x (address-of)` and `return &x (return)`.
"""

from __future__ import annotations

from dataclasses import dataclass

CODES: dict[str, str] = {
    "moved": "a variable lives on the heap",
    "escapes": "an expression allocates on the heap",
    "allocates": "an expression does not escape, and may be allocated on the heap all the same",
    "free": "an expression escapes, and nothing is allocated",
    "stays": "an expression or parameter does not escape",
    "leaks": "a parameter's value reaches the heap",
    "leaks-content": "what a parameter points to reaches the heap",
    "leaks-result": "a parameter's value reaches a result",
    "zero-copy": "a conversion between string and bytes copies nothing",
    "self-assignment": "a store that is ignored: it keeps what is reachable already",
    "uintptr": "a parameter that keeps its argument alive",
    "forbidden": "an allocation where the runtime must not allocate",
    "devirtualized": "an interface method call has one possible target",
    "ignore": "a goescape:ignore comment lacks its reason, or ignores nothing",
}
"""Every code with its meaning. `moved` and `escapes` are allocations on the heap. `allocates` and `free`
are never a finding's `code`, which is the compiler's verdict, but may be its `kind`; `ignore` is about
comments."""

HEAP_CODES = frozenset({"moved", "escapes"})


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file. `path` is absolute; `line` and `col` from 1 (bytes); `start` and `end`
    byte offsets, equal when only a point is known."""

    path: str
    line: int
    col: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One reason of a flow: `text` is the expression or statement, `why` the short reason
    (`address-of`). The first step of each edge also says what flows where: `flow` is
    `~r0 ← &x`, else empty. `derefs` is how often the edge dereferences (-1: it takes the address).
    `decisive`: the one step of a flow with which the value is lost."""

    text: str
    why: str
    place: Place | None
    flow: str = ""
    derefs: int = 0
    decisive: bool = False

    def at(self, place: Place) -> Step:
        """The same elsewhere."""
        return Step(self.text, self.why, place, self.flow, self.derefs, self.decisive)


@dataclass(frozen=True, slots=True)
class Allocation:
    """What happens when the program runs, where that is not what the verdict says. `when` is "always"
    (on the heap although it does not escape), "size" (when it is too large for the room on the
    stack), "growth" (when it outgrows that room later), "value" (it escapes, but some values cost
    nothing) or "never" (it escapes, and nothing is allocated). `call` is the function of the
    runtime that allocates, "" if none does; `limit` the room on the stack, in `unit`s ("bytes",
    "elements", "entries", "runes", "values"), 0 for none; `text` says it all in words, as `on the
    heap when it is longer than 32 bytes`."""

    when: str
    call: str
    limit: int
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class InlineRemedy:
    """The one call that keeps a value on the heap because it is not inlined. `callee` as the compiler
    names it; `cost` of it against the `budget`, -1 where the cost is not what decides; `reason` why
    it is not inlined, in the compiler's words."""

    callee: str
    call: Place
    cost: int
    budget: int
    reason: str

    @property
    def text(self) -> str:
        """In words, without the place of the call: `it would stay on the stack if the call of f were
        inlined, which it is not: function too complex: cost 83 exceeds budget 80`."""
        return (
            f"it would stay on the stack if the call of {self.callee} were inlined, which it is not: "
            f"{self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """See the module. `size` is in bytes for the target (-1: unknown), `size_class` what the
    allocator would take (-1: not an allocation, or unknown). `loop_depth` counts the loops of the
    function around the place, from 0. `cold`: only a path that panics or returns an error gets
    there. `inlined_from`: the calls in which the code was inlined, outermost first.
    `instance`: the instantiation, as `[int]`. `opaque`: found in generic code that nobody
    instantiates. `unknown`: what could not be decided, and why; the verdict is then the safe one.
    `allocates`: what happens at run time, where that is not what the verdict says. `rule`: which rule
    decided (see `rule`), "" for none beyond the kind. `remedy`: the call that would have to be inlined
    for the value to stay on the stack, where that was asked for and there is one."""

    code: str
    message: str
    subject: str
    function: str
    place: Place
    reason: str = ""
    flow: tuple[Step, ...] = ()
    size: int = -1
    size_class: int = -1
    loop_depth: int = 0
    cold: bool = False
    inlined_from: tuple[Place, ...] = ()
    instance: str = ""
    opaque: bool = False
    unknown: str = ""
    allocates: Allocation | None = None
    rule: str = ""
    remedy: InlineRemedy | None = None

    @property
    def is_heap(self) -> bool:
        """Whether the compiler calls this an allocation on the heap."""
        return self.code in HEAP_CODES

    @property
    def costs(self) -> bool:
        """Whether whoever gets there pays for an allocation, every time or depending on the value."""
        return self.kind in HEAP_CODES or (
            self.allocates is not None and self.allocates.when == "always"
        )

    @property
    def kind(self) -> str:
        """The code under which it is shown: "allocates" for what does not escape and is allocated all
        the same, always or when it is large; "free" for what escapes and never costs anything."""
        when = self.allocates.when if self.allocates is not None else ""
        if when == "never":
            return "free"
        return "allocates" if when in ("always", "size") else self.code

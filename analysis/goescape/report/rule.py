"""Which rule decided: the one thing to know about a finding, and the page that explains it.

The compiler gives a flow; a reader wants the rule behind it: the address was returned, it went into a
map, the size is not known. Each rule has a name and a page (`rules/NAME.md`). A finding without a rule
of its own goes by its kind.

Invariants
  - every name here has a page, and so has every kind of finding;
  - what makes a value needs saying first: that `x` was converted to an interface tells more than that
    the interface was then passed to a function.

Example: in `func f() *int { x := 1; return &x }` the rule for x is "returned".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.escape.heap_reason import NOT_CONSTANT, TOO_ALIGNED, TOO_LARGE, ZERO_SIZED
from goescape.ir.op import *
from goescape.ir.static_value import static_callee_name
from goescape.ir.typeinfo import kind
from goescape.ir.visit import walk_func

if TYPE_CHECKING:
    from goescape.escape.graph import Location, Note
    from goescape.escape.verdict import Explanation, FlowStep
    from goescape.ir.func import Func
    from goescape.report.finding import Allocation

BY_REASON = {
    TOO_LARGE: "too-large-for-stack",
    TOO_ALIGNED: "too-large-for-stack",
    ZERO_SIZED: "zero-sized-element",
    NOT_CONSTANT: "non-constant-size",
}
"""Rules that need no flow."""

BY_OPERATION = {
    OCONVIFACE: "interface-conversion",
    OAPPEND: "append",
    OMETHVALUE: "method-value",
    **dict.fromkeys((OADDSTR, OBYTES2STR, ORUNES2STR, ORUNESTR), "string-made"),
    **dict.fromkeys((OSTR2BYTES, OSTR2RUNES), "string-made"),
}
"""Rules that go by what makes the value."""

BY_NOTE = {
    "return": "returned",
    "captured by a closure": "captured-by-reference",
    "reference": "captured-by-reference",
    "send": "sent-on-channel",
    "map literal key": "map-entry",
    "map literal value": "map-entry",
    "key of map put": "map-entry",
    "appended slice...": "appended",
    "appendee slice": "appended",
    "copied slice": "appended",
    "//go:uintptrescapes": "uintptr",
}
"""Rules that go by the reason with which a value is lost."""

BY_CALL = {
    "makeslice": "unknown-size",
    "growslice": "append",
    "makemap": "map-room",
    "mapassign": "map-room",
    "convT": "interface-conversion",
}
"""Rules that go by the function of the runtime that allocates; the others make strings."""


def heap_rule(loc: Location, explanation: Explanation | None) -> str:
    """The rule by which `loc` is on the heap; "" for none in particular."""
    rule = BY_REASON.get(loc.reason) or BY_OPERATION.get(loc.n.op if loc.n is not None else "")
    if rule is not None:
        return rule
    steps = explanation.steps if explanation is not None else []
    for step in reversed(steps):
        note = decisive_note(step.notes)
        if note is not None:
            return BY_NOTE.get(note.why) or _by_place(loc, step, note)
    return ""


def stay_rule(allocates: Allocation | None) -> str:
    """The rule by which something that does not escape is allocated; "" if it is not."""
    return BY_CALL.get(allocates.call, "string-buffer") if allocates is not None else ""


def decisive_note(notes: Note | None) -> Note | None:
    """Of the notes of an edge, the one to look at first: the last one. That something was captured
    tells more than that it is captured by reference."""
    found = None
    while notes is not None:
        if notes.why != "reference" or found is None:
            found = notes
        notes = notes.next
    return found


def _by_place(loc: Location, step: FlowStep, note: Note) -> str:
    """By what is assigned to, or called."""
    where: Any = note.where
    if note.why == "call parameter":
        return _by_call(where)
    if note.why == "spill":
        return _by_statement(loc.curfn, loc.n)
    dst = step.dst
    if dst.param_out:
        return "returned"
    if not dst.is_heap and dst.n is not None and dst.n.op is ONAME and not dst.escapes:
        return "outlives-loop"
    if not dst.is_heap:
        return "held-by-heap"
    target = _target(where)
    if target is None:
        return ""
    if target.op is OINDEXMAP:
        return "map-entry"
    while target.op is ODOT or (target.op is OINDEX and not _is_slice_index(target)):
        target = target.x
    if target.op is ONAME:
        return "package-variable" if target.cls == "PEXTERN" else ""
    return "assigned-through-pointer"


def _target(where: Any) -> Any:
    """What the statement assigns to; None if there are several targets, or none."""
    if where.op in (OAS, OASOP):
        return where.x
    lhs = getattr(where, "lhs", None)
    return lhs[0] if lhs is not None and len(lhs) == 1 else None


def _is_slice_index(n: Any) -> bool:
    return kind(n.x.type) == "TSLICE"


def _by_call(call: Any) -> str:
    op = call.op
    if op is OAPPEND:
        return "appended"
    if op is OCALLFUNC and static_callee_name(call.fun) is not None:
        return "leaking-argument"
    return "unknown-call" if op in (OCALLFUNC, OCALLINTER) else ""


def _by_statement(fn: Func | None, literal: Any) -> str:
    """A literal that is not stored anywhere: it is what a go or defer statement runs."""
    for n in walk_func(fn) if fn is not None else ():
        if n.op in (OGO, ODEFER):
            call: Any = n
            if call.call is not None and call.call.fun is literal:
                return "goroutine" if n.op is OGO else "deferred-in-loop"
    return ""

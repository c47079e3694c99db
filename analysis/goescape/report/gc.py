"""The messages of `go build -gcflags=-m` and `-m=2`, line for line.

Events become lines in the order they have: nothing is sorted, nothing is dropped as a repeat.
Lines are pairs of a position and a text; the caller prints `position: text`.

Invariants
  - a line with the position 0 is printed without any, as the compiler does for variables that have
    none; in explanations the compiler then says so, and the words are part of the text;
  - `position_text` words a position as the compiler would on this machine (`./x.go:4:9`), for the
    reasons of an explanation; it is only called at level 2.

Example: for `func f() *int { x := 1; return &x }` level 1 has the one line `moved to heap: x`.

Source: cmd/compile/internal/escape/{escape,graph,solve,assign}.go,
cmd/compile/internal/inline/inl.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from goescape.escape.verdict import (
    Capture,
    Event,
    Explanation,
    Forbidden,
    ParamVerdict,
    SelfAssignment,
    Verdict,
)
from goescape.inline.devirtualize import Devirtualized
from goescape.inline.inlinable import Cycle, Judged
from goescape.inline.interleaved import Big, Inlined
from goescape.ir.fmt import NodeWriter, func_name, symbol_text
from goescape.ir.inline_body import trim_inline_hash
from goescape.ir.op import OAPPEND, ONAME
from goescape.report import words

if TYPE_CHECKING:
    from goescape.escape.graph import Location
    from goescape.goversion import Release
    from goescape.inline.interleaved import Event as InliningEvent
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node
    from goescape.source.positions import Pos
    from goescape.typecheck.objects import Package

Line = tuple["Pos", str]
PositionText = Callable[["Pos"], str]


class GcWriter:
    """Words the events of one unit, the package `pkg` being compiled. May be kept."""

    __slots__ = ("level", "nodes", "position_text", "release")

    def __init__(
        self, pkg: Package, release: Release, level: int, position_text: PositionText
    ) -> None:
        self.nodes = NodeWriter(pkg)
        self.release = release
        self.level = level
        self.position_text = position_text

    def lines(self, events: Iterable[Event]) -> list[Line]:
        """The lines that the compiler prints for `events`."""
        out: list[Line] = []
        for event in events:
            if isinstance(event, Explanation):
                if self.level >= 2:
                    self._explanation(event, out)
            elif isinstance(event, Capture):
                if self.level >= 2:
                    out.append((event.var.pos, self.capture(event)))
            else:
                out.append((event_pos(event), self.sentence(event)))
        return out

    def sentence(self, event: Event) -> str:
        """What is said about a verdict."""
        if isinstance(event, Verdict):
            return self._verdict(event)
        if isinstance(event, ParamVerdict):
            return param_sentence(event)
        if isinstance(event, SelfAssignment):
            stmt = event.texts.get(event.stmt) or self.nodes.text(event.stmt)
            return words.self_assignment(self._func(event.fn), stmt)
        if isinstance(event, Forbidden):
            return words.forbidden(self.nodes.text(event.loc.n))
        if isinstance(event, Capture):
            return self.capture(event)
        return self._heading(event)

    def capture(self, event: Capture) -> str:
        how = "value" if event.by_value else "ref"
        var = event.var
        fn = self._func(var.curfn)
        return words.capturing(
            fn, how, self.nodes.text(var), event.addrtaken, event.reassigned, event.width
        )

    def location(self, loc: Location, texts: dict[Node, str]) -> str:
        """What a location is called in flows."""
        if loc.is_heap:
            return "{heap}"
        n = loc.n
        if n is None:
            return "{temp}"
        text = texts.get(n) or self.nodes.text(n)
        return text if n.op is ONAME else f"{{storage for {text}}}"

    def flow(self, step_dst: str, step_src: str, derefs: int) -> str:
        ops = "&" if derefs < 0 else "*" * derefs
        return words.flow(step_dst, ops, step_src, self.release)

    def _func(self, fn: Func | None) -> str:
        return self.nodes.text(fn.nname) if fn is not None else "<nil>"

    def _verdict(self, event: Verdict) -> str:
        n = event.loc.n
        assert n is not None
        if event.kind == "zero-copy":
            return words.zero_copy()
        text = "append" if n.op is OAPPEND else self.nodes.text(n)
        if event.kind == "moved":
            return words.moved(text)
        return words.escapes(text) if event.kind == "escapes" else words.stays(text)

    def _heading(self, event: Explanation) -> str:
        n = event.loc.n
        assert n is not None
        text = event.texts.get(n) or self.nodes.text(n)
        fn = func_name(event.loc.curfn)
        if event.leaks_to is None:
            return words.escapes_in(text, fn, self.release)
        sink = self.location(event.leaks_to, event.texts)
        return words.param_leaks(text, sink, fn, event.derefs, self.release)

    def _explanation(self, event: Explanation, out: list[Line]) -> None:
        n = event.loc.n
        assert n is not None
        pos = n.pos
        prefix = "" if pos else words.UNKNOWN_POSITION + ": "
        out.append((pos, prefix + self._heading(event)))
        texts = event.texts
        for step in event.steps:
            src = self.location(step.src, texts)
            dst = self.location(step.dst, texts)
            out.append((pos, prefix + self.flow(dst, src, step.derefs)))
            note = step.notes
            while note is not None:
                where = note.where
                text = texts.get(where) or self.nodes.text(where)
                at = self.position_text(where.pos) if where.pos else words.UNKNOWN_POSITION
                out.append((pos, prefix + words.reason(text, note.why, at)))
                note = note.next
        if event.truncated:
            out.append((pos, prefix + words.truncated()))


def devirtualized_lines(events: Iterable[Devirtualized]) -> list[Line]:
    """What is said about interface calls, before anything else about the unit."""
    return [(e.pos, _DEVIRTUALIZED[e.kind](e.call, e.target)) for e in events]


def inlining_lines(events: Iterable[InliningEvent], pkg: Package, level: int) -> list[Line]:
    """What is said about inlining and interface calls while compiling `pkg`."""
    out: list[Line] = []
    for e in events:
        if isinstance(e, Inlined):
            out.append((e.pos, words.inlining_call(trim_inline_hash(symbol(e.callee, pkg)))))
        elif isinstance(e, Devirtualized):
            out += devirtualized_lines([e])
        elif isinstance(e, Judged) and not e.reason:
            name = trim_inline_hash(symbol(e.fn, pkg))
            text = (
                words.can_inline_at_cost(name, e.cost, e.text)
                if level >= 2
                else words.can_inline(name)
            )
            out.append((e.pos, text))
        elif level < 2:
            continue
        elif isinstance(e, Judged):
            out.append((e.pos, words.cannot_inline(symbol(e.fn, pkg), e.reason)))
        elif isinstance(e, Big):
            out.append((e.pos, words.big_function(symbol(e.fn, pkg))))
        elif isinstance(e, Cycle):
            text = words.repeated_cycle(symbol(e.callee, pkg), func_name(e.caller))
            out.append((e.pos, text))
    return out


def symbol(fn: Func, pkg: Package) -> str:
    """The name of a function as printed when compiling `pkg`."""
    return symbol_text(fn.nname.name, fn.nname.pkg, pkg)


def elided_lines(places: Iterable[Pos]) -> list[Line]:
    """The lines for index expressions whose check is left out."""
    text = words.check_elided()
    return [(pos, text) for pos in places]


def event_pos(event: Event) -> Pos:
    """Where the compiler reports the event; 0 if nowhere."""
    if isinstance(event, SelfAssignment):
        return event.stmt.pos
    if isinstance(event, ParamVerdict):
        return event.param.pos
    if isinstance(event, Capture):
        return event.var.pos
    n = event.loc.n
    return n.pos if n is not None else 0


def param_sentence(event: ParamVerdict) -> str:
    """What is said about a parameter."""
    name = event.param.name
    kind = event.kind
    if kind == "leaks to result":
        return words.leaks_to_result(name, event.result, event.level)
    return _PARAM_SENTENCES[kind](name)


_PARAM_SENTENCES: dict[str, Callable[[str], str]] = {
    "leaks": words.leaks,
    "content leaks": words.content_leaks,
    "stays": words.stays,
    "assumed uintptr": words.assumed_uintptr,
    "uintptr": words.escaping_uintptr,
    "uintptrs": words.escaping_uintptrs,
}

_DEVIRTUALIZED: dict[str, Callable[[str, str], str]] = {
    "devirtualized": words.devirtualizing,
    "partial": words.partially_devirtualizing,
    "shaped receiver": words.shaped_receiver,
    "shaped interface": words.shaped_interface,
}

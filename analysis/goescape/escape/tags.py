"""What a function tells its callers about each parameter.

After solving, each parameter's leaks become its tag. Of a function without a body nothing is known:
its parameters leak, unless `//go:noescape` vouches for it.

Invariants
  - a parameter of a type without pointers has the empty tag and no verdict;
  - so has an unnamed one, which flows nowhere;
  - wrappers and instances of generic functions have tags but no verdicts.

Example: in `func f(p, q *int) *int { sink = p; return q }`, p "leaks" and q "leaks to result" ~r0 at
level 0.

Source: cmd/compile/internal/escape/escape.go, paramTag and reportLeaks (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.escape.leaks import CALLEE, HEAP_TAG, MUTATOR, Leaks
from goescape.escape.verdict import ParamVerdict
from goescape.ir.typeinfo import elem, kind

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.escape.graph import Location
    from goescape.escape.leaks import Tag, Tags
    from goescape.escape.verdict import Event
    from goescape.goversion import Release
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.ir.typeinfo import TypeInfo


def recv_params(fn: Func) -> list[Name]:
    """The receiver, if there is one, and the parameters."""
    return fn.params if fn.recv is None else [fn.recv, *fn.params]


def tag_params(b: Batch, fn: Func, events: list[Event]) -> Tags:
    """The tags of `fn`; adds the verdicts on its parameters to the `events`."""
    if fn.wrapper or fn.dupok:
        events = []
    tag = _tag if fn.has_body else _tag_without_body
    return tuple([tag(b, fn, param, events) for param in recv_params(fn)])


def declared_name(param: Name) -> str:
    """The parameter's name in the source: "" if it has none, "_" if it is blank."""
    if param.obj is not None:
        return param.obj.name
    return "" if param.name.startswith("~p") else param.name


def _tag_without_body(b: Batch, fn: Func, param: Name, events: list[Event]) -> Tag:
    if kind(param.type) == "TUINTPTR":
        events.append(ParamVerdict("assumed uintptr", fn, param))
        return HEAP_TAG
    if not b.typeinfo.has_pointers(param.type):
        return HEAP_TAG
    esc = Leaks(b.release.n_result_leaks)
    named = declared_name(param) != ""
    if "noescape" in fn.pragma:
        if named:
            events.append(ParamVerdict("stays", fn, param))
        esc.add(MUTATOR, 0)
        esc.add(CALLEE, 0)
        return esc.tag()
    if named:
        events.append(ParamVerdict("leaks", fn, param))
    return HEAP_TAG


def tags_by_type(fn: Func, typeinfo: TypeInfo, release: Release) -> Tags | None:
    """The tags of `fn` if they do not depend on its body, since no parameter that is used may hold pointers;
    else None."""
    if not fn.has_body:
        return None
    tags: list[Tag] = []
    for param in recv_params(fn):
        tag = _tag_by_type(fn, param, typeinfo, release, [])
        if tag is None:
            return None
        tags.append(tag)
    return tuple(tags)


def _tag_by_type(
    fn: Func, param: Name, typeinfo: TypeInfo, release: Release, events: list[Event]
) -> Tag | None:
    if "uintptrescapes" in fn.pragma:
        if kind(param.type) == "TUINTPTR":
            events.append(ParamVerdict("uintptr", fn, param))
            return HEAP_TAG
        if param.is_ddd and param.type is not None and kind(elem(param.type)) == "TUINTPTR":
            events.append(ParamVerdict("uintptrs", fn, param))
            return HEAP_TAG
    if not typeinfo.has_pointers(param.type):
        return HEAP_TAG
    if declared_name(param) in ("", "_"):
        return Leaks(release.n_result_leaks).tag()
    return None


def _tag(b: Batch, fn: Func, param: Name, events: list[Event]) -> Tag:
    known = _tag_by_type(fn, param, b.typeinfo, b.release, events)
    if known is not None:
        return known
    loc = b.old_loc(param)
    if loc.param_esc is None:
        return HEAP_TAG
    esc = loc.param_esc.copy()
    esc.optimize()
    if not loc.escapes:
        _report(fn, param, loc, esc, events)
    return esc.tag()


def _report(fn: Func, param: Name, loc: Location, esc: Leaks, events: list[Event]) -> None:
    heap = esc.heap
    reported = False
    if heap >= 0:
        events.append(
            ParamVerdict("leaks" if heap == 0 else "content leaks", fn, param, loc, "", heap)
        )
        reported = True
    for i, level in enumerate(esc.results):
        if level >= 0 and i < len(fn.results):
            result = fn.results[i].name
            events.append(ParamVerdict("leaks to result", fn, param, loc, result, level))
            reported = True
    if not reported:
        events.append(ParamVerdict("stays", fn, param, loc))

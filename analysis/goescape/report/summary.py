"""What there is to know about one declared function, on one line.

A summary joins what three passes say: which parameters leak and how far (the tags that callers are
given), what inlining costs or why it is out of the question, and how many places in the function
allocate on the heap. Instances of generic code are one function here: the worst of them counts.

Invariants
  - the order is that of the source; literals belong to the declaration around them;
  - what several instances, or several copies of inlined code, do at one place counts once;
  - a leak's `derefs` is the smallest of all flows to its sink;
  - what can hold no function is never called, though the compiler assumes it of whatever is passed to a
    function without a body, as `bytes.IndexByte` does.

Example: `func f(p *int, q **int) *int { sink = *q; return p }` has the leaks result ~r0 with derefs 0
for p, and heap with derefs 1 for q.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from goescape.escape.leaks import CALLEE, HEAP, HEAP_TAG, MUTATOR, RESULT0, Tag
from goescape.escape.tags import declared_name, recv_params
from goescape.inline.cost import MAX_BUDGET
from goescape.inline.inlinable import TOO_EXPENSIVE, Judged
from goescape.ir.fmt import func_name
from goescape.ir.typeinfo import under
from goescape.ir.withheld import DOUBTFUL
from goescape.report.constructs import is_forwarded
from goescape.report.finding import Finding, Place
from goescape.report.generic import generic_name, type_arguments
from goescape.syntax import ast
from goescape.typecheck.types import (
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Pointer,
    Signature,
    Slice,
    Struct,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.report.findings import FindingWriter
    from goescape.typecheck.types import Type

DICTIONARY = ".dict"
"""The parameter that brings the type arguments into generic code."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A flow out of a parameter: `to` is "heap", "result", "mutator" (something may write
    through it) or "callee" (it may be called); `result` names the result; `derefs` counts the pointers
    followed on the way, from 0 (the value itself)."""

    to: str
    derefs: int
    result: str = ""


@dataclass(frozen=True, slots=True)
class ParamSummary:
    """A receiver or parameter. `name` is "" or "_" where the source gives none; `leaks` is empty
    for one that stays; `pointer_free`: it holds no pointers, so there is nothing to leak."""

    name: str
    place: Place | None
    leaks: tuple[Leak, ...] = ()
    pointer_free: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """A declared function. `name` as in findings, without type arguments; `place` is its name,
    `start` to `end` the whole declaration in byte offsets. `heap` counts the places that allocate
    on the heap (-1: nobody has looked), `cold` those of them that only a failing path reaches. `cost` of inlining it and
    the `budget` it must not exceed, both -1 where the package is compiled without inlining or it
    cannot be inlined; then `reason` says why, if the function is to blame. `instances`: the type
    arguments it was compiled for. `withheld`: why nothing of all that is said."""

    name: str
    place: Place
    start: int
    end: int
    heap: int = 0
    cold: int = 0
    params: tuple[ParamSummary, ...] = ()
    cost: int = -1
    budget: int = -1
    reason: str = ""
    instances: tuple[str, ...] = ()
    withheld: str = ""


def summaries(
    funcs: Iterable[tuple[Func, Tags]],
    judged: Iterable[Judged],
    heap: Mapping[str, list[Finding]],
    writer: FindingWriter,
    silent: Iterable[tuple[Func, str]] = (),
) -> list[FunctionSummary]:
    """The summaries of the declared functions among `funcs`, each with what its callers are told,
    and among the `silent` ones, each with why nothing is said of it, in the order of the source. `heap`
    is what is `allocating` among what was found."""
    verdicts = {e.fn: e for e in judged}
    by_decl: dict[ast.FuncDecl, list[tuple[Func, Tags]]] = {}
    for func, tags in funcs:
        decl = _declared(func)
        if decl is not None:
            by_decl.setdefault(decl, []).append((func, tags))
    out = []
    for decl, group in by_decl.items():
        summary = summarize(decl, group, verdicts, heap, writer)
        if summary is not None:
            out.append(summary)
    for func, why in silent:
        decl = _declared(func)
        if decl is not None and decl not in by_decl:
            by_decl[decl] = []
            place, whole = _places(decl, writer)
            if place is not None and whole is not None:
                name = generic_name(func_name(func))
                out.append(
                    FunctionSummary(name, place, whole.start, whole.end, heap=-1, withheld=why)
                )
    out.sort(key=lambda s: (s.place.path, s.start))
    return out


def _declared(func: Func) -> ast.FuncDecl | None:
    """The declaration in the source that `func`, no literal and no wrapper, was made from."""
    is_made = func.wrapper or func.abi_wrapper or func.closure_parent or func.range_parent
    return func.syn if isinstance(func.syn, ast.FuncDecl) and not is_made else None


def _places(decl: ast.FuncDecl, writer: FindingWriter) -> tuple[Place | None, Place | None]:
    """Where the name of a function is, and all of it."""
    pos = decl.name.pos
    return writer.place(pos, None, decl.name.value), writer.place(pos, decl)


def tag_leaks(tag: Tag, results: Sequence[str]) -> tuple[Leak, ...]:
    """What a tag says, for a function with the `results`."""
    if tag == HEAP_TAG:
        return (Leak("heap", 0),)
    sinks = [(HEAP, "heap"), (MUTATOR, "mutator"), (CALLEE, "callee")]
    found = [Leak(to, tag[sink]) for sink, to in sinks if tag[sink] >= 0]
    for derefs, result in zip(tag[RESULT0:], results, strict=False):
        if derefs >= 0:
            found.append(Leak("result", derefs, result))
    return tuple(found)


def summarize(
    decl: ast.FuncDecl,
    group: Sequence[tuple[Func, Tags]],
    verdicts: Mapping[Func, Judged],
    heap: Mapping[str, list[Finding]] | None,
    writer: FindingWriter,
) -> FunctionSummary | None:
    """The summary of the function that `decl` declares, of which `group` are the instances. `heap`
    is what is `allocating`; None if that is not known."""
    plain = [(func, tags) for func, tags in group if func.extra is None or func.extra.shaped]
    if not plain:
        return None
    first = plain[0][0]
    place, whole = _places(decl, writer)
    if place is None or whole is None:
        return None
    near = heap.get(place.path, ()) if heap is not None else ()
    first_inside, end = (bisect_left(near, at, key=_start) for at in (whole.start, whole.end))
    inside = near[first_inside:end]
    sites = {(f.place.start, f.place.end, f.code): f.cold for f in inside}
    said = [verdicts[func] for func, _ in plain if func in verdicts]
    refused = next((e for e in said if e.reason), None)
    worst = max((e for e in said if not e.reason), key=lambda e: e.cost, default=None)
    can = worst is not None and refused is None
    return FunctionSummary(
        generic_name(func_name(first)),
        place,
        whole.start,
        whole.end,
        heap=len(sites) if heap is not None else -1,
        cold=sum(sites.values()),
        params=_params(plain, writer),
        cost=worst.cost if worst is not None and can else -1,
        budget=MAX_BUDGET if can else -1,
        reason=refused.reason if refused is not None else "",
        instances=_instances(group),
    )


def param_words(p: ParamSummary) -> str:
    """What becomes of a parameter, in words: `leaks to the heap`, `stays`."""
    if p.pointer_free:
        return "holds no pointers"
    return "; ".join(leak_words(leak) for leak in p.leaks) or "stays"


def leak_words(leak: Leak) -> str:
    """One flow in words, of which the parameter is the subject."""
    if leak.to == "callee":
        return "may be called" if leak.derefs == 0 else "has something in it that may be called"
    if leak.to == "mutator":
        return "may be written through"
    who = {0: "", 1: "what it points to "}.get(
        leak.derefs, f"what lies {leak.derefs} pointers behind it "
    )
    if leak.to == "heap":
        return f"{who}leaks to the heap"
    unnamed = leak.result.startswith("~r")
    result = f"the {_ORDINALS[int(leak.result[2:])]} result" if unnamed else f"result {leak.result}"
    return f"{who}flows to {result}"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
"""For as many results as a tag can name in any release."""


def withheld_words(f: FunctionSummary) -> str:
    """Why nothing is said of a function as a whole; "" if something is."""
    how = "not all is known" if f.withheld == DOUBTFUL else "not analysed"
    return f"{how}: {f.withheld}" if f.withheld else ""


def inline_words(f: FunctionSummary) -> str:
    """What inlining costs, or why it is out of the question; "" if nobody has asked."""
    if f.cost >= 0:
        return f"inline cost {f.cost} of {f.budget}"
    if f.reason == TOO_EXPENSIVE:
        return f"not inlined: costs more than {MAX_BUDGET}"
    return f"not inlined: {f.reason}" if f.reason else ""


def _instances(group: Sequence[tuple[Func, Tags]]) -> tuple[str, ...]:
    """The type arguments of each instance; of the shapes, where these alone are compiled. Opaque
    ones are no instance."""
    made = [f for f, _ in group if f.extra is not None and not f.extra.is_opaque]
    names = [func_name(f) for f in made if not f.extra.shaped] or [func_name(f) for f in made]
    return tuple(dict.fromkeys(type_arguments(name).replace("go.shape.", "") for name in names))


def _params(group: Sequence[tuple[Func, Tags]], writer: FindingWriter) -> tuple[ParamSummary, ...]:
    """The parameters, each with the shortest flows of all instances."""
    merged: list[ParamSummary] = []
    for func, tags in group:
        params = [p for p in recv_params(func) if p.name != DICTIONARY]
        told = tags[-len(params) :] if params and len(tags) >= len(params) else ()
        results = [r.name for r in func.results]
        for i, param in enumerate(params):
            free = not writer.typeinfo.has_pointers(param.type)
            found: tuple[Leak, ...] = ()
            if not free:
                found = tag_leaks(told[i] if told else HEAP_TAG, results)
                if any(leak.to == "callee" for leak in found) and not _holds_functions(param.type):
                    found = tuple([leak for leak in found if leak.to != "callee"])
            if i == len(merged):
                name = declared_name(param)
                place = writer.place(param.pos, None, name) if name else None
                merged.append(ParamSummary(name, place, found, free))
            else:
                old = merged[i]
                merged[i] = replace(
                    old, leaks=_shortest(old.leaks, found), pointer_free=old.pointer_free and free
                )
    return tuple(merged)


def _holds_functions(t: Type | None) -> bool:
    """Whether a function may be reached from a value of the type."""
    todo = [t] if t is not None else []
    seen: set[Type] = set()
    while todo:
        u = under(todo.pop())
        if u in seen:
            continue
        seen.add(u)
        if isinstance(u, Signature | Interface) or (
            isinstance(u, Basic) and u.kind == "unsafe.Pointer"
        ):
            return True
        if isinstance(u, Pointer | Slice | Array | Chan | Map):
            todo.append(u.elem)
        if isinstance(u, Map):
            todo.append(u.key)
        if isinstance(u, Struct):
            todo += [f.type for f in u.fields]
    return False


def _shortest(a: tuple[Leak, ...], b: tuple[Leak, ...]) -> tuple[Leak, ...]:
    best: dict[tuple[str, str], Leak] = {}
    for leak in a + b:
        key = (leak.to, leak.result)
        if key not in best or leak.derefs < best[key].derefs:
            best[key] = leak
    return tuple(best.values())


def is_allocating(f: Finding) -> bool:
    """Whether the finding counts as a heap allocation of its function, wherever it is."""
    return f.costs and not is_forwarded(f)


def allocating(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Those of the findings that count as heap allocations, by file and in the order of the text."""
    out: dict[str, list[Finding]] = {}
    for f in findings:
        if is_allocating(f):
            out.setdefault(f.place.path, []).append(f)
    for found in out.values():
        found.sort(key=_start)
    return out


def _start(f: Finding) -> int:
    return f.place.start

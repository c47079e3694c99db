"""Functions in groups, callees first.

The groups are the strongly connected components of the static call graph: a function alone, or
functions that reach each other. A literal that captures something always lies in the group of the
function around it, because what it does to the captured variables matters there; a literal that
captures nothing is a function like any other.

Invariants
  - functions that a group refers to lie in it or in an earlier group, or are not ours to analyse;
  - within a group, functions come in the order in which they were first reached;
  - naming a function counts as calling it, as do method values and method expressions;
  - the walk keeps its own stack: chains of calls may be as long as they like.

Each function is two nodes of the graph, `id` and `id + 1`: the search starts from the second, so
that only a real path back, and not the function itself, finds the first. That tells recursive groups
from single functions.

Example: with `func f() { g() }; func g() { f(); h() }; func h() {}`, the groups are [h], then
[f, g] (recursive).

Source: cmd/compile/internal/ir/scc.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from goescape.ir.func import Func
from goescape.ir.nodes import ClosureExpr, Name, SelectorExpr
from goescape.ir.visit import PUSH

_DONE = 1 << 62
_T = TypeVar("_T")


def is_closure(fn: Func) -> bool:
    """Whether `fn` is a literal that belongs to the function around it: one that captures
    something. Before go1.24 any literal did but those of package variables."""
    if fn.oclosure is None:
        return False
    if fn.closure_vars or fn.unit.host.release.plain_literals_are_functions:
        return bool(fn.closure_vars)
    return fn.closure_parent is not None and not fn.closure_parent.is_package_init


def references(fn: Func) -> list[Func]:
    """The functions that the body of `fn` names, in order, with repeats."""
    found: list[Func] = []
    stack: list[Any] = fn.body[::-1]  # As `walk` has it; it is walked for nearly everybody.
    pop, push = stack.pop, PUSH
    while stack:
        n = pop()
        cls = n.__class__
        if cls is Name:
            if n.cls == "PFUNC" and n.func is not None:
                found.append(n.func)
            continue
        if cls is ClosureExpr:
            found.append(n.func)
        elif cls is SelectorExpr and n.func_name is not None and n.func_name.func is not None:
            found.append(n.func_name.func)
        push[cls](n, stack)
    return found


class _Frame(Generic[_T]):
    """A function being searched: `low` is the least number reached from it."""

    __slots__ = ("fn", "id", "low", "rest")

    def __init__(self, fn: _T, id: int, rest: Iterator[_T]) -> None:
        self.fn, self.id, self.low = fn, id, id + 1
        self.rest = rest


def visit_funcs_bottom_up(
    funcs: Iterable[Func],
    analyze: Callable[[list[Func], bool], None],
    is_ours: Callable[[Func], bool] | None = None,
) -> None:
    """Call `analyze(group, recursive)` for every group of functions reached from `funcs`, callees
    first. Functions for which `is_ours` is false are not looked into (functions of other packages,
    which were analysed there)."""
    visit_bottom_up(funcs, references, is_closure, analyze, is_ours)


def visit_bottom_up(
    funcs: Iterable[_T],
    references: Callable[[_T], Iterable[_T]],
    is_closure: Callable[[_T], bool],
    analyze: Callable[[list[_T], bool], None],
    is_ours: Callable[[_T], bool] | None = None,
) -> None:
    """The same for whatever stands for functions, given what each refers to (repeats do not matter)
    and which are literals that capture something."""
    ids: dict[_T, int] = {}
    stack: list[_T] = []
    last_id = 0
    for root in funcs:
        if is_closure(root) or root in ids:
            continue
        ids[root] = last_id + 1
        frames = [_Frame(root, last_id + 1, iter(references(root)))]
        stack.append(root)
        last_id += 2
        while frames:
            frame = frames[-1]
            for callee in frame.rest:
                known = ids.get(callee)
                if known is not None:
                    if known < frame.low:
                        frame.low = known
                    continue
                if is_ours is not None and not is_ours(callee):
                    ids[callee] = _DONE
                    continue
                ids[callee] = last_id + 1
                frames.append(_Frame(callee, last_id + 1, iter(references(callee))))
                stack.append(callee)
                last_id += 2
                break
            else:
                frames.pop()
                fn, low = frame.fn, frame.low
                if low >= frame.id and not is_closure(fn):
                    i = len(stack) - 1
                    while stack[i] is not fn:
                        i -= 1
                    group = stack[i:]
                    del stack[i:]
                    for member in group:
                        ids[member] = _DONE
                    analyze(group, low == frame.id)
                if frames and low < frames[-1].low:
                    frames[-1].low = low

"""In which order package-level variables are initialised.

A variable is initialised when it depends on no uninitialised one any more; functions stand between
variables only, so they are taken out of the graph of dependencies first.

Example: `var a = f(); func f() int { return b }; var b = 1` initialises b before a.

Source: cmd/compile/internal/types2/initorder.go (go1.27).
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from goescape.typecheck.info import Initializer
from goescape.typecheck.objects import Const, Func, Object, Var
from goescape.typecheck.resolver import DeclInfo

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


class _Node:
    """A node of the graph: `pred` depend on it, it depends on `succ`; `n_deps` counts the latter
    that are outstanding."""

    __slots__ = ("done", "n_deps", "obj", "pred", "succ")

    def __init__(self, obj: Object) -> None:
        self.obj = obj
        self.pred: dict[_Node, None] = {}
        self.succ: dict[_Node, None] = {}
        self.n_deps = 0
        self.done = False

    def key(self) -> tuple[bool, int, int]:
        # Constants first, then what has the fewest dependencies, then source order.
        return not isinstance(self.obj, Const), self.n_deps, self.obj.order


def init_order(check: Checker) -> None:
    """Set `info.init_order`, from the dependencies noted while bodies and initialisers were
    checked, and report initialisation cycles."""
    order: list[Initializer] = []
    check.info.init_order = order
    emitted: set[DeclInfo] = set()
    nodes = _dependency_graph(check.obj_map)
    # A node is pushed again when its key shrinks; entries with an outdated key are skipped.
    queue = [(n.key(), i) for i, n in enumerate(nodes)]
    heapq.heapify(queue)
    index = {n: i for i, n in enumerate(nodes)}
    while queue:
        key, i = heapq.heappop(queue)
        n = nodes[i]
        if n.done or key != n.key():
            continue
        n.done = True
        if n.n_deps > 0:
            cycle = _find_path(check.obj_map, n.obj)
            if cycle is not None:
                _report_cycle(check, cycle)
        for p in n.pred:
            p.n_deps -= 1
            if not p.done:
                heapq.heappush(queue, (p.key(), index[p]))
        v = n.obj
        if not isinstance(v, Var):
            continue
        info = check.obj_map[v]
        # All of `var a, b = f()` share one initialiser.
        if not info.has_initializer or info in emitted:
            continue
        emitted.add(info)
        assert info.init is not None
        order.append(Initializer(info.lhs if info.lhs is not None else [v], info.init))


def needed_for_variables(check: Checker) -> set[Func]:
    """The functions of the package that may run while its variables are initialised: on what no other
    one depends the order does not depend."""
    found: set[Func] = set()
    stack: list[Object] = [obj for obj in check.obj_map if isinstance(obj, (Const, Var))]
    while stack:
        for d in check.obj_map[stack.pop()].deps:
            if isinstance(d, Func) and d not in found and d in check.obj_map:
                found.add(d)
                stack.append(d)
    return found


def _find_path(obj_map: dict[Object, DeclInfo], start: Object) -> list[Object] | None:
    """The objects on a way of dependencies from `start` back to itself, in reverse order and
    beginning with `start`; None if there is none."""
    seen = {start}
    path: list[Object] = [start]
    stack = [iter(sorted(obj_map[start].deps, key=lambda o: o.order))]
    while stack:
        for d in stack[-1]:
            if d is start:
                return [start, *reversed(path[1:])]
            if d in seen:
                continue
            seen.add(d)
            path.append(d)
            stack.append(iter(sorted(obj_map[d].deps, key=lambda o: o.order)))
            break
        else:
            stack.pop()
            path.pop()
    return None


def _report_cycle(check: Checker, cycle: list[Object]) -> None:
    obj = cycle[0]
    if len(cycle) == 1:
        check.errorf(obj, "InvalidInitCycle", "initialization cycle: %s refers to itself", obj.name)
        return
    err = check.new_error("InvalidInitCycle")
    err.addf(obj, "initialization cycle for %s", obj.name)
    for following in reversed(cycle):
        err.addf(obj, "%s refers to %s", obj.name, following.name)
        obj = following
    err.report()


def _dependency_graph(obj_map: dict[Object, DeclInfo]) -> list[_Node]:
    """The graph of dependencies among constants and variables."""
    by_obj: dict[Object, _Node] = {
        obj: _Node(obj) for obj in obj_map if isinstance(obj, (Const, Var, Func))
    }
    for obj, n in by_obj.items():
        for d in obj_map[obj].deps:
            s = by_obj.get(d)
            if s is not None:
                n.succ[s] = None
                s.pred[n] = None
    nodes = [n for n in by_obj.values() if not isinstance(n.obj, Func)]
    funcs = [n for n in by_obj.values() if isinstance(n.obj, Func)]
    # Each predecessor of a function gets its successors. Expensive functions go last, since what
    # is copied for one is copied again for the next.
    funcs.sort(key=lambda n: len(n.pred) * len(n.succ))
    for n in funcs:
        for p in n.pred:
            if p is n:
                continue
            for s in n.succ:
                if s is not n:
                    p.succ[s] = None
                    s.pred[p] = None
            p.succ.pop(n, None)
        for s in n.succ:
            s.pred.pop(n, None)
    for n in nodes:
        n.n_deps = len(n.succ)
    return nodes

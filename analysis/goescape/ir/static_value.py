"""What a name is known to hold: its one definition, if nothing else is ever assigned to it.

`static_value` follows a local variable to the expression it was defined with, through copies,
captures and conversions that change nothing. `ReassignOracle` answers the same after one walk over
the outermost function, for callers with many questions, and also knows every function assigned to
a variable of function type.

Invariants
  - only locals (`PAUTO`) have a static value; parameters never have, package variables never have;
  - a variable whose address is taken counts as reassigned;
  - an oracle tells what was true when it was made: it is not told about later changes.

Example: in `x := g(); func() { y := x; use(y) }`, the static value of y is the call `g()`.

Source: cmd/compile/internal/ir/{expr,reassignment}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.func import Func
from goescape.ir.nodes import (
    AssignListStmt,
    AssignOpStmt,
    AssignStmt,
    ClosureExpr,
    Name,
    Node,
    RangeStmt,
)
from goescape.ir.op import *
from goescape.ir.typeinfo import kind
from goescape.ir.visit import PUSH
from goescape.typecheck import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from goescape.ir.nodes import InlinedCallExpr

STORES = frozenset({AssignStmt, AssignListStmt, AssignOpStmt, RangeStmt})
"""The statements that store to something."""


def outer_value(n: Any) -> Any:
    """The variable that a store to `n` changes: the struct or array around it."""
    while True:
        op = n.op
        if op is ODOT or op is OCONVNOP:
            n = n.x
        elif op is OINDEX and kind(n.x.type) == "TARRAY":
            n = n.x
        else:
            return n


def is_blank(n: Any) -> bool:
    return n is not None and n.op is ONAME and n.name == "_"


def is_nil(n: Any) -> bool:
    return n is not None and n.op is ONIL


def is_zero(n: Any) -> bool:
    """Whether `n` is a constant expression for its type's zero value."""
    if n is None:
        return False
    op = n.op
    if op is ONIL:
        return True
    if op is OLITERAL:
        val = n.val
        if isinstance(val, str):
            return val == ""
        if isinstance(val, bool):
            return not val
        return constant.sign(val) == 0
    if op is OARRAYLIT:
        return all(is_zero(e.value if e.op is OKEY else e) for e in n.list)
    if op is OSTRUCTLIT:
        return all(is_zero(e.value) for e in n.list)
    return False


def static_callee_name(n: Any) -> Name | None:
    """The function that `n` denotes, if it is one."""
    op = n.op
    name: Name | None = None
    if op is OMETHEXPR:
        name = n.func_name
    elif op is ONAME and n.cls == "PFUNC":
        name = n
    elif op is OCLOSURE:
        name = n.func.nname
    return name


def _stores_in(nodes: list[Node]) -> Iterator[tuple[Node, list[Any]]]:
    """The statements in `nodes`, and in all literals there, that store to something, and to what."""
    stack: list[Any] = nodes[::-1]
    pop, push = stack.pop, PUSH
    while stack:
        n = pop()
        cls = n.__class__
        if cls is Name:
            continue
        if cls in STORES:
            yield n, targets(n)
        elif cls is ClosureExpr:
            stack += n.func.body
        push[cls](n, stack)


def _definition(n: Name) -> Any:
    """The right-hand side that defines the local `n`."""
    defn: Any = n.defn
    if n.cls != "PAUTO" or defn is None:
        return None
    if defn.op is OAS:
        return defn.y
    if defn.op is OAS2:
        for lhs, rhs in zip(defn.lhs, defn.rhs, strict=False):
            if lhs is n:
                return rhs
    return None


def _single_result(n: Any) -> Node | None:
    """The one result of an inlined call."""
    results = n.return_vars
    return results[0] if len(results) == 1 else None


def static_value(n: Any, stores: Stores | ReassignOracle | None = None) -> Any:
    """The earliest expression that always has the value of `n`; `n` itself if there is none.
    `stores` spares the walk over the function."""
    while True:
        if n.op is OCONVNOP:
            n = n.x
            continue
        if n.op is OINLCALL:
            result = _single_result(n)
            if result is None:
                return n
            n = result
            continue
        if n.op is not ONAME:
            return n
        name = n.canonical()
        rhs = _definition(name)
        if rhs is None or (reassigned(name) if stores is None else stores.reassigned(name)):
            return n
        n = rhs


def reassigned(name: Name) -> bool:
    """Whether the variable is assigned by anything but its definition. Walks its whole function."""
    if name.curfn is None or name.addrtaken:
        return True
    return any(
        _stores_again(n, name)
        for n, stored in _stores_in(name.curfn.body)
        for target in stored
        if outer_name(target) is name
    )


def _stores_again(n: Node, name: Name) -> bool:
    """Whether the statement `n`, which stores to `name`, is more than its definition."""
    return n is not name.defn or n.op is OASOP or n.op is ORANGE


def outer_name(target: Any) -> Name | None:
    """The variable that a store to `target` changes, if it is one of a function's own."""
    x = outer_value(target)
    return x.canonical() if isinstance(x, Name) else None


class Stores:
    """What is stored to the variables of functions, as long as calls are expanded and nothing else
    is done to them. A function is walked through once, when it is first asked about; whoever
    expands a call says so.

    Example: with `g := func() {}` and a thousand calls `g()`, each asks whether g is assigned again.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Func, tuple[list[Node], dict[Name, list[Node]]]] = {}

    def reassigned(self, name: Name) -> bool:
        """As `reassigned`."""
        if name.curfn is None or name.addrtaken:
            return True
        root = _topmost(name.curfn)
        body = root.body
        known = self._known.get(root)
        if known is None or known[0] is not body:
            known = self._known[root] = (body, {})
            _note_stores(body, known[1])
        return any(_stores_again(n, name) for n in known[1].get(name, ()))

    def expanded(self, fn: Func, result: InlinedCallExpr, stores: list[Node] | None) -> None:
        """A call in `fn` has been expanded to `result`, whose arguments are what they were. `stores`: what in its
        body stores to something, if that is known."""
        known = self._known.get(_topmost(fn))
        if known is None:
            return
        if stores is None:
            _note_stores(result.body, known[1])
        for n in [*(stores or ()), *result.init]:
            _note_store(n, targets(n), known[1])

    def forget(self) -> None:
        """Functions are about to change in other ways."""
        self._known.clear()


def _note_stores(nodes: list[Node], stores: dict[Name, list[Node]]) -> None:
    for n, stored in _stores_in(nodes):
        _note_store(n, stored, stores)


def _note_store(n: Node, stored: list[Any], stores: dict[Name, list[Node]]) -> None:
    for target in stored:
        name = outer_name(target)
        if name is not None:
            stores.setdefault(name, []).append(n)


def _topmost(fn: Func) -> Func:
    while fn.closure_parent is not None:
        fn = fn.closure_parent
    return fn


def targets(n: Any) -> list[Any]:
    """What the statement `n` stores to."""
    cls = n.__class__
    if cls is AssignStmt or cls is AssignOpStmt:
        return [n.x]
    if cls is AssignListStmt:
        return [p for p in n.lhs if p is not None]
    if cls is RangeStmt:
        return [p for p in (n.key, n.value) if p is not None]
    return []


class ReassignOracle:
    """Which locals and parameters of a function, and of the literals in it, have one definition.

    `single_def` holds them with what defines them; `func_assigns` holds, for each local of function
    type that is only assigned by plain assignments, those that are not nil.
    """

    __slots__ = ("func_assigns", "single_def")

    def __init__(self, fn: Func) -> None:
        self.single_def: dict[Name, object] = {}
        self.func_assigns: dict[Name, list[AssignStmt]] = {}
        params = [*([fn.recv] if fn.recv is not None else []), *fn.params]
        for param in params:
            if param.name != "_":
                self.single_def[param] = fn
        stores: list[tuple[Node, list[Node]]] = []
        self._collect(fn, stores)
        for n, stored in stores:
            for target in stored:
                name = outer_name(target)
                if name is not None:
                    self._prune(name, n)

    def _collect(self, fn: Func, stores: list[tuple[Node, list[Node]]]) -> None:
        """The locals with a definition, and every store, in the order of the compiler's walk."""
        single_def, func_assigns = self.single_def, self.func_assigns
        seen: set[Name] = set()
        stack: list[Any] = fn.body[::-1]
        pop, push = stack.pop, PUSH
        while stack:
            n = pop()
            cls = n.__class__
            if cls is Name:
                if n in seen:
                    continue
                seen.add(n)
                if n.cls == "PAUTO" and not n.addrtaken and not n.is_closure_var:
                    defn = n.defn
                    if defn is not None:
                        single_def[n] = defn
                    if (defn is None or isinstance(defn, AssignStmt)) and kind(n.type) == "TFUNC":
                        func_assigns[n] = []
                continue
            push[cls](n, stack)
            if cls is ClosureExpr:
                stack += n.func.body[::-1]
            elif cls in STORES:
                stores.append((n, targets(n)))

    def _prune(self, name: Name, n: Any) -> None:
        defn = self.single_def.get(name)
        if defn is not None and (name.cls == "PPARAM" or (name.cls == "PAUTO" and n is not defn)):
            del self.single_def[name]
        assigns = self.func_assigns.get(name)
        if assigns is not None:
            if not isinstance(n, AssignStmt):
                del self.func_assigns[name]
            elif not _is_nil_assign(n):
                assigns.append(n)

    def static_value(self, n: Any) -> Any:
        """As `static_value`, for nodes of this function."""
        return static_value(n, self)

    def reassigned(self, name: Name) -> bool:
        return name not in self.single_def

    def func_assignments(self, name: Name) -> list[AssignStmt]:
        """The assignments to a local of function type, without nil ones; empty if not all of them
        are known."""
        return self.func_assigns.get(name.canonical(), [])


class Oracles:
    """Those of the functions of a unit, each made when it is first asked for."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Func, ReassignOracle] = {}

    def of(self, fn: Func) -> ReassignOracle:
        """What is known about assignments in `fn` and in everything around it."""
        outer = outermost(fn)
        oracle = self._known.get(outer)
        if oracle is None:
            oracle = self._known[outer] = ReassignOracle(outer)
        return oracle


def _is_nil_assign(n: AssignStmt) -> bool:
    y: Any = n.y
    while y is not None and y.op is OCONVNOP:
        y = y.x
    return y is None or y.op is ONIL


def outermost(fn: Func) -> Func:
    """The function around `fn` that is no literal, or is one of a package initialiser."""
    while fn.closure_parent is not None and not fn.closure_parent.is_package_init:
        fn = fn.closure_parent
    return fn


__all__ = [
    "AssignListStmt", "Oracles", "ReassignOracle", "Stores", "is_blank", "is_nil", "is_zero", "outer_value", "outermost",
    "reassigned", "static_callee_name", "static_value", "targets",
]  # fmt: skip

"""Walking over nodes, in the compiler's order.

`children` lists what a node is made of, in the order in which the compiler visits it: that order
decides which function a call graph reaches first, and so in which order messages come. A function
literal's body is not a child of the literal: who wants it walks `node.func.body`.

Invariants
  - the statements in `init` come before everything else;
  - `visit` is a depth-first walk that sees a node before its children; it keeps its own stack, so
    that the length of code does not matter.

Example: the children of `f(a)(b)` are the inner call, then `b`.

Source: cmd/compile/internal/ir/{visit,node_gen}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from goescape.ir import nodes as ir
from goescape.ir.func import Func
from goescape.ir.nodes import Node

_FIELDS: dict[type[Node], tuple[str, ...]] = {
    ir.AddStringExpr: ("*list",),
    ir.AddrExpr: ("x",),
    ir.BasicLit: (),
    ir.BinaryExpr: ("x", "y"),
    ir.CallExpr: ("fun", "*args", "*keep_alive"),
    ir.ClosureExpr: (),
    ir.CompLitExpr: ("*list",),
    ir.ConvExpr: ("x",),
    ir.IndexExpr: ("x", "index"),
    ir.KeyExpr: ("key", "value"),
    ir.StructKeyExpr: ("value",),
    ir.InlinedCallExpr: ("*body", "*return_vars"),
    ir.LogicalExpr: ("x", "y"),
    ir.MakeExpr: ("len", "cap"),
    ir.NilExpr: (),
    ir.LinksymOffsetExpr: (),
    ir.SelectorExpr: ("x",),
    ir.SliceExpr: ("x", "low", "high", "max"),
    ir.StarExpr: ("x",),
    ir.TypeAssertExpr: ("x",),
    ir.UnaryExpr: ("x",),
    ir.TypeNode: (),
    ir.Name: (),
    ir.Decl: ("x",),
    ir.AssignStmt: ("x", "y"),
    ir.AssignListStmt: ("*lhs", "*rhs"),
    ir.AssignOpStmt: ("x", "y"),
    ir.BlockStmt: ("*list",),
    ir.BranchStmt: (),
    ir.CaseClause: ("var", "*list", "*body"),
    ir.CommClause: ("comm", "*body"),
    ir.ForStmt: ("cond", "post", "*body"),
    ir.GoDeferStmt: ("call", "defer_at"),
    ir.IfStmt: ("cond", "*body", "*els"),
    ir.InlineMarkStmt: (),
    ir.LabelStmt: (),
    ir.RangeStmt: ("x", "key", "value", "*body"),
    ir.ReturnStmt: ("*results",),
    ir.SelectStmt: ("*cases",),
    ir.SendStmt: ("chan", "value"),
    ir.SwitchStmt: ("tag", "*cases"),
    ir.TailCallStmt: ("call",),
    ir.TypeSwitchGuard: ("x",),
}
"""The fields that hold children; a star marks lists."""

_NO_INIT = frozenset({ir.Name, ir.TypeNode, ir.Decl, ir.TypeSwitchGuard})
"""Classes whose `init` the compiler does not visit."""


def _compile(cls: type[Node], fields: tuple[str, ...]) -> Callable[[Node], list[Node]]:
    """A function that lists the children of a `cls`, specialised to its fields."""
    if not fields:
        return lambda n: n.init
    if not any(f.startswith("*") for f in fields):
        return _fixed(fields)
    if len(fields) == 1:
        return _listed(fields[0][1:])
    get: Callable[[Node], Any] = attrgetter(*(f.lstrip("*") for f in fields))
    are_lists = [f[0] == "*" for f in fields]

    def mixed(n: Node) -> list[Node]:
        out = [*n.init]
        for x, is_list in zip(get(n), are_lists, strict=True):
            if is_list:
                if x:
                    out += x
            elif x is not None:
                out.append(x)
        return out if None not in out else [x for x in out if x is not None]

    return mixed


def _listed(field: str) -> Callable[[Node], list[Node]]:
    """A function that lists the children in `field`, a list."""
    get: Callable[[Node], Any] = attrgetter(field)

    def listed(n: Node) -> list[Node]:
        below = get(n)
        out = [*n.init, *below] if n.init else below
        return out if None not in out else [x for x in out if x is not None]

    return listed


def _fixed(fields: tuple[str, ...]) -> Callable[[Node], list[Node]]:
    """A function that lists the children in `fields`, none of which is a list."""
    get: Callable[[Node], Any] = attrgetter(*fields)
    if len(fields) == 1:

        def one(n: Node) -> list[Node]:
            x = get(n)
            if n.init:
                return [*n.init, x] if x is not None else n.init
            return [x] if x is not None else []

        return one

    def several(n: Node) -> list[Node]:
        below = get(n)
        if n.init:
            below = (*n.init, *below)
        elif None not in below:
            return list(below)
        return [x for x in below if x is not None]

    return several


def _none(n: Node) -> list[Node]:
    return []


_CHILDREN: dict[type[Node], Callable[[Node], list[Node]]] = {
    cls: _none if cls in _NO_INIT and not fields else _compile(cls, fields)
    for cls, fields in _FIELDS.items()
}


def children(n: Node) -> list[Node]:
    """The nodes directly below `n`, in order. Not to be modified."""
    return _CHILDREN[n.__class__](n)


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node of `nodes` and below, each before its children."""
    stack = nodes[::-1]
    pop = stack.pop
    table = _CHILDREN
    while stack:
        n = pop()
        yield n
        cls = n.__class__
        if cls is not ir.Name:
            below = table[cls](n)
            if below:
                stack += below[::-1]


def walk_func(fn: Func) -> Iterator[Node]:
    """Every node of the body of `fn`, without the bodies of its literals."""
    return walk(fn.body)


def edit_children(n: Node, edit: Callable[[Node], Node]) -> None:
    """Replace each child of `n` by what `edit` makes of it."""
    if n.init and n.__class__ not in _NO_INIT:
        n.init = [edit(x) for x in n.init]
    for f in _FIELDS[n.__class__]:
        if f[0] == "*":
            old = getattr(n, f[1:])
            if old:
                setattr(n, f[1:], [edit(x) if x is not None else None for x in old])
        else:
            x = getattr(n, f)
            if x is not None:
                setattr(n, f, edit(x))


_LINKS = {
    cls: tuple([(f.lstrip("*"), f[0] == "*") for f in fields]) for cls, fields in _FIELDS.items()
}


def links(n: Node) -> list[tuple[Node, Node, str, int]]:
    """The children of `n` that are no names, in order, each with where it hangs: `n`, the field, and the
    index in it or -1."""
    out: list[tuple[Node, Node, str, int]] = []
    cls = n.__class__
    if n.init and cls not in _NO_INIT:
        out += [(x, n, "init", i) for i, x in enumerate(n.init)]
    for f, is_list in _LINKS[cls]:
        if is_list:
            for i, x in enumerate(getattr(n, f)):
                if x is not None and x.__class__ is not ir.Name:
                    out.append((x, n, f, i))
        else:
            x = getattr(n, f)
            if x is not None and x.__class__ is not ir.Name:
                out.append((x, n, f, -1))
    return out

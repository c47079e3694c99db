"""Walking over nodes, in the compiler's order.

`children` lists what a node is made of, in the order in which the compiler visits it: that order
decides which function a call graph reaches first, and so in which order messages come. A function
literal's body is not a child of the literal: who wants it walks `node.func.body`.

Invariants
  - the statements in `init` come before everything else;
  - `walk` is a depth-first walk that sees a node before its children; it keeps its own stack, so
    that the length of code does not matter;
  - most of an analysis' time is spent below these functions, so they are made for each class of
    nodes, from its fields, and put what they find where it is wanted. (To take names, half of all nodes,
    out takes longer than to pass over them.)

Example: the children of `f(a)(b)` are the inner call, then `b`.

Source: cmd/compile/internal/ir/{visit,node_gen}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from goescape.ir import nodes as ir
from goescape.ir.func import Func
from goescape.ir.nodes import Node

FIELDS: dict[type[Node], tuple[str, ...]] = {
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

STATEMENTS: dict[type[Node], tuple[str, ...]] = {
    ir.BlockStmt: ("list",),
    ir.CaseClause: ("body",),
    ir.CommClause: ("body",),
    ir.ForStmt: ("body",),
    ir.IfStmt: ("body", "els"),
    ir.RangeStmt: ("body",),
    ir.SelectStmt: ("cases",),
    ir.SwitchStmt: ("cases",),
}
"""The fields that hold lists of statements. Inside expressions only inlined calls have some."""

Link = tuple[Any, Any, Any]
"""A node and where it hangs: a list and the index there, or the node above and the field there."""

_NO_INIT = frozenset({ir.Name, ir.TypeNode, ir.Decl, ir.TypeSwitchGuard})
"""Classes whose `init` the compiler does not visit."""


def fields(cls: type[Node]) -> tuple[str, ...]:
    """The fields of a `cls` whose children the compiler visits, in this order."""
    return FIELDS[cls] if cls in _NO_INIT else ("*init", *FIELDS[cls])


def _compile(cls: type[Node], body: Callable[[tuple[str, ...]], list[str]]) -> Any:
    """A function of a `cls` made for its fields: `body` gives its lines."""
    lines = body(fields(cls))
    scope: dict[str, Any] = {"Name": ir.Name}
    exec("\n    ".join(["def made(n, to=None):", *lines]), scope)
    return scope["made"]


def _forwards(fields: tuple[str, ...]) -> list[str]:
    has_init = fields[:1] == ("*init",)
    lines = ["out = n.init[:]" if has_init else "out = []"]
    for f in fields[has_init:]:
        if f[0] == "*":
            lines += [f"out += n.{f[1:]}"]
        else:
            lines += [f"x = n.{f}", "if x is not None: out.append(x)"]
    return [*lines, "return out"]


def _pushed(fields: tuple[str, ...]) -> list[str]:
    lines = []
    for f in reversed(fields):
        if f[0] == "*":
            lines += [f"x = n.{f[1:]}", "if x: to += x[::-1]"]
        else:
            lines += [f"x = n.{f}", "if x is not None: to.append(x)"]
    return [*lines, "return"]


def _linked(fields: tuple[str, ...]) -> list[str]:
    lines = []
    for f in fields:
        if f[0] == "*":
            lines += [
                f"held = n.{f[1:]}",
                "if held:",
                "    for i, x in enumerate(held):",
                "        if x.__class__ is not Name: to.append((x, held, i))",
            ]
        else:
            lines += [
                f"x = n.{f}",
                f"if x is not None and x.__class__ is not Name: to.append((x, n, {f!r}))",
            ]
    return [*lines, "return"]


def _edited(fields: tuple[str, ...]) -> list[str]:
    lines = []
    for f in fields:
        if f[0] == "*":
            lines += [f"if n.{f[1:]}: n.{f[1:]} = [to(x) for x in n.{f[1:]}]"]
        else:
            lines += [f"if n.{f} is not None: n.{f} = to(n.{f})"]
    return [*lines, "return"]


_CHILDREN: dict[type[Node], Callable[[Node], list[Node]]]
PUSH: dict[type[Node], Callable[[Node, list[Any]], None]]
LINKS: dict[type[Node], Callable[[Node, list[Link]], None]]
_EDIT: dict[type[Node], Callable[[Node, Callable[[Node], Node]], None]]
_CHILDREN, PUSH, LINKS, _EDIT = (
    {cls: _compile(cls, body) for cls in FIELDS} for body in (_forwards, _pushed, _linked, _edited)
)


def children(n: Node) -> list[Node]:
    """The nodes directly below `n`, in order."""
    return _CHILDREN[n.__class__](n)


def push_children(n: Node, stack: list[Any]) -> None:
    """Put the same on `stack`, so that the first one is on top."""
    PUSH[n.__class__](n, stack)


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node of `nodes` and below, each before its children."""
    stack = nodes[::-1]
    pop = stack.pop
    push = PUSH
    while stack:
        n = pop()
        yield n
        cls = n.__class__
        if cls is not ir.Name:
            push[cls](n, stack)


def walk_func(fn: Func) -> Iterator[Node]:
    """Every node of the body of `fn`, without the bodies of its literals."""
    return walk(fn.body)


def edit_children(n: Node, edit: Callable[[Node], Node]) -> None:
    """Replace each child of `n` by what `edit` makes of it."""
    _EDIT[n.__class__](n, edit)


def push_links(n: Node, stack: list[Link]) -> None:
    """Put the children of `n` that are no names on `stack`, so that the last one is on top, each with where it
    hangs."""
    LINKS[n.__class__](n, stack)


def links(nodes: list[Node]) -> list[Link]:
    """The same for a list of nodes."""
    return [(x, nodes, i) for i, x in enumerate(nodes)]

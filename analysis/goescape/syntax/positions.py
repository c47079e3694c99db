"""Where the text of a node begins and ends.

A node's `pos` is the compiler's: that of the token that stands for it. `start_pos` goes down to the
left-most token instead, as the compiler does where it needs the beginning.

Example: in `a.b + c` the sum's `pos` is the `+`, its `start_pos` that of `a`.

Source: cmd/compile/internal/syntax/positions.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goescape.source.positions import Pos
from goescape.syntax import ast


def start_pos(node: ast.Node) -> Pos:
    """The position of the first token of `node`. As in the compiler, a slice expression counts
    from its `[` and declarations from their name."""
    return _leftmost(node, _FIRST).pos


def text_start(node: ast.Node) -> Pos:
    """The position of the first byte of `node`'s text, also where the compiler's `start_pos`
    stops short of it."""
    n = _leftmost(node, _TEXT_FIRST)
    return text_start(n.x) if isinstance(n, ast.SliceExpr) else min(start_pos(node), n.pos)


def _leftmost(node: ast.Node, table: _Table) -> ast.Node:
    while True:
        first = table.get(node.__class__)
        below = first(node) if first is not None else None
        if below is None:
            return node
        node = below


def end_pos(node: ast.Node) -> Pos:
    """The position just behind the last byte of `node`."""
    return node.end


_Table = dict[type[ast.Node], Callable[[Any], "ast.Node | None"]]

_BOTH: _Table = {
    ast.CompositeLit: lambda n: n.type,
    ast.KeyValueExpr: lambda n: n.key,
    ast.SelectorExpr: lambda n: n.x,
    ast.IndexExpr: lambda n: n.x,
    ast.AssertExpr: lambda n: n.x,
    ast.Operation: lambda n: n.x if n.y is not None else None,
    ast.CallExpr: lambda n: n.fun,
    ast.ListExpr: lambda n: n.elem_list[0] if n.elem_list else None,
    ast.SendStmt: lambda n: n.chan,
    ast.AssignStmt: lambda n: n.lhs,
}
"""What a node begins with, None where that is the node itself."""

_FIRST: _Table = _BOTH | {
    ast.TypeSwitchGuard: lambda n: n.lhs if n.lhs is not None else n.x,
    ast.RangeClause: lambda n: n.lhs if n.lhs is not None else n.x,
}

_TEXT_FIRST: _Table = _BOTH | {ast.ExprStmt: lambda n: n.x, ast.LabeledStmt: lambda n: n.label}

"""Where the text of a node begins and ends.

A node's `pos` is the compiler's: that of the token that stands for it. `start_pos` goes down to the
left-most token instead, as the compiler does where it needs the beginning.

Example: in `a.b + c` the sum's `pos` is the `+`, its `start_pos` that of `a`.

Source: cmd/compile/internal/syntax/positions.go (go1.27).
"""

from __future__ import annotations

from goescape.source.positions import Pos
from goescape.syntax import ast


def start_pos(node: ast.Node) -> Pos:
    """The position of the first token of `node`. As in the compiler, a slice expression counts
    from its `[` and declarations from their name."""
    n: ast.Node = node
    while True:
        if isinstance(n, ast.CompositeLit):
            if n.type is None:
                return n.pos
            n = n.type
        elif isinstance(n, ast.KeyValueExpr):
            n = n.key
        elif isinstance(n, ast.SelectorExpr | ast.IndexExpr | ast.AssertExpr):
            n = n.x
        elif isinstance(n, ast.TypeSwitchGuard):
            n = n.lhs if n.lhs is not None else n.x
        elif isinstance(n, ast.Operation):
            if n.y is None:
                return n.pos
            n = n.x
        elif isinstance(n, ast.CallExpr):
            n = n.fun
        elif isinstance(n, ast.ListExpr):
            if not n.elem_list:
                return n.pos
            n = n.elem_list[0]
        elif isinstance(n, ast.SendStmt):
            n = n.chan
        elif isinstance(n, ast.AssignStmt):
            n = n.lhs
        elif isinstance(n, ast.RangeClause):
            n = n.lhs if n.lhs is not None else n.x
        else:
            return n.pos


def text_start(node: ast.Node) -> Pos:
    """The position of the first byte of `node`'s text, also where the compiler's `start_pos`
    stops short of it."""
    pos = start_pos(node)
    n = node
    while True:
        if isinstance(n, ast.SliceExpr):
            return text_start(n.x)
        if isinstance(n, ast.ExprStmt | ast.SelectorExpr | ast.IndexExpr | ast.AssertExpr):
            n = n.x
        elif isinstance(n, ast.CallExpr):
            n = n.fun
        elif isinstance(n, ast.Operation) and n.y is not None:
            n = n.x
        elif isinstance(n, ast.SendStmt):
            n = n.chan
        elif isinstance(n, ast.AssignStmt):
            n = n.lhs
        elif isinstance(n, ast.CompositeLit) and n.type is not None:
            n = n.type
        elif isinstance(n, ast.KeyValueExpr):
            n = n.key
        elif isinstance(n, ast.ListExpr) and n.elem_list:
            n = n.elem_list[0]
        elif isinstance(n, ast.LabeledStmt):
            n = n.label
        else:
            return min(pos, n.pos)


def end_pos(node: ast.Node) -> Pos:
    """The position just behind the last byte of `node`."""
    return node.end

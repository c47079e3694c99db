"""Blanks around operators, as gofmt sets them.

gofmt writes `a + b` at the top of a statement and `a+b` deeper inside: in a call with several arguments,
in an index, beside an operator that binds less. An expression that moves to another place gets the
blanks of its new place.

Model
  - the *depth* of a place is 1 at the top of a statement, and grows with each of these;
  - an operator has blanks if its precedence is less than a cutoff that depends on the depth and on
    which precedences stand together.

Example: `i+1`, taken out of `fmt.Sprintf("%d", i+1)`, is `i + 1` in `strconv.Itoa(i + 1)`.

Source: go/printer/nodes.go: binaryExpr, cutoff, walkBinary, exprList (go1.27).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Path, Snapshot

_PRECEDENCE = {
    **dict.fromkeys(("*", "/", "%", "<<", ">>", "&", "&^"), 5),
    **dict.fromkeys(("+", "-", "|", "^"), 4),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    "&&": 2,
    "||": 1,
}


def depth_at(path: Path) -> int:
    """The depth of the place of the last node of a path."""
    depth = 1
    for parent, node in pairwise(path):
        if isinstance(parent, ast.CallExpr):
            if node is not parent.fun and len(parent.arg_list) > 1:
                depth += 1
        elif isinstance(parent, ast.IndexExpr | ast.SliceExpr):
            if node is not parent.x:
                depth += 1
        elif isinstance(parent, ast.ParenExpr):
            depth = max(depth - 1, 1)
        elif isinstance(parent, ast.Operation) and parent.y is not None:
            if node is parent.y or _precedence(node) != _PRECEDENCE.get(parent.op, 0):
                depth += 1
        elif isinstance(parent, ast.AssignStmt):
            several = isinstance(parent.lhs, ast.ListExpr) and isinstance(parent.rhs, ast.ListExpr)
            depth = 2 if several else 1
        elif isinstance(parent, ast.ListExpr):
            pass
        elif isinstance(parent, ast.Stmt | ast.CompositeLit | ast.KeyValueExpr | ast.FuncLit):
            depth = 1
    return depth


def respaced(snapshot: Snapshot, x: ast.Expr, depth: int) -> str:
    """The text of an expression with the blanks that it has at `depth`."""
    start, _ = snapshot.span(x)
    source = snapshot.source(x)
    cuts: list[tuple[int, int, str]] = []
    _cuts(snapshot, x, depth, cuts)
    for first, last, text in sorted(cuts, reverse=True):
        raw = source.encode("utf-8", "surrogateescape")
        first, last = first - start, last - start
        if b"\n" in raw[first:last] or b"/" in raw[first:last].replace(text.strip().encode(), b""):
            continue
        source = (raw[:first] + text.encode() + raw[last:]).decode("utf-8", "surrogateescape")
    return source


def plus(depth: int) -> str:
    """The `+` between strings at a depth."""
    return " + " if depth <= 1 else "+"


def _cuts(
    snapshot: Snapshot, x: ast.Node | None, depth: int, cuts: list[tuple[int, int, str]]
) -> None:
    """The operators below `x`, each with the text from its left to its right operand."""
    if isinstance(x, ast.ParenExpr):
        _cuts(snapshot, x.x, max(depth - 1, 1), cuts)
    elif isinstance(x, ast.CallExpr):
        _cuts(snapshot, x.fun, depth, cuts)
        inner = depth + 1 if len(x.arg_list) > 1 else depth
        for arg in x.arg_list:
            _cuts(snapshot, arg, inner, cuts)
    elif isinstance(x, ast.SelectorExpr | ast.AssertExpr):
        _cuts(snapshot, x.x, depth, cuts)
    elif isinstance(x, ast.IndexExpr):
        _cuts(snapshot, x.x, 1, cuts)
        _cuts(snapshot, x.index, depth + 1, cuts)
    elif isinstance(x, ast.Operation) and x.y is None:
        _cuts(snapshot, x.x, depth, cuts)
    elif isinstance(x, ast.Operation) and x.y is not None:
        precedence = _PRECEDENCE.get(x.op, 0)
        blank = " " if precedence < _cutoff(x, depth) else ""
        _, first = snapshot.span(x.x)
        last, _ = snapshot.span(x.y)
        cuts.append((first, last, f"{blank}{x.op}{blank}"))
        _cuts(snapshot, x.x, depth + (_precedence(x.x) != precedence), cuts)
        _cuts(snapshot, x.y, depth + 1, cuts)


def _precedence(x: ast.Node) -> int:
    if isinstance(x, ast.Operation) and x.y is not None:
        return _PRECEDENCE.get(x.op, 0)
    return -1


def _cutoff(x: ast.Operation, depth: int) -> int:
    has4, has5, problem = _survey(x)
    if problem > 0:
        return problem + 1
    if has4 and has5:
        return 5 if depth == 1 else 4
    return 6 if depth == 1 else 4


def _survey(x: ast.Operation) -> tuple[bool, bool, int]:
    """Whether operators of precedence 4 and 5 stand together, and the precedence above which blanks
    must keep operators apart (`a - -b`, `a / *p`)."""
    precedence = _PRECEDENCE.get(x.op, 0)
    has4, has5, problem = precedence == 4, precedence == 5, 0
    left, right = x.x, x.y
    if isinstance(left, ast.Operation) and left.y is not None:
        if _precedence(left) >= precedence:
            a, b, c = _survey(left)
            has4, has5, problem = has4 or a, has5 or b, max(problem, c)
    if isinstance(right, ast.Operation):
        if right.y is not None:
            if _precedence(right) > precedence:
                a, b, c = _survey(right)
                has4, has5, problem = has4 or a, has5 or b, max(problem, c)
        elif x.op + right.op in ("/*", "&&", "&^"):
            problem = 5
        elif x.op + right.op in ("++", "--"):
            problem = max(problem, 4)
    return has4, has5, problem

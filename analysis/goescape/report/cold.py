"""Places that only a failing run of a function reaches.

A block is cold if it ends by panicking, by ending the program, or by returning an error: a last
result that has type error and is not `nil`. So are the operands of `panic`, and of a `return` whose
error is made right there. Places in a cold block are cold, those after it are not. This looks at the
shape of the code alone; it is advice, not proof.

Invariants
  - the outermost block of a function is never cold, unless it ends by panicking;
  - literals are judged by themselves: what they return is not what their encloser returns.

Example: in `if err != nil { return nil, fmt.Errorf("reading %s: %w", name, err) }` the boxed name is
cold.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.syntax.positions import end_pos, text_start
from goescape.syntax.walk import push_children

if TYPE_CHECKING:
    from goescape.source.positions import Pos

Span = tuple["Pos", "Pos"]

_BLOCKS = frozenset({ast.BlockStmt, ast.CaseClause, ast.CommClause})
_FATAL = frozenset({"Exit", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Goexit"})


def cold_spans(fn: ast.FuncDecl | ast.FuncLit) -> list[Span]:
    """The cold stretches of a function and of the literals in it, as pairs of positions, in order;
    those within others are left out."""
    spans: list[Span] = []
    body = fn.body
    if body is not None:
        _function(fn.type, body, spans)
    spans.sort()
    out: list[Span] = []
    for start, end in spans:
        if out and start < out[-1][1]:
            start, end = out[-1][0], max(end, out.pop()[1])
        out.append((start, end))
    return out


def is_cold(spans: list[Span], pos: Pos) -> bool:
    """Whether `pos` lies in one of the stretches, which are in order."""
    i = bisect_right(spans, pos, key=_start) - 1
    return i >= 0 and pos < spans[i][1]


def _start(span: Span) -> Pos:
    return span[0]


def _function(ftype: ast.FuncType, body: ast.BlockStmt, spans: list[Span]) -> None:
    fails = _returns_error(ftype)
    if body.list and _never_returns(body.list[-1]):
        spans.append((body.pos, body.rbrace))
    stack: list[ast.Node] = list(body.list)
    while stack:
        n = stack.pop()
        cls = n.__class__
        if cls is ast.Name or (cls is ast.SelectorExpr and n.x.__class__ is ast.Name):  # type: ignore[attr-defined]
            continue
        if cls is ast.FuncLit:
            assert isinstance(n, ast.FuncLit)
            _function(n.type, n.body, spans)
            continue
        if cls in _BLOCKS:
            stmts = n.list if isinstance(n, ast.BlockStmt) else n.body  # type: ignore[attr-defined]
            if stmts and (_never_returns(stmts[-1]) or (fails and _fails(stmts[-1]))):
                spans.append((text_start(stmts[0]), end_pos(stmts[-1])))
        elif cls is ast.ReturnStmt:
            assert isinstance(n, ast.ReturnStmt)
            if fails and _makes_error(n):
                spans.append((n.pos, end_pos(n)))
        elif cls is ast.ExprStmt:
            assert isinstance(n, ast.ExprStmt)
            if _never_returns(n):
                spans.append((text_start(n), end_pos(n)))
        push_children(n, stack)


def _returns_error(ftype: ast.FuncType) -> bool:
    results = ftype.result_list
    if not results:
        return False
    t = results[-1].type
    return isinstance(t, ast.Name) and t.value == "error"


def _never_returns(stmt: ast.Stmt) -> bool:
    """`panic(…)`, `os.Exit(…)`, `log.Fatal(…)` and the like."""
    if not isinstance(stmt, ast.ExprStmt) or not isinstance(stmt.x, ast.CallExpr):
        return False
    fun = stmt.x.fun
    if isinstance(fun, ast.Name):
        return fun.value == "panic"
    if isinstance(fun, ast.SelectorExpr) and isinstance(fun.x, ast.Name):
        return fun.x.value in ("os", "log", "runtime") and fun.sel.value in _FATAL
    return False


def _last_result(stmt: ast.Stmt) -> ast.Expr | None:
    if not isinstance(stmt, ast.ReturnStmt):
        return None
    results = stmt.results
    if isinstance(results, ast.ListExpr):
        return results.elem_list[-1] if results.elem_list else None
    return results


def _fails(stmt: ast.Stmt) -> bool:
    """A `return` whose error is not nil: something is named or made, not passed through."""
    x = _last_result(stmt)
    if x is None:
        return False
    if isinstance(x, ast.Name):
        return x.value != "nil"
    assert isinstance(stmt, ast.ReturnStmt)
    return isinstance(x, ast.SelectorExpr) or _makes_error(stmt)


def _makes_error(stmt: ast.ReturnStmt) -> bool:
    """A `return` with `errors.New(…)`, `fmt.Errorf(…)`, `&E{…}` or `E{…}` in last place."""
    x = _last_result(stmt)
    if isinstance(x, ast.Operation) and x.op == "&" and x.y is None:
        x = x.x
    if isinstance(x, ast.CompositeLit):
        return True
    if not isinstance(x, ast.CallExpr):
        return False
    fun = x.fun
    if not isinstance(fun, ast.SelectorExpr) or not isinstance(fun.x, ast.Name):
        return False
    return (fun.x.value, fun.sel.value) in (
        ("errors", "New"),
        ("fmt", "Errorf"),
        ("errors", "Join"),
    )

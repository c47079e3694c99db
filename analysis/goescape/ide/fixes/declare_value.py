"""Declare a value.

`p := &T{}` and `p := new(T)` make a value and a pointer to it. Where the pointer never changes, the value
itself can be the variable: `p.f` and `p.m()` are written the same, `*p` becomes `p`, and where the
pointer is wanted it is `&p`. A value that is declared may be larger than one that is made by `new`
before it goes to the heap (128 KiB since go1.24, 10 MiB before, against 64 KiB).

When it is offered
  - the value is on the heap for its size alone;
  - the pointer is a local variable with this one value: it is never assigned again, its own address
    is not taken, and it is not compared with nil;
  - it is declared by a statement of its own.

The behaviour stays the same: there is one value for each execution of the declaration, before and
after, and every use means that value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local
from goescape.syntax import ast
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Array

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "declare-value"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes" or not finding.subject.startswith(("&", "new(")):
        return
    if finding.rule != "too-large-for-stack":
        return  # Its address gets away: that of a variable would, too.
    path = snapshot.path_of(finding)
    while path and not isinstance(path[-1], ast.AssignStmt | ast.VarDecl | ast.BlockStmt):
        path.pop()
    if len(path) < 2:
        return
    stmt = path[-1]
    if isinstance(stmt, ast.AssignStmt):
        if stmt.op != ":=" or not isinstance(path[-2], ast.BlockStmt | ast.CaseClause):
            return
        name, value = stmt.lhs, stmt.rhs
    elif isinstance(stmt, ast.VarDecl) and stmt.type is None and len(stmt.name_list) == 1:
        name, value = stmt.name_list[0], stmt.values
    else:
        return
    obj = snapshot.info.defs.get(name) if isinstance(name, ast.Name) else None
    if not isinstance(obj, Var) or not is_local(obj) or value is None:
        return
    declaration = _declaration(snapshot, stmt, obj, value)
    if declaration is None:
        return
    uses = as_value(snapshot, path, obj)
    if uses is not None:
        yield Fix(CODE, f"Declare `{obj.name}` as a value", (declaration, *uses))


def _declaration(snapshot: Snapshot, stmt: ast.Node, obj: Var, value: ast.Expr) -> Edit | None:
    file = snapshot.path_of_node(stmt)
    if isinstance(value, ast.Operation) and value.op == "&" and value.y is None:
        if not isinstance(value.x, ast.CompositeLit):
            return None
        at, _ = snapshot.span(value)
        first, _ = snapshot.span(value.x)
        return Edit(file, at, first, "")
    if not isinstance(value, ast.CallExpr) or snapshot.builtin(value) != "new":
        return None
    (made,) = value.arg_list
    source = snapshot.source(made)
    if not snapshot.is_type(made):
        start, end = snapshot.span(value)
        return Edit(file, start, end, source)
    start, end = snapshot.span(stmt)
    text = f"{obj.name} {source}"
    return Edit(file, start, end, f"var {text}" if isinstance(stmt, ast.AssignStmt) else text)


def as_value(snapshot: Snapshot, path: Path, obj: Var) -> list[Edit] | None:
    """What becomes of the uses of a pointer variable that will hold the value itself; None if one
    does not allow it."""
    edits: list[Edit] = []
    elem = obj.type.underlying.elem  # type: ignore[attr-defined]  # it is a pointer
    for name in snapshot.uses_in(path[0], obj):
        above = snapshot.parents(name)
        parent = above[-1]
        file = snapshot.path_of_node(name)
        start, end = snapshot.span(name)
        if isinstance(parent, ast.SelectorExpr) and parent.x is name:
            continue
        if isinstance(parent, ast.IndexExpr) and parent.x is name:
            if isinstance(elem.underlying, Array):
                continue
            return None
        if isinstance(elem.underlying, Array) and (
            snapshot.builtin(parent) in ("len", "cap")
            or (isinstance(parent, ast.SliceExpr) and parent.x is name)
        ):
            continue
        if isinstance(parent, ast.SliceExpr) and parent.x is name:
            return None
        if isinstance(parent, ast.Operation) and parent.y is None and parent.op == "*":
            outer: ast.Node = above[-2] if isinstance(above[-2], ast.ParenExpr) else parent
            start, end = snapshot.span(outer)
            edits.append(Edit(file, start, end, obj.name))
            continue
        if isinstance(parent, ast.Operation) and (parent.y is None or parent.op in ("==", "!=")):
            return None
        if isinstance(parent, ast.AssignStmt) and parent.op != ":=" and _assigns(parent, name):
            return None
        if isinstance(parent, ast.ListExpr) and isinstance(above[-2], ast.AssignStmt):
            if _assigns(above[-2], name):
                return None
        if isinstance(parent, ast.RangeClause) and parent.x is not name:
            return None
        edits.append(Edit(file, start, end, f"&{obj.name}"))
    return edits


def _assigns(stmt: ast.AssignStmt, name: ast.Name) -> bool:
    """Whether `name` itself is on the left."""
    lhs = stmt.lhs
    return lhs is name or (isinstance(lhs, ast.ListExpr) and name in lhs.elem_list)

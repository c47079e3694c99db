"""Call it directly.

`f := x.m` makes a method value: a function that holds a copy of x. Where f is only called, `x.m(...)` is the
same call without it.

When it is offered
  - f is a local variable, declared by `f := x.m` and only ever called, also by `go` and `defer`;
  - x is a local variable that is never assigned again, or a parameter or receiver; if the method takes its
    receiver by value, x is a variable that nothing changes after f is made: the calls are in the
    statement right behind;
  - the method is one of a type, not of an interface.

The behaviour stays the same: the method gets the same receiver. That x may be a nil pointer shows in both
at the same place if the method takes a pointer; for other methods such a pointer rules the fix out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local
from goescape.syntax import ast
from goescape.typecheck.objects import Func, Var
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import Pointer

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "call-directly"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes" or finding.instance or finding.rule != "method-value":
        return
    path = snapshot.path_of(finding)
    value = path[-1] if path else None
    if not isinstance(value, ast.SelectorExpr) or len(path) < 3:
        return
    stmt, block = path[-2], path[-3]
    if not isinstance(stmt, ast.AssignStmt) or stmt.op != ":=" or stmt.rhs is not value:
        return
    if not isinstance(block, ast.BlockStmt):
        return
    obj = snapshot.info.defs.get(stmt.lhs) if isinstance(stmt.lhs, ast.Name) else None
    selection = snapshot.selection(value)
    if not isinstance(obj, Var) or selection is None or selection.kind != "method value":
        return
    if not isinstance(selection.obj, Func) or is_interface(selection.recv):
        return
    receiver = snapshot.object(value.x)
    if not isinstance(receiver, Var) or not is_local(receiver):
        return
    by_pointer = selection.obj.has_ptr_recv
    if not by_pointer and isinstance(selection.recv.underlying, Pointer):
        return
    following = block.list[block.list.index(stmt) + 1 :]
    uses = snapshot.uses_in(path[0], obj)
    if not uses or not _is_steady(snapshot, path, receiver):
        return
    edits: list[Edit] = []
    file = snapshot.path_of_node(value)
    for use in uses:
        above = snapshot.parents(use)
        if not above or not isinstance(above[-1], ast.CallExpr) or above[-1].fun is not use:
            return
        if not by_pointer and following[:1] != [n for n in above if n in following][:1]:
            return
        start, end = snapshot.span(use)
        edits.append(Edit(file, start, end, snapshot.source(value)))
    start, end = snapshot.span(stmt)
    text = snapshot.text(file)
    start = text.rfind(b"\n", 0, start) + 1
    end = text.find(b"\n", end) + 1
    if text[start:end].strip() != snapshot.source(stmt).encode() or not end:
        return
    edits.append(Edit(file, start, end, ""))
    yield Fix(CODE, f"Call `{snapshot.source(value)}` directly", tuple(edits))


def _is_steady(snapshot: Snapshot, path: Path, obj: Var) -> bool:
    """Whether a variable is never assigned after its declaration."""
    for use in snapshot.uses_in(path[0], obj):
        above = snapshot.parents(use)
        parent = above[-1]
        if isinstance(parent, ast.AssignStmt) and parent.lhs is use:
            return False
        if isinstance(parent, ast.ListExpr) and isinstance(above[-2], ast.AssignStmt):
            if above[-2].lhs is parent:
                return False
        if isinstance(parent, ast.Operation) and parent.op == "&" and parent.y is None:
            return False
        if isinstance(parent, ast.RangeClause) and parent.lhs is use and not parent.define:
            return False
    return True

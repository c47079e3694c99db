"""Make it a constant.

`size := 128` makes a variable. Before go1.25 a variable that only ever has one constant value is not a constant
size: what is made with it goes to the heap. `const size = 128` is one, in every release.

When it is offered
  - the size is a local variable of type int, declared by `size := N` or `var size = N` with a
    constant N, and never assigned again, nor is its address taken;
  - it is only used as a size of `make`, or compared with an int, or is an index or bound.

The behaviour stays the same: a constant has the variable's value, and these uses take it as an int.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.snapshot import Snapshot, is_local
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Basic

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "make-constant"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if not finding.subject.startswith("make([]"):
        return
    path = snapshot.path_of(finding)
    call = path[-1] if path else None
    if not isinstance(call, ast.CallExpr) or snapshot.builtin(call) != "make":
        return
    names = [n for x in call.arg_list[1:] for n in walk(x) if isinstance(n, ast.Name)]
    for name in names:
        obj = snapshot.object(name)
        if isinstance(obj, Var) and is_local(obj) and obj.kind == "local":
            edit = _constant(snapshot, path[0], obj)
            if edit is not None:
                yield Fix(CODE, f"Make `{obj.name}` a constant", (edit,))
                return


def _constant(snapshot: Snapshot, root: ast.Node, obj: Var) -> Edit | None:
    if not isinstance(obj.type, Basic) or obj.type.kind != "int":
        return None
    for use in snapshot.uses_in(root, obj):
        above = snapshot.parents(use)
        parent: ast.Node | None = above.pop()
        if isinstance(parent, ast.Operation) and parent.y is not None and parent.op in "+-*":
            parent = above.pop()
        if isinstance(parent, ast.CallExpr) and snapshot.builtin(parent) == "make":
            continue
        if isinstance(parent, ast.Operation) and parent.op in ("<", "<=", ">", ">=", "==", "!="):
            continue
        if isinstance(parent, ast.IndexExpr | ast.SliceExpr) and parent.x is not use:
            continue
        return None
    for n in walk(root):
        stmt: ast.Node | None = None
        if isinstance(n, ast.AssignStmt) and n.op == ":=" and isinstance(n.lhs, ast.Name):
            stmt, name, value = n, n.lhs, n.rhs
        elif isinstance(n, ast.VarDecl) and len(n.name_list) == 1 and n.group is None:
            stmt, name, value = n, n.name_list[0], n.values
        if stmt is None or snapshot.info.defs.get(name) is not obj or value is None:
            continue
        if not isinstance(snapshot.constant(value), int):
            return None
        file = snapshot.path_of_node(n)
        if isinstance(n, ast.AssignStmt):
            if not isinstance(snapshot.parent(n), ast.BlockStmt | ast.CaseClause):
                return None
            start, end = snapshot.span(n)
            return Edit(file, start, end, f"const {obj.name} = {snapshot.source(value)}")
        first, _ = snapshot.span(name)
        word = snapshot.text(file).rfind(b"var", 0, first)
        return Edit(file, word, word + 3, "const")
    return None

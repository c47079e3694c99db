"""Take a pointer instead of the address of a copy.

A parameter whose address is kept is moved to the heap: it is a copy of what the caller has, made only to have
an address. If the function takes a pointer, the caller's own value is used, wherever it lies.

When it is offered
  - the parameter is moved to the heap, it is never assigned as a whole, and no literal uses it;
  - every call, in other packages that are worked on, too, passes a variable of the caller, a field of one, or a composite
    literal, whose address can be taken;
  - no test or other use needs the old signature (see `signature`).

The behaviour changes when the value is changed afterwards, by the caller or through the pointer: both
see one value then. It changes when pointers are compared, too: those of two calls may be the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.signature import callers, sole_field
from goescape.ide.fixes.snapshot import Snapshot
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Var

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "take-pointer"

_CAVEAT = "the value is changed afterwards, by the caller or through the pointer, or pointers are compared"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "moved":
        return
    path = snapshot.path_of(finding)
    if len(path) < 3 or not isinstance(path[0], ast.FuncDecl) or path[1] is not path[0].type:
        return
    decl, name = path[0], path[-1]
    obj = snapshot.info.defs.get(name) if isinstance(name, ast.Name) else None
    fields = decl.type.param_list
    index = next((i for i, f in enumerate(fields) if f.name is name), -1)
    if not isinstance(obj, Var) or index < 0 or not sole_field(fields, fields[index]):
        return
    if isinstance(fields[index].type, ast.DotsType):
        return
    found = callers(snapshot, decl)
    edits = _uses(snapshot, decl, obj) if found is not None else None
    if found is None or edits is None:
        return
    file = snapshot.path_of_node(decl)
    start, _ = snapshot.span(fields[index].type)
    edits.append(Edit(file, start, start, "*"))
    for where, call, _above in found.calls:
        if len(call.arg_list) != len(fields):
            return
        arg = call.arg_list[index]
        if not _is_addressable(where, arg):
            return
        start, _ = where.span(arg)
        edits.append(Edit(where.path_of_node(call), start, start, "&"))
    yield Fix(
        CODE, f"Take a pointer to `{obj.name}` instead of a copy", tuple(edits),
        ", or ".join(filter(None, (_CAVEAT, found.caveat))),
        exported=found.exported, elsewhere=found.elsewhere,
    )  # fmt: skip


def _is_addressable(snapshot: Snapshot, x: ast.Expr) -> bool:
    if isinstance(x, ast.CompositeLit):
        return True
    if isinstance(x, ast.SelectorExpr):
        selection = snapshot.selection(x)
        if selection is None or selection.kind != "field":
            return False
        return selection.indirect or _is_addressable(snapshot, x.x)
    return isinstance(snapshot.object(x), Var)


def _uses(snapshot: Snapshot, decl: ast.FuncDecl, obj: Var) -> list[Edit] | None:
    """What becomes of the uses in the body; None if one does not allow it."""
    edits: list[Edit] = []
    file = snapshot.path_of_node(decl)
    for n in walk(decl):
        if isinstance(n, ast.FuncLit) and snapshot.uses_in(n, obj):
            return None
    for use in snapshot.uses_in(decl, obj):
        parent = snapshot.parent(use)
        start, end = snapshot.span(use)
        if isinstance(parent, ast.Operation) and parent.op == "&" and parent.y is None:
            first, _ = snapshot.span(parent)
            edits.append(Edit(file, first, start, ""))
            continue
        if isinstance(parent, ast.SelectorExpr) and parent.x is use:
            continue
        if isinstance(parent, ast.AssignStmt) and parent.lhs is use:
            return None
        if isinstance(parent, ast.ListExpr | ast.RangeClause | ast.IndexExpr | ast.SliceExpr):
            return None
        edits.append(Edit(file, start, end, f"*{obj.name}"))
    return edits

"""Pass it to the literal as an argument.

A local variable whose address is assigned to a variable outside a literal is moved to the heap: the outer
variable is captured by reference, and what it points to must outlive the literal. A literal that gets the
outer variable's value as an argument assigns to its own parameter.

When it is offered
  - in a literal that is called where it stands, `x = &y` assigns the address of a local y to a variable
    x of an enclosing function;
  - so are all literals around it, up to the function that declares x.

The behaviour changes when what is assigned is wanted outside of the literal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.signature import added_argument
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local
from goescape.syntax import ast
from goescape.typecheck.objects import Var

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "closure-argument"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "moved":
        return
    path = snapshot.path_of(finding)
    name = path[-1] if path else None
    obj = snapshot.info.defs.get(name) if isinstance(name, ast.Name) else None
    if not isinstance(obj, Var) or not isinstance(path[0], ast.FuncDecl):
        return
    for use in snapshot.uses_in(path[0], obj):
        above = snapshot.parents(use)
        if len(above) < 2 or not isinstance(above[-1], ast.Operation) or above[-1].op != "&":
            continue
        stmt = above[-2]
        if not isinstance(stmt, ast.AssignStmt) or stmt.op or stmt.rhs is not above[-1]:
            continue
        outer = snapshot.object(stmt.lhs)
        if isinstance(outer, Var) and is_local(outer):
            edits = _passed(snapshot, above, outer)
            if edits:
                yield Fix(
                    CODE, f"Pass `{outer.name}` to the literal as an argument", tuple(edits),
                    f"what is assigned to {outer.name} is wanted outside of the literal",
                )  # fmt: skip
                return


def _passed(snapshot: Snapshot, above: Path, outer: Var) -> list[Edit] | None:
    """A parameter and an argument for each literal between the assignment and the declaration of
    `outer`; None if one is not called where it stands."""
    root = above[0]
    file = snapshot.path_of_node(root)
    written = snapshot.type_text(outer.type, file, root)
    if written is None:
        return None
    edits: list[Edit] = []
    declared = snapshot.offset(outer.pos)
    for i, literal in enumerate(above):
        if not isinstance(literal, ast.FuncLit):
            continue
        start, end = snapshot.span(literal)
        if start <= declared < end:
            continue  # It declares the variable, or is around the one that does.
        call = above[i - 1]
        if not isinstance(call, ast.CallExpr) or call.fun is not literal or call.has_dots:
            return None
        fields = literal.type.param_list
        if any(f.name is None for f in fields):
            return None
        if fields and isinstance(fields[-1].type, ast.DotsType):
            return None
        opening = snapshot.text(file).find(b"(", start)
        comma = ", " if fields else ""
        edits.append(Edit(file, opening + 1, opening + 1, f"{outer.name} {written}{comma}"))
        edits.append(added_argument(snapshot, call, above[: i - 1], outer.name, is_first=True))
    return edits or None

"""Let the caller provide it.

What a function makes and returns is on the heap, because it outlives the function. If the caller makes it and
passes it in, as to `Read(p []byte)`, it outlives nothing: in a caller that does not keep it, it is on the
stack.

When it is offered
  - the function makes a slice of constant size, or `new(T)`, outside of loops and literals;
  - size and type can be written at every call (literals, and names of the package or its imports that mean
    the same there);
  - every call can pass one more argument, and there is at least one;
  - no test or other use needs the old signature (see `signature`).

A variable that is declared with it becomes the parameter, unless a comment speaks of it.

The behaviour stays the same: every call makes a new one, a moment earlier; where a method may be found without
being called by its name, the caveat says so. If the function is exported,
callers in other packages that are worked on are changed with it; the title says that there may be more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.lines import without_line
from goescape.ide.fixes.signature import added_argument, callers
from goescape.ide.fixes.snapshot import Path, Snapshot
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.infer import is_parameterized
from goescape.typecheck.objects import Const
from goescape.typecheck.types import Slice

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "caller-provides"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes" or finding.loop_depth:
        return
    if finding.rule == "too-large-for-stack":
        return
    if not finding.subject.startswith(("make([]", "new(")):
        return
    path = snapshot.path_of(finding)
    made = path[-1] if path else None
    if not isinstance(made, ast.CallExpr) or snapshot.builtin(made) not in ("make", "new"):
        return
    if any(isinstance(n, ast.FuncLit | ast.ForStmt) for n in path):
        return
    if any(isinstance(n, ast.LabeledStmt) for n in walk(path[0])):
        return
    if not _is_portable(snapshot, made):
        return
    found = callers(snapshot, path[0])
    t = snapshot.type(made)
    if found is None or t is None or not found.calls:
        return
    if is_parameterized(found.tparams, t):
        return
    decl = found.decl
    file = snapshot.path_of_node(decl)
    written = snapshot.type_text(t, file, decl)
    if written is None:
        return
    fields = decl.type.param_list
    if fields and (isinstance(fields[-1].type, ast.DotsType) or fields[-1].name is None):
        return
    name, edit = _variable(snapshot, path) or (
        snapshot.fresh(decl, "buf" if isinstance(t.underlying, Slice) else "p"), None,
    )  # fmt: skip
    edits = [edit or Edit(file, *snapshot.span(made), name)]
    if fields:
        _, at = snapshot.span(fields[-1])
        edits.append(Edit(file, at, at, f", {name} {written}"))
    else:
        _, at = snapshot.span(decl.name)
        opening = snapshot.text(file).find(b"(", at)
        edits.append(Edit(file, opening + 1, opening + 1, f"{name} {written}"))
    source = snapshot.source(made)
    for where, call, above in found.calls:
        text = source if where is snapshot else _elsewhere(where, snapshot, made, above)
        if not above or not isinstance(above[0], ast.FuncDecl) or text is None:
            return
        if _is_shadowed(where, made, above[0]):
            return
        if (
            where is snapshot
            and snapshot.type_text(t, where.path_of_node(call), above[0]) != written
        ):
            return
        if call.arg_list and where.builtin(call.arg_list[-1]) == "":
            if len(call.arg_list) != len(fields):
                return
        edits.append(added_argument(where, call, above, text))
    yield Fix(
        CODE, f"Let the caller of `{found.obj.name}` provide `{source}`", tuple(edits), found.caveat,
        exported=found.exported, elsewhere=found.elsewhere,
    )  # fmt: skip


def _variable(snapshot: Snapshot, path: Path) -> tuple[str, Edit] | None:
    """The variable of the function's own block that is declared with what is made, and an edit that removes
    its declaration: the parameter can have its name. None if there is none."""
    decl, made = path[0], path[-1]
    stmt = path[-2]
    if not isinstance(stmt, ast.AssignStmt) or stmt.op != ":=" or stmt.rhs is not made:
        return None
    if not isinstance(decl, ast.FuncDecl) or path[-3] is not decl.body:
        return None
    name, obj = stmt.lhs, snapshot.info.defs.get(stmt.lhs)  # type: ignore[call-overload]
    if not isinstance(name, ast.Name) or obj is None:
        return None
    same = [n for n in walk(decl) if isinstance(n, ast.Name) and n.value == name.value]
    behind = {n.sel for n in walk(decl) if isinstance(n, ast.SelectorExpr)}
    if any(n is not name and n not in behind and snapshot.object(n) is not obj for n in same):
        return None
    edit = without_line(snapshot, stmt)
    return (name.value, edit) if edit is not None else None


def _elsewhere(where: Snapshot, snapshot: Snapshot, made: ast.CallExpr, above: Path) -> str | None:
    """What is made as it is written in a function of another package; None if it cannot be."""
    t = snapshot.type(made.arg_list[0])
    if t is None or not above or not isinstance(above[0], ast.FuncDecl):
        return None
    builtin = snapshot.builtin(made)
    if any(isinstance(n, ast.Name) for x in made.arg_list[1:] for n in walk(x)):
        return None
    written = where.type_text(t, where.path_of_node(above[0]), above[0])
    if written is None or where.pkg.scope.lookup(builtin) is not None:
        return None
    sizes = [snapshot.source(x) for x in made.arg_list[1:]]
    return f"{builtin}({', '.join([written, *sizes])})"


def _is_shadowed(where: Snapshot, made: ast.CallExpr, root: ast.Node) -> bool:
    """Whether the builtin, or a name in the size, means something else somewhere below `root`."""
    names = {
        n.value for x in (made.fun, *made.arg_list[1:]) for n in walk(x) if isinstance(n, ast.Name)
    }
    return any(
        isinstance(n, ast.Name) and n.value in names and n in where.info.defs for n in walk(root)
    )


def _is_portable(snapshot: Snapshot, made: ast.CallExpr) -> bool:
    """Whether size and type mean the same at every call."""
    if snapshot.builtin(made) == "new" and not snapshot.is_type(made.arg_list[0]):
        return False
    for x in made.arg_list[1:]:
        if not isinstance(snapshot.constant(x), int):
            return False
        for n in walk(x):
            if isinstance(n, ast.Name):
                obj = snapshot.object(n)
                if not isinstance(obj, Const) or obj.parent is not snapshot.pkg.scope:
                    return False
    return True

"""Take it out of the loop.

A function literal, or a method value such as `x.m`, that outlives the round in which it is made is allocated in
every round. If nothing in it belongs to the round, one made before the loop serves for all.

When it is offered
  - a literal whose captured variables are all declared outside of the loop, or the value of a method with
    a pointer receiver, of a variable that is declared outside and not assigned in the loop;
  - the outermost loop for which this holds is a statement of a block.

It is proved that the line is gone from the loop: there is one before it instead. The behaviour stays the
same: functions cannot be compared, making one runs no code, and what a literal captures is the variable
itself. It is no safe bet: a loop without rounds would have made none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.lines import above_comments
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Func, Object, Var
from goescape.typecheck.types import Pointer, Signature, unalias

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "hoist"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes" or not finding.loop_depth:
        return
    path = snapshot.path_of(finding)
    while path and isinstance(path[-1], ast.Name | ast.FuncType):
        path.pop()
    made = path[-1] if path else None
    if not isinstance(path[0] if path else None, ast.FuncDecl):
        return
    if isinstance(made, ast.FuncLit):
        captured = _captured(snapshot, path)
    elif isinstance(made, ast.SelectorExpr):
        receiver = _receiver(snapshot, path, made)
        if receiver is None:
            return
        captured = {receiver}
    else:
        return
    at = _outermost(snapshot, path, captured)
    if at is None:
        return
    source = snapshot.source(made)
    if "`" in source and "\n" in source:
        return  # The lines of a raw string must stay as they are.
    name = snapshot.fresh(path[0], _name(made))
    file = snapshot.path_of_node(made)
    start, end = snapshot.span(made)
    before = above_comments(snapshot, file, snapshot.span(path[at])[0])
    # A label stands further out than its loop.
    loop = path[at + 1] if isinstance(path[at], ast.LabeledStmt) else path[at]
    old, new = snapshot.indent(file, start), snapshot.indent(file, snapshot.span(loop)[0])
    outer = snapshot.indent(file, before)
    lines = [line.removeprefix(old) for line in source.split("\n")]
    text = f"\n{new}".join(lines).replace(f"\n{new}\n", "\n\n")
    loops = "loops" if finding.loop_depth > 1 else "loop"
    made_before = f"{new.removeprefix(outer)}{name} := {text}\n{outer}"
    yield Fix(
        CODE, f"Make the {_what(made)} before the {loops}",
        (Edit(file, before, before, made_before), Edit(file, start, end, name)),
        is_safe_bet=False, leaves_loop=True,
    )  # fmt: skip


def _what(made: ast.Expr) -> str:
    return "function" if isinstance(made, ast.FuncLit) else "method value"


def _name(made: ast.Expr) -> str:
    return made.sel.value if isinstance(made, ast.SelectorExpr) else "f"


def _captured(snapshot: Snapshot, path: Path) -> set[Object]:
    """The variables of the functions around the literal at the end of a path that it uses."""
    literal = path[-1]
    start, end = snapshot.span(literal)
    found: set[Object] = set()
    for n in walk(literal):
        obj = snapshot.object(n) if isinstance(n, ast.Name) else None
        if obj is None or obj.parent is snapshot.pkg.scope or obj.pkg is not snapshot.pkg:
            continue
        if isinstance(obj, Var) and not is_local(obj):
            continue
        if not obj.pos or not start <= snapshot.offset(obj.pos) < end:
            found.add(obj)
    return found


def _receiver(snapshot: Snapshot, path: Path, made: ast.SelectorExpr) -> Var | None:
    """The variable whose method is taken by pointer: evaluating that never fails. None for other
    selectors."""
    selection = snapshot.selection(made)
    parent = path[-2]
    if selection is None or selection.kind != "method value" or len(selection.index) > 1:
        return None
    if isinstance(parent, ast.CallExpr) and parent.fun is made:
        return None
    method, obj = selection.obj, snapshot.object(unparen(made.x))
    sig = method.type if isinstance(method, Func) else None
    if not isinstance(sig, Signature) or sig.recv is None or not isinstance(obj, Var):
        return None
    if not isinstance(unalias(sig.recv.type), Pointer) or not is_local(obj):
        return None
    return obj


def _outermost(snapshot: Snapshot, path: Path, captured: set[Object]) -> int | None:
    """The statement of a path, by its number, before which everything `captured` is there, and which is
    the outermost such loop of its function."""
    first = max(i for i, n in enumerate(path[:-1]) if isinstance(n, ast.FuncLit | ast.FuncDecl))
    for i in range(first, len(path) - 1):
        loop = path[i]
        if not isinstance(loop, ast.ForStmt):
            continue
        start, end = snapshot.span(loop)
        if any(o.pos and start <= snapshot.offset(o.pos) < end for o in captured):
            continue
        if isinstance(path[-1], ast.SelectorExpr) and any(
            _changes(snapshot, path, loop, o, snapshot.type(path[-1].x)) for o in captured
        ):
            continue
        at = i - 1 if isinstance(path[i - 1], ast.LabeledStmt) else i
        if isinstance(path[at - 1], ast.BlockStmt | ast.CaseClause | ast.CommClause):
            return at
    return None


def _changes(snapshot: Snapshot, path: Path, loop: ast.Node, obj: Object, t: object) -> bool:
    """Whether a pointer may be another one in the next round. A value that is no pointer may: its
    address is what the method gets."""
    if not isinstance(t, Pointer):
        return False
    around = [n for n in path[:-1] if isinstance(n, ast.FuncLit)]
    parts: list[ast.Node] = [loop, *(n for n in walk(path[0]) if isinstance(n, ast.FuncLit))]
    if around and not snapshot.span(around[-1])[0] <= snapshot.offset(obj.pos):
        parts = [path[0]]  # The function around may assign it meanwhile.
    if any(_assigns(snapshot, n, obj) for part in parts for n in walk(part)):
        return True
    return any(
        isinstance(n, ast.Operation)
        and n.op == "&"
        and n.y is None
        and snapshot.object(unparen(n.x)) is obj
        for n in walk(path[0])
    )


def _assigns(snapshot: Snapshot, n: ast.Node, obj: Object) -> bool:
    if not isinstance(n, ast.AssignStmt | ast.RangeClause) or n.lhs is None:
        return False
    targets = n.lhs.elem_list if isinstance(n.lhs, ast.ListExpr) else [n.lhs]
    targets = [x for x in map(unparen, targets) if not _declares(snapshot, x, obj)]
    return any(snapshot.object(x) is obj for x in targets)


def _declares(snapshot: Snapshot, x: ast.Expr, obj: Object) -> bool:
    return isinstance(x, ast.Name) and snapshot.info.defs.get(x) is obj

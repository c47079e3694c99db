"""Whether the room behind a slice is its own.

What is appended at once either fits behind the slice or goes elsewhere as a whole. What is appended piece by piece
may begin in the room behind the slice and end elsewhere: whoever shares that room then finds the first pieces in it.

Model
  - a slice is *new* if it is nil, made by `make`, a literal or a conversion of text, or appended to such a one;
  - a local variable has room of its own if it only ever gets new slices, and what is appended to itself or cut off
    behind; and if it is only appended to, indexed, ranged over, made text of, returned, or asked for its length.

Invariant: in doubt the room is shared. A parameter's always is.

Example: in `b := make([]byte, 0, 64); b = fmt.Appendf(b, "<%d>", n); return b`, b has room of its own; b in
`func (t T) AppendText(b []byte)` has not.
"""

from __future__ import annotations

from collections.abc import Iterator

from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Nil, Var
from goescape.typecheck.predicates import is_string


def has_own_room(snapshot: Snapshot, root: ast.Node, x: ast.Expr) -> bool:
    """Whether nobody else looks at the room behind a slice, an expression below the declaration `root`."""
    obj = snapshot.object(unparen(x))
    if not isinstance(obj, Var):
        return _is_new(snapshot, x)
    if not is_local(obj) or obj.kind in ("param", "recv"):
        return False
    values = list(_values(snapshot, root, obj))
    uses = snapshot.uses_in(root, obj)
    return all(x is not None and _is_new(snapshot, x, obj) for x in values) and all(
        _keeps(snapshot, [*snapshot.parents(use), use], obj) for use in uses
    )


def _values(snapshot: Snapshot, root: ast.Node, obj: Var) -> Iterator[ast.Expr | None]:
    """What a variable is declared with and assigned; None for what is one of several values."""
    for n in walk(root):
        if isinstance(n, ast.VarDecl) and n.values is not None:
            if any(snapshot.info.defs.get(name) is obj for name in n.name_list):
                yield n.values if len(n.name_list) == 1 else None
        elif isinstance(n, ast.AssignStmt | ast.RangeClause) and n.lhs is not None:
            targets = n.lhs.elem_list if isinstance(n.lhs, ast.ListExpr) else [n.lhs]
            if any(snapshot.object(unparen(target)) is obj for target in targets):
                is_whole = isinstance(n, ast.AssignStmt) and n.lhs is targets[0]
                yield n.rhs if isinstance(n, ast.AssignStmt) and is_whole else None


def _is_new(snapshot: Snapshot, x: ast.Expr, own: Var | None = None) -> bool:
    """Whether the value of `x` is new, or that of the variable `own` with something behind it or cut off."""
    x = unparen(x)
    while _appends(snapshot, x):
        x = unparen(x.arg_list[0])  # type: ignore[attr-defined]  # it is a call
    if isinstance(x, ast.SliceExpr):
        return own is not None and snapshot.object(unparen(x.x)) is own
    obj = snapshot.object(x)
    if own is not None and obj is own:
        return True
    if isinstance(x, ast.CallExpr) and snapshot.is_type(x.fun) and x.arg_list:
        t = snapshot.type(x.arg_list[0])
        is_nil = isinstance(snapshot.object(unparen(x.arg_list[0])), Nil)
        return is_nil or (t is not None and is_string(t))
    is_made = isinstance(x, ast.CompositeLit) or snapshot.builtin(x) == "make"
    return is_made or isinstance(obj, Nil)


def _appends(snapshot: Snapshot, x: ast.Node) -> bool:
    """Whether `x` appends to its first argument, and gives what comes of it."""
    if not isinstance(x, ast.CallExpr) or not x.arg_list:
        return False
    return snapshot.builtin(x) == "append" or bool(
        snapshot.calls(x, "fmt", "Append", "Appendf", "Appendln")
    )


def _keeps(snapshot: Snapshot, path: Path, obj: Var) -> bool:
    """Whether the use of `obj` at the end of a path shows nobody what is behind the slice."""
    *above, use = path
    parent = above[-1]
    while _appends(snapshot, parent) and parent.arg_list[0] is use:  # type: ignore[attr-defined]
        use = above.pop()
        parent = above[-1]
    if isinstance(parent, ast.AssignStmt):
        is_target = parent.lhs is use and isinstance(use, ast.Name)
        return is_target or (parent.rhs is use and snapshot.object(parent.lhs) is obj)
    if isinstance(parent, ast.SliceExpr):
        stmt = above[-2]
        return isinstance(stmt, ast.AssignStmt) and snapshot.object(stmt.lhs) is obj
    if isinstance(parent, ast.CallExpr):
        is_text = snapshot.is_type(parent.fun) and _is_text(snapshot, parent)
        is_behind = snapshot.builtin(parent) == "append" and parent.has_dots
        return snapshot.builtin(parent) in ("len", "copy") or is_text or is_behind
    if isinstance(parent, ast.IndexExpr | ast.RangeClause):
        return parent.x is use
    if isinstance(parent, ast.ListExpr):
        return isinstance(above[-2], ast.ReturnStmt)
    if isinstance(parent, ast.Operation):
        return parent.op in ("==", "!=")
    return isinstance(parent, ast.ReturnStmt)


def _is_text(snapshot: Snapshot, x: ast.Expr) -> bool:
    t = snapshot.type(x)
    return t is not None and is_string(t)

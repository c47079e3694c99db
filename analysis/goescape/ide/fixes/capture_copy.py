"""Capture a copy.

A literal captures a variable by value, without moving it to the heap, if the variable is never assigned
again, its address is not taken and it has at most 128 bytes. A variable that has its last value by the time
the literal is made can be captured as a copy that fulfils this: `x := x` in front, or under another name
in the block that declares it.

When it is offered
  - the variable is on the heap because literals capture it by reference;
  - no literal assigns to it or takes its address, and nobody else takes its address;
  - it has at most 128 bytes, and no lock in it;
  - every assignment to it comes before the literal, in text and in time: none is in a loop around the
    literal that does not declare the variable too, none is behind the literal (the post statement of
    a loop whose variables are new in every iteration belongs to the next one), and there is no label.

The behaviour stays the same: the literal sees the value that the variable keeps.

Source: cmd/compile/internal/escape/escape.go: flowClosure (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.lines import above_comments
from goescape.ide.fixes.snapshot import Path, Snapshot, has_lock, is_local
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Var
from goescape.typecheck.version import GO1_22, as_go_version

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "capture-copy"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "moved":
        return
    path = snapshot.path_of(finding)
    if not path or not isinstance(path[0], ast.FuncDecl) or not isinstance(path[-1], ast.Name):
        return
    root, name = path[0], path[-1]
    obj = snapshot.info.defs.get(name)
    if not isinstance(obj, Var) or not is_local(obj) or obj.kind == "result":
        return
    size = snapshot.size(obj.type)
    if not 0 <= size <= snapshot.release.max_capture_by_value or has_lock(obj.type):
        return
    if any(isinstance(n, ast.LabeledStmt) for n in walk(root)):
        return
    place = _place(snapshot, path, root, obj)
    if place is None:
        return
    stmt, captures, same_block = place
    file = snapshot.path_of_node(stmt)
    start, _ = snapshot.span(stmt)
    indent = snapshot.indent(file, start)
    line_start = snapshot.text(file).rfind(b"\n", 0, start) + 1
    if snapshot.text(file)[line_start:start].strip():
        return  # Something stands before it in its line.
    copy = obj.name
    edits: list[Edit] = []
    if same_block:
        copy = snapshot.fresh(root, f"{obj.name}Copy")
        for use in captures:
            first, last = snapshot.span(use)
            edits.append(Edit(file, first, last, copy))
    at = above_comments(snapshot, file, start)
    edits.insert(0, Edit(file, at, at, f"{copy} := {obj.name}\n{indent}"))
    yield Fix(CODE, f"Capture a copy of `{obj.name}`", tuple(edits))


def _place(
    snapshot: Snapshot, path: Path, root: ast.FuncDecl, obj: Var
) -> tuple[ast.Stmt, list[ast.Name], bool] | None:
    """The statement to copy the variable before, the uses in literals, and whether the statement
    stands in the block that declares the variable; None if a copy would not do."""
    owner = next((n for n in reversed(path) if isinstance(n, ast.FuncLit | ast.FuncDecl)), root)
    inside: list[ast.Name] = []
    chains: list[Path] = []
    assigned: list[tuple[ast.Name, Path]] = []
    for use in snapshot.uses_in(root, obj):
        above = snapshot.parents(use)
        at = above.index(owner) if owner in above else 0
        literal = next((n for n in above[at + 1 :] if isinstance(n, ast.FuncLit)), None)
        if _takes_address(above, use):
            return None
        writes = _writes(above, use)
        if literal is not None:
            if writes:
                return None
            inside.append(use)
            chains.append(above[: above.index(literal) + 1])
        elif writes:
            assigned.append((use, above))
    if not inside or not assigned:
        return None
    common = _common(chains)
    declared_in = _block_of(path)
    # From the innermost block outwards: the first statement that every capture is behind.
    for i in range(len(common) - 1, 0, -1):
        stmt, block = common[i], common[i - 1]
        if not isinstance(stmt, ast.Stmt) or not isinstance(
            block, ast.BlockStmt | ast.CaseClause | ast.CommClause
        ):
            continue
        if all(_is_before(snapshot, use, above, stmt, common[:i], path) for use, above in assigned):
            return stmt, inside, block is declared_in
    return None


def _is_before(
    snapshot: Snapshot, use: ast.Name, above: Path, stmt: ast.Stmt, around: Path, declared: Path
) -> bool:
    """Whether an assignment can only happen before `stmt` is reached, seen from one declaration of
    the variable."""
    loops = [n for n in around if isinstance(n, ast.ForStmt) and n not in declared]
    mine = [n for n in around if isinstance(n, ast.ForStmt) and n in declared]
    if any(loop in above for loop in loops):
        return False
    for loop in mine:
        if loop.post is not None and loop.post in above:
            # It counts for the next iteration, which has a variable of its own.
            return _is_per_iteration(snapshot, loop)
        if loop.init is not None and loop.init in above and not _is_per_iteration(snapshot, loop):
            return False
    _, last = snapshot.span(use)
    first, _ = snapshot.span(stmt)
    return last <= first


def _is_per_iteration(snapshot: Snapshot, loop: ast.ForStmt) -> bool:
    file = snapshot.file(snapshot.path_of_node(loop))
    version = as_go_version(snapshot.info.file_versions.get(file, ""))
    return snapshot.release.loop_variables_per_iteration and (not version or version >= GO1_22)


def _block_of(path: Path) -> ast.Node | None:
    """The block in which the name at the end of a path is declared."""
    for i in range(len(path) - 2, -1, -1):
        node = path[i]
        if isinstance(node, ast.FuncDecl | ast.FuncLit):
            return node.body
        if isinstance(node, ast.IfStmt | ast.ForStmt | ast.SwitchStmt | ast.RangeClause):
            return None
        if isinstance(node, ast.BlockStmt | ast.CaseClause | ast.CommClause):
            return node
    return None


def _common(chains: list[Path]) -> Path:
    """The nodes around all of some nodes."""
    common = chains[0]
    for chain in chains[1:]:
        n = 0
        while n < min(len(common), len(chain)) and common[n] is chain[n]:
            n += 1
        if n == 0:
            return []
        common = common[:n]
    # Captures in several statements of one block: the first of them is in front of all.
    if common and isinstance(common[-1], ast.BlockStmt | ast.CaseClause | ast.CommClause):
        return [*common, chains[0][len(common)]]
    return common


def _takes_address(above: Path, use: ast.Name) -> bool:
    """Whether `&x`, `&x.f`, `&x[i]`, `x[:]` or a method with a pointer receiver is said of it."""
    node: ast.Node = use
    for parent in reversed(above):
        if isinstance(parent, ast.Operation) and parent.op == "&" and parent.y is None:
            return True
        if isinstance(parent, ast.SliceExpr) and parent.x is node:
            return True
        if isinstance(parent, ast.CallExpr) and parent.fun is node and node is not use:
            return True
        if not isinstance(parent, ast.SelectorExpr | ast.IndexExpr | ast.ParenExpr):
            return False
        node = parent
    return False


def _writes(above: Path, use: ast.Name) -> bool:
    """Whether the use is on the left of an assignment, or of a part of the variable."""
    node: ast.Node = use
    for parent in reversed(above):
        if isinstance(parent, ast.AssignStmt):
            return parent.lhs is node
        if isinstance(parent, ast.RangeClause):
            return parent.lhs is node
        if not isinstance(parent, ast.SelectorExpr | ast.IndexExpr | ast.ParenExpr | ast.ListExpr):
            return False
        if isinstance(parent, ast.IndexExpr) and parent.x is not node:
            return False
        node = parent
    return False

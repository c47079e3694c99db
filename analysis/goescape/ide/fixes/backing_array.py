"""Use an array of constant size.

The elements of `make([]T, n)` are on the stack only if they need at most 32 bytes, or if the size is constant. An
array of constant size is on the stack as a whole, and a slice of it serves for every n that fits; for a larger
one there is still `make`.

When it is offered
  - the slice stays in its function, and is declared by `s := make([]T, n)` or, which is the same,
    `make([]T, n, n)`, a statement of its own;
  - computing n runs no code of the program;
  - the array has as many elements as n can be at most, if that follows from the code (the length of an array,
    `min` with a constant); then `make` is not needed any more. Else it has
    `goescape.fixes.constantCapacity` elements (64 by default), never more than fit on the stack.

The behaviour stays the same: the array is new, and zero, whenever the declaration is reached, and `array[:n:n]` has
the length and the capacity that `make` gives. Where n may be negative, the caveat says that the panic has another
text. It is no safe bet unless a bound of no more than that follows from the code: with more elements the array is cleared in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import respaced
from goescape.ide.fixes.sizes import bound_of, may_be_negative
from goescape.ide.fixes.snapshot import Path, Snapshot, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.types import Basic, Slice

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "backing-array"

_PANICS = "the size is negative: the panic has another text"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    found = finding.allocates
    is_silent = not finding.is_heap and found is not None and found.call == "makeslice"
    if not (is_silent or finding.code == "escapes"):
        return
    path = snapshot.path_of(finding)
    call = path[-1] if path else None
    if not isinstance(call, ast.CallExpr) or snapshot.builtin(call) != "make":
        return
    stmt = path[-2]
    if not isinstance(stmt, ast.AssignStmt) or stmt.op != ":=" or stmt.rhs is not call:
        return
    if not isinstance(stmt.lhs, ast.Name) or not isinstance(
        path[-3], ast.BlockStmt | ast.CaseClause | ast.CommClause
    ):
        return
    t = snapshot.type(call)
    u = t.underlying if t is not None else None
    if not isinstance(u, Slice) or snapshot.has_comment(stmt):
        return
    written, size, *capacity = call.arg_list
    if capacity and (
        not isinstance(unparen(size), ast.Name)
        or snapshot.object(unparen(capacity[0])) is not snapshot.object(unparen(size))
    ):
        return
    if snapshot.constant(size) is not None or snapshot.calls_something(size):
        return
    width = snapshot.size(u.elem)
    if not isinstance(written, ast.SliceType) or width <= 0:
        return
    room = snapshot.release.max_implicit_stack_var_size // width
    bound = bound_of(snapshot, size)
    length = bound if bound is not None else min(snapshot.constant_capacity, room)
    if not 0 < length <= room or (bound is None and not is_silent):
        return
    file = snapshot.path_of_node(stmt)
    start, end = snapshot.span(stmt)
    comment = "" if bound is not None else _comment_behind(snapshot, file, end)
    text = _written(snapshot, path, stmt, written, size, length, bound is not None, comment)
    end += len(comment.encode("utf-8", "surrogateescape"))
    yield Fix(
        CODE, f"Use an array of {length} elements", (Edit(file, start, end, text),),
        _PANICS if may_be_negative(snapshot, path[0], size) else "", is_safe_bet=bound is not None and bound <= snapshot.constant_capacity,
        has_fallback=bound is None,
    )  # fmt: skip


def _written(
    snapshot: Snapshot,
    path: Path,
    stmt: ast.AssignStmt,
    written: ast.SliceType,
    size: ast.Expr,
    length: int,
    is_bound: bool,
    comment: str,
) -> str:
    """The declaration with an array, and with `make` for what does not fit unless the length `is_bound`; then
    the `comment` is behind the variable."""
    name = snapshot.source(stmt.lhs)
    elem = snapshot.source(written.elem)
    array = snapshot.fresh(path[0], f"{name}Buf")
    n = respaced(snapshot, unparen(size), 1)
    lines = [f"var {array} [{length}]{elem}"]
    if not isinstance(unparen(size), ast.Name):
        count = snapshot.fresh(path[0], f"{name}Len")
        lines.append(f"{count} := {n}")
        n = count
    if is_bound:
        lines.append(f"{name} := {array}[:{n}:{n}]")
    else:
        fits = f"{n} <= len({array})" if _is_int(snapshot, path[0], size) else f"{n} <= {length}"
        lines += [
            f"var {name} []{elem}{comment}",
            f"if {fits} {{",
            f"\t{name} = {array}[:{n}:{n}]",
            "} else {",
            f"\t{name} = make([]{elem}, {n})",
            "}",
        ]
    file = snapshot.path_of_node(stmt)
    indent = snapshot.indent(file, snapshot.span(stmt)[0])
    return f"\n{indent}".join(lines)


def _comment_behind(snapshot: Snapshot, file: str, end: int) -> str:
    """The comment behind `end` in its line, with the blanks before it; "" if something else is there."""
    text = snapshot.text(file)
    line = text[end : text.find(b"\n", end)].rstrip()
    behind = line.strip()
    is_comment = behind.startswith(b"//") or (behind.startswith(b"/*") and behind.endswith(b"*/"))
    return line.decode("utf-8", "surrogateescape") if is_comment else ""


def _is_int(snapshot: Snapshot, root: ast.Node, size: ast.Expr) -> bool:
    """Whether the size can be compared with what `len` gives."""
    t = snapshot.type(size)
    if not isinstance(t, Basic) or t.kind != "int" or snapshot.pkg.scope.lookup("len") is not None:
        return False
    names = (n for n in walk(root) if isinstance(n, ast.Name) and n.value == "len")
    return not any(n in snapshot.info.defs for n in names)

"""Fit the limit.

What is larger than the compiler's limits goes to the heap whatever is done with it: 64 KiB for what `make`
makes, 128 KiB for a declared variable (10 MiB before go1.24). A size that is written in one place only
can be cut to the largest that stays.

When it is offered
  - the finding's only reason is the size;
  - the size is a constant written there: in `make([]T, N)`, `make([]T, 0, N)`, or `var a [N]T`.

A smaller capacity keeps the behaviour when nobody looks at it (see `constant_capacity`). A smaller length
changes it when more elements are used; then passing a buffer in, or a `sync.Pool`, is the other way.

Source: cmd/compile/internal/ir/cfg.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.constant_capacity import assigned_variable, kept_to_itself
from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.snapshot import Snapshot
from goescape.syntax import ast
from goescape.typecheck.types import Slice

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "fit-limit"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.rule != "too-large-for-stack":
        return
    path = snapshot.path_of(finding)
    node = path[-1] if path else None
    if finding.code == "moved":
        array = _array_type(path)
        if array is not None and array.len is not None:
            t = snapshot.type(array.elem)
            width = snapshot.size(t) if t is not None else 0
            yield from _cut(snapshot, array.len, width, snapshot.release.max_stack_var_size, True)
        return
    if not isinstance(node, ast.CallExpr) or snapshot.builtin(node) != "make":
        return
    t = snapshot.type(node)
    u = t.underlying if t is not None else None
    if not isinstance(u, Slice) or len(node.arg_list) not in (2, 3):
        return
    is_length = len(node.arg_list) == 2
    if not is_length:
        obj = assigned_variable(snapshot, path)
        if obj is None or not kept_to_itself(snapshot, path[0], obj):
            is_length = True
        if not isinstance(snapshot.constant(node.arg_list[1]), int):
            return
    limit = snapshot.release.max_implicit_stack_var_size
    yield from _cut(snapshot, node.arg_list[-1], snapshot.size(u.elem), limit, is_length)


def _array_type(path: list[ast.Node]) -> ast.ArrayType | None:
    """The array type written in the declaration of the variable at the end of a path."""
    for parent in reversed(path[:-1]):
        if isinstance(parent, ast.VarDecl):
            found = parent.type
            return found if isinstance(found, ast.ArrayType) and parent.values is None else None
        if not isinstance(parent, ast.ListExpr):
            return None
    return None


def _cut(
    snapshot: Snapshot, size: ast.Expr, width: int, limit: int, is_length: bool
) -> Iterator[Fix]:
    value = snapshot.constant(size)
    if width <= 0 or not isinstance(value, int) or value <= limit // width:
        return
    if not all(isinstance(n, ast.BasicLit) for n in _leaves(size)):
        return
    most = limit // width
    file = snapshot.path_of_node(size)
    start, end = snapshot.span(size)
    source = snapshot.source(size)
    text = str(most)
    bits = snapshot.constant(size.y) if isinstance(size, ast.Operation) and size.y else None
    if isinstance(size, ast.Operation) and size.op == "<<" and isinstance(bits, int):
        bits = bits if most % (1 << bits) == 0 else most.bit_length() - 1
        if most % (1 << bits) == 0:
            text = f"{most >> bits}{' << ' if ' << ' in source else '<<'}{bits}"
    for suffix in ("*1024", " * 1024"):
        if source.endswith(suffix) and most % 1024 == 0:
            text = f"{most // 1024}{suffix}"
    caveat = f"more than {most} elements are used" if is_length else ""
    yield Fix(CODE, f"Fit the limit: {most} elements", (Edit(file, start, end, text),), caveat)


def _leaves(x: ast.Expr) -> Iterator[ast.Expr]:
    if isinstance(x, ast.Operation) and x.y is not None:
        yield from _leaves(x.x)
        yield from _leaves(x.y)
    elif isinstance(x, ast.ParenExpr):
        yield from _leaves(x.x)
    else:
        yield x

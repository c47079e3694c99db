"""Return the value, not its address.

A constructor that returns `&T{...}` makes every caller pay for a value on the heap. If it returns `T{...}`, the
value lies where the caller wants it: in a variable on the stack, mostly.

When it is offered
  - the function has one result, of type `*T`, or more of which that is the first, and every `return` gives
    `&T{...}` or `&v` with a local variable v that is used as a value otherwise, outside of literals;
  - beside other results it may be nil: that becomes `T{}` for a struct or array;
  - T has at most 128 bytes, whatever its type arguments are, and holds no lock; and v was not used in a way after
    which it may hold its own address, as a `strings.Builder` does;
  - every call is the initial value of a variable that is never assigned again and is not
    compared with nil, or is dereferenced at once, or its result is dropped;
  - no test or other use needs the old signature (see `signature`).

The behaviour stays the same: every call makes a new value, before and after, and each caller's variable
stands for that value alone. Where it was nil beside an error, nobody can tell if the error is surely one and
every caller turns away at once; else the caveat says so, as where a method may be found without being called by
its name. If the function is exported, callers in other packages that are worked on
are changed with it; the title says that there may be more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.beside_error import is_surely_error, turns_away
from goescape.ide.fixes.declare_value import as_value
from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.signature import callers
from goescape.ide.fixes.snapshot import Path, Snapshot, has_lock, has_own_address, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import children, walk
from goescape.typecheck.objects import Nil, Var
from goescape.typecheck.types import Array, Pointer, Signature, Struct, unalias
from goescape.typecheck.universe import UNIVERSE_ERROR

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "return-value"

MAX_BYTES = 128
"""Larger values are not copied about."""


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if not finding.is_heap or not finding.subject:
        return
    if finding.code == "escapes" and not finding.subject.startswith("&"):
        return
    path = snapshot.path_of(finding)
    if not path or not isinstance(path[0], ast.FuncDecl):
        return
    decl = path[0]
    if any(isinstance(n, ast.FuncLit) for n in path):
        return
    found = callers(snapshot, decl)
    sig = found.obj.type if found is not None else None
    if found is None or not isinstance(sig, Signature) or not sig.results.vars:
        return
    result = decl.type.result_list[0]
    t = unalias(sig.results.vars[0].type)
    written = result.type
    if not isinstance(t, Pointer) or result.name is not None:
        return
    if not isinstance(written, ast.Operation) or written.op != "*":
        return
    if not 0 <= snapshot.size(t.elem) <= MAX_BYTES or has_lock(t.elem):
        return
    zero = f"{snapshot.source(written.x)}{{}}"
    if not isinstance(t.elem.underlying, Struct | Array):
        zero = ""
    returned = _returns(snapshot, decl, path[-1], len(sig.results.vars), zero)
    if returned is None:
        return
    edits, errors = returned
    is_free = all(errors)
    file = snapshot.path_of_node(decl)
    start, end = snapshot.span(written)
    edits.append(Edit(file, start, end, snapshot.source(written.x)))
    for where, call, above in found.calls:
        more = _caller(where, call, above)
        if more is None:
            return
        edits += more
        is_free = is_free and (not errors or turns_away(where, call, above))
    yield Fix(
        CODE, f"Return the value from `{found.obj.name}`, not its address", tuple(edits),
        ", or ".join(filter(None, ("" if is_free else _nil(sig), found.caveat))),
        exported=found.exported, elsewhere=found.elsewhere,
    )  # fmt: skip


def _nil(sig: Signature) -> str:
    """What must not be done with what was nil."""
    last = sig.results.vars[-1].type
    return f"a caller uses {'what comes beside an error' if last is UNIVERSE_ERROR else 'what was nil'}"


def _returns(
    snapshot: Snapshot, decl: ast.FuncDecl, found: ast.Node, n_results: int, zero: str
) -> tuple[list[Edit], list[bool]] | None:
    """Every `return` of the function without its `&`, and `zero` for nil; and of each nil whether there
    surely is an error beside it. None if one returns something else, or none returns what was `found`."""
    edits: list[Edit] = []
    errors: list[bool] = []
    is_ours = False
    stack: list[ast.Node] = [decl.body] if decl.body is not None else []
    while stack:
        n = stack.pop()
        if isinstance(n, ast.FuncLit):
            continue
        if isinstance(n, ast.ReturnStmt):
            x = n.results
            others: list[ast.Expr] = []
            if isinstance(x, ast.ListExpr):
                x, *others = x.elem_list
            if len(others) != n_results - 1:
                return None
            file = snapshot.path_of_node(decl)
            if x is not None and isinstance(snapshot.object(x), Nil) and others and zero:
                edits.append(Edit(file, *snapshot.span(x), zero))
                errors.append(is_surely_error(snapshot, n, others[-1]))
                continue
            if not isinstance(x, ast.Operation) or x.op != "&" or x.y is not None:
                return None
            target = unparen(x.x)
            obj = snapshot.object(target)
            if isinstance(target, ast.Name):
                if not isinstance(obj, Var) or not is_local(obj):
                    return None
                if not _is_plain(snapshot, decl, obj) or _may_hold_itself(snapshot, decl, obj):
                    return None
                is_ours |= snapshot.object(found if isinstance(found, ast.Expr) else None) is obj
            elif not isinstance(target, ast.CompositeLit):
                return None
            is_ours |= found is x
            start, _ = snapshot.span(x)
            first, _ = snapshot.span(x.x)
            edits.append(Edit(file, start, first, ""))
            continue
        stack.extend(children(n))
    return (edits, errors) if is_ours else None


def _is_plain(snapshot: Snapshot, decl: ast.FuncDecl, obj: Var) -> bool:
    """Whether a local is used as a value but for `return &v`."""
    for n in walk(decl):
        if isinstance(n, ast.FuncLit | ast.CallStmt) and snapshot.uses_in(n, obj):
            return False
        if isinstance(n, ast.Operation) and n.op == "&" and n.y is None:
            if snapshot.object(unparen(n.x)) is not obj and snapshot.uses_in(n, obj):
                return False
            above = [x for x in snapshot.parents(n) if not isinstance(x, ast.ListExpr)]
            if snapshot.object(unparen(n.x)) is obj and not isinstance(above[-1], ast.ReturnStmt):
                return False
        if isinstance(n, ast.SliceExpr) and snapshot.object(unparen(n.x)) is obj:
            return False
    return True


def _may_hold_itself(snapshot: Snapshot, decl: ast.FuncDecl, obj: Var) -> bool:
    """Whether a method of a local, or of a part of it, may have stored there where it lies, unseen."""
    if not has_own_address(obj.type, snapshot.pkg):
        return False
    return any(
        isinstance(n, ast.SelectorExpr)
        and (found := snapshot.selection(n)) is not None
        and found.kind != "field"
        and snapshot.uses_in(n.x, obj)
        for n in walk(decl)
    )


def _caller(snapshot: Snapshot, call: ast.CallExpr, above: Path) -> list[Edit] | None:
    """What becomes of a call; None if it needs the pointer."""
    parent = above[-1] if above else None
    file = snapshot.path_of_node(call)
    if isinstance(parent, ast.ExprStmt):
        return []
    if isinstance(parent, ast.Operation) and parent.op == "*" and parent.y is None:
        start, end = snapshot.span(parent)
        return [Edit(file, start, snapshot.span(call)[0], "")] if end else None
    if isinstance(parent, ast.AssignStmt) and parent.rhs is call and parent.op in (":=", ""):
        first = parent.lhs.elem_list[0] if isinstance(parent.lhs, ast.ListExpr) else parent.lhs
        if isinstance(first, ast.Name) and first.value == "_":
            return []
        obj = snapshot.info.defs.get(first) if isinstance(first, ast.Name) else None
    elif isinstance(parent, ast.VarDecl) and parent.values is call and parent.type is None:
        obj = snapshot.info.defs.get(parent.name_list[0])
    else:
        return None
    if not isinstance(obj, Var) or not is_local(obj):
        return None
    return as_value(snapshot, above, obj)

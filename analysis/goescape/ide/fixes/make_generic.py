"""Make it generic.

A value that becomes an interface is copied to the heap if the function it is passed to keeps it, or calls its
methods: nobody knows what they do with it. A type parameter instead of the interface takes the value as it is,
for every type that callers pass.

When it is offered
  - the function is no method, is not exported and has no type parameters yet;
  - every use of it is a call, and one of the calls makes an interface of a value that goes to the heap;
  - in the function the parameter is only passed on, or its methods are called: it is not assigned,
    returned, compared, asserted or switched on, it is not passed on to a function with type parameters, and its
    methods are not taken as values;
  - no call passes nil, from which no type can be inferred;
  - no test or other use needs the old signature (see `signature`), and the module's Go version has
    type parameters (1.18).

The behaviour stays the same: the same methods are called on the same values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.keep_concrete import takes_interface, targets
from goescape.ide.fixes.signature import callers, sole_field
from goescape.ide.fixes.snapshot import Snapshot, unparen
from goescape.syntax import ast
from goescape.typecheck.objects import Nil, Var
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.version import GO1_18, as_go_version

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "make-generic"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    for decl, index in targets(finding, snapshot):
        fix = _changed(snapshot, decl, index)
        if fix is not None:
            yield fix


def _changed(snapshot: Snapshot, decl: ast.FuncDecl, index: int) -> Fix | None:
    fields = decl.type.param_list
    found = callers(snapshot, decl)
    if found is None or found.obj.exported or found.tparams or decl.recv is not None:
        return None
    if index >= len(fields):
        return None
    field = fields[index]
    if field.name is None or isinstance(field.type, ast.DotsType) or not sole_field(fields, field):
        return None
    obj = snapshot.info.defs.get(field.name)
    if not isinstance(obj, Var) or not is_interface(obj.type) or not _has_generics(snapshot, decl):
        return None
    for _, call, _ in found.calls:
        if len(call.arg_list) != len(fields):
            return None
        if isinstance(snapshot.object(unparen(call.arg_list[index])), Nil):
            return None
    if not all(_is_allowed(snapshot, use) for use in snapshot.uses_in(decl, obj)):
        return None
    file = snapshot.path_of_node(decl)
    name = snapshot.fresh(decl, "T", "U", "V")
    _, at = snapshot.span(decl.name)
    start, end = snapshot.span(field.type)
    edits = (
        Edit(file, at, at, f"[{name} {snapshot.source(field.type)}]"),
        Edit(file, start, end, name),
    )
    return Fix(CODE, f"Make `{found.obj.name}` generic in `{obj.name}`", edits)


def _has_generics(snapshot: Snapshot, decl: ast.FuncDecl) -> bool:
    file = snapshot.file(snapshot.path_of_node(decl))
    version = as_go_version(snapshot.info.file_versions.get(file, ""))
    return not version or version >= GO1_18


def _is_allowed(snapshot: Snapshot, use: ast.Name) -> bool:
    """Whether a use of the parameter means the same for a type parameter."""
    *above, parent = snapshot.parents(use)
    if isinstance(parent, ast.SelectorExpr):
        return isinstance(above[-1], ast.CallExpr) and above[-1].fun is parent
    if isinstance(parent, ast.CallExpr):
        return takes_interface(snapshot, parent, use) and not snapshot.is_type(parent.fun)
    return False

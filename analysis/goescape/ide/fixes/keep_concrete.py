"""Keep the concrete type.

A value that becomes an interface is copied to the heap, and what an interface points to is moved there, because
nobody knows which method will be called. A parameter of interface type that only ever gets one concrete type
can have that type; so can a field that only gets that parameter.

When it is offered
  - every call passes a value of one and the same type, which is no interface; a value that is passed to several
    functions may need several of them changed at once;
  - in the function the parameter is not assigned, compared, asserted or switched on, and no literal
    uses it;
  - it may be passed on, but not to a function with type parameters;
  - it may be assigned to a field of interface type, if that field is only ever assigned values of
    this type, and of it only methods are called or it is passed on or returned; the field gets the type, too;
  - no test or other use needs the old signature (see `signature`).

The behaviour stays the same: the same methods are called on the same values. Where a struct may be looked at in which
nothing was assigned to the field, or a method be found without being called by its name, the caveat says so. If the function is exported,
callers in other packages that are worked on must pass that type, too; the title says that there may be more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.constant_capacity import assigned_variable
from goescape.ide.fixes.edit import Edit, ordered
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.set_fields import may_be_unset
from goescape.ide.fixes.signature import callers, sole_field
from goescape.ide.fixes.snapshot import Path, Snapshot
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Object, Var
from goescape.typecheck.predicates import identical, is_interface, is_untyped
from goescape.typecheck.types import Signature, Type, TypeParam, unalias

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "keep-concrete"

_UNSET = "a struct is looked at in which nothing was assigned to `%s`"


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    found = {
        decl.name.value: fix
        for decl, index in targets(finding, snapshot)
        if (fix := _changed(snapshot, decl, index)) is not None
    }
    if len(found) > 1:
        together = _together(found)
        if together is not None:
            yield together
    yield from found.values()


def _together(found: dict[str, Fix]) -> Fix | None:
    """The change of several functions that one value is passed to; None if two do not go together."""
    fixes = list(found.values())
    edits = tuple(dict.fromkeys(e for fix in fixes for e in fix.edits))
    try:
        for path in {e.path for e in edits}:
            ordered(e for e in edits if e.path == path)
    except ValueError:
        return None
    what = " and ".join(f"`{name}`" for name in found)
    exported = [fix.exported for fix in fixes if fix.exported]
    elsewhere = dict.fromkeys(id for fix in fixes for id in fix.elsewhere)
    return Fix(
        CODE, f"Keep the concrete type in {what}", edits,
        ", or ".join(dict.fromkeys(fix.caveat for fix in fixes if fix.caveat)),
        exported=", ".join(exported), elsewhere=tuple(elsewhere),
    )  # fmt: skip


def targets(finding: Finding, snapshot: Snapshot) -> list[tuple[ast.FuncDecl, int]]:
    """The functions of this package that a finding's value is passed to, and as which parameter."""
    if not finding.is_heap:
        return []
    path = snapshot.path_of(finding)
    obj: Object | None
    if finding.code == "escapes":
        sites = [path]
        obj = assigned_variable(snapshot, path)
    else:
        name = path[-1] if path else None
        obj = snapshot.info.defs.get(name) if isinstance(name, ast.Name) else None
        sites = []
    if obj is not None:
        sites += [[*snapshot.parents(use), use] for use in snapshot.uses_in(path[0], obj)]
    found = (_target(snapshot, site) for site in sites)
    return list(dict.fromkeys(target for target in found if target is not None))


def _target(snapshot: Snapshot, path: Path) -> tuple[ast.FuncDecl, int] | None:
    """The function of this package that the end of a path is an argument of, and which one."""
    for i in range(len(path) - 1, 0, -1):
        call, arg = path[i - 1], path[i]
        if isinstance(call, ast.CallExpr):
            callee = snapshot.callee(call)
            decl = snapshot.declaration(callee) if callee is not None else None
            if decl is None or arg not in call.arg_list:
                return None
            return decl, call.arg_list.index(arg)
        if not isinstance(arg, ast.Name | ast.Operation | ast.ParenExpr | ast.SelectorExpr | ast.CallExpr | ast.CompositeLit):  # fmt: skip
            return None
    return None


def _changed(snapshot: Snapshot, decl: ast.FuncDecl, index: int) -> Fix | None:
    found = callers(snapshot, decl)
    fields = decl.type.param_list
    if found is None or not found.calls or index >= len(fields):
        return None
    field = fields[index]
    if field.name is None or isinstance(field.type, ast.DotsType) or not sole_field(fields, field):
        return None
    obj = snapshot.info.defs.get(field.name)
    if not isinstance(obj, Var) or not is_interface(obj.type):
        return None
    t: Type | None = None
    for where, call, _above in found.calls:
        if len(call.arg_list) != len(fields):
            return None
        arg = where.type(call.arg_list[index])
        if (
            arg is None
            or is_interface(arg)
            or is_untyped(arg)
            or isinstance(unalias(arg), TypeParam)
        ):
            return None
        if t is not None and not identical(t, arg):
            return None
        t = arg
    assert t is not None
    uses = _uses(snapshot, decl, obj, t)
    if uses is None:
        return None
    edits, caveats = uses
    file = snapshot.path_of_node(decl)
    written = snapshot.type_text(t, file, decl)
    if written is None:
        return None
    start, end = snapshot.span(field.type)
    edits.append(Edit(file, start, end, written))
    return Fix(
        CODE, f"Keep the concrete type: `{obj.name} {written}`", tuple(dict.fromkeys(edits)),
        ", or ".join(filter(None, dict.fromkeys([*caveats, found.caveat]))),
        exported=found.exported, elsewhere=found.elsewhere,
    )  # fmt: skip


def _uses(
    snapshot: Snapshot, decl: ast.FuncDecl, obj: Var, t: Type
) -> tuple[list[Edit], list[str]] | None:
    """Fields that get the type, too, and what has to be said of them; None if a use does not allow it."""
    edits: list[Edit] = []
    caveats: list[str] = []
    for n in walk(decl):
        if isinstance(n, ast.FuncLit) and snapshot.uses_in(n, obj):
            return None
    for use in snapshot.uses_in(decl, obj):
        parent = snapshot.parent(use)
        if isinstance(parent, ast.SelectorExpr) and parent.x is use:
            continue
        if isinstance(parent, ast.CallExpr) and takes_interface(snapshot, parent, use):
            continue
        field: ast.Expr | None = None
        if isinstance(parent, ast.AssignStmt) and parent.rhs is use and parent.op == "":
            field = parent.lhs.sel if isinstance(parent.lhs, ast.SelectorExpr) else None
        elif isinstance(parent, ast.KeyValueExpr) and parent.value is use:
            field = parent.key
        more = _field(snapshot, field, obj, t)
        if more is None:
            return None
        edits.append(more[0])
        caveats.append(more[1])
    return edits, caveats


def takes_interface(snapshot: Snapshot, call: ast.CallExpr, arg: ast.Expr) -> bool:
    """Whether a call makes an interface of an argument that was none, so that it gets what it got: a builtin
    tells types apart, and a function with type parameters would get another one."""
    if arg not in call.arg_list or snapshot.builtin(call) not in ("", "append"):
        return False
    callee = snapshot.callee(call)
    sig = callee.type if callee is not None else None
    return not (isinstance(sig, Signature) and sig.tparams)


def _field(
    snapshot: Snapshot, name: ast.Expr | None, param: Var, t: Type
) -> tuple[Edit, str] | None:
    """The declaration of the field `name` with the type `t`, and a caveat if one is needed; None if it may get
    something else."""
    field = snapshot.object(name) if name is not None else None
    if not isinstance(field, Var) or field.kind != "field" or field.pkg is not snapshot.pkg:
        return None
    if field.exported or snapshot.is_used_unseen(field.name):
        return None
    is_read = False
    for use in snapshot.uses(field):
        above = snapshot.parents(use)
        if not above or not isinstance(above[-1], ast.SelectorExpr | ast.KeyValueExpr):
            return None
        parent = above[-2]
        is_written = isinstance(parent, ast.AssignStmt) and parent.lhs is above[-1]
        if is_written or isinstance(above[-1], ast.KeyValueExpr):
            value: ast.Expr | None
            if isinstance(above[-1], ast.KeyValueExpr):
                value = above[-1].value if above[-1].key is use else None
            else:
                value = parent.rhs if isinstance(parent, ast.AssignStmt) and not parent.op else None
            if value is None:
                return None
            if snapshot.object(value) is param:
                continue
            given = snapshot.type(value)
            if given is None or not identical(given, t):
                return None
            continue
        is_read = True
        if isinstance(parent, ast.CallExpr):
            if not takes_interface(snapshot, parent, above[-1]):
                return None
        elif not isinstance(parent, ast.SelectorExpr | ast.ReturnStmt):
            return None
    for path in snapshot.paths:
        offset = snapshot.positions.offset(field.pos)
        found = snapshot.path_at(path, offset, offset)
        declared = next((n for n in reversed(found) if isinstance(n, ast.Field)), None)
        if (
            declared is None
            or declared.name is None
            or snapshot.info.defs.get(declared.name) is not field
        ):
            continue
        structs = [n for n in found if isinstance(n, ast.StructType)]
        if not structs or not sole_field(structs[-1].field_list, declared):
            return None
        written = snapshot.type_text(t, path, found[0])
        if written is None:
            return None
        start, end = snapshot.span(declared.type)
        is_unset = may_be_unset(snapshot, found, field, is_read)
        return Edit(path, start, end, written), _UNSET % field.name if is_unset else ""
    return None

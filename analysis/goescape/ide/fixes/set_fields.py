"""Whether anybody can see that nothing was assigned to a field.

A field of interface type is nil in a struct that does not set it. If the field gets a concrete type, it is a zero
value there, and who calls its method, or compares or prints the struct, can tell.

Model
  - a struct is *kept to itself* if nothing is done with its values but naming fields and methods, and handing them,
    or pointers to them, to variables, parameters and results of the very same type: nobody compares them, or
    makes interfaces of them;
  - it is *always set* if it is only made by literals that give the field a value.

Invariant: in doubt it can be seen.

Example: with `type sink struct{ last any }`, of which `last` is only assigned, `var s sink` shows nobody what it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.fixes.snapshot import function
from goescape.syntax import ast
from goescape.typecheck.objects import TypeName
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Named, Pointer, Signature, Type, unalias

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Path, Snapshot
    from goescape.typecheck.objects import Var


def may_be_unset(snapshot: Snapshot, declared: Path, field: Var, is_read: bool) -> bool:
    """Whether somebody may look at a struct in which nothing was assigned to `field`, which stands at the end of the
    path `declared`. `is_read`: the field is not only assigned."""
    top, *inner = declared
    if (
        not isinstance(top, ast.TypeDecl)
        or top.tparam_list
        or not isinstance(inner[0], ast.StructType)
    ):
        return True
    owner = snapshot.info.defs.get(top.name)
    named = owner.type if owner is not None else None
    if not isinstance(owner, TypeName) or not isinstance(named, Named):
        return True
    if owner.exported and snapshot.package.name != "main":
        return True
    if snapshot.is_used_unseen(owner.name):
        return True
    return not all(
        _is_private(snapshot, use, field, is_read) for use in snapshot.uses(owner)
    ) or not _is_kept(snapshot, named)


def _is_private(snapshot: Snapshot, use: ast.Name, field: Var, is_read: bool) -> bool:
    """Whether the type is named for a variable, parameter or result of the type or a pointer to it, or for a
    literal; if the field `is_read`, only where it is set."""
    above = snapshot.parents(use)
    is_pointer = isinstance(above[-1], ast.Operation) and above[-1].op == "*"
    written = above.pop() if is_pointer else use
    parent = above[-1]
    if isinstance(parent, ast.CompositeLit) and parent.type is use:
        return not is_read or _sets(parent, field)
    if isinstance(parent, ast.VarDecl) and parent.type is written:
        return is_pointer or not is_read
    if not isinstance(parent, ast.Field):
        return False
    around = above[-2]
    if isinstance(around, ast.FuncDecl):
        return True  # The receiver.
    if not isinstance(around, ast.FuncType) or parent.type is not written:
        return False
    if parent not in around.result_list:
        return True
    # Of several results, interfaces may be made at once: `return f()`.
    return len(around.result_list) == 1 and (is_pointer or not is_read or parent.name is None)


def _sets(literal: ast.CompositeLit, field: Var) -> bool:
    keys = [x.key for x in literal.elem_list if isinstance(x, ast.KeyValueExpr)]
    if len(keys) < len(literal.elem_list):
        return True  # Without keys, all are set.
    return any(isinstance(key, ast.Name) and key.value == field.name for key in keys)


def _is_kept(snapshot: Snapshot, named: Named) -> bool:
    """Whether the values of a struct are kept to themselves."""
    return all(
        _stays_as_it_is(snapshot, x, t)
        for x, found in snapshot.info.types.items()
        if not found.is_type and found.type is not None
        for t in [unalias(found.type)]
        if t is named or (isinstance(t, Pointer) and unalias(t.elem) is named)
    )


def _stays_as_it_is(snapshot: Snapshot, x: ast.Expr, t: Type) -> bool:
    """Whether the value of an expression goes where its type is `t`, too."""
    above = snapshot.parents(x)
    parent = above[-1] if above else None
    if isinstance(parent, ast.SelectorExpr | ast.ExprStmt):
        return True
    if isinstance(parent, ast.Operation):
        return parent.y is None
    if isinstance(parent, ast.VarDecl):
        return parent.type is None
    if isinstance(parent, ast.AssignStmt):
        if parent.lhs is x or parent.op == ":=":
            return True
        other = snapshot.type(parent.lhs)
    elif isinstance(parent, ast.CallExpr):
        other = _parameter(snapshot, parent, x)
    elif isinstance(parent, ast.ReturnStmt):
        other = _result(snapshot, above)
    else:
        return False
    return other is not None and identical(other, t)


def _parameter(snapshot: Snapshot, call: ast.CallExpr, arg: ast.Expr) -> Type | None:
    """The type of the parameter that an argument is for; None if type parameters are at play."""
    callee, sig = snapshot.callee(call), snapshot.type(call.fun)
    declared = callee.type if callee is not None else sig
    if not isinstance(sig, Signature) or not isinstance(declared, Signature) or declared.tparams:
        return None
    at = call.arg_list.index(arg) if arg in call.arg_list else len(sig.params.vars)
    return sig.params.vars[at].type if at < len(sig.params.vars) else None


def _result(snapshot: Snapshot, above: Path) -> Type | None:
    """The type of the only result of the function that is returned from."""
    around = function(above)
    if isinstance(around, ast.FuncLit):
        sig = snapshot.type(around)
    else:
        obj = snapshot.info.defs.get(around.name) if around is not None else None
        sig = obj.type if obj is not None else None
    results = sig.results.vars if isinstance(sig, Signature) else []
    return results[0].type if len(results) == 1 else None

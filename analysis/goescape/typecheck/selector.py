"""Selectors: qualified identifiers, fields, method values and method expressions.

Example: `fmt.Println` is a use of the package and of its function; `x.f` a selection of a field or
method, found through embedded fields; `T.m` a function whose first parameter is the receiver.

Source: cmd/compile/internal/types2/call.go, selector (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.bug import report
from goescape.syntax import ast
from goescape.typecheck.expr import expr_or_type
from goescape.typecheck.lookup import is_interface_ptr, lookup_field_or_method
from goescape.typecheck.objects import (
    Builtin,
    Const,
    Func,
    Object,
    PkgName,
    TypeName,
    Var,
)
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import is_valid, is_valid_name
from goescape.typecheck.recording import METHOD_EXPR_SENTINEL
from goescape.typecheck.types import Pointer, Signature, Tuple
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]

CGO_PREFIXES = (
    "_Ciconst_",
    "_Cfconst_",
    "_Csconst_",
    "_Ctype_",
    "_Cvar_",  # a pointer to the variable
    "_Cfpvar_fp_",
    "_Cfunc_",
    "_Cmacro_",  # a function that evaluates the macro
)


def selector(check: Checker, x: Operand, e: ast.SelectorExpr, want_type: bool) -> None:
    """Check `e`; if `want_type`, it must be a type."""
    if not _selector(check, x, e, want_type):
        x.mode = "invalid"
        x.typ = _INVALID
    x.expr = e


def _selector(check: Checker, x: Operand, e: ast.SelectorExpr, want_type: bool) -> bool:
    name = e.sel.value
    left = e.x
    if isinstance(left, ast.Name):
        obj = check.lookup(left.value)
        if isinstance(obj, PkgName):
            check.info.uses[left] = obj
            obj.used = True
            check.import_uses.setdefault(obj, set()).add(left)
            return _qualified(check, x, e, obj)

    expr_or_type(check, x, left, False)
    mode = x.mode
    if mode == "invalid":
        return False
    if mode == "builtin":
        check.errorf(e.pos, "UncalledBuiltin", "invalid use of %s in selector expression", x)
        return False

    # nothing can be selected of an incomplete type
    typ = x.typ
    if not check.is_complete(typ):
        return False
    if want_type:
        # only a qualified identifier denotes a type
        check.errorf(e.sel, "NotAType", "%s is not a type", e)
        return False
    under = typ.underlying
    if isinstance(under, Pointer) and not check.is_complete(under.elem):
        return False

    found, index, indirect = lookup_field_or_method(typ, mode == "variable", check.pkg, name, False)
    if found is None:
        _not_found(check, x, e, index, indirect)
        return False
    assert index is not None

    if isinstance(found, Var):
        if mode == "typexpr":
            check.errorf(
                e.x,
                "MissingFieldOrMethod",
                "operand for field selector %s must be value of type %s",
                name,
                typ,
            )
            return False
        check.record_selection(e, "field", typ, found, index, indirect)
        x.mode = "variable" if mode == "variable" or indirect else "value"
        x.typ = found.type
        return True

    assert isinstance(found, Func)
    check.obj_decl(found)  # the signature must be known
    check.add_decl_dep(found)
    sig = found.type
    if not isinstance(sig, Signature):
        return False  # was reported
    if mode == "typexpr":
        check.record_selection(e, "method expr", typ, found, index, indirect)
        if sig.recv is None:
            check.error(e, "InvalidDeclCycle", "illegal cycle in method declaration")
            return False
        # The receiver becomes the first parameter, named if the others are.
        params = sig.params.vars
        recv_name = ""
        if params and params[0].name:
            recv_name = sig.recv.name or "_"
        recv = Var(sig.recv.pos, sig.recv.pkg, recv_name, typ, "param")
        new = Signature(None, Tuple([recv, *params]), sig.results, sig.variadic, sig.tparams)
        new.recv_old = METHOD_EXPR_SENTINEL
    else:
        check.record_selection(e, "method value", typ, found, index, indirect)
        # the receiver is taken away, but kept in mind
        new = Signature(None, sig.params, sig.results, sig.variadic, sig.tparams, sig.rparams)
        new.scope = sig.scope
        new.recv_old = sig.recv
    x.mode = "value"
    x.typ = new
    return True


def _not_found(
    check: Checker,
    x: Operand,
    e: ast.SelectorExpr,
    index: tuple[int, ...] | None,
    indirect: bool,
) -> None:
    """Say why `x` has no such field or method."""
    name = e.sel.value
    typ = x.typ
    if not is_valid(typ.underlying):
        return  # was reported
    if index is not None:
        check.errorf(e.sel, "AmbiguousSelector", "ambiguous selector %s.%s", x.expr, name)
        return
    if indirect:
        if x.mode == "typexpr":
            check.errorf(
                e.sel,
                "InvalidMethodExpr",
                "invalid method expression %s.%s (needs pointer receiver (*%s).%s)",
                typ,
                name,
                typ,
                name,
            )
        else:
            check.errorf(
                e.sel, "InvalidMethodExpr", "cannot call pointer method %s on %s", name, typ
            )
        return
    if is_interface_ptr(typ):
        why = check.interface_ptr_error(typ)
    else:
        alt, _, _ = lookup_field_or_method(typ, x.mode == "variable", check.pkg, name, True)
        why = check.lookup_error(typ, name, alt, False)
    check.errorf(e.sel, "MissingFieldOrMethod", "%s.%s undefined (%s)", x.expr, name, why)


def _qualified(check: Checker, x: Operand, e: ast.SelectorExpr, pkg_name: PkgName) -> bool:
    """`p.Name` of an imported package."""
    name = e.sel.value
    pkg = pkg_name.imported
    func_mode = "value"
    exp: Object | None = None
    if pkg.cgo:
        # C's objects are declared by this package itself, under prefixed names.
        if name == "malloc":
            name = "_CMalloc"
        else:
            func_mode = "cgofunc"
        for prefix in CGO_PREFIXES:
            exp = check.lookup(prefix + name)
            if exp is not None:
                break
        if exp is None:
            if is_valid_name(name):
                check.errorf(e.sel, "UndeclaredImportedName", "undefined: %s", e)
            return False
        check.obj_decl(exp)
    else:
        exp = pkg.scope.lookup(name)
        if exp is None:
            if not pkg.fake and is_valid_name(name):
                similar = pkg.scope.lookup_ignoring_case(name, True)
                if similar:
                    check.errorf(
                        e.sel,
                        "UndeclaredImportedName",
                        "undefined: %s (but have %s)",
                        e,
                        similar[0].name,
                    )
                else:
                    check.errorf(e.sel, "UndeclaredImportedName", "undefined: %s", e)
            return False
        if not exp.exported:
            check.errorf(
                e.sel, "UnexportedName", "name %s not exported by package %s", name, pkg.name
            )
            # safe to continue
    check.info.uses[e.sel] = exp

    typ = exp.type
    if isinstance(exp, TypeName):
        x.mode, x.typ = "typexpr", typ
    elif isinstance(exp, Func):
        x.mode, x.typ = func_mode, typ
        if pkg.cgo and exp.name.startswith("_Cmacro_") and isinstance(typ, Signature):
            x.mode, x.typ = "value", typ.results.vars[0].type
    elif isinstance(exp, Const):
        x.mode, x.typ, x.val = "constant", typ, exp.val
    elif isinstance(exp, Var):
        x.mode, x.typ = "variable", typ
        if pkg.cgo and exp.name.startswith("_Cvar_") and isinstance(typ, Pointer):
            x.typ = typ.elem
    elif isinstance(exp, Builtin):
        x.mode, x.typ, x.id = "builtin", typ, exp.name
    else:
        report(f"unexpected imported object {exp.name}", e.sel.pos)
        return False
    return True

"""Names and type expressions.

Invariants
  - a type expression always yields a type: the invalid one after an error;
  - every type expression is recorded, generic ones by `generic_type` only.

Example: in `map[string][]T`, the key and the element are checked as variable types, and that the
key is comparable is checked later, when T is surely known.

Source: cmd/compile/internal/types2/typexpr.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck import constant, version
from goescape.typecheck.const import representable_const
from goescape.typecheck.info import TypeAndValue
from goescape.typecheck.objects import (
    Builtin,
    Const,
    Func,
    Nil,
    Object,
    PkgName,
    TypeName,
    Var,
)
from goescape.typecheck.objectstring import object_kind
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    comparable,
    is_generic,
    is_integer,
    is_type_param,
    is_untyped,
    is_valid,
    is_valid_name,
)
from goescape.typecheck.resolver import unpack_list_expr
from goescape.typecheck.types import (
    Alias,
    Array,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Tuple,
    Type,
)
from goescape.typecheck.typeset import compute_interface_type_set
from goescape.typecheck.universe import TYP, UNIVERSE_ANY, UNIVERSE_COMPARABLE, UNIVERSE_IOTA

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]


def ident(check: Checker, x: Operand, e: ast.Name, want_type: bool) -> None:
    """Set `x` to what the name `e` denotes; invalid after an error. With `want_type` only a type
    will do."""
    x.mode = "invalid"
    x.expr = e
    name = e.value
    scope = check.scope
    while True:
        obj = scope.elems.get(name)
        if obj is not None:
            break
        parent = scope.parent
        if parent is None:
            if name == "_":
                check.error(e, "InvalidBlank", "cannot use _ as value or type")
            elif is_valid_name(name):
                check.errorf(e, "UndeclaredName", "undefined: %s", name)
            return
        scope = parent
    cls = obj.__class__
    if obj is UNIVERSE_ANY or obj is UNIVERSE_COMPARABLE:
        if not check.verify_versionf(e, version.GO1_18, "predeclared %s", name):
            return
    check.info.uses[e] = obj
    got_type = cls is TypeName
    if want_type and not got_type:
        check.errorf(e, "NotAType", "%s (%s) is not a type", obj.name, object_kind(obj))
        if cls is Var and obj.pkg is check.pkg:
            obj.used = True  # type: ignore[attr-defined]  # it is a variable
        return
    typ = obj.typ
    if typ is None or (got_type and want_type and obj.pkg is check.pkg and check.obj_path):
        # For a known type this finds cycles.
        check.obj_decl(obj)
        typ = obj.typ
        assert typ is not None
    if check.dot_import_map:
        pkg_name = check.dot_import_map.get((scope, name))
        if pkg_name is not None:
            pkg_name.used = True
            check.import_uses.setdefault(pkg_name, set()).add(e)
    if cls is Var:
        if obj.pkg is check.pkg:
            obj.used = True  # type: ignore[attr-defined]  # it is a variable
        d = check.decl
        if d is not None and obj in check.obj_map:
            d.deps[obj] = None
        if typ is _INVALID or not is_valid(typ):
            return
        x.mode = "variable"
    elif got_type:
        x.mode = "typexpr"
    elif cls is Func:
        check.add_decl_dep(obj)
        x.mode = "value"
    elif isinstance(obj, Const):
        check.add_decl_dep(obj)
        if not is_valid(typ):
            return
        if obj is UNIVERSE_IOTA:
            if check.iota is None:
                check.error(e, "InvalidIota", "cannot use iota outside constant declaration")
                return
            x.val = check.iota
        else:
            x.val = obj.val
        x.mode = "constant"
    elif isinstance(obj, Builtin):
        x.id = obj.name
        x.mode = "builtin"
    elif isinstance(obj, Nil):
        x.mode = "nilvalue"
    elif isinstance(obj, PkgName):
        check.errorf(e, "InvalidPkgUse", "use of package %s not in selector", obj.name)
        return
    x.typ = typ


# --- types ---------------------------------------------------------------------------------------


def typ(check: Checker, e: ast.Expr) -> Type:
    """The type `e` denotes; it must not be generic."""
    return check.declared_type(e, None)


def var_type(check: Checker, e: ast.Expr) -> Type:
    """Like `typ`; it must not be a constraint interface either."""
    t = check.declared_type(e, None)
    check.valid_var_type(e, t)
    return t


def valid_var_type(check: Checker, e: ast.Expr, typ: Type) -> None:
    cls = typ.__class__
    if cls is not Named and cls is not Alias and cls is not Interface:
        return  # cannot be an interface with type terms
    if cls is Alias and is_type_param(typ):
        return

    # Not in the middle of a declaration that the interface may belong to.
    def validate() -> None:
        t = typ.underlying
        if not isinstance(t, Interface) or is_type_param(typ):
            return
        pos = start_pos(e)
        tset = compute_interface_type_set(check, pos, t)
        if not tset.is_method_set():
            what = "contains type constraints"
            if tset.comparable:
                what = "is (or embeds) comparable"
            check.soft_errorf(
                pos,
                "MisplacedConstraintIface",
                "cannot use type %s outside a type constraint: interface " + what,
                typ,
            )

    check.later_check(validate)


def declared_type(check: Checker, e: ast.Expr, def_: TypeName | None) -> Type:
    """Like `typ`; `def_` is the type name that `e` declares, if any."""
    t = check.typ_internal(e, def_)
    cls = t.__class__
    if (cls is Named or cls is Alias) and is_generic(t):
        check.errorf(e, "WrongTypeArgCount", "cannot use generic type %s without instantiation", t)
        t = _INVALID
    check.info.types[e] = TypeAndValue("typexpr", t)
    return t


def generic_type(check: Checker, e: ast.Expr, cause: list[str] | None) -> Type:
    """The generic type `e` denotes. If it denotes a type that is not generic, the result is
    invalid and `cause` says so; after any other error only the result is."""
    t = check.typ_internal(e, None)
    if is_valid(t) and not is_generic(t):
        if cause is not None:
            cause[:] = [check.sprintf("%s is not a generic type", t)]
        t = _INVALID
    check.info.types[e] = TypeAndValue("typexpr", t)
    return t


def typ_internal(check: Checker, e: ast.Expr, def_: TypeName | None) -> Type:
    f = _TYPES.get(e.__class__)
    if f is not None:
        return f(check, e, def_)
    check.errorf(e, "NotAType", "%s is not a type", e)
    check.use(e)
    return _INVALID


def _operand_type(check: Checker, x: Operand) -> Type:
    mode = x.mode
    if mode == "typexpr":
        return x.typ
    if mode == "novalue":
        check.errorf(x, "NotAType", "%s used as type", x)
    elif mode != "invalid":
        check.errorf(x, "NotAType", "%s is not a type", x)
    return _INVALID


def _name_type(check: Checker, e: ast.Name, def_: TypeName | None) -> Type:
    x = Operand()
    check.ident(x, e, True)
    return _operand_type(check, x)


def _selector_type(check: Checker, e: ast.SelectorExpr, def_: TypeName | None) -> Type:
    x = Operand()
    check.selector(x, e, True)
    return _operand_type(check, x)


def _bad_type(check: Checker, e: ast.BadExpr, def_: TypeName | None) -> Type:
    return _INVALID


def _index_type(check: Checker, e: ast.IndexExpr, def_: TypeName | None) -> Type:
    check.verify_versionf(e, version.GO1_18, "type instantiation")
    return check.instantiated_type(e.x, unpack_list_expr(e.index))


def _paren_type(check: Checker, e: ast.ParenExpr, def_: TypeName | None) -> Type:
    # Generic types cannot be parenthesised.
    return check.declared_type(e.x, def_)


def _array_type(check: Checker, e: ast.ArrayType, def_: TypeName | None) -> Type:
    t = Array(_INVALID, -1)
    if e.len is not None:
        t.len = check.array_length(e.len)
    else:
        check.error(
            e, "BadDotDotDotSyntax", "invalid use of [...] array (outside a composite literal)"
        )
    t.elem = check.var_type(e.elem)
    return t if t.len >= 0 else _INVALID


def _slice_type(check: Checker, e: ast.SliceType, def_: TypeName | None) -> Type:
    return Slice(check.var_type(e.elem))


def _dots_type(check: Checker, e: ast.DotsType, def_: TypeName | None) -> Type:
    check.error(e, "InvalidSyntaxTree", "invalid use of ...")
    return _INVALID


def _struct_type(check: Checker, e: ast.StructType, def_: TypeName | None) -> Type:
    t = Struct([], [])
    check.struct_type(t, e)
    return t


def _pointer_type(check: Checker, e: ast.Operation, def_: TypeName | None) -> Type:
    if e.op == "*" and e.y is None:
        base = check.var_type(e.x)
        # A pointer to something invalid only leads to more errors.
        return Pointer(base) if base is not _INVALID else _INVALID
    check.errorf(e, "NotAType", "%s is not a type", e)
    check.use(e)
    return _INVALID


def _func_type(check: Checker, e: ast.FuncType, def_: TypeName | None) -> Type:
    t = Signature(None, Tuple([]), Tuple([]), False)
    check.func_type(t, None, None, e)
    return t


def _interface_type(check: Checker, e: ast.InterfaceType, def_: TypeName | None) -> Type:
    t = check.new_interface()
    check.interface_type(t, e, def_)
    return t


def _map_type(check: Checker, e: ast.MapType, def_: TypeName | None) -> Type:
    key = check.var_type(e.key)
    t = Map(key, check.var_type(e.value))

    def validate() -> None:
        if not comparable(key):
            why = " (missing comparable constraint)" if is_type_param(key) else ""
            check.errorf(e.key, "IncomparableMapKey", "invalid map key type %s%s", key, why)

    check.later_check(validate)
    return t


def _chan_type(check: Checker, e: ast.ChanType, def_: TypeName | None) -> Type:
    return Chan(e.dir, check.var_type(e.elem))


_TYPES: dict[type, Callable[..., Type]] = {
    ast.BadExpr: _bad_type,
    ast.Name: _name_type,
    ast.SelectorExpr: _selector_type,
    ast.IndexExpr: _index_type,
    ast.ParenExpr: _paren_type,
    ast.ArrayType: _array_type,
    ast.SliceType: _slice_type,
    ast.DotsType: _dots_type,
    ast.StructType: _struct_type,
    ast.Operation: _pointer_type,
    ast.FuncType: _func_type,
    ast.InterfaceType: _interface_type,
    ast.MapType: _map_type,
    ast.ChanType: _chan_type,
}


def instantiated_type(check: Checker, x: ast.Expr, xlist: list[ast.Expr]) -> Type:
    """The instance `x[xlist]` of a generic type."""
    cause: list[str] = []
    gtyp = check.generic_type(x, cause)
    if cause:
        check.errorf(x, "NotAGenericType", "invalid operation: %s%s (%s)", x, xlist, cause[0])
    if not is_valid(gtyp):
        return gtyp
    targs = check.type_list(xlist)
    if targs is None:
        return _INVALID
    inst = check.instance(x.pos, gtyp, targs)
    if not isinstance(inst, (Named, Alias)):
        return _INVALID
    check.record_instance(x, targs, inst)

    # The type parameters of the generic type may not be set up yet.
    def validate() -> None:
        tparams = inst.tparams
        if not check.validate_targ_len(x.pos, inst.obj.name, len(tparams), len(targs)):
            return
        i, why = check.verify(x.pos, tparams, targs)
        if why:
            pos: Pos = start_pos(xlist[i]) if 0 <= i < len(xlist) else x.pos
            check.soft_errorf(pos, "InvalidTypeArg", "%s", why)
        else:
            check.mono.record_instance(check.pkg, x.pos, tparams, targs, xlist)

    check.later_check(validate)
    return inst


def array_length(check: Checker, e: ast.Expr) -> int:
    """The array length `e` denotes; negative after an error."""
    if isinstance(e, ast.Name):
        # It may be meant as a type parameter: type T[P any] ... without the constraint.
        obj: Object | None = check.lookup(e.value)
        if obj is None:
            check.errorf(
                e,
                "InvalidArrayLen",
                "undefined array length %s or missing type constraint",
                e.value,
            )
            return -1
        if not isinstance(obj, Const):
            check.errorf(e, "InvalidArrayLen", "invalid array length %s", e.value)
            return -1
    x = Operand()
    check.expr(None, x, e)
    if x.mode != "constant":
        if x.mode != "invalid":
            check.errorf(x, "InvalidArrayLen", "array length %s must be constant", x)
        return -1
    if is_untyped(x.typ) or is_integer(x.typ):
        val = constant.to_int(x.val)
        if isinstance(val, int) and not isinstance(val, bool):
            if representable_const(val, check, TYP["int"])[0] and val >= 0:
                return val
    msg = "array length %s must be integer"
    if is_integer(x.typ):
        msg = "invalid array length %s"
    check.errorf(x, "InvalidArrayLen", msg, x)
    return -1


def type_list(check: Checker, exprs: list[ast.Expr]) -> list[Type] | None:
    """The types `exprs` denote; None if one is invalid, but all are checked."""
    res: list[Type] = []
    valid = True
    for x in exprs:
        t = check.var_type(x)
        valid = valid and is_valid(t)
        res.append(t)
    return res if valid else None

"""Declarations: constants, variables, types, functions, at package level and in functions.

An object is white (no type yet), grey (being declared: it is on `check.obj_path`) or black (its
type is known). Meeting a grey object means a cycle, which is fine for types that contain
themselves behind a pointer, say, and an error for a constant that needs its own value.

A type declared at package level is declared in two steps unless everything is being checked
(`check.eager`): its name and type parameters at once, what stands behind them when its underlying
type is first asked for. So naming `http.Server` does not look at the server's fields.

Invariants
  - `obj_decl` leaves the environment as it found it and the object with a type;
  - the initialiser of a variable with a declared type is looked at by `var_init`, on its own.

Example: in `type T struct { next *T }`, T is grey while the struct is checked; the inner `T` finds
it on the path, in a cycle with one type definition, and gets the type being built.

Source: cmd/compile/internal/types2/decl.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.source.mention import mention
from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.typecheck import version
from goescape.typecheck.expr import new_target
from goescape.typecheck.objects import Const, Func, Object, TypeName, Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    as_named,
    is_const_type,
    is_generic,
    is_type_param,
    is_valid,
)
from goescape.typecheck.resolver import ConstGroup, DeclInfo, unpack_list_expr
from goescape.typecheck.scope import Scope
from goescape.typecheck.types import (
    Alias,
    Interface,
    Named,
    Signature,
    Struct,
    Tuple,
    Type,
    TypeParam,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.typestring import type_string
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]
MAX_DEPTH = 1000
"""So many declarations may need each other in a row, each standing in front of what it needs."""


def declare(check: Checker, scope: Scope, id: ast.Name | None, obj: Object, pos: Pos) -> None:
    """Put `obj` into `scope`, visible from `pos` on; `id`, if given, is its defining name."""
    if obj.name != "_":
        alt = scope.insert(obj)
        if alt is not None:
            err = check.new_error("DuplicateDecl")
            err.addf(obj, "%s redeclared in this block", obj.name)
            err.add_alt_decl(alt)
            err.report()
            return
        obj.scope_pos = pos
    if id is not None:
        check.info.defs[id] = obj


def obj_decl(check: Checker, obj: Object) -> None:
    """Declare `obj`, a package-level object or method, unless that is done or being done."""
    if obj.pkg is not check.pkg:
        assert obj.type is not None  # its own checker declares it
        return
    if obj in check.obj_path_idx:
        # Grey: a cycle, possibly an invalid one. For constants and variables without a type an
        # initialisation cycle is reported later, with the initialisation order.
        valid = check.valid_cycle(obj)
        if isinstance(obj, (Const, Var)):
            if not valid or obj.typ is None:
                obj.typ = _INVALID
        elif isinstance(obj, TypeName) and not valid:
            obj.typ = _INVALID
        # A function keeps its empty signature.
        return
    if obj.typ is not None:
        return
    d = check.obj_map[obj]
    if len(check.obj_path) > MAX_DEPTH and not isinstance(obj, Func):
        obj.typ = _INVALID
        check.errorf(obj, "InvalidDeclCycle", "%s needs too many other declarations", obj.name)
        return
    check.push(obj)
    env = check.environment()
    check._clear_environment()
    check.scope, check.version, check.owner = d.file, d.version, obj
    if isinstance(obj, Const):
        check.decl = d
        check.const_decl(obj, d.vtyp, d.init, d.inherited)
    elif isinstance(obj, Var):
        check.decl = d
        if d.vtyp is not None and not check.eager:
            obj.typ = check.var_type(d.vtyp)
            d.init_checked = d.init_checked or d.init is None
        else:
            d.init_checked = True
            check.var_decl(obj, d.lhs, d.vtyp, d.init)
    elif isinstance(obj, TypeName):
        assert d.tdecl is not None
        check.type_decl(obj, d.tdecl)
        named = as_named(obj.typ)
        if named is None or named.obj is not obj:
            check.collect_methods(obj)
        else:
            named.methods_loader = lambda: check.collect_methods(obj)
            if check.eager:
                assert named.methods is not None
    elif isinstance(obj, Func):
        check.func_decl(obj, d)
    check.set_environment(env)
    check.pop()


def complete(check: Checker, obj: Object) -> None:
    """Look behind the name of a declared type, and at its methods."""
    named = obj.typ
    if isinstance(named, Named) and named.obj is obj:
        assert named.underlying is not None
        assert named.methods is not None


def valid_cycle(check: Checker, obj: Object) -> bool:
    """Is the cycle that starts at `obj` on the object path allowed? Reports an error if not."""
    cycle = check.obj_path[check.obj_path_idx[obj] :]
    n_values = 0
    n_defs = 0
    for o in cycle:
        if isinstance(o, (Const, Var)):
            n_values += 1
        elif isinstance(o, TypeName):
            # Cycles through type parameter lists are fine: type T[P interface{ m() T[P] }] ...
            if check.in_tparam_list and o.typ is not None and is_generic(o.typ):
                return True
            if not o.is_alias:
                n_defs += 1
    if n_values == len(cycle):
        return True  # reported with the initialisation order
    # Without a type definition we have aliases that expand for ever.
    if n_values == 0 and n_defs > 0:
        return True
    # What a type is made of is looked at later than its name is met, so inside something that
    # needs it: that the type behind it is met again means nothing.
    if isinstance(obj, TypeName) and not check.loading.isdisjoint(cycle[1:]):
        return True
    check.cycle_error(cycle, first_in_src(check, cycle))
    return False


def cycle_error(check: Checker, cycle: list[Object], start: int) -> None:
    """Report a cycle of declarations, beginning with `cycle[start]`."""

    def name(obj: Object) -> str:
        n = as_named(obj.typ) if obj.typ is not None else None
        if n is not None and n.inst is not None:
            return type_string(n, check.qualifier)
        q = check.qualifier(obj.pkg) if obj.pkg is not None else ""
        return q + "." + obj.name if q else obj.name

    obj = cycle[start]
    is_type = isinstance(obj, TypeName)
    if is_type and isinstance(obj.typ, Alias):
        obj.typ.from_rhs = _INVALID  # avoid errors that follow from this one
    if len(cycle) == 1:
        if is_type:
            check.errorf(
                obj, "InvalidDeclCycle", "invalid recursive type: %s refers to itself", name(obj)
            )
        else:
            check.errorf(
                obj,
                "InvalidDeclCycle",
                "invalid cycle in declaration: %s refers to itself",
                name(obj),
            )
        return
    err = check.new_error("InvalidDeclCycle")
    if is_type:
        err.addf(obj, "invalid recursive type %s", name(obj))
    else:
        err.addf(obj, "invalid cycle in declaration of %s", name(obj))
    for i in range(len(cycle)):
        following = cycle[(start + i + 1) % len(cycle)]
        err.addf(obj, "%s refers to %s", name(obj), name(following))
        obj = following
    err.report()


def source_key(check: Checker, pos: Pos) -> tuple[str, int]:
    """Orders positions as in the source: by file, then by place."""
    file = check.positions.file(pos) if pos > 1 else None
    return ("", pos) if file is None else (file.path, check.positions.offset(pos))


def first_in_src(check: Checker, path: list[Object]) -> int:
    """The index of the object declared first in the source."""
    return min(range(len(path)), key=lambda i: source_key(check, path[i].pos))


# --- constants and variables ---------------------------------------------------------------------


def const_decl(
    check: Checker, obj: Const, typ: ast.Expr | None, init: ast.Expr | None, inherited: bool
) -> None:
    iota, errpos = check.iota, check.errpos
    check.iota, check.errpos = obj.val, NO_POS
    obj.val = None  # the value is unknown until we have it
    _const_decl(check, obj, typ, init, inherited)
    check.iota, check.errpos = iota, errpos


def _const_decl(
    check: Checker, obj: Const, typ: ast.Expr | None, init: ast.Expr | None, inherited: bool
) -> None:
    if typ is not None:
        t = check.typ(typ)
        if not is_const_type(t):
            if is_valid(t.underlying):
                check.errorf(typ, "InvalidConstType", "invalid constant type %s", t)
            obj.typ = _INVALID
            return
        obj.typ = t
    x = Operand()
    if init is not None:
        if inherited:
            # The expression stands elsewhere; the name is all there is to point at.
            check.errpos = obj.pos
        check.expr(None, x, init)
    check.init_const(obj, x)


def var_decl(
    check: Checker, obj: Var, lhs: list[Var] | None, typ: ast.Expr | None, init: ast.Expr | None
) -> None:
    if typ is not None:
        obj.typ = check.var_type(typ)
    if init is None:
        if typ is None:
            obj.typ = _INVALID  # reported by `arity`
        return
    _initialize(check, obj, lhs, typ is not None, init)


def _initialize(
    check: Checker, obj: Var, lhs: list[Var] | None, typed: bool, init: ast.Expr
) -> None:
    if lhs is None or len(lhs) == 1:
        x = Operand()
        check.expr(new_target(obj.typ, obj.name), x, init)
        check.init_var(obj, x, "variable declaration")
        return
    if typed:
        # All have the declared type, rather than those of the values.
        for v in lhs:
            v.typ = obj.typ
    check.init_vars(lhs, [init], None)


def var_init(check: Checker, obj: Var, d: DeclInfo) -> None:
    """Check the initialiser of a package-level variable whose type is known by declaration."""
    if d.init_checked:
        return
    d.init_checked = True
    if d.init is None:
        return
    pushed = obj not in check.obj_path_idx
    if pushed:
        check.push(obj)
    env = check.environment()
    check._clear_environment()
    check.scope, check.version, check.decl, check.owner = d.file, d.version, d, obj
    if d.lhs is not None:
        for v in d.lhs:
            assert v.type is not None
    _initialize(check, obj, d.lhs, d.vtyp is not None, d.init)
    check.set_environment(env)
    if pushed:
        check.pop()


# --- types ---------------------------------------------------------------------------------------


def is_imported_constraint(check: Checker, typ: Type | None) -> bool:
    named = as_named(typ) if typ is not None else None
    if named is None or named.obj.pkg is check.pkg or named.obj.pkg is None:
        return False
    u = named.underlying
    return isinstance(u, Interface) and not type_set(u).is_method_set()


def type_decl(check: Checker, obj: TypeName, tdecl: ast.TypeDecl) -> None:
    tparam0 = tdecl.tparam_list[0] if tdecl.tparam_list else None
    if tdecl.alias:
        _alias_decl(check, obj, tdecl, tparam0)
        return
    version_err = tparam0 is not None and not check.verify_versionf(
        tparam0, version.GO1_18, "type parameter"
    )
    named = check.new_named(obj, None, None)
    if tparam0 is not None:
        check.open_scope(tdecl, "type parameters")

        def set_tparams(tparams: list[TypeParam]) -> None:
            named.tparams = tparams

        check.collect_type_params(set_tparams, tdecl.tparam_list)
    if check.eager or check.sig is not None or obj not in check.obj_map:
        _type_rhs(check, obj, tdecl, named, version_err)
    else:
        scope, file_version = check.scope, check.version
        named.loader = lambda: _load_rhs(check, obj, tdecl, named, version_err, scope, file_version)
    if tparam0 is not None:
        check.close_scope()


def _load_rhs(
    check: Checker,
    obj: TypeName,
    tdecl: ast.TypeDecl,
    named: Named,
    version_err: bool,
    scope: Scope,
    file_version: int,
) -> None:
    """Now look behind the name of a type."""

    def load() -> None:
        env = check.environment()
        check._clear_environment()
        check.scope, check.version, check.owner = scope, file_version, obj
        pushed = obj not in check.obj_path_idx
        if pushed:
            check.push(obj)
        check.loading.add(obj)
        _type_rhs(check, obj, tdecl, named, version_err)
        check.loading.discard(obj)
        if pushed:
            check.pop()
        check.set_environment(env)

    if check.busy:
        load()
    else:
        check._at_work(load)


def load_type_again(check: Checker, obj: TypeName, named: Named) -> None:
    """Look again behind the name of a type whose declaration was edited."""
    d = check.obj_map[obj]
    assert d.tdecl is not None
    _load_rhs(check, obj, d.tdecl, named, False, d.file, d.version)


def _type_rhs(
    check: Checker, obj: TypeName, tdecl: ast.TypeDecl, named: Named, version_err: bool
) -> None:
    def validate() -> None:
        t = as_named(obj.typ)  # may have become invalid
        if t is not None:
            check.valid_type(t)

    check.later(validate)
    rhs = check.declared_type(tdecl.type, obj)
    named.from_rhs = rhs
    if not version_err:
        _verify_constraint(check, tdecl, rhs)
    if is_type_param(rhs):
        check.error(
            tdecl.type,
            "MisplacedTypeParam",
            "cannot use a type parameter as RHS in type declaration",
        )
        named.from_rhs = _INVALID


def _verify_constraint(check: Checker, tdecl: ast.TypeDecl, rhs: Type) -> None:
    if check.allow_version(version.GO1_18):
        return

    def verify() -> None:
        if check.is_imported_constraint(rhs):
            check.verify_versionf(tdecl.type, version.GO1_18, "using type constraint %s", rhs)

    check.later_check(verify)


def _alias_decl(
    check: Checker, obj: TypeName, tdecl: ast.TypeDecl, tparam0: ast.Field | None
) -> None:
    # The highest requirement first, so that one change of the version mends all.
    version_err = tparam0 is not None and not check.verify_versionf(
        tparam0, version.GO1_23, "generic type alias"
    )
    if not version_err:
        version_err = not check.verify_versionf(tdecl, version.GO1_9, "type alias")
    alias = check.new_alias(obj, None)

    def set_tparams(tparams: list[TypeParam]) -> None:
        alias.tparams = tparams

    if tparam0 is not None:
        check.open_scope(tdecl, "type parameters")
        check.collect_type_params(set_tparams, tdecl.tparam_list)
    rhs = check.declared_type(tdecl.type, obj)
    alias.from_rhs = rhs
    if not version_err:
        _verify_constraint(check, tdecl, rhs)
    if isinstance(rhs, TypeParam) and rhs in alias.tparams:
        check.error(
            tdecl.type,
            "MisplacedTypeParam",
            "cannot use type parameter declared in alias declaration as RHS",
        )
        alias.from_rhs = _INVALID
    if tparam0 is not None:
        check.close_scope()


def collect_type_params(
    check: Checker, set_tparams: Callable[[list[TypeParam]], None], fields: list[ast.Field]
) -> None:
    """Declare the type parameters of a list, then find their constraints, which may mention all
    of them and the type being declared."""
    tparams: list[TypeParam] = []
    scope_pos = fields[0].pos
    for f in fields:
        name = f.name if f.name is not None else ast.Name(f.pos, f.pos, "_")
        tparams.append(check.declare_type_param(name, scope_pos))
    set_tparams(check.bind_tparams(tparams))
    was_inside = check.in_tparam_list
    check.in_tparam_list = True
    bound: Type = _INVALID
    previous: ast.Expr | None = None
    for f, tparam in zip(fields, tparams, strict=True):
        if previous is None or f.type is not previous:
            previous = f.type
            bound = check.bound(f.type)
            if is_type_param(bound):
                check.error(
                    f.type, "MisplacedTypeParam", "cannot use a type parameter as constraint"
                )
                bound = _INVALID
        tparam.bound = bound
    check.in_tparam_list = was_inside


def bound(check: Checker, x: ast.Expr) -> Type:
    """The constraint `x`; `~T` and `A|B` are wrapped in an implicit interface."""
    if isinstance(x, ast.Operation) and (x.op == "~" or x.op == "|"):
        t = check.typ(ast.InterfaceType(x.pos, x.end, [ast.Field(x.pos, x.end, None, x)]))
        if isinstance(t, Interface):
            t.implicit = True
        return t
    return check.typ(x)


def declare_type_param(check: Checker, name: ast.Name, scope_pos: Pos) -> TypeParam:
    tname = TypeName(name.pos, check.pkg, name.value, None)
    tpar = check.new_type_param(tname, _INVALID)
    check.declare(check.scope, name, tname, scope_pos)
    return tpar


def collect_methods(check: Checker, obj: TypeName) -> None:
    """Give the declared type its methods."""
    methods = check.methods.pop(obj, None)
    if methods is None:
        return
    base = as_named(obj.typ)
    if base is not None:
        named = base
        check.later_check(lambda: check.check_field_uniqueness(named))
    seen: dict[str, Func] = {}
    for m in methods:
        alt = seen.setdefault(m.name, m)
        if alt is not m:
            err = check.new_error("DuplicateMethod")
            err.addf(
                m.pos,
                "method %s.%s already declared at %s",
                obj.name,
                m.name,
                mention(alt.pos),
            )
            err.report()
        elif base is not None:
            base.add_method(m)


def check_field_uniqueness(check: Checker, base: Named) -> None:
    """Report methods that have the name of a field."""
    t = base.underlying
    if not isinstance(t, Struct):
        return
    methods = {m.name: m for m in base.methods}
    for fld in t.fields:
        alt = methods.get(fld.name)
        if alt is not None and fld.name != "_" and fld.pkg is alt.pkg:
            err = check.new_error("DuplicateFieldAndMethod")
            err.addf(alt, "field and method with the same name %s", fld.name)
            err.add_alt_decl(fld)
            err.report()


def func_decl(check: Checker, obj: Func, d: DeclInfo) -> None:
    fdecl = d.fdecl
    assert fdecl is not None
    sig = Signature(None, Tuple([]), Tuple([]), False)
    obj.typ = sig  # guard against cycles
    check.func_type(sig, fdecl.recv, fdecl.tparam_list, fdecl.type)
    if sig.scope is not None:
        sig.scope.pos, sig.scope.end = fdecl.pos, fdecl.end
    if fdecl.tparam_list and not fdecl.has_body:
        check.soft_errorf(fdecl, "BadDecl", "generic function is missing function body")


# --- declarations in functions -------------------------------------------------------------------


def decl_stmt(check: Checker, decls: list[ast.Decl]) -> None:
    consts = ConstGroup()
    for d in decls:
        if isinstance(d, ast.ConstDecl):
            iota, last, inherited = consts.next(d)
            _local_consts(check, d, iota, last, inherited)
            continue
        consts.reset()
        if isinstance(d, ast.VarDecl):
            _local_vars(check, d)
        elif isinstance(d, ast.TypeDecl):
            obj = TypeName(d.name.pos, check.pkg, d.name.value, None)
            # In scope from its name on: the type may refer to itself.
            check.declare(check.scope, d.name, obj, d.name.pos)
            check.push(obj)
            check.type_decl(obj, d)
            check.pop()


def _local_consts(
    check: Checker, d: ast.ConstDecl, iota: int, last: ast.ConstDecl | None, inherited: bool
) -> None:
    top = len(check.delayed)
    values = unpack_list_expr(last.values) if last is not None else []
    typ = last.type if last is not None else None
    lhs: list[Const] = []
    for i, name in enumerate(d.name_list):
        obj = Const(name.pos, check.pkg, name.value, None, iota)
        lhs.append(obj)
        check.const_decl(obj, typ, values[i] if i < len(values) else None, inherited)
    check.arity(d.pos, d.name_list, values, True, inherited)
    # Function literals must not see the new names.
    check.process_delayed(top)
    for name, obj in zip(d.name_list, lhs, strict=True):
        check.declare(check.scope, name, obj, d.end)


def _local_vars(check: Checker, d: ast.VarDecl) -> None:
    top = len(check.delayed)
    lhs = [Var(name.pos, check.pkg, name.value, None) for name in d.name_list]
    values = unpack_list_expr(d.values)
    for i, obj in enumerate(lhs):
        shared: list[Var] | None = None
        init: ast.Expr | None = None
        if len(values) == len(lhs):
            init = values[i]
        elif len(values) == 1:
            shared, init = lhs, values[0]
        elif i < len(values):
            init = values[i]
        check.var_decl(obj, shared, d.type, init)
        if len(values) == 1:
            break  # the first variable's turn settled all
    if d.type is None or values:
        check.arity(d.pos, d.name_list, values, False, False)
    check.process_delayed(top)
    for name, obj in zip(d.name_list, lhs, strict=True):
        check.declare(check.scope, name, obj, d.end)

"""Declaring the names of a package, without looking at what they mean.

Every package-level name becomes an object without a type and goes into the package's scope with a
`DeclInfo` that says where its declaration stands; imports go into one scope per file; methods are
put aside under their receiver's base type name, found by syntax alone.

Invariants
  - no type expression, initialiser or body is looked at here;
  - `obj.order` counts declarations, methods included, from 1 in source order.

Example: `type T = *S; func (T) m()` associates `m`, with a pointer receiver, to `S`.

Source: cmd/compile/internal/types2/resolver.go (go1.27).
"""

from __future__ import annotations

import ast as python_ast
import unicodedata
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from goescape.source.mention import mention
from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck import version
from goescape.typecheck.objects import (
    Const,
    Func,
    Object,
    Package,
    PkgName,
    TypeName,
    Var,
)
from goescape.typecheck.scope import Scope
from goescape.typecheck.universe import TYP, UNSAFE

if TYPE_CHECKING:
    from goescape.typecheck.checker import Action, Checker


_O = TypeVar("_O", bound=Object)
Method = tuple[Func, bool, ast.Name]
"""A method, whether its receiver is a pointer, and what names its base type."""


class DeclInfo:
    """Where a package-level constant, variable, type or function is declared. `lhs` holds the
    variables of `var a, b = f()`; `inherited`: the initialiser is that of an earlier constant
    specification; `iota`: of a constant. `deps`: the package-level objects that the initialiser or
    body mentions, in order of first mention. `bodies`: function literals of the initialiser still
    to be checked."""

    __slots__ = (
        "_init",
        "_source",
        "bodies",
        "deps",
        "fdecl",
        "file",
        "inherited",
        "init_checked",
        "iota",
        "lhs",
        "tdecl",
        "version",
        "vtyp",
    )

    def __init__(
        self,
        file: Scope,
        version: int,
        lhs: list[Var] | None = None,
        vtyp: ast.Expr | None = None,
        init: ast.Expr | None = None,
        inherited: bool = False,
        tdecl: ast.TypeDecl | None = None,
        fdecl: ast.FuncDecl | None = None,
        source: ast.VarDecl | None = None,
    ) -> None:
        self.file, self.version, self.lhs, self.vtyp = file, version, lhs, vtyp
        self._init, self._source = init, source
        self.inherited, self.tdecl, self.fdecl = inherited, tdecl, fdecl
        self.deps: dict[Object, None] = {}
        self.bodies: list[Action] = []
        self.init_checked = False
        self.iota: int | None = None

    @property
    def init(self) -> ast.Expr | None:
        """The initialiser; that of `source`, once it was asked for."""
        if self._source is not None:
            self._init, self._source = self._source.values, None
        return self._init

    @property
    def has_initializer(self) -> bool:
        if self._init is not None or self._source is not None:
            return True
        return self.fdecl is not None and self.fdecl.has_body


def unpack_list_expr(e: ast.Expr | None) -> list[ast.Expr]:
    """The expressions of a possibly absent, possibly single-element list."""
    if e is None:
        return []
    if isinstance(e, ast.ListExpr):
        return e.elem_list
    return [e]


def unparen(e: ast.Expr) -> ast.Expr:
    while isinstance(e, ast.ParenExpr):
        e = e.x
    return e


def arity(
    check: Checker,
    pos: Pos,
    names: list[ast.Name],
    inits: list[ast.Expr],
    const_decl: bool,
    inherited: bool,
) -> None:
    """Report a constant or variable declaration whose names and values differ in number."""
    n_names, n_inits = len(names), len(inits)
    if n_names < n_inits:
        n = inits[n_names]
        if inherited:
            check.errorf(pos, "WrongAssignCount", "extra init expr at %s", mention(n.pos))
        else:
            check.errorf(n, "WrongAssignCount", "extra init expr %s", n)
    elif n_names > n_inits and (const_decl or n_inits != 1):
        # With one value, it may be a call that returns several.
        name = names[n_inits]
        check.errorf(name, "WrongAssignCount", "missing init expr for %s", name.value)


_ILLEGAL_IN_PATH = frozenset("!\"#$%&'()*,:;<=>?[\\]^{|}`\ufffd")


def unquote(literal: str) -> str | None:
    """The value of a Go string literal; None if it is not valid."""
    if len(literal) >= 2 and literal[0] == literal[-1] == "`":
        return literal[1:-1].replace("\r", "")
    if len(literal) < 2 or literal[0] != '"' or literal[-1] != '"':
        return None
    if "\\" not in literal:
        return literal[1:-1]
    try:
        raw = python_ast.literal_eval("b" + literal) if literal.isascii() else None
    except (SyntaxError, ValueError):
        raw = None
    if (
        isinstance(raw, bytes)
        and "\\u" not in literal
        and "\\U" not in literal
        and "\\N" not in literal
    ):
        return raw.decode("utf-8", "surrogateescape")
    from goescape.typecheck import constant

    value = constant.make_from_literal(literal, "string")
    return value if isinstance(value, str) else None


def validated_import_path(literal: str) -> tuple[str, str]:
    """The import path of a string literal, and what is wrong with it ("" if nothing)."""
    s = unquote(literal)
    if s is None:
        return "", "invalid syntax"
    if not s:
        return "", "empty string"
    for ch in s:
        if ch in _ILLEGAL_IN_PATH or ch.isspace() or unicodedata.category(ch)[0] in "CZ":
            return s, f"invalid character U+{ord(ch):04X}" + (
                f" '{ch}'" if ch.isprintable() else ""
            )
    return s, ""


def declare_pkg_obj(check: Checker, ident: ast.Name, obj: Object, d: DeclInfo) -> None:
    """Declare a constant, variable or type in the package's scope."""
    if ident.value == "init":
        check.error(ident, "InvalidInitDecl", "cannot declare init - must be func")
        return
    if ident.value == "main" and check.pkg.name == "main":
        check.error(ident, "InvalidMainDecl", "cannot declare main - must be func")
        return
    check.declare(check.pkg.scope, ident, obj, NO_POS)
    _add(check, obj, d)


def _add(check: Checker, obj: Object, d: DeclInfo) -> None:
    """Take up a declared object; what is known of its declaration stays, if it is the same."""
    check.obj_map[obj] = check.known_infos.get(obj, d)
    obj.order = len(check.obj_map)


def _declared(check: Checker, node: ast.Node, make: Callable[[], _O]) -> _O:
    """The object that `node` declares: the one from before the edit, or a new one."""
    obj: _O | None = check.known_objects.get(node)  # type: ignore[assignment]  # of the same kind
    if obj is None:
        obj = make()
    check.objects[node] = obj
    return obj


def import_package(check: Checker, pos: Pos, path: str) -> Package:
    """The package imported as `path`; a fake one if it cannot be had."""
    imp = check.imp_map.get(path)
    if imp is not None:
        return imp
    if path == "C":
        imp = Package("C", "C", Scope(None, NO_POS, NO_POS, "C"))
        imp.fake = True  # what C has is not known: its names are invalid, without complaint
    elif path == "unsafe":
        imp = UNSAFE
    else:
        if check.importer is not None:
            imp = check.importer.import_package(path, check.pkg)
        if imp is None or imp.name in ("", "_"):
            reason = "package not found" if imp is None else f'invalid package name: "{imp.name}"'
            check.errorf(pos, "BrokenImport", "could not import %s (%s)", path, reason)
            name = path.rstrip("/").rsplit("/", 1)[-1]
            imp = Package(path, name, Scope(None, NO_POS, NO_POS, path))
            imp.fake = True
    check.imp_map[path] = imp
    if check.pkg_path_map is not None:
        check.mark_imports(imp)
    return imp


def _init_files(check: Checker) -> list[int]:
    """Choose the files that belong to the package, and find the language version of each."""
    pkg = check.pkg
    for file in check.given_files:
        name = file.pkg_name.value
        if name == "_":
            check.error(file.pkg_name, "BlankPkgName", "invalid package name _")
        elif not pkg.name:
            pkg.name = name
        elif name != pkg.name:
            check.errorf(
                file.pkg_name,
                "MismatchedPkgName",
                "package %s; expected package %s",
                name,
                pkg.name,
            )
            continue
        check.files.append(file)
    pkg_version = version.as_go_version(check.go_version)
    if pkg_version > version.GO_CURRENT and check.files:
        check.errorf(
            check.files[0].pkg_name,
            "TooNew",
            "package requires newer Go version go1.%d (application built with go1.%d)",
            pkg_version,
            version.GO_CURRENT,
        )
    versions: list[int] = []
    for file in check.files:
        v = pkg_version
        name = check.go_version
        file_version = version.as_go_version(file.go_version)
        if file_version:
            # A file may lower or raise its version by a build constraint, down to 1.21 only:
            # before, such a line did not mean the language.
            v = max(file_version, version.GO1_21)
            name = f"go1.{v}"
            if file_version > version.GO_CURRENT:
                check.errorf(
                    file.pkg_name, "TooNew", "file requires newer Go version go1.%d", file_version
                )
        versions.append(v)
        check.info.file_versions[file] = name
    return versions


def collect_objects(check: Checker) -> None:
    """Declare the names of all files, and import what they import. Done once."""
    if not check.collected:
        check.collected = True
        _collect(check)
        check.methods = {base: list(found) for base, found in check.declared_methods.items()}


def collect_again(check: Checker, changed: dict[ast.Node, Object]) -> None:
    """Declare the names of all files again, after edits. What stands in the same nodes keeps its
    objects, and so does what is declared in the nodes `changed`. Its errors are those of declaring
    names, from scratch; who is affected by what is different is left to the caller."""
    infos = check.obj_map
    check.known_objects = {**check.objects, **changed}
    gone = set(changed.values())
    check.known_infos = {obj: d for obj, d in infos.items() if obj not in gone}
    staying = {
        n for f in check.given_files if (known := check.declared.get(f)) for n in known.nodes
    }
    for node in check.objects.keys() - staying:
        check.info.defs.pop(node, None)  # type: ignore[call-overload]  # not every node is a key
    check.objects, check.obj_map, check.func_objs = {}, {}, {}
    check.errors[:] = [e for e in check.errors if e.owner is not None]
    check.pkg.scope.elems.clear()
    check.pkg.imports.clear()
    check.imp_map = {path: imp for path, imp in check.imp_map.items() if not imp.fake}
    check.pkg_path_map, check.seen_pkg_map = None, set()
    check.imports.clear()
    check.dot_import_map.clear()
    check.files = []
    declared: dict[ast.File, Declared] = {}
    _collect(check, declared)
    check.declared = declared
    check.known_objects, check.known_infos = {}, {}


class Declared:
    """What a file declares, but for its imports, where nothing is wrong with that: objects by the `nodes` that
    declare them, all that are taken up, those in the `scope` of the package, functions, and methods with a base
    type. An edit elsewhere leaves that as it is."""

    __slots__ = ("funcs", "methods", "nodes", "objects", "scope")

    def __init__(
        self,
        nodes: dict[ast.Node, Object],
        objects: list[Object],
        scope: dict[str, Object],
        funcs: dict[ast.FuncDecl, Func],
        methods: list[Method],
    ) -> None:
        self.nodes, self.objects, self.scope = nodes, objects, scope
        self.funcs, self.methods = funcs, methods


def _collect(check: Checker, declared: dict[ast.File, Declared] | None = None) -> None:
    """With `declared`, what files declare is taken from `check.declared` where it can be, and put there."""
    versions = _init_files(check)
    pkg = check.pkg
    methods: list[Method] = []
    file_scopes: list[Scope] = []
    for file, file_version in zip(check.files, versions, strict=True):
        check.version = file_version
        check.record_def(file.pkg_name, None)
        known = check.info.scopes.get(file)
        scope = known or Scope(pkg.scope, file.pos, file.end, file.path)
        scope.elems.clear()
        file_scopes.append(scope)
        check.file_of_scope[scope] = file
        check.record_scope(file, scope)
        if declared is None:
            _collect_file(check, file, scope, methods)
        elif (found := _collect_file_again(check, file, scope, methods)) is not None:
            declared[file] = found
    check.version = 0
    for scope in file_scopes:
        _verify_distinct(check, scope)
    check.declared_methods = {}
    for obj, ptr, recv in methods:
        ptr, base = check.resolve_base_type_name(ptr, recv)
        if base is not None:
            obj.has_ptr_recv_ = ptr
            check.declared_methods.setdefault(base, []).append(obj)
    check.obj_list = list(check.obj_map)
    check.direct_cycles()


def _collect_file_again(
    check: Checker, file: ast.File, scope: Scope, methods: list[Method]
) -> Declared | None:
    """As `_collect_file`; what the file declares is returned, if nothing is wrong with it."""
    elems, infos = check.pkg.scope.elems, check.known_infos
    known = check.declared.get(file)
    if known is not None:
        if known.scope.keys().isdisjoint(elems) and all(map(infos.__contains__, known.objects)):
            for order, obj in enumerate(known.objects, len(check.obj_map) + 1):
                obj.order = order
            check.objects.update(known.nodes)
            check.obj_map.update([(obj, infos[obj]) for obj in known.objects])
            check.func_objs.update(known.funcs)
            elems.update(known.scope)
            methods += known.methods
            for d in file.decl_list:
                if isinstance(d, ast.ImportDecl):
                    _collect_import(check, scope, d)
            return known
        for node in known.nodes:
            check.info.defs.pop(node, None)  # type: ignore[call-overload]  # not every node is a key
    n_nodes, n_objects, n_names = len(check.objects), len(check.obj_map), len(elems)
    n_funcs, n_methods, n_errors = len(check.func_objs), len(methods), len(check.errors)
    _collect_file(check, file, scope, methods)
    if len(check.errors) > n_errors:
        return None
    return Declared(
        {
            node: obj
            for node, obj in islice(check.objects.items(), n_nodes, None)
            if not isinstance(node, ast.ImportDecl)
        },
        list(islice(check.obj_map, n_objects, None)),
        dict(islice(elems.items(), n_names, None)),
        dict(islice(check.func_objs.items(), n_funcs, None)),
        methods[n_methods:],
    )


def _collect_file(check: Checker, file: ast.File, scope: Scope, methods: list[Method]) -> None:
    consts = ConstGroup()
    for d in file.decl_list:
        if isinstance(d, ast.ConstDecl):
            iota, last, inherited = consts.next(d)
            _collect_consts(check, scope, d, iota, last, inherited)
            continue
        consts.reset()
        if isinstance(d, ast.FuncDecl):
            _collect_func(check, scope, d, methods)
        elif isinstance(d, ast.VarDecl):
            _collect_vars(check, scope, d)
        elif isinstance(d, ast.TypeDecl):
            tname = partial(TypeName, d.name.pos, check.pkg, d.name.value, None)
            obj = _declared(check, d.name, tname)
            check.declare_pkg_obj(d.name, obj, DeclInfo(scope, check.version, tdecl=d))
        elif isinstance(d, ast.ImportDecl):
            _collect_import(check, scope, d)


class ConstGroup:
    """Where we are in a parenthesised group of constants: iota, and the specification that those
    without values repeat."""

    __slots__ = ("group", "index", "last")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.group: ast.Group | None = None
        self.index = -1
        self.last: ast.ConstDecl | None = None

    def next(self, d: ast.ConstDecl) -> tuple[int, ast.ConstDecl | None, bool]:
        """For the specification `d`: iota, the specification that has its type and values (None
        if there is none), and whether that is another one."""
        if self.index < 0 or d.group is None or d.group is not self.group:
            self.group, self.index, self.last = d.group, 0, None
        else:
            self.index += 1
        if d.type is not None or d.values is not None:
            self.last = d
            return self.index, d, False
        return self.index, self.last, self.last is not None


def _collect_consts(
    check: Checker,
    scope: Scope,
    d: ast.ConstDecl,
    iota: int,
    last: ast.ConstDecl | None,
    inherited: bool,
) -> None:
    values = unpack_list_expr(last.values) if last is not None else []
    typ = last.type if last is not None else None
    for i, name in enumerate(d.name_list):
        obj = _declared(check, name, partial(Const, name.pos, check.pkg, name.value, None, iota))
        init = values[i] if i < len(values) else None
        info = DeclInfo(scope, check.version, vtyp=typ, init=init, inherited=inherited)
        info.iota = iota
        check.declare_pkg_obj(name, obj, info)
    check.arity(d.pos, d.name_list, values, True, inherited)


def _collect_vars(check: Checker, scope: Scope, d: ast.VarDecl) -> None:
    lhs = [
        _declared(check, name, partial(Var, name.pos, check.pkg, name.value, None, "package"))
        for name in d.name_list
    ]
    # With exactly one value all variables share a declaration: `var a, b = f()`.
    shared: DeclInfo | None = None
    is_late = not d.is_lowered  # Then it is one value.
    values = [] if is_late else unpack_list_expr(d.values)
    if is_late:
        shared = DeclInfo(scope, check.version, lhs=lhs, vtyp=d.type, source=d)
    elif not isinstance(d.values, ast.ListExpr):
        shared = DeclInfo(scope, check.version, lhs=lhs, vtyp=d.type, init=d.values)
    for i, (name, obj) in enumerate(zip(d.name_list, lhs, strict=True)):
        info = shared
        if info is None:
            init = values[i] if i < len(values) else None
            info = DeclInfo(scope, check.version, vtyp=d.type, init=init)
        check.declare_pkg_obj(name, obj, info)
    if not is_late and (d.type is None or values):
        check.arity(d.pos, d.name_list, values, False, False)


def _collect_func(check: Checker, scope: Scope, d: ast.FuncDecl, methods: list[Method]) -> None:
    pkg = check.pkg
    name = d.name.value
    obj = _declared(check, d.name, partial(Func, d.name.pos, pkg, name, None))
    tparam0 = d.tparam_list[0] if d.tparam_list else None
    if d.recv is None:
        if name == "init" or (name == "main" and pkg.name == "main"):
            code = "InvalidInitDecl" if name == "init" else "InvalidMainDecl"
            if tparam0 is not None:
                check.soft_errorf(tparam0, code, "func %s must have no type parameters", name)
            if d.type.param_list or d.type.result_list:
                check.soft_errorf(
                    d.name, code, "func %s must have no arguments and no return values", name
                )
        elif tparam0 is not None:
            check.verify_versionf(tparam0, version.GO1_18, "type parameter")
        if name == "init":
            # Several may be declared, and none can be named.
            obj.parent = pkg.scope
            check.record_def(d.name, obj)
            if not d.has_body:
                check.soft_errorf(obj.pos, "MissingInitBody", "func init must have a body")
        else:
            check.declare(pkg.scope, d.name, obj, NO_POS)
    else:
        ptr, base, _ = check.unpack_recv(d.recv.type, False)
        # Methods with an invalid receiver belong to no type, those named _ are never found.
        if isinstance(base, ast.Name) and name != "_":
            methods.append((obj, ptr, base))
        if tparam0 is not None:
            check.verify_versionf(tparam0, version.GO1_27, "generic method")
        check.record_def(d.name, obj)
    _add(check, obj, DeclInfo(scope, check.version, fdecl=d))
    check.func_objs[d] = obj


def _collect_import(check: Checker, scope: Scope, d: ast.ImportDecl) -> None:
    if d.path is None or d.path.bad:
        return  # the parser complained
    path, problem = validated_import_path(d.path.value)
    if problem:
        check.errorf(d.path, "BadImportPath", "invalid import path (%s)", problem)
        return
    imp = check.import_package(d.path.pos, path)
    name = imp.name
    if d.local_pkg_name is not None:
        name = d.local_pkg_name.value
        if path == "C":
            check.error(d.local_pkg_name, "ImportCRenamed", 'cannot rename import "C"')
            return
    if name == "init":
        check.error(d, "InvalidInitDecl", "cannot import package as init - init must be a func")
        return
    pkg = check.pkg
    if imp not in pkg.imports:
        pkg.imports.append(imp)
    pkg_name = _declared(check, d, partial(PkgName, start_pos(d), pkg, name, TYP["invalid"], imp))
    pkg_name.imported = imp
    if d.local_pkg_name is not None:
        check.record_def(d.local_pkg_name, pkg_name)
    else:
        check.record_implicit(d, pkg_name)
    if imp.fake:
        pkg_name.used = True  # its uses cannot be seen
    check.imports.append(pkg_name)
    if name != ".":
        check.declare(scope, None, pkg_name, NO_POS)
        return
    for other in imp.scope.elems.values():
        if not other.exported:
            continue
        alt = scope.lookup(other.name)
        if alt is not None:
            err = check.new_error("DuplicateDecl")
            err.addf(d.local_pkg_name, "%s redeclared in this block", alt.name)
            err.add_alt_decl(alt)
            err.report()
        else:
            scope.elems[other.name] = other
            check.dot_import_map[(scope, other.name)] = pkg_name


def _verify_distinct(check: Checker, scope: Scope) -> None:
    """Names of the file scope (imports) must not be declared in the package as well."""
    declared = check.pkg.scope.elems
    for name, obj in scope.elems.items():
        alt = declared.get(name)
        if alt is None:
            continue
        err = check.new_error("DuplicateDecl")
        if isinstance(obj, PkgName):
            err.addf(alt, "%s already declared through import of %s", alt.name, obj.imported)
        else:
            err.addf(alt, "%s already declared through dot-import of %s", alt.name, obj.pkg)
        err.add_alt_decl(obj)
        err.report()


def unpack_recv(
    check: Checker, rtyp: ast.Expr, unpack_params: bool
) -> tuple[bool, ast.Expr, list[ast.Name]]:
    """The parts of a receiver type `*T[A, _]`: is there a pointer, `T`, and, if asked for, the
    names of the type parameters."""
    base = unparen(rtyp)
    ptr = False
    if isinstance(base, ast.Operation) and base.op == "*" and base.y is None:
        ptr = True
        base = unparen(base.x)
    tparams: list[ast.Name] = []
    if isinstance(base, ast.IndexExpr):
        index = base.index
        base = base.x
        if unpack_params:
            for arg in unpack_list_expr(index):
                if isinstance(arg, ast.Name):
                    tparams.append(arg)
                    continue
                if not isinstance(arg, ast.BadExpr):
                    check.errorf(
                        arg, "BadDecl", "receiver type parameter %s must be an identifier", arg
                    )
                tparams.append(ast.Name(arg.pos, arg.end, "_"))
    return ptr, base, tparams


def resolve_base_type_name(
    check: Checker, ptr: bool, name: ast.Name
) -> tuple[bool, TypeName | None]:
    """The type that the receiver type name `name` stands for, following aliases that are not
    generic, at most one pointer in all; None if there is no such type in this package."""
    seen: set[TypeName] = set()
    e: ast.Expr = name
    while isinstance(e, ast.Name):
        tname = check.pkg.scope.elems.get(e.value)
        if not isinstance(tname, TypeName) or tname in seen:
            break
        tdecl = check.obj_map[tname].tdecl
        assert tdecl is not None
        if not tdecl.alias:
            return ptr, tname
        if tdecl.tparam_list:
            break
        seen.add(tname)
        e = unparen(tdecl.type)
        if isinstance(e, ast.Operation) and e.op == "*" and e.y is None:
            if ptr:
                break
            ptr = True
            e = unparen(e.x)
    return False, None


def package_objects(check: Checker) -> None:
    """Declare everything: types first, then aliases, then the rest, so that the type behind an
    alias is mostly known when it is needed."""
    aliases: list[Object] = []
    others: list[Object] = []
    for obj in check.obj_list:
        if not isinstance(obj, TypeName):
            others.append(obj)
        elif check.obj_map[obj].tdecl.alias:  # type: ignore[union-attr]  # it is a type's
            aliases.append(obj)
        else:
            check.obj_decl(obj)
            check.complete(obj)
    for obj in aliases:
        check.obj_decl(obj)
    for obj in others:
        check.obj_decl(obj)
    # Methods whose base type was not declared have been reported with their receivers.
    check.methods = {}


def unused_imports(check: Checker) -> None:
    if check.broken_bodies or check.looked_up:
        return  # They may use any.
    for obj in check.imports:
        if obj.name == "_" or obj.used:
            continue
        path = obj.imported.path
        elem = path.rsplit("/", 1)[-1]
        if obj.name in ("", ".", elem):
            check.soft_errorf(obj, "UnusedImport", "%q imported and not used", path)
        else:
            check.soft_errorf(obj, "UnusedImport", "%q imported as %s and not used", path, obj.name)

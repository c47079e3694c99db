"""Taking over an edited file whose declarations changed, declaration by declaration.

The names of the package are declared again, with the objects of what stands there unchanged. What is
left to find out is who read something that is different now. The tables of `Info` know that already:
`uses` and `selections` say which object each name in the package means, so nothing is noted while
checking but the one question that leaves no trace there, whether a type has an interface's methods
(`Checker.satisfied`). An object whose declaration changed is resolved again; if its type is identical,
nobody notices, else the declarations that mention it are forgotten: bodies are to be checked again,
types of objects resolved again, and so on until nothing is different.

Invariants
  - an object keeps its identity as long as something of its kind and name is declared; of a type
    changes what is behind its name;
  - types, and generic functions with other type parameters, come, go and are declared in another way while nobody
    else mentions them: they are other objects then;
  - a name that becomes visible concerns those who did not find it (their errors name it) and those
    who found a predeclared one;
  - what cannot be followed is not followed: the package then starts over with a new checker.

Example: after `func f(a int)` has become `func f(a string)`, f is declared anew and the bodies that
mention f are to be checked; after `func f(b int)`, only that of f.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from goescape.source.positions import BASE_SHIFT, NO_POS
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck.lookup import deref
from goescape.typecheck.objects import Const, Func, Object, Package, PkgName, TypeName, Var
from goescape.typecheck.other_methods import keep_methods, refuse_built_upon
from goescape.typecheck.predicates import comparable, identical
from goescape.typecheck.reshaped import Readers, Unfollowed, keep_fields
from goescape.typecheck.subst import make_rename_map, subst
from goescape.typecheck.types import Interface, Named, Signature, Struct, Type, as_named
from goescape.typecheck.typeset import type_set
from goescape.typecheck.update import (
    forget_func,
    forget_nodes,
    forget_owner,
    mark_used_imports,
    names_place_in,
    renew_instances,
    replace_file,
    same_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goescape.typecheck.checker import Checker
    from goescape.typecheck.resolver import DeclInfo

_ENTANGLED = frozenset({"InvalidInstanceCycle", "InvalidDeclCycle", "InvalidTypeCycle"})
"""Errors that make types invalid that are declared elsewhere."""

_MAX_ROUNDS = 1000
"""So often what is affected is looked at again; each time is a step from a declaration to its users."""

_METHOD_CLASHES = frozenset({"DuplicateMethod", "DuplicateFieldAndMethod"})


class Change:
    """What an edit made different in a package. `added` and `removed` are functions and methods;
    `checked` the other ones whose bodies are to be checked again; `objects` mean something else for
    who mentions them, or nothing; `names` are visible now; `members` are the methods that a type has
    got, lost, or has with another signature, and the fields; `reshaped` are types with another layout;
    `gone`: types and generic functions that are not declared any more; `inits`: the initialisers of variables. `imports` are
    imported now and were not, or the other way around."""

    __slots__ = (
        "added",
        "checked",
        "gone",
        "imports",
        "inits",
        "members",
        "names",
        "objects",
        "removed",
        "reshaped",
    )

    def __init__(self) -> None:
        self.added: dict[Func, None] = {}
        self.removed: dict[Func, None] = {}
        self.checked: dict[Func, None] = {}
        self.objects: dict[Object, None] = {}
        self.gone: set[Object] = set()
        self.names: set[str] = set()
        self.members: dict[TypeName, set[str]] = {}
        self.reshaped: dict[TypeName, None] = {}
        self.imports: set[Package] = set()
        self.inits = False

    @property
    def is_seen(self) -> bool:
        """Whether another package may notice."""
        return bool(self.objects or self.names or self.members or self.reshaped)


def redeclare(check: Checker, old: ast.File, new: ast.File) -> Change | None:
    """`new` is the tree of `old`'s file after an edit, with the nodes of `old` where nothing changed.
    What is different, not checked again yet (`check_again` does that); None if that cannot be told:
    then this checker must not be used any more."""
    if (
        not check.collected
        or check.busy
        or old not in check.files
        or old.pkg_name.value != new.pkg_name.value
        or old.go_version != new.go_version
    ):
        return None
    try:
        return _Following(check).edit(old, new)
    except Unfollowed:
        return None


def follow(check: Checker, changes: Sequence[Change]) -> Change | None:
    """The same when packages that this one imports, directly or not, have changed so."""
    if check.busy:
        return None
    if not check.collected:
        return Change()
    try:
        return _Following(check).foreign(changes)
    except Unfollowed:
        return None


class _Following:
    """One edit being followed. `alone` are the types and generic functions among what was edited that nobody
    else mentions. `moved` and `members` are what is different and was not looked up
    yet; `forgotten` what is to be resolved again, with the type and value it had."""

    def __init__(self, check: Checker) -> None:
        self.check = check
        self.change = Change()
        self.alone: set[Object] = set()
        self.moved: set[Object] = set()
        self.members: dict[TypeName, set[str]] = {}
        self.reshaped: dict[TypeName, None] = {}
        self.incomparable = False  # Values of such types can be compared now, or could.
        self.forgotten: dict[Object, tuple[Type | None, Any]] = {}
        self._stretches: dict[int, tuple[list[int], list[ast.Decl]]] | None = None
        self._bases: dict[Func, TypeName] = {}

    def edit(self, old: ast.File, new: ast.File) -> Change:
        check, change = self.check, self.change
        kept = {id(d) for d in new.decl_list}
        known = {id(d) for d in old.decl_list}
        gone = [d for d in old.decl_list if id(d) not in kept]
        come = [d for d in new.decl_list if id(d) not in known]
        self._refuse_entangled()
        scope, methods = dict(check.pkg.scope.elems), check.declared_methods
        before, imports = check.obj_map, set(check.imports)
        imported = {p: p.imported for p in imports}
        packages = set(check.pkg.imports)
        self._refuse_errors_in(gone)
        misled = [
            e.owner
            for e in check.errors
            if e.owner is not None and any(names_place_in(e, d) for d in gone)
        ]
        self._find_alone(gone)
        same = self._match(gone, come)
        staying = set(same.values())
        for d in gone:
            self._forget_declaration(d, staying)
        for node, obj in same.items():
            obj.pos = start_pos(node)
        replace_file(check, old, new)
        check.collect_again(same)
        self._refuse_entangled()
        for obj in same.values():
            if isinstance(obj, Const):
                obj.val = check.obj_map[obj].iota
            if isinstance(obj, Func) and _pragma(check.obj_map[obj]) != _pragma(before[obj]):
                self._is_moved(obj)
        for obj in before.keys() - check.obj_map.keys():
            self._remove(obj, before[obj])
        for obj in check.obj_map.keys() - before.keys():
            if isinstance(obj, Func):
                if obj.name != "_" and _is_method_of_generic(check.obj_map[obj].fdecl):
                    raise Unfollowed
                change.added[obj] = None
            change.inits |= isinstance(obj, Var)
        elems = check.pkg.scope.elems
        for name in scope.keys() | elems.keys():
            a, b = scope.get(name), elems.get(name)
            if a is not b:
                if a is not None:
                    self._is_moved(a)
                if b is not None:
                    change.names.add(name)
        change.imports = packages ^ set(check.pkg.imports)
        seen = set(check.imports)
        for p in imports - seen:
            self._is_moved(p)
            check.import_uses.pop(p, None)
        for p in imports & seen:
            if p.imported is not imported[p]:
                self._is_moved(p)
        change.names.update(p.name for p in seen - imports)
        self._compare_methods(methods)
        for owner in misled:
            if owner in check.obj_map:
                self._forget(owner)
        self._follow(change.names, self.members)
        return change

    def foreign(self, changes: Sequence[Change]) -> Change:
        if any(p.name == "." for p in self.check.imports):
            raise Unfollowed
        names: set[str] = set()
        gone: set[Object] = set().union(*(other.gone for other in changes))
        if gone and not gone.isdisjoint(self.check.info.uses.values()):
            raise Unfollowed
        for other in changes:
            self.moved.update(other.objects)
            names |= other.names
            self.reshaped.update(other.reshaped)
            for base, members in other.members.items():
                self.members.setdefault(base, set()).update(members)
        self._follow(names, self.members)
        return self.change

    def _refuse_entangled(self) -> None:
        check = self.check
        if any(e.code in _ENTANGLED for e in check.errors):
            raise Unfollowed
        if check.pkg.cgo or any(p.name == "." for p in check.imports):
            raise Unfollowed

    def _refuse_errors_in(self, gone: list[ast.Decl]) -> None:
        """Errors of other declarations must not stand in what is forgotten."""
        check = self.check
        for e in check.errors:
            if e.owner is None or e.code in _METHOD_CLASHES:
                continue
            for d in gone:
                if d.pos <= e.pos <= d.end and not any(
                    check.objects.get(node) is e.owner for _, node in _declares(check, d)
                ):
                    raise Unfollowed

    # --- what is declared ------------------------------------------------------------------------

    def _find_alone(self, gone: list[ast.Decl]) -> None:
        check = self.check
        found: dict[Object, ast.Decl] = {}
        for d in gone:
            if isinstance(d, ast.TypeDecl) or (isinstance(d, ast.FuncDecl) and d.tparam_list):
                obj = check.objects.get(d.name)
                if isinstance(obj, TypeName) and check.declared_methods.get(obj):
                    continue
                if obj is not None:
                    found[obj] = d
        if found:
            for node, used in check.info.uses.items():
                if used in found and not found[used].pos <= node.pos <= found[used].end:
                    del found[used]
        self.alone = set(found)

    def _match(self, gone: list[ast.Decl], come: list[ast.Decl]) -> dict[ast.Node, Object]:
        """By the nodes that declare something now, the objects that the old declarations had for
        the same. What is alone is kept only if it can be followed."""
        check = self.check
        old: dict[tuple[object, ...], list[tuple[Object, ast.Decl]]] = {}
        for d in gone:
            for key, node in _declares(check, d):
                obj = check.objects.get(node)
                if obj is not None:
                    old.setdefault(key, []).append((obj, d))
        same: dict[ast.Node, Object] = {}
        for d in come:
            for key, node in _declares(check, d):
                if found := old.get(key):
                    obj, before = found.pop(0)
                    if obj not in self.alone or _is_plain(obj) or same_parameters(before, d):
                        same[node] = obj
        return same

    def _forget_declaration(self, d: ast.Decl, staying: set[Object]) -> None:
        """Forget a declaration that is not there any more. Objects that are not `staying` are gone, too."""
        check = self.check
        for _, node in _declares(check, d):
            obj = check.objects.get(node)
            if isinstance(obj, TypeName) and obj not in staying:
                forget_nodes(check, [d])
                forget_owner(check, obj)
                check.mono.forget(d.pos, d.end)
                check.valid_types.clear()
            elif obj is not None and not isinstance(obj, PkgName):
                self._forget(obj, False)
        if isinstance(d, (ast.ImportDecl, ast.VarDecl, ast.ConstDecl)):
            forget_nodes(check, [d])

    def _remove(self, obj: Object, d: DeclInfo) -> None:
        """`obj`, declared in `d`, is not declared any more."""
        if isinstance(obj, TypeName) or (d.fdecl is not None and d.fdecl.tparam_list):
            if obj not in self.alone:
                raise Unfollowed
            self.change.gone.add(obj)
        elif obj.name != "_" and _is_method_of_generic(d.fdecl):
            raise Unfollowed
        self.forgotten.pop(obj, None)
        self._is_moved(obj)
        if isinstance(obj, Func):
            self.check.edited.pop(obj, None)
            self.change.checked.pop(obj, None)
            self.change.removed[obj] = None
        elif isinstance(obj, Var):
            self.change.inits = True

    def _compare_methods(self, before: dict[TypeName, list[Func]]) -> None:
        """Give the types whose methods are other ones now their new ones."""
        check = self.check
        now = check.declared_methods
        pending = check.methods
        check.methods = {}
        clashing = {e.owner for e in check.errors if e.code in _METHOD_CLASHES}
        for base in before.keys() | now.keys():
            old, new = before.get(base, []), now.get(base, [])
            if base not in check.obj_map:
                continue
            if old == new and base not in clashing:
                if base in pending:
                    check.methods[base] = list(new)
                continue
            if new:
                check.methods[base] = list(new)
            if old != new:
                self._member_moved(base, {m.name for m in {*old} ^ {*new}})
            if base.typ is not None:
                self._load_methods(base)

    def _load_methods(self, base: TypeName) -> None:
        check = self.check
        named = base.typ
        if not isinstance(named, Named) or named.obj is not base or named.tparams:
            raise Unfollowed
        check.errors[:] = [
            e for e in check.errors if e.owner is not base or e.code not in _METHOD_CLASHES
        ]
        named.forget_methods()

        def load() -> None:
            check.owner = base
            check.collect_methods(base)

        check._at_work(load)

    # --- who is affected -------------------------------------------------------------------------

    def _is_moved(self, obj: Object) -> None:
        self.moved.add(obj)
        if not isinstance(obj, PkgName):
            self.change.objects[obj] = None

    def _member_moved(self, base: TypeName, names: set[str]) -> None:
        self.members.setdefault(base, set()).update(names)
        self.change.members.setdefault(base, set()).update(names)

    def _follow(self, names: set[str], members: dict[TypeName, set[str]]) -> None:
        """Forget whatever is affected, and what that affects. `names` and `members` may be found now
        by who did not find them before."""
        check, change = self.check, self.change
        for func, has_error in list(check.broken_bodies.items()):
            if has_error and func in check.obj_map:
                self._forget(func)  # What it mentions is not known.
        self._forget_seekers(set(names).union(*members.values()))
        if names:
            for node, obj in list(check.info.uses.items()):
                if obj.pkg is None and node.value in names:
                    self._forget_at(node)
        for _ in range(_MAX_ROUNDS):
            self._resolve_forgotten()
            if not self.moved and not self.members and not self.reshaped:
                break
            reshaped, self.reshaped = self.reshaped, {}
            moved, self.moved = self.moved, set()
            members, self.members = self.members, {}
            for node in [n for n, obj in check.info.uses.items() if obj in moved]:
                self._forget_at(node)
            if members:
                self._forget_seekers(set().union(*members.values()))
                self._resolve_forgotten()  # The types themselves may have looked for a name.
                self._forget_users(members)
            interfaces = {b for b in members if isinstance(_underlying(b), Interface)}
            if interfaces:
                refuse_built_upon(check, interfaces)
                self._resolve_forgotten()
                Readers(check, interfaces).find_again()
            if reshaped:
                self._resolve_forgotten()
                self._forget_readers(Readers(check, reshaped))
        else:
            raise Unfollowed
        check.redeclared = True
        mark_used_imports(check)
        for obj in change.checked:
            renew_instances(obj)

    def _forget_seekers(self, names: set[str]) -> None:
        """Forget the declarations whose errors mention one of these names."""
        check = self.check
        if names:
            for owner in [e.owner for e in check.errors if any(n in e.msg for n in names)]:
                if owner is not None and owner in check.obj_map:
                    self._forget(owner)

    def _resolve_forgotten(self) -> None:
        """Resolve again what was forgotten, and see what is different."""
        check = self.check
        forgotten, self.forgotten = self.forgotten, {}
        # Types first: one that contains itself must be found out before its size is asked for.
        types = [item for item in forgotten.items() if isinstance(item[0], TypeName)]
        others = [item for item in forgotten.items() if not isinstance(item[0], TypeName)]
        for obj, (typ, val) in types + others:
            if typ is None:
                continue  # Nobody has read it.
            check.resolve(obj)
            if isinstance(obj, TypeName):
                self._reshape(obj, val)
                methods = check.declared_methods.get(obj)
                if methods and obj not in check.methods:
                    check.methods[obj] = list(methods)
                    self._load_methods(obj)  # One may be called like a field.
                continue
            if isinstance(obj, Func):
                renew_instances(obj)
            if _is_same(obj, typ, val):
                continue
            self._is_moved(obj)
            if isinstance(obj, Func):
                base = self._base_of(obj)
                if base is not None:
                    self._member_moved(base, {obj.name})

    def _base_of(self, method: Func) -> TypeName | None:
        if not self._bases:
            for base, methods in self.check.declared_methods.items():
                self._bases.update(dict.fromkeys(methods, base))
        return self._bases.get(method)

    def _forget_users(self, members: dict[TypeName, set[str]]) -> None:
        """Forget the declarations that select these methods, or ask whether a type has them."""
        check = self.check
        names = set().union(*members.values())
        reach = _Reach(members)
        others = {u for base in members if isinstance(u := _underlying(base), Interface)}
        for node, sel in list(check.info.selections.items()):
            name = node.sel.value
            if name in names and name in reach.names(sel.recv):
                self._forget_at(node.sel)
        for (V, T), owners in list(check.satisfied.items()):
            found = reach.names(V)
            if T in others or (found and any(m.name in found for m in type_set(T).methods)):
                for owner in owners:
                    if owner in check.obj_map:
                        self._forget(owner)

    def _reshape(self, obj: TypeName, old: Struct | Interface | None) -> None:
        """See how a type that was declared again, and had this underlying type, is different."""
        check, named = self.check, obj.typ
        if old is None:
            return
        new = named.underlying if isinstance(named, Named) else None
        self._refuse_entangled()
        if not isinstance(named, Named) or named.from_rhs is not new:
            raise Unfollowed
        decl = check.obj_map[obj].tdecl
        assert decl is not None
        if isinstance(old, Interface) and isinstance(new, Interface):
            names = keep_methods(check, decl, old, new)
            named.from_rhs = old
            if names:
                self.change.reshaped[obj] = None  # Instances of generic code are named by it.
                self._member_moved(obj, names)
            return
        if not isinstance(old, Struct) or not isinstance(new, Struct):
            raise Unfollowed
        same = identical(old, new)
        names = keep_fields(check, decl, old, new)
        if same:
            for before, after in zip(old.fields, new.fields, strict=True):
                before.pos = after.pos
            named.from_rhs = old
            return
        self.incomparable |= comparable(old) is not comparable(new)
        self.reshaped[obj] = self.change.reshaped[obj] = None
        if names:
            self._member_moved(obj, names)

    def _forget_readers(self, readers: Readers) -> None:
        """Forget the declarations that see types with other fields."""
        check = self.check
        for node in list(readers.nodes()):
            for d in self._decls_at(node):
                if not isinstance(d, ast.TypeDecl):
                    self._forget_at(node)
                elif self.incomparable or readers.is_behind(d):
                    raise Unfollowed
                elif isinstance(node, ast.Expr):
                    tv = check.info.types.get(node)
                    if tv is not None and tv.mode != "typexpr":
                        raise Unfollowed
        readers.find_again()

    def _forget_at(self, node: ast.Node) -> None:
        """Forget the declarations that `node` stands in."""
        check = self.check
        for d in self._decls_at(node):
            for _, name in _declares(check, d):
                obj = check.objects.get(name)
                if obj is not None and not isinstance(obj, PkgName):
                    self._forget(obj)

    def _decls_at(self, node: ast.Node) -> list[ast.Decl]:
        """The declaration that `node` stands in, if it is one of this package."""
        check = self.check
        if self._stretches is None:
            self._stretches = _stretches(check.files)
        starts, decls = self._stretches.get(node.pos >> BASE_SHIFT, ([], []))
        i = bisect_right(starts, node.pos) - 1
        if i < 0:
            raise Unfollowed
        return decls[i : i + 1]

    def _forget(self, obj: Object, stays: bool = True) -> None:
        """Forget what is known of `obj`. `stays`: its declaration is the same."""
        if obj in self.forgotten:
            return
        check = self.check
        d = check.obj_map[obj]
        if isinstance(obj, TypeName):
            self._forget_type(obj, d)
            return
        self.forgotten[obj] = obj.typ, getattr(obj, "val", None)
        if isinstance(obj, Func):
            assert d.fdecl is not None
            defined = check.info.defs.get(d.fdecl.name)
            forget_func(check, obj, d.fdecl)
            if stays and defined is not None:
                check.info.defs[d.fdecl.name] = defined
            self.change.checked[obj] = None
        elif isinstance(obj, Const):
            forget_nodes(check, [d.vtyp, d.init])
            forget_owner(check, obj)
            obj.typ, obj.val = None, d.iota
            d.deps = {}
        elif isinstance(obj, Var):
            self._forget_var(obj)
        else:
            raise Unfollowed

    def _forget_type(self, obj: TypeName, d: DeclInfo) -> None:
        """Let the type be looked at again, as what it is declared to be by then."""
        check, named, decl = self.check, obj.typ, d.tdecl
        assert decl is not None
        if named is None:
            self.forgotten[obj] = None, None
            return
        if not isinstance(named, Named) or named.obj is not obj or named.tparams or decl.alias:
            raise Unfollowed
        old = None
        if named.loader is None:
            old = named.underlying
            if not isinstance(old, Struct | Interface) or named.from_rhs is not old:
                raise Unfollowed
        self.forgotten[obj] = named, old
        forget_nodes(check, [decl])
        forget_owner(check, obj)
        check.mono.forget(decl.pos, decl.end)
        check.valid_types.clear()
        named.from_rhs = None
        named.loader = lambda: check.load_type_again(obj, named)

    def _forget_var(self, obj: Var) -> None:
        check = self.check
        d = check.obj_map[obj]
        children = d.file.children
        inner = [
            s
            for s in children
            if s.pos and d.init and d.init.pos >> BASE_SHIFT == s.pos >> BASE_SHIFT
        ]
        forget_nodes(check, [d.vtyp, d.init])
        kept = set(check.info.scopes.values()) if inner else set()
        for scope in inner:
            if scope not in kept:
                children.remove(scope)
        if d.init is not None:
            check.mono.forget(d.init.pos, d.init.end)
        for v in d.lhs or [obj]:
            self.forgotten.setdefault(v, (v.typ, None))
            forget_owner(check, v)
            v.typ = None
        d.deps, d.bodies, d.init_checked = {}, [], False
        self.change.inits = True


def _declares(check: Checker, d: ast.Decl) -> Iterable[tuple[tuple[object, ...], ast.Node]]:
    """What `d` declares: what it is, as far as that makes it the same thing, and its node."""
    if isinstance(d, ast.FuncDecl):
        recv: tuple[object, ...] = ()
        if d.recv is not None:
            ptr, base, _ = check.unpack_recv(d.recv.type, False)
            recv = ptr, base.value if isinstance(base, ast.Name) else None
        yield ("func", d.name.value, recv, _is_generic(d)), d.name
    elif isinstance(d, ast.TypeDecl):
        yield ("type", d.name.value, d.alias, bool(d.tparam_list)), d.name
    elif isinstance(d, ast.ImportDecl):
        local = d.local_pkg_name.value if d.local_pkg_name is not None else None
        yield ("import", local, d.path.value if d.path is not None else None), d
    elif isinstance(d, (ast.VarDecl, ast.ConstDecl)):
        for name in d.name_list:
            yield (type(d), name.value), name


def _is_plain(obj: Object) -> bool:
    """Whether `obj` is a type whose declaration can be another one without its being another type."""
    named = obj.typ
    return (
        isinstance(named, Named)
        and named.obj is obj
        and not named.tparams
        and named.loader is None
        and isinstance(named.underlying, Struct | Interface)
        and named.from_rhs is named.underlying
    )


def _is_generic(d: ast.FuncDecl) -> bool:
    return bool(d.tparam_list) or _is_method_of_generic(d)


def _is_method_of_generic(d: ast.FuncDecl | None) -> bool:
    if d is None or d.recv is None:
        return False
    recv: ast.Expr | None = d.recv.type
    while isinstance(recv, (ast.ParenExpr, ast.Operation)):
        recv = recv.x
    return isinstance(recv, ast.IndexExpr)


def _pragma(d: DeclInfo) -> frozenset[str]:
    return d.fdecl.pragma.flags if d.fdecl is not None else frozenset()


def _is_same(obj: Object, typ: Type, val: Any) -> bool:
    """Whether `obj`, resolved again, means what it meant when it had this type and value."""
    new = obj.typ
    assert new is not None
    if isinstance(obj, Const) and (type(obj.val) is not type(val) or obj.val != val):
        return False
    if isinstance(new, Signature) and isinstance(typ, Signature):
        typ = _with_parameters_of(new, typ)
        if (new.recv is None) is not (typ.recv is None):
            return False
        if new.recv is not None and typ.recv is not None:
            if not identical(new.recv.type, typ.recv.type):
                return False
    return identical(new, typ)


def _with_parameters_of(new: Signature, old: Signature) -> Signature:
    """`old` with the type parameters of `new`, which belong to another declaration of the same. Raises
    `Unfollowed` if these are other ones: instances are made for them."""
    ours, theirs = [*new.rparams, *new.tparams], [*old.rparams, *old.tparams]
    if not ours and not theirs:
        return old
    if len(new.rparams) != len(old.rparams) or len(ours) != len(theirs):
        raise Unfollowed
    smap = make_rename_map(theirs, ours)
    for a, b in zip(ours, theirs, strict=True):
        if a.bound is None or b.bound is None:
            raise Unfollowed
        if not identical(a.bound, subst(None, NO_POS, b.bound, smap)):
            raise Unfollowed
    plain = Signature(None, old.params, old.results, old.variadic)
    found = subst(None, NO_POS, plain, smap)
    assert isinstance(found, Signature)
    recv = old.recv
    if recv is not None:
        recv = Var(recv.pos, recv.pkg, recv.name, subst(None, NO_POS, recv.type, smap))
    return Signature(recv, found.params, found.results, found.variadic, new.tparams)


def _underlying(base: TypeName) -> Type | None:
    return base.typ.underlying if base.typ is not None else None


def _stretches(files: list[ast.File]) -> dict[int, tuple[list[int], list[ast.Decl]]]:
    """The declarations in each stretch, with where they begin, in order."""
    found: dict[int, list[ast.Decl]] = {}
    for file in files:
        for d in file.decl_list:
            found.setdefault(d.pos >> BASE_SHIFT, []).append(d)
    for decls in found.values():
        decls.sort(key=lambda d: d.pos)
    return {base: ([d.pos for d in decls], decls) for base, decls in found.items()}


class _Reach:
    """Which of some members of declared types can be found on a type, by embedding too."""

    def __init__(self, members: dict[TypeName, set[str]]) -> None:
        self._members = members
        self._known: dict[Type, set[str]] = {}

    def names(self, t: Type) -> set[str]:
        typ, _ = deref(t)
        named = as_named(typ)
        key = named if named is not None else typ
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = set()
            if named is not None:
                found |= self._members.get(named.obj, set())
            u = key.underlying
            if isinstance(u, Struct):
                for f in u.fields:
                    if f.embedded:
                        found |= self.names(f.type)
        return found

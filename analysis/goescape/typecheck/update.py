"""Taking over an edited file when nothing but function bodies changed.

Most edits are made inside one body. The package's objects and types then stay what they are; only
that function is declared anew (its parameters stand at new places) and its body is to be checked
again. Whatever had been found out about the old text of the function is forgotten.

Invariants
  - the function's object stays the same, so what refers to it stays valid;
  - after `update_file` and `check_all`, errors and tables are those of a new checker.

Example: after an edit inside `func f`, `update_file(old, new)` returns `[f]`; after one in a
parameter list it returns None and leaves the checker alone.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from goescape.source.mention import mentioned
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.initorder import needed_for_variables
from goescape.typecheck.lookup import deref
from goescape.typecheck.named import expand_method
from goescape.typecheck.objects import Func, PkgName
from goescape.typecheck.types import Signature, as_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goescape.typecheck.checker import Checker
    from goescape.typecheck.errors import TypeError_
    from goescape.typecheck.objects import Object

_PLAIN = frozenset(
    {ast.BasicLit, ast.CallExpr, ast.ListExpr, ast.Name, ast.Operation, ast.SelectorExpr}
)
"""The commonest nodes: they open no scope and imply no object."""


def update_file(check: Checker, old: ast.File, new: ast.File) -> list[Func] | None:
    """`new` is the tree of `old`'s file after an edit, with the nodes of `old` where nothing
    changed. Returns the functions whose bodies changed, not checked again yet; None if anything
    else changed: a new checker is needed then, and this one is as it was."""
    if not check.collected or check.busy or old not in check.files:
        return None
    changed = _changed_functions(check, old, new)
    if changed is None:
        return None
    funcs: list[Func] = []
    for before, after in changed:
        obj = check.func_objs.pop(before)
        check.func_objs[after] = obj
        del check.objects[before.name]
        check.objects[after.name] = obj
        forget_func(check, obj, before)
        check.obj_map[obj].fdecl = after
        obj.pos = after.name.pos
        check.info.defs[after.name] = obj
        funcs.append(obj)
    if old is not new:
        replace_file(check, old, new)
    if funcs:
        mark_used_imports(check)
        for obj in funcs:
            renew_instances(obj)
    return funcs


def check_again(check: Checker) -> None:
    """After `check_all` and edits: check the bodies that were edited, so that all is as after another
    `check_all`."""
    if check.redeclared:
        check.redeclared = False
        check.check_all()
        check.order_may_differ = True
        return
    edited, check.edited = check.edited, {}
    check.eager = True
    had_cycle = False
    errors: list[TypeError_] = []
    for e in check.errors:
        had_cycle = had_cycle or e.code == "InvalidInitCycle"
        if e.owner or e.code != "UnusedImport":
            errors.append(e)
    check.errors[:] = errors
    for obj in edited:
        check.check_body(obj)
    others = [o for o, deps in edited.items() if check.obj_map[o].deps.keys() != deps.keys()]
    if had_cycle or (others and not needed_for_variables(check).isdisjoint(others)):
        check.errors[:] = [e for e in check.errors if e.owner or e.code != "InvalidInitCycle"]
        check.init_order()
        check.order_may_differ = True
    check.unused_imports()


def _changed_functions(
    check: Checker, old: ast.File, new: ast.File
) -> list[tuple[ast.FuncDecl, ast.FuncDecl]] | None:
    """The function declarations whose bodies differ; None if there are other differences."""
    if (
        old.pkg_name.value != new.pkg_name.value
        or old.go_version != new.go_version
        or len(old.decl_list) != len(new.decl_list)
    ):
        return None
    changed: list[tuple[ast.FuncDecl, ast.FuncDecl]] = []
    for before, after in zip(old.decl_list, new.decl_list, strict=True):
        if before is after:
            continue
        if not isinstance(before, ast.FuncDecl) or not isinstance(after, ast.FuncDecl):
            return None
        if before not in check.func_objs or not same_header(before, after):
            return None
        changed.append((before, after))
    for e in check.errors:
        # Errors of others must not stand in what is forgotten, nor name a place there.
        if e.code == "InvalidInstanceCycle":
            return None
        for before, _ in changed:
            if e.owner is not check.func_objs[before] and names_place_in(e, before):
                return None
    return changed


def same_header(a: ast.FuncDecl, b: ast.FuncDecl) -> bool:
    """Whether two functions are declared alike, but for their bodies."""
    return (
        a.has_body == b.has_body
        and a.pragma.flags == b.pragma.flags
        and _same(a.name, b.name)
        and _same(a.recv, b.recv)
        and _same(a.tparam_list, b.tparam_list)
        and _same(a.type, b.type)
    )


def same_parameters(a: ast.Decl, b: ast.Decl) -> bool:
    """Whether these are functions with the same type parameters."""
    return (
        isinstance(a, ast.FuncDecl)
        and isinstance(b, ast.FuncDecl)
        and _same(a.tparam_list, b.tparam_list)
    )


def _same(a: object, b: object) -> bool:
    """Are two trees the same, wherever they stand? What is missing in them never is."""
    if type(a) is not type(b) or isinstance(a, ast.BadExpr):
        return False
    if isinstance(a, ast.Node):
        return all(
            _same(getattr(a, name), getattr(b, name))
            for cls in type(a).__mro__
            for name in getattr(cls, "__slots__", ())
        )
    if isinstance(a, (list, tuple)):
        assert isinstance(b, (list, tuple))
        return len(a) == len(b) and all(map(_same, a, b))
    # The only numbers in a tree are positions and counts of what is compared anyway.
    return a == b or (isinstance(a, int) and not isinstance(a, bool))


def names_place_in(e: TypeError_, d: ast.Decl) -> bool:
    """Whether the error stands in `d`, or mentions a place there."""
    return any(d.pos <= pos <= d.end for pos in (e.pos, *mentioned(e.msg)))


def forget_func(check: Checker, obj: Func, decl: ast.FuncDecl) -> None:
    """Forget what is known of the function's declaration and body."""
    parts: list[ast.Node | None] = [decl.recv, decl.name, *decl.tparam_list, decl.type]
    if obj in check.checked_bodies and obj not in check.broken_bodies:
        parts.append(decl.body)
    forget_nodes(check, parts)
    sig = obj.typ
    if isinstance(sig, Signature) and sig.scope is not None and sig.scope.parent is not None:
        siblings = sig.scope.parent.children
        if sig.scope in siblings:
            siblings.remove(sig.scope)
        sig.scope.dissolve()
    obj.typ = None
    check.mono.forget(decl.pos, decl.end)
    d = check.obj_map[obj]
    check.edited.setdefault(obj, d.deps)
    d.deps = {}
    check.checked_bodies.discard(obj)
    check.broken_bodies.pop(obj, None)
    check.looked_up.discard(obj)
    forget_owner(check, obj)


def forget_nodes(check: Checker, parts: Iterable[ast.Node | None]) -> None:
    """Forget what was found out about these nodes and all below them."""
    info = check.info
    nodes = [node for part in parts if part is not None for node in walk(part)]
    if info.range_funcs and not (gone := set(nodes)).isdisjoint(info.range_funcs):
        # What was made of it speaks of objects that are no more.
        info.range_funcs[:] = [node for node in info.range_funcs if node not in gone]
        for node in nodes:
            info.rewrites.pop(node, None)
    dotted = [
        check.import_uses[p] for p in check.imports if p.name == "." and p in check.import_uses
    ]
    names = [node for node in nodes if node.__class__ is ast.Name]
    others = [node for node in nodes if node.__class__ not in _PLAIN]
    _forget(info.types, nodes)
    for name, used in zip(names, _forget(info.uses, names), strict=True):
        # An embedded type's name is a use and a definition.
        if used.__class__ is PkgName:
            check.import_uses.get(used, set()).discard(name)
        elif used is not None:
            for uses in dotted:
                uses.discard(name)
    _forget(info.defs, names)
    _forget(info.instances, names)
    _forget(info.selections, [node for node in nodes if node.__class__ is ast.SelectorExpr])
    _forget(info.implicits, others)
    _forget(info.scopes, others)


def _forget(table: dict[Any, Any], keys: Sequence[ast.Node]) -> list[Any]:
    """Take out `keys`, of which not every one has to be there; what they led to."""
    return list(map(table.pop, keys, repeat(None)))


def forget_owner(check: Checker, obj: Object) -> None:
    """Forget the errors of the declaration of `obj`, and what is still to be done for it."""
    check.errors[:] = [e for e in check.errors if e.owner is not obj]
    if check.postponed:
        check.postponed[:] = [action for action in check.postponed if action[1] is not obj]


def renew_instances(method: Func) -> None:
    """The methods of generic types are copied for each instance: copy this one again."""
    sig = method.type
    if not isinstance(sig, Signature) or sig.recv is None or not sig.rparams:
        return
    base = as_named(deref(sig.recv.type)[0])
    if base is None:
        return
    i = base.method_index(method.name)
    if i < 0 or base.methods[i] is not method:
        return
    for instance in list((base.orig.instances or {}).values()):
        copy = instance.copied_method(i)
        if copy is not None:
            new = expand_method(instance, i)
            copy.pos, copy.typ = new.pos, new.typ


def replace_file(check: Checker, old: ast.File, new: ast.File) -> None:
    info = check.info
    for files in (check.files, check.given_files):
        if old in files:
            files[files.index(old)] = new
    scope = info.scopes.pop(old)
    scope.pos, scope.end = new.pos, new.end
    info.scopes[new] = scope
    check.file_of_scope[scope] = new
    info.file_versions[new] = info.file_versions.pop(old)
    info.defs.pop(old.pkg_name, None)
    info.defs[new.pkg_name] = None


def mark_used_imports(check: Checker) -> None:
    """Which imports are used, from the uses that are left."""
    for pkg_name in check.imports:
        pkg_name.used = pkg_name.imported.fake or bool(check.import_uses.get(pkg_name))

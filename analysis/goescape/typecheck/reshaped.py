"""A struct type that has other fields now: what keeps its identity, and who sees the difference.

The defined type stays the same object, and so do its fields of the same name and type. Whoever
selects a field that came, went or has another type is found like whoever selects a method. What is
left are those who handle values of the type as a whole, whose size, zero value, comparison and
composite literals are others: the tables of `Info` have a node of that type, or of one that
holds it, in each of them. A pointer to it is handled as before.

Invariants
  - `Readers.nodes` errs on the side of more;
  - where generic code is instantiated with such a type, the instances would be others: that is
    not followed.

Example: after `type T struct{ a int }` has become `type T struct{ a int; b *int }`, `func f(t *T) int {
return t.a }` need not be looked at, `func g() *T { return &T{} }` must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.lookup import deref, lookup_field_or_method
from goescape.typecheck.objects import Builtin, Func, Object, Var
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import (
    Array,
    Basic,
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
    as_named,
    unalias,
)
from goescape.typecheck.typeset import type_set

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import TypeName


_T = TypeVar("_T", bound=Object)


class Unfollowed(Exception):
    """It cannot be told who is affected."""


def keep_fields(check: Checker, decl: ast.TypeDecl, old: Struct, new: Struct) -> set[str]:
    """Let the struct type `new` of `decl` have the fields of `old` that are the same. The names of
    those that are not, and of what they promote."""
    known = {f.name: f for f in old.fields if f.name != "_"}
    kept: dict[Var, Var] = {}
    for i, field in enumerate(new.fields):
        before = known.get(field.name)
        if before is None or before.embedded is not field.embedded:
            continue
        if identical(before.type, field.type):
            before.pos = field.pos
            kept[field] = new.fields[i] = before
            del known[field.name]
    redefine(check, decl, kept)
    fresh = [f for f in new.fields if f not in kept.values()]
    blank = [[f.type for f in s.fields if f.name == "_"] for s in (old, new)]
    if len(blank[0]) != len(blank[1]) or not all(map(identical, *blank)):
        raise Unfollowed
    changed = [*known.values(), *(f for f in fresh if f.name != "_")]
    if any(_mentions_instance(f.type) for f in changed):
        raise Unfollowed
    names = {f.name for f in changed}
    seen: set[Type] = set()
    for f in changed:
        if f.embedded:  # So does the first word of one that is half typed look.
            _add_promoted(names, f.type, seen)
    return names


def redefine(check: Checker, decl: ast.TypeDecl, kept: Mapping[_T, _T]) -> None:
    """Let the names in `decl` stand for what is kept instead of what they declared anew."""
    known: Mapping[Any, _T] = kept
    for node in walk(decl.type):
        if isinstance(node, ast.Name) and check.info.defs.get(node) in known:
            check.info.defs[node] = known[check.info.defs[node]]


def _add_promoted(names: set[str], t: Type, seen: set[Type]) -> None:
    """Add what can be selected from a value of type `t`."""
    typ, _ = deref(t)
    named = as_named(typ)
    found = named if named is not None else typ
    if found in seen:
        return
    seen.add(found)
    if named is not None:
        names.update(m.name for m in named.methods)
    u = found.underlying
    if isinstance(u, Struct):
        for f in u.fields:
            names.add(f.name)
            if f.embedded:
                _add_promoted(names, f.type, seen)
    elif isinstance(u, Interface):
        names.update(m.name for m in type_set(u).methods)


def _mentions_instance(t: Type) -> bool:
    """Whether an instantiated type is spelled in `t`."""
    u = unalias(t)
    if isinstance(u, Named):
        return bool(u.targs)
    return any(map(_mentions_instance, _parts(u)))


def _parts(t: Type) -> list[Type]:
    match t:
        case Pointer() | Slice() | Array() | Chan():
            return [t.elem]
        case Map():
            return [t.key, t.elem]
        case Struct():
            return [f.type for f in t.fields]
        case Tuple():
            return [v.type for v in t.vars]
        case Signature():
            return [v.type for v in (*t.params.vars, *t.results.vars)]
        case Interface():
            return [m.type for m in t.methods]
    return []


class Readers:
    """Who sees that the types `reshaped` are others."""

    def __init__(self, check: Checker, reshaped: Container[TypeName]) -> None:
        self.check = check
        self.reshaped = reshaped
        self._known: dict[Type, bool] = {}

    def nodes(self) -> Iterator[ast.Node]:
        """The places in which a value of the types, or of what holds one, is handled, with the names of
        the types where they are not behind a `*`."""
        info = self.check.info
        for instance in info.instances.values():
            if any(map(self._holds, instance.targs)):
                raise Unfollowed
        found: list[ast.Expr] = []
        behind: set[ast.Expr] = set()
        for node, tv in info.types.items():
            t = tv.type
            if t.__class__ is Basic:
                continue
            if tv.mode == "typexpr" and isinstance(node, ast.Operation):
                behind.add(_unparen(node.x))
            if self._holds(t):
                found.append(node)
        yield from (node for node in found if node not in behind)
        for table in (info.defs, info.uses):
            for name, obj in list(table.items()):
                if isinstance(obj, Var) and obj.kind != "field":
                    if obj.typ is not None and self._holds(obj.typ):
                        yield name
                elif isinstance(obj, Builtin) and obj.name == "Offsetof":
                    yield name
        for clause, obj in list(info.implicits.items()):
            if isinstance(obj, Var) and obj.typ is not None and self._holds(obj.typ):
                yield clause
        for selector, sel in list(info.selections.items()):
            if isinstance(sel.obj, Func) and isinstance(sig := sel.obj.type, Signature):
                if sig.recv is not None and self._holds(sig.recv.type):
                    yield selector.sel

    def is_behind(self, decl: ast.TypeDecl) -> bool:
        """Whether one of the types is all that `decl` declares another name for."""
        tv = self.check.info.types.get(_unparen(decl.type))
        t = unalias(tv.type) if tv is not None else None
        return isinstance(t, Named) and t.obj in self.reshaped

    def find_again(self) -> None:
        """Selections lead through other indices where fields came or went before them."""
        reached: dict[Type, bool] = {}
        for selector, sel in self.check.info.selections.items():
            if self._leads_through(sel.recv, reached):
                name = selector.sel.value
                obj, index, indirect = lookup_field_or_method(sel.recv, False, self.check.pkg, name)
                if index is None or (obj is not sel.obj and isinstance(obj, Var)):
                    raise Unfollowed
                sel.index, sel.indirect = index, indirect

    def _leads_through(self, t: Type, known: dict[Type, bool]) -> bool:
        """Whether selecting from `t` may come to fields of the types, by embedding."""
        t = unalias(t)
        found = known.get(t)
        if found is None:
            known[t] = False
            if isinstance(t, Pointer):
                found = self._leads_through(t.elem, known)
            else:
                u = t.underlying
                found = isinstance(t, Named) and t.obj in self.reshaped
                if isinstance(u, Pointer) and not found:
                    found = self._leads_through(u.elem, known)
                if isinstance(u, Struct) and not found:
                    found = any(self._leads_through(f.type, known) for f in u.fields if f.embedded)
            known[t] = found
        return found

    def _holds(self, t: Type) -> bool:
        """Whether a value of type `t` holds one of the types, or stores elements that do. Not what is
        only pointed to."""
        known = self._known.get(t)
        if known is None:
            self._known[t] = False
            known = self._known[t] = self._look(t)
        return known

    def _look(self, t: Type) -> bool:
        u = unalias(t)
        if isinstance(u, Named):
            if any(map(self._holds, u.targs)):
                raise Unfollowed
            if u.obj in self.reshaped:
                return True
            u = u.underlying
            return isinstance(u, (Struct, Array)) and any(map(self._holds, _parts(u)))
        found = [self._holds(part) for part in _parts(u)]  # Instances behind pointers count, too.
        return any(found) and not isinstance(u, (Pointer, Signature, Interface))


def _unparen(e: ast.Expr) -> ast.Expr:
    while isinstance(e, ast.ParenExpr):
        e = e.x
    return e

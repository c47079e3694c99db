"""An interface type that has other methods now: what keeps its identity, and who cannot be followed.

The defined type and its interface stay the same objects, and so do the methods of the same name and
signature. Whoever selects a method that came, went or has another signature is found like whoever
selects a field, and whoever asked whether a type has the methods of this interface is told by
`Checker.satisfied`. Its values are handled as before: they have the same layout.

Invariants
  - an interface without methods is another kind of value: that is not followed;
  - nor is what is made of the interface's methods: other interfaces that embed it, constraints, types
    declared to be it.

Example: after `type I interface{ M() }` has become `type I interface{ M(); N() }`, `func f(i I) { i.M() }`
need not be looked at, `var i I = T{}` must.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck.objects import Func, TypeName
from goescape.typecheck.predicates import identical
from goescape.typecheck.reshaped import Unfollowed, redefine
from goescape.typecheck.types import Interface, Named, Type, TypeParam, unalias
from goescape.typecheck.typeset import TypeSet, type_set

if TYPE_CHECKING:
    from collections.abc import Container

    from goescape.typecheck.checker import Checker


def keep_methods(check: Checker, decl: ast.TypeDecl, old: Interface, new: Interface) -> set[str]:
    """Let `old` be the interface that `decl` declares, which `new` was made of. The names of the methods
    that are others."""
    before, after = type_set(old), type_set(new)
    is_same = identical(old, new)
    if not is_same:
        if not before.methods or not after.methods:
            raise Unfollowed
        if not before.is_method_set() or not after.is_method_set():
            raise Unfollowed
    own = {m.name: m for m in old.methods}
    kept: dict[Func, Func] = {}
    for m in new.methods:
        same = own.get(m.name)
        if same is not None and identical(same.type, m.type):
            same.pos = m.pos
            kept[m] = same
            del own[m.name]
    redefine(check, decl, kept)
    old.methods = [kept.get(m, m) for m in new.methods]
    old.embeddeds, old.embed_pos = new.embeddeds, new.embed_pos
    methods = [kept.get(m, m) for m in after.methods]
    if methods:
        old.tset = TypeSet(methods, after.terms, after.comparable)
    tv = check.info.types.get(decl.type)
    if tv is not None:
        tv.type = old
    return {m.name for m in {*before.methods} ^ {*methods}} if not is_same else set()


def refuse_built_upon(check: Checker, changed: Container[TypeName]) -> None:
    """What is made of the methods of these types is not followed."""

    def is_one(t: Type | None) -> bool:
        u = unalias(t) if t is not None else None
        return isinstance(u, Named) and u.obj in changed

    for obj in check.info.defs.values():
        if not isinstance(obj, TypeName) or obj.typ is None or obj in changed:
            continue
        t = unalias(obj.typ)
        if isinstance(t, TypeParam):
            if is_one(t.bound):
                raise Unfollowed
        elif isinstance(t, Named) and t.obj is obj and is_one(t.from_rhs):
            raise Unfollowed
    seen: set[Type] = set()
    for tv in check.info.types.values():
        found = tv.type
        if isinstance(found, Interface) and found not in seen:
            seen.add(found)
            if any(map(is_one, found.embeddeds)):
                raise Unfollowed

"""Scopes: names and the objects they denote, nested as the source is.

Invariants
  - the universe's scope has no parent, a package's scope has the universe's as its parent, file
    scopes hold a package's imports, and everything else nests below;
  - the universe does not list its children: package scopes come and go;
  - an object inside a function is in scope from its `scope_pos` on, compared in its own stretch
    of the file (a function is one declaration, hence one stretch); package-level objects have
    none and are in scope everywhere.

Example: in `x := x + 1` the x on the right is looked up at a position before the new x's
`scope_pos`, so it is found in an outer scope.

Source: cmd/compile/internal/types2/{scope,util}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import NO_POS, Pos

if TYPE_CHECKING:
    from goescape.typecheck.objects import Object


class Scope:
    __slots__ = ("__weakref__", "children", "comment", "elems", "end", "is_func", "parent", "pos")

    def __init__(
        self, parent: Scope | None, pos: Pos = NO_POS, end: Pos = NO_POS, comment: str = ""
    ) -> None:
        self.parent, self.pos, self.end, self.comment = parent, pos, end, comment
        self.children: list[Scope] = []
        self.elems: dict[str, Object] = {}
        self.is_func = False
        if parent is not None and parent.parent is not None:
            parent.children.append(self)

    def dissolve(self) -> None:
        """What is in this scope, and in those below, is no more: whatever still knows one of them, a type
        that somebody remembers, does not keep the others."""
        stack = [self]
        while stack:
            scope = stack.pop()
            stack += scope.children
            scope.parent, scope.children, scope.elems = None, [], {}

    def lookup(self, name: str) -> Object | None:
        """The object `name` of this very scope."""
        return self.elems.get(name)

    def lookup_parent(self, name: str, pos: Pos = NO_POS) -> tuple[Scope | None, Object | None]:
        """The innermost scope, from this one outwards, that has `name`, and the object; objects
        that come into scope behind `pos` are passed over (unless `pos` is `NO_POS`)."""
        scope: Scope | None = self
        while scope is not None:
            obj = scope.elems.get(name)
            if obj is not None and (pos == NO_POS or obj.scope_pos <= pos):
                return scope, obj
            scope = scope.parent
        return None, None

    def insert(self, obj: Object) -> Object | None:
        """Add `obj` under its name; if the name is taken, leave the scope as it is and return the
        object that has it. An object without a parent scope gets this one."""
        alt = self.elems.get(obj.name)
        if alt is not None:
            return alt
        self.elems[obj.name] = obj
        if obj.parent is None:
            obj.parent = self
        return None

    def names(self) -> list[str]:
        return sorted(self.elems)

    def lookup_ignoring_case(self, name: str, exported: bool) -> list[Object]:
        """The objects whose names are `name` but for case, sorted by name; only exported ones if
        `exported`."""
        folded = name.casefold()
        return [
            self.elems[n]
            for n in sorted(self.elems)
            if n.casefold() == folded and (not exported or self.elems[n].exported)
        ]

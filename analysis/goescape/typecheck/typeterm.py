"""Elementary type sets.

A term is one of: None, the empty set; `Term(False, None)`, all types; `Term(False, T)`, just T;
`Term(True, t)`, every type whose underlying type is t.

Example: `~int` and `MyInt` are not disjoint, and `MyInt` is the smaller: their union is `~int`,
their intersection `MyInt`.

Source: cmd/compile/internal/types2/typeterm.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.typecheck import predicates

if TYPE_CHECKING:
    from goescape.typecheck.types import Term, Type


def union(x: Term | None, y: Term | None) -> tuple[Term | None, Term | None]:
    """x ∪ y as none, one or two terms; a single one stands first."""
    if x is None:
        return y, None
    if y is None or x.type is None:
        return x, None
    if y.type is None:
        return y, None
    if disjoint(x, y):
        return x, y
    return (x if x.tilde or not y.tilde else y), None


def intersect(x: Term | None, y: Term | None) -> Term | None:
    if x is None or y is None:
        return None
    if x.type is None:
        return y
    if y.type is None:
        return x
    if disjoint(x, y):
        return None
    return x if not x.tilde or y.tilde else y


def includes(x: Term | None, t: Type) -> bool:
    """Whether the type `t` is in x."""
    if x is None:
        return False
    if x.type is None:
        return True
    return predicates.identical(x.type, t.underlying if x.tilde else t)


def subset_of(x: Term | None, y: Term | None) -> bool:
    if x is None:
        return True
    if y is None:
        return False
    if y.type is None:
        return True
    if x.type is None or disjoint(x, y):
        return False
    return not x.tilde or y.tilde


def disjoint(x: Term, y: Term) -> bool:
    """Whether x ∩ y is empty; neither is the set of all types."""
    ux, uy = x.type, y.type
    if y.tilde:
        ux = ux.underlying
    if x.tilde:
        uy = uy.underlying
    return not predicates.identical(ux, uy)


def term_string(x: Term | None) -> str:
    from goescape.typecheck.typestring import type_string

    if x is None:
        return "∅"
    if x.type is None:
        return "𝓤"
    return ("~" if x.tilde else "") + type_string(x.type)

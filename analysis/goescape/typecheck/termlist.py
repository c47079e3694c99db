"""Unions of terms.

A termlist is a list of terms and stands for the union of their type sets. In normal form its
terms are disjoint. Operations take lists in any form.

Invariant: a termlist is never changed once made; `ALL_TERMS` is the set of all types.

Source: cmd/compile/internal/types2/termlist.go (go1.27).
"""

from __future__ import annotations

from goescape.typecheck import typeterm
from goescape.typecheck.types import Term, Type

TermList = list[Term | None]

ALL_TERM = Term(False, None)  # type: ignore[arg-type]  # no type: all types
ALL_TERMS: TermList = [ALL_TERM]


def is_empty(xl: TermList) -> bool:
    return all(x is None for x in xl)


def is_all(xl: TermList) -> bool:
    return any(x is not None and x.type is None for x in xl)


def norm(xl: TermList) -> TermList:
    """The normal form of `xl`."""
    if len(xl) == 1 and xl[0] is not None:
        return xl
    used = [False] * len(xl)
    result: TermList = []
    for i, xi in enumerate(xl):
        if xi is None or used[i]:
            continue
        for j in range(i + 1, len(xl)):
            xj = xl[j]
            if xj is None or used[j]:
                continue
            u1, u2 = typeterm.union(xi, xj)
            if u2 is None:
                assert u1 is not None
                if u1.type is None:
                    return ALL_TERMS
                xi = u1
                used[j] = True
        result.append(xi)
    return result


def union(xl: TermList, yl: TermList) -> TermList:
    return norm([*xl, *yl])


def intersect(xl: TermList, yl: TermList) -> TermList:
    if is_empty(xl) or is_empty(yl):
        return []
    if xl is ALL_TERMS:
        return norm(yl)
    if yl is ALL_TERMS:
        return norm(xl)
    result: TermList = []
    for x in xl:
        for y in yl:
            r = typeterm.intersect(x, y)
            if r is not None:
                result.append(r)
    return norm(result)


def equal(xl: TermList, yl: TermList) -> bool:
    return xl is yl or (subset_of(xl, yl) and subset_of(yl, xl))


def includes(xl: TermList, t: Type) -> bool:
    return any(typeterm.includes(x, t) for x in xl)


def superset_of(xl: TermList, y: Term | None) -> bool:
    """Whether `y` is a subset of one of the terms of `xl`."""
    return any(typeterm.subset_of(y, x) for x in xl)


def subset_of(xl: TermList, yl: TermList) -> bool:
    if is_empty(yl):
        return is_empty(xl)
    return all(superset_of(yl, x) for x in xl)


def termlist_string(xl: TermList) -> str:
    return " | ".join(typeterm.term_string(x) for x in xl) if xl else "∅"

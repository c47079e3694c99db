"""What types are made of."""

from __future__ import annotations

from goescape.ir.shapes import is_shape
from goescape.typecheck.types import (
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
    unalias,
)


def parts(t: Type) -> list[Type]:
    """The types that an unnamed type is made of."""
    cls = t.__class__
    if cls is Pointer or cls is Slice or cls is Array or cls is Chan:
        return [t.elem]  # type: ignore[attr-defined]
    if cls is Map:
        return [t.key, t.elem]  # type: ignore[attr-defined]
    if cls is Signature:
        return [v.type for v in t.params.vars] + [v.type for v in t.results.vars]  # type: ignore[attr-defined]
    if cls is Tuple:
        return [v.type for v in t.vars]  # type: ignore[attr-defined]
    if cls is Struct:
        return [f.type for f in t.fields]  # type: ignore[attr-defined]
    if cls is Interface:
        return [m.type for m in t.methods] + list(t.embeddeds)  # type: ignore[attr-defined]
    return []


def nameds(t: Type) -> list[Named]:
    """The defined types that occur in `t`."""
    out: list[Named] = []
    stack = [t]
    while stack:
        u = unalias(stack.pop())
        if isinstance(u, Named):
            out.append(u)
            stack += u.targs
        elif not isinstance(u, Interface):
            stack += parts(u)
    return out


def depth(t: Type) -> int:
    """How deep types are nested in each other, interfaces aside."""
    deepest = 0
    stack = [(t, 1)]
    while stack:
        u, n = stack.pop()
        u = unalias(u)
        deepest = max(deepest, n)
        if isinstance(u, Named):
            stack += [(a, n + 1) for a in ([u.underlying] if is_shape(u) else u.targs)]
        elif not isinstance(u, Interface):
            stack += [(p, n + 1) for p in parts(u)]
    return deepest

"""Names of instances of generic code, and what is the same for all of them.

Example: `(*Cache[go.shape.int,go.shape.string]).Get` is an instance of `(*Cache).Get`, with the type
arguments `[go.shape.int,go.shape.string]`.
"""

from __future__ import annotations


def type_arguments(name: str) -> str:
    """The first bracketed part of the name of an instance, as `[go.shape.int]`; "" if there is none."""
    span = _brackets(name, 0)
    return name[span[0] : span[1]] if span is not None else ""


def generic_name(name: str) -> str:
    """The name without type arguments: the same for every instance."""
    out = []
    at = 0
    while (span := _brackets(name, at)) is not None:
        out.append(name[at : span[0]])
        at = span[1]
    out.append(name[at:])
    return "".join(out)


def _brackets(name: str, start: int) -> tuple[int, int] | None:
    """Where the first outermost pair of brackets from `start` begins and ends."""
    i = name.find("[", start)
    depth = 0
    for j in range(i, len(name)) if i >= 0 else ():
        depth += {"[": 1, "]": -1}.get(name[j], 0)
        if depth == 0:
            return i, j + 1
    return None

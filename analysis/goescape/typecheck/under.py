"""Looking at what stands behind a type: its underlying type, or those of its type set.

For a type parameter the questions are asked of every type of its constraint's type set; any
other type stands for itself.

Example: for `[P []int | MySlice]`, `common_under(P)` is `[]int`; for `[P any]` there is no
specific type, and the callbacks see None.

Source: cmd/compile/internal/types2/under.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.typecheck.types import Chan, Type, TypeParam, unalias

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


class TypeError_:
    """Why a type will not do; the text is made when it is asked for."""

    __slots__ = ("args", "format_")

    def __init__(self, format: str, args: tuple[Any, ...]) -> None:
        self.format_, self.args = format, args

    def format(self, check: Checker | None) -> str:
        """The cause in words; "" if there is nothing to say. `check` gives the names of
        packages; None prints full paths."""
        if not self.format_:
            return ""
        from goescape.typecheck.format import sprintf

        return sprintf(check, self.format_, *self.args)


def type_errorf(format: str, *args: Any) -> TypeError_:
    return TypeError_(format, args)


def under(t: Type) -> Type:
    return t.underlying


def all_types(t: Type, f: Callable[[Type | None, Type | None], bool]) -> bool:
    """Whether `f(type, underlying type)` holds for each type that `t` stands for; `f(None, None)`
    decides for a type parameter without specific types."""
    p = unalias(t)
    if isinstance(p, TypeParam):
        from goescape.typecheck.typeparam import tparam_typeset

        return tparam_typeset(p, f)
    return f(t, t.underlying)


def under_is(t: Type, f: Callable[[Type | None], bool]) -> bool:
    """Whether `f` holds for the underlying types of all types that `t` stands for."""
    p = unalias(t)
    if isinstance(p, TypeParam):
        return all_types(p, lambda _, u: f(u))
    return f(t.underlying)


def typeset(t: Type) -> list[tuple[Type | None, Type | None]]:
    """The (type, underlying type) pairs that `t` stands for, at least one; [(None, None)] for a
    type parameter without specific types."""
    p = unalias(t)
    if not isinstance(p, TypeParam):
        return [(t, t.underlying)]
    result: list[tuple[Type | None, Type | None]] = []

    def add(t: Type | None, u: Type | None) -> bool:
        result.append((t, u))
        return True

    all_types(p, add)
    return result


def common_under(
    t: Type, cond: Callable[[Type | None, Type | None], TypeError_ | None] | None = None
) -> tuple[Type | None, TypeError_ | None]:
    """The underlying type that all types of `t` share, and None; or None and the reason why there
    is none.

    Channels may differ in direction if the directions do not conflict: the result is then one of
    the most restricted. `cond` is asked first about each pair and may refuse it with an error."""
    from goescape.typecheck.predicates import identical

    ct: Type | None = None
    cu: Type | None = None
    for et, u in typeset(t):
        if cond is not None:
            err = cond(et, u)
            if err is not None:
                return None, err
        if u is None:
            return None, type_errorf("no specific type")
        if cu is None:
            ct, cu = et, u
            continue
        if isinstance(cu, Chan) and isinstance(u, Chan):
            if not identical(cu.elem, u.elem):
                return None, type_errorf("channels %s and %s have different element types", ct, et)
            if cu.dir == u.dir:
                pass
            elif cu.dir == "":
                ct, cu = et, u
            elif u.dir != "":
                return None, type_errorf("channels %s and %s have conflicting directions", ct, et)
            continue
        if not identical(cu, u):
            return None, type_errorf("%s and %s have different underlying types", ct, et)
    return cu, None

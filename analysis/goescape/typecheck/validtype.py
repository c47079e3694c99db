"""Types that contain themselves: `type T struct { t T }` has no size.

The walk keeps two stacks: `nest`, the types that contain each other in memory, and `path`, all
types gone through, for the message. A type found in its own nest is invalid.

Example: with `type A[P any] struct { _ B[P] }` and `type B[P any] struct { _ P }`, the type
`A[A[string]]` is valid: the argument of A is looked at outside of A's nest.

Source: cmd/compile/internal/types2/validtype.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.typecheck.basic import INVALID
from goescape.typecheck.objects import Object
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import (
    Array,
    Basic,
    Interface,
    Named,
    Pointer,
    Slice,
    Struct,
    Type,
    TypeParam,
    Union,
    unalias,
)

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_CLOSED_STEPS = 2000


def valid_type(check: Checker, typ: Named) -> None:
    """Report `typ` if it contains itself, and make it invalid then."""
    _valid(check, typ, [], [])


def _valid(check: Checker, typ: Type, nest: list[Named], path: list[Named]) -> bool:
    t = unalias(typ)
    if isinstance(t, Array):
        return _valid(check, t.elem, nest, path)
    if isinstance(t, Struct):
        return _all_valid(check, [f.type for f in t.fields], nest, path)
    if isinstance(t, Union):
        return _all_valid(check, [e.type for e in t.terms], nest, path)
    if isinstance(t, Interface):
        return _all_valid(check, t.embeddeds, nest, path)
    if isinstance(t, Named):
        # A type of another package can only contain one of this package through type arguments.
        if t.obj.pkg is not check.pkg and not t.targs:
            return True
        if t in check.valid_types:
            return True
        if any(e is t or (t.targs and e.targs and identical(e, t)) for e in nest):
            t.orig.from_rhs = INVALID
            t.from_rhs = INVALID
            for start, p in enumerate(path):
                if identical(p, t):
                    check.cycle_error(make_obj_list(path[start:]), 0)
                    break
            return False
        rhs = t.orig.from_rhs
        if rhs is None:
            check.n_unknown_rhs += 1
            return True
        unknown = check.n_unknown_rhs
        if not _valid(check, rhs, [*nest, t], [*path, t]):
            return False
        # All that t contains was seen. Had it contained a type that some day contains t, then t
        # would have been found in its own nest. The body of a generic type depends on arguments.
        if unknown == check.n_unknown_rhs and _is_closed(t):
            check.valid_types.add(t)
        return True
    if isinstance(t, TypeParam) and nest:
        # It stands for the type argument, which must be valid where the instance was made:
        # outside of the instance.
        inst = nest[-1]
        for i, tparam in enumerate(inst.tparams):
            if t is tparam and i < len(inst.targs):
                return _valid(check, inst.targs[i], nest[:-1], path)
    return True


def _all_valid(check: Checker, types: Sequence[Type], nest: list[Named], path: list[Named]) -> bool:
    # Most elements are of basic types.
    return all(type(t) is Basic or _valid(check, t, nest, path) for t in types)


def _is_closed(t: Named) -> bool:
    """Whether what `t` contains does not depend on type parameters; False if that is not plain."""
    stack: list[Type] = [t]
    steps = 0
    while stack:
        u = unalias(stack.pop())
        steps += 1
        if steps > _CLOSED_STEPS:
            return False
        if isinstance(u, Named):
            if not u.targs and u.tparams:
                return False
            stack.extend(u.targs)
        elif isinstance(u, Pointer | Slice):
            stack.append(u.elem)
        elif not isinstance(u, Basic):
            return False
    return True


def make_obj_list(types: list[Named]) -> list[Object]:
    """The names of `types`; those of instances stand where the instance was made."""
    return [t.inst_obj for t in types]

"""What the checks of several builtins share.

Source: cmd/compile/internal/types2/builtins.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.source.positions import NO_POS
from goescape.typecheck.decl import first_in_src
from goescape.typecheck.objects import TypeName, Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import default_type, identical, unalias
from goescape.typecheck.typeparam import is_
from goescape.typecheck.types import (
    Array,
    Basic,
    Named,
    Signature,
    Slice,
    Struct,
    Term,
    Tuple,
    Type,
    TypeParam,
    Union,
)
from goescape.typecheck.typeset import new_interface_type
from goescape.typecheck.under import TypeError_, type_errorf, typeset
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def make_sig(res: Type | None, *args: Type) -> Signature:
    """The signature of a builtin in a call; untyped arguments have their default types."""
    params = [Var(NO_POS, None, "", default_type(t), "param") for t in args]
    results = [] if res is None else [Var(NO_POS, None, "", res, "result")]
    return Signature(None, Tuple(params), Tuple(results), False)


def slice_elem(x: Operand) -> tuple[Type | None, TypeError_ | None]:
    """The element type of the slice `x`, or of all slices of its type set."""
    elem: Type | None = None
    for _, u in typeset(x.typ):
        if not isinstance(u, Slice):
            if x.mode == "nilvalue":
                return None, type_errorf("argument must be a slice; have untyped nil")
            return None, type_errorf("argument must be a slice; have %s", x)
        if elem is None:
            elem = u.elem
        elif not identical(elem, u.elem):
            return None, type_errorf(
                "mismatched slice element types %s and %s in %s", elem, u.elem, x
            )
    return elem, None


def map_basic(kinds: dict[str, str]) -> Callable[[Type], Type | None]:
    def f(typ: Type) -> Type | None:
        t = typ.underlying
        if isinstance(t, Basic):
            kind = kinds.get(t.kind)
            if kind is not None:
                return TYP[kind]
        return None

    return f


TO_COMPLEX = map_basic(
    {"float32": "complex64", "float64": "complex128", "untyped float": "untyped complex"}
)
TO_FLOAT = map_basic(
    {"complex64": "float32", "complex128": "float64", "untyped complex": "untyped float"}
)


def has_var_size(check: Checker, t: Type) -> bool:
    """Whether the size of `t` depends on type parameters, or `t` is infinitely large by a cycle
    that was not checked yet."""
    t = unalias(t)
    if isinstance(t, Named):
        if t.var_size is not None:
            return t.var_size
        obj = t.inst_obj
        i = check.obj_path_idx.get(obj)
        if i is not None:
            cycle = check.obj_path[i:]
            check.cycle_error(cycle, first_in_src(check, cycle))
            return True
        check.push(obj)
        rhs = t.from_rhs
        result = rhs is not None and has_var_size(check, rhs)
        check.pop()
        # the portable simd types are rewritten to unknown sizes
        if obj.pkg is not None and obj.pkg.path == "simd" and obj.name == "_simd":
            result = True
        if t.var_size is None:
            t.var_size = result
        return result
    if isinstance(t, Array):
        return has_var_size(check, t.elem)
    if isinstance(t, Struct):
        return any(has_var_size(check, f.type) for f in t.fields)
    return isinstance(t, TypeParam)


def apply_type_func(
    check: Checker, f: Callable[[Type], Type | None], x: Operand, id: str
) -> Type | None:
    """`f` of the type of `x`; for a type parameter, a new type parameter constrained by `f` of
    each specific type."""
    tp = unalias(x.typ)
    if not isinstance(tp, TypeParam):
        return f(x.typ)
    terms: list[Term] = []

    def applies(t: Term | None) -> bool:
        if t is None:
            return False
        r = f(t.type)
        if r is None:
            return False
        terms.append(Term(t.tilde, r))
        return True

    if not is_(tp, applies):
        return None
    code = {"real": "InvalidReal", "imag": "InvalidImag", "complex": "InvalidComplex"}[id]
    check.soft_errorf(
        x,
        code,
        "%s not supported as argument to built-in %s for go1.18 (see go.dev/issue/50937)",
        x,
        id,
    )
    name = TypeName(NO_POS, check.pkg, tp.obj.name, None)
    new = check.new_type_param(name, new_interface_type([], [Union(terms)]))
    new.index = tp.index
    return new

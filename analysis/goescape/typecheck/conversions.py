"""Conversions `T(x)`.

Example: `string(65)` is the constant "A", `[]byte("foo")` leaves the constant a `string`, and
`MyIface(1)` gives the constant its default type first.

Source: cmd/compile/internal/types2/conversions.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.typecheck import constant
from goescape.typecheck.const import representable_const
from goescape.typecheck.expr import update_expr_type
from goescape.typecheck.operand import Operand, add_cause, assignable_to
from goescape.typecheck.predicates import (
    all_string,
    default_type,
    identical,
    identical_ignore_tags,
    is_complex,
    is_const_type,
    is_integer,
    is_integer_or_float,
    is_non_type_param_interface,
    is_string,
    is_type_param,
    is_untyped,
    unalias,
)
from goescape.typecheck.typeparam import is_
from goescape.typecheck.types import Array, Basic, Pointer, Slice, Term, Type, TypeParam
from goescape.typecheck.under import under_is
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_UNTYPED_NIL = TYP["untyped nil"]
_MAX_RUNE = 0x10FFFF


def _const_convertible(check: Checker, x: Operand, T: Type) -> tuple[bool, Any]:
    t = T.underlying
    if not isinstance(t, Basic):
        return False, x.val
    ok, val = representable_const(x.val, check, t)
    if ok:
        return True, val
    if is_integer(x.typ) and is_string(t):
        code = x.val
        if type(code) is not int or not 0 <= code <= _MAX_RUNE or 0xD800 <= code < 0xE000:
            code = 0xFFFD
        return True, chr(code)
    return False, val if type(val) is int else x.val


def conversion(check: Checker, x: Operand, T: Type) -> None:
    """Convert `x` to `T`."""
    const_arg = x.mode == "constant"
    ok = False
    cause: list[str] = []
    if const_arg and is_const_type(T):
        # A float that is a whole number is shown as that when it does not fit.
        ok, x.val = _const_convertible(check, x, T)
        if ok:
            pass
        elif is_integer(x.typ) and is_integer(T):
            # between integers, the only failure is overflow
            check.errorf(
                x,
                "InvalidConversion",
                "constant %s overflows %s",
                constant.const_string(x.val),
                T,
            )
            x.mode = "invalid"
            return
    elif const_arg and is_type_param(T):
        # convertible to each specific type of the type set

        def convertible(u: Type | None) -> bool:
            if u is None:
                cause[:] = [check.sprintf("%s does not contain specific types", T)]
                return False
            if is_string(x.typ) and is_bytes_or_runes(u):
                return True
            if not _const_convertible(check, x, u)[0]:
                if is_integer(x.typ) and is_integer(u):
                    cause[:] = [
                        check.sprintf(
                            "constant %s overflows %s (in %s)",
                            constant.const_string(x.val),
                            u,
                            T,
                        )
                    ]
                else:
                    cause[:] = [check.sprintf("cannot convert %s to type %s (in %s)", x, u, T)]
                return False
            return True

        ok = under_is(T, convertible)
        x.mode = "value"  # type parameters are not constants
    elif convertible_to(check, x, T, cause):
        ok = True
        x.mode = "value"

    if not ok:
        if cause and cause[0]:
            check.errorf(x, "InvalidConversion", "cannot convert %s to type %s: %s", x, T, cause[0])
        else:
            check.errorf(x, "InvalidConversion", "cannot convert %s to type %s", x, T)
        x.mode = "invalid"
        return

    typ = x.typ
    if is_untyped(typ):
        # The conversion gives the value its type, except that
        # - what becomes an interface, or no constant any more, has its default type,
        # - an integer that becomes a string stays an untyped integer.
        final = T
        if typ is _UNTYPED_NIL:
            pass
        elif is_non_type_param_interface(T) or (const_arg and not is_const_type(T)):
            final = default_type(typ)
        elif x.mode == "constant" and is_integer(typ) and all_string(T):
            final = typ
        assert x.expr is not None
        update_expr_type(check, x.expr, final, True)
    x.typ = T


def convertible_to(check: Checker, x: Operand, T: Type, cause: list[str] | None) -> bool:
    """Whether the value `x` can be converted to `T`; if not, perhaps why."""
    if assignable_to(x, check, T, cause)[0]:
        return True

    orig = T
    V = unalias(x.typ)
    T = unalias(T)
    Vu = V.underlying
    Tu = T.underlying
    Vp = V if type(V) is TypeParam else None
    Tp = T if type(T) is TypeParam else None

    # identical underlying types, tags ignored
    if Vp is None and Tp is None and identical_ignore_tags(Vu, Tu):
        return True
    # unnamed pointers whose base types have identical underlying types, tags ignored
    if isinstance(V, Pointer) and isinstance(T, Pointer):
        if (
            identical_ignore_tags(V.elem.underlying, T.elem.underlying)
            and not is_type_param(V.elem)
            and not is_type_param(T.elem)
        ):
            return True
    if is_integer_or_float(Vu) and is_integer_or_float(Tu):
        return True
    if is_complex(Vu) and is_complex(Tu):
        return True
    if is_string(Tu) and (is_integer(Vu) or is_bytes_or_runes(Vu)):
        return True
    if is_string(Vu) and is_bytes_or_runes(Tu):
        return True
    # package unsafe
    if is_unsafe_pointer(Tu) and (isinstance(Vu, Pointer) or is_uintptr(Vu)):
        return True
    if is_unsafe_pointer(Vu) and (isinstance(Tu, Pointer) or is_uintptr(Tu)):
        return True
    # a slice to an array, or to a pointer to one
    if isinstance(Vu, Slice):
        if isinstance(Tu, Array):
            if identical(Vu.elem, Tu.elem):
                if check.allow_version(20):
                    return True
                if cause is not None:
                    cause[:] = ["conversion of slice to array requires go1.20 or later"]
                return False
        elif isinstance(Tu, Pointer):
            a = Tu.elem.underlying
            if isinstance(a, Array) and identical(Vu.elem, a.elem):
                if check.allow_version(17):
                    return True
                if cause is not None:
                    cause[:] = ["conversion of slice to array pointer requires go1.17 or later"]
                return False

    # generic cases with specific types
    if Vp is not None and Tp is not None:
        y = x.copy()

        def each_of_both(v: Term | None) -> bool:
            if v is None:
                return False
            y.typ = v.type

            def to(t: Term | None) -> bool:
                if t is None:
                    return False
                if not convertible_to(check, y, t.type, cause):
                    add_cause(
                        check,
                        cause,
                        "cannot convert %s (in %s) to type %s (in %s)",
                        v.type,
                        Vp,
                        t.type,
                        Tp,
                    )
                    return False
                return True

            return is_(Tp, to)

        return is_(Vp, each_of_both)
    if Vp is not None:
        y = x.copy()

        def each_source(v: Term | None) -> bool:
            if v is None:
                return False
            y.typ = v.type
            if not convertible_to(check, y, T, cause):
                add_cause(check, cause, "cannot convert %s (in %s) to type %s", v.type, Vp, orig)
                return False
            return True

        return is_(Vp, each_source)
    if Tp is not None:

        def each_target(t: Term | None) -> bool:
            if t is None:
                return False
            if not convertible_to(check, x, t.type, cause):
                add_cause(check, cause, "cannot convert %s to type %s (in %s)", x.typ, t.type, Tp)
                return False
            return True

        return is_(Tp, each_target)
    return False


def is_uintptr(typ: Type) -> bool:
    t = typ.underlying
    return isinstance(t, Basic) and t.kind == "uintptr"


def is_unsafe_pointer(typ: Type) -> bool:
    t = typ.underlying
    return isinstance(t, Basic) and t.kind == "unsafe.Pointer"


def is_bytes_or_runes(typ: Type) -> bool:
    s = typ.underlying
    if isinstance(s, Slice):
        t = s.elem.underlying
        return isinstance(t, Basic) and (t.kind == "uint8" or t.kind == "int32")
    return False

"""Index and slice expressions.

Example: `s[i]` of a string is a byte and never a constant; `a[1:n]` of an array needs an
addressable `a`; a constant index must be within a known length.

Source: cmd/compile/internal/types2/index.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.const import convert_untyped, representable_const
from goescape.typecheck.errors import INVALID_ARG, INVALID_OP
from goescape.typecheck.expr import expr, expr_or_type, generic_expr, non_generic
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    all_integer,
    identical,
    is_string,
    is_type_param,
    is_untyped,
    is_valid,
)
from goescape.typecheck.types import (
    Array,
    Basic,
    Interface,
    Map,
    Pointer,
    Signature,
    Slice,
    Type,
)
from goescape.typecheck.under import typeset, under_is
from goescape.typecheck.universe import TYP, UNIVERSE_BYTE

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]
_INT = TYP["int"]
_STRING = TYP["string"]


def index_expr(check: Checker, x: Operand, e: ast.IndexExpr) -> bool:
    """Check `e`. The result is True if it instantiates a function: then `x` is the generic
    function, and it is for the caller to instantiate it."""
    expr_or_type(check, x, e.x, True)
    mode = x.mode
    if mode == "invalid":
        check.use(e.index)
        return False
    if mode == "typexpr":
        # an instantiated type
        x.mode = "invalid"
        x.typ = check.var_type(e)
        if is_valid(x.typ):
            x.mode = "typexpr"
        return False

    typ = x.typ
    u = typ.underlying
    if isinstance(u, Signature):
        if mode == "value" and u.tparams:
            return True
        non_generic(check, None, x)
        if x.mode == "invalid":
            return False

    # nothing can be indexed whose type is incomplete
    if not check.is_complete(typ):
        x.mode = "invalid"
        return False

    valid = False
    length = -1
    if isinstance(u, Slice):
        valid = True
        x.mode, x.typ = "variable", u.elem
    elif isinstance(u, Map):
        # the element must be complete
        if not check.is_complete(u.elem):
            x.mode = "invalid"
            return False
        return _map_index(check, x, e, u.key, u.elem)
    elif isinstance(u, Array):
        valid = True
        length = u.len
        if mode != "variable":
            x.mode = "value"
        x.typ = u.elem
    elif isinstance(u, Pointer):
        if not check.is_complete(u.elem):
            x.mode = "invalid"
            return False
        a = u.elem.underlying
        if isinstance(a, Array):
            valid = True
            length = a.len
            x.mode, x.typ = "variable", a.elem
    elif isinstance(u, Basic):
        if is_string(u):
            valid = True
            if mode == "constant" and x.val is not None:
                length = constant.string_len(x.val)
            # a byte, and not a constant even if all is constant
            x.mode, x.typ = "value", UNIVERSE_BYTE
    elif isinstance(u, Interface) and is_type_param(typ):
        found = _generic_elem(x)
        if found is not None:
            key, elem, length, mode = found
            if key is not None:
                return _map_index(check, x, e, key, elem)
            valid = True
            x.mode, x.typ = mode, elem

    if not valid:
        check.errorf(e.pos, "NonSliceableOperand", "cannot index %s", x)
        check.use(e.index)
        x.mode = "invalid"
        return False

    i = single_index(check, e)
    if i is None:
        x.mode = "invalid"
        return False
    index(check, i, length)
    return False


def _map_index(check: Checker, x: Operand, e: ast.IndexExpr, key: Type, elem: Type) -> bool:
    i = single_index(check, e)
    if i is None:
        x.mode = "invalid"
        return False
    k = Operand()
    generic_expr(check, k, i, None)
    check.assignment(k, key, "map index")
    # the type is known even if the key is wrong
    x.mode, x.typ = "mapindex", elem
    x.expr = e
    return False


def _generic_elem(x: Operand) -> tuple[Type | None, Type, int, str] | None:
    """For `x` of a type parameter: the common key (of maps) and element type, the shortest length
    and the mode of the result."""
    key: Type | None = None
    elem: Type | None = None
    length = -1
    mode = "variable"

    def indexable(u: Type | None) -> bool:
        nonlocal key, elem, length, mode
        n = -1
        k: Type | None = None
        e: Type | None = None
        if isinstance(u, Basic):
            if is_string(u):
                e = UNIVERSE_BYTE
                mode = "value"
        elif isinstance(u, Array):
            n, e = u.len, u.elem
            if x.mode != "variable":
                mode = "value"
        elif isinstance(u, Pointer):
            a = u.elem.underlying
            if isinstance(a, Array):
                n, e = a.len, a.elem
        elif isinstance(u, Slice):
            e = u.elem
        elif isinstance(u, Map):
            k, e = u.key, u.elem
        if e is None:
            return False
        if elem is None:
            length, key, elem = n, k, e
            return True
        # maps do not mix with others, and all keys and elements must be identical
        if key is not k and (key is None or k is None or not identical(key, k)):
            return False
        if not identical(elem, e):
            return False
        if 0 <= n < length:
            length = n
        return True

    if not under_is(x.typ, indexable) or elem is None:
        return None
    return key, elem, length, mode


def slice_expr(check: Checker, x: Operand, e: ast.SliceExpr) -> None:
    expr(check, None, x, e.x)
    if x.mode == "invalid":
        check.use(*e.index)
        return

    typ = x.typ
    # the common underlying type, strings counting as byte slices
    ct: Type | None = None
    cu: Type | None = None
    has_string = False
    for t, u in typeset(typ):
        if u is None:
            check.errorf(
                x, "NonSliceableOperand", "cannot slice %s: no specific type in %s", x, typ
            )
            cu = None
            break
        if is_string(u):
            u = Slice(UNIVERSE_BYTE)
            has_string = True
        if cu is None:
            ct, cu = t, u
            continue
        if not identical(cu, u):
            check.errorf(
                x,
                "NonSliceableOperand",
                "cannot slice %s: %s and %s have different underlying types",
                x,
                ct,
                t,
            )
            cu = None
            break
    if has_string:
        cu = _STRING
        if not is_type_param(typ):
            cu = typ.underlying  # an untyped string remains untyped

    under = typ.underlying
    if isinstance(under, Pointer) and not check.is_complete(under.elem):
        x.mode = "invalid"
        return

    valid = False
    length = -1
    if cu is None:
        x.mode = "invalid"  # was reported
        return
    if isinstance(cu, Basic):
        if is_string(cu):
            if e.full:
                check.error(
                    e.index[2] or e, "InvalidSliceExpr", INVALID_OP + "3-index slice of string"
                )
                x.mode = "invalid"
                return
            valid = True
            if x.mode == "constant" and x.val is not None:
                length = constant.string_len(x.val)
            # an untyped string gives a value of type string
            if is_untyped(typ):
                x.typ = _STRING
    elif isinstance(cu, Array):
        valid = True
        length = cu.len
        if x.mode != "variable":
            check.errorf(x, "NonSliceableOperand", "cannot slice unaddressable value %s", x)
            x.mode = "invalid"
            return
        x.typ = Slice(cu.elem)
    elif isinstance(cu, Pointer):
        a = cu.elem.underlying
        if isinstance(a, Array):
            valid = True
            length = a.len
            x.typ = Slice(a.elem)
    elif isinstance(cu, Slice):
        valid = True

    if not valid:
        check.errorf(x, "NonSliceableOperand", "cannot slice %s", x)
        x.mode = "invalid"
        return
    x.mode = "value"

    if e.full and (e.index[1] is None or e.index[2] is None):
        check.error(e, "InvalidSyntaxTree", "2nd and 3rd index required in 3-index slice")
        x.mode = "invalid"
        return

    # For strings, arrays and pointers to arrays the capacity is the length.
    values: list[int] = []
    for i, n in enumerate(e.index):
        value = -1
        if n is not None:
            v = index(check, n, length + 1 if length >= 0 else -1)[1]
            if v >= 0:
                value = v
        elif i == 0:
            value = 0
        elif length >= 0:
            value = length
        values.append(value)

    for i, v in enumerate(values[:2]):
        if v > 0:
            for j in range(i + 1, 3):
                w = values[j]
                if 0 <= w < v:
                    check.errorf(
                        e.index[j], "SwappedSliceIndices", "invalid slice indices: %d < %d", w, v
                    )
                    return  # one error is enough


def single_index(check: Checker, e: ast.IndexExpr) -> ast.Expr | None:
    i = e.index
    if i is None:
        check.errorf(e, "InvalidSyntaxTree", "missing index for %s", e.x)
        return None
    if isinstance(i, ast.ListExpr):
        if len(i.elem_list) <= 1:
            check.errorf(
                e,
                "InvalidSyntaxTree",
                "invalid use of ListExpr for index expression %v with %d indices",
                e,
                len(i.elem_list),
            )
            return None
        check.error(i.elem_list[1], "InvalidIndex", INVALID_OP + "more than one index")
        return i.elem_list[0]
    return i


def index(check: Checker, i: ast.Expr, max: int) -> tuple[Type, int]:
    """Check an index, which must be below `max` if that is not negative. The type is invalid if
    the index is; the value is negative unless it is a constant."""
    x = Operand()
    expr(check, None, x, i)
    if not is_valid_index(check, x, "InvalidIndex", "index", False):
        return _INVALID, -1
    if x.mode != "constant":
        return x.typ, -1
    v = x.val
    if v is None:
        return _INVALID, -1
    if 0 <= max <= v:
        check.errorf(
            x,
            "InvalidIndex",
            INVALID_ARG + "index %s out of bounds [0:%d]",
            constant.const_string(v),
            max,
        )
        return _INVALID, -1
    return x.typ, v


def is_valid_index(check: Checker, x: Operand, code: str, what: str, allow_negative: bool) -> bool:
    """Whether `x` can be an index (or length, as `what` says); if not, that is reported."""
    if x.mode == "invalid":
        return False
    # an untyped constant is given type int
    convert_untyped(check, x, _INT)
    if x.mode == "invalid":
        return False
    if not all_integer(x.typ):
        check.errorf(x, code, INVALID_ARG + "%s %s must be integer", what, x)
        return False
    if x.mode == "constant":
        if not allow_negative and x.val is not None and constant.sign(x.val) < 0:
            check.errorf(x, code, INVALID_ARG + "%s %s must not be negative", what, x)
            return False
        ok, val = representable_const(x.val, check, _INT)
        if not ok:
            check.errorf(x, code, INVALID_ARG + "%s %s overflows int", what, x)
            return False
        x.val = val
    return True

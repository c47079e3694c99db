"""Calls of the functions of package unsafe.

Example: `unsafe.Sizeof(x)` is a constant, unless the size depends on a type parameter.

Source: cmd/compile/internal/types2/builtins.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck.assignments import assignment
from goescape.typecheck.builtin_support import has_var_size, make_sig
from goescape.typecheck.errors import INVALID_ARG
from goescape.typecheck.expr import expr, unparen
from goescape.typecheck.index import is_valid_index
from goescape.typecheck.lookup import deref_struct_ptr, lookup_field_or_method
from goescape.typecheck.objects import Func
from goescape.typecheck.operand import Operand
from goescape.typecheck.types import Pointer, Slice
from goescape.typecheck.under import common_under
from goescape.typecheck.universe import TYP, UNIVERSE_BYTE

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_STRING = TYP["string"]
_UINTPTR = TYP["uintptr"]
_UNSAFE_POINTER = TYP["unsafe.Pointer"]
_BYTE_PTR = Pointer(UNIVERSE_BYTE)

Args = list[Operand]


def _add(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 17, "unsafe.Add")
    assignment(check, x, _UNSAFE_POINTER, "argument to unsafe.Add")
    if x.mode == "invalid":
        return False
    y = args[1]
    if not is_valid_index(check, y, "InvalidUnsafeAdd", "length", True):
        return False
    x.mode, x.typ = "value", _UNSAFE_POINTER
    check.record_builtin_type(call.fun, make_sig(x.typ, x.typ, y.typ))
    return True


def _alignof(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    assignment(check, x, None, "argument to unsafe.Alignof")
    if x.mode == "invalid":
        return False
    if has_var_size(check, x.typ):
        x.mode = "value"
        check.record_builtin_type(call.fun, make_sig(_UINTPTR, x.typ))
    else:
        x.mode = "constant"
        x.val = check.sizes.alignof(x.typ)
    x.typ = _UINTPTR
    return True


def _offsetof(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    arg0 = call.arg_list[0]
    selx = unparen(arg0)
    if not isinstance(selx, ast.SelectorExpr):
        check.errorf(
            arg0, "BadOffsetofSyntax", INVALID_ARG + "%s is not a selector expression", arg0
        )
        check.use(arg0)
        return False
    expr(check, None, x, selx.x)
    if x.mode == "invalid":
        return False
    base = deref_struct_ptr(x.typ)
    name = selx.sel.value
    obj, path, indirect = lookup_field_or_method(base, False, check.pkg, name, False)
    if obj is None:
        check.errorf(
            x, "MissingFieldOrMethod", INVALID_ARG + "%s has no single field %s", base, name
        )
        return False
    if isinstance(obj, Func):
        check.errorf(arg0, "InvalidOffsetof", INVALID_ARG + "%s is a method value", arg0)
        return False
    if indirect:
        check.errorf(
            x,
            "InvalidOffsetof",
            INVALID_ARG + "field %s is embedded via a pointer in %s",
            name,
            base,
        )
        return False
    assert path is not None
    check.record_selection(selx, "field", base, obj, path, False)
    mode = "variable" if x.mode == "variable" else "value"
    check.record(Operand(mode, selx, obj.type))

    # The field counts as variable even if only what follows it is of variable size.
    if has_var_size(check, base):
        x.mode = "value"
        check.record_builtin_type(call.fun, make_sig(_UINTPTR, obj.type))
    else:
        offset = check.sizes.offsetof(base, path)
        if offset < 0:
            check.errorf(x, "TypeTooLarge", "%s is too large", x)
            return False
        x.mode = "constant"
        x.val = offset
    x.typ = _UINTPTR
    return True


def _sizeof(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    assignment(check, x, None, "argument to unsafe.Sizeof")
    if x.mode == "invalid":
        return False
    if has_var_size(check, x.typ):
        x.mode = "value"
        check.record_builtin_type(call.fun, make_sig(_UINTPTR, x.typ))
    else:
        size = check.sizes.sizeof(x.typ)
        if size < 0:
            check.errorf(x, "TypeTooLarge", "%s is too large", x)
            return False
        x.mode = "constant"
        x.val = size
    x.typ = _UINTPTR
    return True


def _slice(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 17, "unsafe.Slice")
    ptr, _ = common_under(x.typ, None)
    if not isinstance(ptr, Pointer):
        check.errorf(x, "InvalidUnsafeSlice", INVALID_ARG + "%s is not a pointer", x)
        return False
    y = args[1]
    if not is_valid_index(check, y, "InvalidUnsafeSlice", "length", False):
        return False
    x.mode, x.typ = "value", Slice(ptr.elem)
    check.record_builtin_type(call.fun, make_sig(x.typ, ptr, y.typ))
    return True


def _slice_data(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 20, "unsafe.SliceData")
    slice, _ = common_under(x.typ, None)
    if not isinstance(slice, Slice):
        check.errorf(x, "InvalidUnsafeSliceData", INVALID_ARG + "%s is not a slice", x)
        return False
    x.mode, x.typ = "value", Pointer(slice.elem)
    check.record_builtin_type(call.fun, make_sig(x.typ, slice))
    return True


def _string(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 20, "unsafe.String")
    assignment(check, x, _BYTE_PTR, "argument to unsafe.String")
    if x.mode == "invalid":
        return False
    y = args[1]
    if not is_valid_index(check, y, "InvalidUnsafeString", "length", False):
        return False
    x.mode, x.typ = "value", _STRING
    check.record_builtin_type(call.fun, make_sig(x.typ, _BYTE_PTR, y.typ))
    return True


def _string_data(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 20, "unsafe.StringData")
    assignment(check, x, _STRING, "argument to unsafe.StringData")
    if x.mode == "invalid":
        return False
    x.mode, x.typ = "value", _BYTE_PTR
    check.record_builtin_type(call.fun, make_sig(x.typ, _STRING))
    return True


UNSAFE_BUILTINS: dict[str, Callable[[Checker, Operand, ast.CallExpr, Args], bool]] = {
    "Add": _add,
    "Alignof": _alignof,
    "Offsetof": _offsetof,
    "Sizeof": _sizeof,
    "Slice": _slice,
    "SliceData": _slice_data,
    "String": _string,
    "StringData": _string_data,
}

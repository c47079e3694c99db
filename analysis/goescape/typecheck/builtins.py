"""Calls of the predeclared functions and of those of package unsafe.

Each builtin has a function of its own that is handed the operands (the first one being `x`) and
leaves the result in `x`; it returns whether the call is valid. Unless the result is a constant,
the signature that the builtin has in this call is recorded for its name.

Example: in `append(b, s...)` with a `[]byte` and a string, `append` is recorded as
`func([]byte, string...) []byte`.

Source: cmd/compile/internal/types2/builtins.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.assignments import assignment
from goescape.typecheck.builtin_support import (
    TO_COMPLEX,
    TO_FLOAT,
    apply_type_func,
    make_sig,
    slice_elem,
)
from goescape.typecheck.const import convert_untyped
from goescape.typecheck.errors import INVALID_ARG, INVALID_OP
from goescape.typecheck.expr import (
    exclude,
    expr_or_type,
    match_types,
    raw_expr,
    update_expr_type,
)
from goescape.typecheck.index import index
from goescape.typecheck.operand import Operand, assignable_to
from goescape.typecheck.predicates import (
    all_ordered,
    all_string,
    identical,
    is_boolean,
    is_numeric,
    is_string,
    is_type_param,
    is_untyped,
    is_valid,
    unalias,
)
from goescape.typecheck.types import (
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Pointer,
    Signature,
    Slice,
    Type,
)
from goescape.typecheck.under import (
    TypeError_,
    common_under,
    type_errorf,
    typeset,
    under_is,
)
from goescape.typecheck.universe import (
    EMPTY_INTERFACE,
    PREDECLARED_FUNCS,
    TYP,
    UNIVERSE_BYTE,
)
from goescape.typecheck.unsafe_builtins import UNSAFE_BUILTINS

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INT = TYP["int"]
_STRING = TYP["string"]
_UINTPTR = TYP["uintptr"]
_UNSAFE_POINTER = TYP["unsafe.Pointer"]
_BYTES = Slice(UNIVERSE_BYTE)
_BYTE_PTR = Pointer(UNIVERSE_BYTE)

_SPECIAL_ARGS = frozenset(["make", "new", "Offsetof", "trace"])
_NOT_OPERANDS = frozenset(["novalue", "builtin"])

# Known to the checker, but not declared: its tests declare them.
TEST_FUNCS = {"assert": (1, False, "statement"), "trace": (0, True, "statement")}

Args = list[Operand]


def builtin(check: Checker, x: Operand, call: ast.CallExpr, id: str) -> bool:
    """Check the call of the builtin `id`; the result is in `x`, but for its expression."""
    nparams, variadic, _ = PREDECLARED_FUNCS.get(id) or TEST_FUNCS[id]
    if call.has_dots and id != "append":
        check.errorf(
            call, "InvalidDotDotDot", INVALID_OP + "invalid use of ... with built-in %s", id
        )
        check.use(*call.arg_list)
        return False

    # Whether the argument of len and cap has calls or receive operations decides if the result
    # is a constant.
    if id == "len" or id == "cap":
        saved = check.has_call_or_recv
        check.has_call_or_recv = False
        ok = _checked_args(check, x, call, id, nparams, variadic)
        check.has_call_or_recv = saved
        return ok
    return _checked_args(check, x, call, id, nparams, variadic)


def _checked_args(
    check: Checker, x: Operand, call: ast.CallExpr, id: str, nparams: int, variadic: bool
) -> bool:
    args: Args = []
    if id in _SPECIAL_ARGS:
        nargs = len(call.arg_list)
    else:
        if call.arg_list:
            args = check.expr_list(call.arg_list)
        nargs = len(args)
        for a in args:
            if a.mode == "invalid":
                return False
        if nargs:
            x.assign(args[0])

    msg = ""
    if nargs < nparams:
        msg = "not enough"
    elif not variadic and nargs > nparams:
        msg = "too many"
    if msg:
        check.errorf(
            call,
            "WrongArgCount",
            INVALID_OP + "%s arguments for %v (expected %d, found %d)",
            msg,
            call,
            nparams,
            nargs,
        )
        return False
    return _BUILTINS[id](check, x, call, args)


def _bytes_or_string(typ: Type) -> tuple[bool, bool]:
    """Whether all types of the type set are byte slices or strings, and whether one is a
    string."""
    has_string = False
    for _, u in typeset(typ):
        if isinstance(u, Slice) and identical(u.elem, UNIVERSE_BYTE):
            continue
        if u is None or not is_string(u):
            return False, has_string
        has_string = True
    return True, has_string


def _append(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    elem, err = slice_elem(x)
    if err is not None or elem is None:
        cause = err.format(check) if err is not None else ""
        check.errorf(x, "InvalidAppend", "invalid append: %s", cause)
        return False

    sig: Signature | None = None
    if len(args) == 2 and call.has_dots and assignable_to(x, check, _BYTES)[0]:
        # append(bytes, string...)
        ok, has_string = _bytes_or_string(args[1].typ)
        if ok and has_string:
            sig = make_sig(x.typ, x.typ, args[1].typ)
            sig.variadic = True
    if sig is None:
        sig = make_sig(x.typ, x.typ, Slice(elem))
        sig.variadic = True
        check.arguments(call, sig, [], [], args, [])
        # the result type is known, whatever the arguments
    check.record_builtin_type(call.fun, sig)
    x.mode = "value"
    return True


def array_ptr_deref(typ: Type) -> Type:
    """The array if `typ` is a pointer to one, else `typ`."""
    p = unalias(typ)
    if isinstance(p, Pointer):
        a = p.elem.underlying
        if isinstance(a, Array):
            return a
    return typ


def _length(check: Checker, x: Operand, call: ast.CallExpr, id: str) -> bool:
    mode = "invalid"
    val = None
    typ = x.typ
    t = array_ptr_deref(typ.underlying)
    if isinstance(t, Basic):
        if is_string(t) and id == "len":
            if x.mode == "constant":
                mode = "constant"
                val = None if x.val is None else constant.string_len(x.val)
            else:
                mode = "value"
    elif isinstance(t, Array):
        mode = "value"
        if not check.has_call_or_recv:
            mode = "constant"
            val = t.len if t.len >= 0 else None
    elif isinstance(t, Slice | Chan):
        mode = "value"
    elif isinstance(t, Map):
        if id == "len":
            mode = "value"
    elif isinstance(t, Interface) and is_type_param(typ):

        def has_length(u: Type | None) -> bool:
            if u is None:
                return False
            t = array_ptr_deref(u)
            if isinstance(t, Basic):
                return is_string(t) and id == "len"
            if isinstance(t, Map):
                return id == "len"
            return isinstance(t, Array | Slice | Chan)

        if under_is(typ, has_length):
            mode = "value"

    if mode == "invalid":
        if is_valid(typ.underlying):
            code = "InvalidLen" if id == "len" else "InvalidCap"
            check.errorf(x, code, INVALID_ARG + "%s for built-in %s", x, id)
        return False
    if mode != "constant":
        check.record_builtin_type(call.fun, make_sig(_INT, typ))
    x.mode, x.typ, x.val = mode, _INT, val
    return True


def _len(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _length(check, x, call, "len")


def _cap(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _length(check, x, call, "cap")


def _clear(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    check.verify_versionf(call.fun, 21, "clear")

    def clearable(u: Type | None) -> bool:
        if isinstance(u, Map | Slice):
            return True
        check.errorf(
            x,
            "InvalidClear",
            INVALID_ARG + "cannot clear %s: argument must be (or constrained by) map or slice",
            x,
        )
        return False

    if not under_is(x.typ, clearable):
        return False
    x.mode = "novalue"
    check.record_builtin_type(call.fun, make_sig(None, x.typ))
    return True


def _close(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    def closable(u: Type | None) -> bool:
        if not isinstance(u, Chan):
            check.errorf(x, "InvalidClose", INVALID_OP + "cannot close non-channel %s", x)
            return False
        if u.dir == "recv":
            check.errorf(x, "InvalidClose", INVALID_OP + "cannot close receive-only channel %s", x)
            return False
        return True

    if not under_is(x.typ, closable):
        return False
    x.mode = "novalue"
    check.record_builtin_type(call.fun, make_sig(None, x.typ))
    return True


def _complex(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    y = args[1]
    if is_untyped(x.typ):
        if is_untyped(y.typ):
            if x.mode == "constant" and y.mode == "constant":
                for z in (x, y):
                    if is_numeric(z.typ) and constant.sign(constant.imag(z.val)) == 0:
                        z.typ = TYP["untyped float"]
            else:
                # a shift that is not typed yet: floats cannot be shifted, which is reported
                convert_untyped(check, x, TYP["float64"])
                convert_untyped(check, y, TYP["float64"])
        else:
            convert_untyped(check, x, y.typ)
    elif is_untyped(y.typ):
        convert_untyped(check, y, x.typ)
    if x.mode == "invalid" or y.mode == "invalid":
        return False
    if not identical(x.typ, y.typ):
        check.errorf(
            x,
            "InvalidComplex",
            INVALID_OP + "%v (mismatched types %s and %s)",
            call,
            x.typ,
            y.typ,
        )
        return False
    res = apply_type_func(check, TO_COMPLEX, x, "complex")
    if res is None:
        check.errorf(
            x,
            "InvalidComplex",
            INVALID_ARG + "arguments have type %s, expected floating-point",
            x.typ,
        )
        return False
    if x.mode == "constant" and y.mode == "constant":
        x.val = constant.binary_op(
            constant.to_float(x.val), "+", constant.make_imag(constant.to_float(y.val))
        )
    else:
        x.mode = "value"
        check.record_builtin_type(call.fun, make_sig(res, x.typ, x.typ))
    x.typ = res
    return True


def _copy(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    dst_elem, err = slice_elem(x)
    if err is not None or dst_elem is None:
        cause = err.format(check) if err is not None else ""
        check.errorf(x, "InvalidCopy", "invalid copy: %s", cause)
        return False
    y = args[1]
    special = assignable_to(x, check, _BYTES)[0] and _bytes_or_string(y.typ)[0]
    if not special:
        src_elem, err = slice_elem(y)
        if err is not None or src_elem is None:
            # a string is told by its element type below
            if not all_string(y.typ):
                cause = err.format(check) if err is not None else ""
                check.errorf(y, "InvalidCopy", "invalid copy: %s", cause)
                return False
            src_elem = UNIVERSE_BYTE
        if not identical(dst_elem, src_elem):
            check.errorf(
                x,
                "InvalidCopy",
                "invalid copy: arguments %s and %s have different element types %s and %s",
                x,
                y,
                dst_elem,
                src_elem,
            )
            return False
    check.record_builtin_type(call.fun, make_sig(_INT, x.typ, y.typ))
    x.mode, x.typ = "value", _INT
    return True


def _delete(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    map_type = x.typ
    key: Type | None = None

    def keyed(u: Type | None) -> bool:
        nonlocal key
        if not isinstance(u, Map):
            check.errorf(x, "InvalidDelete", INVALID_ARG + "%s is not a map", x)
            return False
        if key is not None and not identical(u.key, key):
            check.errorf(
                x, "InvalidDelete", INVALID_ARG + "maps of %s must have identical key types", x
            )
            return False
        key = u.key
        return True

    if not under_is(map_type, keyed) or key is None:
        return False
    x.assign(args[1])
    assignment(check, x, key, "argument to delete")
    if x.mode == "invalid":
        return False
    x.mode = "novalue"
    check.record_builtin_type(call.fun, make_sig(None, map_type, key))
    return True


def _part(check: Checker, x: Operand, call: ast.CallExpr, id: str) -> bool:
    if is_untyped(x.typ):
        if x.mode == "constant":
            # every number is a complex one
            if is_numeric(x.typ):
                x.typ = TYP["untyped complex"]
        else:
            # a shift that is not typed yet, which will be an error
            convert_untyped(check, x, TYP["complex128"])
            if x.mode == "invalid":
                return False
    res = apply_type_func(check, TO_FLOAT, x, id)
    if res is None:
        check.errorf(
            x,
            "InvalidReal" if id == "real" else "InvalidImag",
            INVALID_ARG + "argument has type %s, expected complex type",
            x.typ,
        )
        return False
    if x.mode == "constant":
        x.val = constant.real(x.val) if id == "real" else constant.imag(x.val)
    else:
        x.mode = "value"
        check.record_builtin_type(call.fun, make_sig(res, x.typ))
    x.typ = res
    return True


def _real(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _part(check, x, call, "real")


def _imag(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _part(check, x, call, "imag")


def _makeable(t: Type | None, u: Type | None) -> TypeError_ | None:
    if isinstance(u, Slice | Map | Chan):
        return None
    if u is None:
        return type_errorf("no specific type")
    return type_errorf("type must be slice, map, or channel")


def _make(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    arg0 = call.arg_list[0]
    nargs = len(call.arg_list)
    T = check.var_type(arg0)
    if not is_valid(T):
        return False
    u, err = common_under(T, _makeable)
    if err is not None:
        check.errorf(
            arg0, "InvalidMake", INVALID_ARG + "cannot make %s: %s", arg0, err.format(check)
        )
        return False
    least = 2 if isinstance(u, Slice) else 1
    if nargs < least or least + 1 < nargs:
        check.errorf(
            call,
            "WrongArgCount",
            INVALID_OP + "%v expects %d or %d arguments; found %d",
            call,
            least,
            least + 1,
            nargs,
        )
        return False
    types = [T]
    sizes: list[int] = []  # the constant ones
    for arg in call.arg_list[1:]:
        typ, size = index(check, arg, -1)
        types.append(typ)
        if size >= 0:
            sizes.append(size)
    if len(sizes) == 2 and sizes[0] > sizes[1]:
        check.error(
            call.arg_list[1], "SwappedMakeArgs", INVALID_ARG + "length and capacity swapped"
        )
    x.mode, x.typ = "value", T
    check.record_builtin_type(call.fun, make_sig(T, *types))
    return True


def _extreme(check: Checker, x: Operand, call: ast.CallExpr, args: Args, id: str) -> bool:
    check.verify_versionf(call.fun, 21, "built-in %s", id)
    op = ">" if id == "max" else "<"
    for i, a in enumerate(args):
        if a.mode == "invalid":
            return False
        if not all_ordered(a.typ):
            check.errorf(a, "InvalidMinMaxOperand", INVALID_ARG + "%s cannot be ordered", a)
            return False
        if i == 0:
            continue
        match_types(check, x, a)
        if x.mode == "invalid":
            return False
        if not identical(x.typ, a.typ):
            check.errorf(
                a,
                "MismatchedTypes",
                INVALID_ARG + "mismatched types %s (previous argument) and %s (type of %s)",
                x.typ,
                a.typ,
                a.expr,
            )
            return False
        if x.mode == "constant" and a.mode == "constant":
            if x.val is not None and a.val is not None and constant.compare(a.val, op, x.val):
                x.assign(a)
        else:
            x.mode = "value"

    if x.mode != "constant":
        x.mode = "value"
        # a value must not be untyped
        assignment(check, x, EMPTY_INTERFACE, "argument to built-in " + id)
        if x.mode == "invalid":
            return False

    # all arguments get the type of the result
    for a in args:
        assert a.expr is not None
        update_expr_type(check, a.expr, x.typ, True)
    if x.mode != "constant":
        check.record_builtin_type(call.fun, make_sig(x.typ, *[x.typ] * len(args)))
    return True


def _max(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _extreme(check, x, call, args, "max")


def _min(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _extreme(check, x, call, args, "min")


def _new(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    arg = call.arg_list[0]
    expr_or_type(check, x, arg, False)
    exclude(check, x, _NOT_OPERANDS)
    if x.mode == "invalid":
        return False
    if x.mode == "typexpr":
        check.valid_var_type(arg, x.typ)
    else:
        if is_untyped(x.typ):
            # checks for overflow and nil
            assignment(check, x, None, "argument to new")
            if x.mode == "invalid":
                return False
        check.verify_versionf(call.fun, 26, "new(%s)", arg)
    T = x.typ
    x.mode, x.typ = "value", Pointer(T)
    check.record_builtin_type(call.fun, make_sig(x.typ, T))
    return True


def _panic(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    # a function with results needs to know for its terminating statement
    if check.sig is not None and check.sig.results.vars:
        if check.is_panic is None:
            check.is_panic = set()
        check.is_panic.add(call)
    assignment(check, x, EMPTY_INTERFACE, "argument to panic")
    if x.mode == "invalid":
        return False
    x.mode = "novalue"
    check.record_builtin_type(call.fun, make_sig(None, EMPTY_INTERFACE))
    return True


def _printer(check: Checker, x: Operand, call: ast.CallExpr, args: Args, id: str) -> bool:
    params: list[Type] = []
    for a in args:
        assignment(check, a, None, "argument to built-in " + id)
        if a.mode == "invalid":
            return False
        params.append(a.typ)
    x.mode = "novalue"
    check.record_builtin_type(call.fun, make_sig(None, *params))
    return True


def _print(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _printer(check, x, call, args, "print")


def _println(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    return _printer(check, x, call, args, "println")


def _recover(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    x.mode, x.typ = "value", EMPTY_INTERFACE
    check.record_builtin_type(call.fun, make_sig(x.typ))
    return True


# --- for tests of the checker --------------------------------------------------------------------


def _assert(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    if x.mode != "constant" or not is_boolean(x.typ):
        check.errorf(x, "Test", INVALID_ARG + "%s is not a boolean constant", x)
        return False
    if type(x.val) is not bool:
        check.errorf(x, "Test", "internal error: value of %s should be a boolean constant", x)
        return False
    if not x.val:
        check.errorf(call, "Test", "%v failed", call)
    return True


def _trace(check: Checker, x: Operand, call: ast.CallExpr, args: Args) -> bool:
    if not call.arg_list:
        x.mode = "novalue"
        return True
    for i, arg in enumerate(call.arg_list):
        raw_expr(check, None, x if i == 0 else Operand(), arg, None, False)
    return x.mode != "invalid"


_BUILTINS: dict[str, Callable[[Checker, Operand, ast.CallExpr, Args], bool]] = {
    "append": _append,
    "cap": _cap,
    "clear": _clear,
    "close": _close,
    "complex": _complex,
    "copy": _copy,
    "delete": _delete,
    "imag": _imag,
    "len": _len,
    "make": _make,
    "max": _max,
    "min": _min,
    "new": _new,
    "panic": _panic,
    "print": _print,
    "println": _println,
    "real": _real,
    "recover": _recover,
    **UNSAFE_BUILTINS,
    "assert": _assert,
    "trace": _trace,
}

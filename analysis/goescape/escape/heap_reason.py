"""What must be on the heap whatever happens to its address.

Variables and implicit allocations above a size, and slices with elements of no size, do not go on
the stack. Parameters and results are exempt: the caller has already made room for them.

Example: `new([1 << 17]byte)` is "too large for stack"; `make([]struct{}, n)` is "zero-sized element".

Source: cmd/compile/internal/escape/utils.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.op import *
from goescape.ir.typeinfo import elem

if TYPE_CHECKING:
    from goescape.escape.batch import Batch

TOO_LARGE = "too large for stack"
TOO_ALIGNED = "too aligned for stack"
ZERO_SIZED = "zero-sized element"
NOT_CONSTANT = "non-constant size"


def heap_reason(b: Batch, n: Any) -> str:
    """Why `n` must be on the heap; "" if it need not."""
    if n is None or n.type is None:
        return ""
    op = n.op
    if op is ONAME and n.cls in ("PPARAM", "PPARAMOUT"):
        return ""
    info, release = b.typeinfo, b.release
    if info.size(n.type) > release.max_stack_var_size:
        return TOO_LARGE
    if info.align(n.type) > info.ptr_size:
        return TOO_ALIGNED
    if op is ONAME:
        return ""
    limit = release.max_implicit_stack_var_size
    if op is ONEW or op is OPTRLIT:
        t = elem(n.type)
        if info.size(t) > limit:
            return TOO_LARGE
        if info.align(t) > info.ptr_size:
            return TOO_ALIGNED
    elif op is OCLOSURE:
        if _closure_size(b, n) > limit:
            return TOO_LARGE
    elif op is OMETHVALUE:
        if _method_value_size(b, n) > limit:
            return TOO_LARGE
    elif op is OMAKESLICE:
        return _make_reason(b, n)
    return ""


def _make_reason(b: Batch, n: Any) -> str:
    size = n.cap if n.cap is not None else n.len
    assert n.type is not None
    width = b.typeinfo.size(elem(n.type))
    by_size = b.release.make_of_unknown_size_may_stay
    if by_size and width == 0:
        return ZERO_SIZED
    if size is None or not is_small_int(size):
        return "" if by_size else NOT_CONSTANT
    limit = b.release.max_implicit_stack_var_size
    if width and size.val > limit // width:
        return TOO_LARGE
    return ""


def is_small_int(n: Any) -> bool:
    """Whether `n` is an integer constant of 32 bits."""
    if n.op is not OLITERAL:
        return False
    val = n.val
    return type(val) is int and -(1 << 31) <= val < 1 << 31


def _closure_size(b: Batch, n: Any) -> int:
    """The size of the literal's record: a code pointer and the captured values or addresses."""
    info = b.typeinfo
    size = info.ptr_size
    for cv in n.func.closure_vars:
        var = cv.canonical()
        assert var.type is not None
        if var.byval:
            align = info.align(var.type)
            size = (size + align - 1) // align * align + info.size(var.type)
        else:
            size = (size + info.ptr_size - 1) // info.ptr_size * info.ptr_size + info.ptr_size
    return size


def _method_value_size(b: Batch, n: Any) -> int:
    assert n.x.type is not None
    return b.typeinfo.ptr_size + b.typeinfo.size(n.x.type)

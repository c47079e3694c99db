"""Variables that provably hold a constant, seen as that constant.

A `make` whose size is such a variable may be on the stack, and a conversion of one to an interface
needs no allocation at all. So the node is changed to show the constant, which also shows in the
messages that come afterwards.

Example: `n := 3; s := make([]int, n)` becomes `make([]int, 3)`; `n := 5; any(n)` becomes `any(5)`.

Source: cmd/compile/internal/escape/escape.go, rewriteWithLiterals (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.fmt import constant_kind
from goescape.ir.nodes import BasicLit
from goescape.ir.op import *
from goescape.ir.typeinfo import INTEGER_KINDS, is_interface, kind
from goescape.typecheck.basic import TYP

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.ir.func import Func
    from goescape.typecheck.types import Type

_MAY_HAVE_VALUE = frozenset({ONAME, OCONVNOP, OINLCALL, OLEN})

_VALUE_KINDS = {
    "Bool": frozenset({"TBOOL"}),
    "String": frozenset({"TSTRING"}),
    "Int": INTEGER_KINDS,
    "Float": frozenset({"TFLOAT32", "TFLOAT64"}),
    "Complex": frozenset({"TCOMPLEX64", "TCOMPLEX128"}),
}


def replace_by_constant(b: Batch, n: Any, fn: Func) -> None:
    """Put constants into `n`, if it is a `make` or a conversion to an interface."""
    if not b.release.follows_constant_variables:
        return
    if n.op is OMAKESLICE:
        _replace_size(b, n, fn)
    elif n.op is OCONVIFACE:
        _replace_operand(b, n, fn)


def _replace_size(b: Batch, n: Any, fn: Func) -> None:
    size = n.cap if n.cap is not None else n.len
    if size is None or size.op not in _MAY_HAVE_VALUE:
        return
    oracle = b.oracle(fn)
    value = oracle.static_value(size)
    literal: BasicLit | None = None
    if value.op is OLITERAL:
        val: Any = value.val
        if type(val) is int and val >= 0:
            literal = BasicLit(OLITERAL, n.pos, size.type, val)
    elif value.op is OLEN and b.release.follows_len_of_literal:
        x = oracle.static_value(value.x)
        if x.op is OSLICELIT:
            literal = BasicLit(OLITERAL, n.pos, TYP["int"], x.len)
    if literal is None:
        return
    if n.cap is not None:
        b.set(n, "cap", literal)
    else:
        b.set(n, "len", literal)


def _replace_operand(b: Batch, n: Any, fn: Func) -> None:
    x = n.x
    if x.op not in _MAY_HAVE_VALUE or x.op is OLEN or is_interface(x.type):
        return
    value = b.oracle(fn).static_value(x)
    if value.op is OLITERAL and _may_have(x.type, value):
        b.set(n, "x", BasicLit(OLITERAL, n.pos, x.type, value.val))


def _may_have(t: Type | None, literal: Any) -> bool:
    """Whether the literal's value is of the kind of values that `t` has."""
    value_kind = constant_kind(literal.val, literal.type)
    return kind(t) in _VALUE_KINDS.get(value_kind, ())

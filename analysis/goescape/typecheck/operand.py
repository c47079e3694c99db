"""An operand: what is known of an expression while it is being checked.

Invariants
  - `mode` is one of `Info`'s modes or "invalid"; a fresh operand is invalid;
  - `val` is the value of a constant (None: unknown) and means nothing for other modes;
  - `id` is the name of the builtin if `mode` is "builtin".

Example: after checking `1 << 3`, the operand is `Operand("constant", expr, untyped int, 8)`.

Source: cmd/compile/internal/types2/operand.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.printer import expr_string
from goescape.typecheck import constant
from goescape.typecheck.lookup import is_interface_ptr
from goescape.typecheck.predicates import (
    has_empty_typeset,
    has_name,
    identical,
    is_generic,
    is_untyped,
    is_valid,
)
from goescape.typecheck.typeparam import is_
from goescape.typecheck.types import (
    Alias,
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Term,
    Tuple,
    Type,
    TypeParam,
    Union,
    unalias,
)
from goescape.typecheck.typestring import type_string
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]

MODE_STRING = {
    "invalid": "invalid operand",
    "novalue": "no value",
    "builtin": "built-in",
    "typexpr": "type",
    "constant": "constant",
    "variable": "variable",
    "mapindex": "map index expression",
    "value": "value",
    "nilvalue": "nil",
    "commaok": "comma, ok expression",
    "commaerr": "comma, error expression",
    "cgofunc": "cgo function",
}


class Operand:
    __slots__ = ("expr", "id", "mode", "typ", "val")

    def __init__(
        self,
        mode: str = "invalid",
        expr: ast.Expr | None = None,
        typ: Type = _INVALID,
        val: Any = None,
        id: str = "",
    ) -> None:
        self.mode, self.expr, self.typ, self.val, self.id = mode, expr, typ, val, id

    @property
    def pos(self) -> Pos:
        return NO_POS if self.expr is None else self.expr.pos

    def is_valid(self) -> bool:
        return self.mode != "invalid"

    def invalidate(self) -> None:
        self.mode = "invalid"

    def is_nil(self) -> bool:
        """Whether this is the (untyped) value nil."""
        return self.mode == "nilvalue"

    def copy(self) -> Operand:
        return Operand(self.mode, self.expr, self.typ, self.val, self.id)

    def assign(self, other: Operand) -> None:
        """Become what `other` is."""
        self.mode, self.expr, self.typ = other.mode, other.expr, other.typ
        self.val, self.id = other.val, other.id

    def set_const(self, kind: str, lit: str) -> None:
        """Become the untyped constant of the literal `lit`."""
        val = constant.make_from_literal(lit, kind)
        if val is None:
            self.mode, self.typ = "invalid", _INVALID
            return
        self.mode, self.typ, self.val = "constant", _LITERAL_TYPE[kind], val

    def assignable_to(
        self, check: Checker, T: Type, cause: list[str] | None = None
    ) -> tuple[bool, str]:
        return assignable_to(self, check, T, cause)


_LITERAL_TYPE = {
    "int": TYP["untyped int"],
    "float": TYP["untyped float"],
    "imag": TYP["untyped complex"],
    "rune": TYP["untyped rune"],
    "string": TYP["untyped string"],
}

_COMPOSITE_KIND: dict[type, str] = {
    Basic: "",
    Array: "array",
    Slice: "slice",
    Struct: "struct",
    Pointer: "pointer",
    Signature: "func",
    Interface: "interface",
    Map: "map",
    Chan: "chan",
    Tuple: "tuple",
    Union: "union",
}


def composite_kind(typ: Type) -> str:
    """ "array", "slice", … for a composite type, "" for a basic one."""
    return _COMPOSITE_KIND[type(typ.underlying)]


def operand_string(x: Operand, qf: Callable[[Any], str] | None) -> str:
    """How an operand is described in messages, e.g. `x (variable of type int)`."""
    mode, typ = x.mode, x.typ
    if mode == "nilvalue":
        if typ is None or typ is _INVALID:
            return "nil (with invalid type)"
        if typ is TYP["untyped nil"]:
            return "nil"
        return f"nil (of type {type_string(typ, qf)})"

    expr = ""
    if x.expr is not None:
        expr = expr_string(x.expr)
    elif mode == "builtin":
        expr = x.id
    elif mode == "typexpr":
        expr = type_string(typ, qf)
    elif mode == "constant":
        expr = constant.const_string(x.val)

    buf: list[str] = []
    if expr:
        buf.append(expr + " (")
    has_type = False
    if mode not in ("invalid", "novalue", "builtin", "typexpr") and typ is not None:
        if is_untyped(typ):
            assert isinstance(typ, Basic)
            buf.append(typ.name + " ")
        else:
            has_type = True
    buf.append(MODE_STRING[mode])
    if mode == "constant":
        s = constant.const_string(x.val)
        if s != expr:
            buf.append(" " + s)
    if has_type:
        if is_valid(typ):
            desc = "generic " if is_generic(typ) else ""
            actual = unalias(typ)
            if not isinstance(actual, TypeParam):
                if isinstance(typ, Alias | Named):
                    what = composite_kind(typ)
                    if not what:
                        under = typ.underlying
                        assert isinstance(under, Basic)
                        what = under.name
                    desc += what + " "
                buf.append(f" of {desc}type {type_string(typ, qf)}")
            else:
                buf.append(f" of {desc}type {type_string(typ, qf)}")
                buf.append(" constrained by ")
                assert actual.bound is not None
                buf.append(type_string(actual.bound, qf))
                if has_empty_typeset(actual):
                    buf.append(" with empty type set")
        else:
            buf.append(" with invalid type")
    if expr:
        buf.append(")")
    return "".join(buf)


def add_cause(check: Checker, cause: list[str] | None, format: str, *args: object) -> None:
    """Put a sentence before the cause found so far."""
    if cause is None:
        return
    msg = check.sprintf(format, *args)
    if cause:
        msg += "\n\t" + cause[0]
    cause[:] = [msg]


def assignable_to(
    x: Operand, check: Checker, T: Type, cause: list[str] | None = None
) -> tuple[bool, str]:
    """Whether `x` is assignable to a variable of type `T`; if not, the error's code, and perhaps
    more detail in the cell `cause`."""
    if x.mode == "invalid" or not is_valid(T):
        return True, ""  # avoid spurious errors

    orig = T
    V = x.typ
    if V is T:
        return True, ""
    V = unalias(V)
    T = unalias(T)
    if identical(V, T):
        return True, ""

    Vu = V.underlying
    Tu = T.underlying
    Vp = V if type(V) is TypeParam else None
    Tp = T if type(T) is TypeParam else None

    # x is an untyped value representable by a value of type T
    if is_untyped(Vu):
        if Tp is not None:
            # representable by each specific type in the type set of T
            def representable(t: Term | None) -> bool:
                return t is not None and check.implicit_type_and_value(x, t.type)[0] is not None

            return is_(Tp, representable), "IncompatibleAssign"
        return check.implicit_type_and_value(x, T)[0] is not None, "IncompatibleAssign"

    # identical underlying types, one of V and T is not named, neither is a type parameter
    if Vp is None and Tp is None and (not has_name(V) or not has_name(T)) and identical(Vu, Tu):
        return True, ""

    # T is an interface (or a pointer to one, for the cause) and V implements T
    if (type(Tu) is Interface and Tp is None) or is_interface_ptr(Tu):
        if check.implements(V, T, False, cause):
            return True, ""
        # V may still be assignable to T if V is a type parameter
        if Vp is None:
            return False, "InvalidIfaceAssign"
        if cause is not None:
            cause.clear()

    # if V is an interface, a type assertion may be missing
    if type(Vu) is Interface and Vp is None:
        if check.implements(T, V, False, None):
            if cause is not None:
                cause[:] = ["need type assertion"]
            return False, "IncompatibleAssign"

    # a bidirectional channel value
    if type(Vu) is Chan and Vu.dir == "":
        if type(Tu) is Chan and identical(Vu.elem, Tu.elem):
            return not has_name(V) or not has_name(T), "InvalidChanAssign"

    if Vp is None and Tp is None:
        return False, "IncompatibleAssign"

    ok = False
    code = "IncompatibleAssign"

    # V is not named, T is a type parameter: assignable to each specific type of T
    if Tp is not None and not has_name(V):

        def to_each(t: Term | None) -> bool:
            nonlocal ok, code
            if t is None:
                return False
            ok, code = assignable_to(x, check, t.type, cause)
            if not ok:
                add_cause(check, cause, "cannot assign %s to %s (in %s)", x.typ, t.type, Tp)
            return ok

        is_(Tp, to_each)
        return ok, code

    # V is a type parameter, T is not named: values of each specific type of V are assignable
    if Vp is not None and not has_name(T):
        y = x.copy()

        def from_each(t: Term | None) -> bool:
            nonlocal ok, code
            if t is None:
                return False
            y.typ = t.type
            ok, code = assignable_to(y, check, T, cause)
            if not ok:
                add_cause(check, cause, "cannot assign %s (in %s) to %s", t.type, Vp, orig)
            return ok

        is_(Vp, from_each)
        return ok, code

    return False, "IncompatibleAssign"

"""Which operation a conversion is, and building it.

Two worlds of types meet here. Whether a conversion is needed at all is decided on the types of the
source (`predicates`); which operation it becomes is decided on the types of the nodes, where type
parameters have become shapes and a shape is as good as any type it stands for.

Invariants
  - `convert` returns a fresh node whose `type` is the destination, except that a constant string
    converted to runes becomes a slice literal;
  - an `OCONVIFACE` has an interface destination and, shapes aside, a different source type.

Example: `any(5)` is `OCONVIFACE`, `MyInt(n)` is `OCONVNOP`, `float32(n)` is `OCONV`,
`[]byte(s)` is `OSTR2BYTES`.

Source: cmd/compile/internal/typecheck/{subr,expr,const}.go, cmd/compile/internal/noder/helpers.go,
cmd/compile/internal/types/identity.go (go1.27).
"""

from __future__ import annotations

from typing import Any

from goescape.ir.nodes import BasicLit, CompLitExpr, ConvExpr, KeyExpr, NilExpr, Node
from goescape.ir.op import (
    OARRAYLIT,
    OBYTES2STR,
    OCONV,
    OCONVIFACE,
    OCONVNOP,
    OLITERAL,
    ONIL,
    ORUNES2STR,
    ORUNESTR,
    OSLICE2ARR,
    OSLICE2ARRPTR,
    OSLICELIT,
    OSTR2BYTES,
    OSTR2RUNES,
    OSTRUCTLIT,
    Op,
)
from goescape.ir.typeinfo import has_shape, is_shape
from goescape.source.positions import Pos
from goescape.typecheck import constant
from goescape.typecheck.basic import (
    IS_BOOLEAN,
    IS_COMPLEX,
    IS_FLOAT,
    IS_INTEGER,
    IS_STRING,
    IS_UNTYPED,
)
from goescape.typecheck.predicates import identical, identical_ignore_tags
from goescape.typecheck.types import (
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
    Type,
    unalias,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.universe import TYP, UNIVERSE_BYTE, UNIVERSE_RUNE

_FLOATING = frozenset({"float32", "float64", "complex64", "complex128"})
_BYTES = Slice(UNIVERSE_BYTE)
_RUNES = Slice(UNIVERSE_RUNE)


# --- predicates on the types of nodes ------------------------------------------------------------


def basic_info(t: Type) -> int:
    """The property bits of the underlying basic type; 0 for others."""
    u = t.underlying
    return u.info if type(u) is Basic else 0


def is_empty_interface(t: Type) -> bool:
    u = t.underlying
    return type(u) is Interface and not type_set(u).methods


def node_identical(x: Type, y: Type) -> bool:
    """Identity of node types: shapes are identical to what they stand for."""
    if x is y or identical(x, y):
        return True
    if has_shape(x) or has_shape(y):
        return _shape_identical(unalias(x), unalias(y), frozenset())
    return False


def _shape_identical(x: Type, y: Type, seen: frozenset[tuple[Type, Type]]) -> bool:
    if x is y or identical(x, y):
        return True
    if (type(x) is Named or type(y) is Named) and not (has_shape(x) or has_shape(y)):
        return False
    if (x, y) in seen:
        return True
    seen = seen | {(x, y)}
    a, b = x.underlying, y.underlying
    cls = type(a)
    if cls is not type(b):
        return False

    def same(s: Type, t: Type) -> bool:
        return _shape_identical(unalias(s), unalias(t), seen)

    if isinstance(a, Basic) and isinstance(b, Basic):
        return a.kind == b.kind
    if isinstance(a, Pointer):
        # A defined or shaped pointer is any pointer.
        return type(x) is Named or type(y) is Named or same(a.elem, b.elem)  # type: ignore[attr-defined]
    if isinstance(a, Slice):
        return same(a.elem, b.elem)  # type: ignore[attr-defined]
    if isinstance(a, Array) and isinstance(b, Array):
        return a.len == b.len and same(a.elem, b.elem)
    if isinstance(a, Map) and isinstance(b, Map):
        return same(a.key, b.key) and same(a.elem, b.elem)
    if isinstance(a, Chan) and isinstance(b, Chan):
        return a.dir == b.dir and same(a.elem, b.elem)
    if isinstance(a, Struct) and isinstance(b, Struct):
        return len(a.fields) == len(b.fields) and all(
            f.name == g.name and f.embedded == g.embedded and same(f.type, g.type)
            for f, g in zip(a.fields, b.fields, strict=True)
        )
    if isinstance(a, Signature) and isinstance(b, Signature):
        ap, bp = a.params.vars, b.params.vars
        ar, br = a.results.vars, b.results.vars
        return (
            a.variadic == b.variadic
            and len(ap) == len(bp)
            and len(ar) == len(br)
            and all(same(v.type, w.type) for v, w in zip(ap, bp, strict=True))
            and all(same(v.type, w.type) for v, w in zip(ar, br, strict=True))
        )
    if isinstance(a, Interface) and isinstance(b, Interface):
        am = sorted(type_set(a).methods, key=lambda m: m.name)
        bm = sorted(type_set(b).methods, key=lambda m: m.name)
        return len(am) == len(bm) and all(
            m.name == n.name and same(m.type, n.type) for m, n in zip(am, bm, strict=True)
        )
    return False


# --- which operation -----------------------------------------------------------------------------


def assign_op(src: Type, dst: Type) -> Op | None:
    """How a value of type `src` becomes one of type `dst` by assignment; None if it does not (or
    if only an explicit conversion would do)."""
    if src is dst or node_identical(src, dst):
        return OCONVNOP
    s, d = unalias(src), unalias(dst)
    su, du = s.underlying, d.underlying
    s_iface, d_iface = type(su) is Interface, type(du) is Interface
    if node_identical(su, du):
        if s_iface and is_empty_interface(su):
            return OCONVNOP
        if not s_iface and (not _has_sym(s) or not _has_sym(d)):
            return OCONVNOP
        if is_shape(s) or is_shape(d):
            return OCONVNOP
    if d_iface and su is not TYP["untyped nil"]:
        return OCONVIFACE
    if s_iface:
        return None
    if (
        isinstance(su, Chan)
        and isinstance(du, Chan)
        and su.dir == ""
        and node_identical(su.elem, du.elem)
        and (not _has_sym(s) or not _has_sym(d))
    ):
        return OCONVNOP
    if su is TYP["untyped nil"]:
        return OCONVNOP
    return None


def _has_sym(t: Type) -> bool:
    return type(t) is Named or type(t) is Basic


def convert_op(src_constant: bool, src: Type, dst: Type, word: int) -> Op | None:
    """How a value of type `src` is converted to `dst`; None if it cannot be. `word` is the size
    of a pointer in bytes: it decides whether an int is an int64."""
    op = assign_op(src, dst)
    if op is not None:
        return op
    s, d = unalias(src), unalias(dst)
    su, du = s.underlying, d.underlying
    if type(su) is Interface or type(du) is Interface:
        return None
    if identical_ignore_tags(su, du):
        return OCONVNOP
    if type(s) is Pointer and type(d) is Pointer:
        se, de = s.elem.underlying, d.elem.underlying
        if identical_ignore_tags(se, de) or node_identical(se, de):
            return OCONVNOP
    si = su.info if type(su) is Basic else 0
    di = du.info if type(du) is Basic else 0
    numeric = IS_INTEGER | IS_FLOAT
    if (si & numeric and di & numeric) or (si & IS_COMPLEX and di & IS_COMPLEX):
        assert isinstance(su, Basic) and isinstance(du, Basic)
        return OCONVNOP if _sim_kind(su.kind, word) == _sim_kind(du.kind, word) else OCONV
    if src_constant and si & (numeric | IS_COMPLEX) and di & (numeric | IS_COMPLEX):
        return OCONV
    if si & IS_INTEGER and di & IS_STRING:
        return ORUNESTR
    if isinstance(su, Slice):
        if di & IS_STRING:
            kind = basic_kind(su.elem)
            if kind == "uint8":
                return OBYTES2STR
            if kind == "int32":
                return ORUNES2STR
        if isinstance(du, Array):
            return OSLICE2ARR
        if isinstance(du, Pointer) and isinstance(du.elem.underlying, Array):
            return OSLICE2ARRPTR
    if si & IS_STRING and isinstance(du, Slice):
        kind = basic_kind(du.elem)
        if kind == "uint8":
            return OSTR2BYTES
        if kind == "int32":
            return OSTR2RUNES
    s_kind, d_kind = basic_kind(su), basic_kind(du)
    if d_kind == "unsafe.Pointer" and (isinstance(su, Pointer) or s_kind == "uintptr"):
        return OCONVNOP
    if s_kind == "unsafe.Pointer" and (isinstance(du, Pointer) or d_kind == "uintptr"):
        return OCONVNOP
    return None


def _sim_kind(kind: str, word: int) -> str:
    """The kind with which `kind` shares its representation."""
    if kind == "int":
        return "int64" if word == 8 else "int32"
    if kind == "uint" or kind == "uintptr":
        return "uint64" if word == 8 else "uint32"
    return kind


def basic_kind(t: Type) -> str:
    u = t.underlying
    return u.kind if type(u) is Basic else ""


# --- building ------------------------------------------------------------------------------------


def convert(
    pos: Pos, typ: Type, x: Node, implicit: bool, word: int, identical_: bool = False
) -> Node:
    """`typ(x)` at `pos`. `word` is the size of a pointer; `identical_`: the types are the same in
    the source."""
    src = x.type
    if src is None:
        return x
    op = convert_op(x.op is OLITERAL, src, typ, word) or OCONV
    if op is OCONVNOP:
        kind = basic_kind(src)
        if kind in _FLOATING and kind == basic_kind(typ):
            op = OCONV
        elif (
            not identical_
            and type(typ.underlying) is Interface
            and (not is_empty_interface(typ) and (has_shape(typ) or has_shape(src)))
        ):
            op = OCONVIFACE
    elif op is OSTR2RUNES and isinstance(x, BasicLit):
        return _runes(pos, typ, x)
    elif op is OBYTES2STR or op is ORUNES2STR:
        elem = unalias(src.underlying.elem)  # type: ignore[attr-defined]
        if type(elem) is not Basic:
            x = ConvExpr(OCONVNOP, x.pos, _BYTES if op is OBYTES2STR else _RUNES, x)
    n = ConvExpr(op, pos, typ, x)
    n.implicit = implicit
    return n


def _runes(pos: Pos, typ: Type, x: BasicLit) -> Node:
    text = constant.string_bytes(x.val).decode("utf-8", "replace")
    list_: list[Node] = []
    int_ = TYP["int"]
    elem = typ.underlying.elem  # type: ignore[attr-defined]
    for i, c in enumerate(text):
        key = BasicLit(OLITERAL, pos, int_, i)
        list_.append(KeyExpr("OKEY", pos, None, key, BasicLit(OLITERAL, pos, elem, ord(c))))
    return CompLitExpr(OSLICELIT, pos, typ, list_, len(list_))


def assign_conv(pos: Pos, x: Node, typ: Type | None) -> Node:
    """`x` for assignment to something of type `typ`, converted if the types differ."""
    if typ is None or x.type is None or x.type is typ or node_identical(x.type, typ):
        return x
    op = assign_op(x.type, typ) or OCONV
    n = ConvExpr(op, pos, typ, x)
    n.implicit = True
    return n


# --- constants -----------------------------------------------------------------------------------


def ideal_type(t: Type, value: Any) -> Type:
    """The type of an expression that needs no final type in Go, but does here."""
    u = unalias(t)
    if type(u) is not Basic or not u.info & IS_UNTYPED:
        return t
    kind = u.kind
    if kind == "untyped bool":
        return TYP["bool"]
    if kind == "untyped string":
        return TYP["string"]
    if kind == "untyped rune":
        return TYP["int32"]
    if kind == "untyped nil":
        return t
    if value is not None:
        v = constant.to_int(value)
        if v is not None and constant.kind(v) == "Int" and constant.sign(v) < 0:
            return TYP["int"]
    return TYP["uint"]


def convert_val(value: Any, t: Type) -> Any:
    """`value` in the representation of type `t`; None if it has none."""
    info = basic_info(t)
    k = constant.kind(value)
    if k == "Bool":
        return value if info & IS_BOOLEAN else None
    if k == "String":
        return value if info & IS_STRING else None
    if info & IS_INTEGER:
        if k == "Complex":
            value = constant.real(value)
        v = constant.to_int(value)
        return v if constant.kind(v) == "Int" else None
    if info & IS_FLOAT:
        if k == "Complex":
            value = constant.real(value)
        return _round(constant.to_float(value), basic_kind(t))
    if info & IS_COMPLEX:
        value = constant.to_complex(value)
        part = {"complex64": "float32", "complex128": "float64"}.get(basic_kind(t), "")
        re = _round(constant.to_float(constant.real(value)), part)
        im = _round(constant.to_float(constant.imag(value)), part)
        return constant.Complex(re, im)
    return None


def _round(value: Any, kind: str) -> Any:
    if kind == "float32":
        return constant.make_float64(constant.float32_val(value)[0])
    if kind == "float64":
        return constant.make_float64(constant.float64_val(value)[0])
    return value


def zero(pos: Pos, typ: Type) -> Node:
    """The zero value of `typ`."""
    u = typ.underlying
    if type(u) is Basic:
        info = u.info
        if info & IS_INTEGER:
            return BasicLit(OLITERAL, pos, typ, 0)
        if info & IS_FLOAT:
            return BasicLit(OLITERAL, pos, typ, constant.to_float(0))
        if info & IS_COMPLEX:
            return BasicLit(OLITERAL, pos, typ, constant.to_complex(0))
        if info & IS_BOOLEAN:
            return BasicLit(OLITERAL, pos, typ, False)
        if info & IS_STRING:
            return BasicLit(OLITERAL, pos, typ, "")
    if isinstance(u, Array):
        return CompLitExpr(OARRAYLIT, pos, typ, [])
    if isinstance(u, Struct):
        return CompLitExpr(OSTRUCTLIT, pos, typ, [])
    return NilExpr(ONIL, pos, typ)

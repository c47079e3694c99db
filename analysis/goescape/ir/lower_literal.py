"""Composite literals.

Elements are converted to the element type. `&T{…}`, written or implied by a `{…}` element of a
slice of pointers, is an `OPTRLIT` around the literal.

Example: `[]*T{{1}}` is `OSLICELIT [OPTRLIT OSTRUCTLIT [OSTRUCTKEY 1]]`.

Source: cmd/compile/internal/noder/{writer,reader}.go (compLit), cmd/compile/internal/typecheck/
expr.go (tcCompLit) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.nodes import BasicLit, CompLitExpr, KeyExpr, Node, StructKeyExpr
from goescape.ir.op import OARRAYLIT, OKEY, OMAPLIT, OSLICELIT, OSTRUCTKEY, OSTRUCTLIT
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.types import Array, Map, Pointer, Slice, Struct, Type

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer
    from goescape.typecheck.info import TypeAndValue


def comp_lit(lw: Lowerer, e: ast.CompositeLit, tv: TypeAndValue) -> Node:
    from goescape.ir.lower_expr import bad, core_type

    src = core_type(tv.type)
    typ = typ0 = lw.typ(tv.type)
    is_ptr = isinstance(src, Pointer)
    if isinstance(src, Pointer):
        src = core_type(src.elem)
        typ = typ0.underlying.elem  # type: ignore[attr-defined]
    length = 0
    if isinstance(src, Slice | Array):
        list_ = _elements(lw, src.elem, e.elem_list)
        op = OARRAYLIT
        if isinstance(src, Slice):
            op = OSLICELIT
            length = _length(list_)
    elif isinstance(src, Map):
        list_ = []
        for elem in e.elem_list:
            if isinstance(elem, ast.KeyValueExpr):
                key = lw.implicit_conv(src.key, elem.key)
                list_.append(_key(elem, key, lw.implicit_conv(src.elem, elem.value)))
        op = OMAPLIT
    elif isinstance(src, Struct):
        list_ = _fields(lw, src, typ, e)
        op = OSTRUCTLIT
    else:
        return bad(lw, e)
    n: Node = CompLitExpr(op, e.pos, typ, list_, length)
    n.syn = e
    if is_ptr:
        n = lw.addr(e.pos, n, typ0)
        n.syn = e
    return n


def _key(e: ast.KeyValueExpr, key: Node, value: Node) -> KeyExpr:
    n = KeyExpr(OKEY, e.key.pos, None, key, value)
    n.syn = e
    return n


def _elements(lw: Lowerer, elem_type: Type, elems: list[ast.Expr]) -> list[Node]:
    list_: list[Node] = []
    for elem in elems:
        if type(elem) is ast.KeyValueExpr:
            key = lw.expr(elem.key)
            list_.append(_key(elem, key, lw.implicit_conv(elem_type, elem.value)))
        else:
            list_.append(lw.implicit_conv(elem_type, elem))
    return list_


def _length(list_: list[Node]) -> int:
    """The length of the slice: one more than the greatest index."""
    key = length = 0
    for n in list_:
        if type(n) is KeyExpr and type(n.key) is BasicLit:
            i = constant.to_int(n.key.val)
            if isinstance(i, int):
                key = i
        key += 1
        length = max(length, key)
    return length


def _fields(lw: Lowerer, src: Struct, typ: Type, e: ast.CompositeLit) -> list[Node]:
    list_: list[Node] = []
    fields = typ.underlying.fields  # type: ignore[attr-defined]
    for i, elem in enumerate(e.elem_list):
        value = elem
        field = None
        if type(elem) is ast.KeyValueExpr:
            key = elem.key
            value = elem.value
            pos = key.pos
            name = key.value if type(key) is ast.Name else ""
            _, index, _ = lookup_field_or_method(src, False, lw.pkg, name)
            if not index:
                continue
            t: Type = src
            u: Type = typ
            for j in index:
                src_field = t.underlying.fields[j]  # type: ignore[attr-defined]
                field = u.underlying.fields[j]  # type: ignore[attr-defined]
                t, u = src_field.type, field.type
            dst = t
        else:
            pos = elem.pos
            if i >= len(src.fields):
                break
            dst = src.fields[i].type
            field = fields[i]
        assert field is not None
        n = StructKeyExpr(OSTRUCTKEY, pos, None, field, lw.implicit_conv(dst, value))
        n.syn = elem
        list_.append(n)
    return list_

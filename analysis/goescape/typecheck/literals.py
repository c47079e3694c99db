"""Literals: numbers and strings, functions, and composite ones.

Example: in `[]Point{{1, 2}, 5: {X: 3}}` the inner literals get the element type as a hint; `X` is
a use of the field; the index 5 is a constant below the length, if there is one.

Source: cmd/compile/internal/types2/literals.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.const import overflow
from goescape.typecheck.expr import generic_expr, op_pos
from goescape.typecheck.index import index
from goescape.typecheck.lookup import deref, field_path, lookup_field_or_method
from goescape.typecheck.objects import Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import identical, is_non_type_param_interface, is_valid
from goescape.typecheck.types import Array, Map, Signature, Slice, Struct, Type
from goescape.typecheck.under import common_under
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]

_MAX_LITERAL = 10000  # characters of a number
_NUMBERS = frozenset(["int", "float", "imag"])


def lang_compat(check: Checker, lit: ast.BasicLit) -> None:
    """Report a number written in a way that the language version does not have."""
    s = lit.value
    if len(s) <= 2 or check.allow_version(13):
        return
    if "_" in s:
        check.version_errorf(lit, 13, "underscore in numeric literal")
        return
    if s[0] != "0":
        return
    radix = s[1]
    if radix in "bB":
        check.version_errorf(lit, 13, "binary literal")
    elif radix in "oO":
        check.version_errorf(lit, 13, "0o/0O-style octal literal")
    elif lit.kind != "int" and radix in "xX":
        check.version_errorf(lit, 13, "hexadecimal floating-point literal")


def basic_lit(check: Checker, x: Operand, e: ast.BasicLit) -> None:
    if e.kind in _NUMBERS:
        lang_compat(check, e)
        if len(e.value) > _MAX_LITERAL:
            check.errorf(
                e,
                "InvalidConstVal",
                "excessively long constant: %s... (%d chars)",
                e.value[:10],
                len(e.value),
            )
            x.mode = "invalid"
            return
    x.set_const(e.kind, e.value)
    if x.mode == "invalid":
        # syntactically correct, so it is too large or too small
        check.errorf(e, "InvalidConstVal", "malformed constant: %s", e.value)
        return
    x.expr = e
    if type(x.val) is int and x.val.bit_length() > 64:
        overflow(check, x, op_pos(e))


def func_lit(check: Checker, x: Operand, e: ast.FuncLit) -> None:
    sig = check.typ(e.type)
    if not isinstance(sig, Signature):
        check.errorf(e, "InvalidSyntaxTree", "invalid function literal %v", e)
        x.mode = "invalid"
        return
    if sig.scope is not None:
        # the scope is that of the whole literal
        sig.scope.pos, sig.scope.end = e.pos, e.end
    if e.body is not None:
        # The literal is part of the declaration around it. Its body may refer to a type that is
        # being declared: it is checked soon, but before the scope around it changes.
        decl, iota, body = check.decl, check.iota, e.body
        check.later_body(lambda: check.func_body(decl, "<function literal>", sig, body, iota))
    x.mode, x.typ = "value", sig


def composite_lit(check: Checker, x: Operand, e: ast.CompositeLit, hint: Type | None) -> None:
    is_elem = False
    t = e.type
    if t is not None:
        if isinstance(t, ast.ArrayType) and t.len is None:
            # [...]T: the length becomes known below
            typ: Type = Array(check.var_type(t.elem), -1)
        else:
            typ = check.typ(t)
        base = typ
    elif hint is not None:
        # the element type of the literal around; *T stands for &T{}
        typ = base = hint
        u, _ = common_under(base, None)
        if u is not None:
            elem, is_pointer = deref(u)
            if is_pointer:
                base = elem
        is_elem = True
    else:
        check.error(e, "UntypedLit", "missing type in composite literal")
        # elements are to be used all the same
        typ = base = _INVALID

    if not check.is_complete(base):
        x.mode = "invalid"
        return

    utyp, _ = common_under(base, None)
    if isinstance(utyp, Struct):
        if e.elem_list:
            if isinstance(e.elem_list[0], ast.KeyValueExpr):
                _keyed_fields(check, x, e, utyp, base)
            else:
                _positional_fields(check, x, e, utyp, base)
    elif isinstance(utyp, Array):
        n = indexed_elts(check, e.elem_list, utyp.elem, utyp.len)
        # The length of [...]T, and of [n]T with an invalid n, is that of the literal.
        if utyp.len < 0:
            utyp.len = n
            if e.type is not None:
                check.record_type_and_value(e.type, "typexpr", utyp)
    elif isinstance(utyp, Slice):
        indexed_elts(check, e.elem_list, utyp.elem, -1)
    elif isinstance(utyp, Map):
        _map_elements(check, x, e, utyp)
    else:
        for elem_expr in e.elem_list:
            if isinstance(elem_expr, ast.KeyValueExpr):
                # the key may be the name of a field
                elem_expr = elem_expr.value
            check.use(elem_expr)
        if utyp is None or is_valid(utyp):
            check.errorf(
                e,
                "InvalidLit",
                "invalid composite literal%s type %s%s",
                " element" if is_elem else "",
                typ,
                " (no common underlying type)" if utyp is None else "",
            )
            x.mode = "invalid"
            return

    x.mode, x.typ = "value", typ


def _keyed_fields(
    check: Checker, x: Operand, e: ast.CompositeLit, utyp: Struct, base: Type
) -> None:
    visited: dict[int, Any] = {}  # by field index: the field, or a dictionary for promoted ones
    for kv in e.elem_list:
        if not isinstance(kv, ast.KeyValueExpr):
            check.error(
                kv, "MixedStructLit", "mixture of field:value and value elements in struct literal"
            )
            continue
        generic_expr(check, x, kv.value, None)
        key = kv.key
        if not isinstance(key, ast.Name):
            check.errorf(kv, "InvalidLitField", "invalid field name %s in struct literal", kv.key)
            continue
        obj, path, indirect = lookup_field_or_method(utyp, False, check.pkg, key.value, False)
        if obj is None:
            alt, _, _ = lookup_field_or_method(utyp, False, check.pkg, key.value, True)
            check.error(key, "MissingLitField", check.lookup_error(base, key.value, alt, True))
            continue
        if not isinstance(obj, Var):
            check.errorf(key, "MissingLitField", "%s is not a field", key)
            continue
        assert path is not None
        if len(path) > 1 and not check.allow_version(27):
            check.version_errorf(
                key,
                27,
                "use of promoted field %s in struct literal of type %s",
                field_path(utyp, path),
                base,
            )
            continue
        if indirect:
            check.errorf(
                key, "InvalidLitField", "invalid implicit pointer indirection to reach %s", key
            )
            continue
        check.info.uses[key] = obj
        check.assignment(x, obj.type, "struct literal")
        clash = _insert_path(visited, path, obj)
        if clash is None:
            continue
        other, n = clash
        if other is obj:
            check.errorf(
                kv, "DuplicateLitField", "duplicate field name %s in struct literal", obj.name
            )
        elif n < len(path):
            check.errorf(
                kv,
                "DuplicateLitField",
                "cannot specify promoted field %s and enclosing embedded field %s",
                obj.name,
                other.name,
            )
        else:
            check.errorf(
                kv,
                "DuplicateLitField",
                "cannot specify embedded field %s and enclosed promoted field %s",
                obj.name,
                other.name,
            )


def _insert_path(
    visited: dict[int, Any], path: tuple[int, ...], field: Var
) -> tuple[Var, int] | None:
    """Note that the field at `path` was given. If it was before, or one around it or inside it,
    that field and the length of the common path."""
    level = visited
    for depth, i in enumerate(path):
        entry = level.get(i)
        if entry is None:
            if depth == len(path) - 1:
                level[i] = field
                return None
            entry = level[i] = {}
        elif not isinstance(entry, dict):
            return entry, depth + 1
        level = entry
    # fields inside this one were given: name the first
    while True:
        entry = level[min(level)]
        if not isinstance(entry, dict):
            return entry, len(path)
        level = entry


def _positional_fields(
    check: Checker, x: Operand, e: ast.CompositeLit, utyp: Struct, base: Type
) -> None:
    fields = utyp.fields
    for i, elem in enumerate(e.elem_list):
        if isinstance(elem, ast.KeyValueExpr):
            check.error(
                elem,
                "MixedStructLit",
                "mixture of field:value and value elements in struct literal",
            )
            continue
        generic_expr(check, x, elem, None)
        if i >= len(fields):
            check.errorf(
                x, "InvalidStructLit", "too many values in struct literal of type %s", base
            )
            break
        field = fields[i]
        if not field.exported and field.pkg is not check.pkg:
            check.errorf(
                x,
                "UnexportedLitField",
                "implicit assignment to unexported field %s in struct literal of type %s",
                field.name,
                base,
            )
            continue
        check.assignment(x, field.type, "struct literal")
    if len(e.elem_list) < len(fields):
        hint = ""
        if any(not f.exported and f.pkg is not check.pkg for f in fields):
            hint = " (type has unexported fields - use key:value pairs)"
        check.errorf(
            e.rbrace,
            "InvalidStructLit",
            "too few values in struct literal of type %s%s",
            base,
            hint,
        )


def _map_elements(check: Checker, x: Operand, e: ast.CompositeLit, utyp: Map) -> None:
    # Constant keys of an interface type differ if their types do.
    key_is_interface = is_non_type_param_interface(utyp.key)
    visited: dict[Any, list[Type]] = {}
    for kv in e.elem_list:
        if not isinstance(kv, ast.KeyValueExpr):
            check.error(kv, "MissingLitKey", "missing key in map literal")
            continue
        generic_expr(check, x, kv.key, utyp.key)
        check.assignment(x, utyp.key, "map literal")
        if x.mode == "invalid":
            continue
        if x.mode == "constant" and x.val is not None:
            key = key_val(x.val)
            seen = visited.get(key)
            duplicate = False
            if seen is None:
                visited[key] = [x.typ]
            elif key_is_interface:
                duplicate = any(identical(t, x.typ) for t in seen)
                seen.append(x.typ)
            else:
                duplicate = True
            if duplicate:
                check.errorf(
                    x,
                    "DuplicateLitKey",
                    "duplicate key %s in map literal",
                    constant.const_string(x.val),
                )
                continue
        generic_expr(check, x, kv.value, utyp.elem)
        check.assignment(x, utyp.elem, "map literal")


def key_val(v: Any) -> tuple[str, Any]:
    """What makes constants equal as keys: 1.0 + 0i, 1.0 and 1 are the same one. The kind is part
    of it, as `True` equals 1 in Python."""
    kind = constant.kind(v)
    if kind == "Complex":
        f = constant.to_float(v)
        if constant.kind(f) != "Float":
            re, _ = constant.float64_val(constant.real(v))
            im, _ = constant.float64_val(constant.imag(v))
            return "Complex", (re, im)
        v, kind = f, "Float"
    if kind == "Float":
        i = constant.to_int(v)
        if constant.kind(i) != "Int":
            return "Float", constant.float64_val(v)[0]
        v, kind = i, "Int"
    return kind, v


def indexed_elts(check: Checker, elts: list[ast.Expr], typ: Type, length: int) -> int:
    """Check the elements of an array or slice literal, the length being `length` if that is not
    negative; the result is the length that the elements give it."""
    visited: set[int] = set()
    position = 0
    longest = 0
    x = Operand()
    for e in elts:
        valid = False
        value = e
        if isinstance(e, ast.KeyValueExpr):
            t, i = index(check, e.key, length)
            if is_valid(t):
                if i >= 0:
                    position = i
                    valid = True
                else:
                    check.errorf(e, "InvalidLitIndex", "index %s must be integer constant", e.key)
            value = e.value
        elif 0 <= length <= position:
            check.errorf(
                e, "OversizeArrayLit", "index %d is out of bounds (>= %d)", position, length
            )
        else:
            valid = True
        if valid:
            if position in visited:
                check.errorf(
                    e, "DuplicateLitKey", "duplicate index %d in array or slice literal", position
                )
            visited.add(position)
        position += 1
        if position > longest:
            longest = position
        x.val = None
        generic_expr(check, x, value, typ)
        check.assignment(x, typ, "array or slice literal")
    return longest

"""Struct types.

Example: `struct { a, b int; *T }` has the fields a and b, which share one type expression, and the
embedded field T.

Source: cmd/compile/internal/types2/struct.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck.lookup import deref
from goescape.typecheck.objects import Var
from goescape.typecheck.predicates import is_type_param, is_valid
from goescape.typecheck.resolver import unquote
from goescape.typecheck.types import Basic, Interface, Pointer, Struct, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def struct_type(check: Checker, styp: Struct, e: ast.StructType) -> None:
    """Fill in the struct type that `e` denotes."""
    fields: list[Var] = []
    tags: list[str] = []
    declared: dict[str, Var] = {}

    def add(name: ast.Name, typ: Type, tag: str, embedded: bool) -> None:
        fld = Var(name.pos, check.pkg, name.value, typ, "field", embedded)
        if name.value != "_":
            alt = declared.setdefault(name.value, fld)
            if alt is not fld:
                err = check.new_error("DuplicateDecl")
                err.addf(name.pos, "%s redeclared", fld.name)
                err.add_alt_decl(alt)
                err.report()
                return
        fields.append(fld)
        tags.append(tag)
        check.info.defs[name] = fld

    typ: Type = TYP["invalid"]
    previous: ast.Expr | None = None
    tag_list = e.tag_list
    for i, f in enumerate(e.field_list):
        if previous is None or f.type is not previous:
            typ = check.var_type(f.type)
            previous = f.type
        tag_lit = tag_list[i] if i < len(tag_list) else None
        tag = _tag(check, tag_lit) if tag_lit is not None else ""
        if f.name is not None:
            add(f.name, typ, tag, False)
            continue
        pos = start_pos(f.type)
        name = embedded_field_ident(f.type)
        if name is None:
            check.errorf(pos, "InvalidSyntaxTree", "invalid embedded field type %s", f.type)
            # Keep the number of fields that of the source.
            typ = TYP["invalid"]
            add(ast.Name(pos, pos, "_"), typ, "", True)
            continue
        add(name, typ, tag, True)
        _check_embedded(check, pos, typ)
    styp.fields = fields
    styp.tags = tags if any(tags) else []


def _check_embedded(check: Checker, pos: Pos, typ: Type) -> None:
    # Later: the type may still be incomplete.
    def validate() -> None:
        t, is_ptr = deref(typ)
        u = t.underlying
        if isinstance(u, Basic):
            if is_valid(t) and u.kind == "unsafe.Pointer":
                check.error(pos, "InvalidPtrEmbed", "embedded field type cannot be unsafe.Pointer")
        elif isinstance(u, Pointer):
            check.error(pos, "InvalidPtrEmbed", "embedded field type cannot be a pointer")
        elif isinstance(u, Interface):
            if is_type_param(t):
                check.error(
                    pos,
                    "MisplacedTypeParam",
                    "embedded field type cannot be a (pointer to a) type parameter",
                )
            elif is_ptr:
                check.error(
                    pos,
                    "InvalidPtrEmbed",
                    "embedded field type cannot be a pointer to an interface",
                )

    check.later_check(validate)


def embedded_field_ident(e: ast.Expr) -> ast.Name | None:
    """The name of the embedded field with type `e`; None if the type cannot be embedded."""
    if isinstance(e, ast.Operation) and e.op == "*" and e.y is None:
        e = e.x
        if isinstance(e, ast.Operation):
            return None
    if isinstance(e, ast.IndexExpr):
        e = e.x
    if isinstance(e, ast.SelectorExpr):
        return e.sel
    return e if isinstance(e, ast.Name) else None


def _tag(check: Checker, t: ast.BasicLit) -> str:
    if t.bad:
        return ""
    if t.kind == "string":
        value = unquote(t.value)
        if value is not None:
            return value
    check.errorf(t, "InvalidSyntaxTree", "incorrect tag syntax: %q", t.value)
    return ""

"""Types, fields and parameters, as the compiler's parser reads them.

Traps
  - inside a type parentheses leave no trace; in an expression they are a `ParenExpr`;
  - the position of a function type is its `(`, not the word `func`;
  - `T[P]` may be an array of T's … or an instance: both are read as one and told apart behind the
    `]`; parameters are read as names or types and sorted out at the `)`.

Source: cmd/compile/internal/syntax/parser.go: typeOrNil … paramList (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.cursor import MAX_DEPTH, Cursor, token_words
from goescape.syntax.positions import start_pos


class Par:
    """A parameter before names and types are sorted out."""

    __slots__ = ("end", "name", "pos", "type")

    def __init__(self, pos: Pos, name: ast.Name | None, type: ast.Expr | None) -> None:
        self.pos, self.name, self.type = pos, name, type


class TypeParser(Cursor):
    __slots__ = ()

    if TYPE_CHECKING:

        def expr(self) -> ast.Expr: ...

    def type_(self) -> ast.Expr:
        typ = self.type_or_nil()
        if typ is None:
            typ = self.bad_expr()
            self.syntax_error("expected type")
            self.advance(",", ":", ";", ")", "]", "}")
        return typ

    def type_or_nil(self) -> ast.Expr | None:
        tok = self.tok
        if tok == "name":
            return self.qualified_name(None)
        if tok not in _TYPE_STARTS:
            return None
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
            self.depth -= 1
            return self.bad_expr()
        typ = self._type_literal(tok)
        self.depth -= 1
        return typ

    def _type_literal(self, tok: str) -> ast.Expr:
        pos = self.pos()
        if tok == "*":
            self.next()
            typ = self.type_()
            return ast.Operation(pos, typ.end, "*", typ, None)
        if tok == "[":
            self.next()
            if self.got("]"):
                return self.slice_type(pos)
            return self.array_type(pos, None)
        if tok == "func":
            self.next()
            tparams, ftyp = self.func_type("function type")
            ftyp.tparam_list = tparams
            return ftyp
        if tok == "map":
            self.next()
            self.want("[")
            key = self.type_()
            self.want("]")
            value = self.type_()
            return ast.MapType(pos, value.end, key, value)
        if tok == "chan":
            self.next()
            dir = "send" if self.got("<-") else ""
            elem = self.chan_elem()
            return ast.ChanType(pos, elem.end, dir, elem)
        if tok == "<-":
            self.next()
            self.want("chan")
            elem = self.chan_elem()
            return ast.ChanType(pos, elem.end, "recv", elem)
        if tok == "struct":
            return self.struct_type()
        if tok == "interface":
            return self.interface_type()
        assert tok == "("
        self.next()
        typ = self.type_()
        self.want(")")
        return typ

    def qualified_name(self, name: ast.Name | None) -> ast.Expr:
        x: ast.Expr
        if name is not None:
            x = name
        elif self.tok == "name":
            x = self.name()
        else:
            x = ast.Name(self.pos(), self.pos(), "_")
            self.syntax_error("expected name")
            self.advance(".", ";", "}")
        if self.tok == ".":
            pos = self.pos()
            self.next()
            sel = self.name()
            x = ast.SelectorExpr(pos, self.end(), x, sel)
        if self.tok == "[":
            x = self.type_instance(x)
        return x

    def type_instance(self, typ: ast.Expr) -> ast.Expr:
        pos = self.pos()
        self.want("[")
        index: ast.Expr
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
        if self.tok == "]":
            self.syntax_error("expected type argument list")
            index = self.bad_expr()
        else:
            index, _ = self.type_list(True)
        self.depth -= 1
        self.want("]")
        return ast.IndexExpr(pos, self.end(), typ, index)

    def type_list(self, strict: bool) -> tuple[ast.Expr, bool]:
        """Type arguments; unless `strict` the first may be any expression. Also: whether there
        was a comma."""
        self.xnest += 1
        x = self.type_() if strict else self.expr()
        comma = self.got(",")
        if comma:
            typ = self.type_or_nil()
            if typ is not None:
                elems = [x, typ]
                while self.got(","):
                    typ = self.type_or_nil()
                    if typ is None:
                        break
                    elems.append(typ)
                x = ast.ListExpr(x.pos, elems[-1].end, elems)
        self.xnest -= 1
        return x, comma

    def func_type(self, context: str) -> tuple[list[ast.Field], ast.FuncType]:
        """Everything from the type parameters or the `(` on. With a `context`, type parameters
        are reported as not allowed there."""
        pos = self.pos()
        tparams: list[ast.Field] = []
        if self.got("["):
            if context:
                self.syntax_error_at(pos, context + " must have no type parameters")
            if self.tok == "]":
                self.syntax_error("empty type parameter list")
                self.next()
            else:
                tparams = self.param_list(None, None, "]", True, False)
        self.want("(")
        params = self.param_list(None, None, ")", False, True)
        results = self.func_result()
        return tparams, ast.FuncType(pos, self.end(), params, results)

    def func_result(self) -> list[ast.Field]:
        if self.got("("):
            return self.param_list(None, None, ")", False, False)
        pos = self.pos()
        typ = self.type_or_nil()
        if typ is not None:
            return [ast.Field(pos, typ.end, None, typ)]
        return []

    def array_type(self, pos: Pos, len: ast.Expr | None) -> ast.Expr:
        """Behind the `[` at `pos`; `len` is the length if it was read already."""
        if len is None and not self.got("..."):
            self.xnest += 1
            len = self.expr()
            self.xnest -= 1
        if self.tok == ",":
            self.syntax_error("unexpected comma; expected ]")
            self.next()
        self.want("]")
        elem = self.type_()
        return ast.ArrayType(pos, elem.end, len, elem)

    def slice_type(self, pos: Pos) -> ast.Expr:
        elem = self.type_()
        return ast.SliceType(pos, elem.end, elem)

    def chan_elem(self) -> ast.Expr:
        typ = self.type_or_nil()
        if typ is None:
            typ = self.bad_expr()
            self.syntax_error("missing channel element type")
        return typ

    # --- structs ---------------------------------------------------------------------------------

    def struct_type(self) -> ast.StructType:
        pos = self.pos()
        self.want("struct")
        self.want("{")
        fields: list[ast.Field] = []
        tags: list[ast.BasicLit | None] = []

        def element() -> bool:
            self.field_decl(fields, tags)
            return False

        self.list_("struct type", ";", "}", element)
        return ast.StructType(pos, self.end(), fields, tags)

    def field_decl(self, fields: list[ast.Field], tags: list[ast.BasicLit | None]) -> None:
        pos = self.pos()
        typ: ast.Expr
        if self.tok == "name":
            name = self.name()
            if self.tok in (".", "literal", ";", "}"):
                typ = self.qualified_name(name)
            else:
                names = self.name_list(name)
                if len(names) == 1 and self.tok == "[":
                    typ, embedded = self.array_or_type_args(name)
                else:
                    typ, embedded = self.type_(), False
                if not embedded:
                    tag = self.literal()
                    for name in names:
                        fields.append(ast.Field(name.pos, typ.end, name, typ))
                        tags.append(tag)
                    return
        elif self.tok == "*":
            self.next()
            if self.tok == "(":
                self.syntax_error("cannot parenthesize embedded type")
                self.next()
                typ = self.qualified_name(None)
                self.got(")")
            else:
                typ = self.qualified_name(None)
            typ = ast.Operation(pos, typ.end, "*", typ, None)
        elif self.tok == "(":
            self.syntax_error("cannot parenthesize embedded type")
            self.next()
            if self.tok == "*":
                star = self.pos()
                self.next()
                typ = self.qualified_name(None)
                typ = ast.Operation(star, typ.end, "*", typ, None)
            else:
                typ = self.qualified_name(None)
            self.got(")")
        else:
            self.syntax_error("expected field name or embedded type")
            self.advance(";", "}")
            return
        tag = self.literal()
        fields.append(ast.Field(pos, typ.end, None, typ))
        tags.append(tag)

    def array_or_type_args(self, name: ast.Name) -> tuple[ast.Expr, bool]:
        """`[n]E`, `[]E`, or the type arguments of `name` (then the second result is True)."""
        pos = self.pos()
        self.want("[")
        if self.got("]"):
            return self.slice_type(pos), False
        n, comma = self.type_list(False)
        self.want("]")
        end = self.end()
        if not comma:
            elem = self.type_or_nil()
            if elem is not None:
                return ast.ArrayType(pos, elem.end, n, elem), False
        return ast.IndexExpr(pos, end, name, n), True

    def name_list(self, first: ast.Name) -> list[ast.Name]:
        names = [first]
        while self.got(","):
            names.append(self.name())
        return names

    # --- interfaces ------------------------------------------------------------------------------

    def interface_type(self) -> ast.InterfaceType:
        pos = self.pos()
        self.want("interface")
        self.want("{")
        methods: list[ast.Field] = []

        def element() -> bool:
            par = self.method_decl() if self.tok == "name" else None
            if par is None or par.name is None:
                par = self.embedded_elem(par)
            assert par.type is not None
            methods.append(ast.Field(par.pos, par.type.end, par.name, par.type))
            return False

        self.list_("interface type", ";", "}", element)
        return ast.InterfaceType(pos, self.end(), methods)

    def method_decl(self) -> Par:
        context = "interface method"
        par = Par(self.pos(), None, None)
        name = self.name()
        if self.tok == "(":
            par.name = name
            _, par.type = self.func_type(context)
        elif self.tok == "[":
            self._method_or_instance(par, name, context)
        else:
            par.type = self.qualified_name(name)
        return par

    def _method_or_instance(self, par: Par, name: ast.Name, context: str) -> None:
        """`m[T C](x T)`, which is not allowed, or the embedded `T[P]`."""
        pos = self.pos()
        self.next()
        if self.tok == "]":
            bracket = self.pos()
            self.next()
            if self.tok == "(":
                self.error_at(bracket, "empty type parameter list")
                par.name = name
                _, par.type = self.func_type(context)
            else:
                self.error_at(bracket, "empty type argument list")
                par.type = name
            return
        fields = self.param_list(None, None, "]", False, False)
        end = self.end()
        if not fields:
            if self.tok == "(":
                par.name = name
                _, par.type = self.func_type(context)
            else:
                par.type = name
            return
        if fields[0].name is not None:
            par.name = name
            _, ftyp = self.func_type(context)
            ftyp.tparam_list = fields
            par.type = ftyp
            self.error_at(pos, "interface method must have no type parameters")
            return
        index = fields[0].type
        if len(fields) > 1:
            types = [field.type for field in fields]
            index = ast.ListExpr(fields[0].pos, types[-1].end, types)
        par.type = ast.IndexExpr(pos, end, name, index)

    def embedded_elem(self, par: Par | None) -> Par:
        if par is None:
            par = Par(self.pos(), None, None)
            par.type = self.embedded_term()
        while self.tok == "operator" and self.value == "|":
            pos = self.pos()
            self.next()
            assert par.type is not None
            y = self.embedded_term()
            par.type = ast.Operation(pos, y.end, "|", par.type, y)
        return par

    def embedded_term(self) -> ast.Expr:
        if self.tok == "operator" and self.value == "~":
            pos = self.pos()
            self.next()
            x = self.type_()
            return ast.Operation(pos, x.end, "~", x, None)
        typ = self.type_or_nil()
        if typ is None:
            typ = self.bad_expr()
            self.syntax_error("expected ~ term or type")
            self.advance("operator", ";", ")", "]", "}")
        return typ

    # --- parameters --------------------------------------------------------------------------------

    def param_decl_or_nil(self, name: ast.Name | None, follow: str) -> Par | None:
        sets_ok = follow == "]"  # type sets may stand in type parameter lists only
        pos = self.pos()
        if name is not None:
            pos = name.pos
        elif sets_ok and self.tok == "operator" and self.value == "~":
            return self.embedded_elem(None)
        par = Par(pos, None, None)
        if self.tok == "name" or name is not None:
            if name is None:
                name = self.name()
            if self.tok == "[":
                par.type, embedded = self.array_or_type_args(name)
                if not embedded:
                    par.name = name
                if sets_ok and self.tok == "operator" and self.value == "|":
                    par = self.embedded_elem(par)
                return par
            if self.tok == ".":
                par.type = self.qualified_name(name)
                if sets_ok and self.tok == "operator" and self.value == "|":
                    par = self.embedded_elem(par)
                return par
            if sets_ok and self.tok == "operator" and self.value == "|":
                par.type = name
                return self.embedded_elem(par)
            par.name = name
        if self.tok == "...":
            dots = self.pos()
            self.next()
            elem = self.type_or_nil()
            if elem is None:
                par.type = self.bad_expr()
                self.syntax_error("... is missing type")
            else:
                par.type = ast.DotsType(dots, elem.end, elem)
            return par
        if sets_ok and self.tok == "operator" and self.value == "~":
            par.type = self.embedded_elem(None).type
            return par
        par.type = self.type_or_nil()
        if sets_ok and self.tok == "operator" and self.value == "|" and par.type is not None:
            par = self.embedded_elem(par)
        if par.name is not None or par.type is not None:
            return par
        self.syntax_error("expected " + token_words(follow))
        self.advance(",", follow)
        return None

    def param_list(
        self,
        name: ast.Name | None,
        typ: ast.Expr | None,
        close: str,
        require_names: bool,
        dots_ok: bool,
    ) -> list[ast.Field]:
        """Behind the opening bracket; `name` and `typ` are the first name and type if they were
        read already."""
        pars: list[Par] = []
        if name is not None and typ is not None and self.tok == close:
            self.next()
            return [ast.Field(name.pos, typ.end, name, typ)]

        def element() -> bool:
            nonlocal name, typ
            par: Par | None
            if typ is not None:
                assert name is not None
                par = Par(name.pos, name, typ)
            else:
                par = self.param_decl_or_nil(name, close)
            name = typ = None
            if par is not None:
                pars.append(par)
            return False

        end = self.list_("parameter list", ",", close, element)
        if not pars:
            return []
        named = sum(1 for par in pars if par.name is not None and par.type is not None)
        typed = sum(1 for par in pars if par.type is not None)
        if named == 0 and not require_names:
            for par in pars:
                if par.name is not None:
                    par.type, par.name = par.name, None
        elif named != len(pars):
            self._distribute(pars, named == typed, require_names, end)
        self._check_dots(pars, dots_ok)
        fields = []
        for par in pars:
            assert par.type is not None
            fields.append(ast.Field(par.pos, max(par.type.end, par.pos), par.name, par.type))
        return fields

    def _distribute(
        self, pars: list[Par], missing_type: bool, require_names: bool, end: Pos
    ) -> None:
        """Gives each name the type that follows it, from right to left."""
        error = 0
        typ: ast.Expr | None = None
        for par in reversed(pars):
            if par.type is not None:
                typ = par.type
                if par.name is None:
                    error = start_pos(typ)
                    par.name = ast.Name(error, error, "_")
            elif typ is not None:
                par.type = typ
            else:
                assert par.name is not None
                error = par.name.pos
                par.type = ast.BadExpr(error, error)
        if not error:
            return
        if missing_type:
            error = end
            msg = "missing type constraint" if require_names else "missing parameter type"
        elif require_names:
            msg = "missing type parameter name"
            if len(pars) == 1:
                msg += " or invalid array length"
        else:
            msg = "missing parameter name"
        self.syntax_error_at(error, msg)

    def _check_dots(self, pars: list[Par], dots_ok: bool) -> None:
        first = True
        for i, par in enumerate(pars):
            typ = par.type
            if isinstance(typ, ast.DotsType) and (not dots_ok or i + 1 < len(pars)):
                if first:
                    first = False
                    self.error_at(
                        typ.pos,
                        "can only use ... with final parameter"
                        if dots_ok
                        else "invalid use of ...",
                    )
                par.type = typ.elem


_TYPE_STARTS = frozenset({"*", "<-", "func", "[", "chan", "map", "struct", "interface", "("})

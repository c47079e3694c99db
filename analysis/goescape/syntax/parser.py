"""Declarations and files, as the compiler's parser reads them: the reading of text that is broken,
or that the grammar of tree-sitter does not know.

`Parser` follows the compiler's recursive descent production by production, so that a syntax error
has the compiler's position and words, and what can be understood of a broken declaration is what
the compiler would understand.

Trap: `type T[P *C] …` may be an array type or a type with a parameter; the first element is read as
an expression and split into a name and a constraint only if it must be one.

Source: cmd/compile/internal/syntax/parser.go: fileOrNil … funcDeclOrNil (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable

from goescape.syntax import ast
from goescape.syntax.parse_expr import unparen
from goescape.syntax.parse_stmt import StmtParser


class Parser(StmtParser):
    __slots__ = ()

    def append_group(
        self, decls: list[ast.Decl], spec: Callable[[ast.Group | None], ast.Decl]
    ) -> None:
        if self.tok != "(":
            decls.append(spec(None))
            return
        group = ast.Group()
        self.clear_pragma()
        self.next()

        def element() -> bool:
            decls.append(spec(group))
            return False

        self.list_("grouped declaration", ";", ")", element)

    def take_pragma(self) -> ast.Pragma:
        directives = self.directives
        if directives.taken < len(directives.entries):
            return directives.take(self.i, self.delta)
        return ast.NO_PRAGMA

    def import_decl(self, group: ast.Group | None) -> ast.Decl:
        pos = self.pos()
        pragma = self.take_pragma()
        local: ast.Name | None = None
        if self.tok == "name":
            local = self.name()
        elif self.tok == ".":
            local = ast.Name(pos, pos + 1, ".")
            self.next()
        path = self.literal()
        if path is None:
            self.syntax_error("missing import path")
            self.advance(";", ")")
        elif not path.bad and path.kind != "string":
            self.syntax_error_at(path.pos, "import path must be a string")
            path.bad = True
        return ast.ImportDecl(pos, self.end(), group, pragma, local, path)

    def const_decl(self, group: ast.Group | None) -> ast.Decl:
        pos = self.pos()
        pragma = self.take_pragma()
        names = self.name_list(self.name())
        typ: ast.Expr | None = None
        values: ast.Expr | None = None
        if self.tok not in ("EOF", ";", ")"):
            typ = self.type_or_nil()
            if self.got_assign():
                values = self.expr_list()
        return ast.ConstDecl(pos, self.end(), group, pragma, names, typ, values)

    def var_decl(
        self,
        group: ast.Group | None,
        skip: Callable[[Parser], Callable[[], ast.Expr] | None] = lambda p: None,
    ) -> ast.Decl:
        """`skip` is called in front of the values, and may return how to lower them later."""
        pos = self.pos()
        pragma = self.take_pragma()
        names = self.name_list(self.name())
        typ: ast.Expr | None = None
        values: ast.Expr | None = None
        lower: Callable[[], ast.Expr] | None = None
        is_given = self.got_assign()
        if not is_given:
            typ = self.type_()
            is_given = self.got_assign()
        if is_given:
            lower = skip(self)
            values = self.expr_list() if lower is None else None
        return ast.VarDecl(pos, self.end(), group, pragma, names, typ, values, lower)

    def type_decl(self, group: ast.Group | None) -> ast.Decl:
        pos = self.pos()
        pragma = self.take_pragma()
        name = self.name()
        tparams: list[ast.Field] = []
        alias = False
        typ: ast.Expr | None
        if self.tok == "[":
            bracket = self.pos()
            self.next()
            if self.tok == "name":
                x: ast.Expr = self.name()
                if self.tok != "[":
                    self.xnest += 1
                    x = self.binary_expr(self.pexpr(x, False), 0)
                    self.xnest -= 1
                pname, ptype = extract_name(x, self.tok == ",")
                if pname is not None and (ptype is not None or self.tok != "]"):
                    tparams = self.param_list(pname, ptype, "]", True, False)
                    alias = self.got_assign()
                    typ = self.type_or_nil()
                else:
                    typ = self.array_type(bracket, x)
            elif self.tok == "]":
                self.next()
                typ = self.slice_type(bracket)
            else:
                typ = self.array_type(bracket, None)
        else:
            alias = self.got_assign()
            typ = self.type_or_nil()
        if typ is None:
            typ = self.bad_expr()
            self.syntax_error("in type declaration")
            self.advance(";", ")")
        return ast.TypeDecl(pos, self.end(), group, pragma, name, tparams, alias, typ)

    def func_decl(
        self, lazy_body: Callable[[Parser], Callable[[], ast.BlockStmt] | None]
    ) -> ast.FuncDecl:
        """Behind the word `func`. At the body's `{`, `lazy_body` may skip the body and return the
        function that lowers it later; with None the body is read at once."""
        pos = self.pos()
        pragma = self.take_pragma()
        recv: ast.Field | None = None
        has_recv = self.got("(")
        if has_recv:
            receivers = self.param_list(None, None, ")", False, False)
            if not receivers:
                self.error("method has no receiver")
            else:
                if len(receivers) > 1:
                    self.error("method has multiple receivers")
                recv = receivers[0]
        tparams: list[ast.Field] = []
        if self.tok == "name":
            name = self.name()
            tparams, ftyp = self.func_type("")
        else:
            here = self.pos()
            name = ast.Name(here, here, "_")
            ftyp = ast.FuncType(here, here, [], [])
            self.syntax_error("expected name" if has_recv else "expected name or (")
            self.advance("{", ";")
        has_body = self.tok == "{"
        if not has_body:
            return ast.FuncDecl(
                pos, max(self.end(), pos), pragma, recv, name, tparams, ftyp, False, None
            )
        lower = lazy_body(self)
        if lower is None:
            body = self.func_body()
            lower = _constant(body)
        return ast.FuncDecl(pos, self.end(), pragma, recv, name, tparams, ftyp, True, lower)


def _constant(body: ast.BlockStmt) -> Callable[[], ast.BlockStmt]:
    return lambda: body


def extract_name(x: ast.Expr, force: bool) -> tuple[ast.Name | None, ast.Expr | None]:
    """Splits `x`, read as an expression, into a type parameter's name and its constraint: `P*[]int`
    is `P` and `*[]int`. An ordinary expression is only split if `force` (a comma follows). A mere
    name gives (name, None), what cannot be split (None, x)."""
    if isinstance(x, ast.Name):
        return x, None
    if isinstance(x, ast.Operation) and x.y is not None:
        if x.op == "*" and isinstance(x.x, ast.Name) and (force or is_type_elem(x.y)):
            return x.x, ast.Operation(x.pos, x.y.end, "*", x.y, None)
        if x.op == "|":
            name, lhs = extract_name(x.x, force or is_type_elem(x.y))
            if name is not None and lhs is not None:
                return name, ast.Operation(x.pos, x.end, "|", lhs, x.y)
    elif isinstance(x, ast.CallExpr) and isinstance(x.fun, ast.Name):
        if len(x.arg_list) == 1 and not x.has_dots and (force or is_type_elem(x.arg_list[0])):
            return x.fun, unparen(x.arg_list[0])
    return None, x


def is_type_elem(x: ast.Expr) -> bool:
    """Whether `x` must be a type element by its form; False if it may also be a value."""
    while True:
        if isinstance(
            x,
            ast.ArrayType
            | ast.StructType
            | ast.FuncType
            | ast.InterfaceType
            | ast.SliceType
            | ast.MapType
            | ast.ChanType,
        ):
            return True
        if isinstance(x, ast.Operation):
            if x.op == "~" or (x.y is not None and is_type_elem(x.y)):
                return True
            x = x.x
        elif isinstance(x, ast.ParenExpr):
            x = x.x
        else:
            return False

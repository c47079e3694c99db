"""Expressions, as the compiler's parser reads them.

Traps
  - `{` after a type name starts a composite literal, except in the header of a statement, where it
    starts the block: `xnest` is negative there and counts brackets elsewhere;
  - `<-chan T` in an expression is a receive whose operand turns out to be a channel type;
  - parentheses are kept, except directly below `&`.

Source: cmd/compile/internal/syntax/parser.go: expr … argList (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.syntax.cursor import MAX_DEPTH
from goescape.syntax.parse_type import TypeParser
from goescape.syntax.printer import expr_string
from goescape.syntax.scan import PRECEDENCE

_UNARY = frozenset({"*", "+", "-", "!", "^", "~"})
_TYPE_OPERANDS = frozenset({"[", "chan", "map", "struct", "interface"})


def unparen(x: ast.Expr) -> ast.Expr:
    """`x` without the parentheses around it."""
    while isinstance(x, ast.ParenExpr):
        x = x.x
    return x


def is_value(x: ast.Expr) -> bool:
    """Whether `x` cannot be a type, by its form."""
    while True:
        if isinstance(
            x,
            ast.BasicLit
            | ast.CompositeLit
            | ast.FuncLit
            | ast.SliceExpr
            | ast.AssertExpr
            | ast.TypeSwitchGuard
            | ast.CallExpr,
        ):
            return True
        if isinstance(x, ast.Operation):
            return x.op != "*" or x.y is not None
        if isinstance(x, ast.ParenExpr):
            x = x.x
        elif isinstance(x, ast.IndexExpr):
            if is_value(x.index):
                return True
            x = x.x
        else:
            return False


class ExprParser(TypeParser):
    __slots__ = ()

    if TYPE_CHECKING:

        def func_body(self) -> ast.BlockStmt: ...

    def expr(self) -> ast.Expr:
        return self.binary_expr(None, 0)

    def binary_expr(self, x: ast.Expr | None, prec: int) -> ast.Expr:
        if x is None:
            x = self.unary_expr()
        while self.tok == "operator" or self.tok == "*":
            op = self.value
            op_prec = PRECEDENCE.get(op, 0)
            if op_prec <= prec:
                break
            pos = self.pos()
            self.next()
            y = self.binary_expr(None, op_prec)
            x = ast.Operation(pos, y.end, op, x, y)
        return x

    def unary_expr(self) -> ast.Expr:
        tok = self.tok
        if tok != "operator" and tok != "*" and tok != "<-":
            return self.pexpr(None, True)
        op = self.value if tok != "<-" else "<-"
        if op not in _UNARY and op != "&" and op != "<-":
            return self.pexpr(None, True)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
            self.depth -= 1
            return self.bad_expr()
        pos = self.pos()
        self.next()
        x = self.unary_expr()
        self.depth -= 1
        if op == "&":
            end = x.end
            return ast.Operation(pos, end, "&", unparen(x), None)
        if op == "<-":
            if isinstance(x, ast.ChanType):
                return self._receive_only(x)
            return ast.Operation(pos, x.end, "<-", x, None)
        return ast.Operation(pos, x.end, op, x, None)

    def _receive_only(self, x: ast.ChanType) -> ast.Expr:
        """`<-` in front of a channel type belongs to it: `<-(chan E)` is `(<-chan E)` and
        `<-(chan<- E)` is `(<-chan (<-E))`."""
        dirs: list[ast.ChanType] = []
        t: ast.Expr = x
        dir = "send"
        while dir == "send" and isinstance(t, ast.ChanType):
            dir = t.dir
            if dir == "recv":
                self.syntax_error("unexpected <-, expected chan")
            dirs.append(t)
            t = t.elem
        if dir == "send":
            self.syntax_error(f"unexpected {expr_string(t)}, expected chan")
        typ: ast.Expr = t
        for chan in reversed(dirs):
            typ = ast.ChanType(chan.pos, chan.end, "recv", typ)
        return typ

    def operand(self, keep_parens: bool) -> ast.Expr:
        tok = self.tok
        if tok == "name":
            return self.name()
        if tok == "literal":
            lit = self.literal()
            assert lit is not None
            return lit
        if tok == "(":
            pos = self.pos()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.too_deep()
                self.depth -= 1
                return self.bad_expr()
            self.next()
            self.xnest += 1
            x = self.expr()
            self.xnest -= 1
            self.depth -= 1
            self.want(")")
            if keep_parens or self.tok == "{":
                x = ast.ParenExpr(pos, self.end(), x)
            return x
        if tok == "func":
            pos = self.pos()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.too_deep()
                self.depth -= 1
                return self.bad_expr()
            self.next()
            tparams, ftyp = self.func_type("function type")
            ftyp.tparam_list = tparams
            result: ast.Expr = ftyp
            if self.tok == "{":
                self.xnest += 1
                body = self.func_body()
                self.xnest -= 1
                result = ast.FuncLit(pos, body.end, ftyp, body)
            self.depth -= 1
            return result
        if tok in _TYPE_OPERANDS:
            return self.type_()
        bad = self.bad_expr()
        self.syntax_error("expected expression")
        self.advance(")", "]", "}")
        return bad

    def pexpr(self, x: ast.Expr | None, keep_parens: bool) -> ast.Expr:
        if x is None:
            x = self.operand(keep_parens)
        while True:
            tok = self.tok
            if tok == ".":
                x = self._selector(x)
            elif tok == "(":
                pos = self.pos()
                self.next()
                args, has_dots = self.arg_list()
                x = ast.CallExpr(pos, self.end(), x, args, has_dots)
            elif tok == "[":
                x = self._index(x)
            elif tok == "{":
                if not self._starts_literal(x):
                    return x
                if isinstance(x, ast.ParenExpr):
                    self.syntax_error("cannot parenthesize type in composite literal")
                x = self.complit_expr(x)
            else:
                return x

    def _selector(self, x: ast.Expr) -> ast.Expr:
        pos = self.pos()
        self.next()
        if self.tok == "name":
            sel = self.name()
            return ast.SelectorExpr(pos, sel.end, x, sel)
        if self.tok == "(":
            self.next()
            if self.got("type"):
                self.want(")")
                return ast.TypeSwitchGuard(pos, self.end(), None, x)
            typ = self.type_()
            self.want(")")
            return ast.AssertExpr(pos, self.end(), x, typ)
        # A half-typed `x.`: the compiler drops the dot; a blank selector tells more.
        blank = ast.Name(pos + 1, pos + 1, "_")
        self.syntax_error("expected name or (")
        self.advance(";", ")")
        return ast.SelectorExpr(pos, pos + 1, x, blank)

    def _index(self, x: ast.Expr) -> ast.Expr:
        pos = self.pos()
        self.next()
        i: ast.Expr | None = None
        if self.tok != ":":
            comma = False
            if self.tok == "]":
                self.syntax_error("expected operand")
                i = self.bad_expr()
            else:
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    self.too_deep()
                i, comma = self.type_list(False)
                self.depth -= 1
            if comma or self.tok == "]":
                self.want("]")
                return ast.IndexExpr(pos, self.end(), x, i)
        if not self.got(":"):
            self.syntax_error("expected comma, : or ]")
            self.advance(",", ":", "]")
        self.xnest += 1
        j: ast.Expr | None = None
        k: ast.Expr | None = None
        full = False
        if self.tok != ":" and self.tok != "]":
            j = self.expr()
        if self.tok == ":":
            full = True
            if j is None:
                self.error("middle index required in 3-index slice")
                j = self.bad_expr()
            self.next()
            if self.tok != "]":
                k = self.expr()
            else:
                self.error("final index required in 3-index slice")
                k = self.bad_expr()
        self.xnest -= 1
        self.want("]")
        return ast.SliceExpr(pos, self.end(), x, (i, j, k), full)

    def _starts_literal(self, x: ast.Expr) -> bool:
        """Whether the `{` at the cursor makes a composite literal with `x`."""
        t = unparen(x)
        if isinstance(t, ast.Name | ast.SelectorExpr):
            return self.xnest >= 0
        if isinstance(t, ast.IndexExpr):
            return self.xnest >= 0 and not is_value(t)
        return isinstance(t, ast.ArrayType | ast.SliceType | ast.StructType | ast.MapType)

    def bare_complit_expr(self) -> ast.Expr:
        if self.tok == "{":
            return self.complit_expr(None)
        return self.expr()

    def complit_expr(self, typ: ast.Expr | None) -> ast.Expr:
        pos = self.pos()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
            self.depth -= 1
            return self.bad_expr()
        self.xnest += 1
        self.want("{")
        elems: list[ast.Expr] = []
        n_keys = 0

        def element() -> bool:
            nonlocal n_keys
            e = self.bare_complit_expr()
            if self.tok == ":":
                colon = self.pos()
                self.next()
                value = self.bare_complit_expr()
                e = ast.KeyValueExpr(colon, value.end, e, value)
                n_keys += 1
            elems.append(e)
            return False

        rbrace = self.list_("composite literal", ",", "}", element)
        self.xnest -= 1
        self.depth -= 1
        return ast.CompositeLit(pos, self.end(), typ, elems, n_keys, rbrace)

    def arg_list(self) -> tuple[list[ast.Expr], bool]:
        """Behind the `(`: the arguments and whether the last one is followed by `...`."""
        args: list[ast.Expr] = []
        has_dots = False

        def element() -> bool:
            nonlocal has_dots
            args.append(self.expr())
            has_dots = self.got("...")
            return has_dots

        self.xnest += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
        self.list_("argument list", ",", ")", element)
        self.depth -= 1
        self.xnest -= 1
        return args, has_dots

    def expr_list(self) -> ast.Expr:
        x = self.expr()
        if self.tok != ",":
            return x
        elems = [x]
        while self.got(","):
            elems.append(self.expr())
        return ast.ListExpr(x.pos, elems[-1].end, elems)

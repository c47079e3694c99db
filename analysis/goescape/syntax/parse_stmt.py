"""Statements, as the compiler's parser reads them.

Traps
  - a labeled statement's position is its `:`, an assignment's its operator, a range clause's the
    word `range`;
  - an `else if` chain is read with a loop, however long it is;
  - a label before `}` labels an empty statement at the `}`.

Source: cmd/compile/internal/syntax/parser.go: simpleStmt … stmtList (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.cursor import MAX_DEPTH
from goescape.syntax.parse_expr import ExprParser, unparen
from goescape.syntax.printer import expr_string, stmt_string

_SIMPLE_STARTS = frozenset({
    "literal", "func", "(", "[", "struct", "map", "chan", "interface", "<-", "*",
})  # fmt: skip
_UNARY_STARTS = frozenset({"+", "-", "&", "^", "!"})

Header = tuple["ast.SimpleStmt | None", "ast.Expr | None", "ast.SimpleStmt | None"]


class StmtParser(ExprParser):
    __slots__ = ()

    if TYPE_CHECKING:

        def append_group(
            self, decls: list[ast.Decl], spec: Callable[[ast.Group | None], ast.Decl]
        ) -> None: ...
        def const_decl(self, group: ast.Group | None) -> ast.Decl: ...
        def type_decl(self, group: ast.Group | None) -> ast.Decl: ...
        def var_decl(self, group: ast.Group | None) -> ast.Decl: ...

    def func_body(self) -> ast.BlockStmt:
        """The body of a function or literal. Its branches are checked later, unless there is a
        mistake in it."""
        first, known = self.begs[self.i], len(self.errors)
        self.fnest += 1
        body = self.block_stmt("")
        self.fnest -= 1
        if len(self.errors) == known:
            last = self.begs[self.i]
            if not any(first <= at < last for at, _ in self.tokens.errors):
                self.bodies.append(body)
        else:
            body.is_broken = any(
                e.msg.startswith("syntax error") for e in islice(self.errors, known, None)
            )
        return body

    # --- simple statements ---------------------------------------------------------------------

    def simple_stmt(self, lhs: ast.Expr | None, keyword: str) -> ast.SimpleStmt:
        if keyword == "for" and self.tok == "range":
            return self._range_clause(None, False)
        if lhs is None:
            lhs = self.expr_list()
        tok = self.tok
        if tok == "=" or tok == ":=":
            return self._assignment(lhs, keyword)
        if isinstance(lhs, ast.ListExpr):
            self.syntax_error("expected := or = or comma")
            self.advance(";", "}")
            lhs = lhs.elem_list[0]
            return ast.ExprStmt(lhs.pos, lhs.end, lhs)
        pos = self.pos()
        if tok == "op=":
            op = self.value
            self.next()
            rhs = self.expr()
            return ast.AssignStmt(pos, rhs.end, op, lhs, rhs)
        if tok == "++":
            op = self.value
            self.next()
            return ast.AssignStmt(pos, pos + 2, op, lhs, None)
        if tok == "<-":
            self.next()
            value = self.expr()
            return ast.SendStmt(pos, value.end, lhs, value)
        return ast.ExprStmt(lhs.pos, lhs.end, lhs)

    def _assignment(self, lhs: ast.Expr, keyword: str) -> ast.SimpleStmt:
        pos = self.pos()
        op = ":=" if self.tok == ":=" else ""
        self.next()
        if keyword == "for" and self.tok == "range":
            return self._range_clause(lhs, op == ":=")
        rhs = self.expr_list()
        if isinstance(rhs, ast.TypeSwitchGuard) and keyword == "switch" and op:
            if isinstance(lhs, ast.Name):
                guard = ast.TypeSwitchGuard(rhs.pos, rhs.end, lhs, rhs.x)
                return ast.ExprStmt(guard.pos, guard.end, guard)
        return ast.AssignStmt(pos, rhs.end, op, lhs, rhs)

    def _range_clause(self, lhs: ast.Expr | None, define: bool) -> ast.RangeClause:
        pos = self.pos()
        self.next()
        x = self.expr()
        return ast.RangeClause(pos, x.end, lhs, define, x)

    # --- compound statements -------------------------------------------------------------------

    def labeled_stmt_or_nil(self, label: ast.Name) -> ast.Stmt | None:
        pos = self.pos()
        self.want(":")
        if self.tok == "}":
            empty = ast.EmptyStmt(self.pos(), self.pos())
            return ast.LabeledStmt(pos, pos + 1, label, empty)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
        stmt = self.stmt_or_nil()
        self.depth -= 1
        if stmt is not None:
            return ast.LabeledStmt(pos, stmt.end, label, stmt)
        self.syntax_error_at(pos, "missing statement after label")
        return None

    def block_stmt(self, context: str) -> ast.BlockStmt:
        """A block; `context` may be empty only if the cursor stands at a `{`."""
        pos = self.pos()
        if not self.got("{"):
            self.syntax_error("expected { after " + context)
            self.advance("name", "}")
            rbrace = self.pos()
            if self.got("}"):
                return ast.BlockStmt(pos, self.end(), [], rbrace)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()
        stmts = self.stmt_list()
        self.depth -= 1
        rbrace = self.pos()
        self.want("}")
        return ast.BlockStmt(pos, max(self.end(), pos), stmts, rbrace)

    def decl_stmt(self, spec: Callable[[ast.Group | None], ast.Decl]) -> ast.DeclStmt:
        pos = self.pos()
        self.next()
        decls: list[ast.Decl] = []
        self.append_group(decls, spec)
        return ast.DeclStmt(pos, self.end(), decls)

    def for_stmt(self) -> ast.Stmt:
        pos = self.pos()
        init, cond, post = self.header("for")
        body = self.block_stmt("for clause")
        return ast.ForStmt(pos, body.end, init, cond, post, body)

    def header(self, keyword: str) -> Header:
        self.want(keyword)
        if self.tok == "{":
            if keyword == "if":
                self.syntax_error("missing condition in if statement")
                return None, self.bad_expr(), None
            return None, None, None
        outer = self.xnest
        self.xnest = -1
        init: ast.SimpleStmt | None = None
        post: ast.SimpleStmt | None = None
        cond_stmt: ast.SimpleStmt | None = None
        if self.tok != ";":
            if self.got("var"):
                self.syntax_error(f"var declaration not allowed in {keyword} initializer")
            init = self.simple_stmt(None, keyword)
            if isinstance(init, ast.RangeClause):
                self.xnest = outer
                return init, None, None
        semi_pos: Pos = 0
        semi = ""
        if self.tok != "{":
            if self.tok == ";":
                semi_pos, semi = self.pos(), self.value
                self.next()
            else:
                self.want("{")
                if self.tok != "{":
                    self.advance("{", "}")
            if keyword == "for":
                cond_stmt, post, stop = self._for_clauses()
                if stop:
                    cond_stmt = None
            elif self.tok != "{":
                cond_stmt = self.simple_stmt(None, keyword)
        else:
            cond_stmt, init = init, None
        cond = self._condition(cond_stmt, keyword, semi_pos, semi)
        self.xnest = outer
        return init, cond, post

    def _for_clauses(self) -> tuple[ast.SimpleStmt | None, ast.SimpleStmt | None, bool]:
        """Condition and post statement, behind the first `;`; True if they are missing."""
        cond: ast.SimpleStmt | None = None
        post: ast.SimpleStmt | None = None
        if self.tok != ";":
            if self.tok == "{":
                self.syntax_error("expected for loop condition")
                return None, None, True
            cond = self.simple_stmt(None, "")
        self.want(";")
        if self.tok != "{":
            post = self.simple_stmt(None, "")
            if isinstance(post, ast.AssignStmt) and post.op == ":=":
                self.syntax_error_at(post.pos, "cannot declare in post statement of for loop")
        return cond, post, False

    def _condition(
        self, stmt: ast.SimpleStmt | None, keyword: str, semi_pos: Pos, semi: str
    ) -> ast.Expr | None:
        if stmt is None:
            if keyword == "if" and semi_pos:
                if semi != "semicolon":
                    msg = f"unexpected {semi}, expected {{ after if clause"
                else:
                    msg = "missing condition in if statement"
                self.syntax_error_at(semi_pos, msg)
                return ast.BadExpr(semi_pos, semi_pos)
            return None
        if isinstance(stmt, ast.ExprStmt):
            return stmt.x
        if isinstance(stmt, ast.AssignStmt) and stmt.op == "" and stmt.rhs is not None:
            text = f"assignment {_emphasize(stmt.lhs)} = {_emphasize(stmt.rhs)}"
        else:
            text = stmt_string(stmt)
        self.syntax_error_at(stmt.pos, f"cannot use {text} as value")
        return None

    def if_stmt(self) -> ast.IfStmt:
        parts: list[tuple[Pos, ast.SimpleStmt | None, ast.Expr, ast.BlockStmt]] = []
        els: ast.Stmt | None = None
        while True:
            pos = self.pos()
            init, cond, _ = self.header("if")
            if cond is None:
                cond = ast.BadExpr(self.pos(), self.pos())
            parts.append((pos, init, cond, self.block_stmt("if clause")))
            if not self.got("else"):
                break
            if self.tok == "if":
                continue
            if self.tok == "{":
                els = self.block_stmt("")
            else:
                self.syntax_error("else must be followed by if or statement block")
                self.advance("name", "}")
            break
        while True:
            pos, init, cond, then = parts.pop()
            end = els.end if els is not None else then.end
            stmt = ast.IfStmt(pos, end, init, cond, then, els)
            if not parts:
                return stmt
            els = stmt

    def switch_stmt(self) -> ast.SwitchStmt:
        pos = self.pos()
        init, tag, _ = self.header("switch")
        if not self.got("{"):
            self.syntax_error("missing { after switch clause")
            self.advance("case", "default", "}")
        body: list[ast.CaseClause] = []
        self.depth += 1
        while self.tok != "EOF" and self.tok != "}":
            body.append(self.case_clause())
        self.depth -= 1
        rbrace = self.pos()
        self.want("}")
        return ast.SwitchStmt(pos, self.end(), init, tag, body, rbrace)

    def select_stmt(self) -> ast.SelectStmt:
        pos = self.pos()
        self.want("select")
        if not self.got("{"):
            self.syntax_error("missing { after select clause")
            self.advance("case", "default", "}")
        body: list[ast.CommClause] = []
        self.depth += 1
        while self.tok != "EOF" and self.tok != "}":
            body.append(self.comm_clause())
        self.depth -= 1
        rbrace = self.pos()
        self.want("}")
        return ast.SelectStmt(pos, self.end(), body, rbrace)

    def case_clause(self) -> ast.CaseClause:
        pos = self.pos()
        cases: ast.Expr | None = None
        if self.got("case"):
            cases = self.expr_list()
        elif not self.got("default"):
            self.syntax_error("expected case or default or }")
            self.advance(":", "case", "default", "}")
        colon = self.pos()
        self.want(":")
        body = self._clause_body()
        end = body[-1].end if body else colon + 1
        return ast.CaseClause(pos, end, cases, body, colon)

    def comm_clause(self) -> ast.CommClause:
        pos = self.pos()
        comm: ast.SimpleStmt | None = None
        if self.got("case"):
            comm = self.simple_stmt(None, "")
        elif not self.got("default"):
            self.syntax_error("expected case or default or }")
            self.advance(":", "case", "default", "}")
        colon = self.pos()
        self.want(":")
        body = self._clause_body()
        end = body[-1].end if body else colon + 1
        return ast.CommClause(pos, end, comm, body, colon)

    def _clause_body(self) -> list[ast.Stmt]:
        if self.depth > MAX_DEPTH:
            self.too_deep()
        return self.stmt_list()

    # --- statements ----------------------------------------------------------------------------

    def stmt_or_nil(self) -> ast.Stmt | None:
        tok = self.tok
        if tok == "name":
            self.clear_pragma()
            lhs = self.expr_list()
            if self.tok == ":" and isinstance(lhs, ast.Name):
                return self.labeled_stmt_or_nil(lhs)
            return self.simple_stmt(lhs, "")
        if tok == "var":
            return self.decl_stmt(self.var_decl)
        if tok == "const":
            return self.decl_stmt(self.const_decl)
        if tok == "type":
            return self.decl_stmt(self.type_decl)
        self.clear_pragma()
        if tok in _SIMPLE_STARTS or (tok == "operator" and self.value in _UNARY_STARTS):
            return self.simple_stmt(None, "")
        if tok == "if":
            return self.if_stmt()
        if tok == "for":
            return self.for_stmt()
        if tok == "{":
            return self.block_stmt("")
        if tok == "switch":
            return self.switch_stmt()
        if tok == "select":
            return self.select_stmt()
        if tok in ("return", "break", "continue", "fallthrough", "goto"):
            return self._jump(tok)
        if tok in ("go", "defer"):
            return self._call_stmt(tok)
        if tok == ";":
            return ast.EmptyStmt(self.pos(), self.pos())
        return None

    def _jump(self, tok: str) -> ast.Stmt:
        pos = self.pos()
        self.next()
        label: ast.Name | None = None
        if tok == "return":
            results: ast.Expr | None = None
            if self.tok != ";" and self.tok != "}":
                results = self.expr_list()
            return ast.ReturnStmt(pos, self.end(), results)
        if tok == "goto" or (tok != "fallthrough" and self.tok == "name"):
            label = self.name()
        return ast.BranchStmt(pos, self.end(), tok, label)

    def _call_stmt(self, tok: str) -> ast.CallStmt:
        pos = self.pos()
        self.next()
        x = self.pexpr(None, self.tok == "(")
        t = unparen(x)
        if t is not x:
            self.error_at(x.pos, f"expression in {tok} must not be parenthesized")
        return ast.CallStmt(pos, x.end, tok, t)

    def stmt_list(self) -> list[ast.Stmt]:
        stmts: list[ast.Stmt] = []
        while self.tok not in ("EOF", "}", "case", "default"):
            stmt = self.stmt_or_nil()
            self.clear_pragma()
            if stmt is None:
                break
            stmts.append(stmt)
            if not self.got(";") and self.tok != "}":
                self.syntax_error("at end of statement")
                self.advance(";", "}", "case", "default")
                self.got(";")
        return stmts

    def clear_pragma(self) -> None:
        directives = self.directives
        if directives.taken < len(directives.entries):
            directives.clear(self.i, self.delta)


def _emphasize(x: ast.Expr) -> str:
    text = expr_string(x)
    if isinstance(x, ast.Operation) and x.y is not None:
        return f"({text})"
    return text

"""Switch statements.

A switch on a constant whose cases are constants up to the match is reduced to the clause it
chooses. Otherwise tag and cases get one common type; if that cannot be the tag's, all become `any`.

Invariants
  - a type switch with a variable has one variable per clause, defined by the guard.

Example: `switch x := v.(type) { case int: … }` has the `TypeSwitchGuard` as tag and a clause with
a variable `x` of type int.

Source: cmd/compile/internal/noder/{writer,reader}.go (switchStmt), cmd/compile/internal/noder/
quirks.go (typeExprEndPos) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.lower_assign import unpack
from goescape.ir.lower_expr import assignable
from goescape.ir.lower_stmt import last_non_empty, single
from goescape.ir.nodes import CaseClause, NilExpr, Node, SwitchStmt, TypeSwitchGuard
from goescape.ir.op import OCASE, ONIL, OSWITCH, OTYPESW
from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.objects import Nil, Var
from goescape.typecheck.types import Chan, Interface, Type
from goescape.typecheck.universe import EMPTY_INTERFACE, TYP

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer


def switch_stmt(lw: Lowerer, s: ast.SwitchStmt, label: str) -> SwitchStmt:
    init = single(lw, s.init)
    if init is not None and init.syn is None:
        init.syn = s.init
    if type(s.tag) is ast.TypeSwitchGuard:
        n = _type_switch(lw, s, s.tag, label)
    else:
        n = _expr_switch(lw, s, label)
    if init is not None:
        n.init = [init]
    return n


def _type_switch(
    lw: Lowerer, s: ast.SwitchStmt, guard: ast.TypeSwitchGuard, label: str
) -> SwitchStmt:
    iface = lw.src_type(guard.x)
    lhs = guard.lhs
    tag = TypeSwitchGuard(OTYPESW, guard.pos, "" if lhs is None else lhs.value, lw.expr(guard.x))
    tag.syn = guard
    cases: list[CaseClause] = []
    for clause in s.body:
        exprs = unpack(clause.cases)
        list_: list[Node] = []
        for e in exprs:
            if _is_nil(lw, e):
                list_.append(NilExpr(ONIL, NO_POS, TYP["untyped nil"]))
            else:
                list_.append(lw.expr_type(iface, e))
        n = CaseClause(OCASE, clause.pos, list_, [])
        n.syn = clause
        obj = lw.info.implicits.get(clause)
        if lhs is not None and isinstance(obj, Var):
            pos = type_end_pos(exprs[-1]) if exprs else clause.pos
            name = lw.new_local(pos, lhs.value, lw.typ(obj.type), obj)
            name.defn = tag
            name.syn = lhs
            n.var = name
        n.body = lw.stmts(clause.body)
        cases.append(n)
    return SwitchStmt(OSWITCH, s.pos, label, tag, cases)


def _is_nil(lw: Lowerer, e: ast.Expr) -> bool:
    while type(e) is ast.ParenExpr:
        e = e.x
    tv = lw.types.get(e)
    if tv is not None:
        return tv.mode == "nilvalue"
    return type(e) is ast.Name and isinstance(lw.info.uses.get(e), Nil)


def _expr_switch(lw: Lowerer, s: ast.SwitchStmt, label: str) -> SwitchStmt:
    tag = s.tag
    clauses: list[tuple[ast.CaseClause, list[ast.Expr]]] = [(c, unpack(c.cases)) for c in s.body]
    tag_type: Type = TYP["bool"]
    value: Any = True
    is_chan = False
    if tag is not None:
        tag_type = lw.src_type(tag)
        tv = lw.types.get(tag)
        value = None if tv is None else tv.value
        is_chan = isinstance(tag_type.underlying, Chan)
    if value is not None:
        chosen = _choose(lw, clauses, value)
        if chosen is not None:
            clauses = chosen
            tag, tag_type = None, TYP["bool"]
    if not is_chan and _needs_any(lw, clauses, tag_type):
        tag_type = EMPTY_INTERFACE
    tag_node = None if tag is None else lw.implicit_conv(tag_type, tag)
    case_type = None if is_chan else tag_type
    cases: list[CaseClause] = []
    for clause, exprs in clauses:
        n = CaseClause(OCASE, clause.pos, [lw.implicit_conv(case_type, e) for e in exprs], [])
        n.syn = clause
        n.body = lw.stmts(clause.body)
        cases.append(n)
    return SwitchStmt(OSWITCH, s.pos, label, tag_node, cases)


def _choose(
    lw: Lowerer, clauses: list[tuple[ast.CaseClause, list[ast.Expr]]], value: object
) -> list[tuple[ast.CaseClause, list[ast.Expr]]] | None:
    """What is left of a switch on a constant; None if that cannot be known."""
    target: ast.CaseClause | None = None
    for clause, exprs in clauses:
        if clause.cases is None:
            target = clause
        for e in exprs:
            tv = lw.types.get(e)
            if tv is None or tv.value is None:
                return None
            if constant.compare(value, "==", tv.value):
                target = clause
                break
        else:
            continue
        break
    if target is None:
        return []
    if _has_fallthrough(target.body):
        return None
    return [(target, [])]


def _has_fallthrough(body: list[ast.Stmt]) -> bool:
    s = last_non_empty(body)
    while type(s) is ast.LabeledStmt:
        s = s.stmt
    return type(s) is ast.BranchStmt and s.tok == "fallthrough"


def _needs_any(
    lw: Lowerer, clauses: list[tuple[ast.CaseClause, list[ast.Expr]]], tag_type: Type
) -> bool:
    tag_iface = type(tag_type.underlying) is Interface
    for _, exprs in clauses:
        for e in exprs:
            t = lw.src_type(e)
            if t is tag_type:
                continue
            if (tag_iface or type(t.underlying) is Interface) and not assignable(lw, t, tag_type):
                return True
    return False


def type_end_pos(e: ast.Expr) -> Pos:
    """Where the compiler is after reading the type expression `e`."""
    while True:
        nxt: ast.Expr | None
        if isinstance(e, ast.SelectorExpr):
            return e.x.pos
        if isinstance(e, ast.ParenExpr | ast.Operation):
            nxt = e.x
        elif isinstance(e, ast.ArrayType | ast.ChanType | ast.DotsType | ast.SliceType):
            nxt = e.elem
        elif isinstance(e, ast.MapType):
            nxt = e.value
        elif isinstance(e, ast.InterfaceType):
            nxt = e.method_list[-1].type if e.method_list else None
        elif isinstance(e, ast.FuncType):
            fields = e.result_list or e.param_list
            nxt = fields[-1].type if fields else None
        elif isinstance(e, ast.IndexExpr):
            nxt = unpack(e.index)[-1]
        else:
            nxt = None
        if nxt is None:
            return e.pos
        e = nxt

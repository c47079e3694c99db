"""Select statements.

A receive of any form becomes `OSELRECV2` with two operands on the left. Where a conversion is
needed, or two values are wanted, the receive goes to temporaries and the assignment proper becomes
the first statement of the clause.

Example: `case v, ok := <-c:` is `OSELRECV2 .autotmp_2, .autotmp_3 = <-c` with
`v, ok := .autotmp_2, .autotmp_3` first in its body.

Source: cmd/compile/internal/noder/reader.go (selectStmt), cmd/compile/internal/typecheck/stmt.go
(tcSelect) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.lower_stmt import single
from goescape.ir.nodes import (
    BLANK_NODE,
    AssignListStmt,
    AssignStmt,
    CommClause,
    ConvExpr,
    Decl,
    Node,
    SelectStmt,
)
from goescape.ir.op import (
    OAS,
    OAS2,
    OAS2RECV,
    OCASE,
    OCONVIFACE,
    OCONVNOP,
    ODCL,
    ORECV,
    OSELECT,
    OSELRECV2,
)
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer


def select_stmt(lw: Lowerer, s: ast.SelectStmt, label: str) -> SelectStmt:
    cases: list[CommClause] = []
    for clause in s.body:
        pos = clause.pos
        comm = single(lw, clause.comm)
        if comm is not None and comm.syn is None:
            comm.syn = clause.comm
        body = lw.stmts(clause.body)
        if type(comm) is AssignStmt and not comm.def_:
            conv = comm.y
            if isinstance(conv, ConvExpr) and conv.op is OCONVIFACE and conv.x.op is ORECV:
                recv = conv.x
                tmp = lw.temp(pos, recv.type)
                as_ = AssignStmt(OAS, pos, tmp, recv, True)
                as_.init.append(Decl(ODCL, pos, tmp))
                as_.syn = comm.syn
                tmp.defn = as_
                conv.x = tmp
                body.insert(0, comm)
                comm = as_
        if type(comm) is AssignListStmt and comm.op is OAS2:
            first = comm.rhs[0]
            init, first.init = first.init, []
            if init:
                body.insert(0, comm)
                comm = init[0]
        n = CommClause(OCASE, pos, _comm(comm), body)
        n.syn = clause
        cases.append(n)
    n2 = SelectStmt(OSELECT, s.pos, label, cases)
    return n2


def _comm(n: Node | None) -> Node | None:
    if n is None:
        return None
    if isinstance(n, AssignStmt):
        y = n.y
        if isinstance(y, ConvExpr) and y.op in (OCONVNOP, OCONVIFACE) and y.implicit:
            n.y = y = y.x
        if y is None or y.op is not ORECV:
            return n
        return _recv(n, n.x, y, n.def_)
    if isinstance(n, AssignListStmt):
        if n.op is OAS2RECV:
            n.op = OSELRECV2
        return n
    if n.op is ORECV:
        return _recv(n, BLANK_NODE, n, False)
    return n


def _recv(n: Node, dst: Node, recv: Node, def_: bool) -> AssignListStmt:
    sel = AssignListStmt(OSELRECV2, n.pos, [dst, BLANK_NODE], [recv], def_)
    sel.init = n.init
    sel.syn = n.syn
    return sel

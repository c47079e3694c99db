"""Assignments and variable declarations.

Invariants
  - the left side is lowered before the right, as the compiler reads it, so that variables are
    numbered before the temporaries of their values;
  - the statement that defines a variable is its `defn`, and declares it in its `init`; a variable
    without a value has no `defn`;
  - a map element that is stored to is marked `assigned`.

Example: `a, err := f()` is `OAS2FUNC .autotmp_3, .autotmp_4 = f()` in the `init` of the first value
of `OAS2 a, err = .autotmp_3, .autotmp_4`.

Source: cmd/compile/internal/noder/{writer,reader}.go (assignStmt, assign, initDefn),
cmd/compile/internal/typecheck/stmt.go (assign) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.convert import assign_conv
from goescape.ir.nodes import (
    BLANK_NODE,
    AssignListStmt,
    AssignStmt,
    Decl,
    IndexExpr,
    Name,
    Node,
)
from goescape.ir.op import OAS, OAS2, ODCL, OINDEXMAP
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Type

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer


def unpack(e: ast.Expr | None) -> list[ast.Expr]:
    """The elements of a list, or the one expression, or nothing."""
    if e is None:
        return []
    return e.elem_list if type(e) is ast.ListExpr else [e]


def assign_list(lw: Lowerer, exprs: list[ast.Expr]) -> tuple[list[Name], list[Node]]:
    """The left side of an assignment, and which of it is declared here."""
    names: list[Name] = []
    lhs: list[Node] = []
    defs = lw.info.defs
    for e in exprs:
        while type(e) is ast.ParenExpr:
            e = e.x
        if type(e) is ast.Name:
            if e.value == "_":
                lhs.append(BLANK_NODE)
                continue
            obj = defs.get(e)
            if isinstance(obj, Var):
                lw.base_pos = obj.pos
                name = lw.new_local(obj.pos, obj.name, lw.typ(obj.type), obj)
                name.syn = e
                names.append(name)
                lhs.append(name)
                continue
        n = lw.expr(e)
        mark_assigned(n)
        lhs.append(n)
    return names, lhs


def mark_assigned(n: Node) -> None:
    if n.op is OINDEXMAP:
        assert isinstance(n, IndexExpr)
        n.assigned = True


def init_defn(defn: Node, names: list[Name]) -> bool:
    """Let `defn` define and declare `names`; whether there are any."""
    if not names:
        return False
    init: list[Node] = []
    for name in names:
        name.defn = defn
        init.append(Decl(ODCL, name.pos, name))
    defn.init = init
    return True


def assign_stmt(
    lw: Lowerer,
    pos: Pos,
    syn: ast.Node,
    lhs_exprs: list[ast.Expr],
    rhs_exprs: list[ast.Expr],
    out: list[Node],
) -> Node | None:
    """`lhs = rhs`, `lhs := rhs` or `var lhs = rhs`. Declarations without values go to `out`."""
    names, lhs = assign_list(lw, lhs_exprs)

    def dst_type(i: int) -> Type | None:
        e = lhs_exprs[i]
        while type(e) is ast.ParenExpr:
            e = e.x
        if type(e) is ast.Name:
            if e.value == "_":
                return None
            obj = lw.info.defs.get(e) or lw.info.uses.get(e)
            return obj.type if obj is not None else None
        return lw.src_type(e)

    if len(rhs_exprs) > len(lhs_exprs):
        rhs_exprs = rhs_exprs[: len(lhs_exprs)]  # wrong, and reported
    rhs = lw.multi_expr(pos, dst_type, rhs_exprs)
    if not rhs:
        for name in names:
            as_ = AssignStmt(OAS, pos, name, None)
            as_.init.append(Decl(ODCL, pos, name))
            as_.syn = syn
            out.append(as_)
        return None
    n: AssignStmt | AssignListStmt
    if len(lhs) == 1 and len(rhs) == 1:
        x = lhs[0]
        n = AssignStmt(OAS, pos, x, rhs[0] if x is BLANK_NODE else assign_conv(pos, rhs[0], x.type))
    else:
        while len(rhs) < len(lhs):
            lhs.pop()  # wrong, and reported
        if lw.dict is not None:
            rhs = [
                r if x is BLANK_NODE else assign_conv(pos, r, x.type)
                for x, r in zip(lhs, rhs, strict=False)
            ]
        n = AssignListStmt(OAS2, pos, lhs, rhs)
    n.def_ = init_defn(n, names)
    n.syn = syn
    return n

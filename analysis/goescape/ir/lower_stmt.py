"""Statements, and what is left out of them.

Code that can never run is dropped as early as the compiler drops it, since what is dropped prints
nothing: the dead arm of an `if` on a constant, the body of `for false`, and what follows a `return`,
`panic` or `goto` in its list up to the last label.

Invariants
  - blocks are flattened into the list around them; an `if` on a constant becomes the list of its
    live statements;
  - a label stands as a node of its own before its statement, which also carries the label's name.

Example: `if true { f() } else { g() }` is just `f()`.

Source: cmd/compile/internal/noder/{writer,reader}.go (stmts, stmt1, ifStmt, forStmt, terminates),
cmd/compile/internal/typecheck/stmt.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.bug import report
from goescape.ir.convert import basic_info
from goescape.ir.lower_assign import init_defn, mark_assigned, unpack
from goescape.ir.lower_expr import BINARY_OPS, core_type, static_bool
from goescape.ir.nodes import (
    BLANK_NODE,
    AssignOpStmt,
    AssignStmt,
    BasicLit,
    BlockStmt,
    BranchStmt,
    ForStmt,
    GoDeferStmt,
    IfStmt,
    LabelStmt,
    Node,
    RangeStmt,
    ReturnStmt,
    SendStmt,
)
from goescape.ir.op import (
    OAS,
    OASOP,
    OBLOCK,
    OBREAK,
    OCONTINUE,
    ODEFER,
    OFALL,
    OFOR,
    OGO,
    OGOTO,
    OIF,
    OLABEL,
    OLITERAL,
    ORANGE,
    ORETURN,
    OSEND,
    Op,
)
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.basic import IS_COMPLEX, IS_FLOAT
from goescape.typecheck.types import Chan, Type

if TYPE_CHECKING:
    from goescape.ir.lower import Lowerer

_BRANCH: dict[str, Op] = {
    "break": OBREAK,
    "continue": OCONTINUE,
    "fallthrough": OFALL,
    "goto": OGOTO,
}


def stmts(lw: Lowerer, list_: list[ast.Stmt]) -> list[Node]:
    """A list of statements."""
    out: list[Node] = []
    last_label = -1
    for i, s in enumerate(list_):
        if type(s) is ast.LabeledStmt:
            last_label = i
    dead = False
    for i, s in enumerate(list_):
        if dead and i > last_label:
            break  # there is no label any more
        stmt(lw, s, out)
        dead = terminates(lw, s)
    return out


def stmt(lw: Lowerer, s: ast.Stmt | None, out: list[Node]) -> None:
    """One statement, appended to `out`."""
    while type(s) is ast.LabeledStmt:
        if s.label.value == "_":
            out.append(BlockStmt(OBLOCK, s.pos, []))
        else:
            lw.func.has_labels = True
            label = LabelStmt(OLABEL, s.pos, _label_name(lw, s.label.value))
            label.syn = s
            out.append(label)
        s = s.stmt
    if s is None:
        return
    lower = _STMT.get(type(s))
    if lower is None:
        report(f"unexpected statement {type(s).__name__}", s.pos)
        return
    n = lower(lw, s, out)
    if n is not None:
        if n.syn is None:
            n.syn = s
        out.append(n)


def block(list_: list[Node]) -> Node | None:
    """A list as one statement."""
    if not list_:
        return None
    if len(list_) == 1:
        return list_[0]
    return BlockStmt(OBLOCK, list_[0].pos, list_)


def single(lw: Lowerer, s: ast.Stmt | None) -> Node | None:
    """A statement that stands by itself, such as a loop's `init`."""
    if s is None:
        return None
    out: list[Node] = []
    stmt(lw, s, out)
    return block(out)


def block_stmt(lw: Lowerer, b: ast.BlockStmt) -> list[Node]:
    return stmts(lw, b.list)


def _label(out: list[Node]) -> str:
    """The label that stands directly before."""
    if out:
        n = out[-1]
        if type(n) is LabelStmt:
            return n.label
    return ""


# --- simple statements ---------------------------------------------------------------------------


def _assign(lw: Lowerer, s: ast.AssignStmt, out: list[Node]) -> Node | None:
    op = s.op
    if s.rhs is None:
        x = lw.expr(s.lhs)
        mark_assigned(x)
        n = AssignOpStmt(OASOP, s.pos, x, BINARY_OPS[op], _one(s.pos, x.type), True)
        return n
    if op and op != ":=":
        x = lw.expr(s.lhs)
        mark_assigned(x)
        typ = None if op in ("<<", ">>") else lw.src_type(s.lhs)
        y = lw.implicit_conv(typ, s.rhs)
        return AssignOpStmt(OASOP, s.pos, x, BINARY_OPS[op], y)
    return lw.assign_stmt(s.pos, s, unpack(s.lhs), unpack(s.rhs), out)


def _one(pos: Pos, typ: Type | None) -> BasicLit:
    val: Any = 1
    if typ is not None:
        info = basic_info(typ)
        if info & IS_FLOAT:
            val = constant.to_float(1)
        elif info & IS_COMPLEX:
            val = constant.to_complex(1)
    return BasicLit(OLITERAL, pos, typ, val)


def _block(lw: Lowerer, s: ast.BlockStmt, out: list[Node]) -> None:
    out += stmts(lw, s.list)


def _branch(lw: Lowerer, s: ast.BranchStmt, out: list[Node]) -> Node:
    label = "" if s.label is None else _label_name(lw, s.label.value)
    return BranchStmt(_BRANCH[s.tok], s.pos, label)


def _label_name(lw: Lowerer, name: str) -> str:
    """The name of a label, which in an expanded body must not be that of another."""
    if lw.inline is None or name == "_":
        return name
    return f"~{name}·{lw.inline.site.index + 1}"


def _call(lw: Lowerer, s: ast.CallStmt, out: list[Node]) -> Node:
    call = lw.expr(s.call)
    n = GoDeferStmt(ODEFER if s.tok == "defer" else OGO, s.pos, call)
    n.syn = s
    if lw.rewritten is not None:
        at = lw.rewritten.defer_at.get(s)
        if at is not None:
            n.defer_at = lw.expr(at)
    return lw.go_defer(n)


def _decl(lw: Lowerer, s: ast.DeclStmt, out: list[Node]) -> None:
    for d in s.decl_list:
        if type(d) is ast.VarDecl:
            names: list[ast.Expr] = list(d.name_list)
            n = lw.assign_stmt(d.pos, d, names, unpack(d.values), out)
            if n is not None:
                out.append(n)


def _expr(lw: Lowerer, s: ast.ExprStmt, out: list[Node]) -> Node:
    return lw.expr(s.x)


def _empty(lw: Lowerer, s: ast.EmptyStmt, out: list[Node]) -> None:
    return None


def _return(lw: Lowerer, s: ast.ReturnStmt, out: list[Node]) -> Node:
    sig = lw.sig
    vars = sig.results.vars if sig is not None else []

    def dst_type(i: int) -> Type | None:
        return vars[i].type if i < len(vars) else None

    return ReturnStmt(ORETURN, s.pos, lw.multi_expr(s.pos, dst_type, unpack(s.results)))


def _send(lw: Lowerer, s: ast.SendStmt, out: list[Node]) -> Node:
    core = core_type(lw.src_type(s.chan))
    ch = lw.expr(s.chan)
    value = lw.implicit_conv(core.elem if isinstance(core, Chan) else None, s.value)
    return SendStmt(OSEND, s.pos, ch, value)


# --- if, for -------------------------------------------------------------------------------------


def _if(lw: Lowerer, s: ast.IfStmt, out: list[Node]) -> Node | None:
    """A chain of else-ifs is lowered from front to back and then put together from the back."""
    parts: list[tuple[ast.IfStmt, list[Node], Node, int, list[Node]]] = []
    cur: ast.IfStmt = s
    els: list[Node] = []
    while True:
        static, cond_syn = lw.static_bool(cur.cond)
        init: list[Node] = []
        if cur.init is not None:
            stmt(lw, cur.init, init)
        cond = lw.expr(cond_syn)
        then = stmts(lw, cur.then.list) if static >= 0 else []
        parts.append((cur, init, cond, static, then))
        if static > 0 or cur.els is None:
            break
        if type(cur.els) is ast.IfStmt:
            cur = cur.els
            continue
        stmt(lw, cur.els, els)
        break
    n: Node | None = None
    while parts:
        cur, init, cond, static, then = parts.pop()
        if static:
            if cond.op is not OLITERAL:
                init.append(AssignStmt(OAS, cur.pos, BLANK_NODE, cond))
            n = block(init + then + els)
        else:
            n = IfStmt(OIF, cur.pos, cond, then, els)
            n.init = init
            n.syn = cur
        els = [] if n is None else [n]
    return n


def _for(lw: Lowerer, s: ast.ForStmt, out: list[Node]) -> Node | None:
    label = _label(out)
    if type(s.init) is ast.RangeClause:
        return _range(lw, s, s.init, label)
    cond_syn = s.cond
    post_syn, body_syn = s.post, s.body.list
    if cond_syn is not None:
        static, cond_syn = lw.static_bool(cond_syn)
        if static < 0:
            post_syn, body_syn = None, []
    init = single(lw, s.init)
    cond = lw.opt_expr(cond_syn)
    post = single(lw, post_syn)
    body = stmts(lw, body_syn)
    if isinstance(cond, BasicLit) and cond.val is False:
        return init
    n = ForStmt(OFOR, s.pos, label, cond, post, body, lw.distinct_vars)
    if lw.distinct_vars:
        lw.func.loops.append(n)
    if init is not None:
        n.init = [init]
    return n


def _range(lw: Lowerer, s: ast.ForStmt, clause: ast.RangeClause, label: str) -> Node:
    names, lhs = lw.assign_list(unpack(clause.lhs))
    n = RangeStmt(ORANGE, clause.pos, label, False, BLANK_NODE, None, None, [])
    if lhs:
        n.key = lhs[0]
        if len(lhs) >= 2:
            n.value = lhs[1]
    n.def_ = init_defn(n, names)
    n.x = lw.expr(clause.x)
    n.body = stmts(lw, s.body.list)
    n.distinct_vars = lw.distinct_vars
    if lw.distinct_vars:
        lw.func.loops.append(n)
    return n


# --- dead code -----------------------------------------------------------------------------------


def terminates(lw: Lowerer, s: ast.Stmt | None) -> bool:
    """Whether control never goes on to the statement after `s`, as far as the compiler looks."""
    cls = type(s)
    if cls is ast.ReturnStmt:
        return True
    if cls is ast.BranchStmt:
        return s.tok == "goto"  # type: ignore[union-attr, no-any-return]
    if cls is ast.ExprStmt:
        x = s.x  # type: ignore[union-attr]
        while type(x) is ast.ParenExpr:
            x = x.x
        return type(x) is ast.CallExpr and _is_builtin(lw, x.fun, "panic")
    if cls is ast.BlockStmt:
        return terminates(lw, last_non_empty(s.list))  # type: ignore[union-attr]
    while type(s) is ast.IfStmt:
        static, _ = static_bool(lw, s.cond)
        if static >= 0 and not terminates(lw, s.then):
            return False
        if static > 0:
            return True
        els = s.els
        if type(els) is not ast.IfStmt:
            return els is not None and terminates(lw, els)
        s = els
    return False


def last_non_empty(list_: list[ast.Stmt]) -> ast.Stmt | None:
    for s in reversed(list_):
        if type(s) is not ast.EmptyStmt:
            return s
    return None


def _is_builtin(lw: Lowerer, e: ast.Expr, name: str) -> bool:
    while type(e) is ast.ParenExpr:
        e = e.x
    if type(e) is not ast.Name or e.value != name:
        return False
    tv = lw.types.get(e)
    return tv is not None and tv.mode == "builtin"


def _select(lw: Lowerer, s: ast.SelectStmt, out: list[Node]) -> Node:
    return lw.select_stmt(s, _label(out))


def _switch(lw: Lowerer, s: ast.SwitchStmt, out: list[Node]) -> Node:
    return lw.switch_stmt(s, _label(out))


_STMT: dict[type[ast.Node], Callable[[Any, Any, list[Node]], Node | None]] = {
    ast.AssignStmt: _assign,
    ast.BlockStmt: _block,
    ast.BranchStmt: _branch,
    ast.CallStmt: _call,
    ast.DeclStmt: _decl,
    ast.EmptyStmt: _empty,
    ast.ExprStmt: _expr,
    ast.ForStmt: _for,
    ast.IfStmt: _if,
    ast.ReturnStmt: _return,
    ast.SelectStmt: _select,
    ast.SendStmt: _send,
    ast.SwitchStmt: _switch,
}

"""Statements.

Each handler walks the expressions of one kind of statement, with the loop depth that they have.

Invariants
  - a declaration tells its variable the loop depth it stands at;
  - the operand of `range` is evaluated outside the loop, key and value are assigned inside;
  - a block gives the loop depth back that it found: only labels change it for the rest of one.

Example: `for _, v := range s {}` puts s into a location of its own, from which v flows with derefs 1
at the body's depth.

Source: cmd/compile/internal/escape/stmt.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape import bug
from goescape.escape.graph import Hole
from goescape.ir.op import *
from goescape.ir.typeinfo import under
from goescape.typecheck.types import Array

if TYPE_CHECKING:
    from goescape.escape.walk import Escape
    from goescape.ir.nodes import Name, Node


def stmt(e: Escape, n: Node | None) -> None:
    if n is None:
        return
    if n.init:
        stmts(e, n.init)
    handler = _STATEMENTS.get(n.op)
    if handler is None:
        bug.report(f"unexpected statement {n.op}", n.pos)
        return
    handler(e, n)


def stmts(e: Escape, nodes: list[Node]) -> None:
    for n in nodes:
        if n.init:
            stmts(e, n.init)
        handler = _STATEMENTS.get(n.op)
        if handler is None:
            bug.report(f"unexpected statement {n.op}", n.pos)
            continue
        handler(e, n)


def block(e: Escape, nodes: list[Node]) -> None:
    """`nodes`, with the loop depth restored after them."""
    depth = e.loop_depth
    stmts(e, nodes)
    e.loop_depth = depth


def dcl(e: Escape, n: Name) -> Hole:
    """The variable `n` is declared here."""
    loc = e.old_loc(n)
    loc.loop_depth = e.loop_depth
    loc.loops = e.loop_depth - 1
    return Hole(loc)


def _nop(e: Escape, n: Node) -> None:
    pass


def _block_stmt(e: Escape, n: Any) -> None:
    stmts(e, n.list)


def _dcl_stmt(e: Escape, n: Any) -> None:
    if n.x.name != "_":
        dcl(e, n.x)


def _label(e: Escape, n: Any) -> None:
    if n.label in e.looping:
        e.loop_depth += 1


def _if(e: Escape, n: Any) -> None:
    # A chain of else-ifs is as long as the code: no recursion there.
    depth = e.loop_depth
    while True:
        e.discard(n.cond)
        stmts(e, n.body)
        e.loop_depth = depth
        els = n.els
        if len(els) != 1 or els[0].op is not OIF:
            break
        n = els[0]
        if n.init:
            stmts(e, n.init)
    stmts(e, els)
    e.loop_depth = depth


def _for(e: Escape, n: Any) -> None:
    e.loop_depth += 1
    e.discard(n.cond)
    stmt(e, n.post)
    block(e, n.body)
    e.loop_depth -= 1


def _range(e: Escape, n: Any) -> None:
    tmp = e.new_loc(None, True)
    e.expr(Hole(tmp), n.x)
    e.loop_depth += 1
    ks = [e.addr(n.key), e.addr(n.value)]
    if under(n.x.type).__class__ is Array:
        e.flow(e.note(ks[1], n, "range"), tmp)
    else:
        e.flow(e.deref(ks[1], n, "range-deref"), tmp)
    e.reassigned(ks, n)
    block(e, n.body)
    e.loop_depth -= 1


def _switch(e: Escape, n: Any) -> None:
    tag = n.tag
    if tag is not None and tag.op is OTYPESW:
        ks: list[Hole] = []
        for clause in n.cases:
            var = clause.var
            if var is None:
                continue
            k = dcl(e, var)
            if e.has_pointers(var.type):
                ks.append(e.dot_type(k, var, clause, "switch case"))
        e.expr(e.tee(ks), tag.x)
    else:
        e.discard(tag)
    for clause in n.cases:
        for x in clause.list:
            e.discard(x)
        block(e, clause.body)


def _select(e: Escape, n: Any) -> None:
    for clause in n.cases:
        stmt(e, clause.comm)
        block(e, clause.body)


def _recv(e: Escape, n: Any) -> None:
    e.discard(n.x)


def _send(e: Escape, n: Any) -> None:
    e.discard(n.chan)
    e.assign_heap(n.value, "send", n)


def _assign(e: Escape, n: Any) -> None:
    e.assign_list((n.x,), (n.y,), "assign", n)


def _assign_pair(e: Escape, n: Any) -> None:
    e.assign_list(n.lhs, n.rhs, "assign-pair", n)


def _assign_dot_type(e: Escape, n: Any) -> None:
    e.assign_list(n.lhs, n.rhs, "assign-pair-dot-type", n)


def _assign_map(e: Escape, n: Any) -> None:
    e.assign_list(n.lhs, n.rhs, "assign-pair-mapr", n)


def _assign_recv(e: Escape, n: Any) -> None:
    e.assign_list(n.lhs, n.rhs, "assign-pair-receive", n)


def _assign_func(e: Escape, n: Any) -> None:
    call = n.rhs[0]
    stmts(e, call.init)
    ks = [e.addr(x) for x in n.lhs]
    e.call(ks, call)
    e.reassigned(ks, n)


def _return(e: Escape, n: Any) -> None:
    e.assign_list(e.curfn.results, n.results, "return", n)


def _call(e: Escape, n: Node) -> None:
    e.call(None, n)


def _go_defer(e: Escape, n: Any) -> None:
    e.go_defer(n)


def _tail_call(e: Escape, n: Any) -> None:
    e.call(None, n.call)


_STATEMENTS: dict[str, Callable[[Escape, Any], None]] = {
    **dict.fromkeys((OFALL, OINLMARK, OBREAK, OCHECKNIL, OCONTINUE, OGOTO), _nop),
    OBLOCK: _block_stmt,
    ODCL: _dcl_stmt,
    OLABEL: _label,
    OIF: _if,
    OFOR: _for,
    ORANGE: _range,
    OSWITCH: _switch,
    OSELECT: _select,
    ORECV: _recv,
    OSEND: _send,
    **dict.fromkeys((OAS, OASOP), _assign),
    OAS2: _assign_pair,
    OAS2DOTTYPE: _assign_dot_type,
    OAS2MAPR: _assign_map,
    **dict.fromkeys((OAS2RECV, OSELRECV2), _assign_recv),
    OAS2FUNC: _assign_func,
    ORETURN: _return,
    **dict.fromkeys((
        OCALLFUNC, OCALLINTER, OINLCALL, OCLEAR, OCLOSE, OCOPY, ODELETE, OPANIC, OPRINT, OPRINTLN,
        ORECOVER,
    ), _call),
    **dict.fromkeys((OGO, ODEFER), _go_defer),
    OTAILCALL: _tail_call,
}  # fmt: skip

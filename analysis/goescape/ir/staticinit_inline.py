"""The value of an inlined call in a package variable's initialiser.

A call of a function whose body is a single `return e` is, once inlined, `e` with the arguments in
place of the parameters, if those have no effects and are used once or can be repeated. This makes
`var ErrX = errors.New("x")` static.

Example: with `func New(s string) error { return &errorString{s} }`, the value of `New("x")` is
`&errorString{"x"}`.

Source: cmd/compile/internal/staticinit/sched.go (staticAssignInlinedCall, subst) (go1.27).
"""

from __future__ import annotations

import copy

from goescape.ir.nodes import (
    AddStringExpr,
    AssignListStmt,
    BasicLit,
    BlockStmt,
    BranchStmt,
    ClosureExpr,
    ConvExpr,
    Decl,
    InlinedCallExpr,
    LabelStmt,
    Name,
    Node,
    is_blank,
)
from goescape.ir.op import (
    OADDSTR,
    OAS2,
    OBLOCK,
    OCONV,
    ODCL,
    OGOTO,
    OINLMARK,
    OLABEL,
    OLITERAL,
    OMAKECHAN,
    OMAKEMAP,
    OMAPLIT,
    ONEW,
    OPTRLIT,
    OSLICELIT,
    OSTR2BYTES,
    OSTR2RUNES,
)
from goescape.ir.staticinit import any_side_effects, is_side_effect
from goescape.ir.typeinfo import INTEGER_KINDS, kind
from goescape.ir.visit import edit_children, walk

_FRESH = frozenset({OMAKECHAN, OMAKEMAP, OMAPLIT, ONEW, OPTRLIT, OSLICELIT, OSTR2BYTES, OSTR2RUNES})
"""What gives another result each time it is evaluated."""
_BITS = {"TINT8": 8, "TUINT8": 8, "TINT16": 16, "TUINT16": 16, "TINT32": 32, "TUINT32": 32}


def inlined_value(call: InlinedCallExpr) -> Node | None:
    """The value of `call` as an expression over its arguments; None if it has not the right form."""
    init, body = call.init, call.body
    if len(init) != 2 or init[0].op is not OAS2 or init[1].op is not OINLMARK:
        return None
    if len(body) != 2 or body[0].op is not OBLOCK or body[1].op is not OLABEL:
        return None
    bind, block, label = init[0], body[0], body[1]
    assert (
        isinstance(bind, AssignListStmt)
        and isinstance(block, BlockStmt)
        and isinstance(label, LabelStmt)
    )
    stmts = block.list
    if (
        len(stmts) != 3
        or stmts[0].op is not ODCL
        or stmts[1].op is not OAS2
        or stmts[2].op is not OGOTO
    ):
        return None
    dcl, ret, leave = stmts
    assert (
        isinstance(dcl, Decl) and isinstance(ret, AssignListStmt) and isinstance(leave, BranchStmt)
    )
    if leave.label != label.label or len(ret.lhs) != 1 or ret.lhs[0] is not dcl.x:
        return None
    if any(isinstance(v, Name) and v.addrtaken for v in bind.lhs) or any(
        map(any_side_effects, bind.rhs)
    ):
        return None

    count = {v: 0 for v in bind.lhs if isinstance(v, Name)}
    for n in walk([ret.rhs[0]]):
        if isinstance(n, Name) and n in count:
            count[n] += 1
        elif isinstance(n, ClosureExpr) and n.func.closure_vars:
            return None
    args: dict[Node, Node] = {}
    for v, x in zip(bind.lhs, bind.rhs, strict=True):
        if isinstance(v, Name) and count[v] > 1 and not can_repeat(x):
            return None
        if not is_blank(v):
            args[v] = x
    substitution = _Substitution(args)
    value = substitution.edit(ret.rhs[0])
    return value if substitution.valid else None


def can_repeat(n: Node) -> bool:
    """Whether evaluating `n` twice is the same as evaluating it once."""
    return not any(is_side_effect(x) or x.op in _FRESH for x in walk([n]))


class _Substitution:
    __slots__ = ("args", "valid")

    def __init__(self, args: dict[Node, Node]) -> None:
        self.args, self.valid = args, True

    def edit(self, n: Node) -> Node:
        if isinstance(n, Name):
            arg = self.args.get(n)
            return _deep_copy(arg) if arg is not None else n
        if n.op is OLITERAL or n.op == "ONIL" or n.op == "OTYPE":
            return n
        new = copy.copy(n)
        edit_children(new, self.edit)
        if isinstance(new, ConvExpr) and new.op is OCONV and new.x.op is OLITERAL:
            lit = _truncate(new.x, new)
            if lit is None:
                self.valid = False
                return new
            return lit
        if isinstance(new, AddStringExpr) and new.op is OADDSTR:
            return _add_strings(new)
        return new


def _deep_copy(n: Node) -> Node:
    if isinstance(n, Name):
        return n
    new = copy.copy(n)
    edit_children(new, _deep_copy)
    return new


def _truncate(lit: Node, conv: ConvExpr) -> Node | None:
    """The constant `lit` converted as a variable would be."""
    assert isinstance(lit, BasicLit)
    val = lit.val
    from_kind, to_kind = kind(lit.type), kind(conv.type)
    if from_kind != to_kind:
        if from_kind not in INTEGER_KINDS or to_kind not in INTEGER_KINDS:
            return None
        bits = _BITS.get(to_kind, 64)
        val &= (1 << bits) - 1
        if not to_kind.startswith("TUINT") and val >> (bits - 1):
            val -= 1 << bits
    new = BasicLit(OLITERAL, lit.pos, conv.type, val)
    new.syn = lit.syn
    return new


def _add_strings(n: AddStringExpr) -> Node:
    """Merge neighbouring constants."""
    out: list[Node] = []
    for x in n.list:
        last = out[-1] if out else None
        if isinstance(x, BasicLit) and isinstance(last, BasicLit):
            out[-1] = BasicLit(OLITERAL, last.pos, last.type, last.val + x.val)
        else:
            out.append(x)
    if len(out) == 1 and isinstance(out[0], BasicLit):
        return BasicLit(OLITERAL, n.pos, n.type, out[0].val)
    n.list = out
    return n

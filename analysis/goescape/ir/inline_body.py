"""Expanding a call: the callee's body, lowered once more into the caller.

The body is lowered again from its source, as the compiler reads it again, or copied from what that gave before
(`template`): so the variables, temporaries and literals are new ones. Parameters and results become locals of the
caller, `return` an assignment to the results and a jump to the end.

Invariants
  - positions in the expansion are inlined positions (`Positions.inlined`), but what makes the
    assignments of arguments and results is at the call;
  - temporaries keep the numbers they have in the callee;
  - a literal in the expansion is a new function, with a hash of the expansion in its name, and its
    own body is at its own place in the source; nothing is expanded in it, nor in literals in it.

Example: `x := add(a, 1)` with `func add(p, q int) int { return p + q }` becomes, in the `init` of
an `OINLCALL` whose result is `~r0`: `p, q := a, 1`, and as its body: `{ ~r0 = p + q; goto .i0 }`,
`.i0:`.

Source: cmd/compile/internal/noder/reader.go (unifiedInlineCall, inlReturn, inlClosureFunc),
cmd/compile/internal/inline/inl.go (CalleeEffects), cmd/compile/internal/ir/func.go (closureName)
(go1.27).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from goescape.bug import report
from goescape.ir.closure import literal_suffix, naming_func, new_closure
from goescape.ir.func import Func
from goescape.ir.generic_call import CURRIED
from goescape.ir.hidden import uses_dictionary
from goescape.ir.lower import Lowerer
from goescape.ir.nodes import (
    AssignListStmt,
    AssignStmt,
    BlockStmt,
    BranchStmt,
    CallExpr,
    ClosureExpr,
    ConvExpr,
    Decl,
    InlinedCallExpr,
    InlineMarkStmt,
    LabelStmt,
    Name,
    Node,
    ReturnStmt,
)
from goescape.ir.op import (
    OAS,
    OAS2,
    OBLOCK,
    OCALLFUNC,
    OCONVNOP,
    ODCL,
    OGOTO,
    OINLCALL,
    OINLMARK,
    OLABEL,
)
from goescape.ir.visit import STATEMENTS, walk
from goescape.source.positions import BASE_SHIFT, InlineSite, Pos, Positions
from goescape.typecheck.types import Type

if TYPE_CHECKING:
    from goescape.ir.template import Copied
    from goescape.ir.unit import Unit

_HASH_LENGTH = 12  # of 8 bytes in base64
_SUFFIX = {"range": "-range", "go": ".gowrap", "defer": ".deferwrap"}


class Inlining:
    """The expansion at hand: into which function, at which site."""

    __slots__ = ("caller", "func_lit_gen", "positions", "range_lit_gen", "site", "unit")

    def __init__(self, unit: Unit, caller: Func, site: InlineSite, positions: Positions) -> None:
        self.unit, self.caller, self.site, self.positions = unit, caller, site, positions
        self.func_lit_gen = 0
        self.range_lit_gen = 0

    def closure_func(self, lw: Lowerer, pos: Pos, typ: Type, why: str) -> ClosureExpr:
        """A fresh function for a literal of the callee, as one of the caller's."""
        release = self.unit.host.release
        if not release.names_literals_where_written:
            namer = naming_func(self.caller, release)
            names = [namer.nname.name, *(s.callee.nname.name for s in _chain(self.site))]
            text = ".".join(names) + literal_suffix(namer, why)
            return self._copy(lw, pos, Name(pos, text, namer.nname.pkg, typ, "PFUNC"), why)
        suffix = _SUFFIX.get(why)
        if why == "range":
            self.range_lit_gen += 1
            gen = self.range_lit_gen
        else:
            if suffix is None:
                suffix = ".func" if self.caller.oclosure is None else "."
            self.func_lit_gen += 1
            gen = self.func_lit_gen
        callee: Func = self.site.callee
        text = trim_inline_hash(f"{callee.nname.name}{suffix}{gen}")
        nname = Name(pos, f"{text}#{inline_hash(self.site)}#", callee.nname.pkg, typ, "PFUNC")
        return self._copy(lw, pos, nname, why)

    def _copy(self, lw: Lowerer, pos: Pos, nname: Name, why: str) -> ClosureExpr:
        return new_closure(lw, pos, nname, self.caller, why)


def _chain(site: InlineSite) -> list[InlineSite]:
    """The expansions that `site` lies in, the outermost first, and itself."""
    chain: list[InlineSite] = []
    s: InlineSite | None = site
    while s is not None:
        chain.append(s)
        s = s.parent
    return chain[::-1]


def inline_hash(site: InlineSite) -> str:
    """What tells the copies of a literal apart: a hash of the numbers of the expansions."""
    h = hashlib.sha256(b"\x01" + str(site.index).encode())
    for s in _chain(site):
        if s.parent is not None:
            h.update(b" " + str(s.parent.index).encode())
    return base64.b64encode(h.digest()[:8]).decode()


def trim_inline_hash(name: str) -> str:
    """The name of a literal's copy without the hash, as most messages have it."""
    head, sep, tail = name.partition("#")
    if not sep or tail[_HASH_LENGTH : _HASH_LENGTH + 1] != "#":
        return name
    return head + tail[_HASH_LENGTH + 1 :]


def expand(
    unit: Unit, caller: Func, call: CallExpr, callee: Func, delay_results: bool
) -> tuple[InlinedCallExpr, Copied | None]:
    """The expansion of `call`, in `caller`, of `callee`, whose body is known, and that as a copied template, if it is
    one. `delay_results`: the results may be declared where they are returned. Takes the statements of the call's
    `init`."""
    positions = unit.host.positions
    site = positions.inline_site(call.pos, callee.nname.name, callee, unit.inline_count)
    unit.inline_count += 1
    context = Inlining(unit, caller, site, positions)
    tmp, in_vars, ret_vars = _declare(unit, caller, callee)
    if any(cv.outer is not None and cv.outer.curfn is not caller for cv in callee.closure_vars):
        report("a call of a literal is expanded across functions", call.pos)

    label = f".i{caller.label_gen}"
    caller.label_gen += 1
    init, call.init = call.init, []
    if call.op is OCALLFUNC and call.fun is not None:
        _callee_effects(init, call.fun)

    as_ = AssignListStmt(OAS2, call.pos, list(in_vars), list(call.args), True)
    as_.syn = call.syn
    for name in in_vars:
        as_.init.append(Decl(ODCL, call.pos, name))
        name.defn = as_
    init.append(as_)
    if not delay_results:
        for name in ret_vars:
            init.append(Decl(ODCL, call.pos, name))
            init.append(AssignStmt(OAS, call.pos, name, None))
    init.append(InlineMarkStmt(OINLMARK, call.pos, site.index))

    copied = _copied(context, tmp, callee)
    body = _lowered(context, tmp, callee, call, in_vars) if copied is None else copied.stmts
    returns = _Returns(call.pos, label, ret_vars, delay_results)
    returns.edit(body)
    for name in tmp.dcl:
        name.curfn = caller
        name.cls = "PAUTO"
    caller.dcl += tmp.dcl
    caller.has_labels |= tmp.has_labels
    caller.loops += tmp.loops
    body.append(LabelStmt(OLABEL, call.pos, label))

    res = InlinedCallExpr(OINLCALL, call.pos, call.type, body, list(ret_vars))
    res.init = init
    res.syn = call.syn
    if copied is not None:
        copied.stores += returns.made
    return res, copied


def _declare(unit: Unit, caller: Func, callee: Func) -> tuple[Func, list[Name], list[Name]]:
    """A function to lower the body in, with names like the callee's parameters and results."""
    tmp = Func(
        callee.pos,
        Name(callee.nname.pos, caller.nname.name, caller.nname.pkg, callee.nname.type, "PFUNC"),
    )
    tmp.unit = unit

    def copy(p: Name, cls: str) -> Name:
        pkg = caller.nname.pkg if p.name[:2] in ("~p", "~r") else p.pkg
        n = Name(p.pos, p.name, pkg, p.type, cls, tmp, p.obj)
        n.is_ddd = p.is_ddd
        tmp.dcl.append(n)
        return n

    if callee.recv is not None:
        tmp.recv = copy(callee.recv, "PPARAM")
    tmp.params = [copy(p, "PPARAM") for p in callee.params]
    in_vars = list(tmp.dcl)
    tmp.results = [copy(p, "PPARAMOUT") for p in callee.results]
    return tmp, in_vars, tmp.results


def _copied(context: Inlining, tmp: Func, callee: Func) -> Copied | None:
    """The callee's body, at its place in the expansion, if there is a template of it."""
    if callee.synthetic is not None:
        return None
    if callee.source is None:
        _ = callee.body
    template = context.unit.templates.known(callee)
    if template is None:
        return None
    copied = template.copy(
        tmp.dcl, context.positions.inlined(callee.pos, context.site) >> BASE_SHIFT
    )
    tmp.dcl, tmp.loops = copied.names, copied.loops
    return copied


def _lowered(
    context: Inlining, tmp: Func, callee: Func, call: CallExpr, in_vars: list[Name]
) -> list[Node]:
    """The statements of the callee's body, at their places in the expansion."""
    unit = context.unit
    source = callee.source
    captured = [cv.outer for cv in callee.closure_vars if cv.outer is not None]
    n_params = len(tmp.dcl)
    if callee.synthetic is not None:
        lw = Lowerer(unit, tmp, unit.host.checker_of(unit.pkg).info, unit.pkg, None)
        lw.inline = context
        at = call.pos if callee.oclosure is None else callee.pos
        stmts = callee.synthetic(lw, at, list(in_vars), list(captured))
        _move_names(context, tmp.dcl[:n_params])
        return stmts

    lw = Lowerer(unit, tmp, source.info, source.pkg, source.dict)
    lw.inline = context
    lw.rewritten, lw.distinct_vars = source.rewritten, source.distinct_vars
    lw.bind_params(source.sig)
    for cv in callee.closure_vars:
        if cv.obj is not None and cv.outer is not None:
            lw.locals[cv.obj] = cv.outer
    if captured and source.dict is not None and captured[-1].name == ".dict":
        lw.dict_param = captured[-1]
    n_notes = len(unit.imprecise_calls)
    stmts = lw.stmts(source.block.list)
    if lw.dict_param is not None and uses_dictionary(stmts):
        lw.dict_param.hidden_use = True
    if len(unit.imprecise_calls) == n_notes:
        unit.templates.note(callee, tmp, stmts)
    _move(context, stmts)
    for i in range(n_notes, len(unit.imprecise_calls)):
        func, pos = unit.imprecise_calls[i]
        if func is tmp:  # What stands in a literal stays where it is.
            unit.imprecise_calls[i] = func, context.positions.inlined(pos, context.site)
    _move_names(context, tmp.dcl)
    return stmts


def _move_names(context: Inlining, names: list[Name]) -> None:
    inlined, site = context.positions.inlined, context.site
    for n in names:
        n.pos = inlined(n.pos, site)


def _move(context: Inlining, stmts: list[Node]) -> None:
    """Give the nodes of a body their positions in the expansion."""
    inlined, site = context.positions.inlined, context.site
    for n in walk(stmts):
        if type(n) is Name:
            continue
        n.pos = inlined(n.pos, site)
        if type(n) is ClosureExpr and n.func.extra is not CURRIED:
            captured = n.func.closure_vars
            if captured and captured[-1].name == ".dict":  # stays where the function is declared
                captured = captured[:-1]
            _move_names(context, captured)


class _Returns:
    """Replaces the return statements of a body."""

    __slots__ = ("delay", "label", "made", "pos", "vars")

    def __init__(self, pos: Pos, label: str, vars: list[Name], delay: bool) -> None:
        self.pos, self.label, self.vars, self.delay = pos, label, vars, delay
        self.made: list[Node] = []  # the assignments to results

    def edit(self, body: list[Node]) -> None:
        for i, n in enumerate(body):
            if isinstance(n, ReturnStmt):
                body[i] = self.block(n)
            else:
                for field in STATEMENTS.get(n.__class__, ()):
                    self.edit(getattr(n, field))

    def block(self, ret: ReturnStmt) -> BlockStmt:
        list_, ret.init = ret.init, []
        if ret.results:
            as_ = AssignListStmt(OAS2, self.pos, list(self.vars), ret.results)
            as_.syn = ret.syn
            self.made.append(as_)
            if self.delay:
                for name in self.vars:
                    list_.append(Decl(ODCL, self.pos, name))
                    name.defn = as_
            list_.append(as_)
        list_.append(BranchStmt(OGOTO, self.pos, self.label))
        block = BlockStmt(OBLOCK, self.pos, list_)
        block.syn = ret.syn
        return block


def _callee_effects(init: list[Node], callee: Node) -> None:
    """Keep what evaluating the called expression does besides."""
    while True:
        init += callee.init
        if callee.init:
            callee.init = []
        if callee.op is OCONVNOP:
            assert isinstance(callee, ConvExpr)
            callee = callee.x
        elif callee.op is OINLCALL:
            assert isinstance(callee, InlinedCallExpr)
            init += callee.body
            callee.body = []
            callee = callee.return_vars[0]
        else:
            return

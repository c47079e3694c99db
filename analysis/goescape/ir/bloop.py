"""Benchmarks: what the body of `for b.Loop()` computes is kept.

The compiler must not optimise away what a benchmark measures. So in the body of a loop over
`testing.B.Loop`, whatever a statement assigns is used after the statement, results of calls are
stored in temporaries that are then used, and so are the arguments of calls without results. A use is
a call of `runtime.KeepAlive`, which does not let anything escape.

Invariants
  - only packages that import testing are looked at;
  - literals are functions of their own: those in the loop's body are left alone.

Example: in `for b.Loop() { f(x) }`, with f returning an int, `f(x)` becomes
`tmp := f(x); runtime.KeepAlive(&tmp)`.

Source: cmd/compile/internal/bloop/bloop.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.func import Func
from goescape.ir.lower import mark_addrtaken
from goescape.ir.nodes import (
    AddrExpr,
    AssignListStmt,
    AssignOpStmt,
    AssignStmt,
    BlockStmt,
    CallExpr,
    CaseClause,
    CommClause,
    CompLitExpr,
    ConvExpr,
    Decl,
    ForStmt,
    IfStmt,
    Name,
    Node,
    RangeStmt,
    SelectorExpr,
    StarExpr,
    is_blank,
)
from goescape.ir.op import (
    OADDR,
    OAS,
    OAS2,
    OAS2FUNC,
    OBLOCK,
    OCALLFUNC,
    OCONV,
    OCONVIFACE,
    OCONVNOP,
    ODCL,
    ODOT,
    ODOTPTR,
    OINDEX,
    OINDEXMAP,
    OMETHEXPR,
    OSLICE,
    OSLICE3,
    OSLICELIT,
    Op,
)
from goescape.ir.typefmt import path_prefix
from goescape.ir.visit import edit_children, push_children, walk_func
from goescape.source.positions import Pos
from goescape.typecheck.objects import Package, Var
from goescape.typecheck.scope import Scope
from goescape.typecheck.types import Pointer, Signature, Tuple, Type
from goescape.typecheck.universe import TYP, UNIVERSE_ANY

if TYPE_CHECKING:
    from goescape.ir.unit import Unit

Said = list[tuple[Pos, str]]
_THROUGH: frozenset[Op] = frozenset({
    OSLICE, OSLICE3, ODOT, OCONV, OCONVIFACE, OCONVNOP, OADDR, ODOTPTR, OINDEX, OINDEXMAP,
})  # fmt: skip


def imports_testing(unit: Unit) -> bool:
    """Whether there can be such loops in the package."""
    return any(p.path == "testing" for p in unit.pkg.imports)


def walk(unit: Unit, fn: Func) -> Said:
    """Rewrite the loops over `b.Loop()` in `fn`; what the compiler says about it with `-m=2`."""
    release = unit.host.release
    if not (release.keeps_loop_values_alive or release.skips_loop_bodies):
        return []
    if not imports_testing(unit) or not any(map(is_b_loop, walk_func(fn))):
        return []
    if release.skips_loop_bodies:
        unit.skipped_loops += _outermost_loops(fn)
        return []
    editor = _Editor(unit, fn)
    fn.body = [editor.edit(n, False) for n in fn.body]
    return editor.said


def _outermost_loops(fn: Func) -> list[Pos]:
    found: list[Pos] = []
    stack: list[Node] = fn.body[::-1]
    while stack:
        n = stack.pop()
        if is_b_loop(n):
            found.append(n.pos)
        else:
            push_children(n, stack)
    return found


class _Editor:
    __slots__ = ("fn", "keep_alive", "said", "unit")

    def __init__(self, unit: Unit, fn: Func) -> None:
        self.unit, self.fn = unit, fn
        self.said: Said = []
        runtime = Package("runtime", "runtime", Scope(None))
        param = Var(0, runtime, "x", UNIVERSE_ANY.type, "param")
        sig = Signature(None, Tuple([param]), Tuple([]), False)
        self.keep_alive = Name(0, "KeepAlive", runtime, sig, "PFUNC")

    def edit(self, n: Node, inside: bool) -> Node:
        inside = inside or is_b_loop(n)
        edit_children(n, lambda x: self.edit(x, inside))
        if not inside:
            return n
        if isinstance(n, ForStmt | RangeStmt | CommClause):
            n.body = self.stmts(n.body)
        elif isinstance(n, IfStmt):
            n.body = self.stmts(n.body)
            n.els = self.stmts(n.els)
        elif isinstance(n, BlockStmt):
            n.list = self.stmts(n.list)
        elif isinstance(n, CaseClause):
            n.list = self.stmts(n.list)
            n.body = self.stmts(n.body)
        return n

    def stmts(self, nodes: list[Node]) -> list[Node]:
        return [self.stmt(n) for n in nodes]

    def stmt(self, n: Node) -> Node:
        """`n`, or `n` with uses of what it assigns."""
        if isinstance(n, AssignStmt):
            if is_blank(n.x) and n.y is not None:
                n.x = self._temp(n.pos, n.y.type, n)
                n.def_ = True
            return self.keep(self._kept(n.pos, n.x), n)
        if isinstance(n, AssignListStmt):
            return self._assign_list(n)
        if isinstance(n, AssignOpStmt):
            return self.keep(self._kept(n.pos, n.x), n)
        if isinstance(n, CallExpr):
            sig = n.fun.type if n.fun is not None else None
            if isinstance(sig, Signature) and sig.results.vars:
                return self._results(n, sig)
            return self._args(n)
        return n

    def _assign_list(self, n: AssignListStmt) -> Node:
        kept: list[Node] = []
        for i, x in enumerate(n.lhs):
            if is_blank(x):
                t = n.rhs[0].type if len(n.rhs) == 1 else None
                if isinstance(t, Tuple) and len(t.vars) == len(n.lhs):
                    typ: Type | None = t.vars[i].type
                elif len(n.rhs) == len(n.lhs):
                    typ = n.rhs[i].type
                else:
                    self.said.append(
                        (n.pos, "unrecognized shape for assign list stmt for blank assignment")
                    )
                    continue
                n.lhs[i] = self._temp(n.pos, typ, n)
                n.def_ = True
            kept += self._kept(n.pos, n.lhs[i])
        return self.keep(kept, n)

    def _results(self, call: CallExpr, sig: Signature) -> Node:
        results = sig.results.vars
        pos = call.pos
        as_ = AssignListStmt(OAS2FUNC if len(results) > 1 else OAS2, pos, [], [call], True)
        as_.syn = call.syn
        for r in results:
            as_.lhs.append(self._temp(pos, r.type, as_))
        plural = "s" if len(results) > 1 else ""
        self.said.append((pos, f"function result{plural} will be kept alive"))
        return self.keep(list(as_.lhs), as_)

    def _args(self, call: CallExpr) -> Node:
        before: list[Node] = []
        kept: list[Node] = []

        def preserve(pos: Pos, x: Node) -> Node:
            as_ = AssignStmt(OAS, pos, x, x, True)
            as_.x = tmp = self._temp(pos, x.type, as_)
            as_.syn = x.syn
            before.append(as_)
            kept.append(tmp)
            self.said.append((call.pos, "function arg will be kept alive"))
            return tmp

        for i, a in enumerate(call.args):
            name = _addressable_name(a)
            if name is not None:
                self._debug(name, call.pos)
                kept.append(name)
            elif a.op is OSLICELIT:
                assert isinstance(a, CompLitExpr)
                for j, e in enumerate(a.list):
                    name = _addressable_name(e)
                    if name is not None:
                        self._debug(name, call.pos)
                        kept.append(name)
                    else:
                        a.list[j] = preserve(e.pos, e)
            else:
                call.args[i] = preserve(call.pos, a)
        if before:
            return self.keep(kept, BlockStmt(OBLOCK, call.pos, [*before, call]))
        return self.keep(kept, call)

    # --- uses ------------------------------------------------------------------------------------

    def keep(self, kept: list[Node], n: Node) -> Node:
        """`n`, followed by uses of `kept`."""
        if not kept:
            return n
        pos = n.pos
        stmts = [n]
        for x in kept:
            if not isinstance(x, Name) or is_blank(x):
                continue
            mark_addrtaken(x)
            assert x.type is not None
            addr = AddrExpr(OADDR, pos, Pointer(x.type), x)
            arg = ConvExpr(OCONVNOP, pos, TYP["unsafe.Pointer"], addr)
            boxed = ConvExpr(OCONVIFACE, pos, UNIVERSE_ANY.type, arg)
            boxed.implicit = True
            call = CallExpr(OCALLFUNC, pos, None, self.keep_alive, [boxed])
            call.is_compiler_var_live = True
            call.no_inline = True
            stmts.append(call)
        return BlockStmt(OBLOCK, pos, stmts)

    def _kept(self, pos: Pos, n: Node) -> list[Node]:
        name = _addressable_name(n)
        if name is not None:
            self._debug(name, pos)
            return [name]
        if isinstance(n, StarExpr):
            self.said.append((pos, "dereference will be kept alive"))
            return [n]
        self.said.append((pos, "expr is unknown to bloop pass"))
        return []

    def _debug(self, name: Name, pos: Pos) -> None:
        owner = name.pkg or self.unit.pkg
        self.said.append((pos, f"{path_prefix(owner)}.{name.name} will be kept alive"))

    def _temp(self, pos: Pos, typ: Type | None, defn: Node) -> Name:
        """A new temporary, declared by `defn`."""
        fn = self.fn
        tmp = Name(pos, f".autotmp_{len(fn.dcl)}", self.unit.pkg, typ, "PAUTO", fn)
        tmp.used = True
        fn.dcl.append(tmp)
        defn.init.append(Decl(ODCL, pos, tmp))
        return tmp


def is_b_loop(n: Node) -> bool:
    """Whether `n` is `for b.Loop()`."""
    if not isinstance(n, ForStmt):
        return False
    call = n.cond
    if not isinstance(call, CallExpr) or call.op is not OCALLFUNC:
        return False
    fun = call.fun
    if not isinstance(fun, SelectorExpr) or fun.op is not OMETHEXPR or fun.func_name is None:
        return False
    name = fun.func_name
    return name.name == "(*B).Loop" and name.pkg is not None and name.pkg.path == "testing"


def _addressable_name(n: Node | None) -> Name | None:
    """The variable that `n` is, or is a part of or made from."""
    while n is not None and not isinstance(n, Name):
        if n.op not in _THROUGH:
            return None
        n = n.x  # type: ignore[attr-defined]
    return n if n is not None and n.cls != "PFUNC" else None

"""Loop variables that are new in every iteration.

From go1.22 on, each iteration of a loop has its own copies of the variables that the loop declares.
Only a variable that is addressed or captured in the loop can show the difference, so only loops
with such a variable are rewritten, after inlining and before escape analysis:

    for v := range s { use(&v) }        →  for tmp := range s { v := tmp; use(&v) }

    for z := 0; z < n; z++ { use(&z) }  →  for z', first := 0, true; ; {
                                               z := z'
                                               if first { first = false } else { z++ }
                                               if !(z < n) { break }
                                               use(&z)
                                           next:
                                               z' = z
                                           }

What stands below a `return` does not count, unless the loop itself is below it: it leaves the loop.

Invariants
  - a loop is rewritten after the loops inside it;
  - the declaration of a rewritten variable moves from the loop into its body, which makes it
    belong to the iteration;
  - afterwards no loop of the function has `distinct_vars`.

Example: `for i := range s { sink = &i }` moves a new `i` to the heap in every iteration.

Source: cmd/compile/internal/loopvar/loopvar.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from goescape.ir.func import Func
from goescape.ir.nodes import (
    AddrExpr,
    AssignListStmt,
    AssignStmt,
    BasicLit,
    BranchStmt,
    ClosureExpr,
    Decl,
    ForStmt,
    IfStmt,
    LabelStmt,
    Name,
    Node,
    RangeStmt,
    ReturnStmt,
    UnaryExpr,
    is_blank,
)
from goescape.ir.op import OAS, OBREAK, OCONTINUE, ODCL, OGOTO, OIF, OLABEL, OLITERAL, ONOT
from goescape.ir.static_value import outer_value
from goescape.ir.visit import children, push_children, walk
from goescape.typecheck.objects import Package
from goescape.typecheck.types import Type
from goescape.typecheck.universe import TYP

_LOOPS = frozenset({ForStmt, RangeStmt})
_LOCALS = frozenset({"PAUTO", "PPARAM", "PPARAMOUT"})


def for_capture(fn: Func) -> list[Name]:
    """Rewrite the loops of `fn`; the variables that are now new in every iteration."""
    _ = fn.body  # Once it is read, the function knows what is in it.
    loops = [loop for loop in fn.loops if loop.distinct_vars]
    declared: set[Node | None] = set()
    for loop in loops:
        declared.update((loop.key, loop.value) if isinstance(loop, RangeStmt) else _declared(loop))
    if not any(v in declared for n in _sources(loops) for v in _leaked_by(n)):
        for loop in loops:
            loop.distinct_vars = False
        return []
    rewriter = _Rewriter(fn, fn.unit.pkg)
    rewriter.scan(fn.body, 0, 0)
    if rewriter.fixups:
        rewriter.move_declarations()
    return rewriter.transformed


def _sources(loops: Sequence[ForStmt | RangeStmt]) -> Iterator[Node]:
    """What may capture or address a variable that one of `loops` declares: it lies in the loop."""
    walked: set[Node] = set()
    for loop in reversed(loops):  # Those around others mostly come first.
        if loop in walked:
            continue
        for n in walk([loop]):
            cls = n.__class__
            if cls is AddrExpr or cls is ClosureExpr:
                yield n
            elif cls in _LOOPS:
                walked.add(n)


def _leaked_by(n: Node) -> list[Name]:
    """The locals that `n` captures or addresses."""
    if isinstance(n, ClosureExpr):
        return [cv.canonical() for cv in n.func.closure_vars]
    assert isinstance(n, AddrExpr)
    y = outer_value(n.x)
    return [y] if isinstance(y, Name) and y.cls in _LOCALS else []


class _Rewriter:
    """`leaked` has an entry for each variable that a loop declares: whether it may be addressed or
    captured; `fixups` has the assignments that declare rewritten variables."""

    __slots__ = ("fixups", "fn", "leaked", "pkg", "seq", "transformed")

    def __init__(self, fn: Func, pkg: Package) -> None:
        self.fn, self.pkg = fn, pkg
        self.leaked: dict[Name, bool] = {}
        self.fixups: dict[Name, AssignStmt] = {}
        self.transformed: list[Name] = []
        self.seq = 1

    def scan(self, nodes: list[Node], depth: int, return_depth: int) -> None:
        """Look through `nodes` in a loop of depth `depth`, the innermost return around them being in
        one of depth `return_depth`."""
        stack = nodes[::-1]
        while stack:
            n = stack.pop()
            cls = n.__class__
            if cls is ClosureExpr or cls is AddrExpr:
                if return_depth < depth:
                    for v in _leaked_by(n):
                        self._leak(v)
            elif cls is ReturnStmt:
                self.scan(children(n), depth, depth)
                continue
            elif cls is RangeStmt:
                assert isinstance(n, RangeStmt)
                if n.def_ and n.distinct_vars:
                    self._range(n, depth, return_depth)
                    continue
                n.distinct_vars = False
            elif cls is ForStmt:
                assert isinstance(n, ForStmt)
                if n.distinct_vars:
                    self._for(n, depth, return_depth)
                    continue
            push_children(n, stack)

    def _leak(self, v: Name) -> None:
        if v in self.leaked:
            self.leaked[v] = True

    def _candidate(self, x: Node | None) -> None:
        if isinstance(x, Name) and not is_blank(x):
            self.leaked[x] = False

    def _temp(self, n: Node, typ: Type | None) -> Name:
        fn = self.fn
        tmp = Name(n.pos, f".autotmp_{len(fn.dcl)}", self.pkg, typ, "PAUTO", fn)
        tmp.used = True
        fn.dcl.append(tmp)
        return tmp

    def _range(self, x: RangeStmt, depth: int, return_depth: int) -> None:
        self._candidate(x.key)
        self._candidate(x.value)
        self.scan(children(x), depth + 1, return_depth)
        x.key = self._replace(x.key, x)
        x.value = self._replace(x.value, x)
        x.distinct_vars = False

    def _replace(self, k: Node | None, x: RangeStmt) -> Node | None:
        if not isinstance(k, Name) or not self.leaked.get(k):
            return k
        self.transformed.append(k)
        tmp = self._temp(x, k.type)
        as_ = AssignStmt(OAS, x.pos, k, tmp, True)
        as_.syn = x.syn
        x.body = [as_, *x.body]
        self.fixups[k] = as_
        return tmp

    def _for(self, x: ForStmt, depth: int, return_depth: int) -> None:
        variables = _declared(x)
        for v in variables:
            self._candidate(v)
        self.scan(children(x), depth + 1, return_depth)
        leaked = [v for v in variables if isinstance(v, Name) and self.leaked.get(v)]
        if leaked:
            self._transform(x, leaked)
        x.distinct_vars = False

    def _transform(self, x: ForStmt, leaked: list[Name]) -> None:
        pos = x.pos
        before: list[Node] = []
        after: list[Node] = []
        carriers: dict[Name, Name] = {}
        for z in leaked:
            self.transformed.append(z)
            tmp = carriers[z] = self._temp(x, z.type)
            as_ = AssignStmt(OAS, pos, z, tmp, True)
            z.defn = as_
            before.append(as_)
            self.fixups[z] = as_
            after.append(AssignStmt(OAS, pos, tmp, z))
            as_.syn = after[-1].syn = x.syn

        label = f".3clNext_{self.seq}"
        self.seq += 1
        _edit_continues(x.body, x.label, label)
        for s in x.init:
            if isinstance(s, AssignListStmt) and s.def_:
                s.lhs = [carriers.get(z, z) if isinstance(z, Name) else z for z in s.lhs]
            elif isinstance(s, AssignStmt) and s.def_ and isinstance(s.x, Name):
                s.x = carriers.get(s.x, s.x)

        if x.post is not None:
            first = self._temp(x, TYP["bool"])
            x.init = [
                *x.init,
                AssignStmt(OAS, pos, first, BasicLit(OLITERAL, pos, TYP["bool"], True)),
            ]
            clear = AssignStmt(OAS, pos, first, BasicLit(OLITERAL, pos, TYP["bool"], False))
            test = IfStmt(OIF, pos, first, [clear], [x.post])
            test.init = [Decl(ODCL, pos, first)]
            before.append(test)
        if x.cond is not None:
            leave = BranchStmt(OBREAK, pos)
            before.append(
                IfStmt(OIF, pos, UnaryExpr(ONOT, x.cond.pos, x.cond.type, x.cond), [leave], [])
            )
        x.body = [*before, *x.body, LabelStmt(OLABEL, pos, label), *after]
        x.cond = None
        x.post = None

    def move_declarations(self) -> None:
        """Let the assignments that now declare the variables have their declarations."""
        fixups = self.fixups
        self.fn.body = self._filter(self.fn.body)
        for n in walk(self.fn.body):
            if n.init and n.__class__ is not Name:
                n.init = self._filter(n.init)
            for field in _LISTS.get(n.__class__, ()):
                old = getattr(n, field)
                if old:
                    setattr(n, field, self._filter(old))
        fixups.clear()

    def _filter(self, nodes: list[Node]) -> list[Node]:
        fixups = self.fixups
        moved = [n for n in nodes if n.__class__ is Decl and n.x in fixups]
        if not moved:
            return nodes
        for d in moved:
            as_ = fixups.pop(d.x)
            as_.init = [d, *as_.init]
        gone = set(moved)
        return [n for n in nodes if n not in gone]


def _lists() -> dict[type[Node], tuple[str, ...]]:
    from goescape.ir import nodes

    return {
        nodes.InlinedCallExpr: ("body",),
        nodes.CaseClause: ("body",),
        nodes.CommClause: ("body",),
        nodes.BlockStmt: ("list",),
        nodes.ForStmt: ("body",),
        nodes.RangeStmt: ("body",),
        nodes.IfStmt: ("body", "els"),
    }


_LISTS = _lists()
"""The lists of statements of each class."""


def _declared(x: ForStmt) -> list[Node]:
    """The variables that the loop's first clause defines."""
    out: list[Node] = []
    for s in x.init:
        if isinstance(s, AssignListStmt):
            if s.def_:
                out += s.lhs
        elif isinstance(s, AssignStmt) and s.def_:
            out.append(s.x)
    return out


def _edit_continues(body: list[Node], loop_label: str, label: str) -> None:
    """Turn each `continue` of the loop `loop_label` in its `body` into a goto to `label`."""
    stack = [(n, 0) for n in reversed(body)]
    while stack:
        n, depth = stack.pop()
        if isinstance(n, BranchStmt):
            if n.op is OCONTINUE and (
                (depth == 0 and not n.label) or (loop_label and n.label == loop_label)
            ):
                n.label = label
                n.op = OGOTO
            continue
        if isinstance(n, ForStmt | RangeStmt):
            depth += 1
        stack += [(c, depth) for c in reversed(children(n))]

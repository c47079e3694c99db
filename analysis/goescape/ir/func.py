"""A function of the middle end, with its body and what was found out about it.

A `Func` is no node: its `Name` stands for it in expressions, and an `OCLOSURE` for a literal. The body
is lowered when it is first read, and can be lowered again.

Invariants
  - `nname.func` is the function itself;
  - what lowering makes (body, parameters, locals, literals, counters) is forgotten by `renew`; what
    the function is, and the verdict about inlining it, stay;
  - a literal has an `oclosure` and a `closure_parent`; other functions have neither.

Example: after `func.renew()` the body is empty until a new thunk is given as `func.lower`.

Source: cmd/compile/internal/ir/func.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.source.positions import Pos

if TYPE_CHECKING:
    from goescape.ir.nodes import ClosureExpr, ForStmt, Name, Node, RangeStmt
    from goescape.syntax import ast


class Func:
    """A function, method or literal.

    `nname` is its `Name`; `dcl` its parameters (receiver first), results and locals in the order of
    declaration; `closure_vars` what a literal captures, as closure variables of this function;
    `closures` its literals, `closure_parent` the function around a literal, `oclosure` the literal
    itself. `pragma` as `ast.Pragma.flags`. `body` is lowered at its first reading if a thunk was
    given. `dupok`: an instance or wrapper that several packages may emit. `wrapper`: a method
    wrapper. `abi_wrapper`: forwards to the function of the same name. `range_parent`: the function whose range-over-func body this is. `prepared`: the passes
    between lowering and escape analysis have run. `judged`: whether it can be inlined has been
    decided, and if so `inl` says at what cost. `late`: an instance that inlining brought up, compiled
    elsewhere. `synthetic`: builds the body of a function without syntax anew, from a lowering context,
    a position, and what stands for its parameters and captured variables. `source`: what to lower its
    body from, once more (`lower.Source`). `has_labels`: the body has labels of the source. `loops`: those in
    the body, or once in it, whose variables are new in every iteration. `label_gen` numbers the ends of expanded calls. `withheld`: why nothing is said about it, known
    once the body was read.
    """

    __slots__ = (
        "__weakref__",
        "_body",
        "abi_wrapper",
        "closure_parent",
        "closure_vars",
        "closures",
        "dcl",
        "dupok",
        "extra",
        "func_lit_gen",
        "go_defer_gen",
        "has_body",
        "has_labels",
        "inl",
        "is_deferwrap",
        "is_package_init",
        "judged",
        "label_gen",
        "late",
        "loops",
        "lower",
        "nname",
        "oclosure",
        "params",
        "pos",
        "pragma",
        "prepared",
        "range_lit_gen",
        "range_parent",
        "recv",
        "results",
        "source",
        "syn",
        "synthetic",
        "temp_gen",
        "unit",
        "withheld",
        "wrapped",
        "wrapper",
    )

    def __init__(self, pos: Pos, nname: Name) -> None:
        self.pos, self.nname = pos, nname
        nname.func = self
        self.syn: ast.Node | None = None
        self.unit: Any = None
        self.extra: Any = None
        self.pragma: frozenset[str] = frozenset()
        self.dupok = False
        self.wrapper = False
        self.abi_wrapper = False
        self.is_package_init = False
        self.is_deferwrap = False
        self.late = False
        self.closure_parent: Func | None = None
        self.oclosure: ClosureExpr | None = None
        self.range_parent: Func | None = None
        self.wrapped: Func | None = None
        self.synthetic: Callable[[Any, Pos, list[Node], list[Node]], list[Node]] | None = None
        self.source: Any = None
        self.inl: Any = None
        self.judged = False
        self.renew()

    def renew(self) -> None:
        """Forget the body and all that was done to it; what the function is stays, and what was
        decided about inlining it."""
        self._body: list[Node] = []
        self.lower: Callable[[], list[Node]] | None = None
        self.has_body = True
        self.recv: Name | None = None
        self.params: list[Name] = []
        self.results: list[Name] = []
        self.dcl: list[Name] = []
        self.closure_vars: list[Name] = []
        self.closures: list[Func] = []
        self.prepared = False
        self.has_labels = False
        self.loops: list[ForStmt | RangeStmt] = []
        self.withheld = ""
        self.label_gen = 0
        self.func_lit_gen = 0
        self.range_lit_gen = 0
        self.go_defer_gen = 0
        self.temp_gen = 0

    @property
    def body(self) -> list[Node]:
        if self.lower is not None:
            lower, self.lower = self.lower, None
            self._body = lower()
        return self._body

    @body.setter
    def body(self, body: list[Node]) -> None:
        self.lower = None
        self._body = body

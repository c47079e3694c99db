"""The nodes of the middle end: names, expressions and statements.

The classes and fields are those of the compiler's `ir` package, so that lowering, inlining and
escape analysis can be read beside its source. An operation names what a node does (`op`), its
class only how it is laid out: `OLEN` and `ONOT` are both `UnaryExpr`.

Invariants
  - `type` is a `typecheck.types.Type` without free type parameters (shapes are named types of the
    package `go.shape`); None for statements and for calls without results; a call with several
    results has a `Tuple`;
  - `pos` is the position that the compiler gives the node, `syn` the syntax it came from (None for
    synthesised nodes), from which editors take the exact range;
  - `init` are the statements that run before the node;
  - `implicit` marks what the source does not spell (conversions, `&x` of receivers, the slice of
    variadic arguments);
  - every `Name` used in a function is its parameter, its local, one of its `closure_vars`, a
    package-level variable or a function.

Example: `x := f(1)` is `AssignStmt(OAS, x=Name, y=CallExpr(OCALLFUNC), def_=True)` with
`Decl(ODCL, x)` in its `init`.

Source: cmd/compile/internal/ir/{node,mini,name,expr,stmt}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ir.op import *
from goescape.ir.op import Op
from goescape.source.positions import Pos

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.syntax import ast
    from goescape.typecheck.objects import Object, Package, Var
    from goescape.typecheck.types import Type


class Node:
    __slots__ = ("implicit", "init", "op", "pos", "syn", "type")
    op: Op
    pos: Pos
    type: Type | None
    init: list[Node]
    implicit: bool
    syn: ast.Node | None

    def __init__(self, op: Op, pos: Pos, type: Type | None = None) -> None:
        self.op = op
        self.pos = pos
        self.type = type
        self.init = []
        self.implicit = False
        self.syn = None


class AddStringExpr(Node):
    """`OADDSTR`: the flattened operands of a string concatenation."""

    __slots__ = ("list",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        list: list[Node],
    ) -> None:
        super().__init__(op, pos, type)
        self.list = list


class AddrExpr(Node):
    """`OADDR` and `OPTRLIT` (`&x` of a composite literal)."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x


class BasicLit(Node):
    """`OLITERAL`: a constant; `val` as in `typecheck.constant`."""

    __slots__ = ("val",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        val: Any,
    ) -> None:
        super().__init__(op, pos, type)
        self.val = val


class BinaryExpr(Node):
    """Arithmetic, comparisons, shifts, `OCOPY`, `OCOMPLEX`, `OUNSAFEADD`, `OUNSAFESLICE`,
    `OUNSAFESTRING`."""

    __slots__ = ("x", "y")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
        y: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x
        self.y = y


class CallExpr(Node):
    """`OCALLFUNC`, `OCALLINTER`, and builtins with a list of arguments (`OAPPEND`, `ODELETE`,
    `OPRINT`, `OPRINTLN`, `OMIN`, `OMAX`, `ORECOVER`; their `fun` is None). The receiver of a static
    method call is the first argument and `fun` an `OMETHEXPR`; an interface call's `fun` is an
    `ODOTINTER`. `is_ddd`: the last argument is already the variadic slice.
    `is_compiler_var_live`: a `runtime.KeepAlive` that the compiler put in."""

    __slots__ = (
        "args",
        "fun",
        "go_defer",
        "is_compiler_var_live",
        "is_ddd",
        "keep_alive",
        "no_inline",
    )

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        fun: Node | None,
        args: list[Node],
        is_ddd: bool = False,
        go_defer: bool = False,
        no_inline: bool = False,
    ) -> None:
        super().__init__(op, pos, type)
        self.fun = fun
        self.args = args
        self.is_ddd = is_ddd
        self.go_defer = go_defer
        self.no_inline = no_inline
        self.keep_alive: list[Name] = []
        self.is_compiler_var_live = False


class ClosureExpr(Node):
    """`OCLOSURE`: a function literal. `is_go_wrap`: the wrapper of a go statement."""

    __slots__ = ("func", "is_go_wrap")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        func: Func,
        is_go_wrap: bool = False,
    ) -> None:
        super().__init__(op, pos, type)
        self.func = func
        self.is_go_wrap = is_go_wrap


class CompLitExpr(Node):
    """`OMAPLIT`, `OSTRUCTLIT`, `OARRAYLIT`, `OSLICELIT`; `len` is the length of a slice literal.
    Elements are `KeyExpr`s for maps (and keyed arrays and slices), `StructKeyExpr`s for structs."""

    __slots__ = ("len", "list")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        list: list[Node],
        len: int = 0,
    ) -> None:
        super().__init__(op, pos, type)
        self.list = list
        self.len = len


class ConvExpr(Node):
    """Conversions: `OCONV`, `OCONVNOP`, `OCONVIFACE`, `OBYTES2STR`, `ORUNES2STR`, `OSTR2BYTES`,
    `OSTR2RUNES`, `OSLICE2ARR`, `OSLICE2ARRPTR`, `ORUNESTR`."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x


class IndexExpr(Node):
    """`OINDEX`, `OINDEXMAP`; `assigned` if the map element is being stored to."""

    __slots__ = ("assigned", "index", "x")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
        index: Node,
        assigned: bool = False,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x
        self.index = index
        self.assigned = assigned


class KeyExpr(Node):
    """`OKEY`: `key: value` of a literal."""

    __slots__ = ("key", "value")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        key: Node,
        value: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.key = key
        self.value = value


class StructKeyExpr(Node):
    """`OSTRUCTKEY`: a field and its value."""

    __slots__ = ("field", "value")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        field: Var,
        value: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.field = field
        self.value = value


class InlinedCallExpr(Node):
    """`OINLCALL`: an expanded call: `init` binds the parameters, then `body`; `return_vars` hold
    the results."""

    __slots__ = ("body", "return_vars")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        body: list[Node],
        return_vars: list[Node],
    ) -> None:
        super().__init__(op, pos, type)
        self.body = body
        self.return_vars = return_vars


class LogicalExpr(Node):
    """`OANDAND`, `OOROR`."""

    __slots__ = ("x", "y")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
        y: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x
        self.y = y


class MakeExpr(Node):
    """`OMAKECHAN`, `OMAKEMAP`, `OMAKESLICE`."""

    __slots__ = ("cap", "len")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        len: Node | None,
        cap: Node | None = None,
    ) -> None:
        super().__init__(op, pos, type)
        self.len = len
        self.cap = cap


class NilExpr(Node):
    """`ONIL`, and `OGETCALLERSP`, the frame of the function it is in."""

    __slots__ = ()

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
    ) -> None:
        super().__init__(op, pos, type)


class LinksymOffsetExpr(Node):
    """`OLINKSYMOFFSET`: a place in static data, `symbol@offset`."""

    __slots__ = ("offset", "symbol")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        symbol: str,
        offset: int,
    ) -> None:
        super().__init__(op, pos, type)
        self.symbol = symbol
        self.offset = offset


class SelectorExpr(Node):
    """`ODOT`, `ODOTPTR`, `ODOTINTER`, `OMETHVALUE`, `OMETHEXPR`. `sel` is the bare name, `selection`
    the field or method. For `OMETHEXPR`, `x` is an `OTYPE` node and `func_name` the method's name."""

    __slots__ = ("func_name", "sel", "selection", "x")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
        sel: str,
        selection: Object | None,
        func_name: Name | None = None,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x
        self.sel = sel
        self.selection = selection
        self.func_name = func_name


class SliceExpr(Node):
    """`OSLICE`, `OSLICEARR`, `OSLICESTR`, `OSLICE3`, `OSLICE3ARR`."""

    __slots__ = ("high", "low", "max", "x")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
        low: Node | None,
        high: Node | None,
        max: Node | None = None,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x
        self.low = low
        self.high = high
        self.max = max


class StarExpr(Node):
    """`ODEREF`."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x


class TypeAssertExpr(Node):
    """`ODOTTYPE`, `ODOTTYPE2`; where the type's descriptor is an operand, as that of a type parameter is,
    `ODYNAMICDOTTYPE` and its comma-ok form."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x


class UnaryExpr(Node):
    """One operand: `OLEN`, `OCAP`, `ONOT`, `ONEG`, `OPLUS`, `OBITNOT`, `ORECV`, `ONEW`, `OPANIC`, `OCLEAR`,
    `OCLOSE`, `OREAL`, `OIMAG`, `OUNSAFESLICEDATA`, `OUNSAFESTRINGDATA`. Of `ONEW` the operand is an
    `OTYPE`."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
        x: Node,
    ) -> None:
        super().__init__(op, pos, type)
        self.x = x


class TypeNode(Node):
    """`OTYPE`: `type` used as an operand, and `ODYNAMICTYPE`: one known only at run time."""

    __slots__ = ()

    def __init__(
        self,
        op: Op,
        pos: Pos,
        type: Type | None,
    ) -> None:
        super().__init__(op, pos, type)


class Decl(Node):
    """`ODCL`: `x` comes into being here."""

    __slots__ = ("x",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        x: Name,
    ) -> None:
        super().__init__(op, pos)
        self.x = x


class AssignStmt(Node):
    """`OAS`; `y` is None for `var x T`. `def_` if `x` is declared here."""

    __slots__ = ("def_", "x", "y")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        x: Node,
        y: Node | None,
        def_: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.x = x
        self.y = y
        self.def_ = def_


class AssignListStmt(Node):
    """`OAS2`, `OAS2DOTTYPE`, `OAS2FUNC`, `OAS2MAPR`, `OAS2RECV`, `OSELRECV2`."""

    __slots__ = ("def_", "lhs", "rhs")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        lhs: list[Node],
        rhs: list[Node],
        def_: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.lhs = lhs
        self.rhs = rhs
        self.def_ = def_


class AssignOpStmt(Node):
    """`OASOP`: `x as_op= y`; `inc_dec` for `x++` and `x--`."""

    __slots__ = ("as_op", "inc_dec", "x", "y")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        x: Node,
        as_op: Op,
        y: Node,
        inc_dec: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.x = x
        self.as_op = as_op
        self.y = y
        self.inc_dec = inc_dec


class BlockStmt(Node):
    """`OBLOCK`."""

    __slots__ = ("list",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        list: list[Node],
    ) -> None:
        super().__init__(op, pos)
        self.list = list


class BranchStmt(Node):
    """`OBREAK`, `OCONTINUE`, `OGOTO`, `OFALL`; `label` is "" for none."""

    __slots__ = ("label",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str = "",
    ) -> None:
        super().__init__(op, pos)
        self.label = label


class CaseClause(Node):
    """One clause of a switch. `list` is empty for `default`; `var` is the clause's variable of a type
    switch."""

    __slots__ = ("body", "list", "var")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        list: list[Node],
        body: list[Node],
        var: Name | None = None,
    ) -> None:
        super().__init__(op, pos)
        self.list = list
        self.body = body
        self.var = var


class CommClause(Node):
    """One clause of a select; `comm` is None for `default`."""

    __slots__ = ("body", "comm")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        comm: Node | None,
        body: list[Node],
    ) -> None:
        super().__init__(op, pos)
        self.comm = comm
        self.body = body


class ForStmt(Node):
    """`OFOR`. `distinct_vars`: its variables are new in every iteration."""

    __slots__ = ("body", "cond", "distinct_vars", "label", "post")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str,
        cond: Node | None,
        post: Node | None,
        body: list[Node],
        distinct_vars: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.label = label
        self.cond = cond
        self.post = post
        self.body = body
        self.distinct_vars = distinct_vars


class GoDeferStmt(Node):
    """`OGO`, `ODEFER`; `defer_at` is set for a defer in a range-over-func body."""

    __slots__ = ("call", "defer_at")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        call: Node,
        defer_at: Node | None = None,
    ) -> None:
        super().__init__(op, pos)
        self.call = call
        self.defer_at = defer_at


class IfStmt(Node):
    """`OIF`."""

    __slots__ = ("body", "cond", "els")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        cond: Node,
        body: list[Node],
        els: list[Node],
    ) -> None:
        super().__init__(op, pos)
        self.cond = cond
        self.body = body
        self.els = els


class InlineMarkStmt(Node):
    """`OINLMARK`: where an expanded body begins."""

    __slots__ = ("index",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        index: int,
    ) -> None:
        super().__init__(op, pos)
        self.index = index


class LabelStmt(Node):
    """`OLABEL`."""

    __slots__ = ("label",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str,
    ) -> None:
        super().__init__(op, pos)
        self.label = label


class RangeStmt(Node):
    """`ORANGE` over anything but a function."""

    __slots__ = ("body", "def_", "distinct_vars", "key", "label", "value", "x")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str,
        def_: bool,
        x: Node,
        key: Node | None,
        value: Node | None,
        body: list[Node],
        distinct_vars: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.label = label
        self.def_ = def_
        self.x = x
        self.key = key
        self.value = value
        self.body = body
        self.distinct_vars = distinct_vars


class ReturnStmt(Node):
    """`ORETURN`."""

    __slots__ = ("results",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        results: list[Node],
    ) -> None:
        super().__init__(op, pos)
        self.results = results


class SelectStmt(Node):
    """`OSELECT`."""

    __slots__ = ("cases", "label")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str,
        cases: list[CommClause],
    ) -> None:
        super().__init__(op, pos)
        self.label = label
        self.cases = cases


class SendStmt(Node):
    """`OSEND`."""

    __slots__ = ("chan", "value")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        chan: Node,
        value: Node,
    ) -> None:
        super().__init__(op, pos)
        self.chan = chan
        self.value = value


class SwitchStmt(Node):
    """`OSWITCH`; `tag` is a `TypeSwitchGuard` for type switches, None for none."""

    __slots__ = ("cases", "label", "tag")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        label: str,
        tag: Node | None,
        cases: list[CaseClause],
    ) -> None:
        super().__init__(op, pos)
        self.label = label
        self.tag = tag
        self.cases = cases


class TailCallStmt(Node):
    """`OTAILCALL`, in method wrappers."""

    __slots__ = ("call",)

    def __init__(
        self,
        op: Op,
        pos: Pos,
        call: CallExpr,
    ) -> None:
        super().__init__(op, pos)
        self.call = call


class TypeSwitchGuard(Node):
    """`OTYPESW`: `tag := x.(type)`; `used`: the variable is used in some clause."""

    __slots__ = ("tag", "used", "x")

    def __init__(
        self,
        op: Op,
        pos: Pos,
        tag: str,
        x: Node,
        used: bool = False,
    ) -> None:
        super().__init__(op, pos)
        self.tag = tag
        self.x = x
        self.used = used


class Name(Node):
    """`ONAME`: a variable or function.

    `cls`: "PEXTERN" (package variable), "PAUTO" (local), "PPARAM", "PPARAMOUT" (result), "PFUNC".
    `name` is the bare name as the compiler has it (`x`, `~r0`, `.autotmp_3`, `T.M`, `init.0`);
    `pkg` the package whose symbol it is. `defn` is the statement that defines a local, or for a
    closure variable stays None: its `outer` is the name captured, in the enclosing function, and
    `canonical()` the variable itself. `byval` is only meaningful for closure variables. `func` is
    set for functions, `obj` is the checker's object if there is one.
    """

    __slots__ = (
        "addrtaken",
        "builtin_op",
        "byval",
        "cls",
        "curfn",
        "defn",
        "func",
        "hidden_use",
        "is_closure_var",
        "is_ddd",
        "name",
        "obj",
        "outer",
        "pkg",
        "reassigned",
        "used",
        "val",
    )

    def __init__(
        self,
        pos: Pos,
        name: str,
        pkg: Package | None,
        type: Type | None,
        cls: str,
        curfn: Func | None = None,
        obj: Object | None = None,
    ) -> None:
        super().__init__(ONAME, pos, type)
        self.name, self.pkg, self.cls, self.curfn, self.obj = name, pkg, cls, curfn, obj
        self.func: Func | None = None
        self.defn: Node | None = None
        self.outer: Name | None = None
        self.is_closure_var = False
        self.byval = False
        self.addrtaken = False
        self.reassigned = False
        self.used = False
        self.is_ddd = False
        self.hidden_use = False
        self.builtin_op: Op | None = None
        self.val: Any = None

    def canonical(self) -> Name:
        """The variable itself, behind any number of captures."""
        n = self
        while n.outer is not None and n.is_closure_var:
            n = n.outer
        return n


BLANK_NODE = Name(0, "_", None, None, "")
"""The `_` on the left of an assignment; shared, never written to."""


def is_blank(n: Node | None) -> bool:
    """Whether `n` is the blank identifier."""
    return n is BLANK_NODE or (type(n) is Name and n.name == "_")

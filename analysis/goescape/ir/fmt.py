"""How the compiler prints nodes in its messages.

A node's text is part of the answer: `make([]int, 0, n) escapes to heap`. It is made from the node
again, not from the source: parentheses are put where precedence asks for them, constants print by
value, what the compiler added (`implicit`) does not print at all.

Invariants
  - a constant shows its type unless it is the default one for its kind of value;
  - string constants of more than 72 characters, quotes included, are cut to 69 and `...`;
  - symbols of other packages are qualified by package name, those of the package compiled are not;
  - operations without a Go spelling print as `<node OP>`; an operation that the table of precedences
    does not know has the lowest one, so `(&T{}).P` and `(func literal)()` have parentheses.

Example: `w.E.PM(k, "a"+s)` with a pointer method prints as `(*E).PM(w.E, k, "a" + s)`.

Source: cmd/compile/internal/ir/fmt.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from goescape.ir.op import *
from goescape.ir.typefmt import (
    TypeWriter,
    link_string,
    path_prefix,
    quote,
    quote_char,
    symbol_text,
    type_text,
)
from goescape.ir.typeinfo import kind
from goescape.typecheck import constant
from goescape.typecheck.types import Basic, Named, unalias
from goescape.typecheck.typeset import EMPTY_INTERFACE

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node
    from goescape.typecheck.objects import Package
    from goescape.typecheck.types import Type

__all__ = [
    "NodeWriter", "expr_text", "func_name", "link_string", "node_text", "path_prefix", "quote",
    "stmt_text", "symbol_text", "type_text",
]  # fmt: skip

OP_NAMES: dict[str, str] = {
    OADDR: "&", OADD: "+", OADDSTR: "+", OANDAND: "&&", OANDNOT: "&^", OAND: "&",
    OAPPEND: "append", OAS: "=", OAS2: "=", OBREAK: "break", OCAP: "cap", OCASE: "case",
    OCLEAR: "clear", OCLOSE: "close", OCOMPLEX: "complex", OBITNOT: "^", OCONTINUE: "continue",
    OCOPY: "copy", ODELETE: "delete", ODEFER: "defer", ODIV: "/", OEQ: "==", OFALL: "fallthrough",
    OFOR: "for", OGE: ">=", OGOTO: "goto", OGT: ">", OIF: "if", OIMAG: "imag",
    OINLMARK: "inlmark", ODEREF: "*", OLEN: "len", OLE: "<=", OLSH: "<<", OLT: "<", ONEG: "-",
    OMAX: "max", OMIN: "min", OMOD: "%", OMUL: "*", ONEW: "new", ONE: "!=", ONOT: "!",
    OOROR: "||", OOR: "|", OPANIC: "panic", OPLUS: "+", OPRINTLN: "println", OPRINT: "print",
    ORANGE: "range", OREAL: "real", ORECV: "<-", ORECOVER: "recover", ORETURN: "return",
    ORSH: ">>", OSELECT: "select", OSEND: "<-", OSUB: "-", OSWITCH: "switch",
    OUNSAFEADD: "unsafe.Add", OUNSAFESLICE: "unsafe.Slice", OUNSAFESLICEDATA: "unsafe.SliceData",
    OUNSAFESTRING: "unsafe.String", OUNSAFESTRINGDATA: "unsafe.StringData", OXOR: "^",
}  # fmt: skip
"""The Go spelling of operations; the others print by name without the leading O."""

_PRECEDENCE: dict[str, int] = {
    **dict.fromkeys((
        OAPPEND, OBYTES2STR, OARRAYLIT, OSLICELIT, ORUNES2STR, OCALLFUNC, OCALLINTER, OCAP, OCLEAR,
        OCLOSE, OCONVIFACE, OCONVNOP, OCONV, OCOPY, ODELETE, OGETG, OLEN, OLITERAL, OMAKESLICE,
        OMAPLIT, OMAX, OMIN, ONAME, ONEW, ONIL, OPANIC, OPRINTLN, OPRINT, ORUNESTR, OSLICE2ARR,
        OSLICE2ARRPTR, OSTR2BYTES, OSTR2RUNES, OSTRUCTLIT, OTYPE, OUNSAFEADD, OUNSAFESLICE,
        OUNSAFESLICEDATA, OUNSAFESTRING, OUNSAFESTRINGDATA, OINDEXMAP, OINDEX, OSLICE, OSLICESTR,
        OSLICEARR, OSLICE3, OSLICE3ARR, ODOTINTER, ODOTMETH, ODOTPTR, ODOTTYPE2, ODOTTYPE, ODOT,
        OMETHVALUE, OMETHEXPR,
    ), 8),
    **dict.fromkeys((OPLUS, ONOT, OBITNOT, ONEG, OADDR, ODEREF, ORECV), 7),
    **dict.fromkeys((OMUL, ODIV, OMOD, OLSH, ORSH, OAND, OANDNOT), 6),
    **dict.fromkeys((OADD, OSUB, OOR, OXOR), 5),
    **dict.fromkeys((OEQ, OLT, OLE, OGE, OGT, ONE), 4),
    OSEND: 3, OANDAND: 2, OOROR: 1,
}  # fmt: skip
"""Higher binds tighter; what is not listed has 0."""

_IMPLICIT_OPS = frozenset({OADDR, ODEREF, OCONV, OCONVNOP, OCONVIFACE})
"""Operations that print as their operand if they are implicit."""

_DEFAULT_TYPES = {
    "Bool": "bool", "String": "string", "Int": "int", "Float": "float64", "Complex": "complex128",
}  # fmt: skip
_UNTYPED_TYPES = {
    "Bool": "untyped bool", "String": "untyped string", "Int": "untyped int",
    "Float": "untyped float", "Complex": "untyped complex",
}  # fmt: skip
_MAX_STRING = 72
_MAX_RUNE = 0x10FFFF

FLOAT_KINDS = frozenset({"TFLOAT32", "TFLOAT64"})
COMPLEX_KINDS = frozenset({"TCOMPLEX64", "TCOMPLEX128"})


def node_text(n: Node | None, pkg: Package | None) -> str:
    """`n`, an expression or a statement, as printed when compiling `pkg`."""
    return NodeWriter(pkg).text(n)


expr_text = node_text
stmt_text = node_text


def func_name(fn: Func | None) -> str:
    """The name of a function without its package."""
    return fn.nname.name if fn is not None else "<nil>"


def skip_implicit(n: Any) -> Any:
    """`n` without the implicit operations around it."""
    while n is not None and n.implicit and n.op in _IMPLICIT_OPS:
        n = n.x
    return n


def constant_kind(val: Any, t: Type | None) -> str:
    """The kind of the constant `val` once it has type `t`: a float's 3 is a Float."""
    k = kind(t)
    if k in FLOAT_KINDS:
        return "Float"
    if k in COMPLEX_KINDS:
        return "Complex"
    return constant.kind(val)


def constant_text(val: Any, value_kind: str) -> str:
    """A constant's value, shortened as in messages."""
    if value_kind == "String":
        text = quote(val)
        return text if len(text) <= _MAX_STRING else text[: _MAX_STRING - 3] + "..."
    if value_kind == "Bool":
        return "true" if val else "false"
    if value_kind == "Float":
        val = constant.to_float(val)
    elif value_kind == "Complex":
        val = constant.to_complex(val)
    return constant.const_string(val)


def rune_text(x: int) -> str:
    """A rune in single quotes."""
    c = chr(x) if not 0xD800 <= x <= 0xDFFF else "�"
    return f"'{quote_char(c, chr(39))}'"


class NodeWriter:
    """Writes nodes as seen from the package being compiled. May be kept: it remembers the texts of
    named types."""

    __slots__ = ("pkg", "types")

    def __init__(self, pkg: Package | None) -> None:
        self.pkg = pkg
        self.types = TypeWriter(pkg)

    def text(self, n: Node | None) -> str:
        if n is None:
            return "<nil>"
        write = _STATEMENTS.get(n.op)
        return write(self, n) if write is not None else self.expr(n, 0)

    def expr(self, n: Node | None, prec: int) -> str:
        """`n` in parentheses if it binds less than `prec`."""
        n = skip_implicit(n)
        if n is None:
            return "<nil>"
        op = n.op
        own = _PRECEDENCE.get(op, 0)
        if op is OTYPE and kind(n.type) == "TPTR":
            own = 7
        if prec > own:
            return f"({self.text(n)})"
        write = _EXPRESSIONS.get(op)
        if write is None:
            return f"<node {OP_NAMES.get(op, op[1:])}>"
        return write(self, n)

    def type(self, t: Type | None) -> str:
        return self.types.text(t)

    def list(self, nodes: Sequence[Node | None], separator: str = ", ") -> str:
        return separator.join([self.text(n) for n in nodes])

    # --- expressions ---

    def nil(self, n: Any) -> str:
        return "nil"

    def literal(self, n: Any) -> str:
        val = n.val
        t: Any = unalias(n.type) if n.type is not None else None
        value_kind = constant_kind(val, t)
        basic = type(t) is Basic
        if value_kind == "Int" and basic and (t.name == "rune" or t.kind == "untyped rune"):
            x = int(val)
            if 0 <= x <= _MAX_RUNE:
                return rune_text(x)
        text = constant_text(val, value_kind)
        if basic and (
            (t.kind == _DEFAULT_TYPES.get(value_kind) and t.name == t.kind)
            or t.kind == _UNTYPED_TYPES.get(value_kind)
        ):
            return text
        return f"{self.type(t)}({text})"

    def name(self, n: Any) -> str:
        name: str = n.name
        if name.startswith("~b"):
            return "_"
        return symbol_text(name, n.pkg, self.pkg)

    def linksym_offset(self, n: Any) -> str:
        return f"({self.type(n.type)})({n.symbol}@{n.offset})"

    def type_node(self, n: Any) -> str:
        return self.type(n.type)

    def closure(self, n: Any) -> str:
        return "func literal"

    def ptrlit(self, n: Any) -> str:
        return "&" + self.text(n.x)

    def complit(self, n: Any) -> str:
        if n.implicit:
            return "... argument"
        return f"{self.type(n.type)}{{{'...' if n.list else ''}}}"

    def key(self, n: Any) -> str:
        key = self.text(n.key) if n.key is not None else ""
        return f"{key}:{self.text(n.value)}" if n.value is not None else f"{key}:"

    def struct_key(self, n: Any) -> str:
        return f"{n.field.name}:{self.text(n.value)}"

    def selector(self, n: Any) -> str:
        return f"{self.expr(n.x, 8)}.{n.sel}"

    def dot_type(self, n: Any) -> str:
        return f"{self.expr(n.x, 8)}.({self.type(n.type)})"

    def index(self, n: Any) -> str:
        return f"{self.expr(n.x, 8)}[{self.text(n.index)}]"

    def slice(self, n: Any) -> str:
        low = self.text(n.low) if n.low is not None else ""
        high = self.text(n.high) if n.high is not None else ""
        max_ = ""
        if n.op in (OSLICE3, OSLICE3ARR):
            max_ = ":" + (self.text(n.max) if n.max is not None else "")
        return f"{self.expr(n.x, 8)}[{low}:{high}{max_}]"

    def binary_call(self, n: Any) -> str:
        return f"{OP_NAMES[n.op]}({self.text(n.x)}, {self.text(n.y)})"

    def conversion(self, n: Any) -> str:
        t = n.type
        u = unalias(t)
        text = self.type(t)
        if not (isinstance(u, Named | Basic) or u is EMPTY_INTERFACE):
            text = f"({text})"
        return f"{text}({self.text(n.x)})"

    def unary_call(self, n: Any) -> str:
        return f"{OP_NAMES[n.op]}({self.text(n.x)})"

    def builtin_call(self, n: Any) -> str:
        dots = "..." if n.is_ddd else ""
        return f"{OP_NAMES[n.op]}({self.list(n.args)}{dots})"

    def call(self, n: Any) -> str:
        dots = "..." if n.is_ddd else ""
        return f"{self.expr(n.fun, 8)}({self.list(n.args)}{dots})"

    def inlined_call(self, n: Any) -> str:
        if len(n.return_vars) == 1:
            return self.text(n.return_vars[0])
        return f"(.{self.list(n.return_vars, '; ')})"

    def make(self, n: Any) -> str:
        t = self.type(n.type)
        if n.cap is not None:
            return f"make({t}, {self.text(n.len)}, {self.text(n.cap)})"
        if n.len is not None and (n.op is OMAKESLICE or not _is_untyped(n.len.type)):
            return f"make({t}, {self.text(n.len)})"
        return f"make({t})"

    def unary(self, n: Any) -> str:
        x = n.x
        blank = " " if x is not None and x.op is n.op else ""
        return f"{OP_NAMES[n.op]}{blank}{self.expr(x, 8)}"

    def deref(self, n: Any) -> str:
        return "*" + self.expr(n.x, 8)

    def binary(self, n: Any) -> str:
        # The left operands of a + b + c + … are a spine as long as the code: no recursion there.
        right: list[str] = []
        while True:
            prec = _PRECEDENCE[n.op]
            right.append(f" {OP_NAMES[n.op]} {self.expr(n.y, prec + 1)}")
            left = skip_implicit(n.x)
            if left is None or left.op not in _BINARY or _PRECEDENCE[left.op] < prec:
                break
            n = left
        return self.expr(left, prec) + "".join(reversed(right))

    def send(self, n: Any) -> str:
        return f"{self.expr(n.chan, 3)} <- {self.expr(n.value, 4)}"

    def add_string(self, n: Any) -> str:
        return " + ".join([self.expr(x, 0) for x in n.list])

    # --- statements ---

    def decl(self, n: Any) -> str:
        return f"var {self.name(n.x)} {self.type(n.x.type)}"

    def assign(self, n: Any) -> str:
        return f"{self.text(n.x)} {':=' if n.def_ else '='} {self.text(n.y)}"

    def assign_op(self, n: Any) -> str:
        if n.inc_dec:
            return self.text(n.x) + ("++" if n.as_op is OADD else "--")
        return f"{self.text(n.x)} {OP_NAMES[n.as_op]}= {self.text(n.y)}"

    def assign_list(self, n: Any) -> str:
        return f"{self.list(n.lhs)} {':=' if n.def_ else '='} {self.list(n.rhs)}"

    def block(self, n: Any) -> str:
        return self.list(n.list, "; ")

    def return_(self, n: Any) -> str:
        return "return " + self.list(n.results)

    def go(self, n: Any) -> str:
        return "go " + self.text(n.call)

    def defer(self, n: Any) -> str:
        return "defer " + self.text(n.call)

    def if_(self, n: Any) -> str:
        init = ""
        if len(n.init) == 1 and not n.init[0].init:
            init = self.text(n.init[0]) + "; "
        text = f"if {init}{self.text(n.cond)} {{ {self.list(n.body, '; ')} }}"
        if n.els:
            text += f" else {{ {self.list(n.els, '; ')} }}"
        return text

    def loop(self, n: Any) -> str:
        return "for loop"

    def statement(self, n: Any) -> str:
        return f"{OP_NAMES[n.op]} statement"

    def case(self, n: Any) -> str:
        head = f"case {self.list(n.list)}" if n.list else "default"
        return f"{head}: {self.list(n.body, '; ')}"

    def branch(self, n: Any) -> str:
        return f"{OP_NAMES[n.op]} {n.label}" if n.label else OP_NAMES[n.op]

    def label(self, n: Any) -> str:
        return f"{n.label}: "


def _is_untyped(t: Type | None) -> bool:
    return type(t) is Basic and t.kind.startswith("untyped")


_Writer = Callable[[NodeWriter, Any], str]
_W = NodeWriter

_BINARY = frozenset({
    OADD, OAND, OANDNOT, ODIV, OEQ, OGE, OGT, OLE, OLT, OLSH, OMOD, OMUL, ONE, OOR, ORSH, OSUB,
    OXOR, OANDAND, OOROR,
})  # fmt: skip

_EXPRESSIONS: dict[str, _Writer] = {
    ONIL: _W.nil,
    OLITERAL: _W.literal,
    ONAME: _W.name,
    OLINKSYMOFFSET: _W.linksym_offset,
    OTYPE: _W.type_node,
    OCLOSURE: _W.closure,
    OPTRLIT: _W.ptrlit,
    **dict.fromkeys((OSTRUCTLIT, OARRAYLIT, OSLICELIT, OMAPLIT), _W.complit),
    OKEY: _W.key,
    OSTRUCTKEY: _W.struct_key,
    **dict.fromkeys((ODOT, ODOTPTR, ODOTINTER, ODOTMETH, OMETHVALUE, OMETHEXPR), _W.selector),
    **dict.fromkeys((ODOTTYPE, ODOTTYPE2), _W.dot_type),
    **dict.fromkeys((OINDEX, OINDEXMAP), _W.index),
    **dict.fromkeys((OSLICE, OSLICESTR, OSLICEARR, OSLICE3, OSLICE3ARR), _W.slice),
    **dict.fromkeys((OCOMPLEX, OCOPY, OUNSAFEADD, OUNSAFESLICE), _W.binary_call),
    **dict.fromkeys((
        OCONV, OCONVIFACE, OCONVNOP, OBYTES2STR, ORUNES2STR, OSTR2BYTES, OSTR2RUNES, ORUNESTR,
        OSLICE2ARR, OSLICE2ARRPTR,
    ), _W.conversion),
    **dict.fromkeys((OREAL, OIMAG, OCAP, OCLEAR, OCLOSE, OLEN, ONEW, OPANIC), _W.unary_call),
    **dict.fromkeys((OAPPEND, ODELETE, OMAX, OMIN, ORECOVER, OPRINT, OPRINTLN), _W.builtin_call),
    **dict.fromkeys((OCALLFUNC, OCALLINTER, OGETG), _W.call),
    OINLCALL: _W.inlined_call,
    **dict.fromkeys((OMAKEMAP, OMAKECHAN, OMAKESLICE), _W.make),
    **dict.fromkeys((OPLUS, ONEG, OBITNOT, ONOT, ORECV, OADDR), _W.unary),
    ODEREF: _W.deref,
    **dict.fromkeys(_BINARY, _W.binary),
    OSEND: _W.send,
    OADDSTR: _W.add_string,
}  # fmt: skip

_STATEMENTS: dict[str, _Writer] = {
    ODCL: _W.decl,
    OAS: _W.assign,
    OASOP: _W.assign_op,
    **dict.fromkeys((OAS2, OAS2DOTTYPE, OAS2FUNC, OAS2MAPR, OAS2RECV), _W.assign_list),
    OBLOCK: _W.block,
    ORETURN: _W.return_,
    OGO: _W.go,
    ODEFER: _W.defer,
    OIF: _W.if_,
    **dict.fromkeys((OFOR, ORANGE), _W.loop),
    **dict.fromkeys((OSELECT, OSWITCH), _W.statement),
    OCASE: _W.case,
    **dict.fromkeys((OBREAK, OCONTINUE, OGOTO, OFALL), _W.branch),
    OLABEL: _W.label,
}

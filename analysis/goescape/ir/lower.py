"""Lowering: from the checked syntax of one function to the nodes of its body.

A `Lowerer` does in one step what the compiler does in three: writing the checked syntax down,
reading it back, and typechecking the nodes that were read. Each construct is lowered by a function
in the file of its notion, bound below as a method, so that the files need not import each other.

The order of things matters, because it shows: variables and temporaries are numbered in the order
in which they are made (`.autotmp_3` is the variable made after three others), literals in the
order in which they are met, and captured variables are listed in the order of first use.

Invariants
  - decisions that depend on what the source says (is a conversion needed?) look at the types in
    `info`; types on nodes have gone through `typ`, which puts shapes for type parameters;
  - a literal's `Lowerer` has the enclosing one as its `parent`, and is done before the parent goes on;
  - nothing here writes on the syntax tree or on `info`.

Example: `lower_function(unit, func, sig, block, info)` returns the statements of `func`, and
appends the locals it declares to `func.dcl`.

Source: cmd/compile/internal/noder/{writer,reader}.go, cmd/compile/internal/typecheck/dcl.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.bug import report
from goescape.ir import (
    closure,
    lower_assign,
    lower_call,
    lower_expr,
    lower_literal,
    lower_method,
    lower_select,
    lower_stmt,
    lower_switch,
)
from goescape.ir.convert import convert
from goescape.ir.func import Func
from goescape.ir.nodes import (
    AddrExpr,
    AssignStmt,
    BlockStmt,
    Decl,
    IndexExpr,
    Name,
    Node,
    SelectorExpr,
    StarExpr,
)
from goescape.ir.op import (
    OADDR,
    OARRAYLIT,
    OAS,
    OBLOCK,
    OCONVNOP,
    ODCL,
    ODEREF,
    ODOT,
    ODOTPTR,
    OINDEX,
    OMAPLIT,
    OPTRLIT,
    OSLICELIT,
    OSTRUCTLIT,
    Op,
)
from goescape.source.positions import Pos
from goescape.typecheck.objects import Var
from goescape.typecheck.types import Array, Pointer, Signature, Type

if TYPE_CHECKING:
    from goescape.ir.unit import Unit
    from goescape.syntax import ast
    from goescape.typecheck.info import Info
    from goescape.typecheck.objects import Object, Package

_LITERALS: frozenset[Op] = frozenset({OARRAYLIT, OMAPLIT, OSLICELIT, OSTRUCTLIT})


class Source:
    """What a function's body was lowered from, to lower it once more into a caller. `sig` and
    `block` are those of the source; `info`, `pkg`, `dict`, `rewritten` and `distinct_vars` as in
    `Lowerer`."""

    __slots__ = ("block", "dict", "distinct_vars", "info", "pkg", "rewritten", "sig")

    def __init__(self, lw: Lowerer, sig: Signature, block: ast.BlockStmt) -> None:
        self.sig, self.block = sig, block
        self.info, self.pkg, self.dict = lw.info, lw.pkg, lw.dict
        self.rewritten, self.distinct_vars = lw.rewritten, lw.distinct_vars


class Lowerer:
    """The context of one function body.

    `pkg` is the package of the source (not of the unit, for an imported generic body); `dict`
    translates types inside generic code, None outside; `dict_param` is the function's own name for
    its dictionary. `locals` are the names of the variables in scope, this function's own or
    captured; `inline` is set while a body is lowered into its caller (`inline_body`), `copies` for the
    literals in such a body; `base_pos` is the position that the compiler falls back to; `replaced` holds the
    operands that a constant condition has been reduced to.
    """

    __slots__ = (
        "base_pos",
        "copies",
        "dict",
        "dict_param",
        "distinct_vars",
        "func",
        "imported",
        "info",
        "inline",
        "locals",
        "parent",
        "pkg",
        "read",
        "replaced",
        "rewritten",
        "sig",
        "typ",
        "types",
        "unit",
    )

    def __init__(
        self,
        unit: Unit,
        func: Func,
        info: Info,
        pkg: Package,
        dict: Any = None,
        parent: Lowerer | None = None,
    ) -> None:
        self.unit, self.func, self.info, self.pkg, self.dict = unit, func, info, pkg, dict
        self.parent = parent
        self.types = info.types
        self.imported = dict is None and pkg is not unit.pkg
        self.read: Callable[[Type], Type] = (
            unit.instances.read_imported if self.imported else unit.read_type
        )
        self.typ: Callable[[Type], Type] = self.read if dict is None else dict.subst
        self.inline: Any = None
        self.copies: bool = parent is not None and (parent.copies or parent.inline is not None)
        self.locals: dict[Object, Name] = {}
        self.sig: Signature | None = None
        self.base_pos: Pos = func.pos
        self.replaced: dict[ast.Expr, ast.Expr] = {} if parent is None else parent.replaced
        self.rewritten: Any = None if parent is None else parent.rewritten
        self.distinct_vars: bool = True if parent is None else parent.distinct_vars
        self.dict_param: Name | None = None
        if parent is None:
            for p in func.params:
                if p.name == ".dict":
                    self.dict_param = p

    # --- names ----------------------------------------------------------------------------------

    def bind_params(self, sig: Signature) -> None:
        """Let the variables of `sig` mean the names declared for `func`, in order."""
        self.sig = sig
        func = self.func
        names: list[Name] = [] if func.recv is None else [func.recv]
        names += [p for p in func.params if p is not self.dict_param]
        names += func.results
        vars: list[Var] = [] if sig.recv is None or func.recv is None else [sig.recv]
        vars += sig.params.vars
        vars += sig.results.vars
        if len(names) != len(vars):
            report("parameters were not declared as the signature says", func.pos)
        self.locals.update(zip(vars, names, strict=False))

    def new_local(self, pos: Pos, name: str, typ: Type, obj: Object | None = None) -> Name:
        """A fresh local variable."""
        func = self.func
        n = Name(pos, name, self.pkg, typ, "PAUTO", func, obj)
        func.dcl.append(n)
        if obj is not None:
            self.locals[obj] = n
        return n

    def temp(self, pos: Pos, typ: Type | None) -> Name:
        """A fresh temporary, numbered by the variables made before it."""
        func = self.func
        n = Name(pos, f".autotmp_{len(func.dcl)}", self.unit.pkg, typ, "PAUTO", func)
        n.used = True
        func.dcl.append(n)
        return n

    def temp_copy(self, pos: Pos, x: Node, init: list[Node]) -> Name:
        """A fresh temporary holding `x`; the statements that make it so go to `init`."""
        tmp = self.temp(pos, x.type)
        init.append(Decl(ODCL, pos, tmp))
        as_ = AssignStmt(OAS, pos, tmp, x, True)
        init.append(as_)
        tmp.defn = as_
        return tmp

    def use_local(self, pos: Pos, obj: Object) -> Name:
        """The name of local variable `obj` here, captured from outside if need be."""
        n: Name | None = self.locals.get(obj)
        if n is None:
            if self.parent is None:
                self.unit.stop_if_broken(self.pkg)
                report(f"variable {obj.name} of another function", pos)
                n = self.new_local(obj.pos, obj.name, self.typ(obj.type), obj)
            else:
                n = closure.closure_var(pos, self.func, self.parent.use_local(pos, obj))
                n.obj = obj  # not that of an instance's parameter
                self.locals[obj] = n
        return n

    # --- types ----------------------------------------------------------------------------------

    def src_type(self, e: ast.Expr) -> Type:
        """The type of `e` as the source has it."""
        tv = self.types.get(e)
        if tv is not None:
            return tv.type
        return lower_expr.missing_type(self, e)

    # --- small expressions ----------------------------------------------------------------------

    def convert(self, pos: Pos, typ: Type, x: Node, implicit: bool) -> Node:
        return convert(pos, typ, x, implicit, self.unit.word)

    def dot_field(self, pos: Pos, x: Node, index: int) -> SelectorExpr:
        """The field `x.<index>` of a struct or of what a pointer points to."""
        assert x.type is not None
        t: Any = x.type.underlying
        op = ODOT
        if type(t) is Pointer:
            op = ODOTPTR
            t = t.elem.underlying
        f = t.fields[index]
        return SelectorExpr(op, pos, self.read(f.type), x, f.name, f)

    def addr(self, pos: Pos, x: Node, typ: Type | None = None) -> AddrExpr:
        """`&x`."""
        if typ is None:
            typ = Pointer(x.type)  # type: ignore[arg-type]
        if x.op in _LITERALS:
            return AddrExpr(OPTRLIT, pos, typ, x)
        mark_addrtaken(x)
        return AddrExpr(OADDR, pos, typ, x)

    def deref(self, pos: Pos, typ: Type, x: Node) -> StarExpr:
        """`*x`, of type `typ`."""
        return StarExpr(ODEREF, pos, typ, x)

    # --- bound from the other files -------------------------------------------------------------

    expr = lower_expr.expr
    opt_expr = lower_expr.opt_expr
    implicit_conv = lower_expr.implicit_conv
    convert_expr = lower_expr.convert_expr
    wrap_conv = lower_expr.wrap_conv
    static_bool = lower_expr.static_bool
    expr_type = lower_expr.expr_type

    comp_lit = lower_literal.comp_lit

    call_expr = lower_call.call_expr
    call = lower_call.call
    multi_expr = lower_call.multi_expr
    init_expr = lower_call.init_expr

    recv_expr = lower_method.recv_expr
    method_expr = lower_method.method_expr
    method_value = lower_method.method_value
    method_expr_value = lower_method.method_expr_value
    xdot_method = lower_method.xdot_method

    func_lit = closure.func_lit
    closure_func = closure.closure_func
    go_defer = closure.go_defer

    stmts = lower_stmt.stmts
    stmt = lower_stmt.stmt
    block_stmt = lower_stmt.block_stmt
    terminates = lower_stmt.terminates

    assign_stmt = lower_assign.assign_stmt
    assign_list = lower_assign.assign_list
    init_defn = lower_assign.init_defn

    select_stmt = lower_select.select_stmt
    switch_stmt = lower_switch.switch_stmt


def lower_function(
    unit: Unit,
    func: Func,
    sig: Signature,
    block: ast.BlockStmt,
    info: Info,
    dict: Any = None,
    pkg: Package | None = None,
    distinct_vars: bool = True,
) -> list[Node]:
    """The statements of `func`, whose parameters have been declared for the source's signature
    `sig` (plus `.dict` for a shaped function)."""
    from goescape.ir import rangefunc

    if pkg is None:
        pkg = func.nname.pkg
        assert pkg is not None
    info2, block = rangefunc.rewrite_if_needed(info, sig, block, pkg)
    lw = Lowerer(unit, func, info2, pkg, dict)
    lw.distinct_vars = distinct_vars
    lw.bind_params(sig)
    if info2 is not info:
        lw.rewritten = info2
        rename_results(lw, sig)
    func.source = Source(lw, sig, block)
    return lower_block(lw, block)


def rename_results(lw: Lowerer, sig: Signature) -> None:
    """Results that a rewritten range-over-func body assigns to have a name of their own."""
    for v in sig.results.vars:
        name = lw.rewritten.renamed.get(v)
        if name is not None:
            lw.locals[v].name = name


def lower_block(lw: Lowerer, block: ast.BlockStmt) -> list[Node]:
    """The statements of a function's body; never empty."""
    body = lw.stmts(block.list)
    return body or [BlockStmt(OBLOCK, lw.base_pos, [])]


def declare_params(
    func: Func,
    sig: Signature,
    pkg: Package | None,
    typ: Callable[[Type], Type],
) -> None:
    """Make the names of `func`'s parameters and results, in `recv`, `params`, `results`, `dcl`.
    `typ` translates their types."""
    i = 0
    func.dcl = []
    if sig.recv is not None:
        func.recv = _param(func, sig.recv, "PPARAM", f"~p{i}", pkg, typ)
        i += 1
    func.params = []
    for v in sig.params.vars:
        func.params.append(_param(func, v, "PPARAM", f"~p{i}", pkg, typ))
        i += 1
    if sig.variadic and func.params:
        func.params[-1].is_ddd = True
    func.results = [
        _param(func, v, "PPARAMOUT", f"~r{j}", pkg, typ) for j, v in enumerate(sig.results.vars)
    ]


def _param(
    func: Func,
    v: Var,
    cls: str,
    default: str,
    pkg: Package | None,
    typ: Callable[[Type], Type],
) -> Name:
    name = v.name
    if name == "" or name == "_":
        name = default
    elif v.pkg is not None:
        pkg = v.pkg  # in a wrapper, that of the method
    n = Name(v.pos, name, pkg, typ(v.type), cls, func, v)
    func.dcl.append(n)
    return n


def mark_addrtaken(x: Node) -> None:
    """The address of `x` is taken: so is that of the variable it is a part of."""
    n = outer_value(x)
    if type(n) is Name:
        n.addrtaken = True
        if n.is_closure_var:
            n.canonical().addrtaken = True


def outer_value(n: Node) -> Node:
    """The variable, or element, or object behind a pointer, that a write to `n` changes."""
    while True:
        op = n.op
        if op is ODOT or op is OCONVNOP:
            n = n.x  # type: ignore[attr-defined]
        elif op is OINDEX:
            assert isinstance(n, IndexExpr) and n.x.type is not None
            if not isinstance(n.x.type.underlying, Array):
                return n
            n = n.x
        else:
            return n

"""What the dictionary of a generic declaration holds.

The body that all type arguments of one shape share is passed a dictionary: an array of words with,
in this order, the methods called on values of type parameters, the dictionaries of the generic
functions and types used inside, the runtime types, and the interface tables. A use of word 3 prints
as `.dict[3]`, so which word holds what is part of the answer; and whatever type stands in a
dictionary exists, with all its methods.

The tables are filled in the order in which the compiler writes a declaration down, by a walk over
its syntax that keeps what depends on type parameters. Methods share the dictionary of their type,
unless they have type parameters of their own.

Invariants
  - only types that depend on type parameters are listed, each once *per object*: the compiler does
    not notice that two `[]T` of the source are identical;
  - code that the compiler drops while writing (after a return, behind a constant condition) adds
    nothing.

Example: `func f[T I](x T) { x.M(); g[[]T]() }` has the method `T.M`, then the dictionary of
`g[[]T]`, then the runtime type of T (the variable `x` is of that type): three words.

Source: cmd/compile/internal/noder/writer.go (writerDict, expr, stmt1) (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.ir.lower_expr import assignable, core_type, lookup_obj, static_bool, unparen
from goescape.ir.rangefunc import rewrite_if_needed
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.info import Selection
from goescape.typecheck.objects import Func, Nil, Object, TypeName, Var
from goescape.typecheck.predicates import default_type, identical
from goescape.typecheck.range import range_key_val
from goescape.typecheck.types import (
    Alias,
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.ir.instances import Instances
    from goescape.typecheck.info import Info
    from goescape.typecheck.objects import Package

Explicits = tuple[Type, ...]


class Tables:
    """The contents of one dictionary, by types of the source.

    `subdicts` holds pairs of a generic function, method or type name and its type arguments."""

    __slots__ = (
        "_itab_index",
        "_method_index",
        "_rtype_index",
        "_sub_index",
        "itabs",
        "methods",
        "own",
        "rtypes",
        "subdicts",
    )

    def __init__(self) -> None:
        self.methods: list[tuple[TypeParam, Func]] = []
        self.subdicts: list[tuple[Object, Explicits]] = []
        self.rtypes: list[Type] = []
        self.itabs: list[tuple[Type, Type]] = []
        self.own: list[TypeParam] = []  # of a method, besides its receiver's
        self._method_index: dict[tuple[int, bool, str], int] = {}
        self._sub_index: dict[tuple[Object, Explicits], int] = {}
        self._rtype_index: dict[Type, int] = {}
        self._itab_index: dict[tuple[Type, Type], int] = {}

    def add_method(self, tp: TypeParam, m: Func) -> int:
        """The place of the method `tp.m` among the methods. Each method of a type names the type's
        parameters anew; it is their order that counts."""
        key = (tp.index, tp in self.own, m.name)
        i = self._method_index.get(key)
        if i is None:
            i = self._method_index[key] = len(self.methods)
            self.methods.append((tp, m))
        return i

    def add_subdict(self, obj: Object, explicits: Explicits) -> int:
        """The place of the dictionary of `obj[explicits]` among the dictionaries."""
        key = (obj, explicits)
        i = self._sub_index.get(key)
        if i is None:
            i = self._sub_index[key] = len(self.subdicts)
            self.subdicts.append(key)
        return i

    def add_rtype(self, t: Type) -> None:
        if t not in self._rtype_index:
            self._rtype_index[t] = len(self.rtypes)
            self.rtypes.append(t)

    def add_itab(self, t: Type, iface: Type) -> None:
        key = (t, iface)
        if key not in self._itab_index:
            self._itab_index[key] = len(self.itabs)
            self.itabs.append(key)

    @property
    def subdicts_offset(self) -> int:
        """The index of the first dictionary, in words."""
        return len(self.methods)

    @property
    def n_words(self) -> int:
        return len(self.methods) + len(self.subdicts) + len(self.rtypes) + len(self.itabs)


def strip_local_alias(t: Type) -> Type:
    """`t` behind aliases that functions declare."""
    while t.__class__ is Alias and t.obj.pkg is not None and t.obj.parent is not t.obj.pkg.scope:
        rhs = t.from_rhs
        if rhs is None:
            break
        t = rhs
    return t


def is_generic_method(sig: Type | None) -> bool:
    """Whether `sig` is of a method with type parameters besides its receiver's."""
    return sig.__class__ is Signature and sig.recv is not None and bool(sig.tparams)


def explicits_of(t: Type) -> tuple[TypeName, Explicits]:
    """The declared name of a defined type (or a pointer to one) and its type arguments."""
    t = unalias(t)
    if t.__class__ is Pointer:
        t = unalias(t.elem)
    assert t.__class__ is Named
    return t.orig.obj, tuple(t.targs)


def collect(instances: Instances, origin: Object) -> Tables:
    """The tables of the generic function, method with type parameters, or type `origin`."""
    tables = Tables()
    w = _Writer(instances, origin, tables)
    if isinstance(origin, TypeName):
        named = origin.type
        if isinstance(named, Named):
            for m in named.methods:
                if not is_generic_method(m.type):
                    w.func(m)
    elif isinstance(origin, Func):
        if is_generic_method(origin.type):
            tables.own = origin.type.tparams  # type: ignore[attr-defined]
        w.func(origin)
    return tables


class _Writer:
    """The walk over one declaration. It stands in for a `Lowerer` where lowering's own helpers
    want to know types and constants."""

    __slots__ = ("info", "instances", "pkg", "replaced", "sig", "tables", "types", "unit")

    def __init__(self, instances: Instances, origin: Object, tables: Tables) -> None:
        pkg = origin.pkg
        assert pkg is not None
        self.instances, self.tables = instances, tables
        self.pkg: Package = pkg
        self.unit = instances.unit
        self.replaced: dict[ast.Expr, ast.Expr] = {}
        self.info: Info = instances.origins.info_of(origin)
        self.types = self.info.types
        self.sig: Signature | None = None

    # --- what goes into the tables ---------------------------------------------------------------

    def derived(self, t: Type) -> bool:
        return self.instances.origins.is_derived(t)

    def rtype(self, t: Type | None) -> None:
        if t is None:
            return
        t = strip_local_alias(default_type(t))
        if self.derived(t):
            self.tables.add_rtype(t)

    def itab(self, t: Type, iface: Type) -> None:
        t, iface = strip_local_alias(default_type(t)), strip_local_alias(default_type(iface))
        dt, di = self.derived(t), self.derived(iface)
        if dt:
            self.tables.add_rtype(t)
        if di:
            self.tables.add_rtype(iface)
        if dt or di:
            self.tables.add_itab(t, iface)

    def local(self, v: Object | None) -> None:
        """A variable is declared."""
        if isinstance(v, Var):
            t = strip_local_alias(v.type)
            if self.derived(t):
                self.tables.add_rtype(t)

    def subdict(self, obj: Object, explicits: Explicits) -> None:
        explicits = tuple(map(strip_local_alias, explicits))
        if any(map(self.derived, explicits)):
            self.tables.add_subdict(obj, explicits)

    # --- functions -------------------------------------------------------------------------------

    def func(self, obj: Func) -> None:
        decl = self.instances.origins.decl_of(obj)
        sig = obj.type
        if decl is None or not isinstance(sig, Signature):
            return
        self.instances.origins.check_body(obj)
        self.body(sig, decl.body)

    def body(self, sig: Signature, block: ast.BlockStmt | None) -> None:
        outer = self.sig
        self.sig = sig
        self.local(sig.recv)
        for v in sig.params.vars:
            self.local(v)
        for v in sig.results.vars:
            self.local(v)
        if block is not None:
            if outer is None:
                info, block = rewrite_if_needed(self.info, sig, block, self.pkg)
                saved, self.info = self.info, info
                self.stmts(block.list)
                self.info = saved
            else:
                self.stmts(block.list)
        self.sig = outer

    # --- statements ------------------------------------------------------------------------------

    def stmts(self, stmts: list[ast.Stmt]) -> None:
        from goescape.ir.lower_stmt import terminates

        last_label = -1
        for i, s in enumerate(stmts):
            if type(s) is ast.LabeledStmt:
                last_label = i
        dead = False
        for i, s in enumerate(stmts):
            if dead and i > last_label and type(s) is not ast.LabeledStmt:
                continue
            self.stmt(s)
            dead = terminates(self, s)  # type: ignore[arg-type]  # stands in for a Lowerer

    def opt_stmt(self, s: ast.Stmt | None) -> None:
        if s is not None:
            self.stmts([s])

    def stmt(self, s: ast.Stmt) -> None:
        handler = _STMTS.get(type(s))
        if handler is not None:
            handler(self, s)

    def s_assign(self, s: ast.AssignStmt) -> None:
        if s.rhs is None:
            self.expr(s.lhs)
        elif s.op and s.op != ":=":
            self.expr(s.lhs)
            self.implicit(None if s.op in ("<<", ">>") else self.src(s.lhs), s.rhs)
        else:
            self.assign(s.lhs, s.rhs)

    def assign(self, lhs0: ast.Expr, rhs0: ast.Expr | None) -> None:
        lhs = unpack(lhs0)
        for e in lhs:
            self.assign_to(e)

        def dst(i: int) -> Type | None:
            if i >= len(lhs):
                return None
            e = unparen(lhs[i])
            if type(e) is ast.Name:
                if e.value == "_":
                    return None
                obj = self.info.defs.get(e) or self.info.uses.get(e)
                if isinstance(obj, Var):
                    return obj.type
            return self.src(e)

        self.multi(dst, unpack(rhs0))

    def assign_to(self, e: ast.Expr) -> None:
        e = unparen(e)
        if type(e) is ast.Name:
            if e.value == "_":
                return
            obj = self.info.defs.get(e)
            if obj is not None:
                self.local(obj)
                return
        self.expr(e)

    def s_block(self, s: ast.BlockStmt) -> None:
        self.stmts(s.list)

    def s_call(self, s: ast.CallStmt) -> None:
        self.expr(s.call)

    def s_decl(self, s: ast.DeclStmt) -> None:
        for d in s.decl_list:
            if type(d) is ast.VarDecl:
                names = d.name_list
                lhs: ast.Expr = (
                    names[0] if len(names) == 1 else ast.ListExpr(d.pos, d.end, list(names))
                )
                self.assign(lhs, d.values)

    def s_expr(self, s: ast.ExprStmt) -> None:
        self.expr(s.x)

    def s_for(self, s: ast.ForStmt) -> None:
        init = s.init
        if type(init) is ast.RangeClause:
            for e in unpack(init.lhs):
                self.assign_to(e)
            self.expr(init.x)
            xt = self.src(init.x)
            if type(core_type(xt)) is Map:
                self.rtype(xt)
            self.range_assign(init, xt)
            self.stmts(s.body.list)
            return
        if s.cond is not None and static_bool(self, s.cond)[0] < 0:  # type: ignore[arg-type]
            self.opt_stmt(init)
            self.expr(s.cond)
            return
        self.opt_stmt(init)
        if s.cond is not None:
            self.expr(s.cond)
        self.opt_stmt(s.post)
        self.stmts(s.body.list)

    def range_assign(self, clause: ast.RangeClause, xt: Type) -> None:
        key, value = range_key_val(None, xt, None)[:2]
        lhs = unpack(clause.lhs)
        for i, src in enumerate((key, value)):
            if i >= len(lhs):
                return
            e = unparen(lhs[i])
            if type(e) is ast.Name and e.value == "_":
                continue
            if clause.define:
                obj = self.info.defs.get(e) if type(e) is ast.Name else None
                dst = obj.type if obj is not None else None
            else:
                dst = self.src(e)
            if src is not None and dst is not None:
                self.itab(src, dst)

    def s_if(self, s: ast.IfStmt) -> None:
        cond, e = static_bool(self, s.cond)  # type: ignore[arg-type]
        self.opt_stmt(s.init)
        self.expr(e)
        if cond >= 0:
            self.stmts(s.then.list)
        if cond <= 0:
            self.opt_stmt(s.els)

    def s_label(self, s: ast.LabeledStmt) -> None:
        self.stmt(s.stmt)

    def s_return(self, s: ast.ReturnStmt) -> None:
        sig = self.sig
        assert sig is not None
        results = sig.results.vars
        self.multi(lambda i: results[i].type if i < len(results) else None, unpack(s.results))

    def s_select(self, s: ast.SelectStmt) -> None:
        for clause in s.body:
            self.opt_stmt(clause.comm)
            self.stmts(clause.body)

    def s_send(self, s: ast.SendStmt) -> None:
        core = core_type(self.src(s.chan))
        self.expr(s.chan)
        self.implicit(core.elem if isinstance(core, Chan) else None, s.value)

    def s_switch(self, s: ast.SwitchStmt) -> None:
        self.opt_stmt(s.init)
        tag = s.tag
        body = s.body
        if type(tag) is ast.TypeSwitchGuard:
            iface = self.src(tag.x)
            self.expr(tag.x)
            for clause in body:
                for c in unpack(clause.cases):
                    if not self.is_nil(c):
                        self.expr_type(iface, c)
                obj = self.info.implicits.get(clause)
                if obj is not None:
                    self.local(obj)
                self.stmts(clause.body)
            return
        tag_type: Type
        if tag is not None:
            tv = self.types.get(tag) or self.types.get(unparen(tag))
            tag_type = tv.type if tv is not None else TYP["invalid"]
            value = tv.value if tv is not None else None
        else:
            tag_type, value = TYP["bool"], True
        is_chan = isinstance(tag_type.underlying, Chan)
        no_cases: ast.CaseClause | None = None
        if value is not None:
            found, target = self.constant_switch(value, body)
            if found:
                tag, tag_type = None, TYP["bool"]
                no_cases = target
                body = [] if target is None else [target]
        if not is_chan:
            for clause in body:
                if clause is no_cases:
                    continue
                for c in unpack(clause.cases):
                    ct = self.src(c)
                    if not assignable(self, ct, tag_type) and (is_iface(ct) or is_iface(tag_type)):  # type: ignore[arg-type]
                        tag_type = Interface([], [])
        if tag is not None:
            self.implicit(tag_type, tag)
        for clause in body:
            if clause is not no_cases:
                for c in unpack(clause.cases):
                    self.implicit(None if is_chan else tag_type, c)
            self.stmts(clause.body)

    def constant_switch(
        self, value: object, body: list[ast.CaseClause]
    ) -> tuple[bool, ast.CaseClause | None]:
        """Whether the clause taken is known, and which (None: none)."""
        target: ast.CaseClause | None = None
        for clause in body:
            if clause.cases is None:
                target = clause
            for c in unpack(clause.cases):
                tv = self.types.get(c) or self.types.get(unparen(c))
                if tv is None or tv.value is None:
                    return False, None
                if constant.compare(value, "==", tv.value):
                    return not has_fallthrough(clause), clause
        return target is None or not has_fallthrough(target), target

    # --- expressions -----------------------------------------------------------------------------

    def src(self, e: ast.Expr) -> Type:
        tv = self.types.get(e)
        if tv is None:
            e = unparen(e)
            tv = self.types.get(e)
        if tv is not None:
            return tv.type
        if type(e) is ast.Name:
            obj = self.info.uses.get(e) or self.info.defs.get(e)
            if obj is not None:
                return obj.type
        return TYP["invalid"]

    def is_nil(self, e: ast.Expr) -> bool:
        e = unparen(e)
        return type(e) is ast.Name and isinstance(self.info.uses.get(e), Nil)

    def implicit(self, dst: Type | None, e: ast.Expr) -> None:
        self.convert(dst, e, True)

    def convert(self, dst: Type | None, e: ast.Expr, implicit: bool) -> None:
        if dst is not None:
            src = self.src(e)
            if not (implicit and identical(src, dst)):
                self.itab(src, dst)
        self.expr(e)

    def multi(self, dst: Callable[[int], Type | None], exprs: list[ast.Expr]) -> None:
        if len(exprs) == 1:
            e = exprs[0]
            t = self.src(e)
            if type(t) is Tuple:
                self.expr(e)
                for i, v in enumerate(t.vars):
                    d = dst(i)
                    if d is not None and not identical(v.type, d):
                        self.itab(v.type, d)
                return
        for i, e in enumerate(exprs):
            self.implicit(dst(i), e)

    def expr(self, e: ast.Expr) -> None:
        e = unparen(self.replaced.get(e, e)) if self.replaced else unparen(e)
        tv = self.types.get(e)
        if tv is not None and tv.value is not None:
            return
        handler = _EXPRS.get(type(e))
        if handler is not None:
            handler(self, e)

    def e_name(self, e: ast.Expr) -> bool:
        """The use of a declared object; False if `e` is none."""
        obj, targs = lookup_obj(self, e)  # type: ignore[arg-type]
        if obj is None:
            return False
        if targs and isinstance(obj, Func):
            self.subdict(obj.origin or obj, tuple(targs))
        return True

    def e_selector(self, e: ast.SelectorExpr) -> None:
        sel = self.info.selections.get(e)
        if sel is None:
            self.e_name(e)
        elif sel.kind == "field":
            self.expr(e.x)
        elif sel.kind == "method value":
            self.method(e, sel, self.recv(e, sel))
        else:
            self.method(e, sel, self.method_recv(sel, self.src(e.x)))

    def recv(self, e: ast.SelectorExpr, sel: Selection) -> Type:
        self.expr(e.x)
        return self.method_recv(sel, self.src(e.x))

    def method_recv(self, sel: Selection, t: Type) -> Type:
        """The receiver's type behind embedded fields, dereferenced or addressed as the method
        wants."""
        for i in sel.index[:-1]:
            u = deref(t).underlying
            if not isinstance(u, Struct):
                return t
            t = u.fields[i].type
        sig = sel.obj.type
        assert isinstance(sig, Signature)
        if sig.recv is not None:
            r = sig.recv.type
            if is_ptr_to(t, r) or is_ptr_to(r, t):
                return r
        return t

    def method(self, e: ast.SelectorExpr, sel: Selection, recv: Type) -> None:
        fun = sel.obj
        assert isinstance(fun, Func)
        sig = fun.type
        t = unalias(recv)
        if type(t) is TypeParam:
            self.tables.add_method(t, fun)
            return
        if not isinstance(sig, Signature) or sig.recv is None or is_iface(sig.recv.type):
            return
        if type(unalias(deref(t))) is not Named:
            return
        tname, explicits = explicits_of(recv)
        if is_generic_method(sig) or is_generic_method((fun.origin or fun).type):
            inst = self.info.instances.get(e.sel)
            if inst is not None:
                self.subdict(fun.origin or fun, explicits + tuple(inst.targs))
        else:
            self.subdict(tname, explicits)

    def e_index(self, e: ast.IndexExpr) -> None:
        if type(e.x) is ast.SelectorExpr:
            sel = self.info.selections.get(e.x)
            if sel is not None and sel.kind != "field":
                self.e_selector(e.x)
                return
        _, targs = lookup_obj(self, e)  # type: ignore[arg-type]
        if targs:
            self.e_name(e)
            return
        xt = self.src(e.x)
        core = core_type(xt)
        self.expr(e.x)
        self.implicit(core.key if isinstance(core, Map) else None, e.index)
        if isinstance(core, Map):
            self.rtype(xt)

    def e_slice(self, e: ast.SliceExpr) -> None:
        self.expr(e.x)
        for i in e.index:
            if i is not None:
                self.expr(i)

    def e_assert(self, e: ast.AssertExpr) -> None:
        iface = self.src(e.x)
        self.expr(e.x)
        self.expr_type(iface, e.type)
        self.rtype(iface)

    def expr_type(self, iface: Type | None, e: ast.Expr) -> None:
        t = self.src(e)
        if (
            iface is not None
            and isinstance(iface.underlying, Interface)
            and not type_set(iface.underlying).is_all()
        ):
            self.itab(t, iface)
        else:
            self.rtype(t)

    def e_operation(self, e: ast.Operation) -> None:
        spine: list[ast.Operation] = []
        left: ast.Expr = e
        while type(left) is ast.Operation and left.y is not None:
            tv = self.types.get(left)
            if left is not e and (tv is None or tv.value is not None):
                break
            spine.append(left)
            left = unparen(self.replaced.get(left.x, left.x))
        if not spine:
            self.expr(e.x)
            return
        bottom = True
        for op in reversed(spine):
            assert op.y is not None
            if op.op in ("<<", ">>"):
                if bottom:
                    self.expr(op.x)
                self.expr(op.y)
            else:
                xt, yt = self.src(op.x), self.src(op.y)
                common = yt if assignable(self, xt, yt) else xt  # type: ignore[arg-type]
                if not identical(xt, common):
                    self.itab(xt, common)
                if bottom:
                    self.expr(op.x)
                self.implicit(common, op.y)
            bottom = False

    def e_call(self, e: ast.CallExpr) -> None:
        fun = unparen(e.fun)
        tv = self.types.get(e.fun) or self.types.get(fun)
        args = e.arg_list
        if tv is not None and tv.is_type:
            if args:
                self.convert(tv.type, args[0], False)
            return
        rtype: Type | None = None
        if tv is not None and tv.is_builtin:
            obj, _ = lookup_obj(self, fun)  # type: ignore[arg-type]
            name = obj.name if obj is not None else ""
            if name == "make":
                self.expr_type(None, args[0])
                for a in args[1:]:
                    self.expr(a)
                t = self.src(e)
                core = core_type(t)
                self.rtype(core.elem if isinstance(core, Slice) else t)
                return
            if name == "new":
                atv = self.types.get(args[0])
                if atv is not None and not atv.is_type:
                    self.expr(args[0])
                else:
                    self.expr_type(None, args[0])
                return
            if name in ("Sizeof", "Alignof", "Offsetof"):
                return
            if name in ("append", "Slice"):
                rtype = slice_elem(self.src(e))
            elif name in ("copy", "delete"):
                t = self.src(args[0])
                if type(t) is Tuple:
                    t = t.vars[0].type
                rtype = slice_elem(t) if name == "copy" else t
        sig = core_type(tv.type) if tv is not None else None
        self.fun_expr(fun)
        params = sig.params.vars if isinstance(sig, Signature) else []
        variadic = isinstance(sig, Signature) and sig.variadic and not e.has_dots

        def dst(i: int) -> Type | None:
            if variadic and i >= len(params) - 1:
                last = params[-1].type
                return last.elem if isinstance(last, Slice) else None
            return params[i].type if i < len(params) else None

        self.multi(dst, args)
        self.rtype(rtype)

    def fun_expr(self, fun: ast.Expr) -> None:
        base = fun.x if type(fun) is ast.IndexExpr else fun
        if type(base) is ast.SelectorExpr:
            sel = self.info.selections.get(base)
            if sel is not None and sel.kind == "method value":
                self.method(base, sel, self.recv(base, sel))
                return
        self.expr(fun)

    def e_complit(self, e: ast.CompositeLit) -> None:
        t = self.src(e)
        core = core_type(t)
        if isinstance(core, Pointer):
            t = core.elem
            core = core_type(t)
        if isinstance(core, Map):
            self.rtype(t)
            for el in e.elem_list:
                if type(el) is ast.KeyValueExpr:
                    self.implicit(core.key, el.key)
                    self.implicit(core.elem, el.value)
        elif isinstance(core, Array | Slice):
            for el in e.elem_list:
                if type(el) is ast.KeyValueExpr:
                    self.expr(el.key)
                    el = el.value
                self.implicit(core.elem, el)
        elif isinstance(core, Struct):
            for i, el in enumerate(e.elem_list):
                if type(el) is ast.KeyValueExpr:
                    obj = self.info.uses.get(el.key) if type(el.key) is ast.Name else None
                    self.implicit(self.field_type(core, el.key, obj), el.value)
                elif i < len(core.fields):
                    self.implicit(core.fields[i].type, el)

    def field_type(self, s: Struct, key: ast.Expr, obj: Object | None) -> Type | None:
        if type(key) is ast.Name:
            for f in s.fields:
                if f.name == key.value:
                    return f.type
        return obj.type if obj is not None else None

    def e_func_lit(self, e: ast.FuncLit) -> None:
        sig = self.src(e).underlying
        if isinstance(sig, Signature):
            self.body(sig, e.body)

    def e_list(self, e: ast.ListExpr) -> None:
        for x in e.elem_list:
            self.expr(x)


def unpack(e: ast.Expr | None) -> list[ast.Expr]:
    """The expressions that `e` lists."""
    if e is None:
        return []
    return e.elem_list if type(e) is ast.ListExpr else [e]


def deref(t: Type) -> Type:
    u = unalias(t)
    return u.elem if type(u) is Pointer else t


def is_ptr_to(p: Type, t: Type) -> bool:
    """Whether `p` is `*t`."""
    u = unalias(p)
    return type(u) is Pointer and identical(u.elem, t)


def is_iface(t: Type) -> bool:
    return type(unalias(t)) is not TypeParam and isinstance(t.underlying, Interface)


def slice_elem(t: Type) -> Type | None:
    core = core_type(t)
    if isinstance(core, Slice):
        return core.elem
    return TYP["uint8"] if isinstance(core, Basic) else None


def has_fallthrough(clause: ast.CaseClause) -> bool:
    if not clause.body:
        return False
    last = clause.body[-1]
    while type(last) is ast.LabeledStmt:
        last = last.stmt
    return type(last) is ast.BranchStmt and last.tok == "fallthrough"


_STMTS: dict[type[ast.Stmt], Callable[[_Writer, Any], None]] = {
    ast.AssignStmt: _Writer.s_assign,
    ast.BlockStmt: _Writer.s_block,
    ast.CallStmt: _Writer.s_call,
    ast.DeclStmt: _Writer.s_decl,
    ast.ExprStmt: _Writer.s_expr,
    ast.ForStmt: _Writer.s_for,
    ast.IfStmt: _Writer.s_if,
    ast.LabeledStmt: _Writer.s_label,
    ast.ReturnStmt: _Writer.s_return,
    ast.SelectStmt: _Writer.s_select,
    ast.SendStmt: _Writer.s_send,
    ast.SwitchStmt: _Writer.s_switch,
}

_EXPRS: dict[type[ast.Expr], Callable[[_Writer, Any], Any]] = {
    ast.Name: _Writer.e_name,
    ast.SelectorExpr: _Writer.e_selector,
    ast.IndexExpr: _Writer.e_index,
    ast.SliceExpr: _Writer.e_slice,
    ast.AssertExpr: _Writer.e_assert,
    ast.Operation: _Writer.e_operation,
    ast.CallExpr: _Writer.e_call,
    ast.CompositeLit: _Writer.e_complit,
    ast.FuncLit: _Writer.e_func_lit,
    ast.ListExpr: _Writer.e_list,
}

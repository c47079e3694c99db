"""Range over functions: the loop's body becomes a function literal.

    for k, v := range seq { B }

is rewritten, as syntax, into

    {
        #state1 := 1                            // ready
        #yield1 := func(k K, v V) bool {
            #tmpState := #state1
            #state1 = 2                         // running
            if #tmpState != 1 { runtime.panicrangestate(#tmpState) }
            B'
            #state1 = 1
            return true
        }
        seq(#yield1)
        if #state1 == 2 { runtime.panicrangestate(4) }
        #state1 = 3                             // exhausted
        checks
    }

In B', what leaves the body says where to in `#next` and returns false; the checks behind the call
carry on from there. A return first assigns to the results, so these get names (`#rv1`). A defer is
attached to the outer function by means of `#defers`.

Syntax trees do not change: what is rewritten is built anew, together with all that contains it, and
facts about the new nodes are added to the tables of `info`.

Invariants
  - positions are the compiler's own: the helpers stand at `for`, at the closing brace or at the
    statement they replace; `#next`, `#defers`, `#yieldN` and `#tmpState` have none;
  - a body is rewritten once; asking again gives the same nodes.

Example: `for x := range seq { if x == nil { break }; sink = x }` has `{ #state1 = 0; return false }`
in place of `break`, and needs no `#next`.

Source: cmd/compile/internal/rangefunc/rewrite.go, cmd/compile/internal/types2/compiler_internal.go
(go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import BASE_SHIFT, NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.info import Info, TypeAndValue
from goescape.typecheck.objects import Func, Package, Var
from goescape.typecheck.scope import Scope
from goescape.typecheck.types import Signature, Tuple, Type, TypeParam, unalias
from goescape.typecheck.under import common_under
from goescape.typecheck.universe import TYP, UNIVERSE_ANY

if TYPE_CHECKING:
    from goescape.ir import func as ir_func
    from goescape.typecheck.objects import Object

RF_DONE, RF_READY, RF_PANIC, RF_EXHAUSTED, RF_MISSING_PANIC = range(5)
_PER_LOOP_STEP = 2


class RewrittenInfo(Info):
    """The tables of an `Info` (shared, not copied) with what a rewritten body needs besides: which
    literals are bodies of loops, what results are called, and the `#defers` of each defer."""

    __slots__ = ("defer_at", "range_func_body_closures", "renamed")

    def __init__(self, info: Info) -> None:
        for slot in Info.__slots__:
            setattr(self, slot, getattr(info, slot))
        self.range_func_body_closures: set[ast.FuncLit] = set()
        self.renamed: dict[Var, str] = {}
        self.defer_at: dict[ast.CallStmt, ast.Name] = {}


def rewrite_if_needed(
    info: Info, sig: Signature, block: ast.BlockStmt, pkg: Package
) -> tuple[Info, ast.BlockStmt]:
    """The body `block` of a function, literals in it included, without range-over-func loops; the
    arguments themselves if there are none."""
    if not info.range_funcs or not _contains(block, info.range_funcs):
        return info, block
    done: tuple[Info, ast.BlockStmt] | None = info.rewrites.get(block)
    if done is None:
        new_info = RewrittenInfo(info)
        new = _Rewriter(new_info, sig, pkg, block).run()
        done = info.rewrites[block] = (new_info, new)
    return done


def name_results(func: ir_func.Func, obj: Func) -> None:
    """Let the results of `func`, which does nothing but call `obj`, be called what the body of that calls
    them, where this is not what the source does."""
    sig, pkg, unit = obj.type, obj.pkg, func.unit
    if pkg is None or not isinstance(sig, Signature) or unit.is_broken(pkg):
        return
    if all(v.name not in ("", "_") for v in sig.results.vars):
        return
    checker, positions = unit.host.checker_of(pkg), unit.host.positions
    known = checker.obj_map.get(obj)
    decl = known.fdecl if known is not None else None
    file = positions.file(decl.pos) if decl is not None and decl.has_body else None
    if decl is None or file is None:
        return
    if b"range" not in file.text[positions.offset(decl.pos) : positions.offset(decl.end)]:
        return
    checker.check_body(obj)
    if decl.body is None:
        return
    info, _ = rewrite_if_needed(checker.info, sig, decl.body, pkg)
    if isinstance(info, RewrittenInfo):
        for result, v in zip(func.results, sig.results.vars, strict=True):
            if v in info.renamed:
                result.name, result.pkg = info.renamed[v], pkg


def rewrite_expr(info: Info, e: ast.Expr, pkg: Package) -> tuple[ast.Expr, Info]:
    """The initialiser `e` of a package variable, its literals rewritten."""
    bodies = [n.body for n in walk(e) if type(n) is ast.FuncLit]
    if not any(_contains(b, info.range_funcs) for b in bodies):
        return e, info
    done: tuple[ast.Expr, Info] | None = info.rewrites.get(e)
    if done is None:
        new_info = RewrittenInfo(info)
        nothing = ast.BlockStmt(e.pos, e.end, [], e.end)
        new = _Rewriter(new_info, Signature(None, Tuple([]), Tuple([]), False), pkg, nothing).visit(
            e
        )
        assert isinstance(new, ast.Expr)
        done = info.rewrites[e] = (new, new_info)
    return done


def _contains(block: ast.BlockStmt, clauses: list[ast.RangeClause]) -> bool:
    """Whether a clause stands in `block`."""
    base, start, end = block.pos >> BASE_SHIFT, block.pos, max(block.end, block.rbrace)
    return any(c.pos >> BASE_SHIFT == base and start <= c.pos <= end for c in clauses)


def core_signature(t: Type) -> Signature | None:
    """The signature that all of `t` has."""
    t = unalias(t)
    u = common_under(t, None)[0] if type(t) is TypeParam else t.underlying
    return u if isinstance(u, Signature) else None


Branch = tuple[str, str]
"""What leaves a loop by name: the keyword and the label."""


class _Loop:
    """A range-over-func loop being rewritten; the outermost has `depth` 1."""

    __slots__ = (
        "check_branch",
        "check_break",
        "check_continue",
        "check_ret",
        "depth",
        "nfor",
        "state_decl",
        "state_var",
    )

    def __init__(
        self, nfor: ast.ForStmt, depth: int, state_var: Var, state_decl: ast.VarDecl
    ) -> None:
        self.nfor, self.depth, self.state_var, self.state_decl = nfor, depth, state_var, state_decl
        self.check_ret = self.check_break = self.check_continue = False
        self.check_branch: list[Branch] = []


_FIELDS: dict[type[ast.Node], tuple[str, ...]] = {
    ast.CompositeLit: ("elem_list",),
    ast.KeyValueExpr: ("key", "value"),
    ast.ParenExpr: ("x",),
    ast.SelectorExpr: ("x",),
    ast.IndexExpr: ("x", "index"),
    ast.SliceExpr: ("x", "index"),
    ast.AssertExpr: ("x",),
    ast.TypeSwitchGuard: ("x",),
    ast.Operation: ("x", "y"),
    ast.CallExpr: ("fun", "arg_list"),
    ast.ListExpr: ("elem_list",),
    ast.LabeledStmt: ("stmt",),
    ast.BlockStmt: ("list",),
    ast.ExprStmt: ("x",),
    ast.SendStmt: ("chan", "value"),
    ast.DeclStmt: ("decl_list",),
    ast.VarDecl: ("_values",),  # where they lie: `values` is only read, and lowered with the body
    ast.AssignStmt: ("lhs", "rhs"),
    ast.CallStmt: ("call",),
    ast.ReturnStmt: ("results",),
    ast.IfStmt: ("init", "cond", "then", "els"),
    ast.ForStmt: ("init", "cond", "post", "body"),
    ast.RangeClause: ("lhs", "x"),
    ast.SwitchStmt: ("init", "tag", "body"),
    ast.SelectStmt: ("body",),
    ast.CaseClause: ("cases", "body"),
    ast.CommClause: ("comm", "body"),
}
"""Where statements and function literals can stand."""


class _Rewriter:
    """Rewrites one function, and its literals each with a rewriter of its own."""

    __slots__ = (
        "body",
        "body_closures",
        "branch_next",
        "defers",
        "for_stack",
        "info",
        "label_loop",
        "next_var",
        "outer_decls",
        "pkg",
        "sig",
        "state_vars",
        "targets",
    )

    def __init__(
        self, info: RewrittenInfo, sig: Signature, pkg: Package, body: ast.BlockStmt
    ) -> None:
        self.info, self.sig, self.pkg, self.body = info, sig, pkg, body
        self.for_stack: list[_Loop] = []
        self.state_vars = 0
        self.body_closures = 0
        self.outer_decls: list[ast.Decl] = []
        self.next_var: Var | None = None
        self.defers: Var | None = None
        self.label_loop: dict[str, ast.ForStmt | None] | None = None
        self.branch_next: dict[Branch, int] = {}
        self.targets: dict[ast.BranchStmt, ast.Node | None] = {}

    def run(self) -> ast.BlockStmt:
        _Targets(self.targets).stmt(self.body, None, None, {})
        new = self.visit(self.body)
        assert isinstance(new, ast.BlockStmt)
        return new

    # --- the walk --------------------------------------------------------------------------------

    def visit(self, n: ast.Node) -> ast.Node:
        """`n` with everything in it rewritten; for a range-over-func loop, what replaces it."""
        cls = type(n)
        if cls is ast.FuncLit:
            return self.func_lit(n)  # type: ignore[arg-type]
        fields = _FIELDS.get(cls)
        if fields is None:
            return n
        loop: _Loop | None = None
        if cls is ast.ForStmt and self.is_range_func(n):  # type: ignore[arg-type]
            loop = self.start_loop(n)  # type: ignore[arg-type]
        changed: dict[str, object] = {}
        for f in fields:
            old = getattr(n, f)
            if old is None:
                continue
            if isinstance(old, ast.Node):
                new: object = self.visit(old)
                if new is not old:
                    changed[f] = new
            else:
                items = [self.visit(x) if x is not None else None for x in old]
                if any(a is not b for a, b in zip(items, old, strict=True)):
                    changed[f] = items if isinstance(old, list) else tuple(items)
        self.edit_lists(n, changed)
        new_node = self.rebuild(n, changed) if changed else n
        if loop is not None:
            assert isinstance(new_node, ast.ForStmt)
            block = self.end_loop(loop, new_node)
            self.for_stack.pop()
            return block
        return new_node

    def edit_lists(self, n: ast.Node, changed: dict[str, object]) -> None:
        """Replace the statements directly in `n` that leave a loop."""
        if not self.for_stack:
            return
        cls = type(n)
        if cls is ast.BlockStmt:
            field = "list"
        elif cls is ast.CaseClause or cls is ast.CommClause:
            field = "body"
        elif cls is ast.LabeledStmt:
            old = changed.get("stmt", n.stmt)  # type: ignore[attr-defined]
            new = self.edit(old)  # type: ignore[arg-type]
            if new is not old:
                changed["stmt"] = new
            return
        else:
            return
        stmts: list[ast.Stmt] = changed.get(field, getattr(n, field))  # type: ignore[assignment]
        new_stmts = [self.edit(s) for s in stmts]
        if any(a is not b for a, b in zip(new_stmts, stmts, strict=True)):
            changed[field] = new_stmts

    def rebuild(self, n: ast.Node, changed: dict[str, object]) -> ast.Node:
        """A copy of `n` with some fields replaced, with the same facts known about it."""
        cls = type(n)
        new = cls.__new__(cls)
        for c in cls.__mro__:
            for slot in getattr(c, "__slots__", ()):
                if hasattr(n, slot):
                    setattr(new, slot, getattr(n, slot))
        for f, v in changed.items():
            setattr(new, f, v)
        info = self.info
        if isinstance(n, ast.Expr):
            assert isinstance(new, ast.Expr)
            tv = info.types.get(n)
            if tv is not None:
                info.types[new] = tv
            if isinstance(n, ast.SelectorExpr):
                sel = info.selections.get(n)
                if sel is not None:
                    assert isinstance(new, ast.SelectorExpr)
                    info.selections[new] = sel
        implicit = info.implicits.get(n)
        if implicit is not None:
            info.implicits[new] = implicit
        scope = info.scopes.get(n)
        if scope is not None:
            info.scopes[new] = scope
        if isinstance(n, ast.CallStmt) and n in info.defer_at:
            assert isinstance(new, ast.CallStmt)
            info.defer_at[new] = info.defer_at[n]
        return new

    def func_lit(self, n: ast.FuncLit) -> ast.FuncLit:
        if not _contains(n.body, self.info.range_funcs):
            return n
        tv = self.info.types.get(n)
        sig = tv.type.underlying if tv is not None else None
        if not isinstance(sig, Signature):
            return n
        body = _Rewriter(self.info, sig, self.pkg, n.body).run()
        if body is n.body:
            return n
        new = self.rebuild(n, {"body": body})
        assert isinstance(new, ast.FuncLit)
        return new

    def is_range_func(self, n: ast.ForStmt) -> bool:
        clause = n.init
        if type(clause) is not ast.RangeClause:
            return False
        tv = self.info.types.get(clause.x)
        return tv is not None and core_signature(tv.type) is not None

    # --- loops -----------------------------------------------------------------------------------

    def start_loop(self, nfor: ast.ForStmt) -> _Loop:
        self.state_vars += 1
        name = f"#state{self.state_vars}"
        pos = nfor.pos
        obj = Var(pos, self.pkg, name, TYP["int"])
        decl = self.var_decl(pos, obj, self.int_const(RF_READY, pos))
        loop = _Loop(nfor, 1 + len(self.for_stack), obj, decl)
        self.for_stack.append(loop)
        return loop

    def end_loop(self, loop: _Loop, nfor: ast.ForStmt) -> ast.BlockStmt:
        """What replaces the loop, whose body has been rewritten."""
        start, end = nfor.pos, nfor.body.rbrace
        clause = nfor.init
        assert isinstance(clause, ast.RangeClause)
        tv = self.info.types.get(clause.x)
        rfunc = core_signature(tv.type) if tv is not None else None
        ftyp = (
            core_signature(rfunc.params.vars[0].type)
            if rfunc is not None and rfunc.params.vars
            else None
        )
        if ftyp is None:
            return ast.BlockStmt(start, nfor.end, [], end)

        self.body_closures += 1
        lit = self.body_func(
            loop, nfor.body.list, _unpack(clause.lhs), clause.define, ftyp, start, end
        )
        yield_var = Var(NO_POS, self.pkg, f"#yield{self.body_closures}", self.info.types[lit].type)
        yield_decl = ast.DeclStmt(start, start, [self.var_decl(start, yield_var, lit)])

        call = ast.CallExpr(start, start, clause.x, [self.use(yield_var, start)], False)
        self.info.types[call] = TypeAndValue("novalue", Tuple([]))
        checks = self.checks(loop, end)

        out: list[ast.Stmt] = []
        if len(self.for_stack) == 1 and self.outer_decls:
            out.append(ast.DeclStmt(start, start, self.outer_decls))
        out.append(ast.DeclStmt(start, start, [loop.state_decl]))
        out += [yield_decl, ast.ExprStmt(start, start, call)]
        out.append(
            ast.IfStmt(
                end,
                end,
                None,
                self.cond("==", self.use(loop.state_var, end), self.int_const(RF_PANIC, end), end),
                ast.BlockStmt(
                    end, end, [self.call_panic(self.int_const(RF_MISSING_PANIC, end), end)], end
                ),
                None,
            )
        )
        out.append(self.set_state(loop, RF_EXHAUSTED, end))
        out += checks
        if len(self.for_stack) == 1:
            self.outer_decls = []
            self.next_var = None
            self.defers = None
        return ast.BlockStmt(start, nfor.end, out, end)

    def body_func(
        self,
        loop: _Loop,
        body: list[ast.Stmt],
        lhs: list[ast.Expr],
        define: bool,
        ftyp: Signature,
        start: Pos,
        end: Pos,
    ) -> ast.FuncLit:
        """The loop's body as a literal to be passed to the function ranged over."""
        stmts: list[ast.Stmt] = []
        params: list[Var] = []
        for i, p in enumerate(ftyp.params.vars):
            x = lhs[i] if i < len(lhs) else None
            param: Object | None = None
            if x is not None and define and isinstance(x, ast.Name):
                param = self.info.defs.get(x)
            if not isinstance(param, Var):
                param = Var(start, self.pkg, f"#p{1 + i}", p.type, "param")
                if x is not None:
                    stmts.append(ast.AssignStmt(x.pos, x.end, "", x, self.use(param, x.pos)))
            params.append(param)
        result = Var(start, None, "#r", TYP["bool"], "result")
        sig = Signature(None, Tuple(params), Tuple([result]), ftyp.variadic)

        tmp = Var(NO_POS, self.pkg, "#tmpState", TYP["int"])
        stmts.append(
            ast.DeclStmt(
                NO_POS, NO_POS, [self.var_decl(NO_POS, tmp, self.use(loop.state_var, NO_POS))]
            )
        )
        stmts.append(self.set_state(loop, RF_PANIC, start))
        stmts.append(
            ast.IfStmt(
                start,
                start,
                None,
                self.cond("!=", self.use(tmp, start), self.int_const(RF_READY, start), start),
                ast.BlockStmt(start, start, [self.call_panic(self.use(tmp, start), start)], start),
                None,
            )
        )
        stmts += body
        stmts.append(self.set_state(loop, RF_READY, end))
        stmts.append(self.return_bool(True, end, NO_POS))

        lit = ast.FuncLit(
            start, end, ast.FuncType(start, start, [], []), ast.BlockStmt(start, end, stmts, end)
        )
        self.info.types[lit] = TypeAndValue("value", sig)
        self.info.range_func_body_closures.add(lit)
        return lit

    def checks(self, loop: _Loop, pos: Pos) -> list[ast.Stmt]:
        """What to do behind the call, depending on how the body was left."""
        out: list[ast.Stmt] = []
        for br in dict.fromkeys(loop.check_branch):
            branch = ast.BranchStmt(pos, pos, br[0], ast.Name(pos, pos, br[1]))
            out.append(self.if_next("==", self.branch_next[br], True, pos, branch))
        if len(self.for_stack) == 1:
            if loop.check_ret:
                out.append(self.if_next("==", -1, False, pos, ast.ReturnStmt(pos, pos, None)))
            return out

        outer = self.for_stack[loop.depth - 2]
        step = _PER_LOOP_STEP * (loop.depth - 1)

        def leave(state: int, value: bool) -> list[ast.Stmt]:
            return [self.set_state(outer, state, pos), self.return_bool(value, pos, pos)]

        if loop.check_ret:
            out.append(self.if_next("<", 0, False, pos, *leave(RF_DONE, False)))
        out.append(
            self.if_next(">", step, False, pos, self.call_panic(self.int_const(RF_DONE, pos), pos))
        )
        if loop.check_continue:
            out.append(self.if_next("==", step - 1, True, pos, *leave(RF_READY, True)))
        if loop.check_break:
            out.append(self.if_next("==", step, True, pos, *leave(RF_DONE, False)))
        if loop.check_continue or loop.check_break:
            out.append(self.if_next(">", 0, False, pos, *leave(RF_DONE, False)))
        return out

    # --- statements that leave a loop ------------------------------------------------------------

    def edit(self, x: ast.Stmt) -> ast.Stmt:
        """What replaces the statement `x` directly inside a loop's body, or `x` itself."""
        cls = type(x)
        if cls is ast.BranchStmt:
            return self.edit_branch(x)  # type: ignore[arg-type]
        if cls is ast.ReturnStmt:
            return self.edit_return(x)  # type: ignore[arg-type]
        if cls is ast.CallStmt and x.tok == "defer":  # type: ignore[attr-defined]
            if self.defers is None:
                init = ast.CallExpr(
                    self.for_stack[0].nfor.pos,
                    NO_POS,
                    self.runtime("deferrangefunc", self.for_stack[0].nfor.pos),
                    [],
                    False,
                )
                self.info.types[init] = TypeAndValue("value", UNIVERSE_ANY.type)
                self.defers = self.outer_var("#defers", UNIVERSE_ANY.type, init)
            self.info.defer_at[x] = self.use(self.defers, x.pos)  # type: ignore[index]
        return x

    def edit_return(self, x: ast.ReturnStmt) -> ast.Stmt:
        pos = x.pos
        out: list[ast.Stmt] = []
        if x.results is not None:
            results = self.sig.results.vars
            for i, v in enumerate(results):
                if v.name == "" or v.name == "_":
                    self.info.renamed[v] = f"#rv{i + 1}"
            names: list[ast.Expr] = [self.use(v, pos, self.info.renamed.get(v)) for v in results]
            lhs = names[0] if len(names) == 1 else ast.ListExpr(pos, pos, names)
            out.append(ast.AssignStmt(pos, x.end, "", lhs, x.results))
        for loop in self.for_stack:
            loop.check_ret = True
        out.append(self.set_next(-1, pos))
        out.append(self.set_state(self.for_stack[-1], RF_DONE, pos))
        out.append(self.return_bool(False, pos, pos))
        return ast.BlockStmt(pos, x.end, out, pos)

    def edit_branch(self, x: ast.BranchStmt) -> ast.Stmt:
        if x.tok == "fallthrough":
            return x
        stack = self.for_stack
        pos = x.pos
        target = self.targets.get(x)
        i = len(stack) - 1
        if x.label is None and stack[i].nfor is not target:
            return x
        while i >= 0 and stack[i].nfor is not target:
            i -= 1
        exit_from = i + 1
        if x.tok == "goto" or i < 0:
            if x.label is None:
                return x
            self.number_labels()
            assert self.label_loop is not None
            label = x.label.value
            inside = self.label_loop.get(label)
            if inside is stack[-1].nfor:
                return x
            next_ = self.branch_next.get((x.tok, label), 0)
            i = len(stack) - 1
            while i >= 0 and stack[i].nfor is not inside:
                i -= 1
            exit_from = i + 1
            stack[exit_from].check_branch.append((x.tok, label))
            for loop in stack[exit_from + 1 :]:
                loop.check_ret = True
        else:
            if exit_from == len(stack):
                state, value = (RF_READY, True) if x.tok == "continue" else (RF_DONE, False)
                return ast.BlockStmt(
                    pos,
                    x.end,
                    [self.set_state(stack[-1], state, pos), self.return_bool(value, pos, pos)],
                    pos,
                )
            if x.tok == "continue":
                stack[exit_from].check_continue = True
            else:
                exit_from = i
                stack[exit_from].check_break = True
            for loop in stack[exit_from + 1 :]:
                loop.check_break = True
            next_ = _PER_LOOP_STEP * (i + 1)
            if x.tok == "continue":
                next_ -= 1
        return ast.BlockStmt(
            pos,
            x.end,
            [
                self.set_next(next_, pos),
                self.set_state(stack[-1], RF_DONE, pos),
                self.return_bool(False, pos, pos),
            ],
            pos,
        )

    def number_labels(self) -> None:
        """Find out in which loop each label is, and number what can jump to it."""
        if self.label_loop is not None:
            return
        self.label_loop = {}
        labels: list[str] = []
        stack: list[tuple[ast.Node, ast.ForStmt | None]] = [(self.body, None)]
        while stack:
            n, inside = stack.pop()
            if type(n) is ast.ForStmt and self.is_range_func(n):
                inside = n
            if type(n) is ast.LabeledStmt:
                labels.append(n.label.value)
                self.label_loop.setdefault(n.label.value, inside)
            below: list[tuple[ast.Node, ast.ForStmt | None]] = []
            fields = ("body",) if type(n) is ast.FuncLit else _FIELDS.get(type(n), ())
            for f in fields:
                v = getattr(n, f)
                if isinstance(v, ast.Node):
                    below.append((v, inside))
                elif v is not None:
                    below += [(c, inside) for c in v if c is not None]
            stack += reversed(below)
        used = -1
        for label in labels:
            used -= 3
            self.branch_next["break", label] = used
            self.branch_next["continue", label] = used + 1
            self.branch_next["goto", label] = used + 2

    # --- new syntax ------------------------------------------------------------------------------

    def use(self, obj: Object, pos: Pos, name: str | None = None) -> ast.Name:
        n = ast.Name(pos, pos, name or obj.name)
        self.info.types[n] = TypeAndValue("variable", obj.type)
        self.info.uses[n] = obj
        return n

    def int_const(self, value: int, pos: Pos) -> ast.BasicLit:
        n = ast.BasicLit(pos, pos, str(value), "int")
        self.info.types[n] = TypeAndValue("constant", TYP["int"], value)
        return n

    def return_bool(self, value: bool, pos: Pos, value_pos: Pos) -> ast.ReturnStmt:
        n = ast.Name(value_pos, value_pos, "true" if value else "false")
        self.info.types[n] = TypeAndValue("constant", TYP["bool"], value)
        return ast.ReturnStmt(pos, pos, n)

    def cond(self, op: str, x: ast.Expr, y: ast.Expr, pos: Pos) -> ast.Operation:
        n = ast.Operation(pos, pos, op, x, y)
        self.info.types[n] = TypeAndValue("value", TYP["bool"])
        return n

    def var_decl(self, pos: Pos, obj: Var, values: ast.Expr | None) -> ast.VarDecl:
        """The declaration of `obj`, at `pos`."""
        n = ast.Name(pos, pos, obj.name)
        self.info.types[n] = TypeAndValue("variable", obj.type)
        self.info.defs[n] = obj
        return ast.VarDecl(pos, pos, None, ast.NO_PRAGMA, [n], None, values)

    def outer_var(self, name: str, typ: Type, init: ast.Expr | None) -> Var:
        """A new variable beside the outermost loop."""
        obj = Var(NO_POS, self.pkg, name, typ)
        self.outer_decls.append(self.var_decl(self.for_stack[0].nfor.pos, obj, init))
        return obj

    def next(self, pos: Pos) -> ast.Name:
        if self.next_var is None:
            self.next_var = self.outer_var("#next", TYP["int"], None)
        return self.use(self.next_var, pos)

    def set_next(self, value: int, pos: Pos) -> ast.AssignStmt:
        return ast.AssignStmt(pos, pos, "", self.next(pos), self.int_const(value, pos))

    def set_state(self, loop: _Loop, state: int, pos: Pos) -> ast.AssignStmt:
        return ast.AssignStmt(
            pos, pos, "", self.use(loop.state_var, pos), self.int_const(state, pos)
        )

    def if_next(self, op: str, value: int, zero: bool, pos: Pos, *then: ast.Stmt) -> ast.IfStmt:
        """`if #next op value { #next = 0; then }`, the assignment only if `zero`."""
        stmts: list[ast.Stmt] = [self.set_next(0, pos)] if zero else []
        stmts += then
        cond = self.cond(op, self.next(pos), self.int_const(value, pos), pos)
        return ast.IfStmt(pos, pos, None, cond, ast.BlockStmt(pos, pos, stmts, pos), None)

    def runtime(self, name: str, pos: Pos) -> ast.Name:
        """A reference to a helper of the runtime."""
        pkg = Package("runtime", "runtime", Scope(None))
        pkg.fake = True
        sig = (
            Signature(
                None,
                Tuple([]),
                Tuple([Var(NO_POS, pkg, "extra", UNIVERSE_ANY.type, "result")]),
                False,
            )
            if name == "deferrangefunc"
            else Signature(
                None, Tuple([Var(NO_POS, pkg, "state", TYP["int"], "param")]), Tuple([]), False
            )
        )
        obj = Func(NO_POS, pkg, name, sig)
        obj.parent = pkg.scope
        n = ast.Name(pos, pos, "runtime." + name)
        self.info.types[n] = TypeAndValue("value", sig)
        self.info.uses[n] = obj
        return n

    def call_panic(self, arg: ast.Expr, pos: Pos) -> ast.ExprStmt:
        call = ast.CallExpr(pos, pos, self.runtime("panicrangestate", pos), [arg], False)
        self.info.types[call] = TypeAndValue("novalue", Tuple([]))
        return ast.ExprStmt(pos, pos, call)


def _unpack(e: ast.Expr | None) -> list[ast.Expr]:
    if e is None:
        return []
    return e.elem_list if type(e) is ast.ListExpr else [e]


class _Targets:
    """Finds the statement that each break and continue of a function leaves."""

    __slots__ = ("targets",)

    def __init__(self, targets: dict[ast.BranchStmt, ast.Node | None]) -> None:
        self.targets = targets

    def stmt(
        self,
        s: ast.Node | None,
        brk: ast.Node | None,
        cont: ast.Node | None,
        labels: dict[str, ast.Node],
    ) -> None:
        cls = type(s)
        if cls is ast.BlockStmt:
            self.stmts(s.list, brk, cont, labels)  # type: ignore[union-attr]
        elif cls is ast.BranchStmt:
            assert isinstance(s, ast.BranchStmt)
            if s.label is not None:
                self.targets[s] = labels.get(s.label.value) if s.tok != "goto" else None
            else:
                self.targets[s] = brk if s.tok == "break" else cont if s.tok == "continue" else None
        elif cls is ast.IfStmt:
            while type(s) is ast.IfStmt:
                self.stmts(s.then.list, brk, cont, labels)
                s = s.els
            if s is not None:
                self.stmt(s, brk, cont, labels)
        elif cls is ast.ForStmt:
            self.stmts(s.body.list, s, s, labels)  # type: ignore[union-attr]
        elif cls is ast.SwitchStmt or cls is ast.SelectStmt:
            for clause in s.body:  # type: ignore[union-attr]
                self.stmts(clause.body, s, cont, labels)
        elif cls is ast.LabeledStmt:
            assert isinstance(s, ast.LabeledStmt)
            self.stmt(s.stmt, brk, cont, {**labels, s.label.value: s.stmt})

    def stmts(
        self,
        stmts: list[ast.Stmt],
        brk: ast.Node | None,
        cont: ast.Node | None,
        labels: dict[str, ast.Node],
    ) -> None:
        for s in stmts:
            self.stmt(s, brk, cont, labels)

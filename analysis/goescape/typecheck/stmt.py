"""Statements and function bodies.

Invariants
  - a statement leaves the scope as it found it;
  - what a statement delays (function literals above all) is run at its end, before the scope
    changes;
  - each clause of a type switch with a variable declares its own one; together they count as one
    for "declared and not used".

Example: in `switch x := v.(type) { case int: …; case A, B: … }`, x is an int in the first clause
and has v's type in the second.

Source: cmd/compile/internal/types2/stmt.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from goescape.source.mention import mention
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck import constant
from goescape.typecheck.context import key as type_key
from goescape.typecheck.decl import source_key
from goescape.typecheck.errors import INVALID_OP, at_pos
from goescape.typecheck.objects import Nil, Var
from goescape.typecheck.operand import Operand
from goescape.typecheck.predicates import (
    all_boolean,
    all_numeric,
    comparable,
    has_nil,
    identical,
    is_interface,
    is_type_param,
    is_valid,
)
from goescape.typecheck.resolver import DeclInfo, unpack_list_expr, unparen
from goescape.typecheck.scope import Scope
from goescape.typecheck.types import Signature, Type
from goescape.typecheck.typestring import type_string
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_INVALID = TYP["invalid"]
_BOOL = TYP["bool"]

# What a statement may contain, as a bit set, and hints for the wording of errors.
BREAK_OK, CONTINUE_OK, FALLTHROUGH_OK, FINAL_SWITCH_CASE, IN_TYPE_SWITCH = 1, 2, 4, 8, 16

_NEEDS_USE = frozenset(("local", "package", "field"))


def func_body(
    check: Checker,
    decl: DeclInfo | None,
    name: str,
    sig: Signature,
    body: ast.BlockStmt,
    iota: int | None,
) -> None:
    """Check the body of a function or function literal; `decl` is the declaration it is in."""
    env = check.environment()
    file_version, owner = check.version, check.owner
    check._clear_environment()
    assert sig.scope is not None
    check.decl, check.scope, check.version = decl, sig.scope, file_version
    check.iota, check.sig, check.owner = iota, sig, owner
    check.stmt_list(0, body.list)
    if check.has_label and not check.ignore_branch_errors:
        check.labels(body)
    if sig.results.vars and not check.is_terminating(body, ""):
        check.error(body.rbrace, "MissingReturn", "missing return")
    check.usage(sig.scope)
    check.set_environment(env)


def usage(check: Checker, scope: Scope) -> None:
    """Report the variables of a function that are never used. Function literals have seen to
    their own."""
    unused: list[Var] = []
    stack = [scope]
    while stack:
        s = stack.pop()
        for obj in s.elems.values():
            if obj.__class__ is Var and not obj.used and obj.kind in _NEEDS_USE:
                unused.append(obj)
        for child in s.children:
            if not child.is_func:
                stack.append(child)
    if unused:
        unused.sort(key=lambda v: source_key(check, v.pos))
        for v in unused:
            check.soft_errorf(v.pos, "UnusedVar", "declared and not used: %s", v.name)


def stmt_list(check: Checker, ctxt: int, stmts: list[ast.Stmt]) -> None:
    n = len(stmts)
    inner = ctxt & ~FALLTHROUGH_OK
    if inner != ctxt:
        # Trailing empty statements do not keep a fallthrough from being the last statement.
        while n > 0 and isinstance(stmts[n - 1], ast.EmptyStmt):
            n -= 1
        for i, s in enumerate(stmts):
            check.stmt(ctxt if i + 1 == n else inner, s)
        return
    for s in stmts:
        check.stmt(inner, s)


def open_scope(check: Checker, node: ast.Node, comment: str) -> None:
    scope = Scope(check.scope, node.pos, node.end, comment)
    check.info.scopes[node] = scope
    check.scope = scope


def close_scope(check: Checker) -> None:
    assert check.scope.parent is not None
    check.scope = check.scope.parent


def stmt(check: Checker, ctxt: int, s: ast.Stmt) -> None:
    delayed = check.delayed
    top = len(delayed)
    _STMTS[s.__class__](check, ctxt, s)
    if len(delayed) > top:
        check.process_delayed(top)


def _inner(ctxt: int) -> int:
    """The context of the statements in a block."""
    return ctxt & (BREAK_OK | CONTINUE_OK)


def _empty(check: Checker, ctxt: int, s: ast.EmptyStmt) -> None:
    pass


def _decl(check: Checker, ctxt: int, s: ast.DeclStmt) -> None:
    check.decl_stmt(s.decl_list)


def _labeled(check: Checker, ctxt: int, s: ast.LabeledStmt) -> None:
    check.has_label = True
    check.stmt(ctxt, s.stmt)


def _expr_stmt(check: Checker, ctxt: int, s: ast.ExprStmt) -> None:
    x = Operand()
    kind = check.raw_expr(None, x, s.x, None, False)
    if x.mode == "builtin":
        code, msg = "UncalledBuiltin", "must be called"
    elif x.mode == "typexpr":
        code, msg = "NotAnExpr", "is not an expression"
    elif kind == "statement" or x.mode == "invalid":
        return
    else:
        code, msg = "UnusedExpr", "is not used"
    check.errorf(x, code, "%s %s", x, msg)


def _send(check: Checker, ctxt: int, s: ast.SendStmt) -> None:
    ch, val = Operand(), Operand()
    check.expr(None, ch, s.chan)
    check.generic_expr(val, s.value, None)
    if ch.mode == "invalid" or val.mode == "invalid":
        return
    elem = check.chan_elem(s, ch, False)
    if elem is not None:
        check.assignment(val, elem, "send")


def _assign(check: Checker, ctxt: int, s: ast.AssignStmt) -> None:
    x = Operand()
    op = s.op
    if s.rhs is None:  # x++, x--
        check.expr(None, x, s.lhs)
        if x.mode == "invalid":
            return
        if not all_numeric(x.typ):
            check.errorf(
                s.lhs,
                "NonNumericIncDec",
                INVALID_OP + "%s%s%s (non-numeric type %s)",
                s.lhs,
                op,
                op,
                x.typ,
            )
            return
        check.assign_var(s.lhs, None, x, "assignment")
        return
    lhs = unpack_list_expr(s.lhs)
    rhs = unpack_list_expr(s.rhs)
    if op == "":
        check.assign_vars(lhs, rhs)
    elif op == ":=":
        check.short_var_decl(s.pos, lhs, rhs)
    elif len(lhs) != 1 or len(rhs) != 1:
        check.errorf(
            s,
            "MultiValAssignOp",
            "assignment operation %s requires single-valued expressions",
            op + "=",
        )
    else:
        check.binary(x, None, lhs[0], rhs[0], op)
        check.assign_var(lhs[0], None, x, "assignment")


def _call(check: Checker, ctxt: int, s: ast.CallStmt) -> None:
    """`go f()` and `defer f()`."""
    code = "InvalidGo" if s.tok == "go" else "InvalidDefer"
    call = s.call
    if not isinstance(call, ast.CallExpr):
        check.errorf(call, code, "expression in %s must be function call", s.tok)
        check.use(call)
        return
    x = Operand()
    kind = check.raw_expr(None, x, call, None, False)
    if kind == "statement":
        return
    msg = "requires function call, not conversion"
    if kind == "expression":
        code, msg = "UnusedResults", "discards result of"
    check.errorf(x, code, "%s %s %s", s.tok, msg, x)


def _return(check: Checker, ctxt: int, s: ast.ReturnStmt) -> None:
    assert check.sig is not None
    res = check.sig.results.vars
    results = unpack_list_expr(s.results)
    if not results and res and res[0].name:
        # The results have names: they must not be shadowed here.
        for obj in res:
            alt = check.lookup(obj.name)
            if alt is not None and alt is not obj:
                err = check.new_error("OutOfScopeResult")
                err.addf(s, "result parameter %s not in scope at return", obj.name)
                err.addf(alt, "inner declaration of %s", obj)
                err.report()
    elif res or results:
        check.init_vars(res, results, s)


def _branch(check: Checker, ctxt: int, s: ast.BranchStmt) -> None:
    if s.label is not None:
        check.has_label = True  # checked for the whole body
        return
    if check.ignore_branch_errors:
        return
    if s.tok == "break":
        if not ctxt & BREAK_OK:
            check.error(s, "MisplacedBreak", "break not in for, switch, or select statement")
    elif s.tok == "continue":
        if not ctxt & CONTINUE_OK:
            check.error(s, "MisplacedContinue", "continue not in for statement")
    elif s.tok == "fallthrough":
        if not ctxt & FALLTHROUGH_OK:
            msg = "fallthrough statement out of place"
            if ctxt & FINAL_SWITCH_CASE:
                msg = "cannot fallthrough final case in switch"
            elif ctxt & IN_TYPE_SWITCH:
                msg = "cannot fallthrough in type switch"
            check.error(s, "MisplacedFallthrough", msg)


def _block(check: Checker, ctxt: int, s: ast.BlockStmt) -> None:
    check.open_scope(s, "block")
    check.stmt_list(_inner(ctxt), s.list)
    check.close_scope()


def _condition(check: Checker, cond: ast.Expr, what: str) -> None:
    x = Operand()
    check.expr(None, x, cond)
    if x.mode != "invalid" and x.typ is not _BOOL and not all_boolean(x.typ):
        check.error(cond, "InvalidCond", f"non-boolean condition in {what} statement")


def _if(check: Checker, ctxt: int, s: ast.IfStmt) -> None:
    inner = _inner(ctxt)
    outer = check.scope
    # Scopes nest along an else-if chain, the Python stack does not.
    els: ast.Stmt | None = s
    while isinstance(els, ast.IfStmt):
        check.open_scope(els, "if")
        if els.init is not None:
            check.stmt(0, els.init)
        top = len(check.delayed)
        _condition(check, els.cond, "if")
        check.process_delayed(top)
        check.stmt(inner, els.then)
        if not check.scope.elems and check.scope.parent is not None:
            check.scope = check.scope.parent  # long chains would make looking up names slow
        els = els.els
    if els is not None:
        check.stmt(inner, els)
    check.scope = outer


def _switch(check: Checker, ctxt: int, s: ast.SwitchStmt) -> None:
    inner = _inner(ctxt) | BREAK_OK
    check.open_scope(s, "switch")
    if s.init is not None:
        check.stmt(0, s.init)
    if isinstance(s.tag, ast.TypeSwitchGuard):
        _type_switch(check, inner | IN_TYPE_SWITCH, s, s.tag)
    else:
        _expr_switch(check, inner, s)
    check.close_scope()


def _multiple_defaults(check: Checker, clauses: list[Any], attr: str) -> None:
    first: ast.Node | None = None
    for c in clauses:
        if getattr(c, attr) is None:
            if first is not None:
                check.errorf(
                    c,
                    "DuplicateDefault",
                    "multiple defaults (first at %s)",
                    mention(first.pos),
                )
            else:
                first = c


def _expr_switch(check: Checker, inner: int, s: ast.SwitchStmt) -> None:
    x = Operand()
    if s.tag is not None:
        check.expr(None, x, s.tag)
        # Assigning it to an invisible variable, as a compiler would, makes all relevant checks.
        check.assignment(x, None, "switch expression")
        if x.mode != "invalid" and not comparable(x.typ) and not has_nil(x.typ):
            check.errorf(
                x, "InvalidExprSwitch", "cannot switch on %s (%s is not comparable)", x, x.typ
            )
            x.invalidate()
    else:
        x.mode, x.typ, x.val = "constant", _BOOL, True
        pos = s.body[0].pos if s.body else s.rbrace
        x.expr = ast.Name(pos, pos, "true")
    _multiple_defaults(check, s.body, "cases")
    seen: dict[Any, list[tuple[Pos, Type]]] = {}
    last = len(s.body) - 1
    for i, clause in enumerate(s.body):
        _case_values(check, x, unpack_list_expr(clause.cases), seen)
        check.open_scope(clause, "case")
        check.stmt_list(inner | (FALLTHROUGH_OK if i < last else FINAL_SWITCH_CASE), clause.body)
        check.close_scope()


def _case_values(
    check: Checker, x: Operand, values: list[ast.Expr], seen: dict[Any, list[tuple[Pos, Type]]]
) -> None:
    """Check the values of one clause; `seen` holds the constants of the earlier ones."""
    for e in values:
        v = Operand()
        check.expr(None, v, e)
        if x.mode == "invalid" or v.mode == "invalid":
            continue
        check.convert_untyped(v, x.typ)
        if v.mode == "invalid":
            continue
        # Compare v with x, not x with v: errors stand at the case then.
        res = v.copy()
        check.comparison(res, x, "==", True)
        if res.mode == "invalid" or v.mode != "constant":
            continue
        key = _go_value(v.val)
        if key is None:
            continue
        same = seen.setdefault(key, [])
        for pos, typ in same:
            if identical(v.typ, typ):
                err = check.new_error("DuplicateCase")
                err.addf(v, "duplicate case %s in expression switch", v)
                err.addf(pos, "previous case")
                err.report()
                break
        else:
            same.append((at_pos(v), v.typ))


def _go_value(val: Any) -> tuple[str, Any] | None:
    """A key for constants among which duplicates are reported: numbers and strings."""
    kind = constant.kind(val)
    if kind == "Int":
        return ("i", val) if -(1 << 63) <= val < 1 << 64 else None
    if kind == "Float":
        return "f", constant.float64_val(val)[0]
    if kind == "String":
        return "s", val
    return None


def _is_nil(check: Checker, e: ast.Expr) -> bool:
    name = unparen(e)
    return isinstance(name, ast.Name) and isinstance(check.lookup(name.value), Nil)


def _case_types(
    check: Checker,
    x: Operand | None,
    types: list[ast.Expr],
    seen: dict[Hashable, ast.Expr],
) -> Type:
    """Check the types of one clause; `seen` holds those of the earlier ones. The result is the
    type of the clause's variable. `x` is None if the switch expression is invalid."""
    T: Type | None = None
    for e in types:
        if _is_nil(check, e):
            T = None
            check.expr(None, Operand(), e)  # for what it records
        else:
            T = check.var_type(e)
            if not is_valid(T):
                continue
        same = type_key(T)
        other = seen.get(same)
        if other is not None:
            err = check.new_error("DuplicateCase")
            err.addf(
                e,
                "duplicate case %s in type switch",
                "nil" if T is None else type_string(T, check.qualifier),
            )
            err.addf(other, "previous case")
            err.report()
            continue
        seen[same] = e
        if x is not None and T is not None:
            check.type_assertion(e, x, T, True)
    if len(types) != 1 or T is None:
        return x.typ if x is not None else _INVALID
    return T


def _type_switch(check: Checker, inner: int, s: ast.SwitchStmt, guard: ast.TypeSwitchGuard) -> None:
    lhs = guard.lhs
    if lhs is not None:
        if lhs.value == "_":
            check.soft_errorf(lhs, "NoNewVar", "no new variable on left side of :=")
            lhs = None
        else:
            check.record_def(lhs, None)
    x = Operand()
    check.expr(None, x, guard.x)
    sx: Operand | None = None
    if x.mode != "invalid":
        if is_type_param(x.typ):
            check.errorf(
                x, "InvalidTypeSwitch", "cannot use type switch on type parameter value %s", x
            )
        elif is_interface(x.typ):
            sx = x
        else:
            check.errorf(x, "InvalidTypeSwitch", "%s is not an interface", x)
    _multiple_defaults(check, s.body, "cases")
    lhs_vars: list[Var] = []
    seen: dict[Hashable, ast.Expr] = {}
    for clause in s.body:
        T = _case_types(check, sx, unpack_list_expr(clause.cases), seen)
        check.open_scope(clause, "case")
        if lhs is not None:
            obj = Var(lhs.pos, check.pkg, lhs.value, T)
            check.declare(check.scope, None, obj, clause.colon)
            check.record_implicit(clause, obj)
            lhs_vars.append(obj)
        check.stmt_list(inner, clause.body)
        check.close_scope()
    if lhs is not None:
        used = any(v.used for v in lhs_vars)
        for v in lhs_vars:
            v.used = True
        if not used:
            check.soft_errorf(lhs, "UnusedVar", "%s declared and not used", lhs.value)


def _select(check: Checker, ctxt: int, s: ast.SelectStmt) -> None:
    inner = _inner(ctxt) | BREAK_OK
    _multiple_defaults(check, s.body, "comm")
    for clause in s.body:
        comm = clause.comm
        if not _is_communication(comm):
            check.error(
                comm,
                "InvalidSelectCase",
                "select case must be send or receive (possibly with assignment)",
            )
            continue
        check.open_scope(clause, "case")
        if comm is not None:
            check.stmt(inner, comm)
        check.stmt_list(inner, clause.body)
        check.close_scope()


def _is_communication(comm: ast.Stmt | None) -> bool:
    if comm is None or isinstance(comm, ast.SendStmt):
        return True
    rhs: ast.Expr | None = None
    if isinstance(comm, ast.AssignStmt):
        rhs = comm.rhs
    elif isinstance(comm, ast.ExprStmt):
        rhs = comm.x
    if rhs is None or isinstance(rhs, ast.ListExpr):
        return False
    x = unparen(rhs)
    return isinstance(x, ast.Operation) and x.y is None and x.op == "<-"


def _for(check: Checker, ctxt: int, s: ast.ForStmt) -> None:
    inner = _inner(ctxt) | BREAK_OK | CONTINUE_OK
    init = s.init
    if isinstance(init, ast.RangeClause):
        lhs = unpack_list_expr(init.lhs)
        key = lhs[0] if lhs else None
        value = lhs[1] if len(lhs) > 1 else None
        extra = lhs[2] if len(lhs) > 2 else None
        check.range_stmt(inner, s, s, key, value, extra, init.x, init.define)
        return
    check.open_scope(s, "for")
    if init is not None:
        check.stmt(0, init)
    if s.cond is not None:
        _condition(check, s.cond, "for")
    if s.post is not None:
        check.stmt(0, s.post)
        if isinstance(s.post, ast.AssignStmt) and s.post.op == ":=":
            check.use(s.post.lhs)  # the parser complained
    check.stmt(inner, s.body)
    check.close_scope()


_STMTS: dict[type, Callable[..., None]] = {
    ast.EmptyStmt: _empty,
    ast.DeclStmt: _decl,
    ast.LabeledStmt: _labeled,
    ast.ExprStmt: _expr_stmt,
    ast.SendStmt: _send,
    ast.AssignStmt: _assign,
    ast.CallStmt: _call,
    ast.ReturnStmt: _return,
    ast.BranchStmt: _branch,
    ast.BlockStmt: _block,
    ast.IfStmt: _if,
    ast.SwitchStmt: _switch,
    ast.SelectStmt: _select,
    ast.ForStmt: _for,
}

"""Unions in constraints: `~int | string | Number`.

Source: cmd/compile/internal/types2/union.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck import typeterm
from goescape.typecheck.basic import INVALID
from goescape.typecheck.predicates import identical, is_interface, is_type_param, is_valid
from goescape.typecheck.types import Interface, Term, Type, Union
from goescape.typecheck.typeset import MAX_TERM_COUNT, type_set

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def parse_union(check: Checker, uexpr: ast.Expr) -> Type:
    """The type of an embedded element: a single type without tilde as it is, else a `Union`;
    invalid after some errors."""
    ops, exprs = _flatten(uexpr)
    terms: list[Term] = []
    u: Type | None = None
    for i, x in enumerate(exprs):
        term = parse_tilde(check, x)
        if len(exprs) == 1 and not term.tilde:
            return term.type
        if len(terms) >= MAX_TERM_COUNT:
            if u is not INVALID:
                check.errorf(
                    x,
                    "InvalidUnion",
                    "cannot handle more than %d union terms (implementation limitation)",
                    MAX_TERM_COUNT,
                )
                u = INVALID
        else:
            terms.append(term)
            u = Union([*terms])
        if i > 0:
            assert u is not None
            check.record_type_and_value(ops[i - 1], "typexpr", u, None)
    assert u is not None
    if u is INVALID:
        return u
    # Types need not be set up yet: look at the terms later.
    check.later(lambda: _check_terms(check, terms, exprs))
    return u


def _check_terms(check: Checker, terms: list[Term], exprs: list[ast.Expr]) -> None:
    from goescape.typecheck.universe import UNIVERSE_COMPARABLE

    for i, t in enumerate(terms):
        if not is_valid(t.type):
            continue
        u = t.type.underlying
        iface = u if isinstance(u, Interface) else None
        if t.tilde:
            if iface is not None:
                check.errorf(
                    exprs[i], "InvalidUnion", "invalid use of ~ (%s is an interface)", t.type
                )
                continue
            if not identical(u, t.type):
                check.errorf(
                    exprs[i],
                    "InvalidUnion",
                    "invalid use of ~ (underlying type of %s is %s)",
                    t.type,
                    u,
                )
                continue
        if iface is not None:
            tset = type_set(iface)
            text = typeterm.term_string(t)
            if tset.methods:
                check.errorf(
                    exprs[i],
                    "InvalidUnion",
                    "cannot use %s in union (%s contains methods)",
                    text,
                    text,
                )
            elif t.type is UNIVERSE_COMPARABLE.type:
                check.error(exprs[i], "InvalidUnion", "cannot use comparable in union")
            elif tset.comparable:
                check.errorf(
                    exprs[i],
                    "InvalidUnion",
                    "cannot use %s in union (%s embeds comparable)",
                    text,
                    text,
                )
            continue  # interfaces may overlap
        j = _overlapping(terms[:i], t)
        if j >= 0:
            check.soft_errorf(
                exprs[i],
                "InvalidUnion",
                "overlapping terms %s and %s",
                typeterm.term_string(t),
                typeterm.term_string(terms[j]),
            )


def parse_tilde(check: Checker, tx: ast.Expr) -> Term:
    x = tx
    tilde = False
    if isinstance(x, ast.Operation) and x.op == "~" and x.y is None:
        x = x.x
        tilde = True
    typ = check.typ(x)
    if is_type_param(typ):
        if tilde:
            check.errorf(x, "MisplacedTypeParam", "type in term %s cannot be a type parameter", tx)
        else:
            check.error(x, "MisplacedTypeParam", "term cannot be a type parameter")
        typ = INVALID
    term = Term(tilde, typ)
    if tilde:
        check.record_type_and_value(tx, "typexpr", Union([term]), None)
    return term


def _overlapping(terms: list[Term], y: Term) -> int:
    for i, x in enumerate(terms):
        if not is_interface(x.type) and not typeterm.disjoint(x, y):
            return i
    return -1


def _flatten(x: ast.Expr) -> tuple[list[ast.Expr], list[ast.Expr]]:
    """The `|` operations and the terms between them, from left to right."""
    ops: list[ast.Expr] = []
    exprs: list[ast.Expr] = []
    while isinstance(x, ast.Operation) and x.op == "|" and x.y is not None:
        ops.append(x)
        exprs.append(x.y)
        x = x.x
    exprs.append(x)
    ops.reverse()
    exprs.reverse()
    return ops, exprs

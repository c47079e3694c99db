"""Does a statement list surely not fall off its end?

Source: cmd/compile/internal/types2/return.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck.resolver import unparen

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def is_terminating(check: Checker, s: ast.Stmt, label: str) -> bool:
    """Is `s`, labelled `label` if that is not "", a terminating statement?"""
    while True:
        if isinstance(s, ast.LabeledStmt):
            label = s.label.value
            s = s.stmt
            continue
        if isinstance(s, ast.IfStmt):
            # An else-if chain may be long.
            if s.els is None or not is_terminating(check, s.then, ""):
                return False
            s, label = s.els, ""
            continue
        break
    if isinstance(s, ast.ReturnStmt):
        return True
    if isinstance(s, ast.ExprStmt):
        call = unparen(s.x)
        return (
            isinstance(call, ast.CallExpr) and check.is_panic is not None and call in check.is_panic
        )
    if isinstance(s, ast.BranchStmt):
        return s.tok in ("goto", "fallthrough")
    if isinstance(s, ast.BlockStmt):
        return _is_terminating_list(check, s.list)
    if isinstance(s, ast.SwitchStmt):
        has_default = False
        for case in s.body:
            has_default = has_default or case.cases is None
            if not _is_terminating_list(check, case.body) or _has_break_list(
                case.body, label, True
            ):
                return False
        return has_default
    if isinstance(s, ast.SelectStmt):
        return all(
            _is_terminating_list(check, c.body) and not _has_break_list(c.body, label, True)
            for c in s.body
        )
    if isinstance(s, ast.ForStmt):
        # A range loop ends.
        if isinstance(s.init, ast.RangeClause):
            return False
        return s.cond is None and not _has_break(s.body, label, True)
    return False


def _is_terminating_list(check: Checker, stmts: Sequence[ast.Stmt]) -> bool:
    for s in reversed(stmts):
        if not isinstance(s, ast.EmptyStmt):
            return is_terminating(check, s, "")
    return False


def _has_break_list(stmts: Sequence[ast.Stmt], label: str, implicit: bool) -> bool:
    return any(_has_break(s, label, implicit) for s in stmts)


def _has_break(s: ast.Stmt | None, label: str, implicit: bool) -> bool:
    """Does `s` contain a break out of the statement labelled `label`, or, if `implicit`, one
    without a label that is not inside another breakable statement?"""
    while s is not None:
        if isinstance(s, ast.LabeledStmt):
            s = s.stmt
            continue
        if isinstance(s, ast.IfStmt):
            if _has_break(s.then, label, implicit):
                return True
            s = s.els
            continue
        if isinstance(s, ast.BranchStmt):
            if s.tok != "break":
                return False
            return implicit if s.label is None else s.label.value == label
        if isinstance(s, ast.BlockStmt):
            return _has_break_list(s.list, label, implicit)
        if label:
            if isinstance(s, (ast.SwitchStmt, ast.SelectStmt)):
                return any(_has_break_list(c.body, label, False) for c in s.body)
            if isinstance(s, ast.ForStmt):
                return _has_break(s.body, label, False)
        return False
    return False

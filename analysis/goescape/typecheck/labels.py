"""Labels and the jumps to them.

Used where nobody has checked the branches of the syntax tree before (`ignore_branch_errors` not
set).

Source: cmd/compile/internal/types2/labels.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.typecheck.objects import Label
from goescape.typecheck.scope import Scope

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def labels(check: Checker, body: ast.BlockStmt) -> None:
    """Check the labels of a function body."""
    all = Scope(None, body.pos, body.end, "label")
    for jmp in _Block(check, all, None, None).branches(body.list):
        assert jmp.label is not None
        name = jmp.label.value
        alt = all.lookup(name)
        if isinstance(alt, Label):
            alt.used = True  # avoid another error
            check.errorf(jmp.label, "JumpIntoBlock", "goto %s jumps into block", name)
        else:
            check.errorf(jmp.label, "UndeclaredLabel", "label %s not declared", name)
    for obj in all.elems.values():
        if isinstance(obj, Label) and not obj.used:
            check.soft_errorf(obj.pos, "UnusedLabel", "label %s declared and not used", obj.name)


class _Block:
    """The labels declared in one block; `lstmt` is the labelled statement that the block is."""

    __slots__ = (
        "all",
        "bad_jumps",
        "check",
        "fwd_jumps",
        "labels",
        "lstmt",
        "parent",
        "var_decl_pos",
    )

    def __init__(
        self, check: Checker, all: Scope, parent: _Block | None, lstmt: ast.LabeledStmt | None
    ) -> None:
        self.check, self.all, self.parent, self.lstmt = check, all, parent, lstmt
        self.labels: dict[str, ast.LabeledStmt] = {}
        self.var_decl_pos: Pos = NO_POS
        self.fwd_jumps: list[ast.BranchStmt] = []
        self.bad_jumps: list[ast.BranchStmt] = []

    def goto_target(self, name: str) -> bool:
        b: _Block | None = self
        while b is not None:
            if name in b.labels:
                return True
            b = b.parent
        return False

    def enclosing_target(self, name: str) -> ast.LabeledStmt | None:
        b: _Block | None = self
        while b is not None:
            if b.lstmt is not None and b.lstmt.label.value == name:
                return b.lstmt
            b = b.parent
        return None

    def branches(self, stmts: list[ast.Stmt]) -> list[ast.BranchStmt]:
        """Check the statements; the forward jumps that found no label."""
        for s in stmts:
            self.stmt(None, s)
        return self.fwd_jumps

    def nested(self, lstmt: ast.LabeledStmt | None, stmts: list[ast.Stmt]) -> None:
        self.fwd_jumps.extend(_Block(self.check, self.all, self, lstmt).branches(stmts))

    def record_var_decl(self, pos: Pos) -> None:
        """The forward jumps so far jump over a variable declaration, unless out of the block."""
        self.var_decl_pos = pos
        self.bad_jumps = list(self.fwd_jumps)

    def stmt(self, lstmt: ast.LabeledStmt | None, s: ast.Stmt | None) -> None:
        while s is not None:
            if isinstance(s, ast.LabeledStmt):
                if s.label.value != "_":
                    self.declare(s)
                    lstmt = s
                s = s.stmt
                continue
            if isinstance(s, ast.IfStmt):
                self.stmt(lstmt, s.then)
                s = s.els
                continue
            break
        if isinstance(s, ast.DeclStmt):
            for d in s.decl_list:
                if isinstance(d, ast.VarDecl):
                    self.record_var_decl(d.pos)
        elif isinstance(s, ast.BranchStmt):
            if s.label is not None:
                self.branch(s)
        elif isinstance(s, ast.AssignStmt):
            if s.op == ":=":
                self.record_var_decl(s.pos)
        elif isinstance(s, ast.BlockStmt):
            self.nested(lstmt, s.list)
        elif isinstance(s, (ast.SwitchStmt, ast.SelectStmt)):
            b = _Block(self.check, self.all, self, lstmt)
            for c in s.body:
                b.nested(None, c.body)
            self.fwd_jumps.extend(b.fwd_jumps)
        elif isinstance(s, ast.ForStmt):
            self.stmt(lstmt, s.body)

    def declare(self, s: ast.LabeledStmt) -> None:
        check = self.check
        name = s.label.value
        lbl = Label(s.label.pos, check.pkg, name)
        alt = self.all.insert(lbl)
        if alt is not None:
            err = check.new_error("DuplicateLabel")
            err.soft = True
            err.addf(lbl.pos, "label %s already declared", name)
            err.add_alt_decl(alt)
            err.report()
        else:
            self.labels[name] = s
            check.record_def(s.label, lbl)
        rest: list[ast.BranchStmt] = []
        for jmp in self.fwd_jumps:
            assert jmp.label is not None
            if jmp.label.value != name:
                rest.append(jmp)
                continue
            lbl.used = True
            check.record_use(jmp.label, lbl)
            if self.var_decl_pos != NO_POS and jmp in self.bad_jumps:
                file = check.positions.file(self.var_decl_pos)
                line = 0
                if file is not None:
                    line = file.line_col(check.positions.offset(self.var_decl_pos))[0]
                check.soft_errorf(
                    jmp.label,
                    "JumpOverDecl",
                    "goto %s jumps over variable declaration at line %d",
                    name,
                    line,
                )
        self.fwd_jumps = rest

    def branch(self, s: ast.BranchStmt) -> None:
        check = self.check
        assert s.label is not None
        name = s.label.value
        if s.tok == "goto":
            if not self.goto_target(name):
                self.fwd_jumps.append(s)  # the label may follow
                return
        elif s.tok in ("break", "continue"):
            t = self.enclosing_target(name)
            valid = t is not None and (
                isinstance(t.stmt, ast.ForStmt)
                or (s.tok == "break" and isinstance(t.stmt, (ast.SwitchStmt, ast.SelectStmt)))
            )
            if not valid:
                check.errorf(s.label, "MisplacedLabel", "invalid %s label %s", s.tok, name)
                return
        else:
            return
        obj = self.all.lookup(name)
        if isinstance(obj, Label):
            obj.used = True
            check.record_use(s.label, obj)

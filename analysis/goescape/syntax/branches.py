"""Labels and the statements that jump: what is wrong with them, and where each one goes.

Invariants
  - the tree is not written on: targets are a side table;
  - a `break` or `continue` without an entry in `targets` is misplaced (an error says so).

Example: in `L: for { break L }` the break's target is the `for` statement.

Source: cmd/compile/internal/syntax/branches.go (go1.27).
"""

from __future__ import annotations

from goescape.source.mention import mention
from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.printer import expr_string
from goescape.syntax.walk import walk


class Branches:
    """`targets`: for `break` and `continue` the enclosing statement, for `goto` the labeled one."""

    __slots__ = ("errors", "targets")

    def __init__(self) -> None:
        self.errors: list[ast.SyntaxError_] = []
        self.targets: dict[ast.BranchStmt, ast.Stmt] = {}


def check_branches(body: ast.BlockStmt) -> Branches:
    """The branches of a function's body and of the function literals inside it, each of which is a
    world of its own."""
    literals = [node.body for node in walk(body) if isinstance(node, ast.FuncLit)]
    return check_bodies([body, *literals])


def check_bodies(bodies: list[ast.BlockStmt]) -> Branches:
    """The branches of several bodies, without those of the function literals inside them."""
    result = Branches()
    for body in bodies:
        _Labels(result).body(body)
    return result


class _Label:
    __slots__ = ("parent", "stmt", "used")

    def __init__(self, parent: _Block, stmt: ast.LabeledStmt) -> None:
        self.parent, self.stmt, self.used = parent, stmt, False


class _Block:
    __slots__ = ("parent", "start", "stmt")

    def __init__(self, parent: _Block | None, start: Pos, stmt: ast.LabeledStmt | None) -> None:
        self.parent, self.start, self.stmt = parent, start, stmt


class _Context:
    """What encloses: the target of `break`, that of `continue`, the index of the case or -1."""

    __slots__ = ("breaks", "case", "continues")

    def __init__(self, breaks: ast.Stmt | None, continues: ast.ForStmt | None, case: int) -> None:
        self.breaks, self.continues, self.case = breaks, continues, case


class _Labels:
    """The labels of one function body."""

    def __init__(self, result: Branches) -> None:
        self.result = result
        self.labels: dict[str, _Label] = {}

    def error(self, node: ast.Node, msg: str) -> None:
        self.result.errors.append(ast.SyntaxError_(node.pos, node.end, msg))

    def body(self, body: ast.BlockStmt) -> None:
        gotos = self.block(None, _Context(None, None, -1), None, body.pos, body.list)
        for goto in gotos:
            label_name = goto.label
            assert label_name is not None
            label = self.labels.get(label_name.value)
            if label is not None:
                label.used = True
                start = mention(label.parent.start)
                msg = f"goto {label_name.value} jumps into block starting at {start}"
                self.error(label_name, msg)
            else:
                self.error(label_name, f"label {label_name.value} not defined")
        for label in self.labels.values():
            if not label.used:
                name = label.stmt.label
                self.error(name, f"label {name.value} defined and not used")

    def declare(self, block: _Block, stmt: ast.LabeledStmt) -> _Label:
        name = stmt.label.value
        known = self.labels.get(name)
        if known is not None:
            first = mention(known.stmt.label.pos)
            self.error(stmt.label, f"label {name} already defined at {first}")
            return known
        label = self.labels[name] = _Label(block, stmt)
        return label

    def enclosing(self, block: _Block, name: str) -> tuple[bool, ast.LabeledStmt | None]:
        """Whether `name` is a label, and the enclosing statement that bears it."""
        label = self.labels.get(name)
        if label is None:
            return False, None
        label.used = True
        at: _Block | None = block
        while at is not None:
            if at.stmt is label.stmt:
                return True, label.stmt
            at = at.parent
        return True, None

    def goto_target(self, block: _Block, name: str) -> ast.LabeledStmt | None:
        label = self.labels.get(name)
        if label is None:
            return None
        label.used = True
        at: _Block | None = block
        while at is not None:
            if label.parent is at:
                return label.stmt
            at = at.parent
        return None

    def block(
        self,
        parent: _Block | None,
        ctxt: _Context,
        labeled: ast.LabeledStmt | None,
        start: Pos,
        stmts: list[ast.Stmt],
    ) -> list[ast.BranchStmt]:
        """One block; returns the gotos whose label was not found yet."""
        scope = _BlockScan(self, _Block(parent, start, labeled), ctxt)
        n = len(stmts)
        while n and isinstance(stmts[n - 1], ast.EmptyStmt):
            n -= 1
        for i in range(n):
            scope.stmt(stmts[i], i + 1 == n)
        return scope.gotos()


class _BlockScan:
    """The statements of one block in turn."""

    def __init__(self, labels: _Labels, block: _Block, ctxt: _Context) -> None:
        self.labels, self.block, self.ctxt = labels, block, ctxt
        self.waiting: dict[str, list[tuple[int, ast.BranchStmt]]] = {}
        self.n_gotos = 0
        self.n_bad = 0
        self.var_pos: Pos = NO_POS
        self.var: ast.Expr | None = None
        self.labeled: ast.LabeledStmt | None = None

    def wait(self, goto: ast.BranchStmt) -> None:
        """The label of `goto` was not seen yet."""
        assert goto.label is not None
        self.waiting.setdefault(goto.label.value, []).append((self.n_gotos, goto))
        self.n_gotos += 1

    def gotos(self) -> list[ast.BranchStmt]:
        """Those that still wait, in order."""
        left = [entry for group in self.waiting.values() for entry in group]
        return [goto for _, goto in sorted(left, key=lambda entry: entry[0])]

    def stmt(self, stmt: ast.Stmt, last: bool) -> None:
        self.labeled = None
        while isinstance(stmt, ast.LabeledStmt):
            self._label(stmt)
            stmt = stmt.stmt
        if isinstance(stmt, ast.BranchStmt):
            if stmt.label is None:
                self._plain_branch(stmt, last)
            else:
                self._labeled_branch(stmt, stmt.label)
        elif isinstance(stmt, ast.AssignStmt):
            if stmt.op == ":=":
                self._declares(stmt.pos, stmt.lhs)
        elif isinstance(stmt, ast.DeclStmt):
            for decl in stmt.decl_list:
                if isinstance(decl, ast.VarDecl):
                    self._declares(decl.pos, decl.name_list[0])
                    break
        else:
            self._compound(stmt)

    def _declares(self, pos: Pos, name: ast.Expr) -> None:
        """A goto from before a declaration to behind it is wrong."""
        self.var_pos, self.var = pos, name
        self.n_bad = self.n_gotos

    def _label(self, stmt: ast.LabeledStmt) -> None:
        name = stmt.label.value
        if name == "_":
            return
        label = self.labels.declare(self.block, stmt)
        for number, goto in self.waiting.pop(name, ()):
            assert goto.label is not None
            self.labels.result.targets[goto] = stmt
            label.used = True
            if self.var is not None and number < self.n_bad:
                where = mention(self.var_pos)
                var = expr_string(self.var)
                msg = f"goto {name} jumps over declaration of {var} at {where}"
                self.labels.error(goto.label, msg)
        self.labeled = stmt

    def _plain_branch(self, stmt: ast.BranchStmt, last: bool) -> None:
        ctxt = self.ctxt
        targets = self.labels.result.targets
        if stmt.tok == "break":
            if ctxt.breaks is not None:
                targets[stmt] = ctxt.breaks
            else:
                self.labels.error(stmt, "break is not in a loop, switch, or select")
        elif stmt.tok == "continue":
            if ctxt.continues is not None:
                targets[stmt] = ctxt.continues
            else:
                self.labels.error(stmt, "continue is not in a loop")
        else:
            msg = "fallthrough statement out of place"
            switch = ctxt.breaks
            if isinstance(switch, ast.SwitchStmt):
                if isinstance(switch.tag, ast.TypeSwitchGuard):
                    msg = "cannot fallthrough in type switch"
                elif ctxt.case < 0 or not last:
                    pass
                elif ctxt.case + 1 == len(switch.body):
                    msg = "cannot fallthrough final case in switch"
                else:
                    return
            self.labels.error(stmt, msg)

    def _labeled_branch(self, stmt: ast.BranchStmt, label: ast.Name) -> None:
        name = label.value
        labels = self.labels
        if stmt.tok == "goto":
            target = labels.goto_target(self.block, name)
            if target is not None:
                labels.result.targets[stmt] = target
            else:
                self.wait(stmt)
            return
        known, enclosing = labels.enclosing(self.block, name)
        if not known:
            labels.error(label, f"{stmt.tok} label not defined: {name}")
            return
        inner = enclosing.stmt if enclosing is not None else None
        if isinstance(inner, ast.ForStmt) or (
            stmt.tok == "break" and isinstance(inner, ast.SwitchStmt | ast.SelectStmt)
        ):
            labels.result.targets[stmt] = inner
        else:
            labels.error(label, f"invalid {stmt.tok} label {name}")

    def _compound(self, stmt: ast.Stmt) -> None:
        ctxt = self.ctxt
        if isinstance(stmt, ast.BlockStmt):
            self._inner(_Context(ctxt.breaks, ctxt.continues, -1), stmt.pos, stmt.list)
        elif isinstance(stmt, ast.IfStmt):
            inner = _Context(ctxt.breaks, ctxt.continues, -1)
            at: ast.Stmt | None = stmt
            while isinstance(at, ast.IfStmt):
                self._inner(inner, at.then.pos, at.then.list)
                at = at.els
            if at is not None:
                self._inner(inner, at.pos, [at])
        elif isinstance(stmt, ast.ForStmt):
            self._inner(_Context(stmt, stmt, -1), stmt.body.pos, stmt.body.list)
        elif isinstance(stmt, ast.SwitchStmt):
            for i, case in enumerate(stmt.body):
                self._inner(_Context(stmt, ctxt.continues, i), case.pos, case.body)
        elif isinstance(stmt, ast.SelectStmt):
            for clause in stmt.body:
                self._inner(_Context(stmt, ctxt.continues, -1), clause.pos, clause.body)

    def _inner(self, ctxt: _Context, start: Pos, stmts: list[ast.Stmt]) -> None:
        for goto in self.labels.block(self.block, ctxt, self.labeled, start, stmts):
            self.wait(goto)

"""Printing nodes as a tree, for tests and for looking.

One line per node: operation, flags, position, type, and what else it says, indented by depth; much
like the compiler's `-W=2`.

Example:

    AS Def p.go:3:4
    .   NAME x int
    .   LITERAL 1 int

Source: cmd/compile/internal/ir/fmt.go (dumpNode) (go1.27).
"""

from __future__ import annotations

from goescape.ir import nodes as ir
from goescape.ir.func import Func
from goescape.ir.nodes import Node
from goescape.ir.typefmt import type_text
from goescape.source.positions import Positions


class Dumper:
    def __init__(self, positions: Positions | None = None) -> None:
        self.positions = positions
        self.lines: list[str] = []

    def pos(self, pos: int) -> str:
        if self.positions is None or pos <= 1:
            return ""
        file = self.positions.file(pos)
        if file is None:
            return ""
        line, col = file.line_col(self.positions.offset(pos))
        return f" @{line}:{col}"

    def func(self, func: Func) -> str:
        body = func.body
        self.lines.append(f"func {func.nname.name}")
        for n in func.dcl:
            self.lines.append(
                f"  dcl {n.cls} {n.name} {type_text(n.type, n.pkg)}{self.pos(n.pos)}"
                + (" addrtaken" if n.addrtaken else "")
            )
        for n in func.closure_vars:
            self.lines.append(f"  captures {n.name}{self.pos(n.pos)}")
        self.list(body, 1)
        for c in func.closures:
            self.func(c)
        return "\n".join(self.lines)

    def list(self, list_: list[Node], depth: int) -> None:
        for n in list_:
            self.node(n, depth)

    def node(self, n: Node | None, depth: int, what: str = "") -> None:
        indent = ".   " * depth + what
        if n is None:
            return
        if n.init:
            self.lines.append(f"{indent}{n.op[1:]}-init")
            self.list(n.init, depth + 1)
        parts = [indent + n.op[1:]]
        if n.implicit:
            parts.append("Implicit")
        if getattr(n, "def_", False):
            parts.append("Def")
        if isinstance(n, ir.Name):
            parts.append(n.name)
        if isinstance(n, ir.BasicLit):
            parts.append(repr(n.val))
        if isinstance(n, ir.SelectorExpr):
            parts.append(n.sel)
            if n.func_name is not None:
                parts.append(f"[{n.func_name.name}]")
        if isinstance(n, ir.BranchStmt | ir.LabelStmt):
            parts.append(n.label)
        if isinstance(n, ir.AssignOpStmt):
            parts.append(n.as_op)
        if isinstance(n, ir.ClosureExpr):
            parts.append(n.func.nname.name)
        if isinstance(n, ir.StructKeyExpr):
            parts.append(n.field.name)
        if getattr(n, "is_ddd", False) and isinstance(n, ir.CallExpr):
            parts.append("DDD")
        if n.type is not None:
            parts.append(type_text(n.type, None))
        self.lines.append(" ".join(parts) + ("" if isinstance(n, ir.Name) else self.pos(n.pos)))
        if isinstance(n, ir.Name | ir.TypeNode):
            return
        if isinstance(n, ir.IfStmt):
            self.node(n.cond, depth + 1)
            self.lines.append(".   " * depth + "THEN")
            self.list(n.body, depth + 1)
            if n.els:
                self.lines.append(".   " * depth + "ELSE")
                self.list(n.els, depth + 1)
            return
        for slot in type(n).__slots__:
            value = getattr(n, slot)
            if isinstance(value, Node):
                self.node(value, depth + 1)
            elif isinstance(value, list) and slot != "init":
                for item in value:
                    if isinstance(item, Node):
                        self.node(item, depth + 1)


def dump_func(func: Func, positions: Positions | None = None) -> str:
    """The tree of a function and of the literals in it."""
    return Dumper(positions).func(func)

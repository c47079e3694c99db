"""Whether declarations read without a mistake, and how far.

Where brackets are open at a word in the first column that may start a declaration, either something is
missing above, or the word belongs to what is above: then all of that reads well. Reading ends at the first
mistake.

Invariants
  - nothing is kept of what is read, and no positions are made.

Example: of `func f() {`, `var x = 1`, `}` the parser reads all, without the last line as far as its end.
"""

from __future__ import annotations

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.parser import Parser
from goescape.syntax.pragma import Directives
from goescape.syntax.scan import Tokens


class Trial(Parser):
    """Reads `tokens`; at the first mistake it sees the end of the file."""

    __slots__ = ()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens, 0, [], tokens.text, Directives([], [], []))

    def error_at(self, pos: Pos, msg: str) -> None:
        self.dead = True
        self.tok = "EOF"

    def reads_past(self, first: int, i: int) -> bool:
        """Whether the declarations from token `first` on are well until one ends behind token `i`. At
        `self.i` that ends, or there is the first mistake."""
        self.goto(first)
        decls: list[ast.Decl] = []
        try:
            while not self.dead and self.i <= i:
                self._declaration(decls)
        except RecursionError:
            return False
        return not self.dead

    def _declaration(self, decls: list[ast.Decl]) -> None:
        tok = self.tok
        self.next()
        if tok == "const":
            self.append_group(decls, self.const_decl)
        elif tok == "type":
            self.append_group(decls, self.type_decl)
        elif tok == "var":
            self.append_group(decls, self.var_decl)
        elif tok == "func":
            self.func_decl(lambda p: None)
        else:
            self.dead = True
        if self.tok != "EOF" and not self.got(";"):
            self.dead = True

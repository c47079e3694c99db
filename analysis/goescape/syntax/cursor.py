"""The parser's place in a list of tokens, and how it complains.

`Cursor` holds the current token (`tok`, `value`) and the helpers every production uses: `got`,
`want`, `list_`, `advance`, and the compiler's way of wording syntax errors.

Invariants
  - an error never stops the parser: `advance` skips to a token at which it can go on;
  - nesting deeper than `MAX_DEPTH` is refused once per declaration: from there on the parser sees
    the end of the file and says nothing more, so every production returns with what it has.

Source: cmd/compile/internal/syntax/parser.go: want, syntaxErrorAt, advance, list (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.pragma import Directives
from goescape.syntax.scan import KEYWORDS, Tokens

MAX_DEPTH = 1000

_STATEMENT_STARTS = frozenset(
    "break const continue defer fallthrough for go goto if return select switch type var".split()
)
_PUNCTUATION_WORDS = {",": "comma", ";": "semicolon or newline"}


def token_words(cls: str) -> str:
    """A class of tokens as an error message names it."""
    if cls in KEYWORDS:
        return "keyword " + cls
    return _PUNCTUATION_WORDS.get(cls, cls)


class Cursor:
    """`delta` turns a byte offset of the file into a `Pos` of the stretch being parsed."""

    __slots__ = (
        "begs",
        "bodies",
        "classes",
        "dead",
        "delta",
        "depth",
        "directives",
        "ends",
        "errors",
        "fnest",
        "follow",
        "i",
        "last_error",
        "text",
        "tok",
        "tokens",
        "value",
        "values",
        "xnest",
    )

    def __init__(
        self,
        tokens: Tokens,
        delta: int,
        errors: list[ast.SyntaxError_],
        text: bytes,
        directives: Directives,
    ) -> None:
        self.tokens = tokens
        self.classes, self.values = tokens.classes, tokens.values
        self.begs, self.ends = tokens.begs, tokens.ends
        self.text = text
        self.delta = delta
        self.errors = errors
        self.directives = directives
        self.bodies: list[ast.BlockStmt] = []  # without mistakes, of functions and literals
        self.fnest = 0
        self.xnest = 0
        self.depth = 0
        self.dead = False
        self.last_error = -1
        self.follow: Tokens | None = None
        self.i = -1
        self.tok = ""
        self.value = ""
        self.next()

    # --- tokens ------------------------------------------------------------------------------

    def next(self) -> None:
        if self.dead:
            return
        i = self.i + 1
        if i < len(self.classes):
            self.i = i
            self.tok = self.classes[i]
            self.value = self.values[i]

    def goto(self, index: int) -> None:
        """Continue at token `index`."""
        self.dead = False
        self.i = index
        self.tok = self.classes[index]
        self.value = self.values[index]

    def pos(self) -> Pos:
        return self.delta + self.begs[self.i]

    def end(self) -> Pos:
        """The position just behind the token before the current one."""
        return self.delta + self.ends[self.i - 1]

    def got(self, tok: str) -> bool:
        if self.tok == tok:
            self.next()
            return True
        return False

    def want(self, tok: str) -> None:
        if not self.got(tok):
            self.syntax_error("expected " + token_words(tok))
            self.advance()

    def got_assign(self) -> bool:
        """Accepts `=`, and `:=` with a complaint."""
        if self.tok == ":=":
            self.syntax_error("expected =")
            self.next()
            return True
        return self.got("=")

    def advance(self, *follow: str) -> None:
        """Skip to one of `follow` (inside functions also to a keyword that starts a statement);
        with no `follow`, skip one token."""
        if self.dead:
            return
        if not follow:
            if self.tok != "EOF":
                self.next()
            return
        while self.tok != "EOF" and self.tok not in follow:
            if self.fnest > 0 and self.tok in _STATEMENT_STARTS:
                return
            self.next()

    def list_(self, context: str, sep: str, close: str, element: Callable[[], bool]) -> Pos:
        """`[element {sep element} [sep]] close`; stops early when `element` returns True. Returns
        the position of `close`."""
        done = False
        while self.tok != "EOF" and self.tok != close and not done:
            done = element()
            if not self.got(sep) and self.tok != close:
                self.syntax_error(
                    f"in {context}; possibly missing {token_words(sep)} or {token_words(close)}"
                )
                self.advance(")", "]", "}")
                if self.tok != close:
                    return self.pos()
        pos = self.pos()
        self.want(close)
        return pos

    def cut_at(self, follow: Tokens) -> None:
        """The text goes on with `follow`, where another declaration starts: where the end is not
        expected, name what stands there."""
        self.follow = follow

    # --- errors ------------------------------------------------------------------------------

    def error_at(self, pos: Pos, msg: str) -> None:
        if self.dead:
            return
        if msg.startswith("syntax error"):
            # One syntax error per line is enough, as in the compiler.
            at, last = pos - self.delta, self.last_error
            self.last_error = at
            if last >= 0 and self.text.find(b"\n", min(at, last), max(at, last)) < 0:
                return
        end = pos + 1
        if pos == self.delta + self.begs[self.i]:
            end = max(end, self.delta + self.ends[self.i])
        self.errors.append(ast.SyntaxError_(pos, end, msg))

    def error(self, msg: str) -> None:
        self.error_at(self.pos(), msg)

    def syntax_error(self, msg: str) -> None:
        self.syntax_error_at(self.pos(), msg)

    def syntax_error_at(self, pos: Pos, msg: str) -> None:
        """Reports `msg` in the compiler's way: "in …", "at …", "after …", "expected …" are
        completed with the token that was not expected, anything else stands as it is."""
        if self.dead or (self.tok == "EOF" and self.errors):
            return
        follow = self.follow
        if self.tok == "EOF" and follow is not None:
            if follow.classes[:2] == ["func", "name"]:
                # The compiler goes on and reads a function literal here.
                pos = self.delta + follow.begs[1]
                msg = f"syntax error: unexpected name {follow.values[1]}, expected ("
                self.errors.append(ast.SyntaxError_(pos, self.delta + follow.ends[1], msg))
                return
        if msg.startswith(("in ", "at ", "after ")):
            msg = " " + msg
        elif msg.startswith("expected "):
            msg = ", " + msg
        elif msg:
            self.error_at(pos, "syntax error: " + msg)
            return
        self.error_at(pos, "syntax error: unexpected " + self._token_text() + msg)

    def _token_text(self) -> str:
        tok = self.tok
        if tok == "name":
            return "name " + self.value
        if tok == ";":
            return self.value
        if tok == "literal":
            text = self.text[self.begs[self.i] : self.ends[self.i]]
            return "literal " + text.decode("utf-8", "replace")
        if tok == "operator" or tok == "*":
            return self.value if tok == "operator" else "*"
        if tok == "op=":
            return self.value + "="
        if tok == "++":
            return self.value * 2
        if tok == "EOF" and self.follow is not None:
            return token_words(self.follow.classes[0])
        return token_words(tok)

    def too_deep(self) -> None:
        """Refuse what is nested deeper than `MAX_DEPTH`."""
        if not self.dead:
            self.error("nesting too deep")
            self.dead = True
            self.tok = "EOF"

    # --- small productions ---------------------------------------------------------------------

    def name(self) -> ast.Name:
        pos = self.pos()
        if self.tok == "name":
            name = ast.Name(pos, self.delta + self.ends[self.i], self.value)
            self.next()
            return name
        name = ast.Name(pos, pos, "_")
        self.syntax_error("expected name")
        self.advance()
        return name

    def bad_expr(self) -> ast.BadExpr:
        pos = self.pos()
        return ast.BadExpr(pos, pos)

    def literal(self) -> ast.BasicLit | None:
        """The literal at the cursor, or None."""
        if self.tok != "literal":
            return None
        i = self.i
        kind = self.value
        beg, end = self.begs[i], self.ends[i]
        value = self.text[beg:end].decode("utf-8", "surrogateescape")
        bad = kind[0] == "!"
        lit = ast.BasicLit(
            self.delta + beg, self.delta + end, value, kind[1:] if bad else kind, bad
        )
        self.next()
        return lit

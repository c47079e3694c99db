"""Build constraints: `//go:build` expressions and the older `// +build` lines.

A constraint is a tree of nested tuples: `("tag", name)`, `("not", x)`, `("and", x, y)`,
`("or", x, y)`. It is evaluated with a predicate on tags, and can be asked for the oldest Go release
it implies, which is how a file chooses its own language version.

Invariants
  - parsing never raises anything but `ConstraintError`, and its depth is bounded;
  - a malformed word of a `+build` line is the tag `ignore`, as the go command has it.

Example: `parse_line("//go:build linux && go1.22")` is `("and", ("tag", "linux"), ("tag", "go1.22"))`
and its `go_version` is `go1.22`.

Source: go/build/constraint/expr.go, vers.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Constraint = tuple[Any, ...]

_MAX_SIZE = 1000
_MAX_OLD_SIZE = 100


class ConstraintError(ValueError):
    """A constraint line that cannot be parsed; the message is the go command's."""


def parse_line(line: str) -> Constraint | None:
    """The constraint of one line (without its end); None if the line is no constraint at all."""
    text = go_build_text(line)
    if text is not None:
        return parse_expr(text)
    text = plus_build_text(line)
    if text is not None:
        return _parse_plus_build(text)
    return None


def go_build_text(line: str) -> str | None:
    """What follows `//go:build` in `line`, or None if it is not such a line."""
    return _after(line.strip(), "//go:build") if line.startswith("//go:build") else None


def plus_build_text(line: str) -> str | None:
    """What follows `// +build` in `line`, or None if it is not such a line."""
    if not line.startswith("//"):
        return None
    return _after(line[2:].strip(), "+build")


def _after(line: str, prefix: str) -> str | None:
    if not line.startswith(prefix):
        return None
    rest = line[len(prefix) :]
    trimmed = rest.strip()
    return None if rest and len(trimmed) == len(rest) else trimmed


def evaluate(x: Constraint, has_tag: Callable[[str], bool]) -> bool:
    """Whether the constraint holds; every operand is asked for, as the go command does."""
    match x[0]:
        case "tag":
            return has_tag(x[1])
        case "not":
            return not evaluate(x[1], has_tag)
        case "and":
            left, right = evaluate(x[1], has_tag), evaluate(x[2], has_tag)
            return left and right
        case _:
            left, right = evaluate(x[1], has_tag), evaluate(x[2], has_tag)
            return left or right


def go_version(x: Constraint) -> str:
    """The oldest release `x` implies, as `go1.N`; empty when it implies none."""
    v = _min_version(x, True)
    return "" if v < 0 else "go1" if v == 0 else f"go1.{v}"


def _min_version(x: Constraint, positive: bool) -> int:
    match x[0]:
        case "not":
            return _min_version(x[1], not positive)
        case "tag":
            tag = x[1]
            if not positive:
                return -1
            if tag == "go1":
                return 0
            _, found, number = tag.partition("go1.")
            return int(number) if found and number.isascii() and number.isdigit() else -1
        case kind:
            left, right = _min_version(x[1], positive), _min_version(x[2], positive)
            return max(left, right) if (kind == "and") == positive else min(left, right)


class _Parser:
    __slots__ = ("depth", "i", "is_tag", "pos", "s", "size", "tok")

    def __init__(self, s: str) -> None:
        self.s = s
        self.i = 0
        self.tok = ""
        self.is_tag = False
        self.pos = 0
        self.size = 0
        self.depth = 0

    def or_(self) -> Constraint:
        x = self.and_()
        while self.tok == "||":
            x = ("or", x, self.and_())
        return x

    def and_(self) -> Constraint:
        x = self.not_()
        while self.tok == "&&":
            x = ("and", x, self.not_())
        return x

    def not_(self) -> Constraint:
        self.size += 1
        if self.size > _MAX_SIZE or self.depth > 100:
            raise ConstraintError("build expression too large")
        self.lex()
        if self.tok == "!":
            self.lex()
            if self.tok == "!":
                raise ConstraintError("double negation not allowed")
            return ("not", self.atom())
        return self.atom()

    def atom(self) -> Constraint:
        if self.tok == "(":
            self.depth += 1
            try:
                x = self.or_()
            except ConstraintError as e:
                if str(e) == "unexpected end of expression":
                    raise ConstraintError("missing close paren") from None
                raise
            self.depth -= 1
            if self.tok != ")":
                raise ConstraintError("missing close paren")
            self.lex()
            return x
        if not self.is_tag:
            if not self.tok:
                raise ConstraintError("unexpected end of expression")
            raise ConstraintError("unexpected token " + self.tok)
        tok = self.tok
        self.lex()
        return ("tag", tok)

    def lex(self) -> None:
        s, i = self.s, self.i
        self.is_tag = False
        while i < len(s) and s[i] in " \t":
            i += 1
        self.pos = i
        if i >= len(s):
            self.tok = ""
        elif s[i] in "()!":
            self.tok = s[i]
            i += 1
        elif s[i] in "&|":
            if s[i : i + 2] != s[i] * 2:
                raise ConstraintError("invalid syntax at " + s[i])
            self.tok = s[i : i + 2]
            i += 2
        else:
            while i < len(s) and _is_tag_char(s[i]):
                i += 1
            if i == self.pos:
                raise ConstraintError("invalid syntax at " + s[i])
            self.tok = s[self.pos : i]
            self.is_tag = True
        self.i = i


def _is_tag_char(c: str) -> bool:
    return c.isalpha() or c.isdigit() or c in "_."


def parse_expr(text: str) -> Constraint:
    """The constraint written in `text`, what follows `//go:build`."""
    p = _Parser(text)
    x = p.or_()
    if p.tok:
        raise ConstraintError("unexpected token " + p.tok)
    return x


def _parse_plus_build(text: str) -> Constraint:
    x: Constraint | None = None
    size = 0
    for clause in text.split():
        y: Constraint | None = None
        for word in clause.split(","):
            z: Constraint
            if word.startswith("!!") or word == "!":
                z = ("tag", "ignore")
            else:
                bare = word.removeprefix("!")
                valid = bare != "" and all(map(_is_tag_char, bare))
                z = ("tag", bare if valid else "ignore")
                if bare != word:
                    z = ("not", z)
            size += 1
            y = z if y is None else ("and", y, z)
        if y is not None:
            x = y if x is None else ("or", x, y)
    if size > _MAX_OLD_SIZE:
        raise ConstraintError("expression too complex for // +build lines")
    return x if x is not None else ("tag", "ignore")

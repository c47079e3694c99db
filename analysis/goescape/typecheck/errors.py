"""Type errors: how they are worded, collected, and which follow-on errors are not told.

An error is built from one description or several (`new_error`, `addf`, `report`); its position is
that of the first. What stands in a message (operands, types, expressions, objects) is formatted
only when the error is really made. A message that mentions an invalid operand or type anywhere but
at its beginning is a consequence of another error (`follows`), and is told only if there is no other.

Invariants
  - `check.errors` is in the order of reporting, not of position, with what is not told;
  - which errors are told (`told`) does not depend on the order in which they were found;
  - while a constant's inherited initialiser is evaluated, every error stands at the constant's
    name (`check.errpos`).

Example: `check.errorf(e, "UndeclaredName", "undefined: %s", name)`.

Source: cmd/compile/internal/types2/{errors,errsupport}.go, internal/types/errors/codes.go,
cmd/compile/internal/noder/irgen.go: checkFiles (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from goescape.source.mention import mention
from goescape.source.positions import NO_POS, Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck.format import strip_annotations
from goescape.typecheck.objects import Func, Object, Var
from goescape.typecheck.types import Type

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

INVALID_ARG = "invalid argument: "
INVALID_OP = "invalid operation: "

_OF_SIGNATURES = frozenset({"InvalidInitDecl", "InvalidMainDecl"})
"""Soft, since nobody reads the signatures of these functions; but there are no such functions."""


class TypeError_:
    """One reported error. `end` is that of the offending node, or `pos` if only a place is known.
    `soft` errors do not make the package's types unreliable. `owner` is the declared object the
    error was found in; None for what concerns files and the package as a whole. `follows`: it is a consequence
    of another one."""

    __slots__ = ("code", "end", "follows", "msg", "owner", "pos", "soft")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        msg: str,
        code: str,
        soft: bool,
        owner: Object | None = None,
        follows: bool = False,
    ) -> None:
        self.pos, self.end, self.msg, self.code, self.soft = pos, end, msg, code, soft
        self.owner, self.follows = owner, follows

    @property
    def is_harmful(self) -> bool:
        """Whether nothing certain can be said of the declaration it stands in."""
        return not self.soft or self.code in _OF_SIGNATURES

    def __repr__(self) -> str:
        return f"TypeError_({self.pos:#x}, {self.msg!r}, {self.code})"


class Enough(Exception):
    """A body has an error, and nobody wants to know what else is wrong with it."""


class ErrorDesc:
    """A part of an error: a place and what is said about it."""

    __slots__ = ("end", "msg", "pos")

    def __init__(self, pos: Pos, end: Pos, msg: str) -> None:
        self.pos, self.end, self.msg = pos, end, msg


class Error:
    """An error being built; see `new_error`."""

    __slots__ = ("check", "code", "desc", "soft")

    def __init__(self, check: Checker, code: str) -> None:
        self.check, self.code = check, code
        self.desc: list[ErrorDesc] = []
        self.soft = False

    def addf(self, at: Any, format: str, *args: Any) -> None:
        pos, end = at_span(at)
        self.desc.append(ErrorDesc(pos, end, self.check.sprintf(format, *args)))

    def add_alt_decl(self, obj: Object) -> None:
        """Say where another declaration of `obj` stands, if it has a place."""
        if obj.pos != NO_POS:
            # "other" rather than "previous": the first one seen need not be textually earlier.
            self.addf(obj, "other declaration of %s", obj.name)

    def empty(self) -> bool:
        return not self.desc

    @property
    def msg(self) -> str:
        parts: list[str] = []
        for i, d in enumerate(self.desc):
            if i > 0:
                parts.append("\n\t")
                if d.pos != NO_POS:
                    parts.append(mention(d.pos) + ": ")
            parts.append(d.msg)
        return "".join(parts)

    def report(self) -> None:
        check = self.check
        first = self.desc[0]
        follows = first.msg.find("invalid operand") > 0 or first.msg.find("invalid type") > 0
        pos, end = first.pos, first.end
        if check.errpos != NO_POS:
            pos = end = check.errpos
        msg = self.msg
        if self.code == "InvalidSyntaxTree":
            msg = "invalid syntax tree: " + msg
        msg = strip_annotations(msg)
        error = TypeError_(pos, end, msg, self.code, self.soft, check.owner, follows)
        check.errors.append(error)
        self.desc = []  # make sure it is not reported twice
        if error.is_harmful and error.owner is not None and error.owner is check.stoppable:
            raise Enough


def told(errors: Sequence[TypeError_]) -> list[TypeError_]:
    """Those that people are told: without consequences of others, if there are others."""
    found = [e for e in errors if not e.follows]
    return found or sorted(errors, key=lambda e: e.pos)[:1]


def new_error(check: Checker, code: str) -> Error:
    return Error(check, code)


def error(check: Checker, at: Any, code: str, msg: str) -> None:
    err = Error(check, code)
    err.addf(at, "%s", msg)
    err.report()


def errorf(check: Checker, at: Any, code: str, format: str, *args: Any) -> None:
    err = Error(check, code)
    err.addf(at, format, *args)
    err.report()


def soft_errorf(check: Checker, at: Any, code: str, format: str, *args: Any) -> None:
    err = Error(check, code)
    err.addf(at, format, *args)
    err.soft = True
    err.report()


def version_errorf(check: Checker, at: Any, version: int, format: str, *args: Any) -> None:
    msg = check.sprintf(format, *args)
    errorf(check, at, "UnsupportedFeature", "%s requires go1.%d or later", msg, version)


_VERSION_ERROR = re.compile(r"requires go[0-9]+\.[0-9]+ or later")


def compiler_text(check: Checker, e: TypeError_) -> str:
    """The message as the compiler prints it: it says where a language version comes from."""
    if not _VERSION_ERROR.search(e.msg):
        return e.msg
    source = check.positions.file(e.pos) if e.pos > 1 else None
    for file in check.files:
        if source is not None and file.path == source.path:
            version = check.info.file_versions[file]
            if file.go_version == version:
                return f"{e.msg} (file declares //go:build {version})"
    return f"{e.msg} (-lang was set to {check.go_version}; check go.mod)"


# --- places --------------------------------------------------------------------------------------


def at_pos(at: Any) -> Pos:
    """Where an error about `at` (a position, node, object or operand) stands: the left end of an
    expression or node, an object's name."""
    return at_span(at)[0]


def at_span(at: Any) -> tuple[Pos, Pos]:
    if isinstance(at, int):
        return at, at
    if isinstance(at, ast.Node):
        return start_pos(at), at.end
    if isinstance(at, Object):
        return at.pos, at.pos + len(
            at.name.encode("utf-8", "surrogateescape")
        ) if at.pos else at.pos
    if isinstance(at, (list, tuple)):
        return at_span(at[0]) if at else (NO_POS, NO_POS)
    expr = getattr(at, "expr", None)
    if expr is not None:
        return start_pos(expr), expr.end
    pos = getattr(at, "pos", NO_POS)
    return pos, pos


# --- names that were nearly right ------------------------------------------------------------------


def lookup_error(check: Checker, typ: Type, sel: str, obj: Object | None, struct_lit: bool) -> str:
    """What to say when `sel` was not found in `typ`; `obj` is what was found under another
    spelling, if anything."""
    case, alt = _lookup_case(check, sel, obj)
    if struct_lit:
        if case == "misspelled":
            return check.sprintf(
                "unknown field %s in struct literal of type %s, but does have %s", sel, typ, alt
            )
        if case == "unexported":
            return check.sprintf(
                "unknown field %s in struct literal of type %s, but does have unexported %s",
                sel,
                typ,
                alt,
            )
        if case == "inaccessible":
            return check.sprintf(
                "cannot refer to unexported field %s in struct literal of type %s", alt, typ
            )
        return check.sprintf("unknown field %s in struct literal of type %s", sel, typ)
    what = "object"
    if isinstance(obj, Var):
        what = "field"
    elif isinstance(obj, Func):
        what = "method"
    if case == "misspelled":
        return check.sprintf(
            "type %s has no field or method %s, but does have %s %s", typ, sel, what, alt
        )
    if case == "unexported":
        return check.sprintf(
            "type %s has no field or method %s, but does have unexported %s %s", typ, sel, what, alt
        )
    if case == "inaccessible":
        return check.sprintf("cannot refer to unexported %s %s", what, alt)
    return check.sprintf("type %s has no field or method %s", typ, sel)


def _lookup_case(check: Checker, sel: str, obj: Object | None) -> tuple[str, str]:
    if obj is None:
        return "missing", ""
    alt = obj.name
    if obj.pkg is check.pkg:
        return "misspelled", alt
    if sel[:1].isupper():
        if alt[:1].isupper():
            return "misspelled", alt
        if sel[1:] == alt[1:]:
            return "unexported", alt
    elif alt[:1].isupper():
        if sel[1:] == alt[1:]:
            return "misspelled", alt
    elif sel == alt:
        return "inaccessible", alt
    return "missing", alt

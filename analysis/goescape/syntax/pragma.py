"""The `//go:` directives of a file, and the declarations they belong to.

A directive belongs to the declaration that follows it; one that stands before a statement, in front
of a parenthesised group, or behind something else on its line is misplaced. `//go:linkname` and
`//go:cgo_…` concern the whole file and are kept aside as well.

Example: `//go:noinline` above `func f()` gives f's `pragma.flags == {"noinline"}`.

Source: cmd/compile/internal/noder/noder.go: pragma; noder/lex.go: pragmaFlag (go1.27).
"""

from __future__ import annotations

from goescape.source.positions import Pos
from goescape.syntax import ast

# The directives that carry a flag in the compiler: only these can be misplaced.
FLAGS = frozenset({
    "build", "noescape", "norace", "nosplit", "noinline", "nocheckptr", "systemstack",
    "nowritebarrier", "nowritebarrierrec", "yeswritebarrierrec", "cgo_unsafe_args",
    "uintptrkeepalive", "uintptrescapes", "registerparams",
})  # fmt: skip


class Directives:
    """The directives of the stretch being parsed, in order, and those not yet taken.

    `entries` holds (index of the token that follows, offset of the text, text, alone on its line).
    """

    __slots__ = ("entries", "errors", "file_level", "taken")

    def __init__(
        self,
        entries: list[tuple[int, int, str, bool]],
        errors: list[ast.SyntaxError_],
        file_level: list[tuple[Pos, str]],
    ) -> None:
        self.entries = entries
        self.errors = errors
        self.file_level = file_level
        self.taken = 0

    def take(self, index: int, delta: int) -> ast.Pragma:
        """The directives read so far, `index` being that of the current token."""
        entries = self.entries
        k = self.taken
        if k >= len(entries) or entries[k][0] > index:
            return ast.NO_PRAGMA
        flags = set()
        lines = []
        while k < len(entries) and entries[k][0] <= index:
            _, offset, text, alone = entries[k]
            k += 1
            pos = delta + offset
            if not alone:
                self._misplaced(pos, text, "compiler")
                continue
            verb = text[3:].split(" ", 1)[0]
            if verb in ("linkname", "linknamestd") or verb.startswith("cgo_"):
                self.file_level.append((pos, text))
                complaint = _usage(verb, text)
                if complaint:
                    self.errors.append(ast.SyntaxError_(pos, pos + len(text), complaint))
                    continue
            if verb == "embed" and not text[8:].strip():
                msg = "usage: //go:embed pattern..."
                self.errors.append(ast.SyntaxError_(pos, pos + len(text), msg))
                continue
            flags.add(verb)
            lines.append((pos, text))
        self.taken = k
        if not lines:
            return ast.NO_PRAGMA
        return ast.Pragma(frozenset(flags), tuple(lines))

    def clear(self, index: int, delta: int) -> None:
        """Drop the directives read so far: nothing here accepts them."""
        if self.taken >= len(self.entries) or self.entries[self.taken][0] > index:
            return
        for pos, text in self.take(index, delta).lines:
            verb = text[3:].split(" ", 1)[0]
            if verb in FLAGS:
                self._misplaced(pos, text, "compiler")
            elif verb == "embed":
                self._misplaced(pos, text, "go:embed")

    def seek(self, index: int) -> None:
        """Continue with the first directive that follows token `index`."""
        self.taken = 0
        while self.taken < len(self.entries) and self.entries[self.taken][0] <= index:
            self.taken += 1

    def _misplaced(self, pos: Pos, text: str, what: str) -> None:
        self.errors.append(
            ast.SyntaxError_(pos, pos + len(text.encode()), f"misplaced {what} directive")
        )


def _usage(verb: str, text: str) -> str:
    if verb.startswith("linkname"):
        fields = text.split()
        if not 2 <= len(fields) <= 3:
            return f"usage: //{fields[0]} localname [linkname]"
    return ""

"""What is lowered on its own, and what of it outlives an edit.

A file is cut into stretches (`toplevel`), and each has a base of its own for positions. After an edit a
stretch stays, nodes, positions and all, if its text is the same, or differs in blanks and comments only.

Invariants
  - no stretch stands for two cuts of one text.

Example: a comment that is typed in a function bends its stretch (`source.bend`); nothing is lowered.
"""

from __future__ import annotations

from collections.abc import Sequence

from goescape.source.bend import Bend
from goescape.source.positions import Pos, Positions
from goescape.syntax import ast
from goescape.syntax.difference import difference
from goescape.syntax.rescan import scan_again
from goescape.syntax.respaced import bend, differs_in_comments, without_blanks
from goescape.syntax.scan import Tokens, scan
from goescape.syntax.toplevel import DECLARATIONS, FUNCTIONS, Cut

_RESPACED = DECLARATIONS - {"import_declaration"}
"""What stays when blanks and comments change; comments above `import "C"` are C."""


def nodes_of(cut: Cut) -> int:
    """How many nodes the tree of a cut has, or about so many."""
    return cut.nodes if cut.nodes >= 0 else (cut.limit - cut.start) // 2


class Stretch:
    """The part of a file that is lowered on its own, and what came of it. `start`, `end` and
    `limit` are byte offsets in the newest text (see `Cut`). `bend`: how that differs from the text that
    was lowered. `weight` is about in proportion to what analysing it costs: the nodes of tree-sitter in a
    function, half of those in what is no function."""

    __slots__ = (
        "after_bodyless",
        "base",
        "bend",
        "decls",
        "directives",
        "end",
        "errors",
        "followed",
        "imports",
        "kind",
        "late",
        "limit",
        "nodes",
        "sink",
        "start",
        "tokens",
    )

    def __init__(self, cut: Cut, base: Pos, after_bodyless: bool) -> None:
        self.kind, self.start, self.end, self.limit = cut.kind, cut.start, cut.end, cut.limit
        self.followed, self.late = cut.followed, cut.late
        self.after_bodyless = after_bodyless
        self.base = base
        self.bend: Bend | None = None
        self.decls: list[ast.Decl] = []
        self.errors: list[ast.SyntaxError_] = []
        self.directives: list[tuple[Pos, str]] = []
        self.imports: list[Pos] = []  # per declaration, the word `import`; 0 for other words
        self.sink: list[ast.SyntaxError_] = []
        self.tokens: Tokens | None = None  # of some text of it, if it was edited
        self.nodes = nodes_of(cut)

    @property
    def weight(self) -> int:
        return self.nodes if self.kind in FUNCTIONS else self.nodes // 2

    def moved_by(self, shift: int) -> Cut:
        """Where it lies if that is `shift` bytes further on."""
        late = self.late + shift if self.late >= 0 else -1
        cut = Cut(
            self.kind, self.start + shift, self.end + shift, self.limit + shift, late, self.nodes
        )
        cut.followed = self.followed
        return cut

    def lie_at(self, cut: Cut) -> None:
        """In the newest text it lies where `cut` says."""
        self.start, self.end, self.limit = cut.start, cut.end, cut.limit
        self.kind, self.followed, self.late = cut.kind, cut.followed, cut.late
        self.nodes = nodes_of(cut)

    def clear(self) -> None:
        """It is to be read again."""
        for found in (self.decls, self.errors, self.directives, self.imports):
            found.clear()


class Reuse:
    """Finds the stretches that stay. `old` and `new` are the texts before and after `edit` (see
    `difference`), `known` stretches of `old`."""

    __slots__ = (
        "_blankless", "_by_start", "_by_text", "_edit", "_new", "_old", "_positions", "_scanned", "_touched",
    )  # fmt: skip

    def __init__(
        self,
        old: bytes,
        known: Sequence[Stretch],
        new: bytes,
        edit: tuple[int, int, int] | None,
        positions: Positions,
    ) -> None:
        self._old, self._new, self._positions = old, new, positions
        self._edit = edit if edit is not None else (len(new) + 1, 0, 0)
        start, old_end, _ = self._edit
        usable = [s for s in known if not s.followed or _is_settled(s)]
        self._by_start = {stretch.start: stretch for stretch in usable}
        self._touched = [s for s in usable if s.limit >= start and s.start <= old_end]
        self._by_text: dict[bytes, list[Stretch]] = {}
        for stretch in self._touched:
            self._by_text.setdefault(old[stretch.start : stretch.limit], []).append(stretch)
        self._blankless: dict[bytes, Stretch] | None = None
        self._scanned = {s.start: s.tokens for s in known if s.tokens is not None}

    def find(self, cut: Cut, bodyless: bool) -> Stretch | None:
        """The stretch that stays as `cut`, in front of which there is a function without a body if
        `bodyless`."""
        start, old_end, new_end = self._edit
        if cut.limit < start or cut.start > new_end:
            moved = 0 if cut.limit < start else new_end - old_end
            found = self._by_start.get(cut.start - moved)
            if (
                found is None
                or found.limit != cut.limit - moved
                or found.end != cut.end - moved
                or not _is_the_same(found, cut)
            ):
                return None
        else:
            found = self._same(cut) or self._respaced(cut)
        return found if found is not None and found.after_bodyless == bodyless else None

    def _same(self, cut: Cut) -> Stretch | None:
        """Between the first and the last change: what has the same text, and has not been taken."""
        if cut.kind == "package":
            return None
        for stretch in self._by_text.get(self._new[cut.start : cut.limit], ()):
            if _is_the_same(stretch, cut) and stretch.end - stretch.start == cut.end - cut.start:
                return self._take(stretch)
        return None

    def _respaced(self, cut: Cut) -> Stretch | None:
        """The same for what differs in blanks and comments; it is bent."""
        if cut.kind not in _RESPACED or cut.followed or not _begins_line(self._new, cut.start):
            return None
        new = self._new[cut.start : cut.limit]
        if self._blankless is None:
            self._blankless = {without_blanks(self._text(s)): s for s in self._touched}
        found = self._blankless.get(without_blanks(new))
        if found is None and len(self._touched) == 1:
            edit = difference(self._text(self._touched[0]), new)
            if edit is not None and differs_in_comments(self._text(self._touched[0]), new, edit):
                found = self._touched[0]
        if found is None or found not in self._touched or found.kind != cut.kind:
            return None
        if found.followed or not _is_settled(found) or not _begins_line(self._old, found.start):
            return None
        before = _tokens(found, self._text(found))
        after = found.tokens = scan_again(before, new)
        bent = bend(before, after, found.bend)
        if bent is None:
            return None
        # Where it is not ASCII, as many bytes may be another number of columns.
        is_same = bent.now == bent.was and (bent.was_text + new).isascii()
        found.bend = None if is_same else bent
        self._positions.bend(found.base, found.bend)
        return self._take(found)

    def _text(self, stretch: Stretch) -> bytes:
        return self._old[stretch.start : stretch.limit]

    def scan(self, cut: Cut) -> Tokens | None:
        """The tokens of the text of a cut that is read anew; None if its first line begins before it."""
        if not _begins_line(self._new, cut.start):
            return None
        text = self._new[cut.start : cut.limit]
        known = self._scanned.get(cut.start)
        return scan_again(known, text) if known is not None else scan(text, 0, len(text), {})

    def _take(self, stretch: Stretch) -> Stretch:
        self._touched.remove(stretch)
        self._by_text[self._text(stretch)].remove(stretch)
        return stretch


def _tokens(stretch: Stretch, text: bytes) -> Tokens:
    """The tokens of `text`, of which the stretch may know another one."""
    known = stretch.tokens
    return scan_again(known, text) if known is not None else scan(text, 0, len(text), {})


def _begins_line(text: bytes, offset: int) -> bool:
    return offset == 0 or text[offset - 1] == 0x0A


def _is_the_same(stretch: Stretch, cut: Cut) -> bool:
    """Whether a stretch of the same text would come out as before: it is of the same kind and does not
    depend on what follows, or was read to its end without a complaint, as whatever kind."""
    if stretch.kind == cut.kind and not cut.followed and not stretch.followed:
        return True
    return cut.kind != "package" and stretch.kind != "package" and _is_settled(stretch)


def _is_settled(stretch: Stretch) -> bool:
    """Whether all of a stretch was read, and is whole: nothing in it is missing or too much."""
    return (
        bool(stretch.decls)
        and not stretch.errors
        and all(d.is_lowered for d in stretch.decls if isinstance(d, (ast.FuncDecl, ast.VarDecl)))
    )


def late_imports(stretches: Sequence[Stretch]) -> list[ast.SyntaxError_]:
    """The complaints about imports that do not follow another import or the package clause."""
    found: list[ast.SyntaxError_] = []
    is_over = False
    for stretch in stretches:
        for word in stretch.imports:
            if word and is_over:
                msg = "syntax error: imports must appear before other declarations"
                found.append(ast.SyntaxError_(word, word + len("import"), msg))
            is_over = not word
    return found

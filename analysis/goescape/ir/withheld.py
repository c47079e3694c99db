"""Functions about which nothing is said, and why.

A body with an error in it means nothing certain, and what `C.x` is only cgo could tell. Such a
function gets no body here: its own findings are withheld, and of its callers only is said what is so
whatever becomes of it (`escape.assumed`).

Invariants
  - an error withholds the declaration it stands in, no other;
  - soft errors (unused variables and imports, labels) do not make a body uncertain, unless it is `init`
    or `main` that has parameters.

Example: in `func f() { x := 1; g(&x); undefined() }` the error stands in f: f is withheld.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.source.positions import BASE_SHIFT, Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.syntax.walk import walk

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Object


class Meaningless(Exception):
    """Lowering has come to an expression without a type."""


BROKEN = "it does not type-check"
USES_C = "it uses C"
ENTANGLED = "its flows or its expanded calls are too many"
DOUBTFUL = "it calls a function of which nothing is known"


class Damage:
    """Where the errors of a package stand, as far as they were found. Type errors count for what
    they stand in and for what was being declared. A syntax error counts for the declaration it
    stands in or, if it was noticed later, for the one before it in its stretch; statements or a
    bracket too many count for the declaration that they follow."""

    __slots__ = ("_broken", "_checker", "_owners", "_places", "_seen")

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._seen: tuple[int, ...] = ()
        self._places: list[Pos] = []
        self._owners: set[Object] = set()
        self._broken: dict[ast.File, tuple[tuple[int, ...], set[ast.Decl], set[int]]] = {}

    def reason(self, node: ast.Node, obj: Object | None = None) -> str:
        """Why nothing is said about the top-level declaration `node` (or an initialiser), whose
        object is `obj`; "" if it can be analysed. Its body must have been checked."""
        checker = self._checker
        if checker.errors:
            seen = _fingerprint(checker.errors)
            if seen != self._seen:
                self._seen = seen
                hard = [e for e in checker.errors if e.is_harmful]
                self._places = sorted(e.pos for e in hard)
                self._owners = {e.owner for e in hard if e.owner is not None}
            start = node.pos if isinstance(node, ast.Decl) else start_pos(node)
            i = bisect_left(self._places, start)
            if obj in self._owners or (i < len(self._places) and self._places[i] <= node.end):
                return BROKEN
        file = _file_of(checker, obj) if obj is not None else None
        if file is not None:
            if file.errors:
                decls, stretches = self._syntax(file)
                if node in decls:
                    return BROKEN
                if not isinstance(node, ast.Decl) and node.pos >> BASE_SHIFT in stretches:
                    return BROKEN
            if imports_c(file) and _mentions_c(node):
                return USES_C
        return ""

    def declarations(self) -> set[ast.Decl]:
        """The top-level declarations with errors in them, found so far."""
        checker = self._checker
        places = sorted(e.pos for e in checker.errors if e.is_harmful)
        sources = {checker.positions.file(pos) for pos in places}
        paths = {source.path for source in sources if source is not None}
        found: set[ast.Decl] = set()
        for file in checker.given_files:
            if file.errors:
                found |= self._syntax(file)[0]
            for d in file.decl_list if file.path in paths else ():
                i = bisect_left(places, d.pos)
                if i < len(places) and places[i] <= d.end:
                    found.add(d)
        return found

    def _syntax(self, file: ast.File) -> tuple[set[ast.Decl], set[int]]:
        """The broken declarations of a file, and the stretches with errors."""
        seen = _fingerprint(file.errors)
        known = self._broken.get(file)
        if known is not None and known[0] == seen:
            return known[1], known[2]
        positions = self._checker.positions
        decls = file.decl_list
        stretches = {e.pos >> BASE_SHIFT for e in file.errors}
        in_stretch: dict[int, list[ast.Decl]] = {stretch: [] for stretch in stretches}
        for d in decls:
            group = in_stretch.get(d.pos >> BASE_SHIFT)
            if group is not None:
                group.append(d)
        broken: set[ast.Decl] = set()
        for e in file.errors:
            group = in_stretch[e.pos >> BASE_SHIFT]
            i = bisect_right(group, e.pos, key=_pos) - 1
            if i >= 0:
                # Perhaps behind it: what was being read may go on where the next stretch begins.
                broken.add(group[i])
                continue
            offset = positions.offset(e.pos)
            i = bisect_right(decls, offset, key=lambda d: positions.offset(d.pos)) - 1
            if i >= 0:
                d = decls[i]
                if offset <= positions.offset(d.end) or self._goes_on(e.pos, offset):
                    broken.add(d)
        self._broken[file] = (seen, broken, stretches)
        return broken, stretches

    def _goes_on(self, pos: Pos, offset: int) -> bool:
        """Whether what stands at `pos` looks like the rest of the declaration before it."""
        source = self._checker.positions.file(pos)
        if source is None:
            return False
        text = source.text
        in_first_column = offset == 0 or text[offset - 1] == 0x0A
        return not in_first_column or text[offset : offset + 1] in (b"}", b")", b"]")


def _pos(d: ast.Decl) -> Pos:
    return d.pos


def _fingerprint(errors: Sequence[object]) -> tuple[int, ...]:
    """What changes when errors are found, or found anew."""
    return (len(errors), id(errors[0]), id(errors[-1])) if errors else ()


def _file_of(checker: Checker, obj: Object) -> ast.File | None:
    decl = checker.obj_map.get(obj)
    return checker.file_of_scope.get(decl.file) if decl is not None else None


def imports_c(file: ast.File) -> bool:
    """Whether the file has `import "C"`."""
    for d in file.decl_list:
        if type(d) is not ast.ImportDecl:
            return False
        if d.path is not None and d.path.value in ('"C"', "`C`"):
            return True
    return False


def _mentions_c(node: ast.Node) -> bool:
    return any(
        type(n) is ast.SelectorExpr and type(n.x) is ast.Name and n.x.value == "C"
        for n in walk(node)
    )

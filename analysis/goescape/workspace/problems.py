"""What the compiler refuses a package for.

Syntax errors, type errors and misplaced directives are found in different rooms. The compiler stops
after each of these stages, so what an earlier one found hides what a later one would find.

Invariants
  - sorted by file in the package's order, line and column; of equal messages found one after the other on a
    line there is one, of syntax errors found one after the other on a line, and of equal messages at a place;
  - where the loader speaks, in `LoadedPackage.errors`, nobody else does: of an import that cannot be found,
    or not be used, of what is no import, of files that are of another package;
  - finding problems changes nothing but that good directives are remembered as such.

Example: for `func f() { x := ; y = 1 }` only the syntax error is told, not that `y` is undefined.

Source: cmd/compile/internal/noder/noder.go LoadPackage, irgen.go checkFiles, base/print.go: ErrorfAt
(go1.27).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.ir.withheld import Damage
from goescape.source.mention import spelled
from goescape.source.positions import Pos, Positions
from goescape.syntax import ast
from goescape.syntax.straight import straight_errors
from goescape.typecheck.directives import directive_errors
from goescape.typecheck.errors import compiler_text, told
from goescape.workspace.printed import printed_position
from goescape.workspace.result import Problem

if TYPE_CHECKING:
    from goescape.syntax.parse import ParsedFile
    from goescape.workspace.state import State

_LOADERS = {"BrokenImport": "missing", "MismatchedPkgName": "names"}
"""Which errors of types are, by their kinds, the loader's to tell: it has said where it looked for a missing
import."""


def problems_of(state: State, positions: Positions, in_stretches: bool = True) -> Iterator[Problem]:
    """What the compiler refuses the package for, in its words and order: syntax errors alone if
    there are any, then type errors with what the scanner complains about, then misplaced
    directives and missing bodies. Of syntax errors what follows from others in the declarations behind them
    is left out `in_stretches`."""
    checker = state.checker
    found = [e for parsed in state.parsed for e in _syntax_errors(parsed, positions, in_stretches)]
    if not any(msg.startswith("syntax error") for _, msg in found):
        kinds = {e.kind for e in state.loaded.errors}
        found += [
            (e.pos, compiler_text(checker, e))
            for e in told(checker.errors)
            if _LOADERS.get(e.code) not in kinds
        ]
    if not found and not state.has_good_directives:
        loaded = state.loaded
        found = [
            (e.pos, e.msg)
            for e in directive_errors(
                checker,
                loaded.is_complete,
                loaded.is_std,
                loaded.import_path in RUNTIME_PACKAGES,
            )
        ]
        state.has_good_directives = not found
    order = {p.source.path: i for i, p in enumerate(state.parsed)}
    spoken = {(e.file, e.line) for e in state.loaded.errors}
    problems = [
        p
        for p in _not_repeated(_problem(positions, pos, msg) for pos, msg in found)
        if (p.file, p.line) not in spoken
    ]
    problems = [replace(p, rank=rank) for rank, p in enumerate(problems)]
    problems.sort(key=lambda p: (order.get(p.file, -1), p.line, p.col))
    yield from (p for i, p in enumerate(problems) if i == 0 or p != problems[i - 1])


def _not_repeated(found: Iterable[Problem]) -> Iterator[Problem]:
    """Without syntax errors on the line of the syntax error before, and without errors of other kinds that
    say on its line what the one before said."""
    syntax: tuple[str, int] | None = None
    other: tuple[str, int, str] | None = None
    for problem in found:
        line = (problem.file, problem.line)
        if problem.msg.startswith("syntax error"):
            repeated, syntax = line == syntax, line
        else:
            said = (*line, problem.msg)
            repeated, other = said == other, said
        if not repeated:
            yield problem


def _syntax_errors(
    parsed: ParsedFile, positions: Positions, in_stretches: bool
) -> list[tuple[Pos, str]]:
    """What the parser says of a file, in the order of the text: bodies are lowered in any order."""
    errors = parsed.file.errors
    if errors and not in_stretches:
        errors = straight_errors(parsed)
    found = sorted((positions.offset(e.pos), e.pos, e.msg) for e in errors)
    return [(pos, msg) for _, pos, msg in found]


def _problem(positions: Positions, pos: Pos, msg: str) -> Problem:
    msg = spelled(msg, positions)
    file = positions.file(pos)
    if file is None:
        return Problem("", 0, 0, msg)
    place = (file.path, *file.line_col(positions.offset(pos)))
    presumed = printed_position(positions, pos)
    return Problem(*place, msg, presumed if presumed != place else None)


def has_same_directives(old: ast.File, new: ast.File) -> bool:
    """Whether the two trees, of as many declarations, have the same directives at each."""
    if [text for _, text in old.pragmas] != [text for _, text in new.pragmas]:
        return False
    pairs = [(a, b) for a, b in zip(old.decl_list, new.decl_list, strict=True) if a is not b]
    return all(
        [text for _, text in a.pragma.lines] == [text for _, text in b.pragma.lines]
        for a, b in pairs
    )


def damaged(state: State) -> set[object]:
    """The functions about which nothing can be said, and the other declarations with errors."""
    checker = state.checker
    found: set[object] = set()
    files = [p.file for p in state.parsed if p.file.errors]
    if not files and not any(e.is_harmful for e in checker.errors):
        return found
    for decl in Damage(checker).declarations():
        obj = checker.func_objs.get(decl) if isinstance(decl, ast.FuncDecl) else None
        found.add(obj if obj is not None else decl)
    found.update(e.owner for e in checker.errors if e.is_harmful and e.owner is not None)
    return found

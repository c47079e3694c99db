"""What the compiler refuses a package for.

Syntax errors, type errors and misplaced directives are found in different rooms. The compiler stops
after each of these stages, so what an earlier one found hides what a later one would find.

Invariants
  - sorted by file in the package's order, line and column; of equal messages that follow each other on a
    line there is one, and of syntax errors on a line;
  - where the loader speaks, in `LoadedPackage.errors`, nobody else does: of an import that cannot be found,
    or not be used, of what is no import, of files that are of another package;
  - finding problems changes nothing but that good directives are remembered as such.

Example: for `func f() { x := ; y = 1 }` only the syntax error is told, not that `y` is undefined.

Source: cmd/compile/internal/noder/noder.go LoadPackage, irgen.go checkFiles, base/print.go: ErrorfAt
(go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.ir.withheld import Damage
from goescape.source.mention import spelled
from goescape.source.positions import Pos, Positions
from goescape.syntax import ast
from goescape.typecheck.directives import directive_errors
from goescape.typecheck.errors import compiler_text, told
from goescape.workspace.printed import printed_position
from goescape.workspace.result import Problem

if TYPE_CHECKING:
    from goescape.workspace.state import State

_LOADERS = {"BrokenImport": "missing", "MismatchedPkgName": "names"}
"""Which errors of types are, by their kinds, the loader's to tell: it has said where it looked for a missing
import."""


def problems_of(state: State, positions: Positions) -> Iterator[Problem]:
    """What the compiler refuses the package for, in its words and order: syntax errors alone if
    there are any, then type errors with what the scanner complains about, then misplaced
    directives and missing bodies."""
    checker = state.checker
    found = [e for parsed in state.parsed for e in _syntax_errors(parsed.file, positions)]
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
    last: dict[tuple[str, int, bool], str] = {}  # what was said last of a line
    spoken = {(e.file, e.line) for e in state.loaded.errors}
    problems: list[Problem] = []
    for pos, msg in found:
        problem = _problem(positions, pos, msg, len(problems))
        is_syntax = msg.startswith("syntax error")
        line = (problem.file, problem.line, is_syntax)
        if line[:2] in spoken:
            continue
        if line not in last or not (is_syntax or last[line] == problem.msg):
            last[line] = problem.msg
            problems.append(problem)
    problems.sort(key=lambda p: (order.get(p.file, -1), p.line, p.col))
    yield from problems


def _syntax_errors(file: ast.File, positions: Positions) -> list[tuple[Pos, str]]:
    """What the parser says of a file, in the order of the text: bodies are lowered in any order."""
    found = sorted((positions.offset(e.pos), e.pos, e.msg) for e in file.errors)
    return [(pos, msg) for _, pos, msg in found]


def _problem(positions: Positions, pos: Pos, msg: str, rank: int) -> Problem:
    msg = spelled(msg, positions)
    file = positions.file(pos)
    if file is None:
        return Problem("", 0, 0, msg, rank=rank)
    place = (file.path, *file.line_col(positions.offset(pos)))
    presumed = printed_position(positions, pos)
    return Problem(*place, msg, presumed if presumed != place else None, rank)


def directives_of(file: ast.File) -> list[str]:
    """The texts of a file's directives, in order."""
    found = [text for _, text in file.pragmas]
    found += [text for d in file.decl_list for _, text in d.pragma.lines]
    return found


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

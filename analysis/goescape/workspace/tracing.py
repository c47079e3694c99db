"""Which functions to solve again, to show the graph of the one under the cursor.

`Program.trace` lowers and prepares a function anew, as when an importer needs its tags, and solves
its batch under a recorder; what it calls is known already. Here is what that needs to know: the
functions that a place in a file means, and those that share their batch.

Invariants
  - the batch has the functions that reach each other, as when the package is analysed;
  - a literal that captures nothing is a function by itself, any other belongs to the one around it;
  - of generic code the first instance stands for all; opaque type arguments where there is none.

Example: with the cursor in f of `func f(n int) *T { return g(n) }; func g(n int) *T { return f(n) }`
the function is f, and f and g share a batch.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from goescape.ir.opaque import opaque_funcs
from goescape.ir.order import add_closures
from goescape.ir.pkginit import build_init
from goescape.ir.scc import visit_funcs_bottom_up
from goescape.ir.static_value import outermost
from goescape.syntax import ast
from goescape.syntax.positions import text_start
from goescape.typecheck.types import Signature

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.ir.unit import Unit
    from goescape.source.positions import Positions


def funcs_at(unit: Unit, positions: Positions, path: str, offset: int) -> list[Func]:
    """The function declared around byte `offset` of the file at `path`, with its literals; outside
    functions, the one that initialises the package's variables. Empty where nothing runs."""
    decl = decl_at(unit, positions, path, offset)
    if isinstance(decl, ast.FuncDecl):
        func = _declared(unit, decl)
    elif isinstance(decl, ast.VarDecl):
        func = build_init(unit)
    else:
        func = None
    if func is None:
        return []
    funcs = [func]
    add_closures(func, funcs)
    return funcs


def innermost(funcs: list[Func], positions: Positions, path: str, offset: int) -> Func:
    """Of a function and its literals, outer before inner, the last one around `offset`. A literal
    itself is of the function around it: it begins behind its first byte."""
    found = funcs[0]
    for func in funcs[1:]:
        syn = func.syn
        if syn is not None and positions.site(func.pos) is None:
            start, end = text_start(syn), syn.end
            file = positions.file(start)
            if file is not None and file.path == path:
                if positions.offset(start) < offset <= positions.offset(end):
                    found = func
    return found


def batch_mates(func: Func) -> frozenset[Func]:
    """The functions of the unit that `func` reaches and that reach it, itself among them, before
    calls are expanded; with the function around them, whose literals may be theirs."""
    mates: list[Func] = []

    def take(group: list[Func], recursive: bool) -> None:
        if func in group:
            mates.extend(group)

    visit_funcs_bottom_up([func], take, lambda f: f.unit is func.unit and not f.late)
    return frozenset((*mates, outermost(func)))


def decl_at(unit: Unit, positions: Positions, path: str, offset: int) -> ast.Decl | None:
    """The declaration around byte `offset` of the file at `path`, a file of the unit's package."""

    def start(d: ast.Decl) -> int:
        """The beginning of its line: the compiler's position is behind `func`."""
        source = positions.file(d.pos)
        assert source is not None
        start = positions.offset(min(text_start(d), d.pos))
        return start - source.line_col(start)[1] + 1

    for file in unit.host.ast_files(unit.pkg):
        decls = file.decl_list
        source = positions.file(decls[0].pos) if decls else None
        if source is None or source.path != path:
            continue
        i = bisect_right(decls, offset, key=start) - 1
        while i > 0 and positions.offset(decls[i - 1].end) >= offset:
            i -= 1  # On one line.
        if i >= 0 and offset <= positions.offset(decls[i].end):
            return decls[i]
    return None


def _declared(unit: Unit, decl: ast.FuncDecl) -> Func | None:
    obj = unit.host.checker_of(unit.pkg).func_objs.get(decl)
    if obj is None or decl.name.value == "_" or not isinstance(obj.type, Signature):
        return None
    if not obj.type.tparams and not obj.type.rparams:
        return unit.func_name(obj).func
    instances = [f for f in unit.target_funcs(wrappers=False) if f.syn is decl and not f.wrapper]
    instances = instances or [f for f in opaque_funcs(unit) if f.syn is decl]
    return instances[0] if instances else None

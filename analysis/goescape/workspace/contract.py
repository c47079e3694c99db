"""What a caller can rely on: the contract of the function whose name is under the cursor.

A function tells its callers what becomes of their arguments, by the tags of its parameters, and what
a call costs when it is inlined. Of a function called through an interface neither is known, and
everything is taken to reach the heap.

Invariants
  - nothing is said about packages that could not be read, nor of what rests on an error;
  - the contract of generic code is that of its instances in this package; without any there is none.

Example: with the cursor on Itoa in `strconv.Itoa(n)` the contract names strconv.Itoa, with its one
parameter, which holds no pointer, and why it cannot be inlined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.inline.inlinable import Judged
from goescape.report.findings import FindingWriter
from goescape.report.generic import generic_name
from goescape.report.summary import FunctionSummary, summarize
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck import objects
from goescape.typecheck.types import Interface, Pointer, Signature
from goescape.typecheck.typestring import type_string
from goescape.workspace.tracing import decl_at

if TYPE_CHECKING:
    from goescape.ir.func import Func
    from goescape.load.package import LoadedPackage
    from goescape.typecheck.objects import Package
    from goescape.workspace.program import Program
    from goescape.workspace.state import State


@dataclass(frozen=True, slots=True)
class Contract:
    """The name stands from byte `start` to `end`. `name` says which function it is, with its receiver,
    and its package where that is another one: `own`, `(*bufio.Reader).ReadSlice`. `function` is what is known of it; None for a method of an
    interface, of which any type may have another (`is_dynamic`)."""

    start: int
    end: int
    name: str
    function: FunctionSummary | None = None
    is_dynamic: bool = False


def contract(program: Program, package: LoadedPackage, path: str, offset: int) -> Contract | None:
    """The contract of the function named at byte `offset` of the file at `path` in `package`."""
    state = program.state(package)
    state.checker.check_broken_bodies()
    name = _name_at(program, state, path, offset)
    obj = state.checker.info.uses.get(name) if name is not None else None
    if name is None or not isinstance(obj, objects.Func) or not isinstance(obj.type, Signature):
        return None
    start = program.positions.offset(name.pos)
    end = start + len(name.value.encode("utf-8", "surrogateescape"))
    obj = obj.origin or obj
    text = _full_name(obj, state.pkg)
    recv = obj.type.recv if isinstance(obj.type, Signature) else None
    if recv is not None and isinstance(recv.type.underlying, Interface):
        return Contract(start, end, text, is_dynamic=True)
    function = _function(program, state, obj)
    return Contract(start, end, text, function) if function is not None else None


def _name_at(program: Program, state: State, path: str, offset: int) -> ast.Name | None:
    decl = decl_at(state.unit, program.positions, path, offset)
    for n in walk(decl) if decl is not None else ():
        if isinstance(n, ast.Name):
            start = program.positions.offset(n.pos)
            if start <= offset <= start + len(n.value.encode("utf-8", "surrogateescape")):
                return n
    return None


def _full_name(obj: objects.Func, pkg: Package) -> str:
    """The name of a function or method, as it is told in `pkg`."""

    def qualifier(other: Package) -> str:
        return other.name if other is not pkg else ""

    recv = obj.signature.recv
    if recv is None:
        prefix = qualifier(obj.pkg) if obj.pkg is not None else ""
    elif isinstance(recv.type, Interface):
        prefix = "interface"  # One without a name.
    else:
        prefix = generic_name(type_string(recv.type, qualifier))
        if isinstance(recv.type, Pointer):
            prefix = f"({prefix})"
    return f"{prefix}.{obj.name}" if prefix else obj.name


def _function(program: Program, state: State, obj: objects.Func) -> FunctionSummary | None:
    funcs = _funcs(state, obj)
    decl = funcs[0].syn if funcs else None
    if not isinstance(decl, ast.FuncDecl):
        return None
    inlines = program.inlines(state.loaded)
    verdicts = {f: _judged(program, f) for f in funcs} if inlines else {}
    writer = FindingWriter(state.pkg, program.release, state.unit.typeinfo, program.positions)
    group = [(f, program.tags_of(f.nname)) for f in funcs]
    if any(f.withheld or program.tags_at_best(f.nname) is not None for f in funcs):
        return None
    return summarize(decl, group, verdicts, None, writer)


def _funcs(state: State, obj: objects.Func) -> list[Func]:
    """The function itself, or its instances."""
    sig = obj.type
    assert isinstance(sig, Signature)
    if sig.tparams or sig.rparams:
        return state.unit.instances.of(obj)
    func = state.unit.func_name(obj).func
    return [func] if func is not None else []


def _judged(program: Program, func: Func) -> Judged:
    reason = program.judge.why_not(func)
    return Judged(func.pos, func, 0 if reason else func.inl.cost, reason)

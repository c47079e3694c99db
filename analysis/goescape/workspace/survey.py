"""What solving functions asks of imports, told from their types before anything is lowered.

A function's tags rest on those of the functions that it names, which name others: who solves one solves
whatever that reaches. Where several processes do that, each would come to most of it. So they first
look who is named, package by package, and then each package's functions are solved once, imports first.

It is a guess: code that is never reached names functions, too, and calls that are expanded or turn out
to be static bring up some that nobody has named. Who solves finds those out as ever.

Example: of `fmt.Println`, `Survey(program).asks(fmt, ["Println"])` tells what `fmt` asks of `reflect`,
`strconv`, `os` and so on for printing a line, and not what it would ask for scanning one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.escape.tags import tags_by_type
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck import objects
from goescape.typecheck.types import Named, Signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from goescape.ir.func import Func
    from goescape.load import LoadedPackage
    from goescape.typecheck.objects import Package
    from goescape.workspace.program import Program
    from goescape.workspace.state import State

Asked = dict[str, tuple["LoadedPackage", list[str]]]
"""Functions, named as in the store, by the id of their package."""


def is_learned(program: Program, state: State, func: Func) -> bool:
    """Whether the tags of `func`, compiled in the package of `state`, are more than its declaration says,
    and the same for everybody."""
    if func.extra is not None or func.closure_parent is not None or not func.has_body:
        return False
    if func.wrapper or func.late or not isinstance(func.nname.obj, objects.Func):
        return False
    return tags_by_type(func, state.unit.typeinfo, program.release) is None


def is_generic(obj: objects.Func) -> bool:
    """Whether it is compiled where somebody instantiates it. `obj` is what is declared."""
    sig = obj.type
    return isinstance(sig, Signature) and bool(sig.tparams or sig.rparams)


def kept_as(program: Program, state: State, obj: objects.Func) -> str:
    """Under which name the tags of `obj`, declared in the package of `state`, are kept; "" if there is
    nothing to learn."""
    if not isinstance(obj.type, Signature) or is_generic(obj):
        return ""
    if obj not in state.checker.obj_map:
        return ""  # A method of an interface.
    name = state.unit.func_name(obj)
    return name.name if name.func is not None and is_learned(program, state, name.func) else ""


def kept_function(pkg: Package, function: str) -> objects.Func | None:
    """The function whose tags are kept under a name: `Itoa`, `(*T).M`, `T.M`."""
    receiver, _, method = function.rpartition(".")
    obj = pkg.scope.elems.get(receiver.strip("(*)") if receiver else method)
    if receiver and isinstance(obj, objects.TypeName) and isinstance(obj.type, Named):
        obj = next((m for m in obj.type.methods if m.name == method), None)
    return obj if isinstance(obj, objects.Func) and obj.type is not None else None


def named_in(program: Program, obj: objects.Func) -> Iterator[tuple[objects.Func, State]]:
    """The declared functions that the body of `obj` names, with the states of their packages."""
    state = program.known_state(obj.pkg) if obj.pkg is not None else None
    declared = state.checker.obj_map.get(obj) if state is not None else None
    if state is None or declared is None or declared.fdecl is None or declared.fdecl.body is None:
        return
    state.checker.check_body(obj)
    uses = state.checker.info.uses
    for node in walk(declared.fdecl.body):
        if node.__class__ is not ast.Name:
            continue
        named = uses.get(node)
        if isinstance(named, objects.Func):
            named = named.origin or named
            other = program.known_state(named.pkg) if named.pkg is not None else None
            if other is not None:
                yield named, other


class Survey:
    """See the module. No function is looked at twice."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._seen: set[objects.Func] = set()

    def asks(self, package: LoadedPackage, functions: Iterable[str]) -> Asked:
        """What solving `functions` of `package` asks of other packages."""
        pkg = self._program.state(package).pkg
        queue = [obj for f in functions if (obj := kept_function(pkg, f)) is not None]
        asked: dict[str, tuple[LoadedPackage, list[str]]] = {}
        while queue:
            obj = queue.pop()
            if obj in self._seen:
                continue
            self._seen.add(obj)
            for named, state in named_in(self._program, obj):
                if is_generic(named):
                    queue.append(named)
                elif (name := kept_as(self._program, state, named)) and named not in self._seen:
                    if state.pkg is pkg:
                        queue.append(named)
                    else:
                        self._seen.add(named)
                        asked.setdefault(state.loaded.id, (state.loaded, []))[1].append(name)
        return asked

"""Changing what a function takes and gives, with everybody who calls it.

Several fixes change a signature: the result becomes a value, a parameter a pointer, a buffer comes from the
caller. What they share is here: which functions may be changed at all, and who calls them.

A function may be changed if every use of it in the package is a call, and if no test outside the shown files,
no assembly and no file that build constraints leave out speaks of it. If it is exported, that holds for the other packages of the
main modules, too: their calls are edited like those here, the proof covers these packages, and the fix says that
others may call it. The library's own packages call each other too much for that: what one of them exports is left
alone if another one speaks of it.

A method may be called without being named, through an interface that a value is asked for, as `json.Marshaler`, or by
reflection. If it is exported, or an interface of the package has a method of that name, the caveat says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.neighbours import users
from goescape.ide.fixes.snapshot import Path, Snapshot, receiver
from goescape.syntax import ast
from goescape.typecheck.objects import Func
from goescape.typecheck.types import Signature, TypeParam

if TYPE_CHECKING:
    from goescape.syntax.ast import FuncDecl


@dataclass(frozen=True, slots=True)
class Callers:
    """A function with its declaration and all calls, each with the nodes around it, outermost
    first, and the view of its package. `exported`: its name if others may call it, too; `elsewhere`: the
    other packages that must stand the change. `tparams`: its type parameters and those of the type of which it is a
    method. `caveat`: what every fix that changes it has to say, "" mostly."""

    obj: Func
    decl: FuncDecl
    calls: list[tuple[Snapshot, ast.CallExpr, Path]]
    exported: str
    elsewhere: tuple[str, ...]
    tparams: tuple[TypeParam, ...]
    caveat: str


_FOUND = "a value is asked for its method `%s` through an interface or by reflection"

MANY = 12
"""So many other packages are not analysed for one fix."""


def callers(snapshot: Snapshot, decl: ast.Node) -> Callers | None:
    """Who calls the function declared by `decl`; None if its signature must stay. For a hurried view
    only calls in its own package."""
    if not isinstance(decl, ast.FuncDecl) or decl.body is None:
        return None
    obj = snapshot.info.defs.get(decl.name)
    if not isinstance(obj, Func) or obj.name in ("main", "init", "_"):
        return None
    if decl.pragma.flags & {"linkname", "export", "wasmexport"}:
        return None
    if snapshot.is_used_unseen(obj.name):
        return None
    calls = _calls(snapshot, obj)
    if calls is None:
        return None
    sig = obj.type
    tparams = (*sig.rparams, *sig.tparams) if isinstance(sig, Signature) else ()
    caveat = _FOUND % obj.name if _may_be_found(snapshot, obj) else ""
    is_exported = obj.exported and snapshot.package.name != "main"
    if not is_exported:
        return Callers(obj, decl, calls, "", (), tparams, caveat)
    others = users(snapshot, obj)
    if others is None or len(others) > MANY or (others and snapshot.package.is_std):
        return None
    for other in [] if snapshot.is_hurried else others:
        beside = snapshot.beside(other)
        more = _calls(beside, obj) if not other.errors and not other.cgo_files else None
        if more is None or any(beside.is_generated(beside.path_of_node(c)) for _, c, _ in more):
            return None
        calls += more
    return Callers(obj, decl, calls, obj.name, tuple([p.id for p in others]), tparams, caveat)


def _may_be_found(snapshot: Snapshot, obj: Func) -> bool:
    """Whether a function may be called without being named: it is an exported method, or one for which an
    interface of the package asks."""
    return receiver(obj) is not None and (obj.exported or snapshot.is_asked_for(obj.name))


def _calls(snapshot: Snapshot, obj: Func) -> list[tuple[Snapshot, ast.CallExpr, Path]] | None:
    """The calls of `obj` in one package; None if it is used otherwise."""
    calls: list[tuple[Snapshot, ast.CallExpr, Path]] = []
    for name in snapshot.uses(obj):
        above = snapshot.parents(name)
        while above and isinstance(above[-1], ast.SelectorExpr | ast.ParenExpr | ast.IndexExpr):
            above.pop()
        call = above.pop() if above else None
        if not isinstance(call, ast.CallExpr) or snapshot.callee(call) is not obj:
            return None
        if any(name is n for arg in call.arg_list for n in (arg,)) or call.has_dots:
            return None
        calls.append((snapshot, call, above))
    return calls


def added_argument(
    snapshot: Snapshot, call: ast.CallExpr, above: Path, text: str, is_first: bool = False
) -> Edit:
    """One more argument before or behind those of a call, with the nodes around it `above`. A lone one
    gets the blanks that it has among several."""
    path = snapshot.path_of_node(call)
    if not call.arg_list:
        _, end = snapshot.span(call)
        return Edit(path, end - 1, end - 1, text)
    start, end = snapshot.span(call.arg_list[0 if is_first else -1])
    if len(call.arg_list) == 1:
        (own,) = call.arg_list
        alone = respaced(snapshot, own, depth_at([*above, call]) + 1)
        if alone != snapshot.source(own):
            return Edit(path, start, end, f"{text}, {alone}" if is_first else f"{alone}, {text}")
    if is_first:
        return Edit(path, start, start, f"{text}, ")
    return Edit(path, end, end, f", {text}")


def sole_field(fields: list[ast.Field], field: ast.Field) -> bool:
    """Whether a field has its type for itself: `a, b T` shares it."""
    return sum(1 for f in fields if f.type is field.type) == 1

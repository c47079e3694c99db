"""Cycles among type names: `type A B; type B A`.

Source: cmd/compile/internal/types2/cycles.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.typecheck.decl import first_in_src
from goescape.typecheck.objects import Object, TypeName
from goescape.typecheck.types import Alias, Named, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def direct_cycles(check: Checker) -> None:
    """Report package-level types whose declarations lead from name to name and back to the same
    name, and make them invalid."""
    done: set[TypeName] = set()
    for obj in check.obj_list:
        if isinstance(obj, TypeName) and obj not in done:
            _direct_cycle(check, obj, done)


def _direct_cycle(check: Checker, tname: TypeName, done: set[TypeName]) -> None:
    path: list[TypeName] = []
    index: dict[TypeName, int] = {}
    while tname not in done:
        start = index.get(tname)
        if start is not None:
            tname.typ = TYP["invalid"]
            cycle: list[Object] = list(path[start:])
            check.cycle_error(cycle, first_in_src(check, cycle))
            break
        index[tname] = len(path)
        path.append(tname)
        tdecl = check.obj_map[tname].tdecl
        if tdecl is None or not isinstance(tdecl.type, ast.Name):
            break
        following = check.pkg.scope.elems.get(tdecl.type.value)
        # A name of another scope leads out of the package: no cycle.
        if not isinstance(following, TypeName) or following not in check.obj_map:
            break
        tname = following
    done.update(path)


def is_complete(check: Checker, t: Type) -> bool:
    """Does `t` have an underlying type yet? Reports a cycle if it is still being declared."""
    typ: Type | None = t
    while isinstance(typ, (Alias, Named)):
        obj = typ.inst_obj if isinstance(typ, Named) else typ.obj
        start = check.obj_path_idx.get(obj)
        if start is not None:
            cycle = check.obj_path[start:]
            check.cycle_error(cycle, first_in_src(check, cycle))
            return False
        # Cycles of names are allowed as long as nobody needs the type:
        # 	type A B
        # 	type B [unsafe.Sizeof(A{})]int
        # An instance is not expanded for the question.
        typ = typ._from_rhs if typ.orig is not typ else typ.from_rhs
    return True

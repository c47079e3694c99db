"""Interface types, from their syntax.

Source: cmd/compile/internal/types2/interface.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck.objects import Func, TypeName, Var
from goescape.typecheck.predicates import as_named, is_valid
from goescape.typecheck.types import Interface, Signature, Type
from goescape.typecheck.typeset import (
    TOP_TYPE_SET,
    compute_interface_type_set,
    sort_methods,
)
from goescape.typecheck.union import parse_union

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


def interface_type(
    check: Checker, ityp: Interface, e: ast.InterfaceType, def_: TypeName | None
) -> None:
    """Fill in the interface type that `e` denotes; `def_` is the type name it declares, if any."""
    recv_type: Type = ityp
    if def_ is not None:
        named = as_named(def_.typ) if def_.typ is not None else None
        if named is not None:
            recv_type = named  # reads better in messages
    for f in e.method_list:
        if f.name is None:
            ityp.embeddeds.append(parse_union(check, f.type))
            ityp.embed_pos.append(start_pos(f.type))
            continue
        name = f.name.value
        if name == "_":
            check.error(f.name, "BlankIfaceMethod", "methods must have a unique non-blank name")
            continue
        sig = check.typ(f.type)
        if not isinstance(sig, Signature):
            if is_valid(sig):
                check.errorf(f.type, "InvalidSyntaxTree", "%s is not a method signature", sig)
            continue
        sig.recv = Var(f.name.pos, check.pkg, "", recv_type, "recv")
        m = Func(f.name.pos, check.pkg, name, sig)
        check.record_def(f.name, m)
        ityp.methods.append(m)
    ityp.complete = True
    if not ityp.methods and not ityp.embeddeds:
        ityp.tset = TOP_TYPE_SET
        return
    sort_methods(ityp.methods)

    # Computed soon, so that errors in it are found.
    def compute() -> None:
        compute_interface_type_set(check, e.pos, ityp)

    check.later_check(compute)

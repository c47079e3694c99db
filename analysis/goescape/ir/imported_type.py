"""How a package reads the types that others have declared.

An `interface{}` of an imported declaration is the one interface that `any` stands for, and is printed so; one of
the package's own is printed as it is written.

Example: where an imported `Get` gives `(interface{}, bool)`, in `v, _ := t.Get()` the value is converted as
`any(.autotmp_2)`.

Source: cmd/compile/internal/types2/interface.go (NewInterfaceType), cmd/compile/internal/importer/ureader.go
(interfaceType) (go1.27).
"""

from __future__ import annotations

from goescape.source.positions import NO_POS
from goescape.typecheck.objects import Package
from goescape.typecheck.subst import Subster
from goescape.typecheck.types import Alias, Basic, Interface, Named, Type, unalias
from goescape.typecheck.typeset import EMPTY_INTERFACE


def as_read(t: Type, pkg: Package) -> Type:
    """`t`, which occurs in `pkg`, as that package reads it."""
    return t if t.__class__ is Basic or t.__class__ is Named else _Reader(pkg).typ(t)


class _Reader(Subster):
    __slots__ = ("pkg",)

    def __init__(self, pkg: Package) -> None:
        super().__init__(None, NO_POS, {})
        self.pkg = pkg

    def typ(self, t: Type | None) -> Type:
        if isinstance(t, Named):
            return t  # Its name is all that is printed of it.
        if isinstance(t, Alias):
            return self.typ(unalias(t))
        if isinstance(t, Interface) and not t.methods and not t.embeddeds:
            is_own = t.check is None or t.check.pkg is self.pkg
            return t if is_own else EMPTY_INTERFACE
        return super().typ(t)

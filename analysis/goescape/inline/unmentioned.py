"""Types of other packages that a package cannot come upon before it expands their functions.

Such a type has no name where it is imported, and nothing that is exported mentions it: only the body of a
function does. The compiler makes one pointer type for each type that it reads with a package, but as
many as there are expressions for one that it reads later; where it asks whether two pointers are of one
type, these are not.

Example: `errors.errorString`. After `err = errors.New("a"); if c { err = errors.New("b") }` calls of
err.Error stay calls of an interface.

See decision 68.

Source: cmd/compile/internal/types/type.go (`NewPtrCacheEnabled`), cmd/compile/internal/gc/main.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.type_parts import parts
from goescape.typecheck.objects import is_exported
from goescape.typecheck.types import Named, Type, unalias

if TYPE_CHECKING:
    from goescape.typecheck.objects import Package


def may_be_hidden(t: Type, pkg: Package) -> bool:
    """Whether `t` has no name in `pkg`. Types with type arguments do not count: their methods are compiled
    where they are used."""
    t = unalias(t)
    if not isinstance(t, Named) or t.targs:
        return False
    obj = t.obj
    home = obj.pkg
    return (
        home is not None
        and home is not pkg
        and obj.parent is home.scope
        and not is_exported(obj.name)
    )


def is_hidden(t: Type) -> bool:
    """Whether a type that `may_be_hidden` is."""
    t = unalias(t)
    home = t.obj.pkg if isinstance(t, Named) else None
    return home is not None and isinstance(t, Named) and not _leads_to(home, t)


def _leads_to(home: Package, wanted: Named) -> bool:
    """Whether something that `home` exports mentions the type."""
    seen: set[Type] = set()
    exported = (obj.type for name, obj in home.scope.elems.items() if is_exported(name))
    stack = [t for t in exported if t is not None]
    while stack:
        t = unalias(stack.pop())
        if t is wanted:
            return True
        if t in seen:
            continue
        seen.add(t)
        if isinstance(t, Named):
            stack += t.targs
            if t.obj.pkg is home:  # What others export cannot mention what they do not know.
                stack.append(t.underlying)
                stack += [m.type for m in t.methods if m.type is not None]
        else:
            stack += parts(t)
    return False

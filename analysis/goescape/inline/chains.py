"""Whether a package may bring a function along, told from who names it.

Which bodies a package exports (`exported`) takes following all that it exports, and judging hundreds of
bodies on the way. Mostly the answer is no, and this tells it from a few: of a function that is no method each
call has a name, and each body that leads to it has, too. So it is looked for the other way round: who
names it, and who names those.

Invariants
  - no is final, yes means that it takes more to know;
  - methods are called, and reached, without a name: where one comes in, the answer is yes.

Example: `crypto/x509` does not bring `fips140hash.Unwrap` along. In what it is made of this is named by
functions that cannot be inlined and by the generic `UnwrapNew`, which only others of that kind name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from goescape.inline.exported import Imports
    from goescape.typecheck.objects import Func, Package

MANY = 100
"""So many names are followed, or bodies judged for one of them, before the long way would be shorter."""


class Chains:
    """See the module. Of packages whose texts stay what they are."""

    __slots__ = ("_imports", "_naming")

    def __init__(self, imports: Imports) -> None:
        self._imports = imports
        self._naming: dict[tuple[Package, Func], list[Func | None]] = {}

    def may_bring(self, pkg: Package, fn: Func, brings: Callable[[Package], bool]) -> bool:
        """Whether `pkg` may bring along `fn`, a function of another package that is not generic. `brings`
        answers the same, exactly, for what `pkg` imports."""
        if fn.signature.recv is not None:
            return True
        return self._is_reached(pkg, fn) and self._is_expanded(pkg, fn, brings)

    def _is_reached(self, pkg: Package, fn: Func) -> bool:
        """Whether bodies that can be inlined, or are generic, may lead from what `pkg` exports to `fn`."""
        queue, seen = [fn], {fn}
        while queue:
            callers = self._callers(pkg, queue.pop())
            if callers is None or len(seen) > MANY:
                return True
            for caller in callers:
                if self._is_left(pkg, caller):
                    continue
                if caller.signature.recv is not None:
                    return True
                if caller.pkg is pkg and caller.exported:
                    return True
                if caller not in seen:
                    seen.add(caller)
                    queue.append(caller)
        return False

    def _is_left(self, pkg: Package, fn: Func) -> bool:
        """Whether the body of `fn` is not exported by `pkg`, because that does not expand it."""
        return (
            fn.pkg is not pkg
            and not _is_generic(fn)
            and self._imports.is_large(pkg)
            and self._imports.expands(pkg, fn) is False
        )

    def _is_expanded(self, pkg: Package, fn: Func, brings: Callable[[Package], bool]) -> bool:
        """Whether `fn` may be expanded in `pkg`: where `pkg` itself imports and names it, in the expansion
        of what names it elsewhere, or anywhere if one of the imports has brought it along."""
        queue, seen = [fn], {fn}
        while queue:
            f = queue.pop()
            at_hand = f.pkg in pkg.imports
            if at_hand and self._named_in(pkg, f):
                return True
            callers = self._callers(pkg, f)
            if callers is None or len(seen) > MANY:
                return True
            for caller in callers:
                if _is_generic(caller):  # It may have an instance in `pkg`.
                    if at_hand or f is not fn:
                        return True
                elif caller.signature.recv is not None:
                    return True
                elif caller not in seen:
                    seen.add(caller)
                    queue.append(caller)
        return any(brings(q) for q in pkg.imports if fn.pkg and self._imports.builds_on(q, fn.pkg))

    def _callers(self, pkg: Package, fn: Func) -> list[Func] | None:
        """The functions that name `fn` and can be inlined or are generic, of all packages that `pkg` is made
        of; None if there are too many to judge."""
        named = [f for q in self._imports.may_name(pkg, fn) for f in self._named_in(q, fn) if f]
        if len(named) > MANY:
            return None
        return [f for f in named if _is_generic(f) or self._imports.may_inline(f)]

    def _named_in(self, pkg: Package, fn: Func) -> list[Func | None]:
        """The functions in which `pkg` names `fn`; None for a declaration of something else."""
        known = self._naming.get((pkg, fn))
        if known is None:
            known = self._naming[pkg, fn] = list(self._imports.naming(pkg, fn))
        return known


def _is_generic(fn: Func) -> bool:
    return bool(fn.signature.tparams or fn.signature.rparams)

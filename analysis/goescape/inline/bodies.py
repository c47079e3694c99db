"""Which bodies of other packages are at hand.

A package finds in what it imports the bodies of functions declared there, and of those from further
away that were inlined there. Code of an imported function was compiled where it was declared, and
what could be inlined in it is at hand for that reason. But generic code is compiled first by who
instantiates it: a function from a third package that it calls may not have come along.

Invariants
  - instances, literals, and functions of the package itself or of its imports are always at hand;
  - for calls in generic code, what counts is whether an import inlined the function somewhere: in
    code of its own that others can see, or because it instantiates the same generic code.

Example: `internal/sync` calls `abi.NoEscape` in the methods of its generic map only. Package `sync`,
which instantiates the map and imports neither `internal/abi` nor anybody who inlines it, cannot
inline these calls. `net/netip` can: it imports `unique`, which has such a map itself.

Source: cmd/compile/internal/noder/{linker,unified}.go (exportBody, unifiedHaveInlineBody) (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from goescape.ir.scc import references
from goescape.syntax import ast
from goescape.typecheck.objects import TypeName
from goescape.typecheck.types import Named, Signature

if TYPE_CHECKING:
    from goescape.ir.nodes import CallExpr, Func
    from goescape.ir.unit import Unit
    from goescape.source.file import SourceFile
    from goescape.source.positions import Positions
    from goescape.typecheck.objects import Package


class Bodies:
    """Remembers which package brings which function along."""

    __slots__ = ("_brought", "_instances", "_instantiated", "can_inline", "positions")

    def __init__(self, positions: Positions, can_inline: Callable[[Func], bool]) -> None:
        self.positions = positions
        self.can_inline = can_inline
        self._brought: dict[tuple[Package, Package, Func], bool] = {}
        self._instances: dict[Package, set[Func]] = {}
        self._instantiated: dict[tuple[Package, Package], bool] = {}

    def is_at_hand(self, caller: Func, call: CallExpr, fn: Func) -> bool:
        """Whether the body of `fn`, that `call` in `caller` calls, can be read there."""
        unit: Unit = caller.unit
        pkg = fn.nname.pkg
        if (
            fn.unit is unit
            or pkg is None
            or fn.closure_parent is not None
            or pkg in unit.pkg.imports
        ):
            return True
        site = self.positions.site(call.pos)
        around: Func = caller if site is None else site.callee
        while around.closure_parent is not None:
            around = around.closure_parent
        if around.source is None or around.source.dict is None:
            return True
        generic: Package = around.source.pkg
        return any(self._brings(unit, q, generic, fn) for q in unit.pkg.imports)

    def _brings(self, unit: Unit, pkg: Package, generic: Package, fn: Func) -> bool:
        """Whether who imports `pkg` and calls `fn` in generic code of `generic` gets its body."""
        key = (pkg, generic, fn)
        known = self._brought.get(key)
        if known is None:
            has_source = pkg.checker is not None or pkg.loader is not None
            known = self._brought[key] = (
                has_source
                and pkg.scope is not None  # It is read for its imports.
                and (
                    self._inlines(unit, pkg, generic, fn)
                    or (
                        any(
                            self._mentions(unit, g, fn) and self._instantiates(unit, pkg, g)
                            for g in (pkg, *pkg.imports)
                        )
                        and fn in self._named(unit, pkg)
                        and self._gets(unit, pkg, generic, fn)
                    )
                )
            )
        return known

    def _gets(self, unit: Unit, pkg: Package, generic: Package, fn: Func) -> bool:
        """Whether `pkg` itself has the body."""
        owner = fn.nname.pkg
        if owner is pkg or owner in pkg.imports:
            return True
        return any(self._brings(unit, q, generic, fn) for q in pkg.imports)

    def _inlines(self, unit: Unit, pkg: Package, generic: Package, fn: Func) -> bool:
        """Whether `pkg` calls `fn` outside generic code, and mentions it where others can see.
        Methods come along with their types."""
        owner = fn.nname.pkg
        if owner not in pkg.imports:
            return False
        is_method = fn.recv is not None
        if is_method and owner is generic:
            return False
        if is_method and pkg is not generic:
            return True
        name = fn.nname.name.rpartition(".")[2]
        pattern = re.compile(rf"\.\s*{re.escape(name)}(?!\w)".encode())
        host = unit.host
        checker = host.checker_of(pkg)
        other: Unit = host.unit_of(pkg)
        in_generic = in_plain = False
        for decl, source, start, end in self._bodies(unit, pkg):
            if not pattern.search(source.text, start, end):
                continue
            obj = checker.func_objs.get(decl)
            if obj is None:
                continue
            if _is_generic(obj):
                in_generic = True
                continue
            func = other.func_name(obj).func
            if func is not None and fn in references(func):
                in_plain = True
                visible = func.recv is not None or obj.name[:1].isupper()
                if is_method or (visible and self.can_inline(func)):
                    return True
        return in_generic and in_plain

    def _instantiates(self, unit: Unit, pkg: Package, generic: Package) -> bool:
        """Whether `pkg` mentions, outside generic code, something generic that `generic` exports."""
        key = (pkg, generic)
        known = self._instantiated.get(key)
        if known is None:
            known = self._instantiated[key] = self._finds_instances(unit, pkg, generic)
        return known

    def _mentions(self, unit: Unit, pkg: Package, fn: Func) -> bool:
        """Whether `fn` may be called in generic code of `pkg`."""
        if fn.nname.pkg is not pkg and fn.nname.pkg not in pkg.imports:
            return False
        name = fn.nname.name.rpartition(".")[2]
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)".encode())
        checker = unit.host.checker_of(pkg)
        for decl, source, start, end in self._bodies(unit, pkg):
            if pattern.search(source.text, start, end):
                obj = checker.func_objs.get(decl)
                if obj is not None and _is_generic(obj):
                    return True
        return False

    def _finds_instances(self, unit: Unit, pkg: Package, generic: Package) -> bool:
        if generic.checker is None and generic.loader is None:
            return False
        names = [
            name
            for name, obj in generic.scope.elems.items()
            if (name[:1].isupper() or pkg is generic) and _is_generic_decl(unit, obj)
        ]
        if not names:
            return False
        prefix = r"(?<![\w.])" if pkg is generic else r"\.\s*"
        pattern = re.compile(rf"{prefix}(?:{'|'.join(map(re.escape, names))})\s*[\[(]".encode())
        checker = unit.host.checker_of(pkg)
        covered: dict[Any, list[tuple[int, int]]] = {}
        for decl, source, _, end in self._bodies(unit, pkg):
            obj = checker.func_objs.get(decl)
            if obj is None or _is_generic(obj):
                covered.setdefault(source, []).append((self.positions.offset(decl.pos), end))
        for file in unit.host.ast_files(pkg):
            text = self.positions.file(file.decl_list[0].pos) if file.decl_list else None
            if text is None:
                continue
            spans = covered.get(text, [])
            for m in pattern.finditer(text.text):
                at = m.start()
                line = text.text[text.text.rfind(b"\n", 0, at) + 1 : at]
                if b"//" in line or line.startswith((b"func ", b"type ")):
                    continue
                if not any(first <= at <= last for first, last in spans):
                    return True
        return False

    def _named(self, unit: Unit, pkg: Package) -> set[Func]:
        """Every function that something in `pkg` names, instances included."""
        known = self._instances.get(pkg)
        if known is None:
            known = self._instances[pkg] = set()
            other: Unit = unit.host.unit_of(pkg)
            for func in other.target_funcs(wrappers=False):
                known.update(references(func))
        return known

    def _bodies(
        self, unit: Unit, pkg: Package
    ) -> Iterator[tuple[ast.FuncDecl, SourceFile, int, int]]:
        """The function declarations of `pkg` with the stretches of their bodies."""
        for file in unit.host.ast_files(pkg):
            for decl in file.decl_list:
                if type(decl) is ast.FuncDecl and decl.body is not None:
                    source = self.positions.file(decl.pos)
                    if source is not None:
                        start = self.positions.offset(decl.body.pos)
                        yield decl, source, start, self.positions.offset(decl.body.rbrace)


def _is_generic(obj: Any) -> bool:
    sig = obj.type
    return isinstance(sig, Signature) and bool(sig.tparams or sig.rparams)


def _is_generic_decl(unit: Unit, obj: Any) -> bool:
    """Whether the package-level object has type parameters."""
    t = obj.type
    if isinstance(obj, TypeName):
        return isinstance(t, Named) and bool(t.tparams)
    return isinstance(t, Signature) and bool(t.tparams)

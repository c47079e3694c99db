"""What instances are made of: the declarations of generic code, for one unit.

A type that a generic function declares has the parameters of that function as well (its *implicits*),
and one that any function declares is told from its namesakes by a number (`vargen`), which counts the
declarations of a package's functions in their order.

Example: in `func f[T any]() { type pair struct{ a, b T } }` the implicits of `pair` are `T`, so
`pair` depends on type parameters (`is_derived`) though it spells none.

Source: cmd/compile/internal/noder/writer.go (typIdx, objIdx, declCollector) (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.type_parts import parts
from goescape.source.positions import BASE_SHIFT
from goescape.syntax import ast
from goescape.syntax.walk import local_type_decls
from goescape.typecheck import objects
from goescape.typecheck.objects import Object, Package, TypeName
from goescape.typecheck.types import Alias, Basic, Named, Signature, Type, TypeParam, unalias

if TYPE_CHECKING:
    from goescape.ir.unit import Host
    from goescape.typecheck.info import Info


class Origins:
    """See the module."""

    __slots__ = (
        "_decls", "_derived", "_implicits", "_local", "_numbered", "_numbered_types", "host",
    )  # fmt: skip

    def __init__(self, host: Host) -> None:
        self.host = host
        self._derived: dict[Type, bool] = {}
        self._implicits: dict[TypeName, list[TypeParam]] = {}
        self._decls: dict[Package, dict[int, list[ast.FuncDecl]]] = {}
        self._numbered: set[Package] = set()
        self._local: dict[Package, dict[ast.Decl, list[ast.TypeDecl]]] = {}
        self._numbered_types: set[Type] = set()

    def info_of(self, obj: Object) -> Info:
        assert obj.pkg is not None
        return self.host.checker_of(obj.pkg).info

    def decl_of(self, obj: objects.Func) -> ast.FuncDecl | None:
        """The declaration of a generic function or method."""
        if obj.pkg is None:
            return None
        d = self.host.checker_of(obj.pkg).obj_map.get(obj)
        return d.fdecl if d is not None else None

    def check_body(self, obj: objects.Func) -> None:
        assert obj.pkg is not None
        self.host.checker_of(obj.pkg).check_body(obj)

    def implicits(self, obj: TypeName) -> list[TypeParam]:
        """The type parameters of the generic declaration in which the type `obj` is declared; empty
        for types declared elsewhere."""
        pkg = obj.pkg
        if pkg is None or pkg.checker is None or obj.parent is None or obj.parent is pkg.scope:
            return []
        found = self._implicits.get(obj)
        if found is None:
            found = self._implicits[obj] = self._find_implicits(obj, pkg)
        return found

    def _find_implicits(self, obj: TypeName, pkg: Package) -> list[TypeParam]:
        decls = self._decls.get(pkg)
        if decls is None:
            decls = self._decls[pkg] = {}
            for file in self.host.ast_files(pkg):
                for d in file.decl_list:
                    if type(d) is ast.FuncDecl:
                        decls.setdefault(d.pos >> BASE_SHIFT, []).append(d)
        for d in decls.get(obj.pos >> BASE_SHIFT, ()):
            if d.pos <= obj.pos <= d.end:
                fn = self.host.checker_of(pkg).func_objs.get(d)
                sig = fn.type if fn is not None else None
                if isinstance(sig, Signature):
                    return [*sig.rparams, *sig.tparams]
        return []

    def number_local_types(self, t: Type) -> None:
        """Number the types that functions declare in the packages of those that occur in `t`."""
        done = self._numbered_types
        stack = [t]
        while stack:
            u = unalias(stack.pop())
            cls = u.__class__
            if cls is Basic or u in done:
                continue
            done.add(u)
            if cls is Named:
                obj: TypeName = u.obj  # type: ignore[attr-defined]
                pkg = obj.pkg
                if (
                    pkg is not None
                    and pkg.checker is not None
                    and obj.parent is not None
                    and obj.parent is not pkg.scope
                    and (pkg not in self._numbered or not obj.vargen)
                ):
                    self._numbered.add(pkg)
                    self.renumber(pkg)
                stack += u.targs  # type: ignore[attr-defined]
            else:
                stack += parts(u)

    def renumber(self, pkg: Package) -> bool:
        """Number the types that functions of `pkg` declare, as far as bodies have been checked. Whether some
        that had a number got another one."""
        info = self.host.checker_of(pkg).info
        before = self._local.get(pkg, {})
        local = self._local[pkg] = {}
        has_changed = False
        generation = 0
        for file in self.host.ast_files(pkg):
            for d in file.decl_list:
                found = before.get(d)
                if found is None:
                    found = [n for n in local_type_decls(d) if not n.alias]
                local[d] = found
                for n in found:
                    generation += 1
                    obj = info.defs.get(n.name)
                    if isinstance(obj, TypeName):
                        has_changed |= obj.vargen not in (0, generation)
                        obj.vargen = generation
        return has_changed

    def has_numbered(self, pkg: Package) -> bool:
        """Whether the local types of `pkg` have numbers."""
        return pkg in self._numbered

    def is_derived(self, t: Type) -> bool:
        """Whether `t` of the source depends on type parameters."""
        known = self._derived.get(t)
        if known is not None:
            return known
        cls = t.__class__
        if cls is Basic:
            return False
        if cls is TypeParam:
            result = True
        elif cls is Named:
            result = any(map(self.is_derived, t.targs)) or bool(self.implicits(t.orig.obj))  # type: ignore[attr-defined]
        elif cls is Alias:
            result = self.is_derived(unalias(t))
        else:
            self._derived[t] = False  # an interface whose methods mention it ends here
            result = any(map(self.is_derived, parts(t)))
        self._derived[t] = result
        return result

    def forget_declarations(self) -> None:
        """Declarations were edited that are not generic."""
        self._decls.clear()

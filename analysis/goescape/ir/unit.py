"""A unit: one package as the compiler compiles it, and its functions.

A unit hands out the `Name`s of its package's functions and variables, one per object, and knows in
which order the compiler would work through its functions. Everything is lazy: asking for the name
of a function costs its signature; reading its body checks and lowers that one body.

A generic body from another package is lowered by the unit that instantiates it (`instances`).

Invariants
  - one object, one `Name`; names of imported objects belong to the units of their packages;
  - a function's parameters are declared before its body is asked for;
  - generic declarations and functions named `_` have no `Func`.

Example: `unit.func_name(obj).func.body` is the list of statements of the function `obj`.

Source: cmd/compile/internal/noder/{unified,reader}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from goescape.ir.func import Func
from goescape.ir.lower import Lowerer, declare_params, lower_function
from goescape.ir.lower_method import deref2
from goescape.ir.nodes import Name, Node
from goescape.ir.order import add_closures, read_order
from goescape.ir.origins import Origins
from goescape.ir.template import Templates
from goescape.ir.typeinfo import TypeInfo
from goescape.ir.withheld import BROKEN, Damage, Meaningless, imports_c
from goescape.source.positions import Pos, Positions
from goescape.syntax import ast
from goescape.typecheck import objects
from goescape.typecheck.types import Named, Pointer, Signature, Type, unalias
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.ir.instances import Instances
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.info import Info
    from goescape.typecheck.objects import Package
    from goescape.typecheck.sizes import Sizes


class Host(Protocol):
    """What a unit needs from the workspace."""

    @property
    def positions(self) -> Positions: ...
    @property
    def sizes(self) -> Sizes: ...
    @property
    def release(self) -> Any: ...
    def unit_of(self, pkg: Package) -> Unit: ...
    def checker_of(self, pkg: Package) -> Checker: ...
    def ast_files(self, pkg: Package) -> list[ast.File]: ...


class Unit:
    """The package `pkg` being compiled."""

    def __init__(self, pkg: Package, host: Host) -> None:
        from goescape.ir.instances import Instances

        self.pkg = pkg
        self.host = host
        self.typeinfo = TypeInfo(host.sizes)
        self.word = host.sizes.sizeof(TYP["uintptr"])
        self.origins = Origins(host)
        self.instances: Instances = Instances(self)
        self.read_type = self.instances.read_type
        self.method_exprs: dict[tuple[objects.Func, Type], tuple[Type, Name]] = {}
        self.inline_count = 0
        self.templates = Templates()
        self.inlined_literals: list[Func] = []
        self.imprecise_calls: list[tuple[Func, Pos]] = []
        self.kept_alive: list[tuple[Pos, str]] = []
        self.skipped_loops: list[Pos] = []
        self._funcs: dict[objects.Func, Name] = {}
        self._globals: dict[objects.Var, Name] = {}
        self._init_names: dict[ast.FuncDecl, str] | None = None
        self._targets: list[Func] | None = None
        self._c_packages: dict[Package, bool] = {}
        self._damages: dict[Checker, Damage] = {}
        self.init_funcs: tuple[Func | None, list[Func]] | None = None
        self.type_writer: Any = None

    # --- names ----------------------------------------------------------------------------------

    def func_name(self, obj: objects.Func) -> Name:
        """The name of a function or concrete method that needs no type arguments."""
        name = self._funcs.get(obj)
        if name is None:
            origin = obj.origin or obj
            pkg = origin.pkg
            if origin is not obj:
                name = self.func_name(origin)
            elif pkg is not None and pkg is not self.pkg and pkg.checker is not None:
                name = self.host.unit_of(pkg).func_name(origin)
                self.instances.read_imported(origin.type)
            else:
                name = self._declare(origin)
                self.instances.note_declared(name.func)
            self._funcs[obj] = name
        return name

    def global_name(self, obj: objects.Var) -> Name:
        """The name of a package-level variable."""
        name = self._globals.get(obj)
        if name is None:
            pkg = obj.pkg
            if pkg is not None and pkg is not self.pkg and pkg.checker is not None:
                name = self.host.unit_of(pkg).global_name(obj)
                self.instances.read_imported(obj.type)
            else:
                name = Name(obj.pos, obj.name, pkg, self.read_type(obj.type), "PEXTERN", None, obj)
            self._globals[obj] = name
        return name

    def _declare(self, obj: objects.Func) -> Name:
        sig = obj.type
        pkg = obj.pkg
        info = None
        if pkg is not None and pkg.checker is not None:
            info = pkg.checker.obj_map.get(obj)
        decl = info.fdecl if info is not None else None
        if decl is None or not isinstance(sig, Signature):
            # A function of a package that is not there.
            return Name(obj.pos, obj.name, pkg, sig, "PFUNC", None, obj)
        name = Name(obj.pos, self._func_text(obj, sig, decl), pkg, sig, "PFUNC", None, obj)
        func = Func(decl.pos, name)
        func.unit = self
        self._fill(func, obj, sig, decl)
        return name

    def _fill(self, func: Func, obj: objects.Func, sig: Signature, decl: ast.FuncDecl) -> None:
        func.pos, func.syn = decl.pos, decl
        func.has_body = decl.has_body
        func.pragma = decl.pragma.flags
        declare_params(func, sig, obj.pkg, self.read_type)
        if decl.has_body:
            func.lower = self._thunk(func, obj)

    def renew(self, func: Func) -> None:
        """Let the body of a declared function or instance be lowered again when it is next read:
        the passes and escape analysis write on it, and its text may have changed."""
        obj = func.nname.obj
        assert isinstance(obj, objects.Func) and func.oclosure is None
        func.renew()
        if func.extra is not None:
            self.instances.fill(func, obj)
            return
        self.instances.forget_reads(func)
        sig = obj.type
        decl = self.host.checker_of(self.pkg).obj_map[obj].fdecl
        assert decl is not None and isinstance(sig, Signature)
        func.nname.pos, func.nname.type = obj.pos, sig
        self._fill(func, obj, sig, decl)

    def redeclare(
        self,
        removed: Iterable[objects.Func],
        moved: Iterable[objects.Object],
        checked: Container[objects.Func],
    ) -> list[objects.Func]:
        """Declarations of packages were edited: `removed` are not declared any more, `moved` have
        other types, or are not declared, the bodies of `checked` are other ones. Returns the functions
        that go by other names now: they are to be taken for new ones."""
        self._targets = self._init_names = None
        self.method_exprs.clear()
        self.origins.forget_declarations()
        for func in removed:
            self._funcs.pop(func, None)
        declared = self.host.checker_of(self.pkg).obj_map
        for var in [obj for obj in moved if isinstance(obj, objects.Var)]:
            name = self._globals.pop(var, None)
            if name is not None and var in declared:
                self._globals[var] = name
                name.type = self.read_type(var.type)
        for var, name in self._globals.items():
            name.pos = var.pos  # It may stand in another stretch of text now.
        renamed = []
        for obj, name in self._funcs.items():
            if obj in declared and (obj in checked or obj.name == "init"):
                sig, decl = obj.type, declared[obj].fdecl
                if decl is not None and isinstance(sig, Signature):
                    name.type = sig  # Whoever calls it may be read before it is.
                    if self._func_text(obj, sig, decl) != name.name:
                        renamed.append(obj)
        for obj in renamed:
            del self._funcs[obj]
        return renamed

    def known_func(self, obj: objects.Func) -> Func | None:
        """The function of `obj` if its name was ever asked for."""
        name = self._funcs.get(obj)
        return name.func if name is not None else None

    @property
    def is_used(self) -> bool:
        """Whether any name was asked for."""
        return bool(self._funcs or self._globals)

    def globals(self) -> list[Name]:
        """The package-level variables whose names were asked for."""
        return list(self._globals.values())

    def _func_text(self, obj: objects.Func, sig: Signature, decl: ast.FuncDecl) -> str:
        if sig.recv is None:
            return self._init_text(decl) if obj.name == "init" else obj.name
        recv = sig.recv.type
        t = deref2(recv)
        base = t.obj.name if isinstance(t, Named) else "?"
        return (
            f"(*{base}).{obj.name}" if isinstance(unalias(recv), Pointer) else f"{base}.{obj.name}"
        )

    def _init_text(self, decl: ast.FuncDecl) -> str:
        """`init.0`, `init.1`, …, numbered through the files."""
        if self._init_names is None:
            self._init_names = {}
            for file in self.host.ast_files(self.pkg):
                for d in file.decl_list:
                    if type(d) is ast.FuncDecl and d.recv is None and d.name.value == "init":
                        self._init_names[d] = f"init.{len(self._init_names)}"
        return self._init_names.get(decl, "init")

    # --- bodies ---------------------------------------------------------------------------------

    def _thunk(self, func: Func, obj: objects.Func) -> Any:
        def lower() -> list[Node]:
            checker = self.host.checker_of(self.pkg)
            checker.check_body(obj)
            return self.instances.while_reading(func, lambda: read(checker))

        def read(checker: Checker) -> list[Node]:
            decl = func.syn
            assert isinstance(decl, ast.FuncDecl)
            block = decl.body
            sig = obj.type
            if block is None or not isinstance(sig, Signature):
                func.has_body = False
                return []
            return self.lower_guarded(func, sig, block, checker, obj)

        return lower

    def lower_guarded(
        self,
        func: Func,
        sig: Signature,
        block: ast.BlockStmt,
        checker: Checker,
        obj: objects.Func,
        dict: Any = None,
    ) -> list[Node]:
        """Lower a body. One with an error in it, or that makes no sense because of an error
        elsewhere, becomes one that is not known."""
        pkg = obj.pkg
        assert pkg is not None
        func.withheld = self.damage(checker).reason(func.syn or block, obj)
        if func.withheld:
            func.has_body = False
            return []
        distinct = self.distinct_loop_vars(checker, obj)
        try:
            return lower_function(self, func, sig, block, checker.info, dict, pkg, distinct)
        except (
            Meaningless,
            AssertionError,
            AttributeError,
            IndexError,
            KeyError,
            TypeError,
            ValueError,
        ):
            if not self.is_broken(pkg):
                raise
            self._reset(func)
            func.withheld = BROKEN
            func.has_body = False
            return []

    def damage(self, checker: Checker) -> Damage:
        """Where the package of `checker` is broken."""
        found = self._damages.get(checker)
        if found is None:
            found = self._damages[checker] = Damage(checker)
        return found

    def stop_if_broken(self, pkg: Package) -> None:
        """Lowering has come to something without meaning: end it, if `pkg` is to blame."""
        if self.is_broken(pkg):
            raise Meaningless

    def is_broken(self, pkg: Package) -> bool:
        """Whether something in `pkg` may have no meaning, because of an error there or in what it imports."""
        seen = {pkg}
        stack = [pkg]
        while stack:
            user = stack.pop()
            checker = user.checker
            if checker is None:
                continue
            if checker.errors or any(f.errors for f in checker.given_files):
                return True
            stack += [p for p in user.imports if p not in seen]
            seen.update(user.imports)
        return pkg.checker is not None and self._has_c(pkg)

    def _has_c(self, pkg: Package) -> bool:
        """Whether a file of `pkg` has `import "C"`: what that names has no type here."""
        known = self._c_packages.get(pkg)
        if known is None:
            known = any(imports_c(file) for file in self.host.ast_files(pkg))
            self._c_packages[pkg] = known
        return known

    def distinct_loop_vars(self, checker: Checker, obj: objects.Func) -> bool:
        """Whether loop variables are new in every iteration in the file of `obj` (go1.22)."""
        decl = checker.obj_map.get(obj)
        if decl is None:
            return True
        return version_has_loop_vars(checker, checker.file_of_scope.get(decl.file))

    def sweep(self) -> None:
        """From time to time, forget what is remembered of types that were typed in, and are no more."""
        if self.instances.sweep():
            self.typeinfo.forget()
            self.method_exprs.clear()

    def forget_damage(self) -> None:
        """Errors were found, or vanished, where bodies were edited."""
        self._damages.clear()

    def _reset(self, func: Func) -> None:
        """Undo what lowering did to `func` besides its body."""
        n = (func.recv is not None) + len(func.params) + len(func.results)
        del func.dcl[n:]
        for p in func.dcl:
            p.addrtaken = p.reassigned = p.used = False
            p.defn = None
        func.closures = []
        func.func_lit_gen = func.range_lit_gen = func.go_defer_gen = 0

    def lowerer_for(
        self, func: Func, info: Info, pkg: Package, dict: Any = None, parent: Lowerer | None = None
    ) -> Lowerer:
        """A context for lowering single expressions into `func`."""
        return Lowerer(self, func, info, pkg, dict, parent)

    def note_imprecise_call(self, func: Func, pos: Pos) -> None:
        """A method call on a value of a type parameter that is an interface in this instance."""
        self.imprecise_calls.append((func, pos))

    # --- the functions of the package -----------------------------------------------------------

    def declared_funcs(self) -> list[Func]:
        """The declared functions and methods that are not generic, in file order."""
        checker = self.host.checker_of(self.pkg)
        funcs: list[Func] = []
        for file in self.host.ast_files(self.pkg):
            for d in file.decl_list:
                if type(d) is not ast.FuncDecl or d.name.value == "_":
                    continue
                obj = checker.func_objs.get(d)
                if obj is None:
                    continue
                sig = obj.type
                if not isinstance(sig, Signature) or sig.tparams or sig.rparams:
                    continue
                func = self.func_name(obj).func
                if func is not None and func.syn is d:
                    funcs.append(func)
        return funcs

    def target_funcs(self, wrappers: bool = True, eq: bool = False) -> list[Func]:
        """Every function that compiling the package analyses, in the compiler's order: package
        initialisation, declared functions, their literals, instances, and the `wrappers`, which
        come after inlining if there is any. `eq`: with the functions that compare values."""
        if self._targets is None:
            from goescape.ir import pkginit
            from goescape.ir.eqfuncs import eq_funcs
            from goescape.ir.wrappers import make_wrappers

            def found(func: Func) -> list[Func]:
                return eq_funcs(self, [func]) if eq else []

            declared = self.declared_funcs()
            init, read = read_order(self, found)
            funcs: list[Func] = []
            if init is not None:
                funcs.append(init)
                add_closures(init, funcs)
                if eq:
                    funcs += eq_funcs(self, list(funcs))
                funcs += pkginit.map_inits(self)
            funcs += declared
            funcs += read
            if wrappers:
                funcs += make_wrappers(self)
            self._targets = [f for f in funcs if not f.withheld]
        return self._targets


def version_has_loop_vars(checker: Checker, file: ast.File | None) -> bool:
    version = checker.info.file_versions.get(file, "") if file is not None else ""
    if not version.startswith("go1."):
        return True
    minor = version[4:].split(".")[0]
    digits = "".join(c for c in minor if c.isdigit())
    return not digits or int(digits) >= 22

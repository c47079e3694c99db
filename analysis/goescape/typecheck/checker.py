"""The checker of one package: its state, and the entry points.

A `Checker` declares the names of its package at once (`collect_objects`) and finds out the rest
when it is asked: the type of one object (`resolve`), the body of one function (`check_body`), the
initialiser of one variable (`check_init`), or everything (`check_all`). Objects of imported
packages are resolved by the checkers of those packages, in the same way, so that using
`fmt.Println` costs the declaration of that function and of the types it names.

The rules live in one file per notion; every rule is a function whose first parameter is the
checker, bound below as a method, so that the files need not import each other.

Invariants
  - while `resolve`, `check_body` or `check_init` is at work (`busy`), a further request is served
    inside it: the object path is shared, so cycles are found, and delayed actions wait for the
    outermost one (or for the end of the statement at hand);
  - when the checker is at rest, no delayed action, no untyped expression and no object path is
    left over, and the environment is empty;
  - what only serves to find errors in declarations is put off until `check_all` (`later_check`);
  - nothing here raises on a broken program: objects get invalid types and errors are collected.

Example: `checker = Checker(pkg, files, importer, sizes, positions, "go1.27");
checker.collect_objects(); checker.resolve(pkg.scope.lookup("T"))`.

Source: cmd/compile/internal/types2/check.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from goescape.bug import report
from goescape.source.positions import NO_POS, Pos, Positions
from goescape.syntax import ast
from goescape.typecheck import (
    assignments,
    binary,
    builtins,
    call,
    comparison,
    const,
    conversions,
    cycles,
    errors,
    expr,
    format,
    index,
    infer,
    initorder,
    instantiate,
    interface,
    labels,
    literals,
    mono,
    named,
    range,
    recording,
    redeclare,
    resolver,
    return_,
    selector,
    shift,
    signature,
    stmt,
    struct,
    subst,
    typeparam,
    typeset,
    typexpr,
    update,
    validtype,
)
from goescape.typecheck import (
    decl as decls,
)
from goescape.typecheck import (
    lookup as lookups,
)
from goescape.typecheck import (
    version as versions,
)
from goescape.typecheck.info import Info
from goescape.typecheck.mono import MonoGraph
from goescape.typecheck.objects import Func, Object, Package, PkgName, TypeName, Var
from goescape.typecheck.resolver import Declared, DeclInfo
from goescape.typecheck.types import Interface, Signature, Type
from goescape.typecheck.universe import TYP

if TYPE_CHECKING:
    from goescape.typecheck.recording import ExprInfo
    from goescape.typecheck.scope import Scope
    from goescape.typecheck.sizes import Sizes
    from goescape.typecheck.types import Named


# Errors that `check_all` finds at the end, looking at everything.
_WHOLE_PACKAGE = frozenset({"InvalidInitCycle", "InvalidInstanceCycle", "UnusedImport"})

# Something put off: the language version and the owner it is done with, and what is to be done.
Action = tuple[int, "Object | None", Callable[[], None]]


class Importer(Protocol):
    """Where packages come from. None: the package cannot be had. Otherwise its `checker` has
    collected its objects, or its `loader` will see to that. An importer of packages that load
    late should also have `import_closure(pkg)`: the (name, path) pairs of all that `pkg` imports,
    directly or not; messages tell packages of one name apart by them."""

    def import_package(self, path: str, importing: Package) -> Package | None: ...


class Checker:
    # --- the environment of the object or body at hand ------------------------------------------
    decl: DeclInfo | None  # the declaration whose initialiser or body is checked
    scope: Scope  # the innermost scope
    version: int  # the language version in force, see `version`
    iota: int | None  # inside a constant declaration
    errpos: Pos  # where errors of an inherited constant initialiser are reported
    in_tparam_list: bool
    sig: Signature | None  # of the innermost function; None outside
    is_panic: set[ast.CallExpr] | None  # calls of the predeclared panic in the function
    has_label: bool  # the function has labels
    has_call_or_recv: bool  # the expression has a call or a receive operation
    owner: Object | None  # the declared object that errors are charged to

    def __init__(
        self,
        pkg: Package,
        files: list[ast.File],
        importer: Importer | None,
        sizes: Sizes,
        positions: Positions,
        go_version: str,
        ignore_branch_errors: bool = True,
        stops_early: bool = False,
    ) -> None:
        self.pkg = pkg
        self.importer = importer
        self.sizes = sizes
        self.positions = positions
        self.go_version = go_version
        self.ignore_branch_errors = ignore_branch_errors
        self.stops_early = stops_early  # One error in each body is as good as all.
        self.given_files = files
        self.files: list[ast.File] = []
        self.info = Info()
        self.errors: list[errors.TypeError_] = []

        self.obj_map: dict[Object, DeclInfo] = {}
        self.obj_list: list[Object] = []  # the keys of `obj_map` in source order
        self.func_objs: dict[ast.FuncDecl, Func] = {}
        # What is declared, by its name or import declaration; what was before an edit, meanwhile.
        self.objects: dict[ast.Node, Object] = {}
        self.known_objects: dict[ast.Node, Object] = {}
        self.declared: dict[ast.File, Declared] = {}
        self.known_infos: dict[Object, DeclInfo] = {}
        # In which declarations it was asked whether a type has the methods of an interface.
        self.satisfied: dict[tuple[Type, Interface], set[Object]] = {}
        self.valid_types: WeakSet[Named] = WeakSet()  # known not to contain themselves
        self.depth = 0  # of the expressions around
        self.n_unknown_rhs = 0  # how often that could not be told yet
        self.sig_instances: dict[tuple[Signature, Any], Any] = {}  # of generic functions
        self.imp_map: dict[str, Package] = {}
        self.imports: list[PkgName] = []
        self.import_uses: dict[PkgName, set[ast.Name]] = {}
        self.has_checked_all = False
        self.order_may_differ = False  # of initialisation, after edits
        # Functions whose bodies were edited since, with what they depended on before.
        self.edited: dict[Func, dict[Object, None]] = {}
        self.redeclared = False  # other declarations were edited, too
        self.dot_import_map: dict[tuple[Scope, str], PkgName] = {}
        # By type name: all methods declared for it, and those it has still to be given.
        self.declared_methods: dict[TypeName, list[Func]] = {}
        self.methods: dict[TypeName, list[Func]] = {}
        self.file_of_scope: dict[Scope, ast.File] = {}
        self.pkg_path_map: dict[str, set[str]] | None = None
        self.seen_pkg_map: set[Package] = set()
        self.next_id = 0
        self.ctxt: Any = None
        self.mono: Any = MonoGraph()
        self.valids: Any = None

        self.untyped: dict[ast.Expr, ExprInfo] = {}
        self.delayed: list[Action] = []
        self.postponed: list[Action] = []
        self.obj_path: list[Object] = []
        self.obj_path_idx: dict[Object, int] = {}
        self.loading: set[Object] = set()  # types on the path because their insides were needed
        self.checked_bodies: set[Func] = set()
        # Of them, those that were passed over, and whether for an error of types.
        self.broken_bodies: dict[Func, bool] = {}
        self.looked_up: set[Func] = set()  # They had such an error, and were checked all the same.
        self.stoppable: Func | None = None  # whose body is checked, up to its first error
        self.busy = False
        self.eager = False
        self.collected = False
        self._clear_environment()
        pkg.checker = self
        pkg.go_version = go_version

    # --- entry points ---------------------------------------------------------------------------

    def resolve(self, obj: Object) -> None:
        """Find out the type of `obj`, a package-level object or method of this package, and the
        value of a constant. Does nothing if they are known."""
        if obj.typ is not None:
            return
        if not self.collected:
            self.collect_objects()
        if obj not in self.obj_map:
            # Variables without a type yet, in the middle of their own declaration.
            obj.typ = TYP["invalid"]
            return
        if self.busy:
            self.obj_decl(obj)
        else:
            self._at_work(lambda: self.obj_decl(obj))
        if obj.typ is None:
            report(f"no type was found for {obj.name}", obj.pos)
            obj.typ = TYP["invalid"]

    def check_body(self, obj: Func) -> None:
        """Check the body of `obj`, a function or method declared in this package, including the
        function literals in it. Done once. A body with a syntax error in it is passed over."""
        d = self.obj_map.get(obj)
        if d is None or d.fdecl is None or obj in self.checked_bodies:
            return
        self.checked_bodies.add(obj)
        self.resolve(obj)
        body = d.fdecl.body
        sig = obj.typ
        if body is None or not isinstance(sig, Signature):
            return
        if body.is_broken:
            self.broken_bodies[obj] = False
        elif self.stops_early and not self.busy:
            self._check_until_broken(obj, d, sig, body)
        else:
            self._check_body(obj, d, sig, body)

    def _check_body(self, obj: Func, d: DeclInfo, sig: Signature, body: ast.BlockStmt) -> None:
        def check_func_body() -> None:
            self.version, self.owner = d.version, obj
            self.func_body(d, obj.name, sig, body, None)

        self._at_work(check_func_body)

    def _check_until_broken(
        self, obj: Func, d: DeclInfo, sig: Signature, body: ast.BlockStmt
    ) -> None:
        """As `_check_body`, if there is no error in it; otherwise the first one is found, and apart from that
        the body is passed over."""
        scope, was, top, depth = sig.scope, self.stoppable, len(self.delayed), self.depth
        assert scope is not None
        n_names, n_children = len(scope.elems), len(scope.children)
        self.stoppable = obj
        try:
            self._check_body(obj, d, sig, body)
        except errors.Enough:
            self.broken_bodies[obj] = True
            del self.delayed[top:]
            self.depth = depth
            self.untyped.clear()
            update.forget_nodes(self, [body])
            for name in list(scope.elems)[n_names:]:
                del scope.elems[name]
            for child in scope.children[n_children:]:
                child.dissolve()
            del scope.children[n_children:]
            d.deps = {}
        finally:
            self.stoppable = was

    def check_broken_bodies(self) -> None:
        """Check what `check_body` has passed over, as well as it can be, for those who look names up."""
        while self.broken_bodies:
            obj, has_error = self.broken_bodies.popitem()
            d = self.obj_map.get(obj)
            if d is not None and d.fdecl is not None and d.fdecl.body is not None:
                n_errors = len(self.errors)
                self._check_body(obj, d, obj.signature, d.fdecl.body)
                # Whether anybody has asked makes no difference to the rest.
                d.deps = {}
                if has_error:
                    self.looked_up.add(obj)
                    del self.errors[n_errors:]

    def check_init(self, obj: Object) -> None:
        """Check the initialiser of `obj`, where it is a package-level variable or constant, and the
        bodies of the function literals in its declaration. Done once."""
        d = self.obj_map.get(obj)
        if d is None:
            return
        self.resolve(obj)
        if isinstance(obj, Var) and not d.init_checked:
            self._at_work(lambda: self.var_init(obj, d))
        while d.bodies:
            bodies, d.bodies = d.bodies, []

            def run(bodies: list[Action] = bodies) -> None:
                self.delayed.extend(bodies)

            self._at_work(run)

    def check_all(self, pause: Callable[[], None] | None = None) -> None:
        """Check everything, in the compiler's order: afterwards `errors` is complete and
        `info.init_order` is set. What was checked before is not checked again. `pause` is called between
        bodies, and may raise to put off the rest."""
        if not self.collected:
            self.collect_objects()
        self.errors[:] = [e for e in self.errors if e.owner or e.code not in _WHOLE_PACKAGE]
        self.eager = True
        self._at_work(self.package_objects)
        for obj in list(self.obj_map):
            if pause is not None:
                pause()
            self.check_init(obj)
            if isinstance(obj, Func):
                self.check_body(obj)
        self._at_work(self._run_postponed)
        self.init_order()
        self.unused_imports()
        if not self.errors:
            self.monomorph()
        self.has_checked_all = True
        self.order_may_differ |= bool(self.edited)
        self.edited.clear()

    # --- work and rest --------------------------------------------------------------------------

    def _at_work(self, f: Callable[[], None]) -> None:
        """Run `f` and the actions it delays. Inside other work, the environment of that work is
        put aside meanwhile, and its delayed actions stay where they are."""
        env = self.environment()
        top = len(self.delayed)
        was_busy, self.busy = self.busy, True
        self._clear_environment()
        try:
            f()
            self.process_delayed(top)
        finally:
            self.busy = was_busy
            self.set_environment(env)
            if not was_busy:
                self.delayed.clear()
                self.obj_path.clear()
                self.obj_path_idx.clear()
                self.loading.clear()
        if not was_busy:
            self.record_untyped()

    def _run_postponed(self) -> None:
        postponed, self.postponed = self.postponed, []
        self.delayed.extend(postponed)

    def _clear_environment(self) -> None:
        self.decl = None
        self.scope = self.pkg.scope
        self.version = 0
        self.iota = None
        self.errpos = NO_POS
        self.in_tparam_list = False
        self.sig = None
        self.is_panic = None
        self.has_label = False
        self.has_call_or_recv = False
        self.owner = None

    def environment(self) -> tuple[Any, ...]:
        return (
            self.decl,
            self.scope,
            self.version,
            self.iota,
            self.errpos,
            self.in_tparam_list,
            self.sig,
            self.is_panic,
            self.has_label,
            self.has_call_or_recv,
            self.owner,
        )

    def set_environment(self, env: tuple[Any, ...]) -> None:
        (
            self.decl,
            self.scope,
            self.version,
            self.iota,
            self.errpos,
            self.in_tparam_list,
            self.sig,
            self.is_panic,
            self.has_label,
            self.has_call_or_recv,
            self.owner,
        ) = env

    def later(self, f: Callable[[], None]) -> None:
        """Put off `f` to the end of the statement, or of the declaration at package level."""
        self.delayed.append((self.version, self.owner, f))

    def later_check(self, f: Callable[[], None]) -> None:
        """Put off `f`, which only looks for errors. In a declaration at package level that was
        asked for singly it waits for `check_all`: it would ask for the declarations of too much."""
        if self.eager or self.sig is not None:
            self.delayed.append((self.version, self.owner, f))
        else:
            self.postponed.append((self.version, self.owner, f))

    def later_body(self, f: Callable[[], None]) -> None:
        """Put off `f`, which checks the body of a function literal. The literals in a
        declaration at package level wait for `check_init`."""
        d = self.decl
        if self.sig is None and d is not None:
            d.bodies.append((self.version, self.owner, f))
        else:
            self.delayed.append((self.version, self.owner, f))

    def process_delayed(self, top: int) -> None:
        """Run the delayed actions from `top` on; they may add further ones."""
        delayed = self.delayed
        i = top
        if i >= len(delayed):
            return
        saved = self.version, self.owner
        while i < len(delayed):
            self.version, self.owner, f = delayed[i]
            f()
            i += 1
        del delayed[top:]
        self.version, self.owner = saved

    def push(self, obj: Object) -> None:
        """Mark `obj` as being declared."""
        self.obj_path_idx[obj] = len(self.obj_path)
        self.obj_path.append(obj)

    def pop(self) -> None:
        del self.obj_path_idx[self.obj_path.pop()]

    # --- small services -------------------------------------------------------------------------

    def lookup_scope(self, name: str) -> tuple[Scope | None, Object | None]:
        """The innermost scope that has `name`, and what it denotes there."""
        s: Scope | None = self.scope
        while s is not None:
            obj = s.elems.get(name)
            if obj is not None:
                return s, obj
            s = s.parent
        return None, None

    def lookup(self, name: str) -> Object | None:
        s: Scope | None = self.scope
        while s is not None:
            obj = s.elems.get(name)
            if obj is not None:
                return obj
            s = s.parent
        return None

    def context(self) -> None:
        """Instances are shared through their generic types: there is no context."""
        return

    def add_decl_dep(self, to: Object) -> None:
        """The declaration at hand depends on `to`, if that is a package-level object."""
        d = self.decl
        if d is not None and to in self.obj_map:
            d.deps[to] = None

    # --- rules, by file -------------------------------------------------------------------------

    # E: declarations, type expressions, statements
    new_error = errors.new_error
    error = errors.error
    errorf = errors.errorf
    soft_errorf = errors.soft_errorf
    version_errorf = errors.version_errorf
    lookup_error = errors.lookup_error
    allow_version = versions.allow_version
    verify_versionf = versions.verify_versionf
    remember_untyped = recording.remember_untyped
    record = recording.record
    record_untyped = recording.record_untyped
    record_type_and_value = recording.record_type_and_value
    record_builtin_type = recording.record_builtin_type
    record_comma_ok_types = recording.record_comma_ok_types
    record_instance = recording.record_instance
    record_def = recording.record_def
    record_use = recording.record_use
    record_implicit = recording.record_implicit
    record_selection = recording.record_selection
    record_scope = recording.record_scope
    update_file = update.update_file
    check_again = update.check_again
    follow = redeclare.follow
    redeclare = redeclare.redeclare
    collect_objects = resolver.collect_objects
    collect_again = resolver.collect_again
    declare_pkg_obj = resolver.declare_pkg_obj
    arity = resolver.arity
    import_package = resolver.import_package
    unpack_recv = resolver.unpack_recv
    resolve_base_type_name = resolver.resolve_base_type_name
    package_objects = resolver.package_objects
    unused_imports = resolver.unused_imports
    declare = decls.declare
    obj_decl = decls.obj_decl
    complete = decls.complete
    valid_cycle = decls.valid_cycle
    cycle_error = decls.cycle_error
    const_decl = decls.const_decl
    var_decl = decls.var_decl
    var_init = decls.var_init
    is_imported_constraint = decls.is_imported_constraint
    type_decl = decls.type_decl
    load_type_again = decls.load_type_again
    collect_type_params = decls.collect_type_params
    bound = decls.bound
    declare_type_param = decls.declare_type_param
    collect_methods = decls.collect_methods
    check_field_uniqueness = decls.check_field_uniqueness
    func_decl = decls.func_decl
    decl_stmt = decls.decl_stmt
    direct_cycles = cycles.direct_cycles
    is_complete = cycles.is_complete
    ident = typexpr.ident
    typ = typexpr.typ
    var_type = typexpr.var_type
    valid_var_type = typexpr.valid_var_type
    declared_type = typexpr.declared_type
    generic_type = typexpr.generic_type
    typ_internal = typexpr.typ_internal
    instantiated_type = typexpr.instantiated_type
    array_length = typexpr.array_length
    type_list = typexpr.type_list
    struct_type = struct.struct_type
    interface_type = interface.interface_type
    func_type = signature.func_type
    collect_recv = signature.collect_recv
    collect_params = signature.collect_params
    valid_recv = signature.valid_recv
    func_body = stmt.func_body
    usage = stmt.usage
    stmt_list = stmt.stmt_list
    open_scope = stmt.open_scope
    close_scope = stmt.close_scope
    range_stmt = range.range_stmt
    is_terminating = return_.is_terminating
    init_order = initorder.init_order
    # Last, because they hide the modules of their names.
    stmt = stmt.stmt
    labels = labels.labels

    # C: types, instantiation, inference
    bind_tparams = staticmethod(typeparam.bind_tparams)
    new_type_param = typeparam.new_type_param
    new_interface = typeset.new_interface
    new_named = named.new_named
    new_alias = named.new_alias
    validate_targ_len = instantiate.validate_targ_len
    verify = instantiate.verify
    implements = instantiate.implements
    instance = instantiate.instance
    valid_type = validtype.valid_type
    assertable_to = lookups.assertable_to
    interface_ptr_error = lookups.interface_ptr_error
    monomorph = mono.monomorph
    rename_tparams = infer.rename_tparams
    infer = infer.infer
    subst = subst.subst

    # D: expressions, operands, formatting
    overflow = const.overflow
    representable = const.representable
    representation = const.representation
    invalid_conversion = const.invalid_conversion
    convert_untyped = const.convert_untyped
    op = expr.op
    unary = expr.unary
    chan_elem = expr.chan_elem
    update_expr_type = expr.update_expr_type
    update_expr_val = expr.update_expr_val
    implicit_type_and_value = expr.implicit_type_and_value
    match_types = expr.match_types
    raw_expr = expr.raw_expr
    non_generic = expr.non_generic
    type_assertion = expr.type_assertion
    generic_expr = expr.generic_expr
    multi_expr = expr.multi_expr
    expr_or_type = expr.expr_or_type
    exclude = expr.exclude
    single_value = expr.single_value
    incomparable_cause = comparison.incomparable_cause
    func_inst = call.func_inst
    instantiate_signature = call.instantiate_signature
    call_expr = call.call_expr
    expr_list = call.expr_list
    generic_expr_list = call.generic_expr_list
    arguments = call.arguments
    use = call.use
    use_lhs = call.use_lhs
    assignment = assignments.assignment
    init_const = assignments.init_const
    init_var = assignments.init_var
    lhs_var = assignments.lhs_var
    assign_var = assignments.assign_var
    types_summary = assignments.types_summary
    assign_error = assignments.assign_error
    return_error = assignments.return_error
    init_vars = assignments.init_vars
    assign_vars = assignments.assign_vars
    short_var_decl = assignments.short_var_decl
    conversion = conversions.conversion
    index_expr = index.index_expr
    slice_expr = index.slice_expr
    single_index = index.single_index
    is_valid_index = index.is_valid_index
    basic_lit = literals.basic_lit
    func_lit = literals.func_lit
    composite_lit = literals.composite_lit
    indexed_elts = literals.indexed_elts
    builtin = builtins.builtin
    sprintf = format.sprintf
    qualifier = format.qualifier
    mark_imports = format.mark_imports
    # Last, because they hide the modules of their names.
    expr = expr.expr
    binary = binary.binary
    shift = shift.shift
    comparison = comparison.comparison
    selector = selector.selector
    index = index.index

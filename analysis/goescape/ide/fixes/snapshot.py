"""What a fix may look at: the text, syntax and types of one package, as they were analysed, and
`beside` it those of packages that call it.

A snapshot is a view of a `Program`'s state; it computes nothing but small indexes, each when it is
first asked for, so that proposing a fix costs what looking at one function costs. It always shows
what the program has: nodes and objects must not be kept while the program takes an edit.

Model
  - a *path* is the chain of nodes around a stretch of text, from its declaration down to the
    innermost one; `path[-2]` is the parent of `path[-1]`;
  - a *local* object is one declared inside a function; its uses are all inside that function;
  - text is what stands in the file, byte for byte.

Example: for the finding `x escapes to heap` in `fmt.Println(x)`, `path_of(finding)` ends in the
call and the name `x`.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.neighbours import Neighbours
from goescape.source.positions import BASE_SHIFT
from goescape.syntax import ast
from goescape.syntax.positions import end_pos, text_start
from goescape.syntax.walk import children, walk
from goescape.typecheck.objects import Const, Func, Object, Package, PkgName, TypeName, Var
from goescape.typecheck.predicates import identical, is_interface
from goescape.typecheck.types import (
    Alias,
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.universe import UNIVERSE
from goescape.typecheck.version import as_go_version

if TYPE_CHECKING:
    from goescape.goversion import Release
    from goescape.load.package import LoadedPackage
    from goescape.report.finding import Finding
    from goescape.source.file import SourceFile
    from goescape.source.positions import Pos
    from goescape.syntax.parse import ParsedFile
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.info import Info, Selection
    from goescape.workspace.program import Program

_GENERATED = re.compile(rb"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)

Path = list[ast.Node]


class Snapshot:
    """See the module. `package` was checked by `program`. `constant_capacity` is how many elements
    a slice whose length nobody knows is given room for. `is_hurried`: other packages are not looked into,
    what calls there become is left open."""

    def __init__(
        self,
        program: Program,
        package: LoadedPackage,
        constant_capacity: int = 64,
        is_hurried: bool = False,
    ) -> None:
        self.program = program
        self.package = package
        self.constant_capacity = constant_capacity
        self.is_hurried = is_hurried
        self._beside: dict[str, Snapshot] = {}
        self.positions = program.positions
        self.sizes = program.sizes
        self.release: Release = program.release
        self._files: dict[str, ParsedFile] = {}
        self._uses: dict[Object, list[ast.Name]] = {}
        self._asked: set[str] | None = None
        self._spans: dict[ast.Node, tuple[int, int]] = {}
        self._declared: dict[ast.Node, frozenset[str]] = {}
        self._neighbours: Neighbours | None = None

    @property
    def checker(self) -> Checker:
        return self.program.check_edited(self.package)

    @property
    def info(self) -> Info:
        return self.checker.info

    @property
    def pkg(self) -> Package:
        return self.program.state(self.package).pkg

    @property
    def _parsed(self) -> dict[str, ParsedFile]:
        """The files as the program has them now; what was derived of other ones is forgotten."""
        parsed = self.program.state(self.package).parsed
        if list(self._files.values()) != parsed:
            self._files = {p.source.path: p for p in parsed}
            self._uses, self._asked, self._spans, self._declared = {}, None, {}, {}
        return self._files

    @property
    def neighbours(self) -> Neighbours:
        """The other packages that are worked on."""
        loader = self.program.loader
        if self._neighbours is None or self._neighbours.n_changes != loader.n_changes:
            self._neighbours = Neighbours(loader, self.package)
        return self._neighbours

    def beside(self, package: LoadedPackage) -> Snapshot:
        """The same view of another package."""
        if package.id == self.package.id:
            return self
        if package.id not in self._beside:
            self._beside[package.id] = Snapshot(self.program, package, self.constant_capacity)
        return self._beside[package.id]

    def holder(self, path: str) -> Snapshot:
        """The view, of this package or of one beside it, that has the file at `path`; itself if none
        has."""
        if path not in self._parsed:
            for other in self._beside.values():
                if path in other._parsed:
                    return other
        return self

    def _find(self, path: str) -> ParsedFile | None:
        return self.holder(path)._parsed.get(path)

    # --- text and places ------------------------------------------------------------------------

    @property
    def paths(self) -> list[str]:
        """The files of the package."""
        return list(self._parsed)

    def text(self, path: str) -> bytes:
        return self.holder(path)._parsed[path].source.text

    def source_of(self, path: str) -> SourceFile | None:
        """The text of a file of the package with its lines; None for other files."""
        parsed = self._find(path)
        return parsed.source if parsed is not None else None

    def file(self, path: str) -> ast.File:
        return self.holder(path)._parsed[path].file

    def path_of_node(self, node: ast.Node) -> str:
        """The file that `node` is in."""
        file = self.positions.file(node.pos)
        return file.path if file is not None else ""

    def is_generated(self, path: str) -> bool:
        """Whether the file says that it is generated, above its package clause."""
        text = self.text(path)
        head = text[: self.offset(self.file(path).pkg_name.pos)]
        return _GENERATED.search(head) is not None

    def offset(self, pos: Pos) -> int:
        return self.positions.offset(pos)

    def span(self, node: ast.Node) -> tuple[int, int]:
        """The bytes of `node` in its file."""
        return self.offset(text_start(node)), self.offset(end_pos(node))

    def source(self, node: ast.Node) -> str:
        """The text of `node`."""
        start, end = self.span(node)
        text = self.text(self.path_of_node(node))[start:end]
        return text.decode("utf-8", "surrogateescape")

    def has_comment(self, node: ast.Node) -> bool:
        """Whether there may be a comment in the text of `node`."""
        source = self.source(node)
        return "//" in source or "/*" in source

    def indent(self, path: str, offset: int) -> str:
        """The blanks at the beginning of the line of `offset`."""
        text = self.text(path)
        start = text.rfind(b"\n", 0, offset) + 1
        end = start
        while text[end : end + 1] in (b"\t", b" "):
            end += 1
        return text[start:end].decode()

    def path_at(self, path: str, start: int, end: int) -> Path:
        """The nodes around the bytes `start` to `end` of a file, outermost first; empty outside
        declarations."""
        holder = self.holder(path)
        if holder is not self:
            return holder.path_at(path, start, end)
        if self._find(path) is None:
            return []
        found: Path = []
        spans = self._spans
        decls = self.file(path).decl_list
        behind = bisect_right(decls, start, key=lambda decl: self.offset(decl.pos))
        # The position of a declaration is not always where it begins.
        below: list[ast.Node] = list(decls[max(behind - 1, 0) : behind + 1])
        while below:
            for node in below:
                span = spans.get(node)
                if span is None:
                    span = spans[node] = self.span(node)
                first, last = span
                if isinstance(node, ast.FuncDecl):
                    first = min(first, self.offset(node.pos))
                if first <= start and end <= last:
                    found.append(node)
                    below = children(node)
                    break
            else:
                break
        return found

    def path_of(self, finding: Finding) -> Path:
        """The nodes around the place of a finding."""
        place = finding.place
        return self.path_at(place.path, place.start, place.end)

    def is_withheld(self, path: str, offset: int) -> bool:
        """Whether nothing is said about the declaration around a byte of a file, since there is an error
        in it: what an edit there would do is not known."""
        holder = self.holder(path)
        checker, unit = holder.checker, self.program.state(holder.package).unit
        around = holder.path_at(path, offset, offset) if unit.is_broken(holder.pkg) else []
        if not around:
            return False
        decl, damage = around[0], unit.damage(checker)
        if isinstance(decl, ast.FuncDecl):
            return damage.reason(decl, checker.func_objs.get(decl)) != ""
        return decl in damage.declarations()

    # --- types and objects ----------------------------------------------------------------------

    def type(self, x: ast.Expr) -> Type | None:
        """The type of an expression (or of what a type expression denotes)."""
        found = self.info.types.get(x)
        if found is not None:
            return found.type
        if isinstance(x, ast.Name):
            obj = self.object(x)
            return obj.type if obj is not None and not isinstance(obj, PkgName) else None
        return None

    def constant(self, x: ast.Expr) -> object:
        """The value of a constant expression, else None."""
        found = self.info.types.get(x)
        if found is not None and found.mode == "constant":
            return found.value
        return None

    def is_type(self, x: ast.Expr) -> bool:
        found = self.info.types.get(x)
        return found is not None and found.is_type

    def object(self, name: ast.Expr | None) -> Object | None:
        """What a name denotes, where it is used or declared."""
        if not isinstance(name, ast.Name):
            return None
        return self.info.uses.get(name) or self.info.defs.get(name)

    def selection(self, x: ast.SelectorExpr) -> Selection | None:
        return self.info.selections.get(x)

    def callee(self, call: ast.CallExpr) -> Func | None:
        """The function or method that a call names, as it is declared; None for values, conversions,
        builtins."""
        fun = call.fun
        while isinstance(fun, ast.ParenExpr | ast.IndexExpr):
            fun = fun.x
        if isinstance(fun, ast.SelectorExpr):
            fun = fun.sel
        obj = self.object(fun)
        return obj.origin or obj if isinstance(obj, Func) else None

    def calls(self, x: ast.Expr, package: str, *names: str) -> str:
        """The name if `x` is a call of one of the functions `names` of the package with that
        import path, else ""."""
        if not isinstance(x, ast.CallExpr):
            return ""
        fun = x.fun
        if isinstance(fun, ast.Name) and fun.value in names:  # Imported under a dot, perhaps.
            found = self.info.uses.get(fun)
            pkg = found.pkg if isinstance(found, Func) else None
            is_other = pkg is not None and pkg is not self.pkg and pkg.path == package
            return fun.value if is_other else ""
        if not isinstance(fun, ast.SelectorExpr) or not isinstance(fun.x, ast.Name):
            return ""
        obj = self.info.uses.get(fun.x)
        if isinstance(obj, PkgName) and obj.imported.path == package and fun.sel.value in names:
            return fun.sel.value
        return ""

    def builtin(self, x: ast.Node | None) -> str:
        """The builtin that `x` calls, else ""."""
        if isinstance(x, ast.CallExpr) and isinstance(x.fun, ast.Name):
            found = self.info.types.get(x.fun)
            if found is not None and found.is_builtin:
                return x.fun.value
        return ""

    def calls_something(self, x: ast.Expr) -> bool:
        """Whether evaluating `x` runs code of the program, or receives: conversions, `len` and the
        like only look."""
        for n in walk(x):
            if isinstance(n, ast.Operation) and n.op == "<-":
                return True
            if isinstance(n, ast.CallExpr):
                if self.is_type(n.fun) or self.builtin(n) in ("len", "cap", "min", "max"):
                    continue
                return True
        return False

    def parents(self, node: ast.Node) -> Path:
        """The nodes around `node`, outermost first, without itself."""
        start, end = self.span(node)
        path = self.path_at(self.path_of_node(node), start, end)
        while path and path[-1] is not node:
            path.pop()
        return path[:-1]

    def parent(self, node: ast.Node) -> ast.Node | None:
        """The node directly around `node`."""
        above = self.parents(node)
        return above[-1] if above else None

    def is_used_unseen(self, name: str) -> bool:
        """Whether something called `name` is spoken of where nobody sees how: in a test of the package
        that is not shown, in a file that this build leaves out, in assembly, or in a declaration with an error in it."""
        loader = self.program.loader
        found = loader.directory(self.package.dir)
        word = _word(name)
        for file in (
            *found.test_go_files, *found.xtest_go_files, *found.ignored, *found.asm_files,
        ):  # fmt: skip
            path = os.path.join(self.package.dir, file)
            if path in self._parsed:
                continue
            try:
                if word.search(loader.read(path)):
                    return True
            except OSError:
                continue
        return self.is_in_broken(name)

    def is_in_broken(self, name: str) -> bool:
        """Whether a declaration with an error in it speaks of something called `name`."""
        checker, unit = self.checker, self.program.state(self.package).unit
        if not unit.is_broken(self.pkg):
            return False
        word = _word(name)
        files = self._parsed.values()
        broken = {d.pos >> BASE_SHIFT for d in unit.damage(checker).declarations()}
        broken.update(e.pos >> BASE_SHIFT for parsed in files for e in parsed.file.errors)
        return any(
            word.search(parsed.source.text, stretch.start, stretch.limit)
            for parsed in files
            for stretch in parsed.stretches
            if stretch.base >> BASE_SHIFT in broken
        )

    def size(self, t: Type) -> int:
        """Bytes of a value of type `t`, -1 if unknown."""
        for part in _type_parts(t):
            if isinstance(part, TypeParam):
                return -1
        return self.sizes.sizeof(t)

    def uses_in(self, root: ast.Node, obj: Object) -> list[ast.Name]:
        """The names below `root` that use `obj`, in order; not its declaration."""
        uses = self.info.uses
        return [
            n
            for n in walk(root)
            if isinstance(n, ast.Name) and n.value == obj.name and uses.get(n) is obj
        ]

    def uses(self, obj: Object) -> list[ast.Name]:
        """Every use of an object in the package, of its instances too."""
        if self._parsed and not self._uses:
            for name, used in self.info.uses.items():
                origin = getattr(used, "origin", None) or used
                self._uses.setdefault(origin, []).append(name)
        return self._uses.get(obj, [])

    def is_asked_for(self, name: str) -> bool:
        """Whether an interface of the package has a method called `name`."""
        if self._parsed and self._asked is None:
            self._asked = {
                obj.name
                for obj in self.info.defs.values()
                if isinstance(obj, Func) and (recv := receiver(obj)) is not None
                if is_interface(recv)
            }
        return name in (self._asked or ())

    def declaration(self, obj: Object) -> ast.FuncDecl | None:
        """The declaration of a function or method of this package."""
        d = self.checker.obj_map.get(obj)
        return d.fdecl if d is not None else None

    # --- writing --------------------------------------------------------------------------------

    def names_in(self, root: ast.Node) -> set[str]:
        """Every identifier below `root` that stands for itself, not behind a dot."""
        behind = {n.sel for n in walk(root) if isinstance(n, ast.SelectorExpr)}
        return {n.value for n in walk(root) if isinstance(n, ast.Name) and n not in behind}

    def fresh(self, root: ast.Node, *wanted: str) -> str:
        """The first of `wanted`, or of it with a number, that means nothing yet below `root`, the
        declaration of a function."""
        taken = self.names_in(root)
        candidates = [*wanted, *(f"{wanted[0]}{n}" for n in range(2, 100))]
        path = self.path_of_node(root)
        for name in candidates:
            if (
                name not in taken
                and self.pkg.scope.lookup(name) is None
                and UNIVERSE.lookup(name) is None
                and name not in {p.name for p in self.imports(path)}
            ):
                return name
        return candidates[-1]

    def imports(self, path: str) -> Iterator[PkgName]:
        """The packages that a file imports, under the names they have there; "." is one."""
        file = self.file(path)
        scope = self.info.scopes.get(file)
        if scope is not None:
            for obj in scope.elems.values():
                if isinstance(obj, PkgName):
                    yield obj
            dots = {p: None for (s, _), p in self.checker.dot_import_map.items() if s is scope}
            yield from dots

    def package_name(self, path: str, import_path: str, root: ast.Node) -> str:
        """Under which name the file may speak of a package inside the declaration `root`, whether
        it is imported already or not; "" if the name means something else there, or if importing
        the package would close a cycle."""
        name = import_path.rpartition("/")[2]
        for obj in self.imports(path):
            if obj.imported.path == import_path and obj.name != "_":
                if obj.name == ".":
                    return ""
                name = obj.name
                break
        else:
            if any(obj.name == name for obj in self.imports(path)):
                return ""
            if self.pkg.scope.lookup(name) is not None:
                return ""
            if not self._may_import(import_path):
                return ""
        for n in walk(root):
            if isinstance(n, ast.Name) and n.value == name and n in self.info.defs:
                return ""
        return name

    def allows(self, path: str, version: int) -> bool:
        """Whether the file at `path` may use what came with go1.`version`, its library included."""
        holder = self.holder(path)
        own = as_go_version(holder.info.file_versions.get(holder.file(path), ""))
        return self.release.minor >= version and (not own or own >= version)

    def _may_import(self, import_path: str) -> bool:
        loader = self.program.loader
        found = loader.imported(self.package, import_path)
        if not hasattr(found, "files"):
            return False
        mine = {self.package.import_path, self.package.for_test}
        return all(p.import_path not in mine for p in loader.closure([found]))  # type: ignore[list-item]

    def type_text(self, t: Type, path: str, root: ast.Node) -> str | None:
        """A type as it is written in a file, inside the declaration `root`; None if it cannot be
        written there (a package that is not imported, a name that means something else)."""
        try:
            return self._type_text(t, path, root)
        except _CannotWrite:
            return None

    def _type_text(self, t: Type, path: str, root: ast.Node) -> str:
        def text(t: Type) -> str:
            return self._type_text(t, path, root)

        if isinstance(t, Basic):
            if t.kind.startswith("untyped") or t.kind in ("invalid", "unsafe.Pointer"):
                raise _CannotWrite
            return self._named(t.name, None, root)
        if isinstance(t, Named | Alias):
            obj = t.obj
            if obj.pkg is self.pkg and obj.parent is not self.pkg.scope:
                raise _CannotWrite
            name = self._qualified(obj, path, root)
            if t.targs:
                return f"{name}[{', '.join(text(arg) for arg in t.targs)}]"
            return name
        if isinstance(t, TypeParam):
            return self._named(t.obj.name, None, root)
        if isinstance(t, Pointer):
            return "*" + text(t.elem)
        if isinstance(t, Slice):
            return "[]" + text(t.elem)
        if isinstance(t, Array):
            return f"[{t.len}]{text(t.elem)}"
        if isinstance(t, Map):
            return f"map[{text(t.key)}]{text(t.elem)}"
        if isinstance(t, Chan) and not isinstance(unalias(t.elem), Chan):
            prefix = {"": "chan ", "send": "chan<- ", "recv": "<-chan "}[t.dir]
            return prefix + text(t.elem)
        if isinstance(t, Interface) and not t.methods and not t.embeddeds:
            return "interface{}"
        if isinstance(t, Struct) and not t.fields:
            return "struct{}"
        raise _CannotWrite

    def _qualified(self, obj: TypeName, path: str, root: ast.Node) -> str:
        if obj.pkg is None or obj.pkg is self.pkg:
            return self._named(obj.name, obj.pkg, root)
        for p in self.imports(path):
            if p.imported is obj.pkg and p.name == ".":
                return self._named(obj.name, obj.pkg, root)
            if p.imported is obj.pkg and p.name != "_":
                return f"{self._named(p.name, None, root)}.{obj.name}"
        raise _CannotWrite

    def _named(self, name: str, pkg: Package | None, root: ast.Node) -> str:
        if name in self._declared_in(root):
            raise _CannotWrite
        if pkg is None and UNIVERSE.lookup(name) is not None and self.pkg.scope.lookup(name):
            raise _CannotWrite
        return name

    def _declared_in(self, root: ast.Node) -> frozenset[str]:
        """What is declared in `root`, other than types."""
        known = self._declared.get(root)
        if known is None:
            defs = self.info.defs
            names = (n for n in walk(root) if isinstance(n, ast.Name) and n in defs)
            known = frozenset(n.value for n in names if not isinstance(defs[n], TypeName))
            self._declared[root] = known
        return known


class _CannotWrite(Exception):
    """A type that cannot be written at a place."""


def _type_parts(t: Type) -> Iterator[Type]:
    """A type and what its size depends on."""
    stack = [unalias(t)]
    seen: set[Type] = set()
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        yield t
        u = t.underlying if not isinstance(t, TypeParam) else t
        if isinstance(u, Array):
            stack.append(unalias(u.elem))
        elif isinstance(u, Struct):
            stack.extend(unalias(f.type) for f in u.fields)
        elif isinstance(u, TypeParam):
            yield u


def _word(name: str) -> re.Pattern[bytes]:
    """What finds `name` in text, where it stands for itself."""
    return re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")


def has_lock(t: Type) -> bool:
    """Whether a value of type `t` holds a lock or says that it must not be copied, as vet sees it."""
    for part in _type_parts(t):
        if isinstance(part, Named) and {"Lock", "Unlock"} <= {m.name for m in part.methods}:
            return True
    return False


def has_own_address(t: Type, pkg: Package) -> bool:
    """Whether a part of a value of type `t` may point to itself without escape analysis knowing, so that
    copying it breaks it: a struct that a package with `unsafe` may have declared, with a pointer to a part."""
    parts = list(_type_parts(t))
    is_plain = all(imported.path != "unsafe" for imported in pkg.imports)
    for part in parts:
        if not isinstance(part, Named) or not isinstance(part.underlying, Struct):
            continue
        if is_plain and part.obj.pkg is pkg:
            continue
        for field in part.underlying.fields:
            u = unalias(field.type).underlying
            if isinstance(u, Pointer) and any(identical(u.elem, p) for p in parts):
                return True
            if isinstance(u, Basic) and u.kind in ("uintptr", "unsafe.Pointer"):
                return True
    return False


def is_local(obj: Object | None) -> bool:
    """Whether `obj` is a variable of a function: a local, parameter, receiver or result."""
    return isinstance(obj, Var) and obj.kind in ("local", "param", "recv", "result")


def unparen(x: ast.Expr) -> ast.Expr:
    while isinstance(x, ast.ParenExpr):
        x = x.x
    return x


def statement(path: Path) -> ast.Stmt | None:
    """The innermost statement of a path that stands in a list of statements."""
    for above, node in zip(reversed(path[:-1]), reversed(path), strict=False):
        if isinstance(above, ast.BlockStmt | ast.CaseClause | ast.CommClause) and isinstance(
            node, ast.Stmt
        ):
            return node
    return None


def function(path: Path) -> ast.FuncDecl | ast.FuncLit | None:
    """The innermost function of a path."""
    for node in reversed(path):
        if isinstance(node, ast.FuncDecl | ast.FuncLit):
            return node
    return None


def receiver(obj: Func) -> Type | None:
    """The type of the receiver of a method; None for a function."""
    recv = obj.type.recv if isinstance(obj.type, Signature) else None
    return recv.type if recv is not None else None


def result_count(sig: Type | None) -> int:
    return len(sig.results.vars) if isinstance(sig, Signature) else 0


def is_const(obj: Object | None) -> bool:
    return isinstance(obj, Const)

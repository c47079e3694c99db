"""What the compiler refuses in a package that type-checks: interfaces within themselves, functions
without bodies, misplaced directives.

These errors are found after type checking, and only reported when that found none.

Example: `func f() int` alone is fine for the type checker (the body may be in assembly), but where
nothing else can define it the compiler says "missing function body".

Source: cmd/compile/internal/noder/writer.go: funcExt, collectDecls, checkPragmas; noder.go:
checkEmbed; staticdata/embed.go: embedKind (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.typecheck.errors import TypeError_
from goescape.typecheck.interface_cycle import interface_cycles
from goescape.typecheck.objects import Func, Object, Var
from goescape.typecheck.predicates import is_string
from goescape.typecheck.resolver import unquote
from goescape.typecheck.types import Basic, Named, Slice, Type, unalias

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker

_FLAGS = frozenset({
    "build", "nointerface", "noescape", "norace", "nosplit", "noinline", "nocheckptr",
    "registerparams", "cgo_unsafe_args", "uintptrkeepalive", "uintptrescapes", "systemstack",
    "nowritebarrier", "nowritebarrierrec", "yeswritebarrierrec",
})  # fmt: skip
_OF_IMPORTS = frozenset({"build"})
_OF_FUNCTIONS = _FLAGS - _OF_IMPORTS
_NONE: frozenset[str] = frozenset()
_IN_RUNTIME = frozenset({
    "systemstack", "nowritebarrier", "nowritebarrierrec", "yeswritebarrierrec",
})  # fmt: skip

_CYCLE = (
    "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)"
)


def directive_errors(
    check: Checker, complete: bool, std: bool = False, runtime: bool = False
) -> list[TypeError_]:
    """The errors of a type-checked package, by file. `complete`: functions without bodies cannot
    be defined outside the Go files (in assembly, say). `std`: the package is the library's, and
    `runtime`: one of those that the runtime is made of."""
    cycles = interface_cycles(check)
    if cycles:
        return [_error(n.pos, n.end, _CYCLE) for n in cycles]
    linked: set[Object] = set()
    found: list[TypeError_] = []
    for file in check.files:
        imports = _imports(file)
        for d in file.decl_list:
            found += _declaration(d, "embed" in imports)
            found += _reserved(d, std, runtime)
        found += _linknames(check, file, "unsafe" in imports, linked)
    for decl, obj in check.func_objs.items():
        found += _function(decl, obj, complete, linked)
    return found or list(_embedded(check))


def _error(pos: Pos, end: Pos, msg: str) -> TypeError_:
    return TypeError_(pos, end, msg, "", False)


def _imports(file: ast.File) -> set[str | None]:
    return {
        unquote(d.path.value)
        for d in file.decl_list
        if isinstance(d, ast.ImportDecl) and d.path is not None
    }


def _declaration(d: ast.Decl, imports_embed: bool) -> Iterator[TypeError_]:
    allowed = _NONE
    if isinstance(d, ast.FuncDecl):
        allowed = _OF_FUNCTIONS
    elif isinstance(d, ast.ImportDecl):
        allowed = _OF_IMPORTS
    for pos, text in d.pragma.lines:
        verb = text[len("go:") :].split(" ", 1)[0]
        if verb in _FLAGS and verb not in allowed:
            yield _error(pos, pos + len(text), "misplaced compiler directive")
        elif verb == "embed" and not isinstance(d, ast.VarDecl):
            yield _error(pos, pos + len(text), "misplaced go:embed directive")
        elif verb == "embed" and isinstance(d, ast.VarDecl):
            problem = _embed_problem(d, imports_embed)
            if problem:
                yield _error(pos, pos + len(text), problem)
                return


def _reserved(d: ast.Decl, std: bool, runtime: bool) -> Iterator[TypeError_]:
    """Directives that only the library, or only the runtime, may use."""
    for pos, text in d.pragma.lines:
        directive = text.split(" ", 1)[0]
        verb = directive[len("go:") :]
        if verb in _IN_RUNTIME and not runtime:
            yield _error(pos, pos + len(text), f"//{directive} only allowed in runtime")
        elif verb == "uintptrkeepalive" and not std:
            where = "is only allowed in the standard library"
            yield _error(pos, pos + len(text), f"//{directive} {where}")


def _embed_problem(d: ast.VarDecl, imports_embed: bool) -> str:
    if not imports_embed:
        return 'go:embed requires import "embed" (or import _ "embed", if package is not used)'
    if len(d.name_list) > 1:
        return "go:embed cannot apply to multiple vars"
    if d.values is not None:
        return "go:embed cannot apply to var with initializer"
    return ""


def _embedded(check: Checker) -> Iterator[TypeError_]:
    """Variables that cannot hold files. The compiler says so when all else is done."""
    for file in check.files:
        for d in file.decl_list:
            if isinstance(d, ast.VarDecl) and "embed" in d.pragma.flags:
                name = d.name_list[0]
                obj = check.info.defs.get(name)
                if isinstance(obj, Var) and not _holds_files(obj.type):
                    msg = check.sprintf("go:embed cannot apply to var of type %s", obj.type)
                    yield _error(name.pos, name.end, msg)


def _holds_files(t: Type) -> bool:
    """Whether it is `embed.FS`, a string or a slice of bytes."""
    t = unalias(t)
    if isinstance(t, Named) and t.obj.name == "FS":
        pkg = t.obj.pkg
        if pkg is not None and pkg.path == "embed":
            return True
    u = t.underlying
    if isinstance(u, Slice):
        elem = u.elem.underlying
        return isinstance(elem, Basic) and elem.kind == "uint8"
    return is_string(u)


def _linknames(
    check: Checker, file: ast.File, imports_unsafe: bool, linked: set[Object]
) -> Iterator[TypeError_]:
    for pos, text in file.pragmas:
        words = text.split()
        directive = words[0]
        if directive not in ("go:linkname", "go:linknamestd") or len(words) < 2:
            continue
        local, remote = words[1], words[2] if len(words) > 2 else ""
        problem = ""
        obj = check.pkg.scope.lookup(local)
        if not imports_unsafe:
            problem = f'//{directive} only allowed in Go files that import "unsafe"'
        elif "[" in remote and "]" in remote:
            problem = f"//{directive} reference of an instantiation is not allowed"
        elif not isinstance(obj, (Func, Var)):
            problem = f"//{directive} must refer to declared function or variable"
        elif obj in linked:
            problem = f"duplicate //{directive} for {local}"
        else:
            linked.add(obj)
        if problem:
            yield _error(pos, pos + len(text), problem)


def _function(
    d: ast.FuncDecl, obj: Func, complete: bool, linked: set[Object]
) -> Iterator[TypeError_]:
    flags = d.pragma.flags
    problems: list[str] = []
    if "systemstack" in flags and "nosplit" in flags:
        problems.append("go:nosplit and go:systemstack cannot be combined")
    if d.has_body:
        if "noescape" in flags:
            problems.append("can only use //go:noescape with external func implementations")
        if "wasmimport" in flags:
            problems.append("can only use //go:wasmimport with external func implementations")
        if "uintptrkeepalive" in flags and "uintptrescapes" not in flags and "nosplit" not in flags:
            problems.append("go:uintptrkeepalive requires go:nosplit")
    elif (complete or d.name.value == "init") and obj not in linked and "wasmimport" not in flags:
        if d.name.value != "_":
            problems.append("missing function body")
    for problem in problems:
        yield _error(d.pos, d.type.end, problem)

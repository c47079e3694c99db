"""What a name can denote: packages, constants, types, variables, functions, labels, builtins, nil.

`typ` is the type as far as it is known (None: not yet), `type` asks for it: an object of any
package is resolved on demand, by the checker of its own package.

Invariants
  - objects compare and hash by identity;
  - `pkg` is None only for the universe's objects;
  - `order` is the object's place among the package-level declarations (from 1), 0 for others;
  - an instantiated method or field points to its generic `origin`.

Source: cmd/compile/internal/types2/object.go (go1.27).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from goescape.source.positions import NO_POS, Pos
from goescape.typecheck.types import Basic, Named, Pointer, TypeParam, unalias

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.scope import Scope
    from goescape.typecheck.types import Signature, Type


def is_exported(name: str) -> bool:
    """Whether `name` starts with an upper-case letter (of the Unicode class Lu)."""
    c = name[:1]
    if c.isascii():
        return c.isupper()
    return unicodedata.category(c) == "Lu"


def make_id(pkg: Package | None, name: str) -> str:
    if is_exported(name):
        return name
    return f"{pkg.path if pkg is not None and pkg.path else '_'}.{name}"


class Package:
    """`name` is "" until it is known. `scope` holds the package-level objects (file scopes hold
    the imports). `checker` resolves them on demand; None for `unsafe` and fake packages.
    `go_version` is the language version, e.g. "go1.27". `loader`, if set, is run once, when the
    scope is first needed, and fills it: most of what a package imports is never looked into."""

    __slots__ = (
        "_scope", "cgo", "checker", "fake", "go_version", "imports", "loader", "name", "path",
    )  # fmt: skip

    def __init__(self, path: str, name: str, scope: Scope) -> None:
        self.path, self.name, self._scope = path, name, scope
        self.loader: Callable[[], object] | None = None
        self.imports: list[Package] = []
        self.checker: Checker | None = None
        self.fake = False
        self.cgo = False
        self.go_version = ""

    @property
    def scope(self) -> Scope:
        loader = self.loader
        if loader is not None:
            self.loader = None
            loader()
        return self._scope


class Object:
    __slots__ = ("color", "name", "order", "parent", "pkg", "pos", "scope_pos", "typ")

    def __init__(self, pos: Pos, pkg: Package | None, name: str, typ: Type | None) -> None:
        self.pos, self.pkg, self.name, self.typ = pos, pkg, name, typ
        self.parent: Scope | None = None
        self.order = 0
        self.scope_pos: Pos = NO_POS
        self.color = 0

    @property
    def type(self) -> Type:
        """The object's type, resolved now if need be. Never None: invalid after an error."""
        if self.typ is None and self.pkg is not None and self.pkg.checker is not None:
            self.pkg.checker.resolve(self)
        assert self.typ is not None
        return self.typ

    @property
    def exported(self) -> bool:
        return is_exported(self.name)

    @property
    def id(self) -> str:
        """The name if exported, else qualified by the package path: equal for identical names."""
        return make_id(self.pkg, self.name)

    def same_id(self, pkg: Package | None, name: str, fold_case: bool = False) -> bool:
        """Whether the object's name is `name` as written in `pkg`; `fold_case` ignores case
        (and then the package too)."""
        if self.name != name:
            return fold_case and self.name.casefold() == name.casefold()
        if fold_case or self.pkg is pkg or is_exported(name):
            return True
        return self.pkg is not None and pkg is not None and self.pkg.path == pkg.path

    def sort_key(self) -> tuple[bool, str, str]:
        """Orders exported names before others, then by name, then by package path."""
        exported = is_exported(self.name)
        path = "" if exported or self.pkg is None else self.pkg.path
        return (not exported, self.name, path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class PkgName(Object):
    """An imported package, in a file scope."""

    __slots__ = ("imported", "used")

    def __init__(self, pos: Pos, pkg: Package, name: str, typ: Type, imported: Package) -> None:
        super().__init__(pos, pkg, name, typ)
        self.imported = imported
        self.used = False


class Const(Object):
    """`val`: bool, str, int, Fraction/float-like or complex as `constant` defines; None: unknown."""

    __slots__ = ("val",)

    def __init__(
        self, pos: Pos, pkg: Package | None, name: str, typ: Type | None, val: Any
    ) -> None:
        super().__init__(pos, pkg, name, typ)
        self.val = val


class TypeName(Object):
    """`vargen` numbers the types that the functions of a package declare, from 1, once somebody asks
    for it (see `ir.instances`)."""

    __slots__ = ("vargen",)
    vargen: int

    def __init__(self, pos: Pos, pkg: Package | None, name: str, typ: Type | None) -> None:
        super().__init__(pos, pkg, name, typ)
        self.vargen = 0

    @property
    def is_alias(self) -> bool:
        """Whether the name is not the declared name of its type. False while it has no type."""
        t = self.typ
        if t is None:
            return False
        if isinstance(t, Basic):
            # `unsafe.Pointer` is no alias; `byte` and `rune` are.
            if self.pkg is not None:
                return self.pkg.path != "unsafe"
            return t.name != self.name or t.name in ("byte", "rune")
        if isinstance(t, (Named, TypeParam)):
            return t.obj is not self
        return True


class Var(Object):
    """`kind`: "package", "local", "recv", "param", "result", "field"."""

    __slots__ = ("embedded", "kind", "origin", "used")

    def __init__(
        self,
        pos: Pos,
        pkg: Package | None,
        name: str,
        typ: Type | None,
        kind: str = "local",
        embedded: bool = False,
    ) -> None:
        super().__init__(pos, pkg, name, typ)
        self.kind, self.embedded = kind, embedded
        self.origin: Var | None = None
        self.used = False


class Func(Object):
    """A function, concrete method or interface method; `type` is a `Signature`."""

    __slots__ = ("has_ptr_recv_", "origin")

    def __init__(self, pos: Pos, pkg: Package | None, name: str, typ: Type | None) -> None:
        super().__init__(pos, pkg, name, typ)
        self.origin: Func | None = None
        self.has_ptr_recv_ = False

    @property
    def signature(self) -> Signature:
        return self.type  # type: ignore[return-value]

    @property
    def has_ptr_recv(self) -> bool:
        """Whether the receiver is a pointer, without asking for the method's type:
        `has_ptr_recv_` says so as long as the signature has no receiver yet."""
        sig = self.typ
        recv = getattr(sig, "recv", None)
        if recv is not None and recv.typ is not None:
            return isinstance(unalias(recv.typ), Pointer)
        return self.has_ptr_recv_


class Label(Object):
    __slots__ = ("used",)

    def __init__(self, pos: Pos, pkg: Package, name: str) -> None:
        super().__init__(pos, pkg, name, None)
        self.used = False


class Builtin(Object):
    """`name` is the bare name (`append`, `Sizeof`); those of unsafe have `pkg` unsafe."""

    __slots__ = ()


class Nil(Object):
    __slots__ = ()

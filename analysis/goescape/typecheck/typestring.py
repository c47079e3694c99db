"""Types in words, as messages print them.

A qualifier says how a package is named in front of a name: "" for no prefix; without a qualifier
the import path is printed.

Invariants
  - an alias prints as the alias, also one of a type argument;
  - `interface {…}` of the universe's `any` prints as `any` only through the alias;
  - a type that contains itself without a name in between prints `<cycle to …>`.

Example: `map[string]func(x int, opts ...Option) error`.

Source: cmd/compile/internal/types2/typestring.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goescape.source.mention import mention
from goescape.typecheck.objects import Package, TypeName, is_exported
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
    Tuple,
    Type,
    TypeParam,
    Union,
)

Qualifier = Callable[[Package], str]


def relative_to(pkg: Package | None) -> Qualifier | None:
    """Names of `pkg` stand alone, all others behind their package's path."""
    if pkg is None:
        return None
    return lambda other: "" if other is pkg else other.path


def type_string(typ: Type | None, qf: Qualifier | None = None) -> str:
    w = TypeWriter(qf)
    w.typ(typ)
    return w.text


def signature_string(sig: Signature, qf: Qualifier | None = None) -> str:
    """Parameters and results, without `func`."""
    w = TypeWriter(qf)
    w.signature(sig)
    return w.text


def package_prefix(pkg: Package | None, qf: Qualifier | None) -> str:
    if pkg is None:
        return ""
    s = pkg.path if qf is None else qf(pkg)
    return s + "." if s else ""


class TypeWriter:
    """`param_names`: print the names of parameters. `pkg_info`: annotate the first struct field
    that is not exported with its package. `tp_subscripts`: number type parameters."""

    __slots__ = ("_parts", "_seen", "param_names", "pkg_info", "qf", "tp_subscripts")

    def __init__(self, qf: Qualifier | None) -> None:
        self.qf = qf
        self.param_names = True
        self.pkg_info = False
        self.tp_subscripts = False
        self._parts: list[str] = []
        self._seen: set[Type] = set()

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def string(self, s: str) -> None:
        self._parts.append(s)

    def typ(self, t: Type | None) -> None:
        if t is None:
            self.string("<nil>")
            return
        if t in self._seen:
            self.string(f"<cycle to *types2.{type(t).__name__}>")
            return
        self._seen.add(t)
        _WRITE[type(t)](self, t)
        self._seen.discard(t)

    def basic(self, t: Basic) -> None:
        self.string("unsafe.Pointer" if t.kind == "unsafe.Pointer" else t.name)

    def array(self, t: Array) -> None:
        self.string(f"[{t.len}]")
        self.typ(t.elem)

    def slice(self, t: Slice) -> None:
        self.string("[]")
        self.typ(t.elem)

    def struct(self, t: Struct) -> None:
        self.string("struct{")
        for i, f in enumerate(t.fields):
            if i > 0:
                self.string("; ")
            # To tell two structs apart: the first field of the outermost one that is private.
            annotate = self.qf is None and self.pkg_info and not is_exported(f.name)
            if annotate:
                self.pkg_info = False
            if not f.embedded:
                self.string(f.name + " ")
            self.typ(f.type)
            if annotate:
                self.string(f" /* package {f.pkg.path if f.pkg is not None else ''} */ ")
            if t.tags and t.tags[i]:
                from goescape.typecheck.constant import quote

                self.string(" " + quote(t.tags[i]))
        self.string("}")

    def pointer(self, t: Pointer) -> None:
        self.string("*")
        self.typ(t.elem)

    def union(self, t: Union) -> None:
        for i, term in enumerate(t.terms):
            if i > 0:
                self.string(" | ")
            if term.tilde:
                self.string("~")
            self.typ(term.type)

    def interface(self, t: Interface) -> None:
        tset = t.tset
        if tset is not None and tset.comparable and not t.embeddeds and not t.methods:
            self.string("interface{comparable}")
            return
        if t.implicit:
            if not t.methods and len(t.embeddeds) == 1:
                self.typ(t.embeddeds[0])
                return
            self.string("/* implicit */ ")
        self.string("interface{")
        first = True
        for m in t.methods:
            if not first:
                self.string("; ")
            first = False
            self.string(m.name)
            sig = m.type
            if isinstance(sig, Signature):
                self.signature(sig)
        for e in t.embeddeds:
            if not first:
                self.string("; ")
            first = False
            self.typ(e)
        self.string("}")

    def map(self, t: Map) -> None:
        self.string("map[")
        self.typ(t.key)
        self.string("]")
        self.typ(t.elem)

    def chan(self, t: Chan) -> None:
        if t.dir == "send":
            self.string("chan<- ")
        elif t.dir == "recv":
            self.string("<-chan ")
        else:
            self.string("chan ")
            if isinstance(t.elem, Chan) and t.elem.dir == "recv":
                self.string("(")
                self.typ(t.elem)
                self.string(")")
                return
        self.typ(t.elem)

    def func(self, t: Signature) -> None:
        self.string("func")
        self.signature(t)

    def named(self, t: Named) -> None:
        self.type_name(t.obj)
        if t.targs:
            self.type_list(t.targs)
        elif t.tparams:
            self.tparam_list(t.tparams)

    def alias(self, t: Alias) -> None:
        self.type_name(t.obj)
        if t.targs:
            self.type_list(t.targs)
        elif t.tparams:
            self.tparam_list(t.tparams)

    def type_param(self, t: TypeParam) -> None:
        self.string(t.obj.name)
        if self.tp_subscripts:
            self.string(subscript(t.id))
        from goescape.typecheck.universe import UNIVERSE

        # A parameter named like a predeclared type: say so.
        if t.obj.name in UNIVERSE.elems:
            self.string(f" /* with {t.obj.name} declared at {mention(t.obj.pos)} */")

    def type_list(self, types: list[Type]) -> None:
        self.string("[")
        for i, t in enumerate(types):
            if i > 0:
                self.string(", ")
            self.typ(t)
        self.string("]")

    def tparam_list(self, tparams: list[TypeParam]) -> None:
        self.string("[")
        prev: Type | None = None
        for i, p in enumerate(tparams):
            if i > 0:
                if p.bound is not prev:
                    self.string(" ")
                    self.typ(prev)
                self.string(", ")
            prev = p.bound
            self.typ(p)
        if prev is not None:
            self.string(" ")
            self.typ(prev)
        self.string("]")

    def type_name(self, obj: TypeName) -> None:
        self.string(package_prefix(obj.pkg, self.qf) + obj.name)

    def only_tuple(self, t: Tuple) -> None:
        self.tuple(t, False)

    def tuple(self, t: Tuple, variadic: bool) -> None:
        self.string("(")
        last = len(t.vars) - 1
        for i, v in enumerate(t.vars):
            if i > 0:
                self.string(", ")
            if v.name and self.param_names:
                self.string(v.name + " ")
            typ = v.type
            if variadic and i == last:
                if isinstance(typ, Slice):
                    self.string("...")
                    self.typ(typ.elem)
                else:
                    # append([]byte, string...): the dots stand behind the type.
                    self.typ(typ)
                    self.string("...")
            else:
                self.typ(typ)
        self.string(")")

    def signature(self, sig: Signature) -> None:
        if sig.tparams:
            self.tparam_list(sig.tparams)
        self.tuple(sig.params, sig.variadic)
        results = sig.results.vars
        if not results:
            return
        self.string(" ")
        if len(results) == 1 and results[0].name == "":
            self.typ(results[0].type)
            return
        self.tuple(sig.results, False)


def subscript(n: int) -> str:
    """The decimal digits of `n`, lowered."""
    return "".join(chr(0x2080 + int(d)) for d in str(n))


_WRITE: dict[type[Type], Callable[[TypeWriter, Any], None]] = {
    Basic: TypeWriter.basic,
    Array: TypeWriter.array,
    Slice: TypeWriter.slice,
    Struct: TypeWriter.struct,
    Pointer: TypeWriter.pointer,
    Tuple: TypeWriter.only_tuple,
    Signature: TypeWriter.func,
    Union: TypeWriter.union,
    Interface: TypeWriter.interface,
    Map: TypeWriter.map,
    Chan: TypeWriter.chan,
    Named: TypeWriter.named,
    TypeParam: TypeWriter.type_param,
    Alias: TypeWriter.alias,
}

"""How the compiler prints types.

There are two spellings. `type_text` is for people: symbols are qualified by package *name*, those of
the package being compiled not at all. `link_string` is for identity: symbols are qualified by
package *path*, escaped as the linker does; it stands between the brackets of an instance's name, in
both spellings.

Invariants
  - `any` is spelled so only for the universe's own; every other empty interface is `interface {}`;
  - byte and uint8, rune and int32 keep their spelling for people and lose it in `link_string`;
  - in interfaces, methods are sorted, exported ones first; unexported ones carry the package path
    even for people;
  - a type declared in a function carries `·N` in `link_string` only.

Example: in package `m` at path `ex.com/m`, `map[K]*q.T` and `List[K]` of its own types print as
`map[K]*q.T` and `List[ex.com/m.K]`.

Source: cmd/compile/internal/types/fmt.go, cmd/internal/objabi/path.go (go1.27).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from goescape.ir.typeinfo import SHAPE_PATH
from goescape.typecheck.types import (
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
    unalias,
)
from goescape.typecheck.typeset import EMPTY_INTERFACE, type_set

if TYPE_CHECKING:
    from goescape.typecheck.objects import Func, Package, TypeName, Var

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\",
}  # fmt: skip


def quote_char(c: str, delimiter: str) -> str:
    """One character as `strconv.Quote` writes it; a surrogate stands for a byte that is not
    UTF-8."""
    if c == delimiter:
        return "\\" + c
    escape = _ESCAPES.get(c)
    if escape is not None:
        return escape
    n = ord(c)
    if 0x20 <= n < 0x7F:
        return c
    if 0xDC80 <= n <= 0xDCFF:
        return f"\\x{n - 0xDC00:02x}"
    if n >= 0x80 and unicodedata.category(c)[0] in "LMNPS":
        return c
    if n < 0x20 or n == 0x7F:
        return f"\\x{n:02x}"
    return f"\\u{n:04x}" if n < 0x10000 else f"\\U{n:08x}"


def quote(s: str) -> str:
    """`s` as a Go string literal in double quotes."""
    if s.isascii() and s.isprintable() and '"' not in s and "\\" not in s:
        return f'"{s}"'
    return '"' + "".join(quote_char(c, '"') for c in s) + '"'


def package_path(pkg: Package) -> str:
    """The path that the compiler knows `pkg` by: `main` for every command."""
    return "main" if pkg.name == "main" else pkg.path


def path_prefix(pkg: Package) -> str:
    """The path of `pkg` as it stands in symbols: dots of the last element, blanks, quotes, percent
    signs and bytes outside ASCII are escaped."""
    path = package_path(pkg)
    if path == "go.shape":
        return path  # the compiler's own, left as it is
    slash = path.rfind("/")
    out: list[str] = []
    for i, c in enumerate(path.encode("utf-8", "surrogateescape")):
        if c <= 0x20 or (c == 0x2E and i > slash) or c in b'%"' or c >= 0x7F:
            out.append(f"%{c:02x}")
        else:
            out.append(chr(c))
    return "".join(out)


def is_exported(name: str) -> bool:
    return name[:1].isupper()


def symbol_text(name: str, owner: Package | None, pkg: Package | None) -> str:
    """The symbol `name` of package `owner` as printed when compiling `pkg`."""
    if owner is None or owner is pkg:
        return name
    return f"{owner.name}.{name}"


def method_sort_key(m: Func) -> tuple[bool, str, str]:
    """The order of methods: exported ones first, then by name, then by package path."""
    exported = is_exported(m.name)
    path = "" if exported or m.pkg is None else package_path(m.pkg)
    return (not exported, m.name, path)


class TypeWriter:
    """Writes types for the package `pkg`; with `link` in the spelling of symbols. One object may
    be kept per package: texts are remembered. With `link`, a text is final only once the types that
    functions declare have their numbers."""

    __slots__ = ("_named", "_texts", "link", "pkg")

    def __init__(self, pkg: Package | None, link: bool = False) -> None:
        self.pkg = pkg
        self.link = link
        self._named: dict[Type, str] = {}
        self._texts: dict[Type, str] = {}

    def text(self, t: Type | None) -> str:
        if t is None:
            return "<nil>"
        if isinstance(t, Named):
            return self.named(t)
        if isinstance(t, Basic):
            return self._basic(t)
        if not self.link:
            if isinstance(t, Pointer):
                return "*" + self.text(t.elem)
            if isinstance(t, Slice):
                return "[]" + self.text(t.elem)
        text = self._texts.get(t)
        if text is None:
            if isinstance(t, Interface):
                self._texts[t] = "interface {...}"  # within itself, which is an error
            text = self._texts[t] = self._composite(t)
        return text

    def _composite(self, t: Type) -> str:
        if isinstance(t, Pointer):
            return "*" + self.text(t.elem)
        if isinstance(t, Slice):
            return "[]" + self.text(t.elem)
        if isinstance(t, Array):
            return f"[{t.len}]{self.text(t.elem)}"
        if isinstance(t, Map):
            return f"map[{self.text(t.key)}]{self.text(t.elem)}"
        if isinstance(t, Chan):
            return self._chan(t)
        if isinstance(t, Struct):
            return self._struct(t)
        if isinstance(t, Signature):
            return "func" + self.signature(t)
        if isinstance(t, Interface):
            return self._interface(t)
        if isinstance(t, Tuple):
            return ",".join(self.text(v.type) for v in t.vars)
        if isinstance(t, TypeParam):
            return t.obj.name
        u = unalias(t)
        return self.text(u) if u is not t else "<T>"

    def _basic(self, t: Basic) -> str:
        kind = t.kind
        if kind == "unsafe.Pointer":
            return kind
        return kind if self.link or kind.startswith("untyped") else t.name

    def named(self, t: Named) -> str:
        text = self._named.get(t)
        if text is None:
            text = self._named[t] = self._named_text(t)
        return text

    def _named_text(self, t: Named) -> str:
        obj: TypeName = t.obj
        name = named_symbol(t, self.link, self if self.link else None)
        owner = obj.pkg
        if owner is None or not owner.name:
            return name
        if self.link:
            return f"{path_prefix(owner)}.{name}"
        if owner.path == SHAPE_PATH:
            name = _without_number(name)
        return symbol_text(name, owner, self.pkg)

    def _chan(self, t: Chan) -> str:
        e = self.text(t.elem)
        if t.dir == "recv":
            return "<-chan " + e
        if t.dir == "send":
            return "chan<- " + e
        inner = unalias(t.elem)
        if type(inner) is Chan and inner.dir == "recv":
            return f"chan ({e})"
        return "chan " + e

    def _struct(self, t: Struct) -> str:
        if not t.fields:
            return "struct {}"
        tags = t.tags
        parts: list[str] = []
        for i, f in enumerate(t.fields):
            text = self._field(f)
            if i < len(tags) and tags[i]:
                text += " " + quote(tags[i])
            parts.append(text)
        return "struct { " + "; ".join(parts) + " }"

    def _field(self, f: Var) -> str:
        text = self.text(f.type)
        separator = " "
        if f.embedded:
            if not self.link or not _renamed(f):
                return text
            separator = " = "
        if is_exported(f.name):
            name = f.name
        elif self.link:
            name = f"{path_prefix(f.pkg)}.{f.name}" if f.pkg is not None else f.name
        else:
            name = symbol_text(f.name, f.pkg, self.pkg)
        return f"{name}{separator}{text}"

    def _interface(self, t: Interface) -> str:
        if t is EMPTY_INTERFACE and not self.link:
            return "any"
        methods = sorted(type_set(t).methods, key=method_sort_key)
        if not methods:
            return "interface {}"
        parts: list[str] = []
        for m in methods:
            name = m.name
            if not is_exported(name) and m.pkg is not None:
                name = f"{path_prefix(m.pkg)}.{name}"
            sig = m.type
            assert isinstance(sig, Signature)
            parts.append(name + self.signature(sig))
        return "interface { " + "; ".join(parts) + " }"

    def signature(self, t: Signature) -> str:
        """Parameters and results, without `func` and names."""
        text = self._params(t.params, t.variadic)
        results = t.results.vars
        if not results:
            return text
        if len(results) == 1:
            return f"{text} {self.text(results[0].type)}"
        return f"{text} {self._params(t.results, False)}"

    def _params(self, params: Tuple, variadic: bool) -> str:
        texts = [self.text(v.type) for v in params.vars]
        if variadic and texts:
            last = unalias(params.vars[-1].type)
            if type(last) is Slice:
                texts[-1] = "..." + self.text(last.elem)
        return "(" + ", ".join(texts) + ")"


def named_symbol(t: Named, link: bool, links: TypeWriter | None = None) -> str:
    """The name of `t` with its type arguments (spelled by `links`), without its package."""
    obj = t.obj
    name = obj.name
    if t.targs:
        # Behind a semicolon stand the type's own arguments, before it those of the function around.
        text_of = link_string if links is None else links.text
        args = [text_of(a) for a in t.targs]
        n = len(args) - len(t.tparams)
        text = f"{','.join(args[:n])};{','.join(args[n:])}" if 0 < n < len(args) else ",".join(args)
        name = f"{name}[{text}]"
    if link and obj.pkg is not None:
        name += local_suffix(obj)
    return name


def local_suffix(obj: TypeName) -> str:
    """`·N` for the N'th type that the functions of a package declare, "" for others."""
    number = getattr(obj, "vargen", 0)
    return f"·{number}" if number else ""


def _without_number(symbol: str) -> str:
    """The symbol of a shape without the `·N` at its end."""
    head, dot, number = symbol.rpartition("·")
    return head if dot and number.isdigit() else symbol


def link_string(t: Type) -> str:
    """The spelling of `t` in symbols: equal for identical types only."""
    return TypeWriter(None, link=True).text(t)


def type_text(t: Type | None, pkg: Package | None) -> str:
    """`t` as the compiler prints it when it compiles `pkg`."""
    return TypeWriter(pkg).text(t)


def _renamed(f: Var) -> bool:
    """Whether the embedded field's name is not that of its type (`type A = T; struct { A }`)."""
    t = unalias(f.type)
    if type(t) is Pointer:
        t = unalias(t.elem)
    if type(t) is Basic:  # `int` of the universe is not the field `int` of this package
        return t.kind != "unsafe.Pointer" or f.name != "Pointer"
    if type(t) is not Named:
        return True
    if t.targs:
        return True  # the type's symbol has the arguments in it
    obj = t.obj
    if local_suffix(obj):
        return True  # and so is the number of a type declared in a function
    return not (f.name == obj.name and (is_exported(f.name) or f.pkg is obj.pkg))

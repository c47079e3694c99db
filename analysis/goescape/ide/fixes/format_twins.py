"""Functions that print, and their twins that take a format.

In `fmt`, `log` and `testing` it is known what a function and its twin do with a text. Elsewhere a convention is
followed: beside a function or method `X` that takes `...any` there is an `Xf` that takes a format first.

Model
  - before what is printed, functions of `fmt` take what it is printed to: so many arguments are `leading`;
  - a function `adds_line` if a line feed follows the text whatever is in it, and `ends_line` if one follows unless
    the text has one: its twin never does the first, but may do the second.

Example: `Errorf` is the twin of `Error` in `t.Error(x)` for a `*testing.T`; with `func (l *Logger) Info(args ...any)`,
that of `l.Info(x)` is `Infof`, if l has that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.snapshot import receiver
from goescape.syntax import ast
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func, Object
from goescape.typecheck.predicates import identical, is_string
from goescape.typecheck.types import (
    Basic,
    Interface,
    Pointer,
    Signature,
    Slice,
    Type,
    as_named,
    unalias,
)

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot

_FUNCTIONS = {
    ("fmt", "Append"): "Appendf",
    ("fmt", "Appendln"): "Appendf",
    ("fmt", "Fprint"): "Fprintf",
    ("fmt", "Fprintln"): "Fprintf",
    ("fmt", "Print"): "Printf",
    ("fmt", "Println"): "Printf",
    ("fmt", "Sprint"): "Sprintf",
    ("fmt", "Sprintln"): "Sprintf",
    ("log", "Fatal"): "Fatalf",
    ("log", "Fatalln"): "Fatalf",
    ("log", "Panic"): "Panicf",
    ("log", "Print"): "Printf",
    ("log", "Println"): "Printf",
}
_TESTING = {"Error": "Errorf", "Fatal": "Fatalf", "Log": "Logf", "Skip": "Skipf"}
_METHODS = {
    "testing.common": _TESTING,
    "testing.B": _TESTING,
    "testing.T": _TESTING,
    "log.Logger": {
        "Fatal": "Fatalf", "Fatalln": "Fatalf", "Panic": "Panicf", "Print": "Printf", "Println": "Printf",
    },
}  # fmt: skip
"""By the type that has them. `Panicln` is not here: what is recovered ends in a line feed; nor is `testing.TB`, which
others implement."""

_OTHER = "`%s` does something else than `%s` with the text"


@dataclass(frozen=True, slots=True)
class Twin:
    """The `name` of a twin of the function `plain`, that one in full; see the module. `caveat`: what is not known
    of it. `may_discard`: what it is given may not be formatted at all."""

    name: str
    plain: str
    leading: int = 0
    caveat: str = ""

    @property
    def adds_line(self) -> bool:
        return self.plain.startswith("fmt.") and self.plain.endswith("ln")

    @property
    def ends_line(self) -> bool:
        return self.plain.startswith("testing.") or (
            self.plain.startswith("log.") and self.plain.endswith("ln")
        )

    @property
    def may_discard(self) -> bool:
        return self.plain.startswith("log.") and not self.plain.endswith("Panic")


def twin(snapshot: Snapshot, call: ast.CallExpr) -> Twin | None:
    """The twin of the function that is called; None if it has none."""
    fun = call.fun
    if not isinstance(fun, ast.SelectorExpr | ast.Name):
        return None
    name = fun.value if isinstance(fun, ast.Name) else fun.sel.value
    for (package, plain), found in _FUNCTIONS.items():
        if plain == name and snapshot.calls(call, package, plain):
            leading = name.startswith(("A", "F")) and package == "fmt"
            return Twin(found, f"{package}.{plain}", int(leading))
    obj = snapshot.callee(call)
    sig = obj.type if obj is not None else None
    if obj is None or not isinstance(sig, Signature):
        return None
    other = _beside(snapshot, fun, obj, sig)
    if other is None:
        return None
    known = _METHODS.get(_owner(obj), {}).get(name)
    if known is not None and _METHODS.get(_owner(other), {}).get(name) == known:
        return Twin(known, f"{_owner(obj)}.{name}")
    if name.endswith("ln"):
        return None
    return _by_name(obj, sig, other)


def _beside(
    snapshot: Snapshot, fun: ast.SelectorExpr | ast.Name, obj: Func, sig: Signature
) -> Func | None:
    """What is called by the name of the twin, where `obj` is called: another type may have a method of that name
    than the one that has `obj`."""
    found: Object | None = None
    name = f"{obj.name.removesuffix('ln')}f"
    if sig.recv is None:
        found = obj.pkg.scope.lookup(name) if obj.pkg is not None else None
    elif isinstance(fun, ast.SelectorExpr) and not snapshot.is_type(fun.x):
        t = snapshot.type(fun.x)
        if t is not None:
            found, _, _ = lookup_field_or_method(unalias(t), True, snapshot.pkg, name)
    return found if isinstance(found, Func) else None


def _owner(obj: Func) -> str:
    """The type that has a method, with its package."""
    t = receiver(obj)
    named = as_named(t.elem if isinstance(t, Pointer) else t) if t is not None else None
    if named is None or named.obj.pkg is None:
        return ""
    return f"{named.obj.pkg.path}.{named.obj.name}"


def _by_name(obj: Func, sig: Signature, other: Func) -> Twin | None:
    """The function or method `other` if it takes a format, and gives what `obj` gives."""
    found = other.type
    if not isinstance(found, Signature) or found.tparams or sig.tparams:
        return None
    if len(sig.params.vars) != 1 or len(found.params.vars) != 2:
        return None
    format = unalias(found.params.vars[0].type)
    results = [[v.type for v in s.results.vars] for s in (sig, found)]
    if (
        _takes_anything(sig)
        and _takes_anything(found)
        and isinstance(format, Basic)
        and is_string(format)
        and len(results[0]) == len(results[1])
        and all(map(identical, *results))
    ):
        return Twin(other.name, obj.name, caveat=_OTHER % (other.name, obj.name))
    return None


def _takes_anything(sig: Signature) -> bool:
    """Whether the last parameter is `...any`."""
    t: Type = sig.params.vars[-1].type
    elem = unalias(t.elem).underlying if sig.variadic and isinstance(t, Slice) else None
    return isinstance(elem, Interface) and not elem.methods and not elem.embeddeds

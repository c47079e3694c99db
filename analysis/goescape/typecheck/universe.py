"""The predeclared names of Go and package unsafe.

Built once, when the module is loaded, and never changed: the universe belongs to no workspace.

Invariants
  - `any` is an `Alias` whose actual type is `EMPTY_INTERFACE`, an object that nothing else is;
  - the objects of package unsafe have `pkg` `UNSAFE`, those of the universe have None;
  - `comparable` is a `Named` whose interface has no methods and a type set that says comparable.

Source: cmd/compile/internal/types2/universe.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from goescape.source.positions import NO_POS
from goescape.typecheck.basic import INVALID, TYP, UNIVERSE_BYTE, UNIVERSE_RUNE
from goescape.typecheck.objects import Builtin, Const, Func, Nil, Object, Package, TypeName, Var
from goescape.typecheck.scope import Scope
from goescape.typecheck.termlist import ALL_TERMS
from goescape.typecheck.types import Alias, Interface, Named, Signature, Tuple
from goescape.typecheck.typeset import EMPTY_INTERFACE, TypeSet

__all__ = [
    "EMPTY_INTERFACE",
    "PREDECLARED_FUNCS",
    "TYP",
    "UNIVERSE",
    "UNIVERSE_ANY",
    "UNIVERSE_ANY_ALIAS",
    "UNIVERSE_BYTE",
    "UNIVERSE_COMPARABLE",
    "UNIVERSE_ERROR",
    "UNIVERSE_IOTA",
    "UNIVERSE_RUNE",
    "UNSAFE",
]

# name -> (least number of arguments, variadic, kind of the call as a statement)
PREDECLARED_FUNCS: Mapping[str, tuple[int, bool, str]] = MappingProxyType(
    {
        "append": (1, True, "expression"),
        "cap": (1, False, "expression"),
        "clear": (1, False, "statement"),
        "close": (1, False, "statement"),
        "complex": (2, False, "expression"),
        "copy": (2, False, "statement"),
        "delete": (2, False, "statement"),
        "imag": (1, False, "expression"),
        "len": (1, False, "expression"),
        "make": (1, True, "expression"),
        "max": (1, True, "expression"),
        "min": (1, True, "expression"),
        "new": (1, False, "expression"),
        "panic": (1, False, "statement"),
        "print": (0, True, "statement"),
        "println": (0, True, "statement"),
        "real": (1, False, "expression"),
        "recover": (0, False, "statement"),
        # package unsafe
        "Add": (2, False, "expression"),
        "Alignof": (1, False, "expression"),
        "Offsetof": (1, False, "expression"),
        "Sizeof": (1, False, "expression"),
        "Slice": (2, False, "expression"),
        "SliceData": (1, False, "expression"),
        "String": (2, False, "expression"),
        "StringData": (1, False, "expression"),
    }
)


def _define(universe: Scope, unsafe: Package, obj: Object) -> None:
    """Exported names go to package unsafe; names with a blank are internal and go nowhere."""
    if " " in obj.name:
        return
    if obj.exported:
        obj.pkg = unsafe
        unsafe.scope.insert(obj)
    else:
        universe.insert(obj)


def _error() -> TypeName:
    """type error interface{ Error() string }"""
    obj = TypeName(NO_POS, None, "error", None)
    named = Named(obj)
    obj.typ = named
    recv = Var(NO_POS, None, "", named, "recv")
    res = Var(NO_POS, None, "", TYP["string"], "result")
    sig = Signature(recv, Tuple([]), Tuple([res]), False)
    method = Func(NO_POS, None, "Error", sig)
    iface = Interface([method], [])
    iface.complete = True
    iface.tset = TypeSet([method], ALL_TERMS, False)
    named.from_rhs = iface
    return obj


def _comparable() -> TypeName:
    obj = TypeName(NO_POS, None, "comparable", None)
    named = Named(obj)
    obj.typ = named
    iface = Interface([], [])
    iface.complete = True
    iface.tset = TypeSet([], ALL_TERMS, True)
    named.from_rhs = iface
    return obj


def _any() -> TypeName:
    obj = TypeName(NO_POS, None, "any", None)
    alias = Alias(obj, EMPTY_INTERFACE)
    alias.actual = EMPTY_INTERFACE
    obj.typ = alias
    return obj


def _build() -> tuple[Scope, Package]:
    universe = Scope(None, comment="universe")
    unsafe = Package("unsafe", "unsafe", Scope(universe, comment="package unsafe"))
    objs: list[Object] = [
        TypeName(NO_POS, None, t.name, t)
        for t in (*TYP.values(), UNIVERSE_BYTE, UNIVERSE_RUNE)
        if t is not INVALID
    ]
    objs += [_error(), _any(), _comparable()]
    objs += [
        Const(NO_POS, None, "true", TYP["untyped bool"], True),
        Const(NO_POS, None, "false", TYP["untyped bool"], False),
        Const(NO_POS, None, "iota", TYP["untyped int"], 0),
        Nil(NO_POS, None, "nil", TYP["untyped nil"]),
    ]
    objs += [Builtin(NO_POS, None, name, INVALID) for name in PREDECLARED_FUNCS]
    for obj in objs:
        _define(universe, unsafe, obj)
    return universe, unsafe


UNIVERSE, UNSAFE = _build()

UNIVERSE_ERROR = UNIVERSE.elems["error"].type
UNIVERSE_ANY = UNIVERSE.elems["any"]
UNIVERSE_ANY_ALIAS = UNIVERSE_ANY.type
UNIVERSE_COMPARABLE = UNIVERSE.elems["comparable"]
UNIVERSE_IOTA = UNIVERSE.elems["iota"]

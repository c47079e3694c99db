"""The basic types: one object per kind, and what their kinds have in common as bits.

Invariants
  - `TYP[kind]` is the one `Basic` of its kind, but for `byte` and `rune`: those are objects of
    their own, identical to `TYP["uint8"]` and `TYP["int32"]`, so that messages can say `byte`;
  - the kinds of `KINDS` stand in the compiler's order, which ranks untyped numbers.

Example: `TYP["untyped rune"].info == IS_INTEGER | IS_UNTYPED`.

Source: cmd/compile/internal/types2/{basic,universe}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from goescape.typecheck.types import Basic

IS_BOOLEAN = 1
IS_INTEGER = 2
IS_UNSIGNED = 4
IS_FLOAT = 8
IS_COMPLEX = 16
IS_STRING = 32
IS_UNTYPED = 64
IS_ORDERED = IS_INTEGER | IS_FLOAT | IS_STRING
IS_NUMERIC = IS_INTEGER | IS_FLOAT | IS_COMPLEX
IS_CONST_TYPE = IS_BOOLEAN | IS_NUMERIC | IS_STRING

_TABLE: tuple[tuple[str, int, str], ...] = (
    ("invalid", 0, "invalid type"),
    ("bool", IS_BOOLEAN, "bool"),
    ("int", IS_INTEGER, "int"),
    ("int8", IS_INTEGER, "int8"),
    ("int16", IS_INTEGER, "int16"),
    ("int32", IS_INTEGER, "int32"),
    ("int64", IS_INTEGER, "int64"),
    ("uint", IS_INTEGER | IS_UNSIGNED, "uint"),
    ("uint8", IS_INTEGER | IS_UNSIGNED, "uint8"),
    ("uint16", IS_INTEGER | IS_UNSIGNED, "uint16"),
    ("uint32", IS_INTEGER | IS_UNSIGNED, "uint32"),
    ("uint64", IS_INTEGER | IS_UNSIGNED, "uint64"),
    ("uintptr", IS_INTEGER | IS_UNSIGNED, "uintptr"),
    ("float32", IS_FLOAT, "float32"),
    ("float64", IS_FLOAT, "float64"),
    ("complex64", IS_COMPLEX, "complex64"),
    ("complex128", IS_COMPLEX, "complex128"),
    ("string", IS_STRING, "string"),
    ("unsafe.Pointer", 0, "Pointer"),
    ("untyped bool", IS_BOOLEAN | IS_UNTYPED, "untyped bool"),
    ("untyped int", IS_INTEGER | IS_UNTYPED, "untyped int"),
    ("untyped rune", IS_INTEGER | IS_UNTYPED, "untyped rune"),
    ("untyped float", IS_FLOAT | IS_UNTYPED, "untyped float"),
    ("untyped complex", IS_COMPLEX | IS_UNTYPED, "untyped complex"),
    ("untyped string", IS_STRING | IS_UNTYPED, "untyped string"),
    ("untyped nil", IS_UNTYPED, "untyped nil"),
)

KINDS: tuple[str, ...] = tuple(kind for kind, _, _ in _TABLE)

TYP: Mapping[str, Basic] = MappingProxyType(
    {kind: Basic(kind, info, name) for kind, info, name in _TABLE}
)

UNIVERSE_BYTE = Basic("uint8", IS_INTEGER | IS_UNSIGNED, "byte")
UNIVERSE_RUNE = Basic("int32", IS_INTEGER, "rune")

INVALID = TYP["invalid"]

_INDEX: Mapping[str, int] = MappingProxyType({kind: i for i, kind in enumerate(KINDS)})


def kind_index(kind: str) -> int:
    """The place of `kind` in the compiler's order of kinds."""
    return _INDEX[kind]

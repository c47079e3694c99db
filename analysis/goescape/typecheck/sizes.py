"""Sizes, alignments and offsets in bytes, as the gc compiler lays types out.

Invariants
  - a size is -1 if the type is too large for 63 bits, an offset too;
  - a struct of size greater than zero whose last field has size zero is one byte longer before
    padding, so that the address of that field stays inside;
  - type parameters have no size: ask for instances.

Example: on amd64 `struct { a bool; b int64; c struct{} }` has offsets 0, 8, 16 and size 24.

Source: cmd/compile/internal/types2/{gcsizes,sizes}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from goescape.typecheck.objects import Var
from goescape.typecheck.types import Array, Basic, Interface, Slice, Struct, Type, as_named

# GOARCH -> (word size, greatest alignment)
ARCH_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "386": (4, 4),
        "amd64": (8, 8),
        "arm": (4, 4),
        "arm64": (8, 8),
        "loong64": (8, 8),
        "mips": (4, 4),
        "mipsle": (4, 4),
        "mips64": (8, 8),
        "mips64le": (8, 8),
        "ppc64": (8, 8),
        "ppc64le": (8, 8),
        "riscv64": (8, 8),
        "s390x": (8, 8),
        "sparc64": (8, 8),
        "wasm": (8, 8),
    }
)

_BASIC: Mapping[str, int] = MappingProxyType(
    {
        "bool": 1,
        "int8": 1,
        "int16": 2,
        "int32": 4,
        "int64": 8,
        "uint8": 1,
        "uint16": 2,
        "uint32": 4,
        "uint64": 8,
        "float32": 4,
        "float64": 8,
        "complex64": 8,
        "complex128": 16,
    }
)

MAX_INT64 = (1 << 63) - 1


def is_sync_atomic_align64(t: Type) -> bool:
    """The empty struct that asks for 8-byte alignment of the struct it stands in."""
    named = as_named(t)
    if named is None or named.obj.name != "align64" or named.obj.pkg is None:
        return False
    return named.obj.pkg.path in ("sync/atomic", "internal/runtime/atomic")


class Sizes:
    """The layout rules of one GOARCH; unknown ones are taken for 64-bit."""

    __slots__ = ("_aligns", "_sizes", "goarch", "max_align", "word_size")

    def __init__(self, goarch: str) -> None:
        self.goarch = goarch
        self.word_size, self.max_align = ARCH_SIZES.get(goarch, (8, 8))
        self._sizes: dict[Struct, int] = {}
        self._aligns: dict[Struct, int] = {}

    def forget(self) -> None:
        """Types have other layouts than before."""
        self._sizes.clear()
        self._aligns.clear()

    def alignof(self, t: Type) -> int:
        """At least 1."""
        u = t.underlying
        if isinstance(u, Array):
            return self.alignof(u.elem)
        if isinstance(u, Struct):
            if not u.fields and is_sync_atomic_align64(t):
                return 8
            align = self._aligns.get(u)
            if align is None:
                align = max((self.alignof(f.type) for f in u.fields), default=1)
                self._aligns[u] = align
            return align
        if isinstance(u, (Slice, Interface)):
            return self.word_size
        size = self.sizeof(u)
        if isinstance(u, Basic):
            if u.kind in ("string", "untyped string"):
                return self.word_size
            if u.kind in ("complex64", "complex128"):
                size //= 2
        return min(max(size, 1), self.max_align)

    def offsetsof(self, fields: Sequence[Var]) -> list[int]:
        offsets: list[int] = []
        offs = 0
        for f in fields:
            if offs < 0:
                offsets.append(-1)
                continue
            offs = _align(offs, self.alignof(f.type))
            offsets.append(offs)
            size = self.sizeof(f.type)
            offs = _limit(offs + size) if size >= 0 and offs >= 0 else -1
        return offsets

    def sizeof(self, t: Type) -> int:
        """-1 if the type is too large."""
        u = t.underlying
        if isinstance(u, Basic):
            size = _BASIC.get(u.kind)
            if size is not None:
                return size
            return self.word_size * 2 if u.kind == "string" else self.word_size
        if isinstance(u, Array):
            if u.len <= 0:
                return 0
            size = self.sizeof(u.elem)
            return size if size <= 0 else _limit(size * u.len)
        if isinstance(u, Slice):
            return self.word_size * 3
        if isinstance(u, Struct):
            size = self._sizes.get(u)
            if size is None:
                size = self._sizes[u] = self._struct_size(u)
            return size
        if isinstance(u, Interface):
            return self.word_size * 2
        return self.word_size

    def _struct_size(self, u: Struct) -> int:
        if not u.fields:
            return 0
        offs = self.offsetsof(u.fields)[-1]
        size = self.sizeof(u.fields[-1].type)
        if offs < 0 or size < 0:
            return -1
        if offs > 0 and size == 0:
            size = 1
        return _align(_limit(offs + size), self.alignof(u))

    def offsetof(self, t: Type, index: Sequence[int]) -> int:
        """The offset of the field at `index` (a path through embedded structs) in `t`; -1 if it
        is too large."""
        offs = 0
        for i in index:
            u = t.underlying
            assert isinstance(u, Struct)
            d = self.offsetsof(u.fields)[i]
            if d < 0:
                return -1
            offs = _limit(offs + d)
            if offs < 0:
                return -1
            t = u.fields[i].type
        return offs


def _limit(n: int) -> int:
    return n if 0 <= n <= MAX_INT64 else -1


def _align(n: int, a: int) -> int:
    return -1 if n < 0 else _limit((n + a - 1) // a * a)

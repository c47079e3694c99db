"""What is allocated when the program runs, where the verdict alone would mislead.

"Does not escape" says that a value may be on the stack, not that it is: the stack has room for what
is known to be small. A slice of unknown size gets 32 bytes of it, a string put together or
converted another 32, a map eight entries; what is larger comes from the heap after all. And "escapes to heap" need not cost anything: a constant in an interface lies in
read-only data, a value without bytes nowhere.

Invariants
  - None means that the verdict is the whole truth;
  - what is avoided only in special places is known to be avoided there: `m[string(b)]`,
    `string(b) == s`, `for range []byte(s)`, `append(s, make([]T, n)...)` and the like;
  - where the compiler goes on to improve code whose verdict is "escapes" (the store of a slice that
    is returned may grow on the stack first), the verdict stands as it is.

Example: in go1.27 `make([]int, n)` that does not escape is on the stack for n up to 4, 32 bytes; in
go1.24 it escapes in the first place.

Source: cmd/compile/internal/walk/{builtin,complit,convert,expr,order,switch}.go,
cmd/compile/internal/ssagen/ssa.go (append), runtime/{string,map,iface}.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.escape.self_assign import same_safe_expr
from goescape.ir.nodes import BasicLit
from goescape.ir.op import *
from goescape.ir.static_value import Oracles, is_nil, is_zero
from goescape.ir.typeinfo import INTEGER_KINDS, elem, is_interface, kind, under
from goescape.ir.visit import walk_func
from goescape.report.finding import Allocation
from goescape.typecheck.types import Array, Map, Struct

if TYPE_CHECKING:
    from goescape.goversion import Release
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node
    from goescape.ir.typeinfo import TypeInfo
    from goescape.typecheck.types import Type

STRING_BUFFER = 32
"""Bytes, or runes, on the stack for a string or slice that is converted or put together."""

RUNE_SLACK = 3
"""Bytes that a string made of runes asks for beyond its length."""

SLICE_BUFFER = 32
"""Bytes on the stack for a slice of unknown size, and for the first store of append."""

MAP_ENTRIES = 8
"""Entries of a map on the stack."""

MAP_INLINE = 128
"""The largest key or element, in bytes, that lies in the map itself."""

BOXED_ON_STACK = 1024
"""The largest value, in bytes, that an interface on the stack refers to on the stack."""

SMALL_INTEGERS = 256
"""So many integers from 0 are at hand in read-only data."""

ZERO_VALUE = 1024
"""The size in bytes of the zero value at hand in read-only data."""


class Allocations:
    """Answers for the functions of one unit. Remembers what it found out about a function: a
    function that is lowered again needs a new one. `oracles` knows what is assigned in those asked about."""

    def __init__(self, release: Release, typeinfo: TypeInfo) -> None:
        self._release = release
        self._info = typeinfo
        self._uses: dict[Func, _Uses] = {}
        self.oracles = Oracles()

    def of(self, n: Any, fn: Func | None, escapes: bool) -> Allocation | None:
        """What happens at `n` in `fn`, an expression or variable that `escapes` or does not."""
        return self._of_escaping(n, fn) if escapes else self._of_staying(n, fn)

    # --- what stays, and is allocated ---

    def _of_staying(self, n: Any, fn: Func | None) -> Allocation | None:
        op = n.op
        if op is OMAKEMAP:
            return self._map(n, n.len.val if _is_int(n.len) else -1 if n.len is not None else 0)
        if op is OMAPLIT:
            return self._map(n, len(n.list))
        if op is OCONVIFACE:
            return self._boxed_on_stack(n, fn)
        if op not in _DEPENDS_ON_USE:
            return None
        uses = self._uses_in(fn) if fn is not None else _Uses()
        if n in uses.free:
            return None
        if op is OMAKESLICE:
            return self._make(n)
        if op is OAPPEND:
            return self._append(n, uses)
        return self._text(n)

    def _make(self, n: Any) -> Allocation | None:
        size = n.cap if n.cap is not None else n.len
        constant = _is_int(size)
        if constant and -(1 << 31) <= size.val < 1 << 31:
            return None
        width = self._info.size(elem(n.type))
        room = SLICE_BUFFER // width if width else 0
        if constant and size.val > room:
            return _always("makeslice", f"{size.val} elements are too many for the stack")
        if not room:
            return _always(
                "makeslice", f"its size is not constant, and one element is larger than {SLICE_BUFFER} bytes"
            )  # fmt: skip
        return Allocation(
            "size", "makeslice", room, "elements",
            f"on the heap when it has more than {_count(room, 'element')} ({SLICE_BUFFER} bytes): its size is not constant",
        )  # fmt: skip

    def _append(self, n: Any, uses: _Uses) -> Allocation | None:
        width = self._info.size(elem(n.type))
        if width == 0:
            return None
        room = SLICE_BUFFER // width
        if room and not n.is_ddd and n not in uses.without_store:
            return Allocation(
                "growth", "growslice", room, "elements",
                f"on the heap when it grows beyond {_count(room, 'element')} ({SLICE_BUFFER} bytes)",
            )  # fmt: skip
        return Allocation("growth", "growslice", 0, "elements", "on the heap when it grows beyond its capacity")  # fmt: skip

    def _text(self, n: Any) -> Allocation | None:
        op = n.op
        if op is OADDSTR:
            known = sum(len(_bytes(x.val)) for x in n.list if x.op is OLITERAL)
            if known >= STRING_BUFFER:
                return _always("concatstrings", f"its constant parts alone are {known} bytes")
            return _longer("concatstrings", "bytes")
        if op is OBYTES2STR:
            return _longer("slicebytetostring", "bytes")
        if op is ORUNES2STR:
            return _longer("slicerunetostring", "bytes", STRING_BUFFER - RUNE_SLACK)
        if op is OSTR2RUNES:
            return _longer("stringtoslicerune", "runes")
        assert op is OSTR2BYTES
        if n.x.op is OLITERAL:
            size = len(_bytes(n.x.val))
            limit = self._release.max_implicit_stack_var_size
            if size <= limit:
                return None
            return _always("mallocgc", f"{size} bytes are too many for the stack")
        return _longer("concatbytes" if n.x.op is OADDSTR else "stringtoslicebyte", "bytes")

    def _map(self, n: Any, hint: int) -> Allocation:
        """A map that does not escape, made for `hint` entries, -1 if that is not constant."""
        t = under(n.type)
        assert isinstance(t, Map)
        for part, what in ((t.key, "key"), (t.elem, "element")):
            if self._info.size(part) > MAP_INLINE:
                return Allocation(
                    "growth", "mapassign", 0, "entries",
                    f"on the heap for each entry: a {what} is larger than {MAP_INLINE} bytes",
                )  # fmt: skip
        if hint > MAP_ENTRIES:
            return _always("makemap", f"it is made for {hint} entries, more than {MAP_ENTRIES}")
        if hint < 0:
            return Allocation(
                "size", "makemap", MAP_ENTRIES, "entries",
                f"on the heap when it is made for more than {MAP_ENTRIES} entries, or grows beyond that",
            )  # fmt: skip
        return Allocation(
            "growth", "mapassign", MAP_ENTRIES, "entries", f"on the heap when it grows beyond {MAP_ENTRIES} entries"
        )  # fmt: skip

    def _boxed_on_stack(self, n: Any, fn: Func | None) -> Allocation | None:
        if is_interface(n.x.type) or self._needs_no_copy(n.x, fn):
            return None
        size = self._info.size(n.x.type)
        if size <= BOXED_ON_STACK:
            return None
        return _always("convT", f"{size} bytes are more than the {BOXED_ON_STACK} that are copied to the stack")  # fmt: skip

    # --- what escapes, and is not allocated ---

    def _of_escaping(self, n: Any, fn: Func | None) -> Allocation | None:
        op, info = n.op, self._info
        if op is ONAME:
            return _never("it has no bytes") if info.size(n.type) == 0 else None
        if op is ONEW or op is OPTRLIT:
            return _never("it has no bytes") if info.size(elem(n.type)) == 0 else None
        if op is OMAKESLICE or op is OSLICELIT:
            size = n.cap if op is OMAKESLICE and n.cap is not None else n.len
            if size == 0 or (_is_int(size) and size.val == 0):
                return _never("it has no elements")
            return _never("its elements have no bytes") if info.size(elem(n.type)) == 0 else None
        if op is OCLOSURE:
            if not n.func.closure_vars:
                return _never("a literal that captures nothing is a constant")
            return None
        if op is not OCONVIFACE or is_interface(n.x.type):
            return None
        why = self._needs_no_copy(n.x, fn)
        if why:
            return _never(why)
        x = n.x.type
        size = info.size(x)
        sole = _sole(x)
        if size in (2, 4, 8) and info.align(x) == size and not info.has_pointers(x):
            what = "its value is" if kind(sole) in INTEGER_KINDS else "its bits are a number"
            return Allocation(
                "value", f"convT{size * 8}", SMALL_INTEGERS, "values",
                f"on the heap unless {what} from 0 to {SMALL_INTEGERS - 1}",
            )  # fmt: skip
        if kind(sole) not in ("TSTRING", "TSLICE") or _is_never_zero(self._static_value(n.x, fn)):
            return None
        if kind(sole) == "TSTRING":
            return Allocation("value", "convTstring", 0, "bytes", "on the heap unless it is empty")
        return Allocation("value", "convTslice", 0, "elements", "on the heap unless it is nil")

    def _needs_no_copy(self, x: Any, fn: Func | None) -> str:
        """Why nothing is copied when `x` goes into an interface; "" if something is."""
        t, info = x.type, self._info
        if info.is_direct_iface(t):
            return "a pointer is its own representation"
        if info.size(t) == 0:
            return "it has no bytes"
        sole = _sole(t)
        if kind(sole) == "TBOOL" or (info.size(t) == 1 and kind(sole) in INTEGER_KINDS):
            return "all values of one byte are at hand"
        if x.op is OLITERAL or x.op is ONIL:
            return "a constant is read-only data"
        if not self._release.boxes_static_literals_for_free:
            return ""
        if not isinstance(under(t), Struct | Array):
            return ""
        value = x if _is_static_literal(x) else self._static_value(x, fn)
        if value.op is not OSTRUCTLIT and value.op is not OARRAYLIT:
            return ""
        if value is not x and self._is_passed_by_value(t, sole):
            return ""  # Only what is passed by address is looked up.
        if is_zero(value) and info.size(t) <= ZERO_VALUE:
            return "the zero value is read-only data"
        return "a constant literal is read-only data" if _is_static_literal(value) else ""

    def _static_value(self, x: Any, fn: Func | None) -> Any:
        return self.oracles.of(fn).static_value(x) if fn is not None else x

    def _is_passed_by_value(self, t: Type, sole: Type) -> bool:
        info = self._info
        size = info.size(t)
        if size in (2, 4, 8) and info.align(t) == size and not info.has_pointers(t):
            return True
        return kind(sole) in ("TSTRING", "TSLICE")

    # --- where expressions stand ---

    def _uses_in(self, fn: Func) -> _Uses:
        uses = self._uses.get(fn)
        if uses is None:
            uses = self._uses[fn] = _Uses()
            for n in walk_func(fn):
                look = _LOOK.get(n.op)
                if look is not None:
                    look(n, uses)
        return uses


class _Uses:
    """Of one function: the expressions that are never made on their own (`free`), and the appends
    that have no store on the stack. `appended` are the variables that have one already."""

    __slots__ = ("appended", "free", "without_store")

    def __init__(self) -> None:
        self.free: set[Node] = set()
        self.without_store: set[Node] = set()
        self.appended: set[Node] = set()


def _look_at_range(n: Any, uses: _Uses) -> None:
    if n.x.op is OSTR2BYTES:
        uses.free.add(n.x)


def _look_at_switch(n: Any, uses: _Uses) -> None:
    tag = n.tag
    if tag is not None and tag.op is OBYTES2STR:
        if all(x.op is OLITERAL for case in n.cases for x in case.list):
            uses.free.add(tag)


def _look_at_comparison(n: Any, uses: _Uses) -> None:
    uses.free.update(x for x in (n.x, n.y) if x.op is OBYTES2STR)


def _look_at_index(n: Any, uses: _Uses) -> None:
    """`m[string(b)]`, also with the string in a composite key."""
    stack = [] if n.assigned else [n.index]
    while stack:
        x = stack.pop()
        if x.op is OBYTES2STR:
            uses.free.add(x)
        elif x.op is OSTRUCTLIT or x.op is OARRAYLIT:
            stack += [e.value if e.op in (OKEY, OSTRUCTKEY) else e for e in x.list]


def _look_at_concatenation(n: Any, uses: _Uses) -> None:
    if any(x.op is OLITERAL and x.val for x in n.list):
        uses.free.update(x for x in n.list if x.op is OBYTES2STR)


def _look_at_len(n: Any, uses: _Uses) -> None:
    if n.x.op is OSTR2RUNES or n.x.op is OBYTES2STR:
        uses.free.add(n.x)


def _look_at_conversion(n: Any, uses: _Uses) -> None:
    """`[]byte(s + t)` puts the bytes together at once."""
    if n.x.op is OADDSTR:
        uses.free.add(n.x)


def _look_at_append(n: Any, uses: _Uses) -> None:
    first = n.args[0]
    if n.is_ddd:
        last = n.args[-1]
        if last.op is OMAKESLICE and last.cap is None:
            uses.free.add(last)
        return
    if first in uses.appended:
        uses.without_store.add(n)
    uses.appended.add(first)


def _look_at_assignment(n: Any, uses: _Uses) -> None:
    """`x = append(x, …)` is done in place where x is in memory anyway, and then has no store."""
    y = n.y
    if y is None or y.op is not OAPPEND or y.is_ddd:
        return
    if same_safe_expr(n.x, y.args[0]) and not _is_in_registers(n.x):
        uses.without_store.add(y)


_LOOK: dict[str, Any] = {
    ORANGE: _look_at_range,
    OSWITCH: _look_at_switch,
    **dict.fromkeys((OEQ, ONE, OLT, OLE, OGT, OGE), _look_at_comparison),
    OINDEXMAP: _look_at_index,
    OADDSTR: _look_at_concatenation,
    OLEN: _look_at_len,
    OSTR2BYTES: _look_at_conversion,
    OAPPEND: _look_at_append,
    OAS: _look_at_assignment,
}

_MAKES_SLICE = frozenset({OSLICELIT, OMAKESLICE, OSTR2BYTES, OSTR2RUNES})

_DEPENDS_ON_USE = frozenset(
    {OMAKESLICE, OAPPEND, OADDSTR, OBYTES2STR, ORUNES2STR, OSTR2BYTES, OSTR2RUNES}
)


def _is_in_registers(n: Any) -> bool:
    """Whether a variable need not be in memory."""
    while n.op is ODOT:
        n = n.x
    return (
        n.op is ONAME
        and n.cls != "PEXTERN"
        and not n.addrtaken
        and (not n.is_closure_var or n.byval)
    )


def _sole(t: Type) -> Type:
    """The only component of `t`, however deep; `t` itself if it has none or several."""
    while True:
        u = under(t)
        if isinstance(u, Struct) and len(u.fields) == 1:
            t = u.fields[0].type
        elif isinstance(u, Array) and u.len == 1:
            t = u.elem
        else:
            return t


def _is_never_zero(n: Any) -> bool:
    """Whether a string is known not to be empty, or a slice not to be nil."""
    if n.op is OADDSTR:
        return any(x.op is OLITERAL and x.val for x in n.list)
    return n.op in _MAKES_SLICE


def _is_static_literal(n: Any) -> bool:
    """Whether a literal of a struct or array can be read-only data."""
    stack = [n]
    while stack:
        x = stack.pop()
        op = x.op
        if op is OSTRUCTLIT or op is OARRAYLIT:
            stack += [e.value if e.op in (OKEY, OSTRUCTKEY) else e for e in x.list]
        elif op is OCONVIFACE:
            while x.op is OCONVIFACE:
                x = x.x
            if is_interface(x.type) and not is_nil(x):
                return False
            stack.append(x)
        elif op is not OLITERAL and op is not ONIL:
            return False
    return True


def _is_int(n: Any) -> bool:
    return isinstance(n, BasicLit) and n.op is OLITERAL and type(n.val) is int


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _longer(call: str, unit: str, limit: int = STRING_BUFFER) -> Allocation:
    return Allocation(
        "size", call, limit, unit, f"on the heap when it is longer than {limit} {unit}"
    )


def _always(call: str, why: str) -> Allocation:
    return Allocation("always", call, 0, "bytes", f"on the heap all the same: {why}")


def _never(why: str) -> Allocation:
    return Allocation("never", "", 0, "bytes", f"nothing is allocated: {why}")

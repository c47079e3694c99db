"""What the body of a function would cost where it is inlined.

The walk sees the body as written, before any call in it is expanded. Every node costs one; some are
free, some cost more, and a call costs what its callee costs, if the call would be inlined here, or a
penalty. Some statements forbid inlining altogether.

Invariants
  - bodies of literals are not walked: a literal has a fixed price;
  - unless the whole cost is asked for, the walk ends as soon as the budget is spent;
  - the judge is asked about callees in the order of the walk, and a literal that is called is judged
    at that moment.

Example: in `func f(x int) int { return x + 1 }` the return, the addition and its operands cost 4.

Source: cmd/compile/internal/inline/inl.go (hairyVisitor, IsBigFunc) (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from goescape.goversion.intrinsics import is_intrinsic, is_merged_access
from goescape.ir.convert import is_empty_interface
from goescape.ir.nodes import Name
from goescape.ir.op import *
from goescape.ir.typeinfo import has_shape, is_interface, under
from goescape.ir.visit import PUSH
from goescape.typecheck.types import Pointer, Struct, Tuple

if TYPE_CHECKING:
    from goescape.goversion import Release
    from goescape.ir.func import Func
    from goescape.ir.nodes import CallExpr, Node
    from goescape.typecheck.sizes import Sizes

MAX_BUDGET: Final = 80
"""What a function may cost."""
BIG_CALLER_BUDGET: Final = 20
"""What it may cost in a big function."""
BIG_FUNCTION_NODES: Final = 5000
CALL_COST: Final = 57
"""The extra cost of a call that is not inlined."""
THROW_COST: Final = MAX_BUDGET
CLOSURE_COST: Final = 15
DICTIONARY_WORD_COST: Final = 4
SYMBOL_COST: Final = 2

CalleeCost = Callable[["CallExpr"], int | None]
"""What the callee of a call costs; None if the call would not be inlined."""


class Rules:
    """What decides costs: the release, and the architecture with its intrinsics."""

    __slots__ = ("goarch", "release", "sizes")

    def __init__(self, release: Release, sizes: Sizes) -> None:
        self.release = release
        self.sizes = sizes
        self.goarch = sizes.goarch

    def is_intrinsic_call(self, call: CallExpr) -> bool:
        """Whether the compiler emits instructions in place of the call."""
        name = _callee_name(call)
        return (
            name is not None
            and name.pkg is not None
            and is_intrinsic(self.release.minor, self.goarch, name.pkg.path, name.name)
        )


def is_escape_non_string(name: Name | None) -> bool:
    """`internal/abi.EscapeNonString[T]`, which escape analysis replaces."""
    return (
        name is not None
        and name.pkg is not None
        and name.pkg.path == "internal/abi"
        and name.name.startswith("EscapeNonString[")
    )


def is_multi_value(n: Any) -> bool:
    """Whether the `OAS2` assigns the values of one expression, by way of temporaries."""
    if not n.rhs:
        return False
    init = n.rhs[0].init
    return len(init) == 1 and hasattr(init[0], "rhs")


def is_big(fn: Func) -> bool:
    """Whether the function is so big that less is inlined into it."""
    left = BIG_FUNCTION_NODES - 1
    stack: list[Any] = fn.body[::-1]
    push = PUSH
    while stack:
        n = stack.pop()
        if n.op is OAS2 and is_multi_value(n):
            left += 4 * len(n.lhs) + 1
        elif n.op is OTYPESW and n.tag:
            left -= 1
        left -= 1
        if left <= 0:
            return True
        if n.__class__ is not Name:
            push[n.__class__](n, stack)
    return False


class Hairiness:
    """The walk over one function. `reason` is set if something forbids inlining; `cost` is what was
    counted."""

    __slots__ = ("_budget", "_callee_cost", "_rules", "_whole", "left", "reason")

    def __init__(self, rules: Rules, budget: int, whole: bool, callee_cost: CalleeCost) -> None:
        self._rules = rules
        self._budget = self.left = budget
        self._whole = whole
        self._callee_cost = callee_cost
        self.reason = ""

    @property
    def cost(self) -> int:
        return self._budget - self.left

    def walk(self, fn: Func) -> bool:
        """Whether `fn` cannot be inlined."""
        stack: list[Any] = fn.body[::-1]
        special, free, push = _SPECIAL, _FREE, PUSH
        whole = self._whole
        while stack:
            n = stack.pop()
            op = n.op
            if op in free:
                continue
            handle = special.get(op)
            if handle is not None:
                instead = handle(self, n)
                if self.reason:
                    return True
                if instead is not None:
                    stack.extend(instead[::-1])
                    continue
            self.left -= 1
            if self.left < 0 and not whole:
                self.reason = "too expensive"
                return True
            push[n.__class__](n, stack)
        if self.left < 0:
            self.reason = f"function too complex: cost {self.cost} exceeds budget {self._budget}"
        return bool(self.reason)

    # --- one method per special kind of node; each returns the nodes to walk in place of the node,
    # which is then free, or None for the node and its children ---

    def _call(self, n: Any) -> list[Node] | None:
        rules = self._rules
        name = _callee_name(n)
        extra = CALL_COST
        if n.fun.op is ONAME:
            cls = n.fun.cls
            if cls == "PFUNC":
                path = name.pkg.path if name is not None and name.pkg is not None else ""
                text: str = n.fun.name
                if path == "internal/abi":
                    if text.startswith("EscapeNonString["):
                        return None
                    if text == "NoEscape" and rules.release.no_escape_is_free:
                        return None
                elif path == "internal/runtime/sys":
                    if text in ("GetCallerPC", "GetCallerSP"):
                        self.reason = f"call to {text}"
                        return None
                # The same under the names that these had before go1.24.
                elif path == "reflect" and text == "noescape":
                    return None
                elif path == "runtime" and text in ("getcallerpc", "getcallersp"):
                    self.reason = f"call to {text}"
                    return None
                elif path == "runtime" and text == "throw" and rules.release.throw_is_costly:
                    self.left -= THROW_COST
                    return None
                elif path == "runtime" and n.fun.func is None:
                    # Calls that the compiler itself puts in.
                    if text == "throw":
                        self.left -= THROW_COST
                        return None
                    if text == "panicrangestate":
                        return None
                    if text == "deferrangefunc" and not rules.release.inlines_defer_in_range:
                        self.reason = "defer call in range func"
                        return None
                if is_merged_access(rules.goarch, path, text):
                    return None
            elif cls == "PPARAM" or (cls == "PAUTOHEAP" and n.fun.is_closure_var):
                extra = rules.release.inline_param_call_cost
        elif name is not None and name.pkg is not None:
            path = name.pkg.path
            if path == "runtime" and name.name == "heapBits.nextArena":
                return None
            if path == "encoding/binary" and is_merged_access(rules.goarch, path, name.name):
                return None
        if rules.is_intrinsic_call(n):
            return None
        cost = self._callee_cost(n)
        self.left -= extra if cost is None else cost
        return None

    def _interface_call(self, n: Any) -> list[Node] | None:
        self.left -= CALL_COST
        return None

    def _panic(self, n: Any) -> list[Node] | None:
        if n.x.op is not OCONVIFACE or not n.x.implicit:
            self.left -= 1
        return None

    def _recover(self, n: Any) -> list[Node] | None:
        self.reason = "call to recover"
        return None

    def _closure(self, n: Any) -> list[Node] | None:
        self.left -= CLOSURE_COST
        return None

    def _unhandled(self, n: Any) -> list[Node] | None:
        self.reason = f"unhandled op {n.op[1:]}"
        return None

    def _addr(self, n: Any) -> list[Node] | None:
        dot = n.x
        if (
            (dot.op is ODOT or dot.op is ODOTPTR)
            and isinstance(dot.x, Name)
            and self._is_first_field(dot)
        ):
            self.left += 2
        return None

    def _is_first_field(self, dot: Any) -> bool:
        t: Any = under(dot.x.type)
        if isinstance(t, Pointer):
            t = under(t.elem)
        if not isinstance(t, Struct):
            return False
        fields = t.fields
        for i, field in enumerate(fields):
            if field is dot.selection or field.name == dot.sel:
                return i == 0 or self._rules.sizes.offsetsof(fields)[i] == 0
        return False

    def _deref(self, n: Any) -> list[Node] | None:
        x = n.x
        while x.op is OCONVNOP:
            x = x.x
        if x.op is OADDR:
            self.left += 1
        return None

    def _uncounted(self, n: Any) -> list[Node] | None:
        self.left += 1
        return None

    def _double(self, n: Any) -> list[Node] | None:
        self.left -= 1
        return None

    def _if(self, n: Any) -> list[Node] | None:
        cond = n.cond
        if cond.op is OLITERAL and isinstance(cond.val, bool):
            return [*n.init, *(n.body if cond.val else n.els)]
        return None

    def _as2(self, n: Any) -> list[Node] | None:
        if is_multi_value(n):
            self.left += 4 * len(n.lhs) + 1
        return None

    def _type_switch(self, n: Any) -> list[Node] | None:
        if n.tag:
            self.left -= 1
        return None

    def _dynamic_type(self, n: Any) -> list[Node] | None:
        self.left -= DICTIONARY_WORD_COST
        return None

    def _switch(self, n: Any) -> list[Node] | None:
        if n.tag is None:
            # Interfaces among the cases are compared with true, which takes its type.
            values = [e for clause in n.cases for e in clause.list]
            self.left -= SYMBOL_COST * sum(is_empty_interface(e.type) for e in values)
        elif n.tag.op is OTYPESW:
            iface = n.tag.x.type
            for clause in n.cases:
                for e in clause.list:
                    if e.op is ODYNAMICTYPE:
                        self.left -= _runtime_types(e.type, iface) - DICTIONARY_WORD_COST
        return None

    def _dynamic_assertion(self, n: Any) -> list[Node] | None:
        t: Any = under(n.type)
        if isinstance(t, Tuple):  # with a second value
            t = t.vars[0].type
        else:
            t = n.type
        self.left -= _runtime_types(t, n.x.type) + _word(n.x.type)
        return None

    def _slice(self, n: Any) -> list[Node] | None:
        if self._rules.release.discounts_slicing:
            if n.low is not None and n.low.op is OLITERAL and n.low.val == 0:
                self.left += 1
            if n.high is not None and n.high.op is OLEN and n.high.x is n.x:
                self.left += 2
        return None


def _word(*types: Any) -> int:
    """What the run-time type of types costs: a word of the dictionary if it depends on a type
    parameter, else the address of a symbol."""
    return DICTIONARY_WORD_COST if any(has_shape(t) for t in types) else SYMBOL_COST


def _runtime_types(t: Any, iface: Any) -> int:
    """What an assertion to `t` needs at run time, `iface` being the type asserted from."""
    if is_empty_interface(iface) or is_interface(t):
        return _word(t)
    return _word(t, iface)


def _callee_name(call: CallExpr) -> Name | None:
    """The function or method that the call names outright."""
    fun: Any = call.fun
    if fun.op is ONAME:
        name: Name = fun
        return name
    if fun.op is OMETHEXPR:
        method: Name | None = fun.func_name
        return method
    return None


_H = Hairiness

_FREE = frozenset({OFALL, OTYPE})

_SPECIAL: dict[str, Callable[[Hairiness, Any], list[Node] | None]] = {
    OCALLFUNC: _H._call,
    OCALLINTER: _H._interface_call,
    OPANIC: _H._panic,
    ORECOVER: _H._recover,
    OCLOSURE: _H._closure,
    OGO: _H._unhandled,
    ODEFER: _H._unhandled,
    OTAILCALL: _H._unhandled,
    OADDR: _H._addr,
    ODEREF: _H._deref,
    OCONVNOP: _H._uncounted,
    OBLOCK: _H._uncounted,
    OMETHEXPR: _H._uncounted,
    OMETHVALUE: _H._double,
    OSLICELIT: _H._double,
    OIF: _H._if,
    OAS2: _H._as2,
    OTYPESW: _H._type_switch,
    OSWITCH: _H._switch,
    ODYNAMICTYPE: _H._dynamic_type,
    ODYNAMICDOTTYPE: _H._dynamic_assertion,
    ODYNAMICDOTTYPE2: _H._dynamic_assertion,
    **dict.fromkeys((OSLICE, OSLICEARR, OSLICESTR, OSLICE3, OSLICE3ARR), _H._slice),
}

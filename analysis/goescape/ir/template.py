"""Bodies that were lowered to be expanded, kept to be copied when they are expanded again.

Lowering a body once more (`inline_body`) and copying what came of it give the same nodes, as long as nothing
in it depends on where it is expanded.

Invariants
  - a template is part of no function: whoever expands it gets new nodes and new locals;
  - the names of package variables and functions, of what a literal has captured, and all that is no node, are shared;
  - no template is made of a body with literals, labels or instances of generic code: the first two are named by
    the expansion, the last are found again by whoever lowers them.

Example: of `func add(p, q int) int { r := p + q; return r }` the second expansion leaves a template with the
local r; the third one copies it, and puts its own p, q and r for those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from goescape.ir.bloop import is_b_loop
from goescape.ir.nodes import ClosureExpr, Name, Node, TailCallStmt
from goescape.ir.op import OCALLFUNC, OCALLINTER
from goescape.ir.static_value import STORES
from goescape.ir.visit import FIELDS, fields, walk
from goescape.source.positions import BASE_SHIFT, NO_POS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from goescape.ir.func import Func
    from goescape.ir.lower import Source
    from goescape.ir.nodes import ForStmt, RangeStmt
    from goescape.ir.visit import Link

    _Place = tuple[Any, Any, str, int]
    """A node, the node above (None: the body), the field there, and the index in it or -1."""

_LOCAL = ("PAUTO", "PPARAM", "PPARAMOUT")
_NOT_COPIED = frozenset({ClosureExpr, TailCallStmt})


@dataclass(slots=True)
class Copied:
    """A body of its own: its statements `stmts`, `stores`, those of them, wherever they are in it, that store to
    something, its `calls` with where they hang, operands first, and its `loops`. `names` are the parameters and
    results of its function, and then its locals."""

    names: list[Name]
    stmts: list[Node]
    stores: list[Node]
    calls: list[Link]
    loops: list[ForStmt | RangeStmt]


class Template:
    """A body to be copied; `base` is that of all positions in it. For the rest see `Copied`."""

    __slots__ = ("_calls", "_loops", "_names", "_stmts", "_stores", "base")

    def __init__(
        self,
        base: int,
        names: list[Name],
        stmts: list[Node],
        stores: list[Node],
        loops: Sequence[ForStmt | RangeStmt],
    ) -> None:
        self.base, self._names, self._stmts = base, names, stmts
        self._stores, self._loops = stores, loops
        self._calls = _calls(stmts)

    @classmethod
    def of(cls, func: Func, stmts: list[Node], captured: set[Name | None]) -> Template | None:
        """The body `stmts` as it was lowered in `func`, with what it has `captured`; None if it cannot be copied."""
        names = set(func.dcl)
        base = func.pos >> BASE_SHIFT
        if any(n.pos >> BASE_SHIFT != base and n.pos != NO_POS for n in names):
            return None
        wanted: set[Any] = {n.defn for n in names if _is_defined(n)}
        wanted.update(func.loops)
        stores: list[Node] = []
        n: Any
        for n in walk(stmts):
            kind = n.__class__
            if kind is Name:
                if n not in names and n not in captured and (n.cls in _LOCAL or _is_instance(n)):
                    return None
                continue
            if kind in _NOT_COPIED or getattr(n, "label", None) or is_b_loop(n):
                return None
            if n.pos >> BASE_SHIFT != base and n.pos != NO_POS:
                return None
            if _is_instance(getattr(n, "func_name", None)):
                return None
            if kind in STORES:
                stores.append(n)
            wanted.discard(n)
        if wanted:
            return None
        mine = cls(base, func.dcl, stmts, stores, func.loops).copy([], base)
        return cls(base, mine.names, mine.stmts, mine.stores, mine.loops)

    def copy(self, names: list[Name], base: int) -> Copied:
        """The same with other nodes, and positions in `base`. It has the names that are given, which come first,
        and others for the rest."""
        delta = (base - self.base) << BASE_SHIFT
        names = [*names, *map(_like, self._names[len(names) :])]
        mine: dict[Node, Node] = {}
        for old, new in zip(self._names, names, strict=True):
            new.addrtaken, new.reassigned, new.used = old.addrtaken, old.reassigned, old.used
            new.pos = old.pos + delta if old.pos else NO_POS
            mine[old] = new
        made: dict[Node, Any] = {}
        stmts = _copies(self._stmts, mine, delta, made)
        for old, new in zip(self._names, names, strict=True):
            if old.defn is not None and old.cls == "PAUTO":
                new.defn = made[old.defn]
        calls: list[Link] = []
        for call, above, field, i in self._calls:
            if i < 0:
                calls.append((made[call], made[above], field))
            else:
                held = getattr(made[above], field) if above is not None else stmts
                calls.append((made[call], held, i))
        stores, loops = [made[n] for n in self._stores], [made[n] for n in self._loops]
        return Copied(names, stmts, stores, calls, loops)


class Templates:
    """Those of the bodies that a unit has expanded twice, as long as the functions are what they were."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Func, tuple[Source, Template | None, bool]]
        self._known = WeakKeyDictionary()  # Functions come and go while somebody types.

    def known(self, callee: Func) -> Template | None:
        """That of a function that was lowered."""
        known = self._known.get(callee)
        return known[1] if known is not None and known[0] is callee.source else None

    def note(self, callee: Func, func: Func, stmts: list[Node]) -> None:
        """The body of `callee` was lowered in `func` to `stmts`."""
        source: Source = callee.source
        if source.dict is not None or source.rewritten is not None:
            return
        known = self._known.get(callee)
        if known is None or known[0] is not source:
            self._known[callee] = source, None, False
        elif not known[2]:
            captured = {cv.outer for cv in callee.closure_vars}
            self._known[callee] = source, Template.of(func, stmts, captured), True


def _is_instance(name: Name | None) -> bool:
    func = name.func if name is not None else None
    return func is not None and (func.extra is not None or func.dupok)


def _is_defined(name: Name) -> bool:
    """Whether it is a local that the body defines; parameters are defined by the call."""
    return name.cls == "PAUTO" and name.defn is not None


def _like(name: Name) -> Name:
    """A new name like a local."""
    new = Name(name.pos, name.name, name.pkg, name.type, name.cls, name.curfn, name.obj)
    new.op, new.implicit, new.syn, new.is_ddd = name.op, name.implicit, name.syn, name.is_ddd
    return new


def _calls(stmts: list[Node]) -> list[_Place]:
    """The calls in a body without literals, operands first."""
    found: list[_Place] = []
    stack: list[_Place] = [(n, None, "", i) for i, n in enumerate(stmts)]
    while stack:
        place = stack.pop()
        n = place[0]
        if n.op is OCALLFUNC or n.op is OCALLINTER:
            found.append(place)
        for field in fields(n.__class__):
            if field[0] == "*":
                stack += [(x, n, field[1:], i) for i, x in enumerate(getattr(n, field[1:]))]
            elif (x := getattr(n, field)) is not None:
                stack.append((x, n, field, -1))
    found.reverse()  # Found backwards: a call before its operands, the last operand first.
    return found


def _copies(
    nodes: list[Any], names: dict[Node, Node], delta: int, made: dict[Node, Any]
) -> list[Any]:
    get, table = names.get, _COPY
    return [
        x if x is None else get(x, x) if x.__class__ is Name else table[x.__class__](x, names, delta, made)
        for x in nodes
    ]  # fmt: skip


def _compile(cls: type[Node]) -> Any:
    """The function that copies a `cls`, made for its fields."""
    children = {f.lstrip("*"): f for f in FIELDS[cls]}
    lines = ["m = made[n] = new(cls)", "m.pos = n.pos + delta if n.pos else 0"]
    lines += ["m.init = copies(n.init, names, delta, made) if n.init else []"]
    for f in (*Node.__slots__, *cls.__slots__):
        child = children.get(f, "")
        if f in ("pos", "init"):
            continue
        if child.startswith("*"):
            lines.append(f"m.{f} = copies(n.{f}, names, delta, made) if n.{f} else []")
        elif child:
            lines.append(f"x = n.{f}")
            lines.append(
                f"m.{f} = x if x is None else names.get(x, x) if x.__class__ is Name"
                " else table[x.__class__](x, names, delta, made)"
            )
        else:
            lines.append(f"m.{f} = n.{f}")
    scope: dict[str, Any] = {
        "Name": Name, "cls": cls, "copies": _copies, "new": cls.__new__, "table": _COPY,
    }  # fmt: skip
    exec("\n    ".join(["def copy(n, names, delta, made):", *lines, "return m"]), scope)
    return scope["copy"]


_COPY: dict[type[Node], Callable[[Any, dict[Node, Node], int, dict[Node, Any]], Any]] = {}
_COPY.update((cls, _compile(cls)) for cls in FIELDS if cls is not Name)

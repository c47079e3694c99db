"""Which bodies of other packages are at hand.

A package reads what its imports export, and of a function it can expand only what some import has
brought along: the import's own functions, and those from further away that were expanded somewhere in
it. Either must be reached from what the import's exported objects lead to: through types, the
methods of types, generic bodies, and bodies that can be inlined.

Invariants
  - instances, literals, and functions of the package itself or of its imports are always at hand;
  - so is what an expanded body that is not generic calls, if it was written where this is at hand: who
    brought the body has expanded that too;
  - an answer depends on the import alone, not on who asks.

Example: `internal/sync` calls `abi.NoEscape` in the methods of its generic map only. Package `sync`,
which instantiates the map and imports neither `internal/abi` nor anybody who expands `NoEscape`,
cannot expand these calls. `net/netip` can: it imports `unique`, which has such a map itself.

Source: cmd/compile/internal/noder/{linker,reader}.go (relocObj, exportBody, bodyReaderFor,
unifiedHaveInlineBody) (go1.27).
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from goescape.inline.chains import Chains
from goescape.ir.type_parts import parts
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.objects import Const, Func, Object, TypeName, Var
from goescape.typecheck.types import Alias, Basic, Named, Signature, Type, TypeParam, Union

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from goescape.inline.interleaved import Event
    from goescape.ir import func as ir
    from goescape.ir.nodes import CallExpr
    from goescape.ir.unit import Unit
    from goescape.source.positions import Positions
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Package


@dataclass(frozen=True, slots=True)
class Inlining:
    """What compiling a package with inlining came to: the names of its functions that can be inlined,
    and those (with their package's path: `internal/abi.NoEscape`) of other packages that were
    expanded in it."""

    inlinable: frozenset[str] = frozenset()
    expanded: frozenset[str] = frozenset()

    def encode(self) -> bytes:
        return "\n\n".join("\n".join(sorted(s)) for s in (self.inlinable, self.expanded)).encode()

    @classmethod
    def decode(cls, data: bytes) -> Inlining:
        """The inverse of `encode`."""
        inlinable, _, expanded = data.decode().partition("\n\n")
        return cls(*(frozenset(s.split("\n")) if s else frozenset() for s in (inlinable, expanded)))


class Imports(Protocol):
    """What is known of packages that were, or can be, compiled."""

    def checker_of(self, pkg: Package) -> Checker: ...
    def builds_on(self, pkg: Package, other: Package) -> int:
        """How many packages `pkg` is made of, if `other` is one of them; 0 if not."""

    def known_inlining_of(self, pkg: Package) -> Inlining | None:
        """What compiling `pkg` came to; None if that is not known yet."""

    def inlining_of(self, pkg: Package) -> Inlining:
        """The same, by compiling it now if need be."""

    def is_large(self, pkg: Package) -> bool:
        """Whether compiling `pkg` takes long, and `expands` may answer instead."""

    def expands(self, pkg: Package, obj: Func) -> bool | None:
        """Whether compiling `pkg` expands a function of another package that is not generic; None if
        that cannot be told without compiling it."""

    def may_inline(self, obj: Func) -> bool:
        """Whether the body of a function that is not generic can be expanded anywhere."""

    def may_name(self, pkg: Package, obj: Func) -> Iterable[Package]:
        """Of the packages that `pkg` is made of, those that can name a function of another one: its own
        package, and those that import that."""

    def naming(self, pkg: Package, obj: Func) -> Iterable[Func | None]:
        """The functions declared in `pkg` in whose text the name of `obj` is a word; None for a declaration
        of something else."""

    def brought(self, pkg: Package, name: str) -> bool | None:
        """Whether `pkg` is known to bring the function `name` (with its path) along; None if nobody
        has found out."""

    def note_brought(self, pkg: Package, name: str, answer: bool) -> None:
        """That was found out."""

    def verdict_of(self, fn: ir.Func) -> Verdict | None:
        """What somebody has found out about inlining `fn`; None if nobody has."""

    def leads_to(self, pkg: Package, funcs: Iterable[ir.Func], targets: Iterable[ir.Func]) -> bool:
        """Whether one of `funcs` leads to one of `targets`, all of them functions of `pkg`."""

    def judge_whole(self, pkg: Package) -> bool:
        """Have the verdicts about all functions of `pkg` told by `verdict_of`. False if that cannot be."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a function can be inlined (`is_inlinable`), and then at which `cost`, whether its results may be
    declared where it returns, and whether it is in a ring of too many. `is_sure`: it does not depend on the
    order in which the package is judged, or that was heeded."""

    is_inlinable: bool
    cost: int = 0
    can_delay_results: bool = False
    in_ring: bool = False
    is_sure: bool = True

    def encode(self) -> bytes:
        doubt = b"" if self.is_sure else b"?"
        if not self.is_inlinable:
            return doubt
        return b"%d,%d,%d" % (self.cost, self.can_delay_results, self.in_ring) + doubt

    @classmethod
    def decode(cls, data: bytes) -> Verdict:
        """The inverse of `encode`."""
        said, doubt, _ = data.partition(b"?")
        if not said:
            return cls(False, is_sure=not doubt)
        cost, delay, ring = map(int, said.split(b","))
        return cls(True, cost, bool(delay), bool(ring), not doubt)


def inlining(pkg: Package, events: Iterable[Event]) -> Inlining:
    """What `events`, all that was said while `pkg` was compiled, came to."""
    from goescape.inline.inlinable import Judged
    from goescape.inline.interleaved import Inlined

    inlinable, expanded = set(), set()
    for event in events:
        if isinstance(event, Judged):
            if not event.reason:
                inlinable.add(event.fn.nname.name)
        elif isinstance(event, Inlined) and event.callee.nname.pkg is not pkg:
            expanded.add(qualified(event.callee))
    return Inlining(frozenset(inlinable), frozenset(expanded))


def qualified(fn: ir.Func) -> str:
    """The name of `fn` with its package's path: `internal/sync.(*Mutex).Lock`."""
    pkg = fn.nname.pkg
    return f"{pkg.path}.{fn.nname.name}" if pkg is not None else fn.nname.name


class Unclear(Exception):
    """It takes to compile the package to know."""


class Exported:
    """Remembers which package brings which function along."""

    __slots__ = ("_answers", "_chains", "_imports", "_searches", "_wide", "positions")

    def __init__(self, positions: Positions, imports: Imports) -> None:
        self.positions = positions
        self._imports = imports
        self._chains = Chains(imports)
        self._answers: dict[tuple[Package, str], bool] = {}
        self._searches: dict[Package, _Search] = {}
        self._wide: dict[Package, _Search] = {}  # as if everything were expanded that can be

    def forget(self) -> None:
        """Packages have changed."""
        self._chains = Chains(self._imports)
        self._answers.clear()
        self._searches.clear()
        self._wide.clear()

    def is_at_hand(self, caller: ir.Func, call: CallExpr, fn: ir.Func) -> bool:
        """Whether the body of `fn`, that `call` in `caller` calls, can be read there."""
        unit: Unit = caller.unit
        pkg = fn.nname.pkg
        if (
            fn.unit is unit
            or pkg is None
            or fn.closure_parent is not None
            or pkg in unit.pkg.imports
        ):
            return True
        site = self.positions.site(call.pos)
        if site is not None:
            around: ir.Func = site.callee
            while around.closure_parent is not None:
                around = around.closure_parent
            home = around.nname.pkg
            is_generic = around.source is not None and around.source.dict is not None
            # It was expanded where the call was written, and came along.
            if not is_generic and home is not None and home is not unit.pkg:
                if pkg is home or pkg in home.imports:
                    return True
        name = qualified(fn)
        key = (unit.pkg, name)
        answer = self._answers.get(key)
        if answer is None:
            # Those that are soon compiled come first.
            sizes = [(self._imports.builds_on(q, pkg), i) for i, q in enumerate(unit.pkg.imports)]
            imports = (unit.pkg.imports[i] for size, i in sorted(sizes) if size)
            answer = self._answers[key] = any(self._brings(q, fn) for q in imports)
        return answer

    def _brings(self, pkg: Package, fn: ir.Func) -> bool:
        """Whether who imports `pkg` gets the body of `fn`, a function of another package."""
        name = qualified(fn)
        answer = self._imports.brought(pkg, name)
        if answer is None:
            answer = self._find_out(pkg, fn, name)
            self._imports.note_brought(pkg, name, answer)
        return answer

    def _find_out(self, pkg: Package, fn: ir.Func, name: str) -> bool:
        known = self._imports.known_inlining_of(pkg)
        if known is None:
            # Before it is compiled for this: could it be, whatever is expanded in it? Is it expanded?
            obj = fn.nname.obj
            if isinstance(obj, Func) and not self._chains.may_bring(
                pkg, obj, lambda q: self._brings(q, fn)
            ):
                return False
            expands: bool | None = None
            if isinstance(obj, Func) and self._imports.is_large(pkg):
                expands = self._imports.expands(pkg, obj)
            if expands is False:
                return False
            if expands and _Search(self._imports, pkg, None, asks=True).meets(name):
                return True
            if not self._found(self._wide, pkg, None, name):
                return False
            if expands:
                # The same for every other body on the way there.
                wide = self._wide.pop(pkg)
                way = wide.way(name)
                self._wide[pkg] = wide
                with suppress(Unclear):
                    return _Search(self._imports, pkg, None, way, True).finds(name)
            known = self._imports.inlining_of(pkg)
        return name in known.expanded and self._found(self._searches, pkg, known, name)

    def _found(
        self, searches: dict[Package, _Search], pkg: Package, known: Inlining | None, name: str
    ) -> bool:
        """Whether the search over `pkg` finds `name`."""
        search = searches.pop(pkg, None)  # If it stops in the middle it is not to go on.
        if search is None:
            search = _Search(self._imports, pkg, known)
        found = search.finds(name)
        searches[pkg] = search
        return found


class _Search:
    """What the exported objects of `pkg` lead to, followed as far as was asked for: its own objects
    first, and those of other packages breadth first. While what compiling it came to is not `known`, it
    leads to whatever can be inlined, which is at least as much. With a `way` out of such a search nothing
    else is followed. If it `asks`, a function of another package is followed if it is expanded: what needs no
    verdict comes first, and what has to be asked last, but for the one that is looked for."""

    __slots__ = (
        "_asked", "_asks", "_at", "_far", "_found", "_imports", "_known", "_near", "_pkg", "_seen", "_types", "_way",
        "_whence", "_where",
    )  # fmt: skip

    def __init__(
        self,
        imports: Imports,
        pkg: Package,
        known: Inlining | None,
        way: Container[Object | Type] | None = None,
        asks: bool = False,
    ) -> None:
        self._imports, self._pkg, self._known, self._way = imports, pkg, known, way
        self._asks = asks
        self._found: set[str] = set()
        self._seen: set[Object] = set()
        self._types: set[Type] = set()
        self._near: list[Object] = []
        self._far: deque[Object] = deque()
        self._asked: dict[str, Func] = {}  # functions of which it is to be asked
        self._at: Object | Type | None = None
        # What led to what, and on whose account a function was found.
        self._whence: dict[Object | Type, set[Object | Type]] = {}
        self._where: dict[str, Object | Type | None] = {}
        for obj in pkg.scope.elems.values():
            if obj.exported:
                self._reach(obj)

    def way(self, name: str) -> set[Object | Type]:
        """Everything that lies between the exported objects and the function `name`, which is found."""
        while self._step():
            pass
        found = {self._where[name]}
        stack = list(found)
        while stack:
            more = self._whence.get(stack.pop(), set()) - found  # type: ignore[arg-type]
            found |= more
            stack += more
        return {x for x in found if x is not None}

    def finds(self, name: str) -> bool:
        """Whether the body of the function of another package `name` is exported."""
        while name not in self._found:
            if name in self._asked:
                self._ask(name)
            elif not self._step():
                if not self._asked:
                    return False
                self._ask(next(iter(self._asked)))
        return True

    def meets(self, name: str) -> bool:
        """Whether the function of another package `name` is come to without asking for any."""
        while name not in self._asked:
            if not self._step():
                return False
        return True

    def _step(self) -> bool:
        """Follow one more of the objects that were reached; false when there are no more."""
        if self._near:
            self._visit(self._near.pop())
        elif self._far:
            self._visit(self._far.popleft())
        else:
            return False
        return True

    def _ask(self, name: str) -> None:
        """Follow a function of another package if it is expanded."""
        f = self._asked.pop(name)
        expands = self._imports.expands(self._pkg, f)
        if expands is None:
            raise Unclear
        if expands:
            self._found.add(name)
            self._at = f
            self._names(f)

    def _reach(self, obj: Object) -> None:
        if self._way is not None and obj not in self._way:
            return
        if self._at is not None:
            self._whence.setdefault(obj, set()).add(self._at)
        if obj not in self._seen:
            self._seen.add(obj)
            if obj.pkg is None:
                return
            if _is_plain(obj) if self._asks else obj.pkg is not self._pkg:
                self._far.append(obj)
            else:
                self._near.append(obj)

    def _visit(self, obj: Object) -> None:
        self._at = obj
        if isinstance(obj, TypeName):
            self._declaration(obj)
        elif isinstance(obj, Func):
            self._follow(obj.type)
            self._body(obj, obj.name, bool(obj.signature.tparams))
        elif isinstance(obj, Var | Const):
            self._follow(obj.type)

    def _declaration(self, obj: TypeName) -> None:
        t = obj.type
        if not isinstance(t, Named) or t.obj is not obj:
            if isinstance(t, Alias):
                self._follow(*t.tparams)
                if t.from_rhs is not None:
                    self._follow(t.from_rhs)
            return
        self._follow(*t.tparams, t.underlying)
        for m in t.methods:
            sig = m.signature
            self._follow(sig)
            star = "(*" if m.has_ptr_recv else ""
            close = ")" if star else ""
            self._body(m, f"{star}{obj.name}{close}.{m.name}", bool(t.tparams or sig.tparams))

    def _body(self, f: Func, name: str, generic: bool) -> None:
        """Follow the body of `f`, if that is exported."""
        if f.pkg is None or f.pkg.checker is None:
            return
        if not generic:
            known, is_own = self._known, f.pkg is self._pkg
            if not is_own:
                name = f"{f.pkg.path}.{name}"
                if self._asks:
                    self._asked[name] = f
                    return
            if known is None:
                if not self._imports.may_inline(f):
                    return
            elif name not in (known.inlinable if is_own else known.expanded):
                return
            if not is_own:
                self._found.add(name)
                self._where.setdefault(name, self._at)
        self._names(f)

    def _names(self, f: Func) -> None:
        """Follow what the body of `f` names."""
        if f.pkg is None:
            return
        checker = self._imports.checker_of(f.pkg)
        declared = checker.obj_map.get(f)
        decl = declared.fdecl if declared is not None else None
        if decl is None or decl.body is None:
            return
        checker.check_body(f)
        uses = checker.info.uses
        for n in walk(decl.body):
            if n.__class__ is not ast.Name:
                continue
            obj = uses.get(n)
            if isinstance(obj, Var):
                if obj.kind == "package":
                    self._reach(obj)
                else:
                    self._follow(obj.type)
            elif isinstance(obj, Func):
                if obj.signature.recv is None:
                    self._reach(obj.origin or obj)
            elif isinstance(obj, TypeName):
                self._follow(obj.type)
                self._reach(obj)
            elif isinstance(obj, Const):  # Its value is written, with its type.
                self._follow(obj.type)

    def _follow(self, *types: Type) -> None:
        """Reach the declarations that occur in the types."""
        seen, whence, at = self._types, self._whence, self._at
        stack = [(t, at) for t in types]
        while stack:
            t, before = stack.pop()
            if t.__class__ is Basic:
                continue
            if before is not None:
                whence.setdefault(t, set()).add(before)
            if t in seen:
                continue
            seen.add(t)
            self._at = t
            if isinstance(t, Named | Alias):
                self._reach(t.orig.obj)
                stack += [(arg, t) for arg in t.targs]
            else:
                stack += [(part, t) for part in _inner(t)]
        self._at = at


def _is_plain(obj: Object) -> bool:
    """Whether it is a function, and not generic: its body is exported if that can be inlined."""
    return isinstance(obj, Func) and not obj.signature.tparams


def _inner(t: Type) -> Iterable[Type]:
    """The types that the unnamed type `t` is made of, constraints included."""
    if isinstance(t, Union):
        return [term.type for term in t.terms]
    if isinstance(t, TypeParam):
        return [t.bound] if t.bound is not None else []
    if isinstance(t, Signature):
        return [*t.tparams, *parts(t)]
    return parts(t)

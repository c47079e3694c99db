"""Type sets of interfaces.

Methods are kept apart from terms: the set holds the types that have all `methods`, are in
`terms`, and, if `comparable`, are comparable.

Invariants
  - `methods` are sorted by `Object.sort_key` and include those of embedded interfaces, which keep
    their identity (the same `Func`);
  - `comparable` implies that `terms` is the set of all types;
  - a type set is computed at most once per interface, and not before the interface is `complete`.

Example: `interface{ ~int | string; String() string }` has one method and two terms.

Source: cmd/compile/internal/types2/{typeset,interface}.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goescape.source.positions import NO_POS, Pos
from goescape.typecheck import termlist
from goescape.typecheck.basic import INVALID
from goescape.typecheck.objects import Var
from goescape.typecheck.termlist import ALL_TERMS, TermList
from goescape.typecheck.types import Interface, Signature, Term, Type, Union, unalias

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.objects import Func, Object, Package

MAX_TERM_COUNT = 100


class TypeSet:
    __slots__ = ("_by_name", "comparable", "methods", "terms")

    def __init__(self, methods: list[Func], terms: TermList, comparable: bool) -> None:
        self.methods, self.terms, self.comparable = methods, terms, comparable
        self._by_name: dict[str, int] | None = None

    def is_empty(self) -> bool:
        return self.terms is not ALL_TERMS and termlist.is_empty(self.terms)

    def is_all(self) -> bool:
        return not self.methods and self.is_method_set()

    def is_method_set(self) -> bool:
        """Whether methods alone describe the set."""
        return not self.comparable and (self.terms is ALL_TERMS or termlist.is_all(self.terms))

    def is_comparable(self, seen: set[Type] | None = None) -> bool:
        """Whether every type of the set is comparable."""
        from goescape.typecheck.predicates import comparable_type

        if self.terms is ALL_TERMS or termlist.is_all(self.terms):
            return self.comparable
        return self.is_(lambda t: t is not None and comparable_type(t.type, False, seen) is None)

    def has_terms(self) -> bool:
        """Whether the set names specific types."""
        terms = self.terms
        return (
            terms is not ALL_TERMS and not termlist.is_empty(terms) and not termlist.is_all(terms)
        )

    def lookup_method(
        self, pkg: Package | None, name: str, fold_case: bool = False
    ) -> tuple[int, Func | None]:
        if fold_case:
            for i, m in enumerate(self.methods):
                if m.same_id(pkg, name, True):
                    return i, m
            return -1, None
        by_name = self._by_name
        if by_name is None:
            by_name = {}
            for i, m in enumerate(self.methods):
                by_name.setdefault(m.name, i)
            self._by_name = by_name
        first = by_name.get(name, -1)
        if first < 0 or name == "_":
            return -1, None
        # Unexported methods of several packages may share a name: they stand next to each other.
        for i in range(first, len(self.methods)):
            m = self.methods[i]
            if m.name != name:
                break
            if m.same_id(pkg, name):
                return i, m
        return -1, None

    def subset_of(self, other: TypeSet) -> bool:
        return termlist.subset_of(self.terms, other.terms)

    def all(self, f: Callable[[Type | None, Type | None], bool]) -> bool:
        """Whether `f(type, underlying type)` holds for each specific type, or, if there are none,
        `f(None, None)`."""
        if not self.has_terms():
            return f(None, None)
        for t in self.terms:
            assert t is not None
            u = unalias(t.type)
            if not t.tilde:
                u = u.underlying
            if not f(t.type, u):
                return False
        return True

    def is_(self, f: Callable[[Term | None], bool]) -> bool:
        """Whether `f` holds for each specific term, or, if there are none, for None."""
        if not self.has_terms():
            return f(None)
        return all(f(t) for t in self.terms)


TOP_TYPE_SET = TypeSet([], ALL_TERMS, False)
INVALID_TYPE_SET = TypeSet([], [], False)


def _empty_interface() -> Interface:
    iface = Interface([], [])
    iface.complete = True
    iface.tset = TOP_TYPE_SET
    return iface


EMPTY_INTERFACE = _empty_interface()


def new_interface(check: Checker | None) -> Interface:
    iface = Interface([], [])
    iface.check = check
    return iface


def new_interface_type(methods: list[Func], embeddeds: list[Type]) -> Interface:
    """A complete interface; takes over `methods` and gives them a receiver if they have none."""
    if not methods and not embeddeds:
        return EMPTY_INTERFACE
    iface = Interface(methods, embeddeds)
    for m in methods:
        sig = m.typ
        if isinstance(sig, Signature) and sig.recv is None:
            sig.recv = Var(m.pos, m.pkg, "", iface, "recv")
    sort_methods(methods)
    iface.complete = True
    return iface


def sort_methods(methods: list[Func]) -> None:
    if len(methods) > 1:
        methods.sort(key=lambda m: m.sort_key())


def type_set(iface: Interface) -> TypeSet:
    """The type set of `iface`, computed at the first call."""
    tset = iface.tset
    if tset is not None:
        return tset
    return compute_interface_type_set(iface.check, NO_POS, iface)


def compute_interface_type_set(check: Checker | None, pos: Pos, iface: Interface) -> TypeSet:
    """Like `type_set`, reporting duplicate methods and terms the language version lacks."""
    if iface.tset is not None:
        return iface.tset
    # A partial type set would say that methods are missing: do without until all is known.
    if not iface.complete:
        return TOP_TYPE_SET
    # Endless expansion is reported by `validtype`; here it only has to stop.
    tset = iface.tset = TypeSet([], ALL_TERMS, False)
    seen: dict[str, Func] = {}
    methods: list[Func] = []
    where: dict[Func, Pos] = {}

    def add_method(pos: Pos, m: Func, explicit: bool) -> None:
        key = m.id
        other = seen.get(key)
        if other is None:
            seen[key] = m
            methods.append(m)
            where[m] = pos
        elif check is None:
            return
        elif explicit:
            _duplicate(check, pos, m, where[other])
        elif other is not m or not check.allow_version(14):
            check.later(lambda: _check_overlap(check, pos, m, other, where[other]))

    for m in iface.methods:
        add_method(m.pos, m, True)

    terms: TermList = ALL_TERMS
    comparable = False
    for i, typ in enumerate(iface.embeddeds):
        embed_pos = iface.embed_pos[i] if iface.embed_pos else NO_POS
        local = check if embed_pos != NO_POS else None
        comp = False
        u = typ.underlying
        if isinstance(u, Interface):
            et = compute_interface_type_set(check, embed_pos, u)
            if local is not None and local.is_imported_constraint(typ):
                what = "embedding constraint interface %s"
                if not local.verify_versionf(embed_pos, 18, what, typ):
                    continue
            comp = et.comparable
            for m in et.methods:
                add_method(embed_pos, m, False)
            ts = et.terms
        elif isinstance(u, Union):
            what = "embedding interface element %s"
            if local is not None and not local.verify_versionf(embed_pos, 18, what, u):
                continue
            et = compute_union_type_set(check, {}, embed_pos, u)
            if et is INVALID_TYPE_SET:
                continue
            ts = et.terms
        else:
            if u is INVALID:
                continue
            what = "embedding non-interface type %s"
            if local is not None and not local.verify_versionf(embed_pos, 18, what, typ):
                continue
            ts = [Term(False, typ)]
        terms, comparable = _intersect_term_lists(terms, comparable, ts, comp)

    tset.comparable = comparable
    sort_methods(methods)
    tset.methods = methods
    tset.terms = terms
    tset._by_name = None
    return tset


def _duplicate(check: Checker, pos: Pos, m: Object, other: Pos) -> None:
    err = check.new_error("DuplicateDecl")
    err.addf(pos, "duplicate method %s", m.name)
    err.addf(other, "other declaration of method %s", m.name)
    err.report()


def _check_overlap(check: Checker, pos: Pos, m: Object, other: Object, other_pos: Pos) -> None:
    """An embedded method that is there already: fine if the types are identical, from go1.14."""
    from goescape.typecheck.predicates import identical

    if (pos != NO_POS and not check.allow_version(14)) or not identical(m.type, other.type):
        _duplicate(check, pos, m, other_pos)


def _intersect_term_lists(
    xl: TermList, xcomp: bool, yl: TermList, ycomp: bool
) -> tuple[TermList, bool]:
    from goescape.typecheck.predicates import comparable_type

    terms = termlist.intersect(xl, yl)
    comp = xcomp or ycomp
    if comp and not termlist.is_all(terms):
        terms = [t for t in terms if t is not None and comparable_type(t.type, False, None) is None]
        comp = False
    return terms, comp


def compute_union_type_set(
    check: Checker | None, union_sets: dict[Union, TypeSet], pos: Pos, utyp: Union
) -> TypeSet:
    """`INVALID_TYPE_SET` if there are too many terms. `union_sets` stops recursion."""
    known = union_sets.get(utyp)
    if known is not None:
        return known
    result = union_sets[utyp] = TypeSet([], [], False)
    all_terms: TermList = []
    for t in utyp.terms:
        u = t.type.underlying
        terms: TermList
        if isinstance(u, Interface):
            terms = compute_interface_type_set(check, pos, u).terms
        elif u is INVALID:
            continue
        else:
            from goescape.typecheck.predicates import identical

            # No type has a defined type as its underlying type: ~MyInt is empty.
            terms = [None] if t.tilde and not identical(t.type, u) else [t]
        all_terms = termlist.union(all_terms, terms)
        if len(all_terms) > MAX_TERM_COUNT:
            if check is not None:
                check.errorf(
                    pos,
                    "InvalidUnion",
                    "cannot handle more than %d union terms (implementation limitation)",
                    MAX_TERM_COUNT,
                )
            union_sets[utyp] = INVALID_TYPE_SET
            return INVALID_TYPE_SET
    result.terms = all_terms
    return result

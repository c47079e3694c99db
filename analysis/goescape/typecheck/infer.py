"""Inference of type arguments.

`infer` unifies the types of parameters with those of typed arguments, then type parameters with
their constraints until nothing new is found, then gives what is still open the default types of
untyped arguments, and last replaces type parameters inside of what was found.

Invariants
  - the result, if any, has one type per type parameter, free of these parameters;
  - the type parameters must not occur in arguments: the caller renames them (`rename_tparams`).

Example: in `slices.Index(names, "x")` with `[S ~[]E, E comparable]`, unification finds
S ➞ []string, and the core type `[]E` of S gives E ➞ string.

Source: cmd/compile/internal/types2/infer.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.source.mention import mention
from goescape.source.positions import NO_POS, Pos
from goescape.typecheck import typeparam
from goescape.typecheck.lookup import has_all_methods
from goescape.typecheck.objects import TypeName, Var
from goescape.typecheck.predicates import default_type, is_typed, max_type
from goescape.typecheck.subst import make_rename_map, make_subst_map, subst
from goescape.typecheck.types import (
    Alias,
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
    Term,
    Tuple,
    Type,
    TypeParam,
    Union,
    unalias,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.under import common_under
from goescape.typecheck.unify import ASSIGN, EXACT, Unifier

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker
    from goescape.typecheck.errors import Error
    from goescape.typecheck.operand import Operand


def infer(
    check: Checker,
    pos: Pos,
    tparams: list[TypeParam],
    targs: Sequence[Type | None],
    params: Tuple,
    args: Sequence[Operand],
    reverse: bool,
    err: Error,
) -> list[Type] | None:
    """The type arguments for `tparams`, given the first ones (`targs`, which may hold None) and
    one argument per parameter; None if that fails, with the reason added to `err` unless an
    argument was invalid. `reverse` turns the words of messages around, for functions assigned to
    variables."""
    n = len(tparams)
    if len(targs) == n and all(t is not None for t in targs):
        return [t for t in targs if t is not None]
    if any(not arg.is_valid() for arg in args):
        return None
    known: list[Type | None] = [*targs, *[None] * (n - len(targs))]

    # Replace what is known, for better messages.
    if params.vars:
        new = subst(check, NO_POS, params, make_subst_map(tparams, known))
        assert isinstance(new, Tuple)
        params = new

    u = Unifier(check, tparams, known, check.allow_version(21))
    untyped = _use_arguments(check, u, tparams, params, args, reverse, err)
    if untyped is None or not _use_constraints(check, u, pos, tparams, err):
        return None
    if not _use_untyped(u, params, args, untyped, err):
        return None

    inferred = u.inferred(tparams)
    _simplify(check, tparams, known, inferred)
    result: list[Type] = []
    for i, t in enumerate(inferred):
        if t is None or is_parameterized(tparams, t):
            obj = tparams[i].obj
            err.addf(pos, "cannot infer %s (declared at %s)", obj.name, mention(obj.pos))
            return None
        result.append(t)
    return result


def _use_arguments(
    check: Checker,
    u: Unifier,
    tparams: list[TypeParam],
    params: Tuple,
    args: Sequence[Operand],
    reverse: bool,
    err: Error,
) -> list[int] | None:
    """The indices of untyped arguments for parameters that are type parameters; None after an
    error."""
    untyped: list[int] = []
    for i, arg in enumerate(args):
        par = params.vars[i].type
        typ = arg.typ
        assert typ is not None
        if not is_parameterized(tparams, par) and not is_parameterized(tparams, typ):
            continue
        if is_typed(typ):
            if not u.unify(par, typ, ASSIGN):
                _mismatch(check, u, tparams, par, typ, arg, reverse, err)
                return None
        elif isinstance(par, TypeParam) and not arg.is_nil():
            # The default type of an untyped value is basic: only a bare type parameter can match.
            untyped.append(i)
    return untyped


def _mismatch(
    check: Checker,
    u: Unifier,
    tparams: list[TypeParam],
    tpar: Type,
    targ: Type,
    arg: Operand,
    reverse: bool,
    err: Error,
) -> None:
    targs = u.inferred(tparams)
    if all(t is None for t in targs):
        err.addf(
            arg,
            "type %s of %s does not match %s (cannot infer %s)",
            targ,
            arg.expr,
            tpar,
            type_params_string(tparams),
        )
        return
    inferred = subst(check, NO_POS, tpar, make_subst_map(tparams, targs))
    if inferred is tpar:
        err.addf(arg, "type %s of %s does not match %s", targ, arg.expr, tpar)
    elif reverse:
        err.addf(
            arg,
            "inferred type %s for %s does not match type %s of %s",
            inferred,
            tpar,
            targ,
            arg.expr,
        )
    else:
        err.addf(
            arg,
            "type %s of %s does not match inferred type %s for %s",
            targ,
            arg.expr,
            inferred,
            tpar,
        )


def _use_constraints(
    check: Checker, u: Unifier, pos: Pos, tparams: list[TypeParam], err: Error
) -> bool:
    """Unify type parameters with their constraints as long as that finds something."""

    def same(x: Type, y: Type) -> bool:
        return u.unify(x, y, EXACT)

    while True:
        unknowns = u.unknowns()
        for tpar in tparams:
            tx = u.at(tpar)
            core, single = core_term(tpar)
            if core is not None:
                if tx is not None:
                    # With a tilde the underlying type must match; inexact unification sees to it.
                    if not u.unify(tx, core.type, 0):
                        err.addf(pos, "%s (type %s) does not satisfy %s", tpar, tx, tpar.bound)
                        return False
                elif single and not core.tilde:
                    u.set(tpar, core.type)
            # A known argument must have the constraint's methods, which may tell more. (As long
            # as it has type parameters, its methods are not the final ones.)
            if tx is not None and not is_parameterized(tparams, tx):
                cause: list[str] = []
                if not has_all_methods(check, tx, typeparam.iface(tpar), True, same, cause):
                    err.addf(
                        pos,
                        "%s (type %s) does not satisfy %s %s",
                        tpar,
                        tx,
                        tpar.bound,
                        cause[0] if cause else "",
                    )
                    return False
        if u.unknowns() == unknowns:
            return True


def _use_untyped(
    u: Unifier, params: Tuple, args: Sequence[Operand], untyped: list[int], err: Error
) -> bool:
    """Give open parameters the default type of the largest of their untyped arguments."""
    largest: dict[TypeParam, Type] = {}
    for i in untyped:
        tpar = params.vars[i].type
        assert isinstance(tpar, TypeParam)
        if u.at(tpar) is not None:
            continue
        arg = args[i]
        typ = arg.typ
        assert typ is not None
        prev = largest.get(tpar)
        if prev is not None:
            larger = max_type(prev, typ)
            if larger is None:
                err.addf(arg, "mismatched types %s and %s (cannot infer %s)", prev, typ, tpar)
                return False
            typ = larger
        largest[tpar] = typ
    for tpar, typ in largest.items():
        u.set(tpar, default_type(typ))
    return True


def _simplify(
    check: Checker,
    tparams: list[TypeParam],
    targs: list[Type | None],
    inferred: list[Type | None],
) -> None:
    """Replace type parameters in `inferred` by what was inferred for them, until nothing
    changes: with [A any, B []C, C *A] and A = int, [int, []C, *A] becomes [int, []*int, *int]."""
    kill_cycles(tparams, inferred)
    dirty = [i for i, t in enumerate(inferred) if t is not None and targs[i] is None]
    while dirty:
        smap = make_subst_map(tparams, inferred)
        still: list[int] = []
        for i in dirty:
            t0 = inferred[i]
            assert t0 is not None
            t1 = subst(check, NO_POS, t0, smap)
            if t1 is t0:
                continue
            # A generic function all of whose parameters are known is generic no more.
            if isinstance(t1, Signature) and t1.tparams and not is_parameterized(tparams, t1):
                t1.tparams = []
            inferred[i] = t1
            still.append(i)
        dirty = still


def rename_tparams(
    check: Checker, pos: Pos, tparams: list[TypeParam], typ: Type
) -> tuple[list[TypeParam], Type]:
    """Fresh type parameters for `tparams`, and `typ` with them in their place. A function that
    calls itself would otherwise have the same parameters on both sides."""
    if not tparams:
        return [], typ
    fresh: list[TypeParam] = []
    for p in tparams:
        q = typeparam.new_type_param(check, TypeName(p.obj.pos, p.obj.pkg, p.obj.name, None), None)
        q.index = p.index
        fresh.append(q)
    rename: dict[TypeParam, Type] = make_rename_map(tparams, fresh)
    for p, q in zip(tparams, fresh, strict=True):
        if p.bound is not None:
            q.bound = subst(check, pos, p.bound, rename)
    return fresh, subst(check, pos, typ, rename)


def type_params_string(tparams: Sequence[TypeParam]) -> str:
    """`P`, `P and Q`, `P, Q, and R`."""
    names = [p.obj.name for p in tparams]
    if len(names) <= 2:
        return " and ".join(names)
    return ", ".join(names[:-1]) + ", and " + names[-1]


def is_parameterized(tparams: Sequence[TypeParam], typ: Type | None) -> bool:
    """Whether `typ` contains one of `tparams`; the parameters that a signature declares do not
    count."""
    if typ is None or type(typ) is Basic:
        return False
    return _Walker(tparams).typ(typ)


class _Walker:
    __slots__ = ("seen", "tparams")

    def __init__(self, tparams: Sequence[TypeParam]) -> None:
        self.tparams = tparams
        self.seen: dict[Type, bool] = {}

    def typ(self, t: Type) -> bool:
        kind = type(t)
        if kind is Basic:
            return False
        if kind is TypeParam:
            return t in self.tparams
        if kind is Named and not t.targs:  # type: ignore[attr-defined]  # see the condition
            return False
        known = self.seen.get(t)
        if known is not None:
            return known
        self.seen[t] = False
        result = self.seen[t] = self._typ(t)
        return result

    def _typ(self, t: Type) -> bool:
        if isinstance(t, Alias):
            return self.typ(unalias(t))
        if isinstance(t, (Array, Slice, Pointer, Chan)):
            return self.typ(t.elem)
        if isinstance(t, Struct):
            return self._vars(t.fields)
        if isinstance(t, Tuple):
            return self._vars(t.vars)
        if isinstance(t, Signature):
            return self._vars(t.params.vars) or self._vars(t.results.vars)
        if isinstance(t, Interface):
            tset = type_set(t)
            return any(self.typ(m.type) for m in tset.methods) or tset.is_(
                lambda e: e is not None and self.typ(e.type)
            )
        if isinstance(t, Map):
            return self.typ(t.key) or self.typ(t.elem)
        if isinstance(t, Named):
            return any(self.typ(a) for a in t.targs)
        return False

    def _vars(self, vars: list[Var]) -> bool:
        return any(self.typ(v.type) for v in vars)


def core_term(tpar: TypeParam) -> tuple[Term | None, bool]:
    """The only specific term of the constraint and True; or a term for its core type (with a
    tilde if any of its terms has one) and False; or (None, False)."""
    terms: list[Term] = []

    def add(t: Term | None) -> bool:
        if t is None:
            return False
        terms.append(t)
        return True

    typeparam.is_(tpar, add)
    if len(terms) == 1:
        return terms[0], True
    typ, _ = common_under(tpar, None)
    if typ is not None:
        return Term(any(t.tilde for t in terms), typ), False
    return None, False


def kill_cycles(tparams: Sequence[TypeParam], inferred: list[Type | None]) -> None:
    """Forget types that lead back to their own parameter: [*A] for A would never end."""
    finder = _CycleFinder(tparams, inferred)
    for p in tparams:
        finder.typ(p)


class _CycleFinder:
    __slots__ = ("inferred", "seen", "tparams")

    def __init__(self, tparams: Sequence[TypeParam], inferred: list[Type | None]) -> None:
        self.tparams, self.inferred = tparams, inferred
        self.seen: set[Type] = set()

    def typ(self, typ: Type) -> None:
        t = unalias(typ)
        if type(t) is Basic:
            return
        if t in self.seen:
            if isinstance(t, TypeParam) and t in self.tparams:
                self.inferred[self.tparams.index(t)] = None
            return
        self.seen.add(t)
        for part in self._parts(t):
            self.typ(part)
        self.seen.discard(t)

    def _parts(self, t: Type) -> list[Type]:
        if isinstance(t, (Array, Slice, Pointer, Chan)):
            return [t.elem]
        if isinstance(t, Struct):
            return [f.type for f in t.fields]
        if isinstance(t, Signature):
            return [v.type for v in (*t.params.vars, *t.results.vars)]
        if isinstance(t, Union):
            return [e.type for e in t.terms]
        if isinstance(t, Interface):
            return [*[m.type for m in t.methods], *t.embeddeds]
        if isinstance(t, Map):
            return [t.key, t.elem]
        if isinstance(t, Named):
            return t.targs
        if isinstance(t, TypeParam) and t in self.tparams:
            found = self.inferred[self.tparams.index(t)]
            return [] if found is None else [found]
        return []

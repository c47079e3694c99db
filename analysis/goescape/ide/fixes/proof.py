"""Whether a fix works: it is applied in memory, the package analysed again, and both compared.

A fix is proved when, with the text it makes,
  - its finding is gone (what a fix leaves for sizes that do not fit may stay, within its own text, and
    what it takes out of a loop is before the loop);
  - no allocation is there that was not before: at no place outside its edits, and inside them only
    what was there already;
  - nothing is wrong with the package that was not wrong before: it parses, imports and type-checks;
  - nothing gets worse for callers in other packages: no parameter of an exported function leaks more
    than before, and what could be inlined still can, unless nothing that matters to a caller is in it
    (no parameter leaks, nothing is allocated).

Where a signature changes that other packages know, all this is asked of them, too.

Many fixes of one package are proved together, at the price of a few analyses: those in whose function
something got worse are taken out and tried again in smaller companies; where something got worse elsewhere,
one half is tried, and then the other beside what is good of it. What is left at the end was proved as it
stands, all of it applied.

Model
  - places are compared by the offset of the compiler's position, moved through the edits;
  - an allocation is a finding on the heap, or a `make` or conversion whose size nobody knows
    (`allocates`).

Example: for `make([]int, 0, n)` → `make([]int, 0, 64)`, the one allocation at that place is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit, Shift, overlap
from goescape.ide.fixes.fix import Fix, assemble, new_texts
from goescape.load.package import LoadedPackage
from goescape.source.file import SourceFile
from goescape.typecheck.objects import is_exported
from goescape.workspace.said import Said

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.report.finding import Finding

MAX_ANALYSES = 40
"""So many are spent on the fixes of one package."""

RETRIES = 2
"""So often those that may have been blamed for their neighbours get another chance."""

_RANKS = {"stays": 0, "leaks-result": 1, "leaks-content": 2, "leaks": 3}


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix for a finding."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True, slots=True)
class Proved:
    """An offer that works: with `edits` by file, imports included, after which so many allocations
    fewer are said of the package."""

    offer: Offer
    edits: Mapping[str, Sequence[Edit]]
    fewer: int


_DYNAMIC = frozenset(("makeslice", "slicebytetostring", "stringtoslicebyte"))


def allocates(finding: Finding) -> bool:
    """Whether a finding tells of an allocation on the heap: it says so, or it is a slice or text of
    unknown size that stays on the stack only if it happens to be tiny."""
    return finding.is_heap or is_dynamic(finding)


def is_dynamic(finding: Finding) -> bool:
    """A `make` of a slice whose size is not constant, of which the compiler (since go1.25) says that
    it does not escape, or a conversion between string and bytes."""
    found = finding.allocates
    return not finding.is_heap and found is not None and found.call in _DYNAMIC


def prove(snapshot: Snapshot, said: Said, offer: Offer) -> Proved | None:
    """The proof of one offer, None if there is none. `said` is what was found before."""
    found = prove_all(snapshot, said, [offer])
    return found[0] if found else None


def prove_all(snapshot: Snapshot, said: Said, offers: Iterable[Offer]) -> list[Proved]:
    """The offers that work, all applied together; of two that overlap the earlier one. `said` is
    what was found before."""
    company: list[Offer] = []
    suspects: list[Offer] = []
    generated: dict[str, bool] = {}
    for offer in offers:
        for path in offer.fix.files:
            generated.setdefault(path, snapshot.is_generated(path))
        if any(generated[path] for path in offer.fix.files) or not offer.fix.edits:
            continue
        if any(snapshot.is_withheld(edit.path, edit.start) for edit in offer.fix.edits):
            continue
        # A second choice waits: the first may fail.
        (suspects if _overlaps(offer, company) else company).append(offer)
    search = _Search(snapshot, said, suspects)
    good = search.grow(None, company)
    # Those that were blamed for their neighbours: one of each function, beside all that is good.
    for _ in range(RETRIES):
        again, search.suspects = _one_per_function(snapshot, search.suspects)
        base = good.offers if good is not None else []
        taken = {id(o.finding) for o in base}
        again = [o for o in again if id(o.finding) not in taken and not _overlaps(o, base)]
        if not again:
            break
        good = search.grow(good, again)
    return [good.proved(o) for o in good.offers] if good is not None else []


def _overlaps(offer: Offer, others: Iterable[Offer]) -> bool:
    return any(overlap(offer.fix.edits, other.fix.edits) for other in others)


class _Search:
    """Looks for companies in which all is well. Those that had to go for what may be the fault of a
    neighbour are added to `suspects`."""

    def __init__(self, snapshot: Snapshot, said: Said, suspects: list[Offer]) -> None:
        self.suspects = suspects
        self._snapshot, self._said = snapshot, said
        self._left = MAX_ANALYSES

    def grow(self, base: _Company | None, extra: list[Offer]) -> _Company | None:
        """The good company `base`, and as many of `extra` as go with it."""
        while extra and self._left:
            self._left -= 1
            offers = [*base.offers, *extra] if base is not None else extra
            judged = _Company(self._snapshot, self._said, offers)
            is_judged = judged.judge()
            if is_judged and not judged.bad:
                return judged
            bad = [o for o in extra if o in judged.bad] if is_judged else []
            if bad:
                if len(offers) > 1:  # Else there is no neighbour whose fault it may be.
                    self.suspects += [o for o in bad if o not in judged.guilty]
                extra = [o for o in extra if o not in bad]
                continue
            # Nobody in particular is to blame.
            if len(extra) == 1:
                break
            half = len(extra) // 2
            base = self.grow(base, extra[:half])
            extra = extra[half:]
        return base


def _one_per_function(
    snapshot: Snapshot, offers: Sequence[Offer]
) -> tuple[list[Offer], list[Offer]]:
    """One offer of each declaration, and the others."""
    taken: set[tuple[str, int]] = set()
    first: list[Offer] = []
    others: list[Offer] = []
    for offer in offers:
        where = {_declaration(snapshot, e.path, e.start) for e in offer.fix.edits}
        if taken.isdisjoint(where):
            taken |= where
            first.append(offer)
        else:
            others.append(offer)
    return first, others


def _declaration(snapshot: Snapshot, path: str, offset: int) -> tuple[str, int]:
    found = snapshot.path_at(path, offset, offset)
    return (path, snapshot.offset(found[0].pos)) if found else (path, -1)


class _Company:
    """Some offers, applied together. Once judged, `bad` are those with which something is wrong;
    of these the `guilty` are wrong by themselves, whoever else is there."""

    def __init__(self, snapshot: Snapshot, said: Said, offers: list[Offer]) -> None:
        self.snapshot, self.said, self.offers = snapshot, said, offers
        self.bad: list[Offer] = []
        self.guilty: list[Offer] = []
        self.edits: dict[str, list[Edit]] = {}
        self.fewer = 0

    def judge(self) -> bool:
        """Find the bad ones; False if something is wrong that is nobody's fault in particular."""
        snapshot = self.snapshot
        try:
            self.edits = assemble(snapshot, [o.fix for o in self.offers])
        except ValueError:
            return False
        texts = new_texts(snapshot, self.edits)
        program = snapshot.program
        ids = sorted({id for o in self.offers for id in o.fix.elsewhere})
        others = [program.loader.package(id) for id in ids]
        packages = [snapshot.package, *(p for p in others if isinstance(p, LoadedPackage))]
        before = [self.said, *(program.say(p) for p in packages[1:])]
        if len(packages) <= len(others) or any(said.problems for said in before[1:]):
            return False
        after = program.trial(texts, packages)
        # What stays as it is need not be compared.
        changed = [old.without(new) for old, new in zip(before, after, strict=True)]
        now = [new.without(old) for old, new in zip(before, after, strict=True)]
        return self._compare(changed, now, texts)

    def proved(self, offer: Offer) -> Proved:
        return Proved(offer, self.edits, self.fewer)

    def _compare(
        self, befores: Sequence[Said], afters: Sequence[Said], texts: Mapping[str, bytes]
    ) -> bool:
        """Fill `bad`; False if something is wrong that is nobody's fault. The first of `befores` and
        `afters` is the package of the offers."""
        before, after = _together(befores), _together(afters)
        places = Places(self.snapshot.source_of, texts, self.edits)
        bad: set[int] = set()
        if not self._blame_problems(before, after, places, bad):
            return False
        old = {key: f for f in before.findings if allocates(f) for key in [places.key_before(f)]}
        new = {key: f for f in after.findings if allocates(f) for key in [places.key_after(f)]}
        self.fewer = len(old) - len(new)
        outside_old = {places.moved(key) for key in old if places.moved(key) is not None}
        inside: Counter[int] = Counter()
        owner = self._owners()
        for key, _ in {(places.key_before(f), f.message) for f in before.findings if allocates(f)}:
            edit = places.edit_before(key)
            if edit is not None and edit in owner:
                inside[owner[edit]] += 1
        for key, _ in {(places.key_after(f), f.message) for f in after.findings if allocates(f)}:
            edit = places.edit_after(key)
            if edit is not None and edit in owner:
                inside[owner[edit]] -= 1
        for key, finding in new.items():  # What left a loop is not in it any more.
            edit = places.edit_after(key)
            mover = owner.get(edit) if edit is not None else None
            if mover is not None and self.offers[mover].fix.leaves_loop:
                if finding.loop_depth >= self.offers[mover].finding.loop_depth:
                    inside[mover] -= 1
        for key, finding in new.items():
            if places.edit_after(key) is not None or key in outside_old:
                continue
            blamed = self._near(places, finding.place.path, key[1])
            if not blamed:
                return False
            bad |= blamed
        guilty: set[int] = set()
        for n, offer in enumerate(self.offers):
            target = places.key_before(offer.finding)
            edit = places.edit_before(target)
            moved = places.moved(target)
            fix = offer.fix
            needed = not (fix.has_fallback or fix.leaves_loop) and allocates(offer.finding)
            if inside[n] < 0 or (edit is not None and owner.get(edit) == n and inside[n] < needed):
                guilty.add(n)
            elif edit is None and moved is not None and moved in new:
                (guilty if len(self.offers) == 1 else bad).add(n)
        if not self._blame_leaks(befores[0], afters[0], bad):
            return False
        if any(_worse(*pair) for pair in zip(befores[1:], afters[1:], strict=True)):
            return False
        self.guilty = [self.offers[n] for n in sorted(guilty)]
        self.bad = [self.offers[n] for n in sorted(bad | guilty)]
        return True

    def _owners(self) -> dict[Edit, int]:
        owner: dict[Edit, int] = {}
        for n, offer in enumerate(self.offers):
            for edit in offer.fix.edits:
                owner.setdefault(edit, n)
        return owner

    def _near(self, places: Places, path: str, offset: int) -> set[int]:
        """The offers that edit the declaration around `offset` of the new text."""
        old = places.old_offset(path, offset)
        where = _declaration(self.snapshot, path, old)
        return {
            n
            for n, offer in enumerate(self.offers)
            if any(_declaration(self.snapshot, e.path, e.start) == where for e in offer.fix.edits)
        }

    def _blame_problems(self, before: Said, after: Said, places: Places, bad: set[int]) -> bool:
        known = Counter(p.msg for p in before.problems)
        for problem in after.problems:
            if known[problem.msg] > 0:
                known[problem.msg] -= 1
                continue
            if not problem.line or problem.file not in places.sources_after:
                return False
            offset = places.sources_after[problem.file].offset(problem.line, problem.col)
            blamed = self._near(places, problem.file, offset)
            if not blamed:
                return False
            bad |= blamed
        return True

    def _blame_leaks(self, before: Said, after: Said, bad: set[int]) -> bool:
        """What callers see must not get worse."""
        worse = _worse(before, after)
        if not worse or self.snapshot.package.name == "main":
            return True
        blamed: set[int] = set()
        for n, offer in enumerate(self.offers):
            names = {_function_name(self.snapshot, e.path, e.start) for e in offer.fix.edits}
            if not names.isdisjoint(worse):
                blamed.add(n)
        if not blamed:
            return False
        bad |= blamed
        return True


def _together(said: Sequence[Said]) -> Said:
    """What is said of several packages."""
    if len(said) == 1:
        return said[0]
    problems = [p for one in said for p in one.problems]
    return Said(tuple(problems), tuple([p for one in said for p in one.pieces]))


def _worse(before: Said, after: Said) -> set[str]:
    """The exported functions of a package that callers elsewhere are worse off with."""
    old, new = _leaks(before), _leaks(after)
    worse = {fn for (fn, param), rank in new.items() if rank > old.get((fn, param), rank)}
    lost = _inlinable(before) - _inlinable(after)
    if lost:
        worse |= lost & {fn for (fn, _), rank in new.items() if rank > 0}
        worse |= lost & {_plain(f.function) for f in after.findings if allocates(f)}
    # Callers of the others are in the package, and were looked at.
    return {fn for fn in worse if is_exported(fn.rpartition(".")[2])}


def _function_name(snapshot: Snapshot, path: str, offset: int) -> str:
    """The function around an offset as the compiler names it, without its literals' suffixes."""
    from goescape.syntax import ast

    found = snapshot.path_at(path, offset, offset)
    if not found or not isinstance(found[0], ast.FuncDecl):
        return ""
    decl = found[0]
    if decl.recv is None:
        return decl.name.value
    recv = decl.recv.type
    pointer = isinstance(recv, ast.Operation)
    while isinstance(recv, ast.Operation | ast.ParenExpr | ast.IndexExpr):
        recv = recv.x
    base = recv.value if isinstance(recv, ast.Name) else ""
    return f"(*{base}).{decl.name.value}" if pointer else f"{base}.{decl.name.value}"


def _leaks(said: Said) -> dict[tuple[str, str], int]:
    """How far each parameter leaks, the worst of its instances."""
    out: dict[tuple[str, str], int] = {}
    for f in said.findings:
        if f.message.startswith("leaking param") or f.code == "stays":
            key = (_plain(f.function), f.subject)
            out[key] = max(out.get(key, 0), _RANKS.get(f.code, 0))
    return out


def _inlinable(said: Said) -> set[str]:
    """The declared functions that can be inlined."""
    return {f.name for f in said.functions if f.cost >= 0}


def _plain(name: str) -> str:
    """The name of a function without type arguments."""
    out = []
    depth = 0
    for c in name:
        if c == "[":
            depth += 1
        elif c == "]":
            depth -= 1
        elif not depth:
            out.append(c)
    return "".join(out)


Key = tuple[str, int, str]


class Places:
    """Where things are before and after edits of some files. A key is (path, offset, code)."""

    def __init__(
        self,
        before: Callable[[str], SourceFile | None],
        texts: Mapping[str, bytes],
        edits: Mapping[str, Sequence[Edit]],
    ) -> None:
        self._before = before
        self.sources_after = {path: SourceFile(path, t) for path, t in texts.items()}
        self._shifts = {path: Shift(found) for path, found in edits.items()}

    def key_before(self, f: Finding) -> Key:
        return _key(f, self._before(f.place.path))

    def key_after(self, f: Finding) -> Key:
        path = f.place.path
        source = self.sources_after.get(path)
        return _key(f, source) if source is not None else self.key_before(f)

    def moved(self, key: Key) -> Key | None:
        """The new place of what is at `key`; None inside an edit."""
        shift = self._shifts.get(key[0])
        if shift is None:
            return key
        offset, edit = shift.after(key[1])
        return None if edit is not None else (key[0], offset, key[2])

    def edit_before(self, key: Key) -> Edit | None:
        shift = self._shifts.get(key[0])
        return shift.after(key[1])[1] if shift is not None else None

    def edit_after(self, key: Key) -> Edit | None:
        shift = self._shifts.get(key[0])
        return shift.before(key[1])[1] if shift is not None else None

    def old_offset(self, path: str, offset: int) -> int:
        shift = self._shifts.get(path)
        return shift.before(offset)[0] if shift is not None else offset


def _key(f: Finding, source: SourceFile | None) -> Key:
    at = source.offset(f.place.line, f.place.col) if source is not None else f.place.start
    return (f.place.path, at, "heap" if f.code in ("escapes", "stays") else f.code)

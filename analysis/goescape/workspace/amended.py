"""What an earlier session was told, true of a text in which bodies were edited since.

Of a package that was told to an earlier session this one knows what was said, and how functions rest on
each other (`relations`), but it takes long to analyse all of it again. Until then an edit inside bodies is
answered by analysing the edited functions alone: what they call tells what it told then. What comes
out different goes on to those who use them, callees first, as far as there is time; all the others are as
they were, and have only moved.

Invariants
  - what is said is what the analysis of the whole package will say (`tests/unit/workspace/test_amended.py`);
  - where that cannot be told nothing is said: of whom a function names that may be different and was not
    looked at yet, of generic code, of those that reach each other if they may be reached from elsewhere;
  - when anything but bodies is different, there is no answer.

Example: an edit in f of `func f() *int { return g() }; func g() *int { return new(int) }` analyses f; one
in g also f, which expands it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from goescape.escape.assumed import tags_at_best
from goescape.inline.inlinable import Inl, Judged
from goescape.ir.scc import references, visit_bottom_up, visit_funcs_bottom_up
from goescape.ir.withheld import DOUBTFUL
from goescape.report.summary import allocating, summaries
from goescape.source.file import SourceFile
from goescape.source.positions import BASE_SHIFT, Positions
from goescape.syntax import ast
from goescape.syntax.parse import ParsedFile, parse_file
from goescape.syntax.stretch import Stretch
from goescape.typecheck import objects
from goescape.typecheck.types import Signature
from goescape.typecheck.update import same_header
from goescape.workspace import relations
from goescape.workspace.aside import Aside
from goescape.workspace.cancelled import Unready
from goescape.workspace.pieces import Piece, Placed
from goescape.workspace.relations import INITIALISER, Relations
from goescape.workspace.state import decode_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.load.package import LoadedPackage
    from goescape.typecheck.checker import Checker
    from goescape.workspace.program import Program
    from goescape.workspace.said import Said
    from goescape.workspace.state import State

Verdict = tuple[int, bool, bool] | None
Moves = dict[int, tuple[int, int, int]]
"""Where what began at an offset begins now: offset, and line and column from 1."""

_LINE = re.compile(rb"//line |/\*line ")
"""Positions may be others than they look."""


@dataclass
class Base:
    """What an earlier session was told of a package with the files `texts`, and these `imports`, by their
    keys. `key` stands for all of that."""

    key: bytes
    said: Said
    texts: Mapping[str, bytes]
    imports: Mapping[str, bytes]
    _parsed: dict[str, ParsedFile] = field(default_factory=dict)
    _placed: dict[int, Placed] = field(default_factory=dict)

    @cached_property
    def relations(self) -> Relations | None:
        """None: not known."""
        found = relations.decode(self.said.relations)
        return found if found is not None and len(found.owners) == len(self.said.pieces) else None

    def moved(self, placed: Placed, moves: Mapping[str, Moves]) -> Placed | None:
        """A piece where it is now; the same object as long as that is the same. None if it lies in text
        that is no more."""
        piece, now = placed.piece, []
        for path, at in zip(piece.anchors, placed.now, strict=True):
            to = moves[path].get(at[0]) if path in moves else at
            if to is None:
                return None
            now.append(to)
        last = self._placed.get(piece.id, placed)
        if last.now != tuple(now):
            last = self._placed[piece.id] = Placed(piece, tuple(now))
        return last

    def syntax(self, path: str) -> ParsedFile:
        """A file as it was."""
        found = self._parsed.get(path)
        if found is None:
            source = SourceFile(path, self.texts[path])
            found = self._parsed[path] = parse_file(source, Positions(), keep_tree=False)
        return found


def amended(
    program: Program, package: LoadedPackage, base: Base, path: str, seconds: float
) -> list[Placed] | None:
    """What is known about the file at `path` of `package`, of which `base` was said before some bodies
    were edited; None if that does not help. Takes the time of the edited functions, and some `seconds` for
    others. May raise `Cancelled`."""
    known = base.relations
    if known is None or base.said.problems or package.errors:
        return None
    state = program.state(package)
    if {parsed.source.path for parsed in state.parsed} != base.texts.keys():
        return None
    edited: list[ast.FuncDecl] = []
    moves: dict[str, Moves] = {}
    for parsed in state.parsed:
        where = parsed.source.path
        if parsed.source.text != base.texts[where]:
            differs = _compare(base.syntax(where), parsed, program.positions)
            if differs is None:
                return None
            edited += differs[0]
            moves[where] = differs[1]
    work = _Amending(program, state, known)
    if not work.begin(edited):
        return None
    judge = program.judge
    judge.asked = work.asked
    try:
        work.run(time.monotonic() + seconds)
    finally:
        judge.asked = None
        judge.forget((work.unit,))
    kept = [
        moved
        for placed, owners in zip(base.said.pieces, known.owners, strict=True)
        if owners and work.other.isdisjoint(owners) and all(map(known.is_declared, owners))
        if (moved := base.moved(placed, moves)) is not None
    ]
    found = [p for p in work.summed_up(kept) if path in p.piece.paths]
    if 2 * len(found) < len(base.said.about(path)):
        return None  # Hardly anything: then what is shown had better stay.
    return sorted(found, key=lambda p: p.now[:1])


# --- what is different in the text ------------------------------------------------------------------


def _compare(
    old: ParsedFile, new: ParsedFile, positions: Positions
) -> tuple[list[ast.FuncDecl], Moves] | None:
    """The functions of a file with other bodies than before, and where everything is now that began at an
    offset; None if anything else is different."""
    before, after = old.source.text, new.source.text
    if len(old.stretches) != len(new.stretches) or _LINE.search(before) or _LINE.search(after):
        return None
    edited: list[ast.FuncDecl] = []
    moves: Moves = {}
    for a, b in zip(old.stretches, new.stretches, strict=True):
        moves[a.start] = positions.place(b.base >> BASE_SHIFT)
        if len(a.decls) != len(b.decls) or (a.kind == "package") != (b.kind == "package"):
            return None
        if _text(a, before) == _text(b, after):
            if b.errors:
                return None
            continue
        if len(a.decls) != 1:
            return None
        was, now = a.decls[0], b.decls[0]
        if not isinstance(was, ast.FuncDecl) or not isinstance(now, ast.FuncDecl):
            return None
        pragmas = [[text for _, text in d.pragma.lines] for d in (was, now)]
        if not now.has_body or not same_header(was, now) or pragmas[0] != pragmas[1]:
            return None
        edited.append(now)
    stretches = {d.pos >> BASE_SHIFT for d in edited}
    if any(e.pos >> BASE_SHIFT not in stretches for e in new.file.errors):
        return None
    return edited, moves


def _text(stretch: Stretch, text: bytes) -> bytes:
    """The text of a stretch up to the end of its last declaration."""
    if not stretch.decls:
        return text[stretch.start : stretch.end]
    end = stretch.decls[-1].end - stretch.base
    if stretch.bend is not None:
        end = stretch.bend.offset(end)
    return text[stretch.start : stretch.start + end]


# --- who is different --------------------------------------------------------------------------------


class _Amending(Aside):
    """One pass. `other`: the functions of which something else may be true now; of these, `unknown` are
    those of which nothing is known, and `changed` those that tell their users something else. `left` may
    turn out to be one of them. `said`: what is true of functions, found out anew."""

    def __init__(self, program: Program, state: State, known: Relations) -> None:
        super().__init__(program, state)
        self.known = known
        self.index = {name: i for i, name in enumerate(known.names)}
        self.lead = known.all_users(known.mixed)
        self.init = self.index.get(INITIALISER, -1)
        self.edited: dict[int, Func] = {}
        self.other: set[int] = set()
        self.unknown: set[int] = set()
        self.changed: set[int] = set()
        self.left: set[int] = set()
        self.at_stake: set[int] = set()
        self.told: dict[int, tuple[Tags | None, Tags | None]] = {}  # and at best
        self.said: dict[int, list[Piece]] = {}
        self._seen: dict[int, tuple[Func, Tags | None, Judged | None]] = {}
        self._now: list[Func] = []  # the function that is analysed, with its literals
        self._written: tuple[int, ...] = ()
        self._declared: dict[str, objects.Func] | None = None

    def begin(self, edited: Iterable[ast.FuncDecl]) -> bool:
        """Take up the functions with other bodies; False if one is not known by its name."""
        for decl in edited:
            obj = self.state.checker.func_objs.get(decl)
            if obj is None or not isinstance(sig := obj.type, Signature):
                return False
            if obj.name == "_":
                continue
            func = None if sig.tparams or sig.rparams else self.unit.func_name(obj).func
            number = self.index.get(func.nname.name, -1) if func is not None else -1
            if func is None or func.syn is not decl or number < 0:
                return False
            self.edited[number] = func
        return True

    def run(self, deadline: float) -> None:
        known = self.known
        maybe = known.all_users(self.edited)
        rests: dict[int, list[int]] = {i: [] for i in maybe}
        for i in maybe:
            for user in known.users[i]:
                rests[user].append(i)
        self.left = set(maybe)

        def take(group: list[int], recursive: bool) -> None:
            self._take(group, rests, deadline)
            self.left.difference_update(group)

        visit_bottom_up(sorted(maybe), rests.__getitem__, lambda i: False, take)
        self.at_stake |= known.lost(self.edited)
        for i in known.all_users(self.at_stake):
            self.other.add(i)
            self.said.pop(i, None)

    def _take(self, group: list[int], rests: Mapping[int, list[int]], deadline: float) -> None:
        """Functions that reach each other, after those that they rest on."""
        rest = [r for i in group for r in rests[i]]
        may_differ = (
            self.init in group  # It may run in another order.
            or any(i in self.edited for i in group)
            or not self.changed.isdisjoint(rest)
            or not self.unknown.isdisjoint(rest)
        )
        if not may_differ:
            return
        self.other.update(group)
        i = group[0]
        if len(group) > 1 or i == self.init or not self.unknown.isdisjoint(rest):
            self.unknown.update(group)
        elif i not in self.edited and time.monotonic() >= deadline:
            self.unknown.add(i)
        elif not self._look_at(i):
            self.unknown.add(i)

    def _look_at(self, i: int) -> bool:
        """Analyse a function; False if nothing can be told."""
        self.stop_if_cancelled()
        func = self.edited.get(i) or self._func(self.known.names[i])
        if func is None:
            return False
        self._now, self._written, self.pieces = [func], (), []
        try:
            _ = func.body
            func.judged = func.judged or bool(func.withheld)
            if self.init in self.left and i in self.edited and self._may_be_in_a_ring(i, func):
                return False
            verdict, tags = self._analyze(func) if not func.withheld else (None, None)
        except Unready:
            return False
        final = self._ways(self._now) if tags is not None else ()
        if self.known.ways.get(i, ((), ())) != (self._written, final):
            self.at_stake.update(self.known.mixed)
            return False
        before = self.known.tags[i]
        at_best = self.at_best.get(func) if tags is not None else tags_at_best(func)
        if at_best is not None or tags is None or before is None or tags != decode_tags(before):
            self.changed.add(i)
        elif verdict != self.known.verdicts[i] or (i in self.edited and verdict is not None):
            self.changed.add(i)
        self.told[i] = tags, at_best
        self.said[i] = self.pieces
        _, said = self.program.judge.known(func)
        self._seen[i] = func, tags, said[-1] if said else None
        return True

    def _may_be_in_a_ring(self, i: int, func: Func) -> bool:
        """Whether an edited function that variables are initialised with may need these now."""
        checker, obj = self.state.checker, func.nname.obj
        assert isinstance(obj, objects.Func)
        for dep in checker.obj_map[obj].deps:
            if isinstance(dep, objects.Func):
                name = self.unit.func_name(dep).name
                number = self.index.get(name, -1)
                if number != i and (number < 0 or i not in self.known.users[number]):
                    return True
            elif isinstance(dep, objects.Var):
                return True
        return False

    def _analyze(self, func: Func) -> tuple[Verdict, Tags]:
        """Expand and solve a function that makes sense. Raises `Unready`."""
        self.prepare(func)
        visit_funcs_bottom_up(self._now, self.solve, lambda f: f in self._now)
        if not self.waiting.isdisjoint(self._now):
            raise Unready
        inl = func.inl
        verdict = (inl.cost, inl.can_delay_results, inl.in_ring) if inl is not None else None
        return verdict, self.tags[func]

    def expand(self, group: list[Func]) -> Sequence[object]:
        for func in group:
            for callee in references(func):
                self._know(callee)
        self._written = self._ways(group)
        self._now = group
        if self.inlines:
            visit_funcs_bottom_up(group, self.program.judge.judge_group, lambda f: f in group)
        said = super().expand(group)
        for func in group:
            for callee in references(func):
                self._know(callee)
        return said

    def asked(self, caller: Func, callee: Func, judging: bool) -> None:
        """(From the judge.) It is about to look whether `callee` can be inlined."""
        self._know(callee)

    def _know(self, func: Func) -> None:
        """Whether `func` can be inlined is as it was. Raises `Unready` if that is not known."""
        if func.unit is not self.unit or func.closure_parent is not None or func in self._now:
            return
        if func.extra is not None:
            self._notice(func)
            raise Unready
        number = self.index.get(func.nname.name, -1)
        if number < 0 or number in self.left or number in self.unknown:
            raise Unready
        if not func.judged:
            func.judged = True
            verdict = self.known.verdicts[number]
            if verdict is not None:
                _ = func.body  # What is expanded was read before.
                if func.withheld:
                    raise Unready
                func.inl = Inl(*verdict)

    def _notice(self, instance: Func) -> None:
        """An instance is named; perhaps nobody did so before who could have it compiled here."""
        number = self.index.get(instance.nname.name, -1)
        if number >= 0 and self.known.tags[number] is None:
            self.at_stake.add(number)

    def _ways(self, group: Iterable[Func]) -> tuple[int, ...]:
        """See `Relations.ways`."""
        found: list[int] = []
        for func in group:
            for callee in dict.fromkeys(references(func)):
                while callee.closure_parent is not None:
                    callee = callee.closure_parent
                if callee.unit is self.unit:
                    found.append(self.index.get(callee.nname.name, -1))
        return tuple([i for i in found if i in self.lead])

    def tags_of(self, name: Name) -> Tags:
        func = name.func
        if func is None or func.unit is not self.unit:
            return self.program.tags_of(name)
        if func in self.tags:
            return self.tags[func]
        self._know(func)
        if func in self._now or func.closure_parent is not None:
            raise Unready
        if name.name != func.nname.name:
            return ()
        number = self.index[func.nname.name]
        if number in self.told:
            return self.told[number][0] or ()
        before = self.known.tags[number]
        if before is None:
            raise Unready
        return decode_tags(before)

    def tags_at_best(self, name: Name) -> Tags | None:
        func = name.func
        if func is None or func.unit is not self.unit or func in self.tags:
            return super().tags_at_best(name)
        told = self.told.get(self.index.get(func.nname.name, -1))
        return told[1] if told is not None else None

    def summed_up(self, kept: Sequence[Placed]) -> list[Placed]:
        """`kept`, what is true of functions that are as they were, and what was found out anew, with
        summaries of the analysed functions; but no summary of a function of whose text somebody says
        something that is not known, or did not before."""
        positions = self.program.positions
        new = [p.placed(positions) for pieces in self.said.values() for p in pieces]
        anew = {where for p in new for where in zip(p.piece.anchors, p.now, strict=True)}
        found = new + [
            p
            for p in kept
            if not p.functions or anew.isdisjoint(zip(p.piece.anchors, p.now, strict=True))
        ]
        unclear = {i for i in self.unknown | self.other if i not in self.said}
        for i, (func, tags, judged) in self._seen.items():
            if i not in self.said or func.syn is None:
                continue
            if not unclear.isdisjoint(self.known.users[i]):
                continue
            base = func.syn.pos >> BASE_SHIFT
            source = positions.file(func.syn.pos)
            here = source.path if source is not None else "", positions.place(base)
            about = [p for p in found if here in zip(p.piece.anchors, p.now, strict=True)]
            self.writer.bases = set()
            why = DOUBTFUL if func in self.doubtful else func.withheld
            functions = summaries(
                [(func, tags)] if tags is not None and not why else [],
                [judged] if judged is not None else [],
                allocating(f for p in about for f in p.findings),
                self.writer,
                [(func, why)] if why else [],
            )
            if functions:
                piece = Piece((), functions, sorted(self.writer.bases), positions)
                found.append(piece.placed(positions))
        return found

    def _func(self, name: str) -> Func | None:
        """The declared function that goes by `name`."""
        if self._declared is None:
            self._declared = dict(_named(self.state.checker, self.state.parsed))
        obj = self._declared.get(name)
        func = self.unit.func_name(obj).func if obj is not None else None
        return func if func is not None and func.nname.name == name else None


def _named(checker: Checker, files: Iterable[ParsedFile]) -> Iterator[tuple[str, objects.Func]]:
    """The functions of a package by the names that they would go by if no type had another name."""
    for decl in [d for parsed in files for d in parsed.file.decl_list]:
        obj = checker.func_objs.get(decl) if isinstance(decl, ast.FuncDecl) else None
        if obj is None or not isinstance(decl, ast.FuncDecl):
            continue
        if decl.recv is None:
            yield obj.name, obj
            continue
        is_pointer, base, _ = checker.unpack_recv(decl.recv.type, False)
        if isinstance(base, ast.Name):
            yield f"(*{base.value}).{obj.name}" if is_pointer else f"{base.value}.{obj.name}", obj

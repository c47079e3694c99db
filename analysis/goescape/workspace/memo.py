"""What is known of a package, function by function, and what has to be found out again after an edit.

An *entry* is a function that is not a literal, with all literals in it (the initialiser of a package
with its outlined parts is one entry). It goes through stages: read (lowered), judged and expanded
(calls inlined), solved. Once it is solved, its IR is dropped, and what it said is kept. Entries that
reach each other are solved together, as a *cluster*; if there are several, their IR may be kept, to be
solved again (`keeping`).

An edit inside a body makes its entry start over. Others follow only if something they read became
different:

  - who asked for a function's verdict (can it be inlined, at what cost) while judging is judged
    again; who asked while expanding, or expanded it, is expanded again;
  - who asked for a function's tags is solved again;
  - functions that came into reach by another chain of calls are put into clusters again.

Invariants
  - after `refresh` everything is as in a memo built anew from the same text;
  - a body is judged as written: whoever is judged, expanded or solved again is read again first;
  - members of a component are judged together, since the first ones do not know the last ones;
  - stages and marks survive a cancelled refresh, which goes on where it stopped;
  - an instance of generic code is alive if something alive read it before calls were expanded;
    otherwise it is `late`: some other package has compiled it.

Example: in `func f() *int { return g() }; func g() *int { return new(int) }`, an edit in f reads,
judges, expands and solves f; one in g also f, which expanded it.

See decision 13 for what makes a package start over as a whole.
"""

from __future__ import annotations

import heapq
from bisect import insort
from operator import attrgetter
from typing import TYPE_CHECKING

from goescape import bug
from goescape.escape.assumed import tags_at_best
from goescape.escape.batch import Context, analyze
from goescape.escape.solve import Entangled
from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.inline.devirtualize import Devirtualized, devirtualize
from goescape.inline.interleaved import inline_package
from goescape.ir import bloop, pkginit
from goescape.ir.fmt import NodeWriter
from goescape.ir.order import add_closures
from goescape.ir.reads import INITIALISER
from goescape.ir.scc import is_closure, references
from goescape.ir.withheld import BROKEN, ENTANGLED
from goescape.report.findings import FindingWriter
from goescape.source.positions import BASE_SHIFT
from goescape.syntax import ast
from goescape.typecheck import objects
from goescape.typecheck.types import Signature
from goescape.workspace import redeclared
from goescape.workspace.alive import find_alive, keeps_alive
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.entry import (
    EXPANDED,
    READ,
    SOLVED,
    UNREAD,
    Cluster,
    Entry,
    Form,
    Imports,
    Member,
    Solved,
)
from goescape.workspace.grouping import Changed, Order, cluster_of, clusters, roots
from goescape.workspace.judging import judge_all, regroup, withdraw
from goescape.workspace.keeping import Kept, length
from goescape.workspace.pieces import Found, Piece
from goescape.workspace.problems import damaged
from goescape.workspace.state import tag_key
from goescape.workspace.summing import sum_up
from goescape.workspace.uninstantiated import Uninstantiated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goescape.escape.leaks import Tags
    from goescape.escape.verdict import BatchResult
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.report.finding import Finding
    from goescape.typecheck.checker import Checker
    from goescape.workspace.pieces import Placed
    from goescape.workspace.program import Program
    from goescape.workspace.questions import Questions
    from goescape.workspace.state import State


class Memo:
    """See the module. Made for a `State` whose unit is new and whose package was checked."""

    def __init__(self, program: Program, state: State) -> None:
        self.program = program
        self.state = state
        self.unit = state.unit
        self.inlines = program.inlines(state.loaded)
        self.pending = False  # Edits were made that have not been taken over.
        self.is_complete = False  # All of the package was known once.
        self.usable = True
        self.is_waiting = False  # Clusters are unsolved: what they ask for is being learned.
        self._questions: Questions | None = None
        self._moved = False  # The order of initialisation may be another one.
        self._entries: dict[Func, Entry] = {}
        self._open: dict[Entry, None] = {}  # those that are not solved, and perhaps more
        self._just_read: dict[Entry, None] = {}  # and what they lead to was not looked at
        self._members: dict[Func, Member] = {}
        self.kept = Kept(self._drop)
        self._init: Entry | None = None
        self._by_decl: dict[objects.Func, list[Entry]] = {}
        self._clusters: list[Cluster] = []
        self._apart: dict[Cluster, None] = {}  # since a trial; they may come back when it is over
        self._written = Order(attrgetter("written"))
        self._final = Order(attrgetter("final"))
        self._written_moved = self._final_moved = True
        self._needs_moved = True
        self._needs_stale = False  # What reading leads to may be different without reading again.
        self._needed_by: dict[Func, Func] = {}  # a declared function that needed each instance
        self._imports = 0  # how often what imports tell was different
        self._regrouped: dict[Entry, None] = {}  # They were judged in other components.
        self._touched: dict[Entry, None] = {}  # since judging last looked for what is to be judged
        self._restaled: list[Cluster] = []  # since solving last looked for what is stale
        self._unexplained: dict[Cluster, None] = {}  # They were solved for a trial.
        self._judged_for: dict[Func, set[Func]] = {}
        self._expanded_for: dict[Func, set[Func]] = {}
        self._read_for: dict[object, set[Cluster]] = {}
        self._reading: set[object] = set()
        self._bad: set[object] = set()
        self._summaries: dict[objects.Func, Piece] = {}
        self._by_base: dict[int, set[Cluster]] = {}  # who says something about a stretch of text
        self._objects: dict[int, set[objects.Func]] = {}  # the functions declared there
        self._unsummed: dict[objects.Func, None] = {}
        self._changed: set[Func] = set()
        self.uninstantiated = Uninstantiated(self)
        self._init_order: list[ast.Expr] = []
        self._writer = self._new_writer()
        self._found = Found()
        self._start()

    # --- the first time --------------------------------------------------------------------------

    def _start(self) -> None:
        state, unit = self.state, self.unit
        unit.instances.record_reads()
        targets = self.program.passes.target_funcs(state)
        unit.instances.read_declarations()
        self._init_order = _order(state.checker)
        parts: list[Func] = []
        if unit.init_funcs is not None and unit.init_funcs[0] is not None:
            parts = [unit.init_funcs[0], *unit.init_funcs[1]]
            self._init = self._add(parts[0])
        for func in [*unit.declared_funcs(), *targets]:
            if func.closure_parent is None and func not in parts and func not in self._entries:
                self._add(func)
        self._bad = damaged(self.state)

    def _add(self, func: Func, alive: bool = True) -> Entry:
        entry = self._entries[func] = Entry(func, alive)
        self._open[entry] = None
        self._members[func] = entry.members[0]
        self._written_moved = self._final_moved = True
        obj = func.nname.obj
        if isinstance(obj, objects.Func):
            others = self._by_decl.setdefault(obj, [])
            if func.extra is not None and not any(e.alive and e.func.extra for e in others):
                self.uninstantiated.forget()  # It is generic, and has an instance now.
            others.append(entry)
        return entry

    # --- edits -----------------------------------------------------------------------------------

    def edit(self, funcs: Iterable[objects.Func]) -> bool:
        """The bodies of `funcs` are other ones, and have not been checked yet. False if the package
        has to start over."""
        self.pending = True
        for obj in funcs:
            sig = obj.type
            if not isinstance(sig, Signature):
                return False
            if sig.tparams or sig.rparams:
                if not redeclared.edit_generic(self, obj):
                    return False
                continue
            func = self.unit.known_func(obj)
            entry = self._entries.get(func) if func is not None else None
            if entry is None:
                if obj.name != "_":
                    return False
                continue
            self._edit(entry, self.state.checker.obj_map[obj].fdecl)
        return True

    def _edit(self, entry: Entry, decl: ast.Node | None) -> None:
        """The body of `entry`, declared in `decl` now, reads differently: it has another text, or that means something
        else."""
        entry.meanings += decl is None or decl.pos >> BASE_SHIFT == entry.base
        self._touch(entry, edited=True, rejudge=True)

    def imports_changed(self, funcs: Iterable[Func]) -> None:
        """What callers of these functions of other packages see of them is different."""
        self._imports += 1
        self.kept.forget()
        for func in funcs:
            self._verdict_changed(func)
            self._told_changed(func)

    def _touch(self, entry: Entry, edited: bool = False, rejudge: bool = False) -> None:
        """Let `entry` start over."""
        self.pending = True
        self._touched[entry] = self._open[entry] = None
        entry.stage = UNREAD
        entry.edited |= edited
        entry.rejudge |= rejudge
        entry.version += rejudge
        if edited:
            entry.as_written = False

    def _verdict_changed(self, func: Func) -> None:
        """Whether `func` can be inlined, at what cost, or what it then expands to, is different."""
        self._changed.add(func)
        self.uninstantiated.changed(func)
        for user in self._judged_for.pop(func, ()):
            entry = self._entries.get(user)
            if entry is not None and entry.alive:
                self._touch(entry, rejudge=True)
            else:  # Judged when a call of it was met, and not analysed here.
                self.program.judge.judge_again(user)
                if user.oclosure is None:
                    user.unit.renew(user)  # Where imports go in a circle, it may be of an import.
                self._verdict_changed(user)
        for user in self._expanded_for.pop(func, ()):
            entry = self._entries.get(user)
            if entry is not None and entry.alive:
                self._touch(entry)

    def _told_changed(self, func: Func) -> None:
        """What `func` tells its callers is different."""
        self._changed.add(func)
        self.uninstantiated.changed(func)
        member = self._members.get(func)
        for cluster in self._read_for.pop(member if member is not None else func, ()):
            if not cluster.stale:
                cluster.stale = True
                self._restaled.append(cluster)
                self.pending = True

    def forget_unexplained(self) -> None:
        """A trial is over: what was solved for it is solved again."""
        for cluster in self._unexplained:
            cluster.stale = self.pending = True
        self._unexplained.clear()

    def take_changed(self) -> set[Func]:
        """The functions of which callers see something different since the last time."""
        changed, self._changed = self._changed, set()
        return changed

    # --- taking edits over -----------------------------------------------------------------------

    def refresh(self) -> None:
        """Find out again what has to be. May raise `Cancelled`: the next call goes on; so it does if
        afterwards it `is_waiting`: what is said meanwhile is true, but not all."""
        checker = self.state.checker
        if checker.edited or checker.redeclared:
            checker.check_again()
        if checker.order_may_differ:
            checker.order_may_differ = False
            self._moved = True
        self.unit.forget_damage()
        self._questions = self.program.questions(self.state)
        self._notice_errors()
        if self._moved and self._init_order != (order := _order(checker)):
            self._init_order = order
            redeclared.initialise(self)
        self._moved = False
        judge, unit = self.program.judge, self.unit
        judge.asked = self._asked
        try:
            while True:
                self._read_all()
                if self._written_moved:
                    self._order_written()
                judge_all(self)
                if any(e.stage == UNREAD and e.alive for e in self._unsolved()):
                    continue  # Judging has made others start over.
                self._expand_all()
                if self._written_moved:
                    continue
                if self._final_moved:
                    self._order_final()
                if self._solve_all():
                    break
        finally:
            judge.asked = None
            if unit.instances.inlining:
                unit.instances.end_inlining()
        self._questions = None
        if self.is_waiting:
            self._found.forget()
            return
        if not self.state.is_broken:
            self.uninstantiated.refresh()
        sum_up(self)
        self._writer = self._new_writer()
        if not self.program.is_trial:
            self._apart.clear()
        self.pending = False
        self.is_complete = True

    def _asked(self, caller: Func, callee: Func, judging: bool) -> None:
        """(From the judge.) The verdict about `callee` was asked for on account of `caller`."""
        while callee.closure_parent is not None:
            callee = callee.closure_parent
        while caller.closure_parent is not None:
            caller = caller.closure_parent
        if caller is not callee:
            users = self._judged_for if judging else self._expanded_for
            owner = self._owner(caller)
            users.setdefault(callee, set()).add(owner)
            if (entry := self._entries.get(owner)) is not None:
                entry.asked.add(callee)

    def _owner(self, func: Func) -> Func:
        member = self._members.get(func)
        return member.entry.func if member is not None else func

    def _unsolved(self) -> list[Entry]:
        """The entries that are not solved, in order, and perhaps some more."""
        found = [e for e in self._open if self._entries.get(e.func) is e]
        return found if len(found) < 2 else [e for e in self._entries.values() if e in self._open]

    def _stop_if_cancelled(self) -> None:
        cancelled = self.program.cancelled
        if cancelled is not None and cancelled():
            raise Cancelled

    def _notice_errors(self) -> None:
        """Functions in which errors appeared or vanished are read again."""
        bad = damaged(self.state)
        if bad == self._bad:
            return
        for what in bad ^ self._bad:
            if isinstance(what, objects.Func):
                entries = self._by_decl.get(what, [])
            else:
                entries = [self._init] if self._init is not None else []
            for entry in entries:
                entry.meanings += 1
                self._touch(entry, edited=True, rejudge=True)
        self._bad = bad

    # --- reading ---------------------------------------------------------------------------------

    def _read_all(self) -> None:
        """Read whoever is alive, until no instance more comes up."""
        instances = self.unit.instances
        just_read = self._just_read
        while True:
            for entry in [e for e in self._unsolved() if e.stage == UNREAD and e.alive]:
                self._stop_if_cancelled()
                self._read(entry)
                just_read[entry] = None
            for func in instances.take_found():
                if func not in self._entries:
                    self._add(func)
                    self._needs_moved = True
            were_read = bool(just_read)
            for entry in just_read:
                reader = INITIALISER if entry is self._init else entry.func
                reads = instances.names_read(reader)
                if reads != entry.reads:
                    before, entry.before = entry.before, (entry.reads, entry.needs)
                    entry.reads = reads
                    entry.needs = before[1] if before[0] == reads else instances.needed_of(reads)
                    moved = entry.before[1] ^ entry.needs
                    self._needs_moved = self._needs_moved or not keeps_alive(self, moved)
            just_read.clear()
            if self._needs_moved or self._needs_stale:
                find_alive(self)
            elif not were_read:
                break

    def _read(self, entry: Entry) -> None:
        """Lower the entry's functions."""
        unit, judge = self.unit, self.program.judge
        self.program.bytes_read += length(entry)
        for member in entry.members[1:]:
            self._members.pop(member.func, None)
            self._untell(member)
            judge.judge_again(member.func)
        func = entry.func
        entry.is_kept = False
        if entry is self._init:
            funcs = self._read_init(entry)
        else:
            if not entry.as_written:
                unit.renew(func)
            funcs = [func]
            add_closures(func, funcs)
        entry.as_written = True
        was_withheld, n_written = bool(entry.withheld), entry.n_written
        withheld = entry.withheld = func.withheld
        entry.silence = ""
        if func.syn is not None and isinstance(func.nname.obj, objects.Func):
            base = func.syn.pos >> BASE_SHIFT
            if entry.base != base:
                self._objects.pop(entry.base, None)  # That text is no more.
                entry.base = base
            self._objects.setdefault(base, set()).add(func.nname.obj)
        for f in funcs:
            unit.kept_alive += bloop.walk(unit, f)
        unit.kept_alive.clear()
        unit.skipped_loops.clear()
        unit.imprecise_calls.clear()
        entry.stage = READ
        entry.asked = set()
        self._open[entry] = None
        self._set_members(entry, funcs)
        entry.n_written = len(funcs)
        members = entry.members[: entry.n_written]
        changed: Changed = {}
        same = entry.n_written == n_written
        for member in members:
            refs = () if withheld else self._refs(member.func)
            if refs != member.written:
                changed[member] = member.written, refs
                member.written = refs
            captures = is_closure(member.func)
            same &= captures == member.captures
            member.captures = captures
        if not self._written_moved and (changed or not same or bool(withheld) != was_withheld):
            self._written_moved = not self._written.follow(entry, members, changed, same)
        if withheld:
            entry.stage = SOLVED
            self._open.pop(entry, None)
            self._withdraw(entry)

    def _read_init(self, entry: Entry) -> list[Func]:
        unit = self.unit
        if not entry.as_written:
            unit.init_funcs = None
        init = pkginit.build_init(unit)
        assert init is not None and unit.init_funcs is not None
        old = entry.members[0].func
        if old is not init:
            self._members.pop(old, None)
            del self._entries[old]
            self._entries[init] = entry
            entry.members[0].func = init
            self._members[init] = entry.members[0]
        funcs: list[Func] = []
        for part in (init, *unit.init_funcs[1]):
            funcs.append(part)
            add_closures(part, funcs)
        return funcs

    def _set_members(self, entry: Entry, funcs: Sequence[Func]) -> None:
        members = entry.members
        for i, func in enumerate(funcs):
            if i < len(members):
                members[i].func = func
            else:
                members.append(Member(entry, func))
            self._members[func] = members[i]
        if entry.stage == EXPANDED:
            del members[len(funcs) :]

    def _refs(self, func: Func, foreign: dict[Func, None] | None = None) -> tuple[Member, ...]:
        """The functions of the unit that `func` names, in this order; the others go to `foreign`."""
        found: dict[Member, None] = {}
        unit, members = self.unit, self._members
        for callee in references(func):
            if callee.unit is unit:
                member = members.get(callee)
                if member is None and callee.closure_parent is None:
                    member = self._add(callee, not callee.late).members[0]
                if member is not None:
                    found[member] = None
            elif foreign is not None:
                foreign[callee] = None
        return tuple(found)

    def _withdraw(self, entry: Entry) -> None:
        """Nothing is said about the entry."""
        member = entry.members[0]
        if (cluster := member.cluster) is not None:
            if self._final_moved or not self._final.follow(entry, (), {}, False):
                self._final_moved = True
            else:  # It was the only one in it.
                self._clusters.remove(cluster)
                self._silence(cluster)
        for other in entry.members:  # Those of literals stay, for when it is whole again.
            other.final = ()
            other.cluster = None
        withdraw(self, entry)
        self._tell(member, None)

    # --- order -----------------------------------------------------------------------------------

    def _order_written(self) -> None:
        self._written_moved = False
        self._written.number(roots(self._entries.values(), True))
        if self.inlines:
            regroup(self)

    def _order_final(self) -> None:
        """Put the components after expansion into clusters; those that are as before keep what they
        said."""
        self._final_moved = False
        self._final.number(roots(self._entries.values(), False))
        before = self._clusters
        self._clusters = clusters(self._final.groups, self._apart)
        kept = set(self._clusters)
        for cluster in before:
            if cluster not in kept:
                self._silence(cluster)

    def _follow_final(self, entry: Entry, changed: Changed, same: bool) -> bool:
        """Take over that the members of `entry` refer to others than before; False if all has to be
        ordered again."""
        if not self._final.follow(entry, entry.members, changed, same):
            return False
        first = entry.members[0]
        group, rank = self._final.group_of(first), self._final.number_of(first)
        cluster = first.cluster
        is_all = all(m.entry is entry for m in group[0]) and len(group[0]) == len(entry.members)
        if cluster is None or (is_all and cluster.rank != rank):
            if cluster is not None:
                self._clusters.remove(cluster)
                self._silence(cluster)
            cluster = cluster_of([group], self._apart)
            cluster.rank = rank
            self._restaled.append(cluster)
            insort(self._clusters, cluster, key=lambda c: c.rank)
        elif is_all:
            cluster.groups = [group]
        for member in entry.members:
            member.cluster = cluster
        return True

    def _silence(self, cluster: Cluster) -> None:
        """The cluster is no more."""
        for entry in cluster.entries:
            for member in entry.members:
                if member.cluster is cluster:
                    member.cluster = None
        self._unread(cluster)
        if cluster.piece is not None:
            self._unsay(cluster, cluster.piece)
        self._found.forget()
        if self.program.is_trial:
            cluster.piece, cluster.stale = None, True
            self._apart[cluster] = None

    # --- expanding -------------------------------------------------------------------------------

    def _expand_all(self) -> None:
        for entry in self._unsolved():
            if entry.counts and entry.stage == READ:
                self._stop_if_cancelled()
                self._expand(entry)

    def _expand(self, entry: Entry) -> None:
        """Expand the calls in the entry, and do what else comes before escape analysis."""
        entry.said = []
        entry.as_written = False
        entry.edited = entry.rejudge = False
        funcs = [m.func for m in entry.members[: entry.n_written]]
        funcs += self._prepare(entry, funcs)
        entry.stage = EXPANDED
        entry.form = self._form(entry)
        n = len(entry.members)
        self._set_members(entry, funcs)
        same = len(entry.members) == n and all(m.cluster is not None for m in entry.members)
        changed: Changed = {}
        foreign: dict[Func, None] | None = {} if self._questions is not None else None
        for member in entry.members:
            refs = self._refs(member.func, foreign)
            if refs != member.final:
                changed[member] = member.final, refs
                member.final = refs
            captures = is_closure(member.func)
            same &= captures == member.captures
            member.captures = captures
        entry.foreign = tuple(foreign or ())
        if not self._final_moved and (changed or not same):
            self._final_moved = not self._follow_final(entry, changed, same)
        if entry.members[0].cluster is not None:
            entry.members[0].cluster.stale = True

    def _form(self, entry: Entry) -> Form:
        """What the IR of `entry`, whose calls are expanded, is made of. Where that cannot be told, it is like no
        other; what imports have to do with it is told by `_imported`."""
        if not entry.base:
            return object()
        made_of: dict[Func, object] = {}
        for callee in entry.asked:
            if callee.unit is self.unit:
                other = self._entries.get(callee)
                if other is None or not other.alive:
                    return object()
                verdict = made_of[callee] = other.verdict
                if verdict is not None:
                    if not other.base:
                        return object()
                    made_of[callee] = verdict, other.base, other.meanings
        return entry.base, entry.meanings, made_of

    @property
    def _imported(self) -> Imports:
        return self._imports, frozenset(self.unit.pkg.imports)

    def _prepare(self, entry: Entry, funcs: list[Func]) -> list[Func]:
        """The passes between reading and escape analysis on `funcs`; the literals that came of it."""
        unit, judge = self.unit, self.program.judge
        added: list[Func] = []
        if self.inlines:
            unit.instances.begin_inlining()
            for func in funcs:
                if not func.judged:
                    judge.judge(func)
            said = inline_package(unit, funcs, judge)
            unit.instances.end_inlining()
            added, unit.inlined_literals = unit.inlined_literals, []
        else:
            said = list(
                devirtualize(
                    unit,
                    [f for f in funcs if not f.wrapper],
                    self.program.release,
                    lambda f: f.unit is unit,
                )
            )
        self.program.passes.finish(unit, [*funcs, *added])
        entry.said += [e for e in said if isinstance(e, Devirtualized)]
        return added

    # --- solving ---------------------------------------------------------------------------------

    def _solve_all(self) -> bool:
        """Solve the stale clusters, callees first. False if reading again moved something."""
        by_rank = {c.rank: c for c in self._clusters if c.stale}
        todo = sorted(by_rank)
        restaled = self._restaled
        restaled.clear()
        waiting: set[Cluster] = set()
        questions, self.is_waiting = self._questions, False
        while todo:
            self._stop_if_cancelled()
            cluster = by_rank[heapq.heappop(todo)]
            if not cluster.stale:
                continue
            if not self._recall(cluster):
                is_told = all(entry.stage == SOLVED for entry in cluster.entries)
                for entry in cluster.entries:
                    if entry.stage == SOLVED and entry.is_kept:
                        entry.stage = EXPANDED
                    if entry.stage != EXPANDED:
                        if entry.stage != READ:
                            self._read(entry)
                        self._expand(entry)
                if self._final_moved or self._written_moved:
                    return False
                if questions is not None and questions.hold_up(cluster, waiting):
                    waiting.add(cluster)
                    self.is_waiting = True
                    continue
                self._solve(cluster, is_told)
            for cluster in restaled:
                if cluster not in waiting:
                    by_rank[cluster.rank] = cluster
                    heapq.heappush(todo, cluster.rank)
            restaled.clear()
        return True

    def _recall(self, cluster: Cluster) -> bool:
        """Where the entries are as they once were: let the cluster have come to what it came to when others told it
        the same as now. False if they never did."""
        program = self.program
        if not program.is_trial:
            cluster.past = [solved for solved in cluster.past if solved.is_of(cluster)]
        imports = self._imported
        for solved in reversed(cluster.past):
            if solved.is_of(cluster) and solved.holds(imports, self._members, program.positions):
                break
        else:
            return False
        self._unread(cluster)
        self._come_to(cluster, solved)
        expanded = [entry for entry in cluster.entries if entry.stage == EXPANDED]
        if expanded:
            keeps = self.kept.makes_room(cluster, self.is_complete, False)
            self._let_rest([e for e in cluster.entries if e.is_kept or e in expanded], keeps)
        return True

    def _solve(self, cluster: Cluster, is_told: bool = False) -> None:
        state, program = self.state, self.program
        self._unread(cluster)
        read: set[object] = set()
        self._reading = read
        context = Context(
            self._tags_of, self._at_best, program.release, self.unit.typeinfo, NodeWriter(state.pkg).text,
            not program.is_trial, state.loaded.is_std and state.loaded.import_path in RUNTIME_PACKAGES,
            self.inlines,
        )  # fmt: skip
        keeps = self.kept.makes_room(cluster, self.is_complete, is_told and self.is_complete)
        writer = self._writer.afresh(program.is_trial)
        found: list[Finding] = []
        told: list[tuple[Member, Tags | None, Tags | None]] = []
        doubtful: set[Func] = set()
        for entry in cluster.entries:
            found += writer.devirtualized(entry.said)
        for group, recursive in cluster.groups:
            result = self._solve_group(group, recursive, context)
            for member in group:
                tags = at_best = None
                if result is not None:
                    tags, at_best = result.tags[member.func], result.at_best.get(member.func)
                told.append((member, tags, at_best))
                self._tell(member, tags, at_best)
            if result is not None:
                found += writer.findings(result.events)
                doubtful |= result.doubtful
                if keeps:
                    result.undo()
        piece = Piece(found, (), sorted(writer.bases), program.positions)
        in_doubt = frozenset(e for e in cluster.entries if e.func in doubtful)
        self._come_to(cluster, Solved(cluster, read, self._imported, piece, told, in_doubt))
        self._let_rest(cluster.entries, keeps)

    def _let_rest(self, entries: Iterable[Entry], keeps: bool) -> None:
        """The entries, whose IR is there, are solved. `keeps`: there is room for it."""
        for entry in entries:
            entry.stage = SOLVED
            self._open.pop(entry, None)
            if keeps and not entry.silence:
                self.kept.keep(entry)
            else:
                self._drop(entry)

    def _come_to(self, cluster: Cluster, solved: Solved) -> None:
        """Take over what solving the cluster came to."""
        if self.program.is_trial and solved not in cluster.past:
            self._unexplained[cluster] = None
        else:
            self._unexplained.pop(cluster, None)
            cluster.keep(solved)
        for member, tags, at_best in solved.tags:
            self._tell(member, tags, at_best)
        for entry in cluster.entries:
            entry.is_doubtful = entry in solved.in_doubt
        cluster.read = solved.read
        for what in solved.read:
            self._read_for.setdefault(what, set()).add(cluster)
        if cluster.piece is not None:
            self._unsay(cluster, cluster.piece)
        self._found.replace(cluster.piece, solved.piece)
        cluster.piece = solved.piece
        for base in solved.piece.bases:
            self._by_base.setdefault(base, set()).add(cluster)
            self._unsummed.update(dict.fromkeys(self._objects.get(base, ())))
        cluster.stale = False
        for entry in cluster.entries:
            self._unsum(entry)

    def _solve_group(
        self, group: Sequence[Member], recursive: bool, context: Context
    ) -> BatchResult | None:
        funcs = [m.func for m in group]
        silence = next((func.withheld for func in funcs if func.withheld), "")
        try:
            if not silence:
                return analyze(funcs, recursive, context)
        except Entangled:
            silence = ENTANGLED
        except Exception:
            silence = BROKEN
            if not self.state.is_broken:
                name = f"{funcs[0].nname.name} of {self.state.loaded.id}"
                bug.report(f"{name} cannot be analysed")
        for member in group:
            member.entry.silence = silence
        return None

    def _drop(self, entry: Entry) -> None:
        """The IR of a solved entry is not needed any more."""
        entry.is_kept = False
        entry.said = []
        entry.foreign = ()
        for member in entry.members[1:]:
            member.func.renew()
        if entry is self._init:
            for name in self.unit.globals():
                name.defn = None
            entry.func.renew()
        else:
            self.unit.renew(entry.func)
            entry.as_written = True

    def _unread(self, cluster: Cluster) -> None:
        for what in cluster.read:
            users = self._read_for.get(what)
            if users is not None:
                users.discard(cluster)

    def _unsay(self, cluster: Cluster, piece: Piece) -> None:
        """What the cluster said is not true any more."""
        for base in piece.bases:
            self._by_base.get(base, set()).discard(cluster)
            self._unsummed.update(dict.fromkeys(self._objects.get(base, ())))

    def _tags_of(self, name: Name) -> Tags:
        """The tags of a function outside the batch being solved."""
        func = name.func
        if func is not None and func.unit is self.unit:
            member = self._members.get(func)
            if member is None or name.name != func.nname.name:
                return ()
            self._reading.add(member)
            return member.told[0] or ()
        if func is not None:
            self._reading.add(func)
        return self.program.tags_of(name)

    def told_at_best(self, func: Func) -> Tags | None:
        """What `func` would tell if nothing leaked where nothing is known; None if that makes no difference."""
        member = self._members.get(func)
        return member.told[2] if member is not None else None

    def _at_best(self, name: Name) -> Tags | None:
        """See `told_at_best`, of a function outside the batch being solved."""
        func = name.func
        if func is None or func.unit is not self.unit:
            return self.program.tags_at_best(name)
        return self.told_at_best(func) if name.name == func.nname.name else None

    def _tell(self, member: Member, tags: Tags | None, at_best: Tags | None = None) -> None:
        """What callers of `member` are told from now on; without `tags` nothing is known of it."""
        func, state = member.func, self.state
        if tags is None:
            at_best = tags_at_best(func)
        told = (tags, func.has_body, at_best)
        key = tag_key(state.pkg, func.nname)
        if member.key and (member.key != key or tags is None):
            state.untell(member.key)
        if tags is not None and (member.key != key or told != member.told):
            state.tell(key, tags, at_best)
        member.key = key if tags is not None else ""
        if told != member.told:
            member.told = told
            if member is member.entry.members[0]:
                self._told_changed(func)
            for cluster in self._read_for.pop(member, ()):
                cluster.stale = True
                self._restaled.append(cluster)
                self.pending = True

    def _untell(self, member: Member) -> None:
        if member.key:
            self.state.untell(member.key)
            member.key = ""

    # --- what was found --------------------------------------------------------------------------

    def _new_writer(self) -> FindingWriter:
        program = self.program
        return FindingWriter(self.state.pkg, program.release, self.unit.typeinfo, program.positions)

    def _unsum(self, entry: Entry) -> None:
        obj = entry.func.nname.obj
        if isinstance(obj, objects.Func):
            self._unsummed[obj] = None

    def bytes_again(self, obj: objects.Func) -> int:
        """How much text is analysed again when the body of a declared function changes: its own, that
        of who is solved together with it, and of who may expand one of these."""
        found: dict[Entry, None] = {}
        stack = list(self._by_decl.get(obj, ()))
        while stack:
            entry = stack.pop()
            if entry in found:
                continue
            found[entry] = None
            for member in entry.members:
                if member.cluster is not None:
                    stack += member.cluster.entries
            if entry.verdict is not None:
                for table in (self._judged_for, self._expanded_for):
                    users = table.get(entry.func, ())
                    stack += [e for user in users if (e := self._entries.get(user)) is not None]
        return sum(map(length, found))

    def pieces(self, path: str | None) -> list[Placed]:
        """What was found in the file at `path`, or in the package, in the order of the text."""
        return self._found.placed(path, self.state.is_broken, self._pieces, self.program.positions)

    def _pieces(self) -> list[Piece]:
        pieces = [p for c in self._clusters if (p := c.piece) is not None and not c.stale]
        pieces += self._summaries.values()
        if not self.state.is_broken:
            pieces += self.uninstantiated.pieces.values()
        return pieces


def _order(checker: Checker) -> list[ast.Expr]:
    """The initialisers in the order in which they run."""
    return [initializer.rhs for initializer in checker.info.init_order]

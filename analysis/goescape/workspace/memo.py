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

from bisect import insort
from operator import attrgetter
from typing import TYPE_CHECKING

from goescape.escape.assumed import tags_at_best
from goescape.report.findings import FindingWriter
from goescape.source.positions import BASE_SHIFT
from goescape.syntax import ast
from goescape.typecheck import objects
from goescape.typecheck.types import Signature
from goescape.workspace import redeclared
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.entry import (
    UNREAD,
    Cluster,
    Entry,
    Member,
)
from goescape.workspace.expanding import expand_all
from goescape.workspace.grouping import Changed, Order, cluster_of, clusters, roots
from goescape.workspace.judging import judge_all, regroup
from goescape.workspace.keeping import Kept, length
from goescape.workspace.pieces import Found, Piece
from goescape.workspace.problems import damaged
from goescape.workspace.reading import read_all
from goescape.workspace.solving import solve_all
from goescape.workspace.state import tag_key
from goescape.workspace.summing import sum_up
from goescape.workspace.uninstantiated import Uninstantiated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
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
                self.uninstantiated.instantiated(obj)  # It has one now.
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

    def _compare_verdict(self, entry: Entry) -> None:
        """The function of `entry` was judged: let others know if it came out otherwise than the last time."""
        inl = entry.func.inl
        verdict = (inl.cost, inl.can_delay_results, inl.in_ring) if inl is not None else None
        differs = verdict != entry.verdict or (entry.edited and verdict is not None)
        entry.verdict = verdict
        entry.edited = entry.rejudge = False
        self._unsum(entry)
        if differs:
            self._verdict_changed(entry.func)

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
                read_all(self)
                if self._written_moved:
                    self._order_written()
                judge_all(self)
                if any(e.stage == UNREAD and e.alive for e in self._unsolved()):
                    continue  # Judging has made others start over.
                expand_all(self)
                if self._written_moved:
                    continue
                if self._final_moved:
                    self._order_final()
                if solve_all(self):
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

    # --- telling ---------------------------------------------------------------------------------

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

    def told_at_best(self, func: Func) -> Tags | None:
        """What `func` would tell if nothing leaked where nothing is known; None if that makes no difference."""
        member = self._members.get(func)
        return member.told[2] if member is not None else None

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

"""Solving the clusters of a package, callees first, or recalling what that came to.

Invariants
  - a cluster is solved once all that its entries ask of imports is known, or will never be;
  - what solving came to is recalled only where the entries have the form that they had then, and others tell what
    they told (decisions 62 and 81);
  - who was told something is noted: it is stale when that is different.

Example: `func f(p *int) *int { return p }` tells its callers that p flows to the result. When it begins to store p in a
package variable, the clusters of its callers are stale.
"""

from __future__ import annotations

import heapq
from functools import partial
from typing import TYPE_CHECKING

from goescape import bug
from goescape.escape.batch import Context, analyze
from goescape.escape.solve import Entangled
from goescape.goversion.special import RUNTIME_PACKAGES
from goescape.ir.fmt import NodeWriter
from goescape.ir.withheld import BROKEN, ENTANGLED
from goescape.workspace import reading
from goescape.workspace.entry import EXPANDED, READ, SOLVED, Solved
from goescape.workspace.expanding import expand
from goescape.workspace.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from goescape.escape.leaks import Tags
    from goescape.escape.verdict import BatchResult
    from goescape.ir.func import Func
    from goescape.ir.nodes import Name
    from goescape.report.finding import Finding
    from goescape.workspace.entry import Cluster, Entry, Imports, Member
    from goescape.workspace.memo import Memo


def solve_all(memo: Memo) -> bool:
    """Solve the stale clusters, callees first. False if reading again moved something."""
    by_rank = {c.rank: c for c in memo._clusters if c.stale}
    todo = sorted(by_rank)
    restaled = memo._restaled
    restaled.clear()
    waiting: set[Cluster] = set()
    questions, memo.is_waiting = memo._questions, False
    while todo:
        memo._stop_if_cancelled()
        cluster = by_rank[heapq.heappop(todo)]
        if not cluster.stale:
            continue
        if not _recall(memo, cluster):
            is_told = all(entry.stage == SOLVED for entry in cluster.entries)
            for entry in cluster.entries:
                if entry.stage == SOLVED and entry.is_kept:
                    entry.stage = EXPANDED
                if entry.stage != EXPANDED:
                    if entry.stage != READ:
                        reading.read(memo, entry)
                    expand(memo, entry)
            if memo._final_moved or memo._written_moved:
                return False
            if questions is not None and questions.hold_up(cluster, waiting):
                waiting.add(cluster)
                memo.is_waiting = True
                continue
            solve(memo, cluster, is_told)
        for cluster in restaled:
            if cluster not in waiting:
                by_rank[cluster.rank] = cluster
                heapq.heappush(todo, cluster.rank)
        restaled.clear()
    return True


def _recall(memo: Memo, cluster: Cluster) -> bool:
    """Where the entries are as they once were: let the cluster have come to what it came to when others told it
    the same as now. False if they never did."""
    program = memo.program
    if not program.is_trial:
        cluster.past = [solved for solved in cluster.past if solved.is_of(cluster)]
    imports = _imported(memo)
    for solved in reversed(cluster.past):
        if solved.is_of(cluster) and solved.holds(imports, memo._members, program.positions):
            break
    else:
        return False
    memo._unread(cluster)
    _come_to(memo, cluster, solved)
    expanded = [entry for entry in cluster.entries if entry.stage == EXPANDED]
    if expanded:
        keeps = memo.kept.makes_room(cluster, memo.is_complete, False)
        _let_rest(memo, [e for e in cluster.entries if e.is_kept or e in expanded], keeps)
    return True


def solve(memo: Memo, cluster: Cluster, is_told: bool = False) -> None:
    """Solve a cluster whose entries are expanded. `is_told`: nothing else than what others tell is different."""
    state, program = memo.state, memo.program
    memo._unread(cluster)
    read: set[object] = set()
    memo._reading = read
    context = Context(
        partial(_tags_of, memo),
        partial(_at_best, memo),
        program.release,
        memo.unit.typeinfo,
        NodeWriter(state.pkg).text,
        not program.is_trial,
        state.loaded.is_std and state.loaded.import_path in RUNTIME_PACKAGES,
        memo.inlines,
    )
    keeps = memo.kept.makes_room(cluster, memo.is_complete, is_told and memo.is_complete)
    writer = memo._writer.afresh(program.is_trial)
    found: list[Finding] = []
    told: list[tuple[Member, Tags | None, Tags | None]] = []
    doubtful: set[Func] = set()
    for entry in cluster.entries:
        found += writer.devirtualized(entry.said)
    for group, recursive in cluster.groups:
        result = _solve_group(memo, group, recursive, context)
        for member in group:
            tags = at_best = None
            if result is not None:
                tags, at_best = result.tags[member.func], result.at_best.get(member.func)
            told.append((member, tags, at_best))
            memo._tell(member, tags, at_best)
        if result is not None:
            found += writer.findings(result)
            doubtful |= result.doubtful
            if keeps:
                result.undo()
    piece = Piece(found, (), sorted(writer.bases), program.positions)
    in_doubt = frozenset(e for e in cluster.entries if e.func in doubtful)
    _come_to(memo, cluster, Solved(cluster, read, _imported(memo), piece, told, in_doubt))
    _let_rest(memo, cluster.entries, keeps)


def _let_rest(memo: Memo, entries: Iterable[Entry], keeps: bool) -> None:
    """The entries, whose IR is there, are solved. `keeps`: there is room for it."""
    for entry in entries:
        entry.stage = SOLVED
        memo._open.pop(entry, None)
        if keeps and not entry.silence:
            memo.kept.keep(entry)
        else:
            memo._drop(entry)


def _come_to(memo: Memo, cluster: Cluster, solved: Solved) -> None:
    """Take over what solving the cluster came to."""
    if memo.program.is_trial and solved not in cluster.past:
        memo._unexplained[cluster] = None
    else:
        memo._unexplained.pop(cluster, None)
        cluster.keep(solved)
    for member, tags, at_best in solved.tags:
        memo._tell(member, tags, at_best)
    for entry in cluster.entries:
        entry.is_doubtful = entry in solved.in_doubt
    cluster.read = solved.read
    for what in solved.read:
        memo._read_for.setdefault(what, set()).add(cluster)
    if cluster.piece is not None:
        memo._unsay(cluster, cluster.piece)
    memo._found.replace(cluster.piece, solved.piece)
    cluster.piece = solved.piece
    for base in solved.piece.bases:
        memo._by_base.setdefault(base, set()).add(cluster)
        memo._unsummed.update(dict.fromkeys(memo._objects.get(base, ())))
    cluster.stale = False
    for entry in cluster.entries:
        memo._unsum(entry)


def _solve_group(
    memo: Memo, group: Sequence[Member], recursive: bool, context: Context
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
        if not memo.state.is_broken:
            name = f"{funcs[0].nname.name} of {memo.state.loaded.id}"
            bug.report(f"{name} cannot be analysed")
    for member in group:
        member.entry.silence = silence
    return None


def _imported(memo: Memo) -> Imports:
    return memo._imports, frozenset(memo.unit.pkg.imports)


def _tags_of(memo: Memo, name: Name) -> Tags:
    """The tags of a function outside the batch being solved."""
    func = name.func
    if func is not None and func.unit is memo.unit:
        member = memo._members.get(func)
        if member is None or name.name != func.nname.name:
            return ()
        memo._reading.add(member)
        return member.told[0] or ()
    if func is not None:
        memo._reading.add(func)
    return memo.program.tags_of(name)


def _at_best(memo: Memo, name: Name) -> Tags | None:
    """See `told_at_best`, of a function outside the batch being solved."""
    func = name.func
    if func is None or func.unit is not memo.unit:
        return memo.program.tags_at_best(name)
    return memo.told_at_best(func) if name.name == func.nname.name else None

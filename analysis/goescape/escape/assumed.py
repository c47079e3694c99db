"""What is sure where something had to be assumed.

Of a function with an error in it nothing is known. Its callers are analysed as if nothing leaked
there, and then on, as if everything did: what the two agree on is sure, and the rest is left out, since any
body the function may get lies between them.

Invariants
  - a flow more makes nothing stay that escaped: whoever escapes at best escapes in any case;
  - what is left out is left out of tags, too: callers are told both, and are analysed twice themselves.

Example: in `x := 1; broken(&x); return new(int)` it is sure that new(int) escapes, and nothing is said of x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.escape.leaks import RESULT0
from goescape.escape.tags import recv_params, tag_params
from goescape.escape.verdict import BatchResult, Explanation, Forbidden, ParamVerdict, Verdict
from goescape.ir.static_value import outermost

if TYPE_CHECKING:
    from goescape.escape.batch import Batch
    from goescape.escape.leaks import Tags
    from goescape.ir.func import Func
    from goescape.ir.nodes import Node

_NOWHERE = (-1,) * RESULT0


def tags_at_best(fn: Func) -> Tags:
    """What a function tells its callers of which nothing is known, if nothing leaks in it."""
    return (_NOWHERE,) * len(recv_params(fn))


class AtBest:
    """What a batch comes to before anything that is assumed flows on: its `tags`, and what is `escaping`."""

    __slots__ = ("escaping", "tags")

    def __init__(self, b: Batch) -> None:
        self.tags = {fn: tag_params(b, fn, []) for fn in b.funcs}
        self.escaping = {loc for loc in b.all_locs if loc.escapes}


def sure(worst: BatchResult, best: AtBest) -> BatchResult:
    """`worst` without what is different at `best`, but for the tags."""
    doubtful: set[Node | None] = set()
    funcs: set[Func] = set()
    for event in worst.events:
        if isinstance(event, Verdict) and event.kind in ("moved", "escapes"):
            if event.loc not in best.escaping:
                doubtful.add(event.loc.n)
                if event.loc.curfn is not None:
                    funcs.add(outermost(event.loc.curfn))
    at_best: dict[Func, Tags] = {}
    for fn, tags in worst.tags.items():
        if best.tags[fn] != tags:
            at_best[fn] = best.tags[fn]
            funcs.add(outermost(fn))
            pairs = zip(recv_params(fn), tags, best.tags[fn], strict=True)
            doubtful.update(param for param, tag, other in pairs if tag != other)
    events = []
    for event in worst.events:
        if isinstance(event, Explanation | Verdict | Forbidden):
            if event.loc.n in doubtful:
                continue
        elif isinstance(event, ParamVerdict) and event.param in doubtful:
            continue
        events.append(event)
    return BatchResult(
        worst.funcs, events, worst.tags, worst.changed, worst.oracles, at_best, frozenset(funcs)
    )

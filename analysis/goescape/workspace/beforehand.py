"""What packages need of their imports, learned by several processes before the packages are checked.

A package is checked by one process, which would find out all that it needs of its imports by itself:
where a few packages import a lot, that is most of the work. So their bodies are type-checked first,
`learner` processes find out what these name, and with that known the rest takes little.

Invariants
  - nothing depends on it: what was not learned is found out while a package is checked;
  - what is asked for itself is not learned: it is going to be checked;
  - when this is done no process is left.

Example: of `net/http` and what it imports, most is known after `learn_imports(program, request,
[net_http], 2)`, and `Program.check` takes a tenth of the time.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from goescape.load import LoadedPackage
from goescape.workspace.learner import Start
from goescape.workspace.learning import Learners
from goescape.workspace.partial import part_of
from goescape.workspace.questions import Questions

if TYPE_CHECKING:
    from goescape.workspace.parallel import CheckRequest
    from goescape.workspace.program import Program

MUCH_BYTES = 2_000_000
"""So much unknown Go takes long enough to do something about it before."""

WAIT_SECONDS = 0.25


def much_is_unknown(
    program: Program, package: LoadedPackage, besides: Collection[str] = ()
) -> bool:
    """Whether most of the time for a check would go into what `package` imports, `besides` packages with
    these ids."""
    loader = program.loader

    def is_unknown(p: LoadedPackage) -> bool:
        return p.id not in besides and not program.store.knows(program.keys.of(p))

    imports = map(loader.package, sorted(set(package.imports.values())))
    # Of a package that nobody asks anything nothing is kept: it tells by what it imports.
    unknown = [p for p in imports if isinstance(p, LoadedPackage) and is_unknown(p)]
    return sum(p.size for p in loader.closure(unknown) if is_unknown(p)) >= MUCH_BYTES


def learn_imports(
    program: Program, request: CheckRequest, packages: Sequence[LoadedPackage], jobs: int
) -> None:
    """Let `jobs` processes find out what `packages`, all that `request` asks for, need of their imports. May
    raise whatever type-checking a package may; `program` is of no use then."""
    store = program.store
    if store.path is None or not store.keeps or request.overlays:
        return
    asked = {package.id for package in packages}
    ranks = {p.id: n for n, p in enumerate(program.loader.closure(packages))}
    start = Start(
        request.directory, dict(os.environ if request.environment is None else request.environment),
        request.goos, request.goarch, "", request.tags, request.go_version, None, request.inline,
        os.path.abspath(store.path.parent),
    )  # fmt: skip
    learners = Learners(jobs, start, program.keys.of, lambda id: ranks.get(id, 0))
    learners.named = tuple(sorted(program.plain))
    program.is_shared = True
    try:
        for package in packages:
            if much_is_unknown(program, package, asked):
                _ask(program, learners, package, asked)
        while learners.is_busy:
            learners.wait(WAIT_SECONDS)
    finally:
        learners.stop()


def _ask(
    program: Program, learners: Learners, package: LoadedPackage, asked: Collection[str]
) -> None:
    """Want what the bodies of `package` name."""
    learners.begin()
    state = program.state(package)
    if program.whole or part_of(state) is None:
        questions = Questions(program, learners, state, asked)
        state.checker.check_all(questions.pause)
        questions.ahead(at_once=True)

"""Two sessions on one edited file: one that follows the edits, one that begins anew at each.

Example: `follow(path, True, "", edits, 1)` compares all they say after every edit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from goescape.workspace.cancelled import Cancelled
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.said import Said
from goescape.workspace.session import FileAnswer, Session, Target

from harness.edits import Edit, apply
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}


def said(answer: FileAnswer | Said) -> tuple[list[str], list[str], list[str]]:
    """All of an answer, in an order that does not depend on how it came about."""
    return (
        sorted(map(repr, answer.findings)),
        sorted(map(str, answer.problems)),
        sorted(map(repr, answer.functions)),
    )


class Pair:
    """One session that follows edits, and one that analyses the package anew each time; both keep
    what they know of imports."""

    def __init__(self, path: Path, inline: bool, store: str) -> None:
        self.path = str(path)
        target = Target(inline=inline)
        self.text = path.read_bytes()
        self.following = Session(VARIABLES, target, store)
        self.fresh = Session(VARIABLES, target, store)
        self.undo: list[bytes] = []
        with_deep_stack(lambda: (self.following.check(self.path), self.fresh.check(self.path)))

    def edit(self, edit: Edit) -> None:
        self.text = apply(edit, self.text, self.undo)
        self.following.set_text(self.path, self.text)

    def compare(self) -> None:
        self.fresh.set_text(self.path, self.text)
        for world in self.fresh._worlds.values():
            world.program.forget_file(self.path)
            world.failed.clear()

        def run() -> None:
            assert said(self.following.check(self.path)) == said(self.fresh.check(self.path))

        with_deep_stack(run)


def follow(path: Path, inline: bool, store: str, drawn: list[Edit], every: int) -> None:
    """Make the edits; compare after each `every`-th, and at the end."""
    pair = Pair(path, inline, store)
    for i, edit in enumerate(drawn):
        pair.edit(edit)
        if i % every == every - 1:
            pair.compare()
        else:
            with_deep_stack(lambda: pair.following.check(pair.path))
    pair.compare()


def follow_tried(path: Path, inline: bool, drawn: Sequence[tuple[Edit, Edit, bool]]) -> None:
    """Of each of `drawn` the first edit is tried, with the second one behind it or not; then the second one is made.
    After a trial all is as it was before, and compared after each edit."""
    pair = Pair(path, inline, "")
    for tried, edit, both in drawn:
        undo = list(pair.undo)
        other = apply(tried, pair.text, undo)
        if both:
            other = apply(edit, other, undo)

        def run(text: bytes = other) -> None:
            for analysed in pair.following.analysed(pair.path):
                program, package = analysed.program, analysed.package
                before = said(program.say(package))
                program.trial({pair.path: text}, [package])
                assert said(program.say(package)) == before

        with_deep_stack(run)
        pair.edit(edit)
        pair.compare()


def follow_interrupted(
    path: Path, store: str, texts: Sequence[bytes], points: Sequence[int]
) -> None:
    """As a server does while somebody types into a file that was just opened: it answers from what an
    earlier session knew, as long as it has to, and goes on with the analysis, which is interrupted at its
    `points[i]`-th question after `texts[i]`. At the end the two sessions are compared."""
    pair = Pair(path, True, store)
    pair.following.close()
    pair.following = Session(VARIABLES, Target(), store)
    for text, point in zip(texts, points, strict=True):
        pair.text = text
        pair.following.set_text(pair.path, text)

        def run(point: int = point) -> None:
            pair.following.check(pair.path, recall=True, soon=True)
            interrupted(pair.following, pair.path, point)

        with_deep_stack(run)
    pair.compare()


def interrupted(session: Session, path: str, point: int) -> bool:
    """Whether a check that is interrupted at its `point`-th question comes so far."""
    try:
        session.check(path, _at(point))
    except Cancelled:
        return True
    return False


def _at(point: int) -> Callable[[], bool]:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked >= point

    return is_cancelled

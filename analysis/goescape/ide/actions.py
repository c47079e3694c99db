"""What an editor offers to do about the findings under the cursor.

A provider looks at a `Question` (a stretch of one file, and what is found there) and yields
`Action`s. An action does one of three things: it edits text, it calls a command, or, when its edits
are costly to make, it carries a key from which they are made when somebody chooses it.

Invariants
  - providers run on the analysis thread and may ask the session; they stop when it is cancelled;
  - edits are for the text that was asked about, in byte offsets;
  - an action that needs something of the client is offered only when the client has it.

Example: with the cursor on `&T{}` that escapes, the actions are "Step through why &T{} escapes",
"Ignore this finding, with a reason" and more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from goescape.ide.diagnostics import SILENT, stretch
from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.offers import (
    FIX,
    FIX_ALL,
    edits_for,
    fix_all_edits,
    has_safe_fix,
    offers_for,
)
from goescape.ide.fixes.registry import may_have_fix
from goescape.report.finding import Finding
from goescape.report.rules import rule_of
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.session import FileAnswer, Session

QUICK_FIX = "quickfix"
FIX_ALL_KIND = "source.fixAll.goescape"
IGNORE = "//goescape:ignore "

STEP_THROUGH = "goescape.stepThrough"
SHOW_RULE = "goescape.showRule"
COMPILER_COMMAND = "goescape.copyCompilerCommand"


@dataclass(frozen=True, slots=True)
class Command:
    """A command by name; an argument that is an `At` becomes a document and a position."""

    name: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class At:
    """A place as the argument of a command: a document, and a position in it."""

    path: str
    offset: int


@dataclass(frozen=True, slots=True)
class Action:
    """Something to offer. `kind` is the protocol's (`quickfix`, `source.fixAll.goescape`); `finding`
    is the one it is about, if there is one. Exactly one of `edits`, `command` and `key` says what
    happens; `key` is (name of the resolver, plain data for it)."""

    title: str
    kind: str = QUICK_FIX
    edits: tuple[Edit, ...] = ()
    command: Command | None = None
    key: tuple[str, Any] | None = None
    is_preferred: bool = False
    finding: Finding | None = None


@dataclass(frozen=True)
class Question:
    """What is asked: what could be done about the bytes `start` to `end` of the file of `answer`?
    `kinds` are those wanted (a kind includes those below it, and "" all); without any, all but those
    for whole files. `commands` are what the client can carry out itself; `constant_capacity` the
    setting of that name."""

    answer: FileAnswer
    text: bytes
    start: int
    end: int
    session: Session
    is_cancelled: Callable[[], bool]
    kinds: tuple[str, ...] = ()
    commands: frozenset[str] = frozenset()
    constant_capacity: int = 64

    @cached_property
    def findings(self) -> list[Finding]:
        """The findings of the stretch that are worth acting on, each construct once."""
        return self._about(lambda f: f.kind not in SILENT)

    @cached_property
    def costly(self) -> list[Finding]:
        """Everything in the stretch that may be fixed, whatever the verdict."""
        return self._about(may_have_fix)

    def _about(self, is_wanted: Callable[[Finding], bool]) -> list[Finding]:
        here: dict[tuple[int, int, str], Finding] = {}
        for f in self._around:
            start, end = stretch(f.place, self.text)
            if start <= self.end and self.start <= end and is_wanted(f):
                here.setdefault((start, end, f.code), f)
        return list(here.values())

    @cached_property
    def _around(self) -> tuple[Finding, ...]:
        return self.answer.findings_around(self.start, self.end)

    def wants(self, kind: str) -> bool:
        """Whether actions of this kind are asked for; those for whole files only by name, since
        they are not about what the cursor is on."""
        if not self.kinds:
            return not kind.startswith("source.")
        return any(not k or kind == k or kind.startswith(k + ".") for k in self.kinds)


Provider = Callable[[Question], Iterator[Action]]
Resolver = Callable[[Session, Any, Callable[[], bool]], "tuple[Edit, ...] | None"]
"""The edits for a key, on the newest text; None when the action makes no sense any more."""


def actions(question: Question) -> list[Action]:
    """Everything that can be offered, in the order of the providers."""
    found: list[Action] = []
    for provider in PROVIDERS:
        if question.is_cancelled():
            raise Cancelled
        found += (a for a in provider(question) if question.wants(a.kind))
    return found


def step_through(question: Question) -> Iterator[Action]:
    """Walk the flow of a finding, in clients that have a command for it."""
    if STEP_THROUGH not in question.commands:
        return
    for f in question.findings:
        if f.flow:
            at = At(question.answer.path, stretch(f.place, question.text)[0])
            verb = "escapes" if f.is_heap else "leaks"
            title = f"Step through why {shortened(f.subject)} {verb}"
            yield Action(title, command=Command(STEP_THROUGH, (at,)), finding=f)


def ignore(question: Question) -> Iterator[Action]:
    """Put a comment above the line of a finding, for the reason to be written into."""
    lines: dict[int, Finding] = {}
    for f in question.findings:
        lines.setdefault(question.text.rfind(b"\n", 0, f.place.start) + 1, f)
    for start, f in lines.items():
        which = "this finding"
        if len(lines) > 1:
            number = question.text.count(b"\n", 0, start) + 1
            which = f"{shortened(f.subject)} in line {number}"
        line = question.text[start:].partition(b"\n")[0]
        indent = line[: len(line) - len(line.lstrip(b" \t"))].decode()
        end = "\r\n" if line.endswith(b"\r") else "\n"
        edit = Edit(f.place.path, start, start, f"{indent}{IGNORE}{end}")
        yield Action(f"Ignore {which}, with a reason", edits=(edit,), finding=f)


def rule(question: Question) -> Iterator[Action]:
    """Show the rule behind a finding, and what to do about it."""
    shown = set()
    for f in question.findings:
        name = rule_of(f)
        if name not in shown:
            shown.add(name)
            yield Action(f"Show the rule: {name}", command=Command(SHOW_RULE, (name,)), finding=f)


def fix(question: Question) -> Iterator[Action]:
    """Keep the value of a finding off the heap. What is quickly proved is offered with its edits, what
    is not is proved when it is chosen."""
    if not question.wants(QUICK_FIX):
        return
    for f in question.costly:
        for offer in offers_for(
            question.session, f, question.constant_capacity, question.is_cancelled
        ):
            yield Action(
                offer.title, edits=offer.edits, key=offer.key, is_preferred=offer.is_preferred,
                finding=f,
            )  # fmt: skip


def fix_all(question: Question) -> Iterator[Action]:
    """All fixes of the file that keep the behaviour, as one."""
    path = question.answer.path
    if question.wants(FIX_ALL_KIND) and has_safe_fix(
        question.session, path, question.constant_capacity
    ):
        yield Action(
            "Fix all allocations of the file that can be fixed with the same behaviour",
            kind=FIX_ALL_KIND, key=(FIX_ALL, [path, question.constant_capacity]),
        )  # fmt: skip


def compiler_command(question: Question) -> Iterator[Action]:
    """The command that makes the compiler say the same."""
    if question.findings:
        verb = "Copy" if COMPILER_COMMAND in question.commands else "Show"
        yield Action(
            f"{verb} the compiler command for this package",
            command=Command(COMPILER_COMMAND, (At(question.answer.path, 0),)),
        )


def shortened(text: str) -> str:
    """Source text, short enough for a menu."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


PROVIDERS: tuple[Provider, ...] = (fix, step_through, ignore, rule, compiler_command, fix_all)
RESOLVERS: dict[str, Resolver] = {FIX: edits_for, FIX_ALL: fix_all_edits}
"""How the keys of actions become edits, by the first part of the key."""
_DATA: dict[str, tuple[type, ...]] = {FIX: (str, int, list, list), FIX_ALL: (str, int)}
"""What the second part of a key consists of."""


def is_key(key: Any) -> bool:
    """Whether plain data, which a client has had in its hands, may be the key of an action."""
    if not isinstance(key, (list, tuple)) or len(key) != 2 or not isinstance(key[0], str):
        return False
    name, data = key
    if name not in RESOLVERS or not isinstance(data, (list, tuple)):
        return False
    return tuple(map(type, data)) == _DATA[name]

"""What an editor underlines in one file, as plain values of byte offsets.

Quiet by default: allocations on the heap are information, and those that only a failing path reaches
are dimmed hints. Leaking parameters tell callers rather than cost anything here; they are hints for
those who ask for everything. What stays on the stack is not underlined: hover tells of it.

Invariants
  - one diagnostic per construct of the source, with the instances it holds for;
  - the message begins with the compiler's sentence; the next line says the rule in plain words;
  - a finding that a `//goescape:ignore` comment hides is not there, and a comment that hides nothing is
    a hint itself, unless the file could not be analysed whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from goescape.ide.scope import is_generated, is_outside
from goescape.report.constructs import Construct, constructs, instances_text
from goescape.report.finding import HEAP_CODES, Finding, Place
from goescape.report.ignore import DIRECTIVE, Ignore, idle, ignored_lines, ignores
from goescape.report.rules import rule_of, summary

WARNING = 2
INFORMATION = 3
HINT = 4

SEVERITIES = {"warning": WARNING, "information": INFORMATION, "hint": HINT}

SILENT = frozenset({"stays", "devirtualized", "uintptr"})
"""Kinds that are not underlined, whatever the level."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to report: `level` is "heap", "all" (with what is known of parameters, and what costs
    nothing) or "off". `kinds` gives single kinds a severity ("hint", "information", "warning") or turns
    them "off", whatever the level. `cold`: what only a failing path reaches is "dim", as others
    ("show"), or left out ("hide"). `generated`, `outside`: also in generated files, and in the
    library's."""

    enable: bool = True
    level: str = "heap"
    kinds: Mapping[str, str] = field(default_factory=dict)
    cold: str = "dim"
    generated: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Source:
    """The file that is reported on. `library` are the directories of the toolchain and of downloaded
    modules, `roots` those of the workspace. `is_whole`: nothing kept a part of it from being
    analysed."""

    path: str
    text: bytes
    library: Sequence[str] = ()
    roots: Sequence[str] = ()
    is_whole: bool = True

    @cached_property
    def ignores(self) -> list[Ignore]:
        """The directives in it."""
        return ignores(self.text)


@dataclass(frozen=True, slots=True)
class Related:
    """One step of a flow: what happens, and where."""

    message: str
    place: Place


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A stretch of the file in byte offsets (never empty unless the file is), how serious it is
    (2 warning, 3 information, 4 hint, as the protocol numbers them), and what there is to say.
    `dim`: to be shown faded. `rule` names the page that explains it."""

    start: int
    end: int
    severity: int
    code: str
    message: str
    related: tuple[Related, ...] = ()
    dim: bool = False
    rule: str = ""


def diagnostics(findings: Iterable[Finding], source: Source, options: Options) -> list[Diagnostic]:
    """The diagnostics of one file, in its order."""
    text = source.text
    if not options.enable or options.level == "off" or not is_reported(source, options):
        return []
    comments = source.ignores
    hidden = ignored_lines(comments)
    all_found = [c for c in constructs(findings) if not is_silent(c.finding, options)]
    found: dict[tuple[int, int, str, str], Diagnostic] = {}
    for c in all_found:
        if c.finding.place.line in hidden:
            continue
        severity, dim = _severity(c.finding, options)
        if severity:
            d = _diagnostic(c, text, severity, dim)
            found.setdefault((d.start, d.end, d.code, d.message), d)
    for d in _about_comments(comments, [c.finding for c in all_found], source, options):
        found[d.start, d.end, d.code, d.message] = d
    return [found[key] for key in sorted(found)]


def is_silent(f: Finding, options: Options) -> bool:
    """Whether the finding is never underlined, so that there is nothing to ignore either."""
    return f.kind in SILENT and options.kinds.get(f.kind, "off") == "off"


def is_reported(source: Source, options: Options) -> bool:
    """Whether anything is said of the file unasked: it is the user's own, and written by hand."""
    if not options.generated and is_generated(source.text):
        return False
    return options.outside or not is_outside(source.path, source.library, source.roots)


def _severity(f: Finding, options: Options) -> tuple[int, bool]:
    """How serious a finding is, 0 to leave it out; and whether it is dimmed."""
    kind = f.kind
    chosen = options.kinds.get(kind)
    if chosen is not None:
        severity = SEVERITIES.get(chosen, 0)
    elif kind in HEAP_CODES or kind == "forbidden":
        severity = INFORMATION
    elif kind == "allocates":
        severity = INFORMATION if f.costs else HINT
    else:
        severity = HINT if options.level == "all" else 0
    if not f.cold or not severity or options.cold == "show":
        return severity, False
    return (0, False) if options.cold == "hide" else (HINT, True)


def _diagnostic(c: Construct, text: bytes, severity: int, dim: bool) -> Diagnostic:
    f = c.finding
    start, end = stretch(f.place, text)
    return Diagnostic(start, end, severity, f.kind, told(c), related(f), dim, rule_of(f))


def told(c: Construct) -> str:
    """The compiler's sentence, and under it what there is to say besides."""
    return f"{c.finding.message}\n{plain(c)}"


def plain(c: Construct) -> str:
    """What is to be said of a finding beside the compiler's sentence, in one line of plain words."""
    return " ".join([reason(c.finding), *(f"{capital(fact)}." for fact in facts(c))])


def reason(f: Finding) -> str:
    """Why it is as the finding says, in one sentence."""
    if f.allocates is not None and f.kind in ("allocates", "free"):
        return f"{capital(f.allocates.text)}."
    return summary(f)


def facts(c: Construct) -> list[str]:
    """How much, how often, for whom: short phrases without full stops."""
    f = c.finding
    out = []
    if f.size >= 0 and f.costs:
        out.append(bytes_text(f))
    if f.allocates is not None and f.kind not in ("allocates", "free"):
        out.append(f.allocates.text)
    if f.loop_depth:
        out.append("in a loop" if f.loop_depth == 1 else f"in {f.loop_depth} nested loops")
    if f.cold:
        out.append("on a failing path only")
    if f.inlined_from:
        out.append("in the inlined call")
    if c.instances:
        out.append(f"for {instances_text(c.instances)}")
    if f.opaque:
        out.append("whatever the type arguments")
    if f.unknown:
        out.append(f"assumed, because {in_words(f.unknown)}")
    return out


def bytes_text(f: Finding) -> str:
    """The size of an allocation: `24 bytes`, with the slot it takes where that is larger."""
    text = "1 byte" if f.size == 1 else f"{f.size} bytes"
    return text + (f", size class {f.size_class}" if f.size_class > f.size else "")


_MADE = {
    "state": "the state of the loop",
    "yield": "the loop's body",
    "rv": "what the loop returns",
    "next": "where the loop leads",
    "defers": "what the loop defers",
}
_MADE_NAME = re.compile(rf"#({'|'.join(_MADE)})\d*")


def in_words(text: str) -> str:
    """`text` with words for the variables that the compiler makes of a range over a function."""
    return _MADE_NAME.sub(lambda found: _MADE[found[1]], text)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _about_comments(
    comments: Sequence[Ignore], found: Sequence[Finding], source: Source, options: Options
) -> list[Diagnostic]:
    severity = SEVERITIES.get(options.kinds.get("ignore", "hint"), 0)
    if not severity:
        return []
    name = DIRECTIVE.decode()
    out = [
        Diagnostic(i.start, i.end, severity, "ignore", f"{name} needs a reason behind it", rule="ignore")
        for i in comments
        if not i.reason
    ]  # fmt: skip
    if source.is_whole:
        out += [
            Diagnostic(i.start, i.end, severity, "ignore", "there is nothing here to ignore", dim=True, rule="ignore")
            for i in idle(comments, found)
        ]  # fmt: skip
    return out


def related(f: Finding) -> tuple[Related, ...]:
    """The flow of a finding, one entry per step."""
    steps = []
    for step in f.flow:
        if step.place is None:
            continue
        text = f"{step.text} ({step.why})" if step.text else ""
        if step.flow:
            text = f"{step.flow}: {text}" if text else step.flow
        steps.append(Related(text, step.place))
    return tuple(steps)


def stretch(place: Place, text: bytes) -> tuple[int, int]:
    """The offsets of a place, widened to the word or character there when it is a mere point."""
    start = min(max(place.start, 0), len(text))
    end = min(max(place.end, start), len(text))
    if end == start:
        end = start
        while end < len(text) and (
            text[end : end + 1].isalnum() or text[end] in b"_" or text[end] > 127
        ):
            end += 1
        if end == start and start < len(text) and text[start] not in b"\r\n":
            end = start + 1
    return start, end

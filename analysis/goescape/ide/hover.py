"""What to show under the cursor.

A finding is told in three parts: at a glance what it is, where it lives and why; the way of the value
in numbered steps, the decisive one marked; and the rule, with a link. On the name of a function stands
what becomes of its parameters, what inlining it costs and how much it allocates; at a call the same of
the function that is called, whatever package it is from.

Invariants
  - the innermost stretch comes first: for `f(&T{x})` with the cursor in `T`, the literal is told of
    before the call; what is on the heap before what stays;
  - what has a diagnostic of its own is told on its own;
  - the Go release whose rules were applied is always named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from goescape.ide.diagnostics import capital, facts, in_words, reason, stretch, told
from goescape.report.constructs import Construct, constructs
from goescape.report.finding import HEAP_CODES, Finding, InlineRemedy, Place
from goescape.report.rules import rule_of
from goescape.report.summary import (
    FunctionSummary,
    ParamSummary,
    inline_words,
    param_words,
    withheld_words,
)
from goescape.workspace.contract import Contract
from goescape.workspace.session import FileAnswer

MAX_FINDINGS = 4

DECISIVE = "◀ here it is lost"


@dataclass(frozen=True, slots=True)
class Links:
    """How places and the pages of rules are linked, in Markdown."""

    place: Callable[[Place], str]
    rule: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the bytes `start` to `end`."""

    start: int
    end: int
    markdown: str


def hover(
    answer: FileAnswer,
    text: bytes,
    offset: int,
    links: Links,
    contract: Contract | None = None,
    remedy: Callable[[Finding], InlineRemedy | None] = lambda finding: None,
) -> Hover | None:
    """The hover at byte `offset` of the file with the text `text`; None when there is nothing to
    say. `contract` is that of the function named there, if there is one; `remedy` tells, of what is on
    the heap, which call would have to be inlined, as far as that is known."""
    blocks: list[str] = []
    spans: list[tuple[int, int]] = []
    declared = next((f for f in answer.functions if f.place.start <= offset <= f.place.end), None)
    if declared is not None:
        blocks.append(_function(declared, declared.name))
        spans.append((declared.place.start, declared.place.end))
    elif contract is not None:
        blocks.append(_contract(contract, answer))
        spans.append((contract.start, contract.end))
    here = sorted(
        _found(answer.findings_around(offset, offset), text, offset), key=lambda entry: entry[:3]
    )
    for _, _, _, start, end, c in here[:MAX_FINDINGS]:
        blocks.append(_finding(c, links, remedy(c.finding) if c.finding.is_heap else None))
        spans.append((start, end))
    if not blocks:
        return None
    blocks.append(f"{_release(answer)}")
    return Hover(*spans[0], "\n\n---\n\n".join(blocks[:-1]) + f"\n\n{blocks[-1]}")


def _found(
    findings: Sequence[Finding], text: bytes, offset: int
) -> list[tuple[int, bool, int, int, int, Construct]]:
    """The constructs at the offset, with what they are sorted by: length, and heap or not."""
    out = []
    seen: set[tuple[int, int, str]] = set()
    for n, c in enumerate(constructs(findings)):
        f = c.finding
        start, end = stretch(f.place, text)
        key = start, end, told(c)
        if start <= offset <= end and key not in seen:
            seen.add(key)
            out.append((end - start, not f.costs, n, start, end, c))
    return out


# --- findings


def _finding(c: Construct, links: Links, remedy: InlineRemedy | None) -> str:
    f = c.finding
    lines = [f"**{headline(f)}.** {escape(reason(f))}"]
    details = [code(f.message), *map(escape, facts(c))]
    lines += ["", " · ".join(details)]
    steps = [s for s in f.flow if s.text]
    if steps:
        lines.append("")
    for number, step in enumerate(steps, 1):
        where = f" — {links.place(step.place)}" if step.place is not None else ""
        text = f"**{code(step.text)}**" if step.decisive else code(step.text)
        mark = f" **{DECISIVE}**" if step.decisive and f.costs else ""
        lines.append(f"{number}. {text} {escape(step.why)}{where}{mark}")
    if remedy is not None:
        text = escape(remedy.text)
        lines += ["", f"{text[0].upper()}{text[1:]} — {links.place(remedy.call)}"]
    lines += ["", f"Rule: {links.rule(rule_of(f))}"]
    return "\n".join(lines)


def headline(f: Finding) -> str:
    """What a finding is about and where that lives, in Markdown, without a full stop."""
    words = in_words(f.subject)
    subject = code(words) if words == f.subject else capital(words)
    kind = f.kind
    if kind in HEAP_CODES or kind == "forbidden":
        return f"{subject} is on the heap"
    if kind == "allocates":
        return f"{subject} {'is' if f.costs else 'may be'} on the heap all the same"
    if kind == "devirtualized":
        return f"{subject} is a call of {code(f.reason)}, directly"
    return _HEADLINES[kind].format(subject)


_HEADLINES = {
    "free": "{} escapes, and costs nothing",
    "stays": "{} does not escape",
    "leaks": "{} leaks to the heap",
    "leaks-content": "What {} points to leaks to the heap",
    "leaks-result": "{} flows to a result",
    "zero-copy": "{} is not copied",
    "self-assignment": "{} is ignored",
    "uintptr": "{} keeps its argument alive",
}


# --- functions


def _contract(contract: Contract, answer: FileAnswer) -> str:
    if contract.function is None:
        return (
            f"**{code(contract.name)} is called through an interface.** Which function runs is not"
            " known: the receiver and every argument are taken to reach the heap."
        )
    function = contract.function
    own = (f for f in answer.functions if f.place.path == function.place.path)
    return _function(
        next((f for f in own if f.place.start == function.place.start), function), contract.name
    )


def _function(f: FunctionSummary, name: str) -> str:
    told = [heap_words(f), escape(inline_words(f)), escape(withheld_words(f))]
    lines = [f"**func {code(name)}** · {' · '.join(filter(None, told))}".rstrip(" ·")]
    params = [f"- {code(p.name or '_')}: {_param(p)}" for p in f.params]
    if params:
        lines += ["", *params]
    if f.instances:
        lines += ["", f"Instances: {', '.join(code(i) for i in f.instances)}"]
    return "\n".join(lines)


def _param(p: ParamSummary) -> str:
    words = escape(param_words(p))
    return f"**{words}**" if any(leak.to == "heap" for leak in p.leaks) else words


def heap_words(f: FunctionSummary) -> str:
    """How many places allocate on the heap; "" if nobody has looked."""
    if f.heap < 0:
        return ""
    if f.heap == 0:
        return "no heap allocations"
    text = "1 heap allocation" if f.heap == 1 else f"{f.heap} heap allocations"
    if not f.cold:
        return text
    return text + (
        ", on failing paths only" if f.cold == f.heap else f", {f.cold} on failing paths only"
    )


def _release(answer: FileAnswer) -> str:
    return escape(" ".join(filter(None, ("As", answer.go, "decides for", answer.platform)))) + "."


# --- Markdown


def code(text: str) -> str:
    """`text` as inline code, whatever backquotes it holds."""
    text = text.replace("\n", " ")
    if "`" not in text:
        return f"`{text}`"
    return f"`` {text} ``"


_MARKUP = re.compile(
    r"`` (?P<quoted>.*?) ``|`(?P<code>[^`]*)`|\\(?P<mark>.)|\[(?P<link>[^]]*)\]\([^)]*\)|\*\*"
)


def plain_text(markdown: str) -> str:
    """The Markdown of a hover without its markup; of links the text remains."""
    return _MARKUP.sub(lambda m: m[m.lastgroup] if m.lastgroup else "", markdown)


def escape(text: str) -> str:
    """`text` with what Markdown would take for markup made harmless."""
    for mark in "\\`*_{}[]<>#|":
        text = text.replace(mark, "\\" + mark)
    return text

"""What to show under the cursor: every finding there, with its flow.

The innermost stretch wins: for `f(&T{x})` with the cursor in `T`, the literal is told of before the
call. A reader gives the text of other files, so that steps in them have a line number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from goescape.ide.diagnostics import stretch
from goescape.report.finding import Finding, Place

MAX_FINDINGS = 4

Link = Callable[[Place], str]


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the bytes `start` to `end`."""

    start: int
    end: int
    markdown: str


def hover(findings: Iterable[Finding], text: bytes, offset: int, link: Link) -> Hover | None:
    """The hover at byte `offset`; None when there is nothing to say. `link` words a place as a
    Markdown link."""
    here: list[tuple[int, int, int, Finding]] = []
    seen: set[tuple[str, str]] = set()
    for n, f in enumerate(findings):
        start, end = stretch(f.place, text)
        if start <= offset <= end and (f.message, f.instance) not in seen:
            seen.add((f.message, f.instance))
            here.append((end - start, n, start, f))
    if not here:
        return None
    here.sort(key=lambda entry: entry[:2])
    size, _, start, _ = here[0]
    blocks = [_markdown(f, link) for _, _, _, f in here[:MAX_FINDINGS]]
    return Hover(start, start + size, "\n\n---\n\n".join(blocks))


def _markdown(f: Finding, link: Link) -> str:
    lines = [f"**{escape(f.message)}**"]
    facts = []
    if f.reason and not f.flow:
        facts.append(escape(f.reason))
    if f.size >= 0:
        facts.append(
            f"{f.size} bytes" + (f" ({f.size_class} allocated)" if f.size_class > f.size else "")
        )
    if f.loop_depth:
        facts.append("in a loop" if f.loop_depth == 1 else f"in {f.loop_depth} nested loops")
    if f.cold:
        facts.append("on a failing path only")
    if f.inlined_from:
        facts.append("in the inlined call")
    if f.instance:
        facts.append(f"for `{f.instance}`")
    if f.opaque:
        facts.append("whatever the type arguments")
    if f.unknown:
        facts.append("assumed, because " + escape(f.unknown))
    if facts:
        lines.append("")
        lines.append("; ".join(facts))
    number = 0
    for step in f.flow:
        if step.flow:
            lines += ["", f"flow: {code(step.flow)}", ""]
        if step.text:
            number += 1
            where = f" — {link(step.place)}" if step.place is not None else ""
            lines.append(f"{number}. {code(step.text)} {escape(step.why)}{where}")
    return "\n".join(lines)


def code(text: str) -> str:
    """`text` as inline code, whatever backquotes it holds."""
    text = text.replace("\n", " ")
    if "`" not in text:
        return f"`{text}`"
    return f"`` {text} ``"


def escape(text: str) -> str:
    """`text` with what Markdown would take for markup made harmless."""
    for mark in "\\`*_{}[]<>#|":
        text = text.replace(mark, "\\" + mark)
    return text

"""The rules' pages: what decided, an example, the compiler's words, what to do, when to leave it.

A page is `rules/NAME.md` beside this file. Its first line is the name, its next paragraph says the
rule in one sentence: that sentence is what diagnostics and hovers quote. The example stands in a
block of Go (after `go`, the release whose rules it needs, if not the newest), the compiler's words
in the block after it.

Invariants
  - every code, every kind and every rule that a finding can name has a page;
  - the examples are analysed by a test, and yield what the page says.

Example: `page("returned").summary` is "It is returned, so it must outlive the call."
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from goescape.report.finding import CODES, Finding

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `text` is all of it, Markdown. `example` is a file of Go, "" where none shows it;
    `release` the one whose rules the example needs ("go1.24"), "" for the newest; `messages` the
    compiler's lines about it, as printed for a file `p.go`."""

    name: str
    summary: str
    text: str
    example: str
    release: str
    messages: tuple[str, ...]


def rule_of(f: Finding) -> str:
    """The name of the page that explains a finding."""
    return f.rule or f.kind


@cache
def names() -> tuple[str, ...]:
    """The name of every page: those of the codes in their order, then the other rules by name."""
    folder = resources.files("goescape.report").joinpath("rules")
    found = {entry.name.removesuffix(".md") for entry in folder.iterdir()}
    return (*(code for code in CODES if code in found), *sorted(found - CODES.keys()))


@cache
def page(name: str) -> Page | None:
    """The page of that name; None if there is none."""
    if name not in names():
        return None
    text = resources.files("goescape.report").joinpath("rules", f"{name}.md").read_text("utf-8")
    summary = text.split("\n\n")[1].replace("\n", " ").strip()
    blocks = _BLOCK.findall(text)
    go = [(info, body) for info, body in blocks if info.split()[:1] == ["go"]]
    info, example = go[0] if go else ("", "")
    messages = blocks[1][1].splitlines() if go else []
    return Page(name, summary, text, example, info.removeprefix("go").strip(), tuple(messages))


def summary(f: Finding) -> str:
    """The rule behind a finding, in one sentence."""
    found = page(rule_of(f))
    return found.summary if found is not None else CODES.get(f.kind, "")


@cache
def path(name: str) -> str:
    """Where the page lies on disk, "" if it does not (in a package run from an archive, say)."""
    if name not in names():
        return ""
    place = resources.files("goescape.report").joinpath("rules", f"{name}.md")
    return str(place) if type(place).__module__.startswith("pathlib") else ""

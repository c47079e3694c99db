"""Hints in the code: where allocations live, and what becomes of each parameter.

"minimal" shows what is on the heap. "all" also shows what stays on the stack, and the leak of each
parameter that holds pointers, at the signature. What a comment ignores has no hint.

Invariants
  - one hint at one offset: what is on the heap for one instance is on the heap;
  - hints come in the order of the file, and say nothing that the source says.

Example: `x := 1; return &x` has the hint "heap" behind x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from goescape.ide.diagnostics import plain, stretch
from goescape.report.constructs import constructs
from goescape.report.finding import Finding
from goescape.report.ignore import ignored_lines, ignores
from goescape.report.summary import FunctionSummary, ParamSummary, param_words

_PARAMETER_CODES = frozenset({"leaks", "leaks-content", "leaks-result", "uintptr"})


@dataclass(frozen=True, slots=True)
class InlayHint:
    """`label` behind the byte `offset`, with the compiler's sentence and the rule as `tooltip`."""

    offset: int
    label: str
    tooltip: str


def inlay_hints(
    findings: Sequence[Finding],
    functions: Sequence[FunctionSummary],
    text: bytes,
    level: str,
    start: int = 0,
    end: int = -1,
) -> list[InlayHint]:
    """The hints in the bytes `start` to `end` (-1: the end of the file), for the level "off",
    "minimal" or "all"."""
    if level == "off":
        return []
    end = len(text) if end < 0 else end
    shows_all = level == "all"
    hints: dict[int, tuple[int, InlayHint]] = {}
    params = {p.place.end: p for f in functions for p in f.params if p.place is not None}
    hidden = ignored_lines(ignores(text))
    for c in constructs(findings):
        f = c.finding
        if f.code in _PARAMETER_CODES or f.place.line in hidden:
            continue
        offset = stretch(f.place, text)[1]
        if not start <= offset <= end or (offset in params and not f.costs):
            continue
        label, rank = _label(c.finding)
        if label and (rank == 0 or shows_all):
            known = hints.get(offset)
            if known is None or rank < known[0]:
                hints[offset] = rank, InlayHint(offset, label, f"{f.message}\n{plain(c)}")
    if shows_all:
        for offset, p in params.items():
            if (
                start <= offset <= end
                and offset not in hints
                and p.name not in ("", "_")
                and not p.pointer_free
            ):
                hints[offset] = 2, InlayHint(offset, _param_label(p), f"{p.name} {param_words(p)}")
    return [hints[offset][1] for offset in sorted(hints)]


def _label(f: Finding) -> tuple[str, int]:
    """The label for a finding and how much it matters, 0 most; "" for none."""
    if f.kind in ("moved", "escapes", "forbidden") or f.costs:
        return "heap", 0
    if f.kind == "allocates" and f.allocates is not None:
        a = f.allocates
        return f"heap over {a.limit} {a.unit}", 0
    if f.kind == "free":
        return "free", 3
    if f.kind == "stays":
        return "stack", 3
    return "", 3


def _param_label(p: ParamSummary) -> str:
    """The worst that becomes of a parameter, in a word or two."""
    for leak in p.leaks:
        if leak.to == "heap":
            return "leaks" if leak.derefs == 0 else "content leaks"
    results = [leak.result for leak in p.leaks if leak.to == "result"]
    if results:
        return f"to {' and '.join(results)}"
    return "stays"

"""`--format=text`: findings for people, grouped by function, each with its line and its flow.

Colours appear on a terminal only. What costs nothing, because it stays on the stack or for another
reason, is counted in the summary and shown when asked for (`--only stays`, `--only free`). The
decisive step of a flow is marked. Below the line stands the rule that decided, with the name that
`goescape explain` takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from goescape.ide.diagnostics import facts, reason
from goescape.load.shortpath import short_path
from goescape.report.constructs import Construct
from goescape.report.finding import Finding, Place, Step
from goescape.report.rules import rule_of
from goescape.workspace.result import PackageResult
from rich.cells import cell_len
from rich.console import Console
from rich.control import strip_control_codes
from rich.text import Text

from goescape_server.cli.sources import Sources

ReadFile = Callable[[str], bytes]

HIDDEN = frozenset({"stays", "free"})
"""Kinds that the text shows only when they are asked for."""

_STYLE = {"moved": "bold red", "escapes": "bold red", "forbidden": "bold red", "allocates": "red"}
_LEAKS = "yellow"
_MAX_LINE = 160
_TAB = 4


class PipedConsole(Console):
    """A console that does not exit by itself when its reader has gone."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class TextWriter:
    """Writes packages as they come, and a summary at the end, of the codes in `only` (none: all)."""

    def __init__(
        self, console: Console, cwd: str, read: ReadFile, only: frozenset[str] = frozenset()
    ) -> None:
        self._console = console
        self._is_plain = console.color_system is None
        self._only = only
        self._cwd = cwd
        self._sources = Sources(read)
        self._short: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._packages = 0
        self._ignored = 0

    def package(
        self,
        result: PackageResult,
        findings: Sequence[Finding],
        counted: Sequence[Finding] = (),
        ignored: int = 0,
    ) -> None:
        """Print the findings of one package; those `counted` only are not shown, and `ignored` more
        are hidden by comments."""
        self._packages += bool(result.directory)  # Else there is no such package.
        self._counts.update(f.kind for f in (*findings, *counted))
        self._ignored += ignored
        self._sources.forget()
        if not findings:
            return
        self._print((result.import_path, "bold underline"))
        for function, group in _by_function(findings):
            self._print()
            self._print(("func ", ""), (function or "(package level)", "bold cyan"), style="dim")
            for finding in group:
                self._finding(finding)
        self._print()

    def summary(self) -> None:
        """One line that counts everything."""
        heap = self._counts["moved"] + self._counts["escapes"]
        leaks = sum(n for code, n in self._counts.items() if code.startswith("leaks"))
        stays = self._counts["stays"]
        allocates, free = self._counts["allocates"], self._counts["free"]
        other = sum(self._counts.values()) - heap - leaks - stays - allocates - free
        parts: list[tuple[str, str]] = []
        if self._shows("moved", "escapes"):
            style = "bold red" if heap else "bold green"
            parts.append((_count(heap, "allocation") + " on the heap", style))
        if allocates:
            parts.append((f"{allocates} more at run time", "red"))
        if free:
            parts.append((f"{free} that cost nothing", ""))
        if self._shows("leaks", "leaks-content", "leaks-result"):
            parts.append((_count(leaks, "leaking parameter"), ""))
        if self._shows("stays"):
            parts.append((f"{stays} staying on the stack", ""))
        if self._ignored:
            parts.append((f"{self._ignored} ignored with a reason", ""))
        if other or not parts:
            parts.append((f"{other} other", ""))
        listed = [piece for part in parts for piece in (part, (", ", ""))][:-1]
        self._print(*listed, (f" in {_count(self._packages, 'package')}", ""))

    def _print(self, *parts: tuple[str, str], style: str = "") -> None:
        """Print a line of texts and their styles, on top of `style`; as it is where there are no
        colours: rendering takes most of the time."""
        if self._is_plain:
            plain = "".join([strip_control_codes(text) for text, _ in parts])
            if not plain.endswith(" ") and "\t" not in plain and "\n" not in plain:
                self._console.file.write(plain + "\n")
                return
        self._console.print(Text.assemble(*parts, style=style), soft_wrap=True)

    def _shows(self, *codes: str) -> bool:
        return not self._only or not self._only.isdisjoint(codes)

    def _finding(self, f: Finding) -> None:
        style = _STYLE.get(f.kind, _LEAKS if f.code.startswith("leaks") else "")
        notes = _notes(f)
        self._print(
            ("  ", ""),
            (self._where(f.place), "blue"),
            (": ", ""),
            (f.message, style),
            (f"  ({notes})" if notes else "", "dim"),
        )
        self._excerpt(f.place)
        if f.kind not in HIDDEN:
            self._print((f"      {reason(f)}", ""), (f"  [{rule_of(f)}]", "dim"))
        for call in f.inlined_from[1:]:
            self._print((f"      in the call inlined there from {self._where(call)}", "dim"))
        if f.remedy is not None:
            where = (f"  {self._where(f.remedy.call)}", "blue")
            self._print((f"      {f.remedy.text}", ""), where, style="green")
        number = 0
        for step in f.flow:
            if step.flow:
                self._print((f"      {step.flow}", "dim italic"))
            if step.text:
                number += 1
                self._step(number, step)

    def _step(self, number: int, step: Step) -> None:
        mark, own, base = ("▸", "bold", "bold") if step.decisive else (" ", "default", "dim")
        self._print(
            (f"    {mark} {number}. ", ""),
            (step.text, own),
            (f" ({step.why})", "magenta"),
            (f"  {self._where(step.place)}" if step.place is not None else "", "blue"),
            style=base,
        )

    def _excerpt(self, place: Place) -> None:
        source = self._line(place)
        if source is None:
            return
        text, before, marked = source
        self._print((f"{place.line:>7} │ ", "dim"), (text, ""))
        self._print((" " * 7 + " │ ", "dim"), (before + "^" * marked, "bold green"))

    def _line(self, place: Place) -> tuple[str, str, int] | None:
        """The source line, the blanks that bring the mark below what of the place is in it, and the
        length of the mark, in cells of a terminal."""
        file = self._sources.of(place.path)
        if file is None or not 0 < place.line <= len(file.line_starts):
            return None
        first = file.line_starts[place.line - 1]
        raw = file.text[first : file.offset(place.line, len(file.text))].rstrip()
        if len(raw.decode("utf-8", "replace")) > _MAX_LINE:
            return None
        indent = len(raw) - len(raw.lstrip())
        start, end = max(place.start - first, indent), min(place.end - first, len(raw))
        if start >= end:  # A mere point.
            start, end = place.col - 1, place.col
        text, head, both = (_shown(raw[:n]) for n in (len(raw), start, end))
        return text, " " * cell_len(head), max(1, cell_len(both) - cell_len(head))

    def _where(self, place: Place) -> str:
        short = self._short.get(place.path)
        if short is None:
            short = self._short[place.path] = short_path(place.path, self._cwd)
        return f"{short}:{place.line}:{place.col}"


def _by_function(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Findings grouped by function, functions and findings in the order of the source."""
    ordered = sorted(
        findings, key=lambda f: (f.place.path, f.place.start, f.place.line, f.place.col)
    )
    groups: dict[tuple[str, str], list[Finding]] = {}
    for f in ordered:
        groups.setdefault((f.place.path, f.function), []).append(f)
    return [(function, group) for (_, function), group in groups.items()]


def _notes(f: Finding) -> str:
    return "; ".join(facts(Construct(f, (f.instance,) if f.instance else ())))


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").expandtabs(_TAB)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"

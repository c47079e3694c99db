"""`goescape check`: from a request to output and an exit code.

Exit codes: 0 when every package could be analysed, whatever was found; 2 for usage and load errors
and for code that does not type-check, each with a message on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TextIO

from goescape.load import LoadFailure
from goescape.load.shortpath import short_path
from goescape.report.constructs import constructs, instances_text
from goescape.report.finding import CODES, HEAP_CODES, Finding
from goescape.report.ignore import ignored_lines, ignores
from goescape.workspace.parallel import CheckRequest, check
from goescape.workspace.result import PackageResult, Problem
from goescape.workspace.shorten import Shortener

from goescape_server.cli import gc_format
from goescape_server.cli.json_format import JsonWriter, head_of
from goescape_server.cli.progress import ProgressBar
from goescape_server.cli.sarif_format import SarifWriter
from goescape_server.cli.text_format import HIDDEN, PipedConsole, TextWriter

FORMATS = ("text", "gc", "json", "sarif")
MAX_PROBLEMS = 10
"""When it has found so many errors in one package, the compiler gives up."""

GROUPS = {
    "heap": HEAP_CODES | {"allocates"},
    "leaks": frozenset({"leaks", "leaks-content", "leaks-result"}),
    "param": frozenset({"leaks", "leaks-content", "leaks-result", "uintptr"}),
}
"""Words for --only that stand for several codes."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says beyond the request itself. `only` is empty for "the default"; `version` is
    goescape's own."""

    format: str = "text"
    only: frozenset[str] = frozenset()
    jobs: int = 0
    color: bool | None = None
    version: str = ""


def run(request: CheckRequest, options: Options, out: TextIO, err: TextIO) -> int:
    """Check and print; the exit code."""
    status = 0
    try:
        with ProgressBar() as progress:

            def warn(text: str) -> None:
                print(f"goescape: warning: {text}", file=err)

            results = in_order(check(request, options.jobs, progress, warn))
            for result in _print_all(results, request, options, progress, out):
                for note in result.notes:
                    print(f"goescape: {result.import_path}: {note}", file=err)
                for problem in first_told(result.problems):
                    status = 2
                    print(_problem_text(result, problem, request.directory), file=err)
    except LoadFailure as e:
        print(f"goescape: {e}", file=err)
        return 2
    return status


def in_order(results: Iterator[PackageResult]) -> Iterator[PackageResult]:
    """The results in the order in which the patterns name the packages, each as soon as those
    before it are there."""
    waiting: dict[int, PackageResult] = {}
    following = 0
    for result in results:
        waiting[result.index] = result
        while following in waiting:
            yield waiting.pop(following)
            following += 1
    for index in sorted(waiting):
        yield waiting[index]


def first_told(problems: Sequence[Problem]) -> list[Problem]:
    """The problems to print: those found first, file by file as errors were found in them, and at last that
    there may be more."""
    found = sorted(problems, key=lambda p: p.rank)
    before = sum(p.rank < 0 for p in found)  # told by others than the compiler
    first = found[: before + MAX_PROBLEMS]
    files = list(dict.fromkeys(p.file for p in first[before:]))
    printed = first[:before] + sorted(
        first[before:], key=lambda p: (files.index(p.file), p.line, p.col)
    )
    if len(first) == before + MAX_PROBLEMS:
        printed.append(replace(first[-1], msg="too many errors"))
    return printed


class Ignored:
    """The reasons for which `//goescape:ignore` comments hide findings."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[int, str]] = {}

    def reason(self, f: Finding) -> str:
        """Why a finding is hidden; "" if it is not."""
        path = f.place.path
        lines = self._lines.get(path)
        if lines is None:
            try:
                lines = ignored_lines(ignores(_read(path)))
            except OSError:
                lines = {}
            self._lines[path] = lines
        return lines.get(f.place.line, "")


def selected(
    findings: Sequence[Finding], options: Options, ignored: Ignored
) -> tuple[list[Finding], list[Finding], int]:
    """The findings to show, each construct of the source once, those that are only counted, and how
    many comments hide."""
    found = [
        replace(c.finding, instance=instances_text(c.instances)) if c.instances else c.finding
        for c in constructs(findings)
    ]
    if options.only:
        found = [f for f in found if f.kind in options.only]
    counted = [] if options.only else [f for f in found if f.kind in HIDDEN]
    wanted = [f for f in found if options.only or f.kind not in HIDDEN]
    shown = [f for f in wanted if not ignored.reason(f)]
    return shown, counted, len(wanted) - len(shown)


def codes_for(words: Sequence[str]) -> frozenset[str]:
    """The codes that --only words name. Raises `ValueError` for an unknown one."""
    codes: set[str] = set()
    for word in words:
        for part in filter(None, word.split(",")):
            if part in GROUPS:
                codes |= GROUPS[part]
            elif part in CODES:
                codes.add(part)
            else:
                raise ValueError(part)
    return frozenset(codes)


def _print_all(
    results: Iterator[PackageResult],
    request: CheckRequest,
    options: Options,
    progress: ProgressBar,
    out: TextIO,
) -> Iterator[PackageResult]:
    """Print each result in the format asked for, and pass it on."""
    cwd = request.directory
    if options.format == "gc":
        for result in results:
            if text := gc_format.render(result, cwd):
                with progress.paused():
                    _write(out, text)
            yield result
    elif options.format == "json":
        writer = JsonWriter(out, head_of(request), Ignored().reason)
        for result in results:
            found = [f for f in result.findings if not options.only or f.kind in options.only]
            with progress.paused():
                writer.package(result, found)
            yield result
        writer.close()
    elif options.format == "sarif":
        sarif = SarifWriter(out, cwd, options.version, _read)
        options = replace(options, only=options.only or GROUPS["heap"])
        ignored = Ignored()
        for result in results:
            shown, _, _ = selected(result.findings, options, ignored)
            with progress.paused():
                sarif.package(shown, first_told(result.problems))
            yield result
        sarif.close()
    else:
        console = PipedConsole(
            file=out, highlight=False, markup=False, emoji=False, force_terminal=options.color,
            no_color=False if options.color else None,
        )  # fmt: skip
        text_writer = TextWriter(console, cwd, _read, options.only)
        ignored = Ignored()
        for result in results:
            shown, counted, hidden = selected(result.findings, options, ignored)
            with progress.paused():
                text_writer.package(result, shown, counted, hidden)
            yield result
        text_writer.summary()
    with suppress(ValueError):
        out.flush()


def _read(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()


def _write(out: TextIO, text: str) -> None:
    """Write text that may hold bytes of the source which are no UTF-8."""
    buffer = getattr(out, "buffer", None)
    if buffer is None:
        out.write(text)
        return
    out.flush()
    buffer.write(text.encode("utf-8", "surrogateescape"))


def _problem_text(result: PackageResult, problem: Problem, cwd: str) -> str:
    file, line, col = problem.printed
    where = short_path(file, cwd) if file else ""
    if where and line:
        where += f":{line}:{col}" if col else f":{line}"
    shorten = Shortener(result.directory, cwd).line
    msg = "\n".join(map(shorten, problem.msg.split("\n")))
    text = f"{where}: {msg}" if where else msg
    if not where and result.import_path not in msg:
        text = f"{result.import_path}: {text}"
    return text.encode("utf-8", "replace").decode()


def is_utf8(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def prepare_streams() -> None:
    """Arrows and source text must print whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not is_utf8(stream):
            reconfigure(encoding="utf-8", errors="backslashreplace")
        elif reconfigure is not None:
            reconfigure(errors="backslashreplace")

"""What `goescape fix` prints: text for people, or one JSON document.

The shape of the document is fixed by `fix.schema.json` beside this file (JSON Schema 2020-12) and carries a version;
fields are only ever added within one version.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from goescape.load.package import LoadedPackage
from goescape.load.shortpath import short_path

from goescape_server.cli.json_format import encode, place_of, problem_of, schema_url

if TYPE_CHECKING:
    from goescape.ide.fixes.proof import Offer
    from goescape.report.finding import Place
    from goescape.workspace.result import Problem

    from goescape_server.cli.fix import Done, Totals

SCHEMA = "fix.schema.json"
VERSION = 1


class FixTextWriter:
    """Writes a line for each finding and what is done about it; with `shows_diff` also what changes."""

    def __init__(
        self, out: TextIO, cwd: str, release: str, shows_diff: bool, is_written: bool
    ) -> None:
        self._out, self._cwd, self._release = out, cwd, release
        self._shows_diff, self._is_written = shows_diff, is_written

    def package(self, package: LoadedPackage, done: Done, _problems: Sequence[Problem]) -> None:
        if not done.offers:
            return
        self._line(f"{package.import_path}: {_heap_lines(done.before, done.after)}")
        for offer, place in done.offers:
            path = short_path(place.path, self._cwd)
            self._line(f"{path}:{place.line}:{place.col}: {offer.finding.message}")
            self._line(f"    {offer.fix.code}: {offer.fix.label}; proved for {self._release}")
        if self._shows_diff:
            self._out.writelines(self._diff(done))

    def close(self, totals: Totals) -> None:
        verb = "applied" if self._is_written else "found"
        noun = "fix" if totals.fixes == 1 else "fixes"
        self._line(f"{totals.fixes} {noun} {verb}: {_heap_lines(totals.before, totals.after)}")

    def _line(self, text: str) -> None:
        print(text, file=self._out)

    def _diff(self, done: Done) -> Iterator[str]:
        for path, text in done.texts.items():
            name = short_path(path, self._cwd).removeprefix("./")
            old = done.before_texts[path].decode("utf-8", "replace").splitlines(keepends=True)
            new = text.decode("utf-8", "replace").splitlines(keepends=True)
            for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
                yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


class FixJsonWriter:
    """Writes the document: the head at once, each package as it comes, then the summary."""

    def __init__(self, out: TextIO, head: dict[str, Any], is_written: bool) -> None:
        self._out = out
        self._packages = 0
        head = {"schema": schema_url(SCHEMA), "version": VERSION, **head, "written": is_written}
        out.write(encode(head)[:-1] + ',"packages":[')

    def package(self, package: LoadedPackage, done: Done, problems: Sequence[Problem]) -> None:
        value = {
            "import_path": package.import_path,
            "directory": package.dir,
            "problems": [problem_of(p) for p in problems],
            "before": max(done.before, 0),
            "after": done.after,
            "fixes": [_fix(offer, place) for offer, place in done.offers],
            "files": [
                {"path": path, "edits": list(line_edits(done.before_texts[path], text))}
                for path, text in done.texts.items()
            ],
        }
        self._out.write((",\n" if self._packages else "\n") + encode(value))
        self._packages += 1

    def close(self, totals: Totals) -> None:
        summary = {
            "packages": self._packages,
            "fixes": totals.fixes,
            "before": totals.before,
            "after": totals.after,
        }
        self._out.write(f'\n],"summary":{encode(summary)}}}\n')


def line_edits(old: bytes, new: bytes) -> Iterator[dict[str, Any]]:
    """The whole lines of `old` that become others in `new`, in order: byte offsets, and the text."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            text = b"".join(after[new_first:new_last]).decode("utf-8", "surrogateescape")
            yield {"start": starts[first], "end": starts[last], "text": text}


def _fix(offer: Offer, place: Place) -> dict[str, Any]:
    fix, finding = offer.fix, offer.finding
    return {
        "code": fix.code,
        "title": fix.title,
        "same_behaviour": fix.same_behaviour,
        "caveat": fix.caveat,
        "exported": fix.exported,
        "finding": {
            "code": finding.code,
            "message": finding.message,
            "function": finding.function,
            "place": place_of(place),
        },
    }


def _heap_lines(before: int, after: int) -> str:
    return f"{before} heap {'line' if before == 1 else 'lines'} before, {after} after"

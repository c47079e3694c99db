"""`--format=sarif`: a log of SARIF 2.1.0, for code scanning and for whatever else reads it.

A rule is what decided, with its page; a result is what `--format=text` would list of what costs something, or
of what `--only` names. The way of a value to the heap is a code flow. What kept packages from being analysed
is a notification of the run.

Invariants
  - one run; its results come package by package, so that the document can be written as it grows;
  - files below the working directory are relative to `%SRCROOT%`, others are absolute;
  - columns are UTF-16 code units, from 1; where a file cannot be read, there are none.

Example: `{"ruleId": "returned", "level": "warning", "message": {"text": "moved to heap: x. It is returned …"}, …}`.

Source: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS Standard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from goescape.ide.diagnostics import plain
from goescape.report.constructs import Construct
from goescape.report.finding import Finding, Place, Step
from goescape.report.rules import names, page, rule_of
from goescape.workspace.result import Problem

from goescape_server.cli.json_format import encode
from goescape_server.cli.sources import Sources

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://github.com/goescape/goescape"
ROOT = "%SRCROOT%"


class SarifWriter:
    """Writes the log to `out`: what the run is at once, each package's results as they come, then the rest."""

    def __init__(self, out: TextIO, cwd: str, version: str, read: Callable[[str], bytes]) -> None:
        self._out, self._cwd, self._sources = out, cwd, Sources(read)
        self._rules = {name: n for n, name in enumerate(names())}
        self._notifications: list[dict[str, Any]] = []
        self._first = True
        run = {
            "tool": {"driver": {
                "name": "goescape", "version": version, "informationUri": HOME,
                "rules": [_rule(name) for name in names()],
            }},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {ROOT: {"uri": Path(cwd).as_uri().rstrip("/") + "/"}},
        }  # fmt: skip
        head = encode({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
        out.write(f'{head},"runs":[{encode(run)[:-1]},"results":[')

    def package(self, shown: Sequence[Finding], problems: Sequence[Problem]) -> None:
        self._notifications += [self._notification(problem) for problem in problems]
        for finding in shown:
            self._out.write(("\n" if self._first else ",\n") + encode(self._result(finding)))
            self._first = False
        self._sources.forget()

    def close(self) -> None:
        invocation: dict[str, Any] = {"executionSuccessful": not self._notifications}
        if self._notifications:
            invocation["toolExecutionNotifications"] = self._notifications
        self._out.write(f'\n],"invocations":[{encode(invocation)}]}}]}}\n')

    def _result(self, f: Finding) -> dict[str, Any]:
        rule = rule_of(f)
        construct = Construct(f, (f.instance,) if f.instance else ())
        result: dict[str, Any] = {
            "ruleId": rule,
            "ruleIndex": self._rules[rule],
            "level": "warning" if f.costs and not f.cold else "note",
            "message": {"text": f"{f.message}. {plain(construct)}"},
            "locations": [self._location(f.place, logical=f.function)],
        }
        steps = [self._step(step) for step in f.flow if step.place is not None]
        if steps:
            result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
        if f.inlined_from:
            result["relatedLocations"] = [
                self._location(place, "The call that is inlined here.") for place in f.inlined_from
            ]
        return result

    def _step(self, step: Step) -> dict[str, Any]:
        assert step.place is not None
        text = f"{step.text} ({step.why})" + (f": {step.flow}" if step.flow else "")
        importance = "essential" if step.decisive else "important"
        return {"importance": importance, "location": self._location(step.place, text)}

    def _notification(self, problem: Problem) -> dict[str, Any]:
        found: dict[str, Any] = {"level": "error", "message": {"text": problem.msg}}
        if problem.file and problem.line:
            region = {"startLine": problem.line}
            artifact = self._artifact(problem.file)
            found["locations"] = [
                {"physicalLocation": {"artifactLocation": artifact, "region": region}}
            ]
        return found

    def _location(self, place: Place, text: str = "", logical: str = "") -> dict[str, Any]:
        location: dict[str, Any] = {
            "physicalLocation": {
                "artifactLocation": self._artifact(place.path),
                "region": self._region(place),
            }
        }
        if text:
            location["message"] = {"text": text}
        if logical:
            location["logicalLocations"] = [{"fullyQualifiedName": logical, "kind": "function"}]
        return location

    def _artifact(self, path: str) -> dict[str, str]:
        inside = os.path.join(self._cwd, "")
        if path.startswith(inside):
            relative = path[len(inside) :].replace(os.sep, "/")
            return {"uri": quote(os.fsencode(relative)), "uriBaseId": ROOT}
        return {"uri": Path(path).as_uri()} if os.path.isabs(path) else {"uri": quote(path)}

    def _region(self, place: Place) -> dict[str, int]:
        file = self._sources.of(place.path)
        if file is None or place.end > len(file.text):
            return {"startLine": max(place.line, 1)}
        line, column = file.editor_position(place.start)
        last, end = file.editor_position(max(place.end, place.start))
        return {
            "startLine": line + 1, "startColumn": column + 1,
            "endLine": last + 1, "endColumn": end + 1,
        }  # fmt: skip


def _rule(name: str) -> dict[str, Any]:
    """What is told of a rule: its sentence, and its page."""
    found = page(name)
    assert found is not None
    return {
        "id": name,
        "shortDescription": {"text": found.summary},
        "fullDescription": {"text": found.summary},
        "help": {"text": found.text, "markdown": found.text},
        "properties": {"tags": ["performance"]},
    }

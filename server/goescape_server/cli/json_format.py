"""`--format=json`: one document with every field of every finding.

The shape is fixed by `check.schema.json` beside this file (JSON Schema 2020-12) and carries a
version; fields are only ever added within one version. The document is written package by package,
so it can be read as it grows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib import resources
from typing import Any, TextIO

import msgspec
from goescape.report.finding import Allocation, Finding, InlineRemedy, Place
from goescape.report.summary import FunctionSummary
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.result import PackageResult, Problem

SCHEMA = "check.schema.json"
VERSION = 1


def schema(name: str = SCHEMA) -> dict[str, Any]:
    """The JSON Schema of a document, which lies beside this file."""
    text = resources.files("goescape_server.cli").joinpath(name).read_bytes()
    return msgspec.json.decode(text, type=dict[str, Any])


def schema_url(name: str) -> str:
    """Where that schema is described."""
    return f"https://github.com/goescape/goescape/blob/main/server/goescape_server/cli/{name}"


def head_of(request: CheckRequest) -> dict[str, Any]:
    """What was asked for, as far as verdicts depend on it."""
    from goescape.load import Loader

    environment = Loader.create(
        request.directory, request.environment, goos=request.goos, goarch=request.goarch,
        tags=request.tags, release=request.go_version,
    ).environment  # fmt: skip
    return {
        "go": environment.release,
        "goos": environment.goos,
        "goarch": environment.goarch,
        "tags": list(environment.tags),
        "inline": request.inline,
    }


class JsonWriter:
    """Writes the document to `out`: the head at once, each package as it comes, then the summary.
    `ignored` gives the reason for which a comment hides a finding, else ""."""

    def __init__(
        self, out: TextIO, head: dict[str, Any], ignored: Callable[[Finding], str]
    ) -> None:
        self._out = out
        self._ignored = ignored
        self._first = True
        self._counts: Counter[str] = Counter()
        self._problems = 0
        self._packages = 0
        text = encode({"schema": schema_url(SCHEMA), "version": VERSION, **head})
        out.write(text[:-1] + ',"packages":[')

    def package(self, result: PackageResult, findings: list[Finding]) -> None:
        self._packages += 1
        self._problems += len(result.problems)
        self._counts.update(f.kind for f in findings)
        value = {
            "import_path": result.import_path,
            "directory": result.directory,
            "problems": [problem_of(p) for p in result.problems],
            "findings": [{**_finding(f), "ignored": self._ignored(f)} for f in findings],
            "functions": [_function(f) for f in result.functions],
        }
        self._out.write(("\n" if self._first else ",\n") + encode(value))
        self._first = False

    def close(self) -> None:
        summary = {
            "packages": self._packages,
            "problems": self._problems,
            "findings": dict(sorted(self._counts.items())),
        }
        self._out.write(f'\n],"summary":{encode(summary)}}}\n')


def encode(value: object) -> str:
    """A value as JSON."""
    # Source text may hold bytes that are no UTF-8; they are in strings as lone surrogates.
    return msgspec.json.encode(_clean(value)).decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "code": f.code,
        "kind": f.kind,
        "message": f.message,
        "subject": f.subject,
        "function": f.function,
        "place": place_of(f.place),
        "reason": f.reason,
        "rule": f.rule or f.kind,
        "flow": [
            {
                "text": s.text,
                "why": s.why,
                "flow": s.flow,
                "decisive": s.decisive,
                "place": place_of(s.place) if s.place else None,
            }
            for s in f.flow
        ],
        "heap": f.costs,
        "size": f.size if f.size >= 0 else None,
        "size_class": f.size_class if f.size_class >= 0 else None,
        "loop_depth": f.loop_depth,
        "cold": f.cold,
        "inlined_from": [place_of(p) for p in f.inlined_from],
        "instance": f.instance,
        "opaque": f.opaque,
        "unknown": f.unknown,
        "allocates": _allocation(f.allocates) if f.allocates else None,
        "remedy": _remedy(f.remedy) if f.remedy else None,
    }


def _remedy(r: InlineRemedy) -> dict[str, Any]:
    return {
        "callee": r.callee,
        "call": place_of(r.call),
        "cost": r.cost if r.cost >= 0 else None,
        "budget": r.budget,
        "reason": r.reason,
    }


def _allocation(a: Allocation) -> dict[str, Any]:
    return {"when": a.when, "call": a.call, "limit": a.limit, "unit": a.unit, "text": a.text}


def _function(f: FunctionSummary) -> dict[str, Any]:
    return {
        "name": f.name,
        "place": place_of(f.place),
        "start": f.start,
        "end": f.end,
        "heap": f.heap,
        "cold": f.cold,
        "params": [
            {
                "name": p.name,
                "place": place_of(p.place) if p.place else None,
                "pointer_free": p.pointer_free,
                "leaks": [{"to": k.to, "derefs": k.derefs, "result": k.result} for k in p.leaks],
            }
            for p in f.params
        ],
        "inline_cost": f.cost if f.cost >= 0 else None,
        "inline_budget": f.budget if f.budget >= 0 else None,
        "not_inlined": f.reason,
        "instances": list(f.instances),
    }


def problem_of(p: Problem) -> dict[str, Any]:
    return {"file": p.file, "line": p.line, "col": p.col, "message": p.msg}


def place_of(p: Place) -> dict[str, Any]:
    return {"path": p.path, "line": p.line, "col": p.col, "start": p.start, "end": p.end}

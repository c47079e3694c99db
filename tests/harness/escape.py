"""Annotated programs: what the analysis says about them, line by line.

A comment `// ERROR "regexp" "regexp"` at the end of a line announces the messages of that line, each
by a regular expression for its whole text: the grammar of the Go repository's own tests, so that the
same file can be given to the compiler. Matching is two-way: every message needs a pattern, and every
pattern a message.

Source: cmd/internal/testdir/testdir_test.go, errorCheck (go1.27).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from goescape.report.finding import Finding
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.result import PackageResult

from harness.oracle import goroot

_ANNOTATION = re.compile(r"// ERROR (.*)$")
_PATTERN = re.compile(r'"((?:[^"\\]|\\.)*)"')
FIXTURES = Path(__file__).parents[1] / "fixtures" / "escape"


def check(name: str, level: int = 1, findings: bool = False, inline: bool = False) -> PackageResult:
    """Analyse the fixture package `name` for linux/amd64."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    environment |= {"GOROOT": str(goroot()), "GOFLAGS": "", "CGO_ENABLED": "0"}
    request = CheckRequest(
        ("./" + name,), str(FIXTURES), goos="linux", goarch="amd64", level=level,
        findings=findings, inline=inline, environment=environment,
    )  # fmt: skip
    program = Program.from_request(request)
    (package,) = program.load(request)
    result = program.check(package)
    assert not result.problems, result.problems
    return result


def expected(path: Path) -> list[tuple[int, str]]:
    """The patterns of a file, as pairs of line and regular expression."""
    out: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = _ANNOTATION.search(line)
        if found:
            out += [(number, p.replace('\\"', '"')) for p in _PATTERN.findall(found.group(1))]
    return out


def unmatched(name: str, inline: bool = False) -> tuple[list[str], list[str]]:
    """Messages without a pattern, and patterns without a message."""
    messages = [(line, text) for _, line, _, text in check(name, inline=inline).lines]
    patterns: list[tuple[int, str]] = []
    for path in sorted((FIXTURES / name).glob("*.go")):
        patterns += expected(path)
    for line, text in list(messages):
        for pattern in patterns:
            if pattern[0] == line and re.fullmatch(pattern[1], text):
                messages.remove((line, text))
                patterns.remove(pattern)
                break
    return [f"{line}: {text}" for line, text in messages], [f"{n}: {p}" for n, p in patterns]


def finding_at(result: PackageResult, line: int, code: str) -> Finding:
    """The one finding of a kind on a line."""
    (finding,) = [f for f in result.findings if f.place.line == line and f.code == code]
    return finding

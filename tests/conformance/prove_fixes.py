"""Every fix on offer, applied and given to the compiler: is the line gone, and is none added?

    cd tests; ../.venv/bin/python -m conformance.prove_fixes --out DIR [-l] [--go-version 1.N --go GOROOT] PATTERN...

For each package that the patterns name all fixes are proposed and proved. What excludes each other (two
fixes for one finding, or of one text) goes into different rounds. Each round is laid over the real files
(`go build -overlay`): nothing is written where the packages are. Then, with the real toolchain,
  - `go build -gcflags=-m` must build; of each offer the compiler's line must be gone, and no line that
    tells of the heap may be new: none outside the edits, and inside not more than before;
  - `go vet` must find nothing that it did not find before;
  - gofmt must have nothing to change in a file that it would have left alone before.

With `--test` only fixes that keep the behaviour are applied, and `go test -short` must pass for every
package that passes without them.

What was found is written to DIR as it comes, a line of JSON for each package, and not done again: a run
that was stopped goes on where it was. The table counts by kind: proposed, proved, and confirmed by the
compiler. Of a `make` whose size nobody knows the compiler says nothing since go1.25, whether it is on the
heap or not, nor how often what is made in a loop is allocated, nor anything of generic code that nobody
instantiates: those offers are counted as `silent`, too. The exit code is 1 if anything was refuted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from goescape.ide.fixes import Fix
from goescape.ide.fixes.edit import Edit, Shift, apply
from goescape.ide.fixes.package import offers
from goescape.ide.fixes.proof import Offer, Proved, prove_all
from goescape.ide.fixes.snapshot import Snapshot
from goescape.source.file import SourceFile
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.said import Said
from harness.oracle import goroot, parse_line, scratch

PACKAGES_PER_PROGRAM = 40
"""A program that has seen so many packages makes room for a new one."""

MAX_ROUNDS = 6
"""More fixes than that are not offered for one place."""

HEAP = ("moved to heap: ", "escapes to heap")

Heap = dict[str, set[tuple[int, int, str]]]
"""The compiler's lines about the heap by file: line, column, message."""


@dataclass
class Trial:
    """One offer: what it is for, as the compiler says it, and which edits of its round are its own."""

    code: str
    title: str
    message: str
    is_heap: bool
    path: str
    line: int
    col: int
    edits: list[tuple[str, int, int, str]]


@dataclass
class Round:
    """Offers that are applied together, and all edits by file, imports included."""

    trials: list[Trial] = field(default_factory=list)
    edits: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)

    def of(self, path: str) -> list[Edit]:
        return [Edit(path, *e) for e in self.edits.get(path, [])]

    def texts(self) -> dict[str, bytes]:
        return {path: apply(_read(path), self.of(path)) for path in self.edits}


@dataclass
class Package:
    """What was proved in one package."""

    path: str
    directory: str
    proposed: dict[str, int]
    rounds: list[Round]

    def elsewhere(self, n: int) -> list[str]:
        """The directories of other packages that round `n` edits."""
        return sorted({os.path.dirname(path) for path in self.rounds[n].edits} - {self.directory})

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Package:
        rounds = [Round([Trial(**t) for t in r["trials"]], r["edits"]) for r in found.pop("rounds")]
        return cls(**found, rounds=rounds)


def main() -> int:
    options = _arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with_deep_stack(lambda: _prove(options))
    packages = [Package.from_json(found) for found in _lines(options.out / "proved.jsonl")]
    toolchain = _Toolchain(options)
    return _test(toolchain, packages) if options.test else _judge(toolchain, packages)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("patterns", nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="where results are kept")
    parser.add_argument("-C", dest="directory", default="")
    parser.add_argument("--go", default=str(goroot()), help="the toolchain that judges")
    parser.add_argument("--go-version", default="")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("-l", dest="inline", action="store_false", help="without inlining")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--batch", type=int, default=100, help="packages that are built at once")
    options = parser.parse_args()
    options.directory = options.directory or f"{options.go}/src"
    return options


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open() as f:
            yield from map(json.loads, f)


def _add(path: Path, found: dict[str, Any]) -> None:
    with path.open("a") as f:
        f.write(json.dumps(found) + "\n")


# --- what is offered --------------------------------------------------------------------------------


def _prove(options: argparse.Namespace) -> None:
    """Write what is proved of the packages that were not looked at yet."""
    out = options.out / "proved.jsonl"
    done = {found["path"] for found in _lines(out)}
    request = CheckRequest(
        tuple(options.patterns), options.directory, inline=options.inline, findings=True, goos="linux",
        goarch="amd64", go_version=options.go_version, store=str(scratch() / "fixes-store"),
        environment=_environment(options.go),
    )  # fmt: skip

    def wanted(_finding: object, fix: Fix) -> bool:
        if options.only and fix.code not in options.only:
            return False
        return fix.same_behaviour if options.test else True

    program = Program.from_request(request)
    seen = 0
    for loaded in program.load(request):
        if loaded.import_path in done or not loaded.files:
            continue
        if seen % PACKAGES_PER_PROGRAM == PACKAGES_PER_PROGRAM - 1:
            program.close()
            program = Program.from_request(request)
            loaded = next(p for p in program.load(request) if p.id == loaded.id)
        seen += 1
        program.for_editor = True
        said = program.say(loaded)
        snapshot = Snapshot(program, loaded)
        found = offers(said, snapshot, wanted)
        proposed = Counter(o.fix.code for o in found)
        rounds = _rounds(snapshot, said, found)
        package = Package(loaded.import_path, loaded.dir, dict(proposed), rounds)
        _add(out, asdict(package))
        n = sum(len(r.trials) for r in rounds)
        print(f"{loaded.import_path}: {n} of {proposed.total()}", file=sys.stderr, flush=True)
    program.close()


def _rounds(snapshot: Snapshot, said: Said, found: list[Offer]) -> list[Round]:
    """The offers that are proved, each in one round."""
    rounds: list[Round] = []
    for _ in range(MAX_ROUNDS):
        proved = prove_all(snapshot, said, found)
        if not proved:
            break
        rounds.append(_round(proved))
        # What gave way to another is tried by itself; what was tried and failed is not.
        mine = [p.offer for p in proved]
        found = [
            o for o in found
            if o not in mine and any(p.finding is o.finding or _collide(p.fix, o.fix) for p in mine)
        ]  # fmt: skip
    return rounds


def _collide(a: Fix, b: Fix) -> bool:
    return any(
        x.path == y.path and x.start <= y.end and y.start <= x.end
        for x in a.edits for y in b.edits
    )  # fmt: skip


def _round(proved: list[Proved]) -> Round:
    edits = {
        path: [(e.start, e.end, e.text) for e in found] for path, found in proved[0].edits.items()
    }
    trials = []
    for p in proved:
        f, fix = p.offer.finding, p.offer.fix
        own = [(e.path, e.start, e.end, e.text) for e in fix.edits]
        at = f.place
        trials.append(
            Trial(
                fix.code,
                fix.title,
                f.message,
                f.is_heap and not f.opaque and not fix.leaves_loop,
                at.path,
                at.line,
                at.col,
                own,
            )
        )
    return Round(trials, edits)


# --- what the toolchain says ------------------------------------------------------------------------


def _environment(root: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    return keep | {
        "GOROOT": root, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOENV": "off", "GOFLAGS": "",
        "CGO_ENABLED": "0", "GOCACHE": str(scratch() / "fixes-build"), "GOOS": "linux",
        "GOARCH": "amd64", "GOPATH": str(scratch() / "gopath"),
    }  # fmt: skip


class _Toolchain:
    """The go command in one directory, and where its answers are kept."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.root, self.directory, self.out = options.go, options.directory, options.out
        self.batch = options.batch
        self.flags = "-m" if options.inline else "-m -l"

    def run(self, *words: str, overlay: Path | None) -> subprocess.CompletedProcess[str]:
        flag = [f"-overlay={overlay}"] if overlay is not None else []
        return subprocess.run(
            [f"{self.root}/bin/go", words[0], *flag, *words[1:]], cwd=self.directory,
            env=_environment(self.root), capture_output=True, text=True, errors="surrogateescape",
            check=False,
        )  # fmt: skip

    def lines(self, packages: Iterable[str], overlay: Path | None) -> tuple[Heap, dict[str, str]]:
        """The compiler's lines about the heap, and what went wrong by package."""
        done = self.run(
            "build", "-json", "-o", os.devnull, f"-gcflags={self.flags}", *packages, overlay=overlay
        )
        said: dict[str, list[str]] = defaultdict(list)
        failed: set[str] = set()
        for event in map(json.loads, done.stdout.splitlines()):
            if event["Action"] == "build-output":
                said[event["ImportPath"]] += event["Output"].splitlines()
            elif event["Action"] == "build-fail":
                failed.add(event["ImportPath"])
        if done.returncode and not failed:
            raise SystemExit(f"go build: {done.stderr[-2000:]}")
        found: Heap = defaultdict(set)
        for text in (text for texts in said.values() for text in texts):
            file, line, col, message = parse_line(text)
            if file.endswith(".go") and _tells(message):
                path = os.path.normpath(os.path.join(self.directory, file))
                found[path].add((line, col, message))
        return found, {path: _errors(said[path]) for path in sorted(failed)}

    def vet(self, packages: Iterable[str], overlay: Path | None) -> list[tuple[str, str]]:
        """File and text of what `go vet` finds."""
        done = self.run("vet", *packages, overlay=overlay)
        found = [parse_line(line) for line in done.stderr.splitlines()]
        return [
            (os.path.normpath(os.path.join(self.directory, file)), re.sub(r":\d+", "", text))
            for file, _, _, text in found if file
        ]  # fmt: skip


class _Overlay:
    """New texts in a folder, and what tells the go command which file each lies over."""

    def __init__(self, folder: Path, texts: dict[str, bytes]) -> None:
        self.file = folder / "overlay.json"
        self.original: dict[str, str] = {}
        for n, (path, text) in enumerate(texts.items()):
            new = folder / f"{n}.go"
            new.write_bytes(text)
            self.original[str(new)] = path
        replace = {path: new for new, path in self.original.items()}
        self.file.write_text(json.dumps({"Replace": replace}))


def _judge(toolchain: _Toolchain, packages: list[Package]) -> int:
    out = toolchain.out / "judged.jsonl"
    done = {(found["path"], found["round"]) for found in _lines(out)}
    for n in range(MAX_ROUNDS):
        todo = [p for p in packages if len(p.rounds) > n and (p.path, n) not in done]
        # Who edits other packages is alone: their texts are its own.
        alone = [p for p in todo if p.elsewhere(n)]
        todo = [p for p in todo if p not in alone]
        batches = [todo[i : i + toolchain.batch] for i in range(0, len(todo), toolchain.batch)]
        for batch in [*batches, *([p] for p in alone)]:
            for found in _judge_batch(toolchain, n, batch):
                _add(out, found)
    judged = {(found["path"], found["round"]): found for found in _lines(out)}
    mine = [judged[p.path, n] for p in packages for n in range(len(p.rounds))]
    print(_table(packages, mine))
    refuted = [f"round {found['round']}: {text}" for found in mine for text in found["refuted"]]
    print("\n".join(refuted))
    return 1 if refuted else 0


def _judge_batch(
    toolchain: _Toolchain, n: int, packages: list[Package]
) -> Iterator[dict[str, Any]]:
    """What the toolchain says of round `n` of some packages, all applied."""
    others = [folder for p in packages for folder in p.elsewhere(n)]
    before, wrong = toolchain.lines([*(p.path for p in packages), *others], None)
    if wrong:
        raise SystemExit(f"do not build as they are: {wrong}")
    failed: dict[str, str] = {}
    while True:
        good = [p for p in packages if p.path not in failed]
        with tempfile.TemporaryDirectory() as folder:
            texts = {path: text for p in good for path, text in p.rounds[n].texts().items()}
            overlay = _Overlay(Path(folder), texts)
            names = [p.path for p in good]
            after, wrong = toolchain.lines([*names, *others], overlay.file)
            new = {path: text for path, text in wrong.items() if path in names}
            if wrong and others:
                new = {names[0]: "; ".join(wrong.values())}
                failed |= new
                break
            if wrong and not new:
                raise SystemExit(f"dependencies do not build: {wrong}")
            failed |= new
            if wrong:
                continue
            complaints = _vet(toolchain, [*names, *others], overlay) + _gofmt(overlay)
        break
    for p in packages:
        if p.path in failed:
            refuted = [f"{p.path} does not build: {failed[p.path]}"]
            yield {"path": p.path, "round": n, "confirmed": {}, "silent": 0, "refuted": refuted}
            continue
        folders = {p.directory, *p.elsewhere(n)}
        confirmed, silent, refuted = _compare(p.rounds[n], folders, before, after)
        for path, text in complaints:
            if os.path.dirname(path) in folders:
                refuted.append(f"{path}: {text}")
        yield {
            "path": p.path, "round": n, "confirmed": confirmed, "silent": silent,
            "refuted": refuted,
        }  # fmt: skip


def _compare(
    applied: Round, folders: set[str], before: Heap, after: Heap
) -> tuple[Counter[str], int, list[str]]:
    """How many offers of a round the compiler confirms by kind, of how many it says nothing, and what
    speaks against the others. `folders` are those of the package and of who is edited with it."""
    inside: Counter[Edit] = Counter()
    refuted: list[str] = []
    left: set[tuple[str, int, str]] = set()
    files = [path for path in before.keys() | after if os.path.dirname(path) in folders]
    for path in sorted(files):
        edits = applied.of(path)
        text = _read(path)
        old, new = SourceFile(path, text), SourceFile(path, apply(text, edits))
        shift = Shift(edits)
        known = set()
        for line, col, message in before.get(path, ()):
            offset, edit = shift.after(old.offset(line, max(col, 1)))
            if not col:  # Columns behind 255 are not printed.
                edit = _on_line(old, line, [(e, e.start, e.end) for e in edits])
            if edit is not None:
                inside[edit] += 1
            else:
                known.add((offset, _kind(message)))
        for line, col, message in after.get(path, ()):
            at = new.offset(line, max(col, 1))
            edit = shift.before(at)[1] if col else _on_line(new, line, shift.placed())
            if edit is not None:
                inside[edit] -= 1
            elif (at, _kind(message)) not in known:
                refuted.append(f"added: {path}:{line}:{col}: {message}")
            else:
                left.add((path, at, _kind(message)))
    confirmed: Counter[str] = Counter()
    silent = 0
    for trial in applied.trials:
        old = SourceFile(trial.path, _read(trial.path))
        at, edit = Shift(applied.of(trial.path)).after(old.offset(trial.line, trial.col))
        own = {Edit(*e) for e in trial.edits}
        if edit is not None and edit in own:
            is_gone = sum(inside[e] for e in own) >= trial.is_heap
        else:
            is_gone = (trial.path, at, _kind(trial.message)) not in left
            is_gone = is_gone and all(inside[e] >= 0 for e in own)
        if is_gone:
            confirmed[trial.code] += 1
            silent += not trial.is_heap
        else:
            where = f"{trial.path}:{trial.line}:{trial.col}"
            refuted.append(f"not gone: {where}: {trial.message} ({trial.title})")
    return confirmed, silent, refuted


def _on_line(source: SourceFile, line: int, placed: Iterable[tuple[Edit, int, int]]) -> Edit | None:
    """The edit that stands on a line of a text; None if there is none."""
    for edit, start, end in placed:
        if source.line_col(start)[0] <= line <= source.line_col(end)[0]:
            return edit
    return None


def _tells(message: str) -> bool:
    return message.startswith(HEAP[0]) or message.endswith(HEAP[1])


def _kind(message: str) -> str:
    return "moved" if message.startswith(HEAP[0]) else "escapes"


def _vet(toolchain: _Toolchain, names: list[str], overlay: _Overlay) -> list[tuple[str, str]]:
    """What go vet says that it did not say before, with the file."""
    after = Counter(
        (overlay.original.get(path, path), text)
        for path, text in toolchain.vet(names, overlay.file)
    )
    if not after:
        return []
    before = Counter(toolchain.vet(names, None))
    return [(path, f"go vet: {text}") for path, text in (after - before).elements()]


def _gofmt(overlay: _Overlay) -> list[tuple[str, str]]:
    """The files that gofmt would change now and would not have changed before."""
    after = {overlay.original[path] for path in _unformatted(list(overlay.original))}
    before = set(_unformatted(sorted(after)))
    return [(path, "gofmt would change it") for path in sorted(after - before)]


def _unformatted(paths: list[str]) -> list[str]:
    if not paths:
        return []
    words = [str(goroot() / "bin" / "gofmt"), "-l", *paths]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


def _errors(lines: list[str]) -> str:
    """What a compiler that failed said, without its notes."""
    notes = ("inlin", "escape", "heap", "leaking", "devirt", "copy", "ignoring")
    return "; ".join([x for x in lines if not any(w in x for w in notes)][:5])


def _table(packages: list[Package], judged: list[dict[str, Any]]) -> str:
    proposed: Counter[str] = Counter()
    proved: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for p in packages:
        proposed.update(p.proposed)
        proved.update(t.code for r in p.rounds for t in r.trials)
    for found in judged:
        confirmed.update(found["confirmed"])
    rows = ["| kind | proposed | proved | confirmed |", "| --- | --- | --- | --- |"]
    for code in sorted(proposed):
        rows.append(f"| {code} | {proposed[code]} | {proved[code]} | {confirmed[code]} |")
    rows.append(f"| all | {proposed.total()} | {proved.total()} | {confirmed.total()} |")
    silent = sum(found["silent"] for found in judged)
    n = sum(1 for p in packages if p.rounds)
    return "\n".join(rows) + f"\nin {n} of {len(packages)} packages; silent: {silent}"


# --- the packages' own tests ------------------------------------------------------------------------


def _test(toolchain: _Toolchain, packages: list[Package]) -> int:
    """Run the tests of each package with its first round applied; those that fail, without it."""
    out = toolchain.out / "tested.jsonl"
    done = {found["path"] for found in _lines(out)}
    for p in packages:
        if not p.rounds or p.path in done or not any(Path(p.directory).glob("*_test.go")):
            continue
        with tempfile.TemporaryDirectory() as folder:
            overlay = _Overlay(Path(folder), p.rounds[0].texts())
            passes, said = _passes(toolchain, p.path, overlay.file)
        passed_before = passes or _passes(toolchain, p.path, None)[0]
        found = {
            "path": p.path, "fixes": len(p.rounds[0].trials), "passes": passes,
            "passed_before": passed_before, "said": "" if passes else said[-2000:],
        }  # fmt: skip
        _add(out, found)
        print(f"{p.path}: {'passes' if passes else 'fails'}", file=sys.stderr, flush=True)
    tested = list(_lines(out))
    good = [found for found in tested if found["passes"]]
    bad = [found for found in tested if not found["passes"] and found["passed_before"]]
    other = [found["path"] for found in tested if not found["passed_before"]]
    n = sum(found["fixes"] for found in good)
    print(f"{len(good)} packages pass their tests with {n} fixes applied")
    print(f"{len(bad)} do not: {[found['path'] for found in bad]}")
    print(f"{len(other)} fail without them too: {other}")
    return 1 if bad else 0


def _passes(toolchain: _Toolchain, package: str, overlay: Path | None) -> tuple[bool, str]:
    done = toolchain.run("test", "-short", "-vet=off", "-timeout=8m", package, overlay=overlay)
    return done.returncode == 0, done.stdout + done.stderr


def _read(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()


if __name__ == "__main__":
    sys.exit(main())

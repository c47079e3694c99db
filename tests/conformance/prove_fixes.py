"""Every fix on offer, applied and given to the compiler: is the line gone, and is none added?

    cd tests; ../.venv/bin/python -m conformance.prove_fixes [--go-version 1.N --go DIR] [--test] PATTERN...

For each package that the patterns name all fixes are proposed and proved, and the edited files are laid over
the real ones (`go build -overlay`): nothing is written where the packages are. Then, with the real
toolchain,
  - `go build -gcflags=-m` must build; of each offer the compiler's line must be gone, and no line that
    tells of the heap may be new: none outside the edits, and inside not more than before;
  - `go vet` must find nothing that it did not find before;
  - gofmt must have nothing to change;
  - with `--test`, only fixes that keep the behaviour are applied, and `go test -short` must pass for every
    package that passes without them.

The table counts by kind: proposed, proved, and confirmed by the compiler. Where the compiler says
nothing of what is allocated at run time (`make` of unknown size since go1.25), the line must now tell a
constant size. The exit code is 1 if anything was refuted.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from goescape.ide.fixes import Fix, Offer
from goescape.ide.fixes.edit import Edit, Shift
from goescape.ide.fixes.package import fix_package, offers
from goescape.ide.fixes.snapshot import Snapshot
from goescape.source.file import SourceFile
from goescape.workspace.parallel import CheckRequest, with_deep_stack
from goescape.workspace.program import Program
from harness.oracle import goroot, parse_line, scratch

PACKAGES_PER_PROGRAM = 40
"""A program that has seen so many packages makes room for a new one."""

HEAP = ("moved to heap: ", "escapes to heap")


@dataclass
class Package:
    """What was proved in one package."""

    path: str
    directory: str
    proposed: Counter[str] = field(default_factory=Counter)
    offers: list[Offer] = field(default_factory=list)
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)


def main() -> int:
    options = _arguments()
    if options.shard:
        _prove_shard(options)
        return 0
    packages = _prove(options)
    with tempfile.TemporaryDirectory() as folder:
        overlay = _overlay(packages, Path(folder))
        toolchain = _Toolchain(options, overlay)
        if options.test:
            return _test(toolchain, packages)
        return _judge(toolchain, packages, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("patterns", nargs="+")
    parser.add_argument("-C", dest="directory", default=str(goroot() / "src"))
    parser.add_argument("--go", default=str(goroot()), help="the toolchain that judges")
    parser.add_argument("--go-version", default="")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--test", action="store_true")
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--shard", default="", help=argparse.SUPPRESS)
    parser.add_argument("--out", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


# --- what is offered --------------------------------------------------------------------------------


def _prove(options: argparse.Namespace) -> list[Package]:
    """The packages with what was proved, by several processes."""
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for n in range(options.j):
            out = os.path.join(folder, str(n))
            words = [sys.executable, "-m", "conformance.prove_fixes", *sys.argv[1:]]
            words += ["--shard", f"{n}/{options.j}", "--out", out]
            runs.append((out, subprocess.Popen(words)))
        found: list[Package] = []
        for out, run in runs:
            if run.wait():
                raise SystemExit("a process that proves has failed")
            with open(out, "rb") as f:
                found += pickle.load(f)
    return sorted(found, key=lambda p: p.path)


def _prove_shard(options: argparse.Namespace) -> None:
    n, of = map(int, options.shard.split("/"))
    request = CheckRequest(
        tuple(options.patterns), options.directory, inline=True, findings=True, goos="linux",
        goarch="amd64", go_version=options.go_version, store=str(scratch() / "fixes-store"),
        environment=_environment(options.go),
    )  # fmt: skip

    def wanted(_finding: object, fix: Fix) -> bool:
        if options.only and fix.code not in options.only:
            return False
        return fix.same_behaviour if options.test else True

    def work() -> list[Package]:
        program = Program.from_request(request)
        found = []
        for i, loaded in enumerate(program.load(request)):
            if i % of != n or not loaded.files:
                continue
            if i // of % PACKAGES_PER_PROGRAM == PACKAGES_PER_PROGRAM - 1:
                program.close()
                program = Program.from_request(request)
                loaded = next(p for p in program.load(request) if p.id == loaded.id)
            program.for_editor = True
            result = program.check(loaded)
            snapshot = Snapshot(program, loaded)
            package = Package(loaded.import_path, loaded.dir)
            package.proposed.update(o.fix.code for o in offers(result, snapshot, wanted))
            done = fix_package(result, snapshot, wanted)
            package.offers = [p.offer for p in done.proved]
            package.edits, package.texts = done.edits, done.texts
            found.append(package)
            print(f"{loaded.import_path}: {len(package.offers)} of {package.proposed.total()}", file=sys.stderr)  # fmt: skip
        program.close()
        return found

    with open(options.out, "wb") as f:
        pickle.dump(with_deep_stack(work), f)


def _overlay(packages: list[Package], folder: Path) -> Path:
    """The file that tells the go command what lies over what."""
    replace = {}
    for n, (path, text) in enumerate(
        (path, text) for package in packages for path, text in package.texts.items()
    ):
        new = folder / f"{n}.go"
        new.write_bytes(text)
        replace[path] = str(new)
    overlay = folder / "overlay.json"
    overlay.write_text(json.dumps({"Replace": replace}))
    return overlay


# --- what the toolchain says ------------------------------------------------------------------------


def _environment(root: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    return keep | {
        "GOROOT": root, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOENV": "off", "GOFLAGS": "",
        "CGO_ENABLED": "0", "GOCACHE": str(scratch() / "fixes-build"), "GOOS": "linux",
        "GOARCH": "amd64", "GOPATH": str(scratch() / "gopath"),
    }  # fmt: skip


class _Toolchain:
    def __init__(self, options: argparse.Namespace, overlay: Path) -> None:
        self.root, self.directory, self.overlay = options.go, options.directory, overlay

    def run(self, *words: str, overlay: bool) -> subprocess.CompletedProcess[str]:
        flag = [f"-overlay={self.overlay}"] if overlay else []
        return subprocess.run(
            [f"{self.root}/bin/go", words[0], *flag, *words[1:]], cwd=self.directory,
            env=_environment(self.root), capture_output=True, text=True, errors="surrogateescape",
            check=False,
        )  # fmt: skip

    def lines(
        self, packages: list[str], overlay: bool
    ) -> tuple[set[tuple[str, int, int, str]], str]:
        """The compiler's lines about the heap, files by their full names, and what went wrong."""
        done = self.run("build", "-o", os.devnull, "-gcflags=-m", *packages, overlay=overlay)
        found = set()
        for text in done.stderr.splitlines():
            file, line, col, message = parse_line(text)
            if file.endswith(".go"):
                found.add(
                    (os.path.normpath(os.path.join(self.directory, file)), line, col, message)
                )
        return found, done.stderr if done.returncode else ""


def _judge(toolchain: _Toolchain, packages: list[Package], folder: Path) -> int:
    fixed = [p for p in packages if p.offers]
    names = [p.path for p in fixed]
    if not names:
        print("nothing is offered")
        return 0
    before, _ = toolchain.lines(names, overlay=False)
    after, wrong = toolchain.lines(names, overlay=True)
    status = 0
    if wrong:
        status = 1
        print("the fixed packages do not build:\n" + _errors(wrong))
    confirmed: Counter[str] = Counter()
    refuted: list[str] = []
    for package in fixed:
        _compare(package, before, after, confirmed, refuted)
    table = _table(packages, confirmed)
    print(table)
    for text in refuted:
        print(text)
    vet = _vet(toolchain, names)
    print(f"go vet: {vet or 'nothing new'}")
    gofmt = subprocess.run(
        [str(goroot() / "bin" / "gofmt"), "-l", *map(str, folder.glob("*.go"))],
        capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    unformatted = _unformatted_before(packages) if gofmt else 0
    print(
        f"gofmt: {max(len(gofmt) - unformatted, 0)} files of {sum(len(p.texts) for p in fixed)} would change"
    )
    return 1 if refuted or status or vet else 0


def _compare(
    package: Package,
    before: set[tuple[str, int, int, str]],
    after: set[tuple[str, int, int, str]],
    confirmed: Counter[str],
    refuted: list[str],
) -> None:
    """Count the offers of a package that the compiler confirms."""
    inside: dict[Edit, int] = defaultdict(int)
    added: list[str] = []
    left: set[tuple[str, int, str]] = set()
    for path in package.texts:
        old, new = SourceFile(path, _read(path)), SourceFile(path, package.texts[path])
        shift = Shift(package.edits[path])
        known = set()
        for file, line, col, text in before:
            if file != path or not _tells(text):
                continue
            offset, edit = shift.after(old.offset(line, col))
            if edit is not None:
                inside[edit] += 1
            else:
                known.add((offset, _kind(text)))
        for file, line, col, text in after:
            if file != path or not _tells(text):
                continue
            at = new.offset(line, col)
            _, edit = shift.before(at)
            if edit is not None:
                inside[edit] -= 1
            elif (at, _kind(text)) not in known:
                added.append(f"{path}:{line}:{col}: {text}")
            else:
                left.add((path, at, _kind(text)))
    refuted += [f"added: {text}" for text in added]
    for offer in package.offers:
        finding = offer.finding
        path = finding.place.path
        old = SourceFile(path, _read(path))
        at = old.offset(finding.place.line, finding.place.col)
        shift = Shift(package.edits.get(path, []))
        offset, edit = shift.after(at)
        mine = set(offer.fix.edits)
        gone = (
            sum(inside[e] for e in mine) >= (1 if finding.is_heap else 0)
            if edit is not None and edit in mine
            else (path, offset, _kind(finding.message)) not in left
            and all(inside[e] >= 0 for e in mine)
        )
        if gone:
            confirmed[offer.fix.code] += 1
        else:
            place = finding.place
            refuted.append(
                f"not gone: {path}:{place.line}:{place.col}: {finding.message} ({offer.fix.title})"
            )


def _tells(text: str) -> bool:
    return text.startswith(HEAP[0]) or text.endswith(HEAP[1])


def _kind(text: str) -> str:
    return "moved" if text.startswith(HEAP[0]) else "escapes"


def _table(packages: list[Package], confirmed: Counter[str]) -> str:
    proposed: Counter[str] = Counter()
    proved: Counter[str] = Counter()
    for p in packages:
        proposed.update(p.proposed)
        proved.update(o.fix.code for o in p.offers)
    rows = ["| kind | proposed | proved | confirmed |", "| --- | --- | --- | --- |"]
    for code in sorted(proposed):
        rows.append(f"| {code} | {proposed[code]} | {proved[code]} | {confirmed[code]} |")
    rows.append(f"| all | {proposed.total()} | {proved.total()} | {confirmed.total()} |")
    n = sum(1 for p in packages if p.offers)
    return "\n".join(rows) + f"\nin {n} of {len(packages)} packages"


def _vet(toolchain: _Toolchain, names: list[str]) -> str:
    """What go vet says that it did not say before."""
    said = []
    for overlay in (False, True):
        done = toolchain.run("vet", *names, overlay=overlay)
        said.append(Counter(parse_line(line)[3] for line in done.stderr.splitlines()))
    return "\n".join((said[1] - said[0]).elements())


def _unformatted_before(packages: list[Package]) -> int:
    paths = [path for p in packages for path in p.texts]
    done = subprocess.run(
        [str(goroot() / "bin" / "gofmt"), "-l", *paths], capture_output=True, text=True, check=False
    )
    return len(done.stdout.split())


def _errors(text: str) -> str:
    lines = [x for x in text.splitlines() if not any(w in x for w in ("inlin", "escape", "heap", "leaking", "devirt", "copy", "ignoring"))]  # fmt: skip
    return "\n".join(lines[:20])


# --- the packages' own tests ------------------------------------------------------------------------


def _test(toolchain: _Toolchain, packages: list[Package]) -> int:
    fixed = [p for p in packages if p.offers and any(Path(p.directory).glob("*_test.go"))]
    names = [p.path for p in fixed]
    ran: dict[bool, dict[str, str]] = {}
    for overlay in (True, False):
        todo = names if overlay else [n for n in names if ran[True].get(n) != "ok"]
        if not todo:
            ran[overlay] = {}
            continue
        done = toolchain.run("test", "-short", "-vet=off", "-timeout=8m", *todo, overlay=overlay)
        ran[overlay] = {
            words[1]: words[0] for line in done.stdout.splitlines()
            if len(words := line.split()) > 1 and words[0] in ("ok", "FAIL", "?", "---")
        }  # fmt: skip
    good = [n for n in names if ran[True].get(n) == "ok"]
    bad = [n for n in names if ran[True].get(n) != "ok" and ran[False].get(n) == "ok"]
    n = sum(len(p.offers) for p in fixed if p.path in good)
    print(f"{len(good)} packages pass their tests with {n} fixes applied; {len(bad)} do not: {bad}")
    other = [n for n in names if n not in good and n not in bad]
    print(f"{len(other)} fail without them too: {other}")
    return 1 if bad else 0


def _read(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()


if __name__ == "__main__":
    sys.exit(main())

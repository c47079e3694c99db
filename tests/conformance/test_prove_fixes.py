"""The compiler confirms every fix that is offered for the programs of the benchmarks, one of each kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.fixes import OLDER, PLAIN, PROGRAMS

pytestmark = pytest.mark.std


def test_every_kind_is_confirmed(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.27\n")
    for code, program in PROGRAMS.items():
        folder = tmp_path / code
        folder.mkdir()
        (folder / "w.go").write_text(f"package w\n\n{program}")
    confirmed: Counter[str] = Counter()
    for flags in ([], ["-l"]):
        out = tmp_path / "-".join(["out", *flags])
        words = ["-m", "conformance.prove_fixes", "-C", str(tmp_path), "--out", str(out), *flags]
        done = subprocess.run(
            [sys.executable, *words, "./..."], cwd=Path(__file__).parents[1], capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        judged = map(json.loads, (out / "judged.jsonl").read_text().splitlines())
        found = sum((Counter(package["confirmed"]) for package in judged), Counter[str]())
        assert (PLAIN in found) == bool(flags)
        confirmed += found
    assert confirmed.keys() >= PROGRAMS.keys() - {OLDER}

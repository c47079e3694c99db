"""Record what the compiler prints for the programs under `fixtures/recorded`.

    python -m harness.record [NAME...]

Writes `gcVERSION.KIND.txt` beside each program, KIND being m1, m2, l.m1 or l.m2 for `-m`, `-m=2`, and
both with `-l`. The toolchain's own folder is written as $GOROOT and the package header dropped.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import oracle

RECORDED = Path(__file__).parents[1] / "fixtures" / "recorded"
FLAGS = {"m1": "-m", "m2": "-m=2", "l.m1": "-m -l", "l.m2": "-m=2 -l"}


def main(names: list[str]) -> None:
    version = (oracle.goroot() / "VERSION").read_text().split()[0].removeprefix("go")
    for source in sorted(RECORDED.glob("*/*/*.go")):
        if names and source.parent.name not in names:
            continue
        for kind, flags in FLAGS.items():
            text = oracle.build([f"./{source.name}"], source.parent, flags, keep=False)
            lines = [
                t
                for t in oracle.portable(text, source.parent).splitlines(True)
                if not t.startswith("# ")
            ]
            (source.parent / f"gc{version}.{kind}.txt").write_text("".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Small programs with what the compiler printed for them lying beside.

`seed_examples` holds every example of the texts that the project grew from, `version_probes` one
point of the compiler each. `python -m harness.record` makes the recordings again; those of older
releases were made with their toolchains, and are of programs that need nothing of the library.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.parallel import CheckRequest, check
from harness import oracle
from harness.gaps import check_ratchet
from harness.parity import compare

RECORDED = Path(__file__).parents[1] / "fixtures" / "recorded"
FLAGS = {"m1": (1, "-m"), "m2": (2, "-m=2"), "l.m1": (1, "-m -l"), "l.m2": (2, "-m=2 -l")}


def programs() -> list[tuple[str, str, str]]:
    """(corpus, program, kind of recording) of everything recorded."""
    return [
        (path.parent.parent.name, path.parent.name, kind)
        for kind in FLAGS
        for path in sorted(RECORDED.glob(f"*/*/gc1.27.3.{kind}.txt"))
    ]


@pytest.mark.parametrize(("corpus", "name", "kind"), programs())
def test_prints_what_is_recorded(corpus: str, name: str, kind: str) -> None:
    flags = FLAGS[kind][1]
    recorded, got = answers(RECORDED / corpus / name, "1.27.3", kind)
    check_ratchet(corpus, flags, [compare(name, recorded, got)])


@pytest.mark.parametrize(
    ("name", "version", "kind"),
    [
        (path.parent.name, path.name.removeprefix("gc").removesuffix(f".{kind}.txt"), kind)
        for kind in ("m1", "l.m2")
        for path in sorted(RECORDED.glob(f"*/*/gc1.2[1-6].*[0-9].{kind}.txt"))
    ],
)
def test_prints_what_older_releases_do(name: str, version: str, kind: str) -> None:
    recorded, got = answers(RECORDED / "version_probes" / name, version, kind)
    assert sorted(set(got)) == sorted(set(recorded))


def answers(folder: Path, version: str, kind: str) -> tuple[list[str], list[str]]:
    """What is recorded of a release for the program in `folder`, and what we print for it."""
    level, flags = FLAGS[kind]
    recorded = (folder / f"gc{version}.{kind}.txt").read_text(encoding="utf-8").splitlines()
    request = CheckRequest(
        (f"./{folder.name}.go",),
        str(folder),
        level=level,
        inline="-l" not in flags,
        go_version=version,
        environment=oracle.environment(oracle.Target()),
        store=str(oracle.scratch()),
    )
    (result,) = check(request, 1)
    assert not result.problems
    return recorded, [oracle.portable(line, folder) for line in result.printed(str(folder))]

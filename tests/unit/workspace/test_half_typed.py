"""Declarations that are half typed: what is said is what a fresh analysis says."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.parallel import with_deep_stack
from goescape.workspace.session import Session, Target
from harness.following import VARIABLES, said

SEQUENCES = {
    "a variable comes to stand in the text of an import": [
        'package p\n\nimport (\n\t"fmt"\n\t"io"\n\t"strings"\n)\n\nvar x = new(int)\n',
        'package p\n\nimport (\n\t"fmt"\n\t"io"\n\t"strings"\nvar x = new(int)\n',
    ],
}


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", SEQUENCES)
def test_each_step_is_followed(tmp_path: Path, name: str, inline: bool) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")

    def run() -> None:
        session = Session(VARIABLES, Target(inline=inline))
        for text in SEQUENCES[name]:
            fresh = Session(VARIABLES, Target(inline=inline))
            for one in (session, fresh):
                one.set_text(path, text.encode())
            assert said(session.check(path)) == said(fresh.check(path)), text

    with_deep_stack(run)

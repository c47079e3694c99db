"""The programs that the Go type checker is tested with: the same errors at the same places."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.typecheck import Packages, check_go_program, go_programs

# Programs about which we do not agree, and why.
KNOWN = {
    "fixedbugs/issue43190.go": "the compiler's parser goes on without a word behind `import ;`",
}

QUICK = (
    "check/builtins0.go", "check/cycles", "check/decls", "check/expr", "check/init", "check/issues0",
    "check/labels.go", "check/stmt0.go", "check/typeinst", "check/typeparams.go",
    "fixedbugs/issue4", "fixedbugs/issue7", "spec/",
)  # fmt: skip

PROGRAMS = dict(go_programs())


@pytest.mark.parametrize(
    "name",
    [
        name if name.startswith(QUICK) else pytest.param(name, marks=pytest.mark.std)
        for name in PROGRAMS
    ],
)
def test_errors_are_those_announced(packages: Packages, name: str) -> None:
    paths: list[Path] = PROGRAMS[name]
    wrong = check_go_program(packages, name, paths)
    if name in KNOWN:
        assert wrong, f"agrees by now: {name}"
    else:
        assert wrong == []

"""What a survey spares of the walks makes no difference."""

from __future__ import annotations

import os

import pytest
from goescape.escape import solve
from goescape.escape.graph import Location
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from harness.oracle import goroot


def lines(package: str, inline: bool, few: int, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """All that `-m=2` prints, in its order, if batches of more than `few` steps are surveyed; last, how
    many steps there were."""
    steps = 0

    class Counted(solve.Walker):
        def walk_one(self, root: Location, walkgen: int) -> None:
            nonlocal steps
            before = self.steps
            super().walk_one(root, walkgen)
            steps += self.steps - before

    monkeypatch.setattr(solve, "FEW_STEPS", few)
    monkeypatch.setattr(solve, "Walker", Counted)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    environment |= {"GOROOT": str(goroot()), "GOFLAGS": "", "CGO_ENABLED": "0"}
    request = CheckRequest(
        (package,), str(goroot()), level=2, inline=inline, environment=environment
    )

    def run() -> list[object]:
        program = Program.from_request(request)
        (loaded,) = program.load(request)
        return list(program.check(loaded).lines)

    found = with_deep_stack(run)
    monkeypatch.undo()
    return [*found, steps]


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize(
    "package",
    [
        "regexp/syntax",
        pytest.param("text/template/parse", marks=pytest.mark.std),
        pytest.param("encoding/json", marks=pytest.mark.std),
    ],
)
def test_surveyed_or_not_all_is_told_in_the_same_order(
    package: str, inline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    *surveyed, fewer = lines(package, inline, -1, monkeypatch)
    *walked, more = lines(package, inline, 1 << 60, monkeypatch)
    assert surveyed == walked and len(walked) > 1000
    assert isinstance(fewer, int) and isinstance(more, int) and fewer < 0.9 * more

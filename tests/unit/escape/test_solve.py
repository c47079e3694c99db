"""What a survey spares of the walks makes no difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.escape import solve
from goescape.escape.graph import Location
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from harness.oracle import goroot


def said(
    package: str, inline: bool, few: int, monkeypatch: pytest.MonkeyPatch, explain: str = "-m=2"
) -> list[object]:
    """All that is said, in its order, if batches of more than `few` steps are surveyed: what `-m=2` prints, or the
    findings with their flows, or what `-m` prints, for which nothing is explained. Last, how many steps there were."""
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
        (package,), str(goroot()), level=2 if explain == "-m=2" else 1, inline=inline,
        findings=explain == "findings", environment=environment,
    )  # fmt: skip

    def run() -> list[object]:
        program = Program.from_request(request)
        (loaded,) = program.load(request)
        answer = program.check(loaded)
        return [*answer.lines, *answer.findings, *answer.functions]

    found = with_deep_stack(run)
    monkeypatch.undo()
    return [*found, steps]


PROGRAM = """package p

type node struct {
	next *node
	out  []*edge
}

type edge struct {
	from, to *node
	call     func(*node) *node
}

func link(from, to *node) *edge {
	e := &edge{from: from, to: to}
	from.out = append(from.out, e)
	return e
}

func walk(n *node, depth int) *node {
	for i := 0; i < depth; i++ {
		here := node{next: n}
		last := &here
		for _, e := range n.out {
			last.next = e.to
			f := func(m *node) *node { return walk(m, i) }
			e.call = f
			if found := through(e, &last.next); found != nil {
				return *found
			}
		}
		last.next.next = nil
	}
	return n
}

func through(e *edge, p **node) **node {
	if *p = e.call(e.to); *p == nil {
		return &walk(e.from, 1).next
	}
	return p
}
"""


@pytest.mark.parametrize("explain", ["-m=2", "findings", "-m"])
def test_surveyed_or_not_the_same_is_told(
    explain: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.go").write_text(PROGRAM)
    path = str(tmp_path / "p.go")
    *surveyed, _ = said(path, False, -1, monkeypatch, explain)
    *walked, _ = said(path, False, 1 << 60, monkeypatch, explain)
    assert surveyed == walked and walked


@pytest.mark.parametrize(("explain", "most"), [("-m=2", 0.75), ("findings", 0.7), ("-m", 0.6)])
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
    package: str, inline: bool, explain: str, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    *surveyed, fewer = said(package, inline, -1, monkeypatch, explain)
    *walked, more = said(package, inline, 1 << 60, monkeypatch, explain)
    assert surveyed == walked and len(walked) > 100
    assert isinstance(fewer, int) and isinstance(more, int) and fewer < most * more

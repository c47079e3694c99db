"""What is said beside functions of which nothing is known holds whatever becomes of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.workspace.contract import Contract
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": os.devnull}

LOW = """package low

var Sink any

type Node struct{ Next *Node; Val *int }

func Half(p *int, n *Node) *int { BODY }

func Through(p, q *int, n *Node) (*int, *int) { return Half(p, n), q }

func Loops(p *int, n *Node, k int) *int {
	if k == 0 { return Half(p, n) }
	return Loops(p, n.Next, k-1)
}

func Own(p *int) *int { r := Half(nil, nil); _ = r; return p }
"""
TEXT = """package w

import "w/low"

func direct() *int {
	x, made := 1, new(int)
	low.Half(&x, &low.Node{Val: made})
	return new(int)
}

func result() *int { x := 2; return low.Half(&x, nil) }

func through() {
	y, z := 1, 2
	_, kept := low.Through(&y, &z, &low.Node{})
	low.Sink = kept
}

func loops() { x := 3; low.Loops(&x, &low.Node{Val: new(int)}, 4) }

func literal() func() *int {
	x := 4
	return func() *int { return low.Half(&x, nil) }
}

func param(p *int, n *low.Node) *int { low.Half(p, nil); return n.Val }

func beside() *int { x := 5; return low.Own(&x) }
"""
BODIES = (
    "return nil",
    "return p",
    "return new(int)",
    "Sink = p; return nil",
    "Sink = n; return nil",
    "Sink = n.Val; return n.Next.Val",
    "n.Val = p; return p",
    "for i := 0; i < 9; i++ { Sink = new(int) }; x := 1; p = &x; return p",
)
BROKEN = ("return p +", "return undefined", "Sink = ; return nil", "if p { return }")

Said = set[tuple[str, str, int, int]]


def _said(folder: Path, body: str, inline: bool, session: Session | None = None) -> Said:
    """What is found in the two packages outside Half, with this body of it."""
    _write(folder, body)
    session = session or Session(VARIABLES, Target(inline=inline))
    found: Said = set()
    for path in (folder / "low" / "low.go", folder / "w.go"):
        session.set_text(str(path), path.read_bytes())
    for path in (folder / "low" / "low.go", folder / "w.go"):
        for f in session.check(str(path)).findings:
            if f.function != "Half":
                col = f.place.col if path.name == "w.go" else 0
                found.add((f.function, f.message, f.place.line, col))
    return found


def _write(folder: Path, body: str) -> None:
    (folder / "low").mkdir(exist_ok=True)
    (folder / "go.mod").write_text("module w\n\ngo 1.24\n")
    (folder / "low" / "low.go").write_text(LOW.replace("BODY", body))
    (folder / "w.go").write_text(TEXT)


@pytest.mark.parametrize("inline", [False, True])
def test_what_is_said_holds_whatever_the_body(tmp_path: Path, inline: bool) -> None:
    def run() -> None:
        sound = {body: _said(tmp_path, body, inline) for body in BODIES}
        session = Session(VARIABLES, Target(inline=inline))
        for broken in BROKEN:
            # A session that is edited says the same as a fresh one.
            said = _said(tmp_path, broken, inline, session)
            assert said == _said(tmp_path, broken, inline)
            for body, all_said in sound.items():
                assert said <= all_said, (broken, body)
            _said(tmp_path, BODIES[0], inline, session)
        assert {message for function, message, *_ in said if function == "direct"} == {
            "new(int) escapes to heap"
        }
        moved = {function for function, message, *_ in said if message.startswith("moved")}
        assert moved == {"through", "literal", "beside"}

    with_deep_stack(run)


def test_functions_say_that_not_all_is_known(tmp_path: Path) -> None:
    def run() -> tuple[FileAnswer, list[Contract | None]]:
        _write(tmp_path, BROKEN[0])
        session = Session(VARIABLES, Target(inline=False))
        path = str(tmp_path / "w.go")
        answer = session.check(path)
        calls = ("Half(&x, &", "Through(", "Own(")
        return answer, [session.contract(path, TEXT.index(call)) for call in calls]

    answer, (half, through, own) = with_deep_stack(run)
    known = {f.name for f in answer.functions if not f.withheld}
    assert known == {"literal", "beside"}
    assert all(f.heap == -1 for f in answer.functions if f.withheld)
    assert half is None and through is None
    assert own is not None

"""Types that functions declare have numbers, and keep them after edits as a fresh analysis gives them."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

import pytest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.following import Pair, said

TEXT = """package w

func G[T any](t T) *T { return &t }

type I interface{ M() }

type E struct{ p *int }

func (e E) M() {}

func a() any {
	type T struct{ E }
	return G(T{})
}

func b() any {
	type T struct{ a, b *int }
	return G(T{})
}

func c(n int) I {
	type T struct{ E }
	return G(T{})
}
"""

EDITS = {
    "a statement beside a type": ("return G(T{})", "x := 1; _ = x; return G(T{})"),
    "one more type": ("type T struct{ E }", "type U struct{ q *int }; type T struct{ E }"),
    "an alias, which has no number": ("type T struct{ E }", "type U = int; type T struct{ E }"),
    "one type less": ("\ttype T struct{ E }\n\treturn G(T{})", "\treturn nil"),
    "half a type": ("type T struct{ E }", "type T struct{ E "),
    "a signature": ("c(n int)", "c(n *int)"),
    "a function more": ("func a()", "func z() { type T int; G(T(0)) }\n\nfunc a()"),
    "a function less": (TEXT[TEXT.index("func a()") : TEXT.index("func b()")], ""),
    "nothing in a type": ("type T struct{ E }", "type T struct{ }"),
    "a field": ("type E struct{ p *int }", "type E struct{ p, q *int }"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    (tmp_path / "w.go").write_text(TEXT)
    return tmp_path / "w.go"


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", EDITS)
def test_numbers_are_those_of_a_fresh_analysis(path: Path, name: str, inline: bool) -> None:
    edited = TEXT.replace(*EDITS[name], 1)
    assert edited != TEXT
    pair = Pair(path, inline, "")
    for text in (edited, TEXT, edited, TEXT):
        pair.text = text.encode()
        pair.following.set_text(pair.path, pair.text)
        pair.compare()
    found = with_deep_stack(lambda: pair.following.check(str(path))).findings
    names = {f.function for f in found if "·" in f.function}
    # Without inlining only what instances share is compiled.
    assert names == ({f"G[w.T·{n}]" for n in (1, 2, 3)} if inline else set())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a signature", 0), ("a statement beside a type", 0), ("one more type", 1)],
)
def test_only_other_numbers_start_the_package_over(
    path: Path, name: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(path, True, "")
    found: list[str] = []
    start_over = Program.start_over

    def note(program: Program, state: object) -> None:
        found.append("")
        start_over(program, state)  # type: ignore[arg-type]

    monkeypatch.setattr(Program, "start_over", note)
    pair.following.set_text(str(path), TEXT.replace(*EDITS[name], 1).encode())
    answer = with_deep_stack(lambda: pair.following.check(str(path)))
    assert len(found) == expected and said(answer)[0]


def test_types_that_are_typed_in_are_not_remembered_for_good(path: Path) -> None:
    """After a pause nothing is known of types that only texts from before declare or spell."""
    pair = Pair(path, True, "")
    session = pair.following
    known: list[int] = []
    for n in range(400):
        text = (
            TEXT + f"func d() {{ type T struct{{ E }}; var f{n} func(*T, map[*T]I); _ = f{n} }}\n"
        )
        pair.text = text.encode()
        session.set_text(pair.path, pair.text)
        with_deep_stack(lambda: session.check(str(path)))
        if n % 100 == 99:
            session.flush()
            known.append(sum(map(len, _tables(session))))
    assert known[-1] < known[0] + 50, known
    pair.text = TEXT.encode()
    session.set_text(pair.path, pair.text)
    pair.compare()


def _tables(session: Session) -> list[Sized]:
    """What is known of types by identity."""
    found: list[Sized] = []
    for world in session._worlds.values():
        for state in world.program._states.values():
            instances, info = state.unit.instances, state.unit.typeinfo
            found += [
                instances.reads or (),
                instances._seen,
                instances._declared,
                instances.types_read,
            ]
            found += [info._aligns, info._pointers, state.unit.method_exprs]
    return found

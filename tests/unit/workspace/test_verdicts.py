"""What one process found out about inlining packages, another one takes over, and says the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from goescape.inline.exported import Exported, Verdict
from goescape.ir.func import Func
from goescape.typecheck import objects
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.result import PackageResult
from harness.programs import package, program

LOW = """package low

type T struct{ n int }

func (t *T) Get() *int { return &t.n }

func Cheap(p *int) *int { return step(p) }

func step(p *int) *int { return p }

//go:noinline
func Never(p *int) *int { return p }

func Costly(p *int) *int {
	if p = Never(p); p == nil {
		p = Never(p)
	}
	return Never(p)
}

func Literal(p *int) *int { return func() *int { return p }() }
"""
TOP = """package top

import "w/low"

func F(t *low.T) []*int {
	x := 1
	return []*int{t.Get(), low.Cheap(&x), low.Costly(&x), low.Never(&x), low.Literal(&x)}
}
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "w"
    for name, text in {
        "go.mod": "module w\n\ngo 1.24\n",
        "low/low.go": LOW,
        "top/top.go": TOP,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def checked(program: Program, *paths: str) -> list[PackageResult]:
    results = [program.check(package(program, path)) for path in paths]
    assert not any(result.problems for result in results)
    program.close()
    return results


def func(program: Program, path: str, name: str) -> Func:
    state = program.state(package(program, path))
    obj = state.pkg.scope.elems[name]
    assert isinstance(obj, objects.Func)
    found = state.unit.func_name(obj).func
    assert found is not None
    return found


def test_a_verdict_comes_back_the_same() -> None:
    for verdict in (Verdict(False), Verdict(True, 80, True), Verdict(True, 2, False, True)):
        assert Verdict.decode(verdict.encode()) == verdict


def test_bodies_are_not_lowered_to_see_what_is_known(module: Path, tmp_path: Path) -> None:
    def run() -> None:
        first = program(module, tmp_path / "store")
        (before,) = checked(first, "w/top")
        again = program(module, tmp_path / "store")
        (after,) = checked(again, "w/top")
        assert after.lines == before.lines and before.lines
        lowered = {
            (p, name): func(p, "w/low", name).lower is None
            for p in (first, again)
            for name in ("Costly", "Cheap")
        }
        assert lowered == {
            (first, "Costly"): True, (first, "Cheap"): True,
            (again, "Costly"): False, (again, "Cheap"): True,
        }  # fmt: skip

    with_deep_stack(run)


@pytest.mark.parametrize("order", [("w/top", "w/low"), ("w/low", "w/top")])
def test_a_package_that_others_asked_about_says_all_itself(
    module: Path, tmp_path: Path, order: tuple[str, str]
) -> None:
    def run() -> None:
        expected = {r.import_path: r.lines for r in checked(program(module, ""), *order)}
        for _ in range(3):
            results = checked(program(module, tmp_path / "store"), *order)
            assert {r.import_path: r.lines for r in results} == expected
        said = {text for *_, text in expected["w/low"]}
        assert {
            "can inline Cheap",
            "can inline Literal.func1",
            "leaking param: p to result ~r0 level=0",
        } <= said

    with_deep_stack(run)


def test_what_is_kept_is_of_the_text_as_it_was(module: Path, tmp_path: Path) -> None:
    def run() -> None:
        checked(program(module, tmp_path / "store"), "w/top")
        path = module / "low" / "low.go"
        path.write_text(LOW.replace("return step(p)", "return Never(Never(p))"))
        edited = checked(program(module, tmp_path / "store"), "w/top")
        assert edited == checked(program(module, ""), "w/top")
        assert "inlining call to low.Cheap" not in {text for *_, text in edited[0].lines}

    with_deep_stack(run)


def test_what_a_package_brings_along_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`net/netip` expands bodies of packages that it does not import."""
    asked: list[str] = []
    find_out = Exported._find_out

    def noted(self: Exported, pkg: objects.Package, fn: Func, name: str) -> bool:
        asked.append(name)
        return find_out(self, pkg, fn, name)

    monkeypatch.setattr(Exported, "_find_out", noted)

    def run() -> None:
        (before,) = checked(program(tmp_path, tmp_path / "store"), "net/netip")
        assert "internal/abi.TypeOf" in asked
        asked.clear()
        (after,) = checked(program(tmp_path, tmp_path / "store"), "net/netip")
        assert after.lines == before.lines and asked == []

    with_deep_stack(run)


SEQUENCES = """package low

type T struct{ n *int }

func (t *T) seq(end int) func(func(*int) bool) {
	return func(yield func(*int) bool) {
		for i := 0; i < end; i++ {
			if !yield(t.n) {
				return
			}
		}
	}
}

//go:noinline
func (t *T) First(n int, p *int) {
	for q := range t.seq(n) {
		*p = *q
	}
}

//go:noinline
func (t *T) Second(n int, p *int) *int {
	for q := range t.seq(n) {
		p = q
	}
	return p
}
"""


def test_copies_of_a_literal_may_have_one_name(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Their number among the expansions is in it: here both are the first ones of their process.
    monkeypatch.setenv("GOESCAPE_STRICT", "1")
    (module / "low" / "low.go").write_text(SEQUENCES)

    def run(store: Path | str) -> Sequence[object]:
        said = []
        for call in ("t.First(1, p)", "_ = t.Second(1, p)"):
            text = f'package top\n\nimport "w/low"\n\nfunc F(t *low.T, p *int) {{ {call} }}\n'
            (module / "top" / "top.go").write_text(text)
            (result,) = checked(program(module, store), "w/top")
            said.append(result.lines)
        return said

    assert with_deep_stack(lambda: run(tmp_path / "store")) == with_deep_stack(lambda: run(""))

"""Functions of imports that call themselves through what cannot be inlined are judged as the compiler does."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.inline.exported import Verdict
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.learner import learn
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.rings import Rings
from harness.programs import package, program

RING = """package ring

type Runtime struct {
	running bool
	hooks   []*Object
	last    error
}

type Object struct {
	runtime *Runtime
	value   any
}

func (o *Object) Set(name string, value any) error {
	return o.runtime.try(func() { o.runtime.set(o, name, value) })
}

func (r *Runtime) try(f func()) error {
	if err := r.run(f, r.last); err != nil {
		return err
	}
	return nil
}

func (r *Runtime) run(f func(), last error) (err error) {
	defer func() {
		if x, ok := recover().(error); ok {
			err = x
		}
		r.running = false
	}()
	r.running = true
	f()
	for _, hook := range r.hooks {
		if err := hook.Set("last", last); err != nil {
			return err
		}
	}
	return last
}

func (r *Runtime) set(o *Object, name string, value any) {
	for _, hook := range r.hooks {
		hook.value = name
	}
	o.value = value
}
"""
USER = """package user

import "m/ring"

func Use(o *ring.Object) error { return o.Set("a", 1) }
"""
SAID = [
    "5:46: inlining call to ring.(*Object).Set",
    "5:46: inlining call to ring.(*Runtime).try",
    "5:10: leaking param content: o",
    "5:52: 1 escapes to heap",
    "5:46: func literal does not escape",
]
"""What go1.27.3 prints for `user`. Were `try` judged first, Set would be too costly, and Use not."""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    for name, text in {
        "go.mod": "module m\n\ngo 1.27\n",
        "ring/ring.go": RING,
        "user/user.go": USER,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def said(program: Program, path: str = "m/user") -> list[str]:
    result = with_deep_stack(lambda: program.check(package(program, path)))
    assert not result.problems
    return [f"{line}:{col}: {message}" for _, line, col, message in result.lines]


def test_the_order_is_that_of_the_package(module: Path) -> None:
    assert said(program(module)) == SAID


@pytest.mark.parametrize("first", ["(*Runtime).try", "(*Object).Set", "(*Runtime).run"])
def test_who_asked_before_makes_no_difference(module: Path, first: str, tmp_path: Path) -> None:
    asked = program(module, tmp_path / "store")
    with_deep_stack(lambda: learn(asked, package(asked, "m/ring"), first))
    asked.flush()
    assert said(asked) == SAID
    asked.close()
    other = tmp_path / "other"
    asked = program(module, other)
    with_deep_stack(lambda: learn(asked, package(asked, "m/ring"), first))
    asked.close()
    assert said(program(module, other)) == SAID


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('err := hook.Set("last", last)', "err := last"),  # No ring.
        ("r.run(f, r.last); err", "r.run(f, r.run(f, r.last)); err"),  # Too costly in any order.
    ],
)
def test_a_package_is_judged_as_a_whole_only_if_that_matters(
    module: Path, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[Rings] = []
    verdicts = Rings.verdicts

    def spy(self: Rings) -> dict[str, Verdict]:
        judged.append(self)
        return verdicts(self)

    monkeypatch.setattr(Rings, "verdicts", spy)
    said(program(module))
    assert judged
    judged.clear()
    (module / "ring/ring.go").write_text(RING.replace(old, new))
    said(program(module))
    assert not judged


def test_judging_a_package_can_be_cancelled(module: Path) -> None:
    stopped = program(module)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    def run() -> None:
        state = stopped.state(package(stopped, "m/ring"))
        stopped.cancelled = cancelled
        with pytest.raises(Cancelled):
            stopped.bodies.judge_whole(state.pkg)
        stopped.cancelled = None
        assert stopped.bodies.judge_whole(state.pkg)

    with_deep_stack(run)
    assert said(stopped) == SAID

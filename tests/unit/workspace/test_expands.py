"""What is told from a few bodies of a package is what inlining all of them comes to."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.load import LoadedPackage
from goescape.typecheck import objects
from goescape.typecheck.types import Named
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

PROMOTED = {
    "go.mod": "module w\n\ngo 1.24\n",
    "low/low.go": "package low\n\ntype T struct{ n int }\n\nfunc (t T) Get() int { return t.n }\n\nfunc (t T) Put() int { return t.n + 1 }\n\nfunc Free() int { return 1 }\n\nfunc Used() int { return 2 }\n\nfunc Twice() int { return Used() + Used() }\n\nfunc Of[E any](e E) int { return Free() }\n",
    "w.go": 'package w\n\nimport "w/low"\n\ntype S struct{ low.T }\n\nfunc f() int { return low.Twice() }\n\nfunc g[E any](e E) int { return low.Of(e) }\n',
}


def answers(program: Program, package: LoadedPackage) -> dict[str, tuple[bool | None, bool]]:
    """Of each function that the imports of a package declare: what was told, and what is so."""
    state = program.state(package)
    found: dict[str, bool | None] = {}
    for imported in state.pkg.imports:
        if imported.path == "unsafe":
            continue
        members: list[objects.Object] = list(imported.scope.elems.values())
        for obj in list(members):
            if isinstance(obj, objects.TypeName) and isinstance(obj.type, Named):
                members += obj.type.methods
        for obj in members:
            if isinstance(obj, objects.Func) and not (
                obj.signature.tparams or obj.signature.rparams
            ):
                func = program.unit_of(imported).func_name(obj)
                found[f"{imported.path}.{func.name}"] = program.bodies.expands(state.pkg, obj)
    expanded = program.bodies.inlining_of(state.pkg).expanded
    return {name: (told, name in expanded) for name, told in found.items()}


@pytest.mark.parametrize(
    "path",
    ["strconv", "sort", "bufio"]
    + [pytest.param(path, marks=pytest.mark.std) for path in ("sync", "unique", "internal/poll")],
)
def test_what_is_told_is_so(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goescape.workspace.expands.MUCH_BYTES", 0)

    def run() -> None:
        request = CheckRequest((path,), "/", inline=True, environment=VARIABLES)
        program = Program.from_request(request)
        (package,) = program.load(request)
        told = answers(program, package)
        assert {name for name, (a, b) in told.items() if a is not None and a != b} == set()
        assert any(a is not None for a, _ in told.values())

    with_deep_stack(run)


def test_calls_through_other_bodies_and_wrappers_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.expands.MUCH_BYTES", 0)
    for name, text in PROMOTED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    request = CheckRequest((".",), str(tmp_path), inline=True, environment=VARIABLES)
    program = Program.from_request(request)
    (package,) = program.load(request)
    assert answers(program, package) == {
        "w/low.T.Get": (True, True),  # in the wrapper of S.Get
        "w/low.T.Put": (True, True),
        "w/low.Twice": (True, True),
        "w/low.Used": (True, True),
        "w/low.Free": (False, False),  # g has no instance
    }

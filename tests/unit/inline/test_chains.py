"""Where no chain of names leads to a function, the package does not bring it along."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from goescape.inline.chains import Chains
from goescape.inline.exported import Exported, Inlining, qualified
from goescape.load import LoadedPackage
from goescape.typecheck import objects
from goescape.typecheck.objects import Package
from goescape.typecheck.types import Named
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from harness import oracle

FILES = {
    "go.mod": "module w\n\ngo 1.24\n",
    "low/low.go": """package low

func Used(p *int) *int { return p }

func Inner(p *int) *int { return p }

func Through(p *int) *int { return Inner(p) }

func Hidden(p *int) *int { return p }

func Generic(p *int) *int { return p }

func Of[T any](p *int) *int { return Generic(p) }

func Silent(p *int) *int { return p }
""",
    "mid/mid.go": """package mid

import "w/low"

func Brings(p *int) *int { return low.Used(low.Through(p)) }

//go:noinline
func Keeps(p *int) *int { return low.Hidden(p) }

type T struct{}

func (T) Method(p *int) *int { return low.Silent(p) }
""",
    "top/top.go": """package top

import "w/mid"

func F(p *int) *int { return mid.Brings(p) }

func G(p *int) *int { return mid.Keeps(p) }
""",
    "gen/gen.go": """package gen

import "w/low"

func F(p *int) *int { return low.Of[int](p) }
""",
}


def answers(program: Program, package: LoadedPackage) -> dict[str, tuple[bool, bool]]:
    """Of each function that packages below declare, other than generic ones and methods: what chains tell,
    and what compiling the package tells."""
    pkg = program.state(package).pkg
    exported, chains = Exported(program.positions, program.bodies), Chains(program.bodies)

    def brings(pkg: Package, fn: objects.Func) -> bool:
        assert fn.pkg is not None
        func = program.unit_of(fn.pkg).func_name(fn).func
        assert func is not None
        known, name = program.bodies.inlining_of(pkg), qualified(func)
        return name in known.expanded and exported._found(exported._searches, pkg, known, name)

    found: dict[str, tuple[bool, bool]] = {}
    for below in program.loader.closure([package])[:-1]:
        for fn in program.package(below).scope.elems.values():
            if isinstance(fn, objects.Func) and not fn.signature.tparams:
                told = chains.may_bring(pkg, fn, lambda q, fn=fn: brings(q, fn))  # type: ignore[misc]
                found[f"{below.name}.{fn.name}"] = told, brings(pkg, fn)
    return found


class Compiles(Exception):
    """The package would be compiled to find out."""


def found_out(
    path: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, tuple[bool, bool]]:
    """Of each function that packages below declare, methods too and generic ones not, whether the package brings
    it along: as it is found out without compiling the package, where it can be, and as it is."""

    def told(is_compiled: bool) -> dict[str, bool]:
        environment = oracle.environment(oracle.Target())
        request = CheckRequest((path,), str(folder), inline=True, environment=environment)
        program = Program.from_request(request)
        (package,) = program.load(request)
        pkg, compiled = program.state(package).pkg, program.bodies.inlining_of

        def inlining_of(other: Package) -> Inlining:
            if other is pkg and not is_compiled:
                raise Compiles
            return compiled(other)

        monkeypatch.setattr(program.bodies, "inlining_of", inlining_of)
        exported = Exported(program.positions, program.bodies)
        if is_compiled:
            inlining_of(pkg)
        found: dict[str, bool] = {}
        for below in program.loader.closure([package])[:-1]:
            scope = program.package(below).scope.elems.values()
            types = [t.type for t in scope if isinstance(t, objects.TypeName)]
            methods = [m for t in types if isinstance(t, Named) for m in t.methods]
            for fn in (*scope, *methods):
                if not isinstance(fn, objects.Func) or fn.signature.tparams or fn.signature.rparams:
                    continue
                assert fn.pkg is not None
                func = program.unit_of(fn.pkg).func_name(fn).func
                assert func is not None
                with suppress(Compiles):
                    found[qualified(func)] = exported._find_out(pkg, func, qualified(func))
        return found

    def both() -> dict[str, tuple[bool, bool]]:
        so = told(True)
        return {name: (answer, so[name]) for name, answer in told(False).items()}

    return with_deep_stack(both)


def of(path: str, folder: Path) -> dict[str, tuple[bool, bool]]:
    def run() -> dict[str, tuple[bool, bool]]:
        environment = oracle.environment(oracle.Target())
        program = Program.from_request(
            CheckRequest((path,), str(folder), inline=True, environment=environment)
        )
        return answers(program, *program.load(CheckRequest((path,), str(folder), inline=True)))

    return with_deep_stack(run)


@pytest.mark.parametrize(
    ("path", "no", "yes"),
    [
        # A body that cannot be inlined is not exported, nor what only it names.
        ("./mid", {"low.Hidden", "low.Generic"}, {"low.Used", "low.Through", "low.Inner"}),
        # It does not import `low`, and `mid` does not bring these along either.
        ("./top", {"low.Hidden", "low.Generic"}, {"low.Used", "low.Through", "low.Inner"}),
        ("./gen", {"low.Hidden", "low.Used"}, {"low.Generic"}),
    ],
)
def test_what_nobody_leads_to(tmp_path: Path, path: str, no: set[str], yes: set[str]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = of(path, tmp_path)
    assert {name for name, (told, so) in found.items() if so and not told} == set()
    assert no <= {name for name, (told, _) in found.items() if not told}
    assert yes <= {name for name, (_, so) in found.items() if so}


@pytest.mark.parametrize("path", ["./mid", "./top", "./gen"])
@pytest.mark.parametrize("much", [0, 500_000])
def test_what_is_found_out_is_what_compiling_comes_to(
    tmp_path: Path, path: str, much: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goescape.workspace.expands.MUCH_BYTES", much)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = found_out(path, tmp_path, monkeypatch)
    assert {name for name, (told, so) in found.items() if told != so} == set()
    assert any(not so for _, so in found.values())


@pytest.mark.std
@pytest.mark.parametrize("path", ["strings", "unique", "sync"])
def test_what_is_found_out_of_the_library_is_so(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goescape.workspace.expands.MUCH_BYTES", 0)
    found = found_out(path, Path("/"), monkeypatch)
    assert found
    assert {name for name, (told, so) in found.items() if told != so} == set()


@pytest.mark.std
@pytest.mark.parametrize(
    "path", ["sort", "strings", "sync", "unique", "time", "fmt", "crypto/hpke", "encoding/json"]
)
def test_no_is_so_in_the_library(path: str) -> None:
    found = of(path, Path("/"))
    assert {name for name, (told, so) in found.items() if so and not told} == set()
    assert any(not told for told, _ in found.values())

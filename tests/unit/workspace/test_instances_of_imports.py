"""What is told of an imported function is what compiling its package comes to, instances included."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from harness.oracle import build, goroot, packages

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

FILES = {
    "go.mod": "module w\n\ngo 1.24\n",
    "table/table.go": """package table

type Table[K comparable, V any] struct{ last V }

//go:noinline
func (t *Table[K, V]) Load(k K) V { return t.last }
""",
    "low/low.go": """package low

import "w/table"

type Map struct{ t table.Table[any, any] }

func (m *Map) Load(k any) any { return m.t.Load(k) }
""",
    "mid/mid.go": """package mid

import "w/low"

var known low.Map

// The type of known is read here: its methods are compiled in this package, too.
func Find(name string) any { return find(name) }

//go:noinline
func find(name string) any { return known.Load(name) }

// Only what is expanded here reads such a type: others have compiled the methods.
//
//go:noinline
func Hidden(m any, name string) any { return m.(interface{ Load(any) any }).Load(name) }
""",
    "w.go": """package w

import "w/mid"

func F(name string) any { return mid.Find(name) }

func G(name string) any { return mid.Hidden(nil, name) }
""",
}


@pytest.mark.parametrize("inline", [True, False])
def test_methods_of_a_type_that_is_read_are_known(tmp_path: Path, inline: bool) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    said = dict(packages(build(["."], tmp_path, "-m" if inline else "-m -l", keep=False)))

    def run() -> set[str]:
        request = CheckRequest((".",), str(tmp_path), inline=inline, environment=VARIABLES)
        program = Program.from_request(request)
        (package,) = program.load(request)
        return set(program.check(package).printed(str(tmp_path)))

    assert with_deep_stack(run) == set(said["w"])

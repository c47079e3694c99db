"""Programs with errors, beside what the compiler prints for them: which errors, where, and how many."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from goescape.workspace.parallel import CheckRequest
from goescape_server.cli import check
from harness import oracle

PROGRAMS = {
    # Equal messages on a line are told once where they follow each other.
    "repeats": {
        "m.go": """package m

func f(x, y int, s string) { x = s; y = 1.5; x = s; y = s + ""; x = s; x = s }

func g(x, y int) { x, y = 1; x, y = 1, 2, 3; x, y = 1 }
""",
    },
    # The first ten that are found are told, in the order in which they lie; what is unused is found last.
    "too_many": {
        "m.go": """package m

func f(s string) {
	a := 1
	b := 1
	var x int
	x = s; x = "a"
	x = "b"; x = "c"
	x = "d"
	x = "e"
	x = "f"
	x = "g"
	x = "h"
	x = "i"
	x = "j"
}
""",
    },
    "exactly_ten": {
        "m.go": "package m\n\nfunc f(x int) {\n"
        + "".join(f"\tx = {i}.5\n" for i in range(10))
        + "}\n",
    },
    "too_many_in_files": {
        "a.go": "package m\n\nfunc f(x int) {\n"
        + "".join(f"\tx = {i}.5\n" for i in range(9))
        + "}\n",
        "b.go": "package m\n\ntype t u\n\nvar v int = s\n",
    },
    "too_many_syntax_errors": {
        "m.go": "package m\n\nfunc f(x int) {\n" + "".join("\tx = )\n" for i in range(12)) + "}\n",
    },
    # Errors stand where `//line` directives say.
    "line_directives": {
        "m.go": """package m

func F() {}

//line foo.y:30
func F() { x }

/*line :7:9*/ func F() {}
//line /abs/bar.y:4
var x int = "a"
""",
    },
    "line_directives_and_syntax": {
        "m.go": """package m

//line foo.y:30
func F( {
}

//line c:\\x.go:3:4
func G() {}
//line bad.go:0
""",
    },
    # What is to hold files is told last.
    "embedded": {
        "m.go": """package m

import "embed"

type S string
type B []C
type C byte
type FS embed.FS
type FSS = embed.FS

//go:embed m.go
var s S
//go:embed m.go
var b B
//go:embed m.go
var d []C
//go:embed m.go
var f FSS
""",
        "n.go": """package m

import "embed"

//go:embed m.go
var i int
//go:embed m.go
var p *string
//go:embed m.go
var x FS

var _ embed.FS
""",
    },
    # What cannot be an entry point is none.
    "entry_points": {
        "m.go": """package main

func init() int { return 0 }

func main(x int) { println(&x) }
""",
    },
}
SILENT = {"entry_points"}
"""Those that hold nothing of which anything could be said."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_errors_are_the_compilers(name: str, tmp_path: Path) -> None:
    for file, text in {"go.mod": "module m\n\ngo 1.27\n", **PROGRAMS[name]}.items():
        (tmp_path / file).write_text(text)
    target = oracle.Target()
    printed = oracle.build(["."], tmp_path, "", target, keep=False).splitlines()
    told = [line.removeprefix("./") for line in printed if line != "# m"]
    out, err = io.StringIO(), io.StringIO()
    request = CheckRequest((".",), str(tmp_path), environment=oracle.environment(target))
    assert check.run(request, check.Options("gc", jobs=1), out, err) == 2
    assert told
    assert err.getvalue().splitlines() == told
    assert name not in SILENT or not out.getvalue()

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
    # Not where something else was found in between, in whatever place.
    "repeats_with_others_between": {
        "m.go": """package m

type A[T any] = missing[T]

func f[T any](t T) A[T] { return A[T]{t} }

func g(x missing) {}
""",
    },
    # What cannot be converted keeps its type.
    "no_conversion": {
        "m.go": """package m

func f(x int, xs []int) {
	var _ string = comparable(x)
	var _ string = []int(xs...)
}
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
    # What is no function is not declared to be called one.
    "too_many_in_literals": {
        "m.go": """package m

type T int

func int(n int) int { return n }

var v = func() { x = 1; x = 2 }

func f() {
	x = 3
	x = 4
	x = 5
	x = 6
}

func g(int) { x = 7 }

var w = func() { x = 8 }
""",
    },
    # The compiler goes on from where it lost its way, whatever stands in the first column.
    "lost_braces": {
        "m.go": """package m

func f(x int) {
	if x > 0 {

func g() {
	for range 3 {

type T struct {
	a int

var y = 1

func (t T) h() {}
""",
    },
    "lost_parenthesis": {
        "m.go": """package m

func f(x int {
	return
}

func g() int { return 1 }

func h() {
	var s []int
	s[0 = 1
}
import "fmt"
}
import "os"
""",
    },
    "bad_literal": {
        "m.go": """package m

func f(x int) {
	x = 08; { x = 1e

func g() {
	return
	}
L:
	for {
		break M
	}
}
""",
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


@pytest.mark.parametrize("name", PROGRAMS)
def test_errors_are_the_compilers(name: str, tmp_path: Path) -> None:
    printed, told = _told(PROGRAMS[name], tmp_path)
    assert told == [line.removeprefix("./") for line in printed if line != "# m"]


def test_of_what_cannot_be_an_entry_point_nothing_is_said(tmp_path: Path) -> None:
    _told(PROGRAMS["entry_points"], tmp_path, findings=False)


REFUSED = {
    "no_import": {"m.go": 'package m\n\nimport (\n\t"fmt"\nfunc f() { fmt.Println() }\n'},
    "two_packages": {"a.go": "package m\n", "b.go": "package n\n"},
    "internal": {"m.go": 'package m\n\nimport goarch "internal/goarch"\n'},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keeps_a_package_from_being_compiled_is_told_once(name: str, tmp_path: Path) -> None:
    printed, told = _told(REFUSED[name], tmp_path)
    assert len(told) == 1
    message = printed[-1].strip().removesuffix(f" in {tmp_path}")
    assert message in told[0]


def _told(
    program: dict[str, str], directory: Path, findings: bool = True
) -> tuple[list[str], list[str]]:
    """The errors that `go build` and `goescape check` print; without `findings` that prints nothing else."""
    for file, text in {"go.mod": "module m\n\ngo 1.27\n", **program}.items():
        (directory / file).write_text(text)
    target = oracle.Target()
    printed = oracle.build(["."], directory, "", target, keep=False).splitlines()
    out, err = io.StringIO(), io.StringIO()
    request = CheckRequest((".",), str(directory), environment=oracle.environment(target))
    assert check.run(request, check.Options("gc", jobs=1), out, err) == 2
    assert findings or not out.getvalue()
    return printed, err.getvalue().splitlines()

"""What the compiler refuses after type checking."""

from __future__ import annotations

from goescape.typecheck.directives import directive_errors
from harness.typecheck import Packages, place

PROGRAM = b"""package p

import _ "unsafe"

func missing() int

//go:linkname linked runtime.nanotime
func linked() int64

//go:linkname nobody runtime.nanotime

//go:noescape
func noescape() {}

//go:nosplit
var x int

//go:embed x.txt
var text string

//go:noinline
func fine() {}
"""


def test_the_compiler_s_refusals(packages: Packages) -> None:
    checker, errors = packages.check({"p.go": PROGRAM})
    assert errors == []
    found = sorted(
        (place(packages.positions, e.pos)[1:], e.msg) for e in directive_errors(checker, True)
    )
    assert found == [
        ((5, 6), "missing function body"),
        ((10, 3), "//go:linkname must refer to declared function or variable"),
        ((13, 6), "can only use //go:noescape with external func implementations"),
        ((15, 3), "misplaced compiler directive"),
        (
            (18, 3),
            'go:embed requires import "embed" (or import _ "embed", if package is not used)',
        ),
    ]


def test_assembly_may_define_functions(packages: Packages) -> None:
    checker, _ = packages.check({"p.go": b"package p\nfunc f()\n"})
    assert directive_errors(checker, False) == []

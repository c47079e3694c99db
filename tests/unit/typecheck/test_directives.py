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

//go:nowritebarrier
func barrier() {}

func _()
"""

CYCLES = b"""package p

type i interface{ m() interface{ i } }

type j interface{ m() [](func(interface{ k })) }

type k interface{ m() interface{ j } }

type fine interface{ m() fine }
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
        ((24, 3), "//go:nowritebarrier only allowed in runtime"),
    ]
    assert len(directive_errors(checker, True, True, True)) == len(found) - 1


def test_an_interface_may_not_be_within_itself_without_a_name(packages: Packages) -> None:
    checker, errors = packages.check({"p.go": CYCLES})
    assert errors == []
    lines = [place(packages.positions, e.pos)[1] for e in directive_errors(checker, True)]
    assert lines == [3, 5]


def test_assembly_may_define_functions(packages: Packages) -> None:
    checker, _ = packages.check({"p.go": b"package p\nfunc f()\n"})
    assert directive_errors(checker, False) == []


def test_nointerface_is_of_an_experiment(packages: Packages) -> None:
    _, errors = packages.check(
        {
            "p.go": b"package p\nvar _ interface{ m() } = new(T)\ntype T struct{}\n"
            b"//go:nointerface\nfunc (*T) m() {}\n"
        }
    )
    assert errors == []

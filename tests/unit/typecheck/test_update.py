"""After edits inside bodies, a checker that took them over says what a new one says."""

from __future__ import annotations

import random
import re

import pytest
from goescape.source.file import SourceFile
from goescape.syntax.parse import ParsedFile, parse_file, reparse
from goescape.typecheck import expr
from goescape.typecheck.checker import Checker
from goescape.typecheck.errors import TypeError_, told
from goescape.typecheck.objects import Package
from goescape.typecheck.scope import Scope
from goescape.typecheck.typestring import type_string
from goescape.typecheck.universe import UNIVERSE
from harness.typecheck import Packages, place

PROGRAM = b"""package p

import (
	"fmt"
	"strings"
)

type T[E any] struct{ items []E }

func (t *T[E]) Add(e E) { t.items = append(t.items, e) }

var total = count(3)

func count(n int) (sum int) {
	for i := range n {
		sum += i
	}
	return sum
}

func show(t *T[string]) string {
	t.Add("x")
	f := func(s string) string { return strings.ToUpper(s) }
	return fmt.Sprint(f(t.items[0]), count(len(t.items)), total)
}
"""


def make_checker(packages: Packages, parsed: ParsedFile, stops_early: bool = False) -> Checker:
    pkg = Package("p", "", Scope(UNIVERSE))
    return Checker(
        pkg, [parsed.file], packages, packages.sizes, packages.positions, "go1.27",
        stops_early=stops_early,
    )  # fmt: skip


def summary(packages: Packages, checker: Checker) -> tuple[object, ...]:
    """Everything a checker says, in a form that two checkers can be compared by. As sets: names
    that the checker makes up for missing ones may have been made up before."""

    def where(pos: int) -> tuple[str, int, int]:
        return place(packages.positions, pos)

    def is_hidden(e: TypeError_) -> bool:
        return e.code == "UnusedImport" and any(f.errors for f in checker.given_files)

    info = checker.info
    return (
        sorted((where(e.pos), e.msg.split("\n")[0]) for e in checker.errors if not is_hidden(e)),
        {(where(n.pos), type(n).__name__, tv.mode, type_string(tv.type), repr(tv.value))
         for n, tv in info.types.items()},
        {(where(n.pos), o.name, where(o.pos)) for n, o in info.uses.items()},
        {(where(n.pos), n.value) for n in info.defs},
        [[v.name for v in init.lhs] for init in info.init_order],
    )  # fmt: skip


def edit(text: bytes, rnd: random.Random) -> bytes:
    """Text with a word of some line replaced, dropped or doubled."""
    words = list(re.finditer(rb"[A-Za-z]\w*|[^\sA-Za-z]", text))
    word = rnd.choice(words[12:])
    other = rnd.choice(words)[0]
    new = rnd.choice([b"", other, word[0] + b" " + other, b"/* */ " + word[0]])
    return text[: word.start()] + new + text[word.end() :]


@pytest.mark.parametrize("stops_early", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_checker_that_took_over_edits_equals_a_new_one(
    packages: Packages, seed: int, stops_early: bool
) -> None:
    rnd = random.Random(seed)
    text = PROGRAM
    parsed = parse_file(SourceFile("p.go", text), packages.positions)
    checker = make_checker(packages, parsed, stops_early)
    taken_over = 0
    looked_up = False  # Names in broken bodies, which makes no difference to what comes later.
    for _ in range(40):
        text = edit(text if rnd.random() < 0.5 else PROGRAM, rnd)
        before = parsed.file
        parsed = reparse(parsed, SourceFile("p.go", text), packages.positions)
        funcs = checker.update_file(before, parsed.file)
        if funcs is None:
            checker = make_checker(packages, parsed, stops_early)
            looked_up = False
        else:
            taken_over += 1
        checker.check_all()
        anew = parse_file(SourceFile("p.go", text), packages.positions)
        fresh = make_checker(packages, anew, stops_early)
        fresh.check_all()
        looked_up = looked_up or rnd.random() < 0.3
        if looked_up:
            checker.check_broken_bodies()
            fresh.check_broken_bodies()
        assert summary(packages, checker) == summary(packages, fresh), text.decode()
    assert taken_over > 3


def test_only_the_edited_function_is_checked_again(packages: Packages) -> None:
    parsed = parse_file(SourceFile("p.go", PROGRAM), packages.positions)
    checker = make_checker(packages, parsed)
    checker.check_all()
    bodies = set(checker.checked_bodies)
    new = PROGRAM.replace(b"sum += i", b"sum += i + undefined")
    before = parsed.file
    parsed = reparse(parsed, SourceFile("p.go", new), packages.positions)
    count = checker.pkg.scope.elems["count"]
    assert checker.update_file(before, parsed.file) == [count]
    assert bodies - checker.checked_bodies == {count}
    checker.check_all()
    assert [e.msg for e in checker.errors] == ["undefined: undefined"]


def test_a_body_with_a_syntax_error_is_checked_for_those_who_ask(packages: Packages) -> None:
    def uses(name: bytes) -> list[int]:
        return sorted(
            checker.positions.offset(n.pos)
            for n in checker.info.uses
            if n.value == name.decode() and n.pos >> 32 == parsed.file.decl_list[-1].pos >> 32
        )

    broken = PROGRAM.replace(b"fmt.Sprint(f", b"fmt.(f")
    parsed = parse_file(SourceFile("p.go", broken), packages.positions)
    checker = make_checker(packages, parsed)
    checker.check_all()
    assert [e.code for e in checker.errors if not e.soft] == []
    assert uses(b"strings") == []
    checker.check_broken_bodies()
    assert uses(b"strings") == [broken.index(b"strings.ToUpper")]
    # A scanner's complaint is no reason: the compiler goes on to check the types.
    checker = make_checker(packages, parsed)
    odd = PROGRAM.replace(b'Add("x")', b'Add("\\y" + 1 + undefined)')
    parsed = parse_file(SourceFile("p.go", odd), packages.positions)
    checker = make_checker(packages, parsed)
    checker.check_all()
    assert "undefined: undefined" in [e.msg for e in checker.errors]


def test_for_an_editor_one_error_in_a_body_is_enough(packages: Packages) -> None:
    text = PROGRAM.replace(b't.Add("x")', b"x := one\n\tt.Add(x + two)")
    parsed = parse_file(SourceFile("p.go", text), packages.positions)
    checker = make_checker(packages, parsed, stops_early=True)
    checker.check_all()

    def checked(old: bytes, new: bytes) -> list[str]:
        nonlocal parsed, text
        text = text.replace(old, new)
        before = parsed.file
        parsed = reparse(parsed, SourceFile("p.go", text), packages.positions)
        assert checker.update_file(before, parsed.file) == [checker.pkg.scope.elems["show"]]
        checker.check_again()
        return [e.msg for e in checker.errors]

    def uses(name: str) -> int:
        return sum(n.value == name for n in checker.info.uses)

    # Whether `strings` is used is not known, so that it is not is no error.
    assert [e.msg for e in checker.errors] == ["undefined: one"]
    assert (uses("strings"), uses("x")) == (0, 0)
    checker.check_broken_bodies()
    assert [e.msg for e in checker.errors] == ["undefined: one"]
    assert (uses("strings"), uses("x")) == (1, 1)
    assert checked(b":= one", b":= 1") == ["undefined: two"]
    assert checked(b"strings.ToUpper", b"string") == ["undefined: two"]
    assert checked(b"x + two", b"string(rune(x))") == ['"strings" imported and not used']
    assert checked(b"return string(s)", b"return strings.ToUpper(s)") == []
    fresh = make_checker(packages, parse_file(SourceFile("p.go", text), packages.positions))
    fresh.check_all()
    assert summary(packages, checker) == summary(packages, fresh)


def test_bodies_that_were_passed_over_leave_nothing_behind(
    packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expr, "MAX_DEPTH", 20)
    parsed = parse_file(SourceFile("p.go", PROGRAM), packages.positions)
    checker = make_checker(packages, parsed, stops_early=True)
    checker.check_all()
    broken = PROGRAM.replace(b"sum += i", b"sum += (1 + (2 + undefined))")
    for text in [broken, PROGRAM] * 10:
        before = parsed.file
        parsed = reparse(parsed, SourceFile("p.go", text), packages.positions)
        assert checker.update_file(before, parsed.file) is not None
        checker.check_again()
        assert [e.msg for e in checker.errors] == ["undefined: undefined"] * (text is broken)


def test_the_order_of_initialisation_follows_what_functions_need(packages: Packages) -> None:
    calls = PROGRAM.replace(b"sum += i", b"sum += i + more()")
    calls += b"\nvar later = 1\n\nfunc more() int { return 2 }\n"
    parsed = parse_file(SourceFile("p.go", calls), packages.positions)
    checker = make_checker(packages, parsed)
    checker.check_all()
    for body, expected in (
        (b"{ return later }", ["later", "total"]),
        (b"{ return 3 }", ["total", "later"]),
        (b"{ return total }", ["later", "total"]),  # What depends on itself comes last.
    ):
        before, new = parsed.file, calls.replace(b"{ return 2 }", body)
        parsed = reparse(parsed, SourceFile("p.go", new), packages.positions)
        assert checker.update_file(before, parsed.file) is not None
        checker.check_again()
        cyclic = body == b"{ return total }"
        assert any(e.code == "InvalidInitCycle" for e in checker.errors) == cyclic
        assert [init.lhs[0].name for init in checker.info.init_order] == expected


def test_other_edits_need_a_new_checker(packages: Packages) -> None:
    for old, new in (
        (b"n int", b"n int8"),
        (b'"strings"', b'"bytes"'),
        (b"items []E", b"items []int"),
    ):
        parsed = parse_file(SourceFile("p.go", PROGRAM), packages.positions)
        checker = make_checker(packages, parsed)
        checker.check_all()
        changed = reparse(parsed, SourceFile("p.go", PROGRAM.replace(old, new)), packages.positions)
        assert checker.update_file(parsed.file, changed.file) is None


def test_which_errors_follow_from_others_does_not_depend_on_the_order(packages: Packages) -> None:
    """The result of `push` is half typed, and says so in a syntax error alone: what is wrong with `keys` for it
    is the first error found by the checker that stays, and the last by a new one."""
    text = b"""package p

type list struct{ head *int }

func other() int { return 1 }

func keys(l *list) { mapped(l.push(), func(int) {}) }

func mapped[T any](l *T, f func(T)) {}

func (l *list) push() *
var y = 1
"""

    parsed: ParsedFile | None = None

    def checked(old: Checker | None, new: bytes) -> Checker:
        nonlocal parsed
        before, source = parsed, SourceFile("p.go", new)
        if old is not None and before is not None:
            parsed = reparse(before, source, packages.positions)
            assert old.update_file(before.file, parsed.file) is not None
        else:
            parsed = parse_file(source, packages.positions)
            old = make_checker(packages, parsed)
        old.check_all()
        return old

    checker = checked(None, text)
    (first,) = told(checker.errors)
    assert first.follows and first.owner is checker.pkg.scope.elems["keys"]
    broken = text.replace(b"return 1", b"return undefined")
    checker = checked(checker, broken)
    assert [e.msg for e in told(checker.errors)] == ["undefined: undefined"]
    parsed = None
    fresh = checked(None, broken)
    assert [e.follows for e in checker.errors] == [True, False]
    assert [e.follows for e in fresh.errors] == [False, True]
    assert summary(packages, checker) == summary(packages, fresh)

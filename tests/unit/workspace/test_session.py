"""A session after any edits says what a fresh one says of the same text."""

from __future__ import annotations

import gc
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from goescape.ide.diagnostics import stretch
from goescape.ide.fixes.snapshot import Snapshot
from goescape.ir.func import Func
from goescape.syntax import parse
from goescape.typecheck import objects
from goescape.typecheck.checker import Checker
from goescape.typecheck.types import Named
from goescape.workspace import redeclared
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.entry import Entry
from goescape.workspace.memo import Memo
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.oracle import goroot
from tree_sitter import Language, Tree
from tree_sitter import Parser as TreeParser

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

FILES = {
    "go.mod": "module w\n\ngo 1.24\n",
    "low/low.go": "package low\n\nvar sink *int\n\nfunc Keep(p *int) { _ = p }\n\nfunc Two[T any](p *T) *T { return p }\n",
    "a.go": 'package w\n\nimport "w/low"\n\nfunc f() {\n\tx := 1\n\tlow.Keep(&x)\n\ty := "s"\n\tg(low.Two(&y))\n}\n',
    "b.go": "package w\n\nvar last *string\n\nfunc g(p *string) {}\n",
}
KEEPS = FILES["low/low.go"].replace("_ = p", "sink = p")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def said(answer: FileAnswer) -> list[tuple[int, int, str, str, int]]:
    return [
        (f.place.line, f.place.col, f.message, f.function, len(f.flow)) for f in answer.findings
    ]


def heap(answer: FileAnswer) -> list[str]:
    return [f.message for f in answer.findings if f.is_heap]


def test_an_edit_below_changes_what_is_said_above(module: Path) -> None:
    session = Session(VARIABLES)
    a, b, low = (str(module / name) for name in ("a.go", "b.go", "low/low.go"))

    def run() -> None:
        assert heap(session.check(a)) == []
        session.set_text(low, KEEPS.encode())
        assert heap(session.check(a)) == ["moved to heap: x"]
        # The text of another file of the package counts as well, saved or not.
        session.set_text(b, FILES["b.go"].replace("{}", "{ last = p }").encode())
        assert heap(session.check(a)) == ["moved to heap: x", "moved to heap: y"]
        session.set_text(low, None)
        assert heap(session.check(a)) == ["moved to heap: y"]
        session.set_text(b, None)
        assert heap(session.check(a)) == []

    with_deep_stack(run)


def test_imports_that_go_in_a_circle_are_checked_all_the_same(tmp_path: Path) -> None:
    texts = {
        str(tmp_path / name / "x.go"): (
            f'package {name}\n\nimport "w/{other}"\n\n'
            f"func {name.upper()}() *int {{ x := 1; {other}.{other.upper()}(); return &x }}\n"
        )
        for name, other in ("ab", "ba")
    }
    (tmp_path / "go.mod").write_text(FILES["go.mod"])
    for path, text in texts.items():
        Path(path).parent.mkdir()
        Path(path).write_text(text)
    session = Session(VARIABLES)

    def run() -> None:
        for n in range(3):
            for path, text in texts.items():
                session.set_text(path, (text + "// x\n" * n).encode())
                assert heap(session.check(path)) == ["moved to heap: x"]

    with_deep_stack(run)


def test_an_import_that_only_other_files_use_by_bare_names_stays_used(tmp_path: Path) -> None:
    use = 'package w\n\nimport . "w/low"\n\nfunc %s() { Keep(nil); _ = 1 }\n'
    names = ("a", "b")
    for name, text in {**FILES, **{f"{n}.go": use % n for n in names}}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    session = Session(VARIABLES)
    a, b = (str(tmp_path / f"{n}.go") for n in names)

    def run() -> None:
        assert session.check(a).problems == session.check(b).problems == ()
        session.set_text(b, (use % "b").replace("_ = 1", "_ = 2").encode())
        assert session.check(a).problems == session.check(b).problems == ()
        session.set_text(b, (use % "b").replace("Keep(nil);", "").encode())
        assert [p.msg for p in session.check(b).problems] == ['"w/low" imported and not used']

    with_deep_stack(run)


def edits(rnd: random.Random, texts: dict[str, str]) -> tuple[str, str]:
    """The next edit: a file and its new text, now and then a broken one."""
    name = rnd.choice([n for n in texts if n.endswith(".go")])
    text = texts[name]
    change = rnd.randrange(8)
    if change == 0:
        text = FILES[name]
    elif change == 1:
        text = (
            text.replace("_ = p", "sink = p")
            if "_ = p" in text
            else text.replace("sink = p", "_ = p")
        )
    elif change == 2:
        text = (
            text.replace("{}", "{ last = p }")
            if "{}" in text
            else text.replace("{ last = p }", "{}")
        )
    elif change == 3:
        text = text.replace("package", "// über\n\npackage", 1)
    elif change == 4:
        at = rnd.randrange(len(text))
        text = text[:at] + rnd.choice(["}", "{", "x", "\n", '"', "("]) + text[at:]
    elif change == 5:
        text += f"\nfunc extra{rnd.randrange(100)}() *int {{ return new(int) }}\n"
    elif change == 6:
        text = text.replace("x := 1", "x := 2\n\tz := &x\n\t_ = z")
    else:
        at = rnd.randrange(len(text))
        text = text[:at] + text[at + rnd.randrange(12) :]
    return name, text


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_the_answers_are_those_of_a_fresh_session(module: Path, seed: int) -> None:
    rnd = random.Random(seed)
    texts = dict(FILES)
    old = Session(VARIABLES)

    def run() -> None:
        for _ in range(25):
            name, texts[name] = edits(rnd, texts)
            old.set_text(str(module / name), texts[name].encode())
            new = Session(VARIABLES)
            for n, text in texts.items():
                if n.endswith(".go"):
                    new.set_text(str(module / n), text.encode())
            for n in texts:
                if n.endswith(".go"):
                    path = str(module / n)
                    offset = rnd.randrange(len(text.encode()) + 1)
                    assert old.graph(path, offset) == new.graph(path, offset), (texts, offset)
                    got, want = old.check(path), new.check(path)
                    assert said(got) == said(want), texts
                    assert sorted(map(str, got.problems)) == sorted(map(str, want.problems)), texts

    with_deep_stack(run)


def test_a_file_that_the_build_leaves_out_says_so(module: Path) -> None:
    path = module / "c_plan9.go"
    path.write_text("package w\n")
    session = Session({**VARIABLES, "GOOS": "linux", "GOARCH": "arm64"})
    answer = with_deep_stack(lambda: session.check(str(path)))
    assert answer.excluded == "c_plan9.go is not part of the build for linux/arm64"


def test_loose_files_and_tests_belong_to_packages(module: Path, tmp_path: Path) -> None:
    test = module / "a_test.go"
    test.write_text("package w\n\nfunc helper() *int { x := 1; return &x }\n")
    external = module / "x_test.go"
    external.write_text("package w_test\n\nfunc other() *int { y := 1; return &y }\n")
    session = Session(VARIABLES)

    def run() -> None:
        assert heap(session.check(str(test))) == ["moved to heap: x"]
        assert heap(session.check(str(external))) == ["moved to heap: y"]
        (module / "go.mod").unlink()
        session.changed_on_disk(str(module / "go.mod"))
        assert heap(session.check(str(test))) == ["moved to heap: x"]

    with_deep_stack(run)


def test_no_toolchain_is_an_answer(module: Path) -> None:
    session = Session({**VARIABLES, "GOROOT": "/nowhere"})
    answer = session.check(str(module / "a.go"))
    assert "not a Go toolchain" in answer.failure and answer.findings == ()


def test_a_check_can_be_cancelled(module: Path) -> None:
    session = Session(VARIABLES)
    path = str(module / "a.go")

    def run() -> None:
        with pytest.raises(Cancelled):
            session.check(path, lambda: True)
        assert said(session.check(path)) == said(Session(VARIABLES).check(path))

    with_deep_stack(run)


def test_a_pause_makes_the_first_edit_quick(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that was opened last has its tree then, and no edit makes one from nothing."""
    made: list[bool] = []  # For each tree: whether it was made from an older one.

    class Parser:
        def __init__(self, language: Language) -> None:
            self.parser = TreeParser(language)

        def parse(self, *args: Any) -> Tree:
            made.append(len(args) > 1)
            return self.parser.parse(*args)

    monkeypatch.setattr(parse, "TreeParser", Parser)
    session = Session(VARIABLES)
    paths = [str(module / name) for name in ("a.go", "b.go")]

    def run() -> None:
        for path in paths:
            session.set_text(path, Path(path).read_bytes())
            session.check(path)
        made.clear()
        session.flush()
        assert made == [False]
        session.flush()
        session.set_text(paths[1], FILES["b.go"].replace("{}", "{ last = p }").encode())
        session.check(paths[1])
        assert made == [False, True]
        session.set_text(paths[0], FILES["a.go"].replace("x := 1", "x := 2").encode())
        assert made == [False, True, False]

    with_deep_stack(run)


def test_a_map_that_is_filled_by_a_function_of_its_own(module: Path) -> None:
    """Its function is judged before the initialiser that calls it."""
    entries = "".join(f"\t{n}: new(int),\n" for n in range(30))
    (module / "b.go").write_text(f"package w\n\nvar all = map[int]*int{{\n{entries}}}\n")
    (module / "a.go").write_text("package w\n")

    def run() -> None:
        session = Session(VARIABLES)
        answer = session.check(str(module / "b.go"))
        assert heap(answer).count("new(int) escapes to heap") == 30
        session.set_text(
            str(module / "b.go"), b"package w\n\nvar all = map[int]*int{1: new(int)}\n"
        )
        assert heap(session.check(str(module / "b.go"))).count("new(int) escapes to heap") == 1

    with_deep_stack(run)


def test_a_package_that_starts_over_leaves_nothing_of_its_functions(module: Path) -> None:
    """A type that changes lets the package start over; a file that vanishes takes all with it."""
    a, b = (str(module / name) for name in ("a.go", "b.go"))
    (module / "box").mkdir()
    (module / "box" / "box.go").write_text("package box\n\ntype Box[T any] struct{ v *T }\n")
    text = (
        'package w\n\nimport "w/box"\n\nvar last *string\n\ntype {0} {1}\n\n'
        "var boxed box.Box[{0}]\n\nvar held struct{{ a {0}; b bool }}\n\n"
        "func g(p *string) {{ old{0}(); _ = boxed; last = p }}\n\nfunc h() any {{ return held }}\n\nfunc old{0}() {{}}\n"
    )

    gc.collect()
    others = {id(o) for o in gc.get_objects() if isinstance(o, Checker)}

    def functions() -> set[str]:
        gc.collect()
        found = [o for o in gc.get_objects() if isinstance(o, Checker) and o.pkg.path == "w"]
        assert len([o for o in found if id(o) not in others]) == 1
        names = {o.nname.name for o in gc.get_objects() if isinstance(o, Func)}
        return {name for name in names if name.startswith("old")}

    def run() -> None:
        session = Session(VARIABLES)
        for name, type_ in (("A", "[]int"), ("B", "map[string]int"), ("C", "interface{ m() }")):
            session.set_text(b, text.format(name, type_).encode())
            session.check(a)
            session.check(b)
            assert functions() == {"old" + name}
            session.set_text(b, None)
            session.check(a)
        assert functions() == set()
        session.close()

    with_deep_stack(run)


def test_types_of_a_body_go_with_it(module: Path) -> None:
    path = str(module / "a.go")
    text = "package w\n\nfunc f() any {{\n\ttype local struct{{ p *int }}\n\treturn local{{new(int)}}{}\n}}\n"

    def run() -> None:
        session = Session(VARIABLES)
        for n in range(6):
            session.set_text(path, text.format("; println(1)" * (n % 3)).encode())
            session.check(path)
        gc.collect()
        found = [o for o in gc.get_objects() if isinstance(o, Named) and o.obj.name == "local"]
        assert 0 < len(found) <= 2
        session.close()

    with_deep_stack(run)


def test_what_was_found_around_an_offset_is_all_that_touches_it(module: Path) -> None:
    session = Session(VARIABLES)
    path = str(module / "a.go")
    # Declarations without space between, generic code, a literal, and variables made at the start.
    text = (
        "package w\n\nvar v = func() *int { x := 1; return &x };var u = new([9]int)\n"
        "func f[T any](t T) *T {return &t};func g(n int) (*int, any) {\n\ts := make([]int, n)\n"
        "\treturn f(n), func() *int { return &s[0] }}\nfunc h(){ g(1); f(2.5); println(v, u) }\n"
    )

    def run() -> None:
        for above in (b"", b"// Moved.\n", b"var w = new(int)\n"):
            now = text.encode().replace(b"package w\n", b"package w\n" + above)
            session.set_text(path, now)
            answer = session.check(path)
            assert len(answer.findings) > 10
            for at in range(len(now) + 1):
                found = answer.findings_around(at, at)
                assert all(
                    f in found
                    for f in answer.findings
                    if stretch(f.place, now)[0] <= at <= stretch(f.place, now)[1]
                )
                assert [f for f in answer.findings if f in found] == list(found)
            assert len(answer.findings_around(0, len(now))) == len(answer.findings)
            assert not answer.findings_around(0, 5)

    with_deep_stack(run)


def test_a_loop_over_a_function_is_rewritten_when_its_body_is_checked_again(module: Path) -> None:
    path = str(module / "a.go")
    text = (
        "package w\n\ntype t struct{ last any }\n\nfunc (t *t) at(x any) { t.last = x }\n\n"
        "func seq(yield func(int) bool) { yield(1) }\n\n"
        "func (t *t) walk() {\n\tfor i := range seq {\n\t\tv := i\n\t\tt.at(&v)\n\t}\n}\n"
    )
    session = Session(VARIABLES)

    def run() -> None:
        for now in (text, text.replace("x any", "x an+1y"), text, text.replace("x any", "x *int")):
            session.set_text(path, now.encode())
            fresh = Session(VARIABLES)
            fresh.set_text(path, now.encode())
            assert repr(session.check(path).findings) == repr(fresh.check(path).findings)
            (analysed,) = session.analysed(path)
            snapshot = Snapshot(analysed.program, analysed.package)
            assert len(snapshot.info.range_funcs) == 1

    with_deep_stack(run)


@pytest.mark.parametrize("inline", [False, True])
def test_a_caller_is_read_with_what_the_function_takes_now(module: Path, inline: bool) -> None:
    path = str(module / "a.go")
    text = (
        "package w\n\nvar sink []any\n\nfunc f(s string) { keep(s); t(1).keep(&s) }\n\ntype t int\n\n"
        "func keep(s string) { sink = nil }\n\nfunc (t) keep(s *string) { sink = nil }\n"
    )
    more = text.replace("string)", "string, more ...any)").replace("= nil", "= more")
    session = Session(VARIABLES, Target(inline=inline))

    def run() -> None:
        for now in (text, more, more.replace("(s)", "(s, s)"), text):
            session.set_text(path, now.encode())
            fresh = Session(VARIABLES, Target(inline=inline))
            fresh.set_text(path, now.encode())
            assert said(session.check(path)) == said(fresh.check(path)) != []

    with_deep_stack(run)


LOW = """package low

var sink *int

func numbers(n int, _ *int) int { return deep(n) }

func Numbers(n int, _ *int) int { return numbers(n, nil) }

func deep(n int) int { sink = &n; return n }

func Keep(p *int) { sink = p; Numbers(1, p) }
"""


def test_no_body_is_read_to_know_what_a_function_without_pointers_leaks(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (module / "low/low.go").write_text(LOW)
    text = 'package w\n\nimport "w/low"\n\nfunc f() {\n\tx, y := 1, 2\n\tlow.Numbers(x, &y)\n}\n'
    (module / "a.go").write_text(text)
    read: list[str] = []
    check_body = Checker.check_body

    def note(checker: Checker, obj: objects.Func) -> None:
        read.append(obj.name)
        check_body(checker, obj)

    monkeypatch.setattr(Checker, "check_body", note)
    session = Session(VARIABLES, Target(inline=False))
    path = str(module / "a.go")
    with_deep_stack(lambda: session.check(path))
    assert "f" in read
    assert "Numbers" not in read
    # Whoever leaks something is read, and again only such as that leads to.
    session.set_text(path, text.replace("y)\n", "y)\n\tlow.Keep(&x)\n").encode())
    answer = with_deep_stack(lambda: session.check(path))
    assert [f.message for f in answer.findings] == ["moved to heap: x"]
    assert "Keep" in read


RING = """package low

var sink *int

func Ask(p *int, n int) *int { return ring(p, n) }

func ring(p *int, n int) *int {
	if n > 0 {
		q := new(int)
		numbers(n, *q)
		return other(p, n)
	}
	return p
}

//go:noinline
func numbers(n, m int) { println(*other(&m, n)) }

func other(p *int, n int) *int {
	defer println(n)
	if n > 1 {
		return ring(p, n-1)
	}
	return nil
}
"""


@pytest.mark.parametrize("inline", [True, False])
def test_what_is_told_on_demand_is_what_the_whole_package_tells(module: Path, inline: bool) -> None:
    (module / "low/low.go").write_text(RING)
    user = 'package w\n\nimport "w/low"\n\nfunc f() {\n\tx := 1\n\tlow.Ask(&x, 2)\n}\n'
    (module / "a.go").write_text(user)
    told = []
    for name in ("a.go", "low/low.go"):
        session = Session(VARIABLES, Target(inline=inline))
        with_deep_stack(partial(session.check, str(module / name)))
        (world,) = session._worlds.values()
        (state,) = [s for s in world.program._states.values() if s.loaded.import_path == "w/low"]
        told.append(state.tags)
    on_demand, whole = told
    assert {"ring", "other", "numbers"} <= on_demand.keys()
    assert on_demand == {name: whole[name] for name in on_demand}


def test_many_functions_that_go_at_once_are_looked_for_once(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a file is made anew, or another branch is checked out: what knows of functions is long."""
    path = module / "many.go"
    rest = "package w\n\nfunc stays() *int { z := 1; return &z }\n"
    many = "".join(f"func f{n}() *int {{ x := {n}; return &x }}\n" for n in range(30))
    called: list[int] = []
    drop = redeclared._drop_entries

    def counted(memo: Memo, entries: list[Entry]) -> None:
        called.append(len(entries))
        drop(memo, entries)

    monkeypatch.setattr(redeclared, "_drop_entries", counted)
    session = Session(VARIABLES)

    def run() -> None:
        session.set_text(str(path), (rest + many).encode())
        assert len(heap(session.check(str(path)))) == 31
        session.set_text(str(path), rest.encode())
        assert heap(session.check(str(path))) == ["moved to heap: z"]
        assert called == [30]

    with_deep_stack(run)

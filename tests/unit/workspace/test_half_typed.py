"""Declarations that are half typed: what is said is what a fresh analysis says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from goescape.escape.verdict import BatchResult
from goescape.syntax import ast
from goescape.workspace import solving
from goescape.workspace.entry import Cluster
from goescape.workspace.memo import Memo
from goescape.workspace.passes import Passes
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session, Target
from harness.following import VARIABLES, said

SEQUENCES = {
    "generic code gets an instance": [
        "package p\n\nvar sink any\n\nfunc f[T any](t T) *T { return &t }\n\nfunc g() {  }\n",
        "package p\n\nvar sink any\n\nfunc f[T any](t T) *T { return &t }\n\nfunc g() { sink = f(1) }\n",
        "package p\n\nvar sink any\n\nfunc f[T any](t T) *T { return &t }\n\nfunc g() {  }\n\nfunc h() { sink = f(2) }\n",
    ],
    "a variable comes to stand in the text of an import": [
        'package p\n\nimport (\n\t"fmt"\n\t"io"\n\t"strings"\n)\n\nvar x = new(int)\n',
        'package p\n\nimport (\n\t"fmt"\n\t"io"\n\t"strings"\nvar x = new(int)\n',
    ],
}
GENERIC = """package p

type list[T any] struct {
\thead *node[T]
}

type node[T any] struct {
\tval  T
\tnext *node[T]
}

type pair struct{ a *int }

func (l *list[T]) push(v T) *list[T] {
\tl.head = &node[T]{v, l.head}
\treturn l
}

func mapped[T, U any](l *list[T], f func(T) U) *list[U] {
\tr := new(list[U])
\tfor n := l.head; n != nil; n = n.next {
\t\tr.push(f(n.val))
\t}
\treturn r
}

func unused[T any](p *T) *T { return p }

func user() *list[string] {
\tl := new(list[int])
\treturn mapped(mapped(l.push(1), func(i int) pair { return pair{&i} }), func(p pair) string { return "" })
}

var table = mapped(new(list[string]), func(s string) *pair { return &pair{} })
"""


def edited(*pairs: tuple[str, str]) -> list[str]:
    """`GENERIC`, each edit of it, and between them `GENERIC` again."""
    found = [GENERIC]
    for before, after in pairs:
        assert before in GENERIC
        found += [GENERIC.replace(before, after), GENERIC]
    return found


SEQUENCES["the body of a generic function"] = edited(
    ("\treturn r\n", ""),
    ("\treturn r\n", "\tprintln()\n\treturn r\n"),
    ("\treturn r\n", "\treturn new(list[U])\n"),
    ("\tr := new(list[U])\n", "\tr := new(list[U])\n\tgo func() { println(r) }()\n"),
    ("\tr := new(list[U])\n", "\ttype local struct{ u U }\n\t_ = local{}\n\tr := new(list[U])\n"),
    ("r.push(f(n.val))", "unused(new(list[*U]).push(nil))"),
    ("{ return p }", "{ return new(T) }"),
)
SEQUENCES["a method of a generic type"] = edited(
    ("l.head = &node[T]{v, l.head}", ""),
    ("l.head = &node[T]{v, l.head}", "l.head = &node[T]{v, l."),
    ("\treturn l\n", "\treturn new(list[T])\n"),
    ("\treturn l\n", "\tunused(&v)\n\treturn l\n"),
)
SEQUENCES["a dictionary that is passed on gets shorter"] = [
    GENERIC,
    GENERIC.replace("&node[T]{v", '&node[T]{"v'),
    GENERIC.replace("&node[T]{v", '&node[T]{"v').replace("return l\n", "rrn l\n"),
    GENERIC.replace("l.head = &node[T]{v, l.head}", "").replace("\treturn l\n", "\treturn nil\n"),
    GENERIC,
]
SEQUENCES["who needs instances"] = edited(
    ("\tl := new(list[int])\n", "\tl := new(list[int]\n"),
    ("var table = mapped", "var tablemapped"),
    ("var table = mapped(new(list[string]), func(s string) *pair { return &pair{} })\n", ""),
    ("func user", "func more(l list[*string]) {}\n\nfunc user"),
    ("func user", "func (p pair) more() (l list[*string]) { return }\n\nfunc user"),
)

STRUCTS = """package p

import "unsafe"

type inner struct {
	a int
	p *int
}

type outer struct {
	inner
	in   inner
	next *outer
	name string
}

type pair2 struct{ n int }

type other pair2

type key struct{ n int }

type table map[key]*outer

type deep struct{ *outer }

type sized [unsafe.Sizeof(key{})]byte

type namer interface{ Name() string }

const where = unsafe.Offsetof(outer{}.name)

var first = outer{name: "x"}

var all = []outer{first}

func (o *outer) Name() string { return o.name }

func (i inner) sum() int { return i.a }

func (o *outer) set(p *int) { o.p, o.in.p = p, nil }

func fresh(n int) *outer {
	o := new(outer)
	o.set(&n)
	return o
}

func byValue(o outer) any { return o }

func pointers(o *outer) *string {
	if o.next != nil && o.sum() > 0 {
		return &o.next.name
	}
	return &o.name
}

func lists(n int) []outer {
	list := make([]outer, n, 10)
	for _, o := range list {
		_ = func() outer { return o }
	}
	return append(list, all...)
}

func literals() (*outer, namer, inner) {
	i := inner{1, nil}
	return &outer{inner: i}, &outer{next: &first}, i
}

func keys(t table, k key) bool { return t[k] != nil && k == key{} }

func generic[T any](t T) *T { return &t }

func instance() *inner { return generic(inner{}) }

func through(d deep, k int) (namer, *int) {
	if d.Name() == "" && d.sum() > k {
		return d, d.in.p
	}
	return &d, d.p
}

func embeds(d *deep) { *d = deep{fresh(3)} }

func unrelated() *int { return new(int) }
"""


def steps(text: str, *pairs: tuple[str, str]) -> list[str]:
    """`text`, each edit of it, and between them `text` again."""
    found = [text]
    for before, after in pairs:
        assert before in text
        found += [text.replace(before, after, 1), text]
    return found


SEQUENCES["a field"] = steps(
    STRUCTS,
    ("	name string\n", "	name string\n	more [100]*int\n"),
    ("	name string\n", "	more [100]*int\n	name string\n"),
    ("	name string\n", "	name []byte\n"),
    ("	name string\n", "	title string\n"),
    ("	name string\n", "	name string `tag`\n"),
    ("	name string\n", "	name string // why\n\n"),
    ("	name string\n", ""),
    ("	name string\n", "	name string\n	more\n"),
    ("	name string\n", "	name string\n	sum int\n"),
    ("	name string\n", "	name string\n	set int\n"),
    ("	name string\n", "	name string\n	self outer\n"),
    ("	name string\n", "	name string\n	name string\n"),
    ("	name string\n", "	name string\n	a int\n"),
    ("	name string\n", "	int) name string\n"),
    ("	next *outer\n", " to split.\n	next *outer\n"),
    ("	a int\n", "	a int64\n"),
    ("	a int\n", ""),
    ("	a int\n	p *int\n", "	p *int\n	a int\n"),
    ("	p *int\n", "	p, q *int\n"),
    ("key struct{ n int }", "key struct{ n []int }"),
    ("key struct{ n int }", "key struct{ n, m int }"),
    ("key struct{ n int }", "key struct{ n "),
    ("	inner\n", ""),
    ("	inner\n", "	*inner\n"),
    ("	next *outer\n", "	next *other\n"),
    ("pair2 struct{ n int }", "pair2 struct{ n, m int }"),
    ("	next *outer\n", "	more, next *outer\n"),
)
SEQUENCES["an embedded field"] = steps(
    STRUCTS,
    ("	in   inner\n", "	in   inner\n	x9\n"),
    ("	in   inner\n", "	in   inner\n	x9 *\n"),
    ("	in   inner\n", "	in   inner\n	x9 *i\n"),
    ("	in   inner\n", "	in   inner\n	key\n"),
    ("	in   inner\n", "	in   inner\n	*key\n"),
    ("	in   inner\n", "	in   inner\n	pair2\n	key\n"),
    ("	in   inner\n", "	in   inner\n	namer\n"),
    ("	in   inner\n", "	in   inner\n	error\n"),
    ("	in   inner\n", "	in   inner\n	table\n"),
    ("	in   inner\n", "	in   inner\n	*outer\n"),
    ("	in   inner\n", "	in   inner\n	other\n	in2, x9 *in\n"),
    ("struct{ *outer }", "struct{ *outer; inner }"),
    ("struct{ *outer }", "struct{ *outer; namer }"),
    ("struct{ *outer }", "struct{ *outer; key }"),
    ("struct{ *outer }", "struct{ outer }"),
    ("struct{ *outer }", "struct{ o *outer }"),
    ("struct{ *outer }", "struct{ *outer; sum func() int }"),
)

INTERFACES = """package p

import "io"

type shape interface {
	Area() *int
	io.Closer
}

type named interface{ Name() string }

type both interface {
	named
	Size() int
}

type number interface{ ~int | ~int8 }

type anything interface{}

type also named

type round struct{ r *int }

type square struct {
	named
	side int
}

var first shape = &round{}

var table = map[string]named{"a": square{}, "b": also(square{})}

func (r *round) Area() *int { return r.r }

func (r *round) Close() error { return nil }

func (s square) Size() int { return s.side }

func (s square) More(p *int) *int { return p }

func area(s shape) *int {
	x := 1
	*s.Area() = x
	return s.Area()
}

func made() *int {
	r := round{new(int)}
	var s shape = &r
	defer s.Close()
	return area(s)
}

func asks(v any) (shape, bool) {
	switch v := v.(type) {
	case shape:
		return v, true
	case io.Closer:
		s, ok := v.(shape)
		return s, ok
	}
	return nil, false
}

func promoted(s square) string {
	f := s.Name
	println(s.Size())
	return f() + named.Name(s)
}

func closes(s shape) io.Closer { return s }

func sized(b both) named { return b }

func generic[T named](t T) string { return t.Name() }

func sum[T number](ts ...T) (n T) {
	for _, t := range ts {
		n += t
	}
	return n
}

func calls(a anything) (string, int, any) { return generic(square{}), sum(1, 2), a }

func unrelated() *int { return new(int) }
"""


SEQUENCES["an interface"] = steps(
    INTERFACES,
    ("	Area() *int\n", "	Area() *int\n	More(p *int) *int\n"),
    ("	Area() *int\n", "	More(p *int) *int\n	Area() *int\n"),
    ("	Area() *int\n", "	Area() []int\n"),
    ("	Area() *int\n", "	Area() *int // why\n\n"),
    ("	Area() *int\n", "	Aria() *int\n"),
    ("	Area() *int\n", ""),
    ("	Area() *int\n", "	Area() *int\n	F\n"),
    ("	Area() *int\n", "	Area() *int\n	F(\n"),
    ("	Area() *int\n", "	Area() *int\n	F(x *in)\n"),
    ("	Area() *int\n", "	Area() *int\n	Area() *int\n"),
    ("	Area() *int\n", "	Area() *int\n	Close() error\n"),
    ("	Area() *int\n", "	Area() *int\n	Close()\n"),
    ("	io.Closer\n", ""),
    ("	io.Closer\n", "	io.Closer\n	named\n"),
    ("	io.Closer\n", "	named\n"),
    ("	io.Closer\n", "	int\n"),
    ("interface{ Name() string }", "interface{ Name() string; Size() int }"),
    ("interface{ Name() string }", "interface{ Name() []byte }"),
    ("interface{ Name() string }", "interface{ Name() string; "),
    ("interface{ Name() string }", "interface{}"),
    ("interface{ Name() string }", "interface{ comparable; Name() string }"),
    ("	Size() int\n", "	Size() int\n	More(p *int) *int\n"),
    ("	Size() int\n", ""),
    ("~int | ~int8", "~int | ~int16"),
    ("interface{}", "interface{ Name() string }"),
    ("interface{}", "interface{ /* all */ }"),
    ("	named\n	side", "	both\n	side"),
)


def typed(text: str, at: str, new: str) -> list[str]:
    """`text` while `new` is typed in front of `at`, and then taken away."""
    head, tail = text.split(at, 1)
    return [head + new[:n] + at + tail for n in range(len(new) + 1)] + [text]


SEQUENCES["a field is typed"] = typed(STRUCTS, "	next *outer\n", "	x9, y9 *inner\n")
SEQUENCES["a function is typed"] = typed(
    STRUCTS, "\ntype inner", "\nfunc f9(p *inner) (*int, namer) {\n\treturn p.p, nil\n}\n"
)
SEQUENCES["a function is typed among functions"] = typed(
    STRUCTS, "\nfunc (o *outer) Name", "\nfunc (o *outer) f9() {\n\tgo func() { o.set(nil) }()\n}\n"
)
for what, new in {
    "a type": "\ntype t9 struct {\n\tinner\n\tnext *t9\n}\n",
    "a number": "\ntype t9 []outer\n",
    "a generic type": "\ntype t9[T any] struct {\n\tp *T\n}\n",
    "an alias": "\ntype t9 = *outer\n",
    "a generic function": "\nfunc f9[T any](p []T) *T {\n\tx := p[0]\n\treturn &x\n}\n",
}.items():
    SEQUENCES[f"{what} is typed"] = typed(STRUCTS, "\ntype inner", new)
SEQUENCES["what is used comes and goes"] = steps(
    STRUCTS,
    ("\ntype inner", "\ntype t9[T any] struct{ p *T }\n\nvar v9 t9[outer]\n\ntype inner"),
    (
        "\ntype inner",
        "\ntype t9 struct{ inner }\n\nfunc (t *t9) Name() *int { return t.p }\n\ntype inner",
    ),
    ("\ntype inner", "\nfunc f9[T any](p T) any { return &p }\n\nvar v9 = f9(1)\n\ntype inner"),
    ("\ntype inner", "\ntype t9 = inner\n\nfunc f9() *t9 { return &t9{} }\n\ntype inner"),
    ("\ntype inner", "\ntype int struct{ p *inner }\n\ntype inner"),
    ("unrelated() *int", "unrelated[T any]() *int"),
)
SEQUENCES["what is used changes"] = [
    STRUCTS.replace(
        "\ntype inner", f"\n{declared}\n\nfunc g9() any {{ return {used} }}\n\ntype inner"
    )
    for declared, used in (
        ("func f9[T any](p T) *T { return &p }", "f9(1)"),
        ("func f9[T any](p, q T) *T { return &p }", "f9(1)"),
        ("func f9[T any](p, q T) *T { return &p }", "1"),
        ("func f9[T any](p *T) *T { return p }", "1"),
        ("func f9[T any](p *T) *T { return p }", "f9(new(int))"),
        ("func f9(p *int) *int { return p }", "f9(new(int))"),
        ("type f9[T any] struct{ p, q *T }", "f9[int]{}"),
        ("type f9[T any] struct{ p *T }", "f9[int]{}"),
        ("type f9[T any] struct{ p *T }", "1"),
        ("type f9[T any] []*T", "1"),
        ("type f9[T any] []*T", "f9[int]{nil}"),
        ("type f9 []*int", "f9{nil}"),
        ("type f9 = []*int", "f9{nil}"),
        ("type f9 = []*int", "1"),
        ("type f9 int", "1"),
        ("type f9 struct{ p *int }", "1"),
        ("type f9 struct{ p *int }", "f9{}"),
    )
]
SEQUENCES["a type whose instance is not read now"] = [
    INTERFACES,
    INTERFACES.replace("generic(square{}),", "generic(square{}) +,"),
    INTERFACES.replace("generic(square{}),", "generic(square{}) +,").replace(
        "side int", "side, b int"
    ),
    INTERFACES.replace("side int", "side, b int"),
    INTERFACES,
]
SEQUENCES["a method of an interface is typed"] = typed(
    INTERFACES, "\n	Area() *int\n", "\n	More(p *int, s shape) *int"
)


OPAQUE = """package p

type reader interface{ Read(p *int) *int }

type box[T any] struct{ v *T }

func (b *box[T]) Read(p *int) *int { return low(p, b.v) }

func low[T any](p *int, v *T) *int {
	if v == nil {
		panic(v)
	}
	return p
}

func mid[T any](v *T) *int {
	x := 1
	return low(&x, v)
}

func top[T any]() *int { return mid(new(T)) }

func through[T any]() int {
	x := 1
	var r reader = &box[T]{}
	return *r.Read(&x)
}

func alone[T any](v T) *T { return &v }

func plain() *int { return new(int) }

func asks[T any](v T) (*int, any) { return plain(), v }
"""

SEQUENCES["a dictionary that methods pass on grows"] = steps(
    "package p\n\ntype pair[K, V any] struct{ k K; v V }\n\nfunc id[E any](e E) E {\n\treturn e\n}\n\n"
    "func (p pair[K, V]) get() *V { return id(&p.v) }\n\nvar held pair[int, string]\n",
    ("\treturn e\n", "\tif len([]E{e}) > 1 {\n\t\treturn id(e)\n\t}\n\treturn e\n"),
)
SEQUENCES["bodies of what has no instance"] = steps(
    OPAQUE,
    ("	return p\n", "	return new(int)\n"),
    ("	return p\n", "	var r reader\n	return r.Read(p)\n"),
    ("	return p\n", "	println(*p)\n	return nil\n"),
    ("	if v == nil {\n		panic(v)\n	}\n", ""),
    ("low(p, b.v)", "nil"),
    ("low(p, b.v)", "new(int)"),
    ("low(&x, v)", "low(nil, v)"),
    ("{ return &v }", "{ return new(T) }"),
    ("{ return &v }", "{ return &v; }; var sink = alone(1)"),
    ("{ return new(int) }", "{ x := 1; return &x }"),
    ("{ return new(int) }", "{ return *alone(new(int)) }"),
    ("mid(new(T))", "mid(new(T)) + 1"),
)


def test_of_what_has_no_instance_only_who_reads_the_edited_body_is_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")
    asked: list[set[str]] = []
    aside = Passes.opaque_results_aside

    def spy(self: Passes, *args: Any) -> list[BatchResult]:
        results = aside(self, *args)
        asked.append(
            {f.syn.name.value for r in results for f in r.funcs if isinstance(f.syn, ast.FuncDecl)}
        )
        return results

    monkeypatch.setattr(Passes, "opaque_results_aside", spy)

    def run() -> None:
        session = Session(VARIABLES)
        text = OPAQUE
        for before, after in (
            ("", ""),
            ("{ return &v }", "{ return new(T) }"),
            ("	return low", "	x++\n	return low"),
        ):
            text = text.replace(before, after, 1)
            session.set_text(path, text.encode())
            session.check(path)

    with_deep_stack(run)
    assert asked[0] > {"low", "mid", "top", "through", "alone", "asks"}
    assert asked[1:] == [{"alone"}, {"mid", "top"}]


@pytest.mark.parametrize("name", [name for name in SEQUENCES if "typed" in name])
def test_while_a_declaration_is_typed_types_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")

    def run() -> list[str]:
        session = Session(VARIABLES)
        lost, checkers = [], set()
        for text in SEQUENCES[name]:
            session.set_text(path, text.encode())
            session.check(path)
            (analysed,) = session.analysed(path)
            checkers.add(analysed.program.state(analysed.package).checker)
            if len(checkers) > 1:
                lost.append(text)
                checkers.clear()
        return lost

    assert with_deep_stack(run) == []


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", SEQUENCES)
def test_each_step_is_followed(tmp_path: Path, name: str, inline: bool) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")

    def run() -> None:
        session = Session(VARIABLES, Target(inline=inline))
        for text in SEQUENCES[name]:
            fresh = Session(VARIABLES, Target(inline=inline))
            for one in (session, fresh):
                one.set_text(path, text.encode())
            assert said(session.check(path)) == said(fresh.check(path)), text

    with_deep_stack(run)


@pytest.mark.parametrize("inline", [True, False])
def test_instances_in_other_packages_follow(tmp_path: Path, inline: bool) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    (tmp_path / "q").mkdir()
    path, using = tmp_path / "p.go", tmp_path / "q" / "q.go"
    text = (
        "package p\n\ntype L[T any] struct{ v *T }\n\nfunc (l *L[T]) Set(v *T) { l.v = v }\n\n"
        "func Keep[T any](p *T) *T {\n\tif p == nil {\n\t\tpanic(1)\n\t}\n\treturn p\n}\n"
        "type A = []*int\n\ntype E[T any] []*T\n\ntype U = int\n\nfunc Un[T any](p T) any { return p }\n"
    )
    path.write_text(text)
    using.write_text(
        'package q\n\nimport "example.com/p"\n\nvar l p.L[int]\n\nvar a p.A\n\nvar e p.E[int]\n\n'
        "func g() int { x := 1; a, e = p.A{&x}, p.E[int]{&x}; return len(a) }\n\n"
        "func f() *string {\n\tx, y := 1, 2\n\tl.Set(&x)\n\tp.Keep(&y)\n\treturn p.Keep(new(string))\n}\n"
    )

    def run() -> None:
        session = Session(VARIABLES, Target(inline=inline))
        session.check(str(path)), session.check(str(using))
        for before, after in (
            ("\treturn p\n", "\treturn new(T)\n"),
            ("l.v = v", "l.v = new(T)"),
            ("\treturn p\n", ""),
            ("l.v = v", "l.v ="),
            ("Keep[T any](p *T)", "Keep[T any](p, q *T)"),
            ("Keep[T any](p *T) *T", "Keep[T any](p *T) any"),
            ("func Keep", "func keep"),
            ("A = []*int", "A = []*string"),
            ("A = []*int", "A []*int"),
            ("type A", "type B"),
            ("E[T any] []*T", "E[T any] []T"),
            ("type E", "type e"),
            ("U = int", "V = string"),
            ("Un[T any](p T) any", "Un[T any](p *T) *T"),
        ):
            for new in (text.replace(before, after), text):
                fresh = Session(VARIABLES, Target(inline=inline))
                for one in (session, fresh):
                    one.set_text(str(path), new.encode())
                for file in (using, path):
                    assert said(session.check(str(file))) == said(fresh.check(str(file))), new

    with_deep_stack(run)


def test_only_instances_and_who_reads_them_are_analysed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")
    session = Session(VARIABLES)
    solved: set[str] = set()
    solve = solving.solve

    def spy(memo: Memo, cluster: Cluster, is_told: bool = False) -> None:
        solved.update(e.func.nname.name for e in cluster.entries)
        solve(memo, cluster, is_told)

    monkeypatch.setattr(solving, "solve", spy)

    def run() -> None:
        session.set_text(path, GENERIC.encode())
        session.check(path)
        solved.clear()
        new = GENERIC.replace("\treturn r\n", "\tprintln()\n\treturn r\n")
        session.set_text(path, new.encode())
        session.check(path)

    with_deep_stack(run)
    assert any(name.startswith("mapped[") for name in solved)
    assert not any("push" in name for name in solved)


@pytest.mark.parametrize("clause", ["", "package p\n\n"])
def test_a_literal_without_an_end_of_which_nothing_is_said(
    tmp_path: Path, clause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parser stops complaining where the import declaration goes wrong."""
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    (tmp_path / "q.go").write_text("package p\n\nfunc f() *int { return new(int) }\n")
    path = str(tmp_path / "p.go")

    def run() -> None:
        session = Session(VARIABLES)
        text = clause + 'import (\n\t"errors"\nvar v = errors.New("a\n'
        session.set_text(path, text.encode())
        assert session.check(path).problems

    bugs: list[object] = []
    monkeypatch.setattr("goescape.ir.lower_expr.report", lambda *what: bugs.append(what))
    with_deep_stack(run)
    assert not bugs


def test_what_means_nothing_for_an_error_elsewhere_is_no_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A name of the language is declared anew, which makes constants wrong far away."""
    monkeypatch.delenv("GOESCAPE_STRICT", raising=False)
    path = tmp_path / "p.go"
    text = """package p

type kind int

const first kind = 1 << iota

func uses(k kind) bool {
	switch k {
	case first:
		return true
	}
	return false
}

func other() *rune { x := 'x'; return &x }
"""
    path.write_text(text)
    session = Session(VARIABLES, Target())
    for inserted in ("", "type int string\n", "func kind() {}\n", "const true = first\n"):
        session.set_text(str(path), text.replace("func uses", inserted + "func uses").encode())
        answer = with_deep_stack(lambda: session.check(str(path)))
        assert bool(answer.problems) is bool(inserted)
        assert "moved to heap: x" in {f.message for f in answer.findings}
    assert [r.getMessage() for r in caplog.records] == []

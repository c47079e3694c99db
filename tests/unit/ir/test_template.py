"""A body that is copied is what lowering it once more would give."""

from __future__ import annotations

from typing import Any

import pytest
from goescape.ir.inline_body import expand
from goescape.ir.nodes import CallExpr, ClosureExpr, Name, Node
from goescape.ir.template import Template
from goescape.ir.visit import FIELDS, children, fields, walk
from goescape.source.positions import OFFSET_MASK
from harness.ir import Units, func

BODIES = {
    "locals": "r := p + 1; q := &r; *q++; return r",
    "statements": "if p > 1 { p-- } else if p < 0 { return 0 }; switch p { case 1, 2: p = 3; default: p = 4 }; return p",
    "loops": "s := 0; for i := 0; i < p; i++ { s += i; sink = append(sink, &s) }; for _, x := range sink { s += *x }; return s",
    "values": "m := map[string][]int{name: {1, 2}}; v, ok := m[name]; _ = ok; t := T{a: p}; t.set(&p); return len(v[1:]) + t.a",
    "conversions": "var e any = p; n, _ := e.(int); println(string(name[0]), []byte(name)); return n",
    "blocks": "{ p := p; sink = nil; _ = p }; type local struct{ x int }; l := new(local); l.x = p; return l.x + min(p, 3)",
    "results": "n, err := other(p); if err != nil { panic(err) }; return n",
}
NOT_COPIED = {
    "literals": "f := func() int { return p }; return f()",
    "labels": "L: for { break L }; return p",
    "instances": "return generic(p)",
    "methods of instances": "return box[int]{p}.get()",
}
PROGRAM = """package p

import "unsafe"

type T struct { a int; b [2]string }
func (t *T) set(p *int) { t.a = *p; _ = unsafe.Sizeof(t.b) }
type box[E any] struct { e E }
func (b box[E]) get() E { return b.e }
var sink []*int
var name = "name"
func other(p int) (n int, err error) { return p, nil }
func generic[E any](e E) E { return e }
"""


def program(body: str) -> str:
    return (
        PROGRAM
        + f"func f(p int) int {{ {body} }}\nfunc g() int {{ return f(1) + f(2) + f(3) + f(4) }}\n"
    )


def expansions(body: str) -> tuple[list[list[Node]], Template | None]:
    """The bodies of f as they are expanded one after the other, and what they are copied from."""
    unit = Units().unit(program(body))
    f, g = func(unit, "f"), func(unit, "g")
    calls = [n for n in walk(g.body) if isinstance(n, CallExpr)]
    assert f.body and len(calls) == 4
    found = [expand(unit, g, call, f, True)[0] for call in calls]
    return [[*e.init, *e.body, *e.return_vars] for e in found], unit.templates.known(f)


class Alike:
    """Compares nodes: they are laid out alike, and their locals and definitions correspond."""

    def __init__(self) -> None:
        self.pairs: dict[Node, Node] = {}
        self.names: dict[Name, Name] = {}

    def all(self, a: Any, b: Any) -> None:
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            self.node(x, y)

    def node(self, a: Any, b: Any) -> None:
        assert a.__class__ is b.__class__
        if a is None or (a is b and isinstance(a, Name)):
            return
        assert a is not b, "a node is in two functions"
        if isinstance(a, Name):
            assert self.names.setdefault(a, b) is b
            return
        self.pairs[a] = b
        fields = {field.lstrip("*"): field for field in FIELDS[a.__class__]}
        self.all(a.init, b.init)
        for field in (*Node.__slots__, *a.__class__.__slots__):
            x, y = getattr(a, field), getattr(b, field)
            if field == "pos":
                assert x & OFFSET_MASK == y & OFFSET_MASK or {x, y} & {c.pos for c in (a, b)}
            elif field not in fields and field not in ("init", "index", "label"):
                assert x == y, field
        for field, kind in fields.items():
            x, y = getattr(a, field), getattr(b, field)
            (self.all if kind[0] == "*" else self.node)(x, y)

    def definitions(self) -> None:
        for a, b in self.names.items():
            assert (self.pairs.get(a.defn) if a.defn is not None else None) is b.defn
            for field in (
                "name",
                "cls",
                "type",
                "addrtaken",
                "used",
                "reassigned",
                "is_ddd",
                "obj",
                "curfn",
            ):
                assert getattr(a, field) == getattr(b, field), field
            assert a.pos & OFFSET_MASK == b.pos & OFFSET_MASK


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_third_expansion_is_as_the_first_ones(body: str) -> None:
    (first, second, third, fourth), template = expansions(body)
    assert template is not None
    for other in (second, third, fourth):
        alike = Alike()
        alike.all(first[1:], other[1:])
        for a, b in alike.pairs.items():
            assert a.syn is b.syn and a.type == b.type
        assert alike.names
        alike.pairs[first[0]] = other[0]
        alike.definitions()


@pytest.mark.parametrize("body", NOT_COPIED.values(), ids=NOT_COPIED)
def test_what_depends_on_where_it_is_expanded_is_lowered_again(body: str) -> None:
    assert expansions(body)[1] is None


def test_what_is_stored_to_is_known_of_a_copy() -> None:
    unit = Units().unit(program("r := p; if r > 1 { p, r = r, p }; return r"))
    f, g = func(unit, "f"), func(unit, "g")
    assert f.body
    calls = [n for n in walk(g.body) if isinstance(n, CallExpr)]
    *_, last = [expand(unit, g, call, f, True) for call in calls]
    inlined, copied = last
    assert copied is not None
    stmts = [n for n in walk(inlined.body) if n.op in ("OAS", "OAS2", "OASOP")]
    assert len(stmts) == 3 and set(stmts) == set(copied.stores)


def test_calls_are_known_of_a_copy_and_where_they_hang() -> None:
    unit = Units().unit(
        program(
            "n, err := other(h(p)); if h(h(n)) > 1 { return h(p) }; for range h(p) { n = h(len(err.Error())) }; return n"
        )
        + "func h(p int) int { return p }\n"
    )
    f, g = func(unit, "f"), func(unit, "g")
    assert f.body
    calls = [n for n in walk(g.body) if isinstance(n, CallExpr)]
    *_, (inlined, copied) = [expand(unit, g, call, f, True) for call in calls]
    assert copied is not None
    operands_first: list[Node] = []

    def visit(nodes: list[Node]) -> None:
        for n in nodes:
            visit(children(n))
            if isinstance(n, CallExpr) and n.op in ("OCALLFUNC", "OCALLINTER"):
                operands_first.append(n)

    visit(inlined.body)
    assert [call for call, _, _ in copied.calls] == operands_first
    assert len(operands_first) == 8
    for call, holder, at in copied.calls:
        assert (holder[at] if isinstance(at, int) else getattr(holder, at)) is call
    held = [holder for _, holder, at in copied.calls if isinstance(at, int)]
    lists = [
        inlined.body,
        *(getattr(n, f[1:]) for n in walk(inlined.body) for f in fields(type(n)) if f[0] == "*"),
    ]
    assert held and all(any(holder is x for x in lists) for holder in held)


def test_another_body_is_not_a_copy_of_the_last_one() -> None:
    unit = Units().unit(program("return p + 1"))
    f, g = func(unit, "f"), func(unit, "g")
    assert f.body
    calls = [n for n in walk(g.body) if isinstance(n, CallExpr)]
    for call in calls[:3]:
        expand(unit, g, call, f, True)
    assert unit.templates.known(f) is not None
    unit.renew(f)
    assert f.body
    assert unit.templates.known(f) is None


def test_copies_of_a_literal_share_what_it_has_captured() -> None:
    body = "s, q := 0, &p; add := func(n int) { if r := n; r > 1 { s += *q * r } }; add(1); add(2); add(3); return s"
    unit = Units().unit(program(body))
    f = func(unit, "f")
    literal = next(n.func for n in walk(f.body) if isinstance(n, ClosureExpr))
    assert literal.body
    calls = [n for n in walk(f.body) if isinstance(n, CallExpr)]
    first, second, third = [expand(unit, f, call, literal, True)[0] for call in calls]
    assert unit.templates.known(literal) is not None
    captured = {n for n in f.dcl if n.name in ("s", "q")}
    assert len(captured) == 2
    for other in (second, third):
        alike = Alike()
        alike.all(first.body, other.body)
        assert captured.isdisjoint(alike.names)
        assert captured <= set(walk(other.body))
        assert {n.name for n in alike.names} == {"n", "r"}

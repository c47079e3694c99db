"""Children, forwards, backwards, and where they hang, are the same nodes."""

from __future__ import annotations

from goescape.ir import nodes as ir
from goescape.ir.nodes import Node
from goescape.ir.visit import (
    STATEMENTS,
    Link,
    children,
    edit_children,
    fields,
    push_children,
    push_links,
    walk,
)
from harness.ir import Units

_TEXT = """package p

type s struct{ a, b int }

func f(m map[string]int, c chan int, p *s, x any, n ...int) (r int, err error) {
	defer func() { r++ }()
	a, ok := m["k"]
	for i, v := range n {
		if ok = i > v; ok && a < 1 || !ok {
			n = append(n[:i:i], p.a, s{b: 2}.b, [2]int{1: 3}[1])
		} else if t, is := x.(interface{ M() int }); is {
			go t.M()
		}
	}
loop:
	for i := 0; i < 3; i++ {
		select {
		case v := <-c:
			c <- v
		default:
			break loop
		}
	}
	switch y := x.(type) {
	case int, string:
		_ = y
	case *s:
		return y.b, nil
	}
	switch {
	case len(m) > 0:
		a += int("s"[0]) + -a
	}
	return a, err
}
"""


def nodes() -> list[Node]:
    (func,) = Units().unit(_TEXT).declared_funcs()
    return list(walk(func.body))


def test_the_first_child_comes_on_top() -> None:
    found = nodes()
    assert len({type(n) for n in found}) > 25
    for n in found:
        stack = [n]
        push_children(n, stack)
        assert stack == [n, *children(n)[::-1]]
        assert children(n) is not n.init  # Whoever gets the list may change it.


def test_links_say_where_children_hang() -> None:
    for n in nodes():
        hanging = list[Link]()
        push_links(n, hanging)
        assert [x for x, *_ in hanging] == [x for x in children(n) if type(x) is not ir.Name]
        for x, holder, at in hanging:
            if isinstance(at, int):
                assert x is holder[at] and any(
                    holder is getattr(n, f[1:]) for f in fields(type(n)) if f[0] == "*"
                )
            else:
                assert holder is n and x is getattr(n, at)


def test_what_is_edited_is_what_there_was() -> None:
    for n in nodes():
        before, seen = children(n), list[Node]()

        def edit(x: Node, seen: list[Node] = seen) -> Node:
            seen.append(x)
            return x

        edit_children(n, edit)
        assert seen == before == children(n)
        for field in STATEMENTS.get(type(n), ()):
            assert all(x in before for x in getattr(n, field))

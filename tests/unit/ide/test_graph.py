"""The escape graph of the function under the cursor, against graphs drawn by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.ide.flow import flow
from goescape.ide.graph import MAX_EDGES, MAX_NODES, MAX_STEPS, GraphView, graph_view
from goescape.workspace.cancelled import Cancelled
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session, Target
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

TALK = """package w

var p **int

func f2() {
	var t **int
	y1 := 1
	$0y2 := &y1
	y3 := y2

	t = &y2
	p = t
	t = &y3
}
"""
"""The worked example of the talk, with the cursor on y2."""


class Module:
    """One file `w.go` in a module of its own; `$0` marks the cursor."""

    def __init__(self, folder: Path, inline: bool = False) -> None:
        (folder / "go.mod").write_text("module w\n\ngo 1.24\n")
        self.path = str(folder / "w.go")
        self.session = Session(VARIABLES, Target(goos="linux", goarch="amd64", inline=inline))

    def view(self, marked: str) -> GraphView | None:
        text = marked.encode()
        offset = text.index(b"$0")
        text = text.replace(b"$0", b"")
        self.session.set_text(self.path, text)
        graph = with_deep_stack(lambda: self.session.graph(self.path, offset))
        return graph_view(graph, self.path, text, offset) if graph is not None else None

    def graph(self, marked: str) -> GraphView:
        found = self.view(marked)
        assert found is not None
        return found

    def check(self) -> FileAnswer:
        return with_deep_stack(lambda: self.session.check(self.path))


@pytest.fixture
def module(tmp_path: Path) -> Module:
    return Module(tmp_path)


def edges(found: GraphView) -> dict[str, tuple[int, str, str]]:
    """Each edge by its flow: its derefs, its reasons, and the outermost's text."""
    return {e.flow: (e.derefs, e.why, e.text) for e in found.graph.edges}


def path(found: GraphView) -> list[str]:
    flows = {e.id: e.flow for e in found.graph.edges}
    return [flows[id] for id in found.path]


def events(found: GraphView) -> list[str]:
    return [step.event for step in found.graph.solver]


def verdicts(found: GraphView) -> dict[str, str]:
    return {n.label: n.verdict for n in found.graph.nodes}


def test_the_talks_example_is_drawn_and_walked_as_on_its_slides(module: Module) -> None:
    found = module.graph(TALK)
    assert found.graph.function == "f2" and found.graph.note == ""
    assert verdicts(found) == {
        "{heap}": "",
        "t": "",
        "y1": "moved to heap: y1",
        "y2": "moved to heap: y2",
        "y3": "moved to heap: y3",
    }
    assert edges(found) == {
        "y2 ← &y1": (-1, "address-of, assign", "y2 := &y1"),
        "y3 ← y2": (0, "assign", "y3 := y2"),
        "t ← &y2": (-1, "address-of, assign", "t = &y2"),
        "{heap} ← t": (0, "assign", "p = t"),
        "t ← &y3": (-1, "address-of, assign", "t = &y3"),
    }
    assert path(found) == ["t ← &y2", "{heap} ← t"]
    assert events(found) == [
        "walk from {heap}",
        "t reaches {heap}",
        "t may be written through and may be called by someone unknown",
        "the address of y2 reaches {heap}",
        "y2 escapes to the heap",
        "the address of y3 reaches {heap}",
        "y3 escapes to the heap",
        # y3 is walked from as well, and reaches nothing that has not escaped.
        "walk from y2",
        "the address of y1 reaches y2",
        "y1 escapes to the heap",
    ]


def test_an_address_that_goes_straight_to_the_heap_is_an_edge(module: Module) -> None:
    found = module.graph(
        "package w\n\nvar p **int\n\nfunc f1() {\n\tvar $0x1 *int\n\tp = &x1\n\tx2 := x1\n\t_ = x2\n}\n"
    )
    assert edges(found) == {
        "{heap} ← &x1": (-1, "address-of, assign", "p = &x1"),
        "x2 ← x1": (0, "assign", "x2 := x1"),
    }
    assert path(found) == ["{heap} ← &x1"]
    # What has escaped is not looked through, so that nothing is left to be walked.
    assert events(found) == ["the address of x1 flows straight to {heap}: x1 escapes to the heap"]


def test_the_fewest_derefs_count(module: Module) -> None:
    # p reaches the result by x with one dereference, by y with none: it is visited twice.
    found = module.graph(
        "package w\n\nfunc f($0p **int, n int) (r *int, s **int) {\n"
        "\tq := &p\n\tr = **q\n\ts = *q\n\treturn\n}\n"
    )
    assert edges(found)["r ← **q"][0] == 2
    assert edges(found)["s ← *q"][0] == 1
    assert edges(found)["q ← &p"][0] == -1
    # r: q counts 2, and p, whose address q holds, 1. s: q counts 1, and p 0.
    assert [e for e in events(found) if "q reaches" in e or "leaks to" in e] == [
        "*q reaches s",
        "p leaks to result s",
        "**q reaches r",
        "*p leaks to result r",
    ]
    assert verdicts(found)["p"] == (
        "leaking param: p to result r level=1; leaking param: p to result s level=0"
    )
    assert path(found) == ["q ← &p", "r ← **q"]


def test_functions_that_reach_each_other_share_a_graph(module: Module) -> None:
    text = (
        "package w\n\nfunc a(n int, p *int) *int { return b(n, p) }\n\n"
        "func b(n int, $0p *int) *int {\n\tif n > 0 {\n\t\treturn p\n\t}\n\treturn a(n-1, p)\n}\n"
    )
    found = module.graph(text)
    functions = {(n.label, n.function) for n in found.graph.nodes if n.function}
    assert functions == {(x, f) for x in ("n", "p", "~r0") for f in "ab"}
    assert verdicts(found)["p"] == "leaking param: p"
    # Now that everything is known, the batch is still solved as a whole.
    module.check()
    assert module.graph(text) == found


def test_a_literal_that_captures_belongs_to_the_function_around_it(module: Module) -> None:
    found = module.graph(
        "package w\n\nvar sink func()\n\nfunc f() {\n\tx := 1\n\tsink = func() { $0x++ }\n}\n"
    )
    assert (found.graph.function, verdicts(found)["x"]) == ("f.func1", "moved to heap: x")
    assert edges(found)["{storage for func literal} ← &x"] == (
        -1,
        "captured by a closure, reference",
        "x",
    )


def test_a_literal_of_an_initialiser_is_a_function(module: Module) -> None:
    found = module.graph("package w\n\nvar f = func() *int {\n\t$0x := 1\n\treturn &x\n}\n")
    assert path(found) == ["~r0 ← &x"]


@pytest.mark.parametrize("call", ["", "\nvar _ = box(1)\n"])
def test_generic_code_has_a_graph_with_and_without_an_instance(module: Module, call: str) -> None:
    found = module.graph(
        f"package w\n\nfunc box[T any](x T) *T {{\n\t$0y := x\n\treturn &y\n}}\n{call}"
    )
    assert path(found) == ["~r0 ← &y"]
    assert verdicts(found)["y"] == "moved to heap: y"


def test_calls_are_expanded_as_builds_do(tmp_path: Path) -> None:
    text = (
        "package w\n\nfunc id(p *int) *int { return p }\n\nvar sink *int\n\n"
        "func f() {\n\t$0x := 1\n\tsink = id(&x)\n}\n"
    )
    found = Module(tmp_path, inline=True).graph(text)
    assert path(found) == ["p ← &x", "~r0 ← p", "{heap} ← ~r0"]
    # Without, the call speaks for its parameter.
    found = Module(tmp_path).graph(text)
    assert path(found) == ["{heap} ← &x"]


def test_no_function_has_no_graph_and_a_broken_one_says_why(module: Module) -> None:
    assert module.view("package w\n\nvar n int\n\n$0type T struct{}\n") is None
    found = module.graph("package w\n\nfunc f() *int {\n\t$0x := undefined\n\treturn &x\n}\n")
    assert found.graph.nodes == ()
    assert found.graph.note == "f cannot be analysed: it does not type-check"


def test_a_function_without_a_body_is_not_known(module: Module) -> None:
    Path(module.path).with_name("w.s").write_text("")
    found = module.graph("package w\n\nfunc f($0p *int)\n")
    assert found.graph.note == "f has no body: of what it does nothing is known"
    assert verdicts(found)["p"] == "leaking param: p"


def test_a_huge_function_is_cut_around_the_path(module: Module) -> None:
    n = MAX_NODES + 50
    copies = "".join(f"\tv{i} := v{i - 1}\n" for i in range(1, n))
    found = module.graph(
        f"package w\n\nvar sink *int\n\nfunc f(v0 *int) {{\n{copies}\t_ = v{n - 1}\n"
        "\t$0x := 1\n\tsink = &x\n}\n"
    )
    graph = found.graph
    assert len(graph.nodes) == MAX_NODES and len(graph.solver) <= MAX_STEPS
    assert path(found) == ["{heap} ← &x"]
    assert f"the {MAX_NODES} of {n + 2} locations that are nearest are shown" in graph.note
    known = {node.id for node in graph.nodes}
    assert all(e.src in known and e.dst in known for e in graph.edges)
    assert all(s.root in known and s.node in known for s in graph.solver)


def test_of_very_many_flows_those_of_the_path_remain(module: Module) -> None:
    found = module.graph(
        "package w\n\nvar sink, other *int\n\nfunc f(p *int) {\n"
        + "\tsink = p\n" * MAX_EDGES
        + "\t$0x := 1\n\tother = &x\n}\n"
    )
    assert len(found.graph.edges) == MAX_EDGES
    assert path(found) == ["{heap} ← &x"]
    assert f"{MAX_EDGES} of {MAX_EDGES + 1} flows between them are shown" in found.graph.note


def test_drawing_leaves_the_findings_as_they_are(module: Module) -> None:
    module.graph(TALK)
    drawn_first = module.check()
    module.graph(TALK)
    assert module.check() == drawn_first
    assert [f.message for f in drawn_first.findings] == [
        "moved to heap: y1", "moved to heap: y2", "moved to heap: y3",
    ]  # fmt: skip


def test_newer_text_ends_the_work(module: Module) -> None:
    module.graph(TALK)
    with pytest.raises(Cancelled):
        module.session.graph(module.path, len(TALK) // 2, lambda: True)


def test_the_flow_is_that_of_the_innermost_allocation(module: Module) -> None:
    text = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"
    module.view(text.replace("x := 1", "$0x := 1"))
    answer = module.check()
    found = flow(answer, text.encode(), text.index("x := 1"))
    assert found is not None
    assert (found.title, found.code) == ("moved to heap: x", "moved")
    assert [(s.text, s.why, s.flow, s.derefs, s.decisive) for s in found.steps] == [
        ("&x", "address-of", "~r0 ← &x", -1, False),
        ("return &x", "return", "", -1, True),
    ]
    assert flow(answer, text.encode(), text.index("func")) is None

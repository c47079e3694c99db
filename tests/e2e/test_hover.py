"""textDocument/hover: findings, functions, calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from harness.editor import Editor, capabilities, project, serving
from harness.wire import Wire, open_document, running
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

client = serving(lambda: lsp.InitializeParams(capabilities=capabilities()))

TEXT = """package w

import "strings"

type sink interface{ put(p *int) }

var last *int

func f(p, q *int, n int) *int {
	last = p
	x := n
	return &x
}

func g(s sink, text string) *int {
	y := len(strings.ToUpper(text))
	s.put(&y)
	return f(nil, nil, 1)
}
"""


async def text_at(editor: Editor, line: int, column: int) -> str:
    shown = await editor.hover(line, column)
    assert shown is not None and isinstance(shown.contents, lsp.MarkupContent)
    return shown.contents.value


@pytest.fixture
def editor(client: LanguageClient, tmp_path: Path) -> Editor:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    return editor


async def test_a_finding_is_told_at_a_glance_then_its_flow_then_the_rule(editor: Editor) -> None:
    lines = (await text_at(editor, 10, 1)).splitlines()
    assert lines[0] == "**`x` is on the heap.** It is returned, so it must outlive the call."
    assert lines[2] == "`moved to heap: x` · 8 bytes"
    assert lines[4].startswith("1. `&x` address-of — [w.go:12](file:")
    assert lines[5].startswith("2. **`return &x`** return — [w.go:12](file:")
    assert lines[5].endswith(" **◀ here it is lost**")
    assert lines[7].startswith("Rule: [returned](file:") and lines[7].endswith("/returned.md)")
    assert lines[9].startswith("As go1.") and lines[9].endswith("decides for linux/amd64.")


async def test_a_function_tells_what_becomes_of_its_parameters(editor: Editor) -> None:
    lines = (await text_at(editor, 8, 5)).splitlines()
    assert lines[0].startswith("**func `f`** · 1 heap allocation · inline cost ")
    assert lines[2:5] == [
        "- `p`: **leaks to the heap**",
        "- `q`: stays",
        "- `n`: holds no pointers",
    ]


async def test_a_call_tells_the_contract_of_what_is_called(editor: Editor) -> None:
    own = (await text_at(editor, 17, 8)).splitlines()
    assert own[0].startswith("**func `f`** · 1 heap allocation")
    imported = (await text_at(editor, 15, 20)).splitlines()
    assert imported[0].startswith("**func `strings.ToUpper`** · not inlined: ")
    assert imported[2].startswith("- `s`: flows to the first result")


async def test_a_call_through_an_interface_tells_that_nothing_is_known(editor: Editor) -> None:
    text = await text_at(editor, 16, 4)
    assert text.startswith("**`sink.put` is called through an interface.**")


async def test_where_nothing_is_there_is_no_hover(editor: Editor) -> None:
    assert await editor.hover(1, 0) is None


async def test_the_call_that_would_have_to_be_inlined_is_told_once_it_is_known(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(
        "package w\n\n//go:noinline\nfunc visit(p *int, f func(*int)) { f(p) }\n\n"
        "func passed() int {\n\tn := 1\n\tvisit(&n, func(p *int) { *p++ })\n\treturn n\n}\n"
    )
    shown = await text_at(editor, 6, 1)
    for _ in range(50):
        if "inlined" in shown:
            break
        await asyncio.sleep(0.1)  # It is looked for in pauses.
        shown = await text_at(editor, 6, 1)
    told = next(line for line in shown.splitlines() if "inlined" in line)
    assert told.startswith(
        "It would stay on the stack if the call of visit were inlined, which it is not: marked"
        " go:noinline — [w.go:8](file:"
    )


async def test_who_likes_plain_text_best_gets_it(tmp_path: Path) -> None:
    path = project(tmp_path)
    hover = {"contentFormat": ["plaintext"]}
    with running() as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(capabilities={"textDocument": {"hover": hover}})
        open_document(wire, path, TEXT)
        at = {"textDocument": {"uri": path.as_uri()}, "position": {"line": 10, "character": 1}}
        contents = wire.ask("textDocument/hover", at)["result"]["contents"]
    lines = contents["value"].splitlines()
    assert contents["kind"] == "plaintext"
    assert lines[0] == "x is on the heap. It is returned, so it must outlive the call."
    assert lines[4] == "1. &x address-of — w.go:12"
    assert lines[7] == "Rule: returned"

"""textDocument/codeAction, codeAction/resolve, workspace/executeCommand, goescape/status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness.editor import Editor, capabilities, command, project, request, serving
from harness.wire import Wire, open_document, running
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"

client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(pull=True),
        initialization_options={"commands": ["goescape.stepThrough"]},
    )
)


async def test_actions_of_a_finding(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    found = {a.title: a for a in await editor.actions(3, 1, "quickfix")}
    step = found["Step through why x escapes"].command
    assert step is not None and step.command == "goescape.stepThrough"
    assert list(step.arguments or ()) == [editor.uri, {"line": 3, "character": 1}]
    ignore = found["Ignore this finding, with a reason"]
    assert ignore.edit is not None and ignore.edit.changes is not None
    ((edit,),) = ignore.edit.changes.values()
    assert (edit.range.start, edit.new_text) == (lsp.Position(3, 0), "\t//goescape:ignore \n")
    assert [d.code for d in ignore.diagnostics or []] == ["moved"]
    rule = found["Show the rule: returned"].command
    assert rule is not None and list(rule.arguments or ()) == ["returned"]
    # Elsewhere, and for kinds that nobody offers, there is nothing to do.
    assert await editor.actions(0, 0, "quickfix") == []
    assert await editor.actions(3, 1, "refactor") == []
    assert {a.title for a in await editor.actions(3, 1)} == set(found)


def offered(path: Path, only: list[str], **capabilities: Any) -> list[dict[str, Any]]:
    """What a client is offered that asks about a whole file of two functions."""
    text = TEXT + "\nfunc g() *int { y := 1; return &y }\n"
    ends = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    with running() as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(capabilities=capabilities)
        open_document(wire, path, text)
        asked = {"textDocument": {"uri": path.as_uri()}, "range": ends}
        context = {"diagnostics": [], "only": only}
        found: list[dict[str, Any]] = wire.ask(
            "textDocument/codeAction", {**asked, "context": context}
        )["result"]
    return found


async def test_who_takes_versions_is_told_which_text_an_edit_is_for(tmp_path: Path) -> None:
    """And which finding it is about, when there are several."""
    path = project(tmp_path)
    text = {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}}}
    edit = {"workspaceEdit": {"documentChanges": True}}
    found = offered(path, ["quickfix"], textDocument=text, workspace=edit)
    edits = {a["title"]: a["edit"] for a in found if a["title"].startswith("Ignore")}
    assert list(edits) == ["Ignore x in line 4, with a reason", "Ignore y in line 8, with a reason"]
    (change,) = edits["Ignore y in line 8, with a reason"]["documentChanges"]
    assert change["textDocument"] == {"uri": path.as_uri(), "version": 1}
    assert [e["range"]["start"]["line"] for e in change["edits"]] == [7]


async def test_who_knows_only_commands_is_offered_those(tmp_path: Path) -> None:
    found = offered(project(tmp_path), [""])
    assert [a["command"] for a in found] == ["goescape.showRule", "goescape.copyCompilerCommand"]
    # The server has no clipboard.
    assert found[-1]["title"] == "Show the compiler command for this package"


async def test_callers_in_another_package_are_edited_with_the_function(
    client: LanguageClient, tmp_path: Path
) -> None:
    path = project(tmp_path)
    made = "package low\n\ntype T struct{ N int }\n\n//go:noinline\nfunc New() *T {\n\treturn &T{1}\n}\n"
    path.write_text(
        'package w\n\nimport "example.com/w/low"\n\nfunc f() int {\n\tt := low.New()\n\treturn g(t)\n}\n\nfunc g(t *low.T) int { return t.N }\n'
    )
    (tmp_path / "low").mkdir()
    (tmp_path / "low" / "low.go").write_text(made)
    editor = Editor(client, tmp_path / "low" / "low.go")
    editor.open(made)
    title = "Return the value from `New`, not its address"
    (action,) = [a for a in await editor.actions(6, 8, "quickfix") if a.title.startswith(title)]
    assert "changes an exported signature" in action.title and not action.is_preferred
    if action.edit is None:
        action = await client.code_action_resolve_async(action)
    assert action.edit is not None and action.edit.changes is not None
    found = {
        (uri.rpartition("/")[2], e.range.start.line, e.new_text)
        for uri, edits in action.edit.changes.items()
        for e in edits
    }
    assert found == {("low.go", 5, "T"), ("low.go", 6, ""), (path.name, 6, "&t")}


async def test_commands(client: LanguageClient, tmp_path: Path) -> None:
    path = project(tmp_path)
    said = await command(client, "goescape.explain", "moved")
    assert said.startswith("# moved\n\nA variable lives on the heap")
    line = await command(client, "goescape.compilerCommand", path.as_uri())
    assert line == f"go build -C {tmp_path} -o /dev/null -gcflags=-m=2 ."
    path.write_text("package w\n")
    (tmp_path / "go.mod").unlink()  # Without a module, go wants files.
    line = await command(client, "goescape.compilerCommand", path.as_uri())
    assert line == f"go build -C {tmp_path} -o /dev/null -gcflags=-m=2 {path.name}"
    for bad in (["goescape.explain"], ["goescape.explain", 7], ["goescape.compilerCommand", "x"]):
        with pytest.raises(JsonRpcException) as refused:
            await command(client, *bad)
        assert refused.value.code == -32602


async def test_a_foreign_action_is_refused(client: LanguageClient) -> None:
    keys: tuple[Any, ...] = (
        None,
        ["no such", []],
        ["fix", ["/x.go"]],
        ["fix-all", 7],
        ["fix-all", [7, 7]],
        [[], []],
    )
    for key in keys:
        action = lsp.CodeAction("x", data={"uri": "file:///x.go", "version": 1, "key": key})
        with pytest.raises(JsonRpcException) as refused:
            await client.code_action_resolve_async(action)
        assert refused.value.code == -32602, key


async def test_status(client: LanguageClient, tmp_path: Path) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT + "\nvar g *int\n\nfunc h(p *int) { g = p }\n")
    await editor.findings()
    status = await editor.ask("goescape/status")
    assert (status.heap, status.leaks, status.inline) == (1, 1, True)
    assert status.goVersion.startswith("go1.") and "/" in status.target
    other = {"textDocument": {"uri": "file:///nowhere.go"}}
    assert await request(client, "goescape/status", other) is None

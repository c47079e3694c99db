"""workspace/configuration, didChangeConfiguration, didChangeWatchedFiles, didChangeWorkspaceFolders."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from goescape_server.lsp.features.watched_files import ANYTHING, PATTERNS
from harness.editor import WAIT, Editor, capabilities, project, serving, spans
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"
CALLER = "package w\n\nfunc g() {\n\ty := 1\n\tkeep(&y)\n}\n"
CALLEE = "package w\n\nvar sink *int\n\nfunc keep(p *int) { sink = p }\n"

registered: list[lsp.Registration] = []
has_registered = asyncio.Event()
asked = asyncio.Event()


def prepare(client: LanguageClient) -> None:
    def register(params: lsp.RegistrationParams) -> None:
        registered.extend(params.registrations)
        if len({r.method for r in registered}) == 2:
            has_registered.set()

    def configuration(params: lsp.ConfigurationParams) -> list[Any]:
        asked.set()
        return [client.get_configuration(section=item.section) for item in params.items]

    client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(register)
    del client.protocol.fm.features[lsp.WORKSPACE_CONFIGURATION]
    client.feature(lsp.WORKSPACE_CONFIGURATION)(configuration)
    client.set_configuration({"goescape": {"inline": False, "goos": 7, "colour": "red"}})


client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(
            pull=True,
            configuration=True,
            did_change_configuration=lsp.DidChangeConfigurationClientCapabilities(
                dynamic_registration=True
            ),
            did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(
                dynamic_registration=True
            ),
        ),
        workspace_folders=[],
    ),
    prepare,
)


async def configure(client: LanguageClient, settings: dict[str, Any]) -> None:
    """Change the settings, and wait until the server has asked for them."""
    client.set_configuration({"goescape": settings})
    asked.clear()
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
    await asyncio.wait_for(asked.wait(), WAIT)


async def test_settings_are_asked_for_and_change_live(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path))
    editor.open(TEXT)
    await editor.findings()
    assert (await editor.ask("goescape/status")).inline is False
    complaints = {m.message for m in client.messages}
    assert complaints == {
        "goescape: setting goescape.goos has the wrong type: 7",
        "goescape: there is no setting goescape.colour",
    }
    await configure(client, {"goos": "windows", "goarch": "arm64"})
    await editor.findings()
    status = await editor.ask("goescape/status")
    assert (status.inline, status.target) == (True, "windows/arm64")
    await configure(client, {"diagnostics": {"enable": False}})
    assert await editor.findings() == []
    await configure(client, {})
    editor.edit((0, 0), (0, 0), "// Hello.\n")
    assert spans(await editor.findings()) == [(4, 1, 2, "moved to heap: x")]
    editor.close()


async def test_the_client_is_asked_to_watch_files_and_settings(client: LanguageClient) -> None:
    await asyncio.wait_for(has_registered.wait(), WAIT)
    by_method = {r.method: r for r in registered}
    assert set(by_method) == {
        lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        lsp.WORKSPACE_DID_CHANGE_CONFIGURATION,
    }
    options = by_method[lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES].register_options
    assert isinstance(options, dict)
    *sources, anything = options["watchers"]
    assert [w["globPattern"] for w in sources] == list(PATTERNS)
    # Of a directory that is removed, some clients tell nothing but that.
    assert anything == {"globPattern": ANYTHING, "kind": lsp.WatchKind.Delete}


def tell(client: LanguageClient, *events: tuple[Path, lsp.FileChangeType]) -> None:
    changes = [lsp.FileEvent(path.as_uri(), kind) for path, kind in events]
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes))


async def test_files_written_made_renamed_and_removed_by_others(
    client: LanguageClient, tmp_path: Path
) -> None:
    editor = Editor(client, project(tmp_path, w=CALLER, v=CALLEE))
    editor.open(CALLER)
    moved = [(3, 1, 2, "moved to heap: y")]
    assert spans(await editor.findings()) == moved
    callee = tmp_path / "v.go"
    callee.write_text(CALLEE.replace("sink = p", ""))
    tell(client, (callee, lsp.FileChangeType.Changed))
    assert await editor.findings() == []
    callee.write_text(CALLEE)
    renamed = callee.rename(tmp_path / "v2.go")
    tell(client, (callee, lsp.FileChangeType.Deleted), (renamed, lsp.FileChangeType.Created))
    assert spans(await editor.findings()) == moved
    renamed.unlink()
    tell(client, (renamed, lsp.FileChangeType.Deleted))
    assert await editor.findings() == []
    callee.write_text(CALLEE)
    tell(client, (callee, lsp.FileChangeType.Created))
    assert spans(await editor.findings()) == moved
    # The module becomes another one: what it requires and its language version count anew.
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "i.go").write_text(
        CALLEE.replace("package w", "package inner").replace("keep", "Keep")
    )
    editor.replace(
        CALLER.replace("\n\n", '\n\nimport "example.com/v/inner"\n\n', 1).replace(
            "keep", "inner.Keep"
        )
    )
    assert await editor.findings() == []
    (tmp_path / "go.mod").write_text("module example.com/v\n\ngo 1.24\n")
    tell(client, (tmp_path / "go.mod", lsp.FileChangeType.Changed))
    assert spans(await editor.findings()) == [(5, 1, 2, "moved to heap: y")]
    editor.close()


async def test_folders_come_and_go(client: LanguageClient, tmp_path: Path) -> None:
    """What a module replaces by a directory is read only as long as that belongs to the workspace."""
    (tmp_path / "w").mkdir()
    (tmp_path / "x").mkdir()
    editor = Editor(client, project(tmp_path / "w"))
    (tmp_path / "x" / "go.mod").write_text("module example.com/x\n")
    (tmp_path / "x" / "x.go").write_text("package x\n\nvar s *int\n\nfunc Keep(p *int) { s = p }\n")
    with (tmp_path / "w" / "go.mod").open("a") as f:
        f.write("require example.com/x v0.0.0\nreplace example.com/x => ../x\n")
    editor.open('package w\n\nimport "example.com/x"\n\nfunc g() {\n\ty := 1\n\tx.Keep(&y)\n}\n')
    assert await editor.findings() == []
    folder = lsp.WorkspaceFolder((tmp_path / "x").as_uri(), "x")

    def change(added: list[lsp.WorkspaceFolder], removed: list[lsp.WorkspaceFolder]) -> None:
        event = lsp.WorkspaceFoldersChangeEvent(added, removed)
        client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event))

    change([folder], [])
    assert spans(await editor.findings()) == [(5, 1, 2, "moved to heap: y")]
    change([], [folder])
    assert await editor.findings() == []
    editor.close()

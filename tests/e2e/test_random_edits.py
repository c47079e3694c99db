"""Whatever is typed: no crash, no error reply, and the findings of a server that has just started."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from goescape.source.file import SourceFile
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session, Target
from goescape_server.lsp.settings import Settings
from goescape_server.lsp.to_lsp import EVERYTHING
from goescape_server.lsp.view import Presenter
from harness.editor import Editor, capabilities, serving
from harness.oracle import goroot
from harness.typist import Typist
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = ("container/list/list.go", "text/tabwriter/tabwriter.go", "bufio/scan.go", "encoding/csv/reader.go", "text/scanner/scanner.go")  # fmt: skip
EVERY = 50
ALLOWED = {-32802, -32801, -32800}  # given up, content modified, cancelled

client = serving(lambda: lsp.InitializeParams(capabilities=capabilities(pull=True)))


def fresh(path: Path, text: str) -> list[Any]:
    """The diagnostics that a server gives which has seen nothing but this text."""

    def work() -> list[Any]:
        session = Session(os.environ, Target(), roots=[])
        source = text.encode()
        session.set_text(str(path), source)
        file = SourceFile(str(path), source)
        presenter = Presenter(lambda p: file if p == str(path) else None, "utf-16", EVERYTHING)
        presenter.settings = Settings()
        view = presenter.view(session, session.check(str(path)), 0)
        return [msgspec.json.decode(d) for d in view.diagnostics]

    return with_deep_stack(work)


def plain(found: list[lsp.Diagnostic]) -> list[Any]:
    """Diagnostics as they were on the wire."""
    from pygls.protocol import default_converter

    return list(default_converter().unstructure(found))  # type: ignore[no-untyped-call]


async def type_away(client: LanguageClient, folder: Path, name: str, edits: int, seed: int) -> None:
    package = folder / "w"
    shutil.copytree(goroot() / "src" / Path(name).parent, package)
    for test in package.glob("*_test.go"):
        test.unlink()
    (package / "go.mod").write_text("module example.com/w\n\ngo 1.27\n")
    path = package / Path(name).name
    typist = Typist(path.read_text(), seed)
    editor = Editor(client, path)
    editor.open(typist.text)
    asked: list[Awaitable[Any]] = []
    logged = len(client.log_messages)
    for n in range(1, edits + 1):
        span, new = typist.edit()
        start, end = span.start, span.end
        editor.edit((start.line, start.character), (end.line, end.character), new)
        asked.append(asyncio.ensure_future(requests(client, editor, typist)))
        if n % EVERY == 0 or n == edits:
            for answer in await asyncio.gather(*asked, return_exceptions=True):
                if isinstance(answer, JsonRpcException):
                    assert answer.code in ALLOWED, answer
                else:
                    assert not isinstance(answer, BaseException), answer
            asked.clear()
            found = plain(await editor.findings())
            assert found == fresh(path, typist.text), f"after edit {n} of {name}, seed {seed}"
        elif n % 7 == 0:
            await editor.pull()
    # What is told for information is why an import, as it is typed, is not known.
    told = [m.message for m in client.log_messages[logged:] if m.type != lsp.MessageType.Info]
    assert told == []
    editor.close()


def requests(client: LanguageClient, editor: Editor, typist: Typist) -> Awaitable[Any]:
    """One of the requests that editors make while somebody types."""
    at = typist.place()
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(100_000, 0))
    kind = typist.choice(6)
    if kind == 0:
        return client.text_document_hover_async(lsp.HoverParams(editor.id, at))
    if kind == 1:
        context = lsp.CodeActionContext(diagnostics=[])
        params = lsp.CodeActionParams(editor.id, lsp.Range(at, at), context)
        return client.text_document_code_action_async(params)
    if kind == 2:
        return client.text_document_inlay_hint_async(lsp.InlayHintParams(editor.id, whole))
    if kind == 3:
        return client.text_document_code_lens_async(lsp.CodeLensParams(editor.id))
    report = client.text_document_diagnostic(lsp.DocumentDiagnosticParams(editor.id))
    if kind == 4:
        identifier = next(k for k, f in client.protocol._request_futures.items() if f is report)
        client.cancel_request(lsp.CancelParams(identifier))
    return asyncio.wrap_future(report)


async def test_some_edits(client: LanguageClient, tmp_path: Path) -> None:
    await type_away(client, tmp_path, FILES[0], 2 * EVERY, 1)


@pytest.mark.std
@pytest.mark.parametrize("name", FILES)
async def test_many_edits(client: LanguageClient, tmp_path: Path, name: str) -> None:
    await type_away(client, tmp_path, name, 2000, 2)

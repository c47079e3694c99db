"""An editor for tests of the language server: it opens, edits, asks, and waits for what comes.

A module shares one server: the fixture of `serving` starts it, each test opens files of its own
folder. Everything waits for a message, never for time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Union

import pytest_lsp
from cattrs import Converter
from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient
from pytest_lsp.client import register_lsp_features

WAIT = 150
MODULE = "module example.com/w\n\ngo 1.24\n"
DID_CHANGE_STATUS = "goescape/didChangeStatus"


def _converter() -> Converter:
    """lsprotocol's, but for what it takes every code action with a command for."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]

    def action(plain: dict[str, Any], _: type) -> lsp.Command | lsp.CodeAction:
        is_command = isinstance(plain.get("command"), str)
        kind: type[lsp.Command | lsp.CodeAction] = lsp.Command if is_command else lsp.CodeAction
        return converter.structure(plain, kind)

    converter.register_structure_hook(Union[lsp.Command, lsp.CodeAction], action)  # noqa: UP007
    return converter


def new_client() -> LanguageClient:
    client = LanguageClient(converter_factory=_converter)
    register_lsp_features(client)
    return client


CONFIG = ClientServerConfig(
    server_command=[sys.executable, "-m", "goescape_server"], client_factory=new_client
)


def capabilities(
    encoding: str = "utf-16", *, pull: bool = False, related: bool = True, **workspace: Any
) -> lsp.ClientCapabilities:
    """Those of a client that counts columns in `encoding`, and pulls diagnostics or not."""
    text = lsp.TextDocumentClientCapabilities(
        publish_diagnostics=lsp.PublishDiagnosticsClientCapabilities(
            related_information=related,
            version_support=True,
            tag_support=lsp.ClientDiagnosticsTagOptions([lsp.DiagnosticTag.Unnecessary]),
            code_description_support=True,
        ),
        hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown]),
        code_action=lsp.CodeActionClientCapabilities(
            code_action_literal_support=lsp.ClientCodeActionLiteralOptions(
                lsp.ClientCodeActionKindOptions([lsp.CodeActionKind.QuickFix])
            )
        ),
        diagnostic=lsp.DiagnosticClientCapabilities(related_information=related) if pull else None,
    )
    return lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(
            position_encodings=[lsp.PositionEncodingKind(encoding)]
        ),
        text_document=text,
        workspace=lsp.WorkspaceClientCapabilities(**workspace),
    )


def serving(
    params: Callable[[], lsp.InitializeParams],
    prepare: Callable[[LanguageClient], None] | None = None,
) -> Any:
    """A fixture: a client of a server that the tests of the module share. `prepare` registers what
    the client handles, before `initialize`."""

    async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
        if prepare is not None:
            prepare(lsp_client)
        await lsp_client.initialize_session(params())
        yield
        await lsp_client.shutdown_session()

    return pytest_lsp.fixture(config=CONFIG, scope="module")(client)


def project(folder: Path, **files: str) -> Path:
    """A module in `folder` with these files by name without `.go`; the path of `w.go`."""
    (folder / "go.mod").write_text(MODULE)
    for name, text in files.items():
        (folder / f"{name}.go").write_text(text)
    return folder / "w.go"


class Editor:
    """One open file of a client."""

    def __init__(self, client: LanguageClient, path: Path | str) -> None:
        self.client = client
        self.uri = path if isinstance(path, str) else path.as_uri()
        self.version = 0

    @property
    def id(self) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri)

    def open(self, text: str, language: str = "go") -> None:
        self.version += 1
        item = lsp.TextDocumentItem(self.uri, language, self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=item))

    def edit(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        span = lsp.Range(lsp.Position(*start), lsp.Position(*end))
        self._change(lsp.TextDocumentContentChangePartial(range=span, text=text))

    def replace(self, text: str) -> None:
        """The whole text is another one."""
        self._change(lsp.TextDocumentContentChangeWholeDocument(text))

    def _change(self, change: lsp.TextDocumentContentChangeEvent) -> None:
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, self.uri), [change]
            )
        )

    def close(self) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self.id))

    async def published(self, act: Callable[[], None]) -> list[lsp.Diagnostic]:
        """What the server publishes for the text after `act`."""
        while True:
            wait = self.client.protocol.wait_for_notification_async(
                lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
            )
            act()
            seen = await asyncio.wait_for(wait, WAIT)
            assert isinstance(seen, lsp.PublishDiagnosticsParams)
            if seen.uri == self.uri and seen.version in (self.version, None):
                return list(seen.diagnostics)
            act = _nothing

    async def pull(
        self, previous: str | None = None
    ) -> lsp.RelatedFullDocumentDiagnosticReport | lsp.RelatedUnchangedDocumentDiagnosticReport:
        return await asyncio.wait_for(
            self.client.text_document_diagnostic_async(
                lsp.DocumentDiagnosticParams(self.id, previous_result_id=previous)
            ),
            WAIT,
        )

    async def findings(self) -> list[lsp.Diagnostic]:
        """What is found in the text as it is, asked for."""
        report = await self.pull()
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def hover(self, line: int, column: int) -> lsp.Hover | None:
        return await asyncio.wait_for(
            self.client.text_document_hover_async(
                lsp.HoverParams(self.id, lsp.Position(line, column))
            ),
            WAIT,
        )

    async def actions(self, line: int, column: int, *kinds: str) -> list[lsp.CodeAction]:
        at = lsp.Range(lsp.Position(line, column), lsp.Position(line, column))
        context = lsp.CodeActionContext(diagnostics=await self.findings(), only=list(kinds) or None)
        found = await asyncio.wait_for(
            self.client.text_document_code_action_async(lsp.CodeActionParams(self.id, at, context)),
            WAIT,
        )
        return [a for a in found or [] if isinstance(a, lsp.CodeAction)]

    async def ask(self, method: str, **params: Any) -> Any:
        """The answer to a request of our own about the document."""
        return await request(self.client, method, {"textDocument": {"uri": self.uri}, **params})


async def request(client: LanguageClient, method: str, params: Any) -> Any:
    """The answer to any request."""
    answer = client.protocol.send_request_async(method, params)  # type: ignore[no-untyped-call]
    return await asyncio.wait_for(answer, WAIT)


async def command(client: LanguageClient, name: str, *arguments: Any) -> Any:
    """The result of a command of the server."""
    params = lsp.ExecuteCommandParams(command=name, arguments=list(arguments))
    return await asyncio.wait_for(client.workspace_execute_command_async(params), WAIT)


def spans(found: list[lsp.Diagnostic]) -> list[tuple[int, int, int, str]]:
    """Line, first and last column of each, and the compiler's sentence: the first line of its
    message."""
    return [
        (
            d.range.start.line,
            d.range.start.character,
            d.range.end.character,
            d.message.split("\n")[0],
        )
        for d in found
    ]


def _nothing() -> None:
    return None

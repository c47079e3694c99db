"""What a client can show decides what a diagnostic says."""

from __future__ import annotations

import pytest
from goescape.ide.diagnostics import Diagnostic
from goescape.source.file import SourceFile
from goescape_server.lsp.client import Client
from goescape_server.lsp.to_lsp import EVERYTHING, Converter, Shows
from lsprotocol import types as lsp

NOTHING = Shows(False, False, False)


def client(text: lsp.TextDocumentClientCapabilities | None) -> Client:
    can = lsp.ClientCapabilities(text_document=text)
    return Client(lsp.InitializeParams(capabilities=can), frozenset())


@pytest.mark.parametrize(
    ("formats", "is_plain"),
    [(None, False), (["markdown"], False), (["plaintext"], True), (["markdown", "plaintext"], False)],
)  # fmt: skip
def test_hovers_come_as_is_liked_best(formats: list[str] | None, is_plain: bool) -> None:
    kinds = [lsp.MarkupKind(f) for f in formats] if formats is not None else None
    hover = lsp.HoverClientCapabilities(content_format=kinds)
    assert client(lsp.TextDocumentClientCapabilities(hover=hover)).prefers_plain_text is is_plain


def test_what_is_not_announced_is_not_shown() -> None:
    assert client(None).shows == NOTHING
    push = lsp.PublishDiagnosticsClientCapabilities(
        related_information=True,
        tag_support=lsp.ClientDiagnosticsTagOptions([lsp.DiagnosticTag.Unnecessary]),
        code_description_support=True,
    )
    text = lsp.TextDocumentClientCapabilities(publish_diagnostics=push)
    assert client(text).shows == EVERYTHING
    pull = lsp.DiagnosticClientCapabilities(related_information=True)
    assert client(lsp.TextDocumentClientCapabilities(diagnostic=pull)).shows == Shows(
        True, False, False
    )


@pytest.mark.parametrize(
    ("shows", "keys"), [(EVERYTHING, {"codeDescription", "tags"}), (NOTHING, set[str]())]
)
def test_a_diagnostic_says_what_is_shown(shows: Shows, keys: set[str]) -> None:
    file = SourceFile("/w/w.go", b"package w\n")
    found = Diagnostic(0, 7, 4, "moved", "moved to heap: x", rule="returned", dim=True)
    plain = Converter(file, "utf-16", lambda path: None, shows).plain_diagnostic(found)
    assert set(plain) - {"range", "severity", "code", "source", "message"} == keys

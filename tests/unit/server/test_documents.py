"""Edits of open documents, in every unit of columns."""

from __future__ import annotations

import random

import pytest
from goescape.source.file import SourceFile
from goescape_server.lsp.documents import Document, Documents, go_path
from harness.typist import Typist
from lsprotocol import types as lsp


def edited(text: str, encoding: str, *edits: tuple[int, int, int, int, str]) -> bytes:
    document = Document("file:///w.go", "/w.go", "go", 1, text, encoding)
    changes = [
        lsp.TextDocumentContentChangePartial(lsp.Range(lsp.Position(a, b), lsp.Position(c, d)), new)
        for a, b, c, d, new in edits
    ]
    document.change(changes, 2)
    assert document.version == 2
    return document.text


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_columns_count_in_the_clients_units(encoding: str, column: int) -> None:
    assert edited("😀b\n", encoding, (0, column, 0, column, "é")) == "😀éb\n".encode()


def test_lines_end_as_the_protocol_says() -> None:
    text = "a\r\nb\rc\u2028\f\x85d\ne"
    assert edited(text, "utf-16", (3, 0, 3, 1, "E")) == text.replace("e", "E").encode()


def test_what_lies_outside_is_moved_inside() -> None:
    assert edited("a\nb", "utf-16", (0, 99, 0, 99, "!")) == b"a!\nb"
    assert edited("a\nb", "utf-16", (9, 9, 9, 9, "!")) == b"a\nb!"
    assert edited("ab", "utf-16", (0, 2, 0, 1, "!")) == b"ab!"


def test_halves_of_surrogate_pairs_survive() -> None:
    assert edited("a", "utf-16", (0, 1, 0, 1, "\ud83d")) == "a\ud83d".encode(
        "utf-8", "surrogatepass"
    )


def test_whatever_is_typed_lines_are_those_of_the_text() -> None:
    typist = Typist("package w\r\n\nfunc f() {\n}\n", 3)
    document = Document("file:///w.go", "/w.go", "go", 0, typist.text, "utf-16")
    for version in range(300):
        span, new = typist.edit()
        document.change([lsp.TextDocumentContentChangePartial(span, new)], version)
        assert document.text == typist.text.encode()
        fresh = SourceFile("/w.go", document.text)
        assert document.file.editor_line_starts == fresh.editor_line_starts


def test_line_endings_come_together_and_apart() -> None:
    chance = random.Random(1)
    file = SourceFile("/w.go", b"")
    for _ in range(2000):
        start = chance.randint(0, len(file.text))
        end = min(len(file.text), start + chance.choice((0, 0, 1, 2, 5)))
        new = bytes(chance.choice(b"ab\r\n") for _ in range(chance.choice((0, 1, 2, 3, 9))))
        file = file.spliced(start, end, new)
        assert file.editor_line_starts == SourceFile("/w.go", file.text).editor_line_starts


def test_of_two_documents_of_one_file_the_text_counts_that_was_told_last() -> None:
    documents = Documents()
    usual, other = "file:///w.go", "file:///%77.go"
    for uri in (usual, other):
        documents.open(lsp.TextDocumentItem(uri, "go", 1, uri), "utf-16")

    def told() -> str:
        document = documents.at("/w.go")
        return document.text.decode() if document is not None else ""

    assert told() == other and documents.uri_of("/w.go") == other
    whole = lsp.TextDocumentContentChangeWholeDocument("new")
    documents.change(
        lsp.DidChangeTextDocumentParams(lsp.VersionedTextDocumentIdentifier(2, usual), [whole])
    )
    assert told() == "new"
    documents.close(usual)
    assert told() == other
    documents.close(other)
    assert told() == "" and documents.uri_of("/w.go") == usual


@pytest.mark.parametrize(
    ("uri", "language", "path"),
    [
        ("file:///w/a.go", "", "/w/a.go"), ("file:///w/a%20b.go", "go", "/w/a b.go"), ("file:///w/x", "go", "/w/x"),
        ("file:///w/x.txt", "plaintext", None), ("untitled:x.go", "go", None), ("file:///a%00.go", "go", None),
        ("nonsense", "go", None), ("", "go", None), ("file://[", "go", None), ("file:///w/./x/../a.go", "", "/w/a.go"),
    ],
)  # fmt: skip
def test_which_documents_are_ours(uri: str, language: str, path: str | None) -> None:
    assert go_path(uri, language) == path

"""The documents that the client has open, as bytes, edited in place of the file on disk.

The text is kept as the bytes of a file, because that is what the analysis reads. Lines end where
the protocol says, at `\\r\\n`, `\\n` and `\\r` and nowhere else; columns count in the unit agreed on
with the client. What an edit leaves alone keeps its line index.

Invariants
  - edits never fail: a position outside the text counts as the nearest one inside;
  - `text` and `version` change together; an old `text` stays valid for whoever holds it;
  - only files that the analysis can know are kept: URI scheme `file`, language Go;
  - the URI of a file may be written in several ways: then each is a document of its own, and of those
    that are open the text counts that was told last.

Example: on `"a\\n"`, replacing 0:1-0:1 by `"b"` gives `"ab\\n"`.

Source: Language Server Protocol 3.17, "Text Documents", "Text Document Synchronization".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goescape.source.file import SourceFile
from lsprotocol import types as lsp
from pygls import uris

from goescape_server.lsp.from_lsp import to_path


class Document:
    """One open file. `path` is where it lies on disk; `version` the client's number of the text."""

    __slots__ = ("encoding", "file", "language", "path", "uri", "version")

    def __init__(
        self, uri: str, path: str, language: str, version: int, text: str, encoding: str
    ) -> None:
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self.encoding = encoding
        self.file = SourceFile(path, to_bytes(text))

    @property
    def is_as_usual(self) -> bool:
        """Whether the client writes the URI as it is written here."""
        usual: str | None = uris.from_fs_path(self.path)
        return self.uri == usual

    @property
    def text(self) -> bytes:
        return self.file.text

    def change(self, changes: Iterable[lsp.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply the changes one after the other; the text is then that of `version`."""
        for change in changes:
            new = to_bytes(change.text)
            if isinstance(change, lsp.TextDocumentContentChangePartial):
                start = self._offset(change.range.start)
                end = max(self._offset(change.range.end), start)
                self.file = self.file.spliced(start, end, new)
            else:
                self.file = SourceFile(self.path, new)
        self.version = version

    def _offset(self, position: lsp.Position) -> int:
        return self.file.editor_offset(position.line, position.character, self.encoding)


class Documents:
    """The open Go files by URI, in the order in which they were opened."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Document] = {}
        self._by_path: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._by_uri.values()))

    def get(self, uri: str) -> Document | None:
        """The open document; None for what is not open, or not ours."""
        return self._by_uri.get(uri)

    def at(self, path: str) -> Document | None:
        """The open document of the file at `path`; the one that counts, if there are several."""
        return self._by_path.get(path)

    def uri_of(self, path: str) -> str | None:
        """The URI of the file at `path`, as the client writes it; None when it has none."""
        document = self._by_path.get(path)
        return document.uri if document is not None else uris.from_fs_path(path)

    def version_of(self, path: str) -> int | None:
        """The client's number of the text of the file at `path`; None if it is not open."""
        document = self._by_path.get(path)
        return document.version if document is not None else None

    def open(self, item: lsp.TextDocumentItem, encoding: str) -> Document | None:
        """Take the text over; None when the document is not one that can be analysed."""
        path = go_path(item.uri, item.language_id)
        if path is None:
            return None
        document = Document(item.uri, path, item.language_id, item.version, item.text, encoding)
        self._by_uri[item.uri] = self._by_path[path] = document
        return document

    def change(self, params: lsp.DidChangeTextDocumentParams) -> Document | None:
        """Apply an edit; None when the document is not ours."""
        document = self._by_uri.get(params.text_document.uri)
        if document is not None:
            document.change(params.content_changes, params.text_document.version)
            self._by_path[document.path] = document
        return document

    def close(self, uri: str) -> Document | None:
        """Forget the text; None when the document was not ours."""
        document = self._by_uri.pop(uri, None)
        if document is not None and self._by_path.get(document.path) is document:
            others = [d for d in self if d.path == document.path]
            if others:
                self._by_path[document.path] = others[-1]
            else:
                del self._by_path[document.path]
        return document


def go_path(uri: str, language: str = "") -> str | None:
    """The path of a Go file, None for other files and for URIs that name no file."""
    path = to_path(uri)
    return path if path and (language == "go" or path.endswith(".go")) else None


def to_bytes(text: str) -> bytes:
    """The text as the bytes of a file; halves of surrogate pairs, which no file has, survive."""
    return text.encode("utf-8", "surrogatepass")

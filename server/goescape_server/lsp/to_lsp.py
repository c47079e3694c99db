"""Values of the analysis as messages of the protocol.

Every offset is converted with the text it belongs to: the analysed text of the file itself, and for
places in other files their unsaved text or the disk's. The unit of columns is the one agreed on
with the client.
"""

from __future__ import annotations

from collections.abc import Callable

from goescape.ide.diagnostics import Diagnostic
from goescape.ide.hover import Hover
from goescape.report.finding import Place
from goescape.source.file import SourceFile
from lsprotocol import types as lsp
from pygls import uris

SOURCE = "goescape"

Texts = Callable[[str], bytes | None]


class Converter:
    """For one answer: the file at `path` has `text`; `texts` gives other files' texts."""

    def __init__(self, path: str, text: bytes, encoding: str, texts: Texts) -> None:
        self._files: dict[str, SourceFile | None] = {path: SourceFile(path, text)}
        self._path = path
        self._encoding = encoding
        self._texts = texts

    def diagnostic(self, d: Diagnostic) -> lsp.Diagnostic:
        related = [
            lsp.DiagnosticRelatedInformation(location=location, message=r.message)
            for r in d.related
            if (location := self.location(r.place)) is not None
        ]
        return lsp.Diagnostic(
            range=self.range(d.start, d.end),
            message=d.message,
            severity=lsp.DiagnosticSeverity(d.severity),
            code=d.code,
            source=SOURCE,
            related_information=related or None,
        )

    def hover(self, h: Hover) -> lsp.Hover:
        contents = lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=h.markdown)
        return lsp.Hover(contents=contents, range=self.range(h.start, h.end))

    def range(self, start: int, end: int) -> lsp.Range:
        file = self._files[self._path]
        assert file is not None
        return self._range(file, start, end)

    def offset(self, position: lsp.Position) -> int:
        file = self._files[self._path]
        assert file is not None
        return file.editor_offset(position.line, position.character, self._encoding)

    def location(self, place: Place) -> lsp.Location | None:
        file = self._file(place.path)
        uri = uris.from_fs_path(place.path)
        if file is None or uri is None:
            return None
        return lsp.Location(uri=uri, range=self._range(file, place.start, place.end))

    def link(self, place: Place) -> str:
        """A place as a Markdown link that editors open."""
        name = f"{place.path.replace(chr(92), '/').rpartition('/')[2]}:{place.line}"
        uri = uris.from_fs_path(place.path)
        return f"[{name}]({uri}#L{place.line})" if uri else name

    def _range(self, file: SourceFile, start: int, end: int) -> lsp.Range:
        return lsp.Range(
            lsp.Position(*file.editor_position(start, self._encoding)),
            lsp.Position(*file.editor_position(end, self._encoding)),
        )

    def _file(self, path: str) -> SourceFile | None:
        if path not in self._files:
            text = self._texts(path)
            self._files[path] = SourceFile(path, text) if text is not None else None
        return self._files[path]

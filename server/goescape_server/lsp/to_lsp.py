"""Values of the analysis as values of the protocol, and positions of the protocol as offsets.

Every offset is converted with the text it belongs to: the analysed text of the file itself, and for
places in other files the text that the analysis has of them, unsaved or from disk. The unit of
columns is the one agreed on with the client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from goescape.ide.diagnostics import Diagnostic
from goescape.ide.hover import Hover, plain_text
from goescape.report.finding import Place
from goescape.report.rules import path
from goescape.source.file import SourceFile
from lsprotocol import types as lsp
from pygls.uris import from_fs_path

SOURCE = "goescape"

Files = Callable[[str], SourceFile | None]
Uris = Callable[[str], str | None]
"""How the client writes the URI of the file at a path; None when it has none."""


@dataclass(frozen=True, slots=True)
class Shows:
    """What a client shows of a diagnostic: related information (else a flow is told in the message),
    tags, the page that its code stands for."""

    related: bool
    tags: bool
    pages: bool


EVERYTHING = Shows(True, True, True)


class Converter:
    """For one answer about `file`; `files` gives other files as the analysis sees them,
    `uri_of` their URIs."""

    __slots__ = ("_encoding", "_files", "_known", "_shows", "_uri", "file", "uri_of")

    def __init__(
        self,
        file: SourceFile,
        encoding: str,
        files: Files,
        shows: Shows = EVERYTHING,
        uri_of: Uris = from_fs_path,
    ) -> None:
        self.file = file
        self.uri_of = uri_of
        self._encoding = encoding
        self._files = files
        self._shows = shows
        self._known: dict[str, tuple[SourceFile, str] | None] = {}
        self._uri = b""

    # -- single values

    def range(self, start: int, end: int) -> lsp.Range:
        """The bytes `start` to `end` of the file."""
        return _range(self.file, start, end, self._encoding)

    @property
    def uri(self) -> bytes:
        """The URI of the file, as it stands in JSON."""
        if not self._uri:
            self._uri = msgspec.json.encode(self.uri_of(self.file.path) or "")[1:-1]
        return self._uri

    def range_in(self, path: str, start: int, end: int) -> lsp.Range | None:
        """The bytes `start` to `end` of any file; None when its text is not to be had."""
        known = self._file(path)
        return _range(known[0], start, end, self._encoding) if known is not None else None

    def offset(self, position: lsp.Position) -> int:
        """The byte offset of a position in the file."""
        return self.file.editor_offset(position.line, position.character, self._encoding)

    def location(self, place: Place) -> lsp.Location | None:
        """A place in any file; None when its text is not to be had."""
        known = self._file(place.path)
        if known is None:
            return None
        file, uri = known
        return lsp.Location(uri=uri, range=_range(file, place.start, place.end, self._encoding))

    def hover(self, h: Hover, is_plain: bool = False) -> lsp.Hover:
        """A hover in Markdown, or without."""
        if is_plain:
            contents = lsp.MarkupContent(
                kind=lsp.MarkupKind.PlainText, value=plain_text(h.markdown)
            )
        else:
            contents = lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=h.markdown)
        return lsp.Hover(contents=contents, range=self.range(h.start, h.end))

    def link(self, place: Place) -> str:
        """A place as a Markdown link that editors open."""
        name = f"{place.path.replace(chr(92), '/').rpartition('/')[2]}:{place.line}"
        uri = self.uri_of(place.path)
        return f"[{name}]({uri}#L{place.line})" if uri else name

    def rule_link(self, rule: str) -> str:
        """The page of a rule as a Markdown link."""
        uri = from_fs_path(path(rule))
        return f"[{rule}]({uri})" if uri else rule

    # -- plain data

    def plain_location(self, place: Place | None) -> dict[str, Any] | None:
        """A place in any file as `{uri, range}`; None for no place, or when its text is not to be
        had."""
        known = self._file(place.path) if place is not None else None
        if place is None or known is None:
            return None
        file, uri = known
        return {"uri": uri, "range": _plain_range(file, place.start, place.end, self._encoding)}

    def plain_diagnostic(self, d: Diagnostic) -> dict[str, Any]:
        """A diagnostic of the file."""
        message = d.message
        related = []
        if self._shows.related:
            for r in d.related:
                location = self.plain_location(r.place)
                if location is not None:
                    related.append({"location": location, "message": r.message})
        elif d.related:
            message = "\n".join([message, *(f"  {r.message}" for r in d.related)])
        plain: dict[str, Any] = {
            "range": _plain_range(self.file, d.start, d.end, self._encoding),
            "severity": d.severity,
            "code": d.code,
            "source": SOURCE,
            "message": message,
        }
        if self._shows.pages and d.rule and (page := _page(d.rule)) is not None:
            plain["codeDescription"] = {"href": page}
        if d.dim and self._shows.tags:
            plain["tags"] = [lsp.DiagnosticTag.Unnecessary.value]
        if related:
            plain["relatedInformation"] = related
        return plain

    def _file(self, path: str) -> tuple[SourceFile, str] | None:
        if path not in self._known:
            file = self.file if path == self.file.path else self._files(path)
            uri = self.uri_of(path)
            self._known[path] = (file, uri) if file is not None and uri is not None else None
        return self._known[path]


@cache
def _page(rule: str) -> str | None:
    """The URI of the page about a rule."""
    file = path(rule)
    return str(from_fs_path(file)) if file else None


def _range(file: SourceFile, start: int, end: int, encoding: str) -> lsp.Range:
    return lsp.Range(
        lsp.Position(*file.editor_position(start, encoding)),
        lsp.Position(*file.editor_position(end, encoding)),
    )


def _plain_range(file: SourceFile, start: int, end: int, encoding: str) -> dict[str, Any]:
    line, character = file.editor_position(start, encoding)
    last, column = file.editor_position(end, encoding)
    return {
        "start": {"line": line, "character": character},
        "end": {"line": last, "character": column},
    }

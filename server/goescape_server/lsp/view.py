"""One file as the analysis last saw it, made ready for the client on the analysis thread.

A `View` is a value: whoever holds one can answer questions about that text without waiting for the
analysis. `Presenter` makes views of answers; what did not change since the last view of the file is
taken from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from goescape.ide.diagnostics import Options, Source, is_reported
from goescape.source.file import SourceFile
from goescape.workspace.session import FileAnswer, Session
from pygls.uris import from_fs_path

from goescape_server.lsp.settings import Settings
from goescape_server.lsp.shown import Key, Memory, Whole
from goescape_server.lsp.to_lsp import Converter, Shows, Uris

Known = Callable[[str], SourceFile | None]
NOTHING = Whole(())


@dataclass(frozen=True, slots=True)
class View:
    """`generation` counts the changes that were known when it was made. `convert` knows the positions
    of the text. `diagnostics` are JSON, in the order of the file; `result_id` names that list: equal
    lists have equal names. `pieces`: equal ones have equal findings at equal places. `heap` and
    `leaks` count allocations on the heap and leaking parameters. `is_reported`: something is said of
    the file unasked."""

    generation: int
    answer: FileAnswer
    convert: Converter
    diagnostics: tuple[msgspec.Raw, ...]
    result_id: str
    pieces: tuple[Key, ...] = ()
    heap: int = 0
    leaks: int = 0
    is_reported: bool = True

    @property
    def text(self) -> bytes | None:
        """The text that was analysed; None when it could not be read."""
        return self.answer.text


class Presenter:
    """Makes views. `opened` gives open files with their lines already counted; `encoding` is the
    unit of columns, `shows` what the client shows of a diagnostic, `roots` the workspace's folders, `uri_of`
    says how the client writes the URI of a file."""

    def __init__(
        self,
        opened: Known,
        encoding: str,
        shows: Shows,
        roots: Sequence[str] = (),
        uri_of: Uris = from_fs_path,
    ) -> None:
        self.settings = Settings()
        self.roots = roots
        self._opened = opened
        self._encoding = encoding
        self._shows = shows
        self._uri_of = uri_of
        self._files: dict[str, SourceFile] = {}
        self._shown: dict[str, tuple[tuple[Options, Sequence[str], bool], Memory]] = {}

    def view(self, session: Session, answer: FileAnswer, generation: int) -> View:
        """The view of an answer that the session has just given."""
        file = self._file(answer.path, answer.text or b"")
        convert = Converter(
            file,
            self._encoding,
            lambda path: self._read(session, path),
            self._shows,
            self._uri_of,
        )
        if answer.text is None:
            return View(generation, answer, convert, (), NOTHING.name)
        source = Source(answer.path, answer.text, answer.library, self.roots, not answer.problems)
        options = self.settings.diagnostics
        wanted = is_reported(source, options)
        memory = self._memory(answer.path, (options, self.roots, wanted))
        shown = memory.update(answer, source, convert)
        return View(
            generation, answer, convert, shown.diagnostics, shown.name, memory.keys,
            shown.heap, shown.leaks, wanted,
        )  # fmt: skip

    def _memory(self, path: str, state: tuple[Options, Sequence[str], bool]) -> Memory:
        """What is known of the file under the same circumstances."""
        known = self._shown.get(path)
        if known is None or known[0] != state:
            known = self._shown[path] = state, Memory(state[0])
        return known[1]

    def forget(self, path: str) -> None:
        """The file is closed."""
        self._shown.pop(path, None)
        self._files.pop(path, None)

    def name_anew(self) -> None:
        """URIs are written in another way."""
        self._shown.clear()

    def _read(self, session: Session, path: str) -> SourceFile | None:
        text = session.read(path)
        return self._file(path, text) if text is not None else None

    def _file(self, path: str, text: bytes) -> SourceFile:
        """The file with this text; its lines are counted once."""
        for known in (self._opened(path), self._files.get(path)):
            if known is not None and known.text == text:
                return known
        file = self._files[path] = SourceFile(path, text)
        return file

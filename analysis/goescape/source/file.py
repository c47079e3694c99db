"""One version of a source file: its bytes, and every way to name a place in it.

The file's own unit is the byte offset from 0. The compiler speaks of lines (ended by `\\n` only) and
byte columns from 1; `//line` and `/*line*/` comments rename them (`presumed`). Editors speak of lines
from 0 (ended by `\\n`, `\\r\\n` or `\\r`) and of columns in UTF-16 or UTF-32 code units or bytes.

Invariants
  - a `SourceFile` is a value: an edit makes a new one;
  - conversions never fail: what lies outside is moved to the nearest place inside.

Example: behind a line `//line gen.y:100:7` the byte that follows the newline is `gen.y:100:7`.

Source: cmd/compile/internal/syntax/pos.go, parser.go: updateBase (go1.27).
"""

from __future__ import annotations

import hashlib
import re
from itertools import accumulate
from posixpath import dirname, isabs, join, normpath

from goescape.source.lines import Lines

POS_MAX = 1 << 30

_EDITOR_LINE_END = re.compile(rb"\r\n?|\n")
_LEXEME = re.compile(
    rb"""//[^\n]*|/\*.*?(?:\*/|\Z)|`[^`]*`?|"(?:[^"\\\n]|\\[^\n])*"?|'(?:[^'\\\n]|\\[^\n])*'?""",
    re.S,
)


class LineBase:
    """From byte `offset` on, lines and columns count as if `line`, `col` of `filename` stood
    there; `col` 0 means that columns are not known."""

    __slots__ = ("at_col", "at_line", "col", "filename", "line", "offset")

    def __init__(
        self, offset: int, at_line: int, at_col: int, filename: str, line: int, col: int
    ) -> None:
        self.offset, self.at_line, self.at_col = offset, at_line, at_col
        self.filename, self.line, self.col = filename, line, col


class SourceFile:
    """The text of the file `path`. Lines, hash and line directives are found when asked for. `joins_names`:
    relative names in line directives are looked for beside the file (before go1.27: nowhere)."""

    __slots__ = (
        "_bases", "_editor_starts", "_hash", "_is_plain", "_line_starts", "joins_names", "line_errors", "path",
        "text",
    )  # fmt: skip

    def __init__(self, path: str, text: bytes, joins_names: bool = True) -> None:
        self.path = path
        self.text = text
        self.joins_names = joins_names
        self.line_errors: list[tuple[int, str]] | None = None
        self._bases: list[LineBase] | None = None
        # Whether what a directive begins with is known to stand nowhere, not even in a string.
        self._is_plain = False
        self._line_starts: Lines | None = None
        self._editor_starts: Lines | None = None
        self._hash: str | None = None

    @property
    def content_hash(self) -> str:
        """A hash of the text alone, as 32 hexadecimal digits."""
        if self._hash is None:
            self._hash = hashlib.blake2b(self.text, digest_size=16).hexdigest()
        return self._hash

    def spliced(self, start: int, end: int, new: bytes) -> SourceFile:
        """This file with the bytes from `start` to `end` replaced by `new`. Editor lines are looked
        for again around the change only."""
        text = self.text
        result = SourceFile(self.path, text[:start] + new + text[end:], self.joins_names)

        def starts_in(low: int, high: int) -> Lines:
            return SourceFile("", result.text[low:high]).editor_line_starts

        starts, delta = self.editor_line_starts, len(new) - (end - start)
        result._editor_starts = starts.spliced(start, end, delta, len(text), starts_in)
        return result

    def take_lines(self, old: SourceFile, start: int, end: int) -> None:
        """This is the text of `old` with other bytes in place of those from `start` to `end`: if it is
        known where lines start there, look for them, and for line directives where there was none, around
        the change only."""
        if old._line_starts is not None and self._line_starts is None:

            def starts_in(low: int, high: int) -> Lines:
                return SourceFile("", self.text[low:high]).line_starts

            delta, size = len(self.text) - len(old.text), len(old.text)
            self._line_starts = old._line_starts.spliced(start, end, delta, size, starts_in)
            if old._is_plain and not self._is_plain:
                around = self.text[max(start - len("//line"), 0) : end + delta + len("//line ")]
                if b"line " not in around:
                    self._is_plain, self._bases, self.line_errors = True, [], []

    # --- the compiler's lines and columns ------------------------------------------------------

    @property
    def line_starts(self) -> Lines:
        """The offset at which each line starts, lines ending with `\\n`; never empty."""
        if self._line_starts is None:
            text = self.text
            if b"\r" in text:
                starts = [0, *(m.end() for m in re.finditer(rb"\n", text))]
            else:  # Four times as fast.
                starts = [0, *accumulate(map(len, text.splitlines(True)))]
                if not text.endswith(b"\n"):
                    del starts[1 if not text else -1 :]
            self._line_starts = Lines(starts)
        return self._line_starts

    def line_col(self, offset: int) -> tuple[int, int]:
        """Line and byte column of `offset`, both from 1."""
        starts = self.line_starts
        line = max(starts.at(offset), 0)
        return line + 1, offset - starts[line] + 1

    def offset(self, line: int, col: int) -> int:
        """The offset of a line and byte column, both from 1; kept inside the line."""
        starts = self.line_starts
        if line < 1:
            return 0
        if line > len(starts):
            return len(self.text)
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return min(starts[line - 1] + max(col, 1) - 1, end)

    def presumed(self, offset: int) -> tuple[str, int, int]:
        """File name, line and column of `offset` as `//line` directives want them named. Column 0
        means that it is not shown."""
        bases = self._bases
        if bases is None:
            bases = self._bases = self._find_line_bases()
        line, col = self.line_col(offset)
        if not bases or offset < bases[0].offset:
            return self.path, line, col
        low, high = 0, len(bases)
        while high - low > 1:
            middle = (low + high) // 2
            if bases[middle].offset <= offset:
                low = middle
            else:
                high = middle
        base = bases[low]
        presumed_line = base.line + (line - base.at_line)
        if base.col == 0:
            return base.filename, presumed_line, 0
        if line == base.at_line:
            col = base.col + (col - base.at_col)
        return base.filename, presumed_line, col

    def line_directive_errors(self) -> list[tuple[int, str]]:
        """What is wrong with the line directives: (offset, message)."""
        if self._bases is None:
            self._bases = self._find_line_bases()
        return self.line_errors or []

    def _find_line_bases(self) -> list[LineBase]:
        text = self.text
        bases: list[LineBase] = []
        errors: list[tuple[int, str]] = []
        self.line_errors = errors
        if b"//line " not in text and b"/*line " not in text:
            self._is_plain = True
            return bases
        for m in _LEXEME.finditer(text):
            comment = m[0]
            line, col = self.line_col(m.start())
            if comment.startswith(b"//line "):
                if col != 1:
                    continue
                body = comment[2:]
                if body.endswith(b"\r"):
                    body = body[:-1]
                offset, at_line, at_col = m.end() + 1, line + 1, 1
            elif comment.startswith(b"/*line ") and comment.endswith(b"*/"):
                body = comment[2:-2]
                offset, at_line, at_col = m.end(), line, col + len(comment)
            else:
                continue
            self._update_base(
                bases,
                errors,
                offset,
                at_line,
                at_col,
                m.start() + 7,
                body[5:].decode("utf-8", "replace"),
            )
        return bases

    def _update_base(
        self,
        bases: list[LineBase],
        errors: list[tuple[int, str]],
        offset: int,
        at_line: int,
        at_col: int,
        text_offset: int,
        text: str,
    ) -> None:
        """One directive's text, `file:line` or `file:line:col`."""
        i, n, ok = _trailing_digits(text)
        if i == 0:
            return
        if not ok:
            errors.append((text_offset + i, "invalid line number: " + text[i:]))
            return
        i2, n2, with_col = _trailing_digits(text[: i - 1])
        line, col = n, 0
        if with_col:
            i, i2 = i2, i
            line, col = n2, n
            if col == 0 or col > POS_MAX:
                errors.append((text_offset + i2, "invalid column number: " + text[i2:]))
                return
            text = text[: i2 - 1]
        if line == 0 or line > POS_MAX:
            errors.append((text_offset + i, "invalid line number: " + text[i:]))
            return
        filename = text[: i - 1]
        if filename == "" and with_col:
            filename = bases[-1].filename if bases else self.path
        elif filename != "" and self.joins_names:
            filename = clean_path(filename)
            directory = dirname(self.path)
            if not isabs(filename) and directory not in ("", "."):
                filename = clean_path(join(directory, filename))
        bases.append(LineBase(offset, at_line, at_col, filename, line, col))

    # --- the editor's lines and columns --------------------------------------------------------

    @property
    def editor_line_starts(self) -> Lines:
        """The offset at which each line starts for an editor (`\\n`, `\\r\\n` and `\\r` end one)."""
        if self._editor_starts is None:
            ends = [m.end() for m in _EDITOR_LINE_END.finditer(self.text)]
            self._editor_starts = Lines([0, *ends])
        return self._editor_starts

    def editor_position(self, offset: int, encoding: str = "utf-16") -> tuple[int, int]:
        """Line and column of `offset`, both from 0, the column in units of `encoding` ("utf-8",
        "utf-16" or "utf-32"). An offset inside a character counts as its start."""
        starts = self.editor_line_starts
        offset = max(0, min(offset, len(self.text)))
        line = starts.at(offset)
        head = self.text[starts[line] : offset]
        return line, _units(head, encoding)

    def editor_offset(self, line: int, column: int, encoding: str = "utf-16") -> int:
        """The offset of an editor's line and column (from 0, in units of `encoding`). Beyond the
        end of the line it is the end of the line, without the line's ending."""
        starts = self.editor_line_starts
        if line < 0:
            return 0
        if line >= len(starts):
            return len(self.text)
        start = starts[line]
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        content = self.text[start:end].rstrip(b"\r\n")
        if encoding == "utf-8" or content.isascii():
            return start + max(0, min(column, len(content)))
        units = 0
        offset = start
        for char in content.decode("utf-8", "surrogateescape"):
            width = 2 if encoding == "utf-16" and ord(char) > 0xFFFF else 1
            if units + width > column:
                break
            units += width
            offset += len(char.encode("utf-8", "surrogateescape"))
        return offset


def _units(head: bytes, encoding: str) -> int:
    """How many units of `encoding` the bytes `head` of a line are."""
    if encoding == "utf-8" or head.isascii():
        return len(head)
    n = sum(1 for byte in head if byte & 0xC0 != 0x80)
    if encoding == "utf-16":
        n += sum(1 for byte in head if byte >= 0xF0)
    return n


def _trailing_digits(text: str) -> tuple[int, int, bool]:
    """The number behind the last `:`: its index, its value, and whether it is a number."""
    i = text.rfind(":")
    if i < 0:
        return 0, 0, False
    digits = text[i + 1 :]
    if not digits.isascii() or not digits.isdigit() or int(digits) >= 1 << 64:
        return i + 1, 0, False
    return i + 1, int(digits), True


def clean_path(path: str) -> str:
    """`path` as Go's filepath.Clean shortens it (on Unix)."""
    if path == "":
        return "."
    cleaned = normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned

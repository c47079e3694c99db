"""The top of a Go file, read without parsing it: package name, imports, build constraint.

Which files form a package, and what the package imports, is decided by a few lines at the top of
each file. `scan_header` reads just these, quickly, so that a whole library can be listed in a
second or two.

Invariants
  - never raises: what is wrong with the text is said in `Header.error`, and the rest is filled in
    as far as the text goes;
  - `//go:build` counts only above the package clause; `// +build` lines only in the leading run of
    line comments that a blank line ends;
  - offsets are byte offsets of the import specs: of the name where there is one, else of the path.

Example: for `//go:build linux\n\npackage p\n\nimport "fmt"` the header has name `p`, imports
`(("fmt", 37),)` and build lines `("//go:build linux",)`.

Source: go/build/read.go (readGoInfo), build.go (parseFileHeader, shouldBuild) (go1.27).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from goescape.syntax import constraint
from goescape.syntax.scan import KEYWORDS

_BLANK = re.compile(rb"(?:[ \t\r\n]+|//[^\n]*|/\*[\s\S]*?\*/)*")
_TOKEN = re.compile(
    rb"(?P<word>[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)"
    rb'|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    rb"|(?P<other>[\s\S])"
    rb"|\Z"
)
_PLAIN = rb'"[^"\\\n]*"'
_PLAIN_BLOCK = re.compile(rb"[ \t]*\((?:[ \t\r\n]|//[^\n]*\n|" + _PLAIN + rb"(?=[ \t\r]*\n))*\)")
"""The usual block of imports: a path on each line, none of them with another name."""
_PLAIN_PATH = re.compile(rb"//[^\n]*|" + _PLAIN)
_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    rb'\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))'
)
_SIMPLE = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\\": b"\\", b'"': b'"',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What `scan_header` found. `name` is empty when there is no package clause. `end`: while the first
    `end` bytes of the text are the same (all of it, where there are fewer), so is the header."""

    name: str
    imports: tuple[tuple[str, int], ...]
    build_lines: tuple[str, ...]  # the constraint lines in force: one //go:build or several +build
    has_cgo: bool
    go_version: str  # "go1.N" implied by the //go:build line, or ""
    error: str  # "" or what is wrong, as "LINE:COL: message" or a message about constraints
    build_error: str  # the constraint does not parse: the file is left out, and this is why
    end: int = field(compare=False)


def scan_header(text: bytes) -> Header:
    """Read the header of a Go file. Cost: proportional to the header, not to the file."""
    tokens = _Tokens(text)
    build_lines: list[str] = []
    build_error = ""
    if text.find(b"build", 0, tokens.offset) >= 0:
        build_lines, build_error = _build_lines(text)
    name, imports, error = _package_and_imports(tokens)
    version = ""
    if build_lines and not build_error:
        try:
            parsed = [constraint.parse_line(line) for line in build_lines]
        except constraint.ConstraintError as e:
            if build_lines[0].startswith("//go:build"):
                build_error = f"parsing //go:build line: {e}"
        else:
            if build_lines[0].startswith("//go:build") and parsed[0] is not None:
                version = constraint.go_version(parsed[0])
    # At the end of the text, or where something begins that what follows may end.
    is_open = tokens.offset == tokens.pos or tokens.other in (b"/", b'"', b"`")
    return Header(
        name,
        tuple(imports),
        tuple(build_lines),
        any(path == "C" for path, _ in imports),
        version,
        error,
        build_error,
        len(text) + 1 if is_open else tokens.pos + 1,
    )


def _package_and_imports(tokens: _Tokens) -> tuple[str, list[tuple[str, int]], str]:
    imports: list[tuple[str, int]] = []
    if tokens.word != b"package":
        return "", imports, tokens.complain("expected 'package'")
    tokens.next()
    if tokens.word is None:
        return "", imports, tokens.complain("expected 'IDENT'")
    name = tokens.word.decode("utf-8", "replace")
    tokens.next()
    if not tokens.end_of_line:
        return name, imports, tokens.complain("expected ';'")
    while True:
        tokens.skip_semicolons()
        if tokens.word != b"import":
            return name, imports, ""
        if tokens.plain_block(imports):
            continue
        tokens.next()
        if tokens.other == b"(":
            tokens.next()
            while True:
                tokens.skip_semicolons()
                if tokens.other == b")":
                    tokens.next()
                    break
                if not tokens.import_spec(imports):
                    return name, imports, tokens.complain("missing import path")
        elif not tokens.import_spec(imports):
            return name, imports, tokens.complain("missing import path")


class _Tokens:
    """The token under the cursor, as exactly one of `word`, `string`, `other`; none at the end."""

    __slots__ = ("end_of_line", "offset", "other", "pos", "string", "text", "word")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.pos = len(_BOM) if text.startswith(_BOM) else 0
        self.next()

    def next(self) -> None:
        text, pos = self.text, self.pos
        self.word = self.string = self.other = None
        m = _BLANK.match(text, pos)
        assert m is not None
        end = m.end()
        self.end_of_line = text.find(b"\n", pos, end) >= 0
        m = _TOKEN.match(text, end)
        assert m is not None
        self.offset, self.pos, kind = end, m.end(), m.lastgroup
        if kind is None:
            self.end_of_line = True
            return
        setattr(self, kind, m[kind])
        if self.other == b";":
            self.end_of_line = True

    def plain_block(self, imports: list[tuple[str, int]]) -> bool:
        """Whether the word `import` is followed by a block in which there is nothing unusual; then it is read."""
        m = _PLAIN_BLOCK.match(self.text, self.pos)
        if m is None:
            return False
        for found in _PLAIN_PATH.finditer(self.text, self.pos, m.end()):
            path = found[0]
            if path[:1] == b'"':
                imports.append((path[1:-1].decode("utf-8", "replace"), found.start()))
        self.pos = m.end()
        self.next()
        return True

    def skip_semicolons(self) -> None:
        while self.other == b";":
            self.next()

    def import_spec(self, imports: list[tuple[str, int]]) -> bool:
        start = self.offset
        if (
            self.word is not None and self.word.decode("latin-1") not in KEYWORDS
        ) or self.other == b".":
            self.next()
        if self.string is None:
            return False
        path = _unquote(self.string)
        if path is None:
            return False
        imports.append((path, start))
        self.next()
        return True

    def complain(self, message: str) -> str:
        line = self.text.count(b"\n", 0, self.offset) + 1
        col = self.offset - self.text.rfind(b"\n", 0, self.offset)
        return f"{line}:{col}: {message}"


def _unquote(literal: bytes) -> str | None:
    body = literal[1:-1]
    if literal[:1] == b"`":
        body = body.replace(b"\r", b"")
    elif b"\\" in body:
        if _ESCAPE.sub(b"", body).count(b"\\"):
            return None
        body = _ESCAPE.sub(_escape, body)
    return body.decode("utf-8", "replace")


def _escape(m: re.Match[bytes]) -> bytes:
    if m[1]:
        return _SIMPLE[m[1]]
    if m[2]:
        return bytes([int(m[2], 16)])
    if m[3]:
        return bytes([int(m[3], 8) & 0xFF])
    code = int(m[4] or m[5], 16)
    return chr(code).encode("utf-8", "replace") if code <= 0x10FFFF else b"?"


def _build_lines(text: bytes) -> tuple[list[str], str]:
    """The constraint lines in force, and what is wrong with them."""
    if text.startswith(_BOM):
        text = text[len(_BOM) :]
    go_build: str | None = None
    plus_candidates: list[tuple[int, str]] = []
    end = pos = 0
    ended = in_block = False
    size = len(text)
    while pos < size:
        newline = text.find(b"\n", pos)
        after = size if newline < 0 else newline + 1
        start = pos
        line = text[pos : after if newline < 0 else newline].strip()
        pos = after
        if not line:
            if not ended:
                end = pos
            continue
        if not line.startswith(b"//"):
            ended = True
        elif not in_block:
            if line.startswith(b"//go:build"):
                decoded = line.decode("utf-8", "replace")
                if constraint.go_build_text(decoded) is not None:
                    if go_build is not None:
                        return [], "multiple //go:build comments"
                    go_build = decoded
            elif not ended and b"+build" in line:
                plus_candidates.append((start, line.decode("utf-8", "replace")))
        while line:
            if in_block:
                i = line.find(b"*/")
                if i < 0:
                    break
                in_block = False
                line = line[i + 2 :].strip()
            elif line.startswith(b"//"):
                break
            elif line.startswith(b"/*"):
                in_block = True
                line = line[2:].strip()
            else:
                pos = size
                break
    if go_build is not None:
        return [go_build], ""
    lines = [
        line
        for start, line in plus_candidates
        if start < end and constraint.plus_build_text(line) is not None
    ]
    return lines, ""

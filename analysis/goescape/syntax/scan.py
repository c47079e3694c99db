"""Go's tokens, semicolons inserted, as parallel lists.

`scan` cuts a stretch of text into tokens at once; the parser then walks the lists by index and can
look ahead, skip a body, or start again in the middle. A token is spelled by its class: `"name"`,
`"literal"`, `"operator"`, `"op="`, `"++"` (for both `++` and `--`), `";"` or the text of a keyword
or of punctuation (`"*"` is a class of its own). `values` holds what the class leaves open: the name,
the literal's kind, the operator, or how the semicolon came about ("semicolon", "newline", "EOF").

Invariants
  - the last token is `"EOF"`; all lists have equal length;
  - offsets are bytes in the file, whichever stretch was scanned;
  - a directive (`//go:…`) is kept with the index of the token that follows it.

Example: `x++ // c` at the end of a file is name, `++`, `;` ("EOF"), EOF.

Source: cmd/compile/internal/syntax/scanner.go, source.go (go1.27).
"""

from __future__ import annotations

import re
import unicodedata
from sys import intern

from goescape.syntax.literals import (
    PLAIN_NUMBER,
    check_escapes,
    check_number,
    check_rune,
    check_string,
    code_point,
    number_end,
    number_kind,
)

KEYWORDS = frozenset(
    "break case chan const continue default defer else fallthrough for func go goto if import "
    "interface map package range return select struct switch type var".split()
)
_ENDS_STATEMENT = frozenset({"break", "continue", "fallthrough", "return"})

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "+": 4,
    "-": 4,
    "|": 4,
    "^": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "&": 5,
    "&^": 5,
    "<<": 5,
    ">>": 5,
}

_TOKEN = re.compile(
    rb"""[ \t\r]*(?:
      ([A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*
      |[)\]}]|\+\+|--
      |\.\.\.|<<=|>>=|&\^=|:=|<-|&&|\|\||==|!=|<=|>=|<<|>>|&\^|[-+*%&|^]=|/=|[-(\[{,;+*%&|^<>=!~:]|\.(?![0-9])|/(?![/*]))
    | (\n)[ \t\r\n]*
    | ("[^"\\\n]*"|`[^`]*`)
    | ((?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)(?![0-9A-Za-z_.]))
    | (//[^\n]*)
    | ("(?:[^"\\\n]|\\[^\n])*")
    | (\.?[0-9])
    | (/\*)
    | ('(?:[^'\\\n]|\\[^\n])+')
    | (["`'])
    | (.)
    | (\Z)
    )""",
    re.X | re.S,
)
(
    _WORD, _NEWLINE, _STRING, _INT, _LINE_COMMENT, _ESCAPED, _NUMBER, _COMMENT, _RUNE, _QUOTE, _STRAY, _EOF,
) = range(1, 13)  # fmt: skip

Spelling = tuple[str, str, bool]
"""A token's class and value, and whether a newline behind it is a semicolon."""

_SPELLINGS: dict[bytes, Spelling] = {}
for _op in PRECEDENCE:
    _SPELLINGS[_op.encode()] = ("operator", _op, False)
for _op in ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&^"):
    _SPELLINGS[_op.encode() + b"="] = ("op=", _op, False)
for _op in ("!", "~"):
    _SPELLINGS[_op.encode()] = ("operator", _op, False)
for _op in ("...", ":=", "<-", "=", "(", "[", "{", ",", ":", "."):
    _SPELLINGS[_op.encode()] = (_op, "", False)
for _op in (")", "]", "}"):
    _SPELLINGS[_op.encode()] = (_op, "", True)
_SPELLINGS[b"++"] = ("++", "+", True)
_SPELLINGS[b"--"] = ("++", "-", True)
_SPELLINGS[b"*"] = ("*", "*", False)
_SPELLINGS[b";"] = (";", "semicolon", False)
for _op in KEYWORDS:
    _SPELLINGS[_op.encode()] = (_op, _op, _op in _ENDS_STATEMENT)
_BEFORE_SEMICOLON = {cls for cls, _, ends in _SPELLINGS.values() if ends} | {"name", "literal"}


class Tokens:
    """The tokens of `text[start:end]`. `errors` holds (offset, message); `directives` holds
    (index of the next token, offset of the `//`, text without `//`, alone on its line)."""

    __slots__ = ("begs", "classes", "directives", "ends", "errors", "text", "values")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.classes: list[str] = []
        self.values: list[str] = []
        self.begs: list[int] = []
        self.ends: list[int] = []
        self.errors: list[tuple[int, str]] = []
        self.directives: list[tuple[int, int, str, bool]] = []


def scan(
    text: bytes, start: int, end: int, names: dict[bytes, Spelling], nlsemi: bool = False
) -> Tokens:
    """Scan `text[start:end]`; `names` memoizes identifiers across calls. `nlsemi`: a newline is a semicolon there."""
    tokens = Tokens(text)
    classes, values, begs, ends = tokens.classes, tokens.values, tokens.begs, tokens.ends
    i = start
    while i >= 0:  # Again where something ends elsewhere than it seems.
        found, i = _TOKEN.finditer(text, i, end), -1
        for m in found:
            group = m.lastindex
            if group == _WORD:
                word = m[1]
                spelling = names.get(word)
                if spelling is None:
                    spelling = _SPELLINGS.get(word) or _name(tokens, word, m.start(1))
                    if word.isascii():
                        names[word] = spelling
                cls, value, nlsemi = spelling
                classes.append(cls)
                values.append(value)
                beg, behind = m.span(1)
                begs.append(beg)
                ends.append(behind)
            elif group == _NEWLINE:
                if nlsemi:
                    beg = m.start(_NEWLINE)
                    classes.append(";")
                    values.append("newline")
                    begs.append(beg)
                    ends.append(beg + 1)
                    nlsemi = False
            elif group == _LINE_COMMENT:
                beg = m.start(_LINE_COMMENT)
                if text.startswith(b"go:", beg + 2):
                    _directive(tokens, beg, m.end())
            elif group == _COMMENT:
                beg = m.start(_COMMENT)
                i = text.find(b"*/", m.end(), end) + 2
                if i == 1:
                    tokens.errors.append((beg, "comment not terminated"))
                    i = end
                if nlsemi and text.find(b"\n", beg, i) >= 0:
                    classes.append(";")
                    values.append("newline")
                    begs.append(beg)
                    ends.append(i)
                    nlsemi = False
                break
            elif group == _STRAY:
                _stray(tokens, m.start(_STRAY))
            elif group != _EOF:
                assert group is not None
                beg = m.start(group)
                behind, kind = _literal(tokens, group, beg, m.end(), end)
                classes.append("literal")
                values.append(kind)
                begs.append(beg)
                ends.append(behind)
                nlsemi = True
                if behind != m.end():
                    i = behind
                    break
    if nlsemi:
        classes.append(";")
        values.append("EOF")
        begs.append(end)
        ends.append(end)
    classes.append("EOF")
    values.append("")
    begs.append(end)
    ends.append(end)
    return tokens


def ends_statement(cls: str) -> bool:
    """Whether a newline is a semicolon behind a token of that class."""
    return cls in _BEFORE_SEMICOLON


def is_letter(char: str) -> bool:
    """A letter in the sense of Go: `_` and Unicode category L."""
    return char == "_" or unicodedata.category(char)[0] == "L"


def name_complaints(name: str) -> list[tuple[int, str]]:
    """What is wrong with the characters of an identifier: (byte offset, message)."""
    found = []
    offset = 0
    for i, char in enumerate(name):
        if not char.isascii():
            category = unicodedata.category(char)
            if category == "Nd":
                if i == 0:
                    shown = code_point(ord(char))
                    found.append((offset, f"identifier cannot begin with digit {shown}"))
            elif category[0] != "L":
                shown = code_point(ord(char))
                found.append((offset, f"invalid character {shown} in identifier"))
        offset += len(char.encode("utf-8", "surrogateescape"))
    return found


def _name(tokens: Tokens, word: bytes, beg: int) -> Spelling:
    """The spelling of an identifier."""
    name = intern(word.decode("utf-8", "surrogateescape"))
    if not name.isascii():
        for offset, msg in name_complaints(name):
            tokens.errors.append((beg + offset, msg))
    return "name", name, True


def _directive(tokens: Tokens, beg: int, end: int) -> None:
    text = tokens.text[beg + 2 : end].decode("utf-8", "replace")
    if text.endswith("\r"):
        text = text[:-1]
    line = tokens.text.rfind(b"\n", 0, beg) + 1
    alone = not tokens.text[line:beg].strip(b" \t\r")
    tokens.directives.append((len(tokens.classes), beg + 2, text, alone))


def _stray(tokens: Tokens, beg: int) -> None:
    """A character no token starts with; it is skipped."""
    tokens.errors.append((beg, f"invalid character {code_point(tokens.text[beg])}"))


def _literal(tokens: Tokens, group: int, beg: int, end: int, limit: int) -> tuple[int, str]:
    """The literal at `beg`: its end and its kind (with a "!" in front if it is bad)."""
    text = tokens.text
    if group == _STRING:
        return end, "string"
    if group == _INT:
        return end, "int"
    if group == _ESCAPED:
        complaints = check_string(text[beg:end])
        kind = "string"
    elif group == _NUMBER:
        end = number_end(text, beg, limit)
        lit = text[beg:end].decode()
        kind = number_kind(lit)
        complaints = [] if PLAIN_NUMBER.match(lit.encode()) else check_number(lit)
    elif group == _RUNE:
        complaints = check_rune(text[beg:end])
        kind = "rune"
    else:
        assert group == _QUOTE
        return _unterminated(tokens, beg, limit)
    if complaints:
        tokens.errors.extend((beg + offset, msg) for offset, msg in complaints)
        kind = "!" + kind
    return end, kind


def _unterminated(tokens: Tokens, beg: int, limit: int) -> tuple[int, str]:
    """A quote without its partner."""
    text = tokens.text
    quote = chr(text[beg])
    errors = tokens.errors
    if quote == "`":
        errors.append((beg, "string not terminated"))
        return limit, "!string"
    if quote == "'" and text[beg + 1 : beg + 2] == b"'":
        errors.append((beg + 1, "empty rune literal or unescaped '"))
        return beg + 2, "!rune"
    end = text.find(b"\n", beg, limit)
    at_eof = end < 0
    if at_eof:
        end = limit
    errors.extend(
        (beg + offset, msg) for offset, msg in check_escapes(text[beg + 1 : end], quote, 1)
    )
    if quote == '"':
        errors.append((beg, "string not terminated") if at_eof else (end, "newline in string"))
        return end, "!string"
    if errors and errors[-1][0] > beg:
        return end, "!rune"
    errors.append(
        (beg, "rune literal not terminated") if at_eof else (end, "newline in rune literal")
    )
    return end, "!rune"

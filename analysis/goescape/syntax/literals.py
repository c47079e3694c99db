"""Whether a literal is well formed, and if not, what the compiler says about it.

`check_number`, `check_rune` and `check_string` look at the text of one literal as the scanner cut it
out and return the complaints as (byte offset from the literal's start, message). A literal with a
complaint is `bad`: the type checker then stays silent about it.

Example: `check_number("0b12")` is `[(3, "invalid digit '2' in binary literal")]`.

Source: cmd/compile/internal/syntax/scanner.go: number, rune, stdString, escape, invalidSep (go1.27).
"""

from __future__ import annotations

import re

Complaints = list[tuple[int, str]]

_BASE_NAMES = {2: "binary", 8: "octal", 10: "decimal", 16: "hexadecimal"}
_DECIMAL = frozenset("0123456789_")
_HEX = frozenset("0123456789abcdefABCDEF_")

# The shapes nobody can object to; everything else is looked at closely.
PLAIN_NUMBER = re.compile(
    rb"(?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?)\Z"
)
PLAIN_RUNE = re.compile(rb"'(?:[^\\'\n\x80-\xff]|\\[abfnrtv\\'])'\Z")


def number_end(text: bytes, start: int, limit: int) -> int:
    """Where the number literal that starts at `start` ends, at `limit` at the latest: the longest
    text the scanner takes."""
    n = limit
    i = start
    digits = _DECIMAL
    seen_point = text[i] == 0x2E
    if seen_point:
        i += 1
    elif text[i] == 0x30 and i + 1 < n:
        i += 1
        prefix = chr(text[i] | 0x20)
        if prefix in "xob":
            i += 1
            if prefix == "x":
                digits = _HEX
    while i < n and chr(text[i]) in digits:
        i += 1
    if not seen_point and i < n and text[i] == 0x2E:
        i += 1
        seen_point = True
        while i < n and chr(text[i]) in digits:
            i += 1
    if i < n and text[i] | 0x20 in (0x65, 0x70):
        i += 1
        if i < n and text[i] in b"+-":
            i += 1
        while i < n and chr(text[i]) in _DECIMAL:
            i += 1
    if i < n and text[i] == 0x69:
        i += 1
    return i


def number_kind(lit: str) -> str:
    """ "int", "float" or "imag" for the text of a number."""
    if lit[-1] == "i":
        return "imag"
    if "." in lit or "p" in lit or "P" in lit:
        return "float"
    if ("e" in lit or "E" in lit) and lit[:2] not in ("0x", "0X"):
        return "float"
    return "int"


def check_number(lit: str) -> Complaints:
    """The complaint about a number literal; at most one."""
    kind = "int"
    base, prefix = 10, ""
    digsep = 0
    invalid = -1
    i = 0
    n = len(lit)

    def digits(i: int, base: int) -> tuple[int, int, int]:
        bad = -1
        seen = 0
        accepted = _DECIMAL if base <= 10 else _HEX
        while i < n and lit[i] in accepted:
            if lit[i] == "_":
                seen |= 2
            else:
                seen |= 1
                if base <= 10 and bad < 0 and ord(lit[i]) >= 48 + base:
                    bad = i
            i += 1
        return i, seen, bad

    seen_point = lit[0] == "."
    if seen_point:
        i = 1
    else:
        if lit[0] == "0":
            i = 1
            second = lit[1:2].lower()
            if second in ("x", "o", "b"):
                i = 2
                base, prefix = {"x": 16, "o": 8, "b": 2}[second], second
            else:
                base, prefix = 8, "0"
                digsep = 1
        i, seen, invalid = digits(i, base)
        digsep |= seen
        if i < n and lit[i] == ".":
            if prefix in ("o", "b"):
                return [(i, f"invalid radix point in {_BASE_NAMES[base]} literal")]
            i += 1
            seen_point = True
    if seen_point:
        kind = "float"
        i, seen, bad = digits(i, base)
        digsep |= seen
        if invalid < 0:
            invalid = bad
    if not digsep & 1:
        return [(i, f"{_BASE_NAMES[base]} literal has no digits")]
    exponent = lit[i : i + 1].lower()
    if exponent in ("e", "p"):
        if exponent == "e" and prefix not in ("", "0"):
            return [(i, f"'{lit[i]}' exponent requires decimal mantissa")]
        if exponent == "p" and prefix != "x":
            return [(i, f"'{lit[i]}' exponent requires hexadecimal mantissa")]
        i += 1
        kind = "float"
        if lit[i : i + 1] in ("+", "-"):
            i += 1
        i, seen, _ = digits(i, 10)
        digsep = seen | digsep & 2
        if not seen & 1:
            return [(i, "exponent has no digits")]
    elif prefix == "x" and kind == "float":
        return [(i, "hexadecimal mantissa requires a 'p' exponent")]
    if lit[i : i + 1] == "i":
        kind = "imag"
    if kind == "int" and invalid >= 0:
        return [(invalid, f"invalid digit '{lit[invalid]}' in {_BASE_NAMES[base]} literal")]
    if digsep & 2:
        at = _invalid_separator(lit)
        if at >= 0:
            return [(at, "'_' must separate successive digits")]
    return []


def _invalid_separator(lit: str) -> int:
    """The index of the first `_` that does not stand between digits, or -1."""
    prefix = lit[1:2].lower() if lit[:1] == "0" else ""
    previous = "."
    start = 0
    if prefix in ("x", "o", "b"):
        previous, start = "0", 2
    digits = "0123456789abcdefABCDEF" if prefix == "x" else "0123456789"
    current = previous
    for i in range(start, len(lit)):
        previous, current = current, lit[i]
        if current == "_":
            if previous != "0":
                return i
        elif current in digits:
            current = "0"
        else:
            if previous == "_":
                return i - 1
            current = "."
    return len(lit) - 1 if current == "_" else -1


def check_escapes(body: bytes, quote: str, offset: int) -> Complaints:
    """The complaints about the escapes in `body`, the text of a literal; `offset` is that of
    `body` in the literal."""
    found: Complaints = []
    i = body.find(b"\\")
    while i >= 0:
        i, complaint = _escape(body, i + 1, quote)
        if complaint is not None:
            found.append((offset + complaint[0], complaint[1]))
        i = body.find(b"\\", i)
    return found


def quoted_rune(text: bytes) -> tuple[str, int]:
    """The first character of `text` as Go's %q shows it, and its width in bytes."""
    for width in (1, 2, 3, 4):
        try:
            char = text[:width].decode()
        except UnicodeDecodeError:
            continue
        named = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "'": "\\'", "\\": "\\\\"}.get(char, char)
        return f"'{named}'", width
    return "'\ufffd'", 1


def code_point(value: int) -> str:
    """A code point as Go's %#U shows it: `U+0041 'A'`, without the character if unprintable."""
    text = f"U+{value:04X}"
    if value < 0x110000 and not 0xD800 <= value < 0xE000 and chr(value).isprintable():
        text += f" '{chr(value)}'"
    return text


def _escape(body: bytes, i: int, quote: str) -> tuple[int, tuple[int, str] | None]:
    """The escape whose character after the backslash is at `i`: the index behind it, and what is
    wrong with it."""
    char = chr(body[i]) if i < len(body) else ""
    if char == "":
        return i, None
    if char == quote or char in "abfnrtv\\":
        return i + 1, None
    if char in "01234567":
        count, base, limit = 3, 8, 255
    elif char in "xuU":
        count, base, limit = {"x": (2, 16, 255), "u": (4, 16, 0x10FFFF), "U": (8, 16, 0x10FFFF)}[
            char
        ]
        i += 1
    else:
        return i, (i, "unknown escape")
    value = 0
    for _ in range(count):
        if i >= len(body):  # the closing quote comes too early
            shown = quoted_rune(quote.encode())[0]
            return i, (i, f"invalid character {shown} in {_BASE_NAMES[base]} escape")
        digit = "0123456789abcdef".find(chr(body[i]).lower())
        if digit < 0 or digit >= base:
            shown = quoted_rune(body[i : i + 4])[0]
            return i, (i, f"invalid character {shown} in {_BASE_NAMES[base]} escape")
        value = value * base + digit
        i += 1
    if value > limit and base == 8:
        return i, (i, f"octal escape value {value} > 255")
    if value > limit or 0xD800 <= value < 0xE000:
        return i, (i, f"escape is invalid Unicode code point {code_point(value)}")
    return i, None


def check_string(lit: bytes) -> Complaints:
    """The complaints about an interpreted string literal, quotes included."""
    if b"\\" not in lit:
        return []
    return check_escapes(lit[1:-1], '"', 1)


def check_rune(lit: bytes) -> Complaints:
    """The complaints about a terminated rune literal, quotes included."""
    if PLAIN_RUNE.match(lit):
        return []
    found: Complaints = []
    i = 1
    n = 0
    end = len(lit) - 1
    while i < end:
        if lit[i] == 0x5C:
            i, complaint = _escape(lit[:end], i + 1, "'")
            if complaint is not None:
                found.append(complaint)
        else:
            byte = lit[i]
            i += 1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        n += 1
    if not found:
        if n == 0:
            return [(1, "empty rune literal or unescaped '")]
        if n != 1:
            return [(0, "more than one character in rune literal")]
    return found

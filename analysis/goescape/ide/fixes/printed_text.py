"""What a call of fmt prints, piece by piece, and the two ways to say it: as a sum, or appended to a buffer.

Model
  - a *part* is literal text or a Go expression of type string; neighbouring literals are one;
  - a part that is made of a number is appended by a function of strconv, without a string in between;
    every other one by `append`.

Example: the parts of `"n=%d", n` are `n=` and `strconv.Itoa(n)`: `"n=" + strconv.Itoa(n)`, or
`strconv.AppendInt(append(b, "n="...), int64(n), 10)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from goescape.ide.fixes.layout import plus
from goescape.typecheck.format import quote

_AT_ONCE = (".AppendBool", ".AppendUint", ".AppendEncode")
"""Functions that append all at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """Literal text, or an expression: its `text` in a sum, and `among` arguments. `makes`: it allocates
    its string so often at most, `is_sum`: it is a sum itself, `text` being as at depth 1. `append` is the function that appends it, with its `arguments` behind the buffer; "" for
    `append` itself. `room`: so many bytes at most, 0 if nobody knows."""

    text: str
    is_literal: bool = False
    among: str = ""
    makes: int = 0
    is_sum: bool = False
    append: str = ""
    arguments: str = ""
    room: int = 0

    @property
    def is_appended_at_once(self) -> bool:
        return not self.append or self.append.endswith(_AT_ONCE)


@dataclass(slots=True)
class Text:
    """See the module. `caveats` are those of the fix (see `Fix`)."""

    parts: list[Part] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)

    def literal(self, text: str) -> None:
        if not text:
            return
        if self.parts and self.parts[-1].is_literal:
            text = self.parts.pop().text + text
        self.parts.append(Part(text, is_literal=True))

    def expression(self, text: str, among: str = "", makes: int = 0, is_sum: bool = False) -> None:
        """A string that is there, or that the expression `makes`."""
        self.parts.append(Part(text, among=among or text, makes=makes, is_sum=is_sum))

    def number(self, text: str, append: str, arguments: str, room: int = 0, makes: int = 1) -> None:
        """What a function of strconv makes, and how another one appends it."""
        self.parts.append(
            Part(text, makes=makes, append=append, arguments=arguments, room=room)
        )  # fmt: skip

    @property
    def is_constant(self) -> bool:
        return all(part.is_literal for part in self.parts)

    @property
    def n_made(self) -> int:
        """How often the sum allocates at most, itself included."""
        return sum(part.makes for part in self.parts) + (len(self.parts) > 1)

    @property
    def room(self) -> int:
        """How many bytes the text needs at most, 0 if nobody knows."""
        sizes = [
            len(p.text.encode("utf-8", "surrogateescape")) if p.is_literal else p.room
            for p in self.parts
        ]
        return sum(sizes) if all(sizes) else 0

    @property
    def n_made_appended(self) -> int:
        """How often is allocated when all is appended."""
        return sum(part.makes for part in self.parts if not part.append)

    @property
    def is_appended_in_pieces(self) -> bool:
        """Whether a slice is appended to more than once: functions of strconv do so with what may have a sign."""
        return len(self.parts) > 1 or not self.parts[0].is_appended_at_once

    def joined(self, depth: int) -> str:
        """The sum at a depth of gofmt's (see `layout`)."""
        texts = (p.among if p.is_sum and depth > 1 else p.text for p in self.parts)
        return plus(depth).join(
            quote(text) if p.is_literal else text
            for p, text in zip(self.parts, texts, strict=True)
        )  # fmt: skip

    def appended(self, buffer: str) -> str:
        """All parts appended to the slice `buffer`."""
        for part in self.parts:
            if part.append:
                buffer = f"{part.append}({buffer}, {part.arguments})"
            elif not part.is_literal:
                buffer = f"append({buffer}, {part.among}...)"
            elif len(part.text) == 1 and part.text.isascii():
                buffer = f"append({buffer}, {quote_byte(part.text)})"
            else:
                buffer = f"append({buffer}, {quote(part.text)}...)"
        return buffer


def quote_byte(c: str) -> str:
    """A Go rune literal of an ASCII character."""
    return "'\\''" if c == "'" else "'\"'" if c == '"' else f"'{quote(c)[1:-1]}'"

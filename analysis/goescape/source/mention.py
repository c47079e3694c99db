"""Positions inside messages, which stay right while the text around them is edited.

A message like `other declaration of f` names a line of the file. What was said of a declaration is
kept while others are edited, so a message holds the position itself, between two characters that no
decoded source contains, and whoever shows the message spells it.

Invariants
  - `spelled` is asked only about positions whose stretch is still in the text: who forgets a
    stretch forgets the messages that mention it, too.

Example: `spelled("label L already defined at " + mention(pos), positions)` ends in `w.go:3:1`.

Source: cmd/compile/internal/syntax/pos.go Pos.String (go1.27).
"""

from __future__ import annotations

import re

from goescape.source.positions import Pos, Positions

_BEGIN, _END = "\ud800", "\ud801"  # Bytes that are no UTF-8 are decoded to other surrogates.
_MENTION = re.compile(f"{_BEGIN}([0-9a-f]+){_END}")


def mention(pos: Pos) -> str:
    """What stands for `pos` in a message."""
    return f"{_BEGIN}{pos:x}{_END}"


def mentioned(msg: str) -> list[Pos]:
    """The positions that a message mentions."""
    return [int(m[1], 16) for m in _MENTION.finditer(msg)] if _BEGIN in msg else []


def spelled(msg: str, positions: Positions) -> str:
    """A message as the compiler writes it: each position as presumed, and in brackets where it really
    is, if that differs."""
    if _BEGIN not in msg:
        return msg
    return _MENTION.sub(lambda m: _place(int(m[1], 16), positions), msg)


def _place(pos: Pos, positions: Positions) -> str:
    file = positions.file(pos)
    if file is None:
        return "<unknown position>"
    offset = positions.offset(pos)
    name, line, col = file.presumed(offset)
    real_line, real_col = file.line_col(offset)
    text = f"{name}:{line}:{col}" if col else f"{name}:{line}"
    if (name, line, col) != (file.path, real_line, real_col):
        text += f"[{file.path}:{real_line}:{real_col}]"
    return text

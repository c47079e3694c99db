"""Somebody who types without sense: random edits of a real file, the same for the same seed.

Edits are those of an editor: a character, a word half typed, a line deleted, a block pasted
elsewhere, an undo; sometimes with characters outside the basic plane. Positions are in UTF-16.
"""

from __future__ import annotations

import random

from lsprotocol import types as lsp

PIECES = (
    "x", " ", "\n", "\t", "}", "{", "(", ")", "&", "*", "x := &y\n", "return nil\n", "func ", "if ", "if err != nil {\n",
    "// é😀\n", '"😀"', "/*", "*/", "`", "new(int)", "make([]byte, n)", "append(a, b...)", "go func() {}()\n",
    "for i := range 10 {\n}\n", "var sink any\n", "sink = x\n", "type T[P any] struct{ p *P }\n", "\r\n", "import \"fmt\"\n", "fmt.Println(x)\n", "0", ".", ",",
)  # fmt: skip

Change = tuple[lsp.Range, str]


class Typist:
    """Makes edits of `text` and applies them to it."""

    def __init__(self, text: str, seed: int) -> None:
        self.text = text
        self._random = random.Random(seed)
        self._before: list[str] = []

    def edit(self) -> Change:
        """The next edit; `text` is as it is after it. Edits stay together for a while, as an
        editor's do, and what was broken is often mended."""
        choose = self._random.random()
        if self._before and choose < 0.45:
            return self._replace_all(self._before.pop())
        start = self._random.randrange(len(self.text) + 1)
        end = start
        new = self._random.choice(PIECES)
        if choose < 0.6:
            end = min(len(self.text), start + self._random.choice((1, 1, 2, 5, 40)))
            new = "" if choose < 0.55 else new
        elif choose < 0.7:  # a line goes, or comes twice
            start = self.text.rfind("\n", 0, start) + 1
            end = self.text.find("\n", start) + 1 or len(self.text)
            new = "" if choose < 0.65 else self.text[start:end] * 2
        elif choose < 0.75:  # paste
            at = self._random.randrange(len(self.text) + 1)
            new = self.text[at : at + self._random.randrange(300)]
        self._before.append(self.text)
        return self._apply(start, end, new)

    def place(self) -> lsp.Position:
        """Some place in the text."""
        return self._position(self._random.randrange(len(self.text) + 1))

    def choice(self, n: int) -> int:
        return self._random.randrange(n)

    def _replace_all(self, new: str) -> Change:
        """The edit that leads to `new`, without what is the same at both ends."""
        old = self.text
        n = min(len(old), len(new))
        start = next((i for i in range(n) if old[i] != new[i]), n)
        tail = next(
            (i for i in range(n - start) if old[len(old) - 1 - i] != new[len(new) - 1 - i]),
            n - start,
        )
        return self._apply(start, len(old) - tail, new[start : len(new) - tail])

    def _apply(self, start: int, end: int, new: str) -> Change:
        span = lsp.Range(self._position(start), self._position(end))
        # A line ending has no inside for an editor.
        start, end = self._offset(span.start, start), self._offset(span.end, end)
        self.text = self.text[:start] + new + self.text[max(end, start) :]
        return span, new

    def _position(self, offset: int) -> lsp.Position:
        head = self.text[:offset].replace("\r\n", "\n").replace("\r", "\n")
        if self.text[max(offset - 1, 0) : offset + 1] == "\r\n":
            head = head[:-1]
        line = head.count("\n")
        column = head[head.rfind("\n") + 1 :]
        return lsp.Position(line, len(column.encode("utf-16-le")) // 2)

    def _offset(self, position: lsp.Position, offset: int) -> int:
        inside = self.text[max(offset - 1, 0) : offset + 1] == "\r\n"
        return offset - 1 if inside else offset

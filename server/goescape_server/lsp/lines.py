"""Lines end where the protocol says: at `\\r\\n`, `\\n` and `\\r`, nowhere else.

pygls splits with `str.splitlines`, which also breaks at form feeds, U+0085, U+2028 and more; after
one of those every edit would land on a wrong line, silently. `install` puts the right split in its
place, once per process.
"""

from __future__ import annotations

import re

from pygls.workspace import TextDocument

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of `text` with their endings."""
    return tuple(_LINE.findall(text))


def install() -> None:
    """Make pygls documents split their lines as the protocol does."""
    TextDocument.lines = property(lambda self: split_lines(self.source))  # type: ignore[assignment,method-assign]

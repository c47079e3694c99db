"""Statements with the lines they stand in, and the comments above these.

A comment in the lines directly above a statement speaks of it: what is set before the statement comes before the
comment, and a statement with one cannot just go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot
    from goescape.syntax import ast


def above_comments(snapshot: Snapshot, path: str, offset: int) -> int:
    """Where the comments directly above the line of `offset` begin; `offset` if there are none."""
    text = snapshot.text(path)
    line = text.rfind(b"\n", 0, offset) + 1
    while line > 0:
        above = text.rfind(b"\n", 0, line - 1) + 1
        comment = text[above:line].lstrip()
        if not comment.startswith(b"//"):
            break
        line, offset = above, line - len(comment)
    return offset


def without_line(snapshot: Snapshot, stmt: ast.Stmt) -> Edit | None:
    """The line of a statement goes, and a blank line that would be one too many. None if a comment or something
    else stands in it, or a comment above."""
    path = snapshot.path_of_node(stmt)
    start, end = snapshot.span(stmt)
    text = snapshot.text(path)
    first, last = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end) + 1
    if (
        not last
        or text[first:start].strip()
        or text[end:last].strip()
        or snapshot.has_comment(stmt)
    ):
        return None
    above, blank = text[: first - 1].rpartition(b"\n")[2].strip(), text.find(b"\n", last) + 1
    if above.startswith(b"//") or above.endswith(b"*/"):
        return None
    if blank and not text[last:blank].strip() and (not above or above.endswith(b"{")):
        last = blank  # One blank line is enough, and none where the body begins.
    return Edit(path, first, last, "")

"""Bodies of neighbouring functions of one line begin below each other, as gofmt sets them.

When an edit makes what stands before such a body longer or shorter, the bodies of the functions in the lines
above and below move. What stands in one column is a *run*: functions of one line each, in lines that follow each
other. In a run the bodies begin one blank behind the longest of what stands before them.

Invariants
  - only blanks before a body are changed, and only in runs in which something is edited;
  - a run that was set otherwise before is left as it is.

Example: in `func a() *T     { return &T{} }` above `func longer() *T { return &T{} }`, a result `T` instead of the
second `*T` takes one blank from the first line.

Source: go/printer/nodes.go: funcBody (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit, Shift, apply
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Function:
    """A function, in byte offsets: its line, the end of what stands before the body, the body."""

    line: int
    head: int
    body: int
    end: int


def body_edits(snapshot: Snapshot, path: str, edits: Iterable[Edit]) -> list[Edit]:
    """What has to be edited besides `edits` of a file for bodies to be in line again."""
    edits = list(edits)
    text = snapshot.text(path)
    shift, after = Shift(edits), apply(text, edits)
    decls = snapshot.file(path).decl_list
    out: dict[Edit, None] = {}
    for e in edits:
        around = snapshot.path_at(path, e.start, e.end)
        if not around or not isinstance(around[0], ast.FuncDecl):
            continue
        run = _run(snapshot, text, decls, decls.index(around[0]))
        if _blanks(text, run) != [f.body - f.head for f in run]:
            continue
        moved = [_moved(shift, after, f) for f in run]
        for old, new, blanks in zip(run, moved, _blanks(after, moved), strict=True):
            if blanks and new.body - new.head != blanks:
                out[Edit(path, old.head, old.body, " " * blanks)] = None
    return list(out)


def _run(snapshot: Snapshot, text: bytes, decls: list[ast.Decl], i: int) -> list[_Function]:
    """The functions in the run of a declaration; empty if it is not in one."""
    first = _function(snapshot, text, decls[i])
    run = [first] if first is not None else []
    for step in (-1, 1) if run else ():
        j = i + step
        while 0 <= j < len(decls) and (found := _function(snapshot, text, decls[j])) is not None:
            a, b = (found, run[0]) if step < 0 else (run[-1], found)
            if text.count(b"\n", a.line, b.line) != 1:
                break
            run.insert(0 if step < 0 else len(run), found)
            j += step
    return run


def _function(snapshot: Snapshot, text: bytes, decl: ast.Decl) -> _Function | None:
    """A declaration, if it is a function of one line."""
    if not isinstance(decl, ast.FuncDecl) or decl.body is None:
        return None
    body, end = snapshot.span(decl.body)
    line = text.rfind(b"\n", 0, body) + 1
    if b"\n" in text[body:end] or not text.startswith(b"func", line):
        return None
    return _Function(line, line + len(text[line:body].rstrip(b" ")), body, end)


def _moved(shift: Shift, after: bytes, f: _Function) -> _Function:
    head, body, end = (shift.after(offset)[0] for offset in (f.head, f.body, f.end))
    return _Function(after.rfind(b"\n", 0, body) + 1, head, body, end)


def _blanks(text: bytes, run: list[_Function]) -> list[int]:
    """How many blanks gofmt sets before each body; 0 for one that takes several lines."""
    widths = [len(text[f.line : f.head].decode("utf-8", "replace")) for f in run]
    is_one = [b"\n" not in text[f.line : f.end] for f in run]
    out: list[int] = []
    for i, width in enumerate(widths):
        longest = max((widths[j] for j in _joined(is_one, i)), default=0)
        out.append(longest + 1 - width if is_one[i] else 0)
    return out


def _joined(is_one: list[bool], i: int) -> Iterator[int]:
    """The numbers around `i` between which all are functions of one line."""
    for step in (-1, 1):
        j = i if step < 0 else i + 1
        while 0 <= j < len(is_one) and is_one[j]:
            yield j
            j += step

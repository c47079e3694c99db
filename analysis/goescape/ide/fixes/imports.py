"""Adding and removing imports, as gofmt would have them.

A file's imports change with the edits around them: what the new text speaks of is added, what nobody
speaks of any more is removed. Several fixes of one file are looked at together, because only the
last use of a package takes its import away.

Invariants
  - a new path stands at its place in the alphabet among its likes: paths without a dot in their
    first element (the library's) with each other;
  - blank lines between groups stay; a declaration that becomes empty goes;
  - the comment above an import goes with it, unless it may be about those below, too.

Example: with `import "fmt"`, adding strconv and removing fmt makes `import "strconv"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.syntax import ast

if TYPE_CHECKING:
    from goescape.ide.fixes.snapshot import Snapshot

_COMMENT = re.compile(rb"[\t ]*//(?![a-z]+:)")
"""The beginning of a line that is a comment and no directive."""


def import_edits(
    snapshot: Snapshot, path: str, edits: Iterable[Edit], needed: Iterable[str]
) -> list[Edit]:
    """The edits of the import declarations of the file at `path`, given the other `edits` of the
    file and the import paths that their texts need."""
    edits = [e for e in edits if e.path == path]
    present = {obj.imported.path for obj in snapshot.imports(path)}
    add = sorted(set(needed) - present)
    remove = _unused(snapshot, path, edits, set(needed))
    if not add and not remove:
        return []
    decls = [d for d in snapshot.file(path).decl_list if isinstance(d, ast.ImportDecl)]
    return _Writer(snapshot, path, decls).edits(add, remove)


def _unused(snapshot: Snapshot, path: str, edits: list[Edit], needed: set[str]) -> set[str]:
    """The import paths whose uses in the file all go away."""
    replaced = [e for e in edits if e.end > e.start]
    if not replaced:
        return set()
    candidates = {
        obj: 0
        for obj in snapshot.imports(path)
        if obj.name != "_" and obj.imported.path not in needed
    }
    gone: set[str] = set()
    for obj in candidates:
        uses = snapshot.checker.import_uses.get(obj)
        if not uses:
            continue
        if obj.name == ".":
            prefixes = {n.value for n in uses}
        else:
            prefixes = {obj.name + "."}
        if any(prefix in e.text for e in edits for prefix in prefixes):
            continue
        names = {n.value for n in uses}
        if all(
            any(e.start <= snapshot.offset(n.pos) < e.end for e in replaced) for n in uses
        ) and not any(map(snapshot.is_in_broken, names)):
            gone.add(obj.imported.path)
    return gone


class _Writer:
    def __init__(self, snapshot: Snapshot, path: str, decls: list[ast.ImportDecl]) -> None:
        self.snapshot, self.path, self.decls = snapshot, path, decls
        self.text = snapshot.text(path)

    def edits(self, add: list[str], remove: set[str]) -> list[Edit]:
        gone = [d for d in self.decls if _import_path(d) in remove]
        kept = [d for d in self.decls if d not in gone]
        # What replaces one import at its very line is one edit.
        out: list[Edit] = []
        single = [d for d in gone if d.group is None]
        if len(add) == 1 and single and self._only(single[0]):
            d = single.pop(0)
            gone.remove(d)
            assert d.path is not None
            start, end = self.snapshot.span(d.path)
            above, (line, _) = self._start(d), self._line(start)
            before = self.text[line:start].decode() if above < line else ""
            out.append(Edit(self.path, above if before else start, end, f'{before}"{add[0]}"'))
            add = []
        out += self._removals(gone, kept)
        if add:
            out += self._additions(add, kept, gone)
        return out

    def _only(self, d: ast.ImportDecl) -> bool:
        return len(self.decls) == 1 and d.local_pkg_name is None

    def _line(self, offset: int) -> tuple[int, int]:
        """The line of `offset`, with its line feed."""
        start = self.text.rfind(b"\n", 0, offset) + 1
        end = self.text.find(b"\n", offset)
        return start, len(self.text) if end < 0 else end + 1

    def _is_blank(self, offset: int) -> bool:
        start, end = self._line(offset)
        return start < end and not self.text[start:end].strip()

    def _start(self, d: ast.ImportDecl) -> int:
        """Where the line of an import begins, or the comment above it that is its own."""
        start, end = self._line(self._offset(d))
        above = start
        while above and _COMMENT.match(self.text, self._line(above - 1)[0]):
            above, _ = self._line(above - 1)
        following = self.text[end : self._line(end)[1]].strip()
        is_alone = d.group is None or following in (b"", b")")
        is_first = self._is_blank(above - 1) or self.text[:above].rstrip().endswith(b"(")
        return above if is_alone or not is_first else start

    def _removals(self, gone: list[ast.ImportDecl], kept: list[ast.ImportDecl]) -> list[Edit]:
        out = []
        for d in gone:
            assert d.path is not None
            start, (_, end) = self._start(d), self._line(self._offset(d))
            group = [k for k in self.decls if k.group is d.group] if d.group is not None else [d]
            if any(k in kept for k in group):
                # A blank line that divided groups goes with the last of its group.
                above, below = self._line(start - 1)[0], self._line(end)[1]
                if self.text[above:start].rstrip().endswith(b"(") and self._is_blank(end):
                    end = below
                elif self._is_blank(above) and self.text[end:below].strip() in (b"", b")"):
                    start = above
                out.append(Edit(self.path, start, end, ""))
            elif d is group[0]:
                first = self.text.rfind(b"import", 0, self.snapshot.offset(d.path.pos))
                last = self.snapshot.offset(group[-1].path.end)  # type: ignore[union-attr]
                if d.group is not None:
                    last = self.text.find(b")", last)
                start, _ = self._line(first)
                _, end = self._line(last)
                if d.group is None:
                    start = self._start(d)
                if self._is_blank(end):
                    _, end = self._line(end)
                out.append(Edit(self.path, start, end, ""))
        return out

    def _additions(
        self, add: list[str], kept: list[ast.ImportDecl], gone: list[ast.ImportDecl]
    ) -> list[Edit]:
        grouped = [d for d in kept if d.group is not None and _import_path(d) not in ("C", "")]
        if grouped:
            return self._into_group(add, [d for d in grouped if d.group is grouped[0].group])
        plain = [d for d in kept if _import_path(d) != "C"]
        if plain:
            return self._make_group(add, plain)
        specs = [f'"{p}"' for p in add]
        body = f"import {specs[0]}" if len(specs) == 1 else (
            "import (\n" + "".join(f"\t{s}\n" for s in specs) + ")"
        )  # fmt: skip
        if gone:  # In the place of the declaration that goes.
            first = min(gone, key=self._offset)
            start, _ = self._line(self.text.rfind(b"import", 0, self._offset(first)))
            if first.group is None:
                start = self._start(first)
            return [Edit(self.path, start, start, body + "\n\n")]
        _, end = self._line(self.snapshot.offset(self.snapshot.file(self.path).pkg_name.end))
        return [Edit(self.path, end, end, f"\n{body}\n")]

    def _into_group(self, add: list[str], group: list[ast.ImportDecl]) -> list[Edit]:
        """Lines at their places in the block of the library's imports, or in the first one."""
        at: dict[int, list[str]] = {}
        blocks = self._blocks(group)
        block = next((b for b in blocks if any(_is_std(_import_path(d)) for d in b)), None)
        for path in add:
            if block is None:
                start = self._start(group[0])
                at.setdefault(start, []).append(f'\t"{path}"\n')
                continue
            following = next((d for d in block if _import_path(d) >= path), None)
            if following is not None:
                start = self._start(following)
            else:
                _, start = self._line(self._offset(block[-1]))
            at.setdefault(start, []).append(f'\t"{path}"\n')
        return [
            Edit(self.path, start, start, "".join(lines) + ("\n" if block is None else ""))
            for start, lines in at.items()
        ]

    def _blocks(self, group: list[ast.ImportDecl]) -> list[list[ast.ImportDecl]]:
        """The imports of a parenthesised declaration, cut at blank lines."""
        blocks = [[group[0]]]
        for before, d in pairwise(group):
            between = self.text[self._offset(before) : self._offset(d)]
            if b"\n\n" in between.replace(b"\r", b""):
                blocks.append([])
            blocks[-1].append(d)
        return blocks

    def _make_group(self, add: list[str], plain: list[ast.ImportDecl]) -> list[Edit]:
        """One declaration in parentheses for a lone import and the new ones; where several stand in
        lines of their own, one more line."""
        if len(plain) > 1:
            _, end = self._line(self._offset(plain[-1]))
            return [Edit(self.path, end, end, "".join(f'import "{p}"\n' for p in add))]
        d = plain[0]
        assert d.path is not None
        start = self.text.rfind(b"import", 0, self._offset(d))
        end = self.snapshot.offset(d.path.end)
        own = self.text[start + len("import") : end].decode("utf-8", "surrogateescape").strip()
        specs = sorted([(p, f'"{p}"') for p in add] + [(_import_path(d), own)])
        body = "".join(f"\t{spec}\n" for _, spec in specs)
        return [Edit(self.path, start, end, f"import (\n{body})")]

    def _offset(self, d: ast.ImportDecl) -> int:
        assert d.path is not None
        return self.snapshot.offset(d.path.pos)


def _import_path(d: ast.ImportDecl) -> str:
    return d.path.value[1:-1] if d.path is not None else ""


def _is_std(path: str) -> bool:
    return "." not in path.partition("/")[0]

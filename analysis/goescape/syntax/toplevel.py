"""Where the top-level declarations of a file begin and end, and which of them are sound.

The tree of tree-sitter is cut into *stretches*: the package clause, sound declarations, and regions
of what tree-sitter could not read. A region goes on to the next sound declaration in the first
column; inside a region, every declaration that starts in the first column starts another, unless
it belongs to one above that reads well with it.

Invariants
  - stretches are in file order and do not overlap; what lies between them is blank or comment;
  - a stretch starts early if `//go:` directives stand above its first token;
  - cutting takes time in proportion to the text: what did not read well is not tried again.

Example: in `func f() {`, newline, `func g() {}` the missing brace leaves a region for f and g whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from tree_sitter import Node, Tree

from goescape.syntax.scan import Tokens, scan
from goescape.syntax.trial import Trial

DECLARATIONS = frozenset({
    "const_declaration", "function_declaration", "import_declaration", "method_declaration",
    "type_declaration", "var_declaration",
})  # fmt: skip
FUNCTIONS = frozenset({"function_declaration", "method_declaration"})
KEYWORDS = frozenset({"const", "func", "import", "type", "var"})
FIRST_COLUMN = re.compile(rb"^(?:const|func|import|type|var)\b", re.M)
"""A word in the first column that may start a declaration."""
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")

LONG_VALUE = 100
"""So many bytes of a variable's one value are lowered when somebody asks for them."""


class Lies(Protocol):
    """What is known of where a stretch lies: see `Cut`."""

    kind: str
    start: int
    end: int
    limit: int
    late: int


class Cut:
    """Where a stretch lies. `end` is that of its last token, `limit` that of what is scanned: the
    end of the line, or the start of what follows on it. `late`: where that begins which may be lowered later,
    the body of a sound function or the long value of a variable; -1 if there is none. `nodes`: of how
    many nodes tree-sitter's tree of a sound declaration is made; -1 if it has none. `followed`: a region in
    front of another declaration."""

    __slots__ = ("end", "followed", "kind", "late", "limit", "nodes", "start")

    def __init__(
        self, kind: str, start: int, end: int, limit: int, late: int = -1, nodes: int = -1
    ) -> None:
        self.kind, self.start, self.end, self.limit = kind, start, end, limit
        self.late, self.nodes = late, nodes
        self.followed = False


Outline = tuple[tuple[str, int, int, int, int, int], ...]
"""The cuts of a file without regions, as plain values."""


def cuts_of(outline: Outline) -> list[Cut]:
    return [Cut(*cut) for cut in outline]


def cut_file(tree: Tree, text: bytes) -> list[Cut]:
    """The file cut into stretches, in order."""
    cutter = _Cutter(text)
    for node in tree.root_node.children:
        cutter.take(node)
    cutter.finish()
    return cutter.found


def cut_again(
    tree: Tree, text: bytes, old: Sequence[Lies], start: int, shift: int, changed: int
) -> tuple[int, list[Cut], int] | None:
    """The same after an edit, told from the `old` stretches: so many of them stay at the beginning, the
    cuts behind them, and from which old one on all others stay. In the tree there is nothing different
    before byte `start` and behind `changed`, where everything has moved by `shift` bytes. None where it is
    not that easy."""
    # The stretch before the one that was edited, and none that is next to a region.
    first = bisect_right(old, start, key=_start) - 2
    while first > 0 and (
        old[first].limit > start or old[first].kind == "region" or old[first - 1].kind == "region"
    ):
        first -= 1
    if first < 1 or old[0].kind != "package":
        return None
    cutter = _Cutter(text, old[first - 1].limit)
    found = cutter.found
    # The cursor, since `Node.first_child_for_byte` may miss the child and crash.
    cursor = tree.walk()
    is_there = cursor.goto_first_child_for_byte(old[first].start) is not None
    while is_there:
        node = cursor.node
        assert node is not None
        if cutter.take(node) and node.start_byte > changed:
            at = bisect_left(old, found[-1].start - shift, key=_start)
            if at < len(old) and _lies_there(old[at], found[-1], shift):
                del found[-1]
                break
        is_there = cursor.goto_next_sibling()
    else:
        at = len(old)
        cutter.finish()
    return (first, found, at) if found and _lies_there(old[first], found[0], 0) else None


def _start(stretch: Lies) -> int:
    return stretch.start


def _lies_there(old: Lies, cut: Cut, shift: int) -> bool:
    """Whether `cut` is where `old` was, `shift` bytes before."""
    late = old.late + shift if old.late >= 0 else -1
    return (
        cut.kind == old.kind
        and (cut.start, cut.end, cut.limit)
        == (old.start + shift, old.end + shift, old.limit + shift)
        and cut.late == late
    )


class _Cutter:
    """The state of cutting: `found` are the cuts up to byte `end`, those in front of a given one left
    out."""

    __slots__ = ("_end", "_header", "_region", "_seen_package", "_text", "found")

    def __init__(self, text: bytes, end: int = 0) -> None:
        self.found: list[Cut] = []
        self._text = text
        self._end = end  # where the last stretch ends
        self._region = -1  # where the region being collected starts
        self._seen_package = end > 0
        self._header = 0  # where a broken package clause ends

    def take(self, node: Node) -> bool:
        """The next top-level node. Whether it is a stretch, and the last one."""
        kind = node.type
        if kind == "comment" or kind == ";":
            return False
        text, found, end, region = self._text, self.found, self._end, self._region
        start = node.start_byte
        errors = node.has_error
        first_column = start == 0 or text[start - 1] == 0x0A
        sound = (
            kind in DECLARATIONS
            and not errors
            and (first_column or _at_line_start(text, start, end))
        )
        if not self._seen_package and (errors or kind != "package_clause"):
            self._seen_package = True
            limit = _broken_package(text)
            if limit >= 0:
                found.append(Cut("package", 0, limit, limit))
                end = self._end = self._header = limit
        if start < self._header:
            return False
        if kind == "package_clause" and not self._seen_package:
            self._seen_package = True
            limit = _limit(text, node.end_byte)
            found.append(Cut("package", 0, node.end_byte, limit))
            self._end = limit
            return False
        if not sound or (region >= 0 and not first_column):
            if region < 0:
                self._region = _gap_start(text, end, start)
                if found and found[-1].kind != "package" and _joined(text, found[-1].end, start):
                    self._region = found.pop().start
            return False
        if region >= 0:
            begin = _gap_start(text, _region_end(text, region, start), start)
            _add_region(found, text, region, begin)
            self._region = -1
        else:
            begin = _gap_start(text, end, start)
        limit = self._end = _limit(text, node.end_byte)
        found.append(Cut(kind, begin, node.end_byte, limit, _late(node), node.descendant_count))
        return True

    def finish(self) -> None:
        """There are no more nodes."""
        if self._region < 0 and self._text.find(b"//go:", self._end) >= 0:
            self._region = self._end
        if self._region >= 0:
            _add_region(self.found, self._text, self._region, len(self._text))


def _late(node: Node) -> int:
    """Where that begins which may be lowered later; -1 if there is none."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body.start_byte if body.type == "block" else -1
    if node.type != "var_declaration" or node.end_byte - node.start_byte < LONG_VALUE:
        return -1
    specs = node.named_children
    if len(specs) != 1 or specs[0].type != "var_spec":
        return -1
    value = specs[0].child_by_field_name("value")
    if value is None or value.child_count != 1 or value.end_byte != node.end_byte:
        return -1
    return value.start_byte if value.end_byte - value.start_byte >= LONG_VALUE else -1


def _broken_package(text: bytes) -> int:
    """Where the line of a package clause ends that tree-sitter did not take for one; -1 if the
    file does not start with a package clause."""
    tokens = scan(text, 0, len(text), {})
    if tokens.classes[0] != "package":
        return -1
    line = text.find(b"\n", tokens.begs[0])
    return len(text) if line < 0 else line + 1


def _at_line_start(text: bytes, start: int, end: int) -> bool:
    """Whether only blanks and comments stand between the line's start (or the last stretch) and
    `start`: a declaration behind something else on its line belongs to the region before."""
    line = text.rfind(b"\n", 0, start) + 1
    between = text[max(line, end) : start].strip()
    if line <= end and end > 0 and text[end - 1] != 0x0A and text[end - 1] != 0x3B:
        return between.startswith(b";")
    return not between or between == b";" or between.startswith(b"/*")


def _joined(text: bytes, end: int, start: int) -> bool:
    """Whether what starts at `start` stands behind the declaration that ends at `end` as if it
    belonged to it."""
    between = text[end:start]
    return b"\n" not in between and b";" not in between


def _gap_start(text: bytes, end: int, start: int) -> int:
    """Where a stretch begins whose first token is at `start`: earlier, if directives precede."""
    return end if text.find(b"//go:", end, start) >= 0 else start


def _region_end(text: bytes, region: int, start: int) -> int:
    """The end of the line in front of the comments above `start`: there a region ends."""
    line = text.rfind(b"\n", region, start) + 1
    while line > region:
        above = text.rfind(b"\n", region, line - 1) + 1
        if not text[above : line - 1].lstrip().startswith(b"//"):
            break
        line = above
    return max(line, region)


def _limit(text: bytes, end: int) -> int:
    """Behind the line on which `end` lies, if only a comment follows; else the next token."""
    line = text.find(b"\n", end)
    if line == end:
        return end + 1
    if line < 0:
        line = len(text)
    rest = text[end:line].strip()
    if rest and not rest.startswith((b"//", b"/*")):
        if not rest.startswith(b";"):
            return end
        return text.index(b";", end) + 1
    if rest.startswith(b"/*"):
        return end
    return min(line + 1, len(text))


def _add_region(found: list[Cut], text: bytes, start: int, end: int) -> None:
    """Cut a region where a declaration starts in the first column, even if brackets are open: a
    parser that has lost its way must not lead the next declaration astray. What closes its brackets lies
    where it would lie if it were sound: perhaps it is, or was."""
    whole = Cut("region", start, end, end)
    cuts = [whole]
    if FIRST_COLUMN.search(text, start + 1, end):
        tokens = scan(text, start, end, {})
        first = depth = 0
        trial, is_well, read = Trial(tokens), True, 0  # where the last trial ended
        for i, cls in enumerate(tokens.classes):
            if cls in _OPENING:
                depth += 1
            elif cls in _CLOSING:
                depth -= 1
            elif cls in KEYWORDS and starts_line(text, tokens, i):
                if tokens.begs[i] > start and names_declaration(tokens, i):
                    if depth > 0 and not _is_never_within(tokens, i):
                        if is_well or first >= read:
                            is_well = trial.reads_past(max(first, read), i)
                            read = trial.i
                        if is_well and i < read:
                            continue
                    # Directives above belong to it.
                    above = _gap_end(text, cuts[-1].start, tokens.begs[i])
                    begin = max(above, cuts[-1].start + 1)
                    _end_region(cuts[-1], text, begin, tokens, first, i if depth == 0 else -1)
                    cuts.append(Cut("region", begin, end, end))
                    first, depth = i, 0
        _end_region(cuts[-1], text, end, tokens, first, -1 if depth else len(tokens.classes) - 1)
    for cut in cuts:
        cut.followed = cut.limit < len(text)
    found += cuts


def _end_region(cut: Cut, text: bytes, end: int, tokens: Tokens, first: int, behind: int) -> None:
    """`cut` is over at byte `end`, or with the tokens from `first` to the one in front of `behind` if
    that is not -1, and nothing but blanks and comments follows."""
    cut.end = cut.limit = end
    while behind > first and tokens.values[behind - 1] in ("newline", "EOF"):
        behind -= 1
    if behind <= first:
        return
    last = tokens.ends[behind - 1]
    if text.find(b"//go:", last, end) < 0 and all(at < last for at, _ in tokens.errors):
        cut.end, cut.limit = last, min(_limit(text, last), end)


def _gap_end(text: bytes, start: int, beg: int) -> int:
    """Where the declaration at `beg` begins: at the comments above it, if there are directives."""
    above = _region_end(text, start, beg)
    return above if text.find(b"//go:", above, beg) >= 0 else beg


def starts_line(text: bytes, tokens: Tokens, i: int) -> bool:
    """Whether token `i` stands in the first column."""
    beg = tokens.begs[i]
    return beg == 0 or text[beg - 1] == 0x0A


def _is_never_within(tokens: Tokens, i: int) -> bool:
    """Whether a declaration that starts at token `i` cannot stand in a function: `import`, `func f`."""
    classes = tokens.classes
    return classes[i] == "import" or (classes[i] == "func" and classes[i + 1] == "name")


def names_declaration(tokens: Tokens, i: int) -> bool:
    """Whether the keyword at `i` is followed as at the start of a declaration: `func f(`,
    `func (r T) f`, `type T`, `import "p"`."""
    classes = tokens.classes
    follow = classes[i + 1]
    if classes[i] != "func":
        return follow in ("name", "(") or (classes[i] == "import" and follow in ("literal", "."))
    if follow == "name":
        return True
    if follow != "(":
        return False
    depth = 0
    for k in range(i + 1, len(classes)):
        if classes[k] == "(":
            depth += 1
        elif classes[k] == ")":
            depth -= 1
            if depth == 0:
                return classes[k + 1] == "name"
        elif classes[k] in ("{", "}", "EOF"):
            return False
    return False

"""Where the top-level declarations of a file begin and end, and which of them are sound.

The tree of tree-sitter is cut into *stretches*: the package clause, sound declarations, and regions
of what tree-sitter could not read. A region goes on to the next sound declaration in the first
column; inside a region, every declaration that starts in the first column starts another.

Invariants
  - stretches are in file order and do not overlap; what lies between them is blank or comment;
  - a stretch starts early if `//go:` directives stand above its first token.

Example: in `func f() {`, newline, `func g() {}` the missing brace leaves a region for f and g whole.
"""

from __future__ import annotations

from itertools import pairwise

from tree_sitter import Node, Tree

from goescape.syntax.scan import Tokens, scan

DECLARATIONS = frozenset({
    "const_declaration", "function_declaration", "import_declaration", "method_declaration",
    "type_declaration", "var_declaration",
})  # fmt: skip
FUNCTIONS = frozenset({"function_declaration", "method_declaration"})
KEYWORDS = frozenset({"const", "func", "import", "type", "var"})

LONG_VALUE = 100
"""So many bytes of a variable's one value are lowered when somebody asks for them."""


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
    found: list[Cut] = []
    end = 0  # where the last stretch ends
    region = -1  # where the region being collected starts
    seen_package = False
    header = 0  # where a broken package clause ends
    for node in tree.root_node.children:
        kind = node.type
        if kind == "comment" or kind == ";":
            continue
        start = node.start_byte
        errors = node.has_error
        first_column = start == 0 or text[start - 1] == 0x0A
        sound = (
            kind in DECLARATIONS
            and not errors
            and (first_column or _at_line_start(text, start, end))
        )
        if not seen_package and (errors or kind != "package_clause"):
            seen_package = True
            limit = _broken_package(text)
            if limit >= 0:
                found.append(Cut("package", 0, limit, limit))
                end = header = limit
        if start < header:
            continue
        if kind == "package_clause" and not seen_package:
            seen_package = True
            limit = _limit(text, node.end_byte)
            found.append(Cut("package", 0, node.end_byte, limit))
            end = limit
        elif not sound or (region >= 0 and not first_column):
            if region < 0:
                region = _gap_start(text, end, start)
                if found and found[-1].kind != "package" and _joined(text, found[-1].end, start):
                    region = found.pop().start
        else:
            if region >= 0:
                begin = _gap_start(text, _region_end(text, region, start), start)
                _add_region(found, text, region, begin)
                region = -1
            else:
                begin = _gap_start(text, end, start)
            end = node.end_byte
            limit = _limit(text, end)
            found.append(Cut(kind, begin, node.end_byte, limit, _late(node), node.descendant_count))
            end = limit
    if region < 0 and text.find(b"//go:", end) >= 0:
        region = end
    if region >= 0:
        _add_region(found, text, region, len(text))
    return found


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
    parser that has lost its way must not lead the next declaration astray."""
    tokens = scan(text, start, end, {})
    cuts = [start]
    depth = 0
    for i, cls in enumerate(tokens.classes):
        if cls in ("(", "[", "{"):
            depth += 1
        elif cls in (")", "]", "}"):
            depth -= 1
        elif cls in KEYWORDS and starts_line(text, tokens, i):
            if tokens.begs[i] > start and names_declaration(tokens, i):
                # Directives above belong to it.
                cuts.append(max(_gap_end(text, cuts[-1], tokens.begs[i]), cuts[-1] + 1))
                depth = 0
    cuts.append(end)
    for a, b in pairwise(cuts):
        cut = Cut("region", a, b, b)
        cut.followed = b < len(text)
        found.append(cut)


def _gap_end(text: bytes, start: int, beg: int) -> int:
    """Where the declaration at `beg` begins: at the comments above it, if there are directives."""
    above = _region_end(text, start, beg)
    return above if text.find(b"//go:", above, beg) >= 0 else beg


def starts_line(text: bytes, tokens: Tokens, i: int) -> bool:
    """Whether token `i` stands in the first column."""
    beg = tokens.begs[i]
    return beg == 0 or text[beg - 1] == 0x0A


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

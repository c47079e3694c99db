"""A file's syntax tree, and the same again after an edit for the price of what changed.

tree-sitter parses the file, incrementally after an edit, and says where its top-level declarations
begin and end and which of them are sound. Each declaration is a *stretch* of the file with a base of
its own for positions, and `Parser` lowers it by itself: a broken declaration does not take its
neighbours down, and one whose bytes did not change is kept, nodes, positions and all.

What tree-sitter could not read (half-typed code; `new(expr)` and methods with type parameters, which
its grammar does not know) is a *region* up to the next sound declaration. The parser reads it as the
compiler would; where a region does not close its brackets, a declaration that starts in the first
column starts afresh.

Invariants
  - a stretch depends on its own bytes only, so equal bytes give an equal result;
  - bodies of sound functions, and long values of variables, are lowered when they are asked for, regions
    at once.

Example: after typing inside one function of a thousand, `reparse` scans that function only.

Source: cmd/compile/internal/syntax/parser.go: fileOrNil (go1.27).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import tree_sitter_go
from tree_sitter import Language, Tree
from tree_sitter import Parser as TreeParser

from goescape.source.file import SourceFile
from goescape.source.positions import BASE_SHIFT, NO_POS, Pos, Positions
from goescape.syntax import ast, constraint
from goescape.syntax.branches import check_bodies
from goescape.syntax.difference import difference
from goescape.syntax.parser import Parser
from goescape.syntax.pragma import Directives
from goescape.syntax.rescan import between
from goescape.syntax.scan import Spelling, Tokens, scan
from goescape.syntax.stretch import Reuse, Stretch, late_imports
from goescape.syntax.toplevel import (
    FIRST_COLUMN,
    KEYWORDS,
    Cut,
    Outline,
    cut_again,
    cut_file,
    cuts_of,
    names_declaration,
    starts_line,
)

_LANGUAGE = Language(tree_sitter_go.language())
_BAD_BYTES = re.compile(rb"\x00+|\xef\xbb\xbf|[\x80-\xff]+")
_BOM = b"\xef\xbb\xbf"


class ParsedFile:
    """A file's syntax tree (`file`), the text it was read from (`source`), and what the next
    `reparse` builds upon: the tree of tree-sitter and the stretches."""

    __slots__ = ("clean", "file", "source", "stretches", "tree")

    def __init__(
        self,
        file: ast.File,
        source: SourceFile,
        tree: Tree | None,
        clean: bytes,
        stretches: list[Stretch],
    ) -> None:
        self.file = file
        self.source = source
        self.tree = tree
        self.clean = clean
        self.stretches = stretches

    def expect_edits(self) -> None:
        """Have the tree at hand, which makes the next `reparse` quick."""
        if self.tree is None:
            self.tree = TreeParser(_LANGUAGE).parse(self.clean)

    @property
    def weight(self) -> int:
        """What the stretches weigh together."""
        return sum(stretch.weight for stretch in self.stretches)

    def within(self, weight: int) -> list[ast.Decl]:
        """The declarations at the beginning of the file that weigh no more than `weight` together."""
        found: list[ast.Decl] = []
        for stretch in self.stretches:
            weight -= stretch.weight
            if weight < 0:
                break
            found += stretch.decls
        return found

    @property
    def outline(self) -> Outline | None:
        """Where the declarations of the file lie, as plain numbers; None where not all are sound."""
        if self.file.errors or any(s.kind == "region" for s in self.stretches):
            return None
        return tuple([(s.kind, s.start, s.end, s.limit, s.late, s.nodes) for s in self.stretches])


def parse_file(
    source: SourceFile,
    positions: Positions,
    keep_tree: bool = True,
    outline: Outline | None = None,
    names: dict[bytes, Spelling] | None = None,
) -> ParsedFile:
    """Parse `source`. Never fails: `file.errors` says what is wrong (it may grow while function
    bodies are lowered). Without `keep_tree` the first `reparse` takes as long as a parse, and 600
    bytes of memory per line are saved. Cost: 8 µs per line, and 10 µs per line of the bodies asked
    for. `outline`: what `ParsedFile.outline` told of this very text; that saves half of it. `names`
    memoizes identifiers across files."""
    clean, errors = clean_text(source.text)
    tree = TreeParser(_LANGUAGE).parse(clean) if outline is None else None
    parsed = _assemble(source, positions, tree, clean, errors, None, None, outline, names)
    if not keep_tree:
        parsed.tree = None
    return parsed


def reparse(old: ParsedFile, source: SourceFile, positions: Positions) -> ParsedFile:
    """Parse `source`, the text of `old`'s file after an edit. Declarations whose bytes did not
    change keep their nodes and positions. `old` stays usable for reading, but its positions now
    speak of the new text, if they are in it at all."""
    edit = difference(old.source.text, source.text)
    clean, errors = _clean_again(old, source.text, edit)
    if clean is not source.text or old.clean is not old.source.text:
        edit = difference(old.clean, clean)
    if edit is not None:
        source.take_lines(old.source, edit[0], edit[1])
    if old.tree is None:
        tree = TreeParser(_LANGUAGE).parse(clean)
        return _assemble(source, positions, tree, clean, errors, old, edit)
    tree = old.tree.copy()
    if edit is not None:
        start, old_end, new_end = edit
        tree.edit(
            start_byte=start,
            old_end_byte=old_end,
            new_end_byte=new_end,
            start_point=_point(old.source, start),
            old_end_point=_point(old.source, old_end),
            new_end_point=_point(source, new_end),
        )
        before, tree = tree, TreeParser(_LANGUAGE).parse(clean, tree)
        parsed = _with_others_around(old, source, positions, before, tree, clean, errors, edit)
        if parsed is not None:
            return parsed
    return _assemble(source, positions, tree, clean, errors, old, edit)


class Earlier:
    """A file as it is now, for `take_back`: `parsed`, and where each of its stretches lies."""

    __slots__ = ("_lay", "parsed")

    def __init__(self, parsed: ParsedFile, positions: Positions) -> None:
        self.parsed = parsed
        self._lay = [
            (s, s.moved_by(0), s.bend, positions.place(s.base >> BASE_SHIFT))
            for s in parsed.stretches
        ]

    def lie_again(self, positions: Positions) -> None:
        """The stretches are where they were, and like they were."""
        for stretch, cut, bend, place in self._lay:
            stretch.lie_at(cut)
            stretch.bend = bend
            positions.put_back(stretch.base, self.parsed.source, place, bend)


def take_back(old: ParsedFile, earlier: Earlier, positions: Positions) -> ParsedFile:
    """The syntax of a file that has the text of `earlier` again, after edits that led to `old`: the nodes and positions
    are those from then, also of declarations that had another text meanwhile."""
    before = earlier.parsed
    earlier.lie_again(positions)
    gone = {s.base for s in old.stretches} - {s.base for s in before.stretches}
    for base in (*gone, old.file.end):
        positions.retire(base)
    errors = clean_text(before.source.text)[1]
    return _parsed(before.source, positions, before.tree, before.clean, errors, before.stretches)


# --- text ------------------------------------------------------------------------------------------


def clean_text(text: bytes) -> tuple[bytes, list[tuple[int, str]]]:
    """`text` with blanks for the bytes that no Go file may contain, and the complaints."""
    if b"\0" not in text and _BOM not in text:
        try:
            text.decode()
            return text, []
        except UnicodeDecodeError:
            pass
    errors: list[tuple[int, str]] = []
    holes: list[int] = []
    for m in _BAD_BYTES.finditer(text):
        run = m[0]
        if run[0] == 0:
            errors.extend((i, "invalid NUL character") for i in range(m.start(), m.end()))
            holes.extend(range(m.start(), m.end()))
            continue
        _check_run(run, m.start(), errors, holes)
    if not holes:
        return text, errors
    blanked = bytearray(text)
    for i in holes:
        blanked[i] = 0x20
    return bytes(blanked), errors


def _clean_again(
    old: ParsedFile, text: bytes, edit: tuple[int, int, int] | None
) -> tuple[bytes, list[tuple[int, str]]]:
    """As `clean_text`, where `edit` is how the text differs from that of `old`: if nothing was wrong with that, only
    the lines of the edit are looked at."""
    if edit is not None and old.clean is old.source.text:
        start, _, end = edit
        after = text.find(b"\n", end)
        lines = text[text.rfind(b"\n", 0, start) + 1 : after if after >= 0 else len(text)]
        if clean_text(lines)[0] is lines:
            return text, []
    return clean_text(text)


def _check_run(run: bytes, start: int, errors: list[tuple[int, str]], holes: list[int]) -> None:
    """A run of non-ASCII bytes: find what is no UTF-8, and byte order marks."""
    i = 0
    while i < len(run):
        try:
            run[i:].decode()
            valid = len(run)
        except UnicodeDecodeError as e:
            valid = i + e.start
        at = run.find(_BOM, i, valid)
        while at >= 0:
            if start + at > 0:
                errors.append((start + at, "invalid BOM in the middle of the file"))
            holes.extend(range(start + at, start + at + 3))
            at = run.find(_BOM, at + 3, valid)
        if valid < len(run):
            errors.append((start + valid, "invalid UTF-8 encoding"))
            holes.append(start + valid)
        i = valid + 1


def _point(source: SourceFile, offset: int) -> tuple[int, int]:
    line, col = source.line_col(offset)
    return line - 1, col - 1


# --- from stretches to a file -----------------------------------------------------------------------


def _assemble(
    source: SourceFile,
    positions: Positions,
    tree: Tree | None,
    clean: bytes,
    errors: list[tuple[int, str]],
    old: ParsedFile | None,
    edit: tuple[int, int, int] | None,
    outline: Outline | None = None,
    names: dict[bytes, Spelling] | None = None,
) -> ParsedFile:
    cuts = cut_file(tree, clean) if tree is not None else cuts_of(outline or ())
    known = old.stretches if old is not None else []
    stretches = _stretches(cuts, source, positions, clean, old, known, edit, False, names)
    if old is not None:
        gone = {s.base for s in known} - {s.base for s in stretches}
        for base in (*gone, old.file.end):  # The end of a file lies in a base for all of it.
            positions.retire(base)
    return _parsed(source, positions, tree, clean, errors, stretches)


def _parsed(
    source: SourceFile,
    positions: Positions,
    tree: Tree | None,
    clean: bytes,
    errors: list[tuple[int, str]],
    stretches: list[Stretch],
) -> ParsedFile:
    sink: list[ast.SyntaxError_] = []
    for stretch in stretches:
        stretch.sink = sink
        if stretch.errors and stretch.kind != "package":
            sink.extend(stretch.errors)
    file = _file(source, positions, stretches, clean, errors, sink)
    return ParsedFile(file, source, tree, clean, stretches)


def _stretches(
    cuts: Iterable[Cut],
    source: SourceFile,
    positions: Positions,
    clean: bytes,
    old: ParsedFile | None,
    known: Sequence[Stretch],
    edit: tuple[int, int, int] | None,
    bodyless: bool,
    names: dict[bytes, Spelling] | None,
) -> list[Stretch]:
    """The stretches at `cuts`, those of `old` that are `known` being used again where nothing is different.
    `bodyless`: in front of them is a function without a body."""
    reuse = Reuse(old.clean, known, clean, edit, positions) if old is not None else None
    moved = _moved_lines(old.clean, clean, edit) if old is not None else None
    names = names if names is not None else {}
    stretches: list[Stretch] = []
    for cut in cuts:
        stretch = reuse.find(cut, bodyless) if reuse is not None else None
        if stretch is not None:
            lines = moved(stretch.start, cut.start) if moved is not None else None
            positions.move_base(stretch.base, source, cut.start, lines)
            stretch.lie_at(cut)
        else:
            stretch = Stretch(cut, positions.new_base(source, cut.start), bodyless)
            if reuse is not None and cut.kind != "package":
                stretch.tokens = reuse.scan(cut)
            _lower(stretch, clean, names, stretch.tokens)
        stretches.append(stretch)
        bodyless = _is_bodyless(stretch)
    return stretches


def _is_bodyless(stretch: Stretch) -> bool:
    """Whether a function without a body ends it."""
    last = stretch.decls[-1] if stretch.decls else None
    return isinstance(last, ast.FuncDecl) and not last.has_body


def _with_others_around(
    old: ParsedFile,
    source: SourceFile,
    positions: Positions,
    before: Tree,
    tree: Tree,
    clean: bytes,
    errors: list[tuple[int, str]],
    edit: tuple[int, int, int],
) -> ParsedFile | None:
    """What `_assemble` makes of an edit in the midst of others, which are not looked at; `before` is the
    tree from before, told of the edit. None if too much is different."""
    start, old_end, new_end = edit
    shift = new_end - old_end
    changed = before.changed_ranges(tree)
    first_change = min([start, *(r.start_byte for r in changed)])
    last_change = max([new_end, *(r.end_byte for r in changed)])
    stretches = old.stretches
    found = cut_again(tree, clean, stretches, first_change, shift, last_change)
    if found is None:
        return None
    first, cuts, at = found
    head, known, tail = stretches[:first], stretches[first:at], stretches[at:]
    line_end = clean.find(b"\n", new_end)
    if tail and not 0 <= line_end < tail[0].start + shift:
        return None
    bodyless = _is_bodyless(head[-1])
    middle = _stretches(cuts, source, positions, clean, old, known, edit, bodyless, None)
    bodyless = _is_bodyless(middle[-1])
    if tail and tail[0].after_bodyless != bodyless:
        other = tail.pop(0)  # What is wrong with it is said in other words.
        known.append(other)
        cut = other.moved_by(shift)
        middle += _stretches([cut], source, positions, clean, old, [], edit, bodyless, None)
    lines = clean.count(b"\n", start, new_end) - old.clean.count(b"\n", start, old_end)
    positions.move_bases([s.base for s in head], source, 0, 0)
    positions.move_bases([s.base for s in tail], source, shift, lines)
    for stretch in tail:
        stretch.start += shift
        stretch.end += shift
        stretch.limit += shift
        if stretch.late >= 0:
            stretch.late += shift
    for base in (*({s.base for s in known} - {s.base for s in middle}), old.file.end):
        positions.retire(base)
    return _parsed(source, positions, tree, clean, errors, [*head, *middle, *tail])


def _moved_lines(
    old: bytes, new: bytes, edit: tuple[int, int, int] | None
) -> Callable[[int, int], int | None]:
    """The function that tells by how many lines what was at one offset and is now at another has moved
    down, its column being the same; None where that is not known."""
    start, old_end, new_end = edit if edit is not None else (len(new), len(new), len(new))
    lines = new.count(b"\n", start, new_end) - old.count(b"\n", start, old_end)
    behind = new.find(b"\n", new_end)

    def moved(before: int, now: int) -> int | None:
        if before == now < start:
            return 0
        return lines if now - before == new_end - old_end and 0 <= behind < now else None

    return moved


class _Text:
    """What a stretch is lowered from: `text`, in which it lies from `start` to `limit`, and in which something
    may be put off from `late` on to `end`. If all its tokens are known, `whole`, that is its text alone."""

    __slots__ = ("_names", "_whole", "delta", "end", "late", "limit", "start", "text")

    def __init__(
        self, stretch: Stretch, text: bytes, names: dict[bytes, Spelling], whole: Tokens | None
    ) -> None:
        self._names, self._whole = names, whole
        at = stretch.start if whole is not None else 0
        self.text = whole.text if whole is not None else text
        self.start, self.limit = stretch.start - at, stretch.limit - at
        self.end, self.late = stretch.end - at, stretch.late - at if stretch.late >= 0 else -1
        self.delta = stretch.base - self.start

    def tokens(self, start: int, end: int) -> Tokens:
        """Those from `start` to `end`."""
        found = between(self._whole, start, end) if self._whole is not None else None
        return found if found is not None else scan(self.text, start, end, self._names)


def _lower(
    stretch: Stretch, text: bytes, names: dict[bytes, Spelling], whole: Tokens | None
) -> None:
    """Read the declarations of a stretch of `text`. `whole`: its tokens, if they are known."""
    if stretch.kind == "package":
        return  # read by `_file`
    own = _Text(stretch, text, names, whole)
    late, delta = own.late, own.delta
    try:
        if late >= 0:
            if stretch.kind == "var_declaration":
                tokens = own.tokens(own.start, late)
                value = _skip_value(stretch, own)
                is_read = declarations(parser_of(stretch, tokens, delta), stretch, None, value)
            else:
                tokens = own.tokens(own.start, late + 1)
                body = _skip_body(stretch, own)
                is_read = declarations(parser_of(stretch, tokens, delta), stretch, body)
            if is_read:
                return
            stretch.clear()  # The header is not what tree-sitter took it for.
        parser = parser_of(stretch, own.tokens(own.start, own.limit), delta)
        if stretch.followed:
            found = FIRST_COLUMN.search(text, stretch.limit)
            follow = found.start() if found is not None else stretch.limit
            before = stretch.start - own.start
            behind = text[before : follow + 200]
            parser.cut_at(scan(behind, own.limit, len(behind), names))
        declarations(parser, stretch, None)
    except RecursionError:
        _too_deep(stretch)


def _too_deep(stretch: Stretch) -> None:
    stretch.errors.append(ast.SyntaxError_(stretch.base, stretch.base + 1, "nesting too deep"))


def parser_of(stretch: Stretch, tokens: Tokens, delta: int) -> Parser:
    errors = stretch.errors
    for offset, msg in tokens.errors:
        errors.append(ast.SyntaxError_(delta + offset, delta + offset + 1, msg))
    directives = Directives(tokens.directives, errors, stretch.directives)
    return Parser(tokens, delta, errors, tokens.text, directives)


def declarations(
    p: Parser,
    stretch: Stretch,
    skip: Callable[[Parser], Callable[[], ast.BlockStmt] | None] | None,
    skip_value: Callable[[Parser], Callable[[], ast.Expr] | None] | None = None,
) -> bool:
    """The declarations of a stretch. With `skip`, the stretch is one function whose body starts at
    the last token; with `skip_value`, it is one variable whose value starts behind it. False if it turns out
    otherwise."""
    decls = stretch.decls
    while p.tok != "EOF":
        tok = p.tok
        if tok in KEYWORDS:
            stretch.imports.append(p.pos() if tok == "import" else NO_POS)
            p.next()
        if tok == "import":
            p.append_group(decls, p.import_decl)
        elif tok == "const":
            p.append_group(decls, p.const_decl)
        elif tok == "type":
            p.append_group(decls, p.type_decl)
        elif tok == "var":
            if skip_value is not None:
                var = p.var_decl(None, skip_value)
                decls.append(var)
                return isinstance(var, ast.VarDecl) and not var.is_lowered
            p.append_group(decls, p.var_decl)
        elif tok == "func":
            if skip is not None:
                decl = p.func_decl(skip)
                decls.append(decl)
                return decl.has_body and p.dead
            decls.append(p.func_decl(lambda p: None))
        else:
            last = decls[-1] if decls else None
            bodyless = (
                stretch.after_bodyless
                if last is None
                else (isinstance(last, ast.FuncDecl) and not last.has_body)
            )
            if tok == "{" and bodyless:
                p.syntax_error("unexpected semicolon or newline before {")
            else:
                p.syntax_error("non-declaration statement outside function body")
            p.advance(*KEYWORDS)
            stretch.imports.append(NO_POS)
            continue
        if p.bodies:
            p.errors.extend(check_bodies(p.bodies).errors)
            p.bodies.clear()
        if p.dead:
            p.goto(_declaration_end(p.tokens, p.i))
        p.clear_pragma()
        if p.tok != "EOF" and not p.got(";"):
            p.syntax_error("after top level declaration")
            p.advance(*KEYWORDS)
    p.clear_pragma()
    return skip is None and skip_value is None


def _declaration_end(tokens: Tokens, i: int) -> int:
    """The index of the token at which to go on after giving up at `i`."""
    classes = tokens.classes
    while classes[i] != "EOF":
        if classes[i] in KEYWORDS and starts_line(tokens.text, tokens, i):
            if i and classes[i - 1] == ";" and names_declaration(tokens, i):
                return i - 1
        i += 1
    return i


def _skip_body(
    stretch: Stretch, own: _Text
) -> Callable[[Parser], Callable[[], ast.BlockStmt] | None]:
    """What `func_decl` calls at the `{` of a body that is to be lowered later."""
    start, end, delta = own.late, own.end, own.delta

    def lower() -> ast.BlockStmt:
        tokens = own.tokens(start, own.limit)
        known = len(stretch.errors)
        body: ast.BlockStmt
        try:
            p = parser_of(stretch, tokens, delta)
            body = p.func_body()
            _end_of_stretch(p, stretch)
        except RecursionError:
            _too_deep(stretch)
            body = ast.BlockStmt(delta + start, delta + end, [], delta + end - 1)
        stretch.sink.extend(stretch.errors[known:])
        return body

    def skip(p: Parser) -> Callable[[], ast.BlockStmt] | None:
        if p.begs[p.i] != start or p.errors:
            return None
        p.dead = True
        p.ends[p.i - 1] = end  # the declaration ends with its body
        return lower

    return skip


def _skip_value(stretch: Stretch, own: _Text) -> Callable[[Parser], Callable[[], ast.Expr] | None]:
    """What `var_decl` calls in front of a value that is to be lowered later."""
    start, end, delta = own.late, own.end, own.delta

    def lower() -> ast.Expr:
        known = len(stretch.errors)
        found: ast.Expr
        try:
            p = parser_of(stretch, own.tokens(start, own.limit), delta)
            found = p.expr_list()
            _end_of_stretch(p, stretch)
        except RecursionError:
            _too_deep(stretch)
            found = ast.BadExpr(delta + start, delta + end)
        stretch.sink.extend(stretch.errors[known:])
        return found

    def skip(p: Parser) -> Callable[[], ast.Expr] | None:
        if p.tok != "EOF" or p.errors:
            return None
        p.dead = True
        p.ends[p.i - 1] = end  # the declaration ends with its value
        return lower

    return skip


def _end_of_stretch(p: Parser, stretch: Stretch) -> None:
    """What was put off is over: nothing else may stand in the stretch."""
    if p.dead:
        pass
    elif p.tok != "EOF" and not p.got(";"):
        p.syntax_error("after top level declaration")
    elif p.tok != "EOF":
        p.syntax_error("non-declaration statement outside function body")
    p.clear_pragma()
    stretch.errors.extend(check_bodies(p.bodies).errors)


def _file(
    source: SourceFile,
    positions: Positions,
    stretches: list[Stretch],
    clean: bytes,
    errors: list[tuple[int, str]],
    sink: list[ast.SyntaxError_],
) -> ast.File:
    file_base = positions.new_base(source, 0)
    end = file_base + len(source.text)
    found = [ast.SyntaxError_(file_base + at, file_base + at + 1, msg) for at, msg in errors]
    for at, msg in source.line_directive_errors():
        found.append(ast.SyntaxError_(file_base + at, file_base + at + 1, msg))
    pkg_name = ast.Name(file_base, file_base, "_")
    pos, version = file_base, ""
    if stretches and stretches[0].kind == "package":
        head = stretches[0]
        tokens = scan(clean, 0, head.limit, {})
        where = tokens.classes.index("package")
        if tokens.classes[where + 1] == "EOF":
            tokens = scan(clean, 0, len(clean), {})  # the name, if any, is on a later line
        head.errors.clear()
        pos = head.base + tokens.begs[where]
        p = parser_of(head, tokens, head.base)
        p.goto(where + 1)
        pkg_name = p.name()
        if p.tok != ";" and p.tok != "EOF":
            p.syntax_error("after package clause")
        found.extend(head.errors)
        version = _go_version(tokens, where)
    else:
        tokens = scan(clean, 0, len(clean), {})
        at = tokens.begs[0]
        sink.clear()
        for stretch in stretches:
            stretch.sink = []  # as in the compiler, nothing else is said
        if tokens.errors and tokens.classes[0] == "EOF":
            found.extend(
                ast.SyntaxError_(file_base + at, file_base + at + 1, msg)
                for at, msg in tokens.errors
            )
        else:
            msg = "syntax error: package statement must be first"
            found.append(ast.SyntaxError_(file_base + at, file_base + at + 1, msg))
    sink[0:0] = found
    sink += late_imports(stretches)
    decls: list[ast.Decl] = []
    pragmas: list[tuple[Pos, str]] = []
    for stretch in stretches:
        pragmas.extend(stretch.directives)
        decls.extend(stretch.decls)
    return ast.File(pos, end, source.path, pkg_name, decls, version, pragmas, sink)


def _go_version(tokens: Tokens, package: int) -> str:
    """The language version that a `//go:build` line above the package clause asks for, or ""."""
    version = ""
    for index, _, text, _ in tokens.directives:
        if index <= package and text.startswith("go:build"):
            try:
                expr = constraint.parse_line("//" + text)
            except constraint.ConstraintError:
                continue
            if expr is not None:
                version = constraint.go_version(expr)
    return version

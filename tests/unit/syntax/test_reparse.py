"""A file parsed after an edit equals the same text parsed afresh, and keeps what did not change."""

from __future__ import annotations

import pytest
from goescape.source.file import SourceFile
from goescape.source.positions import BASE_SHIFT, Positions
from goescape.syntax import ast, parse
from goescape.syntax.parse import Earlier, ParsedFile, parse_file, reparse, take_back
from goescape.syntax.toplevel import Cut, cut_file
from harness.syntax_dump import tree_lines
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Tree

TEXT = b"""// Package p.
package p

import "fmt"

//go:noinline
func f(a int) (b []int) {
\tif a > 1 {
\t\treturn []int{a, 2}
\t}
\treturn nil
}

type T[P any] struct {
\tx, y P `tag`
}

var (
\tv = map[string]int{"\xe4\xb8\x96": 1}
\tw = `raw
string`
)

func (t *T[P]) M() { fmt.Println(t.x) /* c */ }

func last()
"""

PIECES = [
    b"", b"(", b")", b"{", b"}", b"[", b"]", b",", b";", b".", b":=", b"=", b"x", b"\n", b'"', b"`",
    b"'", b"/*", b"*/", b"//", b"\xff", b"\0", b"func ", b"type ", b"0x", b"//go:noinline\n",
    b"func g() {}\n", b"new(1)", b"[P any]", b"package p\n", b"import _ \"os\"\n", b"\xe4\xb8\x96",
    b"\nvar x = 1\n", b"\ntype t int\n",
]  # fmt: skip

Edit = tuple[float, int, bytes]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 1, 2, 5, 40]), st.sampled_from(PIECES)),
    max_size=6,
)


def apply(text: bytes, edit: Edit) -> bytes:
    where, removed, inserted = edit
    at = int(where * len(text))
    return text[:at] + inserted + text[at + removed :]


@settings(max_examples=60, deadline=None)
@given(EDITS)
def test_reparse_equals_parse(edits: list[Edit]) -> None:
    positions = Positions()
    parsed = parse_file(SourceFile("x.go", TEXT), positions)
    text = TEXT
    for i, edit in enumerate([*edits, (0.0, len(TEXT) * 2, TEXT)]):
        if i % 2:
            tree_lines(parsed, positions)  # lowers the bodies
        text = apply(text, edit)
        source = SourceFile("x.go", text)
        parsed = reparse(parsed, source, positions)
        fresh = Positions()
        assert tree_lines(parsed, positions) == tree_lines(parse_file(source, fresh), fresh)


STATEMENTS = [
    b"", b"a++", b"x := new(int)", b"if true {\n}", b"for {\n\tbreak\n}", b"L:\n\tgoto L", b"goto M",
    b"//line y.go:7", b"//line y.go:0", b"//go:noinline", b"var s = `a\nb`", b"/* c\n */", b"}",
    b"}\nfunc g() {", b"}; func h() {", b"f(func() {\n})", b"\xe4\xb8\x96 := 1", b"x.", b"new(1 + 2)",
    b"var y = 1", b"type t int", b"const (\nc = 1\n)", b"var f = func() {", b"func(a int) T {\n}(1)",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 9), st.sampled_from(STATEMENTS), st.booleans()),
        max_size=8,
    )
)
def test_reparse_equals_parse_within_bodies(edits: list[tuple[bool, int, bytes, bool]]) -> None:
    positions = Positions()
    parsed = parse_file(SourceFile("x.go", TEXT), positions)
    lines = TEXT.split(b"\n")
    added: list[bytes] = []
    for remove, at, statement, lower in edits:
        if lower:
            tree_lines(parsed, positions)
        if remove and added:
            lines.remove(added.pop(at % len(added)))
        elif statement not in lines:
            body = lines.index(b"\treturn nil") if at % 2 else lines.index(b"\tif a > 1 {")
            lines.insert(body, statement)
            added.append(statement)
        source = SourceFile("x.go", b"\n".join(lines))
        parsed = reparse(parsed, source, positions)
        fresh = Positions()
        assert tree_lines(parsed, positions) == tree_lines(parse_file(source, fresh), fresh)
        for stretch in parsed.stretches:
            where = positions.place(stretch.base >> BASE_SHIFT)
            assert where == (stretch.start, *source.line_col(stretch.start))


GAPS = [
    b" ",
    b"\t",
    b"\n",
    b"\n\n\t",
    b" /* d */ ",
    b" // e\n",
    b"\n\t// {\n",
    b"/* f\n */",
    b"  \n",
]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(GAPS), st.sampled_from([0, 0, 1, 3])), max_size=8
    )
)
def test_reparse_equals_parse_between_tokens(edits: list[tuple[float, bytes, int]]) -> None:
    positions = Positions()
    parsed = parse_file(SourceFile("x.go", TEXT), positions)
    text = TEXT
    for where, gap, back in edits:
        tree_lines(parsed, positions)
        blanks = [i for i, byte in enumerate(text) if byte in b" \t\n"]
        at = blanks[min(int(where * len(blanks)), len(blanks) - 1)]
        text = text[:at] + gap + text[at + back :]
        source = SourceFile("x.go", text)
        parsed = reparse(parsed, source, positions)
        fresh = Positions()
        new = parse_file(source, fresh)
        assert tree_lines(parsed, positions) == tree_lines(new, fresh)
        for kept, made in zip(parsed.stretches, new.stretches, strict=True):
            # After errors tree-sitter may find less declarations in what it read before.
            assert kept.nodes == made.nodes or kept.kind == "region" != made.kind


BYTES = [b"\0", b"\xff", b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xbf", b"\xe4", "世".encode(), b"\n", b"x", b""]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(BYTES), st.sampled_from([0, 0, 1, 3])),
        max_size=8,
    )
)
def test_bytes_that_no_file_may_contain(edits: list[tuple[float, bytes, int]]) -> None:
    """They come, go and are put together by edits of single bytes."""
    positions, text = Positions(), "package p\n\n// 世\nvar s = `世\n`\n".encode()
    parsed = parse_file(SourceFile("x.go", text), positions)
    for where, new, gone in edits:
        at = int(where * len(text))
        text = text[:at] + new + text[at + gone :]
        parsed = reparse(parsed, SourceFile("x.go", text), positions)
        fresh = parse_file(SourceFile("x.go", text), Positions())
        assert parsed.clean == fresh.clean
        assert sorted(e.msg for e in parsed.file.errors) == sorted(e.msg for e in fresh.file.errors)


def functions(parsed: ParsedFile) -> dict[str, ast.FuncDecl]:
    return {d.name.value: d for d in parsed.file.decl_list if isinstance(d, ast.FuncDecl)}


def test_only_the_edited_declaration_is_new() -> None:
    positions = Positions()
    old = parse_file(SourceFile("x.go", TEXT), positions)
    before = functions(old)
    body = before["M"].body
    text = TEXT.replace(b"return nil", b"a++\n\treturn nil")
    new = reparse(old, SourceFile("x.go", text), positions)
    after = functions(new)
    assert after["f"] is not before["f"]
    assert after["M"] is before["M"] and after["M"].body is body
    assert after["last"] is before["last"]
    assert positions.offset(after["M"].name.pos) == text.index(b"M()")


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        (b"if a > 1 {", b"if a  >  1 { // more than 1", True),
        (b"if a > 1 {\n\t", b"if a > 1 {\n\n\t\t/* both\n\t\t */\n", True),
        (b"return []int{a, 2}", b"return []int{\n\t\t\ta, 2}", False),  # where nothing was
        (b"return []int{a, 2}", b"return []int{a,\n2}", True),
        (b"return nil", b"return\n\tnil", False),
        (b"return nil", b"return // c\n\tnil", False),
        (b"return nil\n", b"return nil ;\n", False),
        (b"return nil", b"return nil //go:x", False),
        (b"return nil", b"//go:x\n\treturn nil", False),
        (b"return nil", b"return   nil // " + b"c" * 300, False),  # too long for columns
    ],
)
def test_blanks_and_comments_bend_a_stretch(before: bytes, after: bytes, stays: bool) -> None:
    positions = Positions()
    old = parse_file(SourceFile("x.go", TEXT), positions)
    tree_lines(old, positions)
    was = functions(old)["f"]
    text = TEXT.replace(before, after)
    source = SourceFile("x.go", text)
    new = reparse(old, source, positions)
    assert (functions(new)["f"] is was) == stays
    fresh = Positions()
    assert tree_lines(new, positions) == tree_lines(parse_file(source, fresh), fresh)
    again = reparse(new, SourceFile("x.go", TEXT), positions)
    assert (functions(again)["f"] is was) == stays
    if stays:
        assert not positions.bends([s.base >> BASE_SHIFT for s in again.stretches])


@given(EDITS, EDITS)
@settings(max_examples=200, deadline=None)
def test_what_is_taken_back_is_as_it_was(before: list[Edit], edits: list[Edit]) -> None:
    positions = Positions()
    parsed = parse_file(SourceFile("x.go", TEXT), positions)
    text = TEXT
    for edit in before:
        text = apply(text, edit)
        parsed = reparse(parsed, SourceFile("x.go", text), positions)
    was = tree_lines(parsed, positions)
    earlier, decls = Earlier(parsed, positions), list(parsed.file.decl_list)
    other, now = text, parsed
    for edit in edits:
        other = apply(other, edit)
        now = reparse(now, SourceFile("x.go", other), positions)
        tree_lines(now, positions)
    again = take_back(now, earlier, positions)
    assert tree_lines(again, positions) == was
    assert list(map(id, again.file.decl_list)) == list(map(id, decls))
    for edit in edits:
        text = apply(text, edit)
        again = reparse(again, SourceFile("x.go", text), positions)
    fresh = Positions()
    assert tree_lines(again, positions) == tree_lines(
        parse_file(SourceFile("x.go", text), fresh), fresh
    )


def test_a_whole_file_may_be_respaced() -> None:
    positions = Positions()
    old = parse_file(SourceFile("x.go", TEXT), positions)
    tree_lines(old, positions)
    text = TEXT.replace(b"\n\t", b"\n        ").replace(b" {", b"  {")
    new = reparse(old, SourceFile("x.go", text), positions)
    assert functions(new)["f"] is functions(old)["f"]
    assert functions(new)["M"] is functions(old)["M"]
    assert positions.offset(functions(new)["M"].name.pos) == text.index(b"M()")


def test_a_body_not_yet_lowered_survives_an_edit_above() -> None:
    positions = Positions()
    old = parse_file(SourceFile("x.go", TEXT), positions)
    text = b"// more\n" + TEXT
    new = reparse(old, SourceFile("x.go", text), positions)
    method = functions(new)["M"]
    assert method.body is not None
    assert positions.offset(method.body.list[0].pos) == text.index(b"(t.x)")


MANY = b"package p\n" + b"".join(b"\n// F%d.\nfunc F%d() {\n\tx()\n}\n" % (i, i) for i in range(9))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"y := new(int)\n", b"y := new(", b"y := new(int)\n"],
        [b"if true {\n", b"if true {\n}\n", b"}\n", b""],
        [b"`", b"``", b"/*", b"/* */"],
        [b"}\n\nfunc g()\n{\n", b"}\nfunc g() {", b"}\nfunc g()\n\nfunc h() {\n"],
    ],
)
def test_only_what_is_around_an_edit_is_looked_at(
    pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that is found which is found in the whole tree."""
    positions = Positions()
    parsed = parse_file(SourceFile("x.go", MANY), positions)
    was_cut = []

    def note(tree: Tree, text: bytes) -> list[Cut]:
        was_cut.append(text)
        return cut_file(tree, text)

    monkeypatch.setattr(parse, "cut_file", note)
    for piece in pieces:
        source = SourceFile("x.go", MANY.replace(b"\tx()\n}\n\n// F5", piece + b"}\n\n// F5"))
        parsed = reparse(parsed, source, positions)
        assert not was_cut
        fresh = Positions()
        assert tree_lines(parsed, positions) == tree_lines(parse_file(source, fresh), fresh)
        was_cut.clear()
        assert parsed.tree is not None
        found = cut_file(parsed.tree, parsed.clean)
        assert [(s.kind, s.start, s.end, s.limit, s.late) for s in parsed.stretches] == [
            (cut.kind, cut.start, cut.end, cut.limit, cut.late) for cut in found
        ]

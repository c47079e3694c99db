"""Places in a file: the compiler's lines and columns, those of `//line`, and an editor's."""

from __future__ import annotations

import pytest
from goescape.source.file import SourceFile
from hypothesis import given
from hypothesis import strategies as st

TEXT = "a\tb\r\nüx\n😀y\rz".encode()


def test_compiler_lines_end_with_newline_only() -> None:
    file = SourceFile("x.go", TEXT)
    assert file.line_col(TEXT.index(b"x")) == (2, 3)
    assert file.line_col(TEXT.index(b"z")) == (3, 7)
    assert file.offset(3, 7) == TEXT.index(b"z")
    assert file.offset(1, 99) == TEXT.index(b"\n")
    assert file.offset(99, 1) == len(TEXT)


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"xy\n"]), max_size=12), st.data())
def test_lines_follow_an_edit(parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = data.draw(st.sampled_from([b"", b"\n", b"b", b"\r\nc\n"]))
    old = SourceFile("x.go", text)
    assert old.line_starts
    file = old.spliced(start, end, new)
    file.take_lines(old, start, end)
    fresh = SourceFile("x.go", text[:start] + new + text[end:])
    assert file.line_starts == fresh.line_starts
    assert file.editor_line_starts == fresh.editor_line_starts


@given(
    st.lists(
        st.sampled_from([b"`", b"\n", b"//", b"line ", b"y.go:7", b"/*", b"*/", b"x"]), max_size=8
    ),
    st.data(),
)
def test_line_directives_follow_an_edit(parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = data.draw(st.sampled_from([b"", b"/", b"line", b"\n//line y.go:0\n", b"e "]))
    old = SourceFile("x.go", text)
    assert old.line_starts and old.line_directive_errors() is not None
    file = SourceFile("x.go", text[:start] + new + text[end:])
    file.take_lines(old, start, end)
    fresh = SourceFile("x.go", file.text)
    assert file.line_directive_errors() == fresh.line_directive_errors()
    for offset in range(len(file.text)):
        assert file.presumed(offset) == fresh.presumed(offset)


@pytest.mark.parametrize(
    ("encoding", "columns"), [("utf-8", (2, 4)), ("utf-16", (1, 2)), ("utf-32", (1, 1))]
)
def test_editor_columns(encoding: str, columns: tuple[int, int]) -> None:
    file = SourceFile("x.go", TEXT)
    x, y, z = (TEXT.index(c) for c in (b"x", b"y", b"z"))
    assert file.editor_position(x, encoding) == (1, columns[0])
    assert file.editor_position(y, encoding) == (2, columns[1])
    assert file.editor_position(z, encoding) == (3, 0)
    for offset in (0, x, y, z, len(TEXT)):
        assert file.editor_offset(*file.editor_position(offset, encoding), encoding) == offset
    assert file.editor_offset(0, 99, encoding) == TEXT.index(b"\r")


def presumed(text: str, at: str, path: str = "dir/x.go") -> tuple[str, int, int]:
    return SourceFile(path, text.encode()).presumed(text.encode().index(at.encode()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("package p\nX", ("dir/x.go", 2, 1)),
        ("//line gen.y:100\n\n X", ("dir/gen.y", 101, 0)),
        ("//line gen.y:100:7\n X", ("dir/gen.y", 100, 8)),
        ("//line gen.y:100:7\n\n X", ("dir/gen.y", 101, 2)),
        ("//line /abs/./gen.y:5\nX", ("/abs/gen.y", 5, 0)),
        ("/*line gen.y:5:3*/X", ("dir/gen.y", 5, 3)),
        ("//line a.y:5:3\n//line :9:1\nX", ("dir/a.y", 9, 1)),
        ("//line a.y:5:3\n//line :9\nX", ("", 9, 0)),
        (" //line gen.y:5\nX", ("dir/x.go", 2, 1)),
        ("//line gen.y:0\nX", ("dir/x.go", 2, 1)),
        ("`\n//line gen.y:5\n`\nX", ("dir/x.go", 4, 1)),
        ("//line gen.y:5\r\nX", ("dir/gen.y", 5, 0)),
    ],
)
def test_line_directives(text: str, expected: tuple[str, int, int]) -> None:
    assert presumed(text, "X") == expected


def test_before_go1_27_names_in_line_directives_stood_for_themselves() -> None:
    text = b"//line ../gen.y:5:3\nX"
    assert SourceFile("dir/x.go", text, joins_names=False).presumed(20) == ("../gen.y", 5, 3)


def test_line_directive_errors() -> None:
    file = SourceFile("x.go", b"//line a.go:x\n//line a.go:3:0\n//line nothing\n")
    assert file.line_directive_errors() == [
        (12, "invalid line number: x"), (28, "invalid column number: 0"),
    ]  # fmt: skip

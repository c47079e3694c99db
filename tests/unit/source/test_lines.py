"""Lines after edits are those of the text from scratch."""

from __future__ import annotations

from goescape.source.file import SourceFile
from goescape.source.lines import Lines
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.sampled_from("ab\r\n"), max_size=40)
EDITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), TEXTS), max_size=6)


@given(TEXTS, EDITS)
def test_lines_after_edits(text: str, edits: list[tuple[int, int, str]]) -> None:
    file = SourceFile("f.go", text.encode())
    _ = file.line_starts
    for at, gone, new in edits:
        start = min(at, len(file.text))
        end = min(start + gone, len(file.text))
        before, file = file, file.spliced(start, end, new.encode())
        file.take_lines(before, start, end)
        fresh = SourceFile("f.go", file.text)
        assert file.line_starts == fresh.line_starts
        assert file.editor_line_starts == fresh.editor_line_starts
        for offset in range(len(file.text) + 2):
            assert file.line_col(offset) == fresh.line_col(offset)
            assert file.editor_position(offset) == fresh.editor_position(offset)


def test_what_is_behind_an_edit_moves_by_as_much() -> None:
    lines = Lines([0, 4, 9], 1, 1)
    assert [lines[i] for i in range(len(lines))] == list(lines) == [0, 5, 10]
    assert [lines.at(offset) for offset in (0, 4, 5, 9, 10, 99)] == [0, 0, 1, 1, 2, 2]


def test_a_line_typed_in_is_not_looked_for_again() -> None:
    file = SourceFile("f.go", b"a\nb\nc\n")
    starts = file.editor_line_starts
    for at in (2, 3):
        file = file.spliced(at, at, b"x")
        assert file.editor_line_starts._starts is starts._starts
    assert list(file.editor_line_starts) == [0, 2, 6, 8]

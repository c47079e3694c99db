"""What is scanned around an edit is what scanning all of the text says."""

from __future__ import annotations

import pytest
from goescape.syntax import rescan
from goescape.syntax.rescan import between, scan_again
from goescape.syntax.scan import Tokens, scan
from hypothesis import example, given, settings
from hypothesis import strategies as st

TEXT = b"""func (t *T) f(a ...int) (r []byte, _ error) {
\tif x := t.n<<2; x &^ 0x1f != 1.5e+3 { // half
\t\treturn nil, /* not
\t\tyet */ g(`raw
\tstring`, "a\\"b", '\\n', a...)
\t}
\tfor { x++; break }
\treturn
}
"""

PIECES = [
    b"", b" ", b"\n", b".", b"..", b"...", b"/", b"/*", b"*/", b"//", b"`", b'"', b"'", b"\\", b"0", b"e", b"+", b"1.",
    b"x", b"return", b"++", b"=", b"<", b"&", b"^", b"}", b";", b"\xe4\xb8\x96", b"\xc3", b"$", b"//go:noinline\n",
]  # fmt: skip

EDIT = st.tuples(st.integers(0, 300), st.sampled_from([0, 0, 1, 2, 7, 60]), st.sampled_from(PIECES))


def all_of(text: bytes) -> Tokens:
    return scan(text, 0, len(text), {})


def said(tokens: Tokens) -> tuple[object, ...]:
    return (
        tokens.classes, tokens.values, tokens.begs, tokens.ends, tokens.errors, tokens.directives,
        tokens.text,
    )  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(edits=st.lists(EDIT, min_size=1, max_size=4))
@example(edits=[(17, 1, b"")])  # `..int`, and `...int` again: a token that needs two more bytes
@example(edits=[(17, 1, b""), (17, 0, b".")])
@example(edits=[(14, 2, b"0"), (14, 0, b"e")])  # `0. . .`, which become `e0 ...`
def test_a_text_after_an_edit(edits: list[tuple[int, int, bytes]]) -> None:
    text, known = TEXT, all_of(TEXT)
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
        known = scan_again(known, text)
        assert said(known) == said(all_of(text)), text


def test_only_what_lies_around_the_edit_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    known = all_of(TEXT)
    scanned: list[bytes] = []

    def spy(text: bytes, start: int, end: int, names: object, nlsemi: bool = False) -> Tokens:
        scanned.append(text[start:end])
        return scan(text, start, end, {}, nlsemi)

    monkeypatch.setattr(rescan, "scan", spy)
    scan_again(known, TEXT.replace(b"x++;", b"x += 2;"))
    assert scanned == [b" x += 2; break"]


@settings(max_examples=300, deadline=None)
@given(edits=st.lists(EDIT, max_size=2), a=st.integers(0, 60), b=st.integers(0, 60))
def test_a_part_of_a_text(edits: list[tuple[int, int, bytes]], a: int, b: int) -> None:
    """A part between tokens is what scanning that part says."""
    text = TEXT
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
    tokens = all_of(text)
    places = [0, *sorted({*tokens.begs, *tokens.ends})]
    start, end = sorted((places[a % len(places)], places[b % len(places)]))
    part = between(tokens, start, end)
    if start == 0 < end and not tokens.errors:
        assert part is not None
    if part is not None:
        assert said(part) == said(scan(text, start, end, {})), (text, start, end)

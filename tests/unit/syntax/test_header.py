"""A header is the same while the bytes that were read of it are."""

from __future__ import annotations

from goescape.syntax.header import scan_header
from hypothesis import example, given
from hypothesis import strategies as st

PARTS = [
    b"package p", b"package", b"\n", b"\n\n", b";", b"// c\n", b"/* c */", b"/*", b"//go:build linux\n",
    b"// +build linux\n", b'import "fmt"', b'import (\n\t"os"\n', b")", b"import", b"im", b"port", b'"', b"`",
    b"func f() {}", b"var x", b"\xef\xbb\xbf", b"\xff", b"x", b" ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=9).map(b"".join)


@example(b"/*", b"/* c */", 0.0)
@given(TEXTS, st.lists(st.sampled_from(PARTS), max_size=3).map(b"".join), st.floats(0, 1))
def test_what_follows_does_not_matter(text: bytes, new: bytes, where: float) -> None:
    header = scan_header(text)
    at = int(where * len(text))
    edited = text[:at] + new
    if edited[: header.end] == text[: header.end]:
        assert scan_header(edited) == header

"""What the initialiser of a package leaves is named as if it had been read for the first time."""

from __future__ import annotations

from pathlib import Path

from harness.following import Pair

TEXT = (
    b"package w\n\nvar a = []*int{nil, new(int)}\n\nvar b = []any{1, struct{ p *int }{new(int)}}\n"
)


def test_static_data_is_counted_anew(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.27\n")
    path = tmp_path / "w.go"
    path.write_bytes(TEXT)
    pair = Pair(path, True, "")
    for text in (
        TEXT.replace(b"nil, new", b"nil new"),
        TEXT,
        TEXT.replace(b"nil", b"nil, nil"),
        TEXT,
    ):
        pair.text = text
        pair.following.set_text(pair.path, text)
        pair.compare()

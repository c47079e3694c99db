"""Flags in every form the go tool accepts."""

from __future__ import annotations

import pytest
from goescape_server.cli.arguments import normalise


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("check -m ./...", "check --level=1 ./..."),
        ("check -m 2 ./...", "check --level=2 ./..."),
        ("check -m=2 ./...", "check --level=2 ./..."),
        ("check --m=2 x", "check --level=2 x"),
        ("check -m2 x", "check --level=2 x"),
        ("check -m -m x", "check --level=2 x"),
        ("check -m -l x", "check --level=1 -l x"),
        ("check -m=1 -m=2 x", "check --level=2 x"),
        ("check -tags a,b -goos=linux x", "check --tags a,b --goos=linux x"),
        ("check -C dir -j 2 x", "check -C dir -j 2 x"),
        ("check -- -m 2", "check -- -m 2"),
        ("check x -m", "check x --level=1"),
        ("check -race -gcflags=-m x", "check --race --gcflags=-m x"),
        ("check -j2 -lj2 -Cdir -h", "check -j2 -lj2 -Cdir -h"),
    ],
)
def test_normalise(words: str, expected: str) -> None:
    assert normalise(words.split(), ["tags", "goos"], "Chjl") == expected.split()

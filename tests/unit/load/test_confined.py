"""Nothing outside the given places can be read, whatever leads there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from goescape.load.confined import ConfinedFileSystem
from goescape.load.filesystem import DiskFileSystem, MemoryFileSystem

FILES = {
    "/w/a.go": "package a",
    "/home/secret.go": "package s",
    "/go/src/fmt/print.go": "package f",
}
LINKS = {
    "/w/link.go": "/home/secret.go",
    "/w/dir": "/home",
    "/w/up": "..",
    "/w/inside.go": "a.go",
    "/w/std": "/go/src/fmt",
    "/sdk": "/home",
}


def confined(roots: list[str], trusted: list[str]) -> ConfinedFileSystem:
    return ConfinedFileSystem(MemoryFileSystem(FILES, LINKS), roots, trusted)


@pytest.mark.parametrize("path", ["/w/a.go", "/w/inside.go", "/w/std/print.go", "/go/src/fmt/print.go"])  # fmt: skip
def test_what_lies_inside_is_there(path: str) -> None:
    fs = confined(["/w"], ["/go"])
    assert fs.is_file(path) and fs.stamp(path) is not None
    assert fs.read(path).startswith(b"package ")
    assert os.path.isabs(fs.resolve(path))


@pytest.mark.parametrize(
    "path", ["/home/secret.go", "/w/link.go", "/w/dir/secret.go", "/w/up/home/secret.go", "/w/../home/secret.go", "/wx/a.go", "/go/../home/secret.go"],
)  # fmt: skip
def test_what_lies_outside_is_not(path: str) -> None:
    fs = confined(["/w"], ["/go"])
    assert not fs.is_file(path) and not fs.is_dir(path) and fs.stamp(path) is None
    for ask in (fs.read, fs.list, fs.resolve):
        with pytest.raises(PermissionError, match="outside the workspace"):
            ask(path)


def test_a_directory_behind_a_link_is_not_listed() -> None:
    fs = confined(["/w"], [])
    assert not fs.is_dir("/w/dir") and not fs.is_dir("/w/up")
    assert [e.name for e in fs.list("/w")] == ["a.go", "dir", "inside.go", "link.go", "std", "up"]


def test_links_of_the_toolchain_are_its_owners() -> None:
    assert confined([], ["/sdk"]).read("/sdk/secret.go") == b"package s"


def test_a_link_that_appears_later_leads_nowhere_either(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.go").write_text("package s")
    fs = ConfinedFileSystem(DiskFileSystem(), [str(tmp_path / "w")])
    path = str(tmp_path / "w" / "d" / "s.go")
    assert not fs.is_file(path)
    (tmp_path / "w" / "d").symlink_to(tmp_path / "secret")
    assert not fs.is_file(path)
    with pytest.raises(PermissionError):
        fs.read(path)

"""What a workspace may make the analysis do: read what is its own, and nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from goescape.workspace.session import FileAnswer, Session

OUTER = "package x\n\nvar Sink *int\n\nfunc Keep(p *int) { Sink = p }\n"
MODULE = "module example.com/w\n\ngo 1.24\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("w", "x"):
        (tmp_path / name).mkdir()
    (tmp_path / "x" / "go.mod").write_text("module example.com/x\n\ngo 1.24\n")
    (tmp_path / "x" / "x.go").write_text(OUTER)
    (tmp_path / "w" / "go.mod").write_text(MODULE)
    return tmp_path


def check(folder: Path, text: str, *roots: Path) -> FileAnswer:
    session = Session(os.environ, roots=[str(root) for root in roots])
    path = str(folder / "w" / "w.go")
    session.set_text(path, text.encode())
    return session.check(path)


IMPORTS = 'package w\n\nimport "example.com/x"\n\nfunc f() { n := 1; x.Keep(&n) }\n'


def test_a_replacement_outside_is_read_only_when_it_belongs_to_the_workspace(folder: Path) -> None:
    (folder / "w" / "go.mod").write_text(
        MODULE + "require example.com/x v0.0.0\nreplace example.com/x => ../x\n"
    )
    inside = check(folder, IMPORTS, folder / "w", folder / "x")
    assert [f.message for f in inside.findings if f.is_heap] == ["moved to heap: n"]
    outside = check(folder, IMPORTS, folder / "w")
    assert not [f for f in outside.findings if f.is_heap]
    assert any("example.com/x" in str(p) for p in outside.problems)


@pytest.mark.parametrize("link_directory", [False, True])
def test_a_link_does_not_lead_out(folder: Path, link_directory: bool) -> None:
    if link_directory:
        (folder / "x" / "go.mod").unlink()
        (folder / "w" / "x").symlink_to(folder / "x")
        text = 'package w\n\nimport "example.com/w/x"\n\nfunc f() { n := 1; x.Keep(&n) }\n'
    else:
        (folder / "w" / "x.go").symlink_to(folder / "x" / "x.go")
        (folder / "x" / "x.go").write_text(OUTER.replace("package x", "package w"))
        text = "package w\n\nfunc f() { n := 1; Keep(&n) }\n"
    assert [f for f in check(folder, text, folder).findings if f.is_heap]
    answer = check(folder, text, folder / "w")
    assert not [f for f in answer.findings if f.is_heap]
    assert answer.problems


def test_an_open_file_behind_a_link_does_not_make_its_folder_readable(folder: Path) -> None:
    (folder / "w" / "x").symlink_to(folder / "x")
    session = Session(os.environ, roots=[str(folder / "w")])
    path = str(folder / "w" / "x" / "new.go")
    session.set_text(path, b"package x\n\nfunc g() { n := 1; Keep(&n) }\n")
    assert not [f for f in session.check(path).findings if f.is_heap]


def test_the_module_around_a_workspace_folder_is_readable(folder: Path) -> None:
    """Whoever opens a folder of a module works on the module."""
    (folder / "w" / "deep").mkdir()
    (folder / "w" / "sub").mkdir()
    (folder / "w" / "sub" / "x.go").write_text(OUTER)
    session = Session(os.environ, roots=[str(folder / "w" / "deep")])
    path = str(folder / "w" / "deep" / "d.go")
    text = 'package deep\n\nimport x "example.com/w/sub"\n\nfunc f() { n := 1; x.Keep(&n) }\n'
    session.set_text(path, text.encode())
    assert [f.message for f in session.check(path).findings if f.is_heap] == ["moved to heap: n"]


SEEN: list[str] = []
WATCHED = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "os.system", "socket.connect", "socket.getaddrinfo")  # fmt: skip


def test_nothing_is_executed_and_nobody_is_called(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything in the workspace that makes the go command run or fetch something."""
    sys.addaudithook(_note)
    for name in ("go", "gcc"):
        program = folder / name
        program.write_text(f"#!/bin/sh\ntouch {folder}/ran\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("GOFLAGS", f"-toolexec={folder}/go -mod=mod")
    monkeypatch.setenv("GOPROXY", "https://proxy.example")
    (folder / "w" / "go.mod").write_text(
        "module example.com/w\n\ngo 1.24\ntoolchain go1.99.0\ntool example.com/x/cmd\n"
        "require example.com/none v1.2.3\n"
    )
    text = 'package w\n\n//go:generate touch ran\n\nimport "C"\nimport "example.com/none"\n\n'
    text += "func f() *int { x := 1; return &x }\n"
    SEEN.clear()
    check(folder, text, folder / "w")
    assert SEEN == [] and not (folder / "ran").exists()


def _note(event: str, _arguments: Any) -> None:
    if event in WATCHED:
        SEEN.append(event)

"""`goescape cache`, as it is typed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from goescape.workspace.store import FILE_NAME, Store
from goescape_server.cli.main import cli


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GOESCAPE_CACHE", str(tmp_path / "store"))
    return tmp_path


def cache(*words: str) -> Result:
    return CliRunner().invoke(cli, ["cache", *words])


def facts() -> dict[str, str]:
    lines = cache("info").stdout.splitlines()
    return {name: value.strip() for name, _, value in (line.partition(" ") for line in lines)}


def test_a_module_is_learnt_seen_and_forgotten(folder: Path) -> None:
    (folder / "go.mod").write_text("module example.com/w\n\ngo 1.24\n")
    (folder / "w.go").write_text("package w\n\nfunc F(p *int) *int { return p }\n")
    assert facts()["packages"] == "0"
    assert not (folder / "store").exists()
    done = cache("warm", "-C", str(folder), "-j", "1", "./...")
    assert (done.exit_code, done.stdout) == (0, "1 package known\n")
    known = facts()
    assert (known["packages"], known["functions"]) == ("1", "1")
    assert known["directory"] == str(folder / "store") and "last" in known
    assert cache("clear").exit_code == 0
    assert facts()["packages"] == "0"


def test_what_cannot_be_learnt_is_said(folder: Path) -> None:
    done = cache("warm", "-C", str(folder), "nowhere")
    assert done.exit_code == 2 and "nowhere" in done.stderr


def test_a_store_that_cannot_be_used_is_said(folder: Path) -> None:
    (folder / "store").mkdir()
    (folder / "store" / FILE_NAME).mkdir()
    done = cache("info")
    assert done.exit_code == 2 and "nothing can be kept" in done.stderr


def test_what_stands_where_the_store_should_be_is_said(folder: Path) -> None:
    (folder / "store").write_text("")
    for command in ("info", "clear"):
        done = cache(command)
        assert done.exit_code == 2 and "nothing can be kept" in done.stderr
    (folder / "w.go").write_text("package w\n")
    done = CliRunner().invoke(cli, ["check", "-j", "1", str(folder / "w.go")])
    assert done.exit_code == 0
    assert done.stderr.startswith("goescape: warning: nothing can be kept in ")


def test_what_can_only_be_read_is_no_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache("warm", "-C", str(folder), "-j", "1", "errors")

    def prepare(self: Store, db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(Store, "_prepare", prepare)  # Permissions do not stop root.
    done = cache("info")
    assert done.exit_code == 0 and facts()["packages"] != "0"
    assert "nothing can be kept" in done.stderr
    assert cache("clear").exit_code == 2

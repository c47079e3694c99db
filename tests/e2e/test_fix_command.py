"""`goescape fix` as a user starts it: what it shows, and what it writes."""

from __future__ import annotations

import atexit
import functools
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from goescape.ide.fixes import Edit, Snapshot, apply
from goescape.ide.fixes.package import Fixed, Wanted, fix_package
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.said import Said
from goescape_server.cli import fix as command
from goescape_server.cli.json_format import schema
from harness.oracle import build, goroot
from harness.schema import check_against

NESTED = """package n

import "fmt"

func Nested(s, t string) string {
\t// Both calls, one in the other.
\treturn fmt.Sprintf("%s!", fmt.Sprintf("%s?", s)) + fmt.Sprintf("%s%s", s, t)
}
"""

PLAIN = """package n

func Nested(s, t string) string {
\t// Both calls, one in the other.
\treturn s + "?" + "!" + s + t
}
"""

SAID = """n: 5 heap lines before, 1 after
n.go:7:39: fmt.Sprintf("%s?", ... argument...) escapes to heap
    without-fmt: Say it without fmt: `s+"?"` (same behaviour); proved for go1.27
n.go:7:73: s escapes to heap
    without-fmt: Say it without fmt: `s + t` (same behaviour); proved for go1.27
n.go:7:28: s + "?" escapes to heap
    without-fmt: Say it without fmt: `s + "?" + "!"` (same behaviour); proved for go1.27
"""

DIFF = """--- a/n.go
+++ b/n.go
@@ -1,8 +1,6 @@
 package n
~
-import "fmt"
-
 func Nested(s, t string) string {
 \t// Both calls, one in the other.
-\treturn fmt.Sprintf("%s!", fmt.Sprintf("%s?", s)) + fmt.Sprintf("%s%s", s, t)
+\treturn s + "?" + "!" + s + t
 }
""".replace("~", " ")


@functools.cache
def _store() -> str:
    """Where what is learned of imports is kept, for all tests."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return folder.name


def fix(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    env |= {"GOROOT": str(goroot()), "GOENV": "off", "GOESCAPE_CACHE": _store()}
    return subprocess.run(
        [sys.executable, "-m", "goescape_server", "fix", *words],
        cwd=folder, env=env, capture_output=True, text=True, timeout=900,
    )  # fmt: skip


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module n\n\ngo 1.27\n")
    (tmp_path / "n.go").write_text(NESTED)
    return tmp_path


def test_what_an_earlier_fix_makes_possible_is_found_and_told_where_it_was(module: Path) -> None:
    done = fix(module, "--diff", "./...")
    summary = "3 fixes found: 5 heap lines before, 1 after\n"
    assert (done.returncode, done.stderr) == (0, "")
    # A blank line that is the same may be shown on either side of a change.
    assert done.stdout.startswith(SAID) and done.stdout.endswith(summary)
    assert sorted(done.stdout.splitlines()) == sorted((SAID + DIFF + summary).splitlines())
    assert (module / "n.go").read_text() == NESTED


def test_what_is_written_is_what_the_compiler_confirms_and_there_is_no_more(module: Path) -> None:
    file = module / "n.go"
    file.chmod(0o640)
    done = fix(module, "--write", "./...")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("3 fixes applied: 5 heap lines before, 1 after\n")
    assert file.read_text() == PLAIN
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(p.name for p in module.iterdir()) == ["go.mod", "n.go"]
    heap = [line for line in build(["."], module, "-m").splitlines() if "to heap" in line]
    assert heap == ['./n.go:5:27: s + "?" + "!" + s + t escapes to heap']
    assert fix(module, "./...").stdout == "0 fixes found: 1 heap line before, 1 after\n"


def test_json_tells_the_same(module: Path) -> None:
    done = fix(module, "--format=json", "./...")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    definition = schema("fix.schema.json")
    check_against(document, definition, definition["$defs"])
    assert (document["go"], document["written"]) == ("go1.27.3", False)
    assert document["summary"] == {"packages": 1, "fixes": 3, "before": 5, "after": 1}
    (package,) = document["packages"]
    assert (package["import_path"], package["before"], package["after"]) == ("n", 5, 1)
    for found, column, subject in zip(
        package["fixes"],
        (39, 73, 28),
        ('fmt.Sprintf("%s?", s)', "s", 'fmt.Sprintf("%s?", s)'),
        strict=True,
    ):
        place = found["finding"]["place"]
        assert (place["line"], place["col"]) == (7, column)
        assert NESTED.encode()[place["start"] : place["end"]].decode() == subject
        assert found["code"] == "without-fmt" and found["same_behaviour"]
    (changed,) = package["files"]
    edits = [Edit(changed["path"], **edit) for edit in changed["edits"]]
    assert apply(NESTED.encode(), edits).decode() == PLAIN
    assert (module / "n.go").read_text() == NESTED
    refused = fix(module, "--format=json", "--diff", "./...")
    assert refused.returncode == 2 and "--diff needs --format text" in refused.stderr


def test_json_tells_what_is_wrong(module: Path) -> None:
    (module / "n.go").write_text(NESTED.replace("s, t string", "s, t strin"))
    done = fix(module, "--format=json", "./...")
    assert done.returncode == 2 and "undefined: strin" in done.stderr
    (package,) = json.loads(done.stdout)["packages"]
    assert package["problems"][0]["message"] == "undefined: strin" and package["fixes"] == []


def test_one_fix_is_one(module: Path) -> None:
    one = NESTED.replace('fmt.Sprintf("%s!", fmt.Sprintf("%s?", s)) + ', "")
    (module / "n.go").write_text(one)
    assert "1 fix found: 2 heap lines before, 1 after\n" in fix(module, "./...").stdout


def test_what_cannot_be_written_is_not_claimed(module: Path) -> None:
    """No module may be edited that another one is replaced by."""
    (module / "go.mod").write_text("module m\n\nrequire n v0.0.0\nreplace n => ./n\n")
    (module / "n").mkdir()
    (module / "n" / "go.mod").write_text("module n\n\ngo 1.27\n")
    file = (module / "n.go").rename(module / "n" / "n.go")
    done = fix(module, "--write", "n")
    assert done.returncode == 2
    assert done.stderr == f"goescape: {file}: is outside the main module\n"
    assert done.stdout == "0 fixes applied: 5 heap lines before, 5 after\n"
    assert file.read_text() == NESTED


def test_code_that_does_not_type_check_is_told_of_and_left_alone(module: Path) -> None:
    broken = NESTED.replace("s, t string", "s, t strin")
    (module / "n.go").write_text(broken)
    done = fix(module, "--write", "./...")
    assert done.returncode == 2
    assert "undefined: strin" in done.stderr
    assert (module / "n.go").read_text() == broken


def test_generated_files_are_left_alone(module: Path) -> None:
    generated = "// Code generated by hand. DO NOT EDIT.\n\n" + NESTED
    (module / "n.go").write_text(generated)
    done = fix(module, "--write", "./...")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 fixes applied: 5 heap lines before")
    assert (module / "n.go").read_text() == generated


def test_a_package_that_cannot_be_fixed_is_told_of_and_the_others_are(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (module / "a").mkdir()
    (module / "a" / "a.go").write_text(NESTED.replace("package n", "package a"))

    def failing(said: Said, snapshot: Snapshot, wanted: Wanted) -> Fixed:
        if snapshot.package.name == "a":
            raise ValueError("no way")
        return fix_package(said, snapshot, wanted)

    monkeypatch.setattr("goescape_server.cli.fix.fix_package", failing)
    monkeypatch.delenv("GOESCAPE_STRICT", raising=False)
    environment = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}
    request = CheckRequest(
        ("./...",), str(module), inline=True, findings=True, environment=environment, store=_store()
    )
    out, err = io.StringIO(), io.StringIO()
    assert command.run(request, command.Options(), out, err) == 2
    assert err.getvalue() == "n/a: internal error: ValueError: no way\n"
    assert out.getvalue() == SAID + "3 fixes found: 5 heap lines before, 1 after\n"

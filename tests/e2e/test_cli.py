"""The console script on the demo module, as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from harness.oracle import build, goroot

DEMO = Path(__file__).resolve().parents[1] / "demo"


def goescape(*words: str, cwd: Path = DEMO, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the console script with a PATH that has no go on it."""
    return in_shell('exec "$@"', words, cwd, **variables)


def in_shell(
    script: str, words: Sequence[str], cwd: Path = DEMO, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script that has the console script with `words` as its `"$@"`."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))}
    env |= {"PATH": "/usr/bin:/bin", "GOENV": "off", "CGO_ENABLED": "0", **variables}
    env["GOROOT"] = variables.get("GOROOT", str(goroot()))
    command = [sys.executable, "-m", "goescape_server", *words]
    return subprocess.run(
        ["bash", "-c", script, "bash", *command],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=900,
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_gc_is_what_go_build_prints(jobs: str, store: str) -> None:
    done = goescape("check", "-l", "-m", "--format=gc", "-j", jobs, "./...", GOESCAPE_CACHE=store)
    assert (done.returncode, done.stderr) == (0, "")
    expected = build(["./..."], DEMO, "-m -l")
    assert sorted(done.stdout.splitlines()) == sorted(expected.splitlines())
    # Packages come in the order of the patterns, however many processes there are.
    headers = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert headers == sorted(headers)


def test_m2_adds_the_flow(store: str) -> None:
    done = goescape("check", "-l", "-m=2", "--format", "gc", "./shape", GOESCAPE_CACHE=store)
    lines = done.stdout.splitlines()
    at = lines.index("shape/shape.go:18:2: moved to heap: c")
    assert lines[at - 4 : at] == [
        "shape/shape.go:18:2: c escapes to heap in NewCircle:",
        "shape/shape.go:18:2:   flow: ~r0 ← &c:",
        "shape/shape.go:18:2:     from &c (address-of) at shape/shape.go:20:9",
        "shape/shape.go:18:2:     from return &c (return) at shape/shape.go:20:2",
    ]


def test_without_l_calls_are_inlined_first(store: str) -> None:
    done = goescape("check", "--format=gc", "./shape", "./cache", GOESCAPE_CACHE=store)
    assert (done.returncode, done.stderr) == (0, "")
    expected = build(["./shape", "./cache"], DEMO, "-m")
    assert sorted(done.stdout.splitlines()) == sorted(expected.splitlines())


def test_heap_only_leaves_out_the_rest(store: str) -> None:
    done = goescape("check", "--heap-only", "./shape", GOESCAPE_CACHE=store)
    assert (done.returncode, done.stderr) == (0, "")
    assert "moved to heap: c" in done.stdout and "leaking" not in done.stdout
    assert done.stdout.rstrip().endswith("in 1 package")


def test_json_is_one_document(store: str) -> None:
    done = goescape(
        "check", "-l", "-format=json", "-goos", "windows", "./cache", GOESCAPE_CACHE=store
    )
    document = json.loads(done.stdout)
    assert (document["goos"], document["go"]) == ("windows", "go1.27.3")
    (package,) = document["packages"]
    by_opacity = {(f["opaque"], f["code"]) for f in package["findings"]}
    # Besides the function, the generic ones that nobody instantiates here.
    assert (False, "leaks-result") in by_opacity and (True, "moved") in by_opacity


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["./nosuch"], "directory {demo}/nosuch not found"),
        (["nosuch/x"], "package nosuch/x is not in std ({goroot}/src/nosuch/x)"),
        (["example.com/other"], "no required module provides package example.com/other"),
        (["--only", "nosuch", "."], "--only nosuch: no such kind"),
        (["--goarch", "vax", "."], "unsupported GOOS/GOARCH pair linux/vax"),
        (["--format", "xml", "."], "'xml' is not one of"),
        (["--go-version", "1.99", "."], "the rules of Go 1.99 are not known: want 1.19 to 1.27"),
        (["-C", "nosuch"], "-C nosuch: no such directory"),
    ],
)
def test_errors_say_what_is_wrong(words: list[str], message: str, store: str) -> None:
    done = goescape("check", "-l", *words, GOOS="linux", GOESCAPE_CACHE=store)
    assert done.returncode == 2
    assert message.format(demo=DEMO, goroot=goroot()) in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_code_names_file_and_cause(tmp_path: Path, store: str) -> None:
    (tmp_path / "go.mod").write_text("module w\n")
    (tmp_path / "a.go").write_text(
        'package w\n\nimport "example.com/gone"\n\nfunc f() *int { x := 1; return &x }\n'
        "func g() { undefined() }\n"
    )
    done = goescape("check", "-l", "--format=gc", ".", cwd=tmp_path, GOESCAPE_CACHE=store)
    assert done.returncode == 2
    assert "a.go:3:8: no required module provides package example.com/gone" in done.stderr
    assert "a.go:6:12: undefined: undefined" in done.stderr
    # What is not broken is analysed all the same.
    assert "./a.go:5:17: moved to heap: x" in done.stdout


def test_places_in_messages_are_written_as_the_go_command_does(tmp_path: Path, store: str) -> None:
    (tmp_path / "go.mod").write_text("module w\n")
    (tmp_path / "a.go").write_text("package w\n\n//line b.go:7\nfunc f() {}\n\nfunc f() {}\n")
    done = goescape("check", "--format=gc", ".", cwd=tmp_path, GOESCAPE_CACHE=store)
    other = f"\n\t./b.go:7[{tmp_path}/a.go:4:6]: other declaration of f\n"
    assert f"b.go:9: f redeclared in this block{other}" in done.stderr


def test_what_uses_c_is_left_out_and_said_so(tmp_path: Path, store: str) -> None:
    (tmp_path / "go.mod").write_text("module w\n")
    (tmp_path / "c.go").write_text(
        'package w\n\n// int one() { return 1; }\nimport "C"\n\n'
        "func one() *int { x := int(C.one()); return &x }\n"
    )
    (tmp_path / "g.go").write_text("package w\n\nfunc f() *int { x := *one(); return &x }\n")
    done = goescape(
        "check", "-l", "--format=gc", ".", cwd=tmp_path, CGO_ENABLED="1", GOESCAPE_CACHE=store
    )
    assert done.returncode == 0
    assert done.stdout == "# w\n./g.go:3:17: moved to heap: x\n"
    assert "what uses C cannot be analysed, and is left out: one" in done.stderr


def test_the_wheel_serves_where_there_is_no_go(store: str, tmp_path: Path) -> None:
    if any(os.path.exists(p) for p in ("/usr/local/go", "/usr/lib/go", "/usr/lib/golang")):
        pytest.skip("there is a Go in a usual place")
    done = goescape("check", "-l", "./shape", GOROOT="", HOME=str(tmp_path), GOESCAPE_CACHE=store)
    assert done.returncode == 0


SAYING = [
    ["check", "./shape"],
    ["check", "--format=gc", "./shape"],
    ["check", "--format=json", "./shape"],
    ["explain"],
    ["--version"],
]


@pytest.mark.parametrize(
    ("redirection", "reason", "words"),
    [
        *((">/dev/full", "No space left on device", words) for words in SAYING),
        (">&-", "Bad file descriptor", SAYING[0]),
    ],
)
def test_what_cannot_be_written_is_said(
    redirection: str, reason: str, words: list[str], store: str
) -> None:
    done = in_shell(f'"$@" {redirection}', words, GOESCAPE_CACHE=store)
    assert (done.returncode, done.stderr) == (2, f"goescape: cannot write: {reason}\n")


@pytest.mark.parametrize("words", [*SAYING, ["check", "--color", "./shape"]])
def test_a_reader_that_goes_is_no_failure(words: list[str], store: str) -> None:
    done = in_shell('"$@" | true; exit ${PIPESTATUS[0]}', words, GOESCAPE_CACHE=store)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [["check", "."], ["fix", "."], ["cache", "warm", "."]])
def test_a_working_directory_that_is_gone_is_named(words: list[str], tmp_path: Path) -> None:
    done = in_shell('mkdir x; cd x; rmdir ../x; "$@"', words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("Error: the working directory is gone\n")


@pytest.mark.parametrize("words", [["check", "."], ["fix", "."], ["cache", "warm", "errors"]])
def test_C_names_a_directory(words: list[str], tmp_path: Path, store: str) -> None:
    (tmp_path / "a.go").write_text("package a\n")
    for name, message in [("nosuch", "no such directory"), ("a.go", "not a directory")]:
        done = goescape(*words, "-C", name, cwd=tmp_path, GOESCAPE_CACHE=store)
        assert done.returncode == 2
        assert done.stderr.endswith(f"Error: -C {name}: {message}\n")


def test_a_log_that_cannot_be_opened_is_named() -> None:
    done = goescape("lsp", "--log", "/nope/x.log")
    assert (done.returncode, done.stderr) == (
        2,
        "goescape: /nope/x.log: No such file or directory\n",
    )


def test_explain_and_version() -> None:
    assert "moved" in goescape("explain").stdout
    assert goescape("explain", "returned").stdout.startswith("# returned\n")
    assert "`moved`, `escapes`, `allocates`" in goescape("explain", "heap").stdout
    assert goescape("explain", "nosuch").returncode == 2
    assert goescape("--version").stdout.startswith("goescape, version ")

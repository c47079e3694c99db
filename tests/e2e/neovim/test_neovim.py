"""The plugin in a real Neovim: what a user sees and does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from goescape_server.lsp.settings import schema

from .conftest import BIN, PLUGIN, Editor, editor

TALK = """package talk

var p **int

func f2() {
	var t **int
	y1 := 1
	y2 := &y1
	y3 := y2

	t = &y2
	p = t
	t = &y3
}
"""


def test_findings_change_while_typing(nvim: Editor) -> None:
    nvim.edit("typed", "package typed\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    (found,) = nvim.diagnostics(1)
    assert (found["lnum"], found["col"], found["end_col"]) == (3, 1, 2)
    assert (found["code"], found["source"]) == ("moved", "goescape")
    assert found["message"].startswith("moved to heap: x")

    # Real keys, so that Neovim computes the incremental changes itself.
    nvim.keys("5Gf&Cnil // é😀<Esc>")
    nvim.diagnostics(0)
    nvim.keys("5G0wCy := new(int)<CR>return y<Esc>")
    (found,) = nvim.diagnostics(1)
    assert (found["lnum"], found["code"]) == (4, "escapes")
    assert found["message"].startswith("new(int) escapes to heap")

    nvim.cursor(5, 8)
    nvim.lua("vim.lsp.buf.hover()")
    text = nvim.float()
    assert "new(int) escapes to heap" in text and "return" in text
    nvim.keys("gg")


def test_the_way_of_a_value_is_stepped_through(nvim: Editor) -> None:
    nvim.edit("talk", TALK)
    nvim.diagnostics(3)
    nvim.cursor(8, 2)
    nvim.command("GoescapeStep")
    nvim.wait("#vim.fn.getqflist() > 0")
    assert nvim.eval("getqflist({'title': 1}).title") == "goescape: moved to heap: y2"
    entries = nvim.eval("getqflist()")
    assert [(e["text"], e["lnum"], e["col"], e["end_col"]) for e in entries] == [
        ("step 1 of 3: &y2 (address-of)  t ← &y2, takes the address", 11, 6, 9),
        ("step 2 of 3: t = &y2 (assign)", 11, 2, 9),
        ("step 3 of 3: p = t (assign)  {heap} ← t, copies  <- decides", 12, 2, 7),
    ]
    marks = nvim.lua(
        "local ns = vim.api.nvim_get_namespaces()['goescape.step']; local out = {} "
        "for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, ns, 0, -1, { details = true })) do "
        "table.insert(out, { m[2] + 1, vim.trim(m[4].virt_text[1][1]), m[4].hl_group }) end return out"
    )
    assert sorted(marks) == [
        [11, "1/3", "GoescapeStep"], [11, "2/3", "GoescapeStep"], [12, "3/3", "GoescapeDecisive"],
    ]  # fmt: skip

    assert nvim.at() == (11, 6)
    nvim.command("GoescapeStep next")
    nvim.command("GoescapeStep next")
    assert nvim.at() == (12, 2)
    nvim.command("GoescapeStep next")
    assert "goescape: this is the last step" in nvim.messages() and nvim.at() == (12, 2)
    nvim.command("GoescapeStep prev")
    assert nvim.at() == (11, 2)
    nvim.command("GoescapeStep close")
    assert nvim.eval("getqflist()") == []

    # From the light bulb, at a position of the protocol.
    nvim.lua(
        "vim.lsp.commands['goescape.stepThrough']({ arguments = "
        "{ vim.uri_from_bufnr(0), { line = 6, character = 1 } } })"
    )
    nvim.wait("vim.fn.getqflist({ title = 1 }).title == 'goescape: moved to heap: y1'")
    nvim.command("GoescapeStep close")
    nvim.cursor(1, 1)
    nvim.command("GoescapeStep")
    nvim.wait("vim.fn.execute('messages'):find('nothing is lost here', 1, true)")


def test_the_graph_is_a_tree_in_a_float(nvim: Editor) -> None:
    nvim.edit("talk", TALK)
    nvim.diagnostics(3)
    nvim.cursor(8, 2)
    nvim.command("GoescapeGraph")
    assert (
        nvim.float()
        == """\
Escape graph of f2

  {heap}
> └─ t          p = t (assign)  talk.go:12
>    ├─ &y2     t = &y2 (address-of, assign)  moved to heap: y2  talk.go:11
     │  └─ &y1  y2 := &y1 (address-of, assign)  moved to heap: y1  talk.go:8
     └─ &y3     t = &y3 (address-of, assign)  moved to heap: y3  talk.go:13
        └─ y2   y3 := y2 (assign)  see above  talk.go:9

How it was solved
    1  walk from {heap}
    2    t reaches {heap}
    3    t may be written through and may be called by someone unknown
    4    the address of y2 reaches {heap}
    5    y2 escapes to the heap
    6    the address of y3 reaches {heap}
    7    y3 escapes to the heap
    8  walk from y2
    9    the address of y1 reaches y2
   10    y1 escapes to the heap"""
    )
    # The cursor is on the way of y2; a line leads to its place.
    assert nvim.at() == (4, 1)
    same = (
        "vim.tbl_map(function(m) return m[2] + 1 end, vim.api.nvim_buf_get_extmarks(0, "
        "vim.api.nvim_get_namespaces()['goescape.graph.same'], 0, -1, {}))"
    )
    # The step "the address of y2 reaches {heap}", and the two places of y2 in the tree.
    nvim.keys("14G")
    nvim.wait(f"vim.deep_equal({same}, {{ 5, 8, 14, 15, 18 }})")
    nvim.keys("5G<CR>")
    nvim.wait("vim.bo.filetype == 'go'")
    assert nvim.at() == (11, 2)


def choose(nvim: Editor, title: str) -> None:
    """Take the code action under the cursor whose title holds `title`."""
    nvim.lua(
        "local title = ...; vim.lsp.buf.code_action({ apply = true, "
        "filter = function(a) return a.title:find(title, 1, true) ~= nil end })",
        title,
    )


def test_a_quick_fix_takes_the_finding_away(nvim: Editor) -> None:
    nvim.edit(
        "fixed",
        "package fixed\n\nfunc f(m []int) int {\n\ts := make([]int, 0, len(m)%5)\n"
        "\tfor i := range m {\n\t\ts = append(s, i)\n\t}\n\treturn s[0]\n}\n",
    )
    nvim.wait("#vim.diagnostic.get(0) > 0")
    (found,) = [d for d in nvim.lua("return vim.diagnostic.get(0)") if d["lnum"] == 3]
    nvim.cursor(4, found["col"] + 1)
    choose(nvim, "Use the constant capacity 4")
    nvim.wait("vim.fn.getline(4) == '\\ts := make([]int, 0, 4)'")
    nvim.wait("#vim.diagnostic.get(0, { lnum = 3 }) == 0")


def test_code_actions_are_carried_out(nvim: Editor) -> None:
    nvim.edit("acted", "package acted\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    nvim.diagnostics(1)
    nvim.cursor(4, 2)

    choose(nvim, "Step through why x escapes")
    nvim.wait("#vim.fn.getqflist() == 2")
    nvim.command("GoescapeStep close")
    nvim.cursor(4, 2)
    choose(nvim, "ompiler command")
    nvim.wait("vim.fn.getreg('\"'):find('gcflags', 1, true)")
    assert "go build" in nvim.eval("getreg('\"')")
    nvim.command("call setreg('\"', '')")
    nvim.cursor(1, 1)  # Where nothing is found there is no action, but the command.
    nvim.command("GoescapeCopyCommand")
    nvim.wait("vim.fn.getreg('\"'):find('gcflags', 1, true)")
    nvim.cursor(4, 2)
    choose(nvim, "Ignore this finding")
    nvim.wait("vim.fn.getline(4):find('goescape:ignore', 1, true)")
    nvim.keys("4GAit is shared<Esc>")
    nvim.diagnostics(0)


def test_a_finding_is_explained(nvim: Editor) -> None:
    nvim.edit("explained", "package explained\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    (found,) = nvim.diagnostics(1)
    nvim.cursor(4, 2)
    nvim.command("GoescapeExplain")
    assert found["code"] in nvim.float()
    nvim.keys("gg")
    nvim.command("GoescapeExplain nonsense")
    nvim.wait("vim.fn.execute('messages'):find('nonsense', 1, true)")
    nvim.cursor(1, 1)
    nvim.command("GoescapeExplain")
    assert "nothing is found in this line" in nvim.messages()


def test_hints_and_lenses_are_drawn(nvim: Editor) -> None:
    nvim.edit("drawn", "package drawn\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    nvim.diagnostics(1)
    drawn = (
        "vim.inspect(vim.tbl_map(function(m) return { m[4].virt_text, m[4].virt_lines } end, "
        "vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true }))):find(a, 1, true)"
    )
    nvim.wait(drawn, "1 heap allocation")
    nvim.command("GoescapeSet inlayHints minimal")
    nvim.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 1")
    (hint,) = nvim.lua("return vim.lsp.inlay_hint.get({ bufnr = 0 })")
    assert hint["inlay_hint"]["position"] == {"line": 3, "character": 2}
    nvim.command("redraw")
    nvim.wait(drawn, "heap")
    # The line above a function leads to what is found in it.
    nvim.cursor(3, 1)
    nvim.lua("vim.lsp.codelens.run()")
    nvim.wait("#vim.fn.getloclist(0) == 1")
    nvim.command("lclose")
    nvim.command("GoescapeSet codeLens false")
    nvim.wait(f"not {drawn}", "1 heap allocation")
    nvim.command("GoescapeSet inlayHints off")
    nvim.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 0")
    nvim.command("GoescapeSet codeLens true")


def test_settings_change_while_it_runs(nvim: Editor) -> None:
    nvim.edit(
        "live",
        "package live\n\ntype T struct{}\n\nfunc (T) M(*int) {}\n\n"
        "func mk() interface{ M(*int) } { return T{} }\n\nfunc f() {\n\tx := 1\n\tmk().M(&x)\n}\n",
    )
    # Inlining shows which method is called, and that it keeps nothing.
    messages = "vim.inspect(vim.diagnostic.get(0)):find('moved to heap: x', 1, true)"
    nvim.command("GoescapeSet inline")
    assert "inline = true" in nvim.messages()
    nvim.command("GoescapeSet inline false")
    nvim.wait(messages)
    nvim.command("GoescapeSet inline true")
    nvim.wait(f"not {messages}")
    nvim.command("GoescapeSet colour red")
    assert "there is no setting colour" in nvim.messages()
    complete = "getcompletion('GoescapeSet diagnostics.c', 'cmdline')"
    assert nvim.eval(complete) == ["diagnostics.cold"]


def test_restarting_brings_the_findings_back(nvim: Editor) -> None:
    nvim.edit("again", "package again\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n")
    nvim.diagnostics(1)
    before = nvim.lua("return vim.lsp.get_clients({ bufnr = 0 })[1].id")
    nvim.command("GoescapeRestart")
    nvim.wait("(vim.lsp.get_clients({ bufnr = 0 })[1] or { id = a }).id ~= a", before)
    nvim.wait("vim.lsp.get_clients({ bufnr = 0 })[1].initialized")
    nvim.diagnostics(1)


def test_checkhealth_is_clean(nvim: Editor) -> None:
    nvim.edit("healthy", "package healthy\n")
    nvim.wait("#vim.lsp.get_clients({ bufnr = 0 }) == 1")
    nvim.command("checkhealth goescape")
    text = "\n".join(nvim.eval("getline(1, '$')"))
    nvim.command("bdelete")
    assert "ERROR" not in text and "WARNING" not in text, text
    assert f"OK {BIN / 'goescape'} (found: PATH)" in text
    assert "OK goescape, version" in text and "buffer(s)" in text


def test_help_is_found_and_names_every_command_and_setting(nvim: Editor, tmp_path: Path) -> None:
    doc = tmp_path / "doc"
    doc.mkdir()
    (doc / "goescape.txt").write_text((PLUGIN / "doc" / "goescape.txt").read_text())
    nvim.command(f"helptags {doc}")
    nvim.command(f"set runtimepath^={tmp_path}")
    commands = [name for name in nvim.eval("nvim_get_commands({})") if name.startswith("Goescape")]
    assert len(commands) == 6
    for tag in ["goescape", "goescape-settings", *(f":{name}" for name in commands)]:
        nvim.command(f"help {tag}")
        assert nvim.eval("expand('%:t')") == "goescape.txt"
    text = "\n".join(nvim.eval("getline(1, '$')"))
    nvim.command("helpclose")
    defaults = nvim.lua("return require('goescape.settings').DEFAULTS")
    properties = schema()["properties"]
    assert {f"goescape.{name}": value for name, value in defaults.items()} == {
        name: rule["default"] for name, rule in properties.items()
    }
    for name, rule in properties.items():
        assert name.removeprefix("goescape.") in text
        for value in rule.get("enum", ()):
            assert f'"{value}"' in text, name


def place(folder: Path, *parts: str) -> Path:
    """A program `goescape` below `folder`."""
    path = folder.joinpath(*parts, "goescape")
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_server_is_found_where_it_may_be(nvim: Editor, tmp_path: Path) -> None:
    def found(**variables: str) -> Any:
        names = (
            "PATH", "VIRTUAL_ENV", "UV_TOOL_BIN_DIR", "UV_TOOL_DIR", "PIPX_BIN_DIR", "PIPX_HOME",
            "XDG_BIN_HOME", "XDG_DATA_HOME",
        )  # fmt: skip
        wanted = {name: variables.get(name, "") for name in names}
        return nvim.lua(
            "local wanted, root = ...; local before = {} "
            "for k, v in pairs(wanted) do before[k] = vim.env[k]; vim.env[k] = v ~= '' and v or nil end "
            "local program, what = require('goescape.server').find(root) "
            "for k in pairs(wanted) do vim.env[k] = before[k] end return { program, what }",
            wanted, str(tmp_path / "project"),
        )  # fmt: skip

    assert found() == []
    pipx = place(tmp_path, "data", "pipx", "venvs", "goescape", "bin")
    assert found(XDG_DATA_HOME=str(tmp_path / "data")) == [str(pipx), "pipx"]
    uv = place(tmp_path, "uv")
    assert found(UV_TOOL_BIN_DIR=str(uv.parent), PIPX_HOME="/nowhere") == [str(uv), "uv"]
    on_path = place(tmp_path, "path")
    everywhere = {"PATH": str(on_path.parent), "UV_TOOL_BIN_DIR": str(uv.parent)}
    assert found(**everywhere) == [str(on_path), "PATH"]
    # What comes with a project is run only if it is trusted.
    project = place(tmp_path, "project", ".venv", "bin")
    assert found(**everywhere) == [str(on_path), "PATH"]
    active = found(**everywhere, VIRTUAL_ENV=str(project.parent.parent))
    assert active == [str(project), "the project's .venv"]
    nvim.command(f"edit {project}")
    nvim.command("trust")
    nvim.command("bdelete")
    assert found(**everywhere) == [str(project), "the project's .venv"]


def test_a_missing_server_is_told_of_once_with_a_way_out(tmp_path: Path) -> None:
    init = 'vim.env.PATH = "/nowhere"\nvim.lsp.enable("goescape")'
    with editor(tmp_path / "w", init) as nvim:
        nvim.edit("w", "package w\n")
        nvim.wait("vim.fn.execute('messages'):find('the server is not there', 1, true)")
        nvim.command("GoescapeGraph")
        text = nvim.messages()
        assert text.count("uv tool install .") == 1
        assert "it is not attached to this buffer (:checkhealth goescape)" in text


@pytest.mark.std
def test_neovim_0_10_uses_setup(tmp_path: Path) -> None:
    """There is no 0.10 to be installed; what came with 0.11 is taken away instead."""
    init = (
        "vim.lsp.config, vim.lsp.enable = nil, nil\n"
        f'require("goescape").setup({{ cmd = {{ {json.dumps(str(BIN / "goescape"))}, "lsp" }},'
        " settings = { goescape = { inline = false } } })"
    )
    with editor(tmp_path / "w", init) as nvim:
        nvim.edit("talk", TALK)
        nvim.diagnostics(3)
        nvim.command("GoescapeSet inline")
        assert "inline = false" in nvim.messages()
        nvim.command("checkhealth goescape")
        assert "ERROR" not in "\n".join(nvim.eval("getline(1, '$')"))

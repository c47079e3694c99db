"""Where declarations lie is kept for the next session, and means the same there."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.load import Loader
from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax import parse, toplevel
from goescape.workspace.outlines import Outlines
from goescape.workspace.program import Program
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import FileAnswer, Session
from goescape.workspace.store import Store
from harness.oracle import goroot
from harness.syntax_dump import error_lines, tree_lines
from tree_sitter import Tree

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

LOW = (
    "package low\n\nvar Table = []int{" + "1, " * 60 + "}\n\nfunc Keep(p *int) *int { return p }\n"
)
TOP = 'package w\n\nimport "w/low"\n\nfunc f() *int { x := low.Table[0]; return low.Keep(&x) }\n'


@pytest.mark.parametrize("name", ["unicode/tables.go", "net/http/server.go", "syscall/syscall.go"])
def test_a_file_is_read_alike_with_its_outline(name: str) -> None:
    source = SourceFile(name, (goroot() / "src" / name).read_bytes())
    positions, again = Positions(), Positions()
    first = parse.parse_file(source, positions)
    assert first.outline is not None
    second = parse.parse_file(source, again, outline=first.outline)
    assert error_lines(first, positions) == error_lines(second, again) == []
    assert tree_lines(first, positions) == tree_lines(second, again)


@pytest.mark.parametrize(
    "text", ["package p\n\nfunc f( {\n", "package p\n\nvar x = new(3)\n\nfunc"]
)
def test_a_file_with_errors_has_no_outline(text: str) -> None:
    parsed = parse.parse_file(SourceFile("p.go", text.encode()), Positions())
    assert parsed.outline is None


def opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[FileAnswer, int]:
    """The answer of a session of its own, and how many files tree-sitter read for it."""
    read: list[bytes] = []
    cut = toplevel.cut_file

    def counted(tree: Tree, text: bytes) -> list[toplevel.Cut]:
        read.append(text)
        return cut(tree, text)

    monkeypatch.setattr("goescape.syntax.parse.cut_file", counted)

    def run() -> FileAnswer:
        session = Session(VARIABLES, store=str(root.parent / "store"))
        answer = session.check(str(root / "w.go"))
        session.close()
        return answer

    answer = with_deep_stack(run)
    monkeypatch.setattr("goescape.syntax.parse.cut_file", cut)
    return answer, len(read)


def test_what_did_not_change_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"
    (root / "low").mkdir(parents=True)
    (root / "go.mod").write_text("module w\n\ngo 1.24\n")
    (root / "low" / "low.go").write_text(LOW)
    (root / "w.go").write_text(TOP)
    first, many = opened(root, monkeypatch)
    second, none = opened(root, monkeypatch)
    assert many and not none and first.findings
    assert (first.findings, first.problems) == (second.findings, second.problems)
    (root / "low" / "low.go").write_text(LOW + "\nfunc broken( {\n")
    broken, _ = opened(root, monkeypatch)
    again, some = opened(root, monkeypatch)
    assert some and broken.problems == again.problems


def test_an_outline_is_of_the_text_that_is_read(tmp_path: Path) -> None:
    """A file may be written after the key of its package was made."""
    file = tmp_path / "p.go"
    file.write_text(LOW)
    loader = Loader.create(str(tmp_path), VARIABLES)
    package = loader.load(["p.go"])[0]
    program = Program(loader, store=Store(tmp_path / "store"))

    def outlines() -> Outlines:
        return Outlines(loader, program.keys, program.store, package)

    text = LOW.encode()
    outlines().keep([parse.parse_file(SourceFile(str(file), text), Positions())])
    assert outlines().of(str(file), text) is not None
    assert outlines().of(str(file), b"// Longer.\n" + text) is None

"""Messages that name places: they are those of a fresh analysis, whatever was edited above or around."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.following import VARIABLES, said

ABOVE = "package p\n\nfunc above() int { return 1 }\n\n"

MESSAGES = {
    "another declaration": "func f() { _ = 1 }\n\nfunc f() {}\n",
    "a method declared twice": "type T int\n\nfunc (T) m() { _ = 1 }\n\nfunc (T) m() {}\n",
    "a field and a method": "type T struct{ m int }\n\nfunc (T) m() { _ = 1 }\n",
    "a label": "func f() {\nL:\n\tfor {\n\t\tbreak L\n\t}\nL:\n\tfor {\n\t\tbreak L\n\t}\n}\n",
    "a jump": "func f() {\n\tgoto L\n\tx := 1\n\t_ = x\nL:\n}\n",
    "two defaults": "func f() {\n\tswitch {\n\tdefault:\n\tdefault:\n\t}\n}\n",
    "a type parameter": "func f() { g() }\n\nfunc g[T any]() { _ = 1 }\n",
    "a duplicate case": "func f(x int) {\n\tswitch x {\n\tcase 1:\n\tcase 1:\n\t}\n}\n",
    "a cycle": "type A struct{ b B }\n\ntype B struct{ a A }\n\nfunc f() { _ = 1 }\n",
    "a cycle of variables": "var a = f()\n\nfunc f() int { return g() }\n\nfunc g() int {\n\t_ = 1\n\treturn a\n}\n",
    "two methods of an interface": "type I interface {\n\tm()\n\tm()\n}\n\nfunc f() { _ = 1 }\n",
    "an import and a declaration": 'import fmt "os"\n\nvar fmt = 1\n\nfunc f() { _ = 1 }\n',
}

EDITS = [
    ("package p\n", "package p\n\n// A line more.\n"),
    ("{ return 1 }", "{\n\treturn 1\n}"),
    ("func above", "func higher() {}\n\nfunc above"),
    ("_ = 1", "\n\t_ = 2"),
    ("x := 1", "\n\n\tx := 1"),
    ("func above() int { return 1 }\n\n", ""),
]  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_names_the_newest_lines(tmp_path: Path, name: str) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    path = str(tmp_path / "p.go")
    text = MESSAGES[name]
    text = f"package p\n\n{text}" if text.startswith("import") else ABOVE + text
    Path(path).write_text(text)

    def run() -> None:
        session = Session(VARIABLES)
        assert session.check(path).problems
        for before, after in EDITS:
            new = text.replace(before, after)
            for edited in (new, text):
                session.set_text(path, edited.encode())
                fresh = Session(VARIABLES)
                fresh.set_text(path, edited.encode())
                assert said(session.check(path)) == said(fresh.check(path)), edited

    with_deep_stack(run)


def test_a_message_names_the_newest_lines_of_other_packages(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    (tmp_path / "q").mkdir()
    path, using = str(tmp_path / "p.go"), str(tmp_path / "q" / "q.go")
    text = "package p\n\nfunc F[T any]() { _ = 1 }\n\ntype T struct{}\n"
    Path(path).write_text(text)
    Path(using).write_text('package q\n\nimport "example.com/p"\n\nfunc f() { p.F() }\n')

    def run() -> None:
        session = Session(VARIABLES)
        assert session.check(using).problems
        for before, after in [
            ("package p\n", "package p\n\n"),
            ("_ = 1", "\n_ = 1"),
            ("F[", "\nF["),
        ]:
            for edited in (text.replace(before, after), text):
                session.set_text(path, edited.encode())
                fresh = Session(VARIABLES)
                fresh.set_text(path, edited.encode())
                assert said(session.check(using)) == said(fresh.check(using)), edited

    with_deep_stack(run)

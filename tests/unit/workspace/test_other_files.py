"""Declarations of one file change: those of the others are left as they are, and clash where they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.syntax import ast
from goescape.typecheck import resolver
from goescape.typecheck.checker import Checker
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from harness.following import VARIABLES, said

FILES = {
    "a.go": 'package p\n\nimport "strings"\n\nfunc fa(s string) *string { t := strings.ToUpper(s); return &t }\n\nvar va = fb(nil)\n',
    "b.go": "package p\n\nconst (\n\tca = iota\n\tcb\n)\n\ntype T struct{ x *int }\n\nfunc fb(p *int) *int { return p }\n\nfunc (t *T) set(p *int) { t.x = p }\n\nfunc init() { sink = va }\n",
    "c.go": 'package p\n\nvar sink any\n\nfunc fc() { x := cb; fb(&x); new(T).set(&x); sink = fa(name) }\n\nvar name = "c"\n',
}
EDITS = [
    ("b.go", "func fb(p *int) *int", "func fb(q, p *int) *int"),
    ("b.go", "func fb(q, p *int) *int", "func fb(p *int) *int"),
    ("a.go", "var va", "func fc() {}\n\nvar va"),  # c.go declares it, too
    ("a.go", "func fc() {}\n\nvar va", "func more() {}\n\nvar va"),
    ("c.go", "func fc()", "type T int\n\nfunc fc()"),  # and b.go that
    ("c.go", "type T int\n\nfunc fc()", "func fc()"),
    ("b.go", "\tcb\n", "\tcx\n\tcb\n"),
    ("a.go", 'import "strings"', 'import strings "unicode"'),
    ("a.go", 'import strings "unicode"', 'import "strings"'),
    ("c.go", 'var name = "c"', 'var name, other = "c", "d", "e"'),
    ("b.go", "(t *T) set", "(t *T) put"),
    ("c.go", 'var name, other = "c", "d", "e"', 'var name, other = "c", "d"'),
    ("b.go", "(t *T) put", "(t *T) set"),
    ("a.go", "package p", "package q"),
    ("a.go", "package q", "package p"),
]  # fmt: skip


def test_a_session_that_follows_says_what_a_fresh_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module example.com/p\n\ngo 1.27\n")
    texts = dict(FILES)
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    session = Session(VARIABLES)
    collected: list[str] = []
    collect = resolver._collect_file

    def spy(check: Checker, file: ast.File, *rest: object) -> None:
        collected.append(Path(file.path).name)
        collect(check, file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(resolver, "_collect_file", spy)

    def run() -> None:
        session.check(str(tmp_path / "c.go"))
        followed = []
        for name, before, after in EDITS:
            assert texts[name].count(before) == 1
            texts[name] = texts[name].replace(before, after)
            collected.clear()
            session.set_text(str(tmp_path / name), texts[name].encode())
            found = {n: said(session.check(str(tmp_path / n))) for n in texts}
            followed.append(list(collected))
            fresh = Session(VARIABLES)
            for n, text in texts.items():
                fresh.set_text(str(tmp_path / n), text.encode())
            assert found == {n: said(fresh.check(str(tmp_path / n))) for n in texts}, after
        assert followed[1] == ["b.go"]  # The first time all of them are.

    with_deep_stack(run)

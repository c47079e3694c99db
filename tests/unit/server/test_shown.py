"""What was made of pieces that have moved is what would be made of them anew."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from goescape.ide.diagnostics import Options
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.session import Session
from goescape_server.lsp import shown
from goescape_server.lsp.settings import Settings
from goescape_server.lsp.to_lsp import Shows
from goescape_server.lsp.view import Presenter, View
from harness.oracle import goroot

VARIABLES = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}

# Functions of both files share a batch; messages quote what looks like places in JSON.
A = """package w

var kept any

func up(n int) *int {
	x := n
	if n > 0 {
		return down(&x)
	}
	return &x
}

func quote() { kept = `"line":7 \\"line":8, "uri":"x"` }
func one(n int) *int { x := n; if n > 1 { return two(n) }; return &x }; func two(n int) *int { return one(n) }

//go:noinline
func down(p *int) *int {
	y := *p
	if y > 1 {
		kept = p
	}
	return across(&y)
}
"""
B = """package w

//go:noinline
func across(p *int) *int {
	z := *p
	if z > 1 {
		return down(&z)
	}
	return one(*p)
}
"""


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_move_are_counted_anew(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rnd = random.Random(seed)
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.24\n")
    texts = {str(tmp_path / "a.go"): A, str(tmp_path / "b.go"): B}
    shows = Shows(related=seed % 2 == 0, tags=True, pages=True)
    for path, text in texts.items():
        Path(path).write_text(text)
    moved, seen = 0, list[int]()

    def counted(*args: Any) -> object:
        nonlocal moved
        found = shifted(*args)
        moved += found is not None
        return found

    shifted = shown._shifted
    monkeypatch.setattr(shown, "_shifted", counted)

    def made_by(presenter: Presenter, session: Session, path: str) -> View:
        presenter.settings = Settings(diagnostics=Options(level="all"))
        return presenter.view(session, session.check(path), 0)

    def run() -> None:
        session, presenter = Session(VARIABLES), Presenter(lambda path: None, "utf-16", shows)
        for n in range(100):
            path = rnd.choice(list(texts))
            text = texts[path]
            places = [i + 1 for i, c in enumerate(text) if c in "\n;{"]
            at = places[0] if n % 4 == 0 else rnd.choice(places)
            new = rnd.choice(["\n", "\n\n", "// c\n", "/* a\n*/", "  ", "/*é*/"])
            texts[path] = text[:at] + new + text[at:]
            if n % 3 == 2:
                texts[path] = texts[path].replace("\n\n", "\n", 1).replace("// c\n", "", 1)
            if n % 5 == 0:  # As many bytes, and another column.
                texts[path] = texts[path].replace("é", "ab", 1)
            session.set_text(path, texts[path].encode())
            for each in texts:
                one = made_by(presenter, session, each)
                other = made_by(Presenter(lambda path: None, "utf-16", shows), session, each)
                seen.append(len(one.diagnostics))
                plain = [msgspec.json.decode(d) for d in one.diagnostics]
                assert plain == [msgspec.json.decode(d) for d in other.diagnostics]
                assert one.result_id == other.result_id

    with_deep_stack(run)
    assert moved > 50 and sum(seen) > 300

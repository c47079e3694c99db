"""Opening a file: what an earlier session knew is said at once, and what is said is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.editor import MODULE
from harness.wire import WAIT, Wire, open_document, running

TEXT = "package w\n\nfunc f() *int { x := 1; return g(&x) }\n"
BESIDE = "package w\n\nfunc g(p *int) *int { return p }\n"


def heap(params: Any) -> list[str]:
    return [d["message"] for d in params["diagnostics"] if d["message"].startswith("moved")]


def replace(wire: Wire, path: Path, version: int, text: str) -> Any:
    """What is published for another text of the document."""
    document = {"uri": path.as_uri(), "version": version}
    change = {"textDocument": document, "contentChanges": [{"text": text}]}
    wire.send("textDocument/didChange", change)
    return wire.notification("textDocument/publishDiagnostics")


def test_a_file_that_was_open_before_is_answered_from_the_store(tmp_path: Path) -> None:
    path = tmp_path / "w.go"
    (tmp_path / "go.mod").write_text(MODULE)
    path.write_text(TEXT)
    (tmp_path / "g.go").write_text(BESIDE)
    store = str(tmp_path / "store")
    told = []
    for _ in range(2):
        with running(GOESCAPE_CACHE=store) as server:
            wire = Wire(server.stdin, server.stdout)
            wire.initialize(trace="verbose")
            open_document(wire, path, TEXT)
            told.append(wire.notification("textDocument/publishDiagnostics"))
            # The next edit is answered by the analysis, whatever it has done so far.
            edited = TEXT.replace("return g(&x)", "g(&x); return nil")
            assert heap(replace(wire, path, 2, edited)) == []
            assert heap(replace(wire, path, 3, TEXT)) == heap(told[-1])
            assert wire.ask("shutdown")["result"] is None
            wire.send("exit")
            server.wait(timeout=WAIT)
    assert told[0] == told[1] and heap(told[0])


def test_with_an_empty_store_what_needs_no_import_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "w.go"
    text = (
        'package w\n\nimport "strings"\n\nfunc f() *int { x := 1; return &x }\n\n'
        'func g() *string { y := strings.ToUpper("a"); return &y }\n'
    )
    with running(GOESCAPE_CACHE=str(tmp_path / "store")) as server:
        wire = Wire(server.stdin, server.stdout)
        wire.initialize(capabilities={"window": {"workDoneProgress": True}})
        open_document(wire, path, text)
        first = wire.notification("textDocument/publishDiagnostics")["diagnostics"]
        whole = wire.notification("textDocument/publishDiagnostics")["diagnostics"]
    assert [d["range"]["start"]["line"] for d in first] == [4]
    assert [d["range"]["start"]["line"] for d in whole] == [4, 6]
    assert first[0] == whole[0]

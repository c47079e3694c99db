"""textDocument/didOpen, didClose, and the URIs of files and folders, however they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.editor import project
from harness.wire import Wire, open_document, running

MALFORMED = "file://["
TEXT = "package w\n\nfunc f() *int { x := 1; return &x }\n"
CALLER = "package w\n\nfunc g() { y := 1; keep(&y) }\n"
CALLEE = "package w\n\nvar sink *int\n\nfunc keep(p *int) { sink = p }\n"
SHOWS = {"textDocument": {"publishDiagnostics": {"relatedInformation": True}}}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with running(wait=60) as process:
        yield Wire(process.stdin, process.stdout)


def opened(wire: Wire, uri: str, text: str) -> None:
    item = {"uri": uri, "languageId": "go", "version": 1, "text": text}
    wire.send("textDocument/didOpen", {"textDocument": item})


def closed(wire: Wire, uri: str) -> None:
    wire.send("textDocument/didClose", {"textDocument": {"uri": uri}})


def published(wire: Wire, uri: str) -> list[dict[str, Any]]:
    """What is said of the document next."""
    found: list[dict[str, Any]] = wire.next(
        lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
    )["params"]["diagnostics"]
    return found


def sentences(found: list[dict[str, Any]]) -> list[str]:
    return [d["message"].split("\n")[0] for d in found]


def test_a_uri_that_makes_no_sense_is_passed_over(wire: Wire, tmp_path: Path) -> None:
    path, other = project(tmp_path, w=CALLER, v=CALLEE), tmp_path / "v.go"
    folder = {"uri": MALFORMED, "name": "x"}
    wire.initialize(workspaceFolders=[folder])
    opened(wire, MALFORMED, TEXT)
    event = {"added": [{"uri": tmp_path.as_uri(), "name": "w"}, folder], "removed": []}
    wire.send("workspace/didChangeWorkspaceFolders", {"event": event})
    open_document(wire, path, CALLER)
    assert sentences(published(wire, path.as_uri())) == ["moved to heap: y"]
    other.write_text(CALLEE.replace("sink = p", ""))
    events = [{"uri": uri, "type": 2} for uri in (MALFORMED, other.as_uri())]
    wire.send("workspace/didChangeWatchedFiles", {"changes": events})
    assert published(wire, path.as_uri()) == []


def test_a_file_that_is_open_twice_keeps_the_text_that_stays_open(
    wire: Wire, tmp_path: Path
) -> None:
    uri = project(tmp_path).as_uri()
    alias = uri.replace("w.go", "%77.go")
    wire.initialize()
    opened(wire, uri, TEXT)
    assert sentences(published(wire, uri)) == ["moved to heap: x"]
    opened(wire, alias, "package w\n\nfunc g() *int { y := 1; return &y }\n")
    assert sentences(published(wire, alias)) == ["moved to heap: y"]
    at = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 16}}
    assert wire.ask("textDocument/hover", at)["result"] is None
    closed(wire, alias)
    assert "moved to heap: x" in wire.ask("textDocument/hover", at)["result"]["contents"]["value"]


def test_a_path_goes_straight_to_the_file(wire: Wire, tmp_path: Path) -> None:
    path = project(tmp_path)
    uri = f"{tmp_path.as_uri()}/plain/../{path.name}"
    wire.initialize(rootUri=tmp_path.as_uri())
    opened(wire, uri, TEXT)
    assert sentences(published(wire, uri)) == ["moved to heap: x"]


def test_what_lies_in_a_document_has_its_uri(wire: Wire, tmp_path: Path) -> None:
    """Though the same was said of the file when it had another one."""
    folder = tmp_path / "a b;c"
    folder.mkdir()
    usual = project(folder).as_uri()
    wire.initialize(capabilities=SHOWS)
    for uri in (usual, usual.replace("a%20b%3Bc", "a b;c")):
        opened(wire, uri, TEXT)
        (found,) = published(wire, uri)
        assert {r["location"]["uri"] for r in found["relatedInformation"]} == {uri}


def test_for_a_client_that_watches_nothing_the_disk_is_looked_at_when_it_saves(
    wire: Wire, tmp_path: Path
) -> None:
    path, other = project(tmp_path, w=CALLER, v=CALLEE), tmp_path / "v.go"
    wire.initialize(workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "w"}])
    open_document(wire, path, CALLER)
    assert sentences(published(wire, path.as_uri())) == ["moved to heap: y"]
    other.write_text(CALLEE.replace("sink = p", ""))
    wire.send("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
    assert published(wire, path.as_uri()) == []

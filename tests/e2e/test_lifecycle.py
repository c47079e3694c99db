"""The life of a server and the wire itself: what JSON-RPC and the protocol ask for, byte by byte."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.wire import CAPABILITIES, COMMAND, WAIT, Wire, open_document, running


@pytest.fixture
def server() -> Iterator[subprocess.Popen[bytes]]:
    with running() as process:
        yield process


@pytest.fixture
def wire(server: subprocess.Popen[bytes]) -> Wire:
    assert server.stdin is not None and server.stdout is not None
    return Wire(server.stdin, server.stdout)


def test_every_request_is_answered_however_broken(
    wire: Wire, server: subprocess.Popen[bytes]
) -> None:
    assert wire.ask("textDocument/hover", {})["error"]["code"] == -32002
    wire.send("textDocument/didOpen", {})  # Before its time: dropped.
    assert "result" in wire.initialize()
    assert wire.ask("initialize", CAPABILITIES)["error"]["code"] == -32600
    assert wire.ask("textDocument/hover", {"position": 7})["error"]["code"] == -32602
    assert wire.ask("goescape/status", {})["error"]["code"] == -32602
    assert wire.ask("no/such")["error"]["code"] == -32601
    # What is not supported is not, whatever it is asked with.
    assert wire.ask("textDocument/definition", {"position": 7})["error"]["code"] == -32601
    wire.raw(b"{this is not JSON")
    answer = wire.next(lambda m: "error" in m)
    assert answer["error"]["code"] == -32700 and answer["id"] is None
    for message in (
        b'{"method": 5, "id": 3}',
        b'{"method": "no/such", "id": {}}',
        b'{"method": 5}',
    ):
        wire.raw(b'{"jsonrpc": "2.0", ' + message[1:])
        answer = wire.next(lambda m: "error" in m)
        assert answer["error"].keys() == {"code", "message"} and answer["error"]["code"] == -32600
        assert answer["id"] == (3 if b"3" in message else None)
    wire.raw(b"[1, 2]")
    assert wire.next(lambda m: "error" in m)["error"]["code"] == -32600
    wire.raw(b'{"id": 77}')
    assert wire.next(lambda m: "error" in m)["error"]["code"] == -32600
    # Headers that nobody asked for, and more of them than the protocol has.
    wire.raw(b"", b"X-Other: 1\r\n" + b"y" * 100_000 + b"\r\n\r\n")
    for edit in (
        {"textDocument": {"uri": "file:///nowhere.go", "version": 1}, "contentChanges": []},
        {"textDocument": 3},
    ):
        wire.send("textDocument/didChange", edit)
    wire.send("$/cancelRequest", {"id": 12345})
    wire.send("$/whatever", {"x": 1})
    nowhere = {
        "textDocument": {"uri": "file:///nowhere.go"},
        "position": {"line": 0, "character": 0},
    }
    assert wire.ask("textDocument/hover", nowhere)["result"] is None
    assert wire.ask("shutdown")["result"] is None
    assert wire.ask("textDocument/hover", nowhere)["error"]["code"] == -32600
    wire.send("exit")
    assert server.wait(timeout=30) == 0


def test_a_client_that_answers_with_errors_is_served_all_the_same(
    wire: Wire, tmp_path: Path
) -> None:
    """And reads in its log what it does not do, in a line each."""
    dynamic = {"dynamicRegistration": True}
    wire.initialize(
        capabilities={"workspace": {"configuration": True, "didChangeConfiguration": dynamic}}
    )
    asked = [wire.next(lambda m: "method" in m and "id" in m) for _ in range(2)]
    for request in asked:
        wire.refuse(request["id"])
    said = [wire.notification("window/logMessage") for _ in asked]
    wire.send("workspace/didChangeConfiguration", {"settings": None})
    wire.refuse(wire.next(lambda m: m.get("method") == "workspace/configuration")["id"])
    said.append(wire.notification("window/logMessage"))
    assert [(s["type"], s["message"].count("\n")) for s in said] == [(2, 0)] * 3
    open_document(wire, tmp_path / "w.go", "package w\n\nfunc f() *int { x := 1; return &x }\n")
    assert wire.notification("textDocument/publishDiagnostics")["diagnostics"]


def test_the_end_of_the_input_is_the_end(
    wire: Wire, server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """Of a server whose client named a process that cannot be seen, and traces what is done."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    wire.initialize(processId=gone.pid, trace="messages")
    open_document(wire, tmp_path / "w.go", "package w\n")
    assert " ms" in wire.notification("$/logTrace")["message"]
    wire.send("$/setTrace", {"value": "off"})
    wire.out.close()
    assert server.wait(timeout=30) == 1
    server.stdin = None


def test_a_dead_client_is_noticed(wire: Wire, server: subprocess.Popen[bytes]) -> None:
    """Though the pipe stays open, as when an editor's child holds it."""
    client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    wire.initialize(processId=client.pid)
    assert wire.ask("no/such")["error"]["code"] == -32601
    client.kill()
    client.wait()
    assert server.wait(timeout=30) == 1


def test_over_a_socket(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "lsp", "--tcp", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = process.stderr.readline()
    assert said.startswith("listening on 127.0.0.1:")
    with socket.create_connection(("127.0.0.1", int(said.rpartition(":")[2])), timeout=30) as s:
        stream = s.makefile("rwb")
        wire = Wire(stream, stream)
        assert wire.initialize()["result"]["serverInfo"]["name"] == "goescape"
        (tmp_path / "go.mod").write_text("module example.com/w\n\ngo 1.24\n")
        open_document(wire, tmp_path / "w.go", "package w\n\nfunc f() *int { x := 1; return &x }\n")
        found = wire.notification("textDocument/publishDiagnostics")
        # Without related information, the flow is told in the message.
        (message,) = (d["message"] for d in found["diagnostics"])
        assert message.startswith("moved to heap: x") and "return &x (return)" in message
        wire.send("exit")  # Without `shutdown`, that is an error.
        assert process.wait(timeout=30) == 1
    process.stderr.close()


@pytest.mark.parametrize("way", ["--socket", "--port", "--pipe"])
def test_to_a_client_that_listens(tmp_path: Path, way: str) -> None:
    """As editors do that start a server with one of the standard arguments."""
    place = str(tmp_path / "socket")
    family = socket.AF_UNIX if way == "--pipe" else socket.AF_INET
    with socket.socket(family) as listening:
        listening.bind(place if way == "--pipe" else ("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(60)
        port = "" if way == "--pipe" else str(listening.getsockname()[1])
        process = subprocess.Popen([*COMMAND, "lsp", f"{way}={port or place}"])
        connection, _ = listening.accept()
    with connection:
        stream = connection.makefile("rwb")
        wire = Wire(stream, stream)
        assert wire.initialize()["result"]["serverInfo"]["name"] == "goescape"
        wire.ask("shutdown")
        wire.send("exit")
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--node-ipc"], "--node-ipc is for servers that run in Node"),
        (["--stdio", "--pipe=/nowhere"], "--stdio, --tcp, --socket and --pipe go one at a time"),
        (["--pipe=/nowhere"], "cannot connect to /nowhere: "),
        (["--socket=1"], "cannot connect to port 1: "),
        (["--socket=0"], "0 is not in the range"),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(arguments: list[str], told: str) -> None:
    done = subprocess.run([*COMMAND, "lsp", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and told in done.stderr


def test_the_clients_process_is_an_argument_too() -> None:
    client = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    arguments = ["lsp", "--stdio", f"--clientProcessId={client.pid}"]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        wire = Wire(server.stdin, server.stdout)
        wire.initialize()
        assert wire.ask("no/such")["error"]["code"] == -32601
        client.kill()
        client.wait()
        assert server.wait(timeout=60) == 1


@pytest.mark.parametrize("address", ["nonsense", "192.0.2.1:80"])
def test_an_address_that_cannot_be_listened_on(address: str) -> None:
    done = subprocess.run([*COMMAND, "lsp", "--tcp", address], capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 2 and done.stderr


def test_what_cannot_be_kept_is_in_the_clients_log(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    with running(GOESCAPE_CACHE=str(tmp_path / "store")) as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize()
        open_document(wire, tmp_path / "w.go", "package w\n")
        said = wire.notification("window/logMessage")
        assert said["type"] == 2 and "nothing can be kept" in said["message"]


def test_why_an_import_is_not_known_is_in_the_clients_log(wire: Wire, tmp_path: Path) -> None:
    wire.initialize(workspaceFolders=[{"uri": tmp_path.as_uri(), "name": "w"}])
    (tmp_path / "go.mod").write_text("module w.example\n\ngo 1.24\n")
    open_document(wire, tmp_path / "w.go", 'package w\n\nimport _ "no.such/package"\n')
    said = wire.notification("window/logMessage")["message"]
    assert "w.go: no required module provides package no.such/package" in said


def test_a_killed_server_leaves_a_store_that_the_next_one_uses(tmp_path: Path) -> None:
    """Two at once on one store, one of them killed while it works."""
    text = 'package w\n\nimport "strconv"\n\nfunc f() *string { x := strconv.Itoa(1); return &x }\n'
    store = str(tmp_path / "store")
    with running(GOESCAPE_CACHE=store) as first, running(GOESCAPE_CACHE=store) as second:
        doomed, wire = Wire(first.stdin, first.stdout), Wire(second.stdin, second.stdout)
        for each in (doomed, wire):
            each.initialize()
            open_document(each, tmp_path / "w.go", text)
        doomed.notification("goescape/didChangeStatus")
        first.send_signal(signal.SIGKILL)
        found = wire.notification("textDocument/publishDiagnostics")
        assert [d for d in found["diagnostics"] if d["message"].startswith("moved to heap: x")]
        assert wire.ask("shutdown")["result"] is None
        wire.send("exit")
        assert second.wait(timeout=WAIT) == 0


@pytest.mark.std
def test_a_cold_start_shows_its_progress_and_can_be_cancelled(tmp_path: Path) -> None:
    text = 'package w\n\nimport "fmt"\n\nfunc f() *string { x := fmt.Sprint(1); return &x }\n'
    with running(GOESCAPE_CACHE=str(tmp_path / "store")) as process:
        wire = Wire(process.stdin, process.stdout)
        wire.initialize(capabilities={"window": {"workDoneProgress": True}})
        open_document(wire, tmp_path / "w.go", text)
        create = wire.next(lambda m: m.get("method") == "window/workDoneProgress/create")
        token = create["params"]["token"]
        wire.reply(create["id"], None)
        begin = wire.notification("$/progress")
        assert begin["token"] == token and begin["value"]["kind"] == "begin"
        assert begin["value"]["cancellable"] and 0 <= begin["value"]["percentage"] <= 100
        done, _, total = begin["value"]["message"].partition(":")[0].partition(" of ")
        assert 0 < int(done) <= int(total)
        wire.send("window/workDoneProgress/cancel", {"token": token})
        wire.next(
            lambda m: m.get("method") == "$/progress" and m["params"]["value"]["kind"] == "end"
        )
        # What was given up is done when somebody asks.
        document = {"textDocument": {"uri": (tmp_path / "w.go").as_uri()}}
        report = wire.ask("textDocument/diagnostic", document)["result"]
        assert any(d["message"].startswith("moved to heap: x") for d in report["items"])

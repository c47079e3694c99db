"""With an empty store processes of the server learn the imports; they live no longer than they are wanted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from harness.wire import Wire, open_document, running

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads /proc")

WAIT = 150
TEXT = """package w

import (
\t"crypto/tls"
\t"fmt"
)

func f() *int { x := 1; return &x }

func g() error { y := "s"; return fmt.Errorf("%v", &y) }

func h(c *tls.Conn) { z := 1; _, _ = c.Write([]byte{1, byte(z)}); fmt.Println(&z, c.Handshake()) }
"""
LITTLE = TEXT.partition("func h")[0].replace('\t"crypto/tls"\n', "")
CAPABILITIES = {"window": {"workDoneProgress": True}}


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # A thread may have ended meanwhile.
            found += map(int, (task / "children").read_text().split())
    return found


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(is_true: Callable[[], Any]) -> Any:
    until = time.monotonic() + WAIT
    while not (value := is_true()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return value


def opened(server: subprocess.Popen[bytes], folder: Path, text: str = TEXT) -> Wire:
    wire = Wire(server.stdin, server.stdout)
    wire.initialize(capabilities=CAPABILITIES)
    open_document(wire, folder / "w.go", text)
    return wire


def heap(params: Any) -> set[str]:
    return {d["message"] for d in params["diagnostics"] if d["message"].startswith("moved")}


def published(wire: Wire) -> set[str]:
    return heap(wire.notification("textDocument/publishDiagnostics"))


def test_learners_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    with running(WAIT, GOESCAPE_CACHE=str(tmp_path / "store")) as server:
        opened(server, tmp_path)
        pids = wait_until(lambda: children(server.pid))
        nice = Path(f"/proc/{pids[0]}/stat")
        wait_until(lambda: int(nice.read_text().rpartition(")")[2].split()[16]) > os.nice(0))
        server.send_signal(signal.SIGKILL)
        server.wait()
        wait_until(lambda: all(map(is_gone, pids)))


@pytest.mark.std
def test_what_learners_find_out_is_said_and_they_rest(tmp_path: Path) -> None:
    """One of them is killed while it is at work."""
    with running(WAIT, GOESCAPE_CACHE=str(tmp_path / "store")) as server:
        wire = opened(server, tmp_path, LITTLE)
        first = published(wire)
        pids = wait_until(lambda: children(server.pid))
        os.kill(pids[0], signal.SIGKILL)
        while "moved to heap: y" not in " ".join(said := published(wire)):
            assert first <= said
        assert "moved to heap: x" in " ".join(said)
        wait_until(lambda: not children(server.pid))
        assert wire.ask("shutdown")["result"] is None
        wire.send("exit")
        assert server.wait(timeout=WAIT) == 0


@pytest.mark.parametrize("how", ["close", "cancel", "shutdown"])
def test_learners_end_when_nobody_wants_to_know(tmp_path: Path, how: str) -> None:
    with running(WAIT, GOESCAPE_CACHE=str(tmp_path / "store")) as server:
        wire = opened(server, tmp_path)
        pids = wait_until(lambda: children(server.pid))
        if how == "close":
            document = {"textDocument": {"uri": (tmp_path / "w.go").as_uri()}}
            wire.send("textDocument/didClose", document)
        elif how == "cancel":
            create = wire.next(lambda m: m.get("method") == "window/workDoneProgress/create")
            wire.reply(create["id"], None)
            token = create["params"]["token"]
            wire.notification("$/progress")
            wire.send("window/workDoneProgress/cancel", {"token": token})
        else:
            assert wire.ask("shutdown")["result"] is None
        wait_until(lambda: all(map(is_gone, pids)))


def test_without_a_store_the_server_does_without_learners(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    text = 'package w\n\nimport "strconv"\n\nfunc f() *string { y := strconv.Itoa(1); return &y }\n'
    with running(WAIT, GOESCAPE_CACHE=str(tmp_path / "store")) as server:
        wire = opened(server, tmp_path, text)
        while "moved to heap: y" not in " ".join(published(wire)):
            assert not children(server.pid)

"""The store under every fault that a disk and other processes have to offer, for real."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from goescape.workspace.store import FILE_NAME, USE_SECONDS, Kind, Store

TAGS = {"f": b"\1\2", "g": b"\0"}


def script(body: str, *arguments: str | Path) -> list[str]:
    """A Python process that does `body` with a store in the directory given first."""
    start = "import os, sys, time\nfrom pathlib import Path\n"
    start += "from goescape.workspace.store import Store\nstore = Store(Path(sys.argv[1]))\n"
    return [sys.executable, "-c", start + body, *map(str, arguments)]


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder")
    store.save(b"p", TAGS)
    store.save(b"p", {"f": b"\3"})
    store.save(b"q", {})
    store.close()
    again = Store(tmp_path / "new" / "folder")
    assert again.load(b"p") == {**TAGS, "f": b"\3"}
    assert again.load(b"q") == {}
    info = again.info()
    assert (info.packages, info.functions) == (1, 2)
    assert info.size > 0 and info.oldest_use == info.newest_use > 0
    again.clear()
    assert again.load(b"p") == {} and again.info().packages == 0


def test_facts_of_several_kinds_are_kept_apart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(b"p", TAGS)
    store.save(b"p", {"f": b"no"}, Kind.VERDICT)
    assert store.load(b"p") == TAGS
    assert store.load(b"p", Kind.VERDICT) == {"f": b"no"} and store.load(b"p", Kind.BRINGS) == {}
    assert (store.load_one(b"p", "f"), store.load_one(b"p", "f", Kind.VERDICT)) == (b"\1\2", b"no")
    assert store.load_one(b"p", "g", Kind.VERDICT) is None
    assert store.info().functions == 2


def test_a_package_of_which_only_verdicts_are_kept_is_still_to_be_learned(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(b"p", {"f": b"no"}, Kind.VERDICT)
    store.save(b"p", {"q.g": b"1"}, Kind.BRINGS)
    assert not store.knows(b"p")
    store.save(b"p", {"": b""}, Kind.INLINING)
    store.save(b"q", TAGS)
    assert store.knows(b"p") and store.knows(b"q") and not store.knows(b"r")


def test_what_was_said_is_found_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_said(b"p", b"one")
    store.save_said(b"p", b"two")
    store.close()
    again = Store(tmp_path)
    assert (again.load_said(b"p"), again.load_said(b"q"), again.load(b"p")) == (b"two", None, {})
    again.clear()
    assert again.load_said(b"p") is None


def test_no_directory_keeps_nothing() -> None:
    store = Store(None)
    store.save(b"p", TAGS)
    store.save_said(b"p", b"one")
    assert store.load_said(b"p") is None
    assert store.load(b"p") == {} and store.info().size == 0


@pytest.mark.parametrize(
    "content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 8000, b"short"]
)
def test_a_damaged_file_is_set_aside(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    store = Store(tmp_path)
    store.save(b"p", TAGS)
    assert store.load(b"p") == TAGS
    assert (tmp_path / FILE_NAME).with_suffix(".damaged").read_bytes() == content
    assert "set aside" in caplog.text
    store.clear()
    assert not list(tmp_path.glob("*.damaged"))


def test_a_foreign_database_is_set_aside(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("create table tags (something text)")
    db.close()
    store = Store(tmp_path)
    store.save(b"p", TAGS)
    assert store.load(b"p") == TAGS
    with sqlite3.connect((tmp_path / FILE_NAME).with_suffix(".damaged")) as db:
        assert db.execute("select * from tags").fetchall() == []
    db.close()


def test_damage_behind_the_first_page_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(b"p", {f"function{i}": bytes(50) for i in range(2000)})
    store.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    store = Store(tmp_path)
    assert store.load(b"p") == {}
    store.save(b"p", TAGS)
    assert store.load(b"p") == TAGS


def test_a_directory_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "store")
    store.save(b"p", TAGS)
    assert store.load(b"p") == {}
    assert "nothing can be kept" in caplog.text and store.trouble


def test_what_goes_wrong_again_and_again_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Locked:
        def execute(self, *_: object) -> None:
            raise sqlite3.OperationalError("locking protocol")

        def close(self) -> None:
            pass

    store = Store(tmp_path)
    store._db = Locked()  # type: ignore[assignment]
    assert (store.load(b"p"), store.load_said(b"p"), store.knows(b"p")) == ({}, None, False)
    store.save(b"p", TAGS)
    assert [r.message.partition(" in ")[0] for r in caplog.records] == ["nothing is kept any more"]


def test_a_read_only_directory_can_still_be_read(tmp_path: Path) -> None:
    """By another user, because nothing is read-only for root."""
    store = Store(tmp_path)
    store.save(b"p", TAGS)
    store.close()
    body = (
        "if os.getuid() == 0: pass\n"
        "print(store.load(b'p') == {'f': b'\\1\\2', 'g': b'\\0'}, bool(store.trouble))\n"
        "store.save(b'q', {'f': b''})\n"
        "print(store.load(b'q'))\n"
    )
    for part in (tmp_path, *tmp_path.parents):
        if part.owner() == tmp_path.owner() and part != part.parent:
            part.chmod(part.stat().st_mode | 0o555)
    (tmp_path / FILE_NAME).chmod(0o444)
    tmp_path.chmod(0o555)
    # The modules are imported before the user changes: it may not be allowed to read them.
    setup = "import os, sys\nimport goescape.workspace.store\n"
    setup += "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
    command = script(body, tmp_path)
    command[2] = setup + command[2]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    finally:
        tmp_path.chmod(0o755)
    assert done.stdout.split() == ["True", "True", "{}"], done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 kB."""
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", tmp_path], capture_output=True
    ).returncode:
        pytest.skip("no file system can be mounted here; test_a_file_that_may_not_grow is similar")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def test_a_full_disk(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(small_disk)
    store.save(b"p", TAGS)
    for i in range(20):
        store.save(b"%d" % i, {f"f{j}": bytes(1000) for j in range(20)})
    assert "nothing is kept any more" in caplog.text and store.trouble
    assert store.load(b"p") == TAGS
    store.close()
    assert Store(small_disk).load(b"p") == TAGS


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    body = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store.save(b'p', {'f': b'x'})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "for i in range(20): store.save(b'%d' % i, {f'f{j}': bytes(1000) for j in range(20)})\n"
        "print(store.load(b'p'), bool(store.trouble))\n"
        "store.close()\n"
    )
    done = subprocess.run(script(body, tmp_path), capture_output=True, text=True, timeout=60)
    assert done.stdout == "{'f': b'x'} True\n", done.stderr
    assert Store(tmp_path).load(b"p") == {"f": b"x"}


def test_killed_in_mid_write(tmp_path: Path) -> None:
    """Whatever a writer had finished is there, and nothing else."""
    body = (
        "n = 0\n"
        "while True:\n"
        "    store.save(b'%d' % n, {f'f{j}': b'%d' % n for j in range(200)})\n"
        "    n += 1\n"
        "    os.write(1, b'%d\\n' % n)\n"
    )
    writer = subprocess.Popen(script(body, tmp_path), stdout=subprocess.PIPE)
    assert writer.stdout is not None
    saved = 0
    while saved < 30:
        saved = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    saved = int((writer.stdout.read().split() or [b"%d" % saved])[-1])
    writer.stdout.close()
    store = Store(tmp_path)
    for n in range(saved):
        assert store.load(b"%d" % n) == {f"f{j}": b"%d" % n for j in range(200)}
    assert len(store.load(b"%d" % saved)) in (0, 200)
    store.save(b"after", TAGS)
    assert store.load(b"after") == TAGS and not store.trouble


def test_two_processes_at_once(tmp_path: Path) -> None:
    """From the first moment on: both make the file, both write, both read what the other wrote."""
    body = (
        "me, other = sys.argv[2:]\n"
        "for n in range(100): store.save(f'{me}{n}'.encode(), {'f': me.encode()})\n"
        "deadline = time.monotonic() + 30\n"
        "while not store.load(f'{other}99'.encode()) and time.monotonic() < deadline: time.sleep(0.01)\n"
        "print(sum(store.load(f'{other}{n}'.encode()) == {'f': other.encode()} for n in range(100)))\n"
        "print(store.trouble)\n"
    )
    pair = [
        subprocess.Popen(script(body, tmp_path, *who), stdout=subprocess.PIPE, text=True)
        for who in (("a", "b"), ("b", "a"))
    ]
    for process in pair:
        said, _ = process.communicate(timeout=60)
        assert said == "100\n\n"


def test_while_another_process_writes_nothing_is_lost_for_ever(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(b"p", TAGS)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("begin immediate")
    fast = Store(tmp_path)
    assert fast.load(b"p") == TAGS
    fast._db.execute("pragma busy_timeout=10")  # type: ignore[union-attr]
    fast.save(b"q", TAGS)
    assert not fast.trouble
    other.execute("rollback")
    other.close()
    fast.save(b"q", TAGS)
    assert store.load(b"q") == TAGS


def test_the_least_recently_used_packages_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 400_000
    store = Store(tmp_path, limit)
    now = [1_000_000.0]
    monkeypatch.setattr("goescape.workspace.store.time.time", lambda: now[0])
    names = [b"%d" % n for n in range(40)]
    for name in names:
        now[0] += 1
        store.save(name, {f"f{j}": os.urandom(400) for j in range(40)})
    now[0] += 2 * USE_SECONDS
    assert store.load(names[0])
    assert store.info().size > limit
    store.close()
    store = Store(tmp_path, limit)
    kept = [name for name in names if store.load(name)]
    assert 5 < len(kept) < 30
    assert kept == [names[0], *names[-(len(kept) - 1) :]]
    assert store.info().size <= limit

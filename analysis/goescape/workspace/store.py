"""What is known about packages, kept between runs in one SQLite database.

The only thing kept is what a caller needs and what is costly to learn again: the encoded parameter
tags of functions, under the key of their package. A key is a hash of the engine, the Go release,
the target, the build tags, the package's files and its imports' keys, so an entry never goes
stale: whoever changes something asks under another key.

Invariants
  - a store never raises: a database that is damaged, foreign, locked, read-only or on a full disk
    is set aside or done without, once, with a line in the log;
  - several processes may share the file (WAL, short transactions);
  - values are opaque bytes here.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Mapping
from pathlib import Path

_log = logging.getLogger("goescape.store")

SCHEMA = 1
FILE_NAME = f"summaries-{SCHEMA}.sqlite"
_TABLES = """
create table if not exists tags (
    package blob not null, function text not null, tags blob not null,
    primary key (package, function)
) without rowid;
"""


class Store:
    """One connection to the database in `directory`; None keeps nothing."""

    __slots__ = ("_db", "path")

    def __init__(self, directory: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        self.path = directory / FILE_NAME if directory is not None else None
        if self.path is not None:
            self._open(self.path, again=True)

    def _open(self, path: Path, again: bool) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=off")
            db.executescript(_TABLES)
            self._db = db
        except sqlite3.DatabaseError as e:
            broken = isinstance(e, sqlite3.OperationalError) is False
            if broken and again:
                _log.warning("%s is damaged (%s): set aside and built anew", path, e)
                with contextlib.suppress(OSError):
                    path.replace(path.with_suffix(".damaged"))
                for tail in ("-wal", "-shm"):
                    with contextlib.suppress(OSError):
                        path.with_name(path.name + tail).unlink()
                self._open(path, again=False)
                return
            _log.warning("no store at %s: %s", path, e)
        except OSError as e:
            _log.warning("no store at %s: %s", path, e)

    def load(self, package: bytes) -> dict[str, bytes]:
        """Everything known of the functions of `package`; empty when nothing is."""
        if self._db is None:
            return {}
        try:
            rows = self._db.execute(
                "select function, tags from tags where package = ?", (package,)
            ).fetchall()
        except sqlite3.Error as e:
            self._give_up(e)
            return {}
        return dict(rows)

    def save(self, package: bytes, tags: Mapping[str, bytes]) -> None:
        """Add what was learned of `package`, in one transaction."""
        if self._db is None or not tags:
            return
        try:
            self._db.execute("begin immediate")
            self._db.executemany(
                "insert or replace into tags values (?, ?, ?)",
                [(package, function, value) for function, value in tags.items()],
            )
            self._db.execute("commit")
        except sqlite3.Error as e:
            self._give_up(e)

    def clear(self) -> None:
        """Forget everything."""
        if self._db is not None:
            try:
                self._db.execute("delete from tags")
                self._db.execute("vacuum")
            except sqlite3.Error as e:
                self._give_up(e)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _give_up(self, error: sqlite3.Error) -> None:
        _log.warning("store %s is not used any more: %s", self.path, error)
        with contextlib.suppress(sqlite3.Error):
            if self._db is not None:
                self._db.close()
        self._db = None

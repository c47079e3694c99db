"""What is known about packages, kept between runs in one SQLite database.

Kept is what is costly to learn again: facts of several kinds about a package, above all the encoded
parameter tags of its functions, under the key of the package; and what an editor was told of a package
(`said`), under a key of its own. A key is a hash of the engine, the Go release, the target, the build tags, the
package's files and its imports' keys, so an entry never goes stale: whoever changes something asks
under another key, and what nobody asks for any more is dropped once the database has grown beyond
its limit, what was not used for longest first.

Invariants
  - a store never raises; what it cannot do is done without, with one line in the log;
  - damaged or foreign: the file is set aside (`.damaged`) and a new one is begun, once;
  - full, read-only or written by others at the moment: what is there can still be read, and nothing
    is kept any more (or, when merely busy, not this time);
  - a writer that is killed leaves whole transactions or nothing (write-ahead log);
  - several processes may share the file, in short transactions;
  - values are opaque bytes here.

Example: `store.save(key, {"Itoa": b"..."})`; in another process `store.load(key)` gives it back.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

_log = logging.getLogger("goescape.store")

FILE_NAME = "summaries.sqlite"
APPLICATION = 0x60E5CA9E
SCHEMA = 4
LIMIT = 256 * 1024 * 1024
KEPT = 0.8
"""So much of the limit is left after old packages were dropped."""

USE_SECONDS = 3600
"""Uses of a package within this time count as one: reading hardly ever writes."""

BUSY_SECONDS = 2.0
RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 0.0)
"""Pauses, in seconds, while others begin the same file."""

_TABLES = """
create table package (
    id integer primary key, key blob not null unique, used integer not null, size integer not null
);
create index package_used on package (used);
create table fact (
    package integer not null, kind integer not null, name text not null, data blob not null,
    primary key (package, kind, name)
) without rowid;
create table said (
    id integer primary key, key blob not null unique, used integer not null, size integer not null,
    data blob not null
);
create index said_used on said (used);
"""


class Kind(IntEnum):
    """What a fact about a package is: the tags of a function, by its name; what inlining all of the package
    came to (under no name); whether a function of it can be inlined, by its name; whether it brings the body
    of another package's function along, by the name of that with its path."""

    TAGS = 0
    INLINING = 1
    VERDICT = 2
    BRINGS = 3


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a store holds. `size` and `limit` are bytes on disk; times are seconds since 1970, 0 when
    it is empty."""

    path: str
    size: int
    limit: int
    packages: int
    functions: int
    oldest_use: int
    newest_use: int


class Store:
    """One connection to the database in `directory`; None keeps nothing. `limit` is in bytes."""

    __slots__ = ("_db", "_recovered", "_used", "_writable", "limit", "path", "trouble")

    def __init__(self, directory: Path | None, limit: int = LIMIT) -> None:
        self._db: sqlite3.Connection | None = None
        self._writable = False
        self._recovered = False  # A damaged file was set aside: once is enough.
        # When each entry, by table and id, was last asked for, as far as this is newer than the
        # database knows.
        self._used: dict[tuple[str, int], int] = {}
        self.limit = limit
        self.trouble = ""
        """Why the store is not used, or not written to."""
        self.path = directory / FILE_NAME if directory is not None else None
        if self.path is not None:
            self._open(self.path)

    # -- what is kept

    def load(self, package: bytes, kind: Kind = Kind.TAGS) -> dict[str, bytes]:
        """All that is known of one kind of `package`; empty when nothing is."""
        with self._guard():
            if self._db is not None:
                row = self._db.execute("select id, used from package where key = ?", (package,))
                if (found := row.fetchone()) is not None:
                    id, used = found
                    self._note_use("package", id, used)
                    rows = self._db.execute(
                        "select name, data from fact where package = ? and kind = ?", (id, kind)
                    )
                    return dict(rows.fetchall())
        return {}

    def load_one(self, package: bytes, name: str, kind: Kind = Kind.TAGS) -> bytes | None:
        """One fact about `package`; None when it is not known."""
        with self._guard():
            if self._db is not None:
                row = self._db.execute(
                    "select data from fact where kind = ? and name = ? and package ="
                    " (select id from package where key = ?)",
                    (kind, name, package),
                ).fetchone()
                return bytes(row[0]) if row is not None else None
        return None

    @property
    def reads(self) -> bool:
        """Whether what is there can be read."""
        return self._db is not None

    @property
    def keeps(self) -> bool:
        """Whether something can be added."""
        return self._db is not None and self._writable

    def knows(self, package: bytes) -> bool:
        """Whether tags of `package` are known, or what inlining all of it came to."""
        with self._guard():
            if self._db is not None:
                row = self._db.execute(
                    "select 1 from fact where kind in (?, ?) and package ="
                    " (select id from package where key = ?) limit 1",
                    (Kind.TAGS, Kind.INLINING, package),
                )
                return row.fetchone() is not None
        return False

    def save(self, package: bytes, facts: Mapping[str, bytes], kind: Kind = Kind.TAGS) -> None:
        """Add what was learned of `package`, in one transaction."""
        if not facts:
            return
        now = int(time.time())
        with self._writing() as db:
            if db is not None:
                db.execute(
                    "insert into package (key, used, size) values (?, ?, 0)"
                    " on conflict (key) do update set used = excluded.used",
                    (package, now),
                )
                (id,) = db.execute("select id from package where key = ?", (package,)).fetchone()
                db.executemany(
                    "insert or replace into fact values (?, ?, ?, ?)",
                    [(id, kind, name, value) for name, value in facts.items()],
                )
                size = sum(len(name) + len(value) for name, value in facts.items())
                db.execute("update package set size = size + ? where id = ?", (size, id))

    def load_said(self, key: bytes) -> bytes | None:
        """What an editor was told of a package, as it was saved; None when nothing was."""
        with self._guard():
            if self._db is not None:
                query = "select id, used, data from said where key = ?"
                found = self._db.execute(query, (key,)).fetchone()
                if found is not None:
                    id, used, data = found
                    self._note_use("said", id, used)
                    return bytes(data)
        return None

    def save_said(self, key: bytes, data: bytes) -> None:
        """Keep what an editor was told of a package."""
        with self._writing() as db:
            if db is not None:
                db.execute(
                    "insert or replace into said (key, used, size, data) values (?, ?, ?, ?)",
                    (key, int(time.time()), len(data), data),
                )

    def _note_use(self, table: str, id: int, used: int) -> None:
        now = int(time.time())
        if now - used > USE_SECONDS:
            self._used[table, id] = now

    def clear(self) -> None:
        """Forget everything, files set aside too."""
        with self._writing() as db:
            if db is not None:
                db.execute("delete from package")
                db.execute("delete from fact")
                db.execute("delete from said")
        self._shrink()
        if self.path is not None:
            for old in self.path.parent.glob("summaries*.damaged"):
                with contextlib.suppress(OSError):
                    old.unlink()

    def info(self) -> StoreInfo:
        """What the store holds now."""
        row = (0, 0, 0)
        functions = 0
        with self._guard():
            if self._db is not None:
                query = (
                    "select count(*), coalesce(min(used), 0), coalesce(max(used), 0) from package"
                )
                row = self._db.execute(query).fetchone()
                query = "select count(*) from fact where kind = ?"
                (functions,) = self._db.execute(query, (Kind.TAGS,)).fetchone()
        return StoreInfo(
            str(self.path or ""), self._size(), self.limit, row[0], functions, row[1], row[2]
        )

    def close(self) -> None:
        """Note what was used, drop what is too much, and let go of the file."""
        if self._used:
            used, self._used = self._used, {}
            with self._writing() as db:
                if db is not None:
                    for (table, id), now in used.items():
                        db.execute(f"update {table} set used = ? where id = ?", (now, id))
        if self._writable and self._size() > self.limit:
            self._evict()
        self._let_go()

    # -- the file

    def _open(self, path: Path) -> None:
        inode = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            inode = path.stat().st_ino
            for wait in RETRIES:
                try:
                    self._prepare(db)
                    break
                except sqlite3.OperationalError as e:  # Beginning WAL does not wait for others.
                    if not _is_busy(e) or not wait:
                        raise
                    time.sleep(wait)
        except (OSError, sqlite3.Error) as e:
            if _is_damage(e) and not self._recovered:
                self._set_aside(path, inode, e)
                self._open(path)
            elif _is_busy(e):
                self._warn(f"{path} is not used: {e}")
            else:
                self._open_to_read(path, e)
            return
        self._db, self._writable = db, True

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Settings of the connection, and the tables of a new file. Raises `sqlite3.Error`, or
        `sqlite3.DatabaseError` itself for a database that is not one of ours."""
        (application,) = db.execute("pragma application_id").fetchone()
        (schema,) = db.execute("pragma user_version").fetchone()
        is_ready = (application, schema) == (APPLICATION, SCHEMA)
        if not is_ready:
            db.execute("pragma auto_vacuum=incremental")
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=off")
        if is_ready:
            return
        db.execute("begin immediate")
        (tables,) = db.execute("select count(*) from sqlite_master").fetchone()
        (application,) = db.execute("pragma application_id").fetchone()
        (schema,) = db.execute("pragma user_version").fetchone()
        if tables and (application, schema) != (APPLICATION, SCHEMA):
            db.execute("rollback")
            db.close()
            raise sqlite3.DatabaseError("it is not a store of this kind")
        if not tables:
            for statement in _TABLES.split(";"):
                db.execute(statement)
            db.execute(f"pragma application_id={APPLICATION}")
            db.execute(f"pragma user_version={SCHEMA}")
        db.execute("commit")

    def _open_to_read(self, path: Path, error: Exception) -> None:
        """What is there can be used, though nothing can be added."""
        self._warn(f"nothing can be kept in {path}: {error}")
        if not path.is_file():
            return
        try:
            db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None,
                timeout=BUSY_SECONDS, check_same_thread=False,
            )  # fmt: skip
            if db.execute("pragma user_version").fetchone() == (SCHEMA,):
                db.execute("select count(*) from package").fetchone()
                self._db = db
        except sqlite3.Error as e:
            _log.warning("nor can it be read: %s", e)

    def _set_aside(self, path: Path, inode: int, error: Exception) -> None:
        self._recovered = True
        _log.warning("%s is damaged or foreign (%s): set aside, and begun anew", path, error)
        with contextlib.suppress(OSError):
            if path.stat().st_ino != inode:
                return  # Another process has done so.
            os.replace(path, path.with_suffix(".damaged"))
        for tail in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                path.with_name(path.name + tail).unlink()

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """What goes wrong in here is dealt with, and the block has then no effect."""
        try:
            yield
        except sqlite3.Error as e:
            self._fail(e)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection | None]:
        """A transaction; None when nothing can be written."""
        db = self._db if self._writable else None
        if db is not None:
            try:
                db.execute("begin immediate")
            except sqlite3.Error as e:
                self._fail(e)
                db = None
        with self._guard():
            try:
                yield db
                if db is not None:
                    db.execute("commit")
            finally:
                if db is not None:
                    with contextlib.suppress(sqlite3.Error):
                        if db.in_transaction:
                            db.execute("rollback")

    def _fail(self, error: sqlite3.Error) -> None:
        """Go on as well as can be."""
        if _is_busy(error):
            _log.info("another process writes to %s: not kept this time", self.path)
        elif not _is_damage(error):
            self._writable = False
            self._warn(f"nothing is kept any more in {self.path}: {error}")
        else:
            self._let_go()
            if self.path is None or self._recovered:
                self._warn(f"{self.path} is not used any more: {error}")
                return
            with contextlib.suppress(OSError):
                self._set_aside(self.path, self.path.stat().st_ino, error)
            self._open(self.path)

    def _let_go(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
        self._db, self._writable = None, False
        self._used = {}

    def _warn(self, text: str) -> None:
        """Say what is wrong, not again and again."""
        if text != self.trouble:
            _log.warning("%s", text)
        self.trouble = text

    # -- its size

    def _size(self) -> int:
        """Bytes on disk, with the write-ahead log."""
        size = 0
        if self.path is not None:
            for tail in ("", "-wal"):
                with contextlib.suppress(OSError):
                    size += self.path.with_name(self.path.name + tail).stat().st_size
        return size

    def _evict(self) -> None:
        """Drop what was not used for the longest time."""
        with self._writing() as db:
            if db is None:
                return
            entries = db.execute(
                "select 'package', id, size, used from package"
                " union all select 'said', id, size, used from said order by used, id"
            ).fetchall()
            total = sum(size for _, _, size, _ in entries)
            # What a stored byte takes on disk, with keys, indexes and free room.
            pages = db.execute(
                "select page_count * page_size from pragma_page_count, pragma_page_size"
            )
            (on_disk,) = pages.fetchone()
            excess = total * (1 - min(self.limit * KEPT / max(on_disk, 1), 1))
            dropped = 0
            for table, id, size, _ in entries:
                if excess <= 0:
                    break
                excess -= size
                dropped += 1
                if table == "package":
                    db.execute("delete from fact where package = ?", (id,))
                db.execute(f"delete from {table} where id = ?", (id,))
            _log.info("%d entries are dropped from %s: not used for long", dropped, self.path)
        self._shrink()

    def _shrink(self) -> None:
        """Give free room back to the disk, if nobody else is in the way."""
        if self._db is not None and self._writable:
            with self._guard():
                self._db.executescript("pragma incremental_vacuum")  # `execute` stops after a page
                self._db.execute("pragma wal_checkpoint(truncate)").fetchall()


def _is_busy(error: Exception) -> bool:
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _is_damage(error: Exception) -> bool:
    """Whether it is the file itself that is wrong. Other errors (a full disk, a lock, no
    permission) are about the circumstances."""
    if isinstance(error, sqlite3.OperationalError):
        # A table or column is missing: it is somebody else's.
        return getattr(error, "sqlite_errorname", "") == "SQLITE_ERROR"
    return isinstance(error, sqlite3.DatabaseError)

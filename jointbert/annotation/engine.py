"""The connection to a database: a path or a URL in, an engine out that keeps what it acknowledged."""

from __future__ import annotations

import os
import sqlite3
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from jointbert.errors import MissingExtraError, StoreError

BUSY_SECONDS = 30.0
"""How long a writer waits for another process before it gives up."""

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_POOL = {"pool_size": 8, "max_overflow": 56}


def parse_where(where: str | Path) -> URL:
    """The URL of a store that was named by a path or a URL.

    Raises:
        StoreError: It is no URL that can be used, or names no file.

    Example:
        >>> parse_where("notes.db").render_as_string(), parse_where("postgresql://db/nlu").drivername
        ('sqlite:///notes.db', 'postgresql+psycopg')
    """
    if isinstance(where, Path) or "://" not in where:
        return _sqlite_url(str(where), str(where))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):
        raise StoreError("the store's URL", "cannot be read", "postgresql://user@host/database", "Check it.") from None
    shown = url.render_as_string(hide_password=True)
    if url.drivername.split("+")[0] == "sqlite":
        return _sqlite_url(url.database or "", shown)
    if url.drivername not in _POSTGRES:
        advice = "Name a file, or postgresql://user@host/database."
        raise StoreError(shown, f"the database is {url.drivername!r}", "sqlite or postgresql", advice)
    if find_spec("psycopg") is None:
        raise MissingExtraError("postgres", shown)
    return url.set(drivername="postgresql+psycopg")


def _sqlite_url(path: str, where: str) -> URL:
    if path in ("", ":memory:") or path.startswith("file:"):
        raise StoreError(where or "the store", "is no file", "a path such as annotation.db", "Name a file.")
    if "\0" in path or len(path) > 4000:
        raise StoreError("the store", f"{path[:60]!r} cannot be a path", "a path such as annotation.db", "Check it.")
    if os.path.isdir(path):
        raise StoreError(where, "is a folder", "a file", f"Name a file in it, such as {Path(path) / 'annotation.db'}.")
    return URL.create("sqlite", database=path)


def build_engine(url: URL) -> Engine:
    """The engine of a store. ``execution_options(immediate=True)`` makes transactions that will write.

    On SQLite a writer begins with BEGIN IMMEDIATE: it waits for its turn at the door, and so never finds in the middle
    that somebody else was faster. Commits are synced to the disk before they return.
    """
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", **_POOL)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None}, **_POOL)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
    finally:
        cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch a new file to a write-ahead log; SQLite does not wait here by itself when another process is at it."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

"""Bring a database to the present tables, or refuse it for a reason."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from jointbert.errors import StoreError

VERSION_TABLE = "jointbert_schema"
_ADVISORY_LOCK = 7_461_923  # any number that is the same for all of us
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps its context in globals


def config() -> Config:
    """Alembic's configuration, made here and not read from a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    made.attributes["version_table"] = VERSION_TABLE
    return made


def migrate(engine: Engine, where: str, revision: str = "head") -> None:
    """Run the revisions that a database still lacks.

    Args:
        engine: One whose transactions write.
        where: What the database is called in messages.
        revision: The revision to stop at.

    Raises:
        StoreError: It holds something else, or was made by a newer version of this package.
    """
    settings = config()
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _check(connection, where, known)
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def _check(connection: Connection, where: str, known: set[str]) -> None:
    """Raise StoreError unless the database is empty or ours, and not from the future."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            what = f"holds the tables of something else ({', '.join(sorted(tables)[:3])})"
            raise StoreError(where, what, "an annotation store or an empty database", "Name another one.")
        return
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()
    if found is not None and found not in known:
        newest = max(known)
        raise StoreError(
            where,
            f"its tables are of revision {found!r}, which this version does not know",
            f"{newest!r} or older",
            "It was made by a newer jointbert: update this one.",
        )

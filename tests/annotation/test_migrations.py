"""Revisions are only ever added; whatever they start from, they end at the tables that the code knows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from jointbert.annotation import Store
from jointbert.annotation.engine import build_engine, parse_where
from jointbert.annotation.migrate import VERSION_TABLE, config, migrate
from jointbert.annotation.records import Record
from jointbert.errors import StoreError

PUBLISHED = {"0001": "rev_0001_first_tables.py"}
"""Every revision and its file, oldest first. A published file is never edited: add another one."""


@pytest.fixture
def engine(where: str) -> Iterator[Engine]:
    """An engine on an empty database, whose transactions write."""
    made = build_engine(parse_where(where))
    yield made.execution_options(immediate=True)
    made.dispose()


def revisions() -> list[str]:
    """All revisions, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to make the tables those of the code."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
    return list(compare_metadata(context, Record.metadata))


def test_the_published_revisions_are_all_and_in_one_line() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert revisions() == list(PUBLISHED)
    assert {s.revision: Path(s.path).name for s in scripts.walk_revisions()} == PUBLISHED
    assert len(scripts.get_heads()) == 1


@pytest.mark.parametrize("start", list(PUBLISHED))
def test_from_every_revision_the_tables_become_those_of_the_code(engine: Engine, start: str) -> None:
    migrate(engine, "here", start)
    with engine.begin() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == start
    migrate(engine, "here")
    with engine.begin() as connection:
        assert differences(connection) == []
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == revisions()[-1]


def test_what_the_first_revision_held_is_there_after_the_last(engine: Engine, where: str) -> None:
    migrate(engine, "here", "0001")
    key = hashlib.sha256(b"fly").hexdigest()
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO project (id, name, language, guidelines, created, version) "
            "VALUES (1, 'old', 'en', '', '2025-01-01 00:00:00', 1)",
            "INSERT INTO label (project_id, kind, name, description, examples, colour, position, version) "
            "VALUES (1, 'intent', 'book', '', '[]', '#4477aa', 0, 1)",
            f"INSERT INTO utterance (id, project_id, text, text_key, split) VALUES (1, 1, 'fly', '{key}', 'train')",
            "INSERT INTO answer (project_id, utterance_id, annotator, status, intent, spans, note, updated, version) "
            "VALUES (1, 1, 'ann', 'accepted', 'book', '[]', '', '2025-01-01 00:00:00', 1)",
        ):
            connection.execute(text(statement))
    with Store.open(where) as store:
        project = store.project(1)
        assert [(gold.text, gold.intent) for gold in project.labelled()] == [("fly", "book")]
        assert project.answer(1, "ann", "rejected", version=1).version == 2


def test_a_store_of_a_newer_version_is_refused_and_left_alone(engine: Engine, where: str) -> None:
    migrate(engine, "here")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    newest = revisions()[-1]
    message = (
        rf"its tables are of revision '9999', which this version does not know; expected '{newest}' or older\. "
        r"It was made by a newer jointbert: update this one\."
    )
    with pytest.raises(StoreError, match=message):
        Store.open(where)
    with engine.begin() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == "9999"


def test_a_migration_that_fails_leaves_the_database_as_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import event

    def stop(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if "CREATE TABLE event" in statement:
            raise RuntimeError("the power is cut")

    event.listen(engine, "before_cursor_execute", stop)
    with pytest.raises(RuntimeError, match="the power is cut"):
        migrate(engine, "here")
    event.remove(engine, "before_cursor_execute", stop)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
    migrate(engine, "here")
    with engine.begin() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize("statement", ["UPDATE event SET who = 'eve'", "DELETE FROM event"])
def test_the_log_of_events_refuses_to_be_changed(store: Store, where: str, engine: Engine, statement: str) -> None:
    project = store.create_project("flights", who="ann")
    with pytest.raises(DBAPIError, match="the log of events only grows"), engine.begin() as connection:
        connection.execute(text(statement))
    assert [event.who for event in project.events()] == ["ann"]

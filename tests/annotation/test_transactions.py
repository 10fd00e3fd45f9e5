"""What a database refuses is said in plain words; what is our own mistake is not hidden."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError

from jointbert.annotation import Store
from jointbert.annotation.transactions import said_plainly
from jointbert.errors import EditConflictError, StoreError
from jointbert.utterance import Utterance


def test_a_writer_that_never_ends_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jointbert.annotation.engine.BUSY_SECONDS", 0.2)
    with Store.open(tmp_path / "store.db") as store:
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        message = r"store\.db: the database says: database is locked\. Another process has been writing for long: try"
        with pytest.raises(StoreError, match=message):
            store.create_project("a")
        assert store.projects() == [], "reading goes on"
        other.execute("ROLLBACK")
        other.close()
        assert store.create_project("a").id == 1


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store.open(path) as store:
        store.create_project("a").add([Utterance(f"text {n}") for n in range(500)], "ann")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"store\.db: the database says: .*malformed\. The file is damaged: take"):
        Store.open(path)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("database or disk is full", "Make room on the disk; nothing of this step was kept."),
        ("attempt to write a readonly database", "Check the permissions of the file and of its folder."),
        ("the network is down", "Check that it can be reached."),
    ],
)
def test_each_cause_has_its_advice(said: str, advice: str) -> None:
    with pytest.raises(StoreError) as caught, said_plainly("here"):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))
    assert str(caught.value) == f"here: the database says: {said}. {advice}"


def test_a_row_that_somebody_changed_in_between_is_a_conflict() -> None:
    message = r"^here: somebody else changed the same thing in between\. Load it"
    with pytest.raises(EditConflictError, match=message), said_plainly("here"):
        raise StaleDataError("UPDATE matched 0 rows")


def test_all_connections_in_use_is_said() -> None:
    message = r"^here: all connections are in use \(.*\)\. Try again\."
    with pytest.raises(StoreError, match=message), said_plainly("here"):
        raise NoConnection("QueuePool limit reached")


def test_our_own_mistakes_in_sql_are_not_dressed_up() -> None:
    with pytest.raises(ProgrammingError), said_plainly("here"):
        raise ProgrammingError("SELEKT", {}, sqlite3.ProgrammingError("near SELEKT"))


def test_every_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db") as store, store._transactions.writing() as session:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in names}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_what_a_block_that_fails_did_is_gone(store: Store) -> None:
    project = store.create_project("a")
    with pytest.raises(RuntimeError), project._transactions.writing() as session:
        session.execute(text("UPDATE project SET guidelines = 'half done'"))
        raise RuntimeError
    assert project.info().guidelines == ""

"""The store: opened on what is one, refused on what is not; projects in it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jointbert import annotation
from jointbert.annotation import Label, ProjectInfo, Schema, Store
from jointbert.annotation.engine import parse_where
from jointbert.errors import StoreError


def test_what_was_made_is_there_again(where: str) -> None:
    schema = Schema((Label("intent", "book", "to book", ("fly",), "#123456"),), (Label("slot", "city"),))
    with Store.open(where) as store:
        made = store.create_project("flights", "zh", "be kind", schema, "ann")
    with Store.open(where) as store:
        again = store.project(made.id)
        assert again.schema() == schema
        [info] = store.projects()
        assert info == ProjectInfo(made.id, "flights", "zh", "be kind", None, info.created, 0, 0)
        assert again.info() == info and info.created.tzinfo is not None


def test_a_name_is_taken_once(store: Store) -> None:
    store.create_project("flights")
    with pytest.raises(StoreError, match=r"^project 'flights': exists already; expected another name\."):
        store.create_project("flights")
    assert len(store.projects()) == 1


@pytest.mark.parametrize("name", ["", " ", " a", "a\n", "a\nb", "x" * 201])
def test_what_cannot_be_a_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match=r"^project: the name is .*; expected a name of at most 200 characters"):
        store.create_project(name)


def test_an_unknown_language_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"^project 'a': the language is 'xx'; expected one of en, zh\."):
        store.create_project("a", "xx")
    assert store.projects() == []


def test_an_unknown_project_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"^project 7: does not exist\. Choose one"):
        store.project(7)


def test_a_project_is_edited_and_that_is_undone(store: Store) -> None:
    project = store.create_project("flights", guidelines="old")
    project.edit("ann", name="planes", guidelines="new", model="models/a")
    info = project.info()
    assert (info.name, info.guidelines, info.model) == ("planes", "new", "models/a")
    project.edit("ann", model="")
    assert project.info().model is None
    assert [event.about for event in project.events()[:2]] == [
        "changed the model to none",
        "changed the name to “planes” and the guidelines and the model to “models/a”",
    ]
    project.edit("ann")
    assert len(project.events()) == 3, "changing nothing is no event"
    project.undo("ann")
    project.undo("ann")
    info = project.info()
    assert (info.name, info.guidelines, info.model) == ("flights", "old", None)


def test_renaming_to_a_name_that_is_taken_is_refused(store: Store) -> None:
    store.create_project("a")
    with pytest.raises(StoreError, match="project 'a': exists already"):
        store.create_project("b").edit("ann", name="a")


# --- what is no store -------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("buy milk " * 1000)
    with pytest.raises(StoreError, match=r"notes\.db: the database says: file is not a database\. It is some other"):
        Store.open(path)
    assert path.read_text() == "buy milk " * 1000


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    message = r"other\.db: holds the tables of something else \(songs\); expected an annotation store or an empty"
    with pytest.raises(StoreError, match=message):
        Store.open(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    connection.close()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"is a folder; expected a file\. Name a file in it, such as .*annotation\.db"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/deeper: the folder cannot be made \(.*\)\. Check the path"):
        Store.open(tmp_path / "file" / "deeper" / "a.db")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new" / "a.db") as store:
        assert store.projects() == [] and store.where == str(tmp_path / "new" / "a.db")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (":memory:", r":memory:: is no file; expected a path"),
        ("", r"the store: is no file"),
        ("sqlite://", r"is no file"),
        ("file:a.db?mode=memory", r"is no file"),
        ("a\0b", r"cannot be a path"),
        ("mysql://me:secret@host/db", r"mysql://me:\*\*\*@host/db: the database is 'mysql'; expected sqlite or post"),
        ("postgresql://host:port/db", r"the store's URL: cannot be read; expected postgresql://user@host/database"),
    ],
)
def test_what_names_no_store_is_refused(where: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(where)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_means_one_driver(name: str) -> None:
    assert parse_where(f"{name}://me@host/db").drivername == "postgresql+psycopg"


def test_a_server_that_cannot_be_reached_is_said_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the database says: .*Check that it can be reached") as caught:
        Store.open(f"postgresql://me:secret@/db?host={tmp_path}")
    assert "secret" not in str(caught.value)


def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    if as_ordinary_user(lambda: Path(annotation.__file__).read_bytes()) != "no error":
        pytest.skip("this clone lies in a folder that only its owner may enter")
    path = tmp_path / "store.db"
    Store.open(path).close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    for folder in tmp_path.parents:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)  # pytest's folders are its user's alone
    try:
        said = as_ordinary_user(lambda: Store.open(path))
    finally:
        tmp_path.chmod(0o700)
    assert said.startswith(f"StoreError: {path}: the database says: ")
    assert said.endswith(". Check the permissions of the file and of its folder.")


def as_ordinary_user(action: Callable[[], object]) -> str:
    """The error that an action meets when somebody does it who is not root."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            action()
            said = "no error"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(sending, said.encode())
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def test_many_may_open_a_new_store_at_once(where: str) -> None:
    failed: list[Exception] = []

    def open_it(n: int) -> None:
        try:
            with Store.open(where) as store:
                store.create_project(f"project {n}")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Store.open(where) as store:
        assert len(store.projects()) == 4

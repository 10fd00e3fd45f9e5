"""What an annotator waits for reads no table from end to end, however many utterances there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text

from jointbert.annotation import Project, Store
from jointbert.utterance import Span, Utterance


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Project]:
    """A project of 2,000 utterances, half of them answered."""
    with Store.open(tmp_path / "store.db") as store:
        project = store.create_project("large")
        said = [f"fly to Rome {n}" for n in range(2000)]
        project.add([Utterance(one, "book", (Span.of(one, "city", 7, 11),)) for one in said[:1000]], "ann")
        project.add([Utterance(one) for one in said[1000:]], "ann")
        yield project


@contextmanager
def overheard(project: Project) -> Iterator[list[tuple[str, object]]]:
    """The statements that the database gets."""
    said: list[tuple[str, object]] = []

    def hear(_c: object, _cur: object, statement: str, parameters: object, _context: object, _many: bool) -> None:
        said.append((statement, parameters))

    engine = project._transactions.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def scans(project: Project, said: list[tuple[str, object]]) -> list[str]:
    """The steps of the plans that go through a whole table."""
    found = []
    with project._transactions.engine.connect() as connection:
        for statement, parameters in said:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found += [f"{row[3]}: {statement}" for row in plan if row[3].startswith("SCAN ")]
    return found


def test_item_answer_next_and_undo_scan_no_table(large: Project) -> None:
    id = large.find("fly to Rome 1500")[0].id
    with overheard(large) as said:
        item = large.item(id, "ann")
        assert item.answer is None
        large.answer(id, "ann", "draft", "book")
        assert large.next("ann", after=id).id == id + 1  # type: ignore[union-attr]
        large.undo("ann")
        large.events(utterance_id=id)
    assert len(said) > 10
    assert scans(large, said) == []


def test_an_utterance_costs_as_many_statements_as_fifty(large: Project) -> None:
    with overheard(large) as one:
        large.find(limit=1)
    with overheard(large) as fifty:
        large.find(limit=50)
    assert len(one) == len(fifty) < 10


def test_a_scan_would_be_seen(large: Project) -> None:
    statement = "SELECT count(*) FROM answer WHERE note = 'x'"
    with overheard(large) as said, large._transactions.engine.connect() as connection:
        connection.execute(text(statement))
    assert scans(large, said) == [f"SCAN answer: {statement}"]

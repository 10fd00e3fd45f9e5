"""Utterances: their rows, found by number or by text, and put in in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from jointbert.annotation.records import Record, UtteranceRecord
from jointbert.errors import StoreError
from jointbert.utterance import Utterance

Value = TypeVar("Value")

CHUNK = 500
"""How many ids or rows go into one statement."""


def record(session: Session, project_id: int, utterance_id: int) -> UtteranceRecord:
    """The row of an utterance.

    Raises:
        StoreError: The project has none of that number.
    """
    found = session.get(UtteranceRecord, utterance_id)
    if found is None or found.project_id != project_id:
        advice = "Load the list of utterances again."
        raise StoreError(f"utterance {utterance_id}", f"is not in project {project_id}", None, advice)
    return found


def key(text: str) -> str:
    """What is the same for equal texts only: a hash, because an index does not hold texts of any length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def ids_of_keys(session: Session, project_id: int, keys: Iterable[str]) -> dict[str, int]:
    """:func:`key` of a text -> its number, of those texts that the project has."""
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        query = select(UtteranceRecord.text_key, UtteranceRecord.id)
        rows = session.execute(
            query.where(UtteranceRecord.project_id == project_id, UtteranceRecord.text_key.in_(chunk))
        )
        found.update((text_key, id) for text_key, id in rows)
    return found


def put(session: Session, project_id: int, fresh: Mapping[str, Utterance], split: str) -> dict[str, int]:
    """Add texts that the project does not have; key -> number."""
    rows: list[dict[str, Any]] = [
        {
            "project_id": project_id,
            "text": utterance.text,
            "text_key": text_key,
            "split": split,
            "tokens": utterance.tokens,
        }
        for text_key, utterance in fresh.items()
    ]
    if not rows:
        return {}
    statement = insert(table(UtteranceRecord)).returning(UtteranceRecord.text_key, UtteranceRecord.id)
    return dict(session.execute(statement, rows).all())


def table(record: type[Record]) -> Table:
    """The table itself: rows go into it faster than through their class."""
    return Record.metadata.tables[record.__tablename__]


def chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values in lists of at most CHUNK.

    Example:
        >>> [len(chunk) for chunk in chunks(range(1001))]
        [500, 500, 1]
    """
    left = iter(values)
    while chunk := list(islice(left, CHUNK)):
        yield chunk

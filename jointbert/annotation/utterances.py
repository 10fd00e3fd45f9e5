"""Utterances: added in bulk, none twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.columns import now
from jointbert.annotation.events import log
from jointbert.annotation.label import Schema, check_name
from jointbert.annotation.records import AnswerRecord, Record, UtteranceRecord
from jointbert.annotation.schema import add_missing, recoloured, schema
from jointbert.annotation.spans import spans_to_json
from jointbert.annotation.views import Added
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


def add(
    session: Session, project_id: int, utterances: Sequence[Utterance], who: str, split: str, labelled: bool
) -> Added:
    """Add utterances; see :meth:`Project.add`."""
    projects.record(session, project_id, "update")
    check_name("who", who)
    check_name("split", split, blanks=False)
    by_key: dict[str, Utterance] = {}
    for utterance in utterances:
        by_key.setdefault(key(utterance.text), utterance)
    ids = ids_of_keys(session, project_id, by_key)
    known = len(utterances) - (len(by_key) - len(ids))
    fresh = {text_key: utterance for text_key, utterance in by_key.items() if text_key not in ids}
    ids |= _insert(session, project_id, fresh, split)
    told = {ids[text_key]: utterance for text_key, utterance in by_key.items() if utterance.intent or utterance.spans}
    answers = _answer(session, project_id, told, who) if labelled and told else 0
    added = Added(len(fresh), known, answers)
    log(session, project_id, who, "add", _about(added, split))
    return added


def _about(added: Added, split: str) -> str:
    known = f"; {added.known} were known already" if added.known else ""
    answers = f"; {added.answers} answers came along" if added.answers else ""
    return f"added {added.new} utterances to {split}{known}{answers}"


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


def _insert(session: Session, project_id: int, fresh: dict[str, Utterance], split: str) -> dict[str, int]:
    """Add texts; key -> number."""
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
    statement = insert(_table(UtteranceRecord)).returning(UtteranceRecord.text_key, UtteranceRecord.id)
    return dict(session.execute(statement, rows).all())


def _answer(session: Session, project_id: int, told: dict[int, Utterance], who: str) -> int:
    """Make accepted answers of labels that came along, where this annotator has none yet; how many."""
    for chunk in chunks(list(told)):
        query = select(AnswerRecord.utterance_id).where(AnswerRecord.annotator == who)
        for id in session.scalars(query.where(AnswerRecord.utterance_id.in_(chunk))):
            del told[id]
    if not told:
        return 0
    present = schema(session, project_id)
    wanted = Schema.from_utterances(told.values())
    missing = Schema(
        tuple(label for label in wanted.intents if label.name not in present.intent_names),
        tuple(label for label in wanted.slots if label.name not in present.slot_names),
    )
    add_missing(session, project_id, recoloured(missing, present))
    at = now()
    rows = [
        {
            "project_id": project_id,
            "utterance_id": id,
            "annotator": who,
            "status": "accepted",
            "intent": utterance.intent,
            "spans": spans_to_json(utterance.spans),
            "note": "",
            "updated": at,
            "version": 1,
        }
        for id, utterance in told.items()
    ]
    session.execute(insert(_table(AnswerRecord)), rows)
    return len(rows)


def _table(record: type[Record]) -> Table:
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

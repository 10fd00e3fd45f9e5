"""States of rows, as the event log keeps them: what stood there before an event, and what after it.

A state is a dict of a row's columns; ``None`` says that there was no row. The log holds them as
``{table: {id: state}}``. Two columns go along but do not count when states are compared: ``version`` and ``updated``,
which events of before do not have. ``updated`` comes back with the rest: an answer that is put back is as old as it
was, so that a decision made after it still is the later one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jointbert.annotation.records import (
    AnswerRecord,
    DecisionRecord,
    LabelRecord,
    ProjectRecord,
    Record,
    SuggestionRecord,
)

State = dict[str, Any] | None
States = dict[str, dict[str, State]]

KEPT: dict[str, tuple[type[Record], tuple[str, ...]]] = {
    "project": (ProjectRecord, ("name", "guidelines", "model")),
    "label": (LabelRecord, ("project_id", "kind", "name", "description", "examples", "colour", "position")),
    "answer": (
        AnswerRecord,
        ("project_id", "utterance_id", "annotator", "status", "intent", "spans", "note", "version", "updated"),
    ),
    "decision": (
        DecisionRecord,
        ("project_id", "utterance_id", "who", "intent", "spans", "note", "version", "updated"),
    ),
    "suggestion": (SuggestionRecord, ("utterance_id", "intent", "spans", "runners_up")),
}
"""Table -> its class and the columns that a state holds."""


def state_of(record: Record | None) -> State:
    """The state of a row; None where there is none."""
    if record is None:
        return None
    return {column: _to_json(getattr(record, column)) for column in KEPT[record.__tablename__][1]}


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def same(one: State, other: State) -> bool:
    """Whether two states are equal but for their versions and times.

    Example:
        >>> same({"intent": "a", "version": 1}, {"intent": "a", "version": 3}), same(None, {"intent": "a"})
        (True, False)
    """
    if one is None or other is None:
        return one is other
    aside = {"version": 0, "updated": ""}
    return one | aside == other | aside


def load(session: Session, table: str, ids: Iterable[int]) -> dict[int, Record]:
    """The rows with these ids, locked until the transaction ends."""
    kind = KEPT[table][0]
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        rows = session.scalars(select(kind).where(kind.id.in_(chunk)).with_for_update())  # type: ignore[attr-defined]
        found.update({row.id: row for row in rows})  # type: ignore[attr-defined]
    return found


def restore(session: Session, table: str, row: Record | None, id: int, state: State) -> None:
    """Make a row what a state says: change it, insert it with its old id, or delete it."""
    if state is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = KEPT[table][0](id=id)
        session.add(row)
    for column, value in state.items():
        if column != "version":
            setattr(row, column, datetime.fromisoformat(value) if column == "updated" else value)

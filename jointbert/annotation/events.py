"""The log of events: every change writes one, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from jointbert.annotation.label import check_name
from jointbert.annotation.records import EventRecord, Record
from jointbert.annotation.states import States, state_of
from jointbert.annotation.views import Event


def stands() -> ColumnElement[bool]:
    """The condition that an event was not taken back."""
    later = aliased(EventRecord)
    return ~exists().where(later.undoes == EventRecord.id)


class Recording:
    """Collects what an event changes; see :func:`recorded`.

    Attributes:
        about: What is done, in plain words; set it before the block ends. Empty: nothing was done, nothing is logged.
    """

    def __init__(self) -> None:
        self.about = ""
        self.before: States = {}
        self._touched: dict[tuple[str, int], Record] = {}
        self._made: list[Record] = []
        self._gone: set[tuple[str, int]] = set()

    def touch(self, record: Record) -> None:
        """Note the state of a row that is about to be changed."""
        table, id = record.__tablename__, record.id  # type: ignore[attr-defined]
        if (table, id) not in self._touched:
            self.before.setdefault(table, {})[str(id)] = state_of(record)
            self._touched[table, id] = record

    def remove(self, session: Session, record: Record) -> None:
        """Delete a row and note what it was."""
        self.touch(record)
        self._gone.add((record.__tablename__, record.id))  # type: ignore[attr-defined]
        session.delete(record)

    def made(self, record: Record) -> None:
        """Note a row that was added to the session in this block."""
        self._made.append(record)

    def after(self) -> States:
        """The states after the block; to be called when all is flushed."""
        states: States = {}
        for (table, id), record in self._touched.items():
            states.setdefault(table, {})[str(id)] = None if (table, id) in self._gone else state_of(record)
        for record in self._made:
            id = record.id  # type: ignore[attr-defined]
            self.before.setdefault(record.__tablename__, {})[str(id)] = None
            states.setdefault(record.__tablename__, {})[str(id)] = state_of(record)
        return states


@contextmanager
def recorded(
    session: Session, project_id: int, who: str, action: str, utterance_id: int | None = None
) -> Iterator[Recording]:
    """A block whose changes become one event that can be undone.

    Args:
        session: Of the writing transaction.
        project_id: The project.
        who: Who does it.
        action: One word, such as ``"answer"``.
        utterance_id: The utterance it is about, if it is about one.

    Example:
        with recorded(session, project_id, "ann", "decide", utterance_id) as recording:
            recording.touch(row)          # before changing it
            row.intent = "book"
            recording.about = "decided ..."
    """
    check_name("who", who)
    recording = Recording()
    yield recording
    session.flush()
    if not recording.about:
        return
    after = recording.after()
    log(session, project_id, who, action, recording.about, utterance_id, recording.before, after)


def log(
    session: Session,
    project_id: int,
    who: str,
    action: str,
    about: str,
    utterance_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    undoes: int | None = None,
) -> EventRecord:
    """Write one event. Without ``before`` and ``after`` it cannot be undone (adding utterances, for example)."""
    record = EventRecord(
        project_id=project_id,
        who=check_name("who", who),
        action=action,
        subject=about,
        utterance_id=utterance_id,
        before=before,
        after=after,
        undoes=undoes,
    )
    session.add(record)
    session.flush()
    return record


def events(
    session: Session, project_id: int, limit: int = 50, who: str | None = None, utterance_id: int | None = None
) -> list[Event]:
    """The latest events, the newest first."""
    undo = aliased(EventRecord)
    query = (
        select(EventRecord, undo.id)
        .outerjoin(undo, undo.undoes == EventRecord.id)
        .where(EventRecord.project_id == project_id)
        .order_by(EventRecord.id.desc())
        .limit(limit)
    )
    if who is not None:
        query = query.where(EventRecord.who == who)
    if utterance_id is not None:
        query = query.where(EventRecord.utterance_id == utterance_id)
    return [view(record, taken_back is not None) for record, taken_back in session.execute(query)]


def view(record: EventRecord, undone: bool = False) -> Event:
    """A row of the log as it is handed out."""
    return Event(record.id, record.at, record.who, record.action, record.subject, undone)


def shown(text: str, most: int = 60) -> str:
    """A text in quotation marks for the log, its end left out when it is long.

    Example:
        >>> shown("fly to Boston")
        '“fly to Boston”'
    """
    return f"“{text}”" if len(text) <= most else f"“{text[: most - 1]}…”"

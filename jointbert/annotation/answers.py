"""Answers: saved one at a time, so that nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.columns import now
from jointbert.annotation.events import recorded, shown
from jointbert.annotation.label import check_name
from jointbert.annotation.records import AnswerRecord, EventRecord, UtteranceRecord
from jointbert.annotation.schema import check_labels
from jointbert.annotation.spans import spans_from_json, spans_to_json
from jointbert.annotation.utterances import record
from jointbert.annotation.views import STATUSES, Answer, Status
from jointbert.errors import DataError, EditConflictError, StoreError
from jointbert.utterance import Span, Utterance


def view(row: AnswerRecord, text: str) -> Answer:
    """A row as it is handed out."""
    spans = spans_from_json(text, row.spans)
    status: Status = row.status  # type: ignore[assignment]
    return Answer(row.utterance_id, row.annotator, status, row.intent, spans, row.note, row.version, row.updated)


def answer(
    session: Session,
    project_id: int,
    utterance_id: int,
    annotator: str,
    status: str,
    intent: str | None,
    spans: Sequence[Span],
    version: int = 0,
    note: str = "",
) -> Answer:
    """Save an annotator's answer to an utterance.

    Raises:
        EditConflictError: The answer is no longer the one of that version; ``theirs`` is the present one.
        StoreError: A label is not in the schema, a span does not fit, or the status is unknown.
    """
    projects.record(session, project_id, "share")
    utterance = record(session, project_id, utterance_id)
    check_name("annotator", annotator)
    if status not in STATUSES:
        raise StoreError(f"utterance {utterance_id}", f"the status is {status!r}", f"one of {', '.join(STATUSES)}")
    ordered = fitting(utterance, intent, spans)
    check_labels(session, project_id, f"utterance {utterance_id}", intent, ordered)
    row = _row(session, utterance_id, annotator)
    if (row.version if row else 0) != version:
        raise _conflict(utterance, annotator, row)
    content = {"status": status, "intent": intent, "spans": spans_to_json(ordered), "note": note, "updated": now()}
    action = "draft" if status == "draft" else "answer"
    with recorded(session, project_id, annotator, action, utterance_id) as recording:
        recording.about = _about(status, utterance.text, intent, ordered)
        if row is None:
            row = _insert(session, utterance, annotator, content)
            recording.made(row)
        else:
            recording.touch(row)
            for column, value in content.items():
                setattr(row, column, value)
    return view(row, utterance.text)


def fitting(utterance: UtteranceRecord, intent: str | None, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans in their order.

    Raises:
        StoreError: They do not fit the text, or two overlap.
    """
    ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end)))
    where = f"utterance {utterance.id}"
    try:
        Utterance(utterance.text, intent, ordered, where=where)
    except DataError as error:
        raise StoreError(where, error.what, error.expected, error.next_step) from None
    return ordered


def _row(session: Session, utterance_id: int, annotator: str) -> AnswerRecord | None:
    return session.scalars(
        select(AnswerRecord)
        .where(AnswerRecord.utterance_id == utterance_id, AnswerRecord.annotator == annotator)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _insert(session: Session, utterance: UtteranceRecord, annotator: str, content: dict[str, Any]) -> AnswerRecord:
    """The row of a first answer; of two that race for it, the second is told so."""
    row = AnswerRecord(project_id=utterance.project_id, utterance_id=utterance.id, annotator=annotator, **content)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise _conflict(utterance, annotator, _row(session, utterance.id, annotator)) from None
    gone = _version_taken_back(session, utterance.id, annotator)
    if gone:
        session.execute(update(AnswerRecord).where(AnswerRecord.id == row.id).values(version=gone + 1))
        session.refresh(row)
    return row


def _version_taken_back(session: Session, utterance_id: int, annotator: str) -> int:
    """The last version of an answer that was undone altogether; a page may still show it, so it is not used twice."""
    undone = session.scalars(
        select(EventRecord.before).where(
            EventRecord.utterance_id == utterance_id, EventRecord.who == annotator, EventRecord.action == "undo"
        )
    )
    states = [state for before in undone for state in before.get("answer", {}).values() if state is not None]
    return max((state["version"] for state in states), default=0)


def _conflict(utterance: UtteranceRecord, annotator: str, row: AnswerRecord | None) -> EditConflictError:
    theirs = None if row is None else view(row, utterance.text)
    where = f"utterance {utterance.id}, answer of {annotator!r}"
    if row is None:
        what = "was taken back in between"
    else:
        what = f"was saved in between (it is {row.status} now, version {row.version})"
    return EditConflictError(where, what, None, "Look at the present answer, then save again.", theirs)


_VERBS = {"draft": "drafted", "accepted": "accepted", "rejected": "rejected", "skipped": "skipped"}


def _about(status: str, text: str, intent: str | None, spans: Sequence[Span]) -> str:
    said = f"{_VERBS[status]} {shown(text)}"
    if status not in ("draft", "accepted"):
        return said
    slots = f" with {len(spans)} slot{'s' * (len(spans) != 1)}" if spans else ""
    return f"{said} as {intent or 'no intent'}{slots}"

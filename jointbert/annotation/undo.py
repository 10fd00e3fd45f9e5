"""Undo: a person's latest event taken back, when what it left is still there."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.events import log, stands, view
from jointbert.annotation.records import EventRecord
from jointbert.annotation.schema import check_names, check_unused, find_label
from jointbert.annotation.states import States, load, restore, same, state_of
from jointbert.annotation.views import Event
from jointbert.errors import EditConflictError

REPLACEABLE = "suggestion"
"""The table of what is no person's work: what a model has said anew since stays, and hinders no undo."""


def undo(session: Session, project_id: int, who: str) -> Event | None:
    """Take back a person's latest event that can be and was not yet; None where there is none.

    Returns:
        The event that was written for it; its ``about`` names what was taken back.

    Raises:
        EditConflictError: What the event changed was changed since. Nothing is taken back then.
        StoreError: A label would be gone that is in use, or an answer would come back whose label is gone.
    """
    projects.record(session, project_id, "update")
    event = latest(session, project_id, who)
    if event is None:
        return None
    try:
        with session.begin_nested():
            found = _take_back(session, event)
    except IntegrityError:
        raise _moved_on(event) from None
    about = f"took back: {event.subject}"
    record = log(session, project_id, who, "undo", about, event.utterance_id, found, event.before, undoes=event.id)
    return view(record)


def latest(session: Session, project_id: int, who: str) -> EventRecord | None:
    """The event that :func:`undo` would take back, or None."""
    return session.scalars(
        select(EventRecord)
        .where(
            EventRecord.project_id == project_id,
            EventRecord.who == who,
            EventRecord.undoes.is_(None),
            or_(EventRecord.before.is_not(None), EventRecord.after.is_not(None)),
            stands(),
        )
        .order_by(EventRecord.id.desc())
        .limit(1)
    ).first()


def _take_back(session: Session, event: EventRecord) -> States:
    """Put every row back to its state before the event.

    Returns:
        The states that were found there.
    """
    found: States = {}
    for table, after in event.after.items():
        rows = load(session, table, map(int, after))
        found[table] = {id: state_of(rows.get(int(id))) for id in after}
        moved_on = [id for id, state in after.items() if not same(found[table][id], state)]
        if moved_on and table != REPLACEABLE:
            raise _moved_on(event)
        for id in after.keys() - set(moved_on):
            restore(session, table, rows.get(int(id)), int(id), event.before[table][id])
        session.flush()
    _check_labels(session, event)
    return found


def _check_labels(session: Session, event: EventRecord) -> None:
    """Raise StoreError when a label would be gone that is in use, or an answer would come back whose label is gone."""
    for state in (event.after.get("label") or {}).values():
        if state is not None and find_label(session, event.project_id, state["kind"], state["name"]) is None:
            check_unused(session, event.project_id, state["kind"], state["name"])
    back = [state for table in ("answer", "decision") for state in (event.before.get(table) or {}).values() if state]
    intents = {state["intent"] for state in back} - {None}
    slots = {span["slot"] for state in back for span in state["spans"]}
    check_names(session, event.project_id, f"undo of: {event.subject}", intents, slots)


def _moved_on(event: EventRecord) -> EditConflictError:
    return EditConflictError(
        f"undo of: {event.subject}",
        "what it left was changed since",
        "it to be as it was left",
        "Look at it, and change it by hand where needed.",
    )

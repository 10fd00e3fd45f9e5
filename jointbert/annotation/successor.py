"""What became of a label that was renamed or merged into another, read from the log of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from jointbert.annotation import projects
from jointbert.annotation.events import stands
from jointbert.annotation.label import Kind
from jointbert.annotation.records import EventRecord
from jointbert.annotation.schema import find_label
from jointbert.annotation.states import States
from jointbert.utterance import Parse

TAKING = ("rename_label", "merge_labels", "remove_label", "undo")
"""The actions after which a label may have another name, or none."""


def successor(session: Session, project_id: int, kind: Kind, name: str) -> str | None:
    """The present name of a label that had this name; None where it is gone, or where that cannot be told.

    Where a label was merged into is read from the answers, decisions and suggestions that held it: without any, it is
    just gone. When several labels had the name one after the other, the last of them is followed.
    """
    projects.record(session, project_id)
    about_labels = (EventRecord.action.in_(TAKING), EventRecord.utterance_id.is_(None))
    query = select(EventRecord.before, EventRecord.after).where(EventRecord.project_id == project_id, *about_labels)
    found: str | None = None
    for before, after in session.execute(query.order_by(EventRecord.id)):
        moved = dict(_moved(before or {}, after or {}, kind))
        if name in moved:
            found = moved[name]
        elif found is not None:
            found = moved.get(found, found)
    return found if found is not None and find_label(session, project_id, kind, found) is not None else None


def successors(session: Session, project_id: int, kind: Kind, since: datetime) -> dict[str, str | None]:
    """The present names of the labels that had another name at a time, by their names then; None where one is gone.

    What was done and taken back since counts as never done. Where a merge from before that time was taken back, nobody
    knows which of the two labels is meant: None as well.
    """
    done = aliased(EventRecord)
    query = (
        select(EventRecord.before, EventRecord.after)
        .outerjoin(done, EventRecord.undoes == done.id)
        .where(EventRecord.project_id == project_id, EventRecord.action.in_(TAKING), EventRecord.utterance_id.is_(None))
        .where(EventRecord.at >= since, or_(done.id.is_(None), done.at < since))
        .where(stands())
    )
    found: dict[str, str | None] = {}
    for before, after in session.execute(query.order_by(EventRecord.id)):
        moved = dict(_moved(before or {}, after or {}, kind)) | dict.fromkeys(_split(before or {}, after or {}, kind))
        for name, present in found.items():
            found[name] = moved.get(present, present) if present is not None else None
        found = moved | found
    return found


def _split(before: States, after: States, kind: Kind) -> Iterator[str]:
    """The labels that an event brought others back out of."""
    for id, state in after.get("label", {}).items():
        if state is not None and state["kind"] == kind and before.get("label", {}).get(id) is None:
            whole = _heir(after, before, kind, state["name"])
            if whole is not None:
                yield whole


def _moved(before: States, after: States, kind: Kind) -> Iterator[tuple[str, str | None]]:
    """The names that an event took away, each with the one that stands in its place."""
    for id, state in before.get("label", {}).items():
        if state is None or state["kind"] != kind:
            continue
        left = after.get("label", {}).get(id)
        if left is None:
            yield state["name"], _heir(before, after, kind, state["name"])
        elif left["name"] != state["name"]:
            yield state["name"], left["name"]


def _heir(before: States, after: States, kind: Kind, name: str) -> str | None:
    """The label that stands after an event where this one stood before."""
    for table in ("answer", "decision", "suggestion"):
        for id, was in before.get(table, {}).items():
            became = after.get(table, {}).get(id)
            if was is None or became is None:
                continue
            pairs = [(was["intent"], became["intent"])] if kind == "intent" else _slots(was, became)
            found = next((new for old, new in pairs if old == name), None)
            if found is not None:
                return str(found)
    return None


def _slots(was: dict[str, Any], became: dict[str, Any]) -> list[tuple[str, str]]:
    """The slots of a row before and after, place by place: no change of a label moves a span."""
    return [(one["slot"], other["slot"]) for one, other in zip(was["spans"], became["spans"], strict=False)]


def renamed(parse: Parse, since: Mapping[Kind, Mapping[str, str | None]]) -> Parse | None:
    """A parse with the labels of now; None where one that it says is gone. Intents that became one are ranked once."""
    intents, slots = since["intent"], since["slot"]
    said = [] if parse.intent is None else [intents.get(parse.intent, parse.intent)]
    if None in [*said, *(slots.get(span.slot, span.slot) for span in parse.spans)]:
        return None
    ranking: dict[str, float] = {}
    for name, score in parse.ranking:
        ranking.setdefault(intents.get(name, name) or name, score)
    spans = tuple(replace(span, slot=slots.get(span.slot) or span.slot) for span in parse.spans)
    return replace(parse, intent=said[0] if said else None, ranking=tuple(ranking.items()), spans=spans)

"""The labels of a project: read, saved, removed, and labels of answers checked against them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.events import recorded
from jointbert.annotation.holders import holders
from jointbert.annotation.label import KINDS, Kind, Label, Schema, check_kind, colour_of
from jointbert.annotation.records import LabelRecord
from jointbert.errors import StoreError
from jointbert.utterance import Span


def schema(session: Session, project_id: int) -> Schema:
    """The labels of a project."""
    rows = session.scalars(
        select(LabelRecord).where(LabelRecord.project_id == project_id).order_by(LabelRecord.position, LabelRecord.id)
    ).all()
    return Schema(*(tuple(_view(row) for row in rows if row.kind == kind) for kind in KINDS))


def _view(row: LabelRecord) -> Label:
    return Label(_kind(row.kind), row.name, row.description, tuple(row.examples), row.colour)


def _kind(kind: str) -> Kind:
    return "intent" if kind == "intent" else "slot"


def find_label(session: Session, project_id: int, kind: str, name: str) -> LabelRecord | None:
    """The row of a label, or None."""
    check_kind(kind)
    return session.scalars(
        select(LabelRecord).where(
            LabelRecord.project_id == project_id, LabelRecord.kind == kind, LabelRecord.name == name
        )
    ).one_or_none()


def need_label(session: Session, project_id: int, kind: str, name: str) -> LabelRecord:
    """The row of a label.

    Raises:
        StoreError: There is none; the message names one that is spelled like it.
    """
    found = find_label(session, project_id, kind, name)
    if found is None:
        names = session.scalars(
            select(LabelRecord.name).where(LabelRecord.project_id == project_id, LabelRecord.kind == kind)
        ).all()
        raise unknown(f"{kind} {name!r}", kind, name, names)
    return found


def unknown(where: str, kind: str, name: str, known: Sequence[str]) -> StoreError:
    """The error for a label that the schema does not hold."""
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"Did you mean {near[0]!r}?" if near else "Add it to the schema first."
    return StoreError(where, f"the {kind} {name!r} is not in the schema", f"one of its {len(known)} {kind}s", advice)


def save_label(session: Session, project_id: int, label: Label, who: str) -> None:
    """Add a label, or change the one of its kind and name."""
    projects.record(session, project_id, "update")
    row = find_label(session, project_id, label.kind, label.name)
    with recorded(session, project_id, who, "save_label") as recording:
        if row is None:
            recording.about = f"added the {label.kind} “{label.name}”"
            recording.made(_add(session, project_id, label, _next_position(session, project_id, label.kind)))
            return
        recording.about = f"changed the {label.kind} “{label.name}”"
        recording.touch(row)
        row.description, row.examples, row.colour = label.description, list(label.examples), label.colour


def _next_position(session: Session, project_id: int, kind: str) -> int:
    query = select(func.coalesce(func.max(LabelRecord.position), -1))
    return session.scalars(query.where(LabelRecord.project_id == project_id, LabelRecord.kind == kind)).one() + 1


def _add(session: Session, project_id: int, label: Label, position: int) -> LabelRecord:
    row = LabelRecord(
        project_id=project_id,
        kind=label.kind,
        name=label.name,
        description=label.description,
        examples=list(label.examples),
        colour=label.colour,
        position=position,
    )
    session.add(row)
    session.flush()
    return row


def remove_label(session: Session, project_id: int, kind: Kind, name: str, who: str) -> None:
    """Remove a label that no answer and no decision uses.

    Raises:
        StoreError: It is in use, or there is none.
    """
    projects.record(session, project_id, "update")
    row = need_label(session, project_id, kind, name)
    check_unused(session, project_id, kind, name)
    with recorded(session, project_id, who, "remove_label") as recording:
        recording.about = f"removed the {kind} “{name}”"
        recording.remove(session, row)


def check_unused(session: Session, project_id: int, kind: str, name: str) -> None:
    """Raise StoreError when an answer or a decision holds a label."""
    used = holders(session, project_id, kind, name)
    if used:
        advice = "Rename it, or merge it into another one."
        raise StoreError(f"{kind} {name!r}", f"is in use in {used} answers or decisions", "none", advice)


def add_missing(session: Session, project_id: int, wanted: Schema) -> None:
    """Add those labels of a schema that the project lacks, after those that it has."""
    present = schema(session, project_id)
    for labels, known in ((wanted.intents, present.intents), (wanted.slots, present.slots)):
        names = {label.name for label in known}
        missing = [label for label in labels if label.name not in names]
        if missing:
            position = _next_position(session, project_id, missing[0].kind)
            for offset, label in enumerate(missing):
                _add(session, project_id, label, position + offset)


def recoloured(wanted: Schema, present: Schema) -> Schema:
    """A schema whose colours go on where those of the present one end."""
    return Schema(
        tuple(replace(label, colour=colour_of(len(present.intents) + n)) for n, label in enumerate(wanted.intents)),
        tuple(replace(label, colour=colour_of(len(present.slots) + n)) for n, label in enumerate(wanted.slots)),
    )


def check_labels(session: Session, project_id: int, where: str, intent: str | None, spans: Iterable[Span]) -> None:
    """Raise StoreError when an intent or a slot is not in the schema."""
    check_names(session, project_id, where, {intent} - {None}, {span.slot for span in spans})  # type: ignore[arg-type]


def check_names(session: Session, project_id: int, where: str, intents: set[str], slots: set[str]) -> None:
    """Raise StoreError when one of these names is not in the schema."""
    if not intents and not slots:
        return
    rows = session.execute(select(LabelRecord.kind, LabelRecord.name).where(LabelRecord.project_id == project_id))
    known: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, name in rows:
        known[kind].add(name)
    for kind, names in (("intent", intents), ("slot", slots)):
        for name in sorted(names - known[kind]):
            raise unknown(where, kind, name, sorted(known[kind]))

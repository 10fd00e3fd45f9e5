"""Renaming and merging labels: everywhere at once, as one event that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, Text, bindparam, or_, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from jointbert.annotation import projects, ranks
from jointbert.annotation.columns import escape
from jointbert.annotation.events import Recording, recorded
from jointbert.annotation.holders import Holder, holds
from jointbert.annotation.label import Kind, check_name
from jointbert.annotation.records import AnswerRecord, DecisionRecord, SuggestionRecord
from jointbert.annotation.schema import find_label, need_label
from jointbert.errors import StoreError

Row = AnswerRecord | DecisionRecord | SuggestionRecord


def rename_label(session: Session, project_id: int, kind: Kind, old: str, new: str, who: str) -> int:
    """Give a label another name, in the schema and wherever it is used.

    Returns:
        How many answers and decisions changed (suggestions do too, but are not counted).

    Raises:
        StoreError: There is no such label, there is one of the new name, or the new name cannot be one.
    """
    projects.record(session, project_id, "update")
    label = need_label(session, project_id, kind, old)
    check_name(kind, new, blanks=kind == "intent")
    if new == old:
        return 0
    if find_label(session, project_id, kind, new) is not None:
        advice = f"Merge {old!r} into it instead."
        raise StoreError(f"{kind} {new!r}", "is in the schema already", "a new name", advice)
    with recorded(session, project_id, who, "rename_label") as recording:
        recording.touch(label)
        label.name = new
        changed = _replace(session, project_id, kind, old, new, recording)
        recording.about = f"renamed the {kind} “{old}” to “{new}” in {_count(changed)}"
    return changed


def merge_labels(session: Session, project_id: int, kind: Kind, old: str, into: str, who: str) -> int:
    """Use one label in place of another, and drop the other from the schema.

    Spans stay as they are but for their slot: two that stand side by side remain two.

    Returns:
        How many answers and decisions changed (suggestions do too, but are not counted).

    Raises:
        StoreError: One of the two is not in the schema, or they are the same.
    """
    projects.record(session, project_id, "update")
    label = need_label(session, project_id, kind, old)
    need_label(session, project_id, kind, into)
    if old == into:
        raise StoreError(f"{kind} {old!r}", "cannot be merged into itself", "another label", "Choose another one.")
    with recorded(session, project_id, who, "merge_labels") as recording:
        changed = _replace(session, project_id, kind, old, into, recording)
        recording.remove(session, label)
        recording.about = f"merged the {kind} “{old}” into “{into}” in {_count(changed)}"
    return changed


def _count(changed: int) -> str:
    return "1 answer or decision" if changed == 1 else f"{changed} answers and decisions"


def _replace(session: Session, project_id: int, kind: Kind, old: str, new: str, recording: Recording) -> int:
    """Put one name in the place of another wherever it is used."""
    counted, utterances = 0, set()
    tables: tuple[Holder, ...] = (AnswerRecord, DecisionRecord, SuggestionRecord)
    for table in tables:
        changes = []
        for row in _users(session, project_id, table, kind, old):
            recording.touch(row)
            utterances.add(row.utterance_id)
            changes.append({"id": row.id} | _changed(row, kind, old, new))
            for column, value in changes[-1].items():
                set_committed_value(row, column, value)
        _write(session, table, changes)
        counted += len(changes) if table is not SuggestionRecord else 0
    ranks.refresh(session, project_id, sorted(utterances))
    return counted


def _changed(row: Row, kind: Kind, old: str, new: str) -> dict[str, Any]:
    """The columns of a row that change, with their new values."""
    changes: dict[str, Any] = {}
    if kind == "slot":
        changes["spans"] = [{**span, "slot": new} if span["slot"] == old else span for span in row.spans]
    else:
        changes["intent"] = new if row.intent == old else row.intent
    if isinstance(row, SuggestionRecord):
        if kind == "intent":
            changes["runners_up"] = renamed_ranking(changes["intent"], row.runners_up, old, new)
    else:
        changes["version"] = row.version + 1
    return changes


def _write(session: Session, table: Holder, changes: list[dict[str, Any]]) -> None:
    """Write all rows of a table at once: they are locked, so no version needs to be looked at row by row."""
    if changes:
        below = cast(Table, table.__table__)
        values = {name: bindparam(f"new_{name}", type_=below.c[name].type) for name in changes[0] if name != "id"}
        statement = update(below).where(below.c.id == bindparam("new_id")).values(values)
        session.connection().execute(statement, [{f"new_{name}": row[name] for name in row} for row in changes])


def renamed_ranking(first: str | None, runners_up: list[list[Any]], old: str, new: str) -> list[list[Any]]:
    """Runners-up under new names, each once and none that is the first.

    Example:
        >>> renamed_ranking("book", [["buy", 0.2], ["reserve", 0.1]], "reserve", "buy")
        [['buy', 0.2]]
    """
    seen, kept = {first}, []
    for name, score in runners_up:
        name = new if name == old else name
        if name not in seen:
            seen.add(name)
            kept.append([name, score])
    return kept


def _users(session: Session, project_id: int, table: Holder, kind: Kind, name: str) -> Sequence[Row]:
    """The rows of a table that hold a label, locked until the transaction ends."""
    held = holds(table, kind, name)
    if table is SuggestionRecord and kind == "intent":
        quoted = escape(json.dumps(name, ensure_ascii=False))
        held = or_(held, type_coerce(SuggestionRecord.runners_up, Text).contains(quoted, autoescape=True))
    query = select(table).where(table.project_id == project_id, held).order_by(table.id).with_for_update()
    rows = cast(Sequence[Row], session.scalars(query).all())
    return [row for row in rows if kind == "slot" or row.intent == name or _runs_up(row, name)]


def _runs_up(row: Row, intent: str) -> bool:
    return isinstance(row, SuggestionRecord) and any(name == intent for name, _ in row.runners_up)

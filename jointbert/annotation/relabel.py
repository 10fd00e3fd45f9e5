"""Renaming and merging labels: everywhere at once, as one event that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Text, or_, select, type_coerce
from sqlalchemy.orm import Session

from jointbert.annotation import projects, ranks
from jointbert.annotation.columns import escape
from jointbert.annotation.events import Recording, recorded
from jointbert.annotation.holders import holds
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
    changed, utterances = 0, set()
    for row in _users(session, project_id, kind, old):
        recording.touch(row)
        utterances.add(row.utterance_id)
        changed += not isinstance(row, SuggestionRecord)
        if kind == "slot":
            row.spans = [{**span, "slot": new} if span["slot"] == old else span for span in row.spans]
        elif row.intent == old:
            row.intent = new
        if kind == "intent" and isinstance(row, SuggestionRecord):
            row.runners_up = renamed_ranking(row.intent, row.runners_up, old, new)
    session.flush()
    ranks.refresh(session, project_id, sorted(utterances))
    return changed


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


def _users(session: Session, project_id: int, kind: Kind, name: str) -> Iterator[Row]:
    """The answers, decisions and suggestions that hold a label."""
    answers = select(AnswerRecord).where(AnswerRecord.project_id == project_id, holds(AnswerRecord, kind, name))
    yield from session.scalars(answers.with_for_update()).all()
    decisions = select(DecisionRecord).where(DecisionRecord.project_id == project_id, holds(DecisionRecord, kind, name))
    yield from session.scalars(decisions.with_for_update()).all()
    held = holds(SuggestionRecord, kind, name)
    if kind == "intent":
        quoted = escape(json.dumps(name, ensure_ascii=False))
        held = or_(held, type_coerce(SuggestionRecord.runners_up, Text).contains(quoted, autoescape=True))
    query = select(SuggestionRecord).where(SuggestionRecord.project_id == project_id, held)
    for row in session.scalars(query.with_for_update()).all():
        if kind == "slot" or name in (row.intent, *(other for other, _ in row.runners_up)):
            yield row

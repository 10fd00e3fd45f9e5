"""Review: utterances whose annotators do not agree, and decisions about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import islice

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jointbert.annotation import answers, projects, ranks
from jointbert.annotation.columns import now
from jointbert.annotation.events import recorded, shown
from jointbert.annotation.gold import differing, frame
from jointbert.annotation.label import check_name
from jointbert.annotation.records import AnswerRecord, DecisionRecord, EventRecord, UtteranceRecord
from jointbert.annotation.schema import check_labels
from jointbert.annotation.spans import spans_from_json, spans_to_json
from jointbert.annotation.utterances import chunks, record
from jointbert.annotation.views import Answer, Conflict
from jointbert.errors import EditConflictError
from jointbert.utterance import Span


def conflicts(
    session: Session, project_id: int, limit: int = 50, offset: int = 0, decided: bool = False
) -> list[Conflict]:
    """Utterances whose accepted answers differ in intent or spans, by number: those undecided, or those decided."""
    projects.record(session, project_id)
    found = (
        conflict for chunk in chunks(differing(session, project_id, decided)) for conflict in _conflicts(session, chunk)
    )
    return list(islice(found, offset, offset + limit))


def _conflicts(session: Session, ids: Sequence[int]) -> list[Conflict]:
    named = select(UtteranceRecord.id, UtteranceRecord.text).where(UtteranceRecord.id.in_(ids))
    texts = dict(session.execute(named).all())
    query = select(AnswerRecord).where(AnswerRecord.utterance_id.in_(ids), AnswerRecord.status == "accepted")
    given: dict[int, list[AnswerRecord]] = defaultdict(list)
    for row in session.scalars(query.order_by(AnswerRecord.id)):
        given[row.utterance_id].append(row)
    decided = session.scalars(select(DecisionRecord).where(DecisionRecord.utterance_id.in_(ids)))
    decisions = {row.utterance_id: view(row, texts[row.utterance_id]) for row in decided}
    return [
        Conflict(id, texts[id], tuple(answers.view(row, texts[id]) for row in given[id]), decisions.get(id))
        for id in ids
        if len({frame(row.intent, row.spans) for row in given[id]}) > 1
    ]


def merge(given: Sequence[Answer]) -> tuple[str | None, tuple[Span, ...]]:
    """What several answers have in common, as a start for a decision.

    Returns:
        The intent that most of them give (None when two are equally frequent); and the spans: those that all have, and
        those of one or some that overlap no other span of anybody.

    Example:
        >>> from datetime import UTC, datetime
        >>> text = "from Rome to Oslo"
        >>> rome, oslo, both = Span.of(text, "city", 5, 9), Span.of(text, "city", 13, 17), Span.of(text, "way", 5, 17)
        >>> def said(*spans): return Answer(1, "ann", "accepted", "fly", spans, "", 1, datetime.now(UTC))
        >>> merge([said(rome), said(rome, oslo)])[1] == (rome, oslo), merge([said(rome), said(both)])
        (True, ('fly', ()))
    """
    frequent = Counter(answer.intent for answer in given).most_common(2)
    tied = len(frequent) == 2 and frequent[0][1] == frequent[1][1]
    spans: dict[tuple[str, int, int], Span] = {}
    for span in (span for answer in given for span in answer.spans):
        spans.setdefault((span.slot, span.start, span.end), span)
    kept = [one for one in spans.values() if not any(_cross(one, other) for other in spans.values())]
    return (frequent[0][0] if frequent and not tied else None), tuple(sorted(kept, key=lambda span: span.start))


def _cross(one: Span, other: Span) -> bool:
    """Whether two different spans share a character."""
    same = (one.slot, one.start, one.end) == (other.slot, other.start, other.end)
    return not same and one.start < other.end and other.start < one.end


def view(row: DecisionRecord, text: str) -> Answer:
    """A decision as it is handed out: an accepted answer of whoever decided."""
    spans = spans_from_json(text, row.spans)
    return Answer(row.utterance_id, row.who, "accepted", row.intent, spans, row.note, row.version, row.updated)


def decide(
    session: Session,
    project_id: int,
    utterance_id: int,
    who: str,
    intent: str | None,
    spans: Sequence[Span],
    version: int = 0,
) -> Answer:
    """Decide what is right for an utterance, whatever its annotators say.

    Raises:
        EditConflictError: The decision is no longer the one of that version; ``theirs`` is the present one.
        StoreError: A label is not in the schema, or the spans do not fit or overlap.
    """
    projects.record(session, project_id, "share")
    utterance = record(session, project_id, utterance_id)
    check_name("who", who)
    ordered = answers.fitting(utterance, intent, spans)
    check_labels(session, project_id, f"utterance {utterance_id}", intent, ordered)
    row = _row(session, utterance_id)
    if (row.version if row else 0) != version:
        raise _moved_on(utterance, row)
    with recorded(session, project_id, who, "decide", utterance_id) as recording:
        slots = f" with {len(ordered)} slot{'s' * (len(ordered) != 1)}" if ordered else ""
        recording.about = f"decided {shown(utterance.text)} is {intent or 'without intent'}{slots}"
        if row is None:
            row = DecisionRecord(project_id=project_id, utterance_id=utterance_id)
            recording.made(row)
        else:
            recording.touch(row)
        is_first = row.id is None
        row.who, row.intent, row.spans, row.updated = who, intent, spans_to_json(ordered), now()
        _save(session, row, utterance)
        if is_first:
            _skip_versions_taken_back(session, row)
    ranks.refresh(session, project_id, [utterance_id])
    return view(row, utterance.text)


def _row(session: Session, utterance_id: int) -> DecisionRecord | None:
    query = select(DecisionRecord).where(DecisionRecord.utterance_id == utterance_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _save(session: Session, row: DecisionRecord, utterance: UtteranceRecord) -> None:
    """Write the row; of two first decisions that race, the second is told so."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise _moved_on(utterance, _row(session, utterance.id)) from None


def _skip_versions_taken_back(session: Session, row: DecisionRecord) -> None:
    """Number a new row on from decisions that were undone altogether: a page may still show one of them."""
    undone = session.scalars(
        select(EventRecord.before).where(EventRecord.utterance_id == row.utterance_id, EventRecord.action == "undo")
    )
    states = [state for before in undone for state in before.get("decision", {}).values() if state is not None]
    if states:
        last = max(state["version"] for state in states)
        session.execute(update(DecisionRecord).where(DecisionRecord.id == row.id).values(version=last + 1))
        session.refresh(row)


def _moved_on(utterance: UtteranceRecord, row: DecisionRecord | None) -> EditConflictError:
    what = "was taken back in between" if row is None else f"was made by {row.who!r} in between (version {row.version})"
    theirs = None if row is None else view(row, utterance.text)
    advice = "Look at the present one, then decide again."
    return EditConflictError(f"decision about utterance {utterance.id}", what, None, advice, theirs)

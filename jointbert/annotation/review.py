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
from jointbert.annotation.gold import differing, frame, overruled, reopened
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
    """Utterances whose accepted answers differ in intent or spans, by number: those to decide, or those decided.

    To decide is what has no decision, and what somebody answered otherwise since. Decided is what a decision overrules.
    """
    projects.record(session, project_id)
    if decided:
        ids = overruled(session, project_id)
    else:
        ids = sorted({*differing(session, project_id), *overruled(session, project_id, since=True)})
    found = (conflict for chunk in chunks(ids) for conflict in _conflicts(session, chunk, decided))
    return list(islice(found, offset, offset + limit))


def _conflicts(session: Session, ids: Sequence[int], decided: bool) -> list[Conflict]:
    """Those of some utterances that are in conflict, and decided or not."""
    named = select(UtteranceRecord.id, UtteranceRecord.text).where(UtteranceRecord.id.in_(ids))
    texts = dict(session.execute(named).all())
    query = select(AnswerRecord).where(AnswerRecord.utterance_id.in_(ids), AnswerRecord.status == "accepted")
    given: dict[int, list[AnswerRecord]] = defaultdict(list)
    for row in session.scalars(query.order_by(AnswerRecord.id)):
        given[row.utterance_id].append(row)
    made = session.scalars(select(DecisionRecord).where(DecisionRecord.utterance_id.in_(ids)))
    decisions = {row.utterance_id: row for row in made}
    anew = reopened(session, ids)
    found = []
    for id in ids:
        decision = decisions.get(id)
        frames = {frame(row.intent, row.spans) for row in given[id]}
        frames |= set() if decision is None else {frame(decision.intent, decision.spans)}
        if len(frames) > 1 and (decision is not None and id not in anew) == decided:
            views = tuple(answers.view(row, texts[id]) for row in given[id])
            present = None if decision is None else view(decision, texts[id])
            found.append(Conflict(id, texts[id], views, present, id in anew))
    return found


def merge(given: Sequence[Answer]) -> tuple[str | None, tuple[Span, ...]]:
    """What several answers have in common, as a start for a decision.

    Returns:
        The intent that most of them give (None when two are equally frequent); and the spans: those that all have, and
        those of one or some that overlap no other span of anybody. What stands for a value is kept where one gives it.

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
        place = (span.slot, span.start, span.end)
        if place not in spans or spans[place].canonical is None:
            spans[place] = span
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


def decision(session: Session, project_id: int, utterance_id: int) -> Answer | None:
    """What was decided about an utterance; None where nothing was.

    Raises:
        StoreError: The project has no such utterance.
    """
    text = record(session, project_id, utterance_id).text
    row = session.scalars(select(DecisionRecord).where(DecisionRecord.utterance_id == utterance_id)).one_or_none()
    return None if row is None else view(row, text)


def decide(
    session: Session,
    project_id: int,
    utterance_id: int,
    who: str,
    intent: str | None,
    spans: Sequence[Span],
    version: int = 0,
    seen: Sequence[Answer] | None = None,
) -> Answer:
    """Decide what is right for an utterance, whatever its annotators say.

    Raises:
        EditConflictError: The decision is no longer the one of that version, or the accepted answers are no longer
            those that were seen; ``theirs`` is the present decision.
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
    if seen is not None:
        _check_seen(session, utterance, row, seen)
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


def _check_seen(
    session: Session, utterance: UtteranceRecord, row: DecisionRecord | None, seen: Sequence[Answer]
) -> None:
    """Raise EditConflictError unless the accepted answers say what they said when somebody looked at them."""
    query = select(AnswerRecord).where(AnswerRecord.utterance_id == utterance.id, AnswerRecord.status == "accepted")
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    present = {answer.annotator: answer for answer in (answers.view(each, utterance.text) for each in rows)}
    shown_then = {answer.annotator: answer for answer in seen}
    changes = {
        "withdrawn": shown_then.keys() - present.keys(),
        "changed": {who for who in shown_then.keys() & present.keys() if not _alike(shown_then[who], present[who])},
        "new": present.keys() - shown_then.keys(),
    }
    told = [f"{what}: {', '.join(map(repr, sorted(people)))}" for what, people in changes.items() if people]
    if told:
        what = f"the answers are others by now ({'; '.join(told)})"
        advice = "Look at them as they are now, then decide again."
        theirs = None if row is None else view(row, utterance.text)
        raise EditConflictError(f"decision about utterance {utterance.id}", what, None, advice, theirs)


def _alike(one: Answer, other: Answer) -> bool:
    return (one.intent, one.spans, one.note) == (other.intent, other.spans, other.note)


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

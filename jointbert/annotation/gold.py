"""Gold: what counts as right for an utterance, after all that its annotators said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Text, func, or_, select, type_coerce, union
from sqlalchemy.orm import Session

from jointbert.annotation.columns import unescape
from jointbert.annotation.records import AnswerRecord, DecisionRecord, UtteranceRecord
from jointbert.annotation.spans import spans_from_json
from jointbert.annotation.utterances import chunks
from jointbert.utterance import Utterance

NO_ANSWER = "without an answer"
DRAFTS = "only drafted"
REJECTED = "rejected"
SKIPPED = "skipped"
CONFLICT = "in conflict: decide them on the review page"


class Said(NamedTuple):
    """An answer or a decision as far as gold is concerned."""

    status: str
    intent: str | None
    spans: list[dict[str, Any]]


def frame(intent: str | None, spans: Iterable[dict[str, Any]]) -> tuple[object, ...]:
    """What must be equal for two answers to agree: the intent, and each span's slot and offsets.

    Example:
        >>> frame("book", [{"slot": "city", "start": 7, "end": 13, "canonical": "BOS"}])
        ('book', ('city', 7, 13))
    """
    return (intent, *((span["slot"], span["start"], span["end"]) for span in spans))


def settle(answers: Sequence[Said], decision: Said | None) -> Said | str:
    """The one thing that counts as right, or the reason why there is none.

    A decision goes before everything; else the accepted answers count when all of them agree.
    """
    if decision is not None:
        return decision
    accepted = [answer for answer in answers if answer.status == "accepted"]
    if len(accepted) == 1:
        return accepted[0]
    if not accepted:
        statuses = {answer.status for answer in answers}
        reasons = (("rejected", REJECTED), ("skipped", SKIPPED), ("draft", DRAFTS))
        return next((reason for status, reason in reasons if status in statuses), NO_ANSWER)
    if len({frame(answer.intent, answer.spans) for answer in accepted}) > 1:
        return CONFLICT
    with_canonical = (answer for answer in accepted if any("canonical" in span for span in answer.spans))
    return next(with_canonical, accepted[0])


def to_utterance(id: int, text: str, tokens: Iterable[Sequence[int]] | None, said: Said) -> Utterance:
    """Gold as an utterance that knows its number."""
    spans = spans_from_json(text, said.spans)
    kept = None if tokens is None else tuple((start, end) for start, end in tokens)
    return Utterance(text, said.intent, spans, str(id), kept, f"utterance {id}")


class Place(NamedTuple):
    """An utterance as far as gold is concerned."""

    id: int
    text: str
    split: str
    tokens: list[list[int]] | None


def settled(
    session: Session,
    project_id: int,
    split: str | None = None,
    ids: Sequence[int] | None = None,
    answered: bool = False,
) -> Iterator[tuple[Place, Said | str]]:
    """Each utterance with what counts as right for it, in the order of their numbers.

    Args:
        session: The transaction's session.
        project_id: The project.
        split: Only this part.
        ids: Only these utterances (a few: they go into the query).
        answered: Only those with an answer or a decision: in a project that has just begun, few of many.
    """
    columns = (UtteranceRecord.id, UtteranceRecord.text, UtteranceRecord.split, UtteranceRecord.tokens)
    query = select(*columns).where(UtteranceRecord.project_id == project_id).order_by(UtteranceRecord.id)
    if split is not None:
        query = query.where(UtteranceRecord.split == split)
    if ids is not None:
        query = query.where(UtteranceRecord.id.in_(ids))
    if answered:
        given = select(AnswerRecord.utterance_id).where(AnswerRecord.project_id == project_id)
        decided = select(DecisionRecord.utterance_id).where(DecisionRecord.project_id == project_id)
        query = query.where(UtteranceRecord.id.in_(union(given, decided)))
    answers = _answers(session, project_id, ids)
    decisions = _decisions(session, project_id, ids)
    for row in session.execute(query):
        place = Place(*row)
        yield place, settle(answers.get(place.id, []), decisions.get(place.id))


def _answers(session: Session, project_id: int, ids: Sequence[int] | None) -> dict[int, list[Said]]:
    query = select(AnswerRecord.utterance_id, AnswerRecord.status, AnswerRecord.intent, AnswerRecord.spans)
    query = query.where(AnswerRecord.project_id == project_id if ids is None else AnswerRecord.utterance_id.in_(ids))
    found: dict[int, list[Said]] = defaultdict(list)
    for id, status, intent, spans in session.execute(query.order_by(AnswerRecord.id)):
        found[id].append(Said(status, intent, spans))
    return found


def _decisions(session: Session, project_id: int, ids: Sequence[int] | None) -> dict[int, Said]:
    query = select(DecisionRecord.utterance_id, DecisionRecord.intent, DecisionRecord.spans)
    of_project = DecisionRecord.project_id == project_id
    query = query.where(of_project if ids is None else DecisionRecord.utterance_id.in_(ids))
    return {id: Said("accepted", intent, spans) for id, intent, spans in session.execute(query)}


def by_split(session: Session, project_id: int, split: str | None = None) -> Iterator[tuple[str, Utterance]]:
    """Each utterance for which something counts as right, after the name of its split."""
    for row, said in settled(session, project_id, split, answered=True):
        if not isinstance(said, str):
            yield row.split, to_utterance(row.id, row.text, row.tokens, said)


def labelled(session: Session, project_id: int, split: str | None = None) -> list[Utterance]:
    """Gold: the utterances for which something counts as right."""
    return [utterance for _, utterance in by_split(session, project_id, split)]


def labelled_count(session: Session, project_id: int) -> int:
    """How many utterances :func:`labelled` gives; only those on which annotators seem to differ are read."""
    decided = select(DecisionRecord.utterance_id).where(DecisionRecord.project_id == project_id)
    accepted = (AnswerRecord.project_id == project_id, AnswerRecord.status == "accepted")
    alone = select(func.count(AnswerRecord.utterance_id.distinct())).where(*accepted)
    count = session.scalars(alone.where(AnswerRecord.utterance_id.not_in(decided))).one()
    count += session.scalars(select(func.count()).select_from(decided.subquery())).one()
    for chunk in chunks(differing(session, project_id)):
        count -= sum(settle(answers, None) == CONFLICT for answers in _answers(session, project_id, chunk).values())
    return count


def differing(session: Session, project_id: int) -> Sequence[int]:
    """Undecided utterances with two or more accepted answers not stored alike; some of them may still mean the same."""
    intents = func.count(func.distinct(func.coalesce(AnswerRecord.intent, "")))
    query = (
        select(AnswerRecord.utterance_id)
        .where(AnswerRecord.project_id == project_id, AnswerRecord.status == "accepted")
        .group_by(AnswerRecord.utterance_id)
        .having(or_(intents > 1, func.count(func.distinct(AnswerRecord.spans)) > 1))
        .order_by(AnswerRecord.utterance_id)
    )
    decided = select(DecisionRecord.utterance_id).where(DecisionRecord.project_id == project_id)
    return session.scalars(query.where(AnswerRecord.utterance_id.not_in(decided))).all()


def overruled(session: Session, project_id: int, since: bool = False) -> Sequence[int]:
    """Decided utterances with an accepted answer not stored as the decision is; some of them may still mean the same.

    Args:
        session: The transaction's session.
        project_id: The project.
        since: Only those where such an answer was accepted after the decision.
    """
    unlike = func.coalesce(AnswerRecord.intent, "") != func.coalesce(DecisionRecord.intent, "")
    query = (
        select(DecisionRecord.utterance_id)
        .join(AnswerRecord, AnswerRecord.utterance_id == DecisionRecord.utterance_id)
        .where(DecisionRecord.project_id == project_id, AnswerRecord.status == "accepted")
        .where(or_(unlike, AnswerRecord.spans != DecisionRecord.spans))
        .distinct()
        .order_by(DecisionRecord.utterance_id)
    )
    return session.scalars(query.where(AnswerRecord.updated > DecisionRecord.updated) if since else query).all()


def reopened(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of some utterances that wait to be decided anew: somebody accepted something else after the decision.

    The decision counts until then. An answer that was there when it was made is overruled for good; so is one that an
    undo brought back to what it was then.
    """
    decided = (DecisionRecord.utterance_id, DecisionRecord.intent, DecisionRecord.spans)
    query = (
        select(*decided, AnswerRecord.intent, AnswerRecord.spans)
        .join(AnswerRecord, AnswerRecord.utterance_id == DecisionRecord.utterance_id)
        .where(DecisionRecord.utterance_id.in_(ids), AnswerRecord.status == "accepted")
        .where(AnswerRecord.updated > DecisionRecord.updated)
    )
    rows = session.execute(query)
    return {id for id, intent, spans, other, others in rows if frame(intent, spans) != frame(other, others)}


def label_counts(session: Session, project_id: int) -> dict[str, Counter[str]]:
    """How often gold has each intent and each slot."""
    intents: Counter[str] = Counter()
    slots: Counter[str] = Counter()
    answers, decisions = _answers(session, project_id, None), _decisions(session, project_id, None)
    for id in answers.keys() | decisions.keys():
        said = settle(answers.get(id, []), decisions.get(id))
        if not isinstance(said, str):
            intents.update([said.intent] if said.intent is not None else [])
            slots.update(span["slot"] for span in said.spans)
    return {"intent": intents, "slot": slots}


def lengths(session: Session, project_id: int) -> list[int]:
    """The number of characters of each text, labelled or not."""
    stored = type_coerce(UtteranceRecord.text, Text)
    query = select(stored).where(UtteranceRecord.project_id == project_id).order_by(UtteranceRecord.id)
    return [len(unescape(text)) for text in session.scalars(query)]

"""The rank columns of utterances: computed when something arrives, so that asking for the next one is quick."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from jointbert.annotation import gold
from jointbert.annotation.disagreement import Frame, disagreement
from jointbert.annotation.items import suggestion_parse, suggestion_view
from jointbert.annotation.records import AnswerRecord, DecisionRecord, EventRecord, SuggestionRecord, UtteranceRecord
from jointbert.annotation.utterances import chunks
from jointbert.annotation.views import FINISHED
from jointbert.evaluation.doubt import DOUBTFUL, SpanDoubt, Suspect, rank_labels

BATCH = 50
BATCHES = 10
POOL = 2 * BATCH * BATCHES
UNRANKED_SHARE = 0.02
"""From this share of utterances without a place on, the covering order is made anew."""


def _write(session: Session, column: str, values: Mapping[int, float | int | None]) -> None:
    if values:
        session.execute(update(UtteranceRecord), [{"id": id, column: value} for id, value in values.items()])


# --- uncertainty ------------------------------------------------------------------------------------------------------


def rank_uncertainty(session: Session, project_id: int) -> None:
    """Put batches of uncertain utterances that are unlike each other before the others.

    ``uncertainty`` is 1 - confidence of the newest suggestion. The first BATCHES * BATCH of the unanswered get more:
    2 for the first, falling to above 1, so that the column alone gives the order.
    """
    mine = UtteranceRecord.project_id == project_id
    picked = session.scalars(select(UtteranceRecord.id).where(mine, UtteranceRecord.uncertainty > 1)).all()
    for chunk in chunks(picked):
        _write(session, "uncertainty", newest_uncertainty(session, chunk))
    done = exists().where(AnswerRecord.utterance_id == UtteranceRecord.id, AnswerRecord.status.in_(FINISHED))
    query = select(UtteranceRecord.id, UtteranceRecord.text, UtteranceRecord.uncertainty)
    pool = session.execute(
        query.where(mine, UtteranceRecord.uncertainty.is_not(None), ~done)
        .order_by(UtteranceRecord.uncertainty.desc(), UtteranceRecord.id)
        .limit(POOL)
    ).all()
    if len(pool) <= 2:
        return
    order = batches(np.array([row.uncertainty for row in pool]), [row.text for row in pool])
    _write(session, "uncertainty", {pool[row].id: 2 - place / len(order) for place, row in enumerate(order)})


def newest_uncertainty(session: Session, ids: Iterable[int]) -> dict[int, float]:
    """Utterance -> 1 - confidence of the newest suggestion of a model."""
    query = select(SuggestionRecord.utterance_id, SuggestionRecord.confidence).order_by(SuggestionRecord.id)
    rows = session.execute(query.where(SuggestionRecord.utterance_id.in_(ids), SuggestionRecord.kind == "model"))
    return {id: 1 - confidence for id, confidence in rows}


def batches(uncertainty: np.ndarray[Any, np.dtype[np.float64]], texts: list[str]) -> list[int]:
    """The first rows to ask for: batch after batch, each uncertain and diverse.

    Args:
        uncertainty: Float, shape (n,), 0..1.
        texts: The n texts.

    Returns:
        At most BATCH * BATCHES rows, the first first.
    """
    from jointbert.annotation.diversity import pick  # here, not at the top: scikit-learn takes seconds to load
    from jointbert.annotation.text_vectors import text_vectors

    vectors = text_vectors(texts)
    left = np.arange(len(texts))
    order: list[int] = []
    while len(left) and len(order) < BATCH * BATCHES:
        batch = pick(uncertainty[left], vectors[left], BATCH)
        order += left[batch].tolist()
        left = np.delete(left, batch)
    return order


# --- disagreement -----------------------------------------------------------------------------------------------------


def refresh(session: Session, project_id: int, ids: Iterable[int]) -> None:
    """Bring what depends on answers, decisions and suggestions up to date for some utterances."""
    every = list(ids)
    refresh_disagreement(session, every)
    _refresh_suspicion(session, project_id, every)


def refresh_disagreement(session: Session, ids: Iterable[int]) -> None:
    """Bring what depends on how many readings differ up to date for some utterances.

    Readings that count are the newest suggestion of each model and the accepted answers. An utterance that was decided
    is not disputed any more, unless it waits to be decided anew.
    """
    for chunk in chunks(ids):
        frames = _frames(session, chunk)
        of_these = DecisionRecord.utterance_id.in_(chunk)
        decided = set(session.scalars(select(DecisionRecord.utterance_id).where(of_these)))
        settled = decided - gold.reopened(session, chunk) if decided else decided
        _write(
            session,
            "disagreement",
            {id: None if id in settled else disagreement(frames.get(id, [])) for id in chunk},
        )


def refresh_about(session: Session, project_id: int, event_id: int) -> None:
    """Refresh the utterances that an event put back."""
    kept = session.execute(select(EventRecord.before, EventRecord.after).where(EventRecord.id == event_id)).one()
    found = {
        state["utterance_id"]
        for states in kept
        for table in ("answer", "decision", "suggestion")
        for state in (states or {}).get(table, {}).values()
        if state is not None
    }
    refresh(session, project_id, sorted(found))


def _frames(session: Session, ids: list[int]) -> dict[int, list[Frame]]:
    said = select(SuggestionRecord.utterance_id, SuggestionRecord.intent, SuggestionRecord.spans)
    given = select(AnswerRecord.utterance_id, AnswerRecord.intent, AnswerRecord.spans)
    found: dict[int, list[Frame]] = defaultdict(list)
    for query in (
        said.where(SuggestionRecord.utterance_id.in_(ids), SuggestionRecord.kind == "model"),
        given.where(AnswerRecord.utterance_id.in_(ids), AnswerRecord.status == "accepted"),
    ):
        for id, intent, spans in session.execute(query):
            found[id].append((intent, frozenset((span["slot"], span["start"], span["end"]) for span in spans)))
    return found


# --- suspicion --------------------------------------------------------------------------------------------------------


def rank_suspicion(session: Session, project_id: int) -> None:
    """Compare all out-of-fold suggestions with gold; see :func:`jointbert.evaluation.doubt.rank_labels`."""
    suspects = _suspects(session, project_id)
    session.execute(
        update(UtteranceRecord)
        .where(UtteranceRecord.project_id == project_id, UtteranceRecord.suspicion.is_not(None))
        .values(suspicion=None)
        .execution_options(synchronize_session=False)
    )
    decided = set(session.scalars(select(DecisionRecord.utterance_id).where(DecisionRecord.project_id == project_id)))
    doubtful = {id: suspect.suspicion for id, suspect in suspects.items() if suspect.doubtful}
    _write(session, "suspicion", {id: score for id, score in doubtful.items() if id not in decided})


def _suspects(session: Session, project_id: int, ids: Sequence[int] | None = None) -> dict[int, Suspect]:
    """Utterance -> what its newest out-of-fold suggestion makes of its gold; of some, or of all that have both."""
    query = select(SuggestionRecord).where(SuggestionRecord.kind == "out_of_fold").order_by(SuggestionRecord.id)
    of_project = SuggestionRecord.project_id == project_id
    query = query.where(of_project if ids is None else SuggestionRecord.utterance_id.in_(ids))
    said = {row.utterance_id: row for row in session.scalars(query)}
    if not said:
        return {}
    pairs = {}
    for row, right in gold.settled(session, project_id, ids=ids):
        if row.id in said and not isinstance(right, str):
            utterance = gold.to_utterance(row.id, row.text, row.tokens, right)
            pairs[row.id] = (utterance, suggestion_parse(suggestion_view(said[row.id], row.text), row.text))
    labels, parses = [right for right, _ in pairs.values()], [parse for _, parse in pairs.values()]
    numbers = list(pairs)
    return {numbers[suspect.place]: suspect for suspect in rank_labels(labels, parses)}


def _refresh_suspicion(session: Session, project_id: int, ids: Iterable[int]) -> None:
    """Compare the out-of-fold suggestions of some utterances with gold anew; what was decided is not suspicious.

    How suspicious a span is that models do not find depends on how often they find others of its slot. So a doubt in
    place about such a span keeps its score; one that seems to come up, or whose score is that of a doubt which was
    settled, has all of them ranked anew.
    """
    for chunk in chunks(ids):
        stored = select(UtteranceRecord.id, UtteranceRecord.suspicion).where(UtteranceRecord.id.in_(chunk))
        present: dict[int, float | None] = dict(session.execute(stored).all())
        suspects = _suspects(session, project_id, chunk)
        decided = select(DecisionRecord.utterance_id).where(DecisionRecord.utterance_id.in_(suspects))
        for id in session.scalars(decided).all() if suspects else ():
            del suspects[id]
        unsure = {id for id, suspect in suspects.items() if _depends_on_others(suspect)}
        scored = {id: present[id] for id in unsure}
        if any(score is None or score > _at_most(suspects[id]) for id, score in scored.items()):
            rank_suspicion(session, project_id)
            return
        scores = {id: suspect.suspicion for id, suspect in suspects.items() if suspect.doubtful and id not in unsure}
        changed = {id for id in present.keys() - unsure if scores.get(id) != present[id]}
        _write(session, "suspicion", {id: scores.get(id) for id in changed})


def _at_most(suspect: Suspect) -> float:
    """The highest score (0..1) that what is doubtful now can have."""
    missed = (doubt.confidence for doubt in suspect.doubts if isinstance(doubt, SpanDoubt) and doubt.said is None)
    return max((suspect.suspicion, *missed))


def _depends_on_others(suspect: Suspect) -> bool:
    """Whether a label may be doubtful for a span that models are sure is not there."""
    doubts = (doubt for doubt in suspect.doubts if isinstance(doubt, SpanDoubt))
    return any(doubt.said is None and doubt.confidence >= DOUBTFUL for doubt in doubts)


# --- diversity --------------------------------------------------------------------------------------------------------


def unranked(session: Session, project_id: int) -> bool:
    """Whether the covering order has to be made anew: too many utterances came after it was made."""
    query = select(func.count()).select_from(UtteranceRecord).where(UtteranceRecord.project_id == project_id)
    missing = session.scalars(query.where(UtteranceRecord.diversity_rank.is_(None))).one()
    return missing > 0 and missing >= UNRANKED_SHARE * session.scalars(query).one()


def texts_to_rank(session: Session, project_id: int) -> dict[int, str]:
    """Utterance -> text, of all, in the order of their numbers."""
    query = select(UtteranceRecord.id, UtteranceRecord.text).where(UtteranceRecord.project_id == project_id)
    return dict(session.execute(query.order_by(UtteranceRecord.id)).all())


def covering_ranks(texts: Mapping[int, str]) -> dict[int, int]:
    """Utterance -> its place (0-based) in an order whose first stand for the whole. Slow for many; no database."""
    from jointbert.annotation.diversity import covering_order  # see batches
    from jointbert.annotation.text_vectors import text_vectors

    ids = list(texts)
    return {ids[row]: place for place, row in enumerate(covering_order(text_vectors(list(texts.values()))))}


def write_diversity(session: Session, places: Mapping[int, int]) -> None:
    """Store the places."""
    for chunk in chunks(places):
        _write(session, "diversity_rank", {id: places[id] for id in chunk})

"""Label errors: utterances whose gold labels look wrong to models that never saw them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from jointbert.annotation import gold, projects
from jointbert.annotation.items import suggestion_parse, suggestion_view
from jointbert.annotation.records import SuggestionRecord, UtteranceRecord
from jointbert.annotation.utterances import chunks
from jointbert.annotation.views import LabelError
from jointbert.evaluation.doubt import rank_labels


def label_errors(session: Session, project_id: int, limit: int = 50) -> list[LabelError]:
    """The most suspicious first. What was decided since, or agrees with the models by now, is left out."""
    projects.record(session, project_id)
    query = select(UtteranceRecord.id).where(
        UtteranceRecord.project_id == project_id, UtteranceRecord.suspicion.is_not(None)
    )
    found: list[LabelError] = []
    for chunk in chunks(session.scalars(query.order_by(UtteranceRecord.suspicion.desc(), UtteranceRecord.id)).all()):
        found += _errors(session, project_id, chunk)
        if len(found) >= limit:
            break
    return found[:limit]


def _errors(session: Session, project_id: int, ids: list[int]) -> list[LabelError]:
    query = select(SuggestionRecord).where(SuggestionRecord.utterance_id.in_(ids)).order_by(SuggestionRecord.id)
    said = {row.utterance_id: row for row in session.scalars(query.where(SuggestionRecord.kind == "out_of_fold"))}
    found = {}
    for row, right in gold.settled(session, project_id, ids=ids):
        if row.id not in said or isinstance(right, str):
            continue
        utterance = gold.to_utterance(row.id, row.text, row.tokens, right)
        suggestion = suggestion_view(said[row.id], row.text)
        what = rank_labels([utterance], [suggestion_parse(suggestion, row.text)])[0].in_words()
        if what:
            found[row.id] = LabelError(row.id, row.text, utterance, suggestion, what)
    return [found[id] for id in ids if id in found]

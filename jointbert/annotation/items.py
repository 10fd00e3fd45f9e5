"""Items: utterances as one annotator sees them, looked up by number, by what is asked for, or as the next one to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from jointbert.annotation import answers, gold, projects
from jointbert.annotation.holders import Holder, holds
from jointbert.annotation.label import KINDS
from jointbert.annotation.records import AnswerRecord, DecisionRecord, SuggestionRecord, UtteranceRecord
from jointbert.annotation.spans import spans_from_json
from jointbert.annotation.utterances import record
from jointbert.annotation.views import FINISHED, STATUSES, Item, Suggestion, SuggestionKind
from jointbert.errors import StoreError
from jointbert.utterance import Parse

UNTOUCHED = "untouched"


def item(session: Session, project_id: int, utterance_id: int, annotator: str) -> Item:
    """One utterance as an annotator sees it."""
    record(session, project_id, utterance_id)
    return items(session, project_id, [utterance_id], annotator)[0]


def items(session: Session, project_id: int, ids: Sequence[int], annotator: str | None) -> list[Item]:
    """Utterances as an annotator sees them, in the order of the numbers."""
    suggestions = _suggestions(session, ids)
    own, others, drafts = _answers(session, ids, annotator)
    settled = {row.id: (row, said) for row, said in gold.settled(session, project_id, ids=ids)}
    found = []
    for id in ids:
        row, said = settled[id]
        suggested = suggestions.get(id)
        mine = own.get(id)
        found.append(
            Item(
                id,
                row.text,
                row.split,
                None if suggested is None else suggestion_view(suggested, row.text),
                None if mine is None else answers.view(mine, row.text),
                others[id],
                None if isinstance(said, str) else gold.to_utterance(id, row.text, row.tokens, said),
                drafts[id],
            )
        )
    return found


def suggestion_view(row: SuggestionRecord, text: str) -> Suggestion:
    """A row as it is handed out."""
    kind: SuggestionKind = row.kind  # type: ignore[assignment]
    runners_up = tuple((name, score) for name, score in row.runners_up)
    spans = spans_from_json(text, row.spans)
    return Suggestion(
        kind, row.model, row.version, row.intent, row.intent_confidence, spans, row.confidence, runners_up
    )


def suggestion_parse(said: Suggestion, text: str) -> Parse:
    """The parse that a suggestion was made of, as far as it was kept.

    Example:
        >>> said = Suggestion("model", "m", "1", "greet", 0.75, (), 0.5, (("leave", 0.25),))
        >>> suggestion_parse(said, "hi").ranking
        (('greet', 0.75), ('leave', 0.25))
    """
    best = () if said.intent is None else ((said.intent, said.intent_confidence or 0.0),)
    ranking = (*best, *said.runners_up)
    return Parse(text, said.intent, said.intent_confidence, ranking, said.spans, frame_confidence=said.confidence)


def _suggestions(session: Session, ids: Sequence[int]) -> dict[int, SuggestionRecord]:
    """The newest suggestion of a model for each utterance that has one."""
    query = select(SuggestionRecord).where(SuggestionRecord.utterance_id.in_(ids), SuggestionRecord.kind == "model")
    return {row.utterance_id: row for row in session.scalars(query.order_by(SuggestionRecord.id))}


def _answers(
    session: Session, ids: Sequence[int], annotator: str | None
) -> tuple[dict[int, AnswerRecord], Counter[int], Counter[int]]:
    """This annotator's answers; how many finished ones of others there are; how many drafts of others."""
    own: dict[int, AnswerRecord] = {}
    others: Counter[int] = Counter()
    drafts: Counter[int] = Counter()
    for row in session.scalars(select(AnswerRecord).where(AnswerRecord.utterance_id.in_(ids))):
        if row.annotator == annotator:
            own[row.utterance_id] = row
        else:
            others[row.utterance_id] += row.status in FINISHED
            drafts[row.utterance_id] += row.status == "draft"
    return own, others, drafts


class Wanted:
    """The conditions of a search, as :meth:`Project.find` takes them.

    Raises:
        StoreError: The status or the label's kind is unknown.
    """

    def __init__(
        self,
        project_id: int,
        text: str = "",
        status: str | None = None,
        label: str | tuple[str, str] | None = None,
        split: str | None = None,
        annotator: str | None = None,
    ) -> None:
        self.conditions: list[ColumnElement[bool]] = [UtteranceRecord.project_id == project_id]
        if text:
            self.conditions.append(UtteranceRecord.text.icontains(text, autoescape=True))
        if split is not None:
            self.conditions.append(UtteranceRecord.split == split)
        given = [AnswerRecord.utterance_id == UtteranceRecord.id]
        if annotator is not None:
            given.append(AnswerRecord.annotator == annotator)
        if status == UNTOUCHED:
            self.conditions.append(~exists().where(*given))
            self.conditions += [] if label is None else [_decided(label)]
        elif (status, label, annotator) != (None, None, None):
            self.conditions.append(_answered(given, status, label, annotator is None))


def _answered(
    given: list[ColumnElement[bool]], status: str | None, label: str | tuple[str, str] | None, by_all: bool
) -> ColumnElement[bool]:
    """An answer that has the status and the label both. Asked of all people, a decision is an accepted answer, too."""
    if status is not None:
        if status not in STATUSES:
            expected = f"one of {', '.join((*STATUSES, UNTOUCHED))}"
            raise StoreError("status", f"is {status!r}", expected, "Name one of them.")
        given = [*given, AnswerRecord.status == status]
    if label is None:
        return exists().where(*given)
    found = exists().where(*given, _holds(AnswerRecord, label))
    if not by_all or status not in (None, "accepted"):
        return found
    decided = _decided(label)
    return or_(found, decided if status is None else and_(exists().where(*given), decided))


def _decided(label: str | tuple[str, str]) -> ColumnElement[bool]:
    return exists().where(DecisionRecord.utterance_id == UtteranceRecord.id, _holds(DecisionRecord, label))


def _holds(table: Holder, label: str | tuple[str, str]) -> ColumnElement[bool]:
    """A bare name means an intent or a slot of that name."""
    pairs = [(kind, label) for kind in KINDS] if isinstance(label, str) else [label]
    return or_(*(holds(table, kind, name) for kind, name in pairs))


def find(
    session: Session, project_id: int, wanted: Wanted, annotator: str | None, limit: int = 50, offset: int = 0
) -> list[Item]:
    """The utterances that a search finds, in the order of their numbers."""
    projects.record(session, project_id)
    query = select(UtteranceRecord.id).where(*wanted.conditions).order_by(UtteranceRecord.id)
    ids = session.scalars(query.limit(limit).offset(offset)).all()
    return items(session, project_id, ids, annotator)


def count(session: Session, wanted: Wanted) -> int:
    """How many utterances a search finds."""
    return session.scalars(select(func.count()).select_from(UtteranceRecord).where(*wanted.conditions)).one()

"""The queue: which utterance an annotator gets next."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from jointbert.annotation.records import AnswerRecord, UtteranceRecord
from jointbert.annotation.views import FINISHED
from jointbert.errors import StoreError

ORDERS: dict[str, str] = {
    "plain": "In the order in which they were added.",
    "uncertainty": "Those the model is least sure of first, a varied choice of them: each answer teaches it most.",
    "disagreement": "Those first on which models or annotators do not agree.",
    "diversity": "A cross-section of everything first, near-copies last: good before there is a model.",
    "label errors": "Those first whose present label a model doubts that never saw it.",
}
"""Name of an order -> what it does, in one line."""


class _Order(NamedTuple):
    column: InstrumentedAttribute[Any]
    highest_first: bool
    moves: bool
    """Whether an utterance may change its place when it is answered."""


_COLUMNS = {
    "uncertainty": _Order(UtteranceRecord.uncertainty, True, False),
    "disagreement": _Order(UtteranceRecord.disagreement, True, True),
    "diversity": _Order(UtteranceRecord.diversity_rank, False, False),
    "label errors": _Order(UtteranceRecord.suspicion, True, True),
}


def check_order(order: str) -> None:
    """Raise StoreError unless there is such an order."""
    if order not in ORDERS:
        raise StoreError("order", f"is {order!r}", f"one of {', '.join(ORDERS)}", "Name one of them.")


def next_id(
    session: Session, project_id: int, annotator: str, order: str = "plain", after: int | None = None
) -> int | None:
    """The number of the next utterance without a finished answer by this annotator, or None.

    What has no rank comes last; equal ranks come by number. Behind the last one the queue starts over.

    Args:
        session: The transaction's session.
        project_id: The project.
        annotator: Whose queue it is.
        order: A key of ORDERS.
        after: The utterance just shown: it does not come again, and the queue goes on behind its place. In the orders
            "disagreement" and "label errors" an answer moves an utterance; once it is answered they start at the top.

    Raises:
        StoreError: There is no such order.
    """
    check_order(order)
    left = [UtteranceRecord.project_id == project_id, _unfinished(project_id, annotator)]
    place = None if after is None else session.get(UtteranceRecord, after)
    if place is not None and order in _COLUMNS and _COLUMNS[order].moves:
        shown_again = select(UtteranceRecord.id).where(*left, UtteranceRecord.id == place.id)
        place = place if session.scalars(shown_again).first() is not None else None
    if after is not None:
        left.append(UtteranceRecord.id != after)
    found = _behind(session, left, order, place)
    return _behind(session, left, order, None) if found is None and place is not None else found


def _unfinished(project_id: int, annotator: str) -> ColumnElement[bool]:
    """No finished answer by this annotator. The list is built once a query, and from an index alone: when nearly all
    is done, that is quicker than to look up an answer for each utterance passed over.
    """
    finished = select(AnswerRecord.utterance_id).where(
        AnswerRecord.project_id == project_id, AnswerRecord.annotator == annotator, AnswerRecord.status.in_(FINISHED)
    )
    return UtteranceRecord.id.not_in(finished)


def _behind(session: Session, left: list[ColumnElement[bool]], order: str, place: UtteranceRecord | None) -> int | None:
    """The first in an order that stands behind a place, or the very first.

    One rank at a time, so that an index answers each question: those of the same rank, the next rank, those without.
    """
    if order not in _COLUMNS:
        return _first(session, left, [] if place is None else [UtteranceRecord.id > place.id])
    column, highest_first, _ = _COLUMNS[order]
    here = None if place is None else getattr(place, column.key)
    if place is not None:
        same = column.is_(None) if here is None else column == here
        found = _first(session, left, [same, UtteranceRecord.id > place.id])
        if found is not None or here is None:
            return found
    conditions: list[ColumnElement[bool]] = [column.is_not(None)]
    if here is not None:
        conditions.append(column < here if highest_first else column > here)
    by_rank = select(column).where(*left, *conditions).order_by(column.desc() if highest_first else column).limit(1)
    rank = session.scalars(by_rank).first()
    return _first(session, left, [column.is_(None) if rank is None else column == rank])


def _first(session: Session, left: list[ColumnElement[bool]], further: list[ColumnElement[bool]]) -> int | None:
    """The lowest number among those that meet all conditions."""
    query = select(UtteranceRecord.id).where(*left, *further).order_by(UtteranceRecord.id).limit(1)
    return session.scalars(query).first()

"""Progress: how far the work is, and how fast it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.events import stands
from jointbert.annotation.records import AnswerRecord, EventRecord, UtteranceRecord
from jointbert.annotation.views import Progress

BREAK = timedelta(minutes=10)
SHORTEST = timedelta(minutes=1)
LATEST = 500

_RANK = {"accepted": 0, "rejected": 1, "skipped": 2, "draft": 3}


def progress(session: Session, project_id: int, annotator: str | None = None) -> Progress:
    """How far one annotator is, or all together."""
    projects.record(session, project_id)
    counting = select(func.count()).select_from(UtteranceRecord).where(UtteranceRecord.project_id == project_id)
    total = session.scalars(counting).one()
    counts = _by_status(session, project_id, annotator)
    pace = per_hour(_latest(session, project_id, annotator))
    accepted, rejected, skipped, drafts = (counts[status] for status in _RANK)
    return Progress(total, accepted, rejected, skipped, drafts, total - counts.total(), pace)


def _by_status(session: Session, project_id: int, annotator: str | None) -> Counter[str]:
    """Status -> utterances; of several answers to one utterance the best counts."""
    answer = AnswerRecord
    if annotator is not None:
        query = select(answer.status, func.count()).where(answer.project_id == project_id)
        rows = session.execute(query.where(answer.annotator == annotator).group_by(answer.status))
        return Counter(dict(rows.all()))
    best = func.min(case(_RANK, value=answer.status)).label("best")
    inner = select(best).where(answer.project_id == project_id).group_by(answer.utterance_id).subquery()
    names = list(_RANK)
    grouped = session.execute(select(inner.c.best, func.count()).group_by(inner.c.best))
    return Counter({names[rank]: number for rank, number in grouped})


def _latest(session: Session, project_id: int, annotator: str | None) -> Sequence[datetime]:
    """When the latest finished answers were given, the newest first; those that were taken back are left out."""
    query = select(EventRecord.at).where(EventRecord.project_id == project_id, EventRecord.action == "answer", stands())
    if annotator is not None:
        query = query.where(EventRecord.who == annotator)
    return session.scalars(query.order_by(EventRecord.id.desc()).limit(LATEST)).all()


def per_hour(times: Sequence[datetime]) -> float | None:
    """Answers an hour in the latest stretch without a long break; None where it lasted less than a minute.

    Args:
        times: When answers were given, the newest first.

    Example:
        >>> noon = datetime(2025, 1, 1, 12)
        >>> per_hour([noon, noon - timedelta(minutes=2), noon - timedelta(hours=9)])
        30.0
    """
    length = next((n for n, (later, earlier) in enumerate(pairwise(times), 1) if later - earlier > BREAK), len(times))
    stretch = times[:length]
    if not stretch or (lasted := stretch[0] - stretch[-1]) < SHORTEST:
        return None
    return (len(stretch) - 1) * 3600 / lasted.total_seconds()


def annotators(session: Session, project_id: int) -> list[str]:
    """Everybody who has given an answer, sorted."""
    query = select(AnswerRecord.annotator).where(AnswerRecord.project_id == project_id).distinct()
    return sorted(session.scalars(query))

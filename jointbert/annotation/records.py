"""The tables. Their rows never leave the package; what leaves it are the views.

A change here needs a migration of its own in ``migrations/versions``: revisions are only ever added.
Spans are stored as JSON (see ``spans.py``). ``version`` columns catch lost updates: SQLAlchemy adds 1 with each UPDATE
of the ORM and demands the old value.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Float, ForeignKey, Index, Integer, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from jointbert.annotation.columns import ExactJson, ExactText, Utc, now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


AUTOINCREMENT = {"sqlite_autoincrement": True}
"""No id is given twice, so that an event can name the row it was about for ever."""


class Record(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: ExactText, datetime: Utc, list[Any]: ExactJson}


class ProjectRecord(Record):
    """A project."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("name"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    guidelines: Mapped[str] = mapped_column(default="")
    model: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class LabelRecord(Record):
    """An intent or a slot of a project; ``position`` orders those of one kind."""

    __tablename__ = "label"
    __table_args__ = (UniqueConstraint("project_id", "kind", "name"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    examples: Mapped[list[Any]] = mapped_column(default=list)
    colour: Mapped[str] = mapped_column(String(7))
    position: Mapped[int]
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class UtteranceRecord(Record):
    """A text of a project. Four columns are ranks that are computed when suggestions or answers arrive, not per query.

    ``text_key`` is a hash of the text: an index over texts of any length is more than PostgreSQL can do.
    ``uncertainty``, ``disagreement``, ``suspicion``: higher comes first. ``diversity_rank``: lower comes first.
    """

    __tablename__ = "utterance"
    __table_args__ = (
        UniqueConstraint("project_id", "text_key"),
        Index("ix_utterance_project", "project_id", "id"),
        Index("ix_utterance_uncertainty", "project_id", "uncertainty", "id"),
        Index("ix_utterance_disagreement", "project_id", "disagreement", "id"),
        Index("ix_utterance_diversity_rank", "project_id", "diversity_rank", "id"),
        Index("ix_utterance_suspicion", "project_id", "suspicion", "id"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    text: Mapped[str]
    text_key: Mapped[str] = mapped_column(String(64))
    split: Mapped[str]
    tokens: Mapped[list[Any] | None] = mapped_column(ExactJson)
    uncertainty: Mapped[float | None] = mapped_column(Float)
    disagreement: Mapped[float | None] = mapped_column(Float)
    diversity_rank: Mapped[int | None]
    suspicion: Mapped[float | None] = mapped_column(Float)


class SuggestionRecord(Record):
    """What a model said of an utterance; the newest of a kind is the one with the highest id.

    A model of one version says one thing: saying it anew means deleting the row and inserting another.
    ``runners_up`` is a list of [name, probability].
    """

    __tablename__ = "suggestion"
    __table_args__ = (UniqueConstraint("utterance_id", "kind", "model", "version"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterance.id"))
    kind: Mapped[str] = mapped_column(String(16))
    model: Mapped[str]
    version: Mapped[str]
    intent: Mapped[str | None]
    intent_confidence: Mapped[float | None] = mapped_column(Float)
    spans: Mapped[list[Any]] = mapped_column(default=list)
    confidence: Mapped[float] = mapped_column(Float)
    runners_up: Mapped[list[Any]] = mapped_column(default=list)
    created: Mapped[datetime] = mapped_column(default=now)


class AnswerRecord(Record):
    """What one annotator says about one utterance."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("utterance_id", "annotator"),
        Index("ix_answer_project_annotator", "project_id", "annotator", "status", "utterance_id"),
        Index("ix_answer_project_intent", "project_id", "intent"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterance.id"))
    annotator: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str | None]
    spans: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(default="")
    updated: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DecisionRecord(Record):
    """What was decided about an utterance whose annotators did not agree."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("utterance_id"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    utterance_id: Mapped[int] = mapped_column(ForeignKey("utterance.id"))
    who: Mapped[str]
    intent: Mapped[str | None]
    spans: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(default="")
    updated: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class EventRecord(Record):
    """One thing somebody did. Rows are never changed nor deleted: the databases themselves refuse it by triggers.

    ``subject`` says in plain words what it was about. ``before`` and ``after`` hold what is needed to take it back;
    their shape belongs to the action (see ``undo.py``). ``undoes`` is the event that this one takes back.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("undoes"),
        Index("ix_event_project_who", "project_id", "who", "id"),
        Index("ix_event_project", "project_id", "id"),
        AUTOINCREMENT,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    who: Mapped[str]
    action: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str]
    utterance_id: Mapped[int | None] = mapped_column(ForeignKey("utterance.id"), index=True)
    before: Mapped[Any] = mapped_column(ExactJson, nullable=True)
    after: Mapped[Any] = mapped_column(ExactJson, nullable=True)
    undoes: Mapped[int | None] = mapped_column(ForeignKey("event.id"))

"""Projects as such: made, described, edited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jointbert.annotation.events import log, recorded
from jointbert.annotation.label import check_name
from jointbert.annotation.records import AnswerRecord, ProjectRecord, UtteranceRecord
from jointbert.annotation.views import FINISHED, LANGUAGES, ProjectInfo
from jointbert.errors import StoreError


def record(session: Session, project_id: int, lock: str | None = None) -> ProjectRecord:
    """The row of a project.

    Args:
        session: The transaction's session.
        project_id: Its number.
        lock: ``"update"`` for one who changes labels or adds utterances, ``"share"`` for one who relies on the labels;
            only PostgreSQL needs it, for SQLite has one writer at a time.

    Raises:
        StoreError: There is none.
    """
    query = select(ProjectRecord).where(ProjectRecord.id == project_id)
    if lock is not None:
        query = query.with_for_update(read=lock == "share")
    found = session.scalars(query).one_or_none()
    if found is None:
        raise StoreError(f"project {project_id}", "does not exist", None, "Choose one from the list of projects.")
    return found


def create(session: Session, name: str, language: str, guidelines: str, who: str) -> int:
    """Make a project without labels; its number."""
    check_name("project", name)
    _check_free(session, name)
    if language not in LANGUAGES:
        expected = f"one of {', '.join(LANGUAGES)}"
        raise StoreError(f"project {name!r}", f"the language is {language!r}", expected, "Name one of them.")
    made = ProjectRecord(name=name, language=language, guidelines=guidelines)
    with _name_may_be_taken(session, name):
        session.add(made)
    log(session, made.id, who or "nobody", "create_project", f"made the project “{name}”")
    return made.id


def _check_free(session: Session, name: str) -> None:
    if session.scalars(select(ProjectRecord.id).where(ProjectRecord.name == name)).first() is not None:
        raise _taken(name)


@contextmanager
def _name_may_be_taken(session: Session, name: str) -> Iterator[None]:
    """Somebody else may take the name between our look and our write."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise _taken(name) from None


def _taken(name: str) -> StoreError:
    return StoreError(f"project {name!r}", "exists already", "another name", "Open it, or choose another name.")


def infos(session: Session, project_id: int | None = None) -> list[ProjectInfo]:
    """What there is to say about each project, or about one."""
    query = select(ProjectRecord, _utterances(), _answered()).order_by(ProjectRecord.id)
    if project_id is not None:
        query = query.where(ProjectRecord.id == project_id)
    return [
        ProjectInfo(row.id, row.name, row.language, row.guidelines, row.model, row.created, utterances, answered)
        for row, utterances, answered in session.execute(query)
    ]


def _utterances() -> ScalarSelect[int]:
    query = select(func.count()).select_from(UtteranceRecord)
    return query.where(UtteranceRecord.project_id == ProjectRecord.id).scalar_subquery()


def _answered() -> ScalarSelect[int]:
    finished: ColumnElement[bool] = AnswerRecord.status.in_(FINISHED)
    query = select(func.count(AnswerRecord.utterance_id.distinct()))
    return query.where(AnswerRecord.project_id == ProjectRecord.id, finished).scalar_subquery()


def info(session: Session, project_id: int) -> ProjectInfo:
    """What there is to say about a project."""
    record(session, project_id)
    return infos(session, project_id)[0]


def edit(
    session: Session, project_id: int, who: str, name: str | None, guidelines: str | None, model: str | None
) -> None:
    """Change what is not None; an empty ``model`` takes the model away."""
    row = record(session, project_id, "update")
    with recorded(session, project_id, who, "edit_project") as recording:
        recording.touch(row)
        changed = []
        if name is not None and name != row.name:
            _check_free(session, check_name("project", name))
            changed.append(f"the name to “{name}”")
            with _name_may_be_taken(session, name):
                row.name = name
        if guidelines is not None and guidelines != row.guidelines:
            changed.append("the guidelines")
            row.guidelines = guidelines
        if model is not None and (model or None) != row.model:
            changed.append(f"the model to “{model}”" if model else "the model to none")
            row.model = model or None
        recording.about = f"changed {' and '.join(changed)}" if changed else ""

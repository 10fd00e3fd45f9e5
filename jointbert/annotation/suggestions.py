"""Suggestions: what models say of utterances, stored apart from people's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from jointbert.annotation import projects, ranks
from jointbert.annotation.columns import now
from jointbert.annotation.label import KINDS as LABELS
from jointbert.annotation.records import SuggestionRecord, UtteranceRecord
from jointbert.annotation.spans import spans_to_json
from jointbert.annotation.successor import renamed, successors
from jointbert.annotation.transactions import Transactions
from jointbert.annotation.uncertainty import frame_confidence
from jointbert.annotation.utterances import chunks
from jointbert.errors import StoreError
from jointbert.utterance import Parse

RUNNERS_UP = 5
KINDS = ("model", "out_of_fold")
CHUNK = 256
"""How many utterances are parsed and kept at a time."""

Moved = Callable[[int, int], object]
"""Called with how many utterances are done, and of how many."""


class Parser(Protocol):
    """What can suggest: an NLU, or anything else that parses texts."""

    def parse_many(self, texts: list[str], /) -> Sequence[Parse]:
        """The parses of the texts, in their order."""


def store(
    session: Session, project_id: int, parses: Mapping[int, Parse], model: str, version: str, kind: str = "model"
) -> int:
    """Keep what a model says of some utterances, in place of what it said of them before; how many.

    Raises:
        StoreError: The kind is unknown, the model has no name, or a parse is of no utterance of the project or of
            another text.
    """
    projects.record(session, project_id, "update")
    check_source(model, version, kind)
    for chunk in chunks(parses):
        _check_texts(session, project_id, {id: parses[id] for id in chunk})
        session.execute(
            delete(SuggestionRecord).where(
                SuggestionRecord.utterance_id.in_(chunk),
                SuggestionRecord.kind == kind,
                SuggestionRecord.model == model,
            )
        )
        source = {"project_id": project_id, "kind": kind, "model": model, "version": version, "created": now()}
        session.execute(insert(SuggestionRecord), [source | _row(id, parses[id]) for id in chunk])
        if kind == "model":
            uncertain = [{"id": id, "uncertainty": 1 - frame_confidence(parses[id])} for id in chunk]
            session.execute(update(UtteranceRecord), uncertain)
            ranks.refresh_disagreement(session, chunk)
    return len(parses)


def check_source(model: str, version: str, kind: str) -> None:
    """Raise StoreError unless a suggestion can come from there."""
    if kind not in KINDS:
        raise StoreError("suggestions", f"the kind is {kind!r}", f"one of {', '.join(KINDS)}", "Name one of them.")
    if not model.strip() or not version.strip():
        what = f"the model is {model!r}, its version {version!r}"
        raise StoreError("suggestions", what, "a name and a version", "Name the model's folder and when it was made.")


def _check_texts(session: Session, project_id: int, parses: Mapping[int, Parse]) -> None:
    query = select(UtteranceRecord.id, UtteranceRecord.text).where(UtteranceRecord.project_id == project_id)
    texts = dict(session.execute(query.where(UtteranceRecord.id.in_(parses))).all())
    for id, parse in parses.items():
        if id not in texts:
            advice = "Take the numbers from this project's utterances."
            raise StoreError(f"utterance {id}", f"is not in project {project_id}", None, advice)
        if parse.text != texts[id]:
            what = f"the parse is of {parse.text[:80]!r}"
            raise StoreError(f"utterance {id}", what, f"one of {texts[id][:80]!r}", "Parse the text as it is.")


def _row(id: int, parse: Parse) -> dict[str, Any]:
    return {
        "utterance_id": id,
        "intent": parse.intent,
        "intent_confidence": parse.intent_confidence,
        "spans": spans_to_json(parse.spans, confidences=True),
        "confidence": frame_confidence(parse),
        "runners_up": [list(pair) for pair in parse.ranking[1 : 1 + RUNNERS_UP]],
    }


def newest(session: Session, project_id: int, kind: str) -> datetime | None:
    """When a suggestion of a kind last came in; see :meth:`Project.suggested_at`."""
    projects.record(session, project_id)
    query = select(func.max(SuggestionRecord.created)).where(SuggestionRecord.project_id == project_id)
    return session.scalars(query.where(SuggestionRecord.kind == kind)).one()


def newest_model(session: Session, project_id: int) -> str:
    """Which model suggested last; see :meth:`Project.suggested_by`."""
    projects.record(session, project_id)
    query = select(SuggestionRecord.model).where(
        SuggestionRecord.project_id == project_id, SuggestionRecord.kind == "model"
    )
    return session.scalars(query.order_by(SuggestionRecord.id.desc()).limit(1)).first() or ""


def rank(session: Session, project_id: int, kind: str) -> None:
    """Bring the orders up to date after suggestions of a kind have come in."""
    if kind == "model":
        ranks.rank_uncertainty(session, project_id)
    else:
        ranks.rank_suspicion(session, project_id)


def suggest(
    transactions: Transactions,
    project_id: int,
    parser: Parser,
    model: str,
    version: str,
    kind: str = "model",
    ids: Iterable[int] | None = None,
    on_progress: Moved | None = None,
    since: datetime | None = None,
) -> int:
    """Parse utterances, chunk by chunk, each kept before the next begins; no transaction is open while the model works.

    Raises:
        StoreError: As :func:`store`, or the parser gives another number of parses than it got texts.
    """
    check_source(model, version, kind)
    with transactions.reading() as session:
        projects.record(session, project_id)
        texts = _texts(session, project_id, ids)
    done = 0
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        parses = parser.parse_many([text for _, text in chunk])
        if len(parses) != len(chunk):
            what = f"gave {len(parses)} parses for {len(chunk)} texts"
            raise StoreError(f"model {model!r}", what, "one for each", "Use an NLU, or mend the parser.")
        with transactions.writing() as session:
            if since is not None:
                known = {label: successors(session, project_id, label, since) for label in LABELS}
                parses = [renamed(parse, known) or parse for parse in parses]
            pairs = {id: parse for (id, _), parse in zip(chunk, parses, strict=True)}
            done += store(session, project_id, pairs, model, version, kind)
        if on_progress is not None:
            on_progress(done, len(texts))
    if texts:
        with transactions.writing() as session:
            rank(session, project_id, kind)
    return done


def _texts(session: Session, project_id: int, ids: Iterable[int] | None) -> list[tuple[int, str]]:
    """The utterances to parse with their texts; all of them when none are named.

    Raises:
        StoreError: One of them is not in the project.
    """
    present = ranks.texts_to_rank(session, project_id)
    for id in [] if ids is None else (ids := list(ids)):
        if id not in present:
            advice = "Load the list of utterances again."
            raise StoreError(f"utterance {id}", f"is not in project {project_id}", None, advice)
    return list(present.items()) if ids is None else [(id, present[id]) for id in dict.fromkeys(ids)]

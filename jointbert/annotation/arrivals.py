"""Arrivals: utterances that come in, none twice, and the labels that come along with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select, union
from sqlalchemy.orm import Session

from jointbert.annotation import projects, ranks
from jointbert.annotation.columns import now
from jointbert.annotation.events import log, recorded
from jointbert.annotation.label import Schema, check_name
from jointbert.annotation.records import AnswerRecord, SuggestionRecord
from jointbert.annotation.schema import add_missing, recoloured, schema
from jointbert.annotation.spans import spans_to_json
from jointbert.annotation.utterances import chunks, ids_of_keys, key, put, table
from jointbert.annotation.views import Added
from jointbert.utterance import Utterance


class Said(NamedTuple):
    """An answer as far as it matters whether two say the same."""

    status: str
    intent: str | None
    spans: list[dict[str, Any]]


def add(
    session: Session, project_id: int, utterances: Sequence[Utterance], who: str, split: str, labelled: bool
) -> Added:
    """Add utterances; see :meth:`Project.add`."""
    projects.record(session, project_id, "update")
    check_name("who", who)
    check_name("split", split, blanks=False)
    keys = [key(utterance.text) for utterance in utterances]
    by_key: dict[str, Utterance] = {}
    for text_key, utterance in zip(keys, utterances, strict=True):
        if not _is_labelled(by_key.setdefault(text_key, utterance)) and _is_labelled(utterance):
            by_key[text_key] = utterance
    ids = ids_of_keys(session, project_id, by_key)
    known = len(utterances) - (len(by_key) - len(ids))
    fresh = {text_key: utterance for text_key, utterance in by_key.items() if text_key not in ids}
    numbers = ids | put(session, project_id, fresh, split)
    told = [(numbers[at], one) for at, one in zip(keys, utterances, strict=True) if labelled and _is_labelled(one)]
    answers, left_out = _answer(session, project_id, told, who) if told else ([], 0)
    ranks.refresh(session, project_id, _compared(session, set(ids.values()).intersection(answers), who))
    added = Added(len(fresh), known, len(answers), left_out)
    log(session, project_id, who, "add", _about(added, split))
    return added


def _is_labelled(utterance: Utterance) -> bool:
    return utterance.intent is not None or bool(utterance.spans)


def _about(added: Added, split: str) -> str:
    known = f"; {added.known} were known already" if added.known else ""
    answers = f"; {added.answers} answers came along" if added.answers else ""
    left_out = f"; the labels of {added.left_out} were left out" if added.left_out else ""
    return f"added {added.new} utterances to {split}{known}{answers}{left_out}"


def _answer(
    session: Session, project_id: int, told: Sequence[tuple[int, Utterance]], who: str
) -> tuple[list[int], int]:
    """Make accepted answers of labels that came along, the first of each utterance.

    An answer that this annotator has finished stays. A draft gives way, in an event of its own that can be undone.

    Returns:
        The utterances that got one; how many labels were left out because the answer that stands says something else.
    """
    present = _present(session, {id for id, _ in told}, who)
    stands = {id: said for id, said in present.items() if said.status != "draft"}
    first = {id: utterance for id, utterance in reversed(told) if id not in stands}
    stands |= {id: _said(utterance) for id, utterance in first.items()}
    left_out = sum(_said(utterance) != stands[id] for id, utterance in told)
    if first:
        _add_labels(session, project_id, first.values())
        _insert(session, project_id, {id: stands[id] for id in first if id not in present}, who)
        _replace(session, project_id, {id: stands[id] for id in first if id in present}, who)
    return sorted(first), left_out


def _said(utterance: Utterance) -> Said:
    return Said("accepted", utterance.intent, spans_to_json(utterance.spans))


def _present(session: Session, ids: Iterable[int], who: str) -> dict[int, Said]:
    """What this annotator says of some utterances already."""
    columns = (AnswerRecord.utterance_id, AnswerRecord.status, AnswerRecord.intent, AnswerRecord.spans)
    query = select(*columns).where(AnswerRecord.annotator == who)
    found: dict[int, Said] = {}
    for chunk in chunks(ids):
        rows = session.execute(query.where(AnswerRecord.utterance_id.in_(chunk)))
        found.update({id: Said(*said) for id, *said in rows})
    return found


def _add_labels(session: Session, project_id: int, utterances: Iterable[Utterance]) -> None:
    """Add the labels of some utterances that the project lacks."""
    present = schema(session, project_id)
    wanted = Schema.from_utterances(utterances)
    missing = Schema(
        tuple(label for label in wanted.intents if label.name not in present.intent_names),
        tuple(label for label in wanted.slots if label.name not in present.slot_names),
    )
    add_missing(session, project_id, recoloured(missing, present))


def _insert(session: Session, project_id: int, said: Mapping[int, Said], who: str) -> None:
    """First answers, all at once."""
    shared = {"project_id": project_id, "annotator": who, "note": "", "updated": now(), "version": 1}
    rows = [{**shared, "utterance_id": id, **one._asdict()} for id, one in said.items()]
    if rows:
        session.execute(insert(table(AnswerRecord)), rows)


def _replace(session: Session, project_id: int, said: Mapping[int, Said], who: str) -> None:
    """Labels in place of drafts, whose remarks stay."""
    with recorded(session, project_id, who, "accept_labels") as recording:
        for chunk in chunks(said):
            of_these = (AnswerRecord.utterance_id.in_(chunk), AnswerRecord.annotator == who)
            for row in session.scalars(select(AnswerRecord).where(*of_these).order_by(AnswerRecord.id)):
                recording.touch(row)
                row.status, row.intent, row.spans = said[row.utterance_id]
                row.updated = now()
        if said:
            recording.about = f"accepted imported labels in place of {len(said)} draft{'s' * (len(said) != 1)}"


def _compared(session: Session, ids: Iterable[int], who: str) -> list[int]:
    """Those of some utterances of which models or other annotators say something, too."""
    found: set[int] = set()
    for chunk in chunks(sorted(ids)):
        of_models = select(SuggestionRecord.utterance_id).where(SuggestionRecord.utterance_id.in_(chunk))
        of_others = select(AnswerRecord.utterance_id).where(AnswerRecord.utterance_id.in_(chunk))
        found.update(session.scalars(union(of_models, of_others.where(AnswerRecord.annotator != who))))
    return sorted(found)

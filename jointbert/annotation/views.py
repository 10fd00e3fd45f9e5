"""What the store hands out: frozen values. No object of the database ever leaves the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jointbert.utterance import Span, Utterance

Status = Literal["draft", "accepted", "rejected", "skipped"]
"""How far an annotator is with an utterance; all but ``draft`` are finished."""
SuggestionKind = Literal["model", "out_of_fold"]
"""Who suggests: a trained model, or models that never saw the utterance (cross-validation)."""
STATUSES: tuple[Status, ...] = ("draft", "accepted", "rejected", "skipped")
FINISHED: tuple[Status, ...] = ("accepted", "rejected", "skipped")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """A project in a few facts.

    Args:
        id: Its number.
        name: Its name.
        language: ``"en"`` or ``"zh"``.
        guidelines: What annotators shall do, in plain words.
        model: The folder of the model that suggests, or None.
        created: When it was made (UTC).
        utterances: How many it holds.
        answered: How many of them have at least one finished answer.
    """

    id: int
    name: str
    language: str
    guidelines: str
    model: str | None
    created: datetime
    utterances: int
    answered: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a model proposes for an utterance.

    Args:
        kind: ``"model"`` or ``"out_of_fold"``.
        model: The model's name or folder.
        version: Which one of that name.
        intent: The most probable intent, or None for a model without intents.
        intent_confidence: Its probability (0..1), or None likewise.
        spans: The slots, with their confidences.
        confidence: Probability (0..1) of the whole frame: that of the intent times those of the spans.
        runners_up: The next intents with their probabilities, best first.
    """

    kind: SuggestionKind
    model: str
    version: str
    intent: str | None
    intent_confidence: float | None
    spans: tuple[Span, ...]
    confidence: float
    runners_up: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator says about one utterance (or what was decided about it).

    Args:
        utterance_id: The utterance's number.
        annotator: Who says so.
        status: ``draft``, ``accepted``, ``rejected`` (no good utterance) or ``skipped``.
        intent: The intent's name, or None.
        spans: The slots, in order of their start.
        note: A remark; may be empty.
        version: Grows with every change, from 1; hand it back when saving.
        updated: When it was last changed (UTC).
    """

    utterance_id: int
    annotator: str
    status: Status
    intent: str | None
    spans: tuple[Span, ...]
    note: str
    version: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An utterance as one annotator sees it.

    Args:
        id: The utterance's number.
        text: The raw text.
        split: The part of the data it belongs to, for example ``"train"``.
        suggestion: The newest suggestion of a model, or None.
        answer: This annotator's answer, or None.
        others: How many finished answers other annotators gave.
        gold: What counts as right for it (see :meth:`Project.labelled`), or None.
        drafts: How many drafts of others there are.
    """

    id: int
    text: str
    split: str
    suggestion: Suggestion | None
    answer: Answer | None
    others: int
    gold: Utterance | None
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is.

    For one annotator each utterance counts once. For all together an utterance counts by the best of its answers:
    accepted before rejected before skipped before draft.

    Args:
        total: The utterances.
        accepted: Those accepted.
        rejected: Those rejected.
        skipped: Those skipped.
        drafts: Those with a draft only.
        untouched: Those without an answer.
        per_hour: Finished answers an hour in the latest stretch of work without a break of more than 10 minutes;
            None where there is too little to tell.
    """

    total: int
    accepted: int
    rejected: int
    skipped: int
    drafts: int
    untouched: int
    per_hour: float | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody did; the log only grows.

    Args:
        id: Its number; later events have higher ones.
        at: When (UTC).
        who: Who did it.
        action: One word, for example ``"answer"``, ``"rename_label"`` or ``"undo"``.
        about: What was done, in plain words.
        undone: Whether it was taken back since.
    """

    id: int
    at: datetime
    who: str
    action: str
    about: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """An utterance whose annotators do not agree, with each other or with what was decided.

    Args:
        utterance_id: Its number.
        text: Its text.
        answers: The accepted answers.
        decision: What was decided, or None.
        reopened: Whether somebody accepted something else after the decision, which counts until it is made anew.
    """

    utterance_id: int
    text: str
    answers: tuple[Answer, ...]
    decision: Answer | None
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two annotators agree on the utterances both accepted.

    Args:
        first: One annotator.
        second: The other.
        shared: How many utterances both accepted.
        intent_kappa: Cohen's kappa of the intents (-1..1), or None where it is not defined.
        span_f1: F1 of the spans (0..1), slot and both offsets equal; None where neither has a span.
    """

    first: str
    second: str
    shared: int
    intent_kappa: float | None
    span_f1: float | None


@dataclass(frozen=True, slots=True)
class LabelError:
    """An utterance whose gold labels look wrong to models that never saw it.

    Args:
        utterance_id: Its number.
        text: Its text.
        gold: What it is labelled with.
        suggestion: What the models say.
        what: The difference, in plain words.
    """

    utterance_id: int
    text: str
    gold: Utterance
    suggestion: Suggestion
    what: str


@dataclass(frozen=True, slots=True)
class Added:
    """What adding utterances did.

    Args:
        new: How many utterances were added.
        known: How many the project had already.
        answers: How many accepted answers were made of labels that came along.
        left_out: How many labels were left out, because another answer of this person stands there already.
    """

    new: int
    known: int
    answers: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did.

    Args:
        written: How many utterances were written.
        left_out: Reason -> how many utterances were left out for it.
        notes: What the format could not carry of those written, in plain words.
    """

    written: int
    left_out: dict[str, int]
    notes: tuple[str, ...]

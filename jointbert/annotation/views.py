"""What the store hands out: frozen values. No object of the database ever leaves the package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jointbert.errors import StoreError
from jointbert.utterance import Span, Utterance

Kind = Literal["intent", "slot"]
"""What a label names."""
Status = Literal["draft", "accepted", "rejected", "skipped"]
"""How far an annotator is with an utterance; all but ``draft`` are finished."""
SuggestionKind = Literal["model", "out_of_fold"]
"""Who suggests: a trained model, or models that never saw the utterance (cross-validation)."""

KINDS: tuple[Kind, ...] = ("intent", "slot")
STATUSES: tuple[Status, ...] = ("draft", "accepted", "rejected", "skipped")
FINISHED: tuple[Status, ...] = ("accepted", "rejected", "skipped")
LANGUAGES = ("en", "zh")
NAME_LENGTH = 200

PALETTE = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#ccbb44",
    "#66ccee",
    "#aa3377",
    "#0077bb",
    "#ee7733",
    "#009988",
    "#cc3311",
    "#33bbee",
    "#bbbbbb",
)
"""Colours that stay apart for colour-blind eyes. Source: Paul Tol, Colour Schemes, SRON/EPS/TN/09-002, 2021."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def check_name(where: str, name: str, *, blanks: bool = True) -> str:
    """The name itself, when it can be one: not blank, no outer blanks, one line, at most 200 characters.

    Args:
        where: What is named, for the message.
        name: The name.
        blanks: Whether blanks inside are allowed.

    Raises:
        StoreError: It cannot be a name.

    Example:
        >>> check_name("intent", "book flight")
        'book flight'
    """
    expected = f"a name of at most {NAME_LENGTH} characters in one line without outer blanks"
    if not isinstance(name, str) or not name or name != name.strip() or len(name) > NAME_LENGTH:
        shown = f"{name[:60]!r}…" if isinstance(name, str) and len(name) > 60 else repr(name)
        raise StoreError(where, f"the name is {shown}", expected, "Choose another name.")
    if len(name.splitlines()) > 1 or (not blanks and any(character.isspace() for character in name)):
        raise StoreError(where, f"the name is {name!r}", expected if blanks else "no white space", "Use _ instead.")
    return name


@dataclass(frozen=True, slots=True)
class Label:
    """An intent or a slot that annotators choose from.

    Args:
        kind: ``"intent"`` or ``"slot"``.
        name: Its name; a slot's holds no white space.
        description: What it is for, in plain words; may be empty.
        examples: Texts (of an intent) or values (of a slot) that show it.
        colour: ``#rrggbb``, lower case.

    Raises:
        StoreError: The kind is unknown, the name cannot be one, or the colour is none.

    Example:
        >>> Label("slot", "city", "where a flight starts or ends", ("Boston",)).colour
        '#4477aa'
    """

    kind: Kind
    name: str
    description: str = ""
    examples: tuple[str, ...] = ()
    colour: str = PALETTE[0]

    def __post_init__(self) -> None:
        check_kind(self.kind)
        check_name(self.kind, self.name, blanks=self.kind == "intent")
        if not _COLOUR.fullmatch(self.colour):
            raise StoreError(
                f"{self.kind} {self.name!r}", f"the colour is {self.colour!r}", "#rrggbb", "For example #4477aa."
            )


def check_kind(kind: str) -> None:
    """Raise StoreError unless the kind of a label is known."""
    if kind not in KINDS:
        raise StoreError("label", f"the kind is {kind!r}", "intent or slot", "Name one of the two.")


@dataclass(frozen=True, slots=True)
class Schema:
    """The labels of a project, in the order in which they are shown.

    Args:
        intents: The intents.
        slots: The slots.

    Raises:
        StoreError: A label stands in the wrong list, or two of one list share a name.
    """

    intents: tuple[Label, ...] = ()
    slots: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        for kind, labels in (("intent", self.intents), ("slot", self.slots)):
            for label in labels:
                if label.kind != kind:
                    raise StoreError(f"{label.kind} {label.name!r}", f"stands among the {kind}s", None, "Move it.")
            names = [label.name for label in labels]
            for name in names:
                if names.count(name) > 1:
                    raise StoreError(f"{kind} {name!r}", "stands twice in the schema", "each once", "Drop one.")

    @property
    def intent_names(self) -> tuple[str, ...]:
        """The names of the intents."""
        return tuple(label.name for label in self.intents)

    @property
    def slot_names(self) -> tuple[str, ...]:
        """The names of the slots."""
        return tuple(label.name for label in self.slots)

    @classmethod
    def from_utterances(cls, utterances: Iterable[Utterance]) -> Schema:
        """The labels that utterances carry, sorted by name; colours go round the palette.

        Example:
            >>> text = "fly to Boston"
            >>> schema = Schema.from_utterances([Utterance(text, "book", (Span.of(text, "city", 7, 13),))])
            >>> schema.intent_names, schema.slot_names
            (('book',), ('city',))
        """
        intents: set[str] = set()
        slots: set[str] = set()
        for utterance in utterances:
            intents.update([utterance.intent] if utterance.intent is not None else [])
            slots |= {span.slot for span in utterance.spans}
        return cls(
            tuple(Label("intent", name, colour=colour_of(n)) for n, name in enumerate(sorted(intents))),
            tuple(Label("slot", name, colour=colour_of(n)) for n, name in enumerate(sorted(slots))),
        )


def colour_of(position: int) -> str:
    """The colour of the label at a position (0-based) among those of its kind.

    Example:
        >>> colour_of(0) == colour_of(len(PALETTE))
        True
    """
    return PALETTE[position % len(PALETTE)]


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
    """

    id: int
    text: str
    split: str
    suggestion: Suggestion | None
    answer: Answer | None
    others: int
    gold: Utterance | None


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
    """An utterance whose annotators do not agree.

    Args:
        utterance_id: Its number.
        text: Its text.
        answers: The accepted answers.
        decision: What was decided, or None.
    """

    utterance_id: int
    text: str
    answers: tuple[Answer, ...]
    decision: Answer | None


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
    """

    new: int
    known: int
    answers: int


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

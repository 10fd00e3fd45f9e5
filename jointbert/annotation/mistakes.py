"""What one parse got wrong, one mistake at a time, in words that a person can filter by."""

from __future__ import annotations

from dataclasses import dataclass

from jointbert.evaluation.confusion import Confusion, Kind, intent_confusions, slot_confusions
from jointbert.utterance import Parse, Utterance

MISTAKES: dict[Kind, str] = {
    "intent": "Another intent",
    "slot": "Another slot",
    "boundary": "Right slot, other boundaries",
    "missed": "Slot missed",
    "spurious": "Slot where there is none",
}
"""Kind of mistake -> what it is called."""

_ALL = 1_000


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that a parse got wrong.

    Args:
        kind: A key of MISTAKES.
        gold: The right intent or slot; None for a spurious slot.
        predicted: The intent or slot that was given; None for a missed slot, or where no intent was given.
        gold_value: The right span's text; None for an intent or a spurious slot.
        predicted_value: The predicted span's text; None for an intent or a missed slot.
    """

    kind: Kind
    gold: str | None
    predicted: str | None
    gold_value: str | None = None
    predicted_value: str | None = None


def mistakes(gold: Utterance, parse: Parse) -> tuple[Mistake, ...]:
    """The mistakes of a parse, the intent first; empty for one that is right.

    Raises:
        DataError: The two are not of the same text.

    Example:
        >>> mistakes(Utterance("hi", "greet"), Parse("hi", "leave"))[0].predicted
        'leave'
    """
    found = [*intent_confusions([gold], [parse], _ALL), *slot_confusions([gold], [parse], _ALL)]
    return tuple(mistake for confusion in found for mistake in _each(confusion))


def _each(confusion: Confusion) -> list[Mistake]:
    """One mistake for each example: the same confusion may happen twice in one utterance."""
    return [
        Mistake(confusion.kind, confusion.gold, confusion.predicted, example.gold, example.predicted)
        for example in confusion.examples
    ]

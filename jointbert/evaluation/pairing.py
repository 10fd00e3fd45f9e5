"""Gold utterances and their parses side by side, checked, with spans in the units that are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jointbert.errors import DataError
from jointbert.evaluation.token_tags import on_tokens, units_of
from jointbert.utterance import Parse, Span, Utterance

Place = tuple[str, int, int]
"""Slot, first character, one past the last: what must be equal for a span to count as right."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One text with what it means and what the model understood.

    Args:
        text: The raw text.
        where: ``file:line`` of the gold utterance, or None.
        gold_intent: The right intent, or None where the data has none.
        predicted_intent: The model's intent, or None where it has none.
        gold_spans: The right spans; stretched to whole tokens when the units are tokens.
        predicted_spans: The model's spans, likewise.
        in_scope: Whether the model holds the text for one in scope; None for a model that cannot tell.
    """

    text: str
    where: str | None
    gold_intent: str | None
    predicted_intent: str | None
    gold_spans: tuple[Span, ...]
    predicted_spans: tuple[Span, ...]
    in_scope: bool | None = None

    @property
    def gold_places(self) -> frozenset[Place]:
        """The gold spans without their values."""
        return _places(self.gold_spans)

    @property
    def predicted_places(self) -> frozenset[Place]:
        """The predicted spans without their values and confidences."""
        return _places(self.predicted_spans)

    def is_right(self, *, with_intent: bool) -> bool:
        """Whether every span is right and, if that is asked for, the intent is too."""
        return self.gold_places == self.predicted_places and (
            not with_intent or self.gold_intent == self.predicted_intent
        )


def _places(spans: Sequence[Span]) -> frozenset[Place]:
    return frozenset((span.slot, span.start, span.end) for span in spans)


def pair_up(gold: Sequence[Utterance], predicted: Sequence[Parse]) -> list[Pair]:
    """One pair for each utterance, in order.

    Args:
        gold: What is right; at least one utterance.
        predicted: What the model made of the same texts, in the same order.

    Raises:
        DataError: There is nothing to compare, or the two sides are not the same texts.

    Example:
        >>> pair_up([Utterance("hi", "greet")], [Parse("hi", "bye")])[0].predicted_intent
        'bye'
    """
    _check_sides(gold, predicted)
    exact = units_of(gold) == "characters"
    pairs = []
    for utterance, parse in zip(gold, predicted, strict=True):
        ours, theirs = utterance.spans, parse.spans
        if not exact and utterance.tokens is not None:
            ours = on_tokens(utterance.text, utterance.tokens, ours)
            theirs = on_tokens(utterance.text, utterance.tokens, theirs)
        intents = utterance.intent, parse.intent
        pairs.append(Pair(utterance.text, utterance.where, *intents, ours, theirs, parse.in_scope))
    return pairs


def _check_sides(gold: Sequence[Utterance], predicted: Sequence[Parse]) -> None:
    if len(gold) != len(predicted):
        raise DataError(
            "evaluation",
            f"{len(predicted)} parses for {len(gold)} gold utterances",
            "one parse per utterance, in the same order",
            "Parse exactly the texts of the gold utterances.",
        )
    if not gold:
        raise DataError("evaluation", "there are 0 utterances", "at least one", "Choose a file that is not empty.")
    for number, (utterance, parse) in enumerate(zip(gold, predicted, strict=True), start=1):
        if utterance.text != parse.text:
            raise DataError(
                utterance.where or f"utterance {number}",
                f"the parse is of {parse.text!r}",
                f"a parse of {utterance.text!r}",
                "Parse the gold texts as they are, in the same order.",
            )

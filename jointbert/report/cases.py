"""Cases: each gold utterance with its parse and all that is wrong with it, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jointbert.evaluation.confusion import Example, Key, wrong_spans
from jointbert.evaluation.intervals import judges_intents
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.report.prose import Prose, prose
from jointbert.utterance import Parse, Utterance

Wrong = tuple[Key, Example]
"""A confusion and how it looks in this utterance."""


@dataclass(frozen=True, slots=True)
class Case:
    """One gold utterance and what the model made of it.

    Args:
        gold: What is right.
        parse: What the model understood.
        pair: The two with spans in the units that are scored.
        judged: Whether the utterance counts for sentence accuracy: it has a gold intent, or none is scored.
        wrong_intent: The gold and the predicted intent, when they differ and intents are scored.
        wrong_spans: Every wrong span once.
    """

    gold: Utterance
    parse: Parse
    pair: Pair
    judged: bool
    wrong_intent: tuple[str, str | None] | None
    wrong_spans: tuple[Wrong, ...]

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with the parse."""
        return self.wrong_intent is None and not self.wrong_spans

    @property
    def confidence(self) -> float | None:
        """How sure the model was of the whole parse (0..1), or of its intent, or of its least sure span, or None."""
        if self.parse.frame_confidence is not None:
            return self.parse.frame_confidence
        if self.parse.intent_confidence is not None:
            return self.parse.intent_confidence
        return min((span.confidence for span in self.parse.spans if span.confidence is not None), default=None)


def build_cases(gold: Sequence[Utterance], parses: Sequence[Parse]) -> list[Case]:
    """A case for each utterance, in order.

    Args:
        gold: What is right; at least one utterance.
        parses: What the model made of the same texts, in the same order.

    Raises:
        DataError: There is nothing to compare, or the two sides are not the same texts.

    Example:
        >>> case = build_cases([Utterance("hi", "greet")], [Parse("hi", "leave")])[0]
        >>> case.right, case.wrong_intent
        (False, ('greet', 'leave'))
    """
    pairs = pair_up(gold, parses)
    with_intents = judges_intents(pairs)
    return [
        Case(
            utterance,
            parse,
            pair,
            judged=pair.gold_intent is not None or not with_intents,
            wrong_intent=_wrong_intent(pair) if with_intents else None,
            wrong_spans=tuple(wrong_spans(pair)),
        )
        for utterance, parse, pair in zip(gold, parses, pairs, strict=True)
    ]


def _wrong_intent(pair: Pair) -> tuple[str, str | None] | None:
    if pair.gold_intent is None or pair.gold_intent == pair.predicted_intent:
        return None
    return pair.gold_intent, pair.predicted_intent


def told(case: Case) -> tuple[Prose, ...]:
    """What is wrong with a parse, a sentence each; the intent comes first."""
    found = [] if case.wrong_intent is None else [_told_intent(*case.wrong_intent)]
    return (*found, *(_told_span(key, example) for key, example in case.wrong_spans))


def _told_intent(gold: str, predicted: str | None) -> Prose:
    if predicted is None:
        return prose("Intent {}: the model gives none.", gold)
    return prose("Intent {}, read as {}.", gold, predicted)


def _told_span(key: Key, example: Example) -> Prose:
    kind, gold, predicted = key
    if kind == "boundary":
        return prose("{} is {}, read as {}.", gold, example.gold, example.predicted)
    if kind == "missed":
        return prose("{} {} is missed.", gold, example.gold)
    if kind == "spurious":
        return prose("{} is read as {} and has no label.", example.predicted, predicted)
    if example.gold == example.predicted:
        return prose("{} is {}, read as {}.", example.gold, gold, predicted)
    return prose("{} is {}; {} is read as {}.", example.gold, gold, example.predicted, predicted)

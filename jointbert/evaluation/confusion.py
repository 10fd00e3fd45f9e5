"""What is taken for what: intents for intents, slots for slots, spans missed, invented or cut wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jointbert.errors import DataError
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.utterance import Parse, Span, Utterance

Kind = Literal["intent", "slot", "boundary", "missed", "spurious"]
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance in which a confusion happened.

    Args:
        text: The raw text, as its user wrote it.
        where: ``file:line`` it was read from, or None.
        gold: The right span's value; None for an intent, or for a span that should not be there.
        predicted: The predicted span's value; None for an intent, or for a span that was missed.
    """

    text: str
    where: str | None
    gold: str | None = None
    predicted: str | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """One way of being wrong and how often it happened.

    Args:
        kind: ``intent``: another intent; ``slot``: another slot in a place that overlaps; ``boundary``: the right slot
            in a place that overlaps but is not the same; ``missed``: a gold span that no prediction overlaps;
            ``spurious``: a predicted span that no gold span overlaps.
        gold: The right name, or None for a spurious span.
        predicted: The predicted name; None for a missed span, or where the model gave no intent.
        count: How often.
        examples: The first utterances, three at most.
    """

    kind: Kind
    gold: str | None
    predicted: str | None
    count: int
    examples: tuple[Example, ...]


Key = tuple[Kind, str | None, str | None]


def intent_confusions(gold: Sequence[Utterance], predicted: Sequence[Parse], top: int = 10) -> list[Confusion]:
    """The most frequent intent confusions, most frequent first.

    Empty when nothing is confused, and when the data or the model has no intents.

    Args:
        gold: What is right.
        predicted: The parses of the same texts, in the same order.
        top: How many to give, 1 or more.

    Raises:
        DataError: The two sides are not the same texts, or ``top`` is less than 1.

    Example:
        >>> intent_confusions([Utterance("bye", "leave", where="a:1")], [Parse("bye", "greet")])[0].examples
        (Example(text='bye', where='a:1', gold=None, predicted=None),)
    """
    pairs = pair_up(gold, predicted)
    if all(pair.predicted_intent is None for pair in pairs):
        return _count([], top)
    found: list[tuple[Key, Example]] = [
        (("intent", pair.gold_intent, pair.predicted_intent), Example(pair.text, pair.where))
        for pair in pairs
        if pair.gold_intent is not None and pair.gold_intent != pair.predicted_intent
    ]
    return _count(found, top)


def slot_confusions(gold: Sequence[Utterance], predicted: Sequence[Parse], top: int = 10) -> list[Confusion]:
    """The most frequent slot confusions, most frequent first, in the units that slots are scored in.

    Each wrong span is counted once: it is matched first with a wrong span of the other side in the same place, then
    with one of its own slot that overlaps, then with any that overlaps; what is left is missed or spurious.

    Args:
        gold: What is right.
        predicted: The parses of the same texts, in the same order.
        top: How many to give, 1 or more.

    Raises:
        DataError: The two sides are not the same texts, or ``top`` is less than 1.

    Example:
        >>> gold = Utterance("to rome", spans=(Span.of("to rome", "to", 3, 7),))
        >>> worst = slot_confusions([gold], [Parse("to rome", spans=(Span.of("to rome", "from", 3, 7),))])[0]
        >>> worst.kind, worst.gold, worst.predicted, worst.count
        ('slot', 'to', 'from', 1)
    """
    return _count([found for pair in pair_up(gold, predicted) for found in wrong_spans(pair)], top)


def wrong_spans(pair: Pair) -> Iterator[tuple[Key, Example]]:
    """Each wrong span of one utterance: what kind of confusion it is, and how it looks.

    Example:
        >>> gold, said = Utterance("to rome", spans=(Span.of("to rome", "to", 3, 7),)), Parse("to rome")
        >>> [key for key, _ in wrong_spans(pair_up([gold], [said])[0])]
        [('missed', 'to', None)]
    """
    gold = [span for span in pair.gold_spans if (span.slot, span.start, span.end) not in pair.predicted_places]
    predicted = [span for span in pair.predicted_spans if (span.slot, span.start, span.end) not in pair.gold_places]
    for ours, theirs in _match(gold, predicted):
        key: Key = (
            "missed" if theirs is None else "spurious" if ours is None else _kind(ours, theirs),
            ours.slot if ours else None,
            theirs.slot if theirs else None,
        )
        yield key, Example(pair.text, pair.where, ours.value if ours else None, theirs.value if theirs else None)


def _kind(gold: Span, predicted: Span) -> Kind:
    return "boundary" if gold.slot == predicted.slot else "slot"


def _match(gold: list[Span], predicted: list[Span]) -> Iterator[tuple[Span | None, Span | None]]:
    """Every span of both sides once, with its closest counterpart or alone."""
    near = sorted(
        (
            (_distance(ours, theirs), ours, theirs)
            for ours in gold
            for theirs in predicted
            if _overlap(ours, theirs) > 0
        ),
        key=lambda found: (found[0], found[1].start, found[2].start),
    )
    taken: set[tuple[bool, int]] = set()
    for _, ours, theirs in near:
        if (True, ours.start) not in taken and (False, theirs.start) not in taken:
            taken |= {(True, ours.start), (False, theirs.start)}
            yield ours, theirs
    yield from ((ours, None) for ours in gold if (True, ours.start) not in taken)
    yield from ((None, theirs) for theirs in predicted if (False, theirs.start) not in taken)


def _overlap(first: Span, second: Span) -> int:
    return min(first.end, second.end) - max(first.start, second.start)


def _distance(gold: Span, predicted: Span) -> tuple[bool, bool, int]:
    """Smaller is closer: the same place, then the same slot, then the larger overlap."""
    elsewhere = (gold.start, gold.end) != (predicted.start, predicted.end)
    return elsewhere, gold.slot != predicted.slot, -_overlap(gold, predicted)


def _count(found: Iterable[tuple[Key, Example]], top: int) -> list[Confusion]:
    """The ``top`` most frequent keys; of equally frequent ones those first in the alphabet."""
    if top < 1:
        raise DataError("confusions", f"top is {top}", "1 or more", "Ask for at least one confusion.")
    examples: dict[Key, list[Example]] = {}
    for key, example in found:
        examples.setdefault(key, []).append(example)
    worst = sorted(examples, key=lambda key: (-len(examples[key]), key[0], key[1] or "", key[2] or ""))
    return [Confusion(*key, len(examples[key]), tuple(examples[key][:EXAMPLES])) for key in worst[:top]]

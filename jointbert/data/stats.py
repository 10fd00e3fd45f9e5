"""Statistics of utterances: how many of each intent and slot, and how long the texts are."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jointbert.data.words import normalise, words
from jointbert.utterance import Utterance

QUANTILES = {"min": 0.0, "median": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


@dataclass(frozen=True, slots=True)
class SlotCount:
    """How often a slot occurs.

    Args:
        spans: Its spans.
        values: Its distinct values; case and white space do not tell values apart.
        commonest: Its commonest values with their counts, at most three.
    """

    spans: int
    values: int
    commonest: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What there is to count about utterances.

    Args:
        utterances: Their number.
        without_intent: Those that have no intent.
        intents: Intent -> utterances, the commonest first.
        slots: Slot -> counts, the commonest first.
        lengths_in_words: The number of words of each text.
        lengths_in_characters: The number of characters of each text.
    """

    utterances: int
    without_intent: int
    intents: dict[str, int]
    slots: dict[str, SlotCount]
    lengths_in_words: tuple[int, ...]
    lengths_in_characters: tuple[int, ...]

    @classmethod
    def of(cls, utterances: Iterable[Utterance]) -> Statistics:
        """The statistics of utterances.

        Example:
            >>> found = Statistics.of([Utterance("hi", "greet"), Utterance("hello you", "greet")])
            >>> found.intents, quantiles(found.lengths_in_words)["max"]
            ({'greet': 2}, 2)
        """
        everything = list(utterances)
        intents = Counter(utterance.intent for utterance in everything if utterance.intent is not None)
        return cls(
            len(everything),
            sum(utterance.intent is None for utterance in everything),
            dict(intents.most_common()),
            _slots(everything),
            tuple(len(words(utterance.text)) for utterance in everything),
            tuple(len(utterance.text) for utterance in everything),
        )

    def to_dict(self) -> dict[str, Any]:
        """The statistics as JSON-ready values, the lengths as quantiles."""
        return {
            "utterances": self.utterances,
            "without_intent": self.without_intent,
            "intents": self.intents,
            "slots": {
                name: {"spans": slot.spans, "values": slot.values, "commonest": [list(pair) for pair in slot.commonest]}
                for name, slot in self.slots.items()
            },
            "words": quantiles(self.lengths_in_words),
            "characters": quantiles(self.lengths_in_characters),
        }


def _slots(utterances: Sequence[Utterance]) -> dict[str, SlotCount]:
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for utterance in utterances:
        for span in utterance.spans:
            values[span.slot][normalise(span.value)] += 1
    ordered = sorted(values.items(), key=lambda item: (-item[1].total(), item[0]))
    return {slot: SlotCount(seen.total(), len(seen), tuple(seen.most_common(3))) for slot, seen in ordered}


def quantiles(lengths: Sequence[int]) -> dict[str, int]:
    """Quantiles by the nearest rank; nothing for no lengths.

    Example:
        >>> quantiles([1, 2, 3, 4, 100])
        {'min': 1, 'median': 3, 'p90': 100, 'p99': 100, 'max': 100}
        >>> quantiles(range(1, 101))
        {'min': 1, 'median': 50, 'p90': 90, 'p99': 99, 'max': 100}
    """
    ordered = sorted(lengths)
    if not ordered:
        return {}
    ranks = {name: max(1, math.ceil(share * len(ordered) - 1e-9)) for name, share in QUANTILES.items()}
    return {name: ordered[rank - 1] for name, rank in ranks.items()}

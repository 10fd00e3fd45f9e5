"""Slot-value substitution: in each epoch some spans hold another value of their slot, so that contexts are learned."""

from __future__ import annotations

import random
from collections.abc import Sequence

from jointbert.codec import Codec, Encoded
from jointbert.training.value_lists import ValueLists
from jointbert.utterance import Span, Utterance


def values_of(utterances: Sequence[Utterance], more: ValueLists | None = None) -> ValueLists:
    """Each slot's values in the order of the data, as often as they occur; or, where there are lists, each once.

    Args:
        utterances: Training utterances.
        more: Further values by slot. A slot with a list has its own values and the list's, all alike.

    Example:
        >>> flights = [Utterance("to Rome", "fly", (Span.of("to Rome", "city", 3, 7),))] * 3
        >>> values_of(flights), values_of(flights, {"city": ["Oslo", "Rome"]})
        ({'city': ['Rome', 'Rome', 'Rome']}, {'city': ['Rome', 'Oslo']})
    """
    values: ValueLists = {}
    for utterance in utterances:
        for span in utterance.spans:
            values.setdefault(span.slot, []).append(span.value)
    for slot, listed in (more or {}).items():
        known: dict[str, str] = {}
        for value in (*values.get(slot, []), *listed):
            known.setdefault(value.casefold(), value)
        values[slot] = list(known.values())
    return values


def substitute(utterance: Utterance, values: ValueLists, share: float, generator: random.Random) -> Utterance:
    """The utterance with a share of its spans' values swapped for others of the same slot; offsets follow.

    Args:
        utterance: A labelled utterance.
        values: Each slot's values (see :func:`values_of`).
        share: Chance of each span to be swapped (0..1).
        generator: Where chance comes from.

    Example:
        >>> before = Utterance("to Rome", "fly", (Span.of("to Rome", "city", 3, 7),))
        >>> after = substitute(before, {"city": ["New York"]}, 1.0, random.Random(0))
        >>> after.text, after.spans[0].value
        ('to New York', 'New York')
    """
    text, at, spans = "", 0, []
    for span in utterance.spans:
        value = generator.choice(values[span.slot]) if generator.random() < share else span.value
        text += utterance.text[at : span.start]
        spans.append(Span(len(text), len(text) + len(value), span.slot, value))
        text += value
        at = span.end
    return Utterance(text + utterance.text[at:], utterance.intent, tuple(spans), where=utterance.where)


class Substitution:
    """The training utterances of any epoch, encoded; the seed and the epoch decide what is swapped.

    Args:
        utterances: Training utterances.
        codec: Text → arrays.
        share: Chance of each span to be swapped (0..1).
        seed: Of what is swapped.
        more: Further values by slot, from lists.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        codec: Codec,
        share: float,
        seed: int,
        more: ValueLists | None = None,
    ) -> None:
        self._utterances = utterances
        self._codec = codec
        self._share = share
        self._seed = seed
        self._values = values_of(utterances, more)

    def epoch(self, number: int) -> list[Encoded]:
        """The encoded utterances of an epoch, as many as there are and in their order."""
        generator = random.Random(self._seed * 100_003 + number)
        swapped = [substitute(item, self._values, self._share, generator) for item in self._utterances]
        return self._codec.encode(swapped)[0]

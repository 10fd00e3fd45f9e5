"""Slot-value substitution: in each epoch some spans hold another value of their slot, so that contexts are learned."""

from __future__ import annotations

import random
from collections.abc import Sequence

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

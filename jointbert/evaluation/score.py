"""Scores of a model on labelled utterances: intents, slots, whole sentences.

Intent
    *Accuracy*, and *macro-F1*: the unweighted mean, over the intents that appear in gold, of each one's F1
    (scikit-learn, ``zero_division=0``: an intent that is never predicted has precision 0 and F1 0). An intent is its
    whole name: ``atis_flight#atis_airfare`` is one intent, not two.
Slots
    Micro-averaged precision, recall and F1 over spans; a span is right when slot, start and end are. On data with
    tokens they are seqeval's, in its default mode (conlleval's counting, the one in the literature) and in its strict
    IOB2 mode; on raw text they are over exact character offsets, where the two modes cannot differ. ``Scores.units``
    says which.
Sentence
    The share of utterances with the right intent and every span right. Intents are judged where the data and the model
    both have some, spans always: in data without any, each predicted one is wrong.

A gold intent or slot that the model never saw in training counts as wrong, never as absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support as default_rates
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_rates
from seqeval.scheme import IOB2
from sklearn.metrics import precision_recall_fscore_support as sklearn_rates

from jointbert.evaluation.notes import notes_on
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.token_tags import Units, token_tags, units_of
from jointbert.utterance import Parse, Utterance


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class LabelScores:
    """The scores of one intent or one slot.

    Args:
        name: The intent's or the slot's name.
        support: How often it appears in gold; 0 for one that is only predicted.
        precision: Share of its predictions that are right, 0..1; 0 where there are none.
        recall: Share of its gold appearances that were found, 0..1; 0 where there are none.
        f1: Their harmonic mean, 0..1.
    """

    name: str
    support: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a model is on one file. Every rate is from 0 to 1.

    Args:
        utterances: How many utterances were compared.
        units: ``"tokens"`` or ``"characters"``: what slot scores are counted over.
        intent_accuracy: Share of right intents among utterances with a gold intent; None where the data has no intents
            or the model gives none.
        intent_macro_f1: Mean F1 over the intents in gold; None likewise.
        slots: Micro averages, counted as conlleval does; None where neither side has a span.
        slots_strict: Micro averages in seqeval's strict IOB2 mode; None likewise.
        sentence_accuracy: Share of utterances that are right as a whole; None where there is nothing to be right in.
        per_intent: One row per intent, most frequent first.
        per_slot: One row per slot, most frequent first.
        notes: What a reader of the numbers has to know: what was left out, widened or not there at all.
    """

    utterances: int
    units: Units
    intent_accuracy: float | None
    intent_macro_f1: float | None
    slots: Rates | None
    slots_strict: Rates | None
    sentence_accuracy: float | None
    per_intent: tuple[LabelScores, ...] = ()
    per_slot: tuple[LabelScores, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def slot_f1(self) -> float | None:
        """The slot F1 of the literature (seqeval's default mode), 0..1, or None where there is no span."""
        return None if self.slots is None else self.slots.f1

    @property
    def slot_f1_strict(self) -> float | None:
        """The slot F1 in strict IOB2 mode, 0..1, or None where there is no span."""
        return None if self.slots_strict is None else self.slots_strict.f1

    def to_dict(self) -> dict[str, Any]:
        """The scores as JSON-ready values, keys in a fixed order.

        Returns:
            The fields of this class, by name; ``slots`` and ``slots_strict`` as {precision, recall, f1} or None; the
            rows of ``per_intent`` and ``per_slot`` as {name, support, precision, recall, f1}.
        """
        values = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def evaluate(gold: Sequence[Utterance], predicted: Sequence[Parse]) -> Scores:
    """The scores of parses against gold utterances.

    Args:
        gold: What is right; at least one utterance.
        predicted: What the model made of the same texts, in the same order.

    Raises:
        DataError: There is nothing to compare, or the two sides are not the same texts.

    Example:
        >>> scores = evaluate([Utterance("hi", "greet"), Utterance("bye", "leave")],
        ...                   [Parse("hi", "greet"), Parse("bye", "greet")])
        >>> scores.intent_accuracy, scores.slot_f1, scores.sentence_accuracy
        (0.5, None, 0.5)
    """
    pairs = pair_up(gold, predicted)
    accuracy, macro_f1, per_intent = _score_intents(pairs)
    slots, strict = _score_slots(gold, predicted, pairs)
    return Scores(
        utterances=len(pairs),
        units=units_of(gold),
        intent_accuracy=accuracy,
        intent_macro_f1=macro_f1,
        slots=slots,
        slots_strict=strict,
        sentence_accuracy=_score_sentences(pairs, with_intents=accuracy is not None, with_slots=slots is not None),
        per_intent=per_intent,
        per_slot=_rows_per_slot(pairs),
        notes=notes_on(gold, predicted, pairs),
    )


def _score_intents(pairs: Sequence[Pair]) -> tuple[float | None, float | None, tuple[LabelScores, ...]]:
    """Accuracy, macro-F1 and the rows per intent; an utterance without a gold intent is not judged."""
    judged = [(pair.gold_intent, pair.predicted_intent) for pair in pairs if pair.gold_intent is not None]
    if not judged or all(pair.predicted_intent is None for pair in pairs):
        return None, None, ()
    support = Counter(gold for gold, _ in judged)
    names = sorted(support | Counter(name for _, name in judged if name is not None), key=lambda n: (-support[n], n))
    ids: dict[str | None, int] = {name: index for index, name in enumerate(names)}
    gold_ids = [ids[gold] for gold, _ in judged]
    predicted_ids = [ids.get(name, len(ids)) for _, name in judged]
    columns = sklearn_rates(gold_ids, predicted_ids, labels=range(len(names)), average=None, zero_division=0)
    rows = tuple(
        LabelScores(name, support[name], float(precision), float(recall), float(f1))
        for name, precision, recall, f1 in zip(names, *columns[:3], strict=True)
    )
    accuracy = sum(gold == name for gold, name in judged) / len(judged)
    return accuracy, float(np.mean([row.f1 for row in rows if row.support])), rows


def _score_slots(
    gold: Sequence[Utterance], predicted: Sequence[Parse], pairs: Sequence[Pair]
) -> tuple[Rates | None, Rates | None]:
    """Micro averages, default and strict; None for both when neither side has a span."""
    if not any(pair.gold_spans or pair.predicted_spans for pair in pairs):
        return None, None
    if units_of(gold) == "characters":
        rates = _rates(
            sum(len(pair.gold_places & pair.predicted_places) for pair in pairs),
            sum(len(pair.gold_places) for pair in pairs),
            sum(len(pair.predicted_places) for pair in pairs),
        )
        return rates, rates
    tags = token_tags(gold, predicted)
    default = default_rates(*tags, average="micro", zero_division=0)
    strict = strict_rates(*tags, average="micro", zero_division=0, scheme=IOB2)  # seqeval's mode="strict"
    return Rates(*map(float, default[:3])), Rates(*map(float, strict[:3]))


def _rates(right: int, gold: int, predicted: int) -> Rates:
    """Rates from counts; what has nothing to divide by is 0."""
    precision = right / predicted if predicted else 0.0
    recall = right / gold if gold else 0.0
    return Rates(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def _rows_per_slot(pairs: Sequence[Pair]) -> tuple[LabelScores, ...]:
    gold: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for pair in pairs:
        gold.update(slot for slot, _, _ in pair.gold_places)
        predicted.update(slot for slot, _, _ in pair.predicted_places)
        right.update(slot for slot, _, _ in pair.gold_places & pair.predicted_places)
    rows = []
    for name in sorted(gold | predicted, key=lambda name: (-gold[name], name)):
        rates = _rates(right[name], gold[name], predicted[name])
        rows.append(LabelScores(name, gold[name], rates.precision, rates.recall, rates.f1))
    return tuple(rows)


def _score_sentences(pairs: Sequence[Pair], *, with_intents: bool, with_slots: bool) -> float | None:
    """The share of utterances right in all that is judged; those without a gold intent stay out when intents are."""
    if not with_intents and not with_slots:
        return None
    judged = [pair for pair in pairs if pair.gold_intent is not None] if with_intents else pairs
    return sum(pair.is_right(with_intent=with_intents) for pair in judged) / len(judged)

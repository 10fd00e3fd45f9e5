"""Whether confidences mean what they say: expected calibration error, reliability bins, and when to ask back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.utterance import Parse, Span, Utterance

BINS = 15
TARGETS = (0.95, 0.98, 0.99)
DIGITS = 3
"""Decimals that a threshold has at least."""

Held = dict[str, dict[str, "Reliability"]]
"""``"raw"`` and ``"calibrated"``, as far as they are known → kind of confidence → how it holds."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """The confidences in one interval.

    Args:
        low: Lower edge (0..1), not in the interval but for 0.
        high: Upper edge, in the interval.
        count: How many there are.
        confidence: Their mean (0..1).
        accuracy: Share of them that are right (0..1).
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class AskBack:
    """What a team does that wants to be right so often.

    Args:
        target: The share of answers that should be right (0..1).
        threshold: Ask back below this confidence (0..1), rounded down to as few decimals as leave ``kept`` as it is; 0
            where everything may be answered, None where no threshold reaches the target.
        kept: Share of utterances that are answered (0..1).
        accuracy: Share of these that are right (0..1); None where none is.
    """

    target: float
    threshold: float | None
    kept: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well confidences hold.

    Args:
        count: How many there are.
        ece: Expected calibration error (0..1): the mean distance between confidence and accuracy over the bins,
            weighted by their counts.
        bins: The bins that are not empty.
        ask_back: A row for each of :data:`TARGETS`.

    Source:
        Guo, Pleiss, Sun and Weinberger 2017, arXiv:1706.04599, section 2, equation 3.
    """

    count: int
    ece: float
    bins: tuple[Bin, ...]
    ask_back: tuple[AskBack, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        return asdict(self)


def reliability(confidences: Sequence[float] | Floats, right: Sequence[bool] | Bools, bins: int = BINS) -> Reliability:
    """How well confidences hold.

    Args:
        confidences: (n,) 0..1; at least one.
        right: (n,) whether it was so.
        bins: Number of intervals of equal width.

    Example:
        >>> reliability([0.9, 0.9, 0.9, 0.9], [True, True, True, False]).ece
        0.15
    """
    sure, hit = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.bool_)
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for number in np.unique(place).tolist():
        here = place == number
        means = float(sure[here].mean()), float(hit[here].mean())
        found.append(Bin(number / bins, (number + 1) / bins, int(here.sum()), *means))
    ece = sum(each.count * abs(each.confidence - each.accuracy) for each in found) / len(sure)
    return Reliability(len(sure), round(ece, 12), tuple(found), tuple(_ask(sure, hit, target) for target in TARGETS))


def _ask(sure: Floats, hit: Bools, target: float) -> AskBack:
    """The lowest threshold above which so many are right; those of one confidence stay together."""
    order = np.argsort(-sure, kind="stable")
    ranked = sure[order]
    share = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    last_of_its_kind = np.append(ranked[1:] < ranked[:-1], True)
    enough = np.flatnonzero((share >= target) & last_of_its_kind)
    if not len(enough):
        return AskBack(target, None, 0.0, None)
    cut = int(enough[-1])
    threshold = between(float(ranked[cut + 1]), float(ranked[cut])) if cut + 1 < len(order) else 0.0
    return AskBack(target, threshold, (cut + 1) / len(order), float(share[cut]))


def between(low: float, high: float) -> float:
    """The number with the fewest decimals, but :data:`DIGITS`, that is not above ``high``, and yet above ``low``.

    Args:
        low: From 0 to 1.
        high: Likewise, and higher.

    Example:
        >>> between(0.8, 0.9876), between(0.99985, 0.99994), between(0.99991, 0.99994)
        (0.987, 0.9999, 0.99994)
    """
    for digits in range(DIGITS, 18):
        floor = float(Decimal(high).quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR))
        if floor > low:
            return floor
    return high


def hold(gold: Sequence[Utterance], parses: Sequence[Parse], raw: Sequence[Parse] | None = None) -> Held:
    """How well a model's confidences hold, before and after calibration.

    Args:
        gold: What is right.
        parses: What the model made of the same texts, in their order.
        raw: The parses with uncalibrated confidences, where ``parses`` has calibrated ones; None where it has raw ones.
    """
    final = reliabilities(gold, parses)
    return {"raw": final} if raw is None else {"raw": reliabilities(gold, raw), "calibrated": final}


def sure_spans(pair: Pair, parse: Parse) -> list[tuple[Span, float]]:
    """The predicted spans in the units that are scored, each with its confidence (0..1).

    Left out are those without a confidence, and those that are lost there because they share no token of their own.

    Args:
        pair: Gold beside the parse.
        parse: The parse itself, whose spans have confidences.
    """
    found = []
    free = list(pair.predicted_spans)
    for span in parse.spans:
        own = (each for each in free if each.slot == span.slot and each.start < span.end and span.start < each.end)
        scored = next(own, None)
        if scored is None:
            continue
        free.remove(scored)
        if span.confidence is not None:
            found.append((scored, span.confidence))
    return found


def reliabilities(gold: Sequence[Utterance], parses: Sequence[Parse]) -> dict[str, Reliability]:
    """How well a model's confidences hold, by what they are about.

    Args:
        gold: What is right.
        parses: What the model made of the same texts, in their order.

    Returns:
        ``"intent"`` (the first intent's), ``"slot"`` (each predicted span's) and ``"frame"`` (everything at once), as
        far as both sides have them.
    """
    intents: list[tuple[float, bool]] = []
    slots: list[tuple[float, bool]] = []
    frames: list[tuple[float, bool]] = []
    for pair, parse in zip(pair_up(gold, parses), parses, strict=True):
        same = pair.gold_intent == pair.predicted_intent
        judged = pair.gold_intent is not None and parse.intent_confidence is not None
        if judged and parse.intent_confidence is not None:
            intents.append((parse.intent_confidence, same))
        for span, confidence in sure_spans(pair, parse):
            slots.append((confidence, (span.slot, span.start, span.end) in pair.gold_places))
        if parse.frame_confidence is not None and (judged or parse.intent is None):
            frames.append((parse.frame_confidence, pair.is_right(with_intent=parse.intent is not None)))
    kinds = {"intent": intents, "slot": slots, "frame": frames}
    return {
        kind: reliability([sure for sure, _ in rows], [hit for _, hit in rows]) for kind, rows in kinds.items() if rows
    }

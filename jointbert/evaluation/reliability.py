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
        accuracy: Share of these that are right (0..1); None where none is answered.
        answers: How many that are.
    """

    target: float
    threshold: float | None
    kept: float
    accuracy: float | None
    answers: int

    @property
    def enough(self) -> int:
        """The least number of answers that can show the target: where n of n are right, 3 in n may still be wrong.

        Source:
            Hanley and Lippman-Hand 1983, *If Nothing Goes Wrong, Is Everything All Right?*, the rule of three.
        """
        return round(3 / (1 - self.target))

    @property
    def rests_on_few(self) -> bool:
        """Whether it rests on fewer answers than that."""
        return 0 < self.answers < self.enough


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well confidences hold.

    Args:
        count: How many there are.
        ece: Expected calibration error (0..1): the mean distance between confidence and accuracy over the bins,
            weighted by their counts.
        bins: The bins that are not empty.
        ask_back: A row for each of :data:`TARGETS`.
        refused: How many are of utterances that the model holds for out of scope: they are not answered, whatever the
            confidence, and so have a part in ``kept`` only as what is asked back.

    Source:
        Guo, Pleiss, Sun and Weinberger 2017, arXiv:1706.04599, section 2, equation 3.
    """

    count: int
    ece: float
    bins: tuple[Bin, ...]
    ask_back: tuple[AskBack, ...]
    refused: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        rows = [asdict(row) | {"enough": row.enough, "rests_on_few": row.rests_on_few} for row in self.ask_back]
        return asdict(self) | {"ask_back": rows}


def reliability(
    confidences: Sequence[float] | Floats,
    right: Sequence[bool] | Bools,
    bins: int = BINS,
    refused: Sequence[bool] | Bools | None = None,
) -> Reliability:
    """How well confidences hold.

    Args:
        confidences: (n,) 0..1; at least one.
        right: (n,) whether it was so.
        bins: Number of intervals of equal width.
        refused: (n,) whether the model holds the utterance for out of scope; None where it does so with none.

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
    kept = np.ones(len(sure), dtype=np.bool_) if refused is None else ~np.asarray(refused, dtype=np.bool_)
    asks = tuple(_ask(sure[kept], hit[kept], target, len(sure)) for target in TARGETS)
    return Reliability(len(sure), round(ece, 12), tuple(found), asks, int((~kept).sum()))


def _ask(sure: Floats, hit: Bools, target: float, count: int) -> AskBack:
    """The lowest threshold above which so many are right; those of one confidence stay together.

    Args:
        sure: (m,) 0..1, how sure the model is of what it may answer.
        hit: (m,) whether that is right.
        target: How many should be, 0..1.
        count: How many there are with those that it may not answer.
    """
    order = np.argsort(-sure, kind="stable")
    ranked = sure[order]
    share = np.cumsum(hit[order]) / np.arange(1, len(order) + 1)
    last_of_its_kind = np.append(ranked[1:] < ranked[:-1], True)[: len(order)]
    enough = np.flatnonzero((share >= target) & last_of_its_kind)
    if not len(enough):
        return AskBack(target, None, 0.0, None, 0)
    answers = int(enough[-1]) + 1
    threshold = between(float(ranked[answers]), float(ranked[answers - 1])) if answers < len(order) else 0.0
    return AskBack(target, threshold, answers / count, float(share[answers - 1]), answers)


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
    kinds: dict[str, list[tuple[float, bool, bool]]] = {"intent": [], "slot": [], "frame": []}
    for pair, parse in zip(pair_up(gold, parses), parses, strict=True):
        refused = parse.in_scope is False
        judged = pair.gold_intent is not None and parse.intent_confidence is not None
        if judged and parse.intent_confidence is not None:
            kinds["intent"].append((parse.intent_confidence, pair.gold_intent == pair.predicted_intent, refused))
        for span, confidence in sure_spans(pair, parse):
            kinds["slot"].append((confidence, (span.slot, span.start, span.end) in pair.gold_places, refused))
        if parse.frame_confidence is not None and (judged or parse.intent is None):
            right = pair.is_right(with_intent=parse.intent is not None)
            kinds["frame"].append((parse.frame_confidence, right, refused))
    found = {kind: tuple(zip(*rows, strict=True)) for kind, rows in kinds.items() if rows}
    return {kind: reliability(sure, right, refused=refused) for kind, (sure, right, refused) in found.items()}

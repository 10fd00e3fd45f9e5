"""The scores of one model with their intervals, from what each utterance adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.significance import SEED, Interval, Statistic, bootstrap_interval, f1, paired_bootstrap, ratio
from jointbert.utterance import Parse, Utterance

Score = Literal["intent accuracy", "slot F1", "sentence accuracy"]
Rows = NDArray[np.float64]

RULE_OF_THREE = 3
"""What did not happen in n cases happens, with 95 % confidence, in less than 3 of n."""


def f1_or_zero(sums: Rows) -> Rows:
    """F1 as :class:`jointbert.evaluation.score.Scores` has it: 0 for a side that has no span."""
    return np.nan_to_num(f1(sums), nan=0.0)


STATISTICS: dict[Score, Statistic] = {"intent accuracy": ratio, "slot F1": f1_or_zero, "sentence accuracy": ratio}
"""What makes each score of the sums of its rows."""


def score_intervals(gold: Sequence[Utterance], predicted: Sequence[Parse], seed: int = SEED) -> dict[Score, Interval]:
    """Each headline score with its bootstrap 95 % interval, as far as data and model have what it judges.

    The interval says what another sample of utterances could have given, not what another training run could have.
    Where nothing was wrong no resample can be, so the interval of a perfect score goes down to 1 less 3 / n, and that
    of a score of 0 up to 3 / n; see :func:`widened`.

    Args:
        gold: What is right; at least one utterance.
        predicted: What the model made of the same texts, in the same order.
        seed: Of the resamples.

    Raises:
        DataError: There is nothing to compare, or the two sides are not the same texts.

    Source:
        Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13 (the percentile interval); Hanley and
        Lippman-Hand 1983, *If Nothing Goes Wrong, Is Everything All Right?*, JAMA 249(13) (the rule of three).

    Example:
        >>> gold = [Utterance(f"hi {number}", "greet") for number in range(100)]
        >>> parses = [Parse(each.text, "bye" if each.text.endswith("7") else "greet") for each in gold]
        >>> found = score_intervals(gold, parses)["intent accuracy"]
        >>> found.value, round(found.low, 2), round(found.high, 2)
        (0.9, 0.84, 0.95)
    """
    return pair_intervals(pair_up(gold, predicted), seed)


def pair_intervals(pairs: Sequence[Pair], seed: int = SEED) -> dict[Score, Interval]:
    """What :func:`score_intervals` gives, of what is paired already."""
    kinds = {"with_intent": judges_intents(pairs), "with_slots": judges_slots(pairs)}
    rows = score_rows(pairs, **kinds)
    return {score: score_interval(score, each, seed) for score, each in rows.items()}


def score_interval(score: Score, rows: Rows, seed: int = SEED) -> Interval:
    """The bootstrap interval of one score; where all utterances score alike, that of the rule of three.

    Args:
        score: Which one.
        rows: What each utterance adds to it; see :func:`score_rows`.
        seed: Of the resamples.
    """
    cases = judged_cases(rows)
    if not cases:
        return Interval(0.0, 0.0, 1.0)
    found = bootstrap_interval(rows, f1 if score == "slot F1" else ratio, seed=seed)
    return widened(found, cases, least=0.0)


def judged_cases(*sides: Rows) -> int:
    """How many utterances tell of a score: all for an accuracy; for slot F1 those in which any side has a span."""
    if sides[0].ndim == 1:
        return len(sides[0])
    return int(np.any([rows.any(axis=1) for rows in sides], axis=0).sum())


def difference_interval(first: Rows, second: Rows, statistic: Statistic, seed: int = SEED) -> Interval:
    """The second score minus the first, of the same utterances, with the interval of the paired bootstrap.

    Where no utterance tells the two apart, or all do alike, the interval is that of the rule of three.
    """
    drawn = paired_bootstrap(first, second, statistic, seed=seed).interval
    return widened(drawn, judged_cases(first, second), least=-1.0)


def widened(found: Interval, cases: int, *, least: float, most: float = 1.0) -> Interval:
    """An interval without width, made as wide as few utterances leave it; any other as it is.

    Where all utterances score alike so does every resample, and the bootstrap's interval has no width. Others may yet
    score otherwise: with 95 % confidence less than 3 in n, which may be as bad, or as good, as can be. (For slot F1
    that takes them to have about as many spans as the others.)

    Args:
        found: The bootstrap's 95 % interval.
        cases: How many utterances it is from.
        least: What the score is where all is as bad as can be: 0, or -1 for a difference.
        most: Where all is as good as can be.

    Source:
        Hanley and Lippman-Hand 1983, *If Nothing Goes Wrong, Is Everything All Right?*, JAMA 249(13).

    Example:
        >>> widened(Interval(0.5, 0.5, 0.5), 30, least=0.0)
        Interval(value=0.5, low=0.45, high=0.55, level=0.95)
    """
    if found.low < found.high:
        return found
    others = min(1.0, RULE_OF_THREE / max(cases, 1))
    low, high = (found.value + others * (end - found.value) for end in (least, most))
    return replace(found, low=low, high=high)


def judges_intents(pairs: Sequence[Pair]) -> bool:
    """Whether gold and model both have intents."""
    gold = any(pair.gold_intent is not None for pair in pairs)
    return gold and any(pair.predicted_intent is not None for pair in pairs)


def judges_slots(pairs: Sequence[Pair]) -> bool:
    """Whether gold or model has a span."""
    return any(pair.gold_spans or pair.predicted_spans for pair in pairs)


def score_rows(pairs: Sequence[Pair], *, with_intent: bool, with_slots: bool) -> dict[Score, Rows]:
    """What each utterance adds to each score.

    Args:
        pairs: Gold beside parses.
        with_intent: Whether intents are judged; utterances without a gold intent then stay out of both accuracies.
        with_slots: Whether slots are.

    Returns:
        For the accuracies 1 or 0, float64 (n,); for slot F1 the right, gold and predicted spans, float64 (n, 3). Empty
        where neither is judged.
    """
    judged = [pair for pair in pairs if pair.gold_intent is not None] if with_intent else pairs
    rows: dict[Score, Rows] = {}
    if with_intent:
        right = [pair.gold_intent == pair.predicted_intent for pair in judged]
        rows["intent accuracy"] = np.array(right, dtype=np.float64)
    if with_slots:
        rows["slot F1"] = np.array([_spans(pair) for pair in pairs], dtype=np.float64)
    if rows:
        whole = [pair.is_right(with_intent=with_intent) for pair in judged]
        rows["sentence accuracy"] = np.array(whole, dtype=np.float64)
    return rows


def _spans(pair: Pair) -> tuple[int, int, int]:
    return len(pair.gold_places & pair.predicted_places), len(pair.gold_places), len(pair.predicted_places)

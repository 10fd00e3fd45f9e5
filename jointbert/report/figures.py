"""The headline numbers with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence

from jointbert.evaluation.score import Scores
from jointbert.evaluation.significance import Statistic, bootstrap_interval, f1, ratio
from jointbert.report.cases import Case
from jointbert.report.findings import Figure

RULE_OF_THREE = 3
"""What did not happen in n cases happens, with 95 % confidence, in less than 3 of n."""

INTENT, SLOT, SENTENCE = "Intent accuracy", "Slot F1", "Sentence accuracy"


def figures(cases: Sequence[Case], scores: Scores) -> tuple[Figure, ...]:
    """Sentence accuracy, intent accuracy and slot F1, as far as they exist, each with its bootstrap interval.

    Where nothing was wrong no resample can be, so the interval of a perfect score goes down to 1 less 3 / n, and that
    of a score of 0 up to 3 / n.

    Source:
        Hanley and Lippman-Hand 1983, *If Nothing Goes Wrong, Is Everything All Right?*, JAMA 249(13).
    """
    judged = [case for case in cases if case.judged]
    intents = [(case.wrong_intent is None, 1) for case in judged]
    slots = [_span_counts(case) for case in cases]
    return (
        _figure(SENTENCE, scores.sentence_accuracy, [(case.right, 1) for case in judged], ratio),
        _figure(INTENT, scores.intent_accuracy, intents, ratio),
        _figure(SLOT, scores.slot_f1, slots, f1),
    )


def _span_counts(case: Case) -> tuple[int, int, int]:
    """Right, gold and predicted spans."""
    gold, predicted = case.pair.gold_places, case.pair.predicted_places
    return len(gold & predicted), len(gold), len(predicted)


def _figure(name: str, value: float | None, counts: Sequence[tuple[float, ...]], statistic: Statistic) -> Figure:
    if value is None:
        return Figure(name, None)
    interval = bootstrap_interval(counts, statistic)
    if interval.low < interval.high or 0.0 < value < 1.0:
        return Figure(name, value, interval.low, interval.high)
    beyond = min(1.0, RULE_OF_THREE / sum(map(any, counts)))
    return Figure(name, value, 1 - beyond if value else 0.0, 1.0 if value else beyond)

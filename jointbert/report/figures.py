"""The headline numbers with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence

from jointbert.evaluation.intervals import Score, pair_intervals
from jointbert.evaluation.score import Scores
from jointbert.evaluation.significance import Interval
from jointbert.report.cases import Case
from jointbert.report.findings import Figure

INTENT, SLOT, SENTENCE = "Intent accuracy", "Slot F1", "Sentence accuracy"


def figures(cases: Sequence[Case], scores: Scores) -> tuple[Figure, ...]:
    """Sentence accuracy, intent accuracy and slot F1, as far as they exist, each with its bootstrap interval."""
    found = pair_intervals([case.pair for case in cases])
    return (
        _figure(SENTENCE, scores.sentence_accuracy, found, "sentence accuracy"),
        _figure(INTENT, scores.intent_accuracy, found, "intent accuracy"),
        _figure(SLOT, scores.slot_f1, found, "slot F1"),
    )


def _figure(name: str, value: float | None, found: dict[Score, Interval], score: Score) -> Figure:
    if value is None:
        return Figure(name, None)
    return Figure(name, value, found[score].low, found[score].high)

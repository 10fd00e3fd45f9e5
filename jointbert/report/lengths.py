"""Scores by the length of the utterances."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from jointbert.data.words import words
from jointbert.evaluation.intervals import judges_intents, judges_slots
from jointbert.evaluation.score import evaluate
from jointbert.report.cases import Case
from jointbert.report.findings import LengthRow
from jointbert.report.training import Training

EDGES = (3, 6, 9, 12, 16, 24)
"""The longest length of each group, in words; what is longer makes the last group."""


def length_group(text: str) -> int:
    """The number of the group that a text belongs to.

    Example:
        >>> length_group("hi"), length_group("fly to rome at noon")
        (0, 1)
    """
    return bisect_left(EDGES, len(words(text)))


def group_name(group: int) -> str:
    """The lengths of a group.

    Example:
        >>> group_name(0), group_name(1), group_name(6)
        ('1-3', '4-6', '25+')
    """
    low = EDGES[group - 1] + 1 if group else 1
    return f"{low}-{EDGES[group]}" if group < len(EDGES) else f"{low}+"


def length_rows(cases: Sequence[Case], training: Training | None) -> tuple[LengthRow, ...]:
    """A row for each group of lengths that has utterances, shortest first."""
    groups: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        groups[length_group(case.gold.text)].append(case)
    trained = None if training is None else Counter(length_group(utterance.text) for utterance in training.utterances)
    pairs = [case.pair for case in cases]
    scored = judges_intents(pairs) or judges_slots(pairs)
    rows = []
    for group in sorted(groups):
        scores = evaluate([case.gold for case in groups[group]], [case.parse for case in groups[group]])
        known = None if trained is None else trained[group]
        right = [case.right for case in groups[group] if case.judged]
        rates = scores.intent_accuracy, scores.slot_f1, sum(right) / len(right) if right and scored else None
        rows.append(LengthRow(group_name(group), len(groups[group]), known, *rates))
    return tuple(rows)

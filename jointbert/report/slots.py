"""What became of the gold spans of each slot, and whether training knew their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jointbert.evaluation.pairing import Pair
from jointbert.evaluation.score import Scores
from jointbert.report.cases import Case
from jointbert.report.findings import SlotRow, ValueRow
from jointbert.report.training import Training
from jointbert.utterance import Span

SEEN, ELSEWHERE, NEW = "seen with this slot", "seen with other slots only", "never seen"


def slot_rows(cases: Sequence[Case], scores: Scores) -> tuple[SlotRow, ...]:
    """A row per slot, in the order of the scores: the most frequent first.

    A span that is read as another slot counts for the slot of its gold label, not for the other one.
    """
    wrong: Counter[tuple[str, str]] = Counter()
    right: Counter[str] = Counter()
    for case in cases:
        right.update(slot for slot, _, _ in case.pair.gold_places & case.pair.predicted_places)
        for (kind, gold, predicted), _ in case.wrong_spans:
            wrong[gold or predicted or "", kind] += 1
    return tuple(
        SlotRow(
            row.name,
            right=right[row.name],
            boundary=wrong[row.name, "boundary"],
            label=wrong[row.name, "slot"],
            missed=wrong[row.name, "missed"],
            spurious=wrong[row.name, "spurious"],
            f1=row.f1,
        )
        for row in scores.per_slot
    )


def value_rows(cases: Sequence[Case], training: Training | None) -> tuple[ValueRow, ...]:
    """The gold spans in three groups: values that training labels so, otherwise, or not at all."""
    if training is None or not any(case.pair.gold_spans for case in cases):
        return ()
    spans: Counter[str] = Counter()
    found: Counter[str] = Counter()
    utterances: Counter[str] = Counter()
    for case in cases:
        failed = set()
        for span in case.pair.gold_spans:
            group = known_as(span, training)
            spans[group] += 1
            if _is_found(span, case.pair):
                found[group] += 1
            else:
                failed.add(group)
        utterances.update(failed)
    return tuple(ValueRow(name, spans[name], found[name], utterances[name]) for name in (SEEN, ELSEWHERE, NEW))


def known_as(span: Span, training: Training) -> str:
    """What training knew of a span's value: one of the three groups."""
    uses = training.uses(span.value)
    return SEEN if uses[span.slot] else ELSEWHERE if uses else NEW


def _is_found(span: Span, pair: Pair) -> bool:
    return (span.slot, span.start, span.end) in pair.predicted_places

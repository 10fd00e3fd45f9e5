"""A learning curve read off: what each share of the training data gave, and what the last step in data gained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jointbert.evaluation.comparison import Contest, compare
from jointbert.evaluation.intervals import Score, difference_interval, score_intervals
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.score import Scores, evaluate
from jointbert.evaluation.significance import SEED, Interval, f1
from jointbert.utterance import Parse, Utterance

LabelKind = Literal["intent", "slot"]
FEW = 10
"""A label that fewer dev utterances have than this is not judged: resamples of so few say little of others."""
TOP = 0.99
"""From this F1 on a label is at the top: what more data could still add is less than a point."""


@dataclass(frozen=True, slots=True)
class Step:
    """One share of the training data and what it gave on dev.

    Args:
        percent: The share, above 0 and up to 100.
        utterances: How many training utterances that is.
        examples: How often each label occurs in them, by ("intent" | "slot", name).
        scores: On all of dev.
        intervals: The headline scores with their 95 % intervals over dev utterances.
    """

    percent: float
    utterances: int
    examples: Mapping[tuple[LabelKind, str], int]
    scores: Scores
    intervals: Mapping[Score, Interval]

    def f1_of(self, kind: LabelKind, name: str) -> float:
        """The F1 of one label, 0..1; 0 where it occurs neither in dev nor in the parses."""
        rows = self.scores.per_intent if kind == "intent" else self.scores.per_slot
        return next((row.f1 for row in rows if row.name == name), 0.0)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a label gained from the last step in training data.

    Args:
        kind: ``"intent"`` or ``"slot"``.
        name: The label.
        before: Its F1 on dev with the last share but one, 0..1.
        after: With the last one.
        change: After minus before, with its 95 % interval over dev utterances; None where too few of them have it.
        in_train: How many examples the last share has.
        in_dev: How many dev has; several of a slot may stand in one utterance.
    """

    kind: LabelKind
    name: str
    before: float
    after: float
    change: Interval | None
    in_train: int
    in_dev: int

    @property
    def is_sure(self) -> bool:
        """Whether the gain is more than the choice of dev utterances explains."""
        return self.change is not None and self.change.low > 0

    @property
    def is_at_the_top(self) -> bool:
        """Whether next to nothing is left to gain."""
        return self.after >= TOP

    @property
    def is_climbing(self) -> bool:
        """Whether the gain is sure, and there is more to come."""
        return self.is_sure and not self.is_at_the_top

    @property
    def promise(self) -> float:
        """As much again as the last step gave, as far as there is room for it, -1..1."""
        return min(self.after - self.before, 1.0 - self.after)


@dataclass(frozen=True)
class LearningCurve:
    """The steps, smallest share first, and what the last of them gained.

    Args:
        steps: At least two.
        overall: The last step against the one before, score by score.
        gains: One for each label in dev, those that gained most first, those that are not judged last.
    """

    steps: tuple[Step, ...]
    overall: tuple[Contest, ...]
    gains: tuple[Gain, ...]

    @property
    def climbing(self) -> tuple[Gain, ...]:
        """The labels that would probably gain most from more data, the most promising first."""
        climbing = [gain for gain in self.gains if gain.is_climbing]
        return tuple(sorted(climbing, key=lambda gain: -gain.promise))

    @property
    def arrived(self) -> tuple[Gain, ...]:
        """The labels whose gain is sure, and that are now at the top, those that gained most first."""
        return tuple(gain for gain in self.gains if gain.is_sure and gain.is_at_the_top)

    def to_dict(self) -> dict[str, Any]:
        """The curve as JSON-ready values: ``steps``, ``overall`` and ``gains``."""
        steps = [
            {
                "percent": step.percent,
                "utterances": step.utterances,
                "examples": [
                    {"kind": kind, "name": name, "count": n} for (kind, name), n in sorted(step.examples.items())
                ],
                "scores": step.scores.to_dict(),
                "intervals": {name: asdict(interval) for name, interval in step.intervals.items()},
            }
            for step in self.steps
        ]
        gains = [
            asdict(gain) | {"sure": gain.is_sure, "at_the_top": gain.is_at_the_top, "climbing": gain.is_climbing}
            for gain in self.gains
        ]
        return {"steps": steps, "overall": [asdict(each) for each in self.overall], "gains": gains}


def count_labels(utterances: Sequence[Utterance]) -> Counter[tuple[LabelKind, str]]:
    """How often each intent and each slot occurs.

    Example:
        >>> count_labels([Utterance("hi", "greet"), Utterance("hello", "greet")])
        Counter({('intent', 'greet'): 2})
    """
    found: Counter[tuple[LabelKind, str]] = Counter()
    for utterance in utterances:
        if utterance.intent is not None:
            found["intent", utterance.intent] += 1
        found.update(("slot", span.slot) for span in utterance.spans)
    return found


def read_off(
    dev: Sequence[Utterance], trained: Sequence[tuple[float, Sequence[Utterance], Sequence[Parse]]], seed: int = SEED
) -> LearningCurve:
    """The learning curve of trainings on growing shares of one training set.

    Args:
        dev: What all of them parsed; at least one utterance.
        trained: At least two of (share in percent, the training utterances, the parses of dev), smallest first.
        seed: Of the resamples.

    Raises:
        DataError: Parses are not those of the dev utterances, or dev has nothing to score.
    """
    steps = [
        Step(
            percent,
            len(utterances),
            count_labels(utterances),
            evaluate(dev, parses),
            score_intervals(dev, parses, seed),
        )
        for percent, utterances, parses in trained
    ]
    before, after = trained[-2][2], trained[-1][2]
    gains = _gains(steps[-2], steps[-1], pair_up(dev, before), pair_up(dev, after), seed)
    return LearningCurve(tuple(steps), compare(dev, before, after, seed=seed).contests, tuple(gains))


def _gains(before: Step, after: Step, first: Sequence[Pair], second: Sequence[Pair], seed: int) -> list[Gain]:
    """A gain for each label that dev has and the scores judge."""
    gains = []
    rows: list[tuple[LabelKind, str, int]] = [("slot", row.name, row.support) for row in after.scores.per_slot]
    if before.scores.per_intent and after.scores.per_intent:
        rows += [("intent", row.name, row.support) for row in after.scores.per_intent]
    for kind, name, in_dev in rows:
        if not in_dev:
            continue
        counts = _label_counts(first, kind, name), _label_counts(second, kind, name)
        have_it = np.count_nonzero(counts[0][:, 1])
        change = difference_interval(*counts, f1, seed) if have_it >= FEW else None
        scores = before.f1_of(kind, name), after.f1_of(kind, name)
        gains.append(Gain(kind, name, *scores, change, after.examples.get((kind, name), 0), in_dev))
    return sorted(gains, key=lambda gain: (gain.change is None, gain.before - gain.after, gain.kind, gain.name))


def _label_counts(pairs: Sequence[Pair], kind: LabelKind, name: str) -> NDArray[np.float64]:
    """How often a label is right, in gold and predicted in each utterance, float64 (n, 3)."""
    rows = []
    for pair in pairs:
        if kind == "slot":
            gold = {place for place in pair.gold_places if place[0] == name}
            predicted = {place for place in pair.predicted_places if place[0] == name}
            rows.append((len(gold & predicted), len(gold), len(predicted)))
        else:
            theirs = pair.gold_intent is not None and pair.predicted_intent == name
            rows.append((theirs and pair.gold_intent == name, pair.gold_intent == name, theirs))
    return np.array(rows, dtype=np.float64)

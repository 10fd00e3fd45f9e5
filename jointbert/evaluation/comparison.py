"""Two models on the same utterances: their scores, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jointbert.errors import DataError
from jointbert.evaluation.difference import Difference, Kind, difference
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.score import Scores, evaluate
from jointbert.evaluation.significance import (
    SEED,
    Interval,
    bootstrap_interval,
    f1,
    holm,
    mcnemar,
    paired_bootstrap,
)
from jointbert.utterance import Parse, Utterance

Score = Literal["intent accuracy", "slot F1", "sentence accuracy"]
Verdict = Literal["better", "worse", "no significant difference"]
KINDS: tuple[Kind, ...] = ("broken", "fixed", "changed")
"""The kinds of differences, in the order in which they matter."""

_Counts = NDArray[np.float64]
_Both = tuple[Pair, Pair]


@dataclass(frozen=True, slots=True)
class Contest:
    """One score of both models, and whether they differ in it by more than chance.

    Args:
        score: Which one.
        a: A's score with its 95 % interval, 0..1.
        b: B's.
        change: B's minus A's, with its interval.
        test: The name of the test.
        p: Its p-value by itself, 0..1.
        p_holm: The p-value corrected for being one of several tests: what the verdict goes by.
    """

    score: Score
    a: Interval
    b: Interval
    change: Interval
    test: str
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What tells model B from model A.

    Args:
        alpha: Up to which corrected p-value a difference counts as significant.
        contests: The scores that the data and the models allow, sentence accuracy last.
        differences: The utterances that the two understand differently: broken, then fixed, then changed.
        a: All of A's scores.
        b: All of B's scores.
        notes: What a reader of the numbers has to know.
    """

    alpha: float
    contests: tuple[Contest, ...]
    differences: tuple[Difference, ...]
    a: Scores
    b: Scores
    notes: tuple[str, ...] = ()

    @property
    def significant(self) -> tuple[Contest, ...]:
        """The contests that chance does not explain."""
        return tuple(contest for contest in self.contests if contest.p_holm <= self.alpha)

    @property
    def verdict(self) -> Verdict:
        """``worse`` if B is significantly worse in any score; ``better`` if it is better in some and worse in none."""
        if any(contest.change.value < 0 for contest in self.significant):
            return "worse"
        return "better" if self.significant else "no significant difference"

    def count(self, kind: Kind) -> int:
        """How many utterances became that."""
        return sum(found.kind == kind for found in self.differences)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as JSON-ready values: the fields by name, and ``utterances``, ``verdict`` and ``counts``."""
        return {
            "utterances": self.a.utterances,
            "alpha": self.alpha,
            "verdict": self.verdict,
            "counts": {kind: self.count(kind) for kind in KINDS},
            "contests": [asdict(contest) for contest in self.contests],
            "differences": [found.to_dict() for found in self.differences],
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "notes": list(self.notes),
        }


def compare(
    gold: Sequence[Utterance], a: Sequence[Parse], b: Sequence[Parse], *, alpha: float = 0.05, seed: int = SEED
) -> Comparison:
    """What tells B's parses from A's, judged as :func:`jointbert.evaluation.score.evaluate` judges.

    Accuracies are tested by McNemar's test, slot F1 by the paired bootstrap. The p-values are corrected by Holm, so
    that of comparisons of equally good models no more than a share of ``alpha`` finds any difference. Where only one of
    the models gives intents, the other's count as wrong.

    Args:
        gold: What is right; at least one utterance.
        a: The first model's parses of the same texts, in the same order.
        b: The second model's.
        alpha: Up to which corrected p-value a difference counts, 0..1.
        seed: Of the resamples.

    Raises:
        DataError: There is nothing to compare, the sides are not the same texts, or alpha is not between 0 and 1.

    Example:
        >>> gold = [Utterance("hi", "greet"), Utterance("bye", "leave")]
        >>> both = [Parse("hi", "greet"), Parse("bye", "leave")]
        >>> found = compare(gold, both, [Parse("hi", "greet"), Parse("bye", "greet")])
        >>> [(each.kind, each.text) for each in found.differences], found.verdict
        ([('broken', 'bye')], 'no significant difference')
    """
    if not 0 < alpha < 1:
        raise DataError("alpha", f"is {alpha:g}", "a number between 0 and 1", "0.05 is usual.")
    pairs = list(zip(pair_up(gold, a), pair_up(gold, b), strict=True))
    scores = evaluate(gold, a), evaluate(gold, b)
    with_intent = any(each.intent_accuracy is not None for each in scores)
    found = [found for both in pairs if (found := difference(*both, with_intent=with_intent)) and found.kind in KINDS]
    return Comparison(
        alpha,
        _contests(pairs, with_intent, seed),
        tuple(sorted(found, key=lambda each: KINDS.index(each.kind))),
        *scores,
        notes=_notes(*scores, with_intent=with_intent),
    )


def _contests(pairs: Sequence[_Both], with_intent: bool, seed: int) -> tuple[Contest, ...]:
    """The contests in all that can be judged, their p-values corrected together."""
    judged = [both for both in pairs if both[0].gold_intent is not None] if with_intent else pairs
    with_slots = any(pair.gold_spans or pair.predicted_spans for both in pairs for pair in both)
    found: list[Contest] = []
    if with_intent:
        right = [[pair.gold_intent == pair.predicted_intent for pair in both] for both in judged]
        found.append(_accuracy("intent accuracy", right, seed))
    if with_slots:
        found.append(_slot_f1(pairs, seed))
    if not found:
        hint = "Label the data, or choose another file."
        raise DataError("comparison", "there is nothing to compare", "intents or slots", hint)
    right = [[pair.is_right(with_intent=with_intent) for pair in both] for both in judged]
    found.append(_accuracy("sentence accuracy", right, seed))
    corrected = holm([contest.p for contest in found])
    return tuple(replace(contest, p_holm=p) for contest, p in zip(found, corrected, strict=True))


def _accuracy(score: Score, right: Sequence[Sequence[bool]], seed: int) -> Contest:
    """A contest in accuracy; whether A and B are right, for each utterance."""
    a, b = np.array(right, dtype=bool).T
    tested = mcnemar(int((a & ~b).sum()), int((b & ~a).sum()))
    ours, theirs = bootstrap_interval(a, seed=seed), bootstrap_interval(b, seed=seed)
    change = paired_bootstrap(a, b, seed=seed).interval
    return Contest(score, ours, theirs, change, "McNemar, exact" if tested.exact else "McNemar", tested.p, tested.p)


def _slot_f1(pairs: Sequence[_Both], seed: int) -> Contest:
    """The contest in slot F1."""
    a, b = (slot_counts([both[side] for both in pairs]) for side in (0, 1))
    ours, theirs = (bootstrap_interval(each, _f1_or_zero, seed=seed) for each in (a, b))
    changed = paired_bootstrap(a, b, _f1_or_zero, seed=seed)
    return Contest("slot F1", ours, theirs, changed.interval, "paired bootstrap", changed.p, changed.p)


def _f1_or_zero(sums: _Counts) -> _Counts:
    """F1, and 0 for the side that has no span where there is none in gold either, as :class:`Scores` has it."""
    return np.nan_to_num(f1(sums), nan=0.0)


def slot_counts(pairs: Sequence[Pair]) -> _Counts:
    """Right, gold and predicted spans of each utterance, float64 (n, 3), for :func:`significance.f1`."""
    rows = [
        (len(pair.gold_places & pair.predicted_places), len(pair.gold_places), len(pair.predicted_places))
        for pair in pairs
    ]
    return np.array(rows, dtype=np.float64)


def _notes(a: Scores, b: Scores, *, with_intent: bool) -> tuple[str, ...]:
    """The notes on both sets of scores, those in common once."""
    named = (("A", a), ("B", b))
    notes = [note for note in a.notes if note in b.notes]
    notes += [f"{name}: {note}" for name, each in named for note in each.notes if note not in notes]
    lacking = [name for name, each in named if with_intent and each.intent_accuracy is None]
    return (*notes, *(f"{name} gives no intents, so all of its intents count as wrong." for name in lacking))

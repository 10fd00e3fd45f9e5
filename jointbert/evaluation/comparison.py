"""Two models on the same utterances: their scores, and whether the difference is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from jointbert.errors import DataError
from jointbert.evaluation.difference import Difference, Kind, difference
from jointbert.evaluation.intervals import (
    STATISTICS,
    Rows,
    Score,
    difference_interval,
    judges_slots,
    score_interval,
    score_rows,
)
from jointbert.evaluation.notes import NO_INTENTS
from jointbert.evaluation.pairing import Pair, pair_up
from jointbert.evaluation.permutation import paired_permutation
from jointbert.evaluation.scope import ScopeScores
from jointbert.evaluation.score import Scores, evaluate
from jointbert.evaluation.significance import SEED, Interval, holm, mcnemar
from jointbert.utterance import Parse, Utterance

Verdict = Literal["better", "worse", "no significant difference"]
KINDS: tuple[Kind, ...] = ("broken", "fixed", "changed")
"""The kinds of differences, in the order in which they matter."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One score of both models, and whether they differ in it by more than chance.

    Args:
        score: Which one.
        a: A's score with its 95 % interval, 0..1.
        b: B's.
        change: B's minus A's, with the interval of the paired bootstrap.
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
        scope: How well A and B tell what is in scope; None for one that cannot.
    """

    alpha: float
    contests: tuple[Contest, ...]
    differences: tuple[Difference, ...]
    a: Scores
    b: Scores
    notes: tuple[str, ...] = ()
    scope: tuple[ScopeScores | None, ScopeScores | None] = (None, None)

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
        scope = zip("ab", self.scope, strict=True)
        return {
            "utterances": self.a.utterances,
            "alpha": self.alpha,
            "verdict": self.verdict,
            "counts": {kind: self.count(kind) for kind in KINDS},
            "contests": [asdict(contest) for contest in self.contests],
            "differences": [found.to_dict() for found in self.differences],
            "a": self.a.to_dict(),
            "b": self.b.to_dict(),
            "scope": {name: None if told is None else told.to_dict() for name, told in scope},
            "notes": list(self.notes),
        }


def compare(
    gold: Sequence[Utterance], a: Sequence[Parse], b: Sequence[Parse], *, alpha: float = 0.05, seed: int = SEED
) -> Comparison:
    """What tells B's parses from A's, judged as :func:`jointbert.evaluation.score.evaluate` judges.

    Accuracies are tested by McNemar's test, slot F1 by the paired permutation test: exactly where few utterances
    differ. The p-values are corrected by Holm, so that of comparisons of equally good models no more than a share of
    ``alpha`` finds any difference, however few the utterances. The intervals are bootstrapped, and decide nothing.
    Where only one of the models gives intents, the other's count as wrong.

    Args:
        gold: What is right; at least one utterance.
        a: The first model's parses of the same texts, in the same order.
        b: The second model's.
        alpha: Up to which corrected p-value a difference counts, 0..1.
        seed: Of the resamples and permutations.

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


def _contests(pairs: Sequence[tuple[Pair, Pair]], with_intent: bool, seed: int) -> tuple[Contest, ...]:
    """The contests in all that can be judged, their p-values corrected together."""
    sides = [both[0] for both in pairs], [both[1] for both in pairs]
    with_slots = any(map(judges_slots, sides))
    a, b = (score_rows(side, with_intent=with_intent, with_slots=with_slots) for side in sides)
    if not a:
        hint = "Label the data, or choose another file."
        raise DataError("comparison", "there is nothing to compare", "intents or slots", hint)
    contests = [_contest(score, a[score], b[score], seed) for score in a]
    corrected = holm([contest.p for contest in contests])
    return tuple(replace(contest, p_holm=p) for contest, p in zip(contests, corrected, strict=True))


def _contest(score: Score, a: Rows, b: Rows, seed: int) -> Contest:
    """The contest in one score, from what each utterance adds to it."""
    ours, theirs = (score_interval(score, rows, seed) for rows in (a, b))
    change = difference_interval(a, b, STATISTICS[score], seed)
    if score == "slot F1":
        swapped = paired_permutation(a, b, STATISTICS[score], seed=seed)
        name, p, exact = "paired permutation", swapped.p, swapped.exact
    else:
        tested = mcnemar(broken=int((a > b).sum()), fixed=int((a < b).sum()))
        name, p, exact = "McNemar", tested.p, tested.exact
    return Contest(score, ours, theirs, change, f"{name}, exact" if exact else name, p, p)


def _notes(a: Scores, b: Scores, *, with_intent: bool) -> tuple[str, ...]:
    """The notes on both sets of scores, those in common once.

    Where intents are judged, a side without any has a score in them here, other than by itself.
    """
    named = {"A": a, "B": b}
    lacking = [name for name, each in named.items() if with_intent and each.intent_accuracy is None]
    notes = [note for note in a.notes if note in b.notes]
    for name, each in named.items():
        own = [note for note in each.notes if note not in notes]
        notes += [f"{name}: {note}" for note in own if name not in lacking or note != NO_INTENTS]
    return (*notes, *(f"{name} gives no intents, so all of its intents count as wrong." for name in lacking))

"""What chooses a scope: the share of traffic that is out of scope, not how many dev utterances are; scores known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jointbert.codec.scope_scorer import Evidence
from jointbert.config import ScopeConfig
from jointbert.labels import Labels, LabelSet
from jointbert.training.scope import BY_DEV, BY_KEEP, Seen, Split, choose_scope, fit_each

LABELS = Labels(LabelSet("intent", ("book", "oos")), None)
STATES = np.eye(2, dtype=np.float32)
EVIDENCE = Evidence(STATES, np.array([0, 0]), STATES[:0])


def seen(scores: list[float], *, other: bool = False) -> Seen:
    """Utterances whose best intent has these probabilities: the first intent, or the other one."""
    logits = np.log(np.array([[score, 1 - score] for score in scores]).reshape(-1, 2))
    return Seen(logits[:, ::-1] if other else logits, np.ones((len(scores), 2), dtype=np.float32))


def joined(first: Seen, second: Seen) -> Seen:
    assert first.logits is not None and second.logits is not None
    return Seen(np.concatenate([first.logits, second.logits]), np.concatenate([first.states, second.states]))


def by_probability(dev: Split, marker: str | None = None, **config: float) -> float:
    """The threshold of ``max-probability``."""
    chosen = ScopeConfig(scorer="max-probability", **config)
    return choose_scope(EVIDENCE, dev, LABELS, chosen, marker).threshold


INSIDE = [0.62, 0.72, 0.82, 0.92, 0.94, 0.96, 0.97, 0.98]
OUTSIDE = [0.55, 0.65, 0.75, 0.85]
DEV = Split(seen(INSIDE), np.ones(8, dtype=bool), seen(OUTSIDE))


@pytest.mark.parametrize(
    ("share", "threshold"),
    [
        (0.03, (0.55 + 0.62) / 2),  # one more kept weighs 0.97 / 8, one more refused 0.03 / 4: keep all
        (0.3, (0.55 + 0.62) / 2),  # 0.7 / 8 is still more than 0.3 / 4
        (0.4, (0.85 + 0.92) / 2),  # 0.6 / 8 is less than 0.4 / 4: refuse all
    ],
)
def test_the_share_moves_the_threshold(share: float, threshold: float) -> None:
    assert by_probability(DEV, outside_share=share) == pytest.approx(threshold)


def test_one_in_ten_is_what_nobody_has_to_say() -> None:
    assert ScopeConfig().outside_share == 0.1
    assert by_probability(DEV) == by_probability(DEV, outside_share=0.1)


@pytest.mark.parametrize("share", [0.03, 0.1, 0.4, 0.5])
def test_devs_mix_moves_neither_threshold_nor_scorer(share: float) -> None:
    random = np.random.default_rng(3)
    inside, outside = random.normal(2.0, 1.0, size=(60, 2)), random.normal(0.0, 1.0, size=(12, 2))
    right = random.random(60) < 0.9
    config = ScopeConfig(scorer="auto", outside_share=share)

    def chosen(times: int) -> tuple[str, float]:
        more = np.tile(outside, (times, 1))
        dev = Split(Seen(inside, inside), right, Seen(more, more))
        scope = choose_scope(EVIDENCE, dev, LABELS, config)
        assert scope.chosen["dev_out_of_scope"] == 12 * times
        return scope.scorer.name, scope.threshold

    assert chosen(1) == chosen(10)


def test_without_anything_out_of_scope_the_share_has_no_part() -> None:
    dev = Split(DEV.inside, DEV.right, seen([]))
    for share in (0.03, 0.5):
        config = ScopeConfig(scorer="max-probability", outside_share=share, keep=0.75)
        scope = choose_scope(EVIDENCE, dev, LABELS, config)
        assert scope.threshold == pytest.approx(0.82)
        assert (scope.chosen["rule"], scope.chosen["outside_share"]) == (BY_KEEP.format(share=75), None)


def test_what_was_assumed_is_kept_with_the_scope() -> None:
    chosen = choose_scope(EVIDENCE, DEV, LABELS, ScopeConfig(scorer="energy", outside_share=0.07)).chosen
    assert (chosen["rule"], chosen["outside_share"]) == (BY_DEV.format(share=7), 0.07)
    assert "if 7 % of all are out of scope" in chosen["rule"]


def test_what_an_intent_of_its_own_refuses_is_refused_at_any_threshold() -> None:
    """Half of what is out of scope is given the intent for it; what is left then weighs half as much."""
    dev = Split(DEV.inside, DEV.right, joined(seen(OUTSIDE), seen([0.99] * 4, other=True)))
    assert by_probability(dev, "oos", outside_share=0.4) == pytest.approx((0.55 + 0.62) / 2)
    assert by_probability(DEV, "oos", outside_share=0.4) == pytest.approx((0.85 + 0.92) / 2)


def test_every_scorer_comes_with_its_scores_on_dev() -> None:
    found = fit_each(EVIDENCE, DEV, LABELS, ScopeConfig(scorer="auto"))
    assert [scope.scorer.name for scope, _ in found] == ["max-probability", "energy", "mahalanobis", "knn"]
    assert all(scores.threshold == scope.threshold for scope, scores in found)
    scores = found[0][1]
    assert (scores.accuracy, scores.recall) == (1.0, 0.25) and math.isfinite(scores.threshold)
